"""Beside the verdict: do the segments agree, did a guardrail break, what else moved?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.experiments.design import TestPlan
from channelopt.experiments.metrics import METRICS, metric_of
from channelopt.experiments.proportions import two_proportion_test
from channelopt.experiments.several import adjust
from channelopt.experiments.sides import Rows
from channelopt.experiments.validity import stratified_test

#: Error of saying that the segments disagree.
ALPHA = 0.05
#: Error of saying that the effect differs between segments: it is looked for in every test.
UNLIKE = 0.01


def segment_findings(rows: Rows, plan: TestPlan, until: int) -> tuple[Finding, ...]:
    """Simpson's paradox, and effects that differ between segments, for a share.

    The paradox is called only where the whole or the segments are sure of their direction; then nothing
    can be concluded. By day where the rows have no segment.
    """
    found: list[Finding] = []
    for k, name in enumerate(plan.variants[1:], start=1) if until else ():
        tables = rows.tables(plan.metric, k, until)
        if len(tables) < 2:
            continue
        cells = np.array(list(tables.values()))
        strata = stratified_test(cells)
        (won_t, lost_t), (won_c, lost_c) = cells.sum(axis=0).astype(int)
        crude = two_proportion_test(won_c, won_c + lost_c, won_t, won_t + lost_t)
        sure = np.nanmin([strata.test.pvalue, crude.pvalue, 1.0]) < ALPHA
        told: dict[str, Any] = {"name": name, "metric": plan.metric.name.upper()}
        if strata.reversed and sure:
            found.append(Finding("error", "experiments.simpson", told))
        elif strata.homogeneity.pvalue < UNLIKE and not _by_day(tables):
            found.append(Finding("info", "experiments.segments_differ", told))
    return tuple(found)


def _by_day(tables: dict[str, Any]) -> bool:
    """Days differ by chance more than counting says; only named segments are told apart."""
    return all(len(name) >= 10 and name[:4].isdigit() and name[4] == "-" for name in tables)


def guardrails(rows: Rows, plan: TestPlan, until: int) -> tuple[Finding, ...]:
    """Guardrails that surely became worse by the last look; corrected by Holm over all of them."""
    found, worse = [], []
    for name in plan.guardrails if until else ():
        metric = metric_of(name)
        if not rows.knows(metric):
            found.append(Finding("warning", "experiments.guardrail_unknown", {"metric": name.upper()}))
            continue
        for k, variant in enumerate(plan.variants[1:], start=1):
            effect = _at_end(rows, name, k, until)
            if effect is None:
                continue
            one_sided = float(effect["pvalue"]) / 2
            bad = effect["effect_size"] > 0 if metric.lower_is_better else effect["effect_size"] < 0
            told = {"metric": name.upper(), "name": variant, "effect": abs(effect["rel_effect_size"])}
            worse.append((one_sided if bad else 1 - one_sided, told))
    for p, (_, told) in zip(adjust([p for p, _ in worse]), worse, strict=True):
        if p < plan.alpha:
            found.append(Finding("warning", "experiments.guardrail", told))
    return tuple(found)


def other_metrics(rows: Rows, plan: TestPlan, until: int) -> pd.DataFrame:
    """Every other metric the rows know, at the same look, corrected by Benjamini–Hochberg."""
    lines = []
    for name, metric in METRICS.items() if until else ():
        if name == plan.metric.name or not rows.knows(metric) or metric.orders:
            continue
        for k, variant in enumerate(plan.variants[1:], start=1):
            effect = _at_end(rows, name, k, until)
            if effect is not None and np.isfinite(effect["rel_effect_size"]):
                lines.append({"metric": name, "variant": variant, **effect})
    columns = ["metric", "variant", "rel_effect_size", "rel_ci_low", "rel_ci_high", "qvalue"]
    if not lines:
        return pd.DataFrame({c: [] for c in columns})
    frame = pd.DataFrame(lines)
    return frame.assign(qvalue=adjust(frame["pvalue"], "bh"))[columns]


def _at_end(rows: Rows, name: str, k: int, until: int) -> dict[str, float] | None:
    """The plain test of one metric at a look; None where it cannot be told."""
    compared = rows.compare(metric_of(name), k, min(until, rows.day))
    if compared is None or compared.effects.status[-1] != "ok":
        return None
    effect = compared.effects
    wanted = ("pvalue", "effect_size", "rel_effect_size", "rel_ci_low", "rel_ci_high")
    return {field: float(getattr(effect, field)[-1]) for field in wanted}
