"""Leads by intent: how well the score ranks, what each tier is worth, and the list for the salespeople."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from channelopt.charts.intent import IntentWords, calibration_chart, lift_chart
from channelopt.errors import ChannelOptError
from channelopt.measure.intent import IntentModel, fit_intent
from channelopt.measure.leadfeatures import lead_features
from channelopt.measure.tierlist import match_tiers
from channelopt.measure.tiers import TIERS, Tiered, tier_economics, tiers
from channelopt.report.tables import to_csv
from pages.parts import cache, state
from pages.parts.chart import show_chart
from pages.parts.language import count, current_currency, day, language, money, percent, t
from pages.parts.say import say
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done, empty_state, finding_lines


def tier_names() -> dict[str, str]:
    """Tier → its name."""
    return {"high": t("High"), "medium": t("Medium"), "low": t("Low")}


def features() -> pd.DataFrame:
    """Leads with their behaviour. Shared: never change it."""
    found: pd.DataFrame = cache.made(("lead_features",), lambda: lead_features(cache.ledger()))
    return found


def intent() -> IntentModel:
    """The score of the leads, with its proof."""
    found: IntentModel = cache.made(("intent",), lambda: fit_intent(features(), cache.ledger().policy))
    return found


def leads_view() -> None:
    """Refused with what is missing, or the tiers with their proof."""
    model = intent()
    if not model.scores:
        empty_state(t("Leads cannot be scored yet"), " ".join(say(f) for f in model.findings))
        return
    calls = _calls()
    tiered: Tiered = cache.made(("tiered", calls), lambda: tiers(model, features(), calls_per_day=calls))
    _cards(tiered)
    _use(model, tiered)
    left, right = st.columns(2, gap="medium")
    with left.container(border=True, height="stretch"):
        _lift(model)
    with right.container(border=True, height="stretch"):
        _calibration(model)
    _channels(model, calls)
    _lists(tiered)
    finding_lines(model.findings)


def _calls() -> float | None:
    """Leads the salespeople can call a day; 0 is unknown."""
    asked = st.number_input(
        t("Leads the salespeople can call a day (0: no limit)"), 0, 10_000, 0, 1, key="calls", width=320
    )
    return float(asked) or None


def _cards(tiered: Tiered) -> None:
    """One card per tier: how many open leads, and what a call is worth."""
    names, currency = tier_names(), current_currency()
    table = tiered.table
    with st.grid(3, min_column_width=200, gap="small"):
        for tier in TIERS:
            own = table[table["tier"] == tier]
            worth = own["expected_value"].mean() if len(own) else float("nan")
            chance = own["probability"].mean() if len(own) else float("nan")
            st.metric(
                t("{tier} intent, open leads", tier=names[tier]),
                count(len(own)),
                border=True,
                delta=t(
                    "{chance} buy · {worth} each", chance=percent(chance, 1), worth=money(worth, currency)
                ),
                delta_arrow="off",
                delta_color="off",
            )


def _use(model: IntentModel, tiered: Tiered) -> None:
    """Put the tiers to use: noted for the gate, with how well the score ranked that day."""
    in_use = bool(cache.ledger().inputs("tiers").get("in_use", False))
    kind = t("points") if model.kind == "points" else t("logistic regression")
    text = t(
        "Of two later leads, the one that bought had the higher score in {auc} of cases (likely {low} to"
        " {high}); 50% is luck. The score is by {kind}, tried on {n:count} leads since {split}.",
        auc=percent(model.auc.value), low=percent(model.auc.low), high=percent(model.auc.high), kind=kind,
        n=model.later_leads, split=day(model.split),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        if in_use:
            st.badge(t("in use"), icon=":material/check:", color="blue")
        elif st.button(t("Use these tiers"), type="primary"):
            evidence: dict[str, Any] = {"auc": model.auc.value, "kind": model.kind, "leads": model.leads}
            try:
                cache.ledger().set_inputs("tiers", {"in_use": True, **evidence}, by=state.USER)
                cache.ledger().decide("tiers", "leads", "accepted", by=state.USER, advice=evidence)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("Noted with today's evidence."))
        st.markdown(text)


def _lift(model: IntentModel) -> None:
    st.markdown("**" + t("Customers by tenths of the leads, best score first") + "**")
    words = IntentWords(
        t("Tenth of the leads"), t("became customers"),
        [
            t("tenth {n:count}: {rate} of {leads:count} leads", n=r.decile, rate=percent(r.rate, 1),
              leads=r.leads)
            for r in model.lift.itertuples()
        ],
    )  # fmt: skip
    show_chart(lift_chart(model.lift, words), key="lift", alt=t("Customers by tenths"))
    st.caption(t("On later leads the score had not seen. Dotted: all leads."))


def _calibration(model: IntentModel) -> None:
    st.markdown("**" + t("Chances said against what came") + "**")
    words = IntentWords(
        t("said"), t("came"),
        [
            t("said {said}, came {seen} of {leads:count}", said=percent(r.said, 1), seen=percent(r.seen, 1),
              leads=r.leads)
            for r in model.curve.itertuples()
        ],
    )  # fmt: skip
    show_chart(
        calibration_chart(model.curve, words),
        key="calibration",
        alt=t("Chances against what came"),
    )
    st.caption(t("On the dotted line a chance of 10% comes true for one lead in ten."))


def _channels(model: IntentModel, calls: float | None) -> None:
    """What each channel's leads are worth by tier."""
    daily = cache.daily("day", "channel")
    table: pd.DataFrame = cache.made(
        ("tier_economics", calls), lambda: tier_economics(model, features(), daily, calls_per_day=calls)
    )
    labels, currency = cache.labels(), current_currency()
    names = [
        t("Channel"), t("Leads"), t("High"), t("Share of high"), t("Cost per lead"), t("Cost per high lead"),
        t("Likely range"), t("Expected per lead"), t("Expected return"),
    ]  # fmt: skip
    rows = [
        (
            labels.get(r.channel, r.channel), count(r.leads), count(r.high), percent(r.high_share),
            money(r.cost_per_lead, currency), money(r.cost_per_high, currency),
            _range(r.cost_per_high_low, r.cost_per_high_high, currency),
            money(r.expected_per_lead, currency), _multiple(r.expected_roi),
        )
        for r in table.sort_values("expected_roi", ascending=False).itertuples()
    ]  # fmt: skip
    st.markdown("**" + t("What each channel's leads are worth") + "**")
    st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, width="stretch")


def _range(low: float, high: float, currency: str) -> str:
    """From the lower to the upper end; open where the upper one is not known."""
    if low != low:
        return t("unknown")
    if not abs(high) < float("inf"):
        return t("from {low}", low=money(low, currency))
    return f"{money(low, currency)} – {money(high, currency)}"


def _multiple(value: float) -> str:
    return "–" if value != value else f"1:{value:.2f}"


def _lists(tiered: Tiered) -> None:
    """The list by code, and the reader's own list handed back with its tiers."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**" + t("The list for the salespeople") + "**")
        st.markdown(
            t(
                "Names and phones are not stored here. Drop your CRM export again: it comes back at once with"
                " the tier of each line, and nothing of it is kept."
            )
        )
        st.download_button(
            t("Download by lead code (CSV)"),
            cache.made(("tier_csv", language()), lambda: to_csv(_shown(tiered))),
            "leads_by_intent.csv", "text/csv", icon=":material/download:",
        )  # fmt: skip
    with right:
        _handed_back(tiered)


def _shown(tiered: Tiered) -> pd.DataFrame:
    table = tiered.table.assign(
        reasons=[" · ".join(say(f) for f in reasons) for reasons in tiered.table["reasons"]]
    )
    return table


def _handed_back(tiered: Tiered) -> None:
    upload = st.file_uploader(t("Your CRM lead list"), key="tier_list", max_upload_size=200)
    if upload is None:
        return
    content, ledger = upload.getvalue(), cache.ledger()
    try:
        read = ledger.read(content, upload.name)
        matched = match_tiers(tiered.table, read, content, ledger.hash_key_id)
    except ChannelOptError as error:
        show_refusal(error)
        return
    finding_lines(matched.findings)
    st.download_button(
        t("Download your list with tiers (CSV)"), matched.to_csv(), f"tiers_{upload.name}.csv", "text/csv",
        icon=":material/download:", type="primary",
    )  # fmt: skip
