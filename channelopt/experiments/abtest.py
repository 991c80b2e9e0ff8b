"""A planned test and what it said: one of five outcomes, the reason, the interval that agrees, and the money.

The verdict is that of the last planned look that has passed: days after it are not judged until the next
look, and nothing after the planned end is judged at all. A winner or loser found at an earlier look stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import special, stats

from channelopt.errors import Finding
from channelopt.experiments.design import MONTH, TestPlan
from channelopt.experiments.effect import Array, Effect
from channelopt.experiments.messages import ExperimentError
from channelopt.experiments.metrics import Metric, metric_of
from channelopt.experiments.paired import paired_ratio_test
from channelopt.experiments.sequential import look_bounds, peeking_error
from channelopt.experiments.several import shrink
from channelopt.experiments.validity import ENOUGH_ORDERS, SPLIT_ALPHA

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


@dataclass(frozen=True)
class ABTest:
    """A test as planned.

    Attributes:
        plan: what was promised before the data came.
        start: first day; without it the first day with data.
    """

    plan: TestPlan
    start: pd.Timestamp | None = None
    findings: tuple[Finding, ...] = field(default=())

    def analyse(self, frame: pd.DataFrame) -> Reading:
        """Read day rows by variant.

        Args:
            frame: columns day, variant, and the metric's numerator and denominator (guardrails' too where
                there are any); several rows of a day and variant add up. Columns ``customers`` and ``spend``
                are used where they are given.

        Raises:
            ExperimentError: ``experiments.no_column`` when a column is missing.
        """
        plan, metric = self.plan, self.plan.metric
        cube = _cube(frame, plan, self.start)
        day = len(cube["day"])
        looks = np.array(plan.looks)
        passed = looks[looks <= day]
        problem = _problems(cube, plan, int(passed[-1]) if len(passed) else day)
        paths, rows = [], []
        for k, name in enumerate(plan.variants[1:], start=1):
            path, row = _one(cube, plan, k, day)
            paths.append(path.assign(variant=name))
            rows.append({"variant": name, **row})
        table = pd.DataFrame(rows)
        table["rel_shrunk"] = _shrunk(table) if len(table) > 1 else table["rel_effect_size"]
        path = pd.concat(paths, ignore_index=True)
        later = looks[looks > day]
        best = _best(table, metric)
        outcome = "data_problem" if problem else str(table.loc[best, "outcome"])
        reasons = (*problem, *_reasons(plan, table.loc[best], outcome, day, passed, later))
        reasons += tuple(_guardrails(frame, plan, self.start, int(passed[-1]) if len(passed) else 0))
        gain = table.loc[best, "gain_per_month"]
        regret = max(0.0, float(gain) * 7 / MONTH) if np.isfinite(gain) else float("nan")
        return Reading(
            outcome, reasons, table, path, day, int(passed[-1]) if len(passed) else 0,
            int(later[0]) if len(later) else None,
            peeking_error(np.arange(1.0, max(day, 1) + 1), plan.alpha), regret, plan.unit != "platform",
        )  # fmt: skip


def _cube(frame: pd.DataFrame, plan: TestPlan, start: pd.Timestamp | None) -> dict[str, Any]:
    """Arrays of shape (variants, days) per column, and the days."""
    needed = ["day", "variant", plan.metric.numerator, plan.metric.denominator]
    for name in needed:
        if name not in frame.columns:
            raise ExperimentError("experiments.no_column", name=name)
    columns = [c for c in {*needed[2:], "customers", "spend", *_guard_columns(plan)} if c in frame.columns]
    rows = frame.loc[frame["variant"].isin(plan.variants), ["day", "variant", *columns]].copy()
    rows["day"] = pd.to_datetime(rows["day"]).dt.normalize()
    first = start if start is not None else rows["day"].min()
    rows = rows[rows["day"] >= first] if len(rows) else rows
    sums = rows.groupby(["variant", "day"])[columns].sum(min_count=1).unstack("variant")
    if len(sums):
        sums = sums.reindex(pd.date_range(sums.index.min(), sums.index.max()))
    cube: dict[str, Any] = {"day": sums.index}
    for column in columns:
        side = [
            sums[(column, v)].to_numpy("float64") if (column, v) in sums else np.full(len(sums), np.nan)
            for v in plan.variants
        ]
        cube[column] = np.array(side)
    return cube


def _guard_columns(plan: TestPlan) -> set[str]:
    found: set[str] = set()
    for name in plan.guardrails:
        found |= {metric_of(name).numerator, metric_of(name).denominator}
    return found


def _problems(cube: dict[str, Any], plan: TestPlan, until: int) -> tuple[Finding, ...]:
    """Reasons why nothing may be concluded."""
    bottom = cube[plan.metric.denominator][:, :until]
    if not len(cube["day"]):
        return ()  # nothing has come in yet: too early, not wrong
    if not bottom.size or not (np.nan_to_num(bottom).sum(axis=1) > 0).all():
        missing = [v for v, row in zip(plan.variants, bottom, strict=False) if not np.nansum(row) > 0]
        return (Finding("error", "experiments.no_rows", {"names": ", ".join(missing or plan.variants)}),)
    if plan.unit != "person" or "spend" not in cube:
        return ()
    spend = np.nan_to_num(cube["spend"][:, :until])
    total = spend.sum(axis=0)
    daily = spend[:, total > 0] / total[total > 0]
    found = []
    for name, planned, seen in zip(plan.variants, plan.shares, daily, strict=True):
        if len(seen) < 3 or abs(seen.mean() - planned) < 0.02 or np.ptp(seen) == 0:
            broken = len(seen) >= 3 and abs(seen.mean() - planned) >= 0.02
        else:
            broken = float(stats.ttest_1samp(seen, planned).pvalue) < SPLIT_ALPHA
        if broken:
            told = {"name": name, "planned": planned, "seen": float(seen.mean())}
            found.append(Finding("error", "experiments.split", told))
    return tuple(found[:1])


def _one(cube: dict[str, Any], plan: TestPlan, k: int, day: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The path of one treatment, and its row as of the last look that counts."""
    top, bottom = cube[plan.metric.numerator], cube[plan.metric.denominator]
    end = min(day, plan.days)
    length = np.arange(1, max(end, 1) + 1)
    mask = np.arange(end)[None, :] < length[:, None] if end else np.zeros((1, 0), dtype=bool)
    sides = [np.where(mask, side[None, :end], np.nan) for side in (top[0], bottom[0], top[k], bottom[k])]
    if not end:
        sides = [np.full((1, 1), np.nan)] * 4
    got = paired_ratio_test(sides[0], sides[1], sides[2], sides[3])
    looks = np.array(plan.looks)
    bounds = look_bounds(looks.astype("float64"), plan.alpha / plan.comparisons)
    upto = bounds[np.minimum(np.searchsorted(looks, length), len(looks) - 1)]
    half = np.where(got.df > 0, special.stdtrit(np.maximum(got.df, 1), special.ndtr(upto)), np.nan) * got.se
    low, high = got.effect_size - half, got.effect_size + half
    rel, rel_low, rel_high = _relative(got, half)
    path = pd.DataFrame(
        {"day_no": length, "rel_effect_size": rel, "rel_ci_low": rel_low, "rel_ci_high": rel_high}
    )
    path["look"] = np.isin(length, looks)
    passed = [d for d in plan.looks if d <= end]
    at = passed[-1] if passed else 0
    for d in passed:
        ends = (low[d - 1], high[d - 1], rel_low[d - 1], rel_high[d - 1])
        if _decision(ends, plan, d == plan.days) and _enough(_orders(cube, plan, k, d), plan):
            at = d
            break
    i = max(at, 1) - 1
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
        "pvalue": min(1.0, float(got.pvalue[i]) * plan.comparisons) if known else float("nan"),
    }
    if not known:
        row.update({c: float("nan") for c in row if c not in ("look", "status", "pvalue")})
    row.update(_bayes(row, got, i, plan.metric, known))
    row.update(_money(row, plan))
    row["orders"] = _orders(cube, plan, k, at)
    row["outcome"] = _outcome(row, plan, bool(passed) and at == plan.days)
    return path, row


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


def _orders(cube: dict[str, Any], plan: TestPlan, k: int, at: int) -> float:
    """Orders of the thinner side so far; NaN where the metric does not need them or they are not known."""
    if not plan.metric.orders or "customers" not in cube:
        return float("nan")
    return float(np.nan_to_num(cube["customers"][[0, k], :at]).sum(axis=1).min())


def _enough(orders: float, plan: TestPlan) -> bool:
    return not plan.metric.orders or orders >= ENOUGH_ORDERS


def _outcome(row: dict[str, Any], plan: TestPlan, ended: bool) -> str:
    if row["status"] != "ok":
        return "keep_running"
    if not _enough(row["orders"], plan):
        return "keep_running"
    ends = (row["ci_low"], row["ci_high"], row["rel_ci_low"], row["rel_ci_high"])
    return _decision(ends, plan, ended) or "keep_running"


def _decision(ends: tuple[float, float, float, float], plan: TestPlan, ended: bool) -> str | None:
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


def _best(table: pd.DataFrame, metric: Metric) -> Any:
    order = {"winner": 0, "keep_running": 1, "equivalent": 2, "loser": 3}
    sign = 1 if metric.lower_is_better else -1
    rank = pd.DataFrame({"o": table["outcome"].map(order), "e": sign * table["rel_effect_size"]})
    return rank.sort_values(["o", "e"]).index[0]


def _shrunk(table: pd.DataFrame) -> Array:
    return shrink(table["rel_effect_size"], table["rel_se"])[0]


def _reasons(
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
    if day > plan.days:
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
    if not _enough(row["orders"], plan):
        have = 0 if row["orders"] != row["orders"] else int(row["orders"])
        return Finding("warning", "experiments.few_orders", {"have": have, "need": ENOUGH_ORDERS})
    if len(later):
        return Finding("info", "experiments.open", {**told, "look": int(later[0])})
    return Finding("info", "experiments.ended_open", told)


def _guardrails(frame: pd.DataFrame, plan: TestPlan, start: pd.Timestamp | None, until: int) -> list[Finding]:
    """Guardrails that surely became worse by the last look."""
    found: list[Finding] = []
    cube = _cube(frame, plan, start) if plan.guardrails and until else {}
    for name in plan.guardrails if until else ():
        metric = metric_of(name)
        if metric.numerator not in cube or metric.denominator not in cube:
            found.append(Finding("warning", "experiments.guardrail_unknown", {"metric": name.upper()}))
            continue
        top, bottom = cube[metric.numerator][:, :until], cube[metric.denominator][:, :until]
        for k, variant in enumerate(plan.variants[1:], start=1):
            worse = "greater" if metric.lower_is_better else "less"
            got = paired_ratio_test(top[0], bottom[0], top[k], bottom[k], worse, plan.alpha)
            if got.pvalue < plan.alpha / plan.comparisons:
                told = {"metric": name.upper(), "name": variant, "effect": abs(float(got.rel_effect_size))}
                found.append(Finding("warning", "experiments.guardrail", told))
    return found
