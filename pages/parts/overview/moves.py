"""The best move of the budget as a plan, worked out once per version of the figures."""

from __future__ import annotations

from dataclasses import replace

from channelopt.errors import ChannelOptError
from channelopt.plan.allocation import allocate
from channelopt.plan.planned import Plan
from channelopt.plan.standing import standing
from pages.parts import cache
from pages.parts.focus.focus_views import curves

#: Days of the move that is proposed.
DAYS = 28


def best_move() -> Plan | None:
    """The recommended split of today's budget over the coming weeks; None where no curve can be learned."""
    found: Plan | None = cache.made(("best_move",), _made)
    return found


def _made() -> Plan | None:
    known = curves()
    if known is None:
        return None
    try:
        budget = float(known.today.sum()) * DAYS
        plan = allocate(known, budget=budget, days=DAYS, policy=cache.ledger().policy)
        ground = standing(known)
    except ChannelOptError:
        return None
    if ground.state == "no_data":
        return None
    return replace(plan, variation=plan.variation or ground.variation)  # as Scenarios: a test comes first
