"""What to do this week: limits, the drop rule, totals, memory between weeks, and thin data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import PLAIN, ChannelOptError
from channelopt.plan.follow import CAME_TRUE, promise, week_plan
from channelopt.plan.messages import MESSAGES
from channelopt.plan.weekplan import Following, Last
from channelopt.policy import Policy

FIRST = pd.Timestamp("2026-01-05")
ROIS = {"good": 6.0, "fair": 3.5, "poor": 0.7}


def rows(days=84, seed=3, rois=ROIS, spend=2000.0):
    """Channels with true returns at their usual spend; outcome grows with its 0.6th power."""
    rng = np.random.default_rng(seed)
    frames = []
    for name, roi in rois.items():
        level = np.repeat(rng.lognormal(0, 0.4, days // 14 + 1), 14)[:days]
        paid = spend * level * rng.lognormal(0, 0.05, days)
        leads = rng.poisson(spend * roi * (paid / spend) ** 0.6 / 100)
        frames.append(
            pd.DataFrame(
                {
                    "day": pd.date_range(FIRST, periods=days), "channel": name, "spend": paid,
                    "leads": leads.astype(float), "customers": rng.binomial(leads, 0.5).astype(float),
                }
            ).assign(revenue=lambda t: t["customers"] * 200.0)
        )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def daily():
    return rows()


@pytest.fixture(scope="module")
def plan(daily):
    return week_plan(daily)


def test_a_week_keeps_the_total_and_the_steps(daily, plan):
    table = plan.table.set_index("channel")
    assert plan.spend.sum() == pytest.approx(plan.budget, rel=1e-4)
    assert plan.start == daily["day"].max().date() + pd.Timedelta(days=1)
    kept = table[table["verdict"] != "drop"]
    assert (kept["change"] <= 0.2 + 1e-3).all()
    assert (kept["change"] >= -0.2 - 1e-3).all()
    assert plan.gain.low <= plan.gain.mid <= plan.gain.high


def test_money_leaves_the_drop_and_goes_to_the_better(plan):
    table = plan.table.set_index("channel")
    assert table.loc["poor", "verdict"] == "drop"
    assert table.loc["poor", "role"] == "fade"
    assert table.loc["good", "change"] > 0.05


def test_a_drop_is_a_way_of_steps_that_ends_at_nothing(daily):
    last, path = None, []
    for _ in range(8):
        last = week_plan(daily, last=last)
        path.append(float(last.spend["poor"]))
    assert path[0] > 0
    assert (np.diff(path) <= 1e-9).all()
    assert path[-3:] == [0, 0, 0]  # and stays there
    assert last.table.set_index("channel").loc["poor", "role"] == "off"
    assert last.number == 8
    assert last.spend.sum() == pytest.approx(last.budget, rel=1e-4)


def test_the_memory_can_be_written_down(daily, plan):
    again = Last(**plan.last.to_dict())
    a, b = week_plan(daily, last=plan), week_plan(daily, last=again)
    pd.testing.assert_frame_equal(a.table, b.table)


def test_a_channel_in_test_keeps_its_floor():
    # 1:2 on few orders: not decided
    daily = rows(rois={"good": 6.0, "open": 2.0}, spend=600.0, days=56)
    last = None
    for _ in range(8):
        last = week_plan(daily, last=last, rules=Following(floor=0.5, confidence=0.0))
    row = last.table.set_index("channel").loc["open"]
    assert row["verdict"] == "test"
    assert row["spend"] >= 0.5 * row["first"] - 0.01


def test_what_was_switched_off_may_come_back_slowly(daily):
    last = Last({"good": 0.0, "fair": 3000.0, "poor": 0.0}, dict.fromkeys(ROIS, 2000.0))
    plan = week_plan(daily, last=last, rules=Following(confidence=0.0))
    assert 0 < plan.spend["good"] <= 400.01
    assert plan.spend["poor"] == 0


def test_one_channel_keeps_everything():
    plan = week_plan(rows(rois={"only": 3.0}))
    assert plan.spend["only"] == pytest.approx(plan.budget, rel=1e-6)
    assert plan.gain.mid == pytest.approx(0.0, abs=0.1)  # cents


def test_all_below_the_bar_is_said():
    plan = week_plan(rows(rois={"a": 0.6, "b": 1.0}))
    assert "plan.follow_all_below" in [f.code for f in plan.findings]
    assert plan.spend.sum() == pytest.approx(plan.budget, rel=1e-4)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (rows(days=20), "plan.too_short"),
        (rows()[["day", "channel", "spend"]], "plan.follow_no_outcome"),
        (rows().assign(leads=0.0, customers=0.0, revenue=0.0), "plan.follow_no_outcome"),
        (rows().head(0), "plan.follow_no_outcome"),
    ],
)
def test_without_evidence_everything_stays(frame, code):
    plan = week_plan(frame)
    assert [f.code for f in plan.findings] == [code]
    assert set(plan.table["role"]) <= {"hold"}
    np.testing.assert_allclose(plan.table["spend"], plan.table["before"])
    assert np.isnan(plan.gain.mid)


def test_a_budget_is_the_users_word(daily):
    assert week_plan(daily, budget=5000.0).spend.sum() == pytest.approx(5000.0, rel=1e-4)
    with pytest.raises(ChannelOptError):
        week_plan(daily, budget=-1.0)
    with pytest.raises(ChannelOptError):
        week_plan(daily, days=0)
    with pytest.raises(ChannelOptError):
        Following(step=0.0)


def test_the_promise_is_less_than_the_plain_difference(plan):
    made = plan.plan
    naive = made.naive_uplift * made.expected_today.mid
    found = promise(plan, made.reference.to_numpy())
    assert 0 < found.mid < naive
    half = promise(plan, made.reference.to_numpy(), share=CAME_TRUE / 2)
    assert half.mid == pytest.approx(found.mid / 2)
    same = promise(plan, plan.spend.reindex(list(plan.curves.channels)).to_numpy())
    assert same.high == pytest.approx(same.low)


def test_every_reason_is_a_sentence(plan):
    assert set(plan.reasons) == set(plan.spend.index)
    for found in [*plan.reasons.values(), *plan.findings]:
        assert PLAIN.format(MESSAGES[found.code], **found.params)


def test_a_focus_raises_the_top_n_only(daily):
    plan = week_plan(daily, Policy(top_n=1), rules=Following(focus=True, confidence=0.0, fade=0.05))
    assert (plan.table["role"] == "raise").sum() <= 2
