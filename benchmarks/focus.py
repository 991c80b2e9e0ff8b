"""What the focus stage promises, measured: chances of the best three, gains, hooks' lifts, weekly steps.

Run ``python benchmarks/focus.py [--worlds N] [--seed S]``. Curves are those of ``allocation.py``: the truth
is one more draw of the posterior (eight channels, log-sd 0.3 of the curves).

- ``best``: chances to be among the best three, said and come true, by bands;
- ``gain``: what focusing on three of eight brings against today's mix, promised and delivered, and how
  often it truly brings more where the chance said was 90% or more;
- ``hooks``: winners at z > 1.96 with a noise of 8%: lift as seen, as promised and as it truly is, where
  true lifts have the standard deviation the policy believes (10%), half or twice of it;
- ``steps``: outcome after 26 weekly steps against today, and against the best split for these curves, under
the truth.

Writes ``benchmarks/out/focus.json``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks"))

from allocation import brought, posterior  # noqa: E402

import channelopt as co  # noqa: E402
from channelopt.experiments.luck import drawn_back  # noqa: E402
from channelopt.plan.diagnosis import VERDICT_COLUMNS, Diagnosis  # noqa: E402
from channelopt.plan.focus import focus, marginal_draws  # noqa: E402
from channelopt.plan.weekly import weekly_steps  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "focus.json"
CHANNELS, NOISE, DRAWS, PLACES = 8, 0.3, 400, 3
BANDS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0001)


def all_keep(curves: co.ResponseCurves) -> Diagnosis:
    """Every channel may be chosen."""
    table = pd.DataFrame({"channel": list(curves.channels), "verdict": "keep"})
    verdicts = table.reindex(columns=list(VERDICT_COLUMNS))
    return Diagnosis(verdicts, (), co.Policy(break_even=0.001), None, None)


def choose(worlds: int, seed: int) -> dict[str, float]:
    """The rows ``best`` and ``gain``."""
    said, came, promised, delivered, chance = [], [], [], [], []
    for k in range(worlds):
        curves, truth = posterior(np.random.default_rng([seed, k]), CHANNELS, DRAWS, NOISE)
        found = focus(curves, all_keep(curves), n=PLACES)
        table = found.table.set_index("channel").loc[list(curves.channels)]
        said.append(table["p_best_n"].to_numpy())
        best = np.argsort(-marginal_draws(truth)[0][0])[:PLACES]
        came.append(np.isin(np.arange(CHANNELS), best))
        today = curves.today.to_numpy()
        base = brought(truth, today)
        promised.append(found.gain.mid / found.plan.days / base)
        delivered.append(brought(truth, found.plan.spend.to_numpy()) / base - 1)
        chance.append(found.chance)
    s, c, chance_, gained = np.ravel(said), np.ravel(came), np.array(chance), np.array(delivered)
    out = {}
    for low, high in itertools.pairwise(BANDS):
        inside = (s >= low) & (s < high)
        out[f"best, said {low:.0%}-{min(high, 1):.0%}: mean said"] = float(s[inside].mean())
        out[f"best, said {low:.0%}-{min(high, 1):.0%}: came true"] = float(c[inside].mean())
    sure = chance_ >= 0.9
    return out | {
        "gain promised": float(np.mean(promised)), "gain delivered": float(gained.mean()),
        "share of worlds said to gain surely": float(sure.mean()),
        "of these truly gained": float((gained[sure] > 0).mean()) if sure.any() else float("nan"),
    }  # fmt: skip


def hooks(worlds: int, seed: int) -> dict[str, float]:
    """The row ``hooks``."""
    out, noise, usual = {}, 0.08, co.Policy().usual_lift
    for sd in (0.5 * usual, usual, 2 * usual):
        rng = np.random.default_rng([seed, int(1000 * sd)])
        truth = rng.normal(0, sd, 200 * worlds)
        seen = truth + rng.normal(0, noise, len(truth))
        won = np.flatnonzero(seen > 1.96 * noise)
        back = [drawn_back(np.expm1(y), noise * np.expm1(y) / y, False, usual)[0] for y in seen[won]]
        for name, values in (("seen", seen[won]), ("promised", np.array(back)), ("true", truth[won])):
            out[f"hooks, true sd {sd:.0%}: {name}"] = float(values.mean())
    return out


def steps(worlds: int, seed: int) -> dict[str, float]:
    """The row ``steps``."""
    gained, best = [], []
    for k in range(worlds):
        curves, truth = posterior(np.random.default_rng([seed + 1, k]), CHANNELS, DRAWS, NOISE)
        base, now = brought(truth, curves.today.to_numpy()), curves
        for _ in range(26):
            now = replace(now, today=weekly_steps(now).table.set_index("channel")["next"])
        gained.append(brought(truth, now.today.to_numpy()) / base - 1)
        plan = co.allocate(
            truth, budget=round(float(curves.today.sum()) * 28, 2), step_limit=None, caution=False
        )
        best.append(brought(truth, plan.spend.to_numpy()) / base - 1)
    return {
        "steps: gain after 26 weeks": float(np.mean(gained)),
        "steps: gain of the best split": float(np.mean(best)),
        "steps: worlds worse than today": float((np.array(gained) < 0).mean()),
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    found = choose(args.worlds, args.seed) | hooks(args.worlds, args.seed) | steps(args.worlds, args.seed)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1))
    for name, value in found.items():
        print(f"{name:48}{value:10.1%}")


if __name__ == "__main__":
    main()
