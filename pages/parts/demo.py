"""The one click that fills a workspace with the demo brand."""

from __future__ import annotations

import streamlit as st

from channelopt.demo import load_demo
from pages.parts import cache, state
from pages.parts.language import t


def want() -> None:
    """Remember the click (a button's callback) and go to the demo's own workspace."""
    st.session_state[state.DEMO_WANTED] = True
    state.open_workspace(state.DEMO_WORKSPACE)


def load_if_wanted() -> None:
    """Load the demo if it was asked for and is not there yet, with a progress bar."""
    if not st.session_state.pop(state.DEMO_WANTED, False):
        return
    ledger = cache.ledger()
    if ledger.passport().files == 0:
        bar = st.progress(0.0, t("Loading the demo brand"))

        def show(done: int, total: int) -> None:
            bar.progress(done / max(1, total))

        load_demo(ledger, on_step=show)
    st.rerun()
