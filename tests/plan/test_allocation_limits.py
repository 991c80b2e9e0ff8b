"""What a plan refuses, how wishes bind, budgets left free, objectives, whole units, the test design."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from channelopt.errors import PLAIN, ChannelOptError
from channelopt.plan.messages import MESSAGES
from channelopt.plan.optimum import Region
from channelopt.plan.quick import promised
from channelopt.plan.units import in_units
from channelopt.plan.variation import blur, design_variation
from channelopt.response import ResponseCurves


def codes(plan):
    return [f.code for f in plan.findings]


def budget_of(curves, times=1.0, days=28):
    return round(float(curves.today.sum()) * days * times, 2)


def leads(world, value=np.nan, **others):
    return world(1, n=4, outcome="leads", value=value, **others)


@pytest.mark.parametrize(
    ("wishes", "code", "said"),
    [
        ({"budget": -1}, "plan.bad_option", "budget"),
        ({"budget": float("nan")}, "plan.bad_option", "budget"),
        ({"budget": float("inf")}, "plan.bad_option", "budget"),
        ({"days": 0}, "plan.bad_option", "days"),
        ({"days": 1.5}, "plan.bad_option", "days"),
        ({"unit": 0.5}, "plan.bad_option", "unit"),
        ({"step_limit": 1.0}, "plan.bad_option", "step_limit"),
        ({"objective": "clicks"}, "plan.bad_option", "clicks"),
        ({"objective": "leads"}, "plan.wrong_objective", "leads"),
        ({"objective": "profit"}, "plan.no_margin", "margin"),
        ({"target_roi": 0}, "plan.bad_option", "target_roi"),
        ({"nonsense": 1}, "plan.bad_option", "nonsense"),
        ({"value": -1}, "plan.bad_option", "value"),
        ({"keep_alive": -1}, "plan.bad_option", "keep_alive"),
        ({"bounds": {"ch9": (0, 1)}}, "plan.unknown_channels", "ch9"),
        ({"bounds": {"ch0": (5, 1)}}, "plan.bad_option", "ch0"),
        ({"bounds": {"ch0": (-5, 1)}}, "plan.bad_option", "ch0"),
        ({"locks": ["ch9"]}, "plan.unknown_channels", "ch9"),
        ({"locks": ["ch0"], "bounds": {"ch0": (0, 1)}}, "plan.lock_outside", "ch0"),
        ({"keep_alive": {"ch0": 9}, "bounds": {"ch0": (0, 5)}}, "plan.limits_cross", "ch0"),
        ({"groups": {"g": (["ch0"], 9, 1)}}, "plan.bad_option", "g"),
        ({"groups": {"g": (["ch0"], 0, 1)}}, "plan.group_impossible", "g"),
        ({"groups": {"a": (["ch0"], 0, 1e9), "b": (["ch0"], 0, 1e9)}}, "plan.groups_overlap", "ch0"),
        ({"bounds": {f"ch{i}": (0, 1) for i in range(4)}}, "plan.too_much", "ch2"),
        ({"bounds": {f"ch{i}": (1e5, 1e6) for i in range(4)}}, "plan.too_little", "ch2"),
        ({"locks": [f"ch{i}" for i in range(4)], "budget": 1.0}, "plan.too_little", "ch2"),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_met_is_refused_by_name(world, wishes, code, said):
    curves = world(1, n=4)
    with pytest.raises(ChannelOptError) as refusal:
        co.allocate(curves, **{"budget": budget_of(curves), **wishes})
    assert refusal.value.code == code and code in MESSAGES
    assert said in str(refusal.value)


def test_steps_limit_the_change_of_the_mix(world):
    curves = world(1, n=5)
    for days, step in ((7, 0.2), (28, 0.1), (28, 0.2)):
        plan = co.allocate(curves, budget=budget_of(curves, days=days), days=days, step_limit=step)
        share = plan.spend / curves.today
        weeks = days / 7
        assert (share <= (1 + step) ** weeks + 1e-6).all() and (share >= (1 - step) ** weeks - 1e-6).all()
    still = co.allocate(curves, budget=budget_of(curves), step_limit=0.0)
    np.testing.assert_allclose(still.spend, curves.today, atol=1e-3)


def test_steps_give_way_to_the_budget_and_say_so(world):
    curves = world(1, n=4)
    biggest = curves.today.idxmax()
    plan = co.allocate(curves, budget=budget_of(curves, 2), locks=[biggest])
    assert round(plan.totals.sum(), 2) == budget_of(curves, 2)
    assert plan.spend[biggest] == pytest.approx(curves.today[biggest], abs=1e-3)
    tight = co.allocate(curves, budget=budget_of(curves, 4), locks=[biggest], step_limit=0.01)
    assert "plan.steps_widened" in codes(tight)


def test_a_bound_takes_the_place_of_the_step_on_its_side(world):
    curves = world(1, n=4)
    row = lambda plan: plan.receipts.set_index("channel").loc["ch1"]  # noqa: E731
    one = row(co.allocate(curves, budget=budget_of(curves), bounds={"ch1": (None, 1e9)}))
    two = row(co.allocate(curves, budget=budget_of(curves)))
    assert one["high"] == 1e9 and one["low"] == pytest.approx(two["low"])


@pytest.mark.parametrize("unit", [0.01, 1])
def test_a_free_budget_ends_where_the_target_does(world, unit):
    curves = world(1, n=4)
    plan = co.allocate(curves, target_roi=2.2, step_limit=None, caution=False, unit=unit,
                       bounds=dict.fromkeys(curves.channels, (0, 50_000)))  # fmt: skip
    assert plan.roi.mid == pytest.approx(2.2, rel=2e-3) and "plan.target_roi" in codes(plan)
    more = co.allocate(curves, budget=plan.budget * 1.02, step_limit=None, caution=False)
    assert more.roi.mid < 2.2
    last = co.allocate(curves, target_mroi=1.5, step_limit=None, caution=False, unit=unit,
                       bounds=dict.fromkeys(curves.channels, (0, 50_000)))  # fmt: skip
    assert last.mroi == pytest.approx(1.5, rel=0.02) and "plan.target_mroi" in codes(last)
    floor = co.allocate(curves, bounds=dict.fromkeys(curves.channels, (0, 50_000)), caution=False)
    assert floor.mroi == pytest.approx(co.Policy().roi_floor, rel=0.02)


def test_a_target_out_of_reach_is_a_finding(world):
    curves = world(1, n=4)
    never = co.allocate(curves, target_roi=500.0)
    assert "plan.target_roi_missed" in codes(never)
    always = co.allocate(curves, target_roi=0.01)
    assert "plan.target_roi_more" in codes(always)
    np.testing.assert_allclose(always.spend, curves.today * 1.2**4, atol=0.01)
    checked = co.allocate(curves, budget=budget_of(curves), target_roi=500.0)
    found = next(f for f in checked.findings if f.code == "plan.target_chance")
    assert found.params["chance"] == 0 and round(checked.totals.sum(), 2) == budget_of(curves)


def test_profit_stops_where_the_last_unit_pays_for_itself(world):
    curves = world(1, n=4)
    policy = co.Policy(margin=0.5)
    bounds = dict.fromkeys(curves.channels, (0, 50_000))
    best = co.allocate(curves, objective="profit", policy=policy, bounds=bounds, caution=False)
    assert best.mroi == pytest.approx(1.0, rel=0.02)
    assert best.expected.mid == pytest.approx(0.5 * best.roi.mid * best.budget - best.budget)
    for times in (0.9, 1.1):
        other = co.allocate(
            curves,
            budget=best.budget * times,
            objective="profit",
            policy=policy,
            bounds=bounds,
            caution=False,
        )
        assert other.expected.mid < best.expected.mid
    same = co.allocate(curves, budget=budget_of(curves), objective="profit", policy=policy)
    np.testing.assert_allclose(same.spend, co.allocate(curves, budget=budget_of(curves)).spend, atol=0.01)


def test_the_promise_of_profit_is_a_share_of_profit(world):
    curves, policy = world(1, n=4), co.Policy(margin=0.75)
    plan = co.allocate(curves, budget=budget_of(curves), objective="profit", policy=policy)
    assert plan.naive_uplift == pytest.approx(plan.expected.mid / plan.expected_today.mid - 1)
    assert 0 < plan.uplift <= plan.naive_uplift
    told = promised(plan)
    assert told.low < told.mid == plan.uplift < told.high
    lossy = co.allocate(curves, budget=budget_of(curves), objective="profit", policy=co.Policy(margin=0.01))
    assert lossy.expected_today.mid < 0 and np.isnan(lossy.uplift)  # a share of a loss says nothing


def test_return_is_revenue_whatever_the_curves_count(world):
    curves, policy = world(1, n=4), co.Policy(margin=0.5)
    same = replace(curves, outcome="profit", top=curves.top * 0.5)
    one = co.allocate(curves, budget=budget_of(curves), objective="profit", policy=policy)
    other = co.allocate(same, budget=budget_of(curves), objective="profit", policy=policy)
    assert other.roi.mid == pytest.approx(one.roi.mid)


def test_leads_instead_of_revenue(world):
    plain = co.allocate(leads(world), budget=budget_of(leads(world)))
    assert plain.objective == "leads" and "plan.for_outcome" in codes(plain) and np.isnan(plain.roi.mid)
    asked = co.allocate(leads(world), budget=budget_of(leads(world)), objective="leads")
    assert "plan.for_outcome" not in codes(asked)
    said = {f.code: PLAIN.vformat(MESSAGES[f.code], (), f.params) for f in asked.receipts["reason"]}
    assert "plan.why_up" not in said and any("your leads cost" in text for text in said.values())
    pd.testing.assert_series_equal(plain.spend, asked.spend)
    worth = co.allocate(leads(world), budget=budget_of(leads(world)), value=50.0)
    assert worth.objective == "revenue" and worth.expected.mid == pytest.approx(50 * plain.expected.mid)
    assert worth.roi.mid == pytest.approx(worth.expected.mid / worth.budget)
    by_channel = leads(world, value=np.array([1.0, 1.0, 200.0, 1.0]))
    rich = co.allocate(by_channel, budget=budget_of(by_channel))
    assert rich.spend["ch2"] > 1.2 * plain.spend["ch2"]
    with pytest.raises(ChannelOptError, match="worth"):
        co.allocate(leads(world), objective="leads")
    with pytest.raises(ChannelOptError, match="customers"):
        co.allocate(leads(world), budget=1000.0, objective="customers")


def test_what_the_data_do_not_know_is_said(world):
    curves = world(
        2, n=4, identified=pd.Series(["yes", "yes", "no", "weak"], index=[f"ch{i}" for i in range(4)])
    )
    plan = co.allocate(curves, budget=budget_of(curves), step_limit=None, caution=False)
    assert "plan.not_identified" in codes(plan)
    assert plan.receipts["outside"].any() == ("plan.outside" in codes(plan))


@pytest.mark.parametrize("seed", range(20))
def test_rounding_keeps_sum_and_limits(seed):
    rng = np.random.default_rng(seed)
    n, days = int(rng.integers(1, 12)), int(rng.integers(1, 60))
    low = rng.uniform(0, 5, n) * (rng.random(n) < 0.5)
    high = low + rng.lognormal(3, 2, n)
    spend = low + rng.random(n) * (high - low)
    unit = float(rng.choice([0.01, 1, 10]))
    budget = round(float(spend.sum() * days), 2)
    spend = spend * 1.0
    try:
        totals = in_units(spend, Region(low, high), days, budget, unit)
    except ChannelOptError as refusal:
        assert refusal.code == "plan.unit_too_coarse" and unit > 0.01
        return
    assert round(totals.sum(), 2) == budget
    assert (totals >= low * days - 0.011).all() and (totals <= high * days + 0.011).all()
    assert np.abs(totals - spend * days).max() <= max(n * unit, 0.02) + unit


def test_largest_remainder():
    totals = in_units(np.array([1.6, 1.6, 0.8]), Region(np.zeros(3), np.full(3, 9.0)), 1, 4.0, 1)
    assert totals.tolist() == [2.0, 1.0, 1.0]  # 4 units: two go to .6 and .8 before the second .6


def test_what_a_variation_would_teach():
    """The expected posterior spread against brute-force updating over simulated tests."""
    rng = np.random.default_rng(4)
    size = (4000, 1)
    curves = ResponseCurves.from_parameters(
        2000 * rng.lognormal(0, 0.4, size), 500.0, 0.9, 0.0, today=[400.0], outcome="leads", channels=["a"]
    )
    design = design_variation(curves, days=56, share=0.3, day_cv=0.2)
    row = design.table.iloc[0]
    marginal = curves.slope_draws(np.array([400.0]))[:, 0]
    contrast = (curves.outcome_draws(np.array([520.0])) - curves.outcome_draws(np.array([280.0])))[:, 0]
    level = curves.outcome_draws(np.array([400.0])).mean()
    se = np.sqrt(4 * (level + (0.2 * level) ** 2) / 56)
    variances = []
    for truth in contrast[:300]:
        seen = truth + rng.normal(0, se)
        weight = np.exp(-0.5 * ((contrast - seen) / se) ** 2)
        weight /= weight.sum()
        mean = (weight * marginal).sum()
        variances.append((weight * (marginal - mean) ** 2).sum())
    assert row["sd_before"] == pytest.approx(marginal.std())
    assert row["sd_after"] == pytest.approx(np.sqrt(np.mean(variances)), rel=0.1)
    by_hand = (
        curves.outcome_draws(np.array([400.0]))
        - (curves.outcome_draws(np.array([520.0])) + curves.outcome_draws(np.array([280.0]))) / 2
    )
    assert design.cost == pytest.approx(56 * by_hand.mean())


def test_carry_over_blurs_weeks_that_alternate():
    for keep in (0.0, 0.3, 0.8):
        spend = np.tile(np.repeat([1.0, -1.0], 7), 30)
        adstock, a = [], 0.0
        for x in spend:
            a = (1 - keep) * x + keep * a
            adstock.append(a)
        last = np.array(adstock[-14:])
        assert blur(np.array(keep)) == pytest.approx((last[:7].mean() - last[7:].mean()) / 2, abs=1e-6)


def test_every_varied_channel_is_as_often_up_as_down(world):
    design = design_variation(world(1, n=6, noise=0.6), days=56)
    wide = design.schedule.pivot(index="week", columns="channel", values="spend")
    signs = np.sign(wide - wide.mean())
    np.testing.assert_allclose(signs.sum(), 0)
    cross = signs.T @ signs
    np.testing.assert_allclose(cross - np.diag(np.diag(cross)), 0)
    assert len(design_variation(world(1, n=6), days=28).table) <= 3
    with pytest.raises(ChannelOptError):
        design_variation(world(1), share=1.5)


def random_wish(rng, curves, days):
    """Bounds, locks, steps, minimums, groups, units: any of them, sensible or not."""
    today, names = curves.today, list(curves.channels)
    wish = {"budget": round(max(today.sum(), 10.0) * days * rng.choice([0.01, 0.5, 0.9, 1, 1.1, 3]), 2)}
    if rng.random() < 0.5:
        chosen = [c for c in names if rng.random() < 0.6]
        wish["bounds"] = {
            c: (rng.choice([0, 0.5, 0.9]) * today[c], rng.choice([1, 1.2, 3]) * today[c]) for c in chosen
        }
    if rng.random() < 0.3:
        wish["locks"] = [c for c in names if rng.random() < 0.3]
    if rng.random() < 0.3:
        wish["step_limit"] = rng.choice([None, 0.05, 0.5])
    if rng.random() < 0.3:
        wish["keep_alive"] = float(rng.choice([1, 50]))
    if rng.random() < 0.4 and len(names) > 2:
        wish["groups"] = {"g": (names[:2], 0.0, float(today.iloc[:2].sum() * rng.choice([0.8, 1, 2]) + 1))}
    if rng.random() < 0.4:
        wish["unit"] = float(rng.choice([1, 10]))
    return wish | {"caution": bool(rng.random() < 0.7)}


@pytest.mark.parametrize("seed", range(80))
def test_whatever_is_wished_the_promises_hold_or_it_is_refused(world, seed):
    rng = np.random.default_rng(seed)
    shape = [(0.4, 0.9), (0.6, 1.4), (1.5, 4.0)][seed % 3]
    curves = world(seed, n=int(rng.integers(1, 8)), draws=int(rng.choice([1, 3, 30])), slope=shape)
    days = int(rng.choice([1, 7, 28, 90]))
    wish = random_wish(rng, curves, days)
    try:
        plan = co.allocate(curves, days=days, **wish)
    except ChannelOptError as refusal:
        assert refusal.code in MESSAGES and str(refusal) != refusal.code
        return
    assert round(float(plan.spend.sum()) * days, 2) == wish["budget"] == plan.budget
    table = plan.receipts.set_index("channel")
    cent = 0.011 / days
    assert (plan.spend >= table["low"] - cent).all() and (plan.spend <= table["high"] + cent).all()
    for members, _, high in wish.get("groups", {}).values():
        assert plan.spend[members].sum() <= high + 2 * cent
    assert plan.expected.mid >= plan.expected_today.mid * (1 - 1e-12)
    assert plan.uplift <= plan.naive_uplift or np.isnan(plan.uplift)
