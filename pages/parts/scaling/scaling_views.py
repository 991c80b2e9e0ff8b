"""The views of the scaling page."""

from __future__ import annotations

from pages.parts import state
from pages.parts.language import t
from pages.parts.links import view_switch
from pages.parts.scaling.scaling_room import room_title


def scaling_title(view: str) -> str:
    """The finding of the room, or what the other views answer."""
    if view == "launch":
        return t("A new platform: what it costs to know, and when to stop.")
    if view == "referral":
        return t("Referral: how many customers one brings, and which reward pays.")
    if view == "repeat":
        return t("Private domain: who comes back, and when a customer has paid back.")
    return room_title()


def scaling_view() -> str:
    """Which view is shown."""
    names = {
        "room": t("Room to grow"),
        "launch": t("New platform"),
        "referral": t("Referral"),
        "repeat": t("Private domain and lifetime"),
    }
    return view_switch(state.SCALING_VIEW, names)
