"""Money in a currency without an exchange rate: what is not counted, and the ways out."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from channelopt.errors import Finding
from pages.parts import cache, state
from pages.parts.language import t
from pages.parts.widgets import done, finding_lines, page_path


def without_rate(findings: Iterable[Finding]) -> None:
    """Money that is in no figure because its currency has no exchange rate, and the ways out."""
    lacking = [f for f in findings if f.code == "ledger.no_rate"]
    with st.container(gap="xsmall"):  # always there, so that nothing below it moves
        finding_lines(lacking)
        if not lacking:
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            _take_currency([str(f.params["currency"]) for f in lacking])
            st.page_link(
                page_path("settings"),
                label=t("Settings: set the exchange rate"),
                icon=":material/currency_exchange:",
                query_params=state.for_address(**{state.SETTINGS_TAB: "currencies"}),
            )


def _take_currency(foreign: list[str]) -> None:
    """One click for a brand whose money is all in another currency than the workspace was made with."""
    ledger = cache.ledger()
    if len(foreign) != 1 or not ledger.may_change_currency():
        return
    (currency,) = foreign
    if st.button(
        t("Show this brand in {currency}", currency=currency), type="primary", icon=":material/payments:",
        help=t("Revenue in lead lists is taken to be in {currency} too.", currency=currency),
    ):  # fmt: skip
        ledger.set_currency(currency, state.USER)
        done(t("All amounts are in {currency} now.", currency=currency))
