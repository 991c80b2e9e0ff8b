"""Shares of draws as chances."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import channelopt as co
from channelopt.plan.chances import MOST, STEADY, chance_of, own_movement, share_for, stretch
from channelopt.plan.scenarios import Scenario, compare
from channelopt.response import ResponseCurves

FREE = ResponseCurves.from_parameters(np.full((60, 2), 1000.0), 500.0, 1.0, today=[100.0, 300.0])
SHARES = np.linspace(0.01, 0.99, 99)


def moving(*moved):
    return replace(FREE, sources=FREE.sources.assign(moved=list(moved)))


def test_how_much_is_asked():
    assert stretch(FREE) == 1.0 and share_for(0.9, FREE) == pytest.approx(0.9)
    steady = moving(0.128, 0.128)
    assert stretch(steady) == pytest.approx(1.25)
    assert share_for(0.9, steady) == pytest.approx(stats.norm.cdf(1.2815515655 * 1.25))
    assert share_for(0.9, moving(STEADY, STEADY)) == pytest.approx(0.9)
    still = moving(0.0, 0.0)
    assert stretch(still) == MOST
    assert share_for(0.9, still) == pytest.approx(stats.norm.cdf(1.4 * 1.2815515655))


def test_own_movement_counts_by_todays_spend():
    assert own_movement(moving(0.4, 0.08)) == pytest.approx(0.16)
    nothing = replace(moving(0.0, 0.0), today=pd.Series(0.0, index=["c0", "c1"]))
    assert np.isnan(own_movement(nothing)) and stretch(nothing) == 1.0


@pytest.mark.parametrize("curves", [FREE, moving(0.1, 0.1), moving(0.0, 0.0)])
def test_chances_and_shares(curves):
    chance = chance_of(SHARES, curves)
    assert (np.diff(chance) > 0).all()
    np.testing.assert_allclose(chance + chance_of(1 - SHARES, curves), 1.0)
    np.testing.assert_allclose([share_for(float(c), curves) for c in chance], SHARES, atol=1e-12)
    assert (np.abs(chance - 0.5) <= np.abs(SHARES - 0.5) + 1e-12).all()
    assert chance_of([0.0, 1.0], curves).tolist() == [0.0, 1.0]
    assert np.isnan(chance_of(np.nan, curves))
    assert share_for(0.0, curves) == 0.0 and share_for(1.0, curves) == 1.0


def test_a_plan_and_the_comparison_say_the_same_chance():
    rng = np.random.default_rng(5)
    curves = ResponseCurves.from_parameters(
        np.array([3000.0, 2000.0, 900.0]) * rng.lognormal(0, 0.35, (400, 3)), 400.0, 1.0,
        today=[300.0, 300.0, 300.0],
    )  # fmt: skip
    curves = replace(curves, sources=curves.sources.assign(moved=0.1))
    plan = co.allocate(curves, budget=900 * 28.0)
    told = compare(curves, [Scenario("plan", plan.spend.to_dict(), 28)])
    assert 0.85 < plan.chance < 1
    # the comparison looks at the ramp of 28 days
    assert told.beats.loc["plan", "today"] == pytest.approx(plan.chance, abs=0.03)
    row = told.table.set_index("scenario").loc["plan"]
    assert row["p_beats_baseline"] == pytest.approx(told.beats.loc["plan", "today"])
