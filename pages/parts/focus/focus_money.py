"""The money of the focus: the best channels with their reason, who is out and why, and the way there"""

from __future__ import annotations

from typing import Any

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.plan.focus import Focus, chance_of_set
from pages.parts import cache, state
from pages.parts.escape import md
from pages.parts.focus.focus_views import chosen, curves, missing
from pages.parts.language import (
    count,
    current_currency,
    language,
    listed,
    money,
    multiple,
    percent,
    signed,
    t,
)
from pages.parts.say import say
from pages.parts.trouble import show_refusal
from pages.parts.widgets import done, empty_state, finding_lines, page_path


def focus_title() -> str:
    """The choice in one sentence."""
    found = chosen()
    if found is None or not found.chosen:
        return t("No channel qualifies for the focus yet.")
    names = [cache.labels().get(c, c) for c in found.chosen]
    if not found.sure and len(names) == 1:
        return t("Test before you focus. No gain is sure yet from {name}.", name=names[0])
    if not found.sure:
        return t(
            "Test before you focus. No gain is sure yet from {names} and {last}.",
            names=listed(names[:-1]),
            last=names[-1],
        )
    if len(names) == 1:
        return t("Focus on {name}.", name=names[0])
    return t("Focus on {names} and {last}.", names=listed(names[:-1]), last=names[-1])


def money_view() -> None:
    """Cards of the chosen, the others greyed with why not, and the weekly way to the new split."""
    found = chosen()
    if found is None:
        empty_state(
            t("Too little to choose by"),
            missing(t("A choice appears when the data say what each channel brings.")),
        )
        return
    rows = found.table.to_dict("records")
    inside = [row for row in rows if row["chosen"]]
    outside = [row for row in rows if not row["chosen"]]
    with st.grid(max(len(inside), 1), min_column_width=256, gap="small") as grid:
        for at, row in enumerate(inside, start=1):
            with grid.cell(), st.container(border=True, height="stretch", gap="small"):
                _card(row, at, found)
    _decide(found)
    finding_lines(f for f in found.findings if f.severity == "warning")
    left, right = st.columns([2, 1], gap="medium")
    with left.container(border=True, height="stretch"):
        _way(found)
    with right.container(border=True, height="stretch"):
        st.markdown("**" + t("Not in focus, and why") + "**")
        for row in outside:
            st.markdown(":gray[" + say(row["reason"]) + "]")
    with st.expander(t("What to know about this choice ({n:count})", n=len(found.findings))):
        finding_lines(found.findings)


def _card(row: dict[str, Any], at: int, found: Focus) -> None:
    currency = current_currency()
    st.markdown(f"**{at}. {md(cache.labels().get(row['channel'], row['channel']))}**")
    unit = "1:" + multiple(row["mroi"]) if found.in_money else count(row["mroi"])
    st.markdown(f"### {unit}")
    st.caption(t("what the next unit of money brings back"))
    st.markdown(say(row["reason"]))
    if row["planned"] == row["planned"]:
        change = signed(row["planned"] / row["today"] - 1, 0) if row["today"] > 0 else ""
        st.caption(
            t(
                "{today} a day now, {planned} proposed {change}",
                today=money(row["today"], currency),
                planned=money(row["planned"], currency),
                change=f"({change})" if change else "",
            )
        )


def _decide(found: Focus) -> None:
    """Put the money there: noted with today's evidence, for the gate and for later scoring."""
    if not found.chosen:
        return
    known = curves()
    joint = float("nan") if known is None else chance_of_set(known, found)
    n = len(found.chosen)
    if n == 1:
        said = t("It is the best with a chance of {p}.", p=percent(joint))
        choose = t("Choose this channel")
    else:
        said = t("These are the best {n:count} together with a chance of {p}.", n=n, p=percent(joint))
        choose = t("Choose these {n:count}", n=n)
    decided = cache.made(("focus_decided",), _decided)
    names = ", ".join(found.chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        if decided == list(found.chosen):
            st.badge(t("chosen"), icon=":material/check:", color="blue")
        elif st.button(choose, type="primary" if found.sure else "secondary"):
            advice = {
                "channels": list(found.chosen),
                "p_best": joint,
                "mroi": {r["channel"]: r["mroi"] for r in found.table.to_dict("records")},
                "uplift": found.plan.uplift if found.plan is not None else None,
            }
            choice = {"channels": list(found.chosen), "p_best": joint}
            try:
                cache.ledger().decide("focus", names, "accepted", by=state.USER, advice=advice, choice=choice)
            except ChannelOptError as error:
                show_refusal(error)
            else:
                done(t("Noted with today's evidence."))
        st.markdown(said)


def _decided() -> list[str]:
    rows = cache.ledger().decisions()
    own = rows[(rows["kind"] == "focus") & (rows["answer"] == "accepted")].tail(1)
    return [str(c) for c in own["choice"].iloc[0].get("channels", ())] if len(own) else []


def _way(found: Focus) -> None:
    """From today's budget to the focus budget, week by week."""
    plan = found.plan
    if plan is None:
        st.caption(t("Nothing is spent today, so there is nothing to move."))
        return
    currency = current_currency()
    st.markdown("**" + t("The way there, week by week") + "**")
    if plan.uplift > 0:
        st.markdown(
            t(
                "The same money brings {uplift} more (chance to beat today {p}).",
                uplift=percent(plan.uplift, 1),
                p=percent(plan.chance),
            )
        )
    table = cache.made(("focus_way", current_currency(), language()), lambda: _ladder(found, currency))
    st.dataframe(table, hide_index=True, width="stretch")
    st.page_link(
        page_path("scenarios"), label=t("Change this plan, save it, export it"), icon=":material/alt_route:"
    )
    st.page_link(page_path("focus"), label=t("Budgets and bids of this week"), icon=":material/event_repeat:",
                 query_params=state.for_address(focus_view="week"))  # fmt: skip


def _ladder(found: Focus, currency: str) -> Any:
    labels = cache.labels()
    steps = found.ladder
    weeks = steps.pivot_table(index="channel", columns="week", values="spend", sort=False)
    shown = weeks.map(lambda v: money(v, currency, whole=True))
    shown.columns = [t("week {n:count}", n=int(w)) for w in weeks.columns]
    shown.insert(0, t("Channel"), [labels.get(c, c) for c in shown.index])
    return shown.reset_index(drop=True)
