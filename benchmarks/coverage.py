"""Measure what the intervals and verdicts promise: coverage, wrong verdicts, matured return.

Run ``python benchmarks/coverage.py [--worlds N] [--seed S] [--only NAME …]``. Prints one table per
question and writes ``benchmarks/out/coverage.json``; parts that are not run keep their last figures.
The worlds are those of ``worlds.py``: Poisson leads per day, a binomial share of customers,
log-normal order values, a daily factor on the conversion and spend that varies by 20%.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.worlds import (  # noqa: E402
    CLOSE,
    DELAYS,
    START,
    Book,
    as_seen,
    channels,
    delayed,
    lives,
    portfolio,
    sales,
)
from channelopt.measure import between_channels, between_periods, economics  # noqa: E402
from channelopt.plan.diagnosis import diagnose, verdicts  # noqa: E402
from channelopt.plan.evidence import gather  # noqa: E402
from channelopt.plan.looks import LOOKS  # noqa: E402
from channelopt.policy import Policy  # noqa: E402

RULES = Policy()
#: Day noise: CV of the day factor, its autocorrelation, and whether it moves spend and leads alike.
DAYS = (
    (0.0, 0.0, False),
    (0.1, 0.0, False),
    (0.1, 0.5, False),
    (0.3, 0.0, False),
    (0.3, 0.5, False),
    (0.3, 0.5, True),
)


def coverage(worlds: int, seed: int) -> pd.DataFrame:
    """Share of worlds whose 90% interval holds the truth, where one is shown; leads over the whole history.

    "0-10" leads are worlds whose expected number is drawn between a half and ten.
    """
    rows = []
    for days in (7, 14, 28, 90):
        for leads in ("0-10", "100", "1000"):
            for log_sd in (0.5, 1.0, 1.5):
                for at, (cv, phi, shared) in enumerate(DAYS):
                    rng = np.random.default_rng([seed, days, len(leads), int(10 * log_sd), at])
                    mean = rng.uniform(0.5, 10, worlds) if leads == "0-10" else np.full(worlds, float(leads))
                    made = _scaled(rng, mean / days, days, cv=cv, phi=phi, shared=shared, log_sd=log_sd)
                    table = economics(made)
                    row = {"days": days, "leads": leads, "order_log_sd": log_sd, "cv": cv, "autocorr": phi}
                    row["shared"] = shared
                    for name, truth in (("roi", 2.0), ("cpl", 100.0), ("cac", 100 / CLOSE), ("cvr", 0.1)):
                        inside, shown = _covered(table, name, truth)
                        row[name] = round(float(inside[shown].mean()), 3) if shown.mean() > 0.02 else None
                        row[name + "_shown"] = round(float(shown.mean()), 3)
                    rows.append(row)
    return pd.DataFrame(rows)


def _covered(table: pd.DataFrame, name: str, truth: float) -> tuple[pd.Series, pd.Series]:
    low, high = table[name + "_low"], table[name + "_high"]
    shown = low.notna() & (high.notna() | (name in ("cpl", "cac")))
    return (low <= truth) & ((truth <= high) | high.isna()), shown


def _scaled(rng: np.random.Generator, per_day: np.ndarray, days: int, **more: float) -> pd.DataFrame:
    """Worlds with leads per day of their own, one channel each; a tenth of the clicks becomes a lead."""
    parts = []
    for at, block in enumerate(np.array_split(per_day, min(50, len(per_day)))):
        part = channels(rng, len(block), days, float(block.mean()), 2.0, **more)
        parts.append(part.assign(channel=part["channel"] + f"-{at:02d}"))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(clicks=frame["leads"] + rng.poisson(9.0 * frame["spend"] / 100))


def differences(worlds: int, seed: int) -> pd.DataFrame:
    """Share of worlds in which the interval of a difference between equals holds zero."""
    rows = []
    day = START.date()
    halves = ((day, day + dt.timedelta(27)), (day + dt.timedelta(28), day + dt.timedelta(55)))
    for leads in (0.2, 3.0, 30.0):
        for cv, phi, shared in DAYS:
            rng = np.random.default_rng([seed, int(10 * leads), int(10 * cv), int(10 * phi)])
            made = channels(rng, worlds, 56, leads, 2.0, cv=cv, phi=phi, shared=shared)
            row = {"leads_per_day": leads, "cv": cv, "autocorr": phi, "shared": shared}
            for metric in ("cpl", "cac", "roi"):
                found = between_periods(made, metric, *halves)
                shown = found["low"].notna() | (found["high"].notna() & (metric != "roi"))
                inside = ~(found["low"] > 0) & ~(found["high"] < 0)
                row[metric + "_periods"] = (
                    round(float(inside[shown].mean()), 3) if shown.mean() > 0.02 else None
                )
            names = made["channel"].unique()[: 2 * (min(worlds, 300) // 2)]
            pairs = [
                between_channels(made, "cpl", one, other)
                for one, other in zip(names[::2], names[1::2], strict=True)
            ]
            row["cpl_channels"] = round(
                float(np.mean([not p["low"] > 0 and not p["high"] < 0 for p in pairs])), 3
            )
            rows.append(row)
    return pd.DataFrame(rows)


def _verdicts(evidence: pd.DataFrame) -> dict[str, np.ndarray]:
    p, enough = evidence["p_below_floor"], evidence["enough"]
    plain = evidence["roi_as_seen"] < RULES.roi_floor
    found = {
        "drop": p >= RULES.confidence,
        "keep": enough & (p <= 1 - RULES.confidence),
        "plain": plain,
    }
    return {name: side.to_numpy(dtype=bool) for name, side in found.items()}


def _over_looks(daily: pd.DataFrame, orders: pd.DataFrame, *, alone: bool) -> dict[str, np.ndarray]:
    """The first look at which each channel gets each verdict; beyond the last where it never does."""
    first: dict[str, np.ndarray] = {}
    for look in range(1, LOOKS + 1):
        seen, sold = (side[side["day"] < START + pd.Timedelta(weeks=look)] for side in (daily, orders))
        for name, hit in _verdicts(gather(seen, None, RULES, orders=sold, alone=alone)).items():
            before = first.setdefault(name, np.full(len(hit), LOOKS + 1))
            first[name] = np.where(hit, np.minimum(before, look), before)
    return first


def _rates(first: dict[str, np.ndarray]) -> dict[str, float]:
    return {
        "drop_any_look": (first["drop"] <= LOOKS).mean(),
        "keep_any_look": (first["keep"] <= LOOKS).mean(),
        "drop_4_weeks": (first["drop"] <= 4).mean(),
        "keep_4_weeks": (first["keep"] <= 4).mean(),
        "plain_drop_any_look": (first["plain"] <= LOOKS).mean(),
    }


def looks(worlds: int, seed: int) -> pd.DataFrame:
    """Verdicts over 13 weekly looks by a channel's own rows, and the plain rule beside them."""
    rows = []
    for leads in (3.0, 10.0, 30.0, 45.0, 60.0, 75.0, 90.0):
        for roi in (1.5, 2.0, 3.0):
            for phi in (0.0, 0.5):
                rng = np.random.default_rng([seed, int(leads), int(10 * roi), int(10 * phi)])
                made = sales(rng, worlds, 7 * LOOKS, leads, roi, phi=phi)
                rates = _rates(_over_looks(*made, alone=True))
                rows.append({"leads_per_day": leads, "true_roi": roi, "autocorr": phi, **rates})
    return pd.DataFrame(rows).round(3)


#: Eight channels of one account, so that every account holds poor, middling and good ones.
ACCOUNT = (1.5, 1.5, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0)


def accounts(worlds: int, seed: int) -> pd.DataFrame:
    """Verdicts in accounts of eight channels that lend each other what they have in common."""
    rows = []
    for leads in ((3.0, 10.0), (30.0, 90.0)):
        for apart in (0.0, 0.2, 0.4):
            rng = np.random.default_rng([seed, int(leads[0]), int(10 * apart)])
            firsts = [
                _over_looks(*portfolio(rng, 7 * LOOKS, leads, ACCOUNT, apart), alone=False)
                for _ in range(max(10, worlds // 5))
            ]
            for roi in sorted(set(ACCOUNT)):
                mine = np.array(ACCOUNT) == roi
                joined = {name: np.concatenate([f[name][mine] for f in firsts]) for name in firsts[0]}
                rows.append(
                    {"leads_per_day": f"{leads[0]:.0f}-{leads[1]:.0f}", "apart": apart, "true_roi": roi}
                    | _rates(joined)
                )
    return pd.DataFrame(rows).round(3)


def late_looks(worlds: int, seed: int) -> pd.DataFrame:
    """Verdicts over 13 weekly looks when customers come late (median 14 days)."""
    rows = []
    for roi in (1.5, 2.0, 3.0):
        rng = np.random.default_rng([seed, int(10 * roi)])
        hits = {"drop": 0, "keep": 0, "plain_drop": 0}
        for _ in range(worlds):
            world = lives(rng, "exponential", 7 * LOOKS, 30.0, roi)
            books = [Book(*as_seen(*world, 7 * look)) for look in range(1, LOOKS + 1)]
            rows_seen = [verdicts(book).iloc[0] for book in books]
            for name in ("drop", "keep"):
                hits[name] += any(row["verdict"] == name for row in rows_seen)
            hits["plain_drop"] += any(row["plain_verdict"] == "drop" for row in rows_seen)
        found = {f"{name}_any_look": count / worlds for name, count in hits.items()}
        rows.append({"true_roi": roi, "leads_per_day": 30, **found})
    return pd.DataFrame(rows).round(3)


def maturity(worlds: int, seed: int) -> pd.DataFrame:
    """Bias and coverage of the matured return with a median delay of 14 days."""
    rows = []
    for kind in DELAYS:
        for days in (42, 90, 180):
            rng = np.random.default_rng([seed, days, len(kind)])
            seen, matured, inside, share = [], [], [], []
            for _ in range(worlds):
                row = verdicts(Book(*delayed(rng, kind, days, 30.0, 2.0))).iloc[0]
                seen.append(row["roi_as_seen"] / 2 - 1)
                matured.append(row["roi"] / 2 - 1)
                share.append(row["maturity"])
                inside.append(row["roi_low"] <= 2.0 <= row["roi_high"])
            rows.append(
                {
                    "delay": kind, "days": days, "visible": np.mean(share), "bias_as_seen": np.mean(seen),
                    "bias_matured": np.nanmean(matured), "coverage": np.mean(inside),
                }
            )  # fmt: skip
    return pd.DataFrame(rows).round(3)


def speed(worlds: int, seed: int) -> pd.DataFrame:
    """CPU seconds: economics of 1,000 channels × 90 days, diagnosis of 500 × 365; the best of three."""
    rows = []
    for what, count, days, run in (("economics", 1000, 90, economics), ("diagnose", 500, 365, diagnose)):
        rng = np.random.default_rng([seed, count])
        daily = channels(rng, count, days, 20.0, 2.0)
        daily = daily.assign(clicks=10 * daily["leads"], impressions=900 * daily["leads"])
        daily = daily.assign(valid_leads=daily["leads"], cost=1.1 * daily["spend"])
        spent = []
        for _ in range(3):
            start = time.process_time()
            run(daily)
            spent.append(time.process_time() - start)
        rows.append({"what": what, "channels": count, "days": days, "cpu_seconds": min(spent)})
    return pd.DataFrame(rows).round(2)


#: Question → the table that answers it, and the share of ``--worlds`` it runs on.
QUESTIONS = {
    "coverage": (coverage, 1.0),
    "differences": (differences, 0.5),
    "looks": (looks, 1.0),
    "accounts": (accounts, 1.0),
    "maturity": (maturity, 1.0),
    "late_looks": (late_looks, 0.3),
    "speed": (speed, 1.0),
}


def main() -> int:
    """Print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--only", nargs="*", choices=list(QUESTIONS), default=list(QUESTIONS))
    options = parser.parse_args()
    out = ROOT / "benchmarks" / "out" / "coverage.json"
    out.parent.mkdir(exist_ok=True)
    found = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    for name in options.only:
        question, part = QUESTIONS[name]
        worlds = max(10, int(options.worlds * part))
        table = question(worlds, options.seed)
        print(f"\n{name} ({worlds} worlds)\n{table.to_string(index=False)}", flush=True)
        rows = table.replace({np.nan: None}).to_dict("records")
        found[name] = {"worlds": worlds, "seed": options.seed, "rows": rows}
    out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
