"""Experiments: did B beat A, and when may I stop?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache
from pages.parts.experiments.experiment_form import plan_form
from pages.parts.experiments.readings import test_cards
from pages.parts.experiments.tests import tests_title, tests_view
from pages.parts.experiments.tests_log import tests_log
from pages.parts.language import t
from pages.parts.widgets import empty_state, footer, title

if cache.ledger().passport().files == 0:
    title(t("Did B beat A, and when may I stop?"))
    empty_state(t("Nothing to test yet"), t("Upload campaign reports; two campaigns can then be compared."))
    st.stop()

title(tests_title())
view = tests_view()
if view == "plan":
    plan_form(cache.ledger())
elif view == "log":
    tests_log()
else:
    test_cards()
footer()
