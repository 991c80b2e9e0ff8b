"""Day rows by variant out of what was uploaded: a variant is one campaign or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.experiments.design import TestPlan, plan_test
from channelopt.experiments.metrics import metric_of

_SUMS = (
    "spend", "impressions", "clicks", "leads", "platform_leads", "valid_leads", "qualified_leads",
    "customers", "revenue",
)  # fmt: skip


#: Days that undated people are taken to have come in.
MONTH_DAYS = 28


@dataclass(frozen=True)
class Variants:
    """Rows of the variants.

    Attributes:
        frame: day, variant, then sums; one row per variant and day.
        findings: what was guessed.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...] = ()


def campaigns_of(daily: pd.DataFrame, channel: str) -> list[str]:
    """Campaigns of a channel with spend, the largest first."""
    own = daily[(daily["channel"] == channel) & (daily["campaign"].fillna("") != "")]
    spend = own.groupby("campaign")["spend"].sum().sort_values(ascending=False)
    return [str(name) for name in spend[spend > 0].index]


def variant_rows(daily: pd.DataFrame, channel: str, variants: Mapping[str, Sequence[str]]) -> Variants:
    """Sums of the campaigns of each variant.

    Args:
        daily: ``Ledger.daily(by=("day", "channel", "campaign"))``.
        channel: the channel all campaigns belong to.
        variants: name → campaigns, the control first.

    Returns:
        Where no lead names one of the campaigns, the platform's own count of leads stands in, and says so.
    """
    of = {campaign: name for name, campaigns in variants.items() for campaign in campaigns}
    own = daily[(daily["channel"] == channel) & daily["campaign"].isin(list(of))]
    named = own.assign(variant=own["campaign"].map(of))
    columns = [c for c in _SUMS if c in named.columns]
    frame = named.groupby(["day", "variant"], as_index=False)[columns].sum(min_count=1)
    spent = frame["spend"].gt(0) | frame["clicks"].gt(0)
    frame = frame[spent].reset_index(drop=True)
    if not frame["leads"].sum() > 0 and frame["platform_leads"].sum() > 0:
        told = (Finding("info", "experiments.platform_leads"),)
        return Variants(frame.assign(leads=frame["platform_leads"]), told)
    return Variants(frame)


def campaign_rows(daily: pd.DataFrame, channel: str, campaigns: Sequence[str] = ()) -> pd.DataFrame:
    """Day sums of a channel, or of some of its campaigns; one row per day.

    Args:
        daily: ``Ledger.daily(by=("day", "channel", "campaign"))``.
        channel: the channel.
        campaigns: some of its campaigns; without any the whole channel.
    """
    own = daily[daily["channel"] == channel]
    if campaigns:
        return variant_rows(daily, channel, {"A": campaigns}).frame.drop(columns="variant")
    columns = [c for c in _SUMS if c in own.columns]
    return own.groupby("day", as_index=False)[columns].sum(min_count=1)


@dataclass(frozen=True)
class History:
    """What the last days of the variants say about a test to come.

    Attributes:
        events_per_day: of the metric's rarer count.
        day_cv: day-to-day noise of one variant.
        spend_per_day: money.
        value_per_day: money a day that moves in proportion with the metric.
        days: days it rests on.
        people_per_day: people who enter a day; 0 where the rows are days.
        spread: of one event, see ``plan_test``.
    """

    events_per_day: float
    day_cv: float
    spend_per_day: float
    value_per_day: float
    days: int
    people_per_day: float = 0.0
    spread: float = 1.0


def history_of(rows: Variants, metric: str, days: int = 28) -> History:
    """Volume and noise of the last ``days`` of the rows.

    The noise is what the linearised daily residuals of the ratio vary beyond counting; what the variants
    share on a day is in it, so a plan errs on the long side.
    """
    chosen = metric_of(metric)
    frame = rows.frame
    if frame.empty:
        return History(0.0, 0.1, 0.0, 0.0, 0)
    frame = frame[frame["day"] > frame["day"].max() - pd.Timedelta(days=days)]
    n = int(frame["day"].nunique())
    per_day = frame.groupby("day")[[c for c in _SUMS if c in frame.columns]].sum().reindex()
    events = float(np.nan_to_num(per_day[chosen.events]).sum()) / n
    top, bottom = (
        np.nan_to_num(per_day[c].to_numpy("float64")) for c in (chosen.numerator, chosen.denominator)
    )
    cv = 0.1
    if n >= 7 and top.sum() > 0 and bottom.sum() > 0:
        ratio = top.sum() / bottom.sum()
        rest = (top - ratio * bottom) / (ratio * bottom.mean())
        cv = float(np.sqrt(max(0.0, rest.var(ddof=1) - 1 / max(events, 1e-9))))
    spend = float(np.nan_to_num(per_day["spend"]).sum()) / n
    value = spend if chosen.lower_is_better or chosen.name == "ctr" else _value(per_day, n, spend)
    return History(events, cv, spend, value, n)


def people_history(frame: pd.DataFrame, metric: str) -> History:
    """Volume of test rows: of people, or of day rows where they name none.

    Args:
        frame: ``Ledger.variant_rows``: variant, person_key, day, and figures.
        metric: one of ``METRICS``.
    """
    chosen = metric_of(metric)
    nothing = History(0.0, 0.0, 0.0, 0.0, 0)
    if frame.empty:
        return nothing
    known = (frame["person_key"].fillna("") != "").all()
    if not known:
        dated = frame[frame["day"].notna()]
        missing = not dated.size or not {chosen.numerator, chosen.denominator} <= set(frame.columns)
        return nothing if missing else history_of(Variants(dated), metric)
    persons = (
        frame.assign(people=1.0)
        .groupby("person_key")
        .agg({**{c: "sum" for c in (*_SUMS, "people") if c in frame or c == "people"}, "day": "min"})
    )
    persons["people"] = 1.0
    if not {chosen.numerator, chosen.denominator, chosen.events} <= set(persons.columns):
        return nothing
    days = max(int(persons["day"].nunique()), 1) if persons["day"].notna().all() else MONTH_DAYS
    events = float(persons[chosen.events].sum())
    spend, revenue = (float(persons[c].sum()) if c in persons else 0.0 for c in ("spend", "revenue"))
    return History(
        events / days, 0.0, spend / days, revenue / days, days, len(persons) / days,
        _spread(persons, chosen.numerator, events),
    )  # fmt: skip


def _spread(persons: pd.DataFrame, top: str, events: float) -> float:
    """Variance of one event's part in the log of the mean, people as the sample."""
    mean = float(persons[top].mean())
    if not mean > 0 or len(persons) < 2 or not events > 0:
        return 1.0
    return max(float(persons[top].var()) / mean**2 / len(persons) * events, 1e-3)


def _value(per_day: pd.DataFrame, n: int, spend: float) -> float:
    revenue = float(np.nan_to_num(per_day["revenue"]).sum()) / n if "revenue" in per_day else 0.0
    return revenue if revenue > 0 else spend


def plan_from(history: History, metric: str, **asked: object) -> TestPlan | None:
    """A plan from what the history says; None without a single event.

    Args:
        history: volume and noise.
        metric: one of ``METRICS``.
        asked: further arguments of ``plan_test``.
    """
    if not history.events_per_day > 0:
        return None
    return plan_test(
        metric,
        events_per_day=history.events_per_day,
        day_cv=history.day_cv,
        spend_per_day=history.spend_per_day,
        value_per_day=history.value_per_day,
        people_per_day=history.people_per_day,
        spread=history.spread,
        **asked,  # type: ignore[arg-type]
    )
