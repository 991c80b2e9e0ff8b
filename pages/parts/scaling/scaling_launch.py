"""The launch kit of a new platform: what to expect, what to spend to know, when to stop, when to look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.intake import channel_key
from channelopt.measure.maturity import visible_weeks
from channelopt.plan.launch import LaunchKit, LaunchOptions, launch_kit
from pages.parts import cache, state
from pages.parts.focus.focus_views import curves, missing
from pages.parts.labels import platform_name
from pages.parts.language import current_currency, day, language, money, multiple, percent, t
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done, empty_state, finding_lines

#: Platforms a team meets next, by key; any other name can be typed.
PLATFORMS = (
    "tencent_ads", "xiaohongshu", "tiktok_ads", "bilibili", "zhihu", "kuaishou", "linkedin_ads",
    "pinterest_ads", "reddit_ads",
)  # fmt: skip


def launch_view() -> None:
    """The form, then the kit."""
    if curves() is None:
        empty_state(
            t("Too little to borrow from"), missing(t("A launch borrows from channels that run already."))
        )
        return
    left, right = st.columns([2, 3], gap="large")
    with left.container(border=True):
        kit = _form()
    with right:
        if kit is not None:
            _kit(kit)


def _form() -> LaunchKit | None:
    known = curves()
    assert known is not None
    labels = cache.labels()
    st.markdown("**" + t("Try a new platform") + "**")
    platform = _platform(known.channels)
    similar = st.multiselect(
        t("Most like which channels?"), known.channels, format_func=lambda c: labels.get(c, c), key="similar",
        placeholder=t("choose"),
        help=t("Their curves are borrowed, taken at a discount. Without any all count alike."),
    )  # fmt: skip
    currency = current_currency()
    value = st.number_input(
        t("Revenue of one order, {currency}", currency=currency), 1.0, None, _order_value(), 10.0
    )
    per_order = st.number_input(t("Leads per order"), 1.0, 10_000.0, _leads_per_order(), 1.0)
    weekly = st.number_input(
        t("Money a week, {currency} (0: as little as decides)", currency=currency), 0.0, None, 0.0, 500.0
    )
    start = st.date_input(t("First day"), dt.date.today(), key="launch_start")
    options: LaunchOptions = {"leads_per_order": float(per_order), "start": start}
    delays = cache.diagnosis().delays
    if delays is not None:
        options["visible"] = visible_weeks(delays, similar)
    if weekly > 0:
        options["weekly"] = float(weekly)
    asked = ("launch", language(), platform, str(similar), value, per_order, weekly, start.isoformat())
    try:
        kit: LaunchKit = cache.made(
            asked,
            lambda: launch_kit(
                known, str(platform), float(value), list(similar) or None, cache.ledger().policy, **options
            ),
        )
    except ChannelOptError as error:
        show_refusal(error)
        return None
    return kit


def _platform(channels: Sequence[str]) -> str:
    """Which platform, among those that do not run yet; what is typed in is known by any of its names."""
    labels, lang = cache.labels(), language()
    running = {*map(channel_key, channels), *(channel_key(labels.get(c, c)) for c in channels)}
    offered = [key for key in PLATFORMS if key not in running]
    asked = st.selectbox(
        t("Platform"), offered, key="platform", accept_new_options=True,
        format_func=lambda key: platform_name(key, lang),
    )  # fmt: skip
    key = channel_key(str(asked or next(iter(offered), "")))
    own = {channel_key(labels.get(c, c)): c for c in channels}
    return own.get(key, key if key in channels else platform_name(key, lang))


def _order_value() -> float:
    """Mean revenue of a customer so far; 100 when nobody knows."""
    daily = cache.daily("day", "channel")
    customers, revenue = float(daily["customers"].sum()), float(daily["revenue"].sum())
    return round(revenue / customers, 0) if customers > 0 and revenue > 0 else 100.0


def _leads_per_order() -> float:
    daily = cache.daily("day", "channel")
    customers, leads = float(daily["customers"].sum()), float(daily["leads"].sum())
    return max(round(leads / customers, 0), 1.0) if customers > 0 and leads > 0 else 10.0


def _kit(kit: LaunchKit) -> None:
    currency = current_currency()
    with st.grid(4, min_column_width=110, gap="small"):
        st.metric(t("Costs at most"), money(kit.budget, currency, compact=True), border=True)
        st.metric(t("Weeks"), str(kit.weeks), border=True)
        st.metric(t("Money a week"), money(kit.weekly, currency, compact=True), border=True)
        st.metric(t("Borrowed return"), "1:" + multiple(kit.expected_roi.mid), border=True,
                  help=t("likely {low} to {high}", low=multiple(kit.expected_roi.low),
                         high=multiple(kit.expected_roi.high)))  # fmt: skip
    finding_lines(kit.findings)
    st.markdown("**" + t("Calendar of looks") + "**")
    rows = [
        (
            int(r.look), day(r.day), money(r.spend, currency, compact=True),
            "–" if r.keep_roi != r.keep_roi else "≥ 1:" + multiple(r.keep_roi),
            "–" if r.drop_roi != r.drop_roi else "≤ 1:" + multiple(r.drop_roi), percent(r.p_decided),
        )
        for r in kit.calendar.itertuples()
    ]  # fmt: skip
    names = [
        t("Look"), t("Day"), t("Spent by then"), t("Keep when it brought"), t("Drop when it brought"),
        t("Decided by then"),
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, width="stretch")
    st.markdown("**" + t("How often it is right") + "**")
    kinds = {
        "bad": t("just breaks even (1:{x})", x=multiple(kit.bad)),
        "floor": t("at your bar"),
        "good": t("at your target (1:{x})", x=multiple(kit.good)),
        "borrowed": t("as borrowed"),
    }
    table = [
        (
            kinds[str(i)],
            percent(r.keep),
            percent(r.drop),
            f"{r.weeks:.1f}",
            money(r.money, currency, compact=True),
        )
        for i, r in zip(kit.expected.index, kit.expected.itertuples(), strict=True)
    ]
    heads = [t("If the platform is"), t("Kept"), t("Dropped"), t("Weeks until then"), t("Money until then")]
    st.dataframe(pd.DataFrame(table, columns=heads), hide_index=True, width="stretch")
    if st.button(t("Keep this launch plan"), type="primary"):
        advice = {
            "platform": kit.platform, "budget": kit.budget, "weeks": kit.weeks, "weekly": kit.weekly,
            "roi": kit.expected_roi.mid, "good": kit.good, "bad": kit.bad,
        }  # fmt: skip
        try:
            cache.ledger().decide("launch", kit.platform, "accepted", by=state.USER, advice=advice)
        except ChannelOptError as error:
            show_refusal(error)
        else:
            done(t("Noted with today's evidence."))
