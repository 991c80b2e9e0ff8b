r"""What is worth doing this week: every open recommendation as money a month, the largest first.

A drop is worth what the channel loses against the floor: its cost c a month moved to where money returns
the floor, :math:`m\,c\,(floor - roi)` with the margin m where it is known (1 otherwise). A move of budget is
worth its corrected uplift. A winning test is worth what remains without its luck (``experiments.luck``);
paying for a test, what deciding is expected to gain. Money that bought nobody is worth
what can be claimed. The values rest on the same posteriors as the pages they come from; they overlap and are
not added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from channelopt.experiments.abtest import Reading
from channelopt.experiments.design import TestPlan
from channelopt.experiments.luck import without_luck
from channelopt.experiments.record import Recorded
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.planned import Plan
from channelopt.policy import Policy

#: Days of a month of money.
MONTH: Final = 30
#: What an action asks to be decided → the ledger's kind of decision.
KINDS: Final = {
    "drop": "verdict",
    "pay_test": "verdict",
    "upload": "data",
    "move": "plan",
    "vary": "plan",
    "ship": "ship",
    "end_test": "ship",
    "claim": "claim",
}
#: Days after which what was decided is asked again, if it is still worth something.
AGAIN: Final = 28
#: Pages an action leads to.
PAGES: Final = ("upload", "diagnosis", "experiments", "scenarios", "focus", "scaling")


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Attributes:
        code: "drop", "pay_test", "upload", "move", "vary", "ship", "end_test" or "claim".
        subject: the channel or the test; "budget" for the split of the account's money.
        value: expected money a month; NaN when unknown.
        low: end of its interval; NaN when unknown.
        high: the same.
        chance: how sure it is; NaN when unknown.
        page: the page it is done on.
        params: what else the sentence tells.
    """

    code: str
    subject: str
    value: float
    low: float
    high: float
    chance: float
    page: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of decision it asks for, as the ledger names it."""
        return KINDS[self.code]


def actions(
    diagnosis: Diagnosis,
    tests: Sequence[Recorded] = (),
    plan: Plan | None = None,
    decided: frozenset[tuple[str, str]] = frozenset(),
    limit: int = 3,
) -> tuple[Action, ...]:
    """The open recommendations, the one worth most first.

    Args:
        diagnosis: today's diagnosis.
        tests: the tests of the workspace, read as of today.
        plan: the recommended split of the budget.
        decided: (kind, subject) of decisions that were taken already: they are not asked again.
        limit: how many.
    """
    found = [*_channels(diagnosis), *_tests(tests, diagnosis.policy), *_claims(diagnosis)]
    if plan is not None:
        found += _moves(plan)
    open_ones = [a for a in found if (a.kind, a.subject) not in decided]
    ranked = sorted(open_ones, key=lambda a: -(a.value if np.isfinite(a.value) else -1.0))
    return tuple(ranked[:limit])


def decided_lately(decisions: pd.DataFrame, today: dt.date) -> frozenset[tuple[str, str]]:
    """(kind, subject) of what was decided in the last ``AGAIN`` days.

    Args:
        decisions: ``Ledger.decisions()``.
        today: the day.
    """
    since = pd.Timestamp(today) - pd.Timedelta(days=AGAIN)
    own = decisions[pd.to_datetime(decisions["at"]) >= since]
    return frozenset(zip(own["kind"].astype(str), own["subject"].astype(str), strict=True))


def _months(diagnosis: Diagnosis) -> float:
    first, last = diagnosis.day_first, diagnosis.day_last
    return max(((last - first).days + 1) / MONTH, 1 / MONTH) if first and last else float("nan")


def _plain(code: str, subject: str, page: str, value: float = float("nan"), **params: Any) -> Action:
    """An action without an interval of its own."""
    nan = float("nan")
    return Action(code, subject, value, nan, nan, nan, page, params)


def _channels(diagnosis: Diagnosis) -> list[Action]:
    policy, months = diagnosis.policy, _months(diagnosis)
    margin = policy.margin or 1.0
    found = []
    for row in diagnosis.verdicts.itertuples():
        monthly = float(row.cost) / months
        if row.verdict == "drop":
            value, low, high = (
                margin * monthly * (policy.roi_floor - r) for r in (row.roi, row.roi_high, row.roi_low)
            )
            told = {"spend": monthly, "roi": row.roi, "floor": policy.roi_floor}
            chance = float(row.p_below_floor)
            found.append(Action("drop", row.channel, value, low, high, chance, "diagnosis", told))
        elif row.verdict == "test" and np.isfinite(row.worth) and row.spend_to_decide > 0:
            told = {"spend": row.spend_to_decide, "days": row.days_to_decide}
            found.append(_plain("pay_test", row.channel, "diagnosis", float(row.worth) / 3, **told))
        elif row.verdict == "unknown" and row.cost > 0:  # nothing to decide where nothing is paid
            found.append(_plain("upload", row.channel, "upload", spend=monthly))
    return found


def _tests(tests: Sequence[Recorded], policy: Policy) -> list[Action]:
    found = []
    for one in tests:
        if one.state != "running" or not isinstance(one.reading, Reading):
            continue
        row = one.effect
        if one.reading.outcome == "winner" and one.is_test and isinstance(one.plan, TestPlan):
            left = without_luck(row, one.plan, policy.usual_lift, policy.interval)
            value, ends = left.gain, (left.gain_low, left.gain_high)
            told: dict[str, Any] = {"variant": row["variant"], "effect": left.effect, "metric": one.metric}
            chance = float(row["chance_to_win"])
            found.append(Action("ship", one.name, value, *ends, chance, "experiments", told))
        elif one.reading.outcome in ("loser", "equivalent"):
            found.append(_plain("end_test", one.name, "experiments"))
    return found


def _claims(diagnosis: Diagnosis) -> list[Action]:
    if diagnosis.traffic is None:
        return []
    months = _months(diagnosis)
    rows = diagnosis.traffic.table.itertuples()
    return [
        _plain("claim", row.channel, "diagnosis", float(row.at_stake) / months, share=float(row.stake_share))
        for row in rows
        if row.at_stake > 0
    ]


def _moves(plan: Plan) -> list[Action]:
    if plan.variation is not None:
        return [_plain("vary", "budget", "scenarios", cost=plan.variation.cost, days=plan.variation.days)]
    if not np.isfinite(plan.uplift) or plan.uplift <= 0:
        return []
    share = MONTH / plan.days
    value = plan.uplift * plan.expected_today.mid * share
    low, high = _gain_band(plan, share, value)
    moved = float((plan.spend - plan.reference).clip(lower=0).sum() * MONTH)
    told = {"moved": moved, "uplift": plan.uplift, "objective": plan.objective}
    return [Action("move", "budget", value, low, high, plan.chance, "scenarios", told)]


def _gain_band(plan: Plan, share: float, value: float) -> tuple[float, float]:
    """Interval of the gain a month: both mixes under the same draws."""
    if plan.objective not in ("revenue", "profit"):
        return float("nan"), float("nan")
    order = list(plan.curves.channels)
    now, then = (
        plan.curves.outcome_draws(mix.reindex(order).to_numpy("float64")).sum(axis=-1)
        for mix in (plan.reference, plan.spend)
    )
    gain = (then - now) * plan.days * share
    if not gain.std() > 0:
        return value, value
    tail = (1 - plan.policy.interval) / 2
    low, high = np.quantile(gain, [tail, 1 - tail])
    return float(low), float(high)
