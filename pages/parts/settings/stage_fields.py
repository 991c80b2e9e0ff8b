"""Fields of the policy that belong to the stages: steps, hooks, leads, new platforms, private domain."""

from __future__ import annotations

from typing import Any

import streamlit as st

from channelopt.policy import Policy
from pages.parts.language import t


def stage_fields(policy: Policy) -> dict[str, Any]:
    """The fields, folded by subject, inside a form; gives the values by name of the setting."""
    given: dict[str, Any] = {}
    with st.expander(t("Stages and weekly steps"), icon=":material/stairs:"):
        given |= _steps(policy)
    with st.expander(t("Hooks and their rotation"), icon=":material/autorenew:"):
        given |= _hooks(policy)
    with st.expander(t("Leads by intent"), icon=":material/filter_alt:"):
        given |= _leads(policy)
    with st.expander(t("New platforms"), icon=":material/rocket_launch:"):
        given |= _launch(policy)
    with st.expander(t("Private domain and payback"), icon=":material/loyalty:"):
        given |= _repeat(policy)
    return given


def _share(label: str, value: float, low: float, high: float, help: str) -> float:
    """A share, asked for in percent."""
    asked = st.number_input(label, low, high, round(100 * value, 4), 1.0, format="%g", help=help)
    return round(asked / 100, 6)


def _whole(label: str, value: int, low: int, high: int, help: str) -> int:
    return int(st.number_input(label, low, high, value, 1, help=help))


def _steps(policy: Policy) -> dict[str, Any]:
    one, two, three = st.columns(3)
    with one:
        tested = _whole(
            t("Channels to test in stage 1"), policy.channels_tested, 1, 50,
            t("The way to stage 2 asks for so many tested channels, or for the reason why fewer."),
        )  # fmt: skip
        days = _whole(
            t("Days of a stage"), policy.stage_days, 1, 365,
            t("Its planned length. Nothing ends by itself: the overview counts the days."),
        )  # fmt: skip
    with two:
        budget = _share(
            t("Budget step a week, at most (%)"), policy.budget_step, 1.0, 99.0,
            t("Small steps show what they did before the next one. Also limits what moves between hooks."),
        )  # fmt: skip
        bid = _share(
            t("Bid step a week, at most (%)"), policy.bid_step, 1.0, 99.0,
            t("Bids follow what a channel's leads are worth of late, at most this far a week."),
        )  # fmt: skip
    with three:
        alive = _share(
            t("Kept alive out of focus (%)"), policy.keep_alive, 0.0, 100.0,
            t("Of today's spend, so that it stays known: a channel without money teaches nothing."),
        )  # fmt: skip
    return {
        "channels_tested": tested, "stage_days": days, "budget_step": budget, "bid_step": bid,
        "keep_alive": alive,
    }  # fmt: skip


def _hooks(policy: Policy) -> dict[str, Any]:
    one, two, three = st.columns(3)
    with one:
        floor = _share(
            t("Least share of a hook (%)"), policy.explore_floor, 0.0, 50.0,
            t("An insurance with a price: in simulations 2% costs about one point of the leads, 5% three."),
        )  # fmt: skip
    with two:
        memory = _share(
            t("Old weeks count (% a week)"), policy.rotation_memory, 1.0, 100.0,
            t("Below 100 old weeks fade, because creatives wear out."),
        )  # fmt: skip
    with three:
        lift = _share(
            t("How much hooks and other tested changes usually differ (%)"), policy.usual_lift, 1.0, 200.0,
            t("A winner's lift is drawn back by this: the smaller it is, the less a surprise is believed."),
        )  # fmt: skip
    return {"explore_floor": floor, "rotation_memory": memory, "usual_lift": lift}


def _leads(policy: Policy) -> dict[str, Any]:
    one, two, three = st.columns(3)
    with one:
        leads = _whole(
            t("Fewest leads for a score"), policy.intent_leads, 10, 100_000,
            t("Counted are leads old enough to have decided. Below it no lead gets a score."),
        )  # fmt: skip
        customers = _whole(
            t("Fewest customers among them"), policy.intent_customers, 10, 100_000,
            t("With fewer customers a score would be luck."),
        )  # fmt: skip
    with two:
        high = st.number_input(
            t("High intent: average leads from"), 0.1, 100.0, policy.intent_high, 0.1,
            format="%g", help=t("1.5 means: expected to bring half as much again as an average lead."),
        )  # fmt: skip
        low = st.number_input(
            t("Low intent: average leads below"), 0.01, 100.0, policy.intent_low, 0.1,
            format="%g", help=t("Must be below the line of high intent. In between is medium."),
        )  # fmt: skip
    with three:
        hours = st.number_input(
            t("Hours of behaviour that count"), 0.0, 720.0, policy.intent_hours, 1.0, format="%g",
            help=t("After the lead came in: how soon its tier is known, against how much is known of it."),
        )  # fmt: skip
        call = st.number_input(
            t("Cost of a call (0: unknown)"), 0.0, 1e6, policy.call_cost or 0.0, 1.0,
            format="%g", help=t("A lead expected to bring less than its call is of low intent."),
        )  # fmt: skip
    return {
        "intent_leads": leads, "intent_customers": customers, "intent_high": high, "intent_low": low,
        "intent_hours": hours, "call_cost": call or None,
    }  # fmt: skip


def _launch(policy: Policy) -> dict[str, Any]:
    one, two = st.columns(2)
    with one:
        discount = _share(
            t("A new platform brings this share of similar ones (%)"), policy.launch_discount, 1.0, 200.0,
            t("What is expected of it before the trial has said anything."),
        )  # fmt: skip
        unsure = _share(
            t("How unsure that is (%)"), policy.launch_discount_sd, 0.0, 200.0,
            t("35 means: two times in three the truth is within about a third of it."),
        )  # fmt: skip
    with two:
        error = _share(
            t("How often a trial may err (%)"), policy.launch_error, 1.0, 49.0,
            t("Dropping a good platform, and as often keeping a bad one. Less takes more money."),
        )  # fmt: skip
        weeks = _whole(
            t("Weeks of a trial"), policy.launch_weeks, 1, 52,
            t("The money that decides it is spread over these weeks, with a look every week."),
        )  # fmt: skip
    return {
        "launch_discount": discount, "launch_discount_sd": unsure, "launch_error": error,
        "launch_weeks": weeks,
    }  # fmt: skip


def _repeat(policy: Policy) -> dict[str, Any]:
    one, two = st.columns(2)
    with one:
        payback = _whole(
            t("A customer should have paid back within (months)"), policy.payback_months, 1, 120,
            t("Margin of its orders against what it cost to win it."),
        )  # fmt: skip
        tolerance = _share(
            t("Warn when a customer costs more by (%)"), policy.cac_tolerance - 1,
            0.0, 899.0, t("More than in the quarter before."),
        )  # fmt: skip
    with two:
        repeaters = _whole(
            t("Fewest repeat customers before a lifetime value"), policy.min_repeaters, 1, 100_000,
            t("Customers with a second order. Below it no lifetime value is shown."),
        )  # fmt: skip
        rate = _share(
            t("Later money counts less by (% a year)"), policy.discount_rate, 0.0, 99.0,
            t("10 means: 110 in a year is worth 100 today."),
        )  # fmt: skip
    return {
        "payback_months": payback, "cac_tolerance": round(1 + tolerance, 6), "min_repeaters": repeaters,
        "discount_rate": rate,
    }  # fmt: skip
