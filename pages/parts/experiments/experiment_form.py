"""Planning a test: what is tested and how, then the plan, and writing it down"""

from __future__ import annotations

import datetime as dt

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.ledger import Ledger
from pages.parts import state
from pages.parts.experiments.experiment_card import Draft, first_look, plan_card
from pages.parts.experiments.experiment_places import regions_draft, weeks_draft
from pages.parts.experiments.experiment_sides import campaigns_draft, rows_draft
from pages.parts.experiments.tests import kind_names
from pages.parts.language import day, t
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done

DRAFTS = {
    "campaigns": campaigns_draft,
    "rows": rows_draft,
    "regions": regions_draft,
    "weeks": weeks_draft,
}


def source_names() -> dict[str, str]:
    """Where a test's rows come from → the way of testing, in words."""
    return {
        "campaigns": t("Two campaigns"),
        "rows": t("People, from a file"),
        "regions": t("Some regions"),
        "weeks": t("Weeks in turn"),
    }


def source_help() -> dict[str, str]:
    """When each way of testing fits."""
    return {
        "campaigns": t("Two campaigns of one channel run on the same days. The usual way on ad platforms."),
        "rows": t("Your site or app splits people and you upload who saw what and what came of it."),
        "regions": t("The change happens in some regions only: what does this channel really add?"),
        "weeks": t("One campaign, one week the old way, one week the new way, in an order drawn by lot."),
    }


def plan_form(ledger: Ledger) -> None:
    """The form, its plan, and the button that writes it down."""
    st.markdown(t("Decide before the data what will count. The verdict stays locked until a planned look."))
    one, two = st.columns([3, 2], gap="large")
    with one:
        left, right = st.columns([3, 2])
        name = left.text_input(t("What is tested"), t("New hook against the old one"), max_chars=80)
        kinds, ways = kind_names(), source_names()
        kind = right.selectbox(t("What is changed"), list(kinds), format_func=lambda k: kinds[k])
        source = st.segmented_control(
            t("How it is tested"),
            list(DRAFTS),
            default="campaigns",
            required=True,
            format_func=lambda k: ways[k],
            key="test_source",
        )
        st.caption(source_help()[str(source)])
        try:
            draft = DRAFTS[str(source)](str(kind))
        except ChannelOptError as error:
            show_refusal(error)
            return
        start = st.date_input(t("First day"), dt.date.today(), width=220)
    with two.container(border=True):
        _written(ledger, name, draft, start)


def _written(ledger: Ledger, name: str, draft: Draft | None, start: dt.date) -> None:
    """The plan, and the button that writes it down."""
    if draft is None:
        st.caption(t("The plan appears here as soon as the form says enough."))
        return
    plan_card(draft, start)
    if st.button(t("Write the plan down and start"), type="primary", width="stretch"):
        try:
            ledger.add_experiment(name, draft.settings, start, by=state.USER)
        except ChannelOptError as error:
            show_refusal(error)
        else:
            state.show_tests_later()
            done(t("The test is planned. Its first look is on {when}.", when=day(first_look(draft, start))))
