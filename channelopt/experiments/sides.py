"""The two sides of a comparison after each day of a test, out of day rows by variant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from scipy import stats

from channelopt.errors import Finding
from channelopt.experiments.design import TestPlan
from channelopt.experiments.effect import Array, Effect
from channelopt.experiments.messages import ExperimentError
from channelopt.experiments.metrics import Metric, metric_of
from channelopt.experiments.paired import paired_ratio_test
from channelopt.experiments.validity import SPLIT_ALPHA, split_test

#: A share of the spend this far from its plan is not the same split, however steady it is.
FAR = 0.02
#: Columns a comparison may use besides the metric's own.
EXTRA: Final = ("customers", "spend", "people")


@dataclass(frozen=True)
class Comparison:
    """One treatment against the control, as known after each day.

    Attributes:
        effects: one entry per day, shape (days,).
        information: gathered after each day, rising, shape (days,): days, or people.
        orders: of the thinner side after each day, shape (days,); NaN where nobody counted them.
        dated: False where the rows do not say when: then there is one entry, of everything.
    """

    effects: Effect
    information: Array
    orders: Array
    dated: bool = True


class Rows(Protocol):
    """What a test is read from."""

    @property
    def day(self) -> int:
        """Days since the start."""

    def compare(self, metric: Metric, k: int, end: int) -> Comparison | None:
        """Treatment number k against the control after each of the first ``end`` days; None without rows."""

    def problems(self, until: int) -> tuple[Finding, ...]:
        """Reasons why nothing may be concluded from the first ``until`` days."""

    def notes(self, until: int) -> tuple[Finding, ...]:
        """What a reader should know beside the verdict."""

    def tables(self, metric: Metric, k: int, until: int) -> dict[str, Array]:
        """Segment → counts (treatment and control by success and failure), for a share; else nothing."""

    def knows(self, metric: Metric) -> bool:
        """Whether the metric's columns are there."""


@dataclass(frozen=True)
class DayRows:
    """Day rows by variant: sums of each column, shape (variants, days).

    Attributes:
        plan: the plan.
        cube: column → sums, shape (variants, days); days without a row are NaN.
        parts: the rows themselves with their day number, for segments.
    """

    plan: TestPlan
    cube: dict[str, Array]
    parts: pd.DataFrame
    length: int

    @property
    def day(self) -> int:
        """Days from the first with rows to the last."""
        return self.length

    @classmethod
    def of(cls, frame: pd.DataFrame, plan: TestPlan, start: pd.Timestamp | None) -> DayRows:
        """Sums by variant and day.

        Raises:
            ExperimentError: ``experiments.no_column`` when a column of the metric is missing.
        """
        rows, columns = own_rows(frame, plan)
        first = start if start is not None else rows["day"].min()
        rows = rows[rows["day"] >= first] if len(rows) else rows
        sums = rows.groupby(["variant", "day"])[columns].sum(min_count=1).unstack("variant")
        if len(sums):
            sums = sums.reindex(pd.date_range(sums.index.min(), sums.index.max()))
        cube = {}
        for column in columns:
            cube[column] = np.array(
                [
                    sums[(column, v)].to_numpy("float64")
                    if (column, v) in sums
                    else np.full(len(sums), np.nan)
                    for v in plan.variants
                ]
            )
        begin = sums.index.min() if len(sums) else pd.NaT
        parts = rows.assign(number=(rows["day"] - begin).dt.days + 1 if len(rows) else [])
        return cls(plan, cube, parts, len(sums))

    def knows(self, metric: Metric) -> bool:
        """Whether the metric's columns are there."""
        return metric.numerator in self.cube and metric.denominator in self.cube

    def compare(self, metric: Metric, k: int, end: int) -> Comparison | None:
        """The day-paired test on every first d days."""
        if not end or not self.knows(metric):
            return None
        top, bottom = self.cube[metric.numerator], self.cube[metric.denominator]
        length = np.arange(1, end + 1)
        mask = np.arange(end)[None, :] < length[:, None]
        sides = [np.where(mask, side[None, :end], np.nan) for side in (top[0], bottom[0], top[k], bottom[k])]
        effects = paired_ratio_test(sides[0], sides[1], sides[2], sides[3])
        orders = np.full(end, np.nan)
        if "customers" in self.cube:
            sums = np.nan_to_num(self.cube["customers"][[0, k], :end]).cumsum(axis=1)
            orders = sums.min(axis=0)
        return Comparison(effects, length.astype("float64"), orders)

    def problems(self, until: int) -> tuple[Finding, ...]:
        """A side without figures, or a split that is not the planned one."""
        metric = self.plan.metric
        bottom = self.cube[metric.denominator][:, :until]
        if not self.day:
            return ()  # nothing has come in yet: too early, not wrong
        if not bottom.size or not (np.nan_to_num(bottom).sum(axis=1) > 0).all():
            names = self.plan.variants
            missing = [v for v, row in zip(names, bottom, strict=False) if not np.nansum(row) > 0]
            return (Finding("error", "experiments.no_rows", {"names": ", ".join(missing or names)}),)
        if self.plan.unit != "person":
            return ()
        return self._people_split(until) or self._spend_split(until)

    def _people_split(self, until: int) -> tuple[Finding, ...]:
        if "people" not in self.cube:
            return ()
        seen = np.nan_to_num(self.cube["people"][:, :until]).sum(axis=1)
        return broken_split(self.plan, seen)

    def _spend_split(self, until: int) -> tuple[Finding, ...]:
        if "spend" not in self.cube:
            return ()
        spend = np.nan_to_num(self.cube["spend"][:, :until])
        total = spend.sum(axis=0)
        daily = spend[:, total > 0] / total[total > 0]
        for name, planned, seen in zip(self.plan.variants, self.plan.shares, daily, strict=True):
            if len(seen) < 3 or abs(seen.mean() - planned) < FAR or np.ptp(seen) == 0:
                broken = len(seen) >= 3 and abs(seen.mean() - planned) >= FAR
            else:
                broken = float(stats.ttest_1samp(seen, planned).pvalue) < SPLIT_ALPHA
            if broken:
                told = {"name": name, "planned": planned, "seen": float(seen.mean())}
                return (Finding("error", "experiments.split", told),)
        return ()

    def notes(self, until: int) -> tuple[Finding, ...]:
        """Nothing that day rows could tell."""
        return ()

    def tables(self, metric: Metric, k: int, until: int) -> dict[str, Array]:
        """By segment where the rows have one, else by day."""
        if not metric.share or not self.knows(metric):
            return {}
        rows = self.parts[self.parts["number"] <= until]
        by = "segment" if "segment" in rows and rows["segment"].nunique() > 1 else "day"
        sums = rows.groupby([by, "variant"])[[metric.numerator, metric.denominator]].sum().unstack("variant")
        found = {}
        for name, row in sums.fillna(0.0).iterrows():
            cells = [_cell(row, metric, v) for v in (self.plan.variants[k], self.plan.variants[0])]
            found[str(name)] = np.array(cells)
        return found


def _cell(row: Any, metric: Metric, variant: str) -> list[float]:
    """Successes and failures of a variant in one segment."""
    top = float(row.get((metric.numerator, variant), 0.0))
    bottom = float(row.get((metric.denominator, variant), 0.0))
    return [top, max(bottom - top, 0.0)]


def own_rows(frame: pd.DataFrame, plan: TestPlan) -> tuple[pd.DataFrame, list[str]]:
    """Rows of the plan's variants, days as days, and the figure columns they hold.

    Raises:
        ExperimentError: ``experiments.no_column`` when a column of the metric is missing.
    """
    needed = ["variant", plan.metric.numerator, plan.metric.denominator]
    if "person_key" not in frame.columns:
        needed.insert(0, "day")
    for name in needed:
        if name not in frame.columns:
            raise ExperimentError("experiments.no_column", name=name)
    wanted = {plan.metric.numerator, plan.metric.denominator, *EXTRA, *guard_columns(plan), *_OTHERS}
    columns = sorted(c for c in wanted if c in frame.columns)
    texts = [c for c in ("day", "segment", "person_key", "before") if c in frame.columns]
    rows = frame.loc[frame["variant"].isin(plan.variants), ["variant", *texts, *columns]].copy()
    rows["day"] = pd.to_datetime(rows["day"]).dt.normalize() if "day" in rows else pd.NaT
    return rows, columns


_OTHERS = ("impressions", "clicks", "leads", "valid_leads", "revenue")


def guard_columns(plan: TestPlan) -> set[str]:
    """Columns the guardrails need."""
    found: set[str] = set()
    for name in plan.guardrails:
        found |= {metric_of(name).numerator, metric_of(name).denominator}
    return found


def broken_split(plan: TestPlan, seen: Array) -> tuple[Finding, ...]:
    """The finding that people were not split as planned (sample ratio mismatch)."""
    if not seen.sum() > 0 or not split_test(seen, plan.shares).pvalue < SPLIT_ALPHA:
        return ()
    share = seen / seen.sum()
    worst = int(np.argmax(np.abs(share - np.array(plan.shares))))
    told = {"name": plan.variants[worst], "planned": plan.shares[worst], "seen": float(share[worst])}
    return (Finding("error", "experiments.split", told),)
