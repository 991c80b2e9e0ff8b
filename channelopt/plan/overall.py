"""Results that no report gives to a channel: beside the spend of their days, and as curves are learned from.

Where nobody says which channel brought an outcome, curves come from what all channels brought together
(``fit_response(total=…)``). For everything that counts an outcome by day (forecast, backtest, "did it pay?")
a day's result stands on one row of the day, that of the channel that spent first; what is known by week or
month, results or spend, is spread evenly over its days. The fit itself sees whole periods: spreading would
invent days.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.spread import in_periods, spend_by_day, spread_by_day, summed
from channelopt.policy import Policy
from channelopt.response import ResponseCurves, fit_response


@runtime_checkable
class Totalled(Protocol):
    """A source that also knows what the whole business took in."""

    def overall(self) -> pd.DataFrame:
        """day, day_end (NaT for a single day), leads, customers, revenue."""


@dataclass(frozen=True)
class Overall:
    """One outcome of the whole business beside the spend of its days.

    Attributes:
        daily: day, channel, spend, and the outcome on one row of each day; NaN elsewhere.
        periods: day, day_end and the outcome, as they were reported.
        ripe_until: the last day with a known outcome.
        findings: what was done to them, and what is not used.
    """

    daily: pd.DataFrame
    periods: pd.DataFrame
    ripe_until: pd.Timestamp
    findings: tuple[Finding, ...]


def overall_of(source: object) -> pd.DataFrame | None:
    """What the whole business took in, where the source knows."""
    return source.overall() if isinstance(source, Totalled) else None


def only_overall(daily: pd.DataFrame, overall: pd.DataFrame | None, column: str) -> bool:
    """Whether an outcome is known of all channels together and of none alone."""
    credited = column in daily.columns and daily[column].sum() > 0
    return has_overall(overall, column) and not credited and bool(daily["spend"].sum() > 0)


def has_overall(overall: pd.DataFrame | None, column: str) -> bool:
    """Whether an outcome of all channels together is known."""
    return overall is not None and column in overall.columns and bool(overall[column].sum() > 0)


def beside_spend(daily: pd.DataFrame, overall: pd.DataFrame, column: str) -> Overall | None:
    """Put an outcome of the whole business beside the spend of its days.

    Args:
        daily: day (midnights), channel, spend, perhaps outcomes as credited, which are not used.
        overall: day, day_end, and the outcome.
        column: the outcome's name.

    Returns:
        None where no day with an outcome has spend.
    """
    table, coarse = spend_by_day(daily)
    if not table["spend"].sum() > 0:
        return None
    known = periods_of(overall, column)
    paid = pd.DatetimeIndex(table["day"].unique())
    inside = (known["day"] >= paid.min()) & (known["day_end"] <= paid.max())
    used = known[inside]
    by_day = spread_by_day(used, column)
    by_day = by_day[by_day.index.isin(paid)]
    if by_day.empty:
        return None
    if _mixed(used):
        used = pd.DataFrame({"day": by_day.index, "day_end": by_day.index, column: by_day.to_numpy()})
    if coarse is not None and (used["day"] == used["day_end"]).all():
        used = summed(by_day, coarse)
        if used.empty:
            return None
    params = {"outcome": column, "days": len(by_day), "first": by_day.index.min().date()}
    params["last"] = by_day.index.max().date()
    chosen = column in daily.columns and bool(daily[column].sum() > 0)
    found = [Finding("info", "plan.overall_chosen" if chosen else "plan.overall_learned", params)]
    length = (known.loc[inside, "day_end"] - known.loc[inside, "day"]).dt.days + 1
    if spread := int(length[length > 1].sum()):
        found.append(Finding("info", "plan.overall_spread", {"days": spread}))
    if out := int((~inside).sum()):
        found.append(Finding("info", "plan.overall_left_out", {"rows": out}))
    return Overall(
        _carried(table, by_day, column), used.reset_index(drop=True), by_day.index.max(), tuple(found)
    )


def periods_of(overall: pd.DataFrame, column: str) -> pd.DataFrame:
    """First and last day of what is known, a day being a period of one; several reports of one added up.

    Args:
        overall: day, day_end (NaT for a single day) and the figure.
        column: the figure's name.
    """
    known = overall.loc[overall[column].notna(), ["day", "day_end", column]].copy()
    known["day"] = pd.to_datetime(known["day"])
    known["day_end"] = pd.to_datetime(known["day_end"]).fillna(known["day"])
    return known.groupby(["day", "day_end"], as_index=False)[column].sum()


def _mixed(used: pd.DataFrame) -> bool:
    """Whether days and periods stand beside each other, or periods overlap: then only days can be added."""
    spans = used["day_end"] > used["day"]
    ordered = used.sort_values("day")
    overlap = (ordered["day"].iloc[1:].to_numpy() <= ordered["day_end"].iloc[:-1].to_numpy()).any()
    return bool(spans.any()) and (not bool(spans.all()) or bool(overlap))


def _carried(table: pd.DataFrame, by_day: pd.Series, column: str) -> pd.DataFrame:
    """The table with each day's outcome on the row of the channel that spent first: every fit knows it."""
    paid = table[table["spend"] > 0].groupby("channel")
    known = pd.DataFrame({"first": paid["day"].min(), "spend": paid["spend"].sum()})
    carrier = str(known.sort_values(["first", "spend"], ascending=[True, False], kind="stable").index[0])
    here = set(table.loc[table["channel"] == carrier, "day"])
    lacking = [day for day in by_day.index if day not in here]
    if lacking:
        rows = pd.DataFrame({"day": lacking, "channel": carrier, "spend": 0.0})
        table = pd.concat([table, rows], ignore_index=True)
    on = table["channel"] == carrier
    table[column] = table["day"].map(by_day).where(on)
    return table.sort_values(["day", "channel"], ignore_index=True)


def learn_overall(
    daily: pd.DataFrame,
    periods: pd.DataFrame,
    outcome: str,
    column: str,
    policy: Policy,
    lifts: pd.DataFrame | None = None,
    on_step: Callable[[int, int], None] | None = None,
) -> ResponseCurves:
    """Curves from results of the whole business that ended by the last day of the rows.

    Args:
        daily: day, channel, spend.
        periods: ``Overall.periods``.
        outcome: as in ``fit_response``.
        column: the outcome's column.
        policy: for the margin.
        lifts: what experiments proved, as in ``fit_response``.
        on_step: told (done, total).

    Raises:
        ResponseError: as ``fit_response``.
    """
    known = periods[periods["day_end"] <= daily["day"].max()]
    spend = daily[["day", "channel", "spend"]]
    if (known["day_end"] > known["day"]).any():
        spend = _by_period(spend, known)
    total = known[["day", column]]
    return fit_response(spend, outcome, total=total, lifts=lifts, policy=policy, on_step=on_step)


def _by_period(spend: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Spend summed over the periods of the results, and over further ones of that length after the last."""
    usual = int(((known["day_end"] - known["day"]).dt.days + 1).median())
    last, end = known["day_end"].max(), spend["day"].max()
    tail = pd.date_range(last + pd.Timedelta(days=1), end, freq=f"{usual}D")
    starts = pd.DatetimeIndex([*known["day"], *tail])
    ends = pd.DatetimeIndex([*known["day_end"], *(day + pd.Timedelta(days=usual - 1) for day in tail)])
    ends = ends.where(ends <= end, end)
    order = np.argsort(starts)
    starts, ends = starts[order], ends[order]
    at, fits = in_periods(spend["day"], starts, ends)
    rows = spend[fits].assign(day=starts[at[fits]], day_end=ends[at[fits]])
    return rows.groupby(["day", "day_end", "channel"], as_index=False)["spend"].sum()


def likely_returns(curves: ResponseCurves, interval: float) -> pd.DataFrame:
    """What 1 spent brings at today's spend, of every channel that spends.

    Args:
        curves: of revenue.
        interval: coverage of the ranges.

    Returns:
        channel, roi, roi_low, roi_high (multiples), the largest spend first.
    """
    today = curves.today.reindex(list(curves.channels)).to_numpy(dtype="float64")
    spends = today > 0
    drawn = curves.outcome_draws(today)[:, spends] / today[spends]
    tail = (1 - interval) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    names = np.array(curves.channels, dtype=object)[spends]
    table = pd.DataFrame({"channel": names, "roi": drawn.mean(axis=0), "roi_low": low, "roi_high": high})
    return table.iloc[np.argsort(-today[spends], kind="stable")].reset_index(drop=True)
