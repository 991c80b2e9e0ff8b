"""Names and colours of channels and verdicts, the same on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from channelopt.intake import platforms
from pages.parts import state
from pages.parts.language import t

#: Okabe and Ito (2008), Color Universal Design. The last two need an outline.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999", "#F0E442")


@dataclass(frozen=True)
class VerdictLook:
    """How a verdict is shown: never by colour alone.

    Attributes:
        word: English source of the word.
        icon: Material icon, part of the app itself.
        badge: Streamlit badge colour.
        colour: hex colour in charts.
        symbol: Plotly marker symbol.
    """

    word: str
    icon: str
    badge: Literal["blue", "orange", "gray"]
    colour: str
    symbol: str


VERDICTS = {
    "keep": VerdictLook("KEEP", ":material/check_circle:", "blue", "#0072B2", "circle"),
    "test": VerdictLook("TEST", ":material/science:", "gray", "#8A8F98", "diamond"),
    "drop": VerdictLook("DROP", ":material/cancel:", "orange", "#D55E00", "x"),
    "unknown": VerdictLook("CAN'T SAY", ":material/help:", "gray", "#B0B4BA", "circle-open"),
}


def verdict_word(verdict: str) -> str:
    """The verdict as the reader's word."""
    words = {"keep": t("KEEP"), "test": t("TEST"), "drop": t("DROP"), "unknown": t("CAN'T SAY")}
    return words[verdict]


def channel_labels(channels: pd.DataFrame, lang: str) -> dict[str, str]:
    """Channel key → the workspace's own name for it, else the platform's, else the key."""
    known = {key: platform.labels.get(lang, key) for key, platform in platforms().items()}
    known["unassigned"] = t("(no channel)")
    return {
        str(row.channel): str(row.label) if row.label else known.get(str(row.channel), str(row.channel))
        for row in channels.itertuples()
    }


def platform_name(key: str, lang: str) -> str:
    """A platform's name in the reader's language; a name of the reader's own as it is."""
    known = platforms().get(key)
    return known.labels.get(lang, key) if known else key


def channel_colours(channels: pd.DataFrame) -> dict[str, str]:
    """Channel key → hex colour, fixed in the workspace."""
    return {str(r.channel): PALETTE[int(r.palette) % len(PALETTE)] for r in channels.itertuples()}


def model_names() -> dict[str, str]:
    """Whom an outcome can be credited to, in the reader's words."""
    return {
        "recorded": t("Lead list"),
        "first": t("First touch"),
        "last": t("Last touch"),
        "linear": t("Linear"),
        "time_decay": t("Time decay"),
        "position": t("Position"),
        "markov": t("Markov removal"),
        "shapley": t("Shapley"),
    }


def by_whom(name: str) -> str:
    """Who did something: a name, or the dashboard itself in the reader's language."""
    return t("dashboard") if name == state.USER else name
