"""The best move of the budget as a plan, worked out once per version of the figures."""

from __future__ import annotations

from channelopt.errors import ChannelOptError
from channelopt.plan.allocation import allocate
from channelopt.plan.history import curves_of, outcomes_of
from channelopt.plan.planned import Plan
from pages.parts import cache
from pages.parts.experiments.tests import tests

#: Days of the move that is proposed.
DAYS = 28


def best_move() -> Plan | None:
    """The recommended split of today's budget over the coming weeks; None where no curve can be learned."""
    found: Plan | None = cache.made(("best_move",), _made)
    return found


def _made() -> Plan | None:
    ledger = cache.ledger()
    if "revenue" not in outcomes_of(cache.daily("day", "channel")):
        return None
    try:
        curves, _ = curves_of(ledger, tests=tests())
        return allocate(curves, budget=float(curves.today.sum()) * DAYS, days=DAYS, policy=ledger.policy)
    except ChannelOptError:
        return None
