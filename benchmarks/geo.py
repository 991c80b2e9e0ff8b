"""How often geo tests and switchbacks win falsely, what they find, and whether plans keep their promise.

Run ``python benchmarks/geo.py [--only NAME …] [--sims N] [--seed S]``. Worlds with known truth, nominal 5%:

- ``regions``: false winners, power at a true effect of 10% and coverage of the 95% and 90% interval of
  difference-in-differences and synthetic control (placebo inference over 200 splits of the draw), beside
  before–after, difference-in-differences over day rows, and an unpaired t-test of regions;
- ``promise``: plans made on a history, kept in its futures: chance promised and reached (whole public path);
- ``switch``: the same for switchbacks: false winners, power, coverage; beside before–after and an
  unpaired t-test of days;
- ``carry``: an effect that goes on for days after a switch: bias and how often the warning comes;
- ``switch_promise``: switchback plans, chance promised and reached;
- ``real``: A/A and 10% tests on 40 regions × 104 weeks of ``tests/reference/geo_weeks.csv``.

Writes ``benchmarks/out/geo.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.experiments import RegionTest, SwitchbackTest, plan_regions, plan_switchback  # noqa: E402
from channelopt.experiments.placebo import placebo  # noqa: E402
from channelopt.experiments.regions_control import contrast_of, weights_of  # noqa: E402
from channelopt.experiments.regions_draw import draw, treated_of  # noqa: E402
from channelopt.experiments.regions_panel import blocks  # noqa: E402
from channelopt.experiments.switchback_pairs import Pairs, flips, scores  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "geo.json"
WEEKS = ROOT / "tests" / "reference" / "geo_weeks.csv"
BEFORE, DURING = 112, 28
LIFT = 0.1
PLACEBOS = 200


@dataclass(frozen=True)
class Kind:
    """A kind of world of regions."""

    name: str
    n: int = 20
    tail: float = 0.8
    noise: float = 0.0
    rho: float = 0.9
    shock: float = 0.0
    trend: float = 0.0
    factor: float = 0.0
    uneven: float = 0.0


KINDS = (
    Kind("counting noise only"),
    Kind("region noise CV 10%, day to day 0.9", noise=0.1),
    Kind("common shocks", noise=0.05, shock=0.3),
    Kind("region trends", noise=0.05, trend=0.2),
    Kind("two kinds of regions", noise=0.05, factor=0.2),
    Kind("heavy sizes", tail=1.8, noise=0.1),
    Kind("heavy sizes, 40 regions", n=40, tail=1.8, noise=0.1),
    Kind("effect differs by region", noise=0.1, uneven=0.1),
    Kind("8 regions", n=8, noise=0.1),
    Kind("12 regions, 3 treated", n=12, noise=0.1),
)


def autoregressive(noise: np.ndarray, rho: float) -> np.ndarray:
    """Noise of unit variance that carries over, along axis 0."""
    out = noise.copy()
    for t in range(1, len(noise)):
        out[t] = rho * out[t - 1] + np.sqrt(1 - rho**2) * noise[t]
    return out


def region_means(
    kind: Kind, shape: np.random.Generator, past: np.random.Generator, future: np.random.Generator
) -> np.ndarray:
    """Expected leads, shape (days, regions): the shape of the world, its history, one of its futures."""
    days = BEFORE + DURING
    size = 20 * np.exp(shape.normal(0, kind.tail, kind.n))
    slope, load = shape.normal(0, kind.trend, kind.n), shape.random(kind.n) < 0.5
    noise, common, apart = (
        np.concatenate([past.normal(size=(BEFORE, m)), future.normal(size=(DURING, m))])
        for m in (kind.n, 1, 1)
    )
    log = kind.noise * autoregressive(noise, kind.rho) + slope * np.arange(days)[:, None] / 100
    log += kind.shock * autoregressive(common, 0.97) + kind.factor * load * autoregressive(apart, 0.97)
    week = 1 + 0.2 * (np.arange(days) % 7 == 5) - 0.3 * (np.arange(days) % 7 == 6)
    return np.asarray(size * np.exp(log) * week[:, None])


def peers(y: np.ndarray, own: np.ndarray) -> dict[str, float]:
    """P-values of what people do without a plan."""
    past, now = y[BEFORE - DURING : BEFORE], y[BEFORE:]
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = [np.log(part[:, own].sum(1) / part[:, ~own].sum(1)) for part in (past, now)]
    return {
        "before_after": stats.ttest_rel(past[:, own].sum(1), now[:, own].sum(1)).pvalue,  # same weekdays
        "did_day_rows": stats.ttest_ind(*gap, equal_var=False).pvalue,
        "unpaired_t": stats.ttest_ind(now[:, own].mean(0), now[:, ~own].mean(0), equal_var=False).pvalue,
    }


def test_world(
    y: np.ndarray, lifted: np.ndarray, truth: float, masks: np.ndarray, own: int
) -> dict[str, float]:
    """What each method says about a world without and with an effect."""
    short = np.concatenate([masks[[own]], np.delete(masks, own, axis=0)])[:PLACEBOS]
    rows, before = np.concatenate([masks[[own]], short]), y[:BEFORE]
    mine, found = masks[own], {}
    for name in ("did", "synthetic"):
        contrast = contrast_of(before, 2 * DURING, rows, weights_of(name, before, rows))
        for what, values in (("false", y), ("power", lifted)):
            total = values[BEFORE:].sum(0)
            a, b = contrast @ np.where(mine, 0, total), contrast @ np.where(mine, total, 0)
            got = placebo((a[0], b[0]), (a[1:], b[1:]), 0.05)
            found[f"{what}_{name}"] = float(got.pvalue <= 0.05)
            if what == "power":
                found[f"cover95_{name}"] = float(
                    got.rel_ci_low <= truth <= np.nan_to_num(got.rel_ci_high, nan=9e9)
                )
                wide = placebo((a[0], b[0]), (a[1:], b[1:]), 0.1)
                found[f"cover90_{name}"] = float(
                    wide.rel_ci_low <= truth <= np.nan_to_num(wide.rel_ci_high, nan=9e9)
                )
                found[f"error_{name}"] = float(got.rel_effect_size - truth) ** 2
    for what, values in (("false", y), ("power", lifted)):
        found |= {f"{what}_{k}": float(p < 0.05) for k, p in peers(values, mine).items()}
    return found


def regions(sims: int, seed: int) -> pd.DataFrame:
    """False winners, power and coverage of geo tests."""
    rows = []
    for number, kind in enumerate(KINDS):
        found = []
        for world in range(sims):
            rng = np.random.default_rng([seed, number, world])
            mean = region_means(kind, rng, rng, rng)
            y = rng.poisson(mean).astype(float)
            k = 3 if "3 treated" in kind.name else treated_of(kind.n, 0.5, None)
            masks, own = draw(blocks(y[:BEFORE], 1), k, int(rng.integers(2**31)))
            lift = LIFT + rng.normal(0, kind.uneven, kind.n) * (kind.uneven > 0)
            lifted = y.copy()
            mine, now = masks[own], mean[BEFORE:]
            lifted[BEFORE:, mine] = rng.poisson((now * (1 + lift))[:, mine])
            truth = float((now * lift)[:, mine].sum() / now[:, mine].sum())
            found.append(test_world(y, lifted, truth, masks, own))
        row = pd.DataFrame(found).mean()
        for name in ("did", "synthetic"):
            row[f"error_{name}"] = np.sqrt(row[f"error_{name}"])
        rows.append({"world": kind.name, **row.to_dict()})
    return pd.DataFrame(rows)


def as_rows(y: np.ndarray, spend: np.ndarray) -> pd.DataFrame:
    """Day rows by region."""
    days, n = y.shape
    return pd.DataFrame(
        {
            "day": np.repeat(pd.date_range("2026-01-01", periods=days), n),
            "region": np.tile([f"R{i:02d}" for i in range(n)], days),
            "leads": y.ravel(),
            "spend": spend.ravel(),
        }
    )


def promise(sims: int, seed: int) -> pd.DataFrame:
    """Plans made on a history and kept in its futures."""
    rows = []
    start = pd.Timestamp("2026-01-01") + pd.Timedelta(days=BEFORE)
    for number in (1, 3, 4, 6):
        kind, found, promised, chosen, false = KINDS[number], [], [], [], []
        futures = 40
        for world in range(max(1, sims // futures)):
            seeds = [seed, 77, number, world]
            mean = region_means(kind, *(np.random.default_rng([*seeds, part]) for part in (0, 1, 1)))
            y = np.random.default_rng([*seeds, 2]).poisson(mean).astype(float)
            money = np.tile(mean[:BEFORE].mean(0) * 20, (BEFORE + DURING, 1))
            plan = plan_regions(as_rows(y[:BEFORE], money[:BEFORE]), "leads", smallest=LIFT, seed=world)
            promised.append(plan.chance)
            chosen.append(plan.method == "synthetic")
            mine = np.isin([f"R{i:02d}" for i in range(kind.n)], plan.treated)
            money[BEFORE:, mine] *= 1.5
            for future in range(futures):
                rng = np.random.default_rng([*seeds, 3, future])
                parts = (np.random.default_rng([*seeds, part]) for part in (0, 1))
                now = region_means(kind, *parts, rng)[BEFORE:] * np.where(
                    mine, 1 + LIFT * (future % 4 > 0), 1
                )
                data = np.concatenate([y[:BEFORE], rng.poisson(now)])
                outcome = RegionTest(plan, start).analyse(as_rows(data, money)).outcome
                (found if future % 4 else false).append(outcome in ("winner", "loser"))
        rows.append(
            {
                "world": kind.name, "plans": len(promised), "tests": len(found) + len(false),
                "promised": np.mean(promised), "reached": np.mean(found), "false": np.mean(false),
                "synthetic_chosen": np.mean(chosen),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


SWITCH = (
    ("counting noise only", {}),
    ("day noise CV 15%, day to day 0.7", {"noise": 0.15}),
    ("slow noise CV 15%, day to day 0.97", {"noise": 0.15, "rho": 0.97}),
    ("trend 30% over the test", {"noise": 0.1, "trend": 0.3}),
    ("level shift 25% in the middle", {"noise": 0.1, "shift": 0.25}),
    ("heavy orders", {"noise": 0.1, "heavy": True}),
)


def campaign(
    rng: np.random.Generator,
    sims: int,
    days: int,
    noise: float = 0.0,
    rho: float = 0.7,
    trend: float = 0.0,
    shift: float = 0.0,
    heavy: bool = False,
    lift: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and base of a campaign's days, shape (sims, days)."""
    base = 1000 * np.exp(rng.normal(0, 0.1, (sims, days)))
    log = noise * autoregressive(rng.normal(size=(days, sims)), rho).T
    log = log + trend * np.arange(days) / days + shift * (np.arange(days) >= days / 2 + 3)
    week = 1 + 0.2 * (np.arange(days) % 7 == 5) - 0.3 * (np.arange(days) % 7 == 6)
    mean = base / 25 * np.exp(log) * week * (1.0 if lift is None else lift)
    counts = rng.poisson(mean).astype(float)
    if heavy:
        counts = np.where(counts > 0, rng.gamma(np.maximum(counts, 1e-9) / 4, 4 * 200), 0.0)
    return counts, base


def paired_blocks(values: np.ndarray, first: np.ndarray, washout: int, block: int = 7) -> tuple[Any, Any]:
    """Sums of A's and B's used days per pair, shape (sims, pairs)."""
    sums = values.reshape(*first.shape, 2, block)[..., washout:].sum(-1)
    return np.where(first, sums[..., 0], sums[..., 1]), np.where(first, sums[..., 1], sums[..., 0])


def judge(y: np.ndarray, d: np.ndarray, first: np.ndarray, alpha: float, washout: int = 1) -> Any:
    """The placebo answer of many switchbacks."""
    (ta, tb), (ba, bb) = (paired_blocks(v, first, washout) for v in (y, d))
    a, b = scores(Pairs(ta, ba, tb, bb))
    turned = flips(first.shape[1], 1)
    return placebo((a.sum(-1), b.sum(-1)), (a @ turned.T, b @ turned.T), alpha)


def lifts(first: np.ndarray, lift: float, carry: float = 0.0) -> np.ndarray:
    """Multiplier of each day, shape (sims, days); ``carry`` is what stays of yesterday's effect."""
    b_first = np.stack([~first, first], axis=-1).reshape(len(first), -1)
    on = np.repeat(b_first, 7, axis=1).astype(float)
    if carry:
        for t in range(1, on.shape[1]):
            on[:, t] = carry * on[:, t - 1] + (1 - carry) * on[:, t]
    return 1 + lift * on


def switch(sims: int, seed: int) -> pd.DataFrame:
    """False winners, power and coverage of switchbacks."""
    rows = []
    for pairs in (6, 10, 13):
        for number, (name, kind) in enumerate(SWITCH):
            parts = []
            for chunk in range(0, sims, 500):
                rng = np.random.default_rng([seed, 5, pairs, number, chunk])
                first = rng.random((500, pairs)) < 0.5
                y, d = campaign(rng, 500, 14 * pairs, **kind)
                got = judge(y, d, first, 0.05)
                on = lifts(first, 1.0) > 1.5
                ratio, half = y / d, np.arange(14 * pairs) >= 7 * pairs
                part = {"false": got.pvalue <= 0.05}
                part["unpaired_t"] = _welch(ratio, on)
                part["before_after"] = _welch(ratio, np.tile(half, (500, 1)))
                y, d = campaign(rng, 500, 14 * pairs, lift=lifts(first, LIFT), **kind)
                got, wide = judge(y, d, first, 0.05), judge(y, d, first, 0.1)
                part["power"] = got.pvalue <= 0.05
                part["cover95"] = _covers(got)
                part["cover90"] = _covers(wide)
                parts.append(pd.DataFrame(part))
            rows.append({"pairs": pairs, "world": name, **pd.concat(parts).mean().to_dict()})
    return pd.DataFrame(rows)


def _welch(ratio: np.ndarray, on: np.ndarray) -> np.ndarray:
    a, b = np.where(on, np.nan, ratio), np.where(on, ratio, np.nan)
    return np.asarray(stats.ttest_ind(a, b, axis=1, equal_var=False, nan_policy="omit").pvalue) < 0.05


def _covers(got: Any) -> np.ndarray:
    return np.asarray((got.phi_low <= 1 / (1 + LIFT)) & (got.phi_high >= 1 / (1 + LIFT)))


def carry(sims: int, seed: int) -> pd.DataFrame:
    """Carry-over: share of the effect measured, and the warning."""
    rows = []
    for kept in (0.0, 0.5, 0.7):
        for washout in (0, 1, 3):
            warned, effect = [], []
            plan = _carry_plan(washout)
            for world in range(sims // 5):
                rng = np.random.default_rng([seed, 6, int(kept * 10), washout, world])
                first = np.array([[name == "A" for name in plan.order]])
                y, d = campaign(rng, 1, plan.days, noise=0.1, lift=lifts(first, 0.3, kept))
                frame = pd.DataFrame({"day": pd.date_range("2026-01-05", periods=plan.days), "spend": d[0]})
                got = SwitchbackTest(plan, pd.Timestamp("2026-01-05")).analyse(frame.assign(leads=y[0]))
                row = got.table.iloc[0]
                warned.append(row["carry_over"] < 0.05)
                effect.append(1 / (1 + row["rel_effect_size"]) - 1)
            rows.append(
                {"kept_from_yesterday": kept, "washout": washout, "true": 0.3, "measured": np.mean(effect)}
                | {"warned": np.mean(warned)}
            )
    return pd.DataFrame(rows)


def _carry_plan(washout: int) -> Any:
    nothing = pd.DataFrame({"day": pd.to_datetime([]), "spend": [], "leads": []})
    return plan_switchback(nothing, "cpl", smallest=LIFT, pairs=10, washout_days=washout)


def switch_promise(sims: int, seed: int) -> pd.DataFrame:
    """Switchback plans made on 24 weeks of history and kept."""
    rows = []
    for number, (name, kind) in enumerate(SWITCH[:3]):
        promised, reached, pairs = [], [], []
        for world in range(100):
            rng = np.random.default_rng([seed, 7, number, world])
            y, d = campaign(rng, 1, 168, **kind)
            frame = pd.DataFrame(
                {"day": pd.date_range("2026-01-05", periods=168), "spend": d[0], "leads": y[0]}
            )
            plan = plan_switchback(frame, "cpl", smallest=1 - 1 / 1.12, seed=world)
            first = np.tile([name == "A" for name in plan.order], (max(1, sims // 100), 1))
            y, d = campaign(rng, len(first), plan.days, lift=lifts(first, 0.12), **kind)
            promised.append(plan.chance)
            pairs.append(plan.pairs)
            reached.append(np.mean(judge(y, d, first, 0.05).pvalue <= 0.05))
        row = {"world": name, "pairs": np.mean(pairs), "promised": np.mean(promised)}
        rows.append({**row, "reached": np.mean(reached)})
    return pd.DataFrame(rows)


def real(sims: int, seed: int) -> pd.DataFrame:
    """A/A and 10% tests of four weeks on the weekly regions, one half treated, random start."""
    y = pd.read_csv(WEEKS, index_col="week").to_numpy("float64")
    found = []
    for world in range(sims):
        rng = np.random.default_rng([seed, 8, world])
        start = int(rng.integers(26, len(y) - 4))
        masks, own = draw(y[:start], 20, int(rng.integers(2**31)))
        rows, mine = np.concatenate([masks[[own]], masks[:PLACEBOS]]), masks[own]
        rows[1] = mine
        row: dict[str, float] = {}
        for name in ("did", "synthetic"):
            contrast = contrast_of(y[:start], start, rows, weights_of(name, y[:start], rows, step=7))
            for what, lift in (("false", 0.0), ("power", LIFT)):
                total = (y[start : start + 4] * np.where(mine, 1 + lift, 1.0)).sum(0)
                a, b = contrast @ np.where(mine, 0, total), contrast @ np.where(mine, total, 0)
                got = placebo((a[0], b[0]), (a[1:], b[1:]), 0.05)
                row[f"{what}_{name}"] = float(got.pvalue <= 0.05)
                row[f"cover95_{name}"] = float(got.rel_ci_low <= lift <= got.rel_ci_high)
                row[f"error_{name}"] = float(got.rel_effect_size - lift) ** 2
        before = y[start - 4 : start, mine].sum(1), y[start : start + 4, mine].sum(1)
        row["false_before_after"] = float(stats.ttest_ind(*before, equal_var=False).pvalue < 0.05)
        found.append(row)
    out = pd.DataFrame(found).mean()
    for name in ("did", "synthetic"):
        out[f"error_{name}"] = np.sqrt(out[f"error_{name}"])
    return out.to_frame().T


PARTS: dict[str, Callable[[int, int], pd.DataFrame]] = {
    "regions": regions,
    "promise": promise,
    "switch": switch,
    "carry": carry,
    "switch_promise": switch_promise,
    "real": real,
}


def main() -> None:
    """Run the parts asked for and keep the others' figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", choices=sorted(PARTS), default=list(PARTS))
    parser.add_argument("--sims", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=2026)
    args = parser.parse_args()
    out = json.loads(OUT.read_text("utf-8")) if OUT.exists() else {}
    for name in args.only:
        frame = PARTS[name](args.sims, args.seed)
        print(f"\n{name} ({args.sims:,} worlds)\n{frame.round(4).T.to_string()}", flush=True)
        out[name] = {
            "sims": args.sims,
            "seed": args.seed,
            "rows": json.loads(frame.to_json(orient="records")),
        }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(out, indent=1), "utf-8")


if __name__ == "__main__":
    main()
