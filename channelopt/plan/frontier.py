"""The efficient frontier: for each budget the best outcome, its return, and the return of the last unit.

The marginal return at a budget B is ``(R(B + h) - R(B - h)) / 2h`` with R the mean revenue of the best
split; the floor is where it falls below the target, found by bisection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.freebudget import largest
from channelopt.plan.goals import GoalOptions
from channelopt.plan.goods import goods, refuse
from channelopt.plan.limits import Bounds
from channelopt.plan.messages import PlanError
from channelopt.plan.planned import band
from channelopt.plan.planner import Planner, planner
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

#: Budgets that are looked at when none are given, as multiples of today's.
MULTIPLES = (0.25, 0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0, 2.5)
NEAR = 1e-3


@dataclass(frozen=True)
class Frontier:
    """Budgets and the best that can be done with them.

    Attributes:
        table: one row per budget: budget (money over the days), outcome_low, outcome, outcome_high
            (objective over the days, steady), roi, mroi (revenue of the last unit; objective when money is
            not known), above_floor; NaN and False where the limits cannot hold the budget.
        spend: index budget, one column per channel: money per day.
        today_budget: what today's spend costs over the days.
        floor: the target of the last unit.
        floor_budget: largest budget whose last unit still meets it; NaN when none does.
        findings: what is doubtful.
    """

    table: pd.DataFrame
    spend: pd.DataFrame
    today_budget: float
    floor: float
    floor_budget: float
    findings: tuple[Finding, ...]


def frontier(
    curves: ResponseCurves,
    budgets: Sequence[float] | None = None,
    days: int = 28,
    bounds: Bounds | None = None,
    objective: str = "revenue",
    policy: Policy | None = None,
    **options: Unpack[GoalOptions],
) -> Frontier:
    """The best outcome for each budget.

    Args:
        curves: what spend brings.
        budgets: money over the days, ascending or not; a quarter to two and a half times today's when left
            out.
        days: how many coming days.
        bounds: as in ``allocate``.
        objective: as in ``allocate``.
        policy: the floor of the last unit is its ``roi_floor`` (for profit: that it pays for itself).
        options: as in ``allocate``; without ``caution=True`` the best split is shown, not a cautious step.

    Raises:
        PlanError: as ``allocate``.
    """
    rules = policy or Policy()
    what = goods(curves, objective, days, rules, options.get("value"))
    today = float(what.today().sum())
    asked = [m * today * days for m in MULTIPLES] if budgets is None else [float(b) for b in budgets]
    if not asked or any(not 0 <= b < np.inf for b in asked):
        refuse("budgets", budgets, "money over the days, from 0")
    options = {"caution": False, **options}
    most = max(asked) / days * (1 + NEAR)
    plans, _ = planner(what, bounds, rules, options, most)
    known = bool(np.isfinite(what.money).all())
    floor = float(np.mean(what.money)) if what.net else rules.roi_floor
    rows, spends = [], []
    for budget in sorted(asked):
        spend = _spend(plans, budget / days)
        spends.append(spend)
        rows.append(_row(plans, budget, spend, known) | {"days": days})
    table = pd.DataFrame(rows)
    table["above_floor"] = (table["mroi"] >= floor) & known
    at = _floor_budget(plans, table, floor) if known else float("nan")
    found = [*what.findings]
    if at == at:
        found.insert(0, Finding("info", "plan.floor_budget", {"budget": at, "floor": floor, "days": days}))
    elif known:
        found.insert(0, Finding("warning", "plan.below_floor_everywhere", {"floor": floor}))
    return Frontier(
        table,
        pd.DataFrame(spends, index=pd.Index(sorted(asked), name="budget"), columns=list(curves.channels)),
        round(today * days, 2),
        floor,
        at,
        tuple(found),
    )


def _spend(plans: Planner, daily: float) -> Array:
    """The plan of a budget; NaN where the limits cannot hold it."""
    try:
        return plans.spend(daily)
    except PlanError:
        return np.full(len(plans.goods.curves.channels), np.nan)


def _revenue(plans: Planner, daily: float) -> float:
    spend = _spend(plans, daily)
    money = plans.goods.money if np.isfinite(plans.goods.money).all() else 1.0
    return float((plans.goods.drawn(spend) * money).sum(axis=-1).mean())


def _mroi(plans: Planner, daily: float) -> float:
    step = NEAR * max(daily, 1e-9)
    return (_revenue(plans, daily + step) - _revenue(plans, max(daily - step, 0.0))) / (
        daily + step - max(daily - step, 0.0)
    )


def _row(plans: Planner, budget: float, spend: Array, known: bool) -> dict[str, float]:
    what = plans.goods
    nothing = float("nan")
    if not np.isfinite(spend).all():
        names = ("outcome_low", "outcome", "outcome_high", "roi", "mroi")
        return {"budget": budget, **dict.fromkeys(names, nothing)}
    found = band(
        (what.drawn(spend).sum(axis=-1) - (spend.sum() if what.net else 0.0)) * what.days,
        plans.policy.interval,
    )
    roi = _revenue(plans, budget / what.days) * what.days / budget if known and budget > 0 else nothing
    return {
        "budget": budget, "outcome_low": found.low, "outcome": found.mid, "outcome_high": found.high,
        "roi": roi, "mroi": _mroi(plans, budget / what.days),
    }  # fmt: skip


def _floor_budget(plans: Planner, table: pd.DataFrame, floor: float) -> float:
    can = table.loc[table["mroi"].notna(), "budget"] / plans.goods.days
    if can.empty:
        return float("nan")
    found = largest(lambda daily: _mroi(plans, daily) >= floor, float(can.min()), float(can.max()))
    return float("nan") if found is None else round(found * plans.goods.days, 2)
