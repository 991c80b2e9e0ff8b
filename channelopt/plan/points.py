"""Response curves as points to draw, by channel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from channelopt.plan.goods import Goods
from channelopt.plan.planned import Plan
from channelopt.policy import Policy

POINTS = 33
#: How far beyond the largest spend seen or asked for a curve is drawn.
BEYOND = 1.25


def curve_points(what: Goods, spend: pd.Series, policy: Policy, points: int = POINTS) -> pd.DataFrame:
    """Points of every channel's curve, from no spend to beyond what was ever spent.

    Args:
        what: the curves in units of the objective.
        spend: channel → proposed money per day.
        policy: its interval is the band's.
        points: per channel, at least 2.

    Returns:
        channel, spend (money per day), outcome_low, outcome, outcome_high (objective per day).
    """
    names = list(what.curves.channels)
    seen = what.curves.observed_range["high"].reindex(names).fillna(0.0).to_numpy("float64")
    far = BEYOND * np.maximum(np.maximum(seen, what.today()), spend.reindex(names).to_numpy("float64"))
    grid = np.linspace(0.0, 1.0, points)[:, None] * np.maximum(far, 1e-9)
    drawn = what.drawn(grid)
    tail = (1 - policy.interval) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return pd.DataFrame(
        {
            "channel": np.repeat(names, points), "spend": grid.T.ravel(), "outcome_low": low.T.ravel(),
            "outcome": drawn.mean(axis=0).T.ravel(), "outcome_high": high.T.ravel(),
        }
    )  # fmt: skip


def marks(what: Goods, plan: Plan) -> pd.DataFrame:
    """Where each channel stands today and in the plan.

    Returns:
        channel, today, plan (money per day), outcome_today, outcome_plan (objective per day), mroi_today,
        mroi_plan (objective of the next unit of money), seen_low, seen_high (money per day ever held).
    """
    names = list(what.curves.channels)
    both = np.array([what.today(), plan.spend.reindex(names).to_numpy("float64")])
    outcome, slope = what.drawn(both).mean(axis=0), what.marginal(both).mean(axis=0)
    seen = what.curves.observed_range.reindex(names)
    return pd.DataFrame(
        {
            "channel": names, "today": both[0], "plan": both[1], "outcome_today": outcome[0],
            "outcome_plan": outcome[1], "mroi_today": slope[0], "mroi_plan": slope[1],
            "seen_low": seen["low"].to_numpy("float64"), "seen_high": seen["high"].to_numpy("float64"),
        }
    )  # fmt: skip
