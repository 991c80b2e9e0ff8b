"""The views of the scaling page."""

from __future__ import annotations

from pages.parts import state
from pages.parts.language import t
from pages.parts.links import view_switch


def scaling_view() -> str:
    """Which view is shown."""
    names = {
        "room": t("Room to grow"),
        "launch": t("New platform"),
        "referral": t("Referral"),
        "repeat": t("Private domain and lifetime"),
    }
    return view_switch(state.SCALING_VIEW, names)
