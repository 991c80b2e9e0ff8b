"""The plan of a test before its data: days, cost, what it can see, looks, and a replay on past days"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from channelopt.charts.testplan import PowerWords, Stretch, calendar_chart, power_chart
from channelopt.experiments.design import TestPlan
from channelopt.experiments.record import AnyPlan
from channelopt.experiments.regions_design import RegionPlan
from channelopt.experiments.replay import Replay
from channelopt.experiments.switchback_design import SwitchbackPlan
from pages.parts.chart import show_chart
from pages.parts.escape import md
from pages.parts.experiments.tests import metric_names
from pages.parts.language import current_currency, day, listed, money, percent, signed, t
from pages.parts.say import field_names
from pages.parts.widgets import finding_lines


@dataclass(frozen=True)
class Draft:
    """A plan not yet written down.

    Attributes:
        plan: the plan.
        settings: as the ledger keeps it.
        replay: what it would have done on past days without an effect; None where that is not known.
        value_per_day: money a day that depends on the metric; 0 when unknown.
    """

    plan: AnyPlan
    settings: dict[str, Any]
    replay: Replay | None = None
    value_per_day: float = 0.0


def first_look(draft: Draft, start: dt.date) -> dt.date:
    """The day of the first look."""
    plan = draft.plan
    return start + dt.timedelta(days=(plan.looks[0] if isinstance(plan, TestPlan) else plan.days) - 1)


def plan_card(draft: Draft, start: dt.date) -> None:
    """Everything a plan promises."""
    plan = draft.plan
    end = start + dt.timedelta(days=plan.days - 1)
    st.markdown("### " + t("{n:count} days, until {when}", n=plan.days, when=day(end)))
    _figures(plan)
    _promise(plan)
    _power(plan)
    _calendar(plan, start)
    if isinstance(plan, RegionPlan):
        _regions(plan)
    finding_lines(plan.findings)
    if draft.replay is not None:
        st.caption(replay_sentence(draft.replay))
        if more := replay_warning(draft.replay, plan.alpha):
            st.markdown(":material/warning: " + more)


def _figures(plan: AnyPlan) -> None:
    currency = current_currency()
    left, right = st.columns(2)
    cost = t("Extra spend") if isinstance(plan, RegionPlan) else t("Spent meanwhile")
    left.metric(cost, money(plan.cost, currency, compact=True))
    right.metric(t("Can see from"), percent(abs(plan.mde)))
    if isinstance(plan, TestPlan) and plan.people:
        st.markdown(t("{n:count} people are needed, all variants together.", n=plan.people))
    elif isinstance(plan, TestPlan):
        names = field_names()
        what = names.get(plan.metric.events, plan.metric.events)
        st.markdown(t("About {n:count} {what} are needed, all variants together.", n=plan.events, what=what))


def _promise(plan: AnyPlan) -> None:
    currency = current_currency()
    if isinstance(plan, TestPlan):
        chance, worth = plan.chance, plan.worth
    else:
        chance, worth = plan.chance, float("nan")
    told = {"smallest": plan.smallest, "power": chance, "alpha": plan.alpha}
    if worth == worth:
        st.markdown(
            t(
                "An effect of {smallest:percent} is worth {worth} a month and is found with a chance of"
                " {power:percent}. A false winner appears at most {alpha:percent} of the time,"
                " over all looks.",
                worth=money(worth, currency, compact=True),
                **told,
            )
        )
    else:
        st.markdown(
            t(
                "An effect of {smallest:percent} is found with a chance of {power:percent}. A false winner"
                " appears at most {alpha:percent} of the time.",
                **told,
            )
        )


def _power(plan: AnyPlan) -> None:
    curve = plan.power_curve() if isinstance(plan, TestPlan) else plan.power_curve
    if curve.empty:
        return
    sign = -1 if isinstance(plan, RegionPlan) and plan.change < 0 else 1
    if (curve["effect"] < 0).any():
        sign = -1
    words = PowerWords(
        effect=t("True effect"),
        smallest=t("worth acting on"),
        hover=[
            t("{effect}: found with a chance of {power:percent}", effect=percent(r.effect), power=r.power)
            for r in curve.itertuples()
        ],
    )
    show_chart(
        power_chart(curve, sign * plan.smallest, plan.power, words), key="power",
        alt=t("Chance to see an effect, by its size"),
    )  # fmt: skip


def _calendar(plan: AnyPlan, start: dt.date) -> None:
    first = pd.Timestamp(start)
    last = first + pd.Timedelta(days=plan.days - 1)
    looks = plan.looks if isinstance(plan, TestPlan) else (plan.days,)
    dates = [first + pd.Timedelta(days=look - 1) for look in looks]
    if isinstance(plan, SwitchbackPlan):
        stretches = [
            Stretch(
                pd.Timestamp(row.first_day), pd.Timestamp(row.last_day),
                t("{first} to {last}: {name}", first=day(row.first_day), last=day(row.last_day),
                  name=row.variant),
                row.variant == plan.variants[1],
            )
            for row in plan.calendar(first).itertuples()
        ]  # fmt: skip
    else:
        stretches = [Stretch(first, last, t("{first} to {last}", first=day(first), last=day(last)))]
    show_chart(
        calendar_chart(stretches, dates, [t("look on {when}", when=day(d)) for d in dates]),
        key="calendar", alt=t("Calendar of the test"),
    )  # fmt: skip
    shown = listed(day(d, year=False) for d in dates[:8])
    st.markdown(t("Looks: {looks}", looks=shown + (" …" if len(dates) > 8 else "")))
    if isinstance(plan, SwitchbackPlan):
        turns = "  \n".join(f"{md(x.label)}" for x in stretches)
        with st.expander(t("What runs when")):
            st.markdown(turns)


def _regions(plan: RegionPlan) -> None:
    """Which regions get the change, which stay, which are left out."""
    st.markdown(
        t(
            "**Spend changes by {change} in:** {names}",
            change=signed(plan.change, 0),
            names=_list(plan.treated),
        )
    )
    with st.expander(t("Regions that stay as they are ({n:count})", n=len(plan.control))):
        st.markdown(_list(plan.control))
    if isinstance(plan, RegionPlan):
        st.caption(
            t("Judged by {metric} of the regions.", metric=metric_names().get(plan.outcome, plan.outcome))
        )


def _list(names: tuple[str, ...]) -> str:
    return listed(md(name) for name in names) or "–"


def replay_sentence(replay: Replay) -> str:
    """What a plan did on the user's own past days, on which nothing was different."""
    return t(
        "Replayed {worlds:count} times on your last {days:count} days with A and B shuffled each"
        " day: a false winner in {share:percent}; with a plain test and daily looks in"
        " {plain:percent}.",
        worlds=replay.worlds,
        days=replay.days,
        share=replay.false_winners,
        plain=replay.plain,
    )


def replay_warning(replay: Replay, alpha: float) -> str:
    """What to do where false winners surely come more often than promised; "" where they do not."""
    if not replay.low > alpha:
        return ""
    return t(
        "More often than promised: on your days this metric swings more than the test allows for. Take a"
        " narrow win as a hint, and repeat it before you move money."
    )
