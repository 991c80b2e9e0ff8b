"""The paths view: which channels meet the same people, who gets the credit, and what that changes."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from channelopt.charts.models import ModelWords, credit_shares, path_lengths, returns_by_model
from channelopt.errors import Finding
from channelopt.plan.attributed import PathStory, path_story
from channelopt.plan.diagnosis import Diagnosis
from pages.parts import cache
from pages.parts.chart import show_chart
from pages.parts.labels import model_names, verdict_word
from pages.parts.language import count, language, percent, roi, t
from pages.parts.trace import trace_any
from pages.parts.widgets import finding_lines, page_path

LONGEST = 12


def stories(diagnosis: Diagnosis) -> PathStory | None:
    """What the conversion paths of the workspace say; None without a touch log. Shared: never change it."""
    found: PathStory | None = cache.made(("paths",), lambda: path_story(cache.ledger(), diagnosis))
    return found


def by_credit(diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """Verdicts that turn around with the attribution model."""
    story = stories(diagnosis)
    return () if story is None else tuple(f for f in story.findings if f.severity == "warning")


def paths_view(diagnosis: Diagnosis) -> None:
    """The finding, returns under every model, the shares of credit, and the paths themselves."""
    story = stories(diagnosis)
    if story is None:
        _nothing_yet()
        return
    st.subheader(_sentence(story), anchor=False)
    finding_lines(story.findings)
    _returns(story, diagnosis)
    _shares(story)
    _journeys(story)
    with st.expander(t("How each model shares a lead")):
        st.markdown("\n".join(f"- **{name}**: {what}" for name, what in _models()))
    trace_any(diagnosis, "paths")
    st.page_link(
        page_path("settings"), label=t("Choose the model in force in Settings"), icon=":material/settings:"
    )


def _nothing_yet() -> None:
    st.subheader(t("No touch log yet: each lead counts for the channel in your lead list."), anchor=False)
    st.markdown(
        t(
            "Drop in an export of visits with a visitor or customer ID, the time and the channel of each"
            " visit, and what they did (visit, lead, order). Then you see which channels open and which"
            " close, and whether a verdict depends on who gets the credit."
        )
    )
    st.page_link(page_path("upload"), label=t("Add files"), icon=":material/upload_file:")


def _sentence(story: PathStory) -> str:
    labels, several = cache.labels(), story.attribution.multi_share
    if story.flips:
        return t(
            "{share:percent} of conversions met several channels, and the verdict on {channel} depends on"
            " who gets the credit.",
            share=several,
            channel=labels.get(story.flips[0], story.flips[0]),
        )
    if not story.attribution.conversions:
        return t("Nobody in the touch log has converted yet.")
    return t(
        "{share:percent} of conversions met several channels; no verdict turns around with the model.",
        share=several,
    )


def _words() -> ModelWords:
    return ModelWords(model_names(), t("In force"), t("Other models (◁ first touch, ▷ last touch)"))


def _models() -> list[tuple[str, str]]:
    """Each model's name and rule."""
    rules = {
        "recorded": t("all of it to the channel in your lead list."),
        "first": t("all of it to the first visit of the path."),
        "last": t("all of it to the last visit of the path."),
        "linear": t("the same part to every visit."),
        "time_decay": t("half as much for every 7 days before the lead."),
        "position": t("40% to the first visit, 40% to the last, 20% shared by those between."),
        "markov": t("by how many leads would be lost if nobody could pass through the channel."),
        "shapley": t("the same part to every channel of the path, however often it was visited."),
    }
    return [(name, rules[key]) for key, name in model_names().items()]


def _returns(story: PathStory, diagnosis: Diagnosis) -> None:
    policy = diagnosis.policy

    def make() -> object:
        return returns_by_model(
            story.table, cache.labels(), _words(), policy.attribution, policy.roi_floor, story.flips
        )

    show_chart(
        cache.made(("returns_by_model", language()), make),
        key="returns_by_model",
        alt=t("Return per channel under every attribution model"),
    )
    st.caption(
        t(
            "What 1 brings back under each way to share the credit; line: your bar, pale: {p:percent} likely"
            " range. Outcomes move along the paths of the touch log; spend stays where it was. No model shows"
            " what would have happened without a channel: only a test does.",
            p=policy.interval,
        )
    )
    if story.wavering:
        labels = cache.labels()
        names = t(", ").join(labels.get(c, c) for c in story.wavering)
        st.caption(t("Less sure under some models: {names}.", names=names))
    with st.expander(t("Verdicts under each model")):
        st.dataframe(
            cache.made(("verdicts_by_model", language()), lambda: _verdicts(story)),
            hide_index=True,
            key="verdicts_by_model",
            alt=t("Verdicts under each model"),
        )


def _verdicts(story: PathStory) -> pd.DataFrame:
    names, labels = model_names(), cache.labels()
    rows: dict[str, dict[str, str]] = {}
    for row in story.table.itertuples():
        mine = rows.setdefault(
            str(row.channel), {t("Channel"): labels.get(str(row.channel), str(row.channel))}
        )
        mine[names[str(row.model)]] = f"{verdict_word(str(row.verdict))} {roi(float(row.roi))}"
    return pd.DataFrame(list(rows.values()))


def _shares(story: PathStory) -> None:
    found = story.attribution
    if not found.conversions:
        return
    st.markdown(f"**{t('Who gets the credit')}**")
    show_chart(
        cache.made(
            ("credit_shares", language()), lambda: credit_shares(found.credits, cache.labels(), _words())
        ),
        key="credit_shares",
        alt=t("Who gets the credit"),
    )
    said = t(
        "Share of {n:count} conversions; hold the pointer on a cell for its {p:percent} range.",
        n=found.conversions,
        p=found.level,
    )
    if story.unpaid > 0:
        said += " " + t("{share:percent} belongs to channels nobody pays for.", share=story.unpaid)
    st.caption(said)


def _journeys(story: PathStory) -> None:
    found = story.attribution
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**{t('Touches before a conversion')}**")
        words = {
            "touches": t("Touches"),
            "conversions": t("conversions"),
            "more": t("{n:count} or more", n=LONGEST),
        }
        show_chart(
            cache.made(("path_lengths", language()), lambda: path_lengths(found.lengths, words, LONGEST)),
            key="path_lengths",
            alt=t("Touches before a conversion"),
        )
    with right:
        st.markdown(f"**{t('Who opens, who helps, who closes')}**")
        st.dataframe(
            cache.made(("assists", language()), lambda: _assists(story)),
            hide_index=True,
            key="assists",
            alt=t("Who opens, who helps, who closes"),
        )
    with st.expander(t("The most frequent paths")):
        st.dataframe(
            cache.made(("top_paths", language()), lambda: _top(story)),
            hide_index=True,
            key="top_paths",
            alt=t("The most frequent paths"),
        )


def _assists(story: PathStory) -> pd.DataFrame:
    labels = cache.labels()
    rows = story.attribution.assists.sort_values("conversions", ascending=False)
    return pd.DataFrame(
        {
            t("Channel"): [labels.get(c, c) for c in rows["channel"]],
            t("Opened"): [count(n) for n in rows["opened"]],
            t("Helped"): [count(n) for n in rows["assisted"]],
            t("Closed"): [count(n) for n in rows["closed"]],
        }
    )


def _top(story: PathStory) -> pd.DataFrame:
    labels, top = cache.labels(), story.attribution.top
    return pd.DataFrame(
        {
            t("Path"): [" → ".join(labels.get(c, c) for c in path) for path in top["path"]],
            t("People"): [count(n) for n in top["persons"]],
            t("Conversions"): [count(n) for n in top["conversions"]],
            t("Conversion rate"): [
                f"{percent(r.rate, 1)} ({percent(r.rate_low, 1)} – {percent(r.rate_high, 1)})"
                for r in top.itertuples()
            ],
        }
    )
