"""What following the tool is worth in simulated brands, and whether its own estimate of that is right.

Run ``python benchmarks/following.py [--brands N] [--seed S] [--every W] [--steps K] [--parts follow walk]``.
Brands of ``brands.py`` take turns between three presets and two kinds.

- ``follow``: 26 weeks, a new plan every W weeks. Printed, per preset and pooled (every brand weighs as its
  spend, then as one): share of the gain of profit over the starting mix that an omniscient planner gets under
  the same limits (and without limits); share of brands worse than their starting mix; share that beat "plain
  1:2 rule, money to the TOP 3 equally" (at once, and under the same steps); what the tool promised of
  itself over what came true; and the share of the oracle's gain week by week.
- ``walk``: the same brands under their starting mix; ``channelopt.plan.walk`` replays the plan over their
  days, and its two estimates (on the mornings, and in hindsight) are held against the truth; coverage of the
  90% band of the hindsight total.

Promises are kept as they are before the shrink that was learned on seeds 1–60, and printed before and after.
Brands that stand in ``benchmarks/out/following-PART.json`` are not repeated unless ``--again`` is given.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from brands import MARGIN, POLICY, WEEKS, Brand, follow, held, make_brand, oracle, plain, weekly  # noqa: E402
from media_worlds import PRESETS, START  # noqa: E402

from channelopt.plan.follow import CAME_TRUE, promise  # noqa: E402
from channelopt.plan.walk import HINDSIGHT, PROMISED, walk  # noqa: E402
from channelopt.plan.weekplan import Following  # noqa: E402

OUT = ROOT / "benchmarks" / "out"
#: A loss below this share of the spend is rounding.
NOTHING = 1e-4
WAYS = ("tool", "plain", "plain_steps", "oracle", "free")


def brand_of(seed: int) -> tuple[str, int, Brand]:
    """Preset, kind and the brand of a seed."""
    preset, kind = list(PRESETS)[seed % 3], 1 + (seed // 3) % 2
    return preset, kind, make_brand(preset, kind, seed)


def follow_one(seed: int, every: int, rules: Following | None = None, weeks: int = WEEKS) -> dict[str, Any]:
    """One brand under all ways of spending; gains are shares of the spend of all weeks."""
    preset, kind, brand = brand_of(seed)
    start = weekly(held(brand, weeks))
    tool = follow(brand, weeks, rules, every)
    bound, free = oracle(brand, weeks)
    runs = (tool.run, plain(brand, weeks, None), plain(brand, weeks, 0.2), bound, free)
    spend = float(brand.start.sum()) * 7 * weeks
    gains = {name: (weekly(run) - start) / spend for name, run in zip(WAYS, runs, strict=True)}
    promised = 0.0
    for plan in tool.plans:
        if plan.plan is not None:
            mix = pd.Series(brand.start, index=brand.names).reindex(list(plan.plan.curves.channels))
            promised += promise(plan, mix.to_numpy("float64"), share=1.0).mid
    return {
        "preset": preset, "kind": kind, "channels": len(brand.names), "spend": spend,
        **{name: float(gain.sum()) for name, gain in gains.items()},
        "promised": MARGIN * promised / spend,
        "weeks": [list(map(float, gains[name])) for name in ("tool", "oracle")],
    }  # fmt: skip


def walk_one(seed: int, weeks: int = WEEKS, steps: int | None = None) -> dict[str, Any]:
    """One brand's past, replayed; money as shares of the spend walked through."""
    preset, kind, brand = brand_of(seed)
    run = held(brand, weeks, seen=True)
    found = walk(run.daily(), POLICY, run.lead_list(), steps=steps)
    spent = max(float(found.table["spent"].sum()), 1.0)
    true = 0.0
    for day, part in found.spend.groupby("start"):
        at = (pd.Timestamp(day) - START).days
        mixes = part.set_index("channel").reindex(list(brand.names)).fillna({"planned": 0.0, "spent": 0.0})
        gain = brand.steady(mixes["planned"].to_numpy()) - brand.steady(mixes["spent"].to_numpy())
        true += gain * float(brand.demand[at : at + 28].sum())
    return {
        "preset": preset, "kind": kind, "steps": len(found.table), "spend": spent,
        "promised": found.promised.mid / spent / PROMISED, "true": true / spent,
        "hindsight": found.hindsight.mid / spent / HINDSIGHT,
        "below": (found.hindsight.mid - found.hindsight.low) / spent,
        "above": (found.hindsight.high - found.hindsight.mid) / spent,
    }  # fmt: skip


def report_follow(table: pd.DataFrame) -> pd.DataFrame:
    """Figures per preset and pooled."""
    parts = {**{p: table[table["preset"] == p] for p in PRESETS},
             **{f"kind {k}": table[table["kind"] == k] for k in (1, 2)}, "all": table}  # fmt: skip
    rows = {}
    for name, part in parts.items():
        if not len(part):
            continue
        money = part["spend"]
        rows[name] = {
            "brands": len(part), "share": part["tool"].sum() / part["oracle"].sum(),
            "by_money": (part["tool"] * money).sum() / (part["oracle"] * money).sum(),
            "of_free": part["tool"].sum() / part["free"].sum(),
            "plain": part["plain"].sum() / part["oracle"].sum(),
            "plain_steps": part["plain_steps"].sum() / part["oracle"].sum(),
            "worse": (part["tool"] < -NOTHING).mean(), "worst": part["tool"].min(),
            "beats_plain": (part["tool"] > part["plain"]).mean(),
            "beats_steps": (part["tool"] > part["plain_steps"]).mean(),
            "gain": part["tool"].mean(), "promised": part["promised"].sum() * CAME_TRUE / part["tool"].sum(),
            "unshrunk": part["promised"].sum() / part["tool"].sum(),
        }  # fmt: skip
    return pd.DataFrame(rows).T


def report_walk(table: pd.DataFrame) -> pd.DataFrame:
    """Promise and hindsight against the truth; every brand weighs as its spend."""
    rows = {}
    for name, part in {**{p: table[table["preset"] == p] for p in PRESETS}, "all": table}.items():
        if not len(part):
            continue
        true, told = part["true"], part["hindsight"] * HINDSIGHT
        inside = (told - part["below"] <= true) & (true <= told + part["above"])
        rows[name] = {
            "brands": len(part), "steps": part["steps"].sum(), "true": true.mean(),
            "promised/true": part["promised"].sum() * PROMISED / true.sum(),
            "unshrunk": part["promised"].sum() / true.sum(),
            "hindsight/true": part["hindsight"].sum() * HINDSIGHT / true.sum(),
            "hindsight unshrunk": part["hindsight"].sum() / true.sum(),
            "covers": inside.mean(), "worse": (true < -NOTHING).mean(),
        }  # fmt: skip
    return pd.DataFrame(rows).T


def curve(table: pd.DataFrame) -> list[float]:
    """Share of the oracle's gain, week by week."""
    both = np.array(table["weeks"].tolist()).sum(axis=0)
    return [round(float(x), 2) for x in both[0] / both[1]]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--brands", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--parts", nargs="*", default=["follow", "walk"], choices=["follow", "walk"])
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--again", action="store_true")
    args = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    for part in args.parts:
        name = f"{part}-{args.every}" if part == "follow" else part
        out, began = OUT / f"following-{name}.json", time.process_time()
        done = json.loads(out.read_text()) if out.exists() and not args.again else {}
        for seed in range(args.seed, args.seed + args.brands):
            if str(seed) not in done:
                done[str(seed)] = (
                    follow_one(seed, args.every) if part == "follow" else walk_one(seed, steps=args.steps)
                )
                OUT.mkdir(exist_ok=True)
                out.write_text(json.dumps(done))
        table = pd.DataFrame([done[str(s)] for s in range(args.seed, args.seed + args.brands)])
        print(
            f"\n{name}, {args.brands} brands from seed {args.seed} ({time.process_time() - began:.0f} CPU s)"
        )
        report = report_follow(table) if part == "follow" else report_walk(table)
        print(report.astype("float64").round(3).to_string(), flush=True)
        if part == "follow":
            print("share of the oracle's gain by week:", *curve(table), flush=True)


if __name__ == "__main__":
    main()
