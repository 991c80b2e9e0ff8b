r"""Intervals for counts and shares: exact ones, and shorter ones that cover as stated on average.

An exact interval never covers too little, hence far too often at a handful of events. Jeffreys'
covers the nominal share on average over true values. With 0 events it is replaced by the exact
one-sided bound, ``-log(1 - level)`` events at most.

Source: Garwood (1936), Biometrika 28; Clopper & Pearson (1934), Biometrika 26; Brown, Cai & DasGupta
(2001), Statistical Science 16, and (2003), Statistica Sinica 13 (Jeffreys).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]


def poisson_interval(events: npt.ArrayLike, level: float = 0.9) -> tuple[Array, Array]:
    """Exact (Garwood) interval for the mean of a Poisson count.

    Args:
        events: counts, any shape, fractions allowed.
        level: nominal coverage.

    Returns:
        Low (0 at zero events) and high, in events.
    """
    k = np.asarray(events, dtype="float64")
    tail = (1 - level) / 2
    low = np.where(k > 0, special.gammaincinv(np.where(k > 0, k, 1.0), tail), 0.0)
    return low, special.gammaincinv(k + 1, 1 - tail)


def proportion_interval(
    events: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.9
) -> tuple[Array, Array]:
    """Exact (Clopper-Pearson) interval for a share.

    Args:
        events: successes, any shape.
        trials: tries, same shape, at least ``events``.
        level: nominal coverage.

    Returns:
        Low and high, in 0..1; NaN without trials.
    """
    k, n = np.asarray(events, dtype="float64"), np.asarray(trials, dtype="float64")
    tail = (1 - level) / 2
    usable = (n > 0) & (k >= 0) & (k <= n)
    a, rest = np.where(usable, k, 0.0), np.where(usable, n - k, 1.0)
    low = np.where(a > 0, special.betaincinv(np.where(a > 0, a, 1.0), rest + 1, tail), 0.0)
    high = np.where(rest > 0, special.betaincinv(a + 1, np.where(rest > 0, rest, 1.0), 1 - tail), 1.0)
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)


def jeffreys_count(events: npt.ArrayLike, level: float = 0.9) -> tuple[Array, Array]:
    """Jeffreys interval for the mean of a Poisson count; at 0 events 0 and ``-log(1 - level)``.

    Args:
        events: counts, any shape, fractions allowed.
        level: nominal coverage.
    """
    k = np.asarray(events, dtype="float64")
    tail = (1 - level) / 2
    low = np.where(k > 0, special.gammaincinv(k + 0.5, tail), 0.0)
    return low, np.where(k > 0, special.gammaincinv(k + 0.5, 1 - tail), -np.log1p(-level))


def jeffreys_share(events: npt.ArrayLike, trials: npt.ArrayLike, level: float = 0.9) -> tuple[Array, Array]:
    """Jeffreys interval for a share; one-sided and exact where no or every trial succeeded.

    Args:
        events: successes, any shape.
        trials: tries, same shape, at least ``events``.
        level: nominal coverage.

    Returns:
        Low and high, in 0..1; NaN without trials.
    """
    k, n = np.asarray(events, dtype="float64"), np.asarray(trials, dtype="float64")
    tail = (1 - level) / 2
    usable = (n > 0) & (k >= 0) & (k <= n)
    a, rest = np.where(usable, k, 0.0), np.where(usable, n - k, 1.0)
    size = np.where(usable, n, 1.0)
    low = np.where(rest > 0, special.betaincinv(a + 0.5, rest + 0.5, tail), (1 - level) ** (1 / size))
    high = np.where(a > 0, special.betaincinv(a + 0.5, rest + 0.5, 1 - tail), 1 - (1 - level) ** (1 / size))
    low, high = np.where(a > 0, low, 0.0), np.where(rest > 0, high, 1.0)
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)
