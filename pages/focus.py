"""Focus: where does the money go now, which hook wins, which leads deserve the salesperson?"""

from __future__ import annotations

import streamlit as st

from pages.parts import cache
from pages.parts.focus.focus_hooks import hooks_view
from pages.parts.focus.focus_leads import leads_view
from pages.parts.focus.focus_money import focus_title, money_view
from pages.parts.focus.focus_views import focus_view
from pages.parts.language import t
from pages.parts.widgets import empty_state, footer, title

if cache.ledger().passport().files == 0:
    title(t("Which channels get the money now?"))
    empty_state(t("Nothing to choose from yet"), t("Upload campaign reports and your lead list first."))
    st.stop()

title(focus_title())
view = focus_view()
if view == "hooks":
    hooks_view()
elif view == "leads":
    leads_view()
else:
    money_view()
footer()
