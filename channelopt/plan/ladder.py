r"""The way from today to a plan, week by week, with figures that say when to stop and when to go back.

Every channel goes in equal steps of money, so that the total changes evenly; the number of weeks is the
smallest in which no channel changes by more than the step limit from one week to the next. For a channel that
is raised, the outcome of seven days at a step is expected to lie above

    low = mean - z sd,   sd^2 = sd_curve^2 + 7 sd_day^2

(z of the policy's confidence). Seven-day cost per unit above ``7 spend / low`` means the curve was too
hopeful: stop raising. Cost above ``7 spend / outcome at the spend before`` means that the extra money
    brought nothing: go
back.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from channelopt.plan.goods import refuse
from channelopt.plan.limits import STEP
from channelopt.plan.planned import Plan
from channelopt.plan.receipts import STILL
from channelopt.plan.variation import DAY_CV, day_variance

Array = npt.NDArray[np.float64]

WEEK = 7
MOST_WEEKS = 104


def ladder(
    plan: Plan, weeks: int | None = None, step_limit: float = STEP, day_cv: float = DAY_CV
) -> pd.DataFrame:
    """Weekly steps from today to the plan.

    Args:
        plan: where to go.
        weeks: how many; as few as the step limit allows when left out.
        step_limit: share a channel may change from one week to the next.
        day_cv: day-to-day noise of a channel's outcome beyond counting.

    Returns:
        One row per week and channel: week (1 is the first), channel, before, spend (money per day), change
        (share of before; NaN from 0), expected, expected_low (curves' outcome of the week's seven days once
        the step has worked through), cost (money per unit of outcome), stop_cost, back_cost, roi, stop_roi,
        back_roi (outcome per money). Triggers are NaN for a channel that is not raised, and where a week
        brings too little to tell.

    Raises:
        PlanError: ``plan.bad_option``.
    """
    if not 0 < step_limit < 1:
        refuse("step_limit", step_limit, "above 0 and below 1")
    if weeks is not None and (int(weeks) != weeks or weeks < 1):
        refuse("weeks", weeks, "a whole number from 1")
    names = list(plan.curves.channels)
    today = plan.curves.today.reindex(names).to_numpy("float64")
    goal = plan.spend.to_numpy("float64")
    number = weeks or weeks_needed(today, goal, step_limit)
    steps = today + (goal - today) * np.arange(number + 1)[:, None] / number
    rows = [_week(plan, w, steps[w - 1], steps[w], day_cv) for w in range(1, number + 1)]
    return pd.concat(rows, ignore_index=True)


def weeks_needed(today: Array, goal: Array, step_limit: float) -> int:
    """The fewest equal steps of which none changes a channel by more than the limit."""
    old = today > 0
    change = np.where(old, goal / np.where(old, today, 1.0) - 1, 0.0)
    for weeks in range(1, MOST_WEEKS):
        up = np.maximum(change, 0) / weeks
        down = np.maximum(-change, 0) / weeks
        last = down / np.maximum(1 - down * (weeks - 1), 1e-12)
        # the last step of a channel that is switched off is a whole one
        last = np.where(change <= -1 + 1e-9, down, last)
        if max(up.max(), last.max()) <= step_limit * (1 + 1e-9):
            return weeks
    return MOST_WEEKS


def _week(plan: Plan, week: int, before: Array, spend: Array, day_cv: float) -> pd.DataFrame:
    curves = plan.curves
    draws = curves.outcome_draws(spend) * WEEK
    mean = draws.mean(axis=0)
    noise = WEEK * day_variance(curves, mean / WEEK, day_cv)
    low = mean - stats.norm.ppf(plan.policy.confidence) * np.sqrt(draws.var(axis=0) + noise)
    same = curves.outcome_draws(before).mean(axis=0) * WEEK
    raised = spend > before * (1 + STILL)
    money = spend * WEEK
    with np.errstate(divide="ignore", invalid="ignore"):
        table = pd.DataFrame(
            {
                "week": week, "channel": list(curves.channels), "before": before, "spend": spend,
                "change": np.where(before > 0, spend / before - 1, np.nan), "expected": mean,
                "expected_low": np.maximum(low, 0.0), "cost": _over(money, mean),
                "stop_cost": np.where(raised, _over(money, low), np.nan),
                "back_cost": np.where(raised, _over(money, same), np.nan),
                "roi": _over(mean, money), "stop_roi": np.where(raised & (low > 0), _over(low, money),
                np.nan), "back_roi": np.where(raised & (same > 0), _over(same, money), np.nan),
            }
        )  # fmt: skip
    return table


def _over(top: Array, bottom: Array) -> Array:
    return np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)
