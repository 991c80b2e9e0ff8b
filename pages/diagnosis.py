"""Diagnosis: which channels stay, which go, which need more evidence?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache, state
from pages.parts.cards import verdict_cards
from pages.parts.evidence import channel_evidence, verdict_table
from pages.parts.language import t
from pages.parts.sentences import diagnosis_title
from pages.parts.widgets import empty_state, finding_lines, footer, title

if cache.ledger().passport().files == 0:
    title(t("Which channels stay, which go?"))
    empty_state(t("Nothing to judge yet"), t("Verdicts appear as soon as spend and leads are in."))
    st.stop()

diagnosis = cache.diagnosis()
title(diagnosis_title(diagnosis))
cards, table, evidence = st.tabs([t("Verdicts"), t("Table"), t("Why: one channel step by step")])
with cards:
    verdict_cards(diagnosis, list(diagnosis.verdicts["channel"]), columns=3)
    with st.expander(t("What to know about these verdicts ({n:count})", n=len(diagnosis.findings))):
        finding_lines(diagnosis.findings)
with table:
    verdict_table(diagnosis)
with evidence:
    chosen = st.selectbox(
        t("Channel"),
        list(diagnosis.verdicts["channel"]),
        format_func=cache.labels().get,
        key=state.CHANNEL,
        bind="query-params",
    )
    channel_evidence(diagnosis, chosen)
footer()
