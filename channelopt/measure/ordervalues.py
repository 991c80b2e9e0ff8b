r"""How much single orders differ in value, learned from daily revenue and orders.

Order values are taken to be log-normal with an unknown log-sd ``s``. The mean of a day's ``m`` orders is
then close to log-normal with the squared log-sd ``log(1 + (exp(s**2) - 1) / m)`` (Fenton–Wilkinson), so
every day with orders says something about ``s`` on the log scale, where one large order does not
drown the rest. ``s`` is not estimated but averaged over a grid by its likelihood and a prior, for
twenty orders do not show how heavy their tail is. The mean of ``N`` orders has the variance of log

    B = log(1 + (exp(HIDDEN * s**2) - 1) / N),

and lies below the true mean more often than above: the middle of the interval is moved up by B / 2.
``HIDDEN`` allows for what sums of heavy-tailed values hide from Fenton–Wilkinson.

Source: Fenton (1960), IRE Trans. Commun. Syst. 8. Measured coverage: docs/methods.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: The grid of log-sds of one order's value.
LOG_SDS = np.array([0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.3])
#: The prior: a normal around the usual log-sd.
USUAL, PRIOR_SD = 1.1, 0.5
HIDDEN = 1.08


@dataclass(frozen=True)
class OrderNoise:
    """What the spread of order values adds to the variance of log(revenue), per channel.

    Attributes:
        mean: expected B, NaN without orders.
        spread: its variance over what is not known of ``s``.
    """

    mean: Array
    spread: Array


def order_noise(revenue: Array, orders: Array) -> OrderNoise:
    """The part of the variance of log(revenue) that comes from orders of different value.

    Args:
        revenue: (channels, days), NaN unknown.
        orders: same shape.
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
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        noise = np.log1p(np.expm1(HIDDEN * LOG_SDS**2)[None, :] / total[:, None])
    some = total > 0
    noise = np.where(some[:, None], noise, 0.0)
    mean = (weight * noise).sum(axis=1)
    spread = (weight * noise**2).sum(axis=1) - mean**2
    return OrderNoise(np.where(some, mean, np.nan), np.where(some, np.maximum(spread, 0.0), np.nan))
