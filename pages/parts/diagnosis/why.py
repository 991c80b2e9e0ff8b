"""Why a channel has its verdict: its chain from ad to customer, every reason, and what changed lately."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from channelopt.plan.diagnosis import Diagnosis
from channelopt.watch.lately import against, lately
from pages.parts import cache, state
from pages.parts.cards import verdict_badge
from pages.parts.chart import show_chart
from pages.parts.diagnosis.steps import funnel_figure
from pages.parts.language import current_currency, language, money, percent, roi, t
from pages.parts.links import from_address, to_address
from pages.parts.say import say
from pages.parts.trace import metric_names, trace_button


def channel_evidence(diagnosis: Diagnosis, channels: list[str]) -> None:
    """The step chain of one channel against the others, and every reason for its verdict."""
    from_address(state.CHANNEL, channels, channels[0])
    channel = st.selectbox(
        t("Channel"),
        channels,
        format_func=lambda key: cache.labels().get(key, key),
        key=state.CHANNEL,
    )
    to_address(state.CHANNEL)
    row = next(r for r in diagnosis.verdicts.itertuples() if r.channel == channel)
    left, right = st.columns([3, 3], gap="medium")
    with left.container(border=True):
        verdict_badge(row.verdict)
        for reason in row.reasons:
            st.markdown("- " + say(reason))
        trace_button(channel, f"why_trace_{channel}")
    with right:
        _chain(diagnosis, channel)
        _changes(diagnosis, channel)


def _chain(diagnosis: Diagnosis, channel: str) -> None:
    if diagnosis.funnel is None:
        return
    steps = diagnosis.funnel.steps
    mine = steps[steps["channel"] == channel].reset_index(drop=True)
    if mine.empty:
        return
    st.markdown(f"**{t('From seeing the ad to customer')}**")
    figure = cache.made(("channel_funnel", channel, language()), lambda: funnel_figure(mine, channel))
    show_chart(figure, key="why_funnel", alt=t("From seeing the ad to customer"))


def _changes(diagnosis: Diagnosis, channel: str) -> None:
    """The last four weeks against the four before, and the return against the best other channel."""
    policy = diagnosis.policy
    recent = cache.made(("lately",), lambda: lately(cache.daily("day", "channel"), policy))
    lines = [_change(row) for row in recent[recent["channel"] == channel].itertuples()]
    best = _best_other(diagnosis, channel)
    if best:
        key = ("against", channel, best)
        found = cache.made(key, lambda: against(cache.daily("day", "channel"), channel, best, policy=policy))
        if found is not None:
            lines.append(_beside(found, best))
    if lines:
        st.markdown(f"**{t('Last four weeks, and beside the best channel')}**")
        st.markdown("\n".join(f"- {line}" for line in lines))


def _best_other(diagnosis: Diagnosis, channel: str) -> str | None:
    others = diagnosis.verdicts[
        (diagnosis.verdicts["channel"] != channel) & diagnosis.verdicts["roi"].notna()
    ]
    return None if others.empty else str(others.loc[others["roi"].idxmax(), "channel"])


def _change(row: Any) -> str:
    currency = current_currency()
    written = percent(row.after, 2) if row.metric == "cvr" else money(row.after, currency)
    params = {
        "what": metric_names()[row.metric],
        "value": written,
        "change": percent(abs(row.change)),
        "low": _signed(row.low),
        "high": _signed(row.high),
    }
    if not row.sure:
        return t("{what}: {value}, no sure change ({low} to {high})", **params)
    if row.change > 0:
        return t("{what}: {value}, **{change} more** than four weeks earlier ({low} to {high})", **params)
    return t("{what}: {value}, **{change} less** than four weeks earlier ({low} to {high})", **params)


def _signed(change: float) -> str:
    return ("+" if change > 0 else "") + percent(change)


def _beside(found: pd.Series, best: str) -> str:
    params = {
        "channel": cache.labels().get(best, best),
        "mine": roi(float(found["one"])),
        "other": roi(float(found["other"])),
        "low": _signed(float(found["low"])),
        "high": _signed(float(found["high"])),
    }
    return t("Return on common days: {mine} beside {other} of {channel} ({low} to {high})", **params)
