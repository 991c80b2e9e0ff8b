"""What the next unit of money brings, along the spend of one channel: the points of its chart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from channelopt.plan.goods import goods
from channelopt.plan.messages import PlanError
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

#: Points of the curve, and how far beyond what is known it goes.
POINTS, BEYOND = 61, 1.6


def next_unit(
    curves: ResponseCurves, channel: str, policy: Policy | None = None, until: float | None = None
) -> pd.DataFrame:
    """Return of the next unit of money at rising spend.

    Args:
        curves: what spend brings.
        channel: which.
        policy: the interval.
        until: highest money per day; beyond what was ever spent when left out.

    Returns:
        spend (money per day), mroi, low, high (money per money), seen (whether such a spend was ever held).

    Raises:
        PlanError: ``plan.unknown_channels``; others as ``goods.goods``.
    """
    if channel not in curves.channels:
        raise PlanError("plan.unknown_channels", names=channel, known=", ".join(curves.channels))
    rules = policy or Policy()
    what = goods(curves, "revenue", 28, rules, None)
    at = curves.channels.index(channel)
    today = float(curves.today[channel])
    low, high = (float(curves.observed_range.loc[channel, end]) for end in ("low", "high"))
    top = until or max(BEYOND * max(high, today), 1.0)
    spend = np.linspace(max(top / 200, 1e-6), top, POINTS)
    grid = np.tile(curves.money_per_day(None), (POINTS, 1))
    grid[:, at] = spend
    drawn = what.marginal(grid)[..., at]
    tail = (1 - rules.interval) / 2
    ends = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return pd.DataFrame(
        {
            "spend": spend,
            "mroi": drawn.mean(axis=0),
            "low": ends[0],
            "high": ends[1],
            "seen": (spend >= low) & (spend <= high),
        }
    )
