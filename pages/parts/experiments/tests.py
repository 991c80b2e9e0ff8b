"""The tests of the workspace: read once per version, the page's title, and which view is shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

from channelopt.experiments.record import Recorded, recorded
from pages.parts import cache, state
from pages.parts.escape import md
from pages.parts.language import day, t
from pages.parts.links import view_switch


def tests() -> list[Recorded]:
    """Every test of the workspace, read as of today; newest first."""
    found: list[Recorded] = cache.made(
        ("experiments",), lambda: recorded(cache.ledger(), cache.daily("day", "channel", "campaign"))
    )
    return found


def note_visit() -> None:
    """Keep that the running tests were looked at today: the page tells what this habit would do"""
    today = dt.date.today()
    for one in tests():
        if one.state == "running" and today >= one.start:
            cache.made(
                ("visit", one.number, today.isoformat()),
                lambda number=one.number: cache.ledger().note_visit(number, today, by=state.USER),
            )


def tests_title() -> str:
    """What the tests say, as a sentence."""
    running = [one for one in tests() if one.state == "running"]
    if not running:
        return t("No test is running. Plan one below.")
    names = [md(one.name) for one in running if one.reading.outcome == "winner"]
    if names:
        return t("{name} has a winner.", name=names[0])
    looks = [one for one in running if one.reading.next_look]
    if not looks:
        return t("No test needs a look any more.")
    next_one = min(looks, key=lambda one: one.next_look_on or dt.date.max)
    when = next_one.next_look_on
    if when is not None and when < dt.date.today():
        return t(
            "{name}: upload its days to read the look of {when}.", name=md(next_one.name), when=day(when)
        )
    return t("{name}: the next look is on {when}.", name=md(next_one.name), when=day(when))


def tests_view() -> str:
    """Which view of the experiments is shown; planning where there is no test yet."""
    names = {
        "tests": t("Tests ({n:count})", n=len(tests())),
        "plan": t("Plan a test"),
        "log": t("Log and A/A replay"),
    }
    state.take_tests_view()
    return view_switch(state.TEST_VIEW, names, "tests" if tests() else "plan")


def metric_names() -> dict[str, str]:
    """Metric or outcome → its name."""
    return {
        "cpl": t("Cost per lead (CPL)"),
        "cpvl": t("Cost per valid lead"),
        "cpc": t("Cost per click (CPC)"),
        "ctr": t("Clicks per impression (CTR)"),
        "cvr": t("Leads per click (CVR)"),
        "cac": t("Cost per customer (CAC)"),
        "roas": t("Revenue per 1 of ad spend (ROAS)"),
        "lead_rate": t("Leads per visitor"),
        "order_rate": t("Customers per visitor"),
        "revenue_per_person": t("Revenue per visitor"),
        "leads": t("Leads"),
        "valid_leads": t("Valid leads"),
        "customers": t("Customers"),
        "revenue": t("Revenue"),
    }


def kind_names() -> dict[str, str]:
    """What a test may change → its name."""
    return {
        "hook": t("Hook content"),
        "page": t("Landing page"),
        "creative": t("Creative"),
        "bid": t("Bid"),
        "audience": t("Audience"),
        "channel": t("A channel as a whole"),
        "budget": t("Budget level"),
        "other": t("Something else"),
    }


def outcome_words() -> dict[str, tuple[str, str, Any]]:
    """Outcome → word, icon, colour of its badge."""
    return {
        "winner": (t("WINNER"), ":material/trophy:", "blue"),
        "loser": (t("LOSER"), ":material/trending_down:", "orange"),
        "equivalent": (t("NO DIFFERENCE"), ":material/balance:", "gray"),
        "keep_running": (t("KEEP RUNNING"), ":material/hourglass_top:", "gray"),
        "undecided": (t("UNDECIDED"), ":material/question_mark:", "gray"),
        "data_problem": (t("DATA PROBLEM"), ":material/error:", "orange"),
    }


def outcome_of(one: Recorded) -> str:
    """The outcome as it is shown: a test that is over without a decision is undecided."""
    over = one.reading.outcome == "keep_running" and (one.reading.next_look is None or one.state == "ended")
    return "undecided" if over else one.reading.outcome
