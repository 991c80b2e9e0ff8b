"""Why a price of a click left its usual range on a day, read from what else moved that day.

The log of the price is log(spend / impressions) less log(clicks / impressions), and a channel's price is its
campaigns' weighted by their clicks. What moved in the same direction by at least ``PART`` of the deviation is
named: a shift between campaigns first (it moves the others too), then the largest part. A day whose
deviation a handful of clicks could make, or whose neighbours are missing or still being filled in, says that
before anything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding
from channelopt.measure.grid import Array, lay_out

#: Share of the deviation that a cause must account for to be named.
PART = 0.4
#: Days (or weeks) before the day that say what is usual.
BEFORE = 28
#: Clicks of a day below which their number alone explains much.
FEW_CLICKS = 15
#: Newest days that platforms still fill in.
FILLED_IN = 3
#: Change of spend that counts as someone having changed a budget or a bid.
SPEND_FACTOR = 1.3
#: Days of history below which weekdays are not known.
WEEKDAYS_KNOWN = 28


@dataclass(frozen=True)
class Mix:
    """Spend and clicks by campaign, (campaigns, days), and the channel of each campaign."""

    channel: npt.NDArray[np.object_]
    spend: Array
    clicks: Array

    @classmethod
    def of(cls, campaigns: pd.DataFrame, days: pd.DatetimeIndex, unit: str) -> Mix | None:
        """Lay campaigns out on the chart's days; None when there is no campaign or for weeks."""
        wanted = {"day", "channel", "campaign", "spend", "clicks"}
        if unit != "day" or not wanted <= set(campaigns.columns):
            return None
        named = campaigns[campaigns["campaign"].notna() & campaigns["day"].isin(days)]
        if named.empty:
            return None
        edges = pd.DataFrame(
            {"day": days[[0, -1]], "channel": "", "campaign": "", "spend": 0.0, "clicks": 0.0}
        )
        grid = lay_out(pd.concat([named[list(edges)], edges], ignore_index=True), ["channel", "campaign"])
        spend, clicks = (np.nan_to_num(grid.sums(grid.column(n))) for n in ("spend", "clicks"))
        return cls(grid.groups["channel"].to_numpy(), spend, clicks)


@dataclass(frozen=True)
class Day:
    """A day out of range.

    Attributes:
        channel: its key.
        days: all days of the chart (or first days of its weeks).
        at: place of the day.
        centre: usual price.
        series: "spend", "clicks", "impressions" of the channel, (days,), NaN unknown.
        unit: "day" or "week".
        mixes: campaigns, where known.
    """

    channel: str
    days: pd.DatetimeIndex
    at: int
    centre: float
    series: dict[str, Array]
    unit: str
    mixes: Mix | None


def reasons(day: Day) -> tuple[Finding, ...]:
    """What the data say about the day, the most telling first; never empty."""
    spend, clicks = (float(day.series[name][day.at]) for name in ("spend", "clicks"))
    moved = np.log(spend / clicks / day.centre)
    common: dict[str, Any] = {
        "day": day.days[day.at].date(), "change": abs(np.expm1(moved)), "cpc": spend / clicks,
        "clicks": clicks,
    }  # fmt: skip
    side = "up" if moved > 0 else "down"
    caveats = _caveats(day, clicks)
    found = [Finding("info", f"measure.out_{code}_{side}", common) for code in caveats]
    causes = sorted(_causes(day, float(moved)), key=lambda cause: (cause[0] != "mix", -cause[1]))
    found += [Finding("info", f"measure.out_{code}_{side}", common | params) for code, _, params in causes]
    return tuple(found) or (Finding("info", f"measure.out_unknown_{side}", common),)


def _caveats(day: Day, clicks: float) -> list[str]:
    said = []
    if clicks < FEW_CLICKS:
        said.append("few_clicks")
    around = day.series["spend"][max(0, day.at - 1) : day.at + 2]
    if not np.isfinite(around).all():
        said.append("gap")
    if day.unit == "day" and day.at >= len(day.days) - FILLED_IN:
        said.append("filling")
    if day.unit == "day" and len(day.days) < WEEKDAYS_KNOWN and day.days[day.at].day_of_week >= 5:
        said.append("weekend")
    return said


def _causes(day: Day, moved: float) -> list[tuple[str, float, dict[str, Any]]]:
    """(code, share of the deviation, params) of what moved alike."""
    shown = day.series["impressions"]
    with np.errstate(divide="ignore", invalid="ignore"):
        spend = _change(day, np.log(day.series["spend"]))
        ctr = _change(day, np.log(day.series["clicks"] / shown))
        cpm = _change(day, np.log(day.series["spend"] / shown))
    found: list[tuple[str, float, dict[str, Any]]] = []
    mixed = _mix_effect(day)
    if np.isfinite(mixed) and mixed / moved >= PART:
        found.append(("mix", mixed / moved, {"moved": abs(np.expm1(mixed))}))
    if np.isfinite(ctr) and -ctr / moved >= PART:
        found.append(("ctr", -ctr / moved, {"moved": abs(np.expm1(ctr))}))
    if np.isfinite(cpm) and cpm / moved >= PART:
        found.append(("cpm", cpm / moved, {"moved": abs(np.expm1(cpm))}))
    if np.isfinite(spend) and abs(spend) >= np.log(SPEND_FACTOR) and spend * moved > 0:
        found.append(
            ("spend", spend / moved, {"moved": abs(np.expm1(spend)), "factor": float(np.exp(spend))})
        )
    return found


def _change(day: Day, log: Array) -> float:
    """A log value against its median of the days before (after, for the first ones)."""
    start = max(0, day.at - BEFORE)
    usual = log[start : day.at] if day.at - start >= 7 else log[: BEFORE + 1]
    known = usual[np.isfinite(usual)]
    return float(log[day.at] - np.median(known)) if len(known) >= 3 else float("nan")


def _mix_effect(day: Day) -> float:
    """Log change of the price from clicks moving between campaigns at their usual prices."""
    if day.mixes is None:
        return float("nan")
    mine = np.flatnonzero(day.mixes.channel == day.channel)
    start = max(0, day.at - BEFORE)
    before = slice(start, day.at) if day.at - start >= 7 else slice(0, BEFORE)
    spend, clicks = day.mixes.spend[mine], day.mixes.clicks[mine]
    past_spend, past_clicks = spend[:, before].sum(axis=1), clicks[:, before].sum(axis=1)
    now = clicks[:, day.at]
    usable = (past_clicks > 0) & (past_spend > 0)
    if usable.sum() < 2 or not now[usable].sum() > 0 or now[~usable].sum() > 0.5 * now.sum():
        return float("nan")
    price = past_spend[usable] / past_clicks[usable]
    usual = past_spend[usable].sum() / past_clicks[usable].sum()
    return float(np.log((price * now[usable]).sum() / now[usable].sum() / usual))
