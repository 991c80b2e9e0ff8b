"""Trends per channel: rolling ratios, dated level changes, and this month against the last.

A rolling value is a ratio of sums over the window (sum/sum), never a mean of ratios.

A level change is searched at every day with at least ``side`` days on both sides: a t
statistic between the daily values (logs of daily ratios) of the ``side`` days before and
after, widened by the variance inflation (1 + r) / (1 - r) of an AR(1) series, with r read off
the day-to-day differences, which a level change does not touch. The largest absolute t is marked
when its p-value times the number of days searched is below ``alpha`` and the level moved by
at least ``min_change``; then the search goes on left and right of it.

Source: Welch (1947), Biometrika 34; Bonferroni correction over the days searched.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from channelopt.errors import InputError, require_columns

#: metric → (numerator, denominator); no denominator means a daily amount.
TREND_METRICS: dict[str, tuple[str, str | None]] = {
    "spend": ("spend", None),
    "cpc": ("spend", "clicks"),
    "cpl": ("spend", "leads"),
    "roi": ("revenue", "cost"),
}
#: Added to the estimated autocorrelation, which short windows underestimate.
AUTOCORRELATION_MARGIN = 0.15


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
    rows = []
    for channel, part in daily.groupby("channel", sort=True):
        days = pd.date_range(part["day"].min(), part["day"].max(), freq="D")
        dense = _dense(part, [top, *([bottom] if bottom else [])], days)
        sums = dense.to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = sums[:, 0] if bottom is None else sums[:, 0] / sums[:, 1]
            logs = np.where((ratio > 0) & np.isfinite(ratio), np.log(ratio), np.nan)
        for at in _split(logs, 0, len(logs), max(7, side), alpha):
            before, after = _level(sums, at - side, at), _level(sums, at, at + side)
            if np.isfinite(before) and before > 0 and abs(after / before - 1) >= min_change:
                rows.append({"channel": channel, "day": days[at], "before": before, "after": after})
    frame = pd.DataFrame(rows, columns=["channel", "day", "before", "after"])
    return frame.sort_values(["channel", "day"], ignore_index=True)


def _level(sums: np.ndarray, start: int, stop: int) -> float:
    part = sums[max(0, start) : stop]
    if part.shape[1] == 1:
        return float(np.nanmean(part[:, 0]))
    bottom = np.nansum(part[:, 1])
    return float(np.nansum(part[:, 0]) / bottom) if bottom > 0 else float("nan")


def _windows(values: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count, mean and variance of the ``side`` values from each position on, missing ones left out."""
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    sums = [np.r_[0.0, np.cumsum(x)] for x in (known.astype(float), filled, filled**2)]
    count, first, second = (total[side:] - total[:-side] for total in sums)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = first / count
        variance = np.maximum(second - count * mean**2, 0.0) / (count - 1)
    return count, mean, variance


def _inflation(logs: np.ndarray, variance: np.ndarray) -> float:
    """(1 + r) / (1 - r), r from the differences between neighbouring days."""
    steps = np.diff(logs)
    steps, usual = steps[np.isfinite(steps)], np.nanmedian(variance)
    if len(steps) < 3 or not usual > 0:
        return 1.0
    spread = 1.4826 * np.median(np.abs(steps - np.median(steps)))
    r = float(np.clip(1 - spread**2 / (2 * usual) + AUTOCORRELATION_MARGIN, 0.0, 0.9))
    return (1 + r) / (1 - r)


def _split(logs: np.ndarray, start: int, stop: int, side: int, alpha: float) -> Iterator[int]:
    if stop - start < 2 * side:
        return
    part = logs[start:stop]
    count, mean, variance = _windows(part, side)
    if not np.isfinite(variance).any():
        return
    before, after = slice(None, -side), slice(side, None)
    inflation = _inflation(part, variance)
    error = (variance[before] / count[before] + variance[after] / count[after]) * inflation
    enough = np.minimum(count[before], count[after]) >= side / 2
    usable = enough & np.isfinite(error) & (error > 1e-12)
    if not usable.any():
        return
    size = np.where(usable, np.abs(mean[after] - mean[before]) / np.sqrt(np.where(usable, error, 1.0)), 0.0)
    best = int(np.argmax(size))
    freedom = max(2.0, (count[before][best] + count[after][best]) / inflation - 2)
    if 2 * stats.t.sf(size[best], freedom) * int(usable.sum()) < alpha:
        at = start + best + side
        yield from _split(logs, start, at, side, alpha)
        yield at
        yield from _split(logs, at, stop, side, alpha)


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
