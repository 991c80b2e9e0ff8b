"""Wishes and their answers; quick looks; the gate; points to draw; saved scenarios and whether they paid."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import Finding
from channelopt.ledger import Ledger
from channelopt.plan.asked import Ask, Group, answer, today_budget
from channelopt.plan.goods import goods
from channelopt.plan.history import History
from channelopt.plan.kept import kept_scenarios, score_of, to_keep
from channelopt.plan.messages import PlanError
from channelopt.plan.points import curve_points, marks
from channelopt.plan.quick import beats_today, looker, promised
from channelopt.plan.scenarios import Scenario, outcome_band
from channelopt.plan.standing import standing
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

POLICY = Policy()
NAMES = ("a", "b", "c")


def curves_of(draws=200, **more):
    rng = np.random.default_rng(5)
    today = np.array([100.0, 200.0, 50.0])
    return ResponseCurves.from_parameters(
        top=np.exp(rng.normal(np.log([900.0, 700.0, 600.0]), 0.15, (draws, 3))),
        half=np.exp(rng.normal(np.log([150.0, 150.0, 120.0]), 0.15, (draws, 3))),
        slope=1.0, keep=0.3, today=today, channels=NAMES, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def curves():
    return curves_of()


def test_todays_money_is_split_to_the_last_unit(curves):
    found = answer(curves, Ask(), POLICY)
    assert found.plan.budget == today_budget(curves, 28) == 350 * 28
    assert found.plan.totals.sum() == pytest.approx(350 * 28, abs=1e-9)
    assert np.allclose(found.plan.totals, np.round(found.plan.totals))
    assert found.goal is None


def test_every_mode_finds_its_budget(curves):
    own = answer(curves, Ask(mode="own", amount=12_000.0), POLICY).plan
    assert own.budget == 12_000
    roi = answer(curves, Ask(mode="roi", amount=2.0), POLICY).plan
    more = answer(curves, Ask(mode="roi", amount=1.8), POLICY).plan
    assert roi.roi.mid >= 2.0 - 1e-6 and more.budget >= roi.budget
    last = answer(curves, Ask(mode="mroi", amount=1.0), POLICY).plan
    assert last.budget > 0
    goal = answer(curves, Ask(mode="goal", amount=800.0), POLICY)
    assert goal.goal is not None and goal.goal.budget == pytest.approx(goal.plan.budget, abs=1.0)
    far = answer(curves, Ask(mode="goal", amount=1e9), POLICY)
    assert np.isnan(far.goal.budget) and far.plan.budget > goal.plan.budget


def test_limits_of_a_wish_hold(curves):
    ask = Ask(
        bounds=(("a", None, 90.0),), locks=("b",), groups=(Group("two", ("a", "c"), 0.0, 200.0),), unit=0.01
    )
    plan = answer(curves, ask, POLICY).plan
    assert plan.spend["a"] <= 90 + 1e-6 and plan.spend["b"] == pytest.approx(200, abs=0.01)
    assert plan.spend["a"] + plan.spend["c"] <= 200 + 1e-6


def test_a_wish_is_kept_and_read_back():
    ask = Ask("leads", 14, "goal", 5.0, (("a", None, 3.0),), ("b",), (Group("g", ("a",), 0.0, 1.0),), None)
    assert Ask.from_dict(json.loads(json.dumps(ask.to_dict()))) == ask
    with pytest.raises(PlanError) as refused:
        Ask(bounds=(("a", 5.0, 3.0),))
    assert refused.value.code == "plan.limits_cross"
    with pytest.raises(PlanError):
        Ask(mode="free")


def test_a_quick_look_is_the_slow_one(curves):
    spend = np.array([150.0, 120.0, 80.0])
    look = looker(curves, "revenue", 28, POLICY).at(spend)
    assert look.outcome == pytest.approx(outcome_band(curves, spend, "revenue", 28, POLICY))
    by_hand = (
        curves.outcome_draws(spend).sum(axis=1) * 28 - curves.outcome_draws(curves.today).sum(axis=1) * 28
    )
    assert look.gain.mid == pytest.approx(by_hand.mean())
    assert look.chance == pytest.approx((by_hand > 0).mean())
    assert look.budget == 350 * 28 and look.roi == pytest.approx(look.outcome.mid / look.budget)
    same = looker(curves, "revenue", 28, POLICY).at(curves.today)
    assert same.chance == 0.5 and same.gain.mid == 0
    nothing = looker(curves, "revenue", 28, POLICY).at(np.zeros(3))
    assert nothing.budget == 0 and np.isnan(nothing.roi) and np.isnan(nothing.mroi) and nothing.chance == 0
    assert looker(curves).at([1e6, 0, 0]).outside == ("a",)
    for bad in ([1.0, 2.0], [-1.0, 0, 0], [np.nan, 0, 0]):
        with pytest.raises(PlanError):
            looker(curves).at(bad)


def test_profit_takes_the_spend_off(curves):
    rules = Policy(margin=0.5)
    look = looker(curves, "profit", 28, rules).at(curves.today)
    money = looker(curves, "revenue", 28, rules).at(curves.today).outcome.mid
    assert look.outcome.mid == pytest.approx(0.5 * money - look.budget)


def test_the_promise_is_the_corrected_gain(curves):
    plan = answer(curves, Ask(), POLICY).plan
    share = promised(plan)
    assert share.mid == plan.uplift and share.low < share.mid < share.high
    assert beats_today(plan).chance >= POLICY.confidence - 0.02


def test_the_gate(curves):
    assert standing(curves).state == "ready"
    short = curves_of(
        sources=pd.DataFrame(
            {"days": 10.0, "spend_sd": 0.3, "moved": 0.3, "events": 5.0, "borrowed": 0.0}, index=list(NAMES)
        )
    )
    assert standing(short).state == "no_data"
    vague = curves_of(findings=(Finding("warning", "response.none_identified"),))
    found = standing(vague)
    assert found.state == "test_first" and found.variation is not None and found.variation.days >= 56
    blind = curves_of(findings=(Finding("warning", "response.all_zero"),))
    assert standing(blind).state == "no_data"


def test_points_run_from_nothing_through_today_and_the_plan(curves):
    plan = answer(curves, Ask(), POLICY).plan
    what = goods(curves, "revenue", 28, POLICY)
    points, at = curve_points(what, plan.spend, POLICY), marks(what, plan)
    for row in at.itertuples():
        part = points[points["channel"] == row.channel]
        assert part["spend"].iloc[0] == 0 and part["outcome"].iloc[0] == 0
        assert part["spend"].iloc[-1] >= max(row.today, row.plan, row.seen_high)
        assert (part["outcome_low"] <= part["outcome_high"]).all()
        between = np.interp(row.plan, part["spend"], part["outcome"])
        assert between == pytest.approx(row.outcome_plan, rel=0.03)


def days_after(start, days, spend, revenue):
    """Eight weeks before and the days of the plan, as daily rows."""
    rows = []
    for k in range(-56, days):
        for name in NAMES:
            money = spend[0][name] if k < 0 else spend[1][name]
            paid = revenue[0] if k < 0 else revenue[1]
            rows.append(
                {"day": start + dt.timedelta(days=k), "channel": name, "spend": money, "revenue": paid / 3}
            )
    return pd.DataFrame(rows).assign(day=lambda f: pd.to_datetime(f["day"]))


def test_a_saved_scenario_is_scored_when_its_days_are_over(curves):
    start = dt.date(2026, 5, 1)
    plan = answer(curves, Ask(), POLICY).plan
    before = {c: float(x) for c, x in curves.today.items()}
    then = {c: float(x) for c, x in plan.spend.items()}
    base, gain = 300.0, float(plan.expected.mid / plan.expected_today.mid)
    full = days_after(start, 28, (before, then), (base, base * gain))
    past = History(
        full[full["day"] < pd.Timestamp(start)], start - dt.timedelta(days=1), start - dt.timedelta(days=1)
    )
    assert past.first_coming == start
    scenario = Scenario("May", then, 28)
    with Ledger.open(":memory:") as ledger:
        settings, evidence = to_keep(curves, past, scenario, Ask(), beats_today(plan), POLICY)
        number = ledger.add_scenario("May", settings, evidence, by="x")
        ledger.add_scenario("by hand", {"budget": 5}, {}, by="x")
        kept = kept_scenarios(ledger.scenarios())
    assert [one.number for one in kept] == [number]
    one = kept[0]
    assert one.ask == Ask() and one.state == "draft" and one.last_day == dt.date(2026, 5, 28)
    assert one.scenario.spend == pytest.approx(then)
    assert one.promise["outcome"] == pytest.approx(plan.expected.mid)
    assert score_of(one, past, POLICY).verdict == "too_early"
    last = start + dt.timedelta(days=27)
    assert score_of(one, History(full, last, last), POLICY).verdict == "paid"
    young = History(full, last, start + dt.timedelta(days=5))
    assert score_of(one, young, POLICY).verdict == "too_early"
    kept_spend = days_after(start, 28, (before, before), (base, base))
    assert score_of(one, History(kept_spend, last, last), POLICY).verdict == "not_followed"
