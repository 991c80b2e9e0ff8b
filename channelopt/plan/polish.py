r"""The last digits of a split: equal marginal returns by Newton's method on the draws themselves.

With g and h the mean first and second derivative of each channel that no limit holds, the step
``(m - g) / h`` with ``m = sum(g / h) / sum(1 / h)`` keeps the sum and makes the marginal returns equal.
Channels of a
group at its limit are a pool of their own.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from channelopt.plan.goods import Goods
from channelopt.plan.optimum import Region

Array = npt.NDArray[np.float64]

ROUNDS = 6
CLOSE = 1e-6


def polish(what: Goods, region: Region, spend: Array) -> Array:
    """The split with marginal returns made equal; never a worse one.

    Args:
        what: the curves.
        region: holds the split.
        spend: (channels,), money per day, near the optimum.
    """
    room = CLOSE * np.maximum(region.high - region.low, 1e-12)
    inside = (spend > region.low + room) & (spend < region.high - room)
    value = _worth(what, spend)
    for _ in range(ROUNDS):
        slope, bend = what.marginal(spend).mean(axis=0), what.bend(spend).mean(axis=0)
        tried = spend.copy()
        for pool in _pools(region, spend, inside & (bend < 0)):
            tried[pool] += _step(region, spend, pool, slope[pool], bend[pool])
        found = _worth(what, tried)
        if not found > value or not region.holds(tried):
            break
        spend, value = tried, found
    return spend


def _worth(what: Goods, spend: Array) -> float:
    return float(what.drawn(spend).sum(axis=-1).mean())


def _pools(region: Region, spend: Array, free: npt.NDArray[np.bool_]) -> list[npt.NDArray[np.int64]]:
    """Channels that exchange money with each other."""
    rest, pools = free.copy(), []
    for members, low, high in region.groups:
        total = float(spend[members].sum())
        close = CLOSE * max(total, 1e-12)
        if total <= low + close or total >= high - close:
            pools.append(members[free[members]])
            rest[members] = False
    pools.append(np.flatnonzero(rest))
    return [pool for pool in pools if len(pool) > 1]


def _step(region: Region, spend: Array, pool: npt.NDArray[np.int64], slope: Array, bend: Array) -> Array:
    """A Newton step that keeps the sum, shortened where a limit is in the way."""
    level = float((slope / bend).sum() / (1 / bend).sum())
    step = (level - slope) / bend
    room = np.where(step > 0, region.high[pool] - spend[pool], spend[pool] - region.low[pool])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nanmin(np.where(step != 0, 0.5 * room / np.abs(step), np.inf))
    return np.asarray(step * min(1.0, float(share)))
