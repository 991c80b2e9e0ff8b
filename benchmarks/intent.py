"""What lead scoring promises, measured on accounts with known truth.

Run ``python benchmarks/intent.py [--worlds N] [--seed S]``. Leads come evenly over 150 days; interest
raises page views, dwell time and the chance to buy; delays are log-normal (median 14 days). For each size
of account, with a signal and without one:

- ``scored``: share of accounts whose leads are scored at all (without a signal: wrongly);
- ``auc``, ``true``: the AUC reported from the later leads, and that of the final model over 20,000 fresh
leads;
- ``covered``: share of intervals (90%) that hold the true AUC;
- ``oracle``: the AUC of the true chances;
- ``level``: chances said / true chances, summed over the fresh leads;
- ``error``: distance of the mean chance from the mean true one in tenths of the fresh leads / mean chance;
- ``lift``: true rate of the leads called high / true rate of all;
- ``points``: share of scored accounts that keep the points.

Writes ``benchmarks/out/intent.json``.
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

from channelopt.measure.intent import fit_intent  # noqa: E402
from channelopt.measure.leadfeatures import COLUMNS  # noqa: E402
from channelopt.measure.ranking import auc  # noqa: E402
from channelopt.measure.tiers import tiers  # noqa: E402

OUT = ROOT / "benchmarks" / "out" / "intent.json"
DAYS = 150
START = pd.Timestamp("2026-01-01")
SIZES = (150, 400, 1000, 4000)
FRESH = 20_000


def world(
    rng: np.random.Generator, leads: int, signal: float, rate: float = 0.08
) -> tuple[pd.DataFrame, np.ndarray]:
    """Leads as ``lead_features`` would give them, and their true chances to buy."""
    interest = rng.standard_normal(leads)
    channel = rng.integers(0, 3, leads)
    odds = (
        np.log(rate / (1 - rate)) - 0.5 * signal**2 + signal * (interest + np.array([-0.5, 0, 0.5])[channel])
    )
    chance = 1 / (1 + np.exp(-odds))
    created = START + pd.to_timedelta(np.sort(rng.uniform(0, DAYS, leads)), unit="D")
    delay = pd.to_timedelta(14 * np.exp(0.8 * rng.standard_normal(leads)), unit="D")
    bought = pd.Series(created + delay).where(rng.random(leads) < chance)
    as_of = START + pd.Timedelta(days=DAYS)
    bought = bought.where(bought.dt.normalize() <= as_of)
    made = {
        "lead_key": [f"k{i}" for i in range(leads)],
        "created_at": created,
        "page_views": 1.0 + rng.poisson(np.exp(0.8 + 0.5 * interest)),
        "dwell_seconds": np.exp(4 + 0.6 * interest + 0.6 * rng.standard_normal(leads)),
        "channel": np.array(["a", "b", "c"])[channel],
        "daypart": rng.choice(["morning", "evening"], leads),
        "weekend": rng.choice(["yes", "no"], leads),
        "valid": True,
        "customer_at": bought,
        "revenue": (5000 * np.exp(0.8 * rng.standard_normal(leads))) * np.where(bought.notna(), 1, np.nan),
        "as_of": as_of,
    }
    frame = pd.DataFrame(made)
    for name in ("visits", "channels_met", "gap_hours", "forms"):
        frame[name] = np.nan
    for name in ("campaign", "returning"):
        frame[name] = ""
    return frame[list(COLUMNS)], chance


def off_by(said: np.ndarray, truth: np.ndarray) -> float:
    """How far chances are from the truth, by tenths of equal chance, as a share of the mean."""
    tenths = np.array_split(np.argsort(said, kind="stable"), 10)
    return float(np.mean([abs(said[t].mean() - truth[t].mean()) for t in tenths]) / truth.mean())


def one(leads: int, signal: float, seed: int) -> dict[str, float]:
    """One account."""
    rng = np.random.default_rng(seed)
    frame, _ = world(rng, leads, signal)
    model = fit_intent(frame)
    found = {"scored": float(model.scores), "points": np.nan}
    if not model.scores:
        return found
    fresh, truth = world(rng, FRESH, signal)
    said = model.chance(fresh)
    came = rng.random(FRESH) < truth
    reached = auc(model.score(fresh), came).value
    tier = tiers(model, fresh, open_only=False).table.set_index("lead_key")["tier"]
    high = (tier.reindex(fresh["lead_key"]) == "high").to_numpy()
    return found | {
        "points": float(model.kind == "points"),
        "auc": model.auc.value,
        "true": reached,
        "covered": float(model.auc.low <= reached <= model.auc.high),
        "oracle": auc(truth, came).value,
        "level": said.sum() / truth.sum(),
        "error": off_by(said, truth),
        "lift": truth[high].mean() / truth.mean() if high.any() else np.nan,
    }


def run(worlds: int, seed: int) -> dict[str, dict[str, float]]:
    """All rows of the table."""
    out = {}
    for signal in (1.0, 0.0):
        for leads in SIZES:
            rows = pd.DataFrame([one(leads, signal, seed + 1000 * leads + k) for k in range(worlds)])
            out[f"{leads} leads, {'signal' if signal else 'no signal'}"] = rows.mean().to_dict()
    return out


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    found = run(args.worlds, args.seed)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1))
    print(pd.DataFrame(found).T.round(3).to_string())


if __name__ == "__main__":
    main()
