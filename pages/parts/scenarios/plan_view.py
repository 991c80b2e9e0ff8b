"""The plan: what it brings, what moves and why, what holds, the way there, and how to keep it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from channelopt.errors import ChannelOptError
from channelopt.plan.asked import Answer, Ask
from channelopt.plan.points import marks
from channelopt.plan.quick import Look, beats_today
from pages.parts import cache, state
from pages.parts.chart import show_chart
from pages.parts.escape import md
from pages.parts.language import current_currency, language, money, percent, roi, signed, t
from pages.parts.say import outcome_word, say
from pages.parts.scenarios.plan_ask import ask_form
from pages.parts.scenarios.plan_figures import moves_figure
from pages.parts.scenarios.plan_mix import bench, mix_box
from pages.parts.scenarios.plan_testfirst import test_first
from pages.parts.scenarios.plan_way import exports, way
from pages.parts.scenarios.plan_words import (
    amount,
    cash,
    next_name,
    next_unit,
    plan_title,
    span,
    test_title,
    verdict_looks,
)
from pages.parts.scenarios.planning import answer_to, history, last_ask, look_at, stand, tried
from pages.parts.scenarios.save_plan import save_line
from pages.parts.trouble import show_refusal
from pages.parts.widgets import ICONS, empty_state, finding_lines, title

#: Channels that move and are shown without a click; those that do not move are always shown.
SHOWN = 8


def plan_view(head: Any) -> None:
    """Everything about one plan; ``head`` is where the title stands."""
    figures = st.container()
    limits = st.container()
    left, right = st.columns([2, 3], gap="medium")
    with left.container(border=True):
        wish = ask_form(limits)
        trouble = st.container()
    answer, stale = _answered(wish, trouble)
    if answer is None:
        with head:
            title(t("This wish cannot be met yet: see what to change"))
        return
    ground = stand(answer.plan.objective)
    blind = ground.state == "test_first" and answer.plan.variation is None
    with head:
        title(test_title() if blind else plan_title(answer))
    if ground.state == "no_data":
        _too_little(ground.findings)
        return
    with figures:
        learned_note(answer.plan.objective)
        if stale:
            st.badge(
                t("Out of date: the plan of your last wish that could be met"),
                icon=":material/history:",
                color="orange",
            )
        if not blind:  # nothing is shown of a plan that is not past its gate
            _figures(answer)
            _promise(answer)
    variation = answer.plan.variation or ground.variation
    with right.container(border=True):
        if variation is not None:
            test_first(answer, variation)
        else:
            _moves(answer)
    mix_box(answer, bench(answer))
    with left:
        if variation is None:
            way(answer)
        if not blind:
            with st.container(border=True):
                save_line(answer)
                exports(answer)
        _proof(answer)
    _doubts(answer)


def learned_note(objective: str) -> None:
    """That no channel is credited with the outcome, so that its curves come from that of all together."""
    if history(objective).periods is not None:
        st.caption(
            ":material/info: "
            + t(
                "Learned from the {outcome} of all channels together. Figures are what the ads add to it,"
                " without what would have come anyway.",
                outcome=outcome_word(objective),
            )
        )


def _answered(wish: dict[str, Any], trouble: Any) -> tuple[Answer | None, bool]:
    """The plan for the wish; the last one when it cannot be met, with the reason in its place."""
    known = state.planning()
    try:
        ask = Ask(**wish)
        answer = answer_to(ask)
    except ChannelOptError as error:
        with trouble:
            show_refusal(error)
        return known.get("answer"), True
    known["ask"], known["answer"] = ask, answer
    return answer, False


def _too_little(findings: Any) -> None:
    empty_state(
        t("Too little to plan with"), t("A plan appears when the data say more. Until then keep today's.")
    )
    finding_lines(findings)


def looks(answer: Answer) -> tuple[Look, Look]:
    """Today's spend and the plan."""
    plan = answer.plan
    held = look_at(plan.objective, plan.days)
    today: Look = cache.worked(("today", plan.objective, plan.days), lambda: held.at(held.goods.today()))
    mine: Look = cache.worked(("look", answer.ask), lambda: beats_today(plan))
    return today, mine


def _figures(answer: Answer) -> None:
    """Five figures: budget, outcome, return, next unit, and the chance to beat today."""
    plan, currency = answer.plan, current_currency()
    today, mine = looks(answer)
    more = mine.budget / today.budget - 1 if today.budget > 0 else float("nan")
    gain = mine.share.mid
    places = st.columns([4, 5, 4, 4, 4], gap="small")
    with places[0]:
        _card(
            t("Budget, {n:count} days", n=plan.days),
            money(plan.budget, currency, compact=True),
            0 if abs(more) < 0.005 else signed(more, 0),
            t("against today"),
        )
    with places[1]:
        _card(
            outcome_word(plan.objective).capitalize(),
            amount(plan.objective, plan.expected.mid),
            0 if abs(gain) < 0.0005 else signed(gain, 1 if abs(gain) < 0.1 else 0),
            t("now {now}", now=amount(plan.objective, today.outcome.mid)),
            help=t(
                "Likely {span}, once the change has worked through.", span=span(plan.objective, plan.expected)
            ),
            color="normal",
        )
    with places[2]:
        _card("ROI", roi(mine.roi), None, t("now {now}", now=roi(today.roi)))
    with places[3]:
        _card(
            next_name(plan.objective),
            next_unit(plan.objective, mine.mroi),
            None,
            t("now {now}", now=next_unit(plan.objective, today.mroi)),
            help=t(
                "What one more unit of money would bring, spread like the rest. Where no limit holds a"
                " channel it brings {free}.",
                free=next_unit(plan.objective, plan.mroi) if plan.mroi == plan.mroi else "–",
            ),
        )
    with places[4]:
        moved = plan.variation is None and abs(mine.chance - 0.5) > 1e-9
        _card(
            t("Beats today"),
            percent(mine.chance) if moved else "–",
            None,
            t("chance"),
            help=t("How likely it is that this plan brings more than today's spend."),
        )


def _promise(answer: Answer) -> None:
    """The corrected gain beside the naive one, where they read differently, and a target out of reach."""
    for finding in answer.plan.findings:
        if finding.code.startswith("plan.target_") and finding.code.endswith(("_more", "_missed")):
            st.markdown(f"{ICONS[finding.severity]} {say(finding)}")
        if not finding.code.startswith("plan.promise"):
            continue
        if percent(finding.params["uplift"]) != percent(finding.params["naive"]):
            st.caption(say(finding))


def _card(label: str, value: str, delta: Any, under: str, **more: Any) -> None:
    colour = more.pop("color", "off")
    if delta is None:
        more |= {"delta": under, "delta_arrow": "off", "delta_color": "off"}
    else:
        more |= {"delta": delta, "delta_description": under, "delta_color": colour}
    st.metric(label, value, border=True, height="stretch", **more)


def _moves(answer: Answer) -> None:
    """Today against the plan, then every channel's reason."""
    plan = answer.plan
    st.markdown("**" + t("Money a day: today and proposed") + "**")
    what = look_at(plan.objective, plan.days).goods
    figure = cache.worked(
        ("moves", answer.ask, language()), lambda: moves_figure(marks(what, plan), plan.receipts)
    )
    show_chart(figure, key="moves", alt=t("Money a day: today and proposed"))
    st.caption(t("● today · ◆ proposed · pale bar: what was ever spent, by weekly means"))
    reasons(answer)


def reasons(answer: Answer) -> None:
    """Why each channel moves or does not; those that do not move are always in sight."""
    still, moving = cache.worked(("reasons", answer.ask, language()), lambda: _reasons(answer))
    if still:
        st.markdown("**" + t("Why did it not move?") + "**")
        st.markdown("\n\n".join(still))
    if moving:
        st.markdown("**" + t("Why this move?") + "**")
        st.markdown("\n\n".join(moving[:SHOWN]))
    if moving[SHOWN:]:
        with st.expander(t("{n:count} smaller moves", n=len(moving) - SHOWN)):
            st.markdown("\n\n".join(moving[SHOWN:]))


def _reasons(answer: Answer) -> tuple[list[str], list[str]]:
    """One paragraph per channel: of those that stay, and of those that move, the largest move first."""
    rows = answer.plan.receipts.to_dict("records")
    still = [row for row in rows if row["verdict"] in ("hold", "test")]
    moving = [row for row in rows if row["verdict"] not in ("hold", "test")]
    moving.sort(key=lambda row: -abs(row["change"]))
    labels, looks = cache.labels(), verdict_looks()
    return [_reason(row, labels, looks) for row in still], [_reason(row, labels, looks) for row in moving]


def _reason(row: dict[Any, Any], labels: dict[str, str], looks: dict[str, tuple[str, str, str]]) -> str:
    word, icon, colour = looks[row["verdict"]]
    change = ""
    if row["verdict"] in ("move", "watch"):
        share = f" ({signed(row['spend'] / row['today'] - 1, 0)})" if row["today"] > 0 else ""
        change = f" · {cash(row['today'])} → {cash(row['spend'])}{share}"
    name = md(labels.get(row["channel"], row["channel"]))
    return f":{colour}-badge[{icon} {word}] **{name}** {md(change)}  \n:small[{say(row['reason'])}]"


def _proof(answer: Answer) -> None:
    """How past forecasts fared, in a sentence."""
    for finding in tried(answer.plan.objective).findings[-1:]:
        st.markdown(f"{ICONS[finding.severity]} {say(finding)}")


def _doubts(answer: Answer) -> None:
    """Every doubt about the plan, and when it begins."""
    plan, past = answer.plan, history(answer.plan.objective)
    known = (*plan.findings, *past.findings)
    with st.expander(t("What to know about this plan ({n:count})", n=len(known))):
        finding_lines(known)
    day_text = t("The plan starts on {day:date}, the day after your data.", day=past.first_coming)
    st.caption(
        day_text + " " + t("Outcomes are what the money brings in the end; season of the days counted in.")
    )
    st.caption(
        t(
            "This plan splits the money among all channels. Focus leads it to the best few, its weekly steps"
            " move it a little each week: three ways to the same end, take one."
        )
    )


def remembered() -> Answer:
    """The plan of this session, for the other views."""
    known = state.planning().get("answer")
    return known if isinstance(known, Answer) else answer_to(last_ask())
