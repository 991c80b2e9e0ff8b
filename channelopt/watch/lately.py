"""One channel against itself four weeks earlier, and against the channel that brings most: with ranges."""

from __future__ import annotations

import pandas as pd

from channelopt.errors import require_columns
from channelopt.measure.compare import between_channels, between_periods
from channelopt.policy import Policy

#: What can be held against four weeks ago: outcomes that do not come weeks later.
LATELY = ("cpc", "cvr", "cpl")
DAYS = 28


def lately(daily: pd.DataFrame, policy: Policy | None = None) -> pd.DataFrame:
    """The last ``DAYS`` days of every channel beside the ``DAYS`` before.

    Args:
        daily: day, channel, spend and what else is known.
        policy: the interval.

    Returns:
        channel, metric (of ``LATELY``), before, after, change (0.12 is 12% more), low, high,
        sure (the range leaves out no change); rows that cannot be said are left out. Nothing with
        fewer than two periods of days.

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("channel", "day", "spend"))
    days = pd.to_datetime(daily["day"])
    columns = ["channel", "metric", "before", "after", "change", "low", "high", "sure"]
    if not len(days) or (days.max() - days.min()).days + 1 < 2 * DAYS:
        return pd.DataFrame(columns=columns)
    last = days.max()
    middle = last - pd.Timedelta(days=DAYS)
    old = (middle - pd.Timedelta(days=DAYS - 1), middle)
    new = (middle + pd.Timedelta(days=1), last)
    parts = [between_periods(daily, m, old, new, policy=policy).assign(metric=m) for m in LATELY]
    found = pd.concat(parts, ignore_index=True).dropna(subset=["change", "low", "high"])
    found["sure"] = (found["low"] > 0) | (found["high"] < 0)
    return found.sort_values(["channel", "metric"], ignore_index=True)[columns]


def against(
    daily: pd.DataFrame, channel: str, other: str, metric: str = "roi", policy: Policy | None = None
) -> pd.Series | None:
    """How far a channel is from another over the days both know; None where it cannot be said.

    Args:
        daily: as above.
        channel: channel key.
        other: channel key it is held against.
        metric: as for ``between_channels``.
        policy: the interval and the least evidence.

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("channel", "day", "spend"))
    if channel == other or not {channel, other} <= set(daily["channel"]):
        return None
    found = between_channels(daily, metric, channel, other, policy)
    return found if pd.notna(found["low"]) and pd.notna(found["high"]) else None
