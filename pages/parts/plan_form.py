"""Planning a test: what, by which metric, how small an effect matters; then days, looks, cost, power."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.experiments.design import TestPlan
from channelopt.experiments.record import settings_of
from channelopt.experiments.replay import Replay, aa_replay
from channelopt.experiments.rows import Variants, campaigns_of, history_of, plan_from, variant_rows
from channelopt.ledger import Ledger
from pages.parts import cache, state
from pages.parts.language import current_currency, day, money, percent, t
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done, finding_lines


def metric_names() -> dict[str, str]:
    """Metric → its name."""
    return {
        "cpl": t("Cost per lead (CPL)"),
        "cpc": t("Cost per click (CPC)"),
        "ctr": t("Clicks per impression (CTR)"),
        "cvr": t("Leads per click (CVR)"),
        "cac": t("Cost per customer (CAC)"),
        "roas": t("Revenue per 1 of ad spend (ROAS)"),
    }


def unit_names() -> dict[str, str]:
    """Who decides who sees what."""
    return {
        "platform": t("The platform chooses who sees which"),
        "person": t("A split test splits people at random"),
    }


def plan_form(ledger: Ledger) -> None:
    """The form, its plan, and the button that writes it down."""
    st.subheader(t("Plan a test"), anchor=False)
    st.markdown(t("Decide before the data what will count. The verdict stays locked until a planned look."))
    daily = cache.daily("day", "channel", "campaign")
    campaigns: dict[str, list[str]] = cache.made(
        ("campaigns",), lambda: {c: campaigns_of(daily, c) for c in cache.labels()}
    )
    channels = [c for c, known in campaigns.items() if len(known) >= 2]
    if not channels:
        st.caption(t("A test needs a channel with at least two campaigns."))
        return
    one, two = st.columns([3, 2], gap="large")
    with one:
        name = st.text_input(t("What is tested"), t("New hook against the old one"), max_chars=80)
        left, right = st.columns(2)
        labels, metrics, units = cache.labels(), metric_names(), unit_names()
        rhythms = {7: t("Every week"), 1: t("Every day from day 7")}
        channel = left.selectbox(
            t("Channel"), channels, format_func=lambda c: labels.get(c, c), key="test_channel"
        )
        metric = right.selectbox(
            t("Judged by"), list(metrics), format_func=lambda m: metrics[m], key="test_metric"
        )
        options = campaigns[channel]
        control = left.multiselect(t("A, what you have"), options, options[:1], key=f"test_a_{channel}")
        rest = [c for c in options if c not in control]
        treatment = right.multiselect(t("B, what is new"), rest, rest[:1], key=f"test_b_{channel}")
        smallest = left.slider(
            t("Smallest effect worth acting on"), 5, 60, 20, 5, format="%d%%", key="test_small"
        )
        looks = right.selectbox(t("Looks"), list(rhythms), format_func=lambda k: rhythms[k])
        goals = {"better": t("Is B better?"), "not_worse": t("Is B not worse? (cheaper, simpler)")}
        goal = left.selectbox(t("The question"), list(goals), format_func=lambda g: goals[g])
        unit = st.selectbox(t("Who sees what"), list(units), format_func=lambda u: units[u])
        start = right.date_input(t("First day"), dt.date.today())
    with two.container(border=True):
        if not control or not treatment:
            st.caption(t("Choose campaigns for A and for B."))
            return
        variants = {"A": control, "B": treatment}
        plan = _plan(channel, variants, metric, smallest / 100, int(looks), str(unit), str(goal))
        if plan is None:
            return
        _show(plan, start, _replay(channel, variants, plan))
        if st.button(t("Write the plan down and start"), type="primary", width="stretch"):
            try:
                ledger.add_experiment(name, settings_of(plan, channel, variants), start, by=state.USER)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(
                    t(
                        "The test is planned. Its first look is on {when}.",
                        when=day(_on(start, plan.looks[0])),
                    )
                )


def _on(start: dt.date, look: int) -> dt.date:
    return start + dt.timedelta(days=look - 1)


def _plan(
    channel: str,
    variants: dict[str, list[str]],
    metric: str,
    smallest: float,
    every: int,
    unit: str,
    goal: str,
) -> TestPlan | None:
    def rows() -> Variants:
        return variant_rows(cache.daily("day", "channel", "campaign"), channel, variants)

    key = ("plan", channel, str(variants), metric, smallest, every, unit, goal)
    try:
        plan: TestPlan | None = cache.made(
            key,
            lambda: plan_from(
                history_of(rows(), metric), metric, smallest=smallest, look_every=every, unit=unit, goal=goal
            ),
        )
    except ChannelOptError as error:
        show_refusal(error)
        return None
    if plan is None:
        st.caption(t("These campaigns have no such figures yet; choose another metric."))
    return plan


def _replay(channel: str, variants: dict[str, list[str]], plan: TestPlan) -> Replay | None:
    asked = str(settings_of(plan, channel, variants))
    daily = cache.daily("day", "channel", "campaign")
    found: Replay | None = cache.made(
        ("replay", asked), lambda: aa_replay(variant_rows(daily, channel, variants).frame, plan)
    )
    return found


def _show(plan: TestPlan, start: dt.date, replay: Replay | None) -> None:
    currency = current_currency()
    st.markdown("### " + t("{n:count} days, until {when}", n=plan.days, when=day(_on(start, plan.days))))
    left, right = st.columns(2)
    left.metric(t("Spent meanwhile"), money(plan.cost, currency, compact=True))
    right.metric(t("Can see from"), percent(plan.mde) if plan.mde == plan.mde else "—")
    st.markdown(
        t(
            "An effect of {smallest:percent} is worth {worth} a month and is found with a chance of"
            " {power:percent}. A false winner appears at most {alpha:percent} of the time, over all looks.",
            smallest=plan.smallest,
            worth=money(plan.worth, currency, compact=True),
            power=plan.chance,
            alpha=plan.alpha,
        )
    )
    looks = ", ".join(day(_on(start, look), year=False) for look in plan.looks[:8])
    st.markdown(t("Looks: {looks}", looks=looks + (" …" if len(plan.looks) > 8 else "")))
    finding_lines(plan.findings)
    if replay is not None:
        st.caption(
            t(
                "Replayed {worlds:count} times on your last {days:count} days with A and B shuffled each"
                " day: a false winner in {share:percent}; with a plain test and daily looks in"
                " {plain:percent}.",
                worlds=replay.worlds,
                days=replay.days,
                share=replay.false_winners,
                plain=replay.plain,
            )
        )
