r"""What the curves of a plan are learned from: the past days, with the outcomes that are still to come.

A customer comes days after the lead, so the newest days always look poor. With ``G`` the visible share of a
day's customers (``measure.maturity``), their outcome is read as ``seen / G`` while ``G >= HALF``; of younger
days only the spend is used, for it says what is spent today and what carries over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.experiments.record import Recorded
from channelopt.fields import DAILY_METRICS
from channelopt.intake.periods import period_lengths
from channelopt.measure.backfill import FilledIn
from channelopt.measure.maturity import Delays, visible_days
from channelopt.plan.credit import credit_in_force
from channelopt.plan.diagnosis import Source, diagnose
from channelopt.plan.overall import (
    beside_spend,
    has_overall,
    learn_overall,
    only_overall,
    overall_of,
)
from channelopt.plan.proven import proven_lifts
from channelopt.policy import Policy
from channelopt.response import ResponseCurves, fit_response

#: Visible share from which the outcome of a day is used.
HALF = 0.5
#: Outcomes that come late after the lead.
LATE = ("qualified_leads", "customers", "revenue")
#: Outcomes a plan may be for → the column they are learned from.
COLUMN = {
    "revenue": "revenue",
    "profit": "revenue",
    "valid_leads": "valid_leads",
    "leads": "leads",
    "customers": "customers",
}


def column_of(outcome: str) -> str:
    """The column an outcome is learned from and tried on."""
    return COLUMN.get(outcome, outcome)


@dataclass(frozen=True)
class History:
    """Past days as curves are learned from them.

    Attributes:
        daily: day, channel, spend and outcomes; late outcomes grown to what they will be, NaN where less
            than half is visible. Where an outcome is known of all channels together only, it stands on one
            row of each day (``overall.py``).
        last_day: last day the rows with spend stand for.
        ripe_until: last day whose outcome is used.
        findings: what was done to recent days.
        periods: day, day_end and the outcome of all channels together; None where channels are credited.
    """

    daily: pd.DataFrame
    last_day: dt.date
    ripe_until: dt.date
    findings: tuple[Finding, ...] = ()
    periods: pd.DataFrame | None = None

    @property
    def first_coming(self) -> dt.date:
        """The day a plan begins: the one after the data."""
        return self.last_day + dt.timedelta(days=1)

    @property
    def ripe(self) -> pd.DataFrame:
        """The days whose outcome is used."""
        return self.daily[self.daily["day"] <= pd.Timestamp(self.ripe_until)]

    def until(self, daily: pd.DataFrame) -> History:
        """The same history, of which only some first days are known."""
        return replace(self, daily=daily)


def history_of(
    daily: pd.DataFrame,
    delays: Delays | None,
    outcome: str = "revenue",
    overall: pd.DataFrame | None = None,
    plan_by: str = "credited",
) -> History:
    """Past days for one outcome.

    Args:
        daily: day, channel, spend and outcomes as seen; at least one row.
        delays: how late outcomes come; None when that is not known.
        outcome: what is planned for.
        overall: what all channels brought together; used where no channel is credited with the outcome.
        plan_by: "overall" uses it also where channels are (``Policy.plan_by``).

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("day", "channel", "spend"))
    table = daily.copy()
    table["day"] = pd.to_datetime(table["day"]).dt.normalize()
    last = _last_day(table["day"])
    column = column_of(outcome)
    wanted = plan_by == "overall" and has_overall(overall, column)
    if overall is not None and (wanted or only_overall(table, overall, column)):
        found = beside_spend(table, overall, column)
        if found is not None:
            ripe = found.ripe_until.date()
            return History(found.daily, last.date(), ripe, found.findings, found.periods)
    filled = delays is not None and isinstance(delays.pooled, FilledIn)
    if delays is None or not (filled or column_of(outcome) in LATE):
        return History(table, last.date(), last.date())
    cut = min(delays.immature_from(HALF), last + pd.Timedelta(days=1))
    days = pd.DatetimeIndex(sorted(table["day"].unique()))
    names = sorted(table["channel"].astype(str).unique())
    share = pd.DataFrame(visible_days(delays, names, days), index=names, columns=days).stack()
    keys = pd.MultiIndex.from_arrays([table["channel"].astype(str), table["day"]])
    visible = np.clip(share.reindex(keys).to_numpy("float64"), HALF, 1.0)
    young = (table["day"] >= cut).to_numpy()
    for name in (n for n in DAILY_METRICS if n in table.columns and n in _outcomes()):
        grown = table[name].astype("float64") / (visible if filled or name in LATE else 1.0)
        table[name] = grown.mask(young)
    return History(
        table,
        last.date(),
        (cut - pd.Timedelta(days=1)).date(),
        tuple(_findings(visible[~young], int((last - cut).days) + 1, cut)),
    )


def _last_day(days: pd.Series) -> pd.Timestamp:
    """The last day the rows stand for: of rows by week or month the end of the last one."""
    starts = pd.DatetimeIndex(days.unique()).sort_values()
    length = period_lengths(starts)
    whole = len(length) > 0 and length.min() > 1
    return starts.max() + pd.Timedelta(days=int(length[-1]) - 1 if whole else 0)


def _outcomes() -> tuple[str, ...]:
    return ("leads", "valid_leads", *LATE)


def _findings(visible: np.ndarray, young: int, cut: pd.Timestamp) -> list[Finding]:
    found = []
    if young > 0:
        params = {"days": young, "day": cut.date(), "share": HALF}
        found.append(Finding("info", "plan.history_young", params))
    if len(visible) and float(visible.mean()) < 0.995:
        found.append(Finding("info", "plan.history_grown", {"share": 1 - float(visible.mean())}))
    return found


def outcomes_of(daily: pd.DataFrame, overall: pd.DataFrame | None = None) -> tuple[str, ...]:
    """Outcomes that a plan can be made for: those with any count, by channel or in all; money first."""
    there = [
        name
        for name, column in COLUMN.items()
        if (column in daily.columns and daily[column].sum() > 0) or only_overall(daily, overall, column)
    ]
    return tuple(there)


def curves_of(
    source: Source,
    outcome: str = "revenue",
    policy: Policy | None = None,
    on_step: Callable[[int, int], None] | None = None,
    tests: Sequence[Recorded] = (),
) -> tuple[ResponseCurves, History]:
    """Curves of a workspace, and what they were learned from.

    Args:
        source: a ledger.
        outcome: as in ``fit_response``.
        policy: the ledger's own when left out.
        on_step: told (done, total).
        tests: tests of the workspace; finished geo tests pull the curve of their channel.

    Raises:
        InputError: the source has no usable rows.
        ResponseError: as ``fit_response``.
    """
    rules = policy or source.policy
    daily = credit_in_force(source, source.daily(), rules).daily
    delays = diagnose(source, rules).delays
    history = history_of(daily, delays, outcome, overall_of(source), rules.plan_by)
    lifts = proven_lifts(tests, daily, outcome)
    return learned(history, outcome, rules, on_step, lifts), history


def learned(
    history: History,
    outcome: str,
    policy: Policy,
    on_step: Callable[[int, int], None] | None = None,
    lifts: pd.DataFrame | None = None,
) -> ResponseCurves:
    """Curves from a history, and from what experiments proved (``proven.proven_lifts``).

    Raises:
        ResponseError: as ``fit_response``.
    """
    known = None if lifts is None or lifts.empty else lifts
    if history.periods is not None:
        column = column_of(outcome)
        return learn_overall(
            history.daily, history.periods, outcome, column, policy, lifts=known, on_step=on_step
        )
    return fit_response(history.daily, outcome, lifts=known, policy=policy, on_step=on_step)
