r"""How much single orders differ in value, learned from daily revenue and orders.

Order values are taken to be log-normal with an unknown log-sd ``s``. The mean of a day's ``m`` orders is
then close to log-normal with the squared log-sd ``log(1 + (exp(s**2) - 1) / m)`` (Fenton–Wilkinson), so
every day with orders says something about ``s`` on the log scale, where one large order does not
drown the rest. ``s`` is not estimated but averaged over a grid by its likelihood and a prior, for
twenty orders do not show how heavy their tail is. Where single orders are known (a lead list), their
logs say it directly. The mean of ``N`` orders has the variance of log

    B = log(1 + (exp(HIDDEN * s**2) - 1) / N),

and lies below the true mean more often than above: the middle of the interval is moved up by B / 2.
``HIDDEN`` allows for what sums of heavy-tailed values hide from Fenton–Wilkinson.

Source: Fenton (1960), IRE Trans. Commun. Syst. 8. Measured coverage: docs/methods.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import require_columns

Array = npt.NDArray[np.float64]

#: The grid of log-sds of one order's value.
LOG_SDS = np.r_[0.05, np.arange(0.1, 2.35, 0.1)]
#: The prior: a normal around the usual log-sd.
USUAL, PRIOR_SD = 1.1, 0.5
HIDDEN = 1.08
#: Single orders from which they are believed instead of the days.
ENOUGH_SINGLE = 10.0


@dataclass(frozen=True)
class OrderNoise:
    """What the spread of order values adds to the variance of log(revenue), per channel.

    Attributes:
        mean: expected B, NaN without orders.
        spread: its variance over what is not known of ``s``.
    """

    mean: Array
    spread: Array


@dataclass(frozen=True)
class SingleOrders:
    """Single orders of each channel, as far as they are known.

    Attributes:
        number: (channels,), orders with a value above 0.
        squares: (channels,), sum of squared deviations of their logs from the channel's mean.
    """

    number: Array
    squares: Array


def single_orders(orders: pd.DataFrame, channels: Sequence[str]) -> SingleOrders:
    """What single orders say about the spread of their values.

    Args:
        orders: one row per order (or lead): channel, revenue; rows without a value above 0
            are left out.
        channels: the channels wanted, in order.

    Raises:
        InputError: a column is missing.
    """
    require_columns(orders, ("channel", "revenue"))
    sold = orders[orders["revenue"] > 0]
    logs = np.log(sold["revenue"].to_numpy(dtype="float64"))
    at = pd.Index([str(name) for name in channels]).get_indexer(sold["channel"].astype("str"))
    logs, at = logs[at >= 0], at[at >= 0]
    number = np.bincount(at, minlength=len(channels)).astype("float64")
    mean = np.bincount(at, weights=logs, minlength=len(channels)) / np.maximum(number, 1.0)
    squares = np.bincount(at, weights=(logs - mean[at]) ** 2, minlength=len(channels))
    return SingleOrders(number, np.asarray(squares, dtype="float64"))


def order_noise(revenue: Array, orders: Array, single: SingleOrders | None = None) -> OrderNoise:
    """The part of the variance of log(revenue) that comes from orders of different value.

    Args:
        revenue: (channels, days), NaN unknown.
        orders: same shape.
        single: the channels' single orders; used from ``ENOUGH_SINGLE`` on.
    """
    known = np.isfinite(revenue) & np.isfinite(orders) & (orders > 0)
    total = np.where(known, orders, 0.0).sum(axis=1)
    count = np.where(known, orders, 1.0)
    paid = known & (np.nan_to_num(revenue) > 0)
    value = np.log(np.maximum(np.where(paid, revenue, 1.0) / count, 1e-300))
    weight = np.empty((len(total), len(LOG_SDS)))
    for at, log_sd in enumerate(LOG_SDS):
        square = np.log1p(np.expm1(log_sd**2) / count)
        precision = np.where(paid, 1 / square, 0.0)
        level = value + square / 2
        whole = np.maximum(precision.sum(axis=1), 1e-12)
        middle = (precision * level).sum(axis=1) / whole
        misfit = np.where(paid, precision * (level - middle[:, None]) ** 2 + np.log(square), 0.0).sum(axis=1)
        weight[:, at] = -0.5 * (misfit + np.log(whole) + ((log_sd - USUAL) / PRIOR_SD) ** 2)
    hidden = np.full((len(total), 1), HIDDEN)
    if single is not None:
        direct = -0.5 * (
            single.squares[:, None] / LOG_SDS**2
            + np.maximum(single.number[:, None] - 1, 0.0) * np.log(LOG_SDS**2)
            + ((LOG_SDS - USUAL) / PRIOR_SD) ** 2
        )
        enough = (single.number >= ENOUGH_SINGLE)[:, None]
        weight, hidden = np.where(enough, direct, weight), np.where(enough, 1.0, hidden)
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        noise = np.log1p(np.expm1(hidden * LOG_SDS**2) / total[:, None])
    some = total > 0
    noise = np.where(some[:, None], noise, 0.0)
    mean = (weight * noise).sum(axis=1)
    spread = (weight * noise**2).sum(axis=1) - mean**2
    return OrderNoise(np.where(some, mean, np.nan), np.where(some, np.maximum(spread, 0.0), np.nan))
