"""The sidebar: language, workspace, and the data passport."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from channelopt.ledger import Ledger
from pages.parts import state
from pages.parts.language import LANGUAGES, browser_language, day, multiple, t
from pages.parts.links import from_address, to_address
from pages.parts.widgets import page_path

#: Data that ended more days ago than this are called old.
OLD = 10


def language_switch() -> None:
    """English or 中文, kept in the address so that a link opens in its language."""
    with st.sidebar:
        st.markdown("**channelopt**")
        before = state.address_seen().get(state.LANGUAGE)
        from_address(state.LANGUAGE, list(LANGUAGES), before or browser_language())
        st.segmented_control(
            "Language · 语言",
            list(LANGUAGES),
            format_func=lambda code: LANGUAGES[code],
            required=True,
            key=state.LANGUAGE,
            label_visibility="collapsed",
        )
        to_address(state.LANGUAGE)


def workspace_choice() -> None:
    """Which brand is shown; hidden while there is only one."""
    names = state.workspace_names()
    chosen = st.session_state.get(state.WORKSPACE)
    if chosen and chosen not in names:
        names = sorted([*names, chosen])
    with st.sidebar:
        st.selectbox(
            t("Workspace"),
            names,
            key=state.WORKSPACE,
            bind="query-params",
        )


def passport(ledger: Ledger) -> None:
    """Which data everything on the pages rests on."""
    facts = ledger.passport()
    with st.sidebar.container(gap="xsmall"):
        if state.current_workspace() == state.DEMO_WORKSPACE:
            st.badge(t("Sample data, not yours"), icon=":material/info:", color="gray")
        if facts.files == 0:
            st.caption(t("No data yet"))
            return
        st.caption(
            "  \n".join(
                (
                    t("{n:count} {n:plural:file|files}", n=facts.files),
                    t(
                        "{used:count} {used:plural:row|rows} used, {left:count} left out",
                        used=facts.rows_used,
                        left=facts.rows_left_out,
                    ),
                    f"{day(facts.day_first)} – {day(facts.day_last)}",
                    t("Amounts in {currency}", currency=facts.currency),
                )
            )
        )
        _age(facts.day_last)
        st.page_link(
            page_path("settings"),
            label=t("Your bar: 1:{floor}", floor=multiple(ledger.policy.roi_floor)),
            icon=":material/flag:",
        )


def _age(last: dt.date | None) -> None:
    """Say when the data are old: every "this week" on the pages is the week after them."""
    days = 0 if last is None else (dt.date.today() - last).days
    if days > OLD and state.current_workspace() != state.DEMO_WORKSPACE:
        st.badge(t("Your data ended {n:count} days ago", n=days), icon=":material/history:", color="orange")
