"""Focus: where does the money go now, which hook wins, which leads deserve the salesperson?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache
from pages.parts.focus.focus_hooks import hooks_view
from pages.parts.focus.focus_leads import leads_view
from pages.parts.focus.focus_money import focus_title, money_view
from pages.parts.focus.focus_views import focus_view
from pages.parts.focus.focus_week import week_title, week_view
from pages.parts.language import t
from pages.parts.widgets import empty_state, footer, title

if cache.ledger().passport().files == 0:
    title(t("Which channels get the money now?"))
    empty_state(t("Nothing to choose from yet"), t("Upload campaign reports and your lead list first."))
    st.stop()

head = st.container()
view = focus_view()
with head:
    title(week_title() if view == "week" else focus_title())
if view == "hooks":
    hooks_view()
elif view == "leads":
    leads_view()
elif view == "week":
    week_view()
else:
    money_view()
footer()
