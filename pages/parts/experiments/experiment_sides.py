"""Inputs of a test of two or more variants side by side: campaigns, or people from a file of test rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from channelopt.experiments.record import rows_settings, settings_of
from channelopt.experiments.replay import aa_replay
from channelopt.experiments.rows import (
    History,
    Variants,
    campaigns_of,
    history_of,
    people_history,
    plan_from,
    variant_rows,
)
from pages.parts import cache
from pages.parts.experiments.experiment_card import Draft
from pages.parts.experiments.tests import metric_names
from pages.parts.language import current_currency, listed, money, percent, t

SIDE_METRICS = ("cpl", "cpvl", "cpc", "ctr", "cvr", "cac", "roas")
PEOPLE_METRICS = ("lead_rate", "order_rate", "revenue_per_person")
NAMES = ("A", "B", "C", "D", "E")
#: Days of a month of money.
MONTH = 30


@dataclass(frozen=True)
class Asked:
    """What the form asks of any test side by side.

    Attributes:
        given: arguments of ``plan_test``.
    """

    given: dict[str, Any]


def campaigns_draft(kind: str) -> Draft | None:
    """Campaigns of one channel side by side."""
    daily = cache.daily("day", "channel", "campaign")
    campaigns: dict[str, list[str]] = cache.made(
        ("campaigns",), lambda: {c: campaigns_of(daily, c) for c in cache.labels()}
    )
    channels = [c for c, known in campaigns.items() if len(known) >= 2]
    if not channels:
        st.caption(t("A test needs a channel with at least two campaigns."))
        return None
    labels, names = cache.labels(), metric_names()
    left, middle, right = st.columns([2, 2, 1])
    channel = left.selectbox(
        t("Channel"), channels, format_func=lambda c: labels.get(c, c), key="test_channel"
    )
    metric = middle.selectbox(t("Judged by"), SIDE_METRICS, format_func=lambda m: names[m], key="test_metric")
    most = min(len(campaigns[channel]), len(NAMES))
    many = right.number_input(t("Variants"), 2, most, 2) if most > 2 else 2
    variants = _chosen(channel, campaigns[channel], int(many))
    if not all(variants.values()):
        st.caption(t("Choose campaigns for A and for B."))
        return None
    rows: Variants = cache.made(
        ("variant_rows", channel, str(variants)), lambda: variant_rows(daily, channel, variants)
    )
    history = history_of(rows, metric)
    if not history.events_per_day > 0:
        st.caption(t("These campaigns have no such figures yet; choose another metric."))
        return None
    asked = _asked(history, metric, tuple(variants), units=("platform", "person"))
    plan = cache.made(
        ("plan", channel, str(variants), metric, str(asked.given)),
        lambda: plan_from(history, metric, **asked.given),
    )
    settings = settings_of(plan, channel, variants, kind)
    replay = cache.made(("replay", str(settings)), lambda: aa_replay(rows.frame, plan))
    return Draft(plan, settings, replay, history.value_per_day)


def _chosen(channel: str, options: list[str], many: int) -> dict[str, list[str]]:
    """Campaigns of each variant; one campaign is in one variant only."""
    variants: dict[str, list[str]] = {}
    left = list(options)
    columns = st.columns(2)
    titles = [t("A, what you have"), t("B, what is new")]
    for i, name in enumerate(NAMES[:many]):
        title = titles[i] if i < 2 else t("{name}, also new", name=name)
        picked = columns[i % 2].multiselect(title, left, left[:1], key=f"test_{name.lower()}_{channel}",
                                             placeholder=t("choose"))  # fmt: skip
        variants[name] = picked
        left = [c for c in left if c not in picked]
    return variants


def _asked(history: History, metric: str, variants: tuple[str, ...], units: tuple[str, ...]) -> Asked:
    """Smallest effect, looks, who is split, and under "more" the question, the split and the guardrails."""
    given: dict[str, Any] = {"variants": variants, "smallest": _smallest(history)}
    left, right = st.columns(2)
    rhythms = {"7": t("Every week"), "1": t("Every day from day 7"), "any": t("At any time (needs longer)")}
    looks = left.selectbox(t("Looks"), list(rhythms), format_func=lambda k: rhythms[k])
    given |= {"mode": "anytime"} if looks == "any" else {"look_every": int(looks)}
    names = {
        "platform": t("The platform chooses"),
        "person": t("A split test splits people at random"),
    }
    given["unit"] = right.selectbox(t("Who sees what"), units, format_func=lambda u: names[u])
    with st.expander(t("More: the question, the split, guardrails"), icon=":material/tune:"):
        given |= _more(metric, variants)
    return Asked(given)


def _smallest(history: History) -> float:
    """The smallest effect worth acting on, in money a month or as a share."""
    month = history.value_per_day * MONTH
    left, right = st.columns([3, 4], vertical_alignment="bottom")
    ways = {"money": t("in money"), "share": t("in percent")}
    way = "share"
    if month > 0:
        way = left.segmented_control(
            t("Smallest effect worth acting on"), list(ways), default="money", required=True,
            format_func=lambda k: ways[k], key="test_way",
        )  # fmt: skip
    if way == "share":
        label = t("Smallest effect worth acting on") if month <= 0 else t("Better or worse by")
        return float(right.slider(label, 5, 60, 20, 5, format="%d%%", key="test_small")) / 100
    step = float(f"{max(month / 100, 1):.0e}")
    asked = right.number_input(
        t("A month, {currency}", currency=current_currency()), step, None, round(0.2 * month / step) * step,
        step, key=f"test_money_{month:.0f}", format="%.0f",
    )  # fmt: skip
    share = min(max(float(asked) / month, 0.01), 0.95)
    st.caption(
        t(
            "That is {share:percent} of the {month} a month that depend on it.",
            share=share,
            month=money(month, current_currency(), compact=True),
        )
    )
    return share


def _more(metric: str, variants: tuple[str, ...]) -> dict[str, Any]:
    names = metric_names()
    goals = {
        "better": t("Is B better?"),
        "not_worse": t("Is B not worse? (cheaper, simpler)"),
        "same": t("Is B the same? (a change nobody should notice)"),
    }
    left, right = st.columns(2)
    goal = left.selectbox(t("The question"), list(goals), format_func=lambda g: goals[g])
    guards = right.multiselect(
        t("Guardrails: what must not get worse"),
        [m for m in SIDE_METRICS if m not in (metric, "cac", "roas")],
        format_func=lambda m: names[m],
        placeholder=t("none"),
    )
    share = left.slider(t("Share of A"), 10, 90, round(100 / len(variants)), 5, format="%d%%") / 100
    error = right.selectbox(t("False winners at most"), [0.05, 0.1, 0.01], format_func=percent)
    rest = (1 - share) / (len(variants) - 1)
    return {
        "goal": goal,
        "guardrails": tuple(guards),
        "shares": (share, *([rest] * (len(variants) - 1))),
        "alpha": error,
    }


def rows_draft(kind: str) -> Draft | None:
    """People split by the user's own site or app; rows come as files."""
    tables: pd.DataFrame = cache.made(("variant_tables",), cache.ledger().variant_tables)
    known = [str(x) for x in tables.loc[tables["variants"].map(len) >= 2, "experiment"]]
    ask = t("Its rows will come later")
    left, right = st.columns(2)
    experiment = left.selectbox(t("Test rows of"), [*known, ask], key="test_rows_of")
    if experiment == ask:
        return _rows_to_come(kind)
    frame: pd.DataFrame = cache.made(
        ("variant_facts", experiment), lambda: cache.ledger().variant_rows(experiment)
    )
    names = sorted(frame["variant"].unique())
    control = right.selectbox(t("A, what you have"), names, key=f"control_{experiment}")
    variants = (str(control), *(str(n) for n in names if n != control))
    people = bool((frame["person_key"] != "").any())
    metrics = [m for m in (*PEOPLE_METRICS, *SIDE_METRICS) if people_history(frame, m).events_per_day > 0]
    if not metrics:
        st.caption(t("These rows have no figures to judge by."))
        return None
    labels = metric_names()
    metric = left.selectbox(t("Judged by"), metrics, format_func=lambda m: labels[m], key="rows_metric")
    history = people_history(frame, metric)
    asked = _asked(history, metric, variants, units=("person", "platform"))
    plan = plan_from(history, metric, **asked.given)
    if plan is None:
        return None
    if not people:
        st.caption(t("These are rows per day, so they are compared day by day."))
    return Draft(plan, rows_settings(plan, str(experiment), kind), None, history.value_per_day)


def _rows_to_come(kind: str) -> Draft | None:
    """A test of people whose rows do not exist yet: volume and rate are typed in."""
    labels = metric_names()
    left, right = st.columns(2)
    experiment = left.text_input(t("Name of the test in its file"), t("landing page"), max_chars=60)
    typed = right.text_input(t("Variants, the first is what you have"), "A, B")
    variants = tuple(
        dict.fromkeys(part.strip() for part in typed.replace("，", ",").split(",") if part.strip())
    )
    metric = left.selectbox(
        t("Judged by"), PEOPLE_METRICS[:2], format_func=lambda m: labels[m], key="come_metric"
    )
    people = right.number_input(t("Visitors a day, all variants"), 10, 10_000_000, 400, 10)
    rate = left.number_input(t("Of 100 visitors, so many do it today"), 0.1, 95.0, 4.0, 0.5) / 100
    worth = right.number_input(
        t("What one is worth, {currency}", currency=current_currency()), 0.0, None, 0.0, 10.0
    )
    click = left.number_input(t("What a visitor costs (CPC)"), 0.0, None, _usual_cpc(), 0.1)
    if len(variants) < 2 or not experiment.strip():
        st.caption(t("Name at least two variants."))
        return None
    history = History(people * rate, 0.0, people * click, people * rate * worth, 0, people, 1 - rate)
    asked = _asked(history, metric, variants, units=("person", "platform"))
    plan = plan_from(history, metric, **asked.given)
    if plan is None:
        return None
    st.markdown(
        t(
            "Then upload a file with one row per visitor: a visitor ID, the day, the variant"
            " ({names}), and whether they did it. Give it the name {file}.",
            names=listed(variants),
            file=f"{experiment.strip()}.csv",
        )
    )
    return Draft(plan, rows_settings(plan, experiment.strip(), kind), None, history.value_per_day)


def _usual_cpc() -> float:
    """What a click costs today over all channels; 0 when nobody knows."""
    found = cache.summary().cpc
    return round(float(found), 2) if found == found else 0.0
