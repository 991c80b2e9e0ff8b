"""The costs view: what full cost consists of, and what it does to each channel's return."""

from __future__ import annotations

import streamlit as st

from channelopt.charts.costs import cost_parts
from channelopt.plan.costs import CostStory, cost_story
from channelopt.plan.diagnosis import Diagnosis
from pages.parts import cache
from pages.parts.chart import show_chart
from pages.parts.language import language, multiple, t
from pages.parts.trace import trace_any
from pages.parts.widgets import finding_lines, page_path


def costs_view(diagnosis: Diagnosis) -> None:
    """The finding, one chart, the verdicts that change, and where to add costs."""
    story: CostStory = cache.made(
        ("costs",), lambda: cost_story(cache.ledger(), cache.ledger().cost_structure(), diagnosis)
    )
    st.subheader(_heading(story), anchor=False)
    figure = cache.made(("cost_figure", language()), lambda: _figure(story, diagnosis))
    show_chart(figure, key="cost_parts", alt=t("What full cost consists of"))
    st.caption(
        t(
            "Explicit: fees somebody bills. Hidden: tools and reserves shared by all channels."
            " Opportunity: what the money would have earned elsewhere."
            " Returns include the customers still to come."
        )
    )
    finding_lines(story.findings)
    trace_any(diagnosis, "costs")
    st.page_link(
        page_path("settings"), label=t("Add or change costs in Settings"), icon=":material/arrow_forward:"
    )


def _heading(story: CostStory) -> str:
    if not story.media_share < 1:
        return t("Every cost is media: no fees, tools or reserves are known yet.")
    changed = story.table[story.table["verdict"] != story.table["media_verdict"]]
    if len(changed):
        row = changed.iloc[0]
        return t(
            "{share:percent} of your cost is media;"
            " {channel} falls from 1:{roas:multiple} to 1:{roi:multiple}.",
            share=story.media_share,
            channel=cache.labels().get(row["channel"], row["channel"]),
            roas=row["roas"],
            roi=row["roi"],
        )
    return t("{share:percent} of your cost is media; full cost changes no verdict.", share=story.media_share)


def _figure(story: CostStory, diagnosis: Diagnosis) -> object:
    words = {
        "explicit": t("Explicit costs"),
        "hidden": t("Hidden costs"),
        "opportunity": t("Opportunity costs"),
        "roas": t("Return on media"),
        "roi": t("Return on full cost"),
        "parts": t("Beside the media spend, share of full cost"),
        "returns": t("What 1 brings back; line: your bar") + f" 1:{multiple(diagnosis.policy.roi_floor)}",
    }
    return cost_parts(story.table, cache.labels(), words, diagnosis.policy.roi_floor)
