"""What is doubtful about a plan as a whole, as findings."""

from __future__ import annotations

from typing import Any

import numpy as np

from channelopt.errors import Finding
from channelopt.plan.chances import own_movement, share_for, stretch
from channelopt.plan.goods import Goods
from channelopt.plan.limits import STEP, Limits
from channelopt.plan.planned import Plan

#: From here on it is said that more is asked of the draws.
TOLD = 1.1


def plan_findings(
    plan: Plan, what: Goods, limits: Limits, state: str, target_roi: float | None
) -> tuple[Finding, ...]:
    """Doubts about a plan, the most important first.

    Args:
        plan: without its findings.
        what: the curves.
        limits: those in force.
        state: as ``Move.state``.
        target_roi: to be checked; None for none.
    """
    return (
        *_state(plan, state),
        *limits.findings,
        *_target(plan, what, target_roi),
        *_unknown(plan),
        *_steady(plan, what, state),
        *_pace(plan, what),
        *_margin(plan, what),
        *_promise(plan),
        *what.findings,
        *what.curves.findings,
    )


def _state(plan: Plan, state: str) -> list[Finding]:
    params: dict[str, Any] = {"confidence": plan.policy.confidence, "step": plan.step, "chance": plan.chance}
    if not what_is_spent(plan):
        return [Finding("info", "plan.no_money")]
    if not plan.receipts["today"].sum() > 0:
        return [Finding("warning", "plan.no_today")]
    if state == "test_first":
        return [Finding("warning", "plan.test_first", params)]
    if state == "best":
        return [Finding("info", "plan.already_best")]
    if state == "partial":
        return [Finding("info", "plan.partial_step", params)]
    return [Finding("info", "plan.full_step", params)]


def what_is_spent(plan: Plan) -> bool:
    """Whether the plan spends anything."""
    return bool(plan.spend.sum() > 0)


def _target(plan: Plan, what: Goods, target_roi: float | None) -> list[Finding]:
    spend = plan.spend.to_numpy("float64")
    if target_roi is None or not spend.sum() > 0 or not np.isfinite(what.money).all():
        return []
    roi = (what.drawn(spend) * what.money).sum(axis=-1) / spend.sum()
    chance = float((roi >= target_roi).mean())
    params = {"target": target_roi, "roi": float(roi.mean()), "chance": chance}
    severity: Any = "info" if roi.mean() >= target_roi * (1 - 1e-6) else "warning"
    return [Finding(severity, "plan.target_chance", params)]


def _unknown(plan: Plan) -> list[Finding]:
    table = plan.receipts
    found: list[Finding] = []
    new = table[table["no_data"] & (table["spend"] > 0)]
    if len(new):
        found.append(Finding("warning", "plan.no_data", {"names": ", ".join(new["channel"]), "n": len(new)}))
    outside = table[table["outside"] & ~table["no_data"]]
    if len(outside):
        params = {"names": ", ".join(outside["channel"]), "n": len(outside)}
        found.append(Finding("warning", "plan.outside", params))
    moved = (table["spend"] - table["reference"]).abs() > 0.01 * table["reference"].clip(lower=1e-9)
    vague = table[(table["identified"] == "no") & moved & ~table["no_data"]]
    if len(vague):
        params = {"names": ", ".join(vague["channel"]), "n": len(vague)}
        found.append(Finding("warning", "plan.not_identified", params))
    return found


def _steady(plan: Plan, what: Goods, state: str) -> list[Finding]:
    """More is asked of the draws, for budgets hardly moved on their own."""
    if state == "best" or stretch(what.curves) < TOLD:
        return []
    confidence = plan.policy.confidence
    params = {
        "moved": own_movement(what.curves),
        "confidence": confidence,
        "share": share_for(confidence, what.curves),
    }
    return [Finding("info", "plan.hardly_moved", params)]


def _pace(plan: Plan, what: Goods) -> list[Finding]:
    """The budget itself changes faster than a step a week."""
    today, total = float(plan.receipts["today"].sum()), float(plan.spend.sum())
    if not today > 0 or not total > 0:
        return []
    weeks = float(np.log(total / today) / np.log(1 + STEP if total > today else 1 - STEP))
    if weeks <= what.days / 7 * (1 + 1e-9):
        return []
    params = {"change": total / today - 1, "step": STEP, "weeks": int(np.ceil(weeks)), "days": what.days}
    return [Finding("warning", "plan.fast_budget", params)]


def _margin(plan: Plan, what: Goods) -> list[Finding]:
    """The last unit brings less than the floor."""
    money = float(np.mean(what.money))
    last = plan.mroi * money
    if not np.isfinite(last) or last >= plan.policy.roi_floor:
        return []
    return [Finding("warning", "plan.low_margin", {"mroi": last, "floor": plan.policy.roi_floor})]


def _promise(plan: Plan) -> list[Finding]:
    found: list[Finding] = []
    if plan.naive_uplift > 0:
        params = {"uplift": plan.uplift, "naive": plan.naive_uplift}
        code = "plan.promise" if plan.uplift <= plan.naive_uplift else "plan.promise_total"
        found.append(Finding("info", code, params))
    if plan.gap > 1e-4:
        found.append(Finding("info", "plan.gap", {"gap": plan.gap}))
    return found
