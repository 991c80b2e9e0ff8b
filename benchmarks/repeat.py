"""Whether the value of customers, its band and the month of payback hold what they say, in simulated shops.

Run ``python benchmarks/repeat.py [--worlds N] [--seed S]``. Customers come in over a year, buy at their own
rate, are lost after a purchase with a chance of their own, spend amounts of their own; the fit sees the first
year, the truth is what they really bring in the next twelve months. Three shops: "model" (the fitted model is
the true one), "seasonal" (a yearly wave of the purchase rate of 30%), "clumsy" (regular instead of random
times between purchases, everyone spends alike). Printed: coverage of the 90% band of what a cohort brings
ahead, bias of its middle, share of right calls of payback within twelve months where one is made.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.measure.lifetime import lifetime, payback  # noqa: E402
from channelopt.policy import Policy  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "repeat.json"
START, YEAR, AHEAD = pd.Timestamp("2025-01-01"), 360, 12
SHOPS = ("model", "seasonal", "clumsy")


def shop(kind: str, people: int, rng: np.random.Generator) -> pd.DataFrame:
    """Orders of all customers over two years: person_key, day, revenue."""
    rate, lost = rng.gamma(0.6, 1 / 6.0, people) / 7, rng.beta(0.8, 3.0, people)
    nu = rng.gamma(4.0, 1 / 300.0, people) if kind != "clumsy" else np.full(people, 4 / 300.0)
    at = rng.integers(0, YEAR, people).astype(float)
    who, there, rows = np.arange(people), np.ones(people, dtype=bool), []
    for _ in range(400):
        rows.append((who[there], at[there].copy()))
        gap = rng.exponential(1.0, people) if kind != "clumsy" else rng.gamma(3.0, 1 / 3.0, people)
        pace = rate * (1 + (0.3 * np.sin(2 * np.pi * at / 365) if kind == "seasonal" else 0.0))
        if len(rows) > 1:
            there &= rng.random(people) >= lost
        at = at + gap / np.maximum(pace, 1e-12)
        there &= at < 2 * YEAR + 30
        if not there.any():
            break
    key, day = (np.concatenate(side) for side in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "person_key": key.astype(str),
            "day": START + pd.to_timedelta(day.astype(int), unit="D"),
            "revenue": rng.gamma(4.0, 1.0, len(key)) / nu[key],
        }
    )


def one_world(kind: str, people: int, rng: np.random.Generator, rules: Policy, draws: int) -> pd.DataFrame:
    """What was said and what came, one row per cohort."""
    orders = shop(kind, people, rng)
    as_of = START + pd.Timedelta(days=YEAR - 1)
    told = lifetime(orders, as_of, months=AHEAD, policy=rules, draws=draws, seed=int(rng.integers(1 << 30)))
    first = orders.groupby("person_key")["day"].transform("min")
    cohort = first.dt.to_period("M").dt.to_timestamp()
    end = as_of + pd.Timedelta(days=round(AHEAD * 365.25 / 12))
    ahead = orders[(orders["day"] > as_of) & (orders["day"] <= end)]
    came = ahead.groupby(cohort.loc[ahead.index])["revenue"].sum() * float(rules.margin or 1)
    table = told.table.assign(came=told.table["cohort"].map(came).fillna(0.0) / told.table["customers"])
    cac = float(table["value"].mean()) * rng.uniform(0.5, 1.0)
    costs = table[["cohort"]].assign(spend=cac * table["customers"])
    backs, _ = payback(told, costs, rules)
    age = (orders["day"] - first).dt.days / (365.25 / 12)
    early = orders[age < rules.payback_months]
    brought = early.groupby(cohort.loc[early.index])["revenue"].sum() * float(rules.margin or 1)
    table["back"] = table["cohort"].map(brought).fillna(0.0) / table["customers"] >= cac
    return table.assign(status=backs["status"])


def summary(found: pd.DataFrame) -> dict[str, float]:
    """Coverage, bias and right calls over all cohorts."""
    inside = (found["came"] >= found["ahead_low"]) & (found["came"] <= found["ahead_high"])
    said = found[found["status"].isin(["within", "not_within"])]
    right = (said["status"] == "within") == said["back"]
    return {
        "cohorts": len(found),
        "covered": float(inside.mean()),
        "bias": float(found["ahead"].sum() / found["came"].sum() - 1),
        "called": len(said) / max(len(found), 1),
        "right": float(right.mean()) if len(said) else float("nan"),
    }


def run(
    worlds: int, seed: int, people: int = 1500, draws: int = 200, kinds: tuple[str, ...] = SHOPS
) -> dict[str, dict[str, float]]:
    """All shops."""
    rules = Policy(margin=0.4, payback_months=12, discount_rate=0.0)
    result = {}
    for kind in kinds:
        rng = np.random.default_rng([seed, SHOPS.index(kind)])
        result[kind] = summary(pd.concat([one_world(kind, people, rng, rules, draws) for _ in range(worlds)]))
    return result


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--worlds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    result = run(asked.worlds, asked.seed)
    for kind, figures in result.items():
        print(f"{kind:10}" + "".join(f"  {name} {value:.3f}" for name, value in figures.items()))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
