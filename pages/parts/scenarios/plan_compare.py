"""Up to three scenarios beside today: what each brings, how sure it is which is better, what each assumes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from channelopt.plan.chances import SAME
from channelopt.plan.planned import Band
from channelopt.plan.scenarios import Assumptions, Comparison, Scenario, compare, today_scenario
from pages.parts import cache
from pages.parts.chart import show_chart
from pages.parts.escape import md
from pages.parts.language import current_currency, language, money, percent, roi, signed, t
from pages.parts.say import outcome_word
from pages.parts.scenarios.plan_figures import bands_figure
from pages.parts.scenarios.plan_mix import own_split, touched
from pages.parts.scenarios.plan_view import learned_note, remembered
from pages.parts.scenarios.plan_words import amount, cash, chance_words, next_name, next_unit, span
from pages.parts.scenarios.planning import curves, saved
from pages.parts.widgets import finding_lines, title

MOST = 3


def compare_view(head: Any) -> None:
    """Choose, then the table, the ranges, the chances, the channels and the assumptions."""
    answer = remembered()
    objective, days = answer.plan.objective, answer.plan.days
    offered = _offered(answer)
    left, middle, right = st.columns([3, 1, 1])
    chosen = left.multiselect(
        t("Scenarios beside today (up to three)"), list(offered), list(offered)[:2],
        format_func=lambda key: offered[key].name, max_selections=MOST, key="compare_chosen",
        persist_state="session", placeholder=t("choose"),
    )  # fmt: skip
    demand = middle.number_input(
        t("If demand changes by (%)"), -80, 200, 0, 5, key="compare_demand", persist_state="session"
    )
    price = right.number_input(
        t("If media gets dearer by (%)"), -50, 200, 0, 5, key="compare_price", persist_state="session"
    )
    assumed = Assumptions(
        demand=1 + (demand or 0) / 100,
        prices={c: 1 + price / 100 for c in answer.plan.curves.channels} if price else {},
    )
    shown = [replace(offered[key], assumptions=assumed) for key in chosen]
    now = replace(today_scenario(curves(objective), days, t("Today")), assumptions=assumed)
    key = ("compare", objective, days, repr([(s.name, s.spend) for s in shown]), demand, price, language())
    found: Comparison = cache.worked(
        key, lambda: compare(curves(objective), shown or [now], now, objective, cache.ledger().policy)
    )
    with head:
        title(_title(found))
    _table(found)
    chart, words = st.columns([3, 2], gap="medium")
    with chart.container(border=True, height="stretch"):
        st.markdown(
            "**"
            + t("{outcome} over {n:count} days", outcome=outcome_word(objective).capitalize(), n=days)
            + "**"
        )
        rows = [
            (r.scenario, Band(r.outcome_low, r.outcome, r.outcome_high)) for r in found.table.itertuples()
        ]
        figure = bands_figure(objective, rows)
        show_chart(figure, key="compare_bands", alt=t("Outcome of each scenario"))
        st.caption(t("What is seen within these days, the ramp from today's spend counted in."))
    with words.container(border=True, height="stretch"):
        _chances(found)
    _channels(found)
    _assumptions(found, objective)


def _offered(answer: Any) -> dict[str, Scenario]:
    """What can be compared: the proposal, the own split, and the saved ones, all over the same days."""
    plan = answer.plan
    found = {"plan": replace(Scenario.from_plan(t("Proposed"), plan))}
    if touched():
        found["mix"] = Scenario(t("Your split"), own_split(answer), plan.days)
    known = set(plan.curves.channels)
    taken = {s.name for s in found.values()} | {t("Today")}
    for one in saved():
        if one.state == "dropped" or not set(one.scenario.spend) <= known:
            continue
        name = one.name if one.name not in taken else f"{one.name} ({one.number})"
        taken.add(name)
        found[f"s{one.number}"] = replace(one.scenario, name=name, days=plan.days, start=None)
    return found


def _same(chance: float, gain: float, outcome: float) -> bool:
    """Whether two scenarios bring the same: an even chance alone may be a toss-up."""
    return chance == 0.5 and abs(gain) <= SAME * abs(outcome)


def _title(found: Comparison) -> str:
    best = found.table.sort_values("outcome", ascending=False).iloc[0]
    if best["scenario"] == found.baseline:
        return t("Today's split brings most of those compared.")
    if _same(best["p_beats_baseline"], best["gain"], best["outcome"]):
        return t("Nothing compared here brings more than today.")
    told = {"name": best["scenario"], "chance": percent(best["p_beats_baseline"])}
    if best["p_beats_baseline"] >= cache.ledger().policy.confidence:
        return t("{name} brings most; it beats today with a chance of {chance}.", **told)
    return t("{name} looks best, but only {chance} sure to beat today.", **told)


def _table(found: Comparison) -> None:
    currency, objective = current_currency(), found.objective
    rows = [
        {
            t("Scenario"): r.scenario,
            t("Budget"): money(r.budget, currency, compact=True),
            outcome_word(objective).capitalize(): amount(objective, r.outcome),
            t("Likely range"): span(objective, Band(r.outcome_low, r.outcome, r.outcome_high)),
            t("Against today"): "" if r.scenario == found.baseline else signed(
                r.gain / (r.outcome - r.gain) if r.outcome != r.gain else float("nan")),
            t("Chance to beat today"): "" if r.scenario == found.baseline else
                t("the same") if _same(r.p_beats_baseline, r.gain, r.outcome) else
                percent(r.p_beats_baseline),
            "ROI": roi(r.roi),
            next_name(objective): next_unit(objective, r.mroi),
        }
        for r in found.table.itertuples()
    ]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="compare_table", alt=t("Scenarios side by side"))


def _chances(found: Comparison) -> None:
    st.markdown("**" + t("How sure is it which brings more?") + "**")
    names, brings = list(found.beats.index), found.table.set_index("scenario")["outcome"]
    if len(names) < 2:
        st.caption(t("Choose a scenario to compare with today."))
    for at, one in enumerate(names):
        for other in names[:at]:
            chance, apart = float(found.beats.loc[one, other]), float(brings[one] - brings[other])
            st.markdown("- " + chance_words(one, other, chance, _same(chance, apart, brings[other])))


def _channels(found: Comparison) -> None:
    """Money and outcome per channel, one pair of columns per scenario."""
    labels, objective = cache.labels(), found.objective
    order = list(dict.fromkeys(found.channels.sort_values("spend", ascending=False)["channel"]))
    columns: dict[str, list[str]] = {t("Channel"): [labels.get(c, c) for c in order]}
    for scenario, part in found.channels.groupby("scenario", sort=False):
        rows = part.set_index("channel").reindex(order)
        columns[f"{scenario}: {t('money a day')}"] = [
            cash(x) + (" ⚠" if out else "") for x, out in zip(rows["spend"], rows["outside"], strict=True)
        ]
        columns[f"{scenario}: {outcome_word(objective)}"] = [amount(objective, x) for x in rows["outcome"]]
    st.markdown("**" + t("Channel by channel") + "**")
    st.dataframe(pd.DataFrame(columns), hide_index=True, key="compare_channels", alt=t("Channel by channel"))
    st.caption(t("⚠ outside what was ever spent there."))


def _assumptions(found: Comparison, objective: str) -> None:
    with st.expander(t("What each scenario assumes")):
        for name, findings in found.findings.items():
            st.markdown(f"**{md(name)}**")
            if findings:
                finding_lines(findings)
            else:
                st.caption(t("Only the curves and the usual demand of these days."))
        learned_note(objective)
        if curves(objective).attributed:
            doubt = percent(cache.ledger().policy.credit_doubt)
            st.caption(
                t("All of them: credited leads may be off by about {doubt}; Settings can change it.").format(
                    doubt=doubt
                )
            )
