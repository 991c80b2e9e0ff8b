"""Measure the maturity learned from successive uploads: bias and coverage of the matured return.

Run ``python benchmarks/backfill.py [--worlds N] [--seed S]``. One channel, 56 days, platform figures only
(no lead list). Orders of a day are reported with a delay: a part at once, the rest log-normally later. Files
of the last 30 days are exported every week, the last one on the last day. Prints, per kind of delay, the bias
of the return as seen and as matured, and how often the 90% interval holds the truth; writes
``benchmarks/out/backfill.json``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.measure.backfill import learn_backfill  # noqa: E402
from channelopt.plan.evidence import gather  # noqa: E402
from channelopt.policy import Policy  # noqa: E402

DAYS, TRUE_ROI, ORDERS, WINDOW = 56, 2.0, 20.0, 30
START = pd.Timestamp("2026-01-05")
#: Share reported on the day itself, median and log-sd of the delay of the rest.
KINDS = {"none": (1.0, 5.0, 1.0), "short": (0.6, 4.0, 0.8), "long": (0.3, 9.0, 0.8)}


def world(rng: np.random.Generator, kind: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    """What the newest files say of each day, the pairs of uploads, and the last day."""
    at_once, median, log_sd = KINDS[kind]
    count = rng.poisson(ORDERS * rng.gamma(25, 1 / 25, DAYS))
    day = np.repeat(np.arange(DAYS), count)
    value = rng.lognormal(np.log(500) - 0.32, 0.8, len(day))
    late = np.where(rng.random(len(day)) < at_once, 0.0, median * np.exp(rng.normal(0, log_sd, len(day))))
    shown = day + np.floor(late)
    last = np.arange(DAYS - 1, WINDOW - 2, -7)[::-1]
    told = {}
    for now in last:
        seen = np.bincount(day[shown <= now], weights=value[shown <= now], minlength=DAYS)
        told[now] = np.where((np.arange(DAYS) > now - WINDOW) & (np.arange(DAYS) <= now), seen, np.nan)
    rows = [
        {
            "channel": "a",
            "age_from": one - d,
            "age_to": two - d,
            "revenue_from": told[one][d],
            "revenue": told[two][d],
        }
        for one, two in itertools.pairwise(last)
        for d in range(DAYS)
        if np.isfinite(told[one][d]) and np.isfinite(told[two][d])
    ]
    newest, orders = np.full(DAYS, np.nan), np.full(DAYS, np.nan)
    for now in last:
        newest = np.where(np.isfinite(told[now]), told[now], newest)
        known = np.bincount(day[shown <= now], minlength=DAYS)
        orders = np.where(np.isfinite(told[now]), known, orders)
    spend = np.full(DAYS, ORDERS * 500 / TRUE_ROI) * rng.gamma(100, 0.01, DAYS)
    daily = pd.DataFrame(
        {
            "day": START + pd.to_timedelta(np.arange(DAYS), unit="D"), "channel": "a", "spend": spend,
            "cost": spend, "revenue": newest, "customers": orders, "leads": 4.0 * count,
        }
    )  # fmt: skip
    return daily[daily["revenue"].notna()], pd.DataFrame(rows), START + pd.Timedelta(days=DAYS - 1)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=2026)
    args = parser.parse_args()
    found = {}
    for number, kind in enumerate(KINDS):
        seen, matured, covered = [], [], []
        for at in range(args.worlds):
            daily, pairs, as_of = world(np.random.default_rng([args.seed, number, at]), kind)
            row = gather(daily, learn_backfill(pairs, as_of), Policy()).iloc[0]
            seen.append(row["roi_as_seen"])
            matured.append(row["roi"])
            covered.append(row["roi_low"] <= TRUE_ROI <= row["roi_high"])
        found[kind] = {
            "bias as seen": float(np.mean(seen) / TRUE_ROI - 1),
            "bias matured": float(np.mean(matured) / TRUE_ROI - 1),
            "coverage": float(np.mean(covered)),
        }
    print(pd.DataFrame(found).T.round(3).to_string())
    out = ROOT / "benchmarks" / "out" / "backfill.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
