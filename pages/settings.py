"""Settings: the team's bar, other costs, channel names, currencies, workspaces."""

from __future__ import annotations

import streamlit as st

from pages.parts import cache, state
from pages.parts.language import multiple, t
from pages.parts.settings.contracts import contracts_form
from pages.parts.settings.costs_form import costs_form
from pages.parts.settings.forms import channels_form, policy_form, rates_form, workspaces_form
from pages.parts.settings.memory import remembered_answers
from pages.parts.widgets import title

title(
    t(
        "Your bar is 1:{floor}; everything here is yours to change.",
        floor=multiple(cache.ledger().policy.roi_floor),
    )
)
bar, costs, promised, names, money, memory, brands = st.tabs(
    [
        t("Your bar"),
        t("Other costs"),
        t("Contracts"),
        t("Channel names"),
        t("Currencies"),
        t("Remembered answers"),
        t("Workspaces"),
    ],
    default=t("Currencies") if state.asked_tab() == "currencies" else None,
)
with bar:
    policy_form(cache.ledger())
with costs:
    costs_form(cache.ledger())
with promised:
    contracts_form(cache.ledger())
with names:
    channels_form(cache.ledger())
with money:
    rates_form(cache.ledger())
with memory:
    remembered_answers(cache.ledger())
with brands:
    workspaces_form()
