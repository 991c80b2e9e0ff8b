"""The views of the scaling page."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.language import t
from pages.parts.links import from_address, to_address

VIEWS = ("room", "launch", "referral", "repeat")


def scaling_view() -> str:
    """Which view is shown."""
    names = {
        "room": t("Room to grow"),
        "launch": t("New platform"),
        "referral": t("Referral"),
        "repeat": t("Private domain and lifetime"),
    }
    from_address(state.SCALING_VIEW, VIEWS, VIEWS[0])
    view = st.segmented_control(
        t("View"),
        VIEWS,
        required=True,
        format_func=lambda key: names[key],
        key=state.SCALING_VIEW,
        label_visibility="collapsed",
    )
    to_address(state.SCALING_VIEW)
    return str(view)
