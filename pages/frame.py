"""The frame around every page: language, workspace, navigation, data passport."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pages.parts import cache, state  # noqa: E402
from pages.parts.language import t  # noqa: E402
from pages.parts.sidebar import language_switch, passport, workspace_choice  # noqa: E402
from pages.parts.warm import settle  # noqa: E402

st.set_page_config(
    page_title="channelopt",
    page_icon=str(ROOT / "pages" / "parts" / "icon.png"),
    layout="wide",
)
state.switch_if_asked()
language_switch()
PAGES = {
    "overview": st.Page("overview.py", title=t("Overview"), icon=":material/home:", default=True),
    "upload": st.Page("upload.py", title=t("Upload"), icon=":material/upload_file:"),
    "diagnosis": st.Page("diagnosis.py", title=t("Diagnosis"), icon=":material/fact_check:"),
    "trends": st.Page("trends.py", title=t("Trends"), icon=":material/show_chart:"),
    "focus": st.Page("focus.py", title=t("Focus"), icon=":material/center_focus_strong:"),
    "experiments": st.Page("experiments.py", title=t("Experiments"), icon=":material/science:"),
    "scenarios": st.Page("scenarios.py", title=t("Scenarios"), icon=":material/alt_route:"),
    "scaling": st.Page("scaling.py", title=t("Scaling"), icon=":material/rocket_launch:"),
    "settings": st.Page("settings.py", title=t("Settings"), icon=":material/tune:"),
}
page = st.navigation(list(PAGES.values()))
workspace_choice()
st.session_state[state.CURRENCY] = cache.ledger().currency
passport(cache.ledger())
page.run()
settle()
