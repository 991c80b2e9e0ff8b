"""What if: scenarios, the frontier, the way there, and whether it paid."""

from __future__ import annotations

import datetime as dt
import json
import time

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from channelopt.errors import PLAIN, ChannelOptError
from channelopt.plan.frontier import frontier
from channelopt.plan.ladder import ladder, weeks_needed
from channelopt.plan.messages import MESSAGES
from channelopt.plan.quick import looker
from channelopt.plan.scenarios import Assumptions, Scenario, compare, outcome_band, today_scenario
from channelopt.plan.score import Evidence, evidence_of, score

START = dt.date(2026, 3, 1)


def moved(curves, share=0.2, name="moved"):
    spend = curves.today.copy()
    spend["ch0"] -= share * curves.today["ch0"]
    spend["ch1"] += share * curves.today["ch0"]
    return Scenario(name, spend)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "}, {"days": 0}, {"days": 2.5}, {"days": float("nan")}, {"spend": {"a": -1}},
        {"spend": {"a": float("nan")}}, {"spend": {"a": float("inf")}},
    ],
)  # fmt: skip
def test_a_scenario_refuses_nonsense(wrong):
    with pytest.raises(ChannelOptError):
        Scenario(**{"name": "a", "spend": {"a": 1.0}, **wrong})


@pytest.mark.parametrize("wrong", [{"demand": 0}, {"demand": float("nan")}, {"prices": {"a": 0}}])
def test_assumptions_refuse_nonsense(wrong):
    with pytest.raises(ChannelOptError):
        Assumptions(**wrong)


def test_the_window_is_a_loop_over_days(world):
    curves = world(2, n=3, draws=30, outlook=np.linspace(0.8, 1.4, 366))
    scenario = moved(curves)
    table = compare(curves, [scenario]).table.set_index("scenario")
    total = 0.0
    for d in range(30):
        for c, name in enumerate(curves.channels):
            adstock = curves.today[name]
            for day in range(28):
                keep = curves.keep[d, c]
                adstock = (1 - keep) * scenario.spend[name] + keep * adstock
                z = (adstock / curves.half[d, c]) ** curves.slope[d, c]
                total += curves.outlook[day] * curves.top[d, c] * z / (1 + z) / 30
    assert table.loc["moved", "outcome"] == pytest.approx(total)
    ramp = curves.ramp_draws(np.array([scenario.spend[c] for c in curves.channels]), 28)
    assert table.loc["moved", "outcome"] == pytest.approx(ramp.sum(axis=1).mean() * 28)
    steady = curves.outcome_draws(np.array([scenario.spend[c] for c in curves.channels])).sum(axis=1)
    assert table.loc["moved", "steady"] == pytest.approx(steady.mean() * curves.outlook[:28].sum())


def test_which_one_is_better_is_judged_under_the_same_draws(world):
    curves = world(2, n=4, draws=300, shared=1.0)
    better = co.allocate(curves, budget=round(curves.today.sum() * 28, 2), caution=False)
    one = compare(curves, [Scenario.from_plan("plan", better), moved(curves)])
    assert one.baseline == "today" and list(one.table["scenario"]) == ["today", "plan", "moved"]
    np.testing.assert_allclose(one.beats + one.beats.T, 1.0)
    assert (np.diag(one.beats) == 0.5).all()
    row = one.table.set_index("scenario").loc["plan"]
    # what the draws have in common makes both wide, but not their difference
    assert row["outcome_high"] - row["outcome_low"] > 3 * (row["gain_high"] - row["gain_low"])
    assert row["p_beats_baseline"] == one.beats.loc["plan", "today"] > 0.6
    for scenario, sums in one.channels.groupby("scenario"):
        assert sums["outcome"].sum() == pytest.approx(
            one.table.set_index("scenario").loc[scenario, "outcome"]
        )
        assert sums["share"].sum() == pytest.approx(1)


def test_the_same_scenario_twice_is_even(world):
    curves = world(1, n=3)
    both = compare(curves, [moved(curves), moved(curves, name="again")])
    assert both.beats.loc["moved", "again"] == 0.5
    assert both.table.set_index("scenario").loc["again", "gain"] == both.table["gain"].iloc[1]


def test_today_in_whole_units_is_the_same_as_today(world):
    curves = world(1, n=4)
    rounded = {c: float(round(x)) for c, x in curves.today.items()}
    both = compare(curves, [Scenario("rounded", rounded, 28)])
    assert both.table.set_index("scenario").loc["rounded", "gain"] != 0.0
    assert both.beats.loc["rounded", "today"] == 0.5
    assert looker(curves).at(list(rounded.values())).chance == 0.5
    assert looker(curves).at([1.01 * x for x in rounded.values()]).chance == 1.0


def test_the_coming_days_from_the_start_on(world):
    outlook = np.concatenate([np.full(28, 1.0), np.full(338, 2.0)])
    curves = world(2, n=3, outlook=outlook)
    now = Scenario("now", curves.today.to_dict())
    later = Scenario("later", curves.today.to_dict(), start=START + dt.timedelta(28))
    table = compare(curves, [now, later], baseline=now, first_day=START).table.set_index("scenario")
    assert table.loc["later", "outcome"] == pytest.approx(2 * table.loc["now", "outcome"])
    found = compare(curves, [now, later], baseline=now, first_day=START).findings
    assert any(f.code == "plan.season" for f in found["later"])
    with pytest.raises(ChannelOptError, match="before"):
        compare(curves, [Scenario("past", {}, start=START - dt.timedelta(1))], first_day=START)


def test_assumptions_change_the_figures_and_are_said(world):
    curves = world(2, n=3, outcome="leads", value=np.nan)
    rich = Scenario("rich", {}, assumptions=Assumptions(demand=1.1, value=40.0, prices={"ch0": 1.25}))
    plain = Scenario("plain", {}, assumptions=Assumptions(value=40.0))
    both = compare(curves, [plain, rich], baseline=plain)
    codes = {f.code for f in both.findings["rich"]}
    assert {"plan.assumed_demand", "plan.assumed_value", "plan.assumed_price", "plan.keeps_today"} <= codes
    assert both.objective == "revenue"
    held = both.channels.set_index(["scenario", "channel"])["outcome"]
    assert held["rich", "ch1"] == pytest.approx(1.1 * held["plain", "ch1"])
    assert held["rich", "ch0"] < 1.1 * held["plain", "ch0"]
    for findings in both.findings.values():
        for finding in findings:
            assert PLAIN.vformat(MESSAGES[finding.code], (), finding.params)


@pytest.mark.parametrize(
    "scenarios",
    [
        [], [Scenario("a", {"nobody": 1.0})], [Scenario("a", {}), Scenario("a", {"ch0": 1.0})],
        [Scenario("a", {}), Scenario("b", {}, days=7)],
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(world, scenarios):
    with pytest.raises(ChannelOptError):
        compare(world(1, n=2), scenarios)


def test_profit_takes_the_spend_off(world):
    curves = world(1, n=3)
    more = Scenario("more", (1.5 * curves.today).to_dict())
    money = compare(curves, [more], objective="profit", policy=co.Policy(margin=0.4))
    plain = compare(curves, [more])
    got, sold = money.table.set_index("scenario"), plain.table.set_index("scenario")
    by_hand = 0.4 * sold.loc["more", "outcome"] - sold.loc["more", "budget"]
    assert got.loc["more", "outcome"] == pytest.approx(by_hand)
    assert got.loc["more", "roi"] == pytest.approx(sold.loc["more", "roi"])


def test_no_spend_has_no_return(world):
    curves = world(1, n=2)
    row = compare(curves, [Scenario("off", {"ch0": 0, "ch1": 0})]).table.set_index("scenario").loc["off"]
    assert np.isnan(row["roi"]) and np.isnan(row["mroi"]) and row["steady"] == 0
    assert row["outcome"] > 0  # what today's spend leaves behind


def test_the_slider_answers_at_once(world):
    curves = world(1, n=30, draws=400)
    spend = curves.today.to_numpy()
    direct = curves.outcome_draws(spend).sum(axis=1) * 28
    found = outcome_band(curves, spend)
    assert found.mid == pytest.approx(direct.mean())
    assert found.low == pytest.approx(np.quantile(direct, 0.05))
    began = time.process_time()
    for _ in range(20):
        outcome_band(curves, spend)
    assert (time.process_time() - began) / 20 < 0.05
    with pytest.raises(ChannelOptError):
        outcome_band(curves, [1.0])
    with pytest.raises(ChannelOptError):
        outcome_band(curves, np.full(30, np.nan))


def test_the_frontier_rises_and_its_last_unit_falls(world):
    curves = world(1, n=4)
    bounds = dict.fromkeys(curves.channels, (0.0, 50_000.0))
    found = frontier(curves, bounds=bounds)
    table = found.table
    assert (table["outcome"].diff().dropna() > 0).all() and (table["mroi"].diff().dropna() < 0).all()
    assert (table["roi"].diff().dropna() < 0).all()
    np.testing.assert_allclose(found.spend.sum(axis=1) * 28, table["budget"])
    at = co.allocate(curves, budget=found.floor_budget, bounds=bounds, caution=False)
    assert at.mroi == pytest.approx(2.0, rel=0.01)
    today = table[np.isclose(table["budget"], found.today_budget, rtol=1e-6)].iloc[0]
    plan = co.allocate(curves, budget=found.today_budget, bounds=bounds, caution=False)
    assert today["outcome"] == pytest.approx(plan.expected.mid, rel=1e-5)
    step = 0.001 * found.floor_budget
    above = frontier(curves, [found.floor_budget - step, found.floor_budget + step], bounds=bounds).table
    assert above["above_floor"].tolist() == [True, False]


def test_a_budget_the_limits_cannot_hold_is_an_empty_row(world):
    curves = world(1, n=3)
    bounds = {c: (0.0, float(x)) for c, x in curves.today.items()}
    table = frontier(curves, [1000.0, 1e7], bounds=bounds).table
    assert np.isnan(table["outcome"].iloc[1]) and not table["above_floor"].iloc[1]
    with pytest.raises(ChannelOptError):
        frontier(curves, [-1.0])


def test_the_ladder_goes_up_in_steps_that_hold(world):
    curves = world(1, n=5)
    plan = co.allocate(curves, budget=round(curves.today.sum() * 28, 2), caution=False)
    steps = ladder(plan, step_limit=0.2)
    last = steps[steps["week"] == steps["week"].max()].set_index("channel")["spend"]
    np.testing.assert_allclose(last, plan.spend)
    assert steps["change"].abs().max() <= 0.2 + 1e-9
    totals = steps.groupby("week")["spend"].sum()
    np.testing.assert_allclose(totals, curves.today.sum(), rtol=1e-6)
    up = steps[steps["spend"] > steps["before"] * 1.006]
    down = steps[steps["spend"] < steps["before"] * (1 - 1e-6)]
    assert (up["stop_cost"] > up["cost"]).all() and (up["back_cost"] > up["cost"]).all()
    assert (up["stop_roi"] < up["roi"]).all() and down["stop_cost"].isna().all()
    # going back is for when the extra money brought nothing at all
    row = up.iloc[0]
    c = curves.channels.index(row["channel"])
    held = np.where(np.arange(5) == c, row["before"], 0.0)
    assert row["back_cost"] == pytest.approx(row["spend"] / curves.outcome_draws(held).mean(axis=0)[c])


def test_the_fewest_weeks_by_trying():
    rng = np.random.default_rng(1)
    for _ in range(30):
        today, factor = rng.lognormal(5, 1, 4), rng.uniform(0.3, 2.5, 4)
        weeks = weeks_needed(today, today * factor, 0.2)
        for number in (weeks, weeks - 1):
            if number < 1:
                continue
            path = today + today * (factor - 1) * np.arange(number + 1)[:, None] / number
            holds = np.abs(path[1:] / path[:-1] - 1).max() <= 0.2 * (1 + 1e-9)
            assert holds == (number == weeks)


def test_a_stop_trigger_fires_as_rarely_as_promised():
    """If the curve is right, a week's cost lies above the stop figure in about one of ten weeks."""
    curves = co.ResponseCurves.from_parameters(
        [300.0, 300.0], 400.0, 0.9, 0.0, today=[300.0, 300.0], outcome="leads", channels=["a", "b"]
    )
    plan = co.allocate(
        curves, budget=600 * 28.0, objective="leads", bounds={"a": (330.0, 330.0)}, caution=False
    )
    row = ladder(plan, weeks=1, day_cv=0.2).set_index("channel").loc["a"]
    rng = np.random.default_rng(2)
    day = row["expected"] / 7
    leads = rng.poisson(day * rng.gamma(25, 1 / 25, (20_000, 7))).sum(axis=1)
    assert (7 * row["spend"] / leads > row["stop_cost"]).mean() == pytest.approx(0.10, abs=0.015)


def history(curves, spend, days=84, factor=1.0, seed=1, lift=1.0):
    """Daily rows: 56 days of today's spend, then ``spend``; Poisson leads."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in range(days):
        held = curves.today.to_numpy() if day < 56 else np.array([spend[c] for c in curves.channels])
        mean = curves.outcome_draws(held).mean(axis=0) * factor * (lift if day >= 56 else 1.0)
        for c, name in enumerate(curves.channels):
            when = pd.Timestamp(START) + pd.Timedelta(days=day - 56)
            rows.append({"day": when, "channel": name, "spend": held[c], "leads": rng.poisson(mean[c])})
    return pd.DataFrame(rows)


def leads_world(world):
    return world(3, n=3, draws=100, noise=0.1, outcome="leads", value=np.nan)


def test_did_it_pay(world):
    curves = leads_world(world)
    scenario = Scenario("up", (1.4 * curves.today).to_dict())
    evidence = Evidence.from_dict(json.loads(json.dumps(evidence_of(curves, scenario, START).to_dict())))
    assert evidence == evidence_of(curves, scenario, START)
    good = score(scenario, evidence, history(curves, scenario.spend, factor=0.6))  # attribution sees 60%
    assert good.verdict == "paid" and good.followed
    assert good.gain.mid == pytest.approx(0.6 * evidence.gain.mid, rel=0.25)
    assert good.expected.low < good.seen < good.expected.high
    flat = score(scenario, evidence, history(curves, scenario.spend, lift=0.5))
    assert flat.verdict == "did_not_pay"
    early = score(scenario, evidence, history(curves, scenario.spend, days=70))
    assert early.verdict == "too_early" and np.isnan(early.gain.mid)
    not_done = score(scenario, evidence, history(curves, curves.today.to_dict()))
    assert not_done.verdict == "not_followed" and (not_done.spend["off"] < -0.2).all()
    assert score(scenario, evidence, history(curves, scenario.spend).iloc[:0]).verdict == "no_data"
    for one in (good, flat, early, not_done):
        for finding in one.findings:
            assert PLAIN.vformat(MESSAGES[finding.code], (), finding.params)
    with pytest.raises(ChannelOptError):
        score(scenario, evidence, history(curves, scenario.spend).drop(columns="leads"))


def test_without_any_change_it_rarely_pays(world):
    """Nothing changes: a gain is claimed in at most about one of ten windows."""
    curves = leads_world(world)
    scenario = today_scenario(curves)
    evidence = evidence_of(curves, scenario, START)
    found = [score(scenario, evidence, history(curves, scenario.spend, seed=s)).verdict for s in range(60)]
    assert found.count("paid") <= 11 and found.count("did_not_pay") <= 11
