"""Scenarios: what if? Which plan is better, and how sure are we?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache
from pages.parts.language import t
from pages.parts.scenarios.plan_compare import compare_view
from pages.parts.scenarios.plan_curves import curves_view
from pages.parts.scenarios.plan_saved import saved_view
from pages.parts.scenarios.plan_view import plan_view
from pages.parts.scenarios.plan_views import can_plan, scenario_view
from pages.parts.scenarios.planning import objectives
from pages.parts.widgets import empty_state, footer, title

if cache.ledger().passport().files == 0:
    title(t("What if we move or add money?"))
    empty_state(t("Nothing to plan with yet"), t("Upload campaign reports and your lead list first."))
    st.stop()

head = st.container()
view = scenario_view()
if view == "saved" and not objectives():
    saved_view(head)
    footer()
    st.stop()
if not can_plan(head):
    st.stop()
if view == "plan":
    plan_view(head)
elif view == "compare":
    compare_view(head)
elif view == "curves":
    curves_view(head)
else:
    saved_view(head)
footer()
