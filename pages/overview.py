"""Overview: are we earning our money back, and what do we do first?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache, demo
from pages.parts.business import claims_note, returns_box
from pages.parts.cards import kpi_row
from pages.parts.foreign import without_rate
from pages.parts.language import t
from pages.parts.overview.actions import week_actions
from pages.parts.overview.decided import decisions_box
from pages.parts.overview.replay import replay_box
from pages.parts.overview.since import since_last_visit
from pages.parts.overview.stage import stage_gate
from pages.parts.sentences import overview_title
from pages.parts.widgets import empty_state, footer, page_path, title

demo.load_if_wanted()
if cache.ledger().passport().files == 0:
    title(t("Which channels earn their money back?"))
    empty_state(
        t("Nothing to judge yet"),
        t(
            "Drop in the raw exports of your ad platforms and your lead list,"
            " or look around with sample data."
        ),
        on_demo=demo.want,
    )
    st.stop()

diagnosis = cache.diagnosis()
summary = cache.summary()
title(overview_title(diagnosis, summary, cache.business()))
without_rate(diagnosis.findings)
claims_note()
kpi_row(summary, diagnosis.immature_from, cache.business())
chart, gate = st.columns([3, 2], gap="medium")
with chart.container(border=True, height="stretch"):
    st.markdown("**" + t("What 1 spent brings back, likely range") + "**")
    returns_box(diagnosis)
with gate.container(border=True, height="stretch"):
    stage_gate(diagnosis)
    st.page_link(
        page_path("diagnosis"), label=t("See every verdict and why"), icon=":material/arrow_forward:"
    )
week_actions(diagnosis)
since_last_visit()
decisions_box(diagnosis)
replay_box()
footer()
