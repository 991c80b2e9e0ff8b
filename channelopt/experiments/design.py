r"""Design before data: how long, what it costs, what can be seen, and when one may look.

Two variants run side by side on the same days. A day's log ratio of the two has variance
:math:`v = \sum_{arms} (s / e_{arm} + cv^2)` with e events a day, s the spread of an event (1 for counts,
:math:`1 + cv^2` of the order values for revenue) and cv the day-to-day noise of each arm. Information after D
days is D / v, so power follows from the drift :math:`|\log(1 + \delta)| \sqrt{D / v}` and the planned looks
(Lan & DeMets; Armitage's recursion). Few days make the estimated noise itself uncertain: the drift
shrinks by z / t at the last bound. Checked by simulation: docs/methods.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize, special

from channelopt.errors import Finding, InputError
from channelopt.experiments.effect import Array
from channelopt.experiments.messages import ExperimentError
from channelopt.experiments.metrics import Metric, metric_of
from channelopt.experiments.sequential import anytime_bounds, look_bounds, look_power

GOALS = ("better", "not_worse", "same")
UNITS = ("person", "platform", "region", "week")
#: When one may look: on planned days, or at any time (which costs power).
MODES = ("planned", "anytime")
#: What a test may change.
KINDS = ("hook", "page", "creative", "bid", "audience", "channel", "budget", "other")
#: Days of a month of money.
MONTH = 30
#: No test shorter than two whole weeks: weekdays differ.
LEAST_DAYS = 14
_REFUSED = "experiments.bad_plan"
#: Days and effect → chance to see it.
Reach = Callable[[int, float], float]


@dataclass(frozen=True)
class TestPlan:
    """What was promised before the data came.

    Attributes:
        metric: what it is judged by.
        variants: names; the first is the control.
        shares: planned share of the volume, adds up to 1.
        days: planned length, whole weeks.
        looks: days on which one may look, the last is ``days``.
        alpha: error of all looks together.
        power: chance to see ``smallest`` by the end.
        smallest: smallest relative effect worth acting on, above 0.
        mde: smallest relative effect seen with the power asked for, in ``days``.
        events_per_day: of the metric's rarer count, all variants together.
        day_cv: day-to-day noise of each variant.
        spread: of one event, 1 for counts.
        value_per_day: money a day that moves in proportion with the metric (0: unknown).
        cost: money spent while it runs.
        goal: "better", "not_worse" (than the control by ``smallest``) or "same".
        unit: who is split: "person", "platform" (it chose who saw what), "region", "week".
        guardrails: metrics that must not become worse.
        mode: "planned" looks, or "anytime" from the seventh day on.
        people_per_day: people who enter the test a day, all variants; 0 where the rows are days.
        findings: what is doubtful about the plan.
    """

    __test__ = False

    metric: Metric
    variants: tuple[str, ...]
    shares: tuple[float, ...]
    days: int
    looks: tuple[int, ...]
    alpha: float
    power: float
    smallest: float
    mde: float
    events_per_day: float
    day_cv: float
    spread: float
    value_per_day: float
    cost: float
    goal: str
    unit: str
    guardrails: tuple[str, ...] = ()
    mode: str = "planned"
    people_per_day: float = 0.0
    findings: tuple[Finding, ...] = field(default=())

    @property
    def people(self) -> int:
        """People the plan asks for, all variants together; 0 where the rows are days."""
        return math.ceil(self.people_per_day * self.days)

    @property
    def events(self) -> int:
        """Events of the metric's rarer count that the plan expects, all variants together."""
        return round(self.events_per_day * self.days)

    @property
    def comparisons(self) -> int:
        """Treatments held against the control."""
        return len(self.variants) - 1

    def bounds(self) -> Array:
        """\\|z\\| to pass at each planned look, shape (looks,)."""
        return _edges(self.looks, self.alpha, self.mode)

    @property
    def worth(self) -> float:
        """Money a month that the smallest effect is worth; NaN when unknown."""
        return self.smallest * self.value_per_day * MONTH if self.value_per_day > 0 else float("nan")

    @property
    def chance(self) -> float:
        """Chance to see the smallest effect by the end."""
        return float(self.power_curve([self.smallest])["power"].iloc[0])

    def power_curve(self, effects: npt.ArrayLike | None = None) -> pd.DataFrame:
        """Relative effect against the chance to see it: columns effect, power."""
        asked = np.linspace(0, 2 * self.smallest, 21) if effects is None else np.asarray(effects)
        v = _noise(self.events_per_day, self.shares, self.day_cv, self.spread)
        rule = (self.alpha / self.comparisons, self.mode, self.metric.lower_is_better)
        got = [_found(_power(float(e), self.looks, v, rule), self.goal) for e in asked]
        return pd.DataFrame({"effect": asked, "power": got})


def _noise(events: float, shares: tuple[float, ...], cv: float, spread: float) -> float:
    """Variance of a day's log ratio, the thinnest treatment against the control."""
    return sum(spread / (events * share) + cv**2 for share in (shares[0], min(shares[1:])))


def _edges(looks: tuple[int, ...], alpha: float, mode: str) -> Array:
    days = np.array(looks, dtype="float64")
    return anytime_bounds(days, float(days[-1]), alpha) if mode == "anytime" else look_bounds(days, alpha)


@lru_cache(maxsize=4096)
def _power(effect: float, looks: tuple[int, ...], v: float, rule: tuple[float, str, bool]) -> float:
    alpha, mode, lower = rule
    size = -effect if lower else effect
    if size <= -1:
        return 1.0
    days = np.array(looks, dtype="float64")
    bounds = _edges(looks, alpha, mode)
    few = special.stdtrit(days - 1, special.ndtr(np.minimum(bounds, 7.0)))  # the same p-value on D - 1
    shrink = float(np.min(bounds[-1:] / few[-1:]))
    return look_power(days, bounds, abs(math.log1p(size)) * math.sqrt(days[-1] / v) * shrink)


def look_days(days: int, every: int) -> tuple[int, ...]:
    """Looks every so many days from the first whole week on; the last is the end."""
    first = max(every, 7)
    return tuple(sorted({*range(first, days, every), days}))


def plan_test(
    metric: str,
    *,
    events_per_day: float,
    smallest: float | None = None,
    smallest_money: float | None = None,
    value_per_day: float = 0.0,
    spend_per_day: float = 0.0,
    variants: tuple[str, ...] = ("A", "B"),
    shares: tuple[float, ...] | None = None,
    day_cv: float = 0.1,
    spread: float = 1.0,
    alpha: float = 0.05,
    power: float = 0.8,
    look_every: int = 7,
    most_days: int = 84,
    days: int | None = None,
    goal: str = "better",
    unit: str = "person",
    guardrails: tuple[str, ...] = (),
    mode: str = "planned",
    people_per_day: float = 0.0,
) -> TestPlan:
    """Plan a test of variants that run side by side.

    Args:
        metric: one of ``METRICS``.
        events_per_day: of the metric's rarer count (leads for cpl and cvr, clicks for cpc and ctr,
            customers for cac and roas), all variants together.
        smallest: smallest relative effect worth acting on, such as 0.1.
        smallest_money: the same as money a month; needs ``value_per_day``.
        value_per_day: money a day that moves in proportion with the metric.
        spend_per_day: what all variants together spend a day.
        variants: two names or more, the control first.
        shares: planned shares of the volume; equal ones without.
        day_cv: day-to-day noise of each variant, as a share.
        spread: 1 for counts; 1 + squared coefficient of variation of the order values for revenue.
        alpha: chance of any false winner over all looks and variants.
        power: chance to see ``smallest``.
        look_every: days between looks.
        most_days: no longer than this.
        days: a length of your own instead of the shortest that is enough.
        goal: "better", "not_worse" or "same".
        unit: who is split.
        guardrails: further metrics that must not become worse.
        mode: "planned" looks every ``look_every`` days, or "anytime" from the seventh day on.
        people_per_day: people who enter a day, where the rows are people.

    Raises:
        InputError: ``common.bad_setting`` for an unknown metric, goal or unit; an ExperimentError
            ``experiments.bad_plan`` for figures no test can be planned with.
    """
    chosen = metric_of(metric)
    for name in guardrails:
        metric_of(name)
    for what, value, known in (("goal", goal, GOALS), ("unit", unit, UNITS), ("mode", mode, MODES)):
        if value not in known:
            raise InputError("common.bad_setting", name=what, value=value, wanted=", ".join(known))
    if smallest is None and smallest_money is not None and value_per_day > 0:
        smallest = smallest_money / (MONTH * value_per_day)
    split = shares or tuple(1 / len(variants) for _ in variants)
    figures = (events_per_day, smallest or 0.0, spread, alpha, power, look_every, most_days)
    sound = all(math.isfinite(f) and f > 0 for f in figures) and math.isfinite(day_cv) and day_cv >= 0
    named = len(set(variants)) == len(variants) >= 2 and len(split) == len(variants) and min(split) > 0
    known_people = math.isfinite(people_per_day) and people_per_day >= 0
    if not (sound and named and known_people) or alpha >= 0.5 or power >= 1 or (smallest or 0) >= 1:
        raise ExperimentError(_REFUSED)
    small = float(smallest or 0)
    split = tuple(share / sum(split) for share in split)
    v, each = _noise(events_per_day, split, day_cv, spread), alpha / (len(variants) - 1)
    every = 1 if mode == "anytime" else look_every

    def reached(length: int, effect: float) -> float:
        rule = (each, mode, chosen.lower_is_better)
        return _found(_power(effect, look_days(length, every), v, rule), goal)

    length = max(int(days), 2) if days is not None else _shortest(reached, small, power, most_days)
    mde = _least(reached, length, power)
    findings = _doubts(length, small, mde, reached(length, small))
    if unit == "platform":
        findings.append(Finding("warning", "experiments.platform_chose"))
    return TestPlan(
        chosen, variants, split, length, look_days(length, every), alpha, power, small, mde,
        events_per_day, day_cv, spread, value_per_day, spend_per_day * length, goal, unit, guardrails,
        mode, people_per_day, tuple(findings),
    )  # fmt: skip


def _found(power: float, goal: str) -> float:
    """Power for the goal: "same" has to pass on both sides."""
    return max(0.0, 2 * power - 1) if goal == "same" else power


def _shortest(reached: Reach, smallest: float, power: float, most_days: int) -> int:
    """Days, whole weeks, after which the smallest effect is found often enough; at most ``most_days``."""
    longest = max(LEAST_DAYS, most_days // 7 * 7)
    weeks = range(LEAST_DAYS, longest + 1, 7)
    return next((d for d in weeks if reached(d, smallest) >= power), longest)


def _least(reached: Reach, length: int, power: float) -> float:
    """Smallest effect found with the power asked for; NaN where none is."""
    top = 0.999
    if not reached(length, top) > power:
        return float("nan")
    return float(optimize.brentq(lambda e: reached(length, e) - power, 1e-9, top, xtol=1e-6))


def _doubts(length: int, smallest: float, mde: float, power: float) -> list[Finding]:
    found = []
    if length < LEAST_DAYS:
        found.append(Finding("warning", "experiments.short_plan", {"days": length}))
    if not mde <= smallest * 1.0001:
        told = {"days": length, "smallest": smallest, "mde": mde, "power": power}
        found.append(Finding("warning", "experiments.cannot_see", told))
    return found
