"""How often the experiments' tests win falsely, what they find, and what they cost.

Run ``python benchmarks/experiments.py [--only NAME …] [--sims N] [--seed S]``. Worlds are simulated with
known truth; nominal error 5%, two-sided:

- ``days``: day rows by variant (400 clicks per arm and day, 4% of them leads), no, independent and shared
  day-to-day noise; the day-paired ratio test beside the pooled z-test and the unpaired delta method;
- ``peeking``: 30 daily looks at a test without any effect: plain, planned looks, always valid; persons
  and day rows;
- ``power``: 4.0% against 4.4%, 45,000 people per arm planned, 30 looks;
- ``overrun``: a test run to twice its planned end, judged as if nothing had happened and as the product does;
- ``plan``: day-row tests as ``plan_test`` plans them: power promised and reached, false winners (a tenth of
  the worlds);
- ``people``: rows per person read by ``ABTest`` at weekly looks: false winners with few and many conversions,
  with and without each person's past; day rows with hardly any events (a hundredth of the worlds);
- ``several``: four treatments without effect, and three without beside one winner (as many worlds);
- ``bayes``: stopping at a chance to win of 95%;
- ``speed``: CPU time of 1,000 ratio experiments of 30 days.

Writes ``benchmarks/out/experiments.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.experiments import (  # noqa: E402
    ABTest,
    anytime_bounds,
    look_bounds,
    paired_ratio_test,
    peeking_error,
    plan_test,
)
from channelopt.experiments.luck import without_luck  # noqa: E402
from channelopt.policy import Policy  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "experiments.json"
LOOKS = 30


def worlds(
    rng: np.random.Generator, sims: int, days: int, cv: float, shared: bool, lift: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Clicks and leads, shape (2, sims, days): 400 clicks per arm and day, 4% leads, lognormal day noise."""
    clicks = rng.poisson(400, size=(2, sims, days)).astype(float)
    sigma = np.sqrt(np.log1p(cv**2))
    factor = np.exp(rng.normal(-(sigma**2) / 2, sigma, size=(2, sims, days)))
    if shared:
        factor[1] = factor[0]
    rate = 0.04 * factor
    rate[1] *= 1 + lift
    return clicks, rng.binomial(clicks.astype(int), np.minimum(rate, 1)).astype(float)


def pooled_p(x: np.ndarray, n: np.ndarray) -> np.ndarray:
    """P-values of the plain two-proportion z-test; x and n have shape (2, ...)."""
    share = x.sum(axis=0) / n.sum(axis=0)
    se = np.sqrt(share * (1 - share) * (1 / n[0] + 1 / n[1]))
    return np.asarray(2 * special.ndtr(-np.abs((x[1] / n[1] - x[0] / n[0]) / se)))


def unpaired_p(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """P-values of the unpaired delta method on day rows."""
    days = top.shape[-1]
    ratio = top.sum(-1) / bottom.sum(-1)
    rest = top - ratio[..., None] * bottom
    var = (rest**2).sum(-1) / (days - 1) / (days * bottom.mean(-1) ** 2)
    df = var.sum(0) ** 2 / ((var**2).sum(0) / (days - 1))
    return np.asarray(2 * stats.t.sf(np.abs(ratio[1] - ratio[0]) / np.sqrt(var.sum(0)), df))


def days(sims: int, seed: int) -> pd.DataFrame:
    """False positives on day rows."""
    rows = []
    for count in (7, 14, 30):
        for cv, shared in ((0, False), (0.1, False), (0.2, False), (0.3, False), (0.2, True), (0.3, True)):
            rng = np.random.default_rng([seed, count, int(cv * 10), shared])
            clicks, leads = worlds(rng, sims, count, cv, shared)
            cost = clicks * 2.0
            row: dict[str, Any] = {"days": count, "day_cv": cv, "shared": shared}
            row["pooled_z"] = np.mean(pooled_p(leads.sum(-1), clicks.sum(-1)) < 0.05)
            row["unpaired_cvr"] = np.mean(unpaired_p(leads, clicks) < 0.05)
            row["paired_cvr"] = np.mean(
                paired_ratio_test(leads[0], clicks[0], leads[1], clicks[1]).pvalue < 0.05
            )
            row["unpaired_cpl"] = np.mean(unpaired_p(cost, leads) < 0.05)
            row["paired_cpl"] = np.mean(paired_ratio_test(cost[0], leads[0], cost[1], leads[1]).pvalue < 0.05)
            rows.append(row)
    return pd.DataFrame(rows)


def person_z(
    rng: np.random.Generator, sims: int, p_c: float, p_t: float, per_day: int, looks: int
) -> np.ndarray:
    """Pooled z after each day, shape (sims, looks)."""
    x = rng.binomial(per_day, np.array([p_c, p_t])[:, None, None], size=(2, sims, looks)).cumsum(-1)
    n = per_day * np.arange(1, looks + 1)
    share = x.sum(0) / (2 * n)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (x[1] - x[0]) / n / np.sqrt(share * (1 - share) * 2 / n)
    return np.nan_to_num(z)


def paired_z(rng: np.random.Generator, sims: int, cv: float, shared: bool) -> np.ndarray:
    """The paired test after each day as a z of the same p-value, from the third day on."""
    clicks, leads = worlds(rng, sims, LOOKS, cv, shared)
    z = np.zeros((sims, LOOKS))
    for day in range(3, LOOKS + 1):
        got = paired_ratio_test(leads[0, :, :day], clicks[0, :, :day], leads[1, :, :day], clicks[1, :, :day])
        z[:, day - 1] = -special.ndtri(np.nan_to_num(got.pvalue, nan=1.0) / 2)
    return z


def peeking(sims: int, seed: int) -> pd.DataFrame:
    """Any-look false positives over 30 daily looks."""
    day = np.arange(1, LOOKS + 1)
    bounds, rows = look_bounds(day), []
    for name, per_day in (("persons, 500 a day", 500), ("persons, 1,500 a day", 1500)):
        z = np.abs(person_z(np.random.default_rng([seed, per_day]), sims, 0.04, 0.04, per_day, LOOKS))
        anytime = anytime_bounds(2.0 * per_day * day, 2.0 * per_day * LOOKS)
        rows.append(_peek(name, z, bounds, anytime))
    for name, cv, shared in (
        ("day rows, no noise", 0, False),
        ("day rows, CV 30% each", 0.3, False),
        ("day rows, CV 30% shared", 0.3, True),
    ):
        z = np.abs(paired_z(np.random.default_rng([seed, int(cv * 10), shared]), sims, cv, shared))
        rows.append(_peek(name, z, bounds, anytime_bounds(day.astype(float), LOOKS)))
        week = np.zeros(LOOKS, dtype=bool)
        week[6::7] = week[-1] = True
        weekly = look_bounds(day[week])
        rows[-1]["weekly_looks"] = np.mean((z[:, week] > weekly).any(1))
        rows[-1]["from_day_7"] = np.mean((z[:, 6:] > look_bounds(day[6:])).any(1))
    frame = pd.DataFrame(rows)
    frame["predicted_plain"] = peeking_error(day)
    return frame


def _peek(name: str, z: np.ndarray, bounds: np.ndarray, anytime: np.ndarray) -> dict[str, Any]:
    return {
        "data": name,
        "fixed_end": np.mean(z[:, -1] > 1.959964),
        "plain_any_look": np.mean((z > 1.959964).any(1)),
        "planned_looks": np.mean((z > bounds).any(1)),
        "always_valid": np.mean((z > anytime).any(1)),
    }


def power(sims: int, seed: int) -> pd.DataFrame:
    """What is found and when: 4.0% against 4.4%, 45,000 people per arm over 30 days."""
    z = np.abs(person_z(np.random.default_rng(seed), sims, 0.04, 0.044, 1500, LOOKS))
    day = np.arange(1, LOOKS + 1)
    rows = [{"rule": "fixed, day 30", "power": np.mean(z[:, -1] > 1.959964), "mean_days": float(LOOKS)}]
    n = 3000.0 * day
    for name, bound in (
        ("planned, 30 looks", look_bounds(day)),
        ("planned, 4 weekly looks and the end", np.where((day % 7 == 0) | (day == LOOKS), 0.0, np.inf)),
        ("always valid", anytime_bounds(n, n[-1])),
    ):
        if name.startswith("planned, 4"):
            weekly = bound == 0
            bound = np.where(weekly, 0.0, np.inf)
            bound[weekly] = look_bounds(day[weekly])
        over = z > bound
        stop = np.where(over.any(1), over.argmax(1) + 1, LOOKS)
        rows.append({"rule": name, "power": np.mean(over.any(1)), "mean_days": float(stop.mean())})
    return pd.DataFrame(rows)


def overrun(sims: int, seed: int) -> pd.DataFrame:
    """Planned for 15 days, run for 30: the last bound kept on, against the verdict of the plan's end."""
    z = np.abs(person_z(np.random.default_rng([seed, 9]), sims, 0.04, 0.04, 500, LOOKS))
    planned = look_bounds(np.arange(1, 16))
    held = np.concatenate([planned, np.full(15, planned[-1])])
    return pd.DataFrame(
        [
            {"rule": "last bound kept on", "any_look": np.mean((z > held).any(1))},
            {"rule": "verdict of the planned end stands", "any_look": np.mean((z[:, :15] > planned).any(1))},
        ]
    )


def bayes(sims: int, seed: int) -> pd.DataFrame:
    """Stopping when the chance to win passes 95% or falls below 5% (flat prior, normal)."""
    z = person_z(np.random.default_rng([seed, 5]), sims, 0.04, 0.04, 500, LOOKS)
    edge = stats.norm.ppf(0.95)
    return pd.DataFrame(
        [{"fixed_end": np.mean(np.abs(z[:, -1]) > edge), "any_look": np.mean((np.abs(z) > edge).any(1))}]
    )


def plan(sims: int, seed: int) -> pd.DataFrame:
    """Plans kept end to end: power promised and reached, false winners over all planned looks."""
    rows = []
    for events, cv, small, every in (
        (60, 0.1, 0.3, 7),
        (60, 0.3, 0.4, 7),
        (300, 0.2, 0.15, 7),
        (60, 0.1, 0.3, 1),
    ):
        asked = plan_test(
            "cpl", events_per_day=events, smallest=small, day_cv=cv, look_every=every, value_per_day=1.0
        )
        row: dict[str, Any] = {"leads_per_day": events, "day_cv": cv, "smallest": small, "days": asked.days}
        row |= {"looks": len(asked.looks), "promised": asked.power_curve([small])["power"][0]}
        for name, lift in (("power", 1 / (1 - small)), ("any_false", 1.0)):
            rng = np.random.default_rng([seed, events, int(cv * 10), every, int(lift * 100)])
            size, sigma = (2, sims // 10, asked.days), np.sqrt(np.log1p(cv**2))
            factor = np.exp(rng.normal(-(sigma**2) / 2, sigma, size=size))
            factor[1] *= lift
            leads = rng.poisson(events / 2 * factor).astype(float)
            cost = np.full(size, 1000.0)
            z = np.zeros((size[1], len(asked.looks)))
            for k, day in enumerate(asked.looks):
                parts = (cost[0, :, :day], leads[0, :, :day], cost[1, :, :day], leads[1, :, :day])
                p = paired_ratio_test(*parts).pvalue
                z[:, k] = -special.ndtri(np.nan_to_num(p, nan=1.0) / 2)
            row[name] = np.mean((z > asked.bounds()).any(1))
        rows.append(row)
    return pd.DataFrame(rows)


def _persons(
    rng: np.random.Generator, n: int, days: int, rate: float, lift: float, past: bool
) -> pd.DataFrame:
    """One row per person: variant, day of joining, whether they converted, what they did before."""
    arm = rng.integers(0, 2, n)
    before = rng.poisson(2.0, n)
    chance = rate * (1 + lift * arm) * ((0.2 + 0.4 * before) if past else 1.0)
    frame = pd.DataFrame({"person_key": np.arange(n).astype(str), "variant": np.array(["A", "B"])[arm]})
    frame["day"] = pd.Timestamp("2026-03-02") + pd.to_timedelta(rng.integers(0, days, n), unit="D")
    frame["leads"] = (rng.random(n) < np.minimum(chance, 1)).astype(float)
    return frame.assign(before=before) if past else frame


def people(sims: int, seed: int) -> pd.DataFrame:
    """Verdicts over weekly looks of 28 days, rows per person and day rows with few events."""
    rows = []
    sims = max(sims // 100, 50)
    for n, rate, past in ((400, 0.02, False), (400, 0.1, False), (4000, 0.05, False), (4000, 0.1, True)):
        asked = plan_test(
            "lead_rate", events_per_day=n * rate / 28, smallest=0.4, spread=1 - rate, day_cv=0.0, days=28,
            people_per_day=n / 28,
        )  # fmt: skip
        row: dict[str, Any] = {"data": f"{n} people at {rate:.0%}" + (", past known" if past else "")}
        for name, lift in (("false", 0.0), ("found", 0.4)):
            rng = np.random.default_rng([seed, n, int(rate * 100), past, int(lift * 10)])
            read = [
                ABTest(asked).analyse(_persons(rng, n, 28, rate, lift, past)).outcome for _ in range(sims)
            ]
            row[name] = np.mean([o in ("winner", "loser") for o in read])
        rows.append(row | {"promised": asked.chance})
    for events in (0.3, 1, 3):
        asked = plan_test("cvr", events_per_day=2 * events, smallest=0.5, day_cv=0.0, days=28)
        rng, wrong = np.random.default_rng([seed, int(events * 10)]), 0
        for _ in range(sims):
            days = pd.date_range("2026-03-02", periods=28)
            frame = pd.concat(
                [
                    pd.DataFrame(
                        {"day": days, "variant": v, "clicks": 400.0, "leads": rng.poisson(events, 28)}
                    )
                    for v in "AB"
                ]
            )
            wrong += ABTest(asked).analyse(frame).outcome in ("winner", "loser")
        rows.append({"data": f"day rows, {events} leads per arm and day", "false": wrong / sims})
    return pd.DataFrame(rows)


def several(sims: int, seed: int) -> pd.DataFrame:
    """Any false winner among four treatments, weekly looks; and the luck of the best one's lift."""
    names, sims = ("A", "B", "C", "D", "E"), max(sims // 100, 50)
    asked = plan_test("cvr", events_per_day=100, smallest=0.3, variants=names, day_cv=0.0, days=28)
    days, rows = pd.date_range("2026-03-02", periods=28), []
    for label, lift in (("no treatment has an effect", 0.0), ("B has +60%, the others none", 0.6)):
        rng, wrong, raw, shrunk = np.random.default_rng([seed, int(lift * 10)]), 0, [], []
        for _ in range(sims):
            frame = pd.concat(
                [
                    pd.DataFrame({"day": days, "variant": v, "clicks": 400.0,
                                  "leads": rng.poisson(20 * (1 + lift * (v == "B")), 28)})
                    for v in names
                ]
            )  # fmt: skip
            table = ABTest(asked).analyse(frame).table
            none = table if not lift else table[table["variant"] != "B"]
            wrong += none["outcome"].isin(["winner", "loser"]).any()
            best = none.loc[none["rel_effect_size"].idxmax()]
            raw.append(best["rel_effect_size"])
            shrunk.append(without_luck(best, asked, Policy().usual_lift, 0.9).effect)
        row = {"world": label, "any_false": wrong / sims, "best_of_none_raw": np.mean(raw)}
        rows.append(row | {"best_of_none_shrunk": np.mean(shrunk)})
    return pd.DataFrame(rows)


def speed(sims: int, seed: int) -> pd.DataFrame:
    """CPU of 1,000 ratio experiments of 30 days; the smallest of 20."""
    clicks, leads = worlds(np.random.default_rng(seed), 1000, 30, 0.2, False)
    took = []
    for _ in range(20):
        start = time.process_time()
        paired_ratio_test(leads[0], clicks[0], leads[1], clicks[1])
        took.append(time.process_time() - start)
    return pd.DataFrame([{"experiments": 1000, "days": 30, "cpu_ms": 1000 * min(took)}])


PARTS: dict[str, Callable[[int, int], pd.DataFrame]] = {
    "days": days,
    "peeking": peeking,
    "power": power,
    "overrun": overrun,
    "bayes": bayes,
    "plan": plan,
    "people": people,
    "several": several,
    "speed": speed,
}


def main() -> None:
    """Run the parts asked for and keep the others' figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", choices=sorted(PARTS), default=list(PARTS))
    parser.add_argument("--sims", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=2026)
    args = parser.parse_args()
    out = json.loads(OUT.read_text("utf-8")) if OUT.exists() else {}
    for name in args.only:
        frame = PARTS[name](args.sims, args.seed)
        print(f"\n{name} ({args.sims:,} worlds)\n{frame.round(4).to_string(index=False)}")
        rows = json.loads(frame.to_json(orient="records"))
        out[name] = {"sims": args.sims, "seed": args.seed, "rows": rows}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(out, indent=1), "utf-8")


if __name__ == "__main__":
    main()
