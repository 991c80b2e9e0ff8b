r"""What if: scenarios side by side, under the same draws of the curves.

The horizon is the coming days, with the demand that is expected for them. ``outcome`` is what will be seen
in these days, the ramp from today's spend counted (``window.py``); ``steady`` is what the spend brings once
the change has worked through. P(B beats A) comes from the share of draws in which B brings more than A
(``chances.py``), ties counted half: both are looked at under the same draw, so what they have in common
falls out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.chances import beats
from channelopt.plan.goods import Goods, coming_demand, goods, refuse
from channelopt.plan.messages import PlanError
from channelopt.plan.planned import Band, Plan, band
from channelopt.plan.window import window_draws
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

#: Expected demand this far from usual is mentioned.
SEASON = 0.05


@dataclass(frozen=True)
class Assumptions:
    """What a scenario takes for granted beside the curves.

    Attributes:
        demand: factor on the expected demand of its days, above 0.
        value: money per unit of the outcome, one number or by channel; None takes the curves' own.
        prices: channel → factor on what media costs: at 1.2 the same money buys a sixth less.
    """

    demand: float = 1.0
    value: Any = None
    prices: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.demand < np.inf:
            refuse("demand", self.demand, "a factor above 0")
        for name, price in self.prices.items():
            if not 0 < price < np.inf:
                refuse(f"prices[{name}]", price, "a factor above 0")


@dataclass(frozen=True)
class Scenario:
    """A spend to be looked at.

    Attributes:
        name: not empty.
        spend: channel → money per day; channels left out keep today's.
        days: how many, from 1.
        start: first day; None is the first coming day.
        assumptions: what it takes for granted.
        note: free text.
    """

    name: str
    spend: Mapping[str, float]
    days: int = 28
    start: dt.date | None = None
    assumptions: Assumptions = field(default_factory=Assumptions)
    note: str = ""

    def __post_init__(self) -> None:
        if not str(self.name).strip():
            refuse("name", self.name, "a name")
        if not np.isfinite(self.days) or int(self.days) != self.days or self.days < 1:
            refuse("days", self.days, "a whole number from 1")
        spend = {str(channel): float(money) for channel, money in self.spend.items()}
        for channel, money in spend.items():
            if not 0 <= money < np.inf:
                refuse(f"spend[{channel}]", money, "money per day, from 0")
        object.__setattr__(self, "spend", spend)
        object.__setattr__(self, "days", int(self.days))

    @classmethod
    def from_plan(cls, name: str, plan: Plan, start: dt.date | None = None) -> Scenario:
        """A plan as a scenario."""
        return cls(name, {str(k): float(v) for k, v in plan.spend.items()}, plan.days, start)


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side.

    Attributes:
        table: one row per scenario, in order: scenario, budget (money over the days), outcome_low,
            outcome, outcome_high (objective seen in the days), steady_low, steady, steady_high, roi_low,
            roi, roi_high (steady revenue / spend; NaN when money is not known or nothing is spent), mroi
            (objective of the next unit of money, spread like the spend), gain_low, gain, gain_high
            (outcome above the baseline's), p_beats_baseline.
        beats: P(row beats column), 0.5 on the diagonal.
        channels: one row per scenario and channel: scenario, channel, spend, share, outcome_low, outcome,
            outcome_high, roi, mroi, outside (of the spend seen so far).
        baseline: name of the scenario the gains are against.
        objective: what is counted.
        days: over how many days.
        findings: scenario → what it rests on.
        scenarios: as compared.
    """

    table: pd.DataFrame
    beats: pd.DataFrame
    channels: pd.DataFrame
    baseline: str
    objective: str
    days: int
    findings: Mapping[str, tuple[Finding, ...]]
    scenarios: tuple[Scenario, ...]


def today_scenario(curves: ResponseCurves, days: int = 28, name: str = "today") -> Scenario:
    """Today's spend, held."""
    return Scenario(name, {str(k): float(v) for k, v in curves.today.items()}, days)


def compare(
    curves: ResponseCurves,
    scenarios: Sequence[Scenario],
    baseline: Scenario | None = None,
    objective: str = "revenue",
    policy: Policy | None = None,
    first_day: dt.date | None = None,
) -> Comparison:
    """Scenarios under the same draws.

    Args:
        curves: what spend brings.
        scenarios: at least one, names and days alike all different and all the same.
        baseline: what gains are against; today's spend, held, when left out.
        objective: as in ``allocate``.
        policy: interval and margin.
        first_day: date of the first coming day; needed when scenarios have a ``start``.

    Raises:
        PlanError: ``plan.unknown_channels``, ``plan.scenario_names``, ``plan.scenario_days``,
            ``plan.scenario_past``, and as ``goods.goods``.
    """
    rules = policy or Policy()
    if not scenarios:
        refuse("scenarios", "nothing", "at least one")
    base = baseline or replace(today_scenario(curves, scenarios[0].days), start=scenarios[0].start)
    everyone = tuple(scenarios) if base in scenarios else (base, *scenarios)
    _check(curves, everyone)
    looked = [_looked(curves, s, objective, rules, first_day) for s in everyone]
    reference = looked[everyone.index(base)]
    rows = [_row(one, reference, rules.interval) for one in looked]
    names = [s.name for s in everyone]
    totals, level = [one.total for one in looked], float(reference.total.mean())
    chances = [[beats(one - other, level, curves) for other in totals] for one in totals]
    return Comparison(
        table=pd.DataFrame(rows),
        beats=pd.DataFrame(chances, index=names, columns=names),
        channels=pd.concat([_channels(one, rules.interval) for one in looked], ignore_index=True),
        baseline=base.name,
        objective=looked[0].what.objective,
        days=base.days,
        findings={one.scenario.name: _findings(one) for one in looked},
        scenarios=everyone,
    )


def _check(curves: ResponseCurves, everyone: tuple[Scenario, ...]) -> None:
    names = [s.name for s in everyone]
    double = sorted({name for name in names if names.count(name) > 1})
    if double:
        raise PlanError("plan.scenario_names", names=", ".join(double))
    if len({s.days for s in everyone}) > 1:
        raise PlanError("plan.scenario_days", days=", ".join(str(s.days) for s in everyone))
    for s in everyone:
        unknown = [c for c in (*s.spend, *s.assumptions.prices) if c not in curves.channels]
        if unknown:
            raise PlanError(
                "plan.unknown_channels", names=", ".join(unknown), known=", ".join(curves.channels)
            )


@dataclass(frozen=True)
class _Looked:
    """A scenario with its draws.

    total: (draws,), objective in the window, spend taken off for profit.
    by_channel: (draws, channels), objective in the window.
    steady: (draws, channels), objective over the days once the change has worked through.
    """

    scenario: Scenario
    what: Goods
    spend: Array
    price: Array
    demand: Array
    by_channel: Array
    steady: Array
    total: Array


def _looked(
    curves: ResponseCurves, s: Scenario, objective: str, policy: Policy, first_day: dt.date | None
) -> _Looked:
    what = goods(curves, objective, s.days, policy, s.assumptions.value)
    today = what.today()
    spend = np.array([s.spend.get(c, x) for c, x in zip(curves.channels, today, strict=True)])
    price = np.array([s.assumptions.prices.get(c, 1.0) for c in curves.channels])
    demand = coming_demand(what.curves, _offset(s, first_day), s.days) * s.assumptions.demand
    what = replace(what, season=float(demand.mean()), top=curves.top * what.unit * demand.mean())
    by_channel = window_draws(what, spend / price, today, demand)
    total = by_channel.sum(axis=1) - (spend.sum() * s.days if what.net else 0.0)
    return _Looked(s, what, spend, price, demand, by_channel, what.drawn(spend / price) * s.days, total)


def _offset(s: Scenario, first_day: dt.date | None) -> int:
    if s.start is None or first_day is None:
        return 0
    offset = (s.start - first_day).days
    if offset < 0:
        raise PlanError("plan.scenario_past", name=s.name, start=s.start, first=first_day)
    return offset


def _row(one: _Looked, base: _Looked, interval: float) -> dict[str, Any]:
    days, budget = one.scenario.days, float(one.spend.sum()) * one.scenario.days
    net = budget if one.what.net else 0.0
    steady = band(one.steady.sum(axis=1) - net, interval)
    seen, gain = band(one.total, interval), band(one.total - base.total, interval)
    money = (one.steady * one.what.money).sum(axis=1)
    roi = band(money / budget if budget > 0 else np.empty(0), interval)
    share = one.spend / one.spend.sum() if budget > 0 else np.full(len(one.spend), np.nan)
    marginal = _marginal(one)
    return {
        "scenario": one.scenario.name, "budget": round(budget, 2), "days": days,
        "outcome_low": seen.low, "outcome": seen.mid, "outcome_high": seen.high,
        "steady_low": steady.low, "steady": steady.mid, "steady_high": steady.high,
        "roi_low": roi.low, "roi": roi.mid, "roi_high": roi.high, "mroi": float((share * marginal).sum()),
        "gain_low": gain.low, "gain": gain.mid, "gain_high": gain.high,
        "p_beats_baseline": beats(one.total - base.total, float(base.total.mean()), one.what.curves),
    }  # fmt: skip


def _marginal(one: _Looked) -> Array:
    """Objective of the next unit of money, by channel."""
    return np.asarray(one.what.marginal(one.spend / one.price).mean(axis=0) / one.price)


def _channels(one: _Looked, interval: float) -> pd.DataFrame:
    tail = (1 - interval) / 2
    low, high = np.quantile(one.by_channel, [tail, 1 - tail], axis=0)
    names = list(one.what.curves.channels)
    spent = one.spend * one.scenario.days
    with np.errstate(divide="ignore", invalid="ignore"):
        roi = (one.steady * one.what.money).mean(axis=0) / np.where(spent > 0, spent, np.nan)
    return pd.DataFrame(
        {
            "scenario": one.scenario.name, "channel": names, "spend": one.spend,
            "share": one.spend / one.spend.sum() if one.spend.sum() > 0 else np.nan,
            "outcome_low": low, "outcome": one.by_channel.mean(axis=0), "outcome_high": high, "roi": roi,
            "mroi": _marginal(one), "outside": _outside(one),
        }
    )  # fmt: skip


def _outside(one: _Looked) -> npt.NDArray[np.bool_]:
    seen = one.what.curves.observed_range.reindex(list(one.what.curves.channels))
    above = one.spend > seen["high"].to_numpy("float64") * (1 + 1e-9)
    below = (one.spend < seen["low"].to_numpy("float64") * (1 - 1e-9)) & (one.spend > 0)
    return np.asarray(above | below)


def _findings(one: _Looked) -> tuple[Finding, ...]:
    found: list[Finding] = []
    s, names = one.scenario, one.what.curves.channels
    outside = [name for name, out in zip(names, _outside(one), strict=True) if out]
    if outside:
        found.append(Finding("warning", "plan.outside", {"names": ", ".join(outside), "n": len(outside)}))
    usual = float(one.demand.mean()) / s.assumptions.demand
    if abs(usual - 1) >= SEASON:
        found.append(Finding("info", "plan.season", {"change": usual - 1, "days": s.days}))
    if s.assumptions.demand != 1:
        found.append(Finding("info", "plan.assumed_demand", {"change": s.assumptions.demand - 1}))
    if s.assumptions.value is not None:
        found.append(Finding("info", "plan.assumed_value", {"outcome": one.what.curves.outcome}))
    for channel, price in s.assumptions.prices.items():
        found.append(Finding("info", "plan.assumed_price", {"channel": channel, "change": price - 1}))
    left = [c for c in names if c not in s.spend]
    if left:
        found.append(Finding("info", "plan.keeps_today", {"names": ", ".join(left)}))
    return (*found, *one.what.findings)


def outcome_band(
    curves: ResponseCurves,
    spend: npt.ArrayLike,
    objective: str = "revenue",
    days: int = 28,
    policy: Policy | None = None,
    value: Any = None,
) -> Band:
    """The steady outcome of one spend over the days: the fast way, for a slider.

    Args:
        curves: what spend brings.
        spend: (channels,), money per day in the order of the curves.
        objective: as in ``allocate``.
        days: how many coming days.
        policy: interval and margin.
        value: as in ``allocate``.

    Raises:
        PlanError: as ``goods.goods``.
    """
    rules = policy or Policy()
    what = goods(curves, objective, days, rules, value)
    x = np.asarray(spend, dtype="float64")
    if x.shape != (len(curves.channels),) or not (np.isfinite(x).all() and (x >= 0).all()):
        refuse("spend", spend, "money per day from 0, one number per channel")
    per_day = what.drawn(x).sum(axis=-1) - (x.sum() if what.net else 0.0)
    return band(per_day * days, rules.interval)
