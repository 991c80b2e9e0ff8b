"""What all channels brought together, where a file states it: beside the channels' own, or in their place."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from channelopt.charts import RangeWords, roi_ranges
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.overall import likely_returns
from channelopt.response import ResponseCurves
from pages.parts import cache
from pages.parts.chart import show_chart
from pages.parts.figures import roi_figure
from pages.parts.focus.focus_views import curves
from pages.parts.labels import VERDICTS
from pages.parts.language import language, multiple, roi, t
from pages.parts.widgets import finding_lines, page_path

#: What stands in the way of overall results, as the ledger says it.
_OPEN = ("ledger.overall_disagree", "ledger.overall_apart")


def claims_note() -> None:
    """What is open about the overall results, and that channels claim more than there was, if they do."""
    waiting = [f for f in cache.diagnosis().findings if f.code in _OPEN]
    if waiting:
        finding_lines(waiting)
        st.page_link(
            page_path("upload"), label=t("Go to Upload"), icon=":material/upload_file:"
        )
    found = cache.business()
    if found is not None and found.finding.severity == "warning":
        finding_lines([found.finding])


def business_note() -> None:
    """Why no channel has a verdict where only overall results are known, or what channels claim too much."""
    claims_note()
    found = cache.business()
    if found is None or not found.only:
        return
    finding_lines([found.finding])
    st.page_link(
        page_path("scenarios"),
        label=t("Scenarios: what the best split of your money would bring"),
        icon=":material/arrow_forward:",
    )


def returns_box(diagnosis: Diagnosis) -> None:
    """ROI per channel: as credited, or as learned where only all channels' results are known."""
    found = cache.business()
    known = curves() if found is not None and found.only else None
    if known is None or diagnosis.verdicts["roi"].notna().any():
        roi_figure(diagnosis)
        return
    figure = cache.made(("likely_returns", language()), lambda: _returns(known, diagnosis))
    show_chart(figure, key="likely_returns", alt=t("What 1 spent brings back, likely range"))
    st.caption(
        t(
            "Learned from how the revenue of all channels followed the spend of each, at today's spend;"
            " bar: {p:percent} likely range. Not a verdict.",
            p=diagnosis.policy.interval,
        )
    )


def _returns(known: ResponseCurves, diagnosis: Diagnosis) -> go.Figure:
    policy = diagnosis.policy
    table = likely_returns(known, policy.interval).assign(verdict="unknown", roi_as_seen=float("nan"))
    words = RangeWords(
        floor=t("your bar") + f" 1:{multiple(policy.roi_floor)}",
        break_even=t("break-even"),
        seen="",
        numbers={row.channel: roi(row.roi) for row in table.itertuples()},
    )
    looks = {key: (look.colour, look.symbol) for key, look in VERDICTS.items()}
    return roi_ranges(table, cache.labels(), looks, words, policy.roi_floor, policy.break_even)
