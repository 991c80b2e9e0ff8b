"""The form of contracts on the settings page: what a platform or agency promised to deliver."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.ledger import Ledger
from pages.parts import cache, state
from pages.parts.language import count, current_currency, day, money, t
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done


def contracts_form(ledger: Ledger) -> None:
    """Contracts in force, one more, and taking one back."""
    st.markdown(
        t("What was promised is held against what was delivered. A shortfall appears in Diagnosis, Traffic.")
    )
    labels = cache.labels()
    if not labels:
        st.caption(t("Channels appear here with the first upload."))
        return
    _contract_list(ledger)
    with st.form("contract_form", clear_on_submit=True):
        one, two, three = st.columns(3)
        channel = one.selectbox(t("Channel"), list(labels), format_func=labels.__getitem__)
        first = two.date_input(t("First day"), dt.date.today().replace(day=1))
        last = three.date_input(t("Last day"), dt.date.today())
        one, two, three = st.columns(3)
        impressions = one.number_input(t("Impressions promised (0: none)"), 0, None, 0, 1000)
        clicks = two.number_input(t("Clicks promised (0: none)"), 0, None, 0, 100)
        price = three.number_input(t("Price of the whole (0: unknown)"), 0.0, None, 0.0, 100.0)
        what = st.text_input(t("Note, such as the contract's number"), max_chars=60)
        if st.form_submit_button(t("Add contract"), type="primary"):
            try:
                ledger.add_contract(
                    channel,
                    first,
                    last,
                    impressions=impressions,
                    clicks=clicks,
                    price=price,
                    what=what,
                    by=state.USER,
                )
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("Added."))


def _contract_list(ledger: Ledger) -> None:
    frame = ledger.contracts()
    if frame.empty:
        st.caption(t("None yet."))
        return
    rows = {
        int(r.contract_id): (
            cache.labels().get(r.channel, r.channel),
            f"{day(r.day_first)} – {day(r.day_last)}",
            count(r.impressions),
            count(r.clicks),
            money(float(r.price), current_currency()),
            str(r.what),
        )
        for r in frame.itertuples()
    }
    heads = (t("Channel"), t("Days"), t("Impressions"), t("Clicks"), t("Price"), t("Note"))
    columns = dict(zip(heads, zip(*rows.values(), strict=True), strict=True))
    st.dataframe(columns, hide_index=True, key="contracts", height=min(320, 38 + 35 * len(rows)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            t("One contract"), list(rows), format_func=lambda key: " · ".join(rows[key]), width=420
        )
        if st.button(t("Remove"), icon=":material/delete:", key="remove_contract"):
            ledger.remove_contract(chosen, by=state.USER)
            done(t("Removed."))
