r"""Intervals for a ratio of sums over days: the days are the sample, counts set a floor.

For one channel with daily numerators ``x`` and denominators ``y`` the ratio is
``R = sum(x) / sum(y)``, never a mean of daily ratios. The variance of log R is that of the sum of
the days' influences (``daynoise.py``), with a floor from counting: 1 / events where one side counts
events; for revenue that of its orders, to which the spread of order values is added
(``ordervalues.py``). The interval is ``R * exp(shift +- t * scale)``, ``shift`` being half of what order
values add, 0 elsewhere. Below ``FEW`` events Jeffreys' interval of the count takes over, applied to
events / dispersion where days vary more than counts do.

Source: Deng, Knoblich & Lu (2018), arXiv 1803.06336 (delta method for ratios over days), and those of the
modules named. Measured coverage: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from channelopt.measure.counts import jeffreys_count, jeffreys_share
from channelopt.measure.daynoise import DayNoise, day_noise
from channelopt.measure.ordervalues import SingleOrders, order_noise

Array = npt.NDArray[np.float64]
CountSide = Literal["numerator", "denominator", "none"]

#: Below this many events the interval of the count is used.
FEW = 20.0
#: Floor, as a share of one day's weight, where nothing says how much counting alone implies.
_NO_FLOOR = 1e-6


@dataclass(frozen=True)
class Ratios:
    """Ratios of sums with their intervals; every array has one entry per channel.

    Attributes:
        value: sum / sum; NaN when the denominator is 0 or nothing is known.
        low: lower end; with 0 events in the denominator the "at least" bound.
        high: upper end; NaN when it is unbounded or unknown.
        log_var: squared scale of the Student's t of log(value); NaN without events.
        df: its degrees of freedom.
        shift: middle of the t minus log(value).
        days: days on which both sides are known and not both 0.
        top: sum of the numerator over those days.
        bottom: sum of the denominator over those days.
    """

    value: Array
    low: Array
    high: Array
    log_var: Array
    df: Array
    shift: Array
    days: Array
    top: Array
    bottom: Array


@dataclass(frozen=True)
class Influence:
    """What each day does to log(ratio): (channels, calendar days), 0 where unknown.

    Attributes:
        days: influence of each day.
        shares: each day's share of the side that is not random, or of both.
        known: where both sides are known and not both 0.
    """

    days: Array
    shares: Array
    known: npt.NDArray[np.bool_]


def influence(top: Array, bottom: Array, visible: Array | None = None) -> Influence:
    """The days' influence on the log of sum(top) / sum(bottom).

    Args:
        top: (channels, calendar days), NaN unknown.
        bottom: same shape.
        visible: same shape, share of the numerator that can be seen yet; 1 when left out.
    """
    known = np.isfinite(top) & np.isfinite(bottom) & ((top != 0) | (bottom != 0))
    x, y = np.where(known, top, 0.0), np.where(known, bottom, 0.0)
    if visible is not None:
        y = y * visible
    sum_x, sum_y = x.sum(axis=1, keepdims=True), y.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        part_x, part_y = x / sum_x, y / sum_y
    part_x, part_y = np.where(np.isfinite(part_x), part_x, 0.0), np.where(np.isfinite(part_y), part_y, 0.0)
    return Influence(part_x - part_y, (part_x + part_y) / 2, known)


def ratio_of_sums(
    top: Array,
    bottom: Array,
    *,
    level: float = 0.9,
    count: CountSide = "none",
    orders: Array | None = None,
    visible: Array | None = None,
    single: SingleOrders | None = None,
) -> Ratios:
    """Ratio of sums over days with its interval, for many channels at once.

    Args:
        top: (channels, calendar days in order), NaN unknown.
        bottom: same shape.
        level: nominal coverage.
        count: which side counts events; sets the floor and the interval for few.
        orders: (channels, days), the orders whose values the numerator sums, NaN unknown;
            only with count "none".
        visible: (channels, days), share of a day's numerator that can be seen yet; without it
            recent days would look like bad ones and make the noise large. The value stays
            the ratio as seen.
        single: the orders behind ``orders`` one by one, where they are known.

    Returns:
        Ratios, one entry per channel.
    """
    seen = influence(top, bottom, visible)
    x, y = np.where(seen.known, top, 0.0), np.where(seen.known, bottom, 0.0)
    sum_x, sum_y, days = x.sum(axis=1), y.sum(axis=1), seen.known.sum(axis=1).astype("float64")
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = np.where(sum_y > 0, sum_x / sum_y, np.nan)
        value = np.where(np.isfinite(value), value, np.nan)
    shift = np.zeros(len(value))
    if count == "none":
        noise, shift = _money_noise(seen, top, bottom, orders, visible, single)
    else:
        events = sum_x if count == "numerator" else sum_y
        noise = day_noise(seen.days, seen.shares, seen.known, _floor(events))
    scale, df = noise.as_t()
    scale = np.where(value > 0, scale, np.nan)
    low, high = spread(value, scale, df, level, shift)
    if count != "none":
        low, high = _when_few(count, sum_x, sum_y, low, high, noise, level)
    if count == "numerator":
        high = np.where(value <= 1, np.fmin(high, 1.0), high)
    return Ratios(value, low, high, scale, df, shift, days, sum_x, sum_y)


def spread(
    value: Array, log_var: Array, df: Array, level: float, shift: Array | float = 0.0
) -> tuple[Array, Array]:
    """The interval value * exp(shift +- t * sqrt(log_var)), value inside; NaN where value is not above 0."""
    t = stats.t.ppf((1 + level) / 2, df)
    with np.errstate(invalid="ignore", over="ignore"):
        reach = np.minimum(t * np.sqrt(log_var), 600.0)
        usable = np.isfinite(value) & (value > 0)
        low = value * np.exp(np.minimum(shift - reach, 0.0))
        high = value * np.exp(np.minimum(shift + reach, 700.0))
        high = np.where(np.isfinite(high), high, np.nan)
        return np.where(usable, low, np.nan), np.where(usable, high, np.nan)


def _floor(events: Array) -> Array:
    """1 / events; where none was seen, that of one, so that the days' prior still speaks."""
    return 1 / np.maximum(events, 1.0)


def _money_noise(
    seen: Influence,
    top: Array,
    bottom: Array,
    orders: Array | None,
    visible: Array | None,
    single: SingleOrders | None,
) -> tuple[DayNoise, Array]:
    """Noise of a sum of money: of the orders behind it and their values, or of its days alone."""
    alone = _NO_FLOOR * (seen.shares**2).sum(axis=1)
    noise = day_noise(seen.days, seen.shares, seen.known, np.where(alone > 0, alone, np.nan))
    shift = np.zeros(len(alone))
    if orders is None or not np.isfinite(orders).any():
        return noise, shift
    counted = influence(np.where(np.isfinite(top), orders, np.nan), bottom, visible)
    number = np.where(counted.known, orders, 0.0).sum(axis=1)
    of_orders = day_noise(counted.days, counted.shares, counted.known, _floor(number))
    values = order_noise(top, orders, single)
    both = of_orders.with_more(values.mean, values.spread)
    known = (number > 0) & np.isfinite(both.mean)
    chosen = DayNoise(np.where(known, both.mean, noise.mean), np.where(known, both.spread, noise.spread))
    return chosen, np.where(known, values.mean / 2, 0.0)


def _when_few(
    count: CountSide, top: Array, bottom: Array, low: Array, high: Array, noise: DayNoise, level: float
) -> tuple[Array, Array]:
    events = top if count == "numerator" else bottom
    few = (events < FEW) & (events >= 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        dispersion = np.maximum(np.where(np.isfinite(noise.mean), noise.mean / _floor(events), 1.0), 1.0)
        effective = np.where(few, events / dispersion, 0.0)
        least, most = (np.asarray(end) * dispersion for end in jeffreys_count(effective, level))
        if count == "denominator":
            usable = few & (top > 0)
            low = np.where(usable, top / most, low)
            bound = top / least
            return low, np.where(usable, np.where(np.isfinite(bound), bound, np.nan), high)
        usable = few & (bottom > 0)
        share = usable & (top <= bottom)
        part_low, part_high = jeffreys_share(effective, np.where(share, bottom / dispersion, 0.0), level)
        low = np.where(usable, np.where(share, part_low, least / bottom), low)
        return low, np.where(usable, np.where(share, part_high, most / bottom), high)
