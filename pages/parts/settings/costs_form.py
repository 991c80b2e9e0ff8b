"""The form for costs beside the media spend: amounts by month, shares of spend or revenue, and the margin."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.ledger import Ledger
from channelopt.policy import COST_KINDS, COST_RULES, RATE_BASES, CostRate
from pages.parts import cache, state
from pages.parts.language import current_currency, money, percent, t
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done


def kind_names() -> dict[str, str]:
    """Kinds of cost in the reader's words."""
    return {
        "fee": t("Agency or service fee"),
        "performance_fee": t("Performance fee"),
        "tool": t("Tool or software"),
        "reserve": t("Reserve"),
        "lost_margin": t("Margin given up"),
    }


def _rule_names() -> dict[str, str]:
    return {
        "spend": t("by media spend"),
        "leads": t("by leads"),
        "customers": t("by customers"),
        "even": t("evenly"),
    }


def _base_names() -> dict[str, str]:
    return {"spend": t("of the media spend"), "revenue": t("of the revenue")}


def _channel_names() -> dict[str, str]:
    """Channel → its name; "" stands for all of them. Asked for once: every call asks the ledger."""
    return {"": t("all channels"), **cache.labels()}


def costs_form(ledger: Ledger) -> None:
    """Fees, tools and reserve that make spend a full cost."""
    st.markdown(t("Agency fees, tools and reserves count into the full cost, and so into ROI."))
    names = _channel_names()
    _cost_list(ledger, names)
    with st.form("cost_form", clear_on_submit=True):
        one, two, three = st.columns(3)
        month = one.date_input(t("Month (any day of it)"), dt.date.today())
        amount = two.number_input(t("Amount"), 0.0, None, 0.0, 100.0)
        what = three.text_input(t("What for"), max_chars=60)
        kind = one.selectbox(t("Kind of cost"), list(COST_KINDS), format_func=kind_names().__getitem__)
        channel = two.selectbox(t("Channel"), list(names), format_func=names.__getitem__)
        rule = three.selectbox(
            t("Shared out, if for all channels"), COST_RULES, format_func=_rule_names().__getitem__
        )
        if st.form_submit_button(t("Add cost"), type="primary"):
            try:
                ledger.add_other_cost(month, amount, what, channel, kind=kind, rule=rule, by=state.USER)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("Added."))
    st.markdown("**" + t("Costs that grow with spend or revenue") + "**")
    _rates(ledger, names)
    _margin(ledger)


def _cost_list(ledger: Ledger, names: dict[str, str]) -> None:
    frame = ledger.other_costs()
    if frame.empty:
        st.caption(t("None yet."))
        return
    kinds, rules = kind_names(), _rule_names()
    rows = {
        int(r.cost_id): (
            f"{r.month:%Y-%m}",
            names.get(r.channel, r.channel),
            str(r.what),
            kinds[r.kind],
            "" if r.channel else rules[r.rule],
            money(float(r.amount), current_currency()),
        )
        for r in frame.itertuples()
    }
    heads = (t("Month"), t("Channel"), t("What for"), t("Kind of cost"), t("Shared out"), t("Amount"))
    columns = dict(zip(heads, zip(*rows.values(), strict=True), strict=True))
    st.dataframe(columns, hide_index=True, key="costs", height=min(320, 38 + 35 * len(rows)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            t("One cost"), list(rows), format_func=lambda key: " · ".join(filter(None, rows[key])), width=420
        )
        if st.button(t("Remove"), icon=":material/delete:"):
            ledger.remove_other_cost(chosen, by=state.USER)
            done(t("Removed."))


def _rates(ledger: Ledger, names: dict[str, str]) -> None:
    policy = ledger.policy
    kinds, bases = kind_names(), _base_names()
    for at, rate in enumerate(policy.cost_rates):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(
                f"{rate.what}: {percent(rate.share, 1)} {bases[rate.of]} · {kinds[rate.kind]} · "
                f"{names.get(rate.channel, rate.channel)}",
                width="stretch",
            )
            if st.button(t("Remove"), icon=":material/delete:", key=f"rate_{at}"):
                left = tuple(r for place, r in enumerate(policy.cost_rates) if place != at)
                ledger.save_policy(replace(policy, cost_rates=left), state.USER)
                done(t("Removed."))
    with st.form("rate_cost_form", clear_on_submit=True):
        one, two, three = st.columns(3)
        what = one.text_input(t("What for"), max_chars=60, key="rate_what")
        share = two.number_input(t("Share (%)"), 0.0, 100.0, 0.0, 0.5)
        base = three.selectbox(t("Share of what"), RATE_BASES, format_func=bases.__getitem__)
        kind = one.selectbox(
            t("Kind of cost"), list(COST_KINDS), format_func=kinds.__getitem__, key="rate_kind"
        )
        channel = two.selectbox(t("Channel"), list(names), format_func=names.__getitem__, key="rate_channel")
        if st.form_submit_button(t("Add rate")):
            try:
                rate = CostRate(what, share / 100, base, kind, channel)
                ledger.save_policy(replace(policy, cost_rates=(*policy.cost_rates, rate)), state.USER)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("Added."))


def _margin(ledger: Ledger) -> None:
    policy = ledger.policy
    with st.form("margin_form"):
        given = st.number_input(
            t("Contribution margin (% of revenue); 0 means unknown"),
            0.0,
            100.0,
            100 * (policy.margin or 0.0),
            1.0,
            help=t("With it, a test says what the money would have earned in your best channel meanwhile."),
        )
        if st.form_submit_button(t("Save margin")):
            ledger.save_policy(replace(policy, margin=given / 100 or None), state.USER)
            done(t("Saved."))
