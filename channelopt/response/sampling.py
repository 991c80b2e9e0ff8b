r"""Draws of a channel's unknowns: adaptive importance sampling around the mode.

A first set comes from a Student t around the mode with the Laplace covariance, a second one from a
Student t with the mean and covariance of the weighted first. Both are weighted together by the target
over the mixture of the two proposals, and resampled to equally weighted draws in random order.

Demand is not known either. Moving a channel's unknowns by theta lets demand answer: with g the change of
its gradient and Q its precision (the channel's own data included) the log likelihood regains
``g' Q^-1 g / 2``, at most what it lost.

Source: Cappé, Guillin, Marin & Robert (2004), JCGS 13 (population Monte Carlo); Veach & Guibas (1995)
(balance heuristic).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from channelopt.response.attributed import Fit, Problem, marginal
from channelopt.response.model import KEEP, ROI, adstock, shape_of

Array = npt.NDArray[np.float64]

#: Degrees of freedom of the proposals, and how much wider than Laplace the first is.
FREEDOM, WIDER = 6.0, 1.2
#: Weighted draws that the second proposal's covariance is held at Laplace's by.
HOLD = 30.0
#: Draws that are looked at together, for the processor's cache; largest exponent of a factor.
BLOCK, LARGEST = 64, 350.0


def draw_all(problem: Problem, fit: Fit, draws: int, rng: np.random.Generator) -> Array:
    """(draws, C, 5) of every channel's unknowns, independent given what the channels share."""
    at = problem.curvature(fit)
    covariance, without, _ = marginal(at)
    width = len(problem.panel.channels)
    u = np.empty((draws, width, 5))
    for c in range(width):
        target = _Target(problem, fit, c, without[c])
        u[:, c] = _sample(target, fit.u[c], covariance[c], draws, rng)
    return u


class _Target:
    """Log posterior of one channel's unknowns, demand averaged out."""

    def __init__(self, problem: Problem, fit: Fit, c: int, precision: Array) -> None:
        self.days, self.spend = problem.days, problem.relative[:, c]
        self.first = problem.first[c]
        self.counts = fit.counts[:, c]
        self.light = problem.panel.weight[:, c] / fit.repeat
        self.k = 1 / fit.dispersion[c]
        self.columns = problem.demand.columns
        self.base = problem.log_days + self.columns @ fit.weights + problem.offset[c]
        self.level = np.exp(np.minimum(self.base, LARGEST))
        self.told = self.light * self.counts
        self.answer = np.linalg.inv(precision)
        self.centre = fit.shared.centre
        self.precision = 1 / (fit.shared.spread**2 + fit.shared.centre_var)
        self.best, self.gradient = self._likelihood(fit.u[c][None])

    def _likelihood(self, u: Array) -> tuple[Array, Array]:
        """(S,) log likelihood and (q, S) its gradient by the weights of demand."""
        keep = 1 / (1 + np.exp(-u[:, KEEP]))
        stock = adstock(self.spend[:, None], self.days, keep, self.first)
        value, gradient = np.empty(len(u)), np.empty((self.columns.shape[1], len(u)))
        for begin in range(0, len(u), BLOCK):
            some = slice(begin, begin + BLOCK)
            value[some], gradient[:, some] = self._block(stock[:, some], u[some])
        return value, gradient

    def _block(self, stock: Array, u: Array) -> tuple[Array, Array]:
        """The same for a few, in place: with L the log mean, ``n L - (n + k) log(mu + k)``."""
        mean = shape_of(stock, u)
        value = self.told @ np.log(mean) + self.told @ self.base + self.told.sum() * u[:, ROI]
        mean *= self.level[:, None]
        mean *= np.exp(np.minimum(u[:, ROI], LARGEST))
        mean += self.k
        value -= (self.told + self.light * self.k) @ np.log(mean)
        score = np.divide(self.counts[:, None] + self.k, mean, out=mean)
        score -= 1.0
        score *= self.light[:, None] * self.k
        return value, self.columns.T @ score

    def __call__(self, u: Array) -> Array:
        """(S,) log density of (S, 5)."""
        value, gradient = self._likelihood(u)
        change = gradient - self.gradient
        regained = 0.5 * np.einsum("qs,qs->s", change, self.answer @ change)
        value = value + np.minimum(regained, np.maximum(self.best - value, 0.0))
        return value - 0.5 * ((u - self.centre) ** 2 * self.precision).sum(axis=1)


def _sample(target: _Target, mode: Array, covariance: Array, draws: int, rng: np.random.Generator) -> Array:
    """(draws, 5) equally weighted."""
    root = np.asarray(np.linalg.cholesky(covariance) * WIDER)
    first = _student(mode, root, draws, rng)
    height = target(first)
    weight = _weights(height - _density(first, mode, root))
    middle = np.asarray(weight @ first)
    spread = (weight[:, None] * (first - middle)).T @ (first - middle)
    worth = 1 / (weight**2).sum()
    blend = (worth * spread + HOLD * covariance) / (worth + HOLD)
    root2 = np.asarray(np.linalg.cholesky(blend) * WIDER)
    second = _student(middle, root2, draws, rng)
    every = np.concatenate([first, second])
    height = np.concatenate([height, target(second)])
    mixture = np.logaddexp(_density(every, mode, root), _density(every, middle, root2))
    weight = _weights(height - mixture)
    picked = np.searchsorted(np.cumsum(weight), (np.arange(draws) + rng.random()) / draws)
    rows = rng.permutation(np.minimum(picked, len(every) - 1))
    return every[rows]


def _student(centre: Array, root: Array, size: int, rng: np.random.Generator) -> Array:
    """(size, 5) of a Student t."""
    normal = rng.standard_normal((size, len(centre)))
    stretch = np.sqrt(rng.chisquare(FREEDOM, size) / FREEDOM)
    return np.asarray(centre + normal / stretch[:, None] @ root.T)


def _density(x: Array, centre: Array, root: Array) -> Array:
    """Log density of the Student t, up to what is the same for every root of one size."""
    z = np.linalg.solve(root, (x - centre).T)
    size = len(centre)
    return np.asarray(
        -0.5 * (FREEDOM + size) * np.log1p((z**2).sum(axis=0) / FREEDOM) - np.log(np.diag(root)).sum()
    )


def _weights(log: Array) -> Array:
    """Weights that add up to 1."""
    weight = np.exp(log - log.max())
    return np.asarray(weight / weight.sum())
