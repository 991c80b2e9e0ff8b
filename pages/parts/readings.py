"""The tests there are: outcome, reason, interval, money, and when the next look is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from channelopt.charts.experiment import EffectWords, effect_chart
from channelopt.errors import ChannelOptError
from channelopt.experiments.record import Recorded, recorded
from pages.parts import cache, state
from pages.parts.escape import md
from pages.parts.language import current_currency, day, money, percent, t
from pages.parts.say import say
from pages.parts.trouble import show_refusal
from pages.parts.widgets import ICONS, done

CHART = {"displayModeBar": False}


def outcome_words() -> dict[str, tuple[str, str, Any]]:
    """Outcome → word, icon, colour of its badge."""
    return {
        "winner": (t("WINNER"), ":material/trophy:", "blue"),
        "loser": (t("LOSER"), ":material/trending_down:", "orange"),
        "equivalent": (t("NO DIFFERENCE"), ":material/balance:", "gray"),
        "keep_running": (t("KEEP RUNNING"), ":material/hourglass_top:", "gray"),
        "undecided": (t("UNDECIDED"), ":material/question_mark:", "gray"),
        "data_problem": (t("DATA PROBLEM"), ":material/error:", "orange"),
    }


def tests() -> list[Recorded]:
    """Every test of the workspace, read as of today; newest first."""
    found: list[Recorded] = cache.made(
        ("experiments",), lambda: recorded(cache.ledger(), cache.daily("day", "channel", "campaign"))
    )
    return found


def tests_title() -> str:
    """What the tests say, as a sentence."""
    running = [one for one in tests() if one.state == "running"]
    if not running:
        return t("No test is running. Plan one below.")
    names = [md(one.name) for one in running if one.reading.outcome == "winner"]
    if names:
        return t("{name} has a winner.", name=names[0])
    looks = [one for one in running if one.reading.next_look]
    if not looks:
        return t("No test needs a look any more.")
    return t("{name}: the next look is on {when}.", name=md(looks[0].name), when=day(looks[0].next_look_on))


def test_cards() -> None:
    """One card per test."""
    for one in tests():
        with st.container(border=True):
            _card(one)


def _card(one: Recorded) -> None:
    over = one.reading.outcome == "keep_running" and (one.reading.next_look is None or one.state == "ended")
    word, icon, colour = outcome_words()["undecided" if over else one.reading.outcome]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(word, icon=icon, color=colour)
        st.markdown(f"**{md(one.name)}**")
        if not one.is_test:
            st.badge(t("comparison, not a test"), icon=":material/warning:", color="orange")
        if one.state == "ended":
            st.badge(t("ended"), color="gray")
    text, chart = st.columns([2, 3], gap="medium")
    with text:
        for finding in (*one.reading.reasons, *one.findings):
            st.markdown(f"{ICONS[finding.severity]} {say(finding)}")
        _figures(one)
        _calendar(one)
    with chart:
        for name in one.variants[1:]:
            _chart(one, name)
    _end(one)


def _figures(one: Recorded) -> None:
    for row in one.shown.itertuples():
        st.markdown(
            t(
                "**{name}**: {effect} (likely {low} to {high}); chance to be better {chance:percent}.",
                name=md(str(row.variant)),
                effect=_signed(row.rel_effect_size),
                low=_signed(row.rel_ci_low),
                high=_signed(row.rel_ci_high),
                chance=row.chance_to_win,
            )
        )
        if row.gain_per_month == row.gain_per_month and one.reading.outcome != "equivalent":
            _money(one, row)
        st.caption(t("The chance to be better does not allow for looking often; the verdict above does."))


def _money(one: Recorded, row: Any) -> None:
    currency = current_currency()
    ends = {
        "gain": money(row.gain_per_month, currency, compact=True),
        "low": money(row.gain_low, currency, compact=True),
        "high": money(row.gain_high, currency, compact=True),
    }
    st.markdown(t("If shipped: {gain} a month (likely {low} to {high}).", **ends))
    if one.state == "running" and one.reading.regret_of_waiting > 0:
        regret = money(one.reading.regret_of_waiting, currency, compact=True)
        st.markdown(t("Waiting another week costs {regret}, if that is what it brings.", regret=regret))


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + percent(value, 1)


def _calendar(one: Recorded) -> None:
    st.caption(
        t(
            "{metric} · day {at:count} of {days:count} · looks on days {looks} · started {start}",
            metric=one.metric,
            at=min(one.reading.day, one.days),
            days=one.days,
            looks=", ".join(str(look) for look in one.looks),
            start=day(one.start),
        )
    )
    if one.reading.day < 2:
        return
    st.caption(
        t(
            "Looking every day so far with a plain test would find a false winner"
            " {share:percent} of the time.",
            share=one.reading.peeking,
        )
    )


def _chart(one: Recorded, name: str) -> None:
    path = one.path(name)
    words = EffectWords(
        hover=[
            t("day {at:count}: {effect} ({low} to {high})", at=r.day_no, effect=_signed(r.rel_effect_size),
              low=_signed(r.rel_ci_low), high=_signed(r.rel_ci_high))
            for r in path.itertuples()
        ],
        day=t("Day of the test"),
        none=t("no effect"),
    )  # fmt: skip
    st.markdown(t("**{metric} of {name} against {control}**", metric=one.metric, name=md(name),
                  control=md(one.variants[0])))  # fmt: skip
    figure = effect_chart(path, one.days, one.looks, words)
    st.plotly_chart(figure, config=CHART, key=f"effect_{one.number}_{name}")


def _end(one: Recorded) -> None:
    if one.state != "running":
        return
    early = one.reading.next_look is not None and one.reading.outcome == "keep_running"
    refused: ChannelOptError | None = None
    with st.expander(t("End this test"), icon=":material/stop_circle:"):
        if early:
            st.markdown(
                t(
                    "It is undecided. Ending now means no verdict: what is ahead today is ahead by luck as"
                    " easily as by merit."
                )
            )
        why = st.text_input(t("Why"), key=f"why_{one.number}", max_chars=120)
        if st.button(t("End it"), key=f"end_{one.number}"):
            try:
                cache.ledger().change_experiment(one.number, by=state.USER, why=why, state="ended")
            except ChannelOptError as error:
                refused = error
            else:
                done(t("Ended. The plan and its reading stay in the log."))
    if refused:  # outside: the box folds up when the page is drawn afresh
        show_refusal(refused)
