"""What plans rest on: how past forecasts fared, each channel's curve, and the best use of any budget."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from channelopt.plan.backtest import Backtest
from channelopt.plan.frontier import Frontier, frontier
from channelopt.plan.points import curve_points, marks
from pages.parts import cache
from pages.parts.chart import show_chart
from pages.parts.language import language, percent, t
from pages.parts.say import outcome_word
from pages.parts.scenarios.plan_figures import curves_figure, frontier_figure
from pages.parts.scenarios.plan_view import remembered
from pages.parts.scenarios.planning import curves, history, look_at, tried
from pages.parts.widgets import finding_lines, title

#: Panels drawn at once.
PANELS = 12


def curves_view(head: Any) -> None:
    """Proof first, then the curves, then the frontier."""
    answer = remembered()
    objective = answer.plan.objective
    past = tried(objective)
    with head:
        title(_title(past))
    proof, doubts = st.columns(2, gap="medium")
    with proof.container(border=True, height="stretch"):
        _proof(past)
    with doubts.container(border=True, height="stretch"):
        st.markdown("**" + t("How far to trust these curves") + "**")
        finding_lines((*past.findings, *history(objective).findings, *curves(objective).findings), limit=8)
        st.caption(
            t(
                "Each time the curves were learned on the days before only, and asked for the days that"
                " followed, at the spend that really happened."
            )
        )
    st.subheader(t("What more or less money brings, by channel"), anchor=False)
    _curves(answer)
    st.subheader(t("What the best use of a budget brings"), anchor=False)
    _frontier(answer)


def _title(past: Backtest) -> str:
    n, covered = int(past.table["n"].sum()), int(past.table["covered"].sum())
    if not n:
        return t("These curves could not be tried on your past yet.")
    return t(
        "Tried on your past: {covered:count} of {n:count} forecasts held what came", covered=covered, n=n
    )


def _proof(past: Backtest) -> None:
    """Coverage by horizon, as a table."""
    st.markdown("**" + t("Forecasts of your own past") + "**")
    rows = [
        {
            t("Days ahead"): str(row.horizon),
            t("Forecasts"): str(row.n),
            t("Held what came"): f"{row.covered} · {percent(row.coverage)}"
            if row.n
            else t("too little past"),
            t("Usual error"): percent(row.error) if row.n else "",
        }
        for row in past.table.itertuples()
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="proof", alt=t("Forecasts of your own past"))
    st.caption(
        t("Promised: {share:percent} of the ranges hold what comes.", share=cache.ledger().policy.interval)
    )


def _curves(answer: Any) -> None:
    plan = answer.plan
    what = look_at(plan.objective, plan.days).goods
    order = [str(c) for c in plan.spend.sort_values(ascending=False).index]
    if len(order) > PANELS:
        places = [f"{at + 1}–{min(at + PANELS, len(order))}" for at in range(0, len(order), PANELS)]
        chosen = st.segmented_control(
            t("Channels by money"), places, default=places[0], required=True, key="curve_part"
        )
        start = places.index(str(chosen)) * PANELS
        order = order[start : start + PANELS]
    key = ("curve_panels", answer.ask, tuple(order), language())
    figure = cache.worked(
        key,
        lambda: curves_figure(
            curve_points(what, plan.spend, plan.policy), marks(what, plan), plan.objective, order
        ),
    )
    show_chart(
        figure, key="curve_panels", alt=t("What more or less money brings, by channel")
    )
    st.caption(
        t(
            "{outcome} a day against money a day. Shaded: what was ever spent; outside it the curve is a"
            " guess. Band: likely range. ● today · ◆ proposed.",
            outcome=outcome_word(plan.objective).capitalize(),
        )
    )


def _frontier(answer: Any) -> None:
    plan = answer.plan

    def work() -> Frontier:
        with st.spinner(t("Planning a range of budgets …")):
            return frontier(curves(plan.objective), None, plan.days, None, plan.objective, plan.policy)

    found: Frontier = cache.worked(("frontier", plan.objective, plan.days), work)
    figure = cache.worked(
        ("frontier_figure", plan.objective, plan.days, language()),
        lambda: frontier_figure(found, plan.objective),
    )
    show_chart(figure, key="frontier", alt=t("What the best use of a budget brings"))
    finding_lines(found.findings)
    st.caption(
        t(
            "Each point is the best split of that budget, without your limits."
            " Grey: the last unit misses your bar."
        )
    )
