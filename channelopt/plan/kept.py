"""Scenarios as a ledger keeps them: written down with what was believed that day, read back, scored later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from channelopt.plan.asked import Ask
from channelopt.plan.history import History
from channelopt.plan.quick import Look
from channelopt.plan.scenarios import Scenario
from channelopt.plan.score import Evidence, Score, evidence_of, score
from channelopt.policy import Policy
from channelopt.response import ResponseCurves


@dataclass(frozen=True)
class Kept:
    """A saved scenario.

    Attributes:
        number: in the ledger.
        name: what it is called.
        state: "draft", "chosen" or "dropped".
        why: reason of the last change.
        made_at: when it was first saved.
        by: who wrote the last version.
        scenario: the spend, with its days.
        ask: the wish it came from.
        evidence: what was believed that day.
        promise: outcome_low, outcome, outcome_high, gain, chance (against today's spend), budget, roi.
    """

    number: int
    name: str
    state: str
    why: str
    made_at: pd.Timestamp
    by: str
    scenario: Scenario
    ask: Ask
    evidence: Evidence
    promise: Mapping[str, float]

    @property
    def last_day(self) -> dt.date:
        """The last day of the scenario."""
        return self.evidence.start + dt.timedelta(days=self.evidence.days - 1)


def to_keep(
    curves: ResponseCurves, history: History, scenario: Scenario, ask: Ask, look: Look, policy: Policy
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Settings and evidence for ``Ledger.add_scenario``.

    Raises:
        PlanError: as ``evidence_of``.
    """
    believed = evidence_of(curves, scenario, history.first_coming, policy)
    settings = {
        "spend": {channel: round(float(money), 6) for channel, money in believed.spend.items()},
        "days": scenario.days,
        "start": believed.start.isoformat(),
        "ask": ask.to_dict(),
    }
    promise = {
        "outcome_low": look.outcome.low, "outcome": look.outcome.mid, "outcome_high": look.outcome.high,
        "gain": look.gain.mid, "chance": look.chance, "budget": look.budget, "roi": look.roi,
    }  # fmt: skip
    known = {name: value for name, value in promise.items() if value == value}
    return settings, {
        "believed": believed.to_dict(),
        "promise": known,
        "last_day": history.last_day.isoformat(),
        "ripe_until": history.ripe_until.isoformat(),
    }


def kept_scenarios(frame: pd.DataFrame) -> list[Kept]:
    """Saved scenarios, newest first; rows written by others than ``to_keep`` are left out.

    Args:
        frame: as ``Ledger.scenarios`` gives it.
    """
    found = [
        _read(row)
        for row in frame.to_dict("records")
        if "believed" in row["evidence"] and {"spend", "days", "ask"} <= set(row["settings"])
    ]
    return found[::-1]


def _read(row: Mapping[Any, Any]) -> Kept:
    settings, evidence = row["settings"], row["evidence"]
    believed = Evidence.from_dict(evidence["believed"])
    return Kept(
        number=int(row["scenario_id"]),
        name=str(row["name"]),
        state=str(row["state"]),
        why=str(row["why"] or ""),
        made_at=row["made_at"],
        by=str(row["by"]),
        scenario=Scenario(str(row["name"]), settings["spend"], int(settings["days"]), believed.start),
        ask=Ask.from_dict(settings["ask"]),
        evidence=believed,
        promise=evidence["promise"],
    )


def score_of(kept: Kept, history: History, policy: Policy) -> Score:
    """Whether a saved scenario paid, on days whose outcome is in.

    Args:
        kept: the scenario.
        history: for its outcome.
        policy: confidence, interval, and the margin for profit.

    Raises:
        InputError: the outcome is not known any more.
    """
    rows = history.ripe
    if kept.evidence.outcome == "profit" and "revenue" in rows.columns:
        rows = rows.assign(profit=rows["revenue"] * (policy.margin or float("nan")))
    return score(kept.scenario, kept.evidence, rows, policy)
