"""Trends per channel: rolling ratios, dated level changes, and this month against the last.

A rolling value is a ratio of sums over the window (sum/sum), never a mean of ratios.

A level change is a jump found by ``measure.scan`` that lasts at least ``side`` days, by at least
``min_change``; its first day is marked, and the day after its last.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from channelopt.errors import InputError, require_columns
from channelopt.measure.scan import scan

#: metric → (numerator, denominator); no denominator means a daily amount.
TREND_METRICS: dict[str, tuple[str, str | None]] = {
    "spend": ("spend", None),
    "cpc": ("spend", "clicks"),
    "cpl": ("spend", "leads"),
    "roi": ("revenue", "cost"),
}


def _parts(metric: str) -> tuple[str, str | None]:
    if metric not in TREND_METRICS:
        raise InputError("common.bad_setting", name="metric", value=metric, wanted=", ".join(TREND_METRICS))
    return TREND_METRICS[metric]


def _dense(frame: pd.DataFrame, columns: list[str], days: pd.DatetimeIndex) -> pd.DataFrame:
    return frame.set_index("day")[columns].reindex(days).astype("float64")


def rolling(daily: pd.DataFrame, metric: str, window: int = 7) -> pd.DataFrame:
    """The metric over a moving window of days, per channel.

    Args:
        daily: columns day, channel and what the metric needs (see ``TREND_METRICS``).
        metric: "spend" (mean per day), "cpc", "cpl" or "roi".
        window: days in the window; it ends on the day shown.

    Returns:
        Columns day, channel, value (NaN when the denominator is 0 or unknown), spend.

    Raises:
        InputError: unknown metric or missing columns.
    """
    top, bottom = _parts(metric)
    columns = list(dict.fromkeys(["spend", top, *([bottom] if bottom else [])]))
    require_columns(daily, ("day", "channel", *columns))
    if daily.empty:
        return pd.DataFrame({"day": [], "channel": [], "value": [], "spend": []})
    days = pd.date_range(daily["day"].min(), daily["day"].max(), freq="D")
    pieces = []
    for channel, part in daily.groupby("channel", sort=True):
        dense = _dense(part, columns, days)
        sums = dense.rolling(window, min_periods=window)
        if bottom is None:
            value = dense[top].fillna(0.0).rolling(window, min_periods=window).mean()
        else:
            both = dense[[top, bottom]].where(dense[[top, bottom]].notna().all(axis=1))
            sums = both.rolling(window, min_periods=max(1, window - 2))
            total = sums.sum()
            value = total[top] / total[bottom].where(total[bottom] > 0)
        pieces.append(
            pd.DataFrame(
                {
                    "day": days,
                    "channel": channel,
                    "value": value.to_numpy(),
                    "spend": dense["spend"].to_numpy(),
                }
            )
        )
    return pd.concat(pieces, ignore_index=True)


def changes(
    daily: pd.DataFrame, metric: str, *, side: int = 14, alpha: float = 0.01, min_change: float = 0.2
) -> pd.DataFrame:
    """Days on which a channel's level changed, and stayed changed for ``side`` days.

    Args:
        daily: as for ``rolling``.
        metric: as for ``rolling``.
        side: days compared before and after, at least 7.
        alpha: chance of marking anything in a channel whose level never moved.
        min_change: smallest relative change worth a mark.

    Returns:
        Columns channel, day, before, after (levels), sorted by channel and day.
    """
    top, bottom = _parts(metric)
    require_columns(daily, tuple(dict.fromkeys(("day", "channel", top, *([bottom] if bottom else [])))))
    if daily.empty:
        return pd.DataFrame(columns=["channel", "day", "before", "after"])
    columns, side = [top, *([bottom] if bottom else [])], max(7, side)
    days = pd.date_range(daily["day"].min(), daily["day"].max(), freq="D")
    parts = [(c, _dense(part, columns, days).to_numpy()) for c, part in daily.groupby("channel", sort=True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = [sums[:, 0] if bottom is None else sums[:, 0] / sums[:, 1] for _, sums in parts]
        logs = np.array([np.where((r > 0) & np.isfinite(r), np.log(r), np.nan) for r in ratios])
    marks = {
        (jump.series, at)
        for jump in scan(logs, alpha)
        if jump.stop - jump.start >= side
        for at in (jump.start, jump.stop)
        if side <= at <= len(days) - side
    }
    rows = []
    for series, at in sorted(marks):
        channel, sums = parts[series]
        before, after = _level(sums, at - side, at), _level(sums, at, at + side)
        if np.isfinite(before) and before > 0 and abs(after / before - 1) >= min_change:
            rows.append({"channel": channel, "day": days[at], "before": before, "after": after})
    frame = pd.DataFrame(rows, columns=["channel", "day", "before", "after"])
    near = (frame["channel"] == frame["channel"].shift()) & (frame["day"].diff() < pd.Timedelta(days=side))
    size = (frame["after"] / frame["before"]).map(np.log).abs()
    clearest = size.groupby((~near).cumsum()).transform("max") == size  # one change, found from both sides
    return frame[clearest].reset_index(drop=True)


def _level(sums: np.ndarray, start: int, stop: int) -> float:
    part = sums[max(0, start) : stop]
    if part.shape[1] == 1:
        return float(np.nanmean(part[:, 0]))
    bottom = np.nansum(part[:, 1])
    return float(np.nansum(part[:, 0]) / bottom) if bottom > 0 else float("nan")


def versus_before(daily: pd.DataFrame, days: int = 28) -> pd.DataFrame:
    """Sums of the last ``days`` days and of the ``days`` before, over all rows.

    Args:
        daily: column day and amounts.
        days: length of each period.

    Returns:
        Rows "now" and "before", one column per amount; a sum is NaN when nothing is known.
    """
    require_columns(daily, ("day",))
    amounts = [c for c in daily.columns if pd.api.types.is_float_dtype(daily[c])]
    last = daily["day"].max()
    age = (last - daily["day"]).dt.days
    now, before = daily[age < days], daily[(age >= days) & (age < 2 * days)]
    return pd.DataFrame([part[amounts].sum(min_count=1) for part in (now, before)], index=["now", "before"])
