r"""A return as three steps — leads per cost, orders per lead, value per order — two of which channels share.

``log roi = log(leads / cost) + log(orders / leads / M) + log(revenue / orders)``. What a lead costs is the
channel's own. How many leads buy and what an order is worth is often alike across channels, and that
is where a small channel's noise sits: both are measured per channel and then shrunk towards the
others as far as the data say they are alike (``measure/borrow.py``). The result is how far the middle
of log roi moves, and what its variance becomes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from channelopt.measure.borrow import borrow
from channelopt.measure.daynoise import day_noise
from channelopt.measure.economics import orders_behind
from channelopt.measure.grid import Grid
from channelopt.measure.ordervalues import SingleOrders, order_noise
from channelopt.measure.ratios import influence

Array = npt.NDArray[np.float64]

#: Orders from which a channel takes part.
LEAST_ORDERS = 5.0


@dataclass(frozen=True)
class Lent:
    """What the other channels change, per channel.

    Attributes:
        shift: added to the middle of log roi.
        saved: variance of log roi that is no longer the channel's own, at least 0.
    """

    shift: Array
    saved: Array


def lend(grid: Grid, share: Array, visible: Array | None, single: SingleOrders | None = None) -> Lent:
    """What channels lend each other.

    Args:
        grid: the daily rows by channel.
        share: (channels,), visible share of each channel's customers; 1 when delays are unknown.
        visible: (channels, days), the same per day; None when delays are unknown.
        single: the channels' single orders, where they are known.
    """
    revenue, cost = grid.pair("revenue", "cost")
    orders = np.where(np.isfinite(revenue), orders_behind(grid), np.nan)
    leads = np.where(np.isfinite(orders), grid.sums(grid.column("leads")), np.nan)
    bought, paid, asked = (np.nansum(side, axis=1) for side in (orders, revenue, leads))
    enough = (bought >= LEAST_ORDERS) & (paid > 0)
    shift, saved = np.zeros(len(bought)), np.zeros(len(bought))
    with np.errstate(divide="ignore", invalid="ignore"):
        values = order_noise(revenue, orders, single)
        worth = np.where(enough, np.log(paid / bought) + values.mean / 2, np.nan)
        found = borrow(worth, values.mean)
        _note(shift, saved, found.value - worth, values.mean - found.variance)
        conversions = _conversion_noise(orders, leads, cost, visible)
        rate = np.where(enough & (asked > bought), np.log(bought / asked / share), np.nan)
        found = borrow(rate, conversions)
        _note(shift, saved, found.value - rate, conversions - found.variance)
    return Lent(shift, saved)


def _conversion_noise(orders: Array, leads: Array, cost: Array, visible: Array | None) -> Array:
    """Variance of log(orders / leads) per channel: what the orders' noise exceeds the leads' by."""
    noise = []
    for counted, seen in ((orders, visible), (leads, None)):
        days = influence(counted, np.where(np.isfinite(counted), cost, np.nan), seen)
        number = np.where(days.known, counted, 0.0).sum(axis=1)
        noise.append(day_noise(days.days, days.shares, days.known, 1 / np.maximum(number, 1.0)).mean)
    number, asked = np.nansum(orders, axis=1), np.nansum(leads, axis=1)
    return np.maximum(noise[0] - noise[1], 1 / np.maximum(number, 1.0) - 1 / np.maximum(asked, 1.0))


def _note(shift: Array, saved: Array, moved: Array, less: Array) -> None:
    known = np.isfinite(moved) & np.isfinite(less)
    shift[known] += moved[known]
    saved[known] += np.maximum(less[known], 0.0)
