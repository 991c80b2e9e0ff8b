"""What an interval decides, and why, in findings: the words of a test's outcome."""

from __future__ import annotations

from typing import Any

import pandas as pd

from channelopt.errors import Finding
from channelopt.experiments.design import TestPlan
from channelopt.experiments.effect import Array
from channelopt.experiments.metrics import Metric
from channelopt.experiments.validity import ENOUGH_ORDERS

#: Low and high, absolute and relative.
Ends = tuple[float, float, float, float]


def enough(orders: float, metric: Metric) -> bool:
    """Whether there are orders enough to judge money by."""
    return not metric.orders or orders >= ENOUGH_ORDERS


def decision(ends: Ends, plan: TestPlan, ended: bool) -> str | None:
    """What an interval decides for the plan's goal; None while it decides nothing.

    Args:
        ends: low and high, absolute and relative, at the look's bound.
        plan: the plan.
        ended: at the last look.
    """
    low, high, rel_low, rel_high = ends
    inside = rel_low > -plan.smallest and rel_high < plan.smallest
    if plan.metric.lower_is_better:
        low, high, rel_low, rel_high = -high, -low, -rel_high, -rel_low
    if plan.goal == "not_worse":
        if rel_low > -plan.smallest:
            return "winner"
        return "loser" if rel_high < -plan.smallest or (ended and high < 0) else None
    if plan.goal == "same":
        return "equivalent" if inside else ("loser" if high < 0 else "winner" if low > 0 else None)
    if low > 0 or high < 0:
        return "winner" if low > 0 else "loser"
    return "equivalent" if ended and inside else None


def outcome_of(row: dict[str, Any], plan: TestPlan, ended: bool) -> str:
    """The outcome of one treatment at the look it is judged at."""
    if row["status"] != "ok" or not enough(row["orders"], plan.metric):
        return "keep_running"
    ends = (row["ci_low"], row["ci_high"], row["rel_ci_low"], row["rel_ci_high"])
    return decision(ends, plan, ended) or "keep_running"


def best_of(table: pd.DataFrame, metric: Metric) -> Any:
    """Index of the best treatment: winners first, then what is still open."""
    order = {"winner": 0, "keep_running": 1, "equivalent": 2, "loser": 3}
    sign = 1 if metric.lower_is_better else -1
    rank = pd.DataFrame({"o": table["outcome"].map(order), "e": sign * table["rel_effect_size"]})
    return rank.sort_values(["o", "e"]).index[0]


def reasons(
    plan: TestPlan, row: pd.Series, outcome: str, day: int, passed: Array, later: Array
) -> tuple[Finding, ...]:
    """Why, in words: the main reason first."""
    told: dict[str, Any] = {
        "name": row["variant"],
        "metric": plan.metric.name.upper(),
        "effect": abs(float(row["rel_effect_size"])),
        "low": float(row["rel_ci_low"]),
        "high": float(row["rel_ci_high"]),
        "day": int(row["look"]),
        "smallest": plan.smallest,
        "days": plan.days,
    }
    found: list[Finding] = []
    if outcome in ("winner", "loser", "equivalent"):
        passed_margin = plan.goal == "not_worse" and outcome == "winner"
        code = "not_worse" if passed_margin else outcome
        found.append(Finding("info", f"experiments.{code}", told))
    elif outcome == "keep_running":
        found.append(_waiting(plan, row, told, day, passed, later))
    if day > plan.days and plan.mode == "planned":
        found.append(Finding("info", "experiments.past_end", {"days": plan.days, "more": day - plan.days}))
    if plan.unit == "platform":
        found.append(Finding("warning", "experiments.platform_chose"))
    return tuple(found)


def _waiting(
    plan: TestPlan, row: pd.Series, told: dict[str, Any], day: int, passed: Array, later: Array
) -> Finding:
    if not len(passed):
        return Finding("info", "experiments.before_look", {"look": int(plan.looks[0]), "day": day})
    if row["status"] != "ok":
        return Finding("warning", f"experiments.{row['status']}", told)
    if not enough(row["orders"], plan.metric):
        have = 0 if row["orders"] != row["orders"] else int(row["orders"])
        return Finding("warning", "experiments.few_orders", {"have": have, "need": ENOUGH_ORDERS})
    if len(later):
        return Finding("info", "experiments.open", {**told, "look": int(later[0])})
    return Finding("info", "experiments.ended_open", told)
