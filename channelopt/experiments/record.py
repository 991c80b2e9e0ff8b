"""Tests as the workspace keeps them: the plan as it was written down, read against today's rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from channelopt.errors import ChannelOptError, Finding
from channelopt.experiments.abtest import ABTest, Reading
from channelopt.experiments.design import TestPlan, plan_test
from channelopt.experiments.rows import variant_rows
from channelopt.ledger import Ledger


@dataclass(frozen=True)
class Recorded:
    """A test of the workspace and what it says.

    Attributes:
        number: of the experiment.
        name: what is tested.
        state: "running" or "ended".
        metric: upper case, as on screen.
        variants: names, the control first.
        start: first day.
        days: planned length.
        looks: planned looks, day numbers.
        reading: what it says.
        findings: what is doubtful about the record itself.
        is_test: False for a comparison.
    """

    number: int
    name: str
    state: str
    metric: str
    variants: tuple[str, ...]
    start: dt.date
    days: int
    looks: tuple[int, ...]
    reading: Reading
    findings: tuple[Finding, ...]
    is_test: bool

    @property
    def next_look_on(self) -> dt.date | None:
        """The day of the next look; None at the end."""
        look = self.reading.next_look
        return None if look is None else self.start + dt.timedelta(days=look - 1)

    @property
    def shown(self) -> pd.DataFrame:
        """The treatments that may be read today."""
        table = self.reading.table
        known = table["rel_effect_size"].notna() & (table["status"] == "ok")
        return table[known & (self.reading.outcome != "data_problem")]

    def path(self, variant: str) -> pd.DataFrame:
        """The treatment's path up to the look it was judged at: what is later is locked."""
        path = self.reading.path
        own = path[(path["variant"] == variant) & (path["day_no"] <= self.reading.judged)]
        return own[own["rel_effect_size"].notna()]


def settings_of(plan: TestPlan, channel: str, variants: Mapping[str, list[str]]) -> dict[str, Any]:
    """A plan as it is written down."""
    return {
        "channel": channel,
        "campaigns": {name: list(variants[name]) for name in plan.variants},
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
    }


def plan_of(settings: Mapping[str, Any]) -> TestPlan:
    """The plan that was written down."""
    given = {k: v for k, v in settings.items() if k not in ("channel", "campaigns", "metric", "note")}
    given["shares"], given["guardrails"] = tuple(given["shares"]), tuple(given["guardrails"])
    return plan_test(str(settings["metric"]), variants=tuple(settings["campaigns"]), **given)


def recorded(ledger: Ledger, daily: pd.DataFrame) -> list[Recorded]:
    """Every test of a workspace, newest first.

    Args:
        ledger: the workspace.
        daily: ``ledger.daily(by=("day", "channel", "campaign"))``.
    """
    found = [_one(row, daily) for row in ledger.experiments().to_dict("records")]
    return [one for one in reversed(found) if one is not None]


def _one(row: Mapping[Any, Any], daily: pd.DataFrame) -> Recorded | None:
    settings, start = row["settings"], pd.Timestamp(row["start"])
    try:
        plan = plan_of(settings)
    except (ChannelOptError, KeyError, TypeError):  # written by another version: kept in the log, not read
        return None
    rows = variant_rows(daily, settings["channel"], settings["campaigns"])
    reading = ABTest(plan, start).analyse(rows.frame)
    late = rows.frame["day"].ge(start) & rows.frame["day"].lt(pd.Timestamp(row["planned_at"]).normalize())
    findings = list(rows.findings if plan.metric.events == "leads" else ())
    looked_back = int(rows.frame.loc[late, "day"].nunique())
    if looked_back:
        findings.append(Finding("warning", "experiments.looked_back", {"days": looked_back}))
    return Recorded(
        int(row["experiment_id"]), str(row["name"]), str(row["state"]), plan.metric.name.upper(),
        plan.variants, start.date(), plan.days, plan.looks, reading,
        tuple(findings), reading.is_test and not looked_back,
    )  # fmt: skip
