r"""Demand: what moves the outcome of all channels together, apart from their spend.

Log demand is a sum of columns with normal weights: six contrasts of the weekdays, waves of the year as far
as the history is long enough, the common movement of log spend (budgets follow demand, so what all channels
do together is not simply their effect), and a slow level, an Ornstein–Uhlenbeck path with the relaxation
time ``RELAX`` at knots with straight lines between them. All columns have mean 0 over the periods seen, so
that curves are for average demand. Looking ahead, the level falls back to the average with the same
relaxation time and the season goes on by the calendar: the coming days, not last year's.

Source: Chan & Perry (2017), Challenges and Opportunities in Media Mix Modeling (why a demand control).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import block_diag

from channelopt.response.grid import Grid

Array = npt.NDArray[np.float64]

YEAR = 365.25
RELAX = 40.0
#: Prior standard deviation of weekday contrasts, yearly waves, and of the level before data speak.
WEEKDAY, WAVE, LEVEL = 0.2, 0.25, 0.15
#: Pseudo knots that hold the level's standard deviation at ``LEVEL``, and the least and most it may be.
LEVEL_WEIGHT, LEVEL_RANGE = 8.0, (0.02, 0.6)
#: Days between knots of the level at least, and knots at most.
KNOT, KNOTS = 7.0, 80
#: Channels that a common movement takes.
FEW = 3
#: A peak: all channels together this many times their usual spend, and this many robust deviations above it;
#: days around it that belong to it; where they are more than this share of all days they are the usual.
PEAK, PEAK_SDS, PEAK_DAYS, PEAK_SHARE = 1.5, 2.0, 4.0, 1 / 3
#: Days of history that are needed for so many waves of the year.
WAVES = ((1095, 6), (730, 4), (500, 2), (300, 1))


@dataclass(frozen=True)
class Demand:
    """The columns of log demand and their prior.

    Attributes:
        columns: (P, q), mean of each period.
        precision: (q, q) of the prior, with the level's standard deviation at 1.
        level: the columns of the slow level.
        centre: (q,) what was taken off each column to give it mean 0.
        knots: days of the level's knots since the first day.
        grid: the periods.
        waves: how many waves of the year.
        weekly: whether weekdays are seen.
    """

    columns: Array
    precision: Array
    level: slice
    centre: Array
    knots: Array
    grid: Grid
    waves: int
    weekly: bool

    def with_level(self, sd: float) -> Array:
        """Prior precision when the level moves with this standard deviation."""
        out = self.precision.copy()
        out[self.level, self.level] /= sd**2
        return out

    def level_sd(self, weights: Array, covariance: Array) -> float:
        """Standard deviation of the level from weights (q,) and covariance (q, q), held near ``LEVEL``."""
        path = self.precision[self.level, self.level]
        own = weights[self.level]
        size = float(own @ path @ own + np.sum(path * covariance[self.level, self.level]))
        mean = (LEVEL_WEIGHT * LEVEL**2 + size) / (LEVEL_WEIGHT + len(path))
        return float(np.clip(np.sqrt(mean), *LEVEL_RANGE))

    def outlook(self, weights: Array, days: int) -> Array:
        """Expected demand of the coming days relative to the fitted average."""
        last = self.grid.start[-1] + pd.Timedelta(days=float(self.grid.days[-1]))
        day = np.arange(days) + float((last - self.grid.start[0]).days)
        dates = last + pd.to_timedelta(np.arange(days), unit="D")
        season = _season(dates.day_of_week.to_numpy(), day, self.waves, self.weekly)
        width = season.shape[1]
        log = (season - self.centre[:width]) @ weights[:width]
        path = weights[self.level]
        now = float(path[-1] if len(path) else 0.0)
        left = np.exp(-(np.arange(days) + 0.5) / RELAX)
        usual = -float(self.centre[self.level] @ path) if len(path) else 0.0
        return np.exp(np.clip(log + now * left + usual, -1.5, 1.5))


def _season(weekday: npt.NDArray[Any], day: npt.NDArray[Any], waves: int, weekly: bool) -> Array:
    """Weekday contrasts and waves of the year, one row per day."""
    parts = []
    if weekly:
        parts.append(np.eye(7)[weekday][:, :6] - (weekday == 6)[:, None])
    for wave in range(1, waves + 1):
        angle = 2 * np.pi * wave * day / YEAR
        parts.append(np.column_stack([np.sin(angle), np.cos(angle)]))
    return np.asarray(np.column_stack(parts)) if parts else np.zeros((len(day), 0))


def demand_of(grid: Grid, extra: Array | None = None, extra_sd: float = 0.3) -> Demand:
    """The columns for these periods.

    Args:
        grid: the periods.
        extra: (P, e) further columns with standard deviation ``extra_sd``, such as the common factor
            of log spend.
    """
    span = float(grid.days.sum())
    weekly = bool(grid.step < 5 and grid.seen.sum() >= 14)
    waves = next((count for least, count in WAVES if span >= least), 0)
    begin = np.r_[0.0, np.cumsum(grid.days)[:-1]]
    middle = begin + (grid.days - 1) / 2
    season = _season(grid.start.day_of_week.to_numpy(), np.asarray(middle, dtype=float), waves, weekly)
    knots = _knots(span)
    level = np.column_stack([np.interp(middle, knots, row) for row in np.eye(len(knots))])
    more = np.zeros((len(middle), 0)) if extra is None else extra
    columns = np.column_stack([season, more, level])
    mean = np.average(columns, axis=0, weights=grid.seen * grid.days)
    columns = columns - mean
    sds = np.r_[np.full(6 * weekly, WEEKDAY), np.full(2 * waves, WAVE), np.full(more.shape[1], extra_sd)]
    path = np.exp(-np.abs(knots[:, None] - knots[None, :]) / RELAX)
    precision = block_diag(np.diag(1 / sds**2), np.linalg.inv(path + 1e-6 * np.eye(len(knots))))
    return Demand(columns, precision, slice(len(sds), None), mean, knots, grid, waves, weekly)


def common_factor(spend: Array) -> Array | None:
    """(P, 1) the common movement of log spend, standard deviation 1: the mean over the channels that ran.

    None with fewer than ``FEW`` channels, where it would be a channel's own, or when nothing moved.
    """
    if spend.shape[1] < FEW:
        return None
    factor = _together(spend)
    spread = float(factor.std())
    return np.asarray(factor / spread)[:, None] if spread > 1e-6 else None


def peaks(spend: Array, grid: Grid) -> npt.NDArray[np.bool_]:
    """(P,) periods of a peak, such as Double 11: spend (P, C) of all channels rises with demand at once.

    What a total did there cannot be shared out between demand and spend, nor between the channels.
    """
    none = np.zeros(len(spend), dtype=bool)
    if spend.shape[1] < FEW:
        return none
    factor = _together(spend)
    away = factor - np.median(factor[grid.seen])
    usual = 1.4826 * float(np.median(np.abs(away[grid.seen])))
    high = away > max(np.log(PEAK), PEAK_SDS * usual)
    around = int(np.ceil(PEAK_DAYS / grid.step))
    wide = np.convolve(high, np.ones(2 * around + 1), "full")[around : around + len(high)] > 0
    return wide if float(grid.days[wide].sum()) <= PEAK_SHARE * float(grid.days.sum()) else none


def _together(spend: Array) -> Array:
    """(P,) mean log of spend over the channels that ran, each around its own mean."""
    on = spend > 0
    log = np.where(on, np.log(np.where(on, spend, 1.0)), 0.0)
    away = np.where(on, log - log.sum(axis=0) / np.maximum(on.sum(axis=0), 1), 0.0)
    return np.asarray(away.sum(axis=1) / np.maximum(on.sum(axis=1), 1))


def _knots(span: float) -> Array:
    """Days of the knots, evenly spaced from the first to the last day."""
    count = int(np.clip(np.ceil(span / KNOT), 2, KNOTS)) + 1
    return np.linspace(0.0, max(span - 1, 1.0), count)
