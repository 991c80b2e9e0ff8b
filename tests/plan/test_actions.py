"""What is worth doing this week, in money, and what was decided already."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from channelopt.plan.actions import actions
from channelopt.plan.allocation import allocate
from channelopt.plan.diagnosis import Diagnosis
from channelopt.policy import Policy
from tests.plan.conftest import make_curves


def diagnosis(**more):
    frame = pd.DataFrame(
        {
            "channel": ["meta", "baidu", "douyin", "offline"],
            "verdict": ["drop", "keep", "test", "unknown"],
            "cost": [60_000.0, 90_000.0, 30_000.0, 9_000.0],
            "roi": [0.5, 3.0, 2.1, np.nan],
            "roi_low": [0.4, 2.6, 1.6, np.nan],
            "roi_high": [0.7, 3.4, 2.8, np.nan],
            "p_below_floor": [0.99, 0.02, 0.4, np.nan],
            "worth": [0.0, 0.0, 3_000.0, np.nan],
            "spend_to_decide": [0.0, 0.0, 8_000.0, np.nan],
            "days_to_decide": [0.0, 0.0, 24.0, np.nan],
        }
    )
    return Diagnosis(frame, (), Policy(**more), dt.date(2026, 3, 1), dt.date(2026, 5, 29))


def test_a_drop_is_worth_what_it_loses_against_the_floor_a_month():
    first, second, third = actions(diagnosis())
    assert (first.code, first.subject) == ("drop", "meta")
    assert first.value == pytest.approx(60_000 / 3 * 1.5)
    assert first.low == pytest.approx(60_000 / 3 * 1.3) and first.high == pytest.approx(60_000 / 3 * 1.6)
    assert first.chance == 0.99
    assert (second.code, second.value) == ("pay_test", 1000.0)
    assert (third.code, third.subject) == ("upload", "offline") and np.isnan(third.value)
    assert actions(diagnosis(margin=0.5))[0].value == pytest.approx(60_000 / 3 * 1.5 * 0.5)


def test_a_channel_without_cost_asks_for_nothing():
    free = diagnosis()
    free.verdicts.loc[free.verdicts["channel"] == "offline", "cost"] = 0.0
    assert "offline" not in [a.subject for a in actions(free)]


def test_what_was_decided_is_not_asked_again():
    left = actions(diagnosis(), decided=frozenset({("verdict", "meta")}))
    assert [a.subject for a in left] == ["douyin", "offline"]


def test_a_move_is_worth_its_corrected_uplift_a_month():
    curves = make_curves(seed=3, noise=0.1)
    budget = float(curves.today.sum()) * 28
    plan = allocate(curves, budget=budget, days=28)
    found = {a.code: a for a in actions(diagnosis(), plan=plan, limit=9)}
    move = found["move"]
    assert move.value == pytest.approx(plan.uplift * plan.expected_today.mid * 30 / 28)
    assert move.low < move.high and 0 < move.params["moved"] < budget / 28 * 30
    assert move.page == "scenarios"
