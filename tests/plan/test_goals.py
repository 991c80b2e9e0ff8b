"""What budget reaches a goal."""

from __future__ import annotations

import numpy as np
import pytest

import channelopt as co
from channelopt.errors import PLAIN, ChannelOptError
from channelopt.plan.goals import goal_seek
from channelopt.plan.messages import MESSAGES


def curves_of(world, **others):
    return world(1, n=4, outcome="valid_leads", value=np.nan, **others)


def extra(curves, spend, days=28):
    today = curves.today.to_numpy()
    return (curves.outcome_draws(spend) - curves.outcome_draws(today)).sum(axis=1) * days


def test_the_budget_reaches_the_goal_and_no_smaller_one_does(world):
    curves = curves_of(world)
    goal = goal_seek(curves, goal=4000.0)
    reached = extra(curves, goal.spend.to_numpy())
    assert reached.mean() == pytest.approx(4000, rel=0.01)
    assert goal.chance == pytest.approx((reached >= 4000).mean())
    assert goal.budget == pytest.approx(goal.spend.sum() * 28, abs=0.01)
    assert goal.budget < goal.budget_80 < goal.budget_90 or np.isnan(goal.budget_90)
    plan = co.allocate(curves, budget=goal.budget, objective="valid_leads")
    assert extra(curves, plan.spend.to_numpy()).mean() == pytest.approx(4000, rel=0.01)
    less = co.allocate(curves, budget=goal.budget * 0.97, objective="valid_leads")
    assert extra(curves, less.spend.to_numpy()).mean() < 4000


def test_the_sure_budget_is_sure(world):
    curves = curves_of(world, noise=0.1)
    goal = goal_seek(curves, goal=2000.0)
    for sure, budget in ((0.8, goal.budget_80), (0.9, goal.budget_90)):
        plan = co.allocate(curves, budget=budget, objective="valid_leads")
        assert (extra(curves, plan.spend.to_numpy()) >= 2000).mean() == pytest.approx(sure, abs=0.02)


def test_out_of_reach_is_said_with_what_can_be_had(world):
    curves = curves_of(world)
    goal = goal_seek(curves, goal=1e9)
    assert np.isnan(goal.budget) and np.isnan(goal.budget_90) and np.isnan(goal.chance)
    found = next(f for f in goal.findings if f.code == "plan.goal_out_of_reach")
    assert found.params["most"] == pytest.approx(goal.extra.mid)
    assert "cannot be reached" in PLAIN.vformat(MESSAGES[found.code], (), found.params)


def test_a_goal_that_reallocation_alone_reaches_costs_less_than_today(world):
    curves = curves_of(world, noise=0.0)
    gain = co.allocate(curves, budget=round(curves.today.sum() * 28, 2), objective="valid_leads")
    small = 0.2 * (gain.expected.mid - gain.expected_today.mid)
    assert small > 0
    assert goal_seek(curves, goal=small).budget < goal_seek(curves, goal=small).today_budget


@pytest.mark.parametrize("goal", [0, -5, float("nan"), float("inf")])
def test_no_goal_is_refused(world, goal):
    with pytest.raises(ChannelOptError):
        goal_seek(curves_of(world), goal=goal)
