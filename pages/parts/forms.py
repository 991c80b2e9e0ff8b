"""The forms of the settings page."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.ledger import Ledger
from pages.parts import cache, state
from pages.parts.language import current_currency, day, money, t
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done


def policy_form(ledger: Ledger) -> None:
    """Every threshold of the policy that stage 1 uses, saved as a new version."""
    policy = ledger.policy
    with st.form("policy_form", border=False):
        left, right = st.columns(2, gap="large")
        with left:
            floor = st.number_input(
                t("Drop a channel below ROI 1:"),
                0.1,
                100.0,
                policy.roi_floor,
                0.1,
                help=t("2 means: every 1 spent must bring back 2."),
            )
            low = st.number_input(t("Target ROI from 1:"), 0.1, 100.0, policy.target_roi[0], 0.1)
            high = st.number_input(t("Target ROI to 1:"), 0.1, 100.0, policy.target_roi[1], 0.1)
            top = st.number_input(t("Channels to focus on"), 1, 10, policy.top_n)
            sure = st.slider(
                t("How sure a keep or a drop must be (%)"), 55, 99, round(100 * policy.confidence)
            )
        with right:
            orders = st.number_input(t("Fewest customers before a verdict"), 1, 1000, policy.min_customers)
            bounce = st.slider(
                t("Bounce rate that counts as invalid traffic (%)"), 10, 100, round(100 * policy.bounce_limit)
            )
            cheap = st.slider(
                t("Clicks are suspicious when this much cheaper than usual (%)"),
                5,
                95,
                round(100 * policy.cheap_click_gap),
            )
            share = st.slider(
                t("One channel is a risk above this share of cost (%)"),
                10,
                100,
                round(100 * policy.concentration_limit),
            )
            yearly = st.number_input(
                t("Yearly cost of money tied up (%)"), 0.0, 99.0, 100 * policy.opportunity_rate, 0.5
            )
        if st.form_submit_button(t("Save"), type="primary"):
            try:
                changed = replace(
                    policy,
                    roi_floor=floor,
                    target_roi=(low, high),
                    top_n=int(top),
                    confidence=sure / 100,
                    min_customers=int(orders),
                    bounce_limit=bounce / 100,
                    cheap_click_gap=cheap / 100,
                    concentration_limit=share / 100,
                    opportunity_rate=yearly / 100,
                    break_even=min(1.0, floor),
                )
                ledger.save_policy(changed, state.USER)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("Saved. Verdicts now use the new bar."))
    history = ledger.policies()
    if len(history):
        last = history.iloc[-1]
        st.caption(
            t(
                "Version {n:count}, {day:date}, by {who}.",
                n=int(last["version"]),
                day=last["at"],
                who=last["by"],
            )
        )


def costs_form(ledger: Ledger) -> None:
    """Fees, tools and reserve that make spend a full cost."""
    st.markdown(t("Agency fees, tools and reserves count into the full cost, and so into ROI."))
    frame = ledger.other_costs()
    for row in frame.itertuples():
        with st.container(horizontal=True, vertical_alignment="center"):
            where = cache.labels().get(row.channel, row.channel) if row.channel else t("all channels")
            st.text(
                f"{row.month:%Y-%m}   {where}   {row.what}   {money(float(row.amount), current_currency())}"
            )
            if st.button(t("Remove"), key=f"cost_{row.cost_id}", type="tertiary"):
                ledger.remove_other_cost(int(row.cost_id), by=state.USER)
                done(t("Removed."))
    if frame.empty:
        st.caption(t("None yet."))
    with st.form("cost_form", clear_on_submit=True):
        one, two, three, four = st.columns(4)
        month = one.date_input(t("Month (any day of it)"), dt.date.today())
        amount = two.number_input(t("Amount"), 0.0, None, 0.0, 100.0)
        what = three.text_input(t("What for"), max_chars=60)
        options = ["", *cache.labels()]
        channel = four.selectbox(
            t("Channel"), options, format_func=lambda c: cache.labels().get(c, t("all channels"))
        )
        if st.form_submit_button(t("Add cost"), type="primary"):
            try:
                ledger.add_other_cost(month, amount, what, channel, by=state.USER)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("Added."))


def channels_form(ledger: Ledger) -> None:
    """The names channels are shown under."""
    frame = ledger.channels()
    if frame.empty:
        st.caption(t("Channels appear here with the first upload."))
        return
    with st.form("channel_form"):
        chosen = st.selectbox(
            t("Channel"), list(frame["channel"]), format_func=lambda c: cache.labels().get(c, c)
        )
        label = st.text_input(t("Show it as"), max_chars=40)
        if st.form_submit_button(t("Rename"), type="primary"):
            ledger.rename_channel(chosen, label.strip(), state.USER)
            done(t("Renamed."))


def rates_form(ledger: Ledger) -> None:
    """Exchange rates into the workspace's currency."""
    st.markdown(
        t(
            "All amounts are shown in {currency}. Spend in another currency counts as soon as it has a rate.",
            currency=ledger.currency,
        )
    )
    for row in ledger.rates().itertuples():
        st.text(f"1 {row.currency} = {float(row.rate):g} {ledger.currency}   ({day(row.at)})")
    with st.form("rate_form", clear_on_submit=True):
        one, two = st.columns(2)
        code = one.text_input(t("Currency code, such as USD"), max_chars=3)
        rate = two.number_input(t("1 of it is worth"), 0.0, None, 1.0, 0.01, format="%.6f")
        if st.form_submit_button(t("Save rate"), type="primary"):
            try:
                ledger.set_rate(code.strip().upper(), rate, state.USER)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("Saved."))


def workspaces_form() -> None:
    """A new workspace: one brand each."""
    st.markdown(t("A workspace is one brand, with its own files, bar and channels."))
    with st.form("workspace_form", clear_on_submit=True):
        one, two = st.columns(2)
        name = one.text_input(t("Name of the brand"), max_chars=40)
        code = two.selectbox(
            t("Currency"), ["CNY", "USD", "EUR", "GBP", "HKD", "JPY", "SGD"], accept_new_options=True
        )
        if st.form_submit_button(t("Create workspace"), type="primary"):
            try:
                Ledger.open(state.workspace_folder(name.strip()), name=name.strip(), currency=code)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                state.open_later(name.strip())
                done(t("Created. It is open now."))
