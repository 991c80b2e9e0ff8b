"""How much money: the largest budget whose best split still meets a target return.

With R(B) the revenue per day of the best split of B money per day, a target return asks for
``R(B) / B >= target_roi`` and a target on the last unit for ``dR / dB >= target_mroi``. Budgets from the
least to the most the limits allow are tried from the top; the first that meets the target is sharpened by
bisection.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from channelopt.errors import Finding
from channelopt.plan.goods import Goods
from channelopt.plan.meancurves import MeanCurves, mean_curves, together
from channelopt.plan.messages import PlanError
from channelopt.plan.optimum import Region, best_split
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]

TRIED = 33
SHARPEN = 24


def whole_mean(what: Goods, reach: Array) -> MeanCurves:
    """The mean of all draws, as one table."""
    return together(mean_curves(what, reach), [1])


def targets(
    what: Goods, target_roi: float | None, target_mroi: float | None, policy: Policy
) -> tuple[float | None, float | None]:
    """The targets in force: the policy's when none is given.

    Raises:
        PlanError: ``plan.needs_budget`` when money per unit is not known and so no target can be checked.
    """
    if not np.isfinite(what.money).all():
        raise PlanError("plan.needs_budget", objective=what.objective)
    if target_roi is not None or target_mroi is not None:
        return target_roi, target_mroi
    if what.net:
        return None, float(np.mean(what.money))
    return None, policy.roi_floor


def free_budget(
    what: Goods, region: Region, target_roi: float | None, target_mroi: float | None, policy: Policy
) -> tuple[float, tuple[Finding, ...]]:
    """Money per day, and what stood in the way.

    Args:
        what: the curves.
        region: where splits may lie.
        target_roi: revenue / spend of the whole.
        target_mroi: revenue of the last unit of money.
        policy: its floor counts when no target is given.

    Raises:
        PlanError: ``plan.needs_budget``.
    """
    roi, mroi = targets(what, target_roi, target_mroi, policy)
    mean = whole_mean(what, region.high)
    least, most = region.least(), region.most()
    step = max(most - least, 1e-9) * 1e-3

    def revenue(daily: float) -> float:
        spend = best_split(mean, region, daily).spend
        return float((what.drawn(spend) * what.money).sum(axis=-1).mean())

    def good(daily: float) -> bool:
        enough = roi is None or daily <= 0 or revenue(daily) >= roi * daily
        if mroi is None or not enough:
            return enough
        down, up = max(daily - step, least), min(daily + step, most)
        return revenue(up) - revenue(down) >= mroi * (up - down)

    daily = largest(good, least, most)
    params: dict[str, Any] = {"roi": roi or mroi, "days": what.days}
    code = "plan.target_roi" if roi is not None else "plan.target_mroi"
    if daily is None:
        return least, (Finding("warning", code + "_missed", params | {"budget": least * what.days}),)
    if daily >= most:
        return most, (Finding("info", code + "_more", params | {"budget": most * what.days}),)
    return daily, (Finding("info", code, params | {"budget": daily * what.days}),)


def largest(good: Callable[[float], bool], least: float, most: float) -> float | None:
    """The largest value found good, to a millionth of the range; None when none is."""
    if good(most):
        return most
    tried = np.linspace(least, most, TRIED)
    for k in range(TRIED - 2, -1, -1):
        if good(float(tried[k])):
            low, high = float(tried[k]), float(tried[k + 1])
            for _ in range(SHARPEN):
                middle = (low + high) / 2
                low, high = (middle, high) if good(middle) else (low, middle)
            return low
    return None
