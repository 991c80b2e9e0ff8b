"""The forms of the settings page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.ledger import Ledger
from channelopt.policy import Policy, payment_steps
from pages.parts import cache, state
from pages.parts.escape import md
from pages.parts.labels import by_whom, model_names
from pages.parts.language import day, t
from pages.parts.settings.stage_fields import stage_fields
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done

#: Offered first; any other code can be typed.
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "HKD", "JPY", "SGD")


def policy_form(ledger: Ledger) -> None:
    """Every threshold of the policy, saved as a new version."""
    policy = ledger.policy
    with st.form("policy_form", border=False):
        left, right = st.columns(2, gap="large")
        with left:
            given = _verdict_fields(policy)
        with right:
            given |= _warning_fields(policy)
        with st.expander(t("Contract and market")):
            given |= _contract_fields(policy)
        given |= stage_fields(policy)
        if st.form_submit_button(t("Save"), type="primary"):
            try:
                given["payment_steps"] = payment_steps(given["payment_steps"])
                ledger.save_policy(replace(policy, **given), state.USER)
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
                who=by_whom(last["by"]),
            )
        )


def _percent(share: float) -> int:
    return round(100 * share)


def _verdict_fields(policy: Policy) -> dict[str, Any]:
    floor = st.number_input(
        t("Drop a channel below ROI 1:"),
        0.1,
        100.0,
        policy.roi_floor,
        0.1,
        help=t("2 means: every 1 spent must bring back 2."),
    )
    even = st.number_input(
        t("The money just comes back at ROI 1:"), 0.1, 100.0, policy.break_even, 0.1,
        help=t("Break-even: below it a channel loses money outright, and the page says so."),
    )  # fmt: skip
    one, two = st.columns(2)
    low = one.number_input(t("Target ROI from 1:"), 0.1, 100.0, policy.target_roi[0], 0.1)
    high = two.number_input(t("Target ROI to 1:"), 0.1, 100.0, policy.target_roi[1], 0.1)
    sure = st.slider(t("How sure a keep or a drop must be (%)"), 55, 99, _percent(policy.confidence))
    shown = st.slider(t("Likely range shown (%)"), 55, 99, _percent(policy.interval))
    one, two = st.columns(2)
    orders = one.number_input(t("Fewest customers before a verdict"), 1, 1000, policy.min_customers)
    days = two.number_input(t("Fewest days before a verdict"), 1, 365, policy.min_days)
    top = st.number_input(t("Channels to focus on"), 1, 10, policy.top_n)
    return {
        "roi_floor": floor,
        "break_even": even,
        "target_roi": (low, high),
        "confidence": sure / 100,
        "interval": shown / 100,
        "min_customers": int(orders),
        "min_days": int(days),
        "top_n": int(top),
    }


def _warning_fields(policy: Policy) -> dict[str, Any]:
    bounce = st.slider(
        t("Bounce rate that counts as invalid traffic (%)"), 10, 100, round(100 * policy.bounce_limit)
    )
    cheap = st.slider(
        t("Clicks are suspicious when this much cheaper than usual (%)"),
        5,
        95,
        _percent(policy.cheap_click_gap),
    )
    share = st.slider(
        t("One channel is a risk above this share of cost (%)"),
        10,
        100,
        _percent(policy.concentration_limit),
    )
    explained = st.slider(
        t("A file counts when its rows explain this much of its own total (%)"),
        50,
        100,
        _percent(policy.spend_explained),
    )
    yearly = st.number_input(
        t("Yearly cost of money tied up (%)"), 0.0, 99.0, 100 * policy.opportunity_rate, 0.5
    )
    one, two = st.columns(2)
    models = model_names()
    credit = one.selectbox(
        t("Who gets the credit for a lead"),
        list(models),
        list(models).index(policy.attribution),
        format_func=models.__getitem__,
        help=t(
            "Lead list: the channel written there. The models share a lead among the visits of the touch log."
        ),
    )
    lookback = two.number_input(t("Days a visit counts before a lead"), 1, 365, policy.lookback_days)
    doubt = st.number_input(
        t("How far credited leads may be off (%)"), 0.0, 100.0, round(100 * policy.credit_doubt, 4), 5.0,
        format="%g",
        help=t(
            "Leads lost, credited to another channel or claimed by a platform do not show in the rows: every "
            "curve is widened by this. About 10 where click ids are checked against the CRM, 40 where "
            "platforms count for themselves. Only an experiment measures it."
        ),
    )  # fmt: skip
    return {
        "plan_by": _plan_by(policy),
        "attribution": credit,
        "lookback_days": int(lookback),
        "credit_doubt": round(doubt / 100, 6),
        "bounce_limit": bounce / 100,
        "cheap_click_gap": cheap / 100,
        "concentration_limit": share / 100,
        "spend_explained": explained / 100,
        "opportunity_rate": yearly / 100,
    }


def _plan_by(policy: Policy) -> str:
    """What plans are learned from; asked only where a file states the results of all channels together."""
    if cache.business() is None:
        return policy.plan_by
    names = {
        "credited": t("what channels are credited with"),
        "overall": t("results of all channels together"),
    }
    chosen: str = st.selectbox(
        t("Plans learn from"),
        list(names),
        list(names).index(policy.plan_by),
        format_func=names.__getitem__,
        help=t(
            "Credited results tell more, as long as the credit is honest. Where platforms claim more than the"
            " whole business took in, the results of all channels together cannot be claimed twice."
        ),
    )
    return chosen


def _contract_fields(policy: Policy) -> dict[str, Any]:
    one, two, three = st.columns(3)
    delivery = one.slider(
        t("Delivery is short below (% of contract)"), 50, 100, _percent(policy.delivery_floor)
    )
    months = two.number_input(t("Months that raw files are kept"), 24, 120, policy.retention_months)
    steps = three.text_input(
        t("Payment in steps (%)"), "/".join(f"{100 * step:g}" for step in policy.payment_steps)
    )
    st.caption(t("Usual price of a click in your market, per channel; empty means unknown."))
    prices = dict(policy.market_cpc or {})
    given: dict[str, float] = {}
    with st.grid(4, gap="small"):
        for channel, label in cache.labels().items():
            price = st.number_input(md(label), 0.0, None, prices.get(channel), 0.1, key=f"market_{channel}")
            if price:
                given[channel] = float(price)
    return {
        "delivery_floor": delivery / 100,
        "retention_months": int(months),
        "payment_steps": steps,
        "market_cpc": given or None,
    }


def channels_form(ledger: Ledger) -> None:
    """The names channels are shown under."""
    frame = ledger.channels()
    if frame.empty:
        st.caption(t("Channels appear here with the first upload."))
        return
    labels = cache.labels()
    with st.form("channel_form"):
        chosen = st.selectbox(t("Channel"), list(frame["channel"]), format_func=lambda c: labels.get(c, c))
        label = st.text_input(t("Show it as"), max_chars=40)
        if st.form_submit_button(t("Rename"), type="primary"):
            ledger.rename_channel(chosen, label.strip(), state.USER)
            done(t("Renamed."))


def rates_form(ledger: Ledger) -> None:
    """The workspace's currency, and exchange rates into it."""
    _own_currency(ledger)
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


def _own_currency(ledger: Ledger) -> None:
    if not ledger.may_change_currency():
        st.caption(
            t("This brand stays in {currency}: amounts in it are stored already.", currency=ledger.currency)
        )
        return
    with st.form("currency_form"):
        known = list(dict.fromkeys((ledger.currency, *CURRENCIES)))
        code = st.selectbox(
            t("Currency of this brand"), known, accept_new_options=True,
            help=t(
                "Revenue in lead lists is taken to be in it. It can change until amounts are stored in it."
            ),
        )  # fmt: skip
        if st.form_submit_button(t("Change currency")):
            try:
                ledger.set_currency((code or "").strip().upper(), state.USER)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("All amounts are in {currency} now.", currency=ledger.currency))


def workspaces_form() -> None:
    """A new workspace: one brand each."""
    st.markdown(t("A workspace is one brand, with its own files, bar and channels."))
    with st.form("workspace_form", clear_on_submit=True):
        one, two = st.columns(2)
        name = one.text_input(t("Name of the brand"), max_chars=40)
        code = two.selectbox(t("Currency"), CURRENCIES, accept_new_options=True)
        if st.form_submit_button(t("Create workspace"), type="primary"):
            try:
                Ledger.open(state.workspace_folder(name.strip()), name=name.strip(), currency=code)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                state.open_later(name.strip())
                done(t("Created. It is open now."))
