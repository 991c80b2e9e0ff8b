"""The team's own split: a slider per channel, and the outcome answers at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from channelopt.plan.asked import Answer
from channelopt.plan.chances import SAME
from channelopt.plan.planned import Band
from channelopt.plan.quick import Look, Looker
from pages.parts import cache, state
from pages.parts.chart import show_chart
from pages.parts.escape import md
from pages.parts.language import current_currency, listed, money, multiple, percent, signed, t
from pages.parts.say import outcome_word
from pages.parts.scenarios.plan_figures import bands_figure
from pages.parts.scenarios.plan_words import amount, sign, span
from pages.parts.scenarios.planning import look_at
from pages.parts.scenarios.save_plan import save_mix


@dataclass(frozen=True)
class Bench:
    """What a move of a slider needs, looked up once per full run: a move then asks no database.

    Attributes:
        looker: fast looks at spends.
        today: today's spend.
        labels: channel → name.
        order: channels, the most money first.
        tops: channel → end of its slider, money per day.
    """

    looker: Looker
    today: Look
    labels: Mapping[str, str]
    order: tuple[str, ...]
    tops: Mapping[str, float]


def bench(answer: Answer) -> Bench:
    """Everything a move needs; sliders that nobody moved go along with a new plan."""
    plan, known = answer.plan, state.planning()
    if not touched() and known.get("mix_ask") != answer.ask:
        known["mix_ask"] = answer.ask
        known["mix_round"] = known.get("mix_round", 0) + 1
    held = look_at(plan.objective, plan.days)
    today = cache.worked(("today", plan.objective, plan.days), lambda: held.at(held.goods.today()))
    seen, now = plan.curves.observed_range["high"], plan.curves.today
    order = tuple(str(c) for c in now.sort_values(ascending=False).index)
    tops = {c: max(2 * now[c], 1.2 * seen[c], 1.5 * plan.spend[c], 10.0) for c in order}
    return Bench(held, today, cache.labels(), order, tops)


#: Sliders shown without a click, those with the most money.
FIRST = 8
#: Pixels in which the other sliders scroll.
ROOM = 330


def own_split(answer: Answer) -> dict[str, float]:
    """Channel → money per day of the team's own split; the proposal until a slider is moved."""
    known = state.planning()
    plan = {str(c): float(round(x)) for c, x in answer.plan.spend.items()}
    if not known.get("mix") or set(known["mix"]) != set(plan):
        known.pop("mix", None)
    found: dict[str, float] = known.get("mix", plan)
    return found


def touched() -> bool:
    """Whether a slider was moved."""
    return bool(state.planning().get("mix"))


def _set(values: dict[str, float] | None) -> None:
    known = state.planning()
    known["mix"] = values
    known["mix_round"] = known.get("mix_round", 0) + 1


def _moved(answer: Answer, channel: str, key: str) -> None:
    mix = dict(own_split(answer))
    mix[channel] = float(st.session_state[key])
    state.planning()["mix"] = mix


def _edited(answer: Answer, order: tuple[str, ...], key: str) -> None:
    mix = dict(own_split(answer))
    for at, cells in st.session_state[key]["edited_rows"].items():
        value = cells.get("mine")
        if value is not None and value >= 0:
            mix[order[int(at)]] = float(value)
    state.planning()["mix"] = mix


@st.fragment
def mix_box(answer: Answer, found: Bench) -> None:
    """Sliders (or a table) on the left, what the split brings on the right."""
    with st.container(border=True):
        st.markdown("**" + t("Try your own split: drag, and the likely outcome answers at once") + "**")
        left, right = st.columns([3, 2], gap="large")
        with left:
            ways = {"sliders": t("Sliders"), "table": t("Table")}
            with st.container(horizontal=True, vertical_alignment="center"):
                way = st.segmented_control(
                    t("How to enter it"), list(ways), default="sliders", required=True,
                    format_func=ways.__getitem__, key="mix_way", label_visibility="collapsed",
                )  # fmt: skip
                today = {str(c): float(round(x)) for c, x in answer.plan.curves.today.items()}
                st.button(t("From today"), on_click=_set, args=(today,), key="mix_today")
                st.button(t("From the proposal"), on_click=_set, args=(None,), key="mix_plan")
            if way == "table":
                _table(answer, found)
            else:
                _sliders(answer, found)
        with right:
            _outcome(answer, found)


def _sliders(answer: Answer, found: Bench) -> None:
    order, mix, turn = found.order, own_split(answer), state.planning().get("mix_round", 0)
    with st.grid(2, min_column_width=180, gap="small"):
        for channel in order[:FIRST]:
            _slider(answer, found, channel, mix[channel], turn)
    if order[FIRST:]:
        more = st.expander(
            t("{n:count} more channels", n=len(order) - FIRST), key="mix_more", on_change="rerun"
        )
        if more.open:  # closed, none of its sliders is sent: a move costs less, and their values stay
            box = more.container(height=ROOM, border=False)  # the outcome stays in view beside them
            with box, st.grid(2, min_column_width=180, gap="small"):
                for channel in order[FIRST:]:
                    _slider(answer, found, channel, mix[channel], turn)


def _slider(answer: Answer, found: Bench, channel: str, value: float, turn: int) -> None:
    most = max(found.tops[channel], value)
    step = _step(most)
    top = int(-(-most // step) * step)
    key = f"mix_{turn}_{found.order.index(channel)}"
    st.slider(
        md(found.labels.get(channel, channel), 40), 0, top, min(int(value), top), step, f"{sign()}%d",
        key=key, on_change=_moved, args=(answer, channel, key),
    )  # fmt: skip


def _step(most: float) -> int:
    """A round step: about two hundred of them reach the end of the slider."""
    for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000):
        if most / size <= 300:
            return size
    return 10_000


def _table(answer: Answer, found: Bench) -> None:
    order, mix, labels = found.order, own_split(answer), found.labels
    known = state.planning()
    key = f"mix_table_{known.get('mix_round', 0)}"
    if not state.drawn(key) or "mix_base" not in known:
        known["mix_base"] = pd.DataFrame(
            {
                "channel": [labels.get(c, c) for c in order],
                "today": [round(float(answer.plan.curves.today[c])) for c in order],
                "plan": [round(float(answer.plan.spend[c])) for c in order],
                "mine": [mix[c] for c in order],
            }
        )
    number = st.column_config.NumberColumn
    st.data_editor(
        known["mix_base"], hide_index=True, disabled=["channel", "today", "plan"], key=key,
        on_change=_edited, args=(answer, order, key), alt=t("Your split"),
        column_config={
            "channel": st.column_config.TextColumn(t("Channel"), pinned=True),
            "today": number(t("Today a day"), format="%d"),
            "plan": number(t("Proposed a day"), format="%d"),
            "mine": number(t("Yours a day"), min_value=0, required=True, format="%d"),
        },
    )  # fmt: skip


def _outcome(answer: Answer, found: Bench) -> None:
    """What the split brings, beside today and the proposal."""
    plan, currency = answer.plan, current_currency()
    mix, today = own_split(answer), found.today
    look = found.looker.at([mix[c] for c in plan.curves.channels])
    _numbers(answer, look)
    rows: list[tuple[str, Band]] = [
        (t("today"), today.outcome),
        (t("proposed"), plan.expected),
        (t("yours"), look.outcome),
    ]
    show_chart(
        bands_figure(plan.objective, rows), key="mix_bands",
        alt=t("What your split brings, with its likely range"),
    )  # fmt: skip
    st.caption(
        t(
            "It spends {money} over {n:count} days; today's split would spend {today}.",
            money=money(look.budget, currency, compact=True),
            n=plan.days,
            today=money(today.budget, currency, compact=True),
        )
    )
    if look.outside:
        names = listed(found.labels.get(c, c) for c in look.outside)
        st.markdown(
            ":material/warning: "
            + t("More than was ever spent on {names}: there the curve is a guess.", names=names)
        )
    save_mix(answer, mix, look)


def _numbers(answer: Answer, look: Look) -> None:
    """The outcome against today's, its range, and the chance to beat today."""
    objective = answer.plan.objective
    with st.grid(2, min_column_width=150, gap="small"):
        st.metric(
            t("Your split brings"),
            f"{amount(objective, look.outcome.mid)}",
            0 if abs(look.share.mid) < SAME else signed(look.share.mid),
            delta_description=outcome_word(objective),
            border=True,
            height="stretch",
            help=t("Likely {span}, once the change has worked through.", span=span(objective, look.outcome)),
        )
        st.metric(
            t("Beats today"),
            percent(look.chance) if abs(look.share.mid) >= SAME else "–",
            "ROI 1:" + multiple(look.roi) if look.roi == look.roi else None,
            delta_arrow="off",
            delta_color="off",
            border=True,
            height="stretch",
        )
