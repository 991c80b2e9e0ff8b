"""What plans made from fitted curves lose against plans made from the truth, in simulated worlds.

Run ``python benchmarks/response.py [--worlds N] [--only NAME …] [--seed S] [--doubt D] [--again]``; NAME is
such as ``attributed-easy-1`` (mode, preset, kind; kind 1 shares the estimator's curves, kind 2 does not).

Per world a plan gives each channel 0–3 times today's spend at the same total. **Pooled regret** is the
lost gain over the available gain, summed over worlds: 0 is the oracle, 1 is leaving the budget as it is;
``regret_free`` is that of the plan without caution.
Beside the product stands the **floor**: the same likelihood, the same allocator, the same worlds, with
the distribution the generator draws its parameters from as prior. Also printed: the share of worlds worse
than today's mix, promised over delivered gain, coverage of 90% intervals of ROI, CPU per fit. Below, the same
pooled over the presets, and how often plans without caution gained, by the chance they were given.

A run that stands in ``benchmarks/out/response.json`` is not repeated unless ``--again`` is given.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from media_worlds import GENERATOR, PRESETS, World, make_world  # noqa: E402

import channelopt as co  # noqa: E402
from channelopt.response.fit import beliefs, fit_with  # noqa: E402
from channelopt.response.prior import Prior  # noqa: E402

KEYS = ("regret", "regret_free", "worse", "stayed", "promised", "coverage", "width", "bias", "cpu")
#: Edges of the chances that are looked at together.
CHANCES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
OUT = ROOT / "benchmarks" / "out" / "response.json"
CAP, UNITS, DAYS = 3.0, 400, 28
NAMES = [f"{m}-{p}-{k}" for m in ("attributed", "aggregate") for p in PRESETS for k in (1, 2)]


def best_plan(outcome: Callable[[np.ndarray], np.ndarray], today: np.ndarray) -> np.ndarray:
    """The best spend at today's total on a fine lattice, exactly, by dynamic programming.

    Args:
        outcome: (L, channels) spend → (L, channels) outcome of each channel alone.
        today: (channels,).
    """
    budget = today.sum()
    lattice = np.arange(UNITS + 1) * budget / UNITS
    value = outcome(np.repeat(lattice[:, None], len(today), axis=1))
    best, choice = np.full(UNITS + 1, -np.inf), []
    best[0] = 0.0
    for c, held in enumerate(today):
        most = int(min(np.floor(CAP * held / budget * UNITS + 1e-9), UNITS))
        table = np.full((most + 1, UNITS + 1), -np.inf)
        for units in range(most + 1):
            table[units, units:] = best[: UNITS + 1 - units] + value[units, c]
        choice.append(table.argmax(axis=0))
        best = table.max(axis=0)
    left, plan = UNITS, np.zeros(len(today))
    for c in range(len(today) - 1, -1, -1):
        units = int(choice[c][left])
        plan[c] = lattice[units]
        left -= units
    return plan


def floor_prior(preset: str, kind: int, aggregate: bool) -> Prior:
    """The distribution the generator draws from."""
    p = PRESETS[preset]
    credit = np.log1p(-p.lost) - p.attribution**2 / 2
    sd = max(p.attribution, 0.03)
    return Prior(
        centre=(np.log(3) + (0 if aggregate else credit), GENERATOR["half"][0], GENERATOR["slope"][0],
                GENERATOR["keep"][0], float(np.log(p.claimed / (1 - p.claimed)))),
        centre_sd=(0.4, 0, 0, 0, 0),
        spread=(float(np.hypot(GENERATOR["roi"], 0 if aggregate else sd)), GENERATOR["half"][1],
                GENERATOR["slope"][1], GENERATOR["keep"][1], 0.4),
        spread_sd=(0, 0, 0, 0, 0), attribution=sd, shrunk_as=sd, credited=credit, absolute=True,
    )  # fmt: skip


def one(world: World, prior: Prior, aggregate: bool, seed: int) -> dict:
    """Fit, plan and score one world."""
    start = time.process_time()
    total = world.total if aggregate else None
    daily = world.daily[["day", "channel", "spend"]] if aggregate else world.daily
    curves = fit_with(daily, "revenue", prior, total=total, seed=seed)
    today = world.today
    bounds = {name: (0.0, CAP * held) for name, held in zip(curves.channels, today, strict=True)}
    plan = co.allocate(curves, budget=float(today.sum()) * DAYS, days=DAYS, bounds=bounds)
    cpu = time.process_time() - start
    free = co.allocate(curves, budget=float(today.sum()) * DAYS, days=DAYS, bounds=bounds, caution=False)
    spend = plan.spend.to_numpy()
    roi = curves.outcome_draws(today) / today
    low, high = np.quantile(roi, [0.05, 0.95], axis=0)
    truth, held = world.roi(), float(world.outcome(today))
    return {
        "gain": float(world.outcome(spend)) - held,
        "free": float(world.outcome(free.spend.to_numpy())) - held,
        "chance": free.chance,
        "promised": plan.uplift * held,
        "stayed": bool(np.abs(spend - today).sum() < 0.01 * today.sum()),
        "covered": float(((low <= truth) & (truth <= high)).mean()),
        "cpu": cpu,
        "width": float(np.mean(np.log(high / low))),
        "bias": float(np.mean(np.log(roi.mean(axis=0) / truth))),
    }


def run(name: str, worlds: int, seed: int, usual: Prior) -> dict:
    """The worlds of one row, by who planned; gains as shares of today's outcome.

    Args:
        name: of the row.
        worlds: how many.
        seed: of the first.
        usual: the product's prior.
    """
    mode, preset, kind = name.split("-")
    aggregate = mode == "aggregate"
    rows: dict[str, list[dict]] = {"product": [], "floor": []}
    available, scale = [], []
    for number in range(worlds):
        world = make_world(preset, int(kind), seed + number)
        best = best_plan(lambda x, w=world: np.column_stack([f(x[:, c]) for c, f in enumerate(w.curves)]),
                         world.today)  # fmt: skip
        held = float(world.outcome(world.today))
        available.append(max(float(world.outcome(best)) - held, 0.0) / held)
        scale.append(held)
        rows["product"].append(one(world, usual, aggregate, number))
        rows["floor"].append(one(world, floor_prior(preset, int(kind), aggregate), aggregate, number))
    for results in rows.values():
        for one_row, most, held in zip(results, available, scale, strict=True):
            one_row["available"] = most
            for key in ("gain", "free", "promised"):
                one_row[key] /= held
    return rows


def summary(rows: list[dict]) -> dict:
    """Pooled figures; gains are shares of today's outcome, so that every world counts by its chances."""

    def column(key: str) -> np.ndarray:
        return np.array([r[key] for r in rows])

    gain, free, promised, available = (column(k) for k in ("gain", "free", "promised", "available"))
    return {
        "regret": 1 - gain.sum() / available.sum(),
        "regret_free": 1 - free.sum() / available.sum(),
        "worse": float((gain < -1e-4).mean()),
        "stayed": column("stayed").mean(),
        "promised": promised.sum() / max(gain.sum(), 1e-9),
        "coverage": column("covered").mean(),
        "width": column("width").mean(),
        "bias": column("bias").mean(),
        "cpu": column("cpu").mean(),
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=100)
    parser.add_argument("--only", nargs="*", default=NAMES)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--doubt", type=float, help="credit_doubt of the policy, where the team knows it")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    done = json.loads(args.out.read_text()) if args.out.exists() else {}
    usual = Prior() if args.doubt is None else beliefs(co.Policy(credit_doubt=args.doubt))
    print(f"{'':32}" + "".join(f"{k:>12}" for k in KEYS))
    pools: dict[str, list[dict]] = {}
    for name in (n for n in NAMES if any(n.startswith(o) for o in args.only)):
        key = f"{name}/{args.worlds}/{args.seed}" + ("" if args.doubt is None else f"/{args.doubt:g}")
        if args.again or key not in done:
            done[key] = run(name, args.worlds, args.seed, usual)
            args.out.parent.mkdir(exist_ok=True)
            args.out.write_text(json.dumps(done, indent=1))
        for who in ("product", "floor"):
            rows = done[key][who]
            _print(f"{name} {who}", rows)
            mode, _, kind = name.split("-")
            pools.setdefault(f"{mode} of kind {kind} {who}", []).extend(rows)
    for label, rows in pools.items():
        _print(label, rows)
    for mode in ("attributed", "aggregate"):
        of_product = (rows for label, rows in pools.items() if label.startswith(mode) and "product" in label)
        _reliability(mode, [row for rows in of_product for row in rows])


def _print(label: str, rows: list[dict]) -> None:
    figures = summary(rows)
    print(f"{label:32}" + "".join(f"{figures[k]:12.3f}" for k in KEYS), flush=True)


def _reliability(mode: str, rows: list[dict]) -> None:
    """How often plans without caution gained, by the chance they were given."""
    for low, high in pairwise(CHANCES):
        some = [r for r in rows if low <= r["chance"] < high or (high == 1.0 and r["chance"] == 1.0)]
        if some:
            said = float(np.mean([r["chance"] for r in some]))
            came = float(np.mean([r["free"] > 0 for r in some]))
            print(f"{mode}: {len(some)} plans, said {low:.0%}-{high:.0%} ({said:.1%}), {came:.1%} gained")


if __name__ == "__main__":
    main()
