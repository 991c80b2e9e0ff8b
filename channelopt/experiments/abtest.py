"""A planned test and what it said: one of five outcomes, the reason, the interval that agrees, and the money.

The verdict is that of the last planned look that has passed: days after it are not judged until the next
look, and nothing after the planned end is judged at all. A winner or loser found at an earlier look stands.
Several treatments share the error by Bonferroni; one that is decided hands its share to the rest (Holm's
steps, valid over looks as well: Ye, Li, Liu & Yao 2013).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special

from channelopt.errors import Finding
from channelopt.experiments.design import MONTH, TestPlan, look_days
from channelopt.experiments.effect import Array, Effect
from channelopt.experiments.metrics import Metric
from channelopt.experiments.people import PersonRows
from channelopt.experiments.segments import guardrails, other_metrics, segment_findings
from channelopt.experiments.sequential import anytime_bounds, look_bounds, peeking_error
from channelopt.experiments.several import shrink
from channelopt.experiments.sides import Comparison, DayRows, Rows
from channelopt.experiments.verdicts import best_of, decision, enough, outcome_of, reasons

OUTCOMES: Final = ("winner", "loser", "equivalent", "keep_running", "data_problem")


@dataclass(frozen=True)
class Reading:
    """What a test says today.

    Attributes:
        outcome: one of ``OUTCOMES``, of the best treatment.
        reasons: why, the first is the main one.
        table: one row per treatment: variant, outcome, control, treatment, effect_size, ci_low, ci_high,
            rel_effect_size, rel_ci_low, rel_ci_high, pvalue, rel_shrunk, chance_to_win, expected_loss,
            gain_per_month, gain_low, gain_high. Intervals are those of the looks: they hold 0 exactly
            while there is no winner and no loser. Gains are money, above 0 is good.
        path: one row per treatment and day: variant, day_no, rel_effect_size, rel_ci_low, rel_ci_high, look.
        day: days since the start, with both sides.
        judged: day number of the look the verdict rests on; 0 before the first.
        next_look: day number; None at the end.
        peeking: chance of a false winner had one looked every day with a plain test.
        regret_of_waiting: expected money lost by waiting another week, at least 0.
        is_test: False where the platform chose who saw what: a comparison.
        others: metrics the test was not planned for, at the same look: metric, variant, rel_effect_size,
            rel_ci_low, rel_ci_high (95%), qvalue (Benjamini–Hochberg over all rows).
    """

    outcome: str
    reasons: tuple[Finding, ...]
    table: pd.DataFrame
    path: pd.DataFrame
    day: int
    judged: int
    next_look: int | None
    peeking: float
    regret_of_waiting: float
    is_test: bool = True
    others: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True)
class ABTest:
    """A test as planned.

    Attributes:
        plan: what was promised before the data came.
        start: first day; without it the first day with data.
    """

    plan: TestPlan
    start: pd.Timestamp | None = None

    def analyse(self, frame: pd.DataFrame) -> Reading:
        """Read day rows by variant, or rows per person.

        Args:
            frame: variant, and the metric's numerator and denominator (guardrails' too where there are any).
                Day rows: day; several rows of a day and variant add up. Rows per person: person_key, and day
                (of joining), segment, before (the metric before the test) where they are known; the
                denominator ``people`` is the rows themselves. Columns ``customers``, ``spend`` and ``people``
                of day rows are used where they are given.

        Raises:
            ExperimentError: ``experiments.no_column`` when a column is missing.
        """
        plan, metric = self.plan, self.plan.metric
        rows: Rows = _kind(frame).of(frame, plan, self.start)
        day = rows.day
        looks = _looks(plan, day)
        passed, later = looks[looks <= day], looks[looks > day]
        until = int(passed[-1]) if len(passed) else 0
        problem = rows.problems(until or day) or segment_findings(rows, plan, until)
        paths, table = _judge(rows, plan, looks, day)
        table["rel_shrunk"] = _shrunk(table) if len(table) > 1 else table["rel_effect_size"]
        best = best_of(table, metric)
        broken = any(f.severity == "error" for f in problem)
        outcome = "data_problem" if broken else str(table.loc[best, "outcome"])
        why = (*problem, *reasons(plan, table.loc[best], outcome, day, passed, later))
        why += (*rows.notes(until), *guardrails(rows, plan, until))
        gain = table.loc[best, "gain_per_month"]
        regret = max(0.0, float(gain) * 7 / MONTH) if np.isfinite(gain) else float("nan")
        return Reading(
            outcome, why, table, paths, day, until, int(later[0]) if len(later) else None,
            peeking_error(np.arange(1.0, max(day, 1) + 1), plan.alpha), regret, plan.unit != "platform",
            other_metrics(rows, plan, until),
        )  # fmt: skip


def _kind(frame: pd.DataFrame) -> type[DayRows] | type[PersonRows]:
    """Rows per person name the person; everything else is day rows."""
    named = "person_key" in frame.columns
    return PersonRows if named and (frame.empty or (frame["person_key"].fillna("") != "").any()) else DayRows


def _looks(plan: TestPlan, day: int) -> Array:
    """Planned looks; with looks at any time every day from the seventh on, past the planned end as well."""
    if plan.mode == "anytime":
        return np.array(look_days(max(plan.days, day), 1))
    return np.array(plan.looks)


def _judge(rows: Rows, plan: TestPlan, looks: Array, day: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Paths and rows of all treatments; what is decided hands its share of the error on."""
    end = min(day, int(looks[-1]))
    compared = {k: rows.compare(plan.metric, k, end) for k in range(1, len(plan.variants))}
    left, done = list(compared), False
    found: dict[int, tuple[pd.DataFrame, dict[str, Any]]] = {}
    while left and not done:
        now = {k: _one(compared[k], plan, looks, end, plan.alpha / len(left)) for k in left}
        decided = [k for k in left if now[k][1]["outcome"] in ("winner", "loser")]
        done = not decided or len(decided) == len(left)
        found |= {k: now[k] for k in (left if done else decided)}
        left = [k for k in left if k not in found]
    names = plan.variants
    paths = [found[k][0].assign(variant=names[k]) for k in sorted(found)]
    table = pd.DataFrame([{"variant": names[k], **found[k][1]} for k in sorted(found)])
    return pd.concat(paths, ignore_index=True), table


def _one(
    compared: Comparison | None, plan: TestPlan, looks: Array, end: int, alpha: float
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The path of one treatment, and its row as of the look that counts."""
    if compared is None:
        return _nothing(plan)
    got = compared.effects
    length = np.arange(1, len(got.n) + 1)
    passed = [int(d) for d in looks if d <= end]
    half = _reach(got, _bounds(plan, looks, compared, end, alpha)) * got.se
    low, high = got.effect_size - half, got.effect_size + half
    rel, rel_low, rel_high = _relative(got, half)
    path = pd.DataFrame(
        {"day_no": length, "rel_effect_size": rel, "rel_ci_low": rel_low, "rel_ci_high": rel_high}
    )
    path["look"] = np.isin(length, looks)
    at = passed[-1] if passed else 0
    for d in passed if compared.dated else []:
        i = d - 1
        ends = (low[i], high[i], rel_low[i], rel_high[i])
        if decision(ends, plan, d == plan.days) and enough(compared.orders[i], plan.metric):
            at = d
            break
    i = (max(at, 1) if compared.dated else 1) - 1
    known = at > 0 and got.status[i] == "ok"
    row: dict[str, Any] = {
        "look": at,
        "status": str(got.status[i]) if at else "before_first_look",
        "control": got.control[i],
        "treatment": got.treatment[i],
        "effect_size": got.effect_size[i],
        "ci_low": low[i],
        "ci_high": high[i],
        "rel_effect_size": rel[i],
        "rel_ci_low": rel_low[i],
        "rel_ci_high": rel_high[i],
        "pvalue": min(1.0, float(got.pvalue[i]) * plan.alpha / alpha) if known else float("nan"),
    }
    if not known:
        row.update({c: float("nan") for c in row if c not in ("look", "status", "pvalue")})
    row.update(_bayes(row, got, i, plan.metric, known))
    row.update(_money(row, plan))
    row["orders"] = compared.orders[i] if plan.metric.orders and at else float("nan")
    row["outcome"] = outcome_of(row, plan, bool(passed) and at == plan.days)
    return path, row


def _nothing(plan: TestPlan) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A treatment of which no row has come in."""
    path = pd.DataFrame({c: [] for c in ("day_no", "rel_effect_size", "rel_ci_low", "rel_ci_high")})
    row: dict[str, Any] = {"look": 0, "status": "before_first_look", "outcome": "keep_running"}
    figures = (
        "control treatment effect_size ci_low ci_high rel_effect_size rel_ci_low rel_ci_high pvalue orders"
        " chance_to_win expected_loss rel_se gain_per_month gain_low gain_high"
    )
    return path.assign(look=False), {**row, **{c: float("nan") for c in figures.split()}}


def _bounds(plan: TestPlan, looks: Array, compared: Comparison, end: int, alpha: float) -> Array:
    """\\|z\\| to pass on each day: that of the next look, by what was gathered until then."""
    information = compared.information
    if not compared.dated:  # the bound of the planned end
        return look_bounds(np.array(plan.looks, dtype="float64"), alpha)[-1:]
    if plan.mode == "anytime":
        planned = information[-1] / end * plan.days
        return anytime_bounds(np.maximum(information, 1e-9), planned, alpha)
    gathered = [information[d - 1] if d <= end else information[-1] * d / end for d in looks.tolist()]
    rising = np.maximum.accumulate(np.maximum(gathered, 1e-9) + np.arange(len(looks)) * 1e-9)
    bounds = look_bounds(rising, alpha, time=looks / plan.days)
    return np.asarray(bounds[np.minimum(np.searchsorted(looks, np.arange(1, end + 1)), len(looks) - 1)])


def _reach(got: Effect, z: Array) -> Array:
    """Standard errors to the end of the interval: the same p-value as z, on Student's t."""
    t = special.stdtrit(np.clip(got.df, 1, 1e9), special.ndtr(z))
    return np.where(got.df > 0, np.where(np.isinf(got.df), z, t), np.nan)


def _relative(got: Effect, half: Array) -> tuple[Array, Array, Array]:
    """The looks' interval on the relative scale; both views hold 0 together."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where((got.control > 0) & (got.treatment > 0), np.log(got.treatment / got.control), np.nan)
        middle = np.where(log == 0, got.control, got.effect_size / log)
        wide = half / middle
    with np.errstate(over="ignore"):
        return np.expm1(log), np.expm1(log - wide), np.expm1(log + wide)


def _bayes(row: dict[str, Any], got: Effect, i: int, metric: Metric, known: bool) -> dict[str, float]:
    if not known or not np.isfinite(row["rel_effect_size"]):
        return {"chance_to_win": float("nan"), "expected_loss": float("nan"), "rel_se": float("nan")}
    se = float(got.se[i] / got.control[i])
    mean = row["rel_effect_size"] * (-1 if metric.lower_is_better else 1)
    z = mean / se
    loss = se * (np.exp(-z * z / 2) / np.sqrt(2 * np.pi) - z * special.ndtr(-z))
    return {"chance_to_win": float(special.ndtr(z)), "expected_loss": float(loss), "rel_se": se}


def _money(row: dict[str, Any], plan: TestPlan) -> dict[str, float]:
    """Expected money a month if shipped: the value moves in proportion with the metric."""
    month = plan.value_per_day * MONTH if plan.value_per_day > 0 else float("nan")
    sign = -1.0 if plan.metric.lower_is_better else 1.0
    ends = sorted((sign * row["rel_ci_low"] * month, sign * row["rel_ci_high"] * month))
    return {
        "gain_per_month": sign * row["rel_effect_size"] * month,
        "gain_low": ends[0],
        "gain_high": ends[1],
    }


def _shrunk(table: pd.DataFrame) -> Array:
    return shrink(table["rel_effect_size"], table["rel_se"])[0]
