"""The time axis of a table: which periods its rows stand for, daily, weekly, monthly or with gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

#: Rows further apart than this many days are sums of periods, not days.
COARSE = 4.5
#: A distance this many times the usual one is a gap.
GAP = 1.7
#: A channel with at least so many rows can tell the period of a mixed table.
TELLING = 6


@dataclass(frozen=True)
class Grid:
    """Periods in order, without holes.

    Attributes:
        start: first day of each period, (P,).
        days: length of each, (P,).
        seen: whether the table has rows of it; the others are gaps, (P,).
    """

    start: pd.DatetimeIndex
    days: Array
    seen: npt.NDArray[np.bool_]

    @property
    def step(self) -> float:
        """The usual length of a period, in days."""
        return float(np.median(self.days[self.seen]))

    def places(self, days: pd.Series) -> npt.NDArray[np.int64]:
        """The period each day falls in."""
        found = self.start.searchsorted(pd.DatetimeIndex(days), side="right") - 1
        return np.asarray(found, dtype=np.int64)


def days_of(column: pd.Series) -> pd.Series:
    """Dates in any form as whole days without a time zone; NaT where they do not read."""
    read = pd.to_datetime(column, errors="coerce")
    if getattr(read.dt, "tz", None) is not None:
        read = read.dt.tz_localize(None)
    return read.dt.normalize()


def grid_of(day: pd.Series, channel: pd.Series, day_end: pd.Series | None = None) -> Grid:
    """The periods of a table.

    Args:
        day: first day of each row's period, no missing ones.
        channel: channel of each row.
        day_end: last day of each row's period, where the table tells it.
    """
    starts = _starts(day, channel)
    gaps = np.diff(starts.to_numpy()).astype("timedelta64[D]").astype(float)
    told = _told(starts, day, day_end)
    usual = float(np.nanmedian(told)) if np.isfinite(told).any() else _usual(gaps)
    if usual < COARSE:
        every = pd.date_range(starts[0], starts[-1])
        return Grid(every, np.ones(len(every)), np.asarray(every.isin(starts)))
    room = np.r_[gaps, usual]
    guess = np.where(room > GAP * usual, usual, room)
    length = np.minimum(np.where(np.isfinite(told), told, guess), room)
    length[-1] = told[-1] if np.isfinite(told[-1]) else usual
    return _with_gaps(starts, length, room)


def _usual(gaps: Array) -> float:
    return float(np.median(gaps)) if len(gaps) else 1.0


def _starts(day: pd.Series, channel: pd.Series) -> pd.DatetimeIndex:
    """Period starts: every day there is, or those of the coarsest regular channel."""
    coarsest, best = pd.DatetimeIndex(np.unique(day.to_numpy())), COARSE
    if _usual(np.diff(coarsest.to_numpy()).astype("timedelta64[D]").astype(float)) >= COARSE:
        return coarsest
    found = coarsest
    for _, own in day.groupby(channel, sort=True):
        days = pd.DatetimeIndex(np.unique(own.to_numpy()))
        gaps = np.diff(days.to_numpy()).astype("timedelta64[D]").astype(float)
        regular = len(days) >= TELLING and gaps.min() >= COARSE and gaps.max() <= 31
        if regular and np.median(gaps) > best:
            found, best = days[days <= coarsest[-1]], float(np.median(gaps))
    before = coarsest[coarsest < found[0]]
    return found if not len(before) else found.insert(0, before[0])


def _told(starts: pd.DatetimeIndex, day: pd.Series, day_end: pd.Series | None) -> Array:
    """Length by start as the table tells it, NaN where it does not."""
    if day_end is None:
        return np.full(len(starts), np.nan)
    length = (days_of(day_end) - day).dt.days + 1.0
    by_start = length.groupby(day).median().reindex(starts).to_numpy(dtype=float)
    return np.where(by_start >= 1, by_start, np.nan)


def _with_gaps(starts: pd.DatetimeIndex, length: Array, room: Array) -> Grid:
    """Periods with unseen ones between where days are missing."""
    first: list[pd.Timestamp] = []
    days: list[float] = []
    seen: list[bool] = []
    for at, start in enumerate(starts):
        first.append(start)
        days.append(float(length[at]))
        seen.append(True)
        hole = room[at] - length[at]
        if at < len(starts) - 1 and hole >= 1:
            first.append(start + pd.Timedelta(days=float(length[at])))
            days.append(float(hole))
            seen.append(False)
    return Grid(pd.DatetimeIndex(first), np.array(days), np.array(seen))
