"""Saved scenarios: decide with a reason, share by link, and later: did it pay?"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.plan.kept import Kept, score_of
from channelopt.plan.score import Score
from pages.parts import cache, state
from pages.parts.escape import md
from pages.parts.labels import by_whom
from pages.parts.language import current_currency, days, money, percent, roi, t
from pages.parts.say import outcome_word, say
from pages.parts.scenarios.plan_words import amount, cash, saved_title, span, state_names
from pages.parts.scenarios.planning import history, objectives, saved
from pages.parts.trouble import show_refusal
from pages.parts.widgets import ICONS, done, page_path, title


def saved_view(head: Any) -> None:
    """The scenario of the address in full, the others as a list."""
    known = {one.number: one for one in saved()}
    number = state.take_scenario(list(known))
    opened = known.get(number) if number else None
    with head:
        title(saved_title(opened, len(known)))
    if not known:
        st.caption(t("Nothing is saved yet. Save a plan or your own split in the view Plan."))
        return
    if opened is not None:
        with st.container(border=True):
            _card(opened)
        if len(known) > 1:
            st.subheader(t("Other saved scenarios"), anchor=False)
    for one in known.values():
        if one is not opened:
            _line(one)


def _badges(one: Kept) -> None:
    colour: Any = {"draft": "gray", "chosen": "blue", "dropped": "orange"}[one.state]
    icon = {"draft": ":material/edit:", "chosen": ":material/check_circle:", "dropped": ":material/cancel:"}
    st.badge(state_names()[one.state], icon=icon[one.state], color=colour)


def _line(one: Kept) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        _badges(one)
        st.markdown(
            f"**{md(one.name)}** · {md(_dates(one))} · {md(_promise(one))}  \n:small[{_verdict(one)}]"
        )
        st.button(
            t("Open"), key=f"open_{one.number}", icon=":material/open_in_full:", on_click=state.open_scenario,
            args=(one.number,),
        )  # fmt: skip


def _dates(one: Kept) -> str:
    return days(one.evidence.start, one.last_day)


def _promise(one: Kept) -> str:
    objective = one.ask.objective
    return f"{amount(objective, one.promise['outcome'])} {outcome_word(objective)}"


def _score(one: Kept) -> Score | None:
    """None when the workspace no longer has what the scenario counted."""
    objective = one.ask.objective
    if objective not in objectives():
        return None
    found: Score = cache.worked(
        ("score", one.number, one.name), lambda: score_of(one, history(objective), cache.ledger().policy)
    )
    return found


def _verdict(one: Kept) -> str:
    found = _score(one)
    if found is None:
        return t("What it counted is not in your data any more.")
    end = one.evidence.start + dt.timedelta(days=one.evidence.days - 1)
    if found.verdict == "too_early" and end < dt.date.today():
        return t("Its days ended on {day:date}; their reports are not here yet.", day=end)
    return " ".join(say(finding) for finding in found.findings)


def _card(one: Kept) -> None:
    currency, objective = current_currency(), one.ask.objective
    with st.container(horizontal=True, vertical_alignment="center"):
        _badges(one)
        st.markdown(f"**{md(one.name)}** · {md(_dates(one))}")
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown("**" + t("What was promised that day") + "**")
        st.markdown(
            t(
                "{money} over {n:count} days: {outcome} {word} (likely {low} to {high}), ROI {roi}; chance to"
                " beat the spend of then {chance}.",
                money=money(one.promise["budget"], currency, compact=True),
                n=one.scenario.days,
                outcome=amount(objective, one.promise["outcome"]),
                word=outcome_word(objective),
                low=amount(objective, one.promise["outcome_low"]),
                high=amount(objective, one.promise["outcome_high"]),
                roi=roi(one.promise.get("roi", float("nan"))),
                chance=percent(one.promise["chance"]),
            )
        )
        st.dataframe(_spend(one), hide_index=True, key=f"spend_{one.number}", alt=t("Money a day"))
        st.caption(t("Saved {day:date} by {who}.", day=one.made_at, who=by_whom(one.by)))
    with right:
        _outcome(one)
        _decide(one)
        _share(one)


def _spend(one: Kept) -> pd.DataFrame:
    labels, found = cache.labels(), _score(one)
    spent = {} if found is None else dict(zip(found.spend["channel"], found.spend["spent"], strict=True))
    over = found is not None and found.verdict not in ("too_early", "no_data")
    rows = []
    for channel, planned in one.evidence.spend.items():
        row = {
            t("Channel"): labels.get(channel, channel),
            t("Before a day"): cash(one.evidence.today.get(channel, float("nan"))),
            t("Planned a day"): cash(planned),
        }
        if over:
            row[t("Really spent a day")] = cash(spent.get(channel, 0.0) / one.evidence.days)
        rows.append(row)
    return pd.DataFrame(rows)


def _outcome(one: Kept) -> None:
    """Did it pay?"""
    st.markdown("**" + t("Did it pay?") + "**")
    found = _score(one)
    if found is None or found.verdict in ("too_early", "no_data"):
        st.markdown(":material/hourglass_top: " + _verdict(one))
        st.caption(t("Upload the reports of its days; the answer appears here by itself."))
        return
    for finding in found.findings:
        st.markdown(f"{ICONS[finding.severity]} {say(finding)}")
    objective = one.evidence.outcome
    st.caption(
        t(
            "Came: {seen}. Predicted: {expected}. Without the change: {held}.",
            seen=amount(objective, found.seen),
            expected=span(objective, found.expected),
            held=span(objective, found.held),
        )
    )


def _decide(one: Kept) -> None:
    """Choose or drop, with a reason."""
    if one.why:
        st.caption(t("Last decision: {why}", why=one.why))
    why = st.text_input(t("Why"), max_chars=200, key=f"why_{one.number}")
    with st.container(horizontal=True):
        for name, label, icon in (
            ("chosen", t("Choose it"), ":material/check_circle:"),
            ("dropped", t("Drop it"), ":material/cancel:"),
        ):
            if one.state != name and st.button(label, key=f"{name}_{one.number}", icon=icon):
                _change(one, why, name)


def _change(one: Kept, why: str, name: str) -> None:
    if not why.strip():
        st.error(t("Write why first: a decision without its reason cannot be judged later."))
        return
    try:
        cache.ledger().change_scenario(one.number, state.USER, why, state=name)
    except ChannelOptError as error:
        show_refusal(error)
    else:
        state.open_scenario(one.number)
        done(t("Noted, with your reason."))


def _share(one: Kept) -> None:
    st.page_link(
        page_path("scenarios"),
        label=t("Link to this scenario: copy it to share"),
        icon=":material/link:",
        query_params=state.for_address(
            **{state.SCENARIO_VIEW: "saved", state.SCENARIO: str(one.number)},
        ),
    )
    st.button(
        t("Plan on from here"),
        key=f"again_{one.number}",
        icon=":material/edit:",
        on_click=_again,
        args=(one,),
    )


def _again(one: Kept) -> None:
    """Its spend as the own split, on the plan view."""
    known = state.planning()
    known["mix"] = {channel: float(round(money)) for channel, money in one.evidence.spend.items()}
    known["mix_round"] = known.get("mix_round", 0) + 1
    state.set_inputs(
        {
            state.PLAN_OBJECTIVE: one.ask.objective,
            state.PLAN_WEEKS: max(1, min(13, one.scenario.days // 7)),
            state.SCENARIO_VIEW: "plan",
        }
    )
