r"""The model of one series of counts: level, adstock, Hill, organic share, demand.

For channel c in a period of n days, with a the mean adstock of the period and x0 the reference spend
(mean of days with spend),

.. math:: \log \mu = \log n + s + o + u_0 + \log\{(1 - b) H(a) / H(x_0) + b\},
    \quad H(a) = \operatorname{expit}(u_2' (\log a - \log x_0 - u_1)),

o turns the return at x0 (``exp(u_0)``, outcome per money) into counts per day, s is log demand. The five
unknowns of a channel are u = (log return at x0, log half / x0, log slope, logit keep, logit organic
share b). Counts are negative binomial: ``var = mu + mu**2 / k``; a weight below 1 stands for days that
repeat each other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter
from scipy.special import expit

Array = npt.NDArray[np.float64]

#: Names of the unknowns of a channel, in order.
UNKNOWNS = ("roi", "half", "slope", "keep", "organic")
ROI, HALF, SLOPE, KEEP, ORGANIC = range(5)
#: Adstock below this share of the reference spend counts as this.
NOTHING = 1e-9
STEP = 1e-4
#: Largest exponent.
FARTHEST = 500.0


def adstock(spend: Array, days: Array, keep: Array, first: Array) -> Array:
    """Mean adstock of each period.

    Within a period spend is even; with a the adstock at its end before, x the spend and m days,
    the mean is ``x + (a - x) keep (1 - keep**m) / (m (1 - keep))``.

    Args:
        spend: (P, ...) money per day.
        days: (P,) days of each period.
        keep: (...) retention per day, broadcasts against ``spend[0]``.
        first: adstock before the first period, broadcasts like ``keep``.

    Returns:
        (P, ...) with the broadcast shape.
    """
    shape = np.broadcast_shapes(spend.shape[1:], keep.shape)
    if spend.shape[1:] == shape == keep.shape and (days == 1).all():
        return _daily(spend, keep, first)
    out = np.empty((len(days), *shape))
    state = np.broadcast_to(first, shape).astype(float)
    if (days == 1).all():  # the mean of a day is its end
        np.multiply(spend, 1 - keep, out=out)
        for row in out:
            state *= keep
            state += row
            row[...] = state
        return out
    length, left, mean = -1.0, keep, keep
    for t, n in enumerate(days):
        if n != length:
            length, left = n, keep**n
            mean = keep if n == 1 else keep * (1 - left) / (n * (1 - keep))
        away = state - spend[t]
        np.multiply(away, mean, out=out[t])
        out[t] += spend[t]
        state = away
        state *= left
        state += spend[t]
    return out


def _daily(spend: Array, keep: Array, first: Array) -> Array:
    """The same for days, one channel at a time."""
    out = np.empty(spend.shape)
    for c, (share, start) in enumerate(zip(keep, np.broadcast_to(first, keep.shape), strict=True)):
        out[:, c], _ = lfilter([1 - share], [1, -share], spend[:, c], zi=[share * start])
    return out


def before(spend: Array, days: Array) -> Array:
    """Adstock before the first period: the mean spend of about the first week."""
    upto = int(np.searchsorted(np.cumsum(days), 7.0)) + 1
    weight = days[:upto, None]
    return np.asarray((spend[:upto] * weight).sum(axis=0) / weight.sum())


def shape_of(stock: Array, u: Array) -> Array:
    """``(1 - b) H(a) / H(x0) + b``.

    Args:
        stock: (P, ...) adstock relative to the reference spend.
        u: (..., 5).
    """
    slope = np.exp(u[..., SLOPE])
    share = expit(u[..., ORGANIC])
    half = u[..., HALF]
    top = 1.0 + np.exp(np.minimum(slope * half, FARTHEST))  # 1 / H(x0)
    level = np.asarray(np.log(np.maximum(stock, NOTHING)) - half)
    level *= -slope
    with np.errstate(over="ignore"):  # 1 / inf is 0
        np.exp(level, out=level)
    level += 1.0
    np.divide((1 - share) * top, level, out=level)
    level += share
    return level


def log_shape(stock: Array, u: Array) -> Array:
    """Log of ``shape_of``."""
    value = shape_of(stock, u)
    return np.log(value, out=value)


def log_shape_slopes(stock: Array, shifted: Array, u: Array) -> tuple[Array, Array]:
    """Value and its derivatives by the five unknowns; ``shifted`` is the adstock at keep + STEP.

    Returns:
        (P, ...) and (P, ..., 5).
    """
    slope, half = np.exp(u[..., SLOPE]), u[..., HALF]
    share = expit(u[..., ORGANIC])
    away = np.log(np.maximum(stock, NOTHING)) - half
    level = expit(slope * away)
    rise = np.exp(np.minimum(slope * half, FARTHEST))
    media = (1 - share) * (1.0 + rise) * level
    whole = media + share
    value = np.log(whole)
    slopes = np.empty((*value.shape, 5))
    slopes[..., ROI] = 1.0
    known = slope * rise / (1.0 + rise)  # d log(1 / H(x0)) / d half
    slopes[..., HALF] = media * (known - slope * (1 - level)) / whole
    slopes[..., SLOPE] = media * (known * half + slope * away * (1 - level)) / whole
    slopes[..., ORGANIC] = share * (1 - share - media) / whole
    slopes[..., KEEP] = (log_shape(shifted, u) - value) / STEP
    return value, slopes


def log_likelihood(counts: Array, log_mean: Array, k: Array) -> Array:
    """Negative binomial log likelihood of each count, without what does not depend on the mean."""
    return counts * log_mean - (counts + k) * np.log(np.exp(log_mean) + k)
