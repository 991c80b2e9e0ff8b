"""The inbox on the upload page: what waits for an answer, what came in by itself, where to put files."""

from __future__ import annotations

import streamlit as st

from channelopt.errors import Finding
from channelopt.inbox import InboxState
from channelopt.messages import TEMPLATES
from pages.parts import state
from pages.parts.escape import md
from pages.parts.language import day, listed, t
from pages.parts.say import say
from pages.parts.widgets import ICONS

_SHOWN = 5


def inbox_section(found: InboxState) -> None:
    """Say what the inbox does, and offer to answer what waits there."""
    busy = bool(found.waiting or found.incoming or found.done)
    with st.expander(
        _heading(found), icon=":material/inbox:", expanded=bool(found.waiting or found.problems)
    ):
        st.caption(
            t(
                "Files put into this folder are read and stored by themselves;"
                " a question makes them wait here."
            )
        )
        st.code(str(found.folder), language=None)
        for name in found.incoming:
            problem = found.problems.get(name)
            st.markdown(
                f":material/hourglass_top: **{md(name)}**" + (f" · {say(problem)}" if problem else "")
            )
        for at, one in enumerate(found.waiting):
            _waiting(at, one.name, [one.reason, *one.findings])
        if found.done:
            lines = [f"{d.name} ({day(d.at.date())})" for d in found.done[:_SHOWN]]
            st.caption(t("Came in last: {files}", files=listed(lines)))
        elif not busy:
            st.caption(t("Nothing has come in this way yet."))


def _heading(found: InboxState) -> str:
    if found.waiting:
        return t("Inbox: {n:count} {n:plural:file waits|files wait} for your answer", n=len(found.waiting))
    return t("Inbox: files that come in by themselves")


def _waiting(at: int, name: str, reasons: list[Finding]) -> None:
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{ICONS['question']} **{md(name)}**")
            opened = name in state.opened_waiting()
            label = t("Close") if opened else t("Look at it here")
            st.button(label, key=f"open_waiting_{at}", on_click=state.turn_waiting, args=(name,))
        for reason in reasons:
            if reason.code in TEMPLATES:
                st.caption(say(reason))
