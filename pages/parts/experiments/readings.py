"""The tests there are: outcome, reason, range, money, and when the next look is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from channelopt.charts.experiment import EffectWords, ForestWords, effect_chart, forest_chart
from channelopt.experiments.abtest import Reading
from channelopt.experiments.design import TestPlan
from channelopt.experiments.luck import MONTH, Expected, without_luck
from channelopt.experiments.record import Recorded
from pages.parts import cache
from pages.parts.chart import show_chart
from pages.parts.escape import md
from pages.parts.experiments.change_test import change_test
from pages.parts.experiments.readings_places import region_body, weeks_body
from pages.parts.experiments.tests import metric_names, note_visit, outcome_of, outcome_words, tests
from pages.parts.language import current_currency, day, language, money, signed, t
from pages.parts.say import metric_word, say
from pages.parts.widgets import ICONS

#: Tests whose card is open; the others are folded.
OPEN = 2


def test_cards() -> None:
    """One card per test: running ones open, ended ones folded."""
    if not tests():
        st.caption(t("No test yet."))
    ranked = in_order(tests())
    for one in ranked[:OPEN]:
        with st.container(border=True):
            _card(one)
    for one in ranked[OPEN:]:
        word, icon, _ = outcome_words()[outcome_of(one)]
        with st.expander(f"{word} · {md(one.name)} · {day(one.start)}", icon=icon):
            _card(one)
    note_visit()


def in_order(found: list[Recorded]) -> list[Recorded]:
    """What needs a decision first, then what still runs, then what is over."""
    order = ("data_problem", "winner", "loser", "keep_running", "undecided", "equivalent")
    return sorted(found, key=lambda one: (one.state == "ended", order.index(outcome_of(one))))


def _card(one: Recorded) -> None:
    word, icon, colour = outcome_words()[outcome_of(one)]
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
            if finding.code == "experiments.past_end" and one.state == "ended":
                continue  # over long ago
            st.markdown(f"{ICONS[finding.severity]} {say(finding)}")
        if isinstance(one.reading, Reading):
            _figures(one, one.reading)
        _calendar(one)
    with chart:
        if isinstance(one.reading, Reading):
            _charts(one, one.reading)
        elif one.source == "regions":
            region_body(one)
        else:
            weeks_body(one)
    change_test(one)


def _figures(one: Recorded, reading: Reading) -> None:
    for row in one.shown.itertuples():
        left = remains(one, row._asdict())
        st.markdown(
            t(
                "**{name}**: {effect} (likely {low} to {high}); chance to be better {chance:percent}.",
                name=md(str(row.variant)),
                effect=signed(row.rel_effect_size),
                low=signed(row.rel_ci_low),
                high=signed(row.rel_ci_high),
                chance=min(row.chance_to_win, 0.999),
            )
        )
        if left.effect == left.effect:
            st.caption(t("{effect} expected once its luck is taken out.", effect=signed(left.effect)))
        if left.gain == left.gain and reading.outcome in ("winner", "loser"):
            st.markdown(gain_line(left.gain, left.gain_low, left.gain_high))
    if len(one.shown):
        _doubt(one, reading)


def remains(one: Recorded, row: Any) -> Expected:
    """What remains of a treatment's effect once its luck is taken out."""
    assert isinstance(one.plan, TestPlan)
    policy = cache.ledger().policy
    return without_luck(row, one.plan, policy.usual_lift, policy.interval)


def gain_line(gain: float, low: float, high: float) -> str:
    """The money a month if it is shipped, with its range."""
    currency = current_currency()
    ends = {k: money(v, currency, compact=True) for k, v in (("gain", gain), ("low", low), ("high", high))}
    return t("If shipped: {gain} a month (likely {low} to {high}).", **ends)


def _doubt(one: Recorded, reading: Reading) -> None:
    """What waiting costs, what shipping risks, and what the chance to be better does not promise."""
    currency, best = current_currency(), one.effect
    month = one.plan.value_per_day * 30 if isinstance(one.plan, TestPlan) else float("nan")
    if one.state == "running" and remains(one, best).gain > 0:
        regret = money(remains(one, best).gain * 7 / MONTH, currency, compact=True)
        st.markdown(t("Waiting another week costs {regret}, if that is what it brings.", regret=regret))
    loss = best["expected_loss"] * month
    if loss == loss and loss > 0.01 * abs(best["gain_per_month"]):
        st.markdown(
            t("Shipping it now risks {loss} a month on average.", loss=money(loss, currency, compact=True))
        )
    st.caption(t("The chance to be better does not allow for looking often; the verdict above does."))


def _calendar(one: Recorded) -> None:
    looks = ", ".join(str(look) for look in one.looks[:12]) + (" …" if len(one.looks) > 12 else "")
    st.caption(
        t(
            "{metric} · day {at:count} of {days:count} · looks on days {looks} · started {start}",
            metric=metric_names().get(one.metric, one.metric),
            at=min(one.reading.day, one.days),
            days=one.days,
            looks=looks,
            start=day(one.start),
        )
    )
    if one.habit == one.habit:
        st.caption(
            t(
                "You have looked on {n:count} days so far. With a plain test this habit would find a false"
                " winner {share:percent} of the time; this one stays at {alpha:percent}.",
                n=len(one.visits),
                share=one.habit,
                alpha=one.alpha,
            )
        )
    elif isinstance(one.reading, Reading) and one.reading.day >= 2:
        st.caption(
            t(
                "Looking every day so far with a plain test would find a false winner"
                " {share:percent} of the time.",
                share=one.reading.peeking,
            )
        )


def _charts(one: Recorded, reading: Reading) -> None:
    if len(one.variants) > 2:
        _forest(one)
    else:
        _chart(one, one.variants[1])
    if len(reading.others):
        with st.expander(t("What else moved (not what the test was planned for)")):
            _others(one, reading)


def _chart(one: Recorded, name: str) -> None:
    path = one.path(name)
    if path.empty:
        if one.reading.next_look:
            when = one.start + dt.timedelta(days=one.reading.next_look - 1)
            st.info(t("Locked until the look on {when}.", when=day(when)), icon=":material/lock:")
        return
    st.markdown(t("**{metric} of {name} against {control}**", metric=metric_word(one.metric), name=md(name),
                  control=md(one.variants[0])))  # fmt: skip
    figure = cache.made(
        ("effect", one.number, name, language()),
        lambda: effect_chart(path, one.days, one.looks, _effect_words(path)),
    )
    show_chart(figure, key=f"effect_{one.number}_{name}")


def _effect_words(path: Any) -> EffectWords:
    return EffectWords(
        hover=[
            t("day {at:count}: {effect} ({low} to {high})", at=r.day_no, effect=signed(r.rel_effect_size),
              low=signed(r.rel_ci_low), high=signed(r.rel_ci_high))
            for r in path.itertuples()
        ],
        day=t("Day of the test"),
        none=t("no effect"),
    )  # fmt: skip


def _forest(one: Recorded) -> None:
    shown = one.shown
    if shown.empty:
        _chart(one, one.variants[1])
        return
    st.markdown(t("**{metric} of each variant against {control}**", metric=metric_word(one.metric),
                  control=md(one.variants[0])))  # fmt: skip
    good = [{"winner": True, "loser": False}.get(o) for o in shown["outcome"]]
    names = [str(v) for v in shown["variant"]]
    kept = [remains(one, row).effect for row in shown.to_dict("records")]
    figure = cache.made(
        ("forest", one.number, language()),
        lambda: forest_chart(
            shown.assign(rel_shrunk=kept), ForestWords(_hover(shown), t("no effect"), names), good
        ),
    )
    show_chart(figure, key=f"forest_{one.number}")
    st.caption(t("● effect with its range · ◇ expected once its luck is taken out"))


def _hover(table: Any) -> list[str]:
    return [
        t("{effect} ({low} to {high})", effect=signed(r.rel_effect_size), low=signed(r.rel_ci_low),
          high=signed(r.rel_ci_high))
        for r in table.itertuples()
    ]  # fmt: skip


def _others(one: Recorded, reading: Reading) -> None:
    """Other metrics at the same look, corrected for how many they are."""
    names, table = metric_names(), reading.others
    labels = [
        names[r.metric] + ("" if len(one.variants) == 2 else f" · {r.variant}") for r in table.itertuples()
    ]
    good = [None if r.qvalue >= one.alpha else r.rel_effect_size > 0 for r in table.itertuples()]
    lower = ("cpl", "cpc", "cpvl", "cac")
    good = [None if g is None else g != (m in lower) for g, m in zip(good, table["metric"], strict=True)]
    figure = cache.made(
        ("others", one.number, language()),
        lambda: forest_chart(table, ForestWords(_hover(table), t("no effect"), labels), good),
    )
    show_chart(figure, key=f"others_{one.number}")
    st.caption(
        t(
            "Coloured where it is more than chance, allowing for {n:count} looked at. A hint for the next"
            " test.",
            n=len(table),
        )
    )
