"""The whole account in a handful of numbers: totals, last month against the one before, weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import require_columns
from channelopt.watch.trends import versus_before

AMOUNTS = ("spend", "cost", "clicks", "leads", "customers", "revenue")


@dataclass(frozen=True)
class Summary:
    """Totals of a workspace. Money in its currency, ROI as a multiple, NaN when unknown.

    Attributes:
        spend: over all days.
        revenue: over all days, as seen so far.
        roi: matured revenue / cost over the channels with an ROI.
        roi_as_seen: the same before late customers are allowed for.
        visible: share of the eventual revenue already seen.
        cpc: spend / clicks over the days and channels with clicks.
        cpl: spend / leads over the days and channels with leads.
        delta: metric ("spend", "cpc", "cpl") → relative change of the last 28 days against
            the 28 before; NaN when one of them is unknown.
        weekly: one row per week that is whole: week, spend, revenue, roi, cpc, cpl.
        free_revenue: the part of the revenue from channels without any cost, which the ROI leaves out.
    """

    spend: float
    revenue: float
    roi: float
    roi_as_seen: float
    visible: float
    cpc: float
    cpl: float
    delta: dict[str, float]
    weekly: pd.DataFrame
    free_revenue: float = 0.0


def _over(top: float, bottom: float) -> float:
    return float(top / bottom) if np.isfinite(bottom) and bottom > 0 else float("nan")


def _matched(daily: pd.DataFrame, amount: str, per: str) -> pd.DataFrame:
    return daily[daily[amount].notna() & daily[per].notna()]


def _ratio(daily: pd.DataFrame, amount: str, per: str) -> float:
    both = _matched(daily, amount, per)
    total = float(both[amount].sum())
    return _over(total, both[per].sum()) if total > 0 else float("nan")


def summarise(daily: pd.DataFrame, verdicts: pd.DataFrame) -> Summary:
    """The account's summary.

    Args:
        daily: columns day, channel, spend, cost, clicks, leads, customers, revenue.
        verdicts: ``Diagnosis.verdicts``.

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("day", "channel", *AMOUNTS))
    known = verdicts[verdicts["roi"].notna() & verdicts["cost"].notna()]
    cost = float(known["cost"].sum())
    matured = float((known["roi"] * known["cost"]).sum())
    seen = float((known["roi_as_seen"] * known["cost"]).sum())
    delta = {"spend": _change(daily, "spend", None)}
    delta |= {"cpc": _change(daily, "spend", "clicks"), "cpl": _change(daily, "spend", "leads")}
    return Summary(
        spend=float(daily["spend"].sum(min_count=1)),
        revenue=float(daily["revenue"].sum(min_count=1)),
        roi=_over(matured, cost),
        roi_as_seen=_over(seen, cost),
        visible=_over(seen, matured),
        cpc=_ratio(daily, "spend", "clicks"),
        cpl=_ratio(daily, "spend", "leads"),
        delta=delta,
        weekly=weekly(daily),
        free_revenue=_free(daily),
    )


def _free(daily: pd.DataFrame) -> float:
    """Revenue of channels that never cost anything, such as organic search."""
    sums = daily.groupby("channel")[["cost", "revenue"]].sum()
    return float(sums.loc[~(sums["cost"] > 0), "revenue"].sum())


def _change(daily: pd.DataFrame, amount: str, per: str | None) -> float:
    part = _matched(daily, amount, per) if per else daily[daily[amount].notna()]
    if part.empty:
        return float("nan")
    two = versus_before(part)
    values = two[amount] / two[per] if per else two[amount]
    return _over(values["now"], values["before"]) - 1


def weekly(daily: pd.DataFrame) -> pd.DataFrame:
    """Whole weeks counted back from the last day: week (its last day), spend, revenue, roi, cpc, cpl."""
    if daily.empty:
        return pd.DataFrame(columns=["week", "spend", "revenue", "roi", "cpc", "cpl"])
    last = daily["day"].max()
    weeks_ago = (last - daily["day"]).dt.days // 7
    whole = weeks_ago < ((last - daily["day"].min()).days + 1) // 7
    part, key = daily[whole], weeks_ago[whole]
    sums = part.groupby(key)[["spend", "revenue"]].sum(min_count=1)
    for name, amount, per in (
        ("roi", "revenue", "cost"),
        ("cpc", "spend", "clicks"),
        ("cpl", "spend", "leads"),
    ):
        both = _matched(part, amount, per)
        two = both.groupby(key.loc[both.index])[[amount, per]].sum()
        sums[name] = (two[amount] / two[per].where(two[per] > 0)).reindex(sums.index)
    sums = sums.sort_index(ascending=False)
    sums.insert(0, "week", last - pd.to_timedelta(sums.index * 7, unit="D"))
    return sums.reset_index(drop=True)
