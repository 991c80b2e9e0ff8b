"""Diagnosis: which channels stay, which go, which need more evidence?"""

from __future__ import annotations

import streamlit as st

from channelopt.plan.gates import in_order
from pages.parts import cache
from pages.parts.business import business_note
from pages.parts.cards import verdict_cards
from pages.parts.diagnosis.costs import costs_view
from pages.parts.diagnosis.evidence import diagnosis_view, verdict_table
from pages.parts.diagnosis.paths import by_credit, paths_view
from pages.parts.diagnosis.steps import steps_view
from pages.parts.diagnosis.traffic import traffic_view
from pages.parts.diagnosis.why import channel_evidence
from pages.parts.foreign import without_rate
from pages.parts.language import t
from pages.parts.sentences import diagnosis_title
from pages.parts.widgets import empty_state, finding_lines, footer, title

if cache.ledger().passport().files == 0:
    title(t("Which channels stay, which go?"))
    empty_state(t("Nothing to judge yet"), t("Verdicts appear as soon as spend and leads are in."))
    st.stop()

diagnosis = cache.diagnosis()
title(diagnosis_title(diagnosis))
without_rate(diagnosis.findings)
business_note()
view = diagnosis_view()
if view == "cards":
    verdict_cards(diagnosis, in_order(diagnosis.verdicts), columns=3)
    known = (*by_credit(diagnosis), *diagnosis.findings)
    with st.expander(t("What to know about these verdicts ({n:count})", n=len(known))):
        finding_lines(known)
elif view == "table":
    verdict_table(diagnosis)
elif view == "costs":
    costs_view(diagnosis)
elif view == "steps":
    steps_view(diagnosis)
elif view == "paths":
    paths_view(diagnosis)
elif view == "traffic":
    traffic_view(diagnosis)
else:
    channel_evidence(diagnosis, in_order(diagnosis.verdicts))
footer()
