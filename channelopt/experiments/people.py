r"""Rows per person: each person counts on the day they joined, so looks stay looks.

After each day, from sums over the people who have joined so far: a share or a mean by Welch's t, a ratio by
the delta method. Where the rows say what each person did before the test, that is taken out (CUPED):
:math:`y' = y - \theta (b - \bar b)` with :math:`\theta = \mathrm{cov}(y, b) / \mathrm{var}(b)` over all arms.
A share of few people takes its p-value from Fisher's exact test; the interval is the one that gives this
p-value (Miettinen 1976), so it holds 0 exactly when the test does.

Sources: Welch (1947); Deng, Knoblich & Lu (2018); Deng, Xu, Kohavi & Walker (2013); Fisher (1935).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from channelopt.errors import Finding
from channelopt.experiments.design import TestPlan
from channelopt.experiments.effect import Array, Effect, effect
from channelopt.experiments.metrics import Metric
from channelopt.experiments.proportions import fisher_exact
from channelopt.experiments.several import adjust
from channelopt.experiments.sides import Comparison, broken_split, own_rows
from channelopt.experiments.validity import SPLIT_ALPHA, split_test

#: Successes or failures of one side below which a share is tested exactly.
FEW = 10
#: Share of people in more than one variant above which nothing can be concluded.
OVERLAP = 0.1
#: Share of the noise a person's past must explain to be mentioned.
_WORTH = 0.01


@dataclass(frozen=True)
class PersonRows:
    """One row per person who is in one variant only.

    Attributes:
        plan: the plan.
        persons: person_key, arm (number of the variant), number (day of joining, 1 is the start), segment,
            before, and the figures.
        overlap: share of people found in more than one variant; they are left out.
        dated: whether the rows say when a person joined.
        length: days from the start to the last joining; undated rows by the share of the planned people.
    """

    plan: TestPlan
    persons: pd.DataFrame
    overlap: float
    dated: bool
    length: int

    @classmethod
    def of(cls, frame: pd.DataFrame, plan: TestPlan, start: pd.Timestamp | None) -> PersonRows:
        """Add up several rows of a person; a person of two variants is in none.

        Raises:
            ExperimentError: ``experiments.no_column`` when a column of the metric is missing.
        """
        rows, columns = own_rows(frame.assign(people=1.0), plan)
        rows = rows[rows["person_key"].fillna("") != ""]
        columns = [c for c in columns if c != "people"]
        how = {**{c: "sum" for c in columns}, "day": "min"}
        how |= {c: "first" for c in ("segment", "before") if c in rows}
        persons = rows.groupby(["person_key", "variant"], as_index=False).agg(how)
        twice = persons["person_key"].duplicated(keep=False)
        overlap = float(persons.loc[twice, "person_key"].nunique() / max(persons["person_key"].nunique(), 1))
        persons = persons[~twice].assign(people=1.0)
        dated = bool(len(persons)) and bool(persons["day"].notna().all())
        if dated:
            first = start if start is not None else persons["day"].min()
            persons = persons.assign(number=(persons["day"] - first).dt.days + 1)
            persons = persons[persons["number"] >= 1]
            length = int(persons["number"].max()) if len(persons) else 0
        else:
            length = _progress(plan, len(persons))
            persons = persons.assign(number=1)
        arm = persons["variant"].map({v: i for i, v in enumerate(plan.variants)}).astype("int64")
        return cls(plan, persons.assign(arm=arm), overlap, dated, length)

    @property
    def day(self) -> int:
        """Days since the start."""
        return self.length

    def knows(self, metric: Metric) -> bool:
        """Whether the metric's columns are there."""
        return metric.numerator in self.persons and metric.denominator in self.persons

    def compare(self, metric: Metric, k: int, end: int) -> Comparison | None:
        """Welch's t, CUPED, the delta method or Fisher on everybody who joined on the first d days."""
        if not end or not self.knows(metric):
            return None
        end = end if self.dated else 1
        sums = [self._sums(metric, arm, end) for arm in (0, k)]
        effects = _welch(sums, metric.denominator == "people")
        if metric.share and metric.denominator == "people":
            effects = _exact(effects, sums)
        everybody = sums[0]["n"] + sums[1]["n"]
        orders = np.full(end, np.nan)
        if "customers" in self.persons:
            orders = np.minimum(*(self._cumulated("customers", arm, end) for arm in (0, k)))
        return Comparison(effects, everybody, orders, self.dated)

    def _cumulated(self, column: str, arm: int, end: int) -> Array:
        own = self.persons.loc[self.persons["arm"] == arm, ["number", column]]
        return _cumulated(own.assign(**{column: own[column].fillna(0.0)}), column, end)

    def _sums(self, metric: Metric, arm: int, end: int) -> dict[str, Array]:
        """Sums and products over the people so far; x is the denominator, or what each did before."""
        own = self.persons.loc[self.persons["arm"] == arm]
        mean = metric.denominator == "people"
        past = "before" in own and bool(own["before"].notna().any())
        x = own["before" if past else "people"] if mean else own[metric.denominator]
        y = own[metric.numerator].fillna(0.0)
        x = x.fillna(self.persons["before"].mean() if mean and past else 0.0)
        table = own[["number"]].assign(n=1.0, y=y, x=x, yy=y * y, xx=x * x, xy=x * y)
        return {name: _cumulated(table, name, end) for name in ("n", "y", "x", "yy", "xx", "xy")}

    def problems(self, until: int) -> tuple[Finding, ...]:
        """A side without people, too many people on both sides, or a split that is not the planned one."""
        now = self.persons[self.persons["number"] <= until] if self.dated else self.persons
        seen = np.bincount(now["arm"], minlength=len(self.plan.variants)).astype("float64")
        if not len(self.persons):
            return ()
        if not (seen > 0).all():
            missing = [v for v, n in zip(self.plan.variants, seen, strict=True) if not n]
            return (Finding("error", "experiments.no_rows", {"names": ", ".join(missing)}),)
        if self.overlap > OVERLAP:
            return (Finding("error", "experiments.overlap_broken", {"share": self.overlap}),)
        if self.plan.unit != "person":
            return ()
        return broken_split(self.plan, seen) or self._split_within(now)

    def _split_within(self, now: pd.DataFrame) -> tuple[Finding, ...]:
        """The split inside every segment and on every day, corrected for how many were looked at."""
        for by in ("segment", "day"):
            if by not in now or now[by].isna().all():
                continue
            table = now.groupby([by, "arm"]).size().unstack("arm", fill_value=0)
            table = table.reindex(columns=range(len(self.plan.variants)), fill_value=0)
            p = [split_test(row, self.plan.shares).pvalue for row in table.to_numpy("float64")]
            worst = int(np.nanargmin(p)) if len(p) else 0
            if len(p) > 1 and adjust(p)[worst] < SPLIT_ALPHA:
                where = table.index[worst]
                told = {"where": str(where.date()) if by == "day" else str(where)}
                return (Finding("error", "experiments.split_within", told),)
        return ()

    def notes(self, until: int) -> tuple[Finding, ...]:
        """People on both sides, and what the past of the people explains."""
        found = []
        if 0 < self.overlap <= OVERLAP:
            found.append(Finding("warning", "experiments.overlap", {"share": self.overlap}))
        if not self.dated and len(self.persons):
            found.append(Finding("info", "experiments.undated", {"people": len(self.persons)}))
        explained = self._explained()
        if explained > _WORTH:
            found.append(Finding("info", "experiments.past_helps", {"share": explained}))
        return tuple(found)

    def _explained(self) -> float:
        if "before" not in self.persons or self.plan.metric.denominator != "people":
            return 0.0
        known = self.persons[[self.plan.metric.numerator, "before"]].dropna()
        if len(known) < 3 or (known.std() == 0).any():
            return 0.0
        return float(known.corr().iloc[0, 1] ** 2)

    def tables(self, metric: Metric, k: int, until: int) -> dict[str, Array]:
        """By segment, for a share of people."""
        if not metric.share or metric.denominator != "people" or "segment" not in self.persons:
            return {}
        rows = self.persons[self.persons["number"] <= until] if self.dated else self.persons
        found = {}
        for name, part in rows.groupby("segment"):
            cells = []
            for arm in (k, 0):
                won = float((part.loc[part["arm"] == arm, metric.numerator].fillna(0) > 0).sum())
                cells.append([won, float((part["arm"] == arm).sum()) - won])
            found[str(name)] = np.array(cells)
        return found if len(found) > 1 else {}


def _cumulated(table: pd.DataFrame, column: str, end: int) -> Array:
    """Sums of a column over those who joined on the first d days, shape (end,)."""
    day = np.minimum(table["number"].to_numpy("int64"), end + 1)
    sums = np.bincount(day, table[column].to_numpy("float64"), minlength=end + 2)[1 : end + 1]
    return np.asarray(sums.cumsum(), dtype="float64")


def _progress(plan: TestPlan, people: int) -> int:
    """How many of the planned days undated people amount to; without planned people all of them."""
    if not people or not plan.people:
        return plan.days if people else 0
    if people >= plan.people:
        return plan.days
    return min(plan.days * people // plan.people, plan.looks[0] - 1)


def _welch(sums: list[dict[str, Array]], mean: bool) -> Effect:
    """Effects after each day from cumulated sums."""
    with np.errstate(divide="ignore", invalid="ignore"):
        arms = _adjusted(sums) if mean else [_ratio(s) for s in sums]
        (m_c, v_c), (m_t, v_t) = arms
        n_c, n_t = sums[0]["n"], sums[1]["n"]
        total = v_c + v_t
        df = total**2 / (v_c**2 / (n_c - 1) + v_t**2 / (n_t - 1))
        flat = ~(total > 1e-24 * (m_c**2 + m_t**2))
    status = np.full(len(n_c), "ok", dtype="<U16")
    status[flat] = "no_variation"
    status[~(np.isfinite(m_c) & np.isfinite(m_t))] = "no_denominator"
    status[np.minimum(n_c, n_t) < 2] = "few_units"
    df = np.where(status == "ok", df, np.nan)
    with np.errstate(invalid="ignore"):
        se = np.sqrt(np.where(total >= 0, total, np.nan))
    return effect((m_c, m_t), se, df, n_c + n_t, status, "two-sided", 0.05)


def _adjusted(sums: list[dict[str, Array]]) -> list[tuple[Array, Array]]:
    """Mean and its variance of both arms, each person's past taken out where there is one."""
    whole = {name: sums[0][name] + sums[1][name] for name in sums[0]}
    spread = whole["xx"] - whole["x"] ** 2 / whole["n"]
    shared = whole["xy"] - whole["x"] * whole["y"] / whole["n"]
    theta = np.where(spread > 1e-12 * np.maximum(whole["xx"], 1e-300), shared / spread, 0.0)
    middle = whole["x"] / whole["n"]
    arms = []
    for s in sums:
        n = s["n"]
        var_y = s["yy"] - s["y"] ** 2 / n
        var_x = s["xx"] - s["x"] ** 2 / n
        cov = s["xy"] - s["x"] * s["y"] / n
        var = (var_y - 2 * theta * cov + theta**2 * var_x) / (n - 1)
        arms.append((s["y"] / n - theta * (s["x"] / n - middle), np.maximum(var, 0.0) / n))
    return arms


def _ratio(s: dict[str, Array]) -> tuple[Array, Array]:
    """Ratio of sums and its delta-method variance."""
    n, ratio = s["n"], s["y"] / s["x"]
    rest = np.maximum(s["yy"] - 2 * ratio * s["xy"] + ratio**2 * s["xx"], 0.0)
    return ratio, rest / (n - 1) * n / s["x"] ** 2


def _exact(effects: Effect, sums: list[dict[str, Array]]) -> Effect:
    """Where a side has few successes or failures: Fisher's p-value, and the interval that gives it."""
    counts = [(s["y"], s["n"] - s["y"]) for s in sums]
    fewest = np.min([np.minimum(won, lost) for won, lost in counts], axis=0)
    todo = (fewest < FEW) & (np.minimum(sums[0]["n"], sums[1]["n"]) >= 2)
    whole = all(np.array_equal(s["y"], s["yy"]) for s in sums)  # 0 or 1 per person
    if not todo.any() or not whole:
        return effects
    share = [(s["y"] + 1) / (s["n"] + 2) for s in sums]
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(sum(p * (1 - p) / s["n"] for p, s in zip(share, sums, strict=True)))
        sides = tuple(s["y"] / s["n"] for s in sums)
    size = sides[1] - sides[0]
    p = np.ones(len(se))
    for i in np.flatnonzero(todo):
        at = [int(x) for x in (sums[0]["y"][i], sums[0]["n"][i], sums[1]["y"][i], sums[1]["n"][i])]
        p[i] = fisher_exact(*at).pvalue
    z = -special.ndtri(np.clip(p, 1e-15, 1.0) / 2)
    exact = np.maximum(se, np.abs(size) / np.maximum(z, 1e-6))
    status = np.where(todo, "ok", effects.status)
    df = np.where(todo, np.inf, effects.df)
    shown = tuple(np.where(todo, raw, now) for raw, now in zip(
        sides, (effects.control, effects.treatment), strict=True))  # fmt: skip
    return effect(
        (shown[0], shown[1]), np.where(todo, exact, effects.se), df, effects.n, status, "two-sided", 0.05
    )
