"""The charts of the pages: data from the cache, words in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from channelopt.charts import Panel, RangeWords, roi_ranges, small_multiples
from channelopt.plan.diagnosis import Diagnosis
from channelopt.watch import changes, rolling
from pages.parts import cache, state
from pages.parts.chart import show_chart
from pages.parts.labels import VERDICTS, channel_colours
from pages.parts.language import current_currency, day, language, multiple, percent, roi, t
from pages.parts.links import from_address, to_address

#: Days behind each point; revenue comes in lumps, so ROI needs more of them.
WINDOWS = {"roi": 28}
#: A history below so many days has days on its axes, a longer one months.
SHORT = 100
METRIC_NAMES = {
    "roi": "ROI (1:N)",
    "spend": "Spend per day",
    "cpc": "Cost per click",
    "cpl": "Cost per lead",
}


def _metric_names() -> tuple[str, ...]:
    """The names above, where the translation tool finds them."""
    return (t("ROI (1:N)"), t("Spend per day"), t("Cost per click"), t("Cost per lead"))


def roi_figure(diagnosis: Diagnosis) -> None:
    """ROI per channel with ranges; says so when there is none."""
    if diagnosis.verdicts["roi"].notna().sum() == 0:
        come = bool((diagnosis.verdicts[["leads", "customers"]].sum() > 0).any())
        known = t("Leads are there, but no revenue: a return needs what the orders were worth.")
        st.caption(known if come else t("No channel has leads, orders or revenue yet."))
        return
    figure = cache.made(("roi_figure", language()), lambda: _roi_ranges(diagnosis))
    show_chart(figure, key="roi_ranges", alt=t("What 1 spent brings back, likely range"))
    st.caption(
        t(
            "● with the customers still to come · grey tick: seen so far · bar: {p:percent} likely range",
            p=diagnosis.policy.interval,
        )
    )


def _roi_ranges(diagnosis: Diagnosis) -> go.Figure:
    policy = diagnosis.policy
    words = RangeWords(
        floor=t("your bar") + f" 1:{multiple(policy.roi_floor)}",
        break_even=t("break-even"),
        seen=t("seen so far"),
        numbers={row.channel: roi(row.roi) for row in diagnosis.verdicts.itertuples()},
    )
    looks = {key: (look.colour, look.symbol) for key, look in VERDICTS.items()}
    return roi_ranges(diagnosis.verdicts, cache.labels(), looks, words, policy.roi_floor, policy.break_even)


def metric_switch(show_title: Callable[[str], None]) -> str:
    """Which metric the trends show; the page's title stands above the switch."""
    from_address(state.METRIC, list(METRIC_NAMES), "roi")
    show_title(st.session_state[state.METRIC])
    metric = st.segmented_control(
        t("Metric"),
        list(METRIC_NAMES),
        required=True,
        format_func=lambda key: t(METRIC_NAMES[key]),
        key=state.METRIC,
        label_visibility="collapsed",
    )
    to_address(state.METRIC)
    return str(metric)


def trend_changes(metric: str) -> pd.DataFrame:
    """Dated level changes of a metric in the workspace shown."""
    found: pd.DataFrame = cache.made(
        ("changes", metric), lambda: changes(cache.daily("day", "channel"), metric)
    )
    return found


def trend_figure(metric: str) -> None:
    """Small multiples of one metric over all channels; a sentence where no channel has it."""
    if not cache.made(("trend_known", metric), lambda: _known(metric)):
        st.caption(t("No channel has this figure yet; choose another one above."))
        return
    figure = cache.made(("trend", metric, language()), lambda: _trend(metric))
    show_chart(figure, key="trends_chart", alt=t(METRIC_NAMES[metric]))
    st.caption(
        t(
            "Line: value over the last {n:count} {n:plural:day|days}. Pale bars: spend per day."
            " Dotted: a change that lasted at least two weeks.",
            n=WINDOWS.get(metric, 7),
        )
    )
    if metric == "roi":
        policy = cache.ledger().policy
        st.caption(
            t(
                "Blue band: your target 1:{low:multiple} to 1:{high:multiple}."
                " Grey: days whose leads are still becoming customers; do not judge them yet.",
                low=policy.target_roi[0],
                high=policy.target_roi[1],
            )
        )


def _known(metric: str) -> bool:
    return bool(rolling(cache.daily("day", "channel"), metric, WINDOWS.get(metric, 7))["value"].notna().any())


def _trend(metric: str) -> go.Figure:
    daily = cache.daily("day", "channel")
    diagnosis = cache.diagnosis()
    series = rolling(daily, metric, WINDOWS.get(metric, 7))
    known = set(series.loc[series["value"].notna(), "channel"])
    order = [c for c in diagnosis.verdicts.sort_values("spend", ascending=False)["channel"] if c in known]
    found = trend_changes(metric)
    marks = {
        (
            str(r.channel),
            r.day,
        ): f"{day(r.day, year=False)} {'+' if r.after > r.before else ''}{percent(r.after / r.before - 1)}"
        for r in found.itertuples()
    }
    is_roi = metric == "roi"
    panel = Panel(
        labels=cache.labels(),
        colours=channel_colours(cache.channels()),
        order=order,
        band=diagnosis.policy.target_roi if is_roi else None,
        immature_from=diagnosis.immature_from if is_roi else None,
        marks=marks,
        tickformat=".1~f" if is_roi else ("~s" if metric == "spend" else ",.3~r"),
        tickprefix="1:" if is_roi else {"CNY": "¥", "USD": "$", "EUR": "€"}.get(current_currency(), ""),
        dateformat=date_ticks(diagnosis.day_first, diagnosis.day_last),
    )
    return small_multiples(series, panel)


def date_ticks(first: dt.date | None, last: dt.date | None) -> str:
    """Ticks of days where the history is short, of months where it is long."""
    if first is not None and last is not None and (last - first).days < SHORT:
        return "%-m/%-d" if language() == "zh" else "%b %-d"
    return "%-m月" if language() == "zh" else "%b"
