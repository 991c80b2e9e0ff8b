r"""The delays longer than the history: parametric tails fitted to right-truncated delays.

A delay of ``X`` whole days seen in a cohort of age ``T`` has the likelihood
``(F(X + 1) - F(X)) / F(T + 1)``. Two shapes are fitted, Weibull and log-normal, each with a
weak prior (log shape ~ N(0, 0.5), log scale ~ N(log mean seen delay, 1)) that only matters
when the history is too short to tell a long delay from a truncated one. The share is the
average of both, weighted by their posterior height and prior odds of 3 to 1; the variance of
its log is the average of theirs (delta method) plus what they disagree.

Source: Kalbfleisch & Lawless (1989), JASA 84; Buckland, Burnham & Augustin (1997),
Biometrics 53 (averaging models).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

Array = npt.NDArray[np.float64]


def _weibull(days: Array, log_shape: float, log_scale: float) -> Array:
    with np.errstate(over="ignore"):
        exponent = (days / np.exp(log_scale)) ** np.exp(log_shape)
    return np.asarray(-np.expm1(-np.minimum(exponent, 700.0)))


def _lognormal(days: Array, log_shape: float, log_scale: float) -> Array:
    with np.errstate(divide="ignore"):
        return np.asarray(special.ndtr((np.log(days) - log_scale) * np.exp(log_shape)))


SHAPES: tuple[Callable[[Array, float, float], Array], ...] = (_weibull, _lognormal)
#: Prior odds of the shapes: of the two the log-normal is the rarer and the more daring.
ODDS = np.array([3.0, 1.0])


@dataclass(frozen=True)
class Fit:
    """One fitted delay.

    Attributes:
        shape: its distribution function of (days, log shape, log scale).
        point: (log shape, log scale in days).
        covariance: (2, 2), of both.
        weight: posterior weight among the shapes, 0..1.
    """

    shape: Callable[[Array, float, float], Array]
    point: Array
    covariance: Array
    weight: float

    def share(self, ages: npt.ArrayLike) -> Array:
        """Share of delays over by the end of day ``age``."""
        days = np.asarray(ages, dtype="float64") + 1
        return self.shape(days, float(self.point[0]), float(self.point[1]))

    def log_variance(self, age: float) -> float:
        """Variance of log share(age) by the delta method."""
        step, slopes, days = 1e-4, [], np.array([age + 1.0])
        for by in np.eye(2) * step:
            up, down = (self.shape(days, *(self.point + side)) for side in (by, -by))
            slopes.append(float(np.log(up[0] / down[0])) / (2 * step))
        slope = np.array(slopes)
        return float(slope @ self.covariance @ slope)


@dataclass(frozen=True)
class Tail:
    """The fitted delays together."""

    fits: tuple[Fit, ...]

    def share(self, ages: npt.ArrayLike) -> Array:
        """Share of delays over by the end of day ``age``; ages as an array."""
        return np.asarray(sum(fit.weight * fit.share(ages) for fit in self.fits))

    def log_variance(self, age: float) -> float:
        """Variance of log share(age), with what the shapes disagree."""
        at = np.array([age])
        middle = np.log(self.share(at)[0])
        parts = [
            fit.weight * (fit.log_variance(age) + (np.log(max(fit.share(at)[0], 1e-12)) - middle) ** 2)
            for fit in self.fits
            if fit.weight > 1e-6
        ]
        return float(sum(parts))


def fit_tail(table: Array) -> Tail:
    """Fit the delays.

    Args:
        table: customers (weights) by cohort age (rows) and delay (columns), in days.
    """
    age, delay = np.nonzero(table)
    weight = table[age, delay]
    centre = float(np.log((weight * (delay + 0.5)).sum() / weight.sum()))
    found = []
    for shape in SHAPES:
        loss = _loss(shape, age, delay, weight, centre)
        start = np.array([0.0, centre])
        best = optimize.minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3})
        point = np.asarray(best.x, dtype="float64")
        found.append((shape, point, float(best.fun), _covariance(loss, point)))
    least = min(height for _, _, height, _ in found)
    weights = ODDS * np.exp([least - height for _, _, height, _ in found])
    fits = zip(found, weights / weights.sum(), strict=True)
    return Tail(tuple(Fit(shape, point, cov, float(w)) for (shape, point, _, cov), w in fits))


def _loss(
    shape: Callable[[Array, float, float], Array],
    age: npt.NDArray[np.intp],
    delay: npt.NDArray[np.intp],
    weight: Array,
    centre: float,
) -> Callable[[Array], float]:
    """Minus the log posterior of (log shape, log scale)."""
    before = delay.astype("float64")
    after, reach = before + 1, age.astype("float64") + 1

    def loss(point: Array) -> float:
        a, b = float(point[0]), float(point[1])
        mass = shape(after, a, b) - shape(before, a, b)
        fit = np.log(np.maximum(mass, 1e-300)) - np.log(np.maximum(shape(reach, a, b), 1e-300))
        return float(-(weight @ fit) + 2 * a**2 + 0.5 * (b - centre) ** 2)

    return loss


def _covariance(loss: Callable[[Array], float], at: Array) -> Array:
    """Inverse of the curvature of ``loss``, by differences."""
    step = 1e-2
    axes: list[Array] = [np.array([step, 0.0]), np.array([0.0, step])]

    def bend(a: Array, b: Array) -> float:
        return loss(at + a + b) - loss(at + a - b) - loss(at - a + b) + loss(at - a - b)

    curvature = [[bend(a, b) / (4 * step**2) for b in axes] for a in axes]
    return np.asarray(np.linalg.pinv(np.array(curvature)), dtype="float64")
