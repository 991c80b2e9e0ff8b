r"""Was it right? Decisions held against what is known now, and the tool's own chances against what came.

A verdict said with chance p that a channel returns less than the floor (or not less). Today's diagnosis knows
more days and the late customers of that day's leads; with q its chance of the same statement the verdict is
*right* when q reaches the confidence, *wrong* when 1 - q does, else it cannot be told yet. Calibration
compares the mean p of the verdicts of a bin with the mean q; the Brier score is
:math:`\overline{(p - q)^2 + q (1 - q)}`. Plans are scored by ``score.py``.

Source: Brier (1950), Verification of forecasts expressed in terms of probability; Gneiting & Raftery (2007).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.scenarios import Scenario
from channelopt.plan.score import Evidence, score

#: Days after a verdict before it is scored.
WAIT: Final = 28
BINS: Final = ((0.5, 0.8), (0.8, 0.9), (0.9, 1.0000001))
COLUMNS: Final = (
    "decision_id", "kind", "subject", "answer", "decided_at", "predicted", "chance", "now", "now_low",
    "now_high", "now_chance", "result",
)  # fmt: skip


@dataclass(frozen=True)
class Track:
    """How the decisions fared.

    Attributes:
        table: one row per decision: decision_id, kind, subject, answer, decided_at, predicted (a return, or a
            gain in units of the outcome), chance (said that day), now, now_low, now_high (the same figure as
            known today; NaN when unknown), now_chance, result ("right", "wrong", "cannot_tell",
            "too_early", "not_followed" or "not_scored").
        calibration: one row per bin of said chances with verdicts in it: low, high, n, said, came (mean of
            today's chances).
        brier: Brier score of the verdicts, 0 is perfect, 0.25 says nothing; NaN without any.
        findings: what to say about it.
    """

    table: pd.DataFrame
    calibration: pd.DataFrame
    brier: float
    findings: tuple[Finding, ...]


def advice_of(diagnosis: Diagnosis, channel: str) -> dict[str, Any]:
    """What is recommended for a channel today with its evidence, as the log keeps it."""
    row = diagnosis.verdicts.set_index("channel").loc[channel]
    below = float(row["p_below_floor"])
    return {
        "verdict": str(row["verdict"]),
        "roi": float(row["roi"]),
        "roi_low": float(row["roi_low"]),
        "roi_high": float(row["roi_high"]),
        "floor": diagnosis.policy.roi_floor,
        "chance": below if row["verdict"] == "drop" else 1 - below,
        "spend": float(row["spend"]),
        "customers": float(row["customers"]),
        "day": diagnosis.day_last,
    }


def track(decisions: pd.DataFrame, diagnosis: Diagnosis, daily: pd.DataFrame, today: dt.date) -> Track:
    """Hold every decision against what is known today.

    Args:
        decisions: ``Ledger.decisions()``.
        diagnosis: today's diagnosis.
        daily: ``Ledger.daily()``, for plans.
        today: last day of the data.
    """
    rows = [_scored(row, diagnosis, daily, today) for row in decisions.to_dict("records")]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    judged = table[table["result"].isin(["right", "wrong", "cannot_tell"]) & table["kind"].eq("verdict")]
    judged = judged[judged["chance"].notna() & judged["now_chance"].notna()]
    p, q = judged["chance"].to_numpy("float64"), judged["now_chance"].to_numpy("float64")
    brier = float(np.mean((p - q) ** 2 + q * (1 - q))) if len(p) else float("nan")
    lines = []
    for low, high in BINS:
        own = (p >= low) & (p < high)
        if own.any():
            lines.append({"low": low, "high": min(high, 1.0), "n": int(own.sum()), "said": p[own].mean(),
                          "came": q[own].mean()})  # fmt: skip
    calibration = pd.DataFrame(lines, columns=["low", "high", "n", "said", "came"])
    return Track(table, calibration, brier, _findings(table, calibration))


def _scored(row: dict[Any, Any], diagnosis: Diagnosis, daily: pd.DataFrame, today: dt.date) -> dict[str, Any]:
    advice = row["advice"]
    base = {name: row[name] for name in ("decision_id", "kind", "subject", "answer", "decided_at")}
    unknown = {
        name: float("nan") for name in ("predicted", "chance", "now", "now_low", "now_high", "now_chance")
    }
    if row["kind"] == "verdict" and advice.get("verdict") in ("keep", "drop"):
        return {**base, **unknown, **_verdict(advice, str(row["subject"]), diagnosis, today)}
    if row["kind"] == "plan" and "evidence" in advice and "scenario" in advice:
        return {**base, **unknown, **_plan(advice, diagnosis, daily)}
    return {**base, **unknown, "result": "not_scored"}


def _verdict(advice: dict[str, Any], channel: str, diagnosis: Diagnosis, today: dt.date) -> dict[str, Any]:
    said = {"predicted": advice["roi"], "chance": advice["chance"]}
    day = advice.get("day")
    if day is None or (today - day).days < WAIT:
        return {**said, "result": "too_early"}
    known = diagnosis.verdicts.set_index("channel")
    if channel not in known.index or not np.isfinite(known.loc[channel, "p_below_floor"]):
        return {**said, "result": "not_scored"}
    now = known.loc[channel]
    below = float(now["p_below_floor"])
    chance = below if advice["verdict"] == "drop" else 1 - below
    confidence = diagnosis.policy.confidence
    result = "right" if chance >= confidence else "wrong" if 1 - chance >= confidence else "cannot_tell"
    figures = {"now": now["roi"], "now_low": now["roi_low"], "now_high": now["roi_high"]}
    return {**said, **figures, "now_chance": chance, "result": result}


_RESULTS: Final = {
    "paid": "right",
    "did_not_pay": "wrong",
    "cannot_tell": "cannot_tell",
    "too_early": "too_early",
    "not_followed": "not_followed",
    "no_data": "too_early",
}


def _plan(advice: dict[str, Any], diagnosis: Diagnosis, daily: pd.DataFrame) -> dict[str, Any]:
    evidence = Evidence.from_dict(advice["evidence"])
    scenario = Scenario(str(advice["scenario"]), dict(evidence.spend), evidence.days, evidence.start)
    got = score(scenario, evidence, daily, diagnosis.policy)
    return {
        "predicted": evidence.gain.mid,
        "chance": advice.get("chance", float("nan")),
        "now": got.gain.mid,
        "now_low": got.gain.low,
        "now_high": got.gain.high,
        "now_chance": got.chance,
        "result": _RESULTS[got.verdict],
    }


def _findings(table: pd.DataFrame, calibration: pd.DataFrame) -> tuple[Finding, ...]:
    scored = table[table["result"].isin(["right", "wrong", "cannot_tell"])]
    if scored.empty:
        return (Finding("info", "plan.track_none", {"n": len(table), "days": WAIT}),)
    counts = {name: int((scored["result"] == name).sum()) for name in ("right", "wrong", "cannot_tell")}
    found = [Finding("info", "plan.track", {"n": len(scored), **counts})]
    sure = calibration[calibration["said"] >= 0.9]
    if (
        len(sure)
        and sure["n"].sum() >= 5
        and float(sure["came"].iloc[-1]) < float(sure["said"].iloc[-1]) - 0.1
    ):
        told = {"said": float(sure["said"].iloc[-1]), "came": float(sure["came"].iloc[-1])}
        found.append(Finding("warning", "plan.track_too_sure", told))
    return tuple(found)
