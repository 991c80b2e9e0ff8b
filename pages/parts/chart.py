"""A chart on a page: its ticks in the reader's numbers, no tool bar, nothing that calls out."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from channelopt.charts.ticks import say_ticks
from pages.parts.language import ticks

CONFIG = {"displayModeBar": False, "showSendToCloud": False, "locale": "en"}


def show_chart(figure: go.Figure, key: str, alt: str | None = None) -> None:
    """Draw a figure.

    Args:
        figure: made for the language of the page.
        key: of the element.
        alt: what it shows, for readers who do not see it.
    """
    st.plotly_chart(say_ticks(figure, ticks()), config=CONFIG, key=key, alt=alt)
