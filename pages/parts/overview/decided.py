"""Decisions and how they fared: what was said, what is known now, and the tool's own chances."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.track import Track, track
from pages.parts import cache
from pages.parts.language import day, multiple, percent, t
from pages.parts.say import say
from pages.parts.widgets import ICONS


def decisions_box(diagnosis: Diagnosis) -> None:
    """A folded box with every decision; nothing while none was taken."""
    rows = cache.made(("decisions",), cache.ledger().decisions)
    if rows.empty:
        return
    last = diagnosis.day_last or dt.date.today()
    found: Track = cache.made(
        ("track", last.isoformat()), lambda: track(rows, diagnosis, cache.daily("day", "channel"), last)
    )
    with st.expander(
        t("Decisions and how they fared ({n:count})", n=len(rows)), icon=":material/history_edu:"
    ):
        for finding in found.findings:
            st.markdown(f"{ICONS[finding.severity]} {say(finding)}")
        st.dataframe(_table(found, rows), hide_index=True, width="stretch")
        _calibration(found)


def _table(found: Track, rows: pd.DataFrame) -> pd.DataFrame:
    kinds = {
        "verdict": t("Verdict"), "plan": t("Budget"), "focus": t("Focus"), "ship": t("Roll out"),
        "launch": t("Launch"), "tiers": t("Leads by intent"), "stage": t("Stage"),
    }  # fmt: skip
    answers = {"accepted": t("accepted"), "changed": t("changed"), "refused": t("refused")}
    results = {
        "right": t("right"), "wrong": t("wrong"), "cannot_tell": t("cannot be told yet"),
        "too_early": t("too early"), "not_followed": t("not carried out"), "not_scored": t("not scored"),
    }  # fmt: skip
    labels = cache.labels()
    why = rows.set_index("decision_id")["why"]
    lines = [
        (
            day(r.decided_at), kinds.get(r.kind, r.kind), labels.get(r.subject, r.subject),
            answers[r.answer], multiple(r.predicted), percent(r.chance), multiple(r.now),
            percent(r.now_chance), results[r.result], str(why.get(r.decision_id, "")),
        )
        for r in found.table.iloc[::-1].itertuples()
    ]  # fmt: skip
    names = [
        t("Decided on"), t("Kind"), t("About"), t("Answer"), t("Said then"), t("Chance said"), t("Known now"),
        t("Chance now"), t("Result"), t("Reason"),
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=names)


def _calibration(found: Track) -> None:
    """The tool's own probabilities over time."""
    for row in found.calibration.itertuples():
        st.caption(
            t(
                "Said with a chance of {said:percent} on average: {came:percent} by what is known now"
                " ({n:count} {n:plural:verdict|verdicts}).",
                said=row.said,
                came=row.came,
                n=row.n,
            )
        )
