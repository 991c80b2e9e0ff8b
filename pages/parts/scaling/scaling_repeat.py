"""Private domain and lifetime: from adding to ordering again, what a customer brings, and payback"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.measure.domaincounts import STEP_NAMES, people_of
from channelopt.measure.lifetime import Lifetime, lifetime, payback
from channelopt.measure.private_domain import DomainFunnel, domain_funnel
from pages.parts import cache, state
from pages.parts.language import count, current_currency, money, percent, t
from pages.parts.say import step_names
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done, finding_lines


def repeat_view() -> None:
    """The funnel typed in by month, then lifetime value from the orders of the touch logs."""
    _funnel()
    _lifetime()


def _funnel() -> None:
    st.markdown("**" + t("From adding to ordering again, by month added") + "**")
    names = step_names()
    kept = cache.ledger().inputs("private_domain").get("months") or []
    table = pd.DataFrame(kept, columns=["month", *STEP_NAMES])
    if table.empty:
        table = pd.DataFrame([[_month(), *([0.0] * len(STEP_NAMES))]], columns=["month", *STEP_NAMES])
    edited = st.data_editor(
        table, num_rows="dynamic", hide_index=True, width="stretch", key="domain_months",
        column_config={"month": t("Month, such as 2026-08"), **names},
    )  # fmt: skip
    if st.button(t("Keep these months")):
        cache.ledger().set_inputs(
            "private_domain", {"months": edited.dropna().to_numpy().tolist()}, by=state.USER
        )
        done(t("Kept."))
    try:
        found: DomainFunnel | None = _counted(edited)
    except ChannelOptError as error:
        show_refusal(error)
        return
    if found is None:
        st.caption(t("Put in how many people were added in a month, and how far they got."))
        return
    rows = [
        (names[r.step] + " → " + names[r.next], count(r.people), count(r.reached), percent(r.rate, 1),
         f"{percent(r.low, 1)} – {percent(r.high, 1)}")
        for r in found.whole.itertuples()
    ]  # fmt: skip
    heads = [t("Step"), t("People"), t("Went on"), t("Share"), t("Likely range")]
    st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True, width="stretch")
    finding_lines(found.findings)


def _month() -> str:
    return dt.date.today().strftime("%Y-%m")


def _counted(edited: pd.DataFrame) -> DomainFunnel | None:
    people = people_of(edited)
    if people.empty:
        return None
    return domain_funnel(people, dt.date.today(), policy=cache.ledger().policy)


def _lifetime() -> None:
    st.markdown("**" + t("What a customer brings over time, and when it has paid back") + "**")
    made: tuple[Lifetime, pd.DataFrame, Any] | None = cache.made(("lifetime",), _worked)
    if made is None:
        st.caption(
            t(
                "Repeat orders come from a touch log with orders. Upload one with a visitor or customer ID"
                " per order."
            )
        )
        return
    value, back, findings = made
    currency = current_currency()
    words = {
        "paid": t("paid back"), "within": t("will pay back"), "unsure": t("open"),
        "not_within": t("not within {n:count} months", n=cache.ledger().policy.payback_months),
        "unknown": t("unknown"),
    }  # fmt: skip
    months = back.set_index("cohort")
    rows = []
    for row in value.table.itertuples():
        own = months.loc[row.cohort]
        span = f"{money(row.value_low, currency)} – {money(row.value_high, currency)}"
        until = "–" if own["months"] != own["months"] else f"{own['months']:.0f}"
        rows.append((
            f"{row.cohort:%Y-%m}", count(row.customers), percent(row.alive), money(row.seen, currency),
            money(row.value, currency), span, money(own["cac"], currency), words[own["status"]], until,
        ))  # fmt: skip
    heads = [
        t("First order in"), t("Customers"), t("Still active"), t("Brought so far"), t("Lifetime value"),
        t("Likely range"), t("Cost of a customer"), t("Payback"), t("Months"),
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows, columns=heads), hide_index=True, width="stretch")
    finding_lines((*value.findings, *findings))


def _worked() -> tuple[Lifetime, pd.DataFrame, Any] | None:
    ledger = cache.ledger()
    orders = ledger.orders()
    if orders.empty:
        return None
    value = lifetime(orders, orders["day"].max(), policy=ledger.policy)
    daily = cache.daily("day", "channel")
    spend = daily.assign(cohort=daily["day"].dt.to_period("M").dt.to_timestamp())
    costs = spend.groupby("cohort", as_index=False)["spend"].sum()
    back, findings = payback(value, costs, ledger.policy)
    return value, back, findings
