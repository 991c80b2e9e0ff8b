r"""A planned geo test and what it said: what was, what would have been, one verdict at the planned end.

The treated regions' outcome is held against the control regions' (``regions_control``). The effect multiplies
the treated outcome, and its p-value and interval come from the splits the draw could have given
(``placebo``). With :math:`\hat\varphi = 1 / (1 + \hat\tau)` the counterfactual of a total Y is
:math:`\hat\varphi Y`, and the incremental outcome :math:`(1 - \hat\varphi) Y`; both views hold 0 together.
The extra spend is what the treated regions spent beyond their own past, moved as the control regions moved.

Nothing about the outcome is said before the planned end, and days after it are not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.experiments.design import MONTH
from channelopt.experiments.effect import Array
from channelopt.experiments.placebo import Placebo, least_p, placebo
from channelopt.experiments.regions_control import contrast_of, weights_of
from channelopt.experiments.regions_design import RegionPlan
from channelopt.experiments.regions_panel import Flags, Panel, panel_of
from channelopt.experiments.regions_path import path_of

#: Share of the past outcome that may vanish before nothing can be concluded.
LOST = 0.2
#: Extra spend below this share of the usual one is none.
_LEAST_MOVE = 0.01


@dataclass(frozen=True)
class RegionReading:
    """What a geo test says today.

    Attributes:
        outcome: "winner" (the outcome rose where spend was changed), "loser" (it fell), "equivalent",
            "keep_running" or "data_problem".
        reasons: why, the first is the main one.
        table: one row per method, the main one first: method, main, status, outcome, control (what would have
            been), treatment (what was), effect_size (incremental outcome), ci_low, ci_high,
            rel_effect_size, rel_ci_low, rel_ci_high, pvalue, extra_spend, per_spend (incremental outcome per
            extra unit of spend: iROAS for revenue) with per_spend_low and per_spend_high, cost_per_unit
            (extra spend per incremental unit) with cost_low and cost_high, gain_per_month (money a month if
            done in all regions, extra spend paid) with gain_low and gain_high. Empty figures before the end
            are NaN; per_spend is NaN where spend did not move, a cost is NaN where the interval of the
            effect holds 0, gains are NaN without ``value_per_unit``. A relative end without bound is NaN.
        path: one row per day, of the main method: day, day_no (below 1 before the start), observed,
            counterfactual, low, high (band of the counterfactual), cumulative, cumulative_low,
            cumulative_high (incremental outcome since the start, NaN before). Test days at the end only.
        day: days since the start with any figures.
        judged: planned end once it is reached, else 0.
        next_look: the planned end; None once it is reached.
        status: "ok", "before_end", "no_plan", "no_rows", "no_history", "lost_regions", "lost_days",
            "no_outcome", "no_variation" or "few_regions".
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
class RegionTest:
    """A geo test as planned.

    Attributes:
        plan: what was promised before the data came.
        start: first day of the change.
    """

    plan: RegionPlan
    start: pd.Timestamp

    def analyse(self, rows: pd.DataFrame) -> RegionReading:
        """Read day rows by region, those before the start among them.

        Args:
            rows: columns day, region, the plan's outcome and spend (may be missing).

        Raises:
            ExperimentError: ``experiments.no_column`` when day, region or the outcome is missing.
        """
        plan, start = self.plan, pd.Timestamp(self.start).normalize()
        end = start + pd.Timedelta(days=plan.days)
        panel = panel_of(rows, plan.outcome, plan.spend_column, plan.regions)
        before, during = panel.between(pd.Timestamp.min, start), panel.between(start, end)
        latest = panel.days[-1] if len(panel.days) else start - pd.Timedelta(days=1)
        day = max(0, (latest - start).days + panel.step) if latest >= start else 0
        kept, found = _kept(plan, before, during, day)
        status = _status(plan, before, during, kept, day)
        masks = plan.masks[:, kept]
        own = _own(plan, kept)
        usable = masks.any(axis=1) & ~masks.all(axis=1)
        sides = (before.only(kept), during.only(kept))
        extra, usual = _extra(sides, own, plan) if status in ("ok", "before_end") else (float("nan"),) * 2
        found += _moved(extra, usual, plan.change)
        if status in ("ok", "before_end") and not own.any():
            status = "lost_regions"
        answers = _answers(plan, sides, masks[usable], own) if status == "ok" else {}
        if answers:
            status = _checked(answers[plan.method][1], plan)
        table = pd.DataFrame([_row(plan, name, status, sides, own, answers, extra) for name in _order(plan)])
        judged = plan.days if day >= plan.days else 0
        outcome = _outcome(plan, table.iloc[0], status)
        path = _path(plan, sides, masks[usable], own, answers) if len(before.days) and own.any() else None
        return RegionReading(
            outcome, (*_reasons(plan, table.iloc[0], outcome, status, day), *found), table,
            path_of(None) if path is None else path, day, judged, None if judged else plan.days, status,
        )  # fmt: skip


def _order(plan: RegionPlan) -> tuple[str, str]:
    return ("did", "synthetic") if plan.method == "did" else ("synthetic", "did")


def _own(plan: RegionPlan, kept: Flags) -> Flags:
    """Who was really treated, of the regions kept; nobody when one side is gone."""
    own = np.isin(np.array(plan.regions)[kept], plan.treated) if len(plan.regions) else np.zeros(0, bool)
    return own if own.any() and not own.all() else np.zeros(len(own), dtype=bool)


def _kept(plan: RegionPlan, before: Panel, during: Panel, day: int) -> tuple[Flags, list[Finding]]:
    """Regions still there, and what is doubtful about the rows."""
    found = []
    base = max(1, round(plan.base_days / before.step))
    past = before.outcome[-base:].mean(axis=0) if len(before.days) else np.zeros(len(plan.regions))
    was = before.seen[-base:].mean(axis=0) if len(before.days) else np.zeros(len(plan.regions))
    now = during.seen.mean(axis=0) if len(during.days) else np.zeros(len(plan.regions))
    kept = (past > 0) & ((now >= was / 2) | (day == 0))
    if len(before.days) and not kept.all():
        names = ", ".join(name for name, keep in zip(plan.regions, kept, strict=True) if not keep)
        found.append(Finding("warning", "experiments.region_vanished", {"names": names}))
    missing = _expected(plan, before, day) - len(during.days)
    if missing > 0 and day:
        found.append(Finding("warning", "experiments.region_days", {"n": missing}))
    if before.unknown:
        found.append(Finding("info", "experiments.region_unknown", {"n": before.unknown}))
    return kept, found


def _expected(plan: RegionPlan, panel: Panel, day: int) -> int:
    """Rows of days there should be by now."""
    return int(np.ceil(min(day, plan.days) / panel.step))


def _status(plan: RegionPlan, before: Panel, during: Panel, kept: Flags, day: int) -> str:
    if not plan.treated or not plan.control:
        return "no_plan"
    if not len(before.days) and not len(during.days):
        return "no_rows"
    if not len(before.days):
        return "no_history"
    past = np.maximum(before.outcome.mean(axis=0), 0.0)
    if past[~kept].sum() > LOST * past.sum() or not past.sum() > 0:
        return "lost_regions"
    if day < plan.days:
        return "before_end"
    lost = 1 - len(during.days) / max(1, _expected(plan, before, day))
    return "lost_days" if lost > LOST else "ok"


def _extra(sides: tuple[Panel, Panel], own: Flags, plan: RegionPlan) -> tuple[float, float]:
    """Spend beyond the usual one in the treated regions over the test's days, and the usual one."""
    before, during = sides
    base = before.spend[-max(1, round(plan.base_days / before.step)) :]
    if not len(during.days) or not own.any() or np.isnan(before.spend).any() or np.isnan(during.spend).any():
        return float("nan"), float("nan")
    n = len(during.days)
    past, now = base[:, ~own].sum() / len(base), during.spend[:, ~own].sum() / n
    usual = n * base[:, own].sum() / len(base) * (now / past if past > 0 else 1.0)
    return float(during.spend[:, own].sum() - usual), float(usual)


def _moved(extra: float, usual: float, planned: float) -> list[Finding]:
    if np.isnan(extra) or not usual > 0:
        return []
    seen = extra / usual
    if abs(seen - planned) <= abs(planned) / 2:
        return []
    return [Finding("warning", "experiments.region_not_moved", {"planned": planned, "seen": seen})]


def _contrast(plan: RegionPlan, name: str, before: Panel, masks: Flags) -> Array:
    base_rows = max(1, round(plan.base_days / before.step))
    ridge = plan.ridge if plan.ridge > 0 else 1.0
    weights = weights_of(name, before.outcome, masks, ridge, before.step)
    return contrast_of(before.outcome, base_rows, masks, weights)


def _answers(
    plan: RegionPlan, sides: tuple[Panel, Panel], masks: Flags, own: Flags
) -> dict[str, tuple[Array, Placebo]]:
    """Contrasts (the real assignment first) and the test of the whole period, by method."""
    before, during = sides
    total, rows = during.outcome.sum(axis=0), np.concatenate([own[None], masks])
    found = {}
    for name in _order(plan):
        contrast = _contrast(plan, name, before, rows)
        b = contrast @ np.where(own, total, 0.0)
        a = contrast @ np.where(own, 0.0, total)
        found[name] = contrast, placebo((a[0], b[0]), (a[1:], b[1:]), plan.alpha)
    return found


def _checked(main: Placebo, plan: RegionPlan) -> str:
    if not np.isfinite(main.phi):
        return "no_outcome"
    if main.phi_high - main.phi_low < 1e-7:
        return "no_variation"
    mirrored = 2 * len(plan.treated) == len(plan.regions)
    return "ok" if least_p(main.assignments, mirrored) <= plan.alpha else "few_regions"


def _row(
    plan: RegionPlan,
    name: str,
    status: str,
    sides: tuple[Panel, Panel],
    own: Flags,
    answers: dict[str, tuple[Array, Placebo]],
    extra: float,
) -> dict[str, Any]:
    """One method's figures; NaN where they may not or cannot be read."""
    row: dict[str, Any] = {"method": name, "main": name == plan.method, "status": status}
    got = answers[name][1] if name in answers and status in ("ok", "few_regions") else None
    nan = float("nan")
    observed = float(sides[1].outcome[:, own].sum()) if got else nan
    phi, low, high = (float(p) for p in (got.phi, got.phi_low, got.phi_high)) if got else (nan, nan, nan)
    high = high if np.isfinite(high) else nan
    row |= {"control": phi * observed, "treatment": observed, "effect_size": (1 - phi) * observed}
    row |= {"ci_low": (1 - high) * observed, "ci_high": (1 - low) * observed}
    row |= {
        "rel_effect_size": float(got.rel_effect_size) if got else nan,
        "rel_ci_low": float(got.rel_ci_low) if got else nan,
        "rel_ci_high": float(got.rel_ci_high) if got else nan,
        "pvalue": float(got.pvalue) if got else nan,
    }
    row |= _spend_figures(row, extra if got else nan, plan, sides, own)
    row["outcome"] = _outcome(plan, pd.Series(row), status)
    return row


def _spend_figures(
    row: dict[str, Any], extra: float, plan: RegionPlan, sides: tuple[Panel, Panel], own: Flags
) -> dict[str, float]:
    """Per extra spend, per unit, and money a month if the change were made everywhere."""
    nan = float("nan")
    base = sides[0].spend[-max(1, round(plan.base_days / sides[0].step)) :]
    usual = float(sides[1].spend[:, own].sum()) - extra
    moved = np.isfinite(extra) and abs(extra) > _LEAST_MOVE * max(abs(usual), 1e-9)
    effect = (row["effect_size"], row["ci_low"], row["ci_high"])
    per = [e / extra if moved else nan for e in effect]
    sure = effect[1] > 0 or effect[2] < 0
    cost = [extra / e if moved and sure and e != 0 else nan for e in effect]
    names = ("", "_low", "_high")
    out = {"extra_spend": extra}
    out |= dict(zip((f"per_spend{n}" for n in names), (per[0], *sorted(per[1:])), strict=True))
    out |= dict(zip(("cost_per_unit", "cost_low", "cost_high"), (cost[0], *sorted(cost[1:])), strict=True))
    step = sides[0].step
    outcome = float(sides[0].outcome[-len(base) :].sum()) / max(1, len(base)) / step
    paid = extra / usual * float(base.sum()) / max(1, len(base)) / step if moved and usual > 0 else 0.0
    known = plan.value_per_unit > 0 and np.isfinite(extra)
    for key, rel in (
        ("gain_per_month", "rel_effect_size"),
        ("gain_low", "rel_ci_low"),
        ("gain_high", "rel_ci_high"),
    ):
        out[key] = MONTH * (row[rel] * outcome * plan.value_per_unit - paid) if known else nan
    return out


def _outcome(plan: RegionPlan, row: pd.Series, status: str) -> str:
    if status in ("no_plan", "no_rows", "no_history", "lost_regions", "lost_days"):
        return "keep_running" if status == "no_rows" else "data_problem"
    if status != "ok" or np.isnan(row["pvalue"]):
        return "keep_running"
    low, high = row["rel_ci_low"], row["rel_ci_high"]
    if low > 0 or row["ci_high"] < 0:
        return "winner" if low > 0 else "loser"
    return "equivalent" if low > -plan.smallest and high < plan.smallest else "keep_running"


def _reasons(plan: RegionPlan, row: pd.Series, outcome: str, status: str, day: int) -> list[Finding]:
    """Why, in words: the main reason first."""
    told = {
        "outcome": plan.outcome,
        "change": plan.change,
        "effect": abs(float(row["rel_effect_size"])),
        "low": float(row["rel_ci_low"]),
        "high": float(row["rel_ci_high"]),
        "incremental": float(row["effect_size"]),
        "smallest": plan.smallest,
        "days": plan.days,
    }
    found = []
    if status in ("before_end", "no_rows"):
        found.append(Finding("info", "experiments.before_look", {"look": plan.days, "day": day}))
    elif outcome == "data_problem":
        found.append(Finding("error", f"experiments.region_{status}"))
    elif status != "ok":
        found.append(Finding("warning", f"experiments.region_{status}_left", told))
    elif outcome == "keep_running":
        found.append(Finding("info", "experiments.region_open", told))
    else:
        found.append(Finding("info", f"experiments.region_{outcome}", told))
    gains = (float(row["gain_low"]), float(row["gain_high"]))
    if outcome == "winner" and plan.change > 0 and gains[1] < 0:
        found.append(Finding("warning", "experiments.region_unpaid", {"low": gains[0], "high": gains[1]}))
    if day > plan.days:
        told = {"days": plan.days, "more": day - plan.days}
        found.append(Finding("info", "experiments.past_end", told))
    return found


def _path(
    plan: RegionPlan,
    sides: tuple[Panel, Panel],
    masks: Flags,
    own: Flags,
    answers: dict[str, tuple[Array, Placebo]],
) -> pd.DataFrame:
    if plan.method in answers:
        contrast, answer = answers[plan.method]
        return path_of((*sides, contrast, own, answer, plan.alpha))
    contrast = _contrast(plan, plan.method, sides[0], np.concatenate([own[None], masks]))
    return path_of((*sides, contrast, own, None, plan.alpha))
