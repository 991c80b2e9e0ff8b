"""Small things every page needs: page paths, empty states, finding lines, sections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import streamlit as st

from channelopt.errors import Finding
from pages.parts import cache, state
from pages.parts.language import t
from pages.parts.say import say

FOLDER = Path(__file__).resolve().parents[1]
ICONS = {
    "info": ":material/info:",
    "warning": ":material/warning:",
    "question": ":material/contact_support:",
    "error": ":material/error:",
}


def page_path(name: str) -> str:
    """The script of a page, for links and switches."""
    return str(FOLDER / f"{name}.py")


def title(sentence: str) -> None:
    """The page's finding as its title, after a notice left by the last action."""
    text = state.take_notice()
    with st.container():  # always there: what is typed or open below is lost when it moves
        if text:
            st.success(text, icon=":material/check:")
    st.title(sentence, anchor=False)


def empty_state(heading: str, sentence: str, on_demo: Callable[[], None] | None = None) -> None:
    """A framed page without data: what is missing, and the button that mends it."""
    with st.container(border=True, horizontal_alignment="center", gap="medium"):
        st.space("small")
        st.markdown("## :material/query_stats:", width="content")
        st.subheader(heading, anchor=False, width="content")
        st.markdown(sentence, width="content")
        with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center"):
            if on_demo:
                st.button(
                    t("Load the demo brand"), type="primary", icon=":material/play_arrow:", on_click=on_demo
                )
            st.page_link(page_path("upload"), label=t("Upload my own exports"), icon=":material/upload_file:")
        st.space("small")


def finding_lines(findings: Iterable[Finding], currency: str | None = None, *, limit: int = 50) -> None:
    """Findings as sentences with an icon, the most serious first; money in the currency given."""
    order = ("error", "question", "warning", "info")
    ranked = sorted(findings, key=lambda f: order.index(f.severity))
    for finding in ranked[:limit]:
        st.markdown(f"{ICONS[finding.severity]} {say(finding, currency)}")


def footer() -> None:
    """What every number on the page does not prove."""
    found = cache.business()
    if found is not None and found.only:
        st.caption(t("Learned from what all channels brought together, not proven to be caused by the ad."))
    else:
        st.caption(t("Attributed by the platform or the CRM, not proven to be caused by the ad."))


def done(sentence: str) -> None:
    """Say what was done, on the page drawn afresh with the new state."""
    state.notice(sentence)
    st.rerun()
