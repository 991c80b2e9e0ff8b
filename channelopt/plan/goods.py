"""What a plan is for: the curves in units of the objective, for the demand of the coming days.

With the curves' outcome per day ``f(x)``, the mean demand ``s`` of the coming days and the money ``v`` that
one unit brings, an objective counts ``s * w * f(x)``: w is 1 for the outcome itself, v for revenue, and
``margin * v`` for profit, from which the spend is then taken off.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from channelopt.errors import Finding
from channelopt.plan.messages import PlanError
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

OBJECTIVES = ("revenue", "profit", "leads", "valid_leads", "customers")
#: Outcomes that are money already.
MONEY = ("revenue", "profit")
TINY = 1e-6


@dataclass(frozen=True)
class Goods:
    """Curves as a plan counts them.

    Attributes:
        curves: where they come from.
        objective: what is counted, one of ``OBJECTIVES``.
        top: (draws, channels), objective per day at endless spend, demand of the days counted in.
        unit: (draws, channels), objective per unit of the curves' outcome.
        money: (draws, channels), revenue per unit of the objective; NaN when not known.
        season: mean demand of the coming days against the days the curves were learned from.
        days: length of the plan.
        net: whether the spend is taken off at the end (profit).
        findings: what is doubtful about the objective.
    """

    curves: ResponseCurves
    objective: str
    top: Array
    unit: Array
    money: Array
    season: float
    days: int
    net: bool = False
    findings: tuple[Finding, ...] = ()

    def drawn(self, spend: npt.ArrayLike) -> Array:
        """Objective per day before spend is taken off: (..., channels) → (draws, ..., channels)."""
        x = np.maximum(np.asarray(spend, dtype="float64"), 0.0)
        top, half, slope = self._shaped(x.ndim)
        with np.errstate(divide="ignore"):
            return top * _expit(slope * (np.log(x) - np.log(half)))

    def marginal(self, spend: npt.ArrayLike) -> Array:
        """Objective of the next unit of money, (..., channels) → (draws, ..., channels)."""
        x = np.maximum(np.asarray(spend, dtype="float64"), 0.0)
        top, half, slope = self._shaped(x.ndim)
        x = np.maximum(x, TINY * half)
        level = _expit(slope * (np.log(x) - np.log(half)))
        return top * level * (1 - level) * slope / x

    def bend(self, spend: Array) -> Array:
        """Second derivative of the objective, (channels,) → (draws, channels)."""
        x = np.maximum(spend, TINY * self.curves.half)
        slope = self.curves.slope
        level = _expit(slope * (np.log(x) - np.log(self.curves.half)))
        return np.asarray(self.top * level * (1 - level) * slope * (slope * (1 - 2 * level) - 1) / x**2)

    def only(self, chosen: npt.NDArray[np.bool_]) -> Goods:
        """The same with some of the draws."""
        names = ("top", "half", "slope", "keep", "value")
        fewer = {name: getattr(self.curves, name)[chosen] for name in names}
        return replace(
            self,
            curves=replace(self.curves, **fewer),
            top=self.top[chosen],
            unit=self.unit[chosen],
            money=self.money[chosen],
        )

    def _shaped(self, ndim: int) -> tuple[Array, Array, Array]:
        shape = (self.top.shape[0], *(1,) * (ndim - 1), self.top.shape[1])
        return self.top.reshape(shape), self.curves.half.reshape(shape), self.curves.slope.reshape(shape)

    def today(self) -> Array:
        """(channels,), money per day today."""
        return self.curves.today.reindex(list(self.curves.channels)).to_numpy(dtype="float64")


def _expit(x: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-x)))


def goods(curves: ResponseCurves, objective: str, days: int, policy: Policy, value: Any = None) -> Goods:
    """The curves in units of an objective.

    Args:
        curves: what spend brings.
        objective: one of ``OBJECTIVES``.
        days: how many coming days, at least 1.
        policy: ``margin`` is needed for profit from revenue.
        value: money per unit of the outcome, one number or by channel; the curves' own when left out.

    Raises:
        PlanError: ``plan.bad_option``, ``plan.bad_curves``, ``plan.wrong_objective``, ``plan.no_margin``,
            ``plan.no_value``.
    """
    _check(curves, objective, days)
    season = float(coming_demand(curves, 0, int(days)).mean())
    worth = _worth(curves, value)
    objective, unit, found = _unit(curves, objective, policy, worth)
    money = np.ones_like(worth) if objective == "revenue" or curves.outcome in MONEY else worth
    if objective == "profit" and policy.margin:
        money = np.full_like(worth, 1 / policy.margin)
    return Goods(
        curves=curves,
        objective=objective,
        top=curves.top * unit * season,
        unit=unit,
        money=money,
        season=season,
        days=int(days),
        net=objective == "profit",
        findings=found,
    )


def coming_demand(curves: ResponseCurves, start: int, days: int) -> Array:
    """(days,): expected demand from ``start`` days after the first coming one; the last year again beyond."""
    outlook = curves.outlook
    return np.asarray(outlook[np.arange(start, start + days) % len(outlook)], dtype="float64")


def _check(curves: ResponseCurves, objective: str, days: int) -> None:
    if objective not in OBJECTIVES:
        refuse("objective", objective, ", ".join(OBJECTIVES))
    if not np.isfinite(days) or int(days) != days or days < 1:
        refuse("days", days, "a whole number from 1")
    today = curves.today.reindex(list(curves.channels)).to_numpy(dtype="float64")
    for name, values in (("today", today), *((k, getattr(curves, k)) for k in ("top", "half", "slope"))):
        usable = np.atleast_2d(np.isfinite(values) & (values >= 0))
        if not usable.all():
            wrong = np.asarray(~usable.all(axis=0))
            names = ", ".join(c for c, w in zip(curves.channels, wrong, strict=True) if w)
            raise PlanError("plan.bad_curves", name=name, channels=names)


def _worth(curves: ResponseCurves, value: Any) -> Array:
    """Money per unit of the outcome, (draws, channels)."""
    if value is None:
        return np.ones_like(curves.top) if curves.outcome in MONEY else np.asarray(curves.value, "float64")
    named = hasattr(value, "keys")
    given = np.array([value.get(c, np.nan) for c in curves.channels] if named else value, dtype="float64")
    if not (np.isfinite(given).all() and (given > 0).all()):
        refuse("value", value, "money above 0 for every channel")
    return np.broadcast_to(given, curves.top.shape).copy()


def _unit(
    curves: ResponseCurves, objective: str, policy: Policy, worth: Array
) -> tuple[str, Array, tuple[Finding, ...]]:
    """The objective in force, what one unit of the outcome counts, and doubts about it."""
    outcome = curves.outcome
    if objective == outcome:
        return objective, np.ones_like(worth), ()
    known = bool(np.isfinite(worth).all())
    if objective == "revenue" and outcome != "profit":
        if known:
            return objective, worth, ()
        return outcome, np.ones_like(worth), (Finding("info", "plan.for_outcome", {"outcome": outcome}),)
    if objective == "profit":
        if policy.margin is None:
            raise PlanError("plan.no_margin")
        if not known:
            raise PlanError("plan.no_value", outcome=outcome)
        return objective, worth * policy.margin, ()
    raise PlanError("plan.wrong_objective", objective=objective, outcome=outcome)


def refuse(name: str, value: Any, wanted: str) -> None:
    """Refuse an option.

    Raises:
        PlanError: ``plan.bad_option``.
    """
    raise PlanError("plan.bad_option", name=name, value=str(value), wanted=wanted)
