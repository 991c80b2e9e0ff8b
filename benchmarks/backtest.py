"""How often forecasts of the past hold what came, in simulated accounts with known truth.

Run ``python benchmarks/backtest.py [--worlds N] [--seed S] [--only NAME …]``; NAME is such as
``revenue-hard`` (outcome, preset). Each world of ``media_worlds.py`` (both kinds: curves the estimator
shares, and others; 150 to 730 days) is cut at three past days; curves are learned from what was known then,
and the outcome of the next 7, 30, 60 and 90 days is forecast for the spend that really happened. Printed:
comparisons, coverage of the 90% bands, mean log error and its mean size. Writes
``benchmarks/out/backtest.json``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from media_worlds import PRESETS, make_world  # noqa: E402

from channelopt.plan.backtest import backtest  # noqa: E402
from channelopt.response import fit_response  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "backtest.json"
LENGTHS = (150, 240, 365, 730)
NAMES = [f"{outcome}-{preset}" for outcome in ("leads", "revenue") for preset in PRESETS]


def run(name: str, worlds: int, seed: int) -> pd.DataFrame:
    """Coverage, bias and size of the error by horizon."""
    outcome, preset = name.split("-")
    tables = []
    for number in range(worlds):
        for kind in (1, 2):
            world = make_world(preset, kind, seed + number, days=LENGTHS[number % len(LENGTHS)])
            found = backtest(world.daily, lambda d: fit_response(d, outcome=outcome), origins=3)
            tables.append(found.origins)
    table = pd.concat(tables)
    table["size"] = table["error"].astype("float64").abs()
    table["inside"] = table["inside"].astype("float64")
    return table.groupby("horizon").agg(
        n=("inside", "size"), coverage=("inside", "mean"), bias=("error", "mean"), error=("size", "mean")
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--only", nargs="*", default=NAMES, choices=NAMES)
    args = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    done = json.loads(OUT.read_text()) if OUT.exists() else {}
    for name in args.only:
        began = time.process_time()
        table = run(name, args.worlds, args.seed)
        print(f"\n{name}, {args.worlds} worlds of each kind ({time.process_time() - began:.0f} CPU s)")
        print(table.astype("float64").round(3).to_string(), flush=True)
        done[name] = table.astype("float64").reset_index().to_dict("records")
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(done, indent=1))


if __name__ == "__main__":
    main()
