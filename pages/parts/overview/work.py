"""What the team has done, as the gates ask for it."""

from __future__ import annotations

from channelopt.experiments.record import Recorded
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.gates import Work
from pages.parts import cache
from pages.parts.experiments.tests import tests

#: Kinds of tests that count as tests of hook content.
HOOKS = ("hook", "page", "creative")


def work_done(diagnosis: Diagnosis) -> Work:
    """Accepted tests, finished hook tests, chosen channels, tiers in use, the return of the next unit."""
    found: Work = cache.made(("work",), _work)
    return found


def _work() -> Work:
    ledger = cache.ledger()
    decisions = ledger.decisions()
    accepted = decisions[decisions["answer"] == "accepted"]
    verdicts = accepted[accepted["kind"] == "verdict"]
    paid = [
        s for s, a in zip(verdicts["subject"], verdicts["advice"], strict=True) if a.get("verdict") == "test"
    ]
    focus = accepted[accepted["kind"] == "focus"].tail(1)
    chosen: tuple[str, ...] = ()
    p_best = float("nan")
    if len(focus):
        choice = focus["choice"].iloc[0]
        chosen = tuple(str(c) for c in choice.get("channels", ()))
        p_best = float(choice.get("p_best", float("nan")) or float("nan"))
    margin = ledger.inputs("margin")
    return Work(
        paid_tests=frozenset(str(p) for p in paid),
        fewer=str(ledger.inputs("gate").get("fewer", "")),
        hook_tests=sum(finished(one) for one in tests()),
        chosen=chosen,
        p_best=p_best,
        tiers=bool(ledger.inputs("tiers").get("in_use", False)),
        mroi=float(margin.get("mroi", float("nan")) or float("nan")),
        p_margin=float(margin.get("chance", float("nan")) or float("nan")),
    )


def finished(one: Recorded) -> bool:
    """A hook test that was decided, or ran to its planned end."""
    if one.kind not in HOOKS or one.reading.outcome == "data_problem" or not one.is_test:
        return False
    return one.reading.outcome in ("winner", "loser", "equivalent") or one.reading.next_look is None
