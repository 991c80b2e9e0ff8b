"""What the allocator promises, measured: sums, equality, optimality, the promise against the delivery, CPU.

Run ``python benchmarks/allocation.py [--only NAME …] [--worlds N] [--seed S]``:

- ``speed``: CPU of one plan with receipts for 12, 30 and 100 channels (400 draws), of one slider move, of a
  frontier and of a goal search;
- ``sums``: how far totals are from the budget, and the largest relative difference of marginal returns;
- ``global``: distance from an exact dynamic programme for S-shaped curves of 2 to 8 channels, with bounds
  and without, and from a fine grid for 3;
- ``curse``: posteriors with few and many draws, where the truth is any of 400 more draws of the same
  posterior (``calibrated``) or of a twice as wide one (``overconfident``): promised and delivered gain of
  the plug-in plan (parameters averaged, then optimised), of the plan on the mean curve, and of the cautious
  plan; share of worlds worse than today;
- ``fitted``: curves learned from the simulated accounts of ``media_worlds.py``, attributed and aggregate (a
  twelfth of the worlds per kind and difficulty): promised and delivered, share of worlds worse than today;
- ``relax``: what receipts say a limit is worth against a second plan.

Writes ``benchmarks/out/allocation.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from media_worlds import PRESETS, make_world  # noqa: E402

import channelopt as co  # noqa: E402
from channelopt.plan.frontier import frontier  # noqa: E402
from channelopt.plan.goals import goal_seek  # noqa: E402
from channelopt.plan.scenarios import outcome_band  # noqa: E402
from channelopt.response import ResponseCurves, fit_response  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "allocation.json"
STEPS = 400
#: Truths per posterior: each is as likely as the next.
TRUTHS = 400


def posterior(
    rng: np.random.Generator,
    n: int,
    draws: int,
    noise: float,
    slope: tuple[float, float] = (0.6, 1.4),
    truth_noise: float | None = None,
) -> tuple[ResponseCurves, ResponseCurves]:
    """Curves with ``draws`` draws, and truths: more draws around the same centre."""
    spend = rng.lognormal(6, 0.8, n)
    half = spend * rng.lognormal(0.3, 0.5, n)
    s = rng.uniform(*slope, n)
    top = rng.lognormal(np.log(2.5), 0.5, n) * spend * (1 + (half / spend) ** s)

    def around(size: int, sd: float) -> list[np.ndarray]:
        return [x * rng.lognormal(0, sd * k, (size, n)) for x, k in ((top, 1.0), (half, 1.0), (s, 0.3))]

    names = [f"c{i}" for i in range(n)]
    truth = around(TRUTHS, truth_noise or noise)
    curves = around(draws, noise)
    return tuple(
        ResponseCurves.from_parameters(*p, 0.4, today=spend, channels=names) for p in (curves, truth)
    )


def brought(curves: ResponseCurves, spend: np.ndarray) -> float:
    return float(curves.outcome_draws(np.asarray(spend)).sum(axis=1).mean())


def budget_of(curves: ResponseCurves) -> float:
    return round(float(curves.today.sum()) * 28, 2)


def cpu(work: Callable[[], Any], times: int = 3) -> float:
    work()
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


def speed(worlds: int, seed: int) -> dict[str, float]:
    found = {}
    for n in (12, 30, 100):
        curves, _ = posterior(np.random.default_rng(seed), n, 400, 0.3)
        found[f"plan of {n} channels, CPU s"] = cpu(lambda c=curves: co.allocate(c, budget=budget_of(c)))
    curves, _ = posterior(np.random.default_rng(seed), 30, 400, 0.3)
    spend = curves.today.to_numpy()
    found["slider move, 30 channels, CPU ms"] = 1000 * cpu(lambda: outcome_band(curves, spend), 50)
    found["frontier of 11 budgets, 30 channels, CPU s"] = cpu(lambda: frontier(curves), 1)
    small, _ = posterior(np.random.default_rng(seed), 12, 400, 0.3)
    goal = 0.05 * brought(small, small.today.to_numpy()) * 28
    found["goal search, 12 channels, CPU s"] = cpu(lambda: goal_seek(small, goal, "revenue"), 1)
    return found


def sums(worlds: int, seed: int) -> dict[str, float]:
    off, unequal, gaps = [], [], []
    for k in range(worlds):
        rng = np.random.default_rng([seed, k])
        curves, _ = posterior(rng, int(rng.integers(2, 30)), 100, 0.3)
        days = int(rng.integers(1, 90))
        budget = round(float(curves.today.sum() * days * rng.uniform(0.5, 2)), 2)
        plan = co.allocate(curves, budget=budget, days=days, step_limit=None, caution=False)
        off.append(abs(round(float(plan.spend.sum()) * days, 2) - budget))
        free = plan.receipts.loc[plan.receipts["binding"] == "none", "mroi"]
        unequal.append(free.max() / free.min() - 1)
        gaps.append(plan.gap)
    return {"largest difference from the budget": max(off), "largest gap": max(gaps),
            "marginal returns apart, median": float(np.median(unequal)), "largest": max(unequal)}  # fmt: skip


def mean_on(curves: ResponseCurves, c: int, spend: np.ndarray) -> np.ndarray:
    z = (spend[:, None] / curves.half[:, c]) ** curves.slope[:, c]
    return (curves.top[:, c] * z / (1 + z)).mean(axis=1)


def programme(curves: ResponseCurves, amount: float, high: np.ndarray | None = None) -> float:
    grid = np.linspace(0, amount, STEPS + 1)
    best = np.full(STEPS + 1, -np.inf)
    best[0] = 0.0
    for c in range(len(curves.channels)):
        value = mean_on(curves, c, grid)
        if high is not None:
            value = np.where(grid <= high[c] + 1e-9, value, -np.inf)
        best = np.array([(best[k::-1] + value[: k + 1]).max() for k in range(STEPS + 1)])
    return float(best[-1])


def globally(worlds: int, seed: int) -> dict[str, float]:
    free, bounded, grids = [], [], []
    for k in range(worlds):
        rng = np.random.default_rng([seed, 7, k])
        n = 2 + k % 7
        curves, _ = posterior(rng, n, 20, 0.3, slope=(1.2, 4.5))
        amount = round(float(curves.today.sum() * rng.uniform(0.2, 1.5)), 2)
        wish: dict[str, Any] = {"budget": round(amount * 28, 2), "step_limit": None, "caution": False}
        plan = co.allocate(curves, **wish)
        free.append(brought(curves, plan.spend.to_numpy()) / programme(curves, amount) - 1)
        high = amount * np.ceil(rng.uniform(0.3, 0.8, n) * STEPS) / STEPS
        if high.sum() > amount:
            wish["bounds"] = {name: (0.0, h) for name, h in zip(curves.channels, high, strict=True)}
            held = co.allocate(curves, **wish)
            bounded.append(brought(curves, held.spend.to_numpy()) / programme(curves, amount, high) - 1)
        if n == 3:
            side = np.linspace(0, amount, 1201)
            a, b = np.meshgrid(side, side, indexing="ij")
            fits = a + b <= amount
            parts = (a[fits], b[fits], np.maximum(amount - a - b, 0)[fits])
            best = sum(mean_on(curves, c, x) for c, x in enumerate(parts)).max()
            grids.append(brought(curves, plan.spend.to_numpy()) / best - 1)
    return {"worlds": len(free), "worst against the programme": min(free), "with bounds": min(bounded),
            "worst against a grid of 3 channels": min(grids)}  # fmt: skip


def plug_in(curves: ResponseCurves) -> ResponseCurves:
    """Parameters averaged first: what lesson 1 warns of."""
    return ResponseCurves.from_parameters(
        curves.top.mean(axis=0), curves.half.mean(axis=0), curves.slope.mean(axis=0), 0.4,
        today=curves.today, channels=curves.channels,
    )  # fmt: skip


def curse(worlds: int, seed: int) -> dict[str, Any]:
    found = {}
    for name, draws, noise, truth in (
        ("calibrated, 16 draws", 16, 0.6, 0.6), ("calibrated, 64 draws", 64, 0.6, 0.6),
        ("calibrated, 400 draws", 400, 0.6, 0.6), ("overconfident, 400 draws", 400, 0.3, 0.6),
    ):  # fmt: skip
        rows = []
        for k in range(worlds):
            rng = np.random.default_rng([seed, 3, k])
            curves, true = posterior(rng, int(rng.integers(4, 12)), draws, noise, truth_noise=truth)
            rows.append(_promises(curves, true))
        table = np.array(rows)
        total = table.sum(axis=0)
        found[name] = {
            "plug-in: promised / delivered": total[0] / total[1],
            "mean curve, naive: promised / delivered": total[3] / total[5],
            "mean curve, corrected": total[4] / total[5],
            "cautious, naive": total[7] / total[9], "cautious, corrected": total[8] / total[9],
            "worse than today: plug-in": table[:, 2].mean(),
            "worse than today: mean curve": table[:, 6].mean(),
            "worse than today: cautious": table[:, 10].mean(),
            "delivered: plug-in": total[1] / worlds, "delivered: mean curve": total[5] / worlds,
            "delivered: cautious": total[9] / worlds,
        }  # fmt: skip
    return found


def _promises(curves: ResponseCurves, true: ResponseCurves) -> list[float]:
    """Promises of three plans, what they bring on average, and how often they are worse than today."""
    budget, today = budget_of(curves), curves.today.to_numpy()
    held = brought(curves, today)

    def delivered(plan: Any) -> list[float]:
        before = true.outcome_draws(today).sum(axis=1)
        gain = (true.outcome_draws(plan.spend.to_numpy()).sum(axis=1) - before) / held
        return [float(gain.mean()), float((gain < -1e-4).mean())]

    wish: dict[str, Any] = {"budget": budget, "step_limit": None}
    plugged = co.allocate(plug_in(curves), caution=False, **wish)
    full = co.allocate(curves, caution=False, **wish)
    careful = co.allocate(curves, **wish)
    return [
        plugged.naive_uplift, *delivered(plugged), full.naive_uplift, full.uplift, *delivered(full),
        careful.naive_uplift, careful.uplift, *delivered(careful),
    ]  # fmt: skip


def fitted(worlds: int, seed: int) -> dict[str, Any]:
    found = {}
    for mode in ("attributed", "aggregate"):
        for preset in PRESETS:
            rows = [
                _fitted(mode == "aggregate", preset, kind, seed + k)
                for kind in (1, 2)
                for k in range(max(worlds // 12, 1))
            ]
            table = np.array(rows)
            total = table.sum(axis=0)
            found[f"{mode} {preset}"] = {
                "worlds": len(rows),
                "naive: promised / delivered": total[0] / total[2], "corrected": total[1] / total[2],
                "promised, mean": total[1] / len(rows), "delivered, mean": total[2] / len(rows),
                "without caution, delivered": total[3] / len(rows),
                "worse than today: cautious": (table[:, 2] < -1e-4).mean(),
                "worse than today: without caution": (table[:, 3] < -1e-4).mean(),
                "stays": (table[:, 4] == 0).mean(),
            }  # fmt: skip
    return found


def _fitted(aggregate: bool, preset: str, kind: int, seed: int) -> list[float]:
    world = make_world(preset, kind, seed)
    rows = world.daily[["day", "channel", "spend"]] if aggregate else world.daily
    curves = fit_response(rows, total=world.total if aggregate else None)
    budget, held = round(float(world.today.sum()) * 28, 2), float(world.outcome(world.today))
    careful = co.allocate(curves, budget=budget)
    full = co.allocate(curves, budget=budget, caution=False)
    gains = [float(world.outcome(p.spend.to_numpy())) / held - 1 for p in (careful, full)]
    moved = float((careful.spend - careful.reference).abs().sum() > 0.01 * careful.spend.sum())
    return [careful.naive_uplift, careful.uplift, *gains, moved]


def relax(worlds: int, seed: int) -> dict[str, float]:
    ratios = []
    for k in range(worlds):
        rng = np.random.default_rng([seed, 5, k])
        curves, _ = posterior(rng, 6, 60, 0.3)
        bounds = {c: (0.85 * x, 1.15 * x) for c, x in curves.today.items()}
        wish: dict[str, Any] = {"budget": budget_of(curves), "caution": False}
        plan = co.allocate(curves, bounds=bounds, **wish)
        for row in plan.receipts[plan.receipts["relax_gain"] > 1].itertuples():
            low, high = bounds[row.channel]
            wider = (low - row.relax_by, high) if row.binding == "bound_low" else (low, high + row.relax_by)
            again = co.allocate(curves, bounds={**bounds, row.channel: wider}, **wish)
            ratios.append((again.expected.mid - plan.expected.mid) / row.relax_gain)
    return {"limits": len(ratios), "lowest came true / said": min(ratios), "highest": max(ratios)}


PARTS: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "speed": speed, "sums": sums, "global": globally, "curse": curse, "fitted": fitted,
    "relax": relax,
}  # fmt: skip


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2026)
    args = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    found = json.loads(OUT.read_text()) if OUT.exists() else {}
    for name in args.only:
        began = time.process_time()
        found[name] = PARTS[name](args.worlds, args.seed)
        print(f"\n{name} ({time.process_time() - began:.0f} CPU s)")
        for key, value in found[name].items():
            rows = value.items() if isinstance(value, dict) else [("", value)]
            for what, number in rows:
                print(f"  {key:32} {what:44} {number:.6g}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
