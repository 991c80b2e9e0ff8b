"""One look at a spend, fast enough for a slider: everything that does not depend on it is worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from channelopt.plan.chances import beats
from channelopt.plan.goods import Goods, goods, refuse
from channelopt.plan.planned import Band, Plan, band
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Look:
    """What a spend brings once it has worked through.

    Attributes:
        budget: money over the days.
        outcome: objective over the days.
        gain: outcome above that of the spend it is compared with, the same draws.
        share: gain as a share of the mean outcome compared with; NaN when that brings nothing.
        chance: that it brings more (``chances.beats``).
        roi: revenue / spend; NaN without money or spend.
        mroi: objective of the next unit of money, spread like the spend; NaN without spend.
        outside: channels whose spend lies outside what was ever held.
    """

    budget: float
    outcome: Band
    gain: Band
    share: Band
    chance: float
    roi: float
    mroi: float
    outside: tuple[str, ...]


@dataclass(frozen=True)
class Looker:
    """Looks at spends, one after the other.

    Attributes:
        goods: the curves in units of the objective.
        base: (draws,), objective over the days of the spend compared with.
        interval: of the bands.
        highest: (channels,), the most ever held, money per day.
    """

    goods: Goods
    base: Array
    interval: float
    highest: Array

    def at(self, spend: npt.ArrayLike) -> Look:
        """One spend.

        Args:
            spend: (channels,), money per day in the order of the curves.

        Raises:
            PlanError: ``plan.bad_option``.
        """
        x = np.asarray(spend, dtype="float64")
        names = self.goods.curves.channels
        if x.shape != (len(names),) or not (np.isfinite(x).all() and (x >= 0).all()):
            refuse("spend", spend, "money per day from 0, one number per channel")
        drawn = self.goods.drawn(x)
        total = totals(self.goods, drawn, x)
        gain = total - self.base
        level = float(self.base.mean())
        budget = float(x.sum()) * self.goods.days
        money = float((drawn * self.goods.money).sum(axis=-1).mean()) * self.goods.days
        beyond = x > self.highest * (1 + 1e-9)
        return Look(
            budget=round(budget, 2),
            outcome=band(total, self.interval),
            gain=band(gain, self.interval),
            share=band(gain / level if level > 0 else np.empty(0), self.interval),
            chance=beats(gain, level, self.goods.curves),
            roi=money / budget if budget > 0 else float("nan"),
            mroi=float(np.average(self.goods.marginal(x).mean(axis=0), weights=x))
            if budget > 0
            else float("nan"),
            outside=tuple(name for name, out in zip(names, beyond, strict=True) if out),
        )


def looker(
    curves: ResponseCurves,
    objective: str = "revenue",
    days: int = 28,
    policy: Policy | None = None,
    against: npt.ArrayLike | None = None,
    value: Any = None,
) -> Looker:
    """What is worked out once.

    Args:
        curves: what spend brings.
        objective: as in ``allocate``.
        days: how many coming days.
        policy: interval and margin.
        against: (channels,), money per day that looks are compared with; today's when left out.
        value: as in ``allocate``.

    Raises:
        PlanError: as ``goods.goods``.
    """
    rules = policy or Policy()
    what = goods(curves, objective, days, rules, value)
    other = what.today() if against is None else np.asarray(against, dtype="float64")
    highest = curves.observed_range.reindex(list(curves.channels))["high"].to_numpy("float64")
    return Looker(what, totals(what, what.drawn(other), other), rules.interval, highest)


def totals(what: Goods, drawn: Array, spend: Array) -> Array:
    """(draws,), objective over the days; the spend taken off for profit."""
    per_day = drawn.sum(axis=-1) - (spend.sum() if what.net else 0.0)
    return np.asarray(per_day * what.days)


def promised(plan: Plan) -> Band:
    """Gain of a plan over today's mix at its budget, a share of that; corrected like ``Plan.uplift``."""
    reference = plan.reference.to_numpy("float64")
    look = looker(plan.curves, plan.objective, plan.days, plan.policy, reference).at(plan.spend.to_numpy())
    off = plan.uplift - plan.naive_uplift
    return Band(look.share.low + off, plan.uplift, look.share.high + off)


def promised_over_today(plan: Plan) -> Band:
    """Gain of a plan over today's spend, whatever its budget; corrected like ``Plan.uplift``."""
    share, off = beats_today(plan).share, plan.uplift - plan.naive_uplift
    return Band(share.low + off, share.mid + off, share.high + off)


def beats_today(plan: Plan) -> Look:
    """A plan against today's spend, whatever its budget."""
    return looker(plan.curves, plan.objective, plan.days, plan.policy).at(plan.spend.to_numpy("float64"))
