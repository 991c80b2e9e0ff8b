"""The log of all tests, with what each promised and said, and the A/A replay on the user's own days."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from channelopt.experiments.design import TestPlan
from channelopt.experiments.record import Recorded
from channelopt.experiments.replay import Replayed, own_replays
from channelopt.experiments.several import shrink
from channelopt.report.tables import to_csv
from pages.parts import cache
from pages.parts.experiments.readings import remains
from pages.parts.experiments.tests import kind_names, metric_names, outcome_of, outcome_words, tests
from pages.parts.labels import by_whom
from pages.parts.language import count, day, percent, signed, t


def tests_log() -> None:
    """Every test ever planned, then how often this page would fool the user on days without any effect."""
    _table()
    _replays()


def _table() -> None:
    found = tests()
    if not found:
        st.caption(t("No test yet."))
        return
    kinds, metrics, words = kind_names(), metric_names(), outcome_words()
    effects = [one.effect for one in found]
    nothing = float("nan")
    sizes = [  # what was refused has no effect
        nothing if one.reading.outcome == "data_problem" else float(e.get("rel_effect_size", nothing))
        for one, e in zip(found, effects, strict=True)
    ]
    errors = [float(e.get("rel_se", nothing)) for e in effects]
    shrunk = _kept(found, sizes, errors)
    names = [
        t("Test"), t("What is changed"), t("Judged by"), t("First day"), t("Length, days"), t("Outcome"),
        t("Effect"), t("Without luck"), t("Planned by"), t("Planned on"), t("Last reason"),
    ]  # fmt: skip
    rows = [
        (
            one.name, kinds.get(one.kind, one.kind), metrics.get(one.metric, one.metric), day(one.start),
            one.days, words[outcome_of(one)][0], _effect(size), _effect(small), by_whom(one.by),
            day(one.planned_at), one.why,
        )
        for one, size, small in zip(found, sizes, shrunk, strict=True)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    tried = sum(len(one.variants) - 1 for one in found)
    winners = sum(one.reading.outcome == "winner" for one in found)
    st.markdown(
        t(
            "{n:count} tests, {tried:count} new things tried, {won:count} winners. By chance alone these"
            " tests would name at most {false:number} false winners.",
            n=len(found),
            tried=tried,
            won=winners,
            false=sum(one.alpha for one in found),
        )
    )
    st.dataframe(frame, hide_index=True, width="stretch")
    st.caption(
        t(
            "Without luck: of many effects measured, the largest are partly luck; this is what remains on"
            " average."
        )
    )
    st.download_button(
        t("Download the log (CSV)"), to_csv(frame), "experiments.csv", "text/csv", icon=":material/download:"
    )


def _kept(found: list[Recorded], sizes: list[float], errors: list[float]) -> list[float]:
    """What remains of every effect: as on the test's card; places and weeks by each other."""
    nothing = float("nan")
    rest = [nothing if isinstance(o.plan, TestPlan) else s for o, s in zip(found, sizes, strict=True)]
    return [
        remains(one, one.effect).effect if isinstance(one.plan, TestPlan) and size == size else float(other)
        for one, size, other in zip(found, sizes, shrink(rest, errors)[0], strict=True)
    ]


def _effect(value: float) -> str:
    return signed(value) if value == value else "–"


def _replays() -> None:
    st.subheader(t("Would this page have fooled you?"), anchor=False)
    st.markdown(
        t(
            "On your own past days nothing was tested. Each channel's two largest campaigns are shuffled day"
            " by day, 1,000 times, so there is no effect, and read as a test of four weeks."
        )
    )
    daily = cache.daily("day", "channel", "campaign")
    found: list[Replayed] = cache.made(("own_replays",), lambda: own_replays(daily))
    if not found:
        st.caption(t("Two weeks of two campaigns of one channel are needed."))
        return
    labels, metrics = cache.labels(), metric_names()
    frame = pd.DataFrame(
        [
            (
                labels.get(one.channel, one.channel), metrics[one.metric], count(one.replay.days),
                percent(one.replay.false_winners, 1),
                f"{percent(one.replay.low, 1)} – {percent(one.replay.high, 1)}",
                percent(one.replay.plain, 1),
            )
            for one in found
        ],
        columns=[
            t("Channel"), t("Judged by"), t("Length, days"), t("False winners here"), t("Likely range"),
            t("With a plain test, looking daily"),
        ],
    )  # fmt: skip
    st.dataframe(frame, hide_index=True, width="stretch")
