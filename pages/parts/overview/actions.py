"""The three things worth most this week: what, how much money a month, how sure, and deciding on them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.plan.actions import Action, actions, decided_lately
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.track import WAIT, advice_of
from pages.parts import cache, state
from pages.parts.escape import md
from pages.parts.experiments.tests import tests
from pages.parts.labels import VERDICTS
from pages.parts.language import current_currency, money, multiple, percent, signed, t
from pages.parts.overview.moves import best_move
from pages.parts.say import metric_word, say
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done, page_path

ICONS = {
    "move": ":material/swap_horiz:",
    "vary": ":material/science:",
    "ship": ":material/trophy:",
    "end_test": ":material/flag:",
    "claim": ":material/receipt_long:",
    "upload": ":material/upload_file:",
}
#: Actions that are done by saying so; a move of budget is done on its own page.
DONE_HERE = ("drop", "pay_test", "ship", "claim", "end_test")


def week_actions(diagnosis: Diagnosis) -> None:
    """Three cards, the one worth most first."""
    found = _actions(diagnosis)
    st.subheader(t("Worth most this week"), anchor=False)
    if not found:
        st.caption(t("Nothing is waiting for a decision."))
        return
    with st.grid(3, min_column_width=256, gap="small") as grid:
        for at, action in enumerate(found):
            with grid.cell(), st.container(border=True, height="stretch", gap="small"):
                _card(action, diagnosis, at)


def _actions(diagnosis: Diagnosis) -> tuple[Action, ...]:
    def made() -> tuple[Action, ...]:
        decided = decided_lately(cache.ledger().decisions(), dt.date.today())
        return actions(diagnosis, tests(), best_move(), decided)

    found: tuple[Action, ...] = cache.made(("actions", dt.date.today().isoformat()), made)
    return found


def _card(action: Action, diagnosis: Diagnosis, at: int) -> None:
    currency = current_currency()
    with st.container(horizontal=True, vertical_alignment="center"):
        _badge(action)
        st.markdown(f"**{md(_subject(action))}**")
    if action.value == action.value:
        st.markdown("### " + t("{value} a month", value=money(action.value, currency, compact=True)))
    st.markdown(_sentence(action, diagnosis))
    doubts = []
    if action.low == action.low:
        low, high = (money(x, currency, compact=True) for x in (action.low, action.high))
        doubts.append(t("likely {low} to {high}", low=low, high=high))
    if action.chance == action.chance:
        doubts.append(t("chance {p}", p=percent(min(action.chance, 0.999))))
    if doubts:
        st.caption(" · ".join(doubts))
    _buttons(action, diagnosis, at)


def _badge(action: Action) -> None:
    words = {
        "drop": t("DROP"),
        "pay_test": t("TEST"),
        "upload": t("CAN'T SAY"),
        "move": t("MOVE"),
        "vary": t("TEST FIRST"),
        "ship": t("ROLL OUT"),
        "end_test": t("DECIDED"),
        "claim": t("CLAIM"),
    }
    verdict = {"drop": "drop", "pay_test": "test", "upload": "unknown"}.get(action.code)
    look = VERDICTS[verdict] if verdict else None
    icon = look.icon if look else ICONS[action.code]
    st.badge(words[action.code], icon=icon, color=look.badge if look else "blue")


def _subject(action: Action) -> str:
    if action.code in ("move", "vary"):
        return t("Budget between channels")
    return cache.labels().get(action.subject, action.subject)


def _sentence(action: Action, diagnosis: Diagnosis) -> str:
    currency, told = current_currency(), action.params

    def cash(name: str) -> str:
        return money(told[name], currency, compact=True)

    sentences: dict[str, Any] = {
        "drop": lambda: t(
            "It costs {spend} a month and brings back 1:{roi}, below your bar of 1:{floor}. Where the bar is"
            " met this money would bring so much more.",
            spend=cash("spend"), roi=multiple(told["roi"]), floor=multiple(told["floor"]),
        ),
        "pay_test": lambda: t(
            "Too close to call. {spend} more, about {days:count} days, would decide it.",
            spend=cash("spend"), days=told["days"],
        ),
        "upload": lambda: t(
            "{spend} a month. {reason}", spend=cash("spend"), reason=_reason(action.subject, diagnosis)
        ),
        "move": lambda: t(
            "Move {moved} a month to the channels whose next unit brings more: {uplift} more for the same"
            " money.",
            moved=cash("moved"), uplift=percent(told["uplift"], 1),
        ),
        "vary": lambda: t(
            "The data cannot tell where more money pays. Vary the spend for {days:count} days, at a cost of"
            " {cost}.",
            days=told["days"], cost=cash("cost"),
        ),
        "ship": lambda: t(
            "{variant} won: {metric} {effect} expected once its luck is taken out.",
            variant=str(told["variant"]), metric=metric_word(told["metric"]), effect=signed(told["effect"]),
        ),
        "end_test": lambda: t("It is decided: end it and plan the next one."),
        "claim": lambda: t(
            "{share} of its spend bought clicks or leads that do not count. Claim it back where your contract"
            " allows it.",
            share=percent(told["share"]),
        ),
    }  # fmt: skip
    return str(sentences[action.code]())


def _reason(channel: str, diagnosis: Diagnosis) -> str:
    """Why there is no verdict on a channel, as its card in the diagnosis says it."""
    rows = diagnosis.verdicts
    return say(rows.loc[rows["channel"] == channel, "reasons"].iloc[0][0])


def _buttons(action: Action, diagnosis: Diagnosis, at: int) -> None:
    """Do it, or not now with a reason; what is done on another page leads there."""
    views = {"drop": ("why", action.subject), "pay_test": ("why", action.subject), "claim": ("traffic", "")}
    view, channel = views.get(action.code, ("", ""))
    query = {k: v for k, v in (("view", view), ("channel", channel)) if v}
    st.page_link(
        page_path(action.page),
        label=t("See the evidence"),
        icon=":material/arrow_forward:",
        query_params=state.for_address(**query),
    )
    refused: ChannelOptError | None = None
    left, right = st.columns(2)
    if action.code in DONE_HERE and left.button(
        t("Do it"), key=f"do_{at}_{action.subject}", type="primary", width="stretch"
    ):
        refused = _decide(action, diagnosis, "accepted", "")
    with right.popover(t("Not now"), width="stretch"):
        why = st.text_input(t("Why not"), key=f"why_not_{at}_{action.subject}", max_chars=120)
        if st.button(t("Keep as it is"), key=f"not_{at}_{action.subject}"):
            refused = _decide(action, diagnosis, "refused", why)
    if refused:
        show_refusal(refused)


def _decide(action: Action, diagnosis: Diagnosis, answer: str, why: str) -> ChannelOptError | None:
    """Keep the decision with today's evidence; the refusal when it cannot be kept."""
    kind = action.kind
    advice: dict[str, Any] = dict(action.params) | {"value": action.value, "chance": action.chance}
    if kind == "verdict":  # the verdict of the day with its range
        advice |= advice_of(diagnosis, action.subject)
    due = dt.date.today() + dt.timedelta(days=WAIT)
    try:
        cache.ledger().decide(kind, action.subject, answer, by=state.USER, advice=advice, why=why, due=due)
    except ChannelOptError as error:
        return error
    done(t("Noted with today's evidence. It is scored after {when:date}.", when=due))
    return None
