"""Measure what attribution promises: coverage of the shares of paths from a known chain, and its CPU time."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.measure.attribution import MODELS, attribute  # noqa: E402
from channelopt.measure.markov import Steps  # noqa: E402
from channelopt.measure.touches import flatten  # noqa: E402

CHANNELS = ("search", "feed", "video", "notes", "mail", "local")
#: Chances of a journey's first channel, then per channel: the next channel, conversion, null.
FIRST = np.array([0.30, 0.25, 0.20, 0.15, 0.07, 0.03])
WON = np.array([0.08, 0.02, 0.03, 0.03, 0.10, 0.05])
LOST = np.array([0.45, 0.55, 0.50, 0.45, 0.35, 0.50])
LONGEST = 40
#: How many persons stand for the truth.
MANY = 4_000_000


def steps() -> np.ndarray:
    """Chances of the next channel, shape (6, 6): what conversion and null leave, towards search and mail."""
    pull = np.array([0.3, 0.15, 0.15, 0.15, 0.2, 0.05])
    return np.outer(1 - WON - LOST, pull)


def journeys(rng: np.random.Generator, persons: int) -> pd.DataFrame:
    """The paths of persons who walk the chain, as a table of distinct paths."""
    size = len(CHANNELS)
    odds = np.cumsum(np.column_stack([steps(), WON, LOST]), axis=1)
    at = rng.choice(size, persons, p=FIRST)
    walk = np.zeros((persons, LONGEST), dtype="int8")
    won = np.zeros(persons, dtype=bool)
    alive = np.arange(persons)
    for place in range(LONGEST):
        walk[alive, place] = at + 1
        next_ = (rng.random(len(alive))[:, None] > odds[at]).sum(axis=1)
        won[alive[next_ == size]] = True
        on = next_ < size
        alive, at = alive[on], next_[on]
    frame = pd.DataFrame({"path": [bytes(row).rstrip(b"\0") for row in walk], "won": won})
    table = frame.groupby("path")["won"].agg(["size", "sum"]).reset_index()
    paths = [tuple(CHANNELS[code - 1] for code in path) for path in table["path"]]
    return pd.DataFrame(
        {
            "path": paths,
            "ages": [tuple(3.0 * (len(p) - 1 - i) for i in range(len(p))) for p in paths],
            "persons": table["size"],
            "conversions": table["sum"],
            "value": 100.0 * table["sum"],
        }
    )


def chain_truth() -> np.ndarray:
    """Removal shares of the chain itself, from its chances: what ``markov`` estimates."""
    size = len(CHANNELS)

    def wins(without: int | None) -> float:
        kept = [i for i in range(size) if i != without]
        inner = np.eye(len(kept)) - steps()[np.ix_(kept, kept)]
        return float(FIRST[kept] @ np.linalg.solve(inner, WON[kept]))

    effect = np.array([1 - wins(c) / wins(None) for c in range(size)])
    return effect / effect.sum()


def coverage(worlds: int, seed: int) -> pd.DataFrame:
    """Share of worlds whose 90% range holds the true share, per model and number of journeys."""
    large = attribute(journeys(np.random.default_rng([seed, 0]), MANY), draws=0).credits
    truth = {m: r.set_index("channel")["share"].reindex(CHANNELS) for m, r in large.groupby("model")}
    gap = float(np.abs(truth["markov"].to_numpy() - chain_truth()).max())
    print(f"Markov shares of {MANY:,} persons against the chain itself: at most {gap:.4f} apart")
    truth["markov"] = pd.Series(chain_truth(), index=list(CHANNELS))
    rows = []
    for persons in (350, 1_000, 4_000, 20_000):
        rng = np.random.default_rng([seed, persons])
        inside: dict[str, list[np.ndarray]] = {m: [] for m in MODELS}
        width: dict[str, list[float]] = {m: [] for m in MODELS}
        conversions, without = [], 0
        for world in range(worlds):
            found = attribute(journeys(rng, persons), seed=world)
            conversions.append(found.conversions)
            without += int(found.credits["share_low"].isna().any())
            for model, credit in found.credits.groupby("model"):
                shown = credit.set_index("channel").reindex(CHANNELS)
                hit = (shown["share_low"] <= truth[model]) & (truth[model] <= shown["share_high"])
                inside[model].append(np.where(shown["share_low"].notna(), hit, np.nan))
                width[model].append(float((shown["share_high"] - shown["share_low"]).mean()))
        for model in MODELS:
            each = np.nanmean(np.array(inside[model], dtype="float64"), axis=0)
            rows.append(
                {
                    "journeys": persons, "conversions": np.mean(conversions), "model": model,
                    "coverage": each.mean(), "worst": each.min(), "best": each.max(),
                    "width": np.nanmean(width[model]), "not_shown": without / worlds,
                }
            )  # fmt: skip
    return pd.DataFrame(rows).round(3)


def speed(worlds: int, seed: int) -> pd.DataFrame:
    """CPU seconds of all models with 200 draws on 50,000 distinct paths of 12 channels; best of three."""
    rng = np.random.default_rng(seed)
    names = [f"channel {i:02}" for i in range(12)]
    paths: set[tuple[str, ...]] = set()
    while len(paths) < 50_000:
        paths.add(tuple(names[i] for i in rng.integers(0, 12, rng.integers(2, 12))))
    persons = rng.geometric(0.3, len(paths))
    table = pd.DataFrame({"path": sorted(paths), "persons": persons})
    table["conversions"] = rng.binomial(persons, 0.1)
    table["value"] = 100.0 * table["conversions"]
    table["ages"] = [tuple(float(len(p) - i) for i in range(len(p))) for p in table["path"]]
    rows = []
    for what, draws in (("all models, 200 draws", 200), ("all models, no ranges", 0)):
        spent = []
        for _ in range(3):
            start = time.process_time()
            attribute(table, draws=draws)
            spent.append(time.process_time() - start)
        rows.append({"what": what, "paths": len(table), "channels": 12, "cpu_seconds": min(spent)})
    touches = flatten(table)
    start = time.process_time()
    Steps(touches).removal(touches.persons[:, None], touches.conversions[:, None])
    rows.append(
        {
            "what": "markov once",
            "paths": len(table),
            "channels": 12,
            "cpu_seconds": time.process_time() - start,
        }
    )
    return pd.DataFrame(rows).round(2)


QUESTIONS = {"coverage": coverage, "speed": speed}


def main() -> int:
    """Print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--only", nargs="*", choices=list(QUESTIONS), default=list(QUESTIONS))
    options = parser.parse_args()
    out = ROOT / "benchmarks" / "out" / "attribution.json"
    out.parent.mkdir(exist_ok=True)
    found = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    for name in options.only:
        table = QUESTIONS[name](options.worlds, options.seed)
        print(f"\n{name} ({options.worlds} worlds)\n{table.to_string(index=False)}", flush=True)
        rows = table.replace({np.nan: None}).to_dict("records")
        found[name] = {"worlds": options.worlds, "seed": options.seed, "rows": rows}
    out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
