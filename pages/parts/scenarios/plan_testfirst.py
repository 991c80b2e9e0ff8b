"""When the data cannot tell: which spend to vary in which week, what it costs, what it teaches."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from channelopt.plan.asked import Answer
from channelopt.plan.variation import Variation
from pages.parts import cache, state
from pages.parts.language import t
from pages.parts.say import outcome_word, say
from pages.parts.scenarios.plan_words import amount, cash
from pages.parts.widgets import finding_lines, page_path


def test_first(answer: Answer, variation: Variation) -> None:
    """The test to run before money is moved."""
    objective, labels = answer.plan.objective, cache.labels()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(t("TEST FIRST"), icon=":material/science:", color="gray")
        st.markdown("**" + t("Why did it not move?") + "**")
    st.markdown(
        t(
            "Another split looks better, but the gain is not sure enough ({sure:percent} wanted). Vary the"
            " spend of {n:count} {n:plural:channel|channels} by {share:percent} up and down, week by week,"
            " for {weeks:count} weeks.",
            sure=answer.plan.policy.confidence,
            n=len(variation.table),
            share=variation.share,
            weeks=variation.days // 7,
        )
    )
    for finding in answer.plan.findings:
        if finding.code == "plan.hardly_moved":
            st.caption(say(finding))
    cost = max(variation.cost, 0.0)
    st.markdown(
        t(
            "**It costs** about {cost} {outcome} in all. **It teaches** what the next unit of money brings:",
            cost=amount(objective, cost),
            outcome=outcome_word(objective),
        )
    )
    for row in variation.table.itertuples():
        doubt = 1 - row.sd_after / row.sd_before if row.sd_before > 0 else 0.0
        st.markdown(
            "- "
            + t(
                "**{name}**: {low} to {high} a day in turn; the doubt shrinks by {doubt:percent}.",
                name=labels.get(row.channel, row.channel),
                low=cash(row.low),
                high=cash(row.high),
                doubt=max(doubt, 0.0),
            )
        )
    finding_lines(variation.findings)
    with st.expander(t("What to set in which week"), icon=":material/calendar_month:"):
        st.dataframe(
            _calendar(variation),
            hide_index=True,
            key="variation",
            alt=t("What to set in which week"),
        )
    st.page_link(
        page_path("experiments"), label=t("Or test one channel on its own"), icon=":material/arrow_forward:",
        query_params=state.for_address(tests_view="plan"),
    )  # fmt: skip


def _calendar(variation: Variation) -> pd.DataFrame:
    labels = cache.labels()
    wide = variation.schedule.pivot(index="week", columns="channel", values="spend")
    order = [c for c in variation.table["channel"] if c in wide.columns]
    shown: dict[str, list[str]] = {t("Week"): [str(w) for w in wide.index]}
    for channel in order:
        shown[labels.get(channel, channel)] = [cash(x) for x in wide[channel]]
    return pd.DataFrame(shown)
