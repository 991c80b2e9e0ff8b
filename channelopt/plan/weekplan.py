"""How a plan is followed week by week, and what a week's plan holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.goods import refuse
from channelopt.plan.planned import Band, Plan
from channelopt.response import ResponseCurves

NOTHING = Band(float("nan"), float("nan"), float("nan"))
ROLES = ("raise", "lower", "hold", "fade", "off")
COLUMNS = ("channel", "verdict", "role", "first", "before", "spend", "change", "identified")


@dataclass(frozen=True)
class Following:
    """How a plan is followed.

    Attributes:
        step: share a channel may change in a week.
        fade: share of its first spend that a dropped channel loses in a week.
        floor: share of its first spend that a channel in test keeps.
        confidence: share of draws in which a move must gain; 0 goes all the way.
        sure: share of draws in which the whole must beat the mix that following began with; 0 never looks
            back.
        doubt: log-sd of a channel's true return around what attribution and curves say of it, beyond what
            the curves allow for; counts where it is asked whether the whole is ``sure``.
        focus: whether only the policy's TOP N by the next unit's return may grow.
    """

    step: float = 0.2
    fade: float = 0.25
    floor: float = 0.3
    confidence: float = 0.6
    sure: float = 0.9
    doubt: float = 0.3
    focus: bool = False

    def __post_init__(self) -> None:
        for name in ("step", "fade", "floor", "confidence", "sure", "doubt"):
            least = 0.0 if name not in ("step", "fade") else 1e-9
            if not least <= getattr(self, name) < 1:
                refuse(name, getattr(self, name), "a share from 0, below 1")


@dataclass(frozen=True)
class Last:
    """What the next plan must know of the last one; all numbers, to be kept.

    Attributes:
        spend: channel → money per day that was planned.
        first: channel → money per day when following began.
        number: how many plans there were.
    """

    spend: Mapping[str, float]
    first: Mapping[str, float]
    number: int = 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; ``Last(**values)`` reads them back."""
        return {"spend": dict(self.spend), "first": dict(self.first), "number": self.number}


@dataclass(frozen=True)
class WeekPlan:
    """What to spend next.

    Attributes:
        table: one row per channel, most money first, ``COLUMNS``: verdict as in a diagnosis; role "raise",
            "lower", "hold", "fade" (dropped, on its way out) or "off"; first, before, spend: money per day
            when following began, until now, and next; change: share of before, NaN from 0; identified: "yes",
            "weak", "no" or "" without curves.
        start: first day.
        days: length.
        budget: money per day of all channels.
        outcome: what the curves count; "" without curves.
        gain: outcome over the days above that of the spend until now, scaled to the same budget; its middle
            is corrected for the optimiser's curse. NaN without curves.
        number: 1 for the first plan.
        way: share of the way to the split that is gone; below 1 where more would not surely beat the mix that
            following began with.
        correction: outcome over the days taken off the middle of ``gain`` for the optimiser's curse.
        reasons: channel → why.
        findings: what concerns the whole.
        curves: what it rests on; None when nothing could be learned.
        plan: the split it was made of; None likewise.
    """

    table: pd.DataFrame
    start: dt.date
    days: int
    budget: float
    outcome: str
    gain: Band
    number: int
    way: float
    correction: float
    reasons: Mapping[str, Finding]
    findings: tuple[Finding, ...]
    curves: ResponseCurves | None = field(default=None, repr=False)
    plan: Plan | None = field(default=None, repr=False)

    @property
    def spend(self) -> pd.Series:
        """Channel → money per day."""
        return self.table.set_index("channel")["spend"]

    @property
    def last(self) -> Last:
        """What the next plan must know."""
        by_name = self.table.set_index("channel")
        return Last(
            {str(k): float(v) for k, v in by_name["spend"].items()},
            {str(k): float(v) for k, v in by_name["first"].items()},
            self.number,
        )
