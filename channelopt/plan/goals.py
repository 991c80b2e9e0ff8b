"""What budget reaches a goal: 500 more valid leads, 100,000 more revenue.

For each budget the plan is made as ``allocate`` makes it, and every posterior draw says how much more it
brings than today's spend. ``budget`` is the smallest whose mean reaches the goal; budgets that reach it with
a chance of 80 and 90% are larger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.goods import Goods, goods, refuse
from channelopt.plan.limits import Bounds, Wishes
from channelopt.plan.planned import Band, band
from channelopt.plan.planner import planner
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

TRIED, SHARPEN = 17, 14
SURE = (0.8, 0.9)


class GoalOptions(Wishes, total=False):
    """See ``allocation.Options``."""

    value: Any
    caution: bool


@dataclass(frozen=True)
class Goal:
    """The answer to "what budget for so much more?".

    Attributes:
        goal: how much more than today's spend brings, over the days.
        objective: of what.
        days: over how many.
        budget: money over the days that reaches it on average; NaN when it cannot be reached.
        today_budget: what today's spend costs over the same days.
        chance: share of draws that reach the goal at ``budget``; NaN without it.
        budget_80: money that reaches it with a chance of 80%; NaN when the limits do not allow it.
        budget_90: the same with 90%.
        spend: channel → money per day at ``budget``, or at the largest budget when it cannot be reached.
        extra: how much more comes at ``spend``, with its interval.
        findings: "cannot be reached" and other doubts.
    """

    goal: float
    objective: str
    days: int
    budget: float
    today_budget: float
    chance: float
    budget_80: float
    budget_90: float
    spend: pd.Series
    extra: Band
    findings: tuple[Finding, ...]


def goal_seek(
    curves: ResponseCurves,
    goal: float,
    objective: str = "valid_leads",
    days: int = 28,
    bounds: Bounds | None = None,
    policy: Policy | None = None,
    **options: Unpack[GoalOptions],
) -> Goal:
    """The budget that brings so much more than today's spend.

    Args:
        curves: what spend brings.
        goal: how much more of the objective over the days; above 0.
        objective: as in ``allocate``; it must be known from the curves.
        days: how many coming days.
        bounds: as in ``allocate``. How far budgets are tried is what the step limit and the bounds allow.
        policy: thresholds.
        options: as in ``allocate``.

    Raises:
        PlanError: as ``allocate``.
    """
    if not 0 < goal < np.inf:
        refuse("goal", goal, "above 0")
    rules = policy or Policy()
    what = goods(curves, objective, days, rules, options.get("value"))
    plans, region = planner(what, bounds, rules, options)
    today = what.today()

    def extra(daily: float) -> Array:
        return extra_draws(what, plans.spend(daily), today)

    least, most = region.least(), region.most()
    tried = np.linspace(least, most, TRIED)
    draws = {float(b): extra(float(b)) for b in tried}
    found = [
        smallest(lambda x: float(x.mean()) >= goal, draws, extra),
        *(smallest(_sure(goal, share), draws, extra) for share in SURE),
    ]
    daily = found[0] if found[0] is not None else max(draws, key=lambda b: float(draws[b].mean()))
    spend = plans.spend(daily)
    reached = extra_draws(what, spend, today)
    money = [float("nan") if b is None else round(b * days, 2) for b in found]
    return Goal(
        goal=float(goal),
        objective=what.objective,
        days=what.days,
        budget=money[0],
        today_budget=round(float(today.sum()) * days, 2),
        chance=float((reached >= goal).mean()) if found[0] is not None else float("nan"),
        budget_80=money[1],
        budget_90=money[2],
        spend=pd.Series(spend, index=list(curves.channels), name="spend"),
        extra=band(reached, rules.interval),
        findings=(*_findings(what, goal, money, (daily, reached), spend), *what.findings, *curves.findings),
    )


def _sure(goal: float, share: float) -> Callable[[Array], bool]:
    return lambda draws: float((draws >= goal).mean()) >= share


def extra_draws(what: Goods, spend: Array, today: Array) -> Array:
    """(draws,): objective over the days above what today's spend brings."""
    more = what.drawn(spend).sum(axis=-1) - what.drawn(today).sum(axis=-1)
    if what.net:
        more = more - (spend.sum() - today.sum())
    return np.asarray(more * what.days)


def smallest(
    good: Callable[[Array], bool], draws: dict[float, Array], extra: Callable[[float], Array]
) -> float | None:
    """The smallest budget found good, sharpened between the tried ones; None when none is."""
    budgets = sorted(draws)
    first = next((k for k, b in enumerate(budgets) if good(draws[b])), None)
    if first is None:
        return None
    if first == 0:
        return budgets[0]
    low, high = budgets[first - 1], budgets[first]
    for _ in range(SHARPEN):
        middle = (low + high) / 2
        low, high = (low, middle) if good(extra(middle)) else (middle, high)
    return high


def _findings(
    what: Goods, goal: float, money: list[float], at: tuple[float, Array], spend: Array
) -> list[Finding]:
    daily, reached = at
    params = {"goal": goal, "objective": what.objective, "days": what.days}
    found: list[Finding] = []
    if np.isnan(money[0]):
        more = {"most": float(reached.mean()), "budget": daily * what.days}
        found.append(Finding("warning", "plan.goal_out_of_reach", params | more))
    else:
        chance = float((reached >= goal).mean())
        found.append(Finding("info", "plan.goal", params | {"budget": money[0], "chance": chance}))
        for share, budget in zip(SURE, money[1:], strict=True):
            code = "plan.goal_sure" if budget == budget else "plan.goal_not_sure"
            more = {"confidence": share} | ({"budget": budget} if budget == budget else {})
            found.append(Finding("info", code, params | more))
    high = what.curves.observed_range["high"].reindex(list(what.curves.channels)).to_numpy("float64")
    outside = [c for c, x, h in zip(what.curves.channels, spend, high, strict=True) if x > h * (1 + 1e-9)]
    if outside:
        found.append(Finding("warning", "plan.outside", {"names": ", ".join(outside), "n": len(outside)}))
    return found
