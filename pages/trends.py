"""Trends: what changed, when, and is it real?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache, state
from pages.parts.figures import METRIC_NAMES, trend_figure
from pages.parts.language import t
from pages.parts.sentences import trends_title
from pages.parts.widgets import empty_state, footer, title

if cache.ledger().passport().files == 0:
    title(t("Which channel moved, and is it real?"))
    empty_state(t("Nothing to show yet"), t("Trends appear as soon as spend is in."))
    st.stop()

metric = st.session_state.get(state.METRIC) or "roi"
title(trends_title(metric))
st.segmented_control(
    t("Metric"),
    list(METRIC_NAMES),
    default="roi",
    required=True,
    format_func=lambda key: t(METRIC_NAMES[key]),
    key=state.METRIC,
    bind="query-params",
    label_visibility="collapsed",
)
trend_figure(metric)
footer()
