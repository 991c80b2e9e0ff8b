"""Referral: how many customers a customer brings, what comes of it, and the reward that pays."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from channelopt.charts.nextunit import WeekWords, week_chart
from channelopt.errors import ChannelOptError
from channelopt.measure.referral import Referral, Referrals, referral
from channelopt.measure.reward import Reward, best_reward
from pages.parts import cache, state
from pages.parts.chart import show_chart
from pages.parts.language import count, current_currency, money, multiple, percent, t
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done, finding_lines

START = {
    "customers": 500,
    "inviters": 60,
    "invites": 150,
    "accepted": 30,
    "cycle": 21,
    "paid": 40,
    "pool": 50_000,
}


def referral_view() -> None:
    """Typed-in counts, kept with every version; the forecast; the reward."""
    known = {**START, **cache.ledger().inputs("referral")}
    left, right = st.columns([2, 3], gap="large")
    with left.container(border=True):
        asked = _form(known)
    with right:
        try:
            found = _forecast(asked)
        except ChannelOptError as error:
            show_refusal(error)
            return
        _shown(found)
    _reward(known)


def _form(known: dict[str, Any]) -> dict[str, Any]:
    st.markdown("**" + t("What you know so far") + "**")
    if not cache.ledger().inputs("referral"):
        st.caption(t("These are examples. Put in your own counts."))
    asks = {
        "customers": t("Customers who could invite"),
        "inviters": t("Of them, who invited somebody"),
        "invites": t("Invitations sent"),
        "accepted": t("Invited people who became customers"),
        "cycle": t("Days from becoming a customer to bringing one"),
        "paid": t("New paid customers a week"),
        "pool": t("People in the audience who are not customers"),
    }
    asked = {
        key: int(st.number_input(label, 0, None, int(known[key]), key=f"referral_{key}"))
        for key, label in asks.items()
    }
    if st.button(t("Keep these counts")):
        cache.ledger().set_inputs("referral", {**known, **asked}, by=state.USER)
        done(t("Kept."))
    return asked


def _forecast(asked: dict[str, Any]) -> Referral:
    counts = Referrals(
        asked["customers"], asked["inviters"], asked["invites"], asked["accepted"], float(asked["cycle"])
    )
    found: Referral = cache.made(
        ("referral", str(asked)),
        lambda: referral(
            counts, float(asked["paid"]), 26, float(asked["pool"]) or None, policy=cache.ledger().policy
        ),
    )
    return found


def _shown(found: Referral) -> None:
    with st.grid(3, min_column_width=160, gap="small"):
        st.metric("K", multiple(found.k.mid), border=True, delta=_span(found.k), delta_arrow="off",
                  delta_color="off", help=t("Customers that one customer brings."))  # fmt: skip
        st.metric(t("Acceptance"), percent(found.acceptance.mid, 1), border=True)
        st.metric(t("One becomes"), multiple(found.amplification.mid), border=True,
                  delta=_span(found.amplification), delta_arrow="off", delta_color="off")  # fmt: skip
    words = WeekWords(
        t("Week"), t("customers by referral"),
        [
            t("week {n:count}: {mid} ({low} to {high})", n=r.week, mid=count(r.referred),
              low=count(r.referred_low), high=count(r.referred_high))
            for r in found.weekly.itertuples()
        ],
    )  # fmt: skip
    show_chart(
        week_chart(found.weekly, words), key="referral_weeks", alt=t("Customers by referral")
    )
    finding_lines(found.findings)


def _span(found: Any) -> str:
    return t("likely {low} to {high}", low=multiple(found.low), high=multiple(found.high))


def _reward(known: dict[str, Any]) -> None:
    """The reward that pays, from what was tried."""
    st.subheader(t("Which reward pays?"), anchor=False)
    currency = current_currency()
    left, right = st.columns([2, 3], gap="large")
    with left:
        margin = st.number_input(
            t("What a referred customer brings before the reward, {currency}", currency=currency), 1.0, None,
            float(known.get("margin", 300.0)), 10.0,
        )  # fmt: skip
        tried = pd.DataFrame(known.get("tried") or [], columns=["reward", "invited", "accepted"])
        if tried.empty:
            tried = pd.DataFrame({"reward": [0.0, 50.0], "invited": [0.0, 0.0], "accepted": [0.0, 0.0]})
        edited = st.data_editor(
            tried.astype("float64"), num_rows="dynamic", hide_index=True, width="stretch", key="rewards",
            column_config={
                "reward": t("Reward, {currency}", currency=currency),
                "invited": t("Invited with it"),
                "accepted": t("Became customers"),
            },
        )  # fmt: skip
        if st.button(t("Keep these trials")):
            rows = edited.dropna().to_numpy().tolist()
            cache.ledger().set_inputs("referral", {**known, "tried": rows, "margin": margin}, by=state.USER)
            done(t("Kept."))
    with right:
        points = edited.dropna()
        try:
            found: Reward = best_reward(points[points["invited"] > 0], float(margin), cache.ledger().policy)
        except ChannelOptError as error:
            show_refusal(error)
            return
        if found.best == found.best:
            st.markdown("### " + t("{reward} per customer brought", reward=money(found.best, currency)))
            st.markdown(
                t(
                    "{gain} more per 100 invitations than without a reward (likely {low} to {high};"
                    " chance {p}).",
                    gain=money(found.gain.mid, currency), low=money(found.gain.low, currency),
                    high=money(found.gain.high, currency), p=percent(found.p_pays),
                )
            )  # fmt: skip
        finding_lines(found.findings)
