"""Outcomes as the attribution model in force credits them, and what that leaves open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import pandas as pd

from channelopt.errors import Finding
from channelopt.measure.attribution import MIN_CONVERSIONS
from channelopt.measure.touches import PATH_COLUMNS
from channelopt.measure.transfer import credited, learn_transfer
from channelopt.policy import Policy


@runtime_checkable
class Pathed(Protocol):
    """A source that also knows which channels people met before they converted."""

    def paths(self, goal: str | None = None, lookback_days: int = 30) -> pd.DataFrame:
        """One row per distinct path: path, ages, persons, conversions, value."""


@dataclass(frozen=True)
class Credit:
    """Daily figures under the model in force.

    Attributes:
        daily: as the source's own, its outcomes credited by the model.
        log_var: channel → variance of the log of its outcomes that the paths leave open.
        findings: what stood in the way.
    """

    daily: pd.DataFrame
    log_var: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def paths_of(source: object, lookback_days: int) -> pd.DataFrame:
    """The conversion paths of a source; an empty table when it knows none."""
    if isinstance(source, Pathed):
        return source.paths(lookback_days=lookback_days)
    return pd.DataFrame(columns=list(PATH_COLUMNS))


def credit_in_force(source: object, daily: pd.DataFrame, policy: Policy) -> Credit:
    """Credit the outcomes of a daily table by ``policy.attribution``.

    Below ``attribution.MIN_CONVERSIONS`` conversions with a path, or without paths, the lead list's own
    channel stays in force and a finding says so.

    Args:
        source: a ledger, or anything with ``paths``.
        daily: its sums by day and channel.
        policy: the model and how far back a touch counts.
    """
    if policy.attribution == "recorded":
        return Credit(daily)
    paths = paths_of(source, policy.lookback_days)
    seen = int(paths["conversions"].sum())
    if seen < MIN_CONVERSIONS:
        params = {"n": seen, "need": MIN_CONVERSIONS}
        return Credit(daily, findings=(Finding("warning", "plan.few_paths", params),))
    by = next((name for name in ("revenue", "leads") if name in daily.columns), None)
    recorded = daily.groupby("channel")[by].sum().to_dict() if by else None
    transfer = learn_transfer(paths, policy.attribution, recorded)
    return Credit(credited(daily, transfer, policy.lookback_days), transfer.log_var)
