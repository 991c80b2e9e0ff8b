"""What a team asks of a plan, as values that can be kept, and the plan that answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from channelopt.plan.allocation import allocate
from channelopt.plan.goals import Goal, goal_seek
from channelopt.plan.goods import refuse
from channelopt.plan.limits import STEP, Bounds
from channelopt.plan.messages import PlanError
from channelopt.plan.planned import Plan
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

MODES = ("today", "own", "roi", "mroi", "goal")


@dataclass(frozen=True)
class Group:
    """Channels with a limit together.

    Attributes:
        name: what it is called.
        channels: its members.
        low: least money per day together.
        high: most money per day together.
    """

    name: str
    channels: tuple[str, ...]
    low: float
    high: float


@dataclass(frozen=True)
class Ask:
    """A wish.

    Attributes:
        objective: as in ``allocate``.
        days: how many coming days.
        mode: where the budget comes from: "today" (as much as today), "own" (``amount``), "roi" and "mroi"
            (the largest that still returns ``amount``, as a whole or on its last unit), "goal" (as much as
            ``amount`` more of the objective needs).
        amount: money over the days, a multiple, or how much more; not used for "today".
        bounds: (channel, low, high), money per day; None leaves a side to the step limit.
        locks: channels that keep today's spend.
        groups: limits on several channels together.
        step: share a channel may change in a week; None for no limit.
        keep_alive: least money per day of every channel with spend.
        unit: smallest unit of a channel's total.

    Raises:
        PlanError: ``plan.bad_option``, ``plan.limits_cross``.
    """

    objective: str = "revenue"
    days: int = 28
    mode: str = "today"
    amount: float = 0.0
    bounds: tuple[tuple[str, float | None, float | None], ...] = ()
    locks: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    step: float | None = STEP
    keep_alive: float = 0.0
    unit: float = 1.0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            refuse("mode", self.mode, ", ".join(MODES))
        for channel, low, high in self.bounds:
            if low is not None and high is not None and low > high:
                raise PlanError("plan.limits_cross", channel=channel, low=low, high=high)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; ``from_dict`` reads them back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Ask:
        """Read back what ``to_dict`` wrote."""
        kept = dict(values)
        kept["bounds"] = tuple((str(c), low, high) for c, low, high in kept.get("bounds", ()))
        kept["locks"] = tuple(kept.get("locks", ()))
        kept["groups"] = tuple(
            Group(str(g["name"]), tuple(g["channels"]), float(g["low"]), float(g["high"]))
            for g in kept.get("groups", ())
        )
        return cls(**kept)


@dataclass(frozen=True)
class Answer:
    """The plan for a wish.

    Attributes:
        ask: the wish.
        plan: the plan.
        goal: what the goal needs; None when none was set.
    """

    ask: Ask
    plan: Plan
    goal: Goal | None = None


def answer(curves: ResponseCurves, ask: Ask, policy: Policy) -> Answer:
    """The plan for a wish.

    Raises:
        PlanError: the wish cannot be met; as ``allocate`` and ``goal_seek``.
    """
    bounds: Bounds = {channel: (low, high) for channel, low, high in ask.bounds}
    wishes: dict[str, Any] = {
        "locks": ask.locks, "step_limit": ask.step, "keep_alive": ask.keep_alive or None,
        "groups": {g.name: (g.channels, g.low, g.high) for g in ask.groups} or None,
    }  # fmt: skip
    goal = None
    budget: float | None = None
    if ask.mode == "goal":
        goal = goal_seek(curves, ask.amount, ask.objective, ask.days, bounds, policy, **wishes)
        most = float(goal.spend.sum()) * goal.days
        budget = goal.budget if goal.budget == goal.budget else most
        budget = float(np.floor(budget / ask.unit + 1e-6) * ask.unit)
    elif ask.mode == "own":
        budget = ask.amount
    elif ask.mode == "today":
        budget = today_budget(curves, ask.days, ask.unit)
    plan = allocate(
        curves, budget, ask.days, bounds, ask.amount if ask.mode == "roi" else None, ask.objective, policy,
        target_mroi=ask.amount if ask.mode == "mroi" else None, unit=ask.unit, **wishes,
    )  # fmt: skip
    return Answer(ask, plan, goal)


def today_budget(curves: ResponseCurves, days: int, unit: float = 1.0) -> float:
    """What today's spend costs over the days, in whole units."""
    return float(np.round(np.round(float(curves.today.sum()) * days / unit) * unit, 2))
