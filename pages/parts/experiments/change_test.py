"""Changing or ending a test: allowed before it starts, kept to the plan afterwards, always with a reason."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.experiments.abtest import Reading
from channelopt.experiments.design import TestPlan
from channelopt.experiments.record import Recorded
from pages.parts import cache, state
from pages.parts.experiments.tests import metric_names
from pages.parts.language import t
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done


def change_test(one: Recorded) -> None:
    """The box under a running test."""
    if one.state != "running":
        return
    refused: ChannelOptError | None = None
    early = one.reading.next_look is not None and one.reading.outcome == "keep_running"
    box = f"change_box_{one.number}"  # keeps it open when the notice above it goes
    with st.expander(t("Change or end this test"), icon=":material/edit_note:", key=box):
        wanted = _metric(one)
        with st.container():  # always there: words typed below are lost when their field moves
            if early and wanted is None:
                st.markdown(
                    t(
                        "It is undecided. Ending now means no verdict: what is ahead today is ahead by luck"
                        " as easily as by merit."
                    )
                )
        why = st.text_input(t("Why"), key=f"why_{one.number}", max_chars=120)
        label = t("End it") if wanted is None else t("Change it")
        if st.button(label, key=f"end_{one.number}"):
            try:
                _change(one, wanted, why)
            except ChannelOptError as error:
                refused = error
            else:
                done(
                    t("Ended. The plan and its reading stay in the log.")
                    if wanted is None
                    else t("Changed. Both versions stay in the log.")
                )
    if refused:  # outside: the box folds up when the page is drawn afresh
        show_refusal(refused)


def _metric(one: Recorded) -> str | None:
    """The other metric that is asked for; None to end the test."""
    if not isinstance(one.plan, TestPlan) or not isinstance(one.reading, Reading):
        return None
    names = metric_names()
    others = [m for m in ("cpl", "cvr", "cpc", "ctr") if m != one.metric]
    what = {"": t("end it"), **{m: f"{t('judge it by')} {names[m]}" for m in others}}
    chosen = st.selectbox(
        t("What to do"), list(what), format_func=lambda k: what[k], key=f"change_{one.number}"
    )
    return chosen or None


def _change(one: Recorded, metric: str | None, why: str) -> None:
    ledger = cache.ledger()
    if metric is None:
        ledger.change_experiment(one.number, by=state.USER, why=why, state="ended")
        return
    history = ledger.experiments().set_index("experiment_id")
    settings = {**history.loc[one.number, "settings"], "metric": metric}
    ledger.change_experiment(one.number, by=state.USER, why=why, settings=settings, today=dt.date.today())
