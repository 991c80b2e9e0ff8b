"""The team's own split: a slider per channel, and the outcome answers at once."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from channelopt.plan.asked import Answer
from channelopt.plan.planned import Band
from channelopt.plan.quick import Look
from pages.parts import cache, state
from pages.parts.escape import md
from pages.parts.language import current_currency, money, multiple, percent, signed, t
from pages.parts.plan_figures import bands_figure
from pages.parts.plan_words import amount, span
from pages.parts.planning import look_at
from pages.parts.save_plan import save_mix
from pages.parts.say import outcome_word

#: Sliders shown without a click, those with the most money.
FIRST = 8


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


def _edited(answer: Answer, order: list[str], key: str) -> None:
    mix = dict(own_split(answer))
    for at, cells in st.session_state[key]["edited_rows"].items():
        value = cells.get("mine")
        if value is not None and value >= 0:
            mix[order[int(at)]] = float(value)
    state.planning()["mix"] = mix


@st.fragment
def mix_box(answer: Answer) -> None:
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
                _table(answer)
            else:
                _sliders(answer)
        with right:
            _outcome(answer)


def _order(answer: Answer) -> list[str]:
    return [str(c) for c in answer.plan.curves.today.sort_values(ascending=False).index]


def _sliders(answer: Answer) -> None:
    order = _order(answer)
    with st.grid(2, min_column_width=180, gap="small"):
        for channel in order[:FIRST]:
            _slider(answer, channel, order.index(channel))
    if order[FIRST:]:
        with (
            st.expander(t("{n:count} more channels", n=len(order) - FIRST)),
            st.grid(2, min_column_width=180, gap="small"),
        ):
            for channel in order[FIRST:]:
                _slider(answer, channel, order.index(channel))


def _slider(answer: Answer, channel: str, at: int) -> None:
    plan, mix = answer.plan, own_split(answer)
    seen = plan.curves.observed_range["high"]
    most = max(
        2 * plan.curves.today[channel], 1.2 * seen[channel], 1.5 * plan.spend[channel], mix[channel], 10
    )
    step = _step(most)
    top = int(-(-most // step) * step)
    key = f"mix_{state.planning().get('mix_round', 0)}_{at}"
    name = cache.labels().get(channel, channel)
    st.slider(
        md(name, 40), 0, top, min(int(mix[channel]), top), step, key=key,
        on_change=_moved, args=(answer, channel, key),
    )  # fmt: skip


def _step(most: float) -> int:
    """A round step: about two hundred of them reach the end of the slider."""
    for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000):
        if most / size <= 300:
            return size
    return 10_000


def _table(answer: Answer) -> None:
    order, mix, labels = _order(answer), own_split(answer), cache.labels()
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


def _outcome(answer: Answer) -> None:
    """What the split brings, beside today and the proposal."""
    plan, currency = answer.plan, current_currency()
    held, mix = look_at(plan.objective, plan.days), own_split(answer)
    look = held.at([mix[c] for c in plan.curves.channels])
    today: Look = cache.worked(("today", plan.objective, plan.days), lambda: held.at(held.goods.today()))
    _numbers(answer, look)
    rows: list[tuple[str, Band]] = [
        (t("today"), today.outcome),
        (t("proposed"), plan.expected),
        (t("yours"), look.outcome),
    ]
    st.plotly_chart(
        bands_figure(plan.objective, rows), config={"displayModeBar": False}, key="mix_bands",
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
        names = ", ".join(cache.labels().get(c, c) for c in look.outside)
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
            0 if abs(look.share.mid) < 0.0005 else signed(look.share.mid),
            delta_description=outcome_word(objective),
            border=True,
            height="stretch",
            help=t("Likely {span}, once the change has worked through.", span=span(objective, look.outcome)),
        )
        st.metric(
            t("Chance to beat today"),
            percent(look.chance) if abs(look.chance - 0.5) > 1e-9 else "–",
            "ROI 1:" + multiple(look.roi) if look.roi == look.roi else None,
            delta_arrow="off",
            delta_color="off",
            border=True,
            height="stretch",
        )
