"""What the team asks of a plan: objective, budget, weeks, and limits."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from channelopt.plan.asked import Group
from channelopt.plan.goods import MONEY
from pages.parts import cache, state
from pages.parts.language import current_currency, t
from pages.parts.say import outcome_word
from pages.parts.scenarios.plan_words import mode_help, mode_names, objective_names
from pages.parts.scenarios.planning import curves, look_at, objectives, today_money

KEPT: dict[str, Any] = {"persist_state": "session"}
LOW, HIGH, LOCK = "low", "high", "lock"


def ask_form(place: Any) -> dict[str, Any]:
    """The inputs, as the values of the wish they make (``Ask``); limits stand in ``place``, which is wide."""
    names, there = objective_names(), objectives()
    st.markdown("**" + t("What if …") + "**")
    objective = st.selectbox(
        t("What to aim for"), there, format_func=names.__getitem__, key=state.PLAN_OBJECTIVE, **KEPT
    )
    weeks = st.slider(t("Coming weeks"), 1, 13, 4, key=state.PLAN_WEEKS, **KEPT)
    modes, helps = mode_names(), mode_help()
    mode = st.segmented_control(
        t("Budget"), list(modes), default="today", required=True, format_func=modes.__getitem__,
        key=state.PLAN_MODE, **KEPT,
    )  # fmt: skip
    st.caption(helps[str(mode)])
    mode, amount = _amount(str(mode), str(objective), 7 * int(weeks))
    with (
        place,
        st.expander(t("Limits by channel, locks and steps"), icon=":material/tune:", key="limits_box"),
    ):
        left, right = st.columns([3, 2], gap="large")
        with left:
            limits = _limits(there[0])
        with right:
            given = _others()
            groups = _groups(there[0])
    return {
        "objective": str(objective), "days": 7 * int(weeks), "mode": mode, "amount": amount, "groups": groups,
        **limits, **given,
    }  # fmt: skip


def _amount(mode: str, objective: str, days: int) -> tuple[str, float]:
    """The mode in force and its number."""
    currency = current_currency()
    if mode == "own":
        label = t("Money over these weeks ({currency})", currency=currency)
        start = today_money(objectives()[0], days)
        given = st.number_input(label, 0, None, round(start), 100, key=state.PLAN_AMOUNT, **KEPT)
        return "own", float(given or 0)
    if mode == "free":
        wholes = {"roi": t("All of the money together"), "mroi": t("The last unit of money")}
        left, right = st.columns([3, 2], vertical_alignment="bottom")
        which = left.selectbox(
            t("What must reach it"), list(wholes), 1, wholes.__getitem__, key=state.PLAN_WHOLE, **KEPT
        )
        floor = cache.ledger().policy.roi_floor
        target = right.number_input("ROI 1:", 0.1, 100.0, floor, 0.1, key=state.PLAN_TARGET, **KEPT)
        return str(which), float(target or floor)
    if mode == "goal":
        word = outcome_word(objective)
        label = t("How many more {outcome} over these weeks", outcome=word)
        if objective in MONEY:
            label = t("How much more {outcome} over these weeks", outcome=word)
        usual = max(int(float(f"{0.05 * _today_outcome(objectives()[0], objective, days):.1g}")), 1)
        key = f"{state.PLAN_GOAL}_{objective}"
        goal = st.number_input(label, 1, None, usual, max(usual // 10, 1), key=key, **KEPT)
        return "goal", float(goal or usual)
    return "today", 0.0


def _today_outcome(fallback: str, objective: str, days: int) -> float:
    known = fallback if objective == "profit" else objective
    return float(look_at(known, days).base.mean())


def _limits(objective: str) -> dict[str, Any]:
    """Bounds and locks by channel, from an editable table."""
    known, labels = state.planning(), cache.labels()
    held = curves(objective).today
    if not state.drawn(state.PLAN_LIMITS) or "limits_base" not in known:
        kept = known.get("limits", {})
        known["limits_base"] = pd.DataFrame(
            [
                {
                    "channel": labels.get(c, c), "today": round(float(x)),
                    **{name: kept.get(c, {}).get(name) for name in (LOW, HIGH)},
                    LOCK: bool(kept.get(c, {}).get(LOCK)),
                }
                for c, x in held.items()
            ]
        ).astype({LOW: "float64", HIGH: "float64"})  # fmt: skip
    number = st.column_config.NumberColumn
    edited = st.data_editor(
        known["limits_base"],
        placeholder="",
        hide_index=True,
        disabled=["channel", "today"],
        key=state.PLAN_LIMITS,
        alt=t("Limits"),
        column_config={
            "channel": st.column_config.TextColumn(t("Channel"), pinned=True),
            "today": number(t("Today a day"), format="%d"),
            LOW: number(t("Lowest"), min_value=0, format="%d"),
            HIGH: number(t("Highest"), min_value=0, format="%d"),
            LOCK: st.column_config.CheckboxColumn(t("Keep as is")),
        },
    )
    st.caption(t("Money a day. An empty cell leaves it to the step limit."))
    rows = dict(zip(held.index, edited.to_dict("records"), strict=True))
    known["limits"] = {
        c: {LOW: _number(r[LOW]), HIGH: _number(r[HIGH]), LOCK: bool(r[LOCK])} for c, r in rows.items()
    }
    limits = known["limits"]
    bounds = tuple((c, r[LOW], r[HIGH]) for c, r in limits.items() if (r[LOW], r[HIGH]) != (None, None))
    return {"bounds": bounds, "locks": tuple(c for c, r in limits.items() if r[LOCK])}


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _others() -> dict[str, Any]:
    left, right = st.columns(2)
    step = left.number_input(
        t("Largest step a week (%)"), 0, 99, 20, 5, key=state.PLAN_STEP, **KEPT,
        help=t("No channel changes by more than this from one week to the next."),
    )  # fmt: skip
    alive = right.number_input(
        t("Least a day to stay alive"), 0, None, 0, 50, key=state.PLAN_ALIVE, **KEPT,
        help=t("A channel that runs keeps at least this much, so that the platform goes on learning."),
    )  # fmt: skip
    unit = st.segmented_control(
        t("Round totals to"), [1, 100, 1000], default=1, required=True, key=state.PLAN_UNIT, **KEPT
    )
    return {"step": (step or 0) / 100, "keep_alive": float(alive or 0), "unit": float(unit or 1)}


def _groups(objective: str) -> tuple[Group, ...]:
    """One limit on several channels together."""
    labels = cache.labels()
    members = st.multiselect(
        t("Channels with a limit together"), list(curves(objective).channels),
        format_func=lambda c: labels.get(c, c), key=f"{state.PLAN_GROUP}_members",
        placeholder=t("none"), **KEPT,
    )  # fmt: skip
    if not members:
        return ()
    held = float(curves(objective).today.reindex(members).sum())
    left, right = st.columns(2)
    low = left.number_input(t("Together at least"), 0, None, 0, 100, key=f"{state.PLAN_GROUP}_low", **KEPT)
    high = right.number_input(
        t("Together at most"), 0, None, round(2 * held), 100, key=f"{state.PLAN_GROUP}_high", **KEPT
    )
    name = ", ".join(labels.get(c, c) for c in members)
    return (Group(name[:60], tuple(members), float(low or 0), float(high or 0)),)
