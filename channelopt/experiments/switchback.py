"""A planned switchback and what it said: paired blocks, the coins' own p-value, one verdict at the end.

The p-value and the interval come from turning the pairs round (``switchback_pairs``, ``placebo``): what the
coins could have given. Both views, absolute and relative, are the same test: the absolute interval is the
relative one times the control's ratio. Student's t on the same pairs stands beside.

Carry-over: if what one block started goes on in the next, the difference between the sides grows from the
first half of the blocks' used days to the second. A one-sided t-test on that growth, pair by pair, warns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from channelopt.errors import Finding
from channelopt.experiments.design import MONTH
from channelopt.experiments.effect import Array
from channelopt.experiments.metrics import Metric, metric_of
from channelopt.experiments.paired import paired_ratio_test
from channelopt.experiments.placebo import Placebo, least_p, placebo
from channelopt.experiments.switchback_design import SwitchbackPlan, least_pairs
from channelopt.experiments.switchback_pairs import Pairs, day_series, flips, scores, sides_of
from channelopt.experiments.validity import ENOUGH_ORDERS

#: Share of the pairs that may be lost before nothing can be concluded.
LOST = 0.2
#: A growth within the blocks with a smaller p-value warns of carry-over.
CARRY_ALPHA = 0.05


@dataclass(frozen=True)
class SwitchbackReading:
    """What a switchback says today.

    Attributes:
        outcome: "winner" (the second variant is better), "loser", "equivalent", "keep_running" or
            "data_problem".
        reasons: why, the first is the main one.
        table: one row: variant, outcome, status, control, treatment (the metric of both sides),
            effect_size, ci_low, ci_high, rel_effect_size, rel_ci_low, rel_ci_high, pvalue, pvalue_t
            (Student's t on the pairs), pairs, carry_over (p-value of the growth), gain_per_month, gain_low,
            gain_high. NaN before the end and where it cannot be known; an end that nothing bounds is NaN.
        path: one row per pair whose days have passed, at the end only: pair, first_day, control, treatment
            (the metric of both sides; NaN without a denominator).
        day: days since the start with any figures.
        judged: planned end once it is reached, else 0.
        next_look: the planned end; None once it is reached.
        status: "ok", "before_end", "no_rows", "lost_pairs", "few_pairs", "no_outcome", "no_variation" or
            "few_orders".
    """

    outcome: str
    reasons: tuple[Finding, ...]
    table: pd.DataFrame
    path: pd.DataFrame
    day: int
    judged: int
    next_look: int | None
    status: str


@dataclass(frozen=True)
class SwitchbackTest:
    """A switchback as planned.

    Attributes:
        plan: what was promised before the data came.
        start: first day of the first block.
    """

    plan: SwitchbackPlan
    start: pd.Timestamp

    def analyse(self, rows: pd.DataFrame) -> SwitchbackReading:
        """Read the day rows of the campaign or channel that was switched.

        Args:
            rows: column day, the metric's numerator and denominator; ``customers`` where orders count.

        Raises:
            ExperimentError: ``experiments.no_column`` when a column is missing.
        """
        plan, metric, start = self.plan, metric_of(self.plan.metric), pd.Timestamp(self.start).normalize()
        days = day_series(rows, metric)
        day = max(0, (days.index[-1] - start).days + 1) if len(days) else 0
        cube = _cube(plan, days, start)
        ended = day >= plan.days
        pairs = _pairs(metric, cube, slice(plan.washout_days, None))
        held = np.asarray((pairs.base_a > 0) & (pairs.base_b > 0))
        used = Pairs(*(side[held] for side in pairs))
        status = "before_end" if not ended else _status(plan, used, held)
        answer = _answer(plan, used) if status == "ok" else None
        if answer is not None:
            status = _checked(answer, metric, cube, plan)
        row = _row(plan, metric, used, answer if status == "ok" else None, status)
        row["carry_over"] = _carried(plan, metric, cube, held) if status == "ok" else float("nan")
        lost = int((~held).sum()) if ended else 0
        return SwitchbackReading(
            row["outcome"], _reasons(plan, metric, row, day, lost, cube), pd.DataFrame([row]),
            _path(plan, metric, pairs, start, ended), day, plan.days if ended else 0,
            None if ended else plan.days, status,
        )  # fmt: skip


def _cube(plan: SwitchbackPlan, days: pd.DataFrame, start: pd.Timestamp) -> dict[str, Array]:
    """Columns as arrays of shape (pairs, side, day of the block); side 0 is the first variant."""
    wanted = pd.date_range(start, periods=plan.days)
    first = np.array([name == plan.variants[0] for name in plan.order])
    out = {}
    for column in days.columns:
        values = days[column].reindex(wanted).fillna(0.0).to_numpy("float64")
        blocks = values.reshape(plan.pairs, 2, plan.block_days)
        out[column] = np.where(first[:, None, None], blocks, blocks[:, ::-1])
    return out


def _pairs(metric: Metric, cube: dict[str, Array], used: slice) -> Pairs:
    top, base = (cube[name][..., used].sum(axis=-1) for name in sides_of(metric))
    return Pairs(top[:, 0], base[:, 0], top[:, 1], base[:, 1])


def _status(plan: SwitchbackPlan, used: Pairs, held: Any) -> str:
    count = len(used.top_a)
    if not count:
        return "no_rows"
    if count < (1 - LOST) * len(held):
        return "lost_pairs"
    return "ok" if count >= least_pairs(plan.alpha) else "few_pairs"


def _answer(plan: SwitchbackPlan, used: Pairs) -> Placebo:
    a, b = scores(used)
    turned = flips(len(used.top_a), plan.seed)
    return placebo((a.sum(), b.sum()), (turned @ a, turned @ b), plan.alpha)


def _checked(answer: Placebo, metric: Metric, cube: dict[str, Array], plan: SwitchbackPlan) -> str:
    if not answer.phi > 0:
        return "no_outcome"
    if answer.phi_high - answer.phi_low < 1e-7:
        return "no_variation"
    if least_p(answer.assignments, True) > plan.alpha:
        return "few_pairs"
    return "ok" if _orders(metric, cube, plan) >= ENOUGH_ORDERS else "few_orders"


def _orders(metric: Metric, cube: dict[str, Array], plan: SwitchbackPlan) -> float:
    """Orders of the thinner side; endless where the metric does not wait for them."""
    if not metric.orders or "customers" not in cube:
        return 0.0 if metric.orders else float("inf")
    return float(cube["customers"][..., plan.washout_days :].sum(axis=(0, 2)).min())


def _row(
    plan: SwitchbackPlan, metric: Metric, used: Pairs, answer: Placebo | None, status: str
) -> dict[str, Any]:
    nan = float("nan")
    names = ("rel_effect_size", "rel_ci_low", "rel_ci_high")
    row: dict[str, Any] = {"variant": plan.variants[1], "status": status, "pairs": len(used.top_a)}
    row |= dict.fromkeys(("control", "treatment", "effect_size", "ci_low", "ci_high", *names, "pvalue"), nan)
    row |= dict.fromkeys(("pvalue_t", "gain_per_month", "gain_low", "gain_high"), nan)
    if answer is not None:
        a, b = used.top_a.sum() / used.base_a.sum(), used.top_b.sum() / used.base_b.sum()
        low, high = float(answer.phi_low), float(answer.phi_high)
        if metric.lower_is_better:
            a, b = 1 / a, 1 / b
            rel = (float(answer.phi) - 1, low - 1, high - 1 if np.isfinite(high) else nan)
        else:
            ends = (float(answer.rel_ci_low) if np.isfinite(high) else nan, float(answer.rel_ci_high))
            rel = (float(answer.rel_effect_size), *ends)
        row |= {"control": a, "treatment": b, "pvalue": float(answer.pvalue)} | dict(
            zip(names, rel, strict=True)
        )
        row |= {"effect_size": b - a, "ci_low": a * rel[1], "ci_high": a * rel[2]}
        row["pvalue_t"] = float(paired_ratio_test(*used).pvalue)
        sign, month = (-1.0 if metric.lower_is_better else 1.0), plan.value_per_day * MONTH
        if month > 0:
            row |= {"gain_per_month": sign * rel[0] * month}
            row["gain_low"], row["gain_high"] = sorted((sign * rel[1] * month, sign * rel[2] * month))
    row["outcome"] = _outcome(plan, metric, row, status)
    return row


def _outcome(plan: SwitchbackPlan, metric: Metric, row: dict[str, Any], status: str) -> str:
    if status in ("no_rows", "lost_pairs"):
        return "data_problem"
    if status != "ok":
        return "keep_running"
    low, high = row["rel_ci_low"], row["rel_ci_high"]
    if low > 0 or high < 0:
        return "winner" if (low > 0) != metric.lower_is_better else "loser"
    return "equivalent" if low > -plan.smallest and high < plan.smallest else "keep_running"


def _carried(plan: SwitchbackPlan, metric: Metric, cube: dict[str, Array], held: Any) -> float:
    """One-sided p-value of the difference growing from the first half of the blocks to the second."""
    first, last = plan.washout_days, plan.block_days
    middle = (first + last) // 2
    if middle == first or held.sum() < 4:
        return float("nan")
    halves = [_pairs(metric, cube, slice(*ends)) for ends in ((first, middle), (middle, last))]
    grown = []
    for ta, ba, tb, bb in halves:
        total = (ba + bb).sum()
        rate = (ta + tb).sum() / total if total > 0 else 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            grown.append(((tb - rate * bb) - (ta - rate * ba)) / total)
    growth = (grown[1] - grown[0])[held]
    if not np.isfinite(growth).all() or not np.ptp(growth) > 0:
        return float("nan")
    level = (grown[0] + grown[1])[held].sum()
    return float(stats.ttest_1samp(growth * np.sign(level), 0.0, alternative="greater").pvalue)


def _path(
    plan: SwitchbackPlan, metric: Metric, pairs: Pairs, start: pd.Timestamp, ended: bool
) -> pd.DataFrame:
    count = plan.pairs if ended else 0
    sides = [pairs.top_a / np.where(pairs.base_a > 0, pairs.base_a, np.nan)]
    sides.append(pairs.top_b / np.where(pairs.base_b > 0, pairs.base_b, np.nan))
    if metric.lower_is_better:
        sides = [1 / np.where(side > 0, side, np.nan) for side in sides]
    first = start + pd.to_timedelta(np.arange(count) * 2 * plan.block_days, unit="D")
    return pd.DataFrame(
        {
            "pair": np.arange(1, count + 1),
            "first_day": first,
            "control": sides[0][:count],
            "treatment": sides[1][:count],
        }
    )


def _reasons(
    plan: SwitchbackPlan, metric: Metric, row: dict[str, Any], day: int, lost: int, cube: dict[str, Array]
) -> tuple[Finding, ...]:
    """Why, in words: the main reason first."""
    status, outcome = row["status"], row["outcome"]
    told = {
        "name": plan.variants[1], "metric": metric.name.upper(), "effect": abs(row["rel_effect_size"]),
        "day": plan.days, "days": plan.days, "smallest": plan.smallest,
    }  # fmt: skip
    have, need = row["pairs"], least_pairs(plan.alpha)
    main = {
        "before_end": Finding("info", "experiments.before_look", {"look": plan.days, "day": day}),
        "no_rows": Finding("error", "experiments.no_rows", {"names": ", ".join(plan.variants)}),
        "lost_pairs": Finding("error", "experiments.switch_lost_pairs"),
        "few_pairs": Finding("warning", "experiments.switch_few", {"have": have, "need": need}),
        "no_outcome": Finding("warning", "experiments.no_denominator", told),
        "no_variation": Finding("warning", "experiments.no_variation"),
    }
    if status == "few_orders":
        orders = int(_orders(metric, cube, plan))
        found = [Finding("warning", "experiments.few_orders", {"have": orders, "need": ENOUGH_ORDERS})]
    elif status in main:
        found = [main[status]]
    else:
        code = "ended_open" if outcome == "keep_running" else outcome
        found = [Finding("info", f"experiments.{code}", told)]
    if row["carry_over"] < CARRY_ALPHA:
        found.append(Finding("warning", "experiments.switch_carry"))
    if lost:
        found.append(Finding("warning", "experiments.switch_lost", {"n": lost}))
    if day > plan.days:
        found.append(Finding("info", "experiments.past_end", {"days": plan.days, "more": day - plan.days}))
    return tuple(found)
