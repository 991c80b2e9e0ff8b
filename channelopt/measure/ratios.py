r"""Intervals for a ratio of sums over days: the days are the sample, counts set a floor.

For one channel with daily numerators ``x`` and denominators ``y`` the ratio is
``R = sum(x) / sum(y)``, never a mean of daily ratios. On the log scale its variance is the
jackknife form of the delta method over days,

    v = (n - 1) / n * sum((e / (1 - y / sum(y)))**2) / sum(x)**2,   e = x - R * y,

times an inflation for days that resemble their neighbours. With ``r`` the lag-1
autocorrelation of ``e``, corrected for its small-sample bias and kept in 0..0.6,

    inflation = max(1 + 4 r, (1 + r) / (1 - r)).

The second form is the long-run variance of an AR(1) series; the first that of an AR(1)
series of decay 0.5 hidden under white counting noise, whose lag-1 value understates it.
A count has few events on few days, where one day's share of ``y`` can be near 1; for ratios
of a count the share is taken as 1 / n. ``v`` is never below what the counts alone imply
(1 / events for a Poisson count, (1 + cv**2) / orders for a sum of order values), and the
interval is
``R * exp(+-t * sqrt(v))`` with Student's t on ``min(n / inflation, events) - 1`` degrees of
freedom. Below ``FEW`` events the exact interval of the count takes over (Garwood for an
amount per event, Clopper-Pearson for a rate), applied to events / dispersion when days
vary more than counts do.

Source: Deng, Knoblich & Lu (2018), arXiv 1803.06336 (delta method for ratios); Miller (1974),
Biometrika 61 (jackknife); Kendall (1954), Biometrika 41 (bias of r); Garwood (1936),
Biometrika 28; Clopper & Pearson (1934), Biometrika 26. Measured coverage: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Array = npt.NDArray[np.float64]
CountSide = Literal["numerator", "denominator", "none"]

#: Below this many events the exact interval of the count is used.
FEW = 10.0
#: Largest autocorrelation believed; more cannot be told from a trend in a few weeks.
MAX_AUTOCORRELATION = 0.6
#: Order values are taken to vary at least like a log-normal of log-sd 1 until this many
#: days with orders say otherwise.
PRIOR_DAYS = 20.0
PRIOR_CV2 = float(np.e - 1)


@dataclass(frozen=True)
class Ratios:
    """Ratios of sums with their intervals; every array has one entry per channel.

    Attributes:
        value: sum / sum; NaN when the denominator is 0 or nothing is known.
        low: lower end; with 0 events in the denominator the "at least" bound.
        high: upper end; NaN when it is unbounded or unknown.
        log_var: variance of log(value); NaN below two days.
        df: degrees of freedom of ``log_var``.
        days: days on which both sides are known and not both 0.
        top: sum of the numerator over those days.
        bottom: sum of the denominator over those days.
    """

    value: Array
    low: Array
    high: Array
    log_var: Array
    df: Array
    days: Array
    top: Array
    bottom: Array


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


def autocorrelation(residuals: Array, known: npt.NDArray[np.bool_], days: Array) -> Array:
    """Lag-1 autocorrelation per channel, corrected for small samples, in 0..0.6.

    Args:
        residuals: (channels, calendar days), 0 where unknown.
        known: same shape.
        days: (channels,), the days known.
    """
    pairs = known[:, 1:] & known[:, :-1]
    product = np.where(pairs, residuals[:, 1:] * residuals[:, :-1], 0.0).sum(axis=1)
    square = (residuals**2).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where(square > 0, product / square, 0.0)
        unbiased = np.where(days > 7, (days * raw + 1) / (days - 4), raw)
    return np.clip(unbiased, 0.0, MAX_AUTOCORRELATION)


def inflation(r: Array) -> Array:
    """Variance inflation of a sum of days with lag-1 autocorrelation ``r``."""
    return np.maximum(1 + 4 * r, (1 + r) / (1 - r))


def order_noise(revenue: Array, customers: Array) -> Array:
    """Variance of log(revenue) that the number and the spread of orders imply.

    Args:
        revenue: (channels, days), NaN unknown.
        customers: same shape.

    Returns:
        (1 + cv**2) / orders per channel; NaN without orders. The cv**2 of one order comes
        from the days' revenue given their orders, pulled towards a log-normal of log-sd 1.
    """
    known = np.isfinite(revenue) & np.isfinite(customers) & (customers > 0)
    money, orders = np.where(known, revenue, 0.0), np.where(known, customers, 0.0)
    total, days = orders.sum(axis=1), known.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = money.sum(axis=1) / total
        square = np.where(known, (money - orders * mean[:, None]) ** 2 / np.where(known, orders, 1.0), 0.0)
        cv2 = square.sum(axis=1) / np.maximum(days - 1, 1) / mean**2
        pulled = (np.where(np.isfinite(cv2), days * cv2, 0.0) + PRIOR_DAYS * PRIOR_CV2) / (
            np.where(np.isfinite(cv2), days, 0.0) + PRIOR_DAYS
        )
        return np.where(total > 0, (1 + pulled) / total, np.nan)


def ratio_of_sums(
    top: Array,
    bottom: Array,
    *,
    level: float = 0.9,
    count: CountSide = "none",
    floor: Array | None = None,
    events: Array | None = None,
) -> Ratios:
    """Ratio of sums over days with its interval, for many channels at once.

    Args:
        top: (channels, calendar days in order), NaN unknown.
        bottom: same shape.
        level: nominal coverage.
        count: which side counts events; sets the Poisson floor and the exact interval.
        floor: (channels,), least variance of log(value) beside that, NaN none.
        events: (channels,), events behind the ratio when neither side counts them (orders
            behind revenue); they limit the degrees of freedom. NaN unknown.

    Returns:
        Ratios, one entry per channel.
    """
    known = np.isfinite(top) & np.isfinite(bottom) & ((top != 0) | (bottom != 0))
    x, y = np.where(known, top, 0.0), np.where(known, bottom, 0.0)
    sum_x, sum_y, days = x.sum(axis=1), y.sum(axis=1), known.sum(axis=1).astype("float64")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = np.where(sum_y > 0, sum_x / sum_y, np.nan)
        value = np.where(np.isfinite(value), value, np.nan)
        log_var, effective = _day_noise(x, y, known, value, leverage=count == "none")
    seen = {"numerator": sum_x, "denominator": sum_y}.get(count)
    least = np.full_like(value, np.nan) if floor is None else floor
    with np.errstate(divide="ignore", invalid="ignore"):
        if seen is not None:
            least = np.fmax(least, np.where(seen > 0, 1 / seen, np.nan))
        behind = seen if seen is not None else events
        freedom = effective if behind is None else np.fmin(effective, behind)
    log_var = np.where(np.isfinite(log_var), np.fmax(log_var, least), np.nan)
    df = np.maximum(freedom - 1, 2.0)
    low, high = spread(value, log_var, df, level)
    if seen is not None:
        low, high = _exact_when_few(count, sum_x, sum_y, low, high, log_var, level)
    if count == "numerator":
        high = np.where(value <= 1, np.fmin(high, 1.0), high)
    return Ratios(value, low, high, log_var, df, days, sum_x, sum_y)


def spread(value: Array, log_var: Array, df: Array, level: float) -> tuple[Array, Array]:
    """The interval value * exp(+-t * sqrt(log_var)); NaN where value is not above 0."""
    t = stats.t.ppf((1 + level) / 2, df)
    with np.errstate(invalid="ignore", over="ignore"):
        reach = np.exp(np.minimum(t * np.sqrt(log_var), 700.0))
        usable = np.isfinite(value) & (value > 0)
        return np.where(usable, value / reach, np.nan), np.where(usable, value * reach, np.nan)


def _day_noise(
    x: Array, y: Array, known: npt.NDArray[np.bool_], value: Array, *, leverage: bool
) -> tuple[Array, Array]:
    """Variance of log(value) from the days, and the effective number of days."""
    days = known.sum(axis=1)
    sum_x, sum_y = x.sum(axis=1), y.sum(axis=1)
    left = 1 - y / np.where(sum_y > 0, sum_y, 1.0)[:, None]
    residual = np.where(known, x - value[:, None] * y, 0.0)
    residual = np.where(np.isfinite(residual), residual, 0.0)
    pulled = residual / np.maximum(left, 0.05) if leverage else residual * (days / (days - 1))[:, None]
    more = inflation(autocorrelation(residual, known, days.astype("float64")))
    variance = (days - 1) / days * (pulled**2).sum(axis=1) / sum_x**2 * more
    return np.where((days >= 2) & (sum_x > 0), variance, np.nan), days / more


def _exact_when_few(
    count: CountSide, top: Array, bottom: Array, low: Array, high: Array, log_var: Array, level: float
) -> tuple[Array, Array]:
    events = top if count == "numerator" else bottom
    few = (events < FEW) & (events >= 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        dispersion = np.maximum(np.where(np.isfinite(log_var), log_var * events, 1.0), 1.0)
        effective = np.where(few, events / dispersion, 0.0)
        least, most = (np.asarray(end) * dispersion for end in poisson_interval(effective, level))
        if count == "denominator":
            usable = few & (top > 0)
            low = np.where(usable, top / most, low)
            bound = top / least
            return low, np.where(usable, np.where(np.isfinite(bound), bound, np.nan), high)
        usable = few & (bottom > 0)
        share = usable & (top <= bottom)
        cp_low, cp_high = proportion_interval(effective, np.where(share, bottom / dispersion, 0.0), level)
        low = np.where(usable, np.where(share, cp_low, least / bottom), low)
        return low, np.where(usable, np.where(share, cp_high, most / bottom), high)
