"""Whether the band of the spend at the floor holds the true one, in simulated accounts with known curves.

Run ``python benchmarks/headroom.py [--worlds N] [--fits N] [--seed S]``. Part ``belief``: the truth is one
more draw of what is believed, so the band must cover what it says. Part ``fitted``: the curves are fitted to
simulated daily rows (``media_worlds.py``, three presets), the floor is the return of the true next unit at
0.8 to 1.6 times today's spend, and beside the coverage stand the shares of channels called "room" or "full"
and called wrongly.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from media_worlds import make_world  # noqa: E402

import channelopt as co  # noqa: E402
from channelopt.plan.headroom import DOUBT, floor_spend, headroom  # noqa: E402
from channelopt.response import ResponseCurves  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "headroom.json"


def belief(worlds: int, seed: int, draws: int = 400) -> dict[str, float]:
    """The truth is a draw of the belief."""
    rng = np.random.default_rng([seed, 1])
    inside = wrong = called = 0
    for _ in range(worlds):
        today = float(rng.lognormal(6, 0.8))
        size = (draws + 1, 1)
        half = today * rng.lognormal(0.3, 0.5) * rng.lognormal(0, 0.3, size)
        slope = rng.uniform(0.6, 1.8) * rng.lognormal(0, 0.1, size)
        top = rng.lognormal(np.log(3), 0.5) * today * (1 + half / today) * rng.lognormal(0, 0.25, size)
        beyond = np.exp(
            DOUBT * rng.standard_normal() - DOUBT**2 / 2
        )  # what the page doubts beside the curves
        truth = floor_spend(top[-1:] * beyond, half[-1:], slope[-1:], 2.0).item()
        curves = ResponseCurves.from_parameters(top[:-1], half[:-1], slope[:-1], today=today, channels=["a"])
        row = headroom(curves, 2.0).table.iloc[0]
        inside += row["floor_low"] <= truth <= row["floor_high"]
        called += row["status"] != "unsure"
        wrong += (row["status"] == "room" and truth <= today) or (row["status"] == "full" and truth > today)
    return {"worlds": worlds, "covered": inside / worlds, "called": called / worlds, "wrong": wrong / worlds}


def true_floor(curve: Callable[[np.ndarray], np.ndarray], today: float, floor: float) -> float:
    """Largest spend at which a curve's next unit brings the floor, on a fine grid."""
    x = today * np.geomspace(1e-3, 1e3, 40_001)
    steep = np.diff(curve(x)) / np.diff(x) >= floor
    return float(x[np.flatnonzero(steep)[-1] + 1]) if steep.any() else 0.0


def fitted(worlds: int, seed: int, preset: str) -> dict[str, float]:
    """The curves are learned from simulated rows."""
    rng = np.random.default_rng([seed, 2])
    rows = []
    for at in range(worlds):
        world = make_world(preset, 1, seed + at)
        curves = co.fit_response(world.daily)
        curves = replace(curves, outlook=np.ones_like(curves.outlook))
        for c, name in enumerate(curves.channels):
            today = float(curves.today[name])
            near = today * rng.uniform(0.8, 1.6) * np.array([0.999, 1.001])
            floor = float(np.diff(world.curves[c](near))[0] / np.diff(near)[0])
            truth = true_floor(world.curves[c], today, floor)
            row = headroom(curves, floor).table.set_index("channel").loc[name]
            wrong = truth > today if row["status"] == "full" else truth <= today
            inside = row["floor_low"] <= truth <= row["floor_high"]
            ratio = np.log(max(row["floor_spend"], 1e-9) / truth)
            rows.append((inside, row["status"] != "unsure", row["status"] != "unsure" and wrong, ratio))
    table = np.array(rows, dtype="float64")
    return {
        "channels": len(table), "covered": table[:, 0].mean(), "called": table[:, 1].mean(),
        "wrong": table[:, 2].mean(), "median_log_error": float(np.median(table[:, 3])),
    }  # fmt: skip


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--worlds", type=int, default=2000)
    parser.add_argument("--fits", type=int, default=40)
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    result = {"belief": belief(asked.worlds, asked.seed)}
    for preset in ("easy", "medium", "hard"):
        result[preset] = fitted(asked.fits, asked.seed, preset)
    for name, figures in result.items():
        print(f"{name:10}" + "".join(f"  {k} {v:.3f}" for k, v in figures.items()))
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
