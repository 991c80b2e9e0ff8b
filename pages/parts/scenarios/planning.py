"""What plans rest on, worked out once per version of the ledger: history, curves, plans, backtest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from channelopt.plan.asked import Answer, Ask, answer, today_budget
from channelopt.plan.backtest import Backtest, backtest
from channelopt.plan.history import History, history_of, learned
from channelopt.plan.kept import Kept, kept_scenarios
from channelopt.plan.proven import proven_lifts
from channelopt.plan.quick import Looker, looker
from channelopt.plan.standing import Standing, standing
from channelopt.response import ResponseCurves
from pages.parts import cache, state
from pages.parts.experiments.tests import tests
from pages.parts.language import t
from pages.parts.progress import Progress


def _with_progress(text: str, key: str, work: Callable[[Callable[[int, int], None]], Any]) -> Any:
    bar = Progress(text, key)
    try:
        return work(bar.step)
    finally:
        bar.end()


def objectives() -> tuple[str, ...]:
    """What plans can be for in the workspace shown; empty without any outcome."""
    return cache.objectives()


def history(objective: str) -> History:
    """The past days that curves of an objective are learned from."""
    found: History = cache.made(
        ("history", objective),
        lambda: history_of(
            cache.daily("day", "channel"),
            cache.diagnosis().delays,
            objective,
            cache.overall(),
            cache.ledger().policy.plan_by,
        ),
    )
    return found


def curves(objective: str) -> ResponseCurves:
    """The response curves of an objective. Shared: never change them."""

    def learn() -> Any:
        text = t("Learning what more money on each channel brings …")
        policy = cache.ledger().policy
        lifts = proven_lifts(tests(), cache.daily("day", "channel"), objective)
        return _with_progress(
            text, "learn_curves", lambda step: learned(history(objective), objective, policy, step, lifts)
        )

    found: ResponseCurves = cache.worked(("curves", objective), learn)
    return found


def stand(objective: str) -> Standing:
    """Whether the data allow a plan."""
    found: Standing = cache.worked(("standing", objective), lambda: standing(curves(objective)))
    return found


def answer_to(ask: Ask) -> Answer:
    """The plan for a wish."""
    found: Answer = cache.worked(
        ("answer", ask), lambda: answer(curves(ask.objective), ask, cache.ledger().policy)
    )
    return found


def look_at(objective: str, days: int) -> Looker:
    """Fast looks at spends, against today's."""
    found: Looker = cache.worked(
        ("looker", objective, days), lambda: looker(curves(objective), objective, days, cache.ledger().policy)
    )
    return found


def tried(objective: str) -> Backtest:
    """How forecasts of the past fared on the user's own days."""

    def work() -> Any:
        text = t("Trying the curves on your own past …")
        past, policy = history(objective), cache.ledger().policy
        return _with_progress(
            text,
            "backtest",
            lambda step: backtest(
                past.daily, lambda rows: learned_from(rows, objective), policy=policy, on_step=step
            ),
        )

    found: Backtest = cache.worked(("backtest", objective), work)
    return found


def learned_from(rows: Any, objective: str) -> ResponseCurves:
    """Curves from a part of the past."""
    return learned(history(objective).until(rows), objective, cache.ledger().policy)


def today_money(objective: str, days: int) -> float:
    """What today's spend costs over the days."""
    return today_budget(curves(objective), days)


def saved() -> list[Kept]:
    """Saved scenarios, newest first."""
    found: list[Kept] = cache.made(("scenarios",), lambda: kept_scenarios(cache.ledger().scenarios()))
    return found


def last_ask() -> Ask:
    """The wish of this session; a default one at first."""
    known = state.planning().get("ask")
    return known if isinstance(known, Ask) else Ask(objective=objectives()[0])
