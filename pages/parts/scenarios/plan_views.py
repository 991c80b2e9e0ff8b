"""Which view of the scenarios is shown, and what stands in the way of any."""

from __future__ import annotations

from typing import Any

import streamlit as st

from channelopt.errors import ChannelOptError
from pages.parts import state
from pages.parts.language import t
from pages.parts.links import view_switch
from pages.parts.scenarios.planning import curves, objectives, saved
from pages.parts.trouble import show_refusal
from pages.parts.widgets import empty_state, title


def scenario_view() -> str:
    """Which view is shown; a link to a scenario opens the saved ones."""
    names = {
        "plan": t("Plan"),
        "compare": t("Compare"),
        "curves": t("Curves and proof"),
        "saved": t("Saved ({n:count})", n=len(saved())),
    }
    state.take_scenario_view()
    return view_switch(state.SCENARIO_VIEW, names, "saved" if st.query_params.get(state.SCENARIO) else "plan")


def can_plan(head: Any) -> bool:
    """Whether there are curves at all; says in a frame what is missing when there are none."""
    if not objectives():
        _missing(head)
        return False
    try:
        curves(objectives()[0])
    except ChannelOptError as error:
        _missing(head)
        show_refusal(error)
        return False
    return True


def _missing(head: Any) -> None:
    with head:
        title(t("What if we move or add money?"))
    empty_state(
        t("Nothing to plan with yet"),
        t("A plan needs spend and what it brought: leads, orders or revenue, by channel or in all, by day."),
    )
