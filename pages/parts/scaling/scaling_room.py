"""Room to grow: how far each channel goes until its next unit misses the bar, and the cost of customers"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from channelopt.charts.nextunit import NextUnitWords, next_unit_chart
from channelopt.errors import ChannelOptError
from channelopt.measure.cac import CacTrend, cac_trend
from channelopt.plan.headroom import Headroom, headroom
from channelopt.plan.nextunit import next_unit
from pages.parts import cache, state
from pages.parts.chart import show_chart
from pages.parts.focus.focus_views import curves, missing
from pages.parts.language import current_currency, language, money, multiple, percent, signed, t
from pages.parts.say import say
from pages.parts.trouble import show_refusal
from pages.parts.widgets import ICONS, done, empty_state


def room() -> Headroom | None:
    """Room to grow of every channel; None where no curve can be learned."""
    found: Headroom | None = cache.made(("headroom",), _room)
    return found


def _room() -> Headroom | None:
    known = curves()
    return None if known is None else headroom(known, policy=cache.ledger().policy)


def room_title() -> str:
    """Where the most room surely is, as far as there are data."""
    found = room()
    if found is None:
        return t("How far it can grow is not known yet.")
    row = found.surest
    if row is None:
        return t("No channel surely has room to grow.")
    currency = current_currency()
    name = cache.labels().get(row["channel"], row["channel"])
    extra = money(row["sure_extra"], currency, compact=True)
    if row["sure_spend"] <= row["seen_high"]:
        return t("{name} surely takes {extra} more a month; beyond that it is open.", name=name, extra=extra)
    return t(
        "{name} surely takes {extra} more a month; beyond {seen} a day there are no data.",
        name=name, extra=extra, seen=money(row["seen_high"], currency, compact=True),
    )  # fmt: skip


def room_view() -> None:
    """The channels as a table, one of them as a curve with its steps, and the cost of a customer."""
    found = room()
    if found is None:
        empty_state(
            t("Too little to say how far"),
            missing(t("It appears when the data say what each channel brings.")),
        )
        return
    _margin(found)
    _table(found)
    left, right = st.columns([3, 2], gap="medium")
    with left.container(border=True, height="stretch"):
        channel = _curve(found)
    with right.container(border=True, height="stretch"):
        _steps(found, channel)
    _customers()


def _margin(found: Headroom) -> None:
    """What the next unit brings over all, noted for the gate of the stage."""
    own = found.table[found.table["status"] != "unknown"]
    if own.empty:
        return
    best = own.sort_values("mroi", ascending=False).iloc[0]
    known = cache.ledger().inputs("margin")
    figures = {"mroi": float(best["mroi"]), "chance": float(best["p_room"])}
    text = t(
        "The best next unit brings {mroi} ({name}); your bar is {floor}, met with a chance of {p}.",
        mroi=multiple(best["mroi"]), name=cache.labels().get(best["channel"], best["channel"]),
        floor=multiple(found.floor), p=percent(best["p_room"]),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        same = math.isclose(float(known.get("mroi", -1.0) or -1.0), figures["mroi"], rel_tol=1e-9)
        if not same and st.button(t("Note this for the gate"), type="primary"):
            try:
                cache.ledger().set_inputs("margin", figures, by=state.USER)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("Noted with today's evidence."))
        st.markdown(text)


def _table(found: Headroom) -> None:
    words = {"room": t("has room"), "full": t("is full"), "unsure": t("open"), "unknown": t("unknown")}
    labels, currency = cache.labels(), current_currency()
    rows = [
        (
            labels.get(r.channel, r.channel), words[r.status], percent(r.p_room),
            money(max(r.sure_extra, 0.0), currency, compact=True), money(r.today, currency), multiple(r.mroi),
            f"{multiple(r.mroi_low)} – {multiple(r.mroi_high)}", money(r.extra, currency, compact=True),
            f"{money(r.extra_low, currency, compact=True)} – {money(r.extra_high, currency, compact=True)}",
            money(r.brings, currency, compact=True), t("yes") if r.no_data else "",
        )
        for r in found.table.sort_values("extra", ascending=False).itertuples()
    ]  # fmt: skip
    names = [
        t("Channel"), t("Room"), t("Chance of room"), t("Surely more a month"), t("Today, a day"),
        t("Next unit brings"), t("Likely range"), t("More a month until the bar"), t("Its range"),
        t("That brings a month"), t("Beyond what was ever spent"),
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, width="stretch")


def _curve(found: Headroom) -> str:
    """One channel: the return of the next unit along its spend."""
    labels = cache.labels()
    ranked = found.table.assign(sure=found.table["status"] != "room").sort_values(
        ["sure", "extra"], ascending=[True, False]
    )
    order = [str(c) for c in ranked["channel"]]
    channel = str(
        st.selectbox(t("Channel"), order, format_func=lambda c: labels.get(c, c), key="room_channel")
    )
    known = curves()
    assert known is not None
    row = found.table.set_index("channel").loc[channel]
    until = max(1.25 * float(row["floor_spend"]), 1.6 * float(row["seen_high"]))

    def made() -> Any:
        table = next_unit(known, channel, cache.ledger().policy, until)
        currency = current_currency()
        words = NextUnitWords(
            t("Money a day"), t("Next unit brings"), t("today"), t("your bar") + f" {multiple(found.floor)}",
            t("no data here"),
            [
                t("{spend} a day: {mroi} ({low} to {high})", spend=money(r.spend, currency),
                  mroi=multiple(r.mroi), low=multiple(r.low), high=multiple(r.high))
                for r in table.itertuples()
            ],
        )  # fmt: skip
        return next_unit_chart(table, float(row["today"]), found.floor, words)

    figure = cache.made(("next_unit", channel, language()), made)
    show_chart(figure, key="next_unit", alt=t("What the next unit of money brings"))
    return channel


def _steps(found: Headroom, channel: str) -> None:
    """The way up in steps, with the chance that each still pays."""
    currency = current_currency()
    st.markdown("**" + t("Steps, and when to stop") + "**")
    own = [f for f in found.findings if f.params.get("channel") == channel]
    for finding in own:
        st.markdown(f"{ICONS[finding.severity]} {say(finding)}")
    steps = found.steps[found.steps["channel"] == channel]
    if steps.empty:
        return
    rows = [
        (
            int(s.step),
            money(s.spend, currency),
            multiple(s.mroi),
            percent(s.p_above),
            t("yes") if s.no_data else "",
        )
        for s in steps.itertuples()
    ]
    names = [t("Step of the way"), t("Money a day"), t("Next unit brings"), t("Chance it pays"), t("No data")]
    st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, width="stretch")
    st.caption(t("One step a week at most. Stop where the chance falls below what you want to be sure of."))


def _customers() -> None:
    """The cost of a customer against the quarter before."""
    trend: CacTrend = cache.made(
        ("cac_trend",),
        lambda: cac_trend(cache.daily("day", "channel"), cache.ledger().policy, cache.diagnosis().delays),
    )
    st.markdown("**" + t("Cost of a customer against the quarter before") + "**")
    if trend.now is None:
        st.caption(t("Two quarters of days are needed."))
        return
    words = {
        "above": t("surely dearer"), "drifting": t("dearer, not surely"), "within": t("as before"),
        "below": t("surely cheaper"), "unknown": t("unknown"),
    }  # fmt: skip
    labels, currency = cache.labels(), current_currency()
    rows = [
        (
            labels.get(r.channel, r.channel), words[r.status], money(r.before, currency),
            money(r.now, currency), signed(r.change), f"{signed(r.low)} – {signed(r.high)}",
        )
        for r in trend.table.itertuples()
    ]  # fmt: skip
    names = [t("Channel"), t("Cost of a customer"), t("Before"), t("Now"), t("Change"), t("Likely range")]
    st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, width="stretch")
    for finding in trend.findings:
        st.markdown(f"{ICONS[finding.severity]} {say(finding)}")
