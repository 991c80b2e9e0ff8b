"""Tests as the workspace keeps them: the plan as it was written down, read against today's rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from channelopt.errors import ChannelOptError, Finding
from channelopt.experiments.abtest import ABTest, Reading
from channelopt.experiments.design import TestPlan, plan_test
from channelopt.experiments.regions import RegionReading, RegionTest
from channelopt.experiments.regions_design import RegionPlan
from channelopt.experiments.rows import campaign_rows, variant_rows
from channelopt.experiments.sequential import peeking_error
from channelopt.experiments.switchback import SwitchbackReading, SwitchbackTest
from channelopt.experiments.switchback_design import SwitchbackPlan
from channelopt.experiments.verdicts import enough
from channelopt.ledger import Ledger

#: Where a test's rows come from: campaigns side by side, a file of test rows, regions of such a file, or
#: weeks in turn of one channel.
SOURCES: Final = ("campaigns", "rows", "regions", "weeks")
AnyPlan = TestPlan | RegionPlan | SwitchbackPlan
AnyReading = Reading | RegionReading | SwitchbackReading
#: Settings that are not the plan's own.
_AROUND = ("channel", "campaigns", "metric", "note", "source", "kind", "experiment")


@dataclass(frozen=True)
class Recorded:
    """A test of the workspace and what it says.

    Attributes:
        number: of the experiment.
        name: what is tested.
        state: "running" or "ended".
        source: one of ``SOURCES``.
        kind: what is changed, one of ``design.KINDS``.
        channel: whose campaigns, or whose spend is changed in regions; "" for none.
        metric: as in the glossary; upper case on screen.
        variants: names, the control first.
        start: first day.
        days: planned length.
        looks: planned looks, day numbers.
        plan: as it was written down.
        reading: what it says.
        findings: what is doubtful about the record itself.
        is_test: False for a comparison.
        visits: days of the test on which somebody opened its page.
        planned_at: when it was written down.
        by: who wrote the last version.
        why: the reason of the last change.
    """

    number: int
    name: str
    state: str
    source: str
    kind: str
    channel: str
    metric: str
    variants: tuple[str, ...]
    start: dt.date
    days: int
    looks: tuple[int, ...]
    plan: AnyPlan
    reading: AnyReading
    findings: tuple[Finding, ...]
    is_test: bool
    visits: tuple[int, ...]
    planned_at: dt.datetime
    by: str
    why: str

    @property
    def next_look_on(self) -> dt.date | None:
        """The day of the next look; None at the end."""
        look = self.reading.next_look
        return None if look is None else self.start + dt.timedelta(days=look - 1)

    @property
    def alpha(self) -> float:
        """Error of the verdict, over all planned looks."""
        return self.plan.alpha

    @property
    def habit(self) -> float:
        """False winners of a plain test looked at on the days of the visits; NaN below two visits."""
        return peeking_error(np.array(self.visits), self.alpha) if len(self.visits) > 1 else float("nan")

    @cached_property
    def effect(self) -> pd.Series:
        """The row of the best treatment, or of the main method."""
        table = self.reading.table
        if "outcome" in table and (table["outcome"] == self.reading.outcome).any():
            return table[table["outcome"] == self.reading.outcome].iloc[0]
        return table.iloc[0]

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The treatments that may be read today; none while money waits for orders."""
        table = self.reading.table
        known = table["rel_effect_size"].notna() & (table["status"] == "ok")
        if isinstance(self.plan, TestPlan) and "orders" in table:
            known &= np.array([enough(n, self.plan.metric) for n in table["orders"]], dtype=bool)
        return table[known & (self.reading.outcome != "data_problem")]

    def path(self, variant: str) -> pd.DataFrame:
        """The treatment's path up to the look it was judged at: what is later is locked.

        Empty while money waits for orders.
        """
        path = self.reading.path
        if any(finding.code == "experiments.few_orders" for finding in self.reading.reasons):
            return path.iloc[:0]
        own = path[(path["variant"] == variant) & (path["day_no"] <= self.reading.judged)]
        return own[own["rel_effect_size"].notna()]


def settings_of(
    plan: TestPlan, channel: str, variants: Mapping[str, list[str]], kind: str = "other"
) -> dict[str, Any]:
    """A plan of campaigns side by side as it is written down."""
    campaigns = {name: list(variants[name]) for name in plan.variants}
    return {"source": "campaigns", "kind": kind, "channel": channel, "campaigns": campaigns, **_plain(plan)}


def rows_settings(plan: TestPlan, experiment: str, kind: str = "other") -> dict[str, Any]:
    """A plan whose rows come from files of test rows, under the name they have there."""
    names: dict[str, list[str]] = {name: [] for name in plan.variants}
    return {"source": "rows", "kind": kind, "experiment": experiment, "campaigns": names, **_plain(plan)}


def region_settings(
    plan: RegionPlan, experiment: str, kind: str = "other", channel: str = ""
) -> dict[str, Any]:
    """A geo test as it is written down; with the channel whose spend is changed, if it is one."""
    around = {"source": "regions", "kind": kind, "experiment": experiment, "channel": channel}
    return {**around, "plan": plan.to_settings()}


def weeks_settings(
    plan: SwitchbackPlan, channel: str, campaigns: list[str], kind: str = "other"
) -> dict[str, Any]:
    """A test of weeks in turn as it is written down; no campaigns means the whole channel."""
    around = {"source": "weeks", "kind": kind, "channel": channel, "campaigns": list(campaigns)}
    return {**around, "plan": plan.to_settings()}


def _plain(plan: TestPlan) -> dict[str, Any]:
    return {
        "metric": plan.metric.name,
        "days": plan.days,
        "look_every": plan.looks[0] if len(plan.looks) == 1 else plan.looks[1] - plan.looks[0],
        "smallest": plan.smallest,
        "alpha": plan.alpha,
        "power": plan.power,
        "shares": list(plan.shares),
        "events_per_day": plan.events_per_day,
        "day_cv": plan.day_cv,
        "spread": plan.spread,
        "value_per_day": plan.value_per_day,
        "spend_per_day": plan.cost / plan.days,
        "unit": plan.unit,
        "goal": plan.goal,
        "guardrails": list(plan.guardrails),
        "mode": plan.mode,
        "people_per_day": plan.people_per_day,
    }


def plan_of(settings: Mapping[str, Any]) -> AnyPlan:
    """The plan that was written down.

    Raises:
        ChannelOptError: no plan can be made of it.
    """
    source = settings.get("source", "campaigns")
    if source == "regions":
        return RegionPlan.from_settings(settings["plan"])
    if source == "weeks":
        return SwitchbackPlan.from_settings(settings["plan"])
    given = {k: v for k, v in settings.items() if k not in _AROUND}
    given["shares"], given["guardrails"] = tuple(given["shares"]), tuple(given["guardrails"])
    return plan_test(str(settings["metric"]), variants=tuple(settings["campaigns"]), **given)


def recorded(ledger: Ledger, daily: pd.DataFrame) -> list[Recorded]:
    """Every test of a workspace, newest first.

    Args:
        ledger: the workspace.
        daily: ``ledger.daily(by=("day", "channel", "campaign"))``.
    """
    visits = ledger.visits()
    found = []
    for row in ledger.experiments().to_dict("records"):
        seen = visits.loc[visits["experiment_id"] == row["experiment_id"], "day"]
        one = _one(row, daily, ledger, sorted(pd.to_datetime(seen)))
        if one is not None:
            found.append(one)
    return found[::-1]


def rows_of(
    settings: Mapping[str, Any], daily: pd.DataFrame, ledger: Ledger
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The rows a test is read from, and what was guessed about them."""
    source = settings.get("source", "campaigns")
    if source in ("rows", "regions"):
        return ledger.variant_rows(settings["experiment"]), ()
    if source == "weeks":
        return campaign_rows(daily, settings["channel"], settings["campaigns"]), ()
    found = variant_rows(daily, settings["channel"], settings["campaigns"])
    return found.frame, found.findings


def _one(
    row: Mapping[Any, Any], daily: pd.DataFrame, ledger: Ledger, visits: list[pd.Timestamp]
) -> Recorded | None:
    settings, start = row["settings"], pd.Timestamp(row["start"])
    try:
        plan = plan_of(settings)
        frame, guessed = rows_of(settings, daily, ledger)
        reading = _read(plan, frame, start)
    except (ChannelOptError, KeyError, TypeError):  # written by another version: kept in the log, not read
        return None
    days = pd.to_datetime(frame["day"]) if "day" in frame else pd.Series([], dtype="datetime64[us]")
    late = days.ge(start) & days.lt(pd.Timestamp(row["planned_at"]).normalize())
    wanted = not isinstance(plan, TestPlan) or plan.metric.events == "leads"
    findings = list(guessed if wanted else ())
    looked_back = int(days[late].nunique())
    if looked_back:
        findings.append(Finding("warning", "experiments.looked_back", {"days": looked_back}))
    numbers = sorted({(at - start).days + 1 for at in visits if at >= start})
    return Recorded(
        int(row["experiment_id"]), str(row["name"]), str(row["state"]),
        str(settings.get("source", "campaigns")), str(settings.get("kind", "other")),
        str(settings.get("channel", "")), _metric(plan),
        _sides(plan), start.date(), plan.days, _looks(plan), plan, reading, tuple(findings),
        getattr(reading, "is_test", True) and not looked_back, tuple(numbers), row["planned_at"],
        str(row["by"]), str(row["why"]),
    )  # fmt: skip


def _read(plan: AnyPlan, frame: pd.DataFrame, start: pd.Timestamp) -> AnyReading:
    if isinstance(plan, RegionPlan):
        return RegionTest(plan, start).analyse(frame)
    if isinstance(plan, SwitchbackPlan):
        return SwitchbackTest(plan, start).analyse(frame)
    return ABTest(plan, start).analyse(frame)


def _metric(plan: AnyPlan) -> str:
    if isinstance(plan, RegionPlan):
        return plan.outcome
    return plan.metric if isinstance(plan, SwitchbackPlan) else plan.metric.name


def _sides(plan: AnyPlan) -> tuple[str, ...]:
    return plan.variants if isinstance(plan, TestPlan) else ("A", "B")


def _looks(plan: AnyPlan) -> tuple[int, ...]:
    return plan.looks if isinstance(plan, TestPlan) else (plan.days,)
