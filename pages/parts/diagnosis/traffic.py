"""The traffic view of the diagnosis: what looks wrong, what it costs, and what to do about it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from channelopt.charts import DumbbellWords, lead_prices
from channelopt.measure.doubts import Doubt
from channelopt.measure.quality import NEEDED, WRONG, Concentration, Traffic
from channelopt.plan.diagnosis import Diagnosis
from pages.parts import cache
from pages.parts.chart import show_chart
from pages.parts.escape import md
from pages.parts.language import count, current_currency, day, language, money, percent, t
from pages.parts.say import field_names, say
from pages.parts.trace import trace_button
from pages.parts.widgets import ICONS, page_path

#: Jumps shown; the newest say most about today.
NEWEST = 8
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def traffic_view(diagnosis: Diagnosis) -> None:
    """Money that bought traffic which looks wrong, the true price of a lead, every finding with its step."""
    traffic = diagnosis.traffic
    if traffic is None or traffic.table.empty:
        st.caption(t("No spend to judge yet."))
        return
    st.subheader(_sentence(traffic), anchor=False)
    if traffic.unknown:
        names = field_names()
        missing = t(", ").join(names[name] for name in traffic.unknown)
        st.caption(t("Not checked, because no file has it: {what}.", what=missing))
    _prices(traffic, diagnosis.policy.interval)
    _doubts(traffic)
    _jumps(traffic)
    _deliveries(traffic.delivery)
    st.markdown(_concentration(traffic.concentration, len(traffic.table)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            t("Know the market's price of a click, or what a platform promised to deliver? Enter it once."),
            width="content",
        )
        st.page_link(page_path("settings"), label=t("Settings"), icon=":material/settings:")


def _sentence(traffic: Traffic) -> str:
    worst = traffic.table.iloc[0]
    if not traffic.at_stake > 0 and set(traffic.unknown) >= set(NEEDED):
        return t("Nothing says yet whether this traffic is real: add clicks, site visits or your lead list.")
    if not traffic.at_stake > 0:
        return t("No traffic looks wrong in what could be checked: nothing to claim, nothing to stop.")
    return t(
        "{stake:money} of {spend:money} went to traffic that looks wrong or never came, most at {channel}.",
        stake=traffic.at_stake,
        spend=traffic.spend,
        channel=cache.labels().get(str(worst["channel"]), str(worst["channel"])),
    )


def _prices(traffic: Traffic, level: float) -> None:
    if not traffic.table["cpl"].notna().any():
        st.caption(t("No leads are known, so a lead has no price yet."))
        return
    figure = cache.made(("lead_prices", language()), lambda: _figure(traffic))
    show_chart(
        figure, key="lead_prices", alt=t("What a lead costs, and what a valid one costs")
    )
    st.caption(
        t(
            "○ per lead · ● per valid lead, the effective price (orange: money in doubt)"
            " · pale: {p:percent} likely range",
            p=level,
        )
    )


def _figure(traffic: Traffic) -> go.Figure:
    currency = current_currency()
    words = DumbbellWords(
        nominal=t("Cost per lead"),
        effective=t("Cost per valid lead"),
        numbers={
            str(r.channel): f"{money(r.cpl, currency)} → {money(r.cpvl, currency)}"
            for r in traffic.table.itertuples()
        },
        prefix=SIGNS.get(currency, ""),
    )
    return lead_prices(traffic.table, cache.labels(), words)


def _doubts(traffic: Traffic) -> None:
    wrong = [d for d in traffic.doubts if d.kind in WRONG]
    for row in traffic.table.itertuples():
        mine = [d for d in wrong if d.channel == row.channel]
        if mine:
            with st.container(border=True, gap="small"):
                _channel(row, mine)
    told = {d.channel for d in wrong} - set(traffic.table["channel"])
    for doubt in (d for d in wrong if d.channel in told):
        st.markdown(f"{ICONS['warning']} {say(doubt.finding)}")
    if wrong:
        st.caption(
            t(
                "Findings of one channel overlap (a cheap click may also bounce), so they are not added up:"
                " of each day only the largest counts."
            )
        )


def _channel(row: Any, doubts: list[Doubt]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{md(cache.labels().get(row.channel, row.channel))}**", width="content")
        st.badge(
            t(
                "{stake:money} in doubt, {share:percent} of its spend",
                stake=row.at_stake,
                share=row.stake_share,
            ),
            icon=":material/warning:",
            color="orange",
        )
    for doubt in doubts:
        st.markdown("- " + say(doubt.finding))
    if row.clean_cpl < row.cpvl:
        st.caption(
            t(
                "Of {price:money} per valid lead, {wasted:money} paid for visits that were nobody.",
                price=row.cpvl,
                wasted=row.wasted_cpl,
            )
        )
    trace_button(str(row.channel), f"traffic_trace_{row.channel}")


def _jumps(traffic: Traffic) -> None:
    found = sorted((d for d in traffic.doubts if d.kind == "jump"), key=lambda d: d.first, reverse=True)
    if not found:
        return
    title = t("Sudden jumps ({n:count}), newest first; their money is not counted as wrong", n=len(found))
    with st.expander(title):
        for doubt in found[:NEWEST]:
            name = md(cache.labels().get(doubt.channel, doubt.channel))
            st.markdown(f"{ICONS[doubt.finding.severity]} **{name}** · {say(doubt.finding)}")
        if found[NEWEST:]:
            st.caption(t("{n:count} older ones are not shown.", n=len(found) - NEWEST))


def _deliveries(table: pd.DataFrame) -> None:
    if table.empty:
        return
    units, currency = field_names(), current_currency()
    rows = [
        {
            t("Channel"): cache.labels().get(r.channel, r.channel),
            t("What for"): r.what,
            t("Days"): f"{day(r.day_first)} – {day(r.day_last)}",
            t("Unit"): units[r.unit],
            t("Due by now"): count(r.due),
            t("Delivered"): count(r.delivered),
            t("Share"): percent(r.share, 1),
            t("Worth"): money(r.stake, currency),
        }
        for r in table.itertuples()
    ]
    with st.expander(t("Contracts against delivery ({n:count})", n=len(rows))):
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, key="deliveries", alt=t("Contracts against delivery")
        )


def _concentration(found: Concentration, channels: int) -> str:
    if found.share != found.share or channels < 2:
        return ""
    words = {
        "spread": t("well spread"),
        "moderate": t("somewhat concentrated"),
        "high": t("concentrated"),
    }
    return t(
        "Your cost is {word}: {channel} takes {share:percent}, and {n:count} channels weigh as much as"
        " {equal:multiple} equal ones (HHI {hhi:multiple}).",
        word=words[found.level],
        channel=cache.labels().get(found.channel, found.channel),
        share=found.share,
        n=channels,
        equal=found.channels,
        hhi=found.hhi,
    )
