"""The mean curve of each channel over all draws, as a table that answers in microseconds.

A plan maximises the mean over the posterior draws, so each channel's curve is averaged first. The average is
tabulated with its slope at ``x_k = reach * (k / K)^2`` (dense near 0, where curves bend) and read
off by cubic Hermite interpolation; the first piece is straight, for a curve with slope < 1 is infinitely
steep at 0 and would ask for crumbs of money. Draws fall into folds (draw number modulo their number), so
that a split found on some draws can be judged by the others.

Source: Hermite interpolation; averaging the curve before optimising is what Bayes' rule asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from channelopt.plan.goods import Goods

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

POINTS = 257
FOLDS = 4


@dataclass(frozen=True)
class MeanCurves:
    """Tabulated mean curves.

    Attributes:
        reach: (channels,), largest money per day in the table; above 0.
        values: (channels, points), objective per day.
        slopes: (channels, points), objective per unit of money.
    """

    reach: Array
    values: Array
    slopes: Array

    def value(self, spend: Array) -> Array:
        """Objective per day, (channels, points) → the same shape."""
        k, t, step = self._place(spend)
        rows = np.arange(len(self.reach))[:, None]
        low, high = self.values[rows, k], self.values[rows, k + 1]
        left, right = self._ends(rows, k, step, high - low)
        bend = t * (1 - t) * ((1 - t) * (left - (high - low)) + t * ((high - low) - right))
        return np.asarray(low + t * (high - low) + bend)

    def slope(self, spend: Array) -> Array:
        """Objective of the next unit of money, (channels, points) → the same shape."""
        k, t, step = self._place(spend)
        rows = np.arange(len(self.reach))[:, None]
        rise = self.values[rows, k + 1] - self.values[rows, k]
        left, right = self._ends(rows, k, step, rise)
        a, b = left - rise, rise - right
        return np.asarray((rise + (1 - 2 * t) * ((1 - t) * a + t * b) + t * (1 - t) * (b - a)) / step)

    def _ends(self, rows: Ints, k: Ints, step: Array, rise: Array) -> tuple[Array, Array]:
        """Slopes at both ends of an interval, times its width."""
        left, right = self.slopes[rows, k] * step, self.slopes[rows, k + 1] * step
        return np.where(k == 0, rise, left), np.where(k == 0, rise, right)

    def _place(self, spend: Array) -> tuple[Ints, Array, Array]:
        """Interval, place in it from 0 to 1, and its width."""
        last = self.values.shape[1] - 1
        u = np.sqrt(np.clip(spend / self.reach[:, None], 0.0, 1.0)) * last
        k = np.minimum(u.astype("int64"), last - 1)
        start = (k / last) ** 2 * self.reach[:, None]
        step = ((k + 1) / last) ** 2 * self.reach[:, None] - start
        return k, np.clip((spend - start) / step, 0.0, 1.0), step


def mean_curves(goods: Goods, reach: npt.ArrayLike, folds: int = 1) -> list[MeanCurves]:
    """One table per fold of the draws.

    Args:
        goods: the curves.
        reach: (channels,), largest money per day that may be asked for.
        folds: at most the number of draws.
    """
    top, half, slope = goods.top, goods.curves.half, goods.curves.slope
    far = np.maximum(np.asarray(reach, dtype="float64"), 1e-9)
    grid = (np.arange(POINTS) / (POINTS - 1)) ** 2
    values = np.zeros((folds, len(far), POINTS))
    slopes = np.zeros((folds, len(far), POINTS))
    for c in range(len(far)):
        x = grid[1:] * far[c]
        with np.errstate(over="ignore"):
            below = np.exp(-slope[:, c, None] * (np.log(x) - np.log(half[:, c, None])))
        level = 1 / (1 + below)
        value = top[:, c, None] * level
        rise = value * (1 - level) * (slope[:, c, None] / x)
        for k in range(folds):
            values[k, c, 1:] = value[k::folds].mean(axis=0)
            slopes[k, c, 1:] = rise[k::folds].mean(axis=0)
            slopes[k, c, 0] = values[k, c, 1] / x[0]
    return [MeanCurves(far, values[k], slopes[k]) for k in range(folds)]


def together(parts: Sequence[MeanCurves], sizes: Sequence[int]) -> MeanCurves:
    """The mean over several folds, each with its number of draws."""
    weights = np.asarray(sizes, dtype="float64") / sum(sizes)
    values = sum(w * p.values for w, p in zip(weights, parts, strict=True))
    slopes = sum(w * p.slopes for w, p in zip(weights, parts, strict=True))
    return MeanCurves(parts[0].reach, np.asarray(values), np.asarray(slopes))
