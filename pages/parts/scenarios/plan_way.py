"""The way to a plan: steps week by week with the figures to stop at, and the media plan as a file."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from channelopt.plan.asked import Answer
from channelopt.plan.goods import MONEY
from channelopt.plan.ladder import ladder
from channelopt.report.mediaplan import media_plan, weekly_plan
from channelopt.report.tables import to_csv, to_xlsx
from pages.parts import cache
from pages.parts.escape import literal
from pages.parts.language import current_currency, day, language, money, roi, t
from pages.parts.later import later
from pages.parts.say import say
from pages.parts.scenarios.plan_words import cash
from pages.parts.scenarios.planning import history


def _steps(answer: Answer) -> pd.DataFrame:
    step = answer.ask.step
    limit = step if step and 0 < step < 1 else 0.2
    found: pd.DataFrame = cache.worked(("ladder", answer.ask), lambda: ladder(answer.plan, None, limit))
    return found


def way(answer: Answer) -> None:
    """Steps week by week, folded; the sentence says how many."""
    steps = _steps(answer)
    weeks = int(steps["week"].max())
    heading = t("Week by week: {n:count} {n:plural:step|steps}, when to stop, when to go back", n=weeks)
    with st.expander(heading, icon=":material/stairs:", key="way_box"):
        st.markdown(
            t(
                "Raise in steps. If a raised channel falls to the first figure over seven days, stop raising:"
                " the curve was too hopeful. If it falls to the second, the extra money brought nothing: go"
                " back one step."
            )
        )
        if 7 * weeks > answer.plan.days:
            st.markdown(
                t(
                    "The steps need {n:count} weeks, longer than the {days:count} days of the plan: by its"
                    " last day a part of the gain is still to come.",
                    n=weeks,
                    days=answer.plan.days,
                )
            )
        frame = cache.worked(("ladder_table", answer.ask, language()), lambda: _table(answer, steps))
        st.dataframe(frame, hide_index=True, key="ladder", alt=t("Steps week by week"), height=320)


def _table(answer: Answer, steps: pd.DataFrame) -> pd.DataFrame:
    currency, labels = current_currency(), cache.labels()
    start = history(answer.plan.objective).first_coming
    as_money = answer.plan.objective in MONEY

    def write(row: Any, which: str) -> str:
        value = getattr(row, f"{which}_{'roi' if as_money else 'cost'}")
        if value != value:
            return ""
        return roi(value) if as_money else money(value, currency)

    stop, back = (t("Stop below ROI"), t("Go back below ROI")) if as_money else (
        t("Stop above a price of"), t("Go back above a price of"))  # fmt: skip
    return pd.DataFrame(
        [
            {
                t("Week"): f"{row.week} · {day(start + dt.timedelta(days=7 * (row.week - 1)), year=False)}",
                t("Channel"): labels.get(row.channel, row.channel),
                t("Money a day"): cash(row.spend),
                stop: write(row, "stop"),
                back: write(row, "back"),
            }
            for row in steps.itertuples()
        ]
    )


def exports(answer: Answer) -> None:
    """The media plan as CSV and Excel."""
    with st.container(horizontal=True):
        st.download_button(
            t("Media plan as Excel"),
            later(lambda: to_xlsx(_sheets(answer))),
            file_name="channelopt-media-plan.xlsx",
            icon=":material/download:",
            on_click="ignore",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
        st.download_button(
            t("Media plan as CSV"),
            later(lambda: to_csv(_sheets(answer)["weeks"])),
            file_name="channelopt-media-plan.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def _sheets(answer: Answer) -> dict[str, pd.DataFrame]:
    """The plan, its weeks, and what it rests on, as plain tables."""
    plan, labels = answer.plan, cache.labels()
    start = history(plan.objective).first_coming
    why = [literal(say(reason)) for reason in plan.receipts["reason"]]
    table = media_plan(plan, start, labels).assign(why=why)
    way = t(
        "“plan” is the spend once all weekly steps are done; “weeks” is what to book until then, and spends"
        " its way there."
    )
    notes = [way, *(literal(say(f)) for f in plan.findings)]
    return {
        "plan": table,
        "weeks": weekly_plan(_steps(answer), plan.days, start, labels),
        "notes": pd.DataFrame({"note": notes}),
    }
