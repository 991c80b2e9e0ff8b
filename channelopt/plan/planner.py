"""The same wishes planned for many budgets: what goal seeking and the frontier are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from channelopt.plan.caution import cautious_move, reference_mix
from channelopt.plan.chances import share_for
from channelopt.plan.freebudget import whole_mean
from channelopt.plan.goods import Goods
from channelopt.plan.limits import Bounds, Limits, Wishes, limits
from channelopt.plan.meancurves import MeanCurves
from channelopt.plan.optimum import Region
from channelopt.plan.polish import polish
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]


def wishes_of(options: Any) -> Wishes:
    """The part of the options that limits are made of."""
    names = Wishes.__annotations__
    return cast(Wishes, {name: value for name, value in options.items() if name in names})


@dataclass(frozen=True)
class Planner:
    """Plans for any budget.

    Attributes:
        goods: the curves.
        bounds: as in ``allocate``.
        wishes: the other limits.
        policy: its confidence is the caution's (``chances.py``).
        caution: False goes all the way.
        mean: table of the mean curves that reaches far enough for most budgets.
    """

    goods: Goods
    bounds: Bounds | None
    wishes: Wishes
    policy: Policy
    caution: bool
    mean: MeanCurves

    def limits(self, daily: float) -> Limits:
        """Limits for a budget per day."""
        return limits(
            self.goods.curves.channels, self.goods.today(), daily, self.goods.days, self.bounds, self.wishes
        )

    def spend(self, daily: float) -> Array:
        """(channels,), money per day of the plan for a budget per day, not rounded.

        Raises:
            PlanError: the limits cannot hold it.
        """
        region = self.limits(daily).region
        reference = reference_mix(self.goods.today(), region, daily)
        careful = self.caution and self.goods.today().sum() > 0
        confidence = share_for(self.policy.confidence, self.goods.curves) if careful else 0.0
        far = (region.high > self.mean.reach).any()
        mean = whole_mean(self.goods, region.high) if far else self.mean
        spend = cautious_move(self.goods, mean, region, reference, confidence).spend
        return polish(self.goods, region, spend) if not careful else spend


def planner(
    goods: Goods, bounds: Bounds | None, policy: Policy, options: Any, most: float | None = None
) -> tuple[Planner, Region]:
    """A planner and the region that today's steps allow.

    Args:
        goods: the curves.
        bounds: as in ``allocate``.
        policy: thresholds.
        options: as in ``allocate``.
        most: largest budget per day that will be asked for; what today's steps allow when left out.
    """
    wishes = wishes_of(options)
    today = goods.today()
    region = limits(goods.curves.channels, today, None, goods.days, bounds, wishes).region
    daily = region.most() if most is None else most
    scaled = today * max(daily / today.sum(), 1.0) if today.sum() > 0 else today
    mean = whole_mean(
        goods, np.maximum(region.high * (scaled / np.where(today > 0, today, 1.0)), region.high)
    )
    return Planner(goods, bounds, wishes, policy, bool(options.get("caution", True)), mean), region
