"""Keeping a plan under a name, with what is believed of it today."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.plan.asked import Answer
from channelopt.plan.kept import to_keep
from channelopt.plan.quick import Look, beats_today
from channelopt.plan.scenarios import Scenario
from pages.parts import cache, state
from pages.parts.escape import literal
from pages.parts.language import current_currency, money, t
from pages.parts.scenarios.planning import history
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done


def save_line(answer: Answer) -> None:
    """A name, and the button that keeps the proposal."""
    plan = answer.plan
    usual = t("Plan with {money}", money=money(plan.budget, current_currency(), compact=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            t("Name of the scenario"), placeholder=literal(usual), max_chars=80, key="save_name", width=420
        )
        if st.button(t("Save this plan"), type="primary", icon=":material/bookmark:", key="save_plan"):
            spend = {str(c): float(x) for c, x in plan.spend.items()}
            _save(answer, name.strip() or literal(usual), spend, beats_today(plan))


def save_mix(answer: Answer, mix: Mapping[str, float], look: Look) -> None:
    """A name, and the button that keeps the own split."""
    with st.popover(t("Save my split"), icon=":material/bookmark:", width="stretch"):
        name = st.text_input(t("Name of the scenario"), t("Our own split"), max_chars=80, key="save_mix_name")
        if st.button(t("Save"), key="save_mix", type="primary"):
            _save(answer, name, mix, look)


def _save(answer: Answer, name: str, spend: Mapping[str, float], look: Look) -> None:
    plan = answer.plan
    try:
        scenario = Scenario(name, spend, plan.days)
        past = history(plan.objective)
        settings, evidence = to_keep(plan.curves, past, scenario, answer.ask, look, plan.policy)
        number = cache.ledger().add_scenario(name, settings, evidence, by=state.USER)
    except ChannelOptError as error:
        show_refusal(error)
    else:
        state.show_scenario_later(number)
        done(t("Saved. Decide here, and come back when its days are over: did it pay?"))
