"""Hooks: how well each captures, their tests, and moving money beside rolling out the winning hook."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from channelopt.charts.moves import Bar, bands_chart
from channelopt.plan.hooknames import hooks_named, named_campaigns
from channelopt.plan.hooks import HookBoard, channels_of, hook_board
from channelopt.plan.moveorfix import Choice, move_or_fix
from pages.parts import cache, state
from pages.parts.chart import show_chart
from pages.parts.escape import md
from pages.parts.experiments.readings import gain_line
from pages.parts.experiments.tests import outcome_words, tests
from pages.parts.focus.focus_rotation import rotation_box
from pages.parts.focus.focus_views import curves
from pages.parts.language import NOTHING, count, current_currency, day, language, money, percent, signed, t
from pages.parts.say import metric_word, say
from pages.parts.widgets import ICONS, done, finding_lines, page_path

#: Money a month that is moved for the comparison.
AMOUNT = 10_000.0


def hooks_view() -> None:
    """One scale for money and hooks, next week's split, then the board it rests on, and the names."""
    board: HookBoard = cache.made(("hook_board", language()), _board)
    _scale(board)
    with st.container(border=True):
        rotation_box()
    left, right = st.columns([3, 2], gap="medium")
    with left.container(border=True, height="stretch"):
        _hooks(board)
    with right.container(border=True, height="stretch"):
        _tests(board)
    _names()


def _board() -> HookBoard:
    ledger = cache.ledger()
    daily = cache.daily("day", "channel", "campaign")
    hooks = hooks_named(daily, ledger.inputs("hooks").get("of", {}), cache.labels())
    return hook_board(daily, hooks, tests(), channels_of(ledger.experiments()), ledger.policy)


def _scale(board: HookBoard) -> None:
    """Move money or fix the hook: both in money a month."""
    known = curves()
    if known is None:
        return
    choice: Choice = cache.made(
        ("move_or_fix", language()),
        lambda: move_or_fix(known, board.tests, cache.diagnosis(), cache.ledger().policy, amount=AMOUNT),
    )
    if choice.table.empty:
        return
    with st.container(border=True):
        st.markdown("**" + t("Move money or fix the hook? Both in money a month") + "**")
        first, *rest = choice.findings
        st.markdown(f"### {say(first)}")
        labels, currency = cache.labels(), current_currency()
        states = {
            "loser": t("it lost its test"),
            "equivalent": t("its test found no difference"),
            "undecided": t("its test ended without a verdict"),
        }
        bars = []
        for row in choice.table.to_dict("records"):
            where = labels.get(row["channel"], row["channel"])
            if row["action"] == "move":
                source = labels.get(row["from_channel"], row["from_channel"])
                name = f"{money(choice.amount, currency, compact=True)}: {source} → {where}"
            else:
                name = f"{row['what']} ({where})"
            text = (
                f"{money(row['value'], currency, compact=True)} ({money(row['low'], currency, compact=True)}"
                f" – {money(row['high'], currency, compact=True)})"
            )
            text += "" if row["ready"] else " · " + states.get(row["outcome"], t("its test is open"))
            bars.append(Bar(name, row["low"], row["value"], row["high"], text))
        show_chart(
            bands_chart(bars), key="one_scale", alt=t("Move money or fix the hook?")
        )
        st.caption(t("Dot: expected, bar: likely range. The luck of a winner is taken out."))
        for finding in rest:
            st.markdown(f"{ICONS[finding.severity]} {say(finding)}")


def _hooks(board: HookBoard) -> None:
    st.markdown("**" + t("How well each hook captures") + "**")
    if board.hooks.empty:
        st.caption(t("No campaign has clicks and leads yet."))
        return
    labels, currency = cache.labels(), current_currency()
    rows = [
        (
            row.hook, labels.get(row.channel, row.channel), percent(row.capture, 1),
            _range(row.capture_low, row.capture_high),
            percent(row.against_others, 1), money(row.cpl, currency), count(row.leads),
        )
        for row in board.hooks.itertuples()
    ]  # fmt: skip
    names = [
        t("Hook"), t("Channel"), t("Leads per click"), t("Likely range"), t("Other hooks there"),
        t("Cost per lead"), t("Leads"),
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, width="stretch")
    finding_lines(board.findings)


def _range(low: float, high: float) -> str:
    return f"{percent(low, 1)} – {percent(high, 1)}" if low == low else NOTHING


def _tests(board: HookBoard) -> None:
    st.markdown("**" + t("Tests of hooks") + "**")
    words = outcome_words()
    for row in board.tests.to_dict("records"):
        word, icon, colour = words[row["outcome"]]
        st.markdown(f":{colour}-badge[{icon} {word}] **{md(row['name'])}**")
        if row["readable"]:
            st.caption(
                t(
                    "{variant}: {metric} {effect} seen, {expected} expected once its luck is taken out",
                    variant=str(row["variant"]),
                    metric=metric_word(row["metric"]),
                    effect=signed(row["effect"]),
                    expected=signed(row["expected_effect"]),
                )
            )
            if row["outcome"] == "winner" and row["gain"] == row["gain"]:
                st.caption(gain_line(row["gain"], row["gain_low"], row["gain_high"]))
        elif row["next_look_on"] is not None and row["next_look_on"] == row["next_look_on"]:
            st.caption(t("next look on {when}", when=day(row["next_look_on"])))
    if board.tests.empty:
        st.caption(t("No hook was tested yet."))
    st.page_link(page_path("experiments"), label=t("Test a hook"), icon=":material/science:",
                 query_params=state.for_address(tests_view="plan"))  # fmt: skip


def _names() -> None:
    """Which campaign carries which hook: named by the team, kept with every version."""
    with st.expander(t("Which campaign carries which hook?"), icon=":material/label:"):
        st.markdown(
            t(
                "Give campaigns that offer the same thing the same name: free sample, trial package, expert"
                " answers …"
            )
        )
        ledger = cache.ledger()
        known = named_campaigns(
            cache.daily("day", "channel", "campaign"), ledger.inputs("hooks").get("of", {})
        )
        labels = cache.labels()
        shown = pd.DataFrame(
            {
                "channel": [labels.get(c, c) for c in known["channel"]],
                "campaign": known["campaign"],
                "hook": known["hook"],
            }
        )
        edited = st.data_editor(
            shown, hide_index=True, width="stretch", disabled=["channel", "campaign"], key="hook_names",
            column_config={"channel": t("Channel"), "campaign": t("Campaign"), "hook": t("Hook")},
        )  # fmt: skip
        if st.button(t("Keep these names")):
            of = {
                f"{row.channel}/{row.campaign}": str(hook).strip()
                for row, hook in zip(known.itertuples(), edited["hook"], strict=True)
                if str(hook).strip()
            }
            ledger.set_inputs("hooks", {"of": of}, by=state.USER)
            done(t("Kept."))
