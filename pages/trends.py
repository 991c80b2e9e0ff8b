"""Trends: what changed, when, and is it real?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache
from pages.parts.figures import metric_switch, trend_figure
from pages.parts.language import t
from pages.parts.sentences import trends_title
from pages.parts.widgets import empty_state, footer, title

if cache.ledger().passport().files == 0:
    title(t("Which channel moved, and is it real?"))
    empty_state(t("Nothing to show yet"), t("Trends appear as soon as spend is in."))
    st.stop()

metric = metric_switch(lambda chosen: title(trends_title(chosen)))
trend_figure(metric)
footer()
