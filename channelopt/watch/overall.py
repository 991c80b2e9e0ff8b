"""What the whole business took in, beside what was spent and what channels are credited with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.plan.overall import periods_of
from channelopt.plan.spread import spend_by_day, spread_by_day

#: From this share more than the whole business took in on, channels claim too much.
OVERCLAIMED = 0.05


@dataclass(frozen=True)
class Whole:
    """Sums over the days on which both the overall revenue and some spend are known.

    Attributes:
        days: how many.
        revenue: of the whole business.
        spend: of all channels.
        credited: revenue credited to channels; NaN where none is.
        daily: day, revenue, spend, of those days.
    """

    days: int
    revenue: float
    spend: float
    credited: float
    daily: pd.DataFrame

    @property
    def blended(self) -> float:
        """Overall revenue per 1 of spend (marketing efficiency ratio); NaN without spend."""
        return self.revenue / self.spend if self.spend > 0 else float("nan")

    @property
    def only(self) -> bool:
        """Whether no channel is credited with any of it."""
        return not self.credited > 0

    @property
    def weekly(self) -> pd.DataFrame:
        """Whole weeks counted back from the last day: week (its last day), revenue, blended."""
        last = self.daily["day"].max()
        ago = (last - self.daily["day"]).dt.days // 7
        part = self.daily[ago < ((last - self.daily["day"].min()).days + 1) // 7]
        sums = part.groupby(ago.loc[part.index])[["revenue", "spend"]].sum().sort_index(ascending=False)
        sums["blended"] = sums["revenue"] / sums["spend"].where(sums["spend"] > 0)
        sums.insert(0, "week", last - pd.to_timedelta(sums.index * 7, unit="D"))
        return sums.reset_index(drop=True)[["week", "revenue", "blended"]]

    @property
    def finding(self) -> Finding:
        """What it says of the channels' own figures."""
        params = {"revenue": self.revenue, "days": self.days}
        if self.only:
            return Finding("info", "watch.overall_only", {**params, "blended": self.blended})
        share = self.credited / self.revenue
        params["credited"] = self.credited
        if share > 1 + OVERCLAIMED:
            return Finding("warning", "watch.overclaimed", {**params, "more": share - 1})
        return Finding("info", "watch.credited_share", {**params, "share": share})


def whole(daily: pd.DataFrame, overall: pd.DataFrame) -> Whole | None:
    """Overall revenue beside spend.

    Args:
        daily: day, channel, spend, revenue.
        overall: day, day_end (NaT for a single day), revenue; a period is spread evenly over its days.

    Returns:
        None where no day knows both.

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("day", "channel", "spend", "revenue"))
    require_columns(overall, ("day", "day_end", "revenue"))
    if daily.empty:
        return None
    known = spread_by_day(periods_of(overall, "revenue"), "revenue")
    spend = spend_by_day(daily)[0].groupby("day")["spend"].sum(min_count=1)
    credited = daily.groupby("day")["revenue"].sum(min_count=1)
    both = pd.DataFrame({"spend": spend, "revenue": credited.reindex(spend.index)})
    both = both[both["spend"].notna() & both.index.isin(known.index)]
    revenue = known.reindex(both.index)
    if both.empty or not revenue.sum() > 0:
        return None
    table = pd.DataFrame(
        {"day": both.index, "revenue": revenue.to_numpy(), "spend": both["spend"].to_numpy()}
    )
    claimed = float(np.nan if both["revenue"].isna().all() else both["revenue"].sum())
    return Whole(len(both), float(revenue.sum()), float(both["spend"].sum()), claimed, table)
