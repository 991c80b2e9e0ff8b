r"""The delays longer than the history: two shapes averaged over all that right-truncated delays leave open.

A delay of ``X`` whole days seen in a cohort of age ``T`` has the likelihood
``(F(X + 1) - F(X)) / F(T + 1)``. What lies beyond the oldest cohort is a guess of shape, so no single
curve is fitted: Weibull and log-normal delays on a grid of medians (half a day to 200 days) and of
steepness are weighted by their likelihood and a weak prior (log median around ten days,
log steepness around that of delays in sales). The share of delays over by an age is the weighted mean,
and the variance of its log says how open the tail still is.

Source: Kalbfleisch & Lawless (1989), JASA 84 (truncated delays); Hoeting, Madigan, Raftery & Volinsky
(1999), Statistical Science 14 (averaging models).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

MEDIANS = np.exp(np.linspace(np.log(0.5), np.log(200.0), 49))
#: Weibull's shape, and one over the log-normal's log-sd.
STEEPNESS = np.exp(np.linspace(-1.0, 1.2, 15))
#: Prior of log median, of log steepness by shape (mean, sd), and the odds of a Weibull.
LOG_MEDIAN = (np.log(9.0), 0.85)
LOG_STEEPNESS = ((0.25, 0.2), (0.4, 0.2))
WEIBULL_ODDS = 6.0


@dataclass(frozen=True)
class Tail:
    """The delays as the grid weighs them.

    Attributes:
        reach: share of delays over by the end of each day, (grid, days).
        weight: (grid,), adds up to 1.
    """

    reach: Array
    weight: Array

    def share(self, ages: npt.ArrayLike) -> Array:
        """Share of delays over by the end of day ``age``; ages as an array of whole days."""
        at = np.minimum(np.asarray(ages, dtype="int64"), self.reach.shape[1] - 1)
        return np.asarray(self.weight @ self.reach[:, at])

    def log_variance(self, age: int) -> float:
        """Variance of log share(age) over what is left open."""
        level = np.log(np.maximum(self.reach[:, min(age, self.reach.shape[1] - 1)], 1e-12))
        mean = float(self.weight @ level)
        return float(self.weight @ (level - mean) ** 2)


def fit_tail(table: Array) -> Tail:
    """Weigh the delays.

    Args:
        table: customers (weights) by cohort age (rows) and delay (columns), in days, square.
    """
    mass, reach, prior = _grid(len(table))
    height = mass @ table.sum(axis=0) - np.log(reach) @ table.sum(axis=1) + prior
    weight = np.exp(height - height.max())
    return Tail(reach, weight / weight.sum())


@lru_cache(maxsize=8)
def _grid(days: int) -> tuple[Array, Array, Array]:
    """Log mass of each whole day of delay, share over by its end, and log prior; (grid, days)."""
    edge = np.arange(days + 1, dtype="float64")
    over, prior = [], []
    for kind, (middle, width) in enumerate(LOG_STEEPNESS):
        median, steep = (side.ravel()[:, None] for side in np.meshgrid(MEDIANS, STEEPNESS, indexing="ij"))
        if kind == 0:
            over.append(-np.expm1(-np.log(2.0) * (edge / median) ** steep))
        else:
            with np.errstate(divide="ignore"):
                over.append(special.ndtr(np.log(edge / median) * steep))
        odds = np.log(WEIBULL_ODDS) if kind == 0 else 0.0
        by_median = -0.5 * ((np.log(median[:, 0]) - LOG_MEDIAN[0]) / LOG_MEDIAN[1]) ** 2
        prior.append(odds + by_median - 0.5 * ((np.log(steep[:, 0]) - middle) / width) ** 2)
    whole = np.vstack(over)
    mass = np.log(np.maximum(np.diff(whole, axis=1), 1e-300))
    return mass, np.maximum(whole[:, 1:], 1e-300), np.concatenate(prior)
