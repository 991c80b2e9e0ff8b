"""The steps view of the diagnosis: the step that loses more than elsewhere, and what a click cost."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from channelopt.charts import (
    ControlWords,
    StepWords,
    channel_funnel,
    control_chart,
    step_matrix,
)
from channelopt.fields import FUNNEL
from channelopt.measure.control import PriceChart, cpc_control
from channelopt.measure.funnel import Funnel, behaviour_findings, headline, weak_step_findings
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.gates import in_order
from pages.parts import cache, state
from pages.parts.chart import show_chart
from pages.parts.figures import date_ticks
from pages.parts.labels import channel_colours
from pages.parts.language import count, current_currency, day, language, money, percent, t
from pages.parts.links import from_address, to_address
from pages.parts.say import field_names, say
from pages.parts.trace import trace_button
from pages.parts.widgets import ICONS

#: Days out of range shown; the newest say most about today.
NEWEST = 4
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}


def steps_view(diagnosis: Diagnosis) -> None:
    """The finding in a sentence, all channels' steps in one matrix, then one channel in detail."""
    found = diagnosis.funnel
    if found is None or found.steps.empty:
        st.caption(t("No two stages in a row are known yet: add clicks and leads."))
        return
    first = headline(found)
    st.subheader(say(first), anchor=False)
    for finding in behaviour_findings(found):
        st.markdown(f"{ICONS[finding.severity]} {say(finding)}")
    order = [c for c in in_order(diagnosis.verdicts) if c in set(found.steps["channel"])]
    figure = cache.made(("step_matrix", language()), lambda: _matrix(found, order))
    show_chart(figure, key="step_matrix", alt=t("Every step of every channel"))
    st.caption(
        t(
            "Orange: worse than the other channels, blue: better; the deeper, the further beyond the usual"
            " difference between channels. ▼: surely worse, allowing for all {n:count} comparisons."
            " Customers still to come are allowed for.",
            n=len(found.steps) + len(found.behaviour),
        )
    )
    channel = _chosen(order)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _chain(found, channel)
    with right:
        _price(channel)
    trace_button(channel, f"steps_trace_{channel}")
    with st.expander(t("All steps as a table")):
        _table(found, order)


def _chosen(order: list[str]) -> str:
    from_address(state.CHANNEL, order, order[0])
    channel = st.selectbox(
        t("Channel"), order, format_func=lambda key: cache.labels().get(key, key), key=state.CHANNEL
    )
    to_address(state.CHANNEL)
    return str(channel)


def _seconds(value: float) -> str:
    return t("{n:count} s", n=value)


def _rate(value: float) -> str:
    return percent(value, 0 if value >= 0.1 else 1 if value >= 0.01 else 2)


def _matrix(found: Funnel, order: list[str]) -> go.Figure:
    names = field_names()
    stage = {name: at for at, name in enumerate(FUNNEL)}
    doing = {"bounce_rate": t("Bounce rate"), "dwell": t("Time per visit")}
    rows: list[dict[str, Any]] = []
    cells: dict[tuple[str, str], str] = {}
    hover: dict[tuple[str, str], str] = {}
    columns: dict[str, tuple[float, str]] = {}
    worst: set[tuple[str, str]] = set()
    for r in found.steps.itertuples():
        key = (str(r.channel), f"{r.from_stage}→{r.to_stage}")
        columns[key[1]] = (
            stage[r.from_stage] + stage[r.to_stage] / 100,
            f"{names[r.from_stage]}→{names[r.to_stage]}",
        )
        cells[key] = _rate(r.rate) if r.rate == r.rate else "–"
        hover[key] = _hover(r.channel, _rate(r.rate), _rate(r.low), _rate(r.high), _rate(r.others))
        rows.append({"channel": r.channel, "column": key[1], "z": r.z})
        if r.worst:
            worst.add(key)
    for r in found.behaviour.itertuples():
        key, write = (str(r.channel), str(r.measure)), percent if r.measure == "bounce_rate" else _seconds
        columns[key[1]] = (100.0, doing[key[1]])
        cells[key] = write(r.value)
        hover[key] = _hover(r.channel, write(r.value), write(r.low), write(r.high), write(r.others))
        rows.append({"channel": r.channel, "column": key[1], "z": r.z})
        if r.worse:
            worst.add(key)
    ranked = sorted(columns.items(), key=lambda item: item[1][0])
    words = StepWords({key: name for key, (_, name) in ranked}, cells, hover, frozenset(worst))
    return step_matrix(pd.DataFrame(rows), order, cache.labels(), words)


def _literal(text: str) -> str:
    """A sentence without the marks that keep Markdown away: charts draw text as it is."""
    return text.replace("\\", "").replace("\u2060", "")


def _hover(channel: str, value: str, low: str, high: str, others: str) -> str:
    name = cache.labels().get(channel, channel)
    sentence = t(
        "{name}: {value} (likely {low} to {high}); elsewhere {others}",
        name=name,
        value=value,
        low=low,
        high=high,
        others=others,
    )
    return _literal(sentence)


def _chain(found: Funnel, channel: str) -> None:
    steps = found.steps[found.steps["channel"] == channel].reset_index(drop=True)
    figure = cache.made(("channel_funnel", channel, language()), lambda: funnel_figure(steps, channel))
    show_chart(figure, key="channel_funnel", alt=t("From seeing the ad to customer"))
    weak = weak_step_findings(steps)
    if channel in weak and channel != headline(found).params.get("channel"):
        st.markdown(f"{ICONS['warning']} {say(weak[channel])}")
    doing = found.behaviour[found.behaviour["channel"] == channel].set_index("measure")
    words = []
    if "bounce_rate" in doing.index:
        row = doing.loc["bounce_rate"]
        words.append(
            t(
                "{value} of its visits leave at once (likely {low} to {high}; elsewhere {others}).",
                **{name: percent(float(row[name]), 1) for name in ("value", "low", "high", "others")},
            )
        )
    if "dwell" in doing.index:
        row = doing.loc["dwell"]
        words.append(
            t(
                "A visit lasts {value:count} seconds (likely {low:count} to {high:count};"
                " elsewhere {others:count}).",
                **{name: float(row[name]) for name in ("value", "low", "high", "others")},
            )
        )
    if not words:
        words.append(t("No file says how long its visits last or how many leave at once."))
    st.caption(" ".join([*words, t("Bar lengths are on a log scale.")]))


def funnel_figure(steps: pd.DataFrame, channel: str) -> go.Figure:
    """The funnel of one channel; ``steps`` are its rows of ``Funnel.steps``, at least one."""
    names, colours = field_names(), channel_colours(cache.channels())
    stages = [steps["from_stage"].iloc[0], *steps["to_stage"]]
    counts = [float(steps["from_count"].iloc[0]), *steps["to_count"].astype("float64")]
    worst = [at for at, is_worst in enumerate(steps["worst"]) if is_worst]
    rates = [
        _literal(t("{rate} · elsewhere {others}", rate=_rate(r.rate), others=_rate(r.others)))
        if r.others == r.others
        else _rate(r.rate)
        for r in steps.itertuples()
    ]
    return channel_funnel(
        [names[s] for s in stages],
        counts,
        [count(n) for n in counts],
        rates,
        colours.get(channel, "#8A8F98"),
        worst[0] if worst else None,
    )


def _charts() -> PriceChart:
    found: PriceChart = cache.made(
        ("price_chart",),
        lambda: cpc_control(cache.daily("day", "channel"), cache.daily("day", "channel", "campaign")),
    )
    return found


def _price(channel: str) -> None:
    frame = _charts().of(channel)
    if frame.empty:
        st.caption(t("No clicks are known here, so a click has no price."))
        return
    weekly = frame["unit"].iloc[0] == "week"
    title = t("What a click cost, week by week") if weekly else t("What a click cost, day by day")
    st.markdown(f"**{title}**")
    figure = cache.made(("price_figure", channel, language()), lambda: _price_figure(frame, channel))
    show_chart(figure, key="price_figure", alt=title)
    out = frame[frame["out"]].iloc[::-1]
    if frame["low"].notna().sum() == 0:
        st.caption(t("Its usual range shows after three weeks of daily clicks, or eight weeks of a few."))
    elif out.empty:
        st.caption(
            t("The price stayed in its usual range (blue): what varies there is noise, leave it alone.")
        )
    else:
        st.caption(
            t(
                "Blue: the usual range. {n:count} of {all:count} points lie outside, newest first;"
                " about one in a hundred does by chance.",
                n=len(out),
                all=len(frame),
            )
        )
    for row in out.head(NEWEST).itertuples():
        arrow = "▲" if row.cpc > row.high else "▼"
        st.markdown(f"{arrow} **{day(row.day)}** · {say(row.reasons[0])}")


def _price_figure(frame: pd.DataFrame, channel: str) -> go.Figure:
    currency = current_currency()
    hover = []
    for row in frame.itertuples():
        text = f"{day(row.day)} · {money(row.cpc, currency)}"
        hover.append(_literal(f"{text} · {say(row.reasons[0])}") if row.out else text)
    words = ControlWords(hover, SIGNS.get(currency, ""), date_ticks(frame["day"].min(), frame["day"].max()))
    return control_chart(frame, channel_colours(cache.channels()).get(channel, "#8A8F98"), words)


def _table(found: Funnel, order: list[str]) -> None:
    names, labels = field_names(), cache.labels()
    rows = [
        {
            t("Channel"): labels.get(r.channel, r.channel),
            t("Step"): f"{names[r.from_stage]} → {names[r.to_stage]}",
            t("People"): f"{count(r.from_count)} → {count(r.to_count)}",
            t("This channel"): _rate(r.rate),
            t("Likely range"): f"{_rate(r.low)} – {_rate(r.high)}",
            t("Others"): _rate(r.others),
            t("Seen so far"): percent(r.visible),
            " ": t("surely worse") if r.worst else "",
        }
        for channel in order
        for r in found.steps[found.steps["channel"] == channel].itertuples()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="all_steps", alt=t("All steps as a table"))
