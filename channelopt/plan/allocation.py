"""Where the money goes: the best split of a budget under limits, with a receipt for every channel.

The objective is the mean of the posterior draws of the curves (``meancurves.py``); the best split under the
limits (``limits.py``) is found also when curves are S-shaped (``optimum.py``); the plan goes towards it as
far as it surely gains (``caution.py``), in whole units of currency (``units.py``), and is never worse than
today's mix under the same curves. Outcomes are those the money of the plan brings in the end, what
carries over beyond the last day counted in; ``Plan.in_window`` is what will be seen by then.

Source: marginal returns are equal on every channel that no limit holds (Dorfman & Steiner 1954, Koopman
    1953);
Smith & Winkler (2006) for the promise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.caution import Move, cautious_move, crossfit_gain, reference_mix
from channelopt.plan.chances import chance_of, share_for
from channelopt.plan.freebudget import free_budget
from channelopt.plan.goods import Goods, goods, refuse
from channelopt.plan.limits import Bounds, Limits, Wishes, limits
from channelopt.plan.meancurves import FOLDS, MeanCurves, mean_curves, together
from channelopt.plan.optimum import Region, best_split
from channelopt.plan.planfindings import plan_findings
from channelopt.plan.planned import Band, Plan, band, roi_band
from channelopt.plan.planner import wishes_of
from channelopt.plan.receipts import RELAX, receipts
from channelopt.plan.units import in_units
from channelopt.plan.variation import design_variation
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

CENT = 0.01
#: Share of a cross-fitted gain that is promised, by how well the curves of the moved channels are known.
TRUST: Mapping[str, float] = {"yes": 0.95, "weak": 0.9, "no": 0.9}
#: The same where only the total is known: there curves are drawn closer together than they are, and more
#: came true than their mean says.
TRUST_TOTAL: Mapping[str, float] = {"yes": 1.15, "weak": 1.15, "no": 1.05}


class Options(Wishes, total=False):
    """What else may be asked of a plan; see also ``Wishes``.

    target_mroi: with a free budget, the return the last unit of money must still bring.
    unit: smallest unit of the totals, 0.01 (default) or whole money such as 1 or 100.
    value: money per unit of the outcome, one number or by channel, in place of the curves' own.
    caution: False goes all the way to the best split, however unsure.
    sure: share of the draws that must gain, in place of what the policy's confidence asks for.
    """

    target_mroi: float | None
    unit: float
    value: Any
    caution: bool
    sure: float | None


def allocate(
    curves: ResponseCurves,
    budget: float | None = None,
    days: int = 28,
    bounds: Bounds | None = None,
    target_roi: float | None = None,
    objective: str = "revenue",
    policy: Policy | None = None,
    **options: Unpack[Options],
) -> Plan:
    """The best split of a budget.

    Args:
        curves: what spend brings (``fit_response``).
        budget: money over all ``days``; None finds the largest one that still meets ``target_roi`` or
            ``target_mroi`` (without both: the policy's floor, for profit the last unit that pays).
        days: length of the plan, starting tomorrow.
        bounds: channel → (low, high), money per day; a side that is given takes the place of the step
            limit, None leaves it.
        target_roi: with a free budget what the plan must return; with a budget only checked.
        objective: "revenue", "profit", "leads", "valid_leads" or "customers".
        policy: thresholds, confidence and margin.
        options: see ``Options`` and ``Wishes``.

    Raises:
        PlanError: a wish that cannot be met, saying who, what, and what was wanted; see ``goods.goods``,
            ``limits.limits``, ``units.in_units``.
    """
    rules = policy or Policy()
    _check(options, budget, target_roi)
    what = goods(curves, objective, days, rules, options.get("value"))
    found: tuple[Finding, ...] = ()
    daily = None if budget is None else round(float(budget), 2) / days
    allowed = limits(curves.channels, what.today(), daily, what.days, bounds, wishes_of(options))
    if budget is None:
        budget, found = _largest_budget(what, allowed.region, target_roi, options, rules)
    budget = round(float(budget), 2)
    sure = options.get("sure")
    asked = share_for(rules.confidence, curves) if sure is None else sure
    asked = asked if options.get("caution", True) else 0.0
    case = _Case(what, rules, allowed, budget, options.get("unit", CENT), asked)
    return _plan(case, target_roi, found)


def _largest_budget(
    what: Goods, region: Region, target_roi: float | None, options: Options, policy: Policy
) -> tuple[float, tuple[Finding, ...]]:
    """Money over all days in whole units that still meets the target."""
    daily, found = free_budget(what, region, target_roi, options.get("target_mroi"), policy)
    unit = options.get("unit", CENT)
    budget = float(np.floor(daily * what.days / unit + 1e-6) * unit)
    least = float(np.ceil(region.least() * what.days / CENT - 1e-6) * CENT)
    return max(budget, least), found


def _check(options: Options, budget: float | None, target_roi: float | None) -> None:
    known = {**Wishes.__annotations__, **Options.__annotations__}
    unknown = sorted(set(options) - set(known))
    if unknown:
        refuse("option", ", ".join(unknown), ", ".join(sorted(known)))
    if budget is not None and not 0 <= budget < np.inf:
        refuse("budget", budget, "money over all days, from 0")
    for name, value in (("target_roi", target_roi), ("target_mroi", options.get("target_mroi"))):
        if value is not None and not 0 < value < np.inf:
            refuse(name, value, "a multiple above 0")
    unit = options.get("unit", CENT)
    if not (unit == CENT or (unit >= 1 and unit == int(unit))):
        refuse("unit", unit, "0.01 or whole money such as 1 or 100")


@dataclass(frozen=True)
class _Case:
    """Everything a plan is made of."""

    goods: Goods
    policy: Policy
    limits: Limits
    budget: float
    unit: float
    sure: float

    @property
    def daily(self) -> float:
        return self.budget / self.goods.days

    @property
    def confidence(self) -> float:
        """Share of the draws that must gain; 0 where nothing is spent today."""
        return self.sure if self.goods.today().sum() > 0 else 0.0


def _plan(case: _Case, target_roi: float | None, found: tuple[Finding, ...]) -> Plan:
    what, region = case.goods, case.limits.region
    today = what.today()
    reference = reference_mix(today, region, case.daily)
    reach = np.maximum(region.high, reference) + RELAX * np.maximum(region.high, today)
    folds = min(FOLDS, what.top.shape[0])
    parts = mean_curves(what, reach, folds)
    sizes = [len(range(k, what.top.shape[0], folds)) for k in range(folds)]
    mean = together(parts, sizes)
    move = cautious_move(what, mean, region, reference, case.confidence)
    totals, base = _whole(case, move.spend, reference)
    spend, held = totals / what.days, base / what.days
    if move.state in ("moved", "partial") and (spend == held).all():
        move = replace(move, state="best")  # whole units undo so small a move
    naive, corrected = _uplifts(case, parts, held, move, spend)
    table = receipts(what, case.limits, mean, (today, held, move, spend), _again(case, mean))
    names = list(what.curves.channels)
    plan = Plan(
        spend=pd.Series(spend, index=names, name="spend"),
        totals=pd.Series(totals, index=names, name="total"),
        budget=case.budget,
        days=what.days,
        objective=what.objective,
        receipts=table,
        expected=_band(case, spend),
        expected_today=_band(case, held),
        in_window=_seen(case, spend),
        uplift=corrected,
        naive_uplift=naive,
        step=move.step if move.state != "best" else 1.0,
        chance=float(chance_of(move.chance, what.curves)),
        roi=roi_band(what, spend, case.policy),
        mroi=_margin(table),
        reference=pd.Series(held, index=names, name="reference"),
        full=pd.Series(move.best, index=names, name="full"),
        gap=_gap(mean, region, case.daily, what),
        variation=None,
        findings=(),
        curves=what.curves,
        policy=case.policy,
    )
    if move.state == "test_first":
        plan = replace(plan, variation=design_variation(what.curves, max(what.days, 56)))
    notes = plan_findings(plan, what, case.limits, move.state, target_roi)
    return replace(plan, findings=(*found, *notes))


def _whole(case: _Case, spend: Array, reference: Array) -> tuple[Array, Array]:
    """Totals of plan and of today's mix in whole units; twice the latter when rounding makes it better."""
    what, region = case.goods, case.limits.region
    totals = in_units(spend, region, what.days, case.budget, case.unit)
    base = in_units(reference, region, what.days, case.budget, case.unit)
    both = what.drawn(np.array([totals, base]) / what.days).sum(axis=-1).mean(axis=0)
    return (totals, base) if both[0] >= both[1] else (base, base)


def _uplifts(
    case: _Case, parts: list[MeanCurves], reference: Array, move: Move, spend: Array
) -> tuple[float, float]:
    """Gain over today's mix as a share of its outcome: naive, and corrected."""
    what = case.goods
    base = float(what.drawn(reference).sum(axis=-1).mean())
    if not base > 0:
        return float("nan"), float("nan")
    if move.state in ("best", "test_first") or (spend == reference).all():
        return 0.0, 0.0
    more = float(what.drawn(spend).sum(axis=-1).mean()) - base
    if what.net:
        more, base = more - float(spend.sum() - reference.sum()), base - float(reference.sum())
        if not base > 0:
            return float("nan"), float("nan")
    naive = more / base
    if len(parts) < 2:
        return naive, naive
    gain = crossfit_gain(what, parts, case.limits.region, reference, case.confidence)
    return naive, min(gain / base, naive) * _trust(what, reference, spend)


def _trust(what: Goods, reference: Array, spend: Array) -> float:
    """Share of the gain that is promised: by how well the moved money's curves are known."""
    moved = np.abs(spend - reference)
    if not moved.sum() > 0:
        return 1.0
    known = what.curves.identified.reindex(list(what.curves.channels))
    share = TRUST if what.curves.attributed else TRUST_TOTAL
    return float(np.average([share[str(name)] for name in known], weights=moved))


def _again(case: _Case, mean: MeanCurves) -> Any:
    """The same plan under other limits: region → money per day, before rounding."""
    today = case.goods.today()

    def planned(region: Region) -> Array:
        reference = reference_mix(today, region, case.daily)
        return cautious_move(case.goods, mean, region, reference, case.confidence).spend

    return planned


def _band(case: _Case, spend: Array) -> Band:
    per_day = case.goods.drawn(spend).sum(axis=-1) - (spend.sum() if case.goods.net else 0.0)
    return band(per_day * case.goods.days, case.policy.interval)


def _seen(case: _Case, spend: Array) -> Band:
    what = case.goods
    per_day = (what.curves.ramp_draws(spend, what.days) * what.unit).sum(axis=1)
    per_day = per_day - (spend.sum() if what.net else 0.0)
    return band(per_day * what.days, case.policy.interval)


def _margin(table: pd.DataFrame) -> float:
    """Return of the next unit: that of the channels no limit holds, weighted by spend."""
    free = table[(table["binding"] == "none") & (table["spend"] > 0)]
    return float(np.average(free["mroi"], weights=free["spend"])) if len(free) else float("nan")


def _gap(mean: MeanCurves, region: Region, daily: float, what: Goods) -> float:
    split = best_split(mean, region, daily)
    return split.gap / split.value if split.value > 0 else 0.0
