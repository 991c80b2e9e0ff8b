"""What a test by region or by weeks in turn says: what was against what would have been."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from channelopt.charts.experiment import BesideWords, ForestWords, beside_chart, forest_chart
from channelopt.experiments.record import Recorded
from channelopt.experiments.regions import RegionReading
from channelopt.experiments.regions_design import RegionPlan
from channelopt.experiments.switchback import SwitchbackReading
from channelopt.experiments.switchback_design import SwitchbackPlan
from pages.parts import cache
from pages.parts.chart import show_chart
from pages.parts.escape import md
from pages.parts.experiments.tests import metric_names
from pages.parts.language import count, current_currency, day, language, listed, money, signed, t
from pages.parts.say import metric_word

#: Days shown before the start.
BEFORE = 42


def region_body(one: Recorded) -> None:
    """The chart of a geo test and its figures; locked until the planned end."""
    reading = one.reading
    assert isinstance(reading, RegionReading)
    name = metric_names().get(one.metric, one.metric)
    if reading.path.empty:
        st.info(t("Locked until the look on {when}.", when=day(one.next_look_on)), icon=":material/lock:")
        return
    path = reading.path[reading.path["day_no"] > -BEFORE]
    st.markdown(t("**{metric} of the regions with the change**", metric=name))
    figure = cache.made(
        ("beside", one.number, language()), lambda: beside_chart(path, pd.Timestamp(one.start), _words(path))
    )
    show_chart(figure, key=f"beside_{one.number}")
    _regions(one)
    if not reading.judged or reading.status != "ok":
        return
    row = reading.table.iloc[0]
    st.markdown(
        t(
            "{metric}: {extra} more than without the change (likely {low} to {high}), {effect}.",
            metric=name, extra=count(row["effect_size"]), low=count(row["ci_low"]),
            high=count(row["ci_high"]), effect=signed(row["rel_effect_size"]),
        )
    )  # fmt: skip
    currency = current_currency()
    if one.metric != "revenue" and row["cost_per_unit"] == row["cost_per_unit"]:
        st.markdown(
            t(
                "Extra spend per one more: {value} ({low} to {high}).",
                value=money(row["cost_per_unit"], currency), low=money(row["cost_low"], currency),
                high=money(row["cost_high"], currency),
            )
        )  # fmt: skip
    elif row["per_spend"] == row["per_spend"]:
        st.markdown(
            t(
                "Per 1 of extra spend: {value:number} ({low:number} to {high:number}).",
                value=row["per_spend"], low=row["per_spend_low"], high=row["per_spend_high"],
            )
        )  # fmt: skip
    if row["gain_per_month"] == row["gain_per_month"]:
        st.markdown(
            t(
                "Done in all regions: {gain} a month (likely {low} to {high}).",
                gain=money(row["gain_per_month"], currency, compact=True),
                low=money(row["gain_low"], currency, compact=True),
                high=money(row["gain_high"], currency, compact=True),
            )
        )


def _words(path: pd.DataFrame) -> BesideWords:
    return BesideWords(
        hover=[
            t("{when}: {seen:count} instead of {without:count}", when=day(r.day), seen=r.observed,
              without=r.counterfactual)
            for r in path.itertuples()
        ],
        start=t("start"),
        seen=t("what was"),
        without=t("without the change"),
    )  # fmt: skip


def _regions(one: Recorded) -> None:
    """Which regions got the change."""
    plan = one.plan
    if isinstance(plan, RegionPlan):
        with st.expander(t("Regions with the change ({n:count})", n=len(plan.treated))):
            st.markdown(listed(md(name) for name in plan.treated))


def weeks_body(one: Recorded) -> None:
    """Every pair of turns, old way and new way; locked until the planned end."""
    reading, plan = one.reading, one.plan
    assert isinstance(reading, SwitchbackReading) and isinstance(plan, SwitchbackPlan)
    calendar = plan.calendar(pd.Timestamp(one.start))
    today = calendar[calendar["last_day"] >= pd.Timestamp.now().normalize()].head(4)
    if reading.next_look:
        st.info(t("Locked until the look on {when}.", when=day(one.next_look_on)), icon=":material/lock:")
        st.markdown(t("**What runs when**"))
        for row in today.itertuples():
            st.markdown(
                t("{first} to {last}: {name}", first=day(row.first_day), last=day(row.last_day),
                  name=md(row.variant))
            )  # fmt: skip
        return
    shown = one.shown
    if shown.empty:
        return
    row = shown.iloc[0]
    st.markdown(
        t("**{metric} of {name} against {control}**", metric=metric_word(one.metric),
          name=md(plan.variants[1]), control=md(plan.variants[0]))
    )  # fmt: skip
    hover = [
        t("{effect} ({low} to {high})", effect=signed(row["rel_effect_size"]),
          low=signed(row["rel_ci_low"]), high=signed(row["rel_ci_high"]))
    ]  # fmt: skip
    good = {"winner": True, "loser": False}.get(reading.outcome)
    words = ForestWords(hover, t("no effect"), [t("all {n:count} pairs", n=int(row["pairs"]))])
    show_chart(forest_chart(shown, words, [good]), key=f"weeks_{one.number}")
    st.markdown(hover[0])
