r"""What is seen within the days of a plan: the ramp from today's spend, in the demand of those days.

After a change from x0 to x the adstock on day t = 1, 2, … is ``x + (x0 - x) keep^t``; the outcome of the
window is the sum over its days of ``demand_t * f(adstock_t)``. What the last days leave behind is not in it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from channelopt.plan.goods import Goods

Array = npt.NDArray[np.float64]


def window_draws(what: Goods, spend: Array, before: Array, demand: Array) -> Array:
    """Objective over the days of a window, by channel.

    Args:
        what: the curves; their season is not used.
        spend: (..., channels), money per day from the first day on.
        before: (channels,), money per day that was held until then.
        demand: (days,), one factor per day.

    Returns:
        (draws, ..., channels), before spend is taken off.
    """
    x = np.maximum(np.asarray(spend, dtype="float64"), 0.0)
    curves = what.curves
    shape = (curves.draws, *(1,) * (x.ndim - 1), len(curves.channels))
    top, keep = (curves.top * what.unit).reshape(shape), curves.keep.reshape(shape)
    half, slope = np.log(curves.half).reshape(shape), curves.slope.reshape(shape)
    total = np.zeros((curves.draws, *x.shape))
    left = np.ones(shape)
    for factor in demand:
        left = left * keep
        with np.errstate(divide="ignore", over="ignore"):
            adstock = np.log(np.maximum(x + (before - x) * left, 0.0))
            total += factor / (1 + np.exp(-slope * (adstock - half)))
    return np.asarray(top * total)
