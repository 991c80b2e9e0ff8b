"""The promises of an allocation, one test each."""

from __future__ import annotations

import inspect
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from channelopt.errors import PLAIN, ChannelOptError
from channelopt.plan.messages import MESSAGES
from channelopt.response import ResponseCurves


def codes(plan):
    return [f.code for f in plan.findings]


def outcome(curves, spend):
    """Mean steady outcome per day by a loop over draws and channels."""
    total = 0.0
    for d in range(curves.draws):
        for c, x in enumerate(np.asarray(spend, float)):
            if x > 0:
                z = (x / curves.half[d, c]) ** curves.slope[d, c]
                total += curves.top[d, c] * z / (1 + z)
    return total / curves.draws


def budget_of(curves, days=28, times=1.0):
    return round(float(curves.today.sum()) * days * times, 2)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("days", [1, 7, 28, 31])
def test_it_adds_up_to_the_cent(world, seed, days):
    curves = world(seed, n=3 + seed)
    budget = budget_of(curves, days, 1 + 0.07 * seed)
    plan = co.allocate(curves, budget=budget, days=days)
    assert round(float(plan.spend.sum()) * days, 2) == budget
    cents = plan.totals * 100
    assert (cents - cents.round()).abs().max() < 1e-6
    assert round(float(plan.totals.sum()), 2) == budget
    assert list(plan.spend.index) == list(curves.channels)
    assert (plan.spend >= 0).all()


@pytest.mark.parametrize("unit", [1, 10, 100])
def test_whole_units(world, unit):
    curves = world(3, n=6)
    budget = float(round(budget_of(curves), -2))
    plan = co.allocate(curves, budget=budget, unit=unit)
    assert (plan.totals % unit == 0).all() and plan.totals.sum() == budget
    odd = co.allocate(curves, budget=budget + 0.37, unit=unit)
    assert round(odd.totals.sum(), 2) == round(budget + 0.37, 2)
    assert (odd.totals.round(6) % unit > 1e-6).sum() == 1  # one channel takes the rest


def test_every_channel_within_its_bounds(world):
    curves = world(2, n=5)
    today = curves.today
    bounds = {"ch0": (1.2 * today["ch0"], 1.5 * today["ch0"]), "ch3": (0, 0.5 * today["ch3"])}
    plan = co.allocate(curves, budget=budget_of(curves), bounds=bounds)
    for name, (low, high) in bounds.items():
        assert low - 1e-9 <= plan.spend[name] <= high + 1e-9
    fast = plan.receipts.set_index("channel")
    assert (plan.spend <= fast["high"] + 1e-9).all() and (plan.spend >= fast["low"] - 1e-9).all()
    assert fast.loc["ch3", "binding"] in ("bound_high", "none")


@pytest.mark.parametrize("caution", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_never_worse_than_todays_mix(world, seed, caution):
    curves = world(seed, n=4, noise=0.5, draws=60, slope=(0.5, 2.5))
    plan = co.allocate(curves, budget=budget_of(curves), caution=caution)
    assert outcome(curves, plan.spend) >= outcome(curves, curves.today) * (1 - 1e-9)
    assert plan.expected.mid >= plan.expected_today.mid * (1 - 1e-9)


def test_same_input_same_output_to_the_last_digit(world):
    one, two = (co.allocate(world(5, n=8), budget=100_000.0) for _ in range(2))
    assert one.spend.to_numpy().tobytes() == two.spend.to_numpy().tobytes()
    assert one.uplift == two.uplift and one.naive_uplift == two.naive_uplift
    pd.testing.assert_frame_equal(one.receipts, two.receipts)


@pytest.mark.parametrize("seed", range(5))
def test_marginal_returns_are_equal_where_nothing_holds(world, seed):
    curves = world(seed, n=6)
    plan = co.allocate(curves, budget=budget_of(curves), step_limit=None, caution=False)
    free = plan.receipts[plan.receipts["binding"] == "none"]
    assert len(free) >= 4
    assert free["mroi"].max() / free["mroi"].min() - 1 < 1e-4
    held = plan.receipts[plan.receipts["binding"] == "zero"]
    first = curves.slope_draws(np.maximum(plan.spend, 1e-3 * curves.today)).mean(axis=0)
    for name in held["channel"]:
        assert first[curves.channels.index(name)] < 1.05 * free["mroi"].max()
    by_hand = curves.slope_draws(plan.spend.to_numpy()).mean(axis=0)
    np.testing.assert_allclose(plan.receipts["mroi"], by_hand, rtol=1e-9)


def test_a_held_channel_has_a_marginal_return_on_the_right_side(world):
    curves = world(1, n=6)
    plan = co.allocate(curves, budget=budget_of(curves), step_limit=0.05, caution=False)
    table = plan.receipts
    level = table.loc[table["binding"] == "none", "mroi"].mean()
    assert {"step_low", "step_high"} <= set(table["binding"])
    assert (table.loc[table["binding"] == "step_high", "mroi"] > level).all()
    assert (table.loc[table["binding"] == "step_low", "mroi"] < level).all()


@pytest.mark.parametrize("slope", [(0.6, 1.1), (1.5, 3.0)])
def test_more_budget_never_brings_less(world, slope):
    curves = world(4, n=4, draws=40, slope=slope)
    plans = [
        co.allocate(curves, budget=budget_of(curves, times=t), step_limit=None, caution=False)
        for t in np.linspace(0.2, 3, 15)
    ]
    middle = [p.expected.mid for p in plans]
    assert (np.diff(middle) > 0).all()
    if slope[1] < 1.2:  # concave: every channel grows with the budget
        assert all((b.spend >= a.spend - 0.01).all() for a, b in pairwise(plans))


def test_it_maximises_the_mean_of_the_draws_not_the_mean_parameters():
    """Two very different draws: the mean curve has its optimum elsewhere than the mean parameters."""
    curves = ResponseCurves.from_parameters(
        [[4000.0, 1500.0], [400.0, 1500.0]], [[2000.0, 500.0], [50.0, 500.0]], 1.0, today=[500.0, 500.0]
    )
    plan = co.allocate(curves, budget=28_000.0, step_limit=None, caution=False)
    grid = np.linspace(0, 1000, 4001)
    best = grid[np.argmax([outcome(curves, (x, 1000 - x)) for x in grid])]
    assert plan.spend.iloc[0] == pytest.approx(best, abs=0.5)
    mean = ResponseCurves.from_parameters(curves.top.mean(0), curves.half.mean(0), 1.0, today=[500.0, 500.0])
    plugged = grid[np.argmax([outcome(mean, (x, 1000 - x)) for x in grid])]
    assert abs(plugged - best) > 20


def test_not_an_equal_split_whatever_the_returns():
    curves = ResponseCurves.from_parameters([9000.0, 900.0], 300.0, 1.0, today=[300.0, 300.0])
    plan = co.allocate(curves, budget=600 * 28, step_limit=None)
    assert plan.spend.iloc[0] > 2 * plan.spend.iloc[1]


def test_identical_channels_share_alike():
    curves = ResponseCurves.from_parameters(
        np.full(4, 2000.0), 500.0, 0.9, today=[400.0, 100.0, 250.0, 250.0]
    )
    plan = co.allocate(curves, budget=28_000.0, step_limit=None)
    np.testing.assert_allclose(plan.spend, 250.0, atol=0.01)


def test_one_channel_takes_it_all():
    curves = ResponseCurves.from_parameters([5000.0], 500.0, 0.9, today=[400.0])
    plan = co.allocate(curves, budget=11_200.0)
    assert plan.spend.iloc[0] == 400 and "plan.already_best" in codes(plan)
    assert plan.uplift == 0.0


def test_no_budget_no_spend(world):
    plan = co.allocate(world(), budget=0.0)
    assert (plan.spend == 0).all() and plan.expected.mid == 0
    assert np.isnan(plan.uplift) and np.isnan(plan.roi.mid) and "plan.no_money" in codes(plan)


@pytest.mark.parametrize("step", [0.2, None])
def test_ten_times_the_budget(world, step):
    curves = world(1)
    plan = co.allocate(curves, budget=budget_of(curves, times=10), step_limit=step)
    assert round(plan.spend.sum() * 28, 2) == budget_of(curves, times=10)
    assert {"plan.outside", "plan.fast_budget"} <= set(codes(plan))
    assert plan.receipts["outside"].any()


def test_a_new_channel_starts_small_and_says_that_there_are_no_data(world):
    curves = world(2, n=4)
    today = curves.today.copy()
    today["ch2"] = 0.0
    seen = curves.observed_range.copy()
    seen.loc["ch2"] = [0.0, 0.0]
    new = ResponseCurves.from_parameters(
        curves.top * [1, 1, 5, 1], curves.half, curves.slope, today=today, channels=curves.channels,
        observed_range=seen,
    )  # fmt: skip
    plan = co.allocate(new, budget=round(today.sum() * 28, 2))
    assert 0 < plan.spend["ch2"] <= 0.05 * today.sum() + 0.01
    row = plan.receipts.set_index("channel").loc["ch2"]
    assert row["no_data"] and row["verdict"] == "watch" and row["reason"].code == "plan.why_no_data"
    assert "plan.no_data" in codes(plan)
    bold = co.allocate(new, budget=round(today.sum() * 28, 2), bounds={"ch2": (0, today.sum())})
    assert bold.spend["ch2"] > plan.spend["ch2"]


def test_nothing_spent_today(world):
    curves = world(2, n=3)
    blank = ResponseCurves.from_parameters(
        curves.top, curves.half, curves.slope, today=0.0, channels=curves.channels
    )
    plan = co.allocate(blank, budget=10_000.0)
    assert round(plan.totals.sum(), 2) == 10_000 and "plan.no_today" in codes(plan)
    assert plan.spend.max() > plan.spend.min()


def test_caution_goes_only_as_far_as_nearly_all_draws_gain(world):
    curves = world(7, n=4, noise=0.6, draws=400)
    budget = budget_of(curves)
    whole = co.allocate(curves, budget=budget, caution=False)
    part = co.allocate(curves, budget=budget)
    base = curves.outcome_draws(curves.today.to_numpy()).sum(axis=1)
    assert "plan.partial_step" in codes(part) and 0 < part.step < 1
    assert (curves.outcome_draws(part.spend.to_numpy()).sum(axis=1) > base).mean() >= 0.895
    assert (curves.outcome_draws(whole.spend.to_numpy()).sum(axis=1) > base).mean() < 0.9
    moved = part.receipts[part.receipts["binding"] == "caution"]
    assert len(moved) and moved["reason"].map(lambda f: f.code.startswith("plan.why_part_")).any()
    timid = co.allocate(curves, budget=budget, policy=co.Policy(confidence=0.97))
    assert timid.step < part.step


def test_more_is_asked_where_budgets_hardly_moved(world):
    moved = world(9, n=4, noise=0.4, draws=400)
    steady = replace(moved, sources=moved.sources.assign(moved=0.125))  # a c of 1.28: 95% of the draws
    budget = budget_of(moved)
    free, held = (co.allocate(curves, budget=budget) for curves in (moved, steady))
    assert 0 < held.step < free.step < 1
    base = steady.outcome_draws(steady.today.to_numpy()).sum(axis=1)
    share = (steady.outcome_draws(held.spend.to_numpy()).sum(axis=1) > base).mean()
    assert 0.945 <= share < 0.96
    assert held.chance == pytest.approx(free.chance, abs=0.01) and 0.895 < held.chance < 0.91
    told = next(f for f in held.findings if f.code == "plan.hardly_moved")
    assert told.params["moved"] == pytest.approx(0.125) and told.params["share"] == pytest.approx(
        0.95, abs=1e-3
    )
    assert "plan.hardly_moved" not in codes(free)
    asked = co.allocate(steady, budget=budget, sure=0.9)
    assert asked.step == pytest.approx(free.step)


def test_test_first_when_the_data_cannot_tell():
    rng = np.random.default_rng(3)
    noise = rng.lognormal(0, 1.2, (400, 3))
    curves = ResponseCurves.from_parameters(
        np.array([2100.0, 2000.0, 1900.0]) * noise, 500.0, 0.9, today=[400.0, 400.0, 400.0],
        identified=pd.Series("weak", index=["c0", "c1", "c2"]), channels=["c0", "c1", "c2"],
    )  # fmt: skip
    plan = co.allocate(curves, budget=1200 * 28.0)
    np.testing.assert_allclose(plan.spend, 400.0, atol=0.01)
    assert plan.uplift == 0 and "plan.test_first" in codes(plan)
    assert set(plan.receipts["verdict"]) <= {"test", "hold"}
    test = plan.variation
    assert test is not None and (test.table["sd_after"] < test.table["sd_before"]).all()
    assert test.cost >= 0 and len(test.schedule) == len(test.table) * test.days / 7
    up_and_down = test.schedule.groupby("channel")["spend"].mean()
    np.testing.assert_allclose(up_and_down, 400.0)


def test_the_promise_is_smaller_than_the_naive_one(world):
    gaps, naive = [], []
    for seed in range(12):
        curves = world(seed, n=8, noise=0.5, draws=24)
        plan = co.allocate(curves, budget=budget_of(curves), step_limit=None, caution=False)
        assert plan.uplift <= plan.naive_uplift
        gaps.append(plan.naive_uplift - plan.uplift)
        naive.append(plan.naive_uplift)
    assert np.sum(gaps) > 0.05 * np.sum(naive)


def test_the_promise_of_a_total_is_what_came_true_there(world):
    curves = world(3, n=8, draws=200)
    plans = [co.allocate(replace(curves, attributed=way), budget=budget_of(curves)) for way in (True, False)]
    credited, total = plans
    assert credited.spend.equals(total.spend)
    assert total.uplift / credited.uplift == pytest.approx(1.15 / 0.95, rel=0.1)
    codes = [{f.code for f in plan.findings if f.code.startswith("plan.promise")} for plan in plans]
    assert codes == [{"plan.promise"}, {"plan.promise_total"}]


def test_a_limit_is_worth_what_its_receipt_says(world):
    curves = world(1, n=6, draws=100)
    budget, today = budget_of(curves), curves.today
    bounds = {c: (0.9 * today[c], 1.1 * today[c]) for c in curves.channels}
    plan = co.allocate(curves, budget=budget, bounds=bounds, caution=False)
    held = plan.receipts[plan.receipts["binding"].isin(["bound_low", "bound_high"])]
    assert len(held) >= 3 and (held["relax_gain"] > 0).all()
    for row in held.itertuples():
        low, high = bounds[row.channel]
        wider = (low - row.relax_by, high) if row.binding == "bound_low" else (low, high + row.relax_by)
        again = co.allocate(curves, budget=budget, bounds={**bounds, row.channel: wider}, caution=False)
        assert again.expected.mid - plan.expected.mid == pytest.approx(row.relax_gain, rel=0.02, abs=1.0)


def test_locks_groups_and_minimums_have_receipts_that_come_true(world):
    curves = world(4, n=6, draws=100)
    budget, today = budget_of(curves), curves.today
    most = float(today[["ch1", "ch2"]].sum())
    wishes = {
        "locks": ["ch0"], "groups": {"social": (["ch1", "ch2"], 0.0, 0.8 * most)},
        "keep_alive": {"ch4": 0.9 * today["ch4"]},
    }  # fmt: skip
    plan = co.allocate(curves, budget=budget, caution=False, **wishes)
    assert plan.spend["ch0"] == pytest.approx(today["ch0"], abs=1e-3)
    assert plan.spend[["ch1", "ch2"]].sum() <= 0.8 * most + 1e-6
    assert plan.spend["ch4"] >= 0.9 * today["ch4"] - 1e-9
    table = plan.receipts.set_index("channel")
    assert table.loc["ch0", "binding"] == "lock"
    grouped = table[table["binding"] == "group"]
    if len(grouped):
        by, gain = grouped["relax_by"].iloc[0], grouped["relax_gain"].iloc[0]
        wider = {**wishes, "groups": {"social": (["ch1", "ch2"], 0.0, 0.8 * most + by)}}
        again = co.allocate(curves, budget=budget, caution=False, **wider)
        assert again.expected.mid - plan.expected.mid == pytest.approx(gain, rel=0.02, abs=1.0)
        assert grouped["mroi"].max() / grouped["mroi"].min() - 1 < 1e-3


def test_every_channel_says_why(world):
    curves = world(1, n=6)
    plan = co.allocate(curves, budget=budget_of(curves))
    for finding in (*plan.findings, *plan.receipts["reason"]):
        assert finding.code in MESSAGES
        assert "unknown" not in PLAIN.vformat(MESSAGES[finding.code], (), finding.params)
    assert set(plan.receipts["verdict"]) <= {"move", "hold", "test", "watch"}


def test_nothing_better_than_today_is_said():
    curves = ResponseCurves.from_parameters(np.full(3, 2000.0), 500.0, 0.9, today=[250.0] * 3)
    plan = co.allocate(curves, budget=750 * 28.0)
    assert "plan.already_best" in codes(plan)
    assert (plan.receipts["reason"].map(lambda f: f.code) == "plan.why_best").all()


def test_the_coming_days_count():
    outlook = np.concatenate([np.full(28, 1.5), np.full(338, 1.0)])
    curves = ResponseCurves.from_parameters(
        [3000.0, 2000.0], 500.0, 0.9, today=[300.0, 300.0], outlook=outlook
    )
    month = co.allocate(curves, budget=600 * 28.0, days=28)
    level = curves.outcome_draws(month.spend.to_numpy()).sum()
    assert month.expected.mid == pytest.approx(1.5 * 28 * level)


def test_what_is_seen_in_the_window_counts_the_ramp(world):
    curves = world(3, n=4)
    plan = co.allocate(curves, budget=budget_of(curves), days=28)
    ramp = curves.ramp_draws(plan.spend.to_numpy(), 28).sum(axis=1).mean() * 28
    assert plan.in_window.mid == pytest.approx(ramp)
    more = co.allocate(curves, budget=budget_of(curves, times=1.3))
    assert more.in_window.mid < more.expected.mid


def test_the_signature_is_the_promised_one():
    names = list(inspect.signature(co.allocate).parameters)
    assert names[:7] == ["curves", "budget", "days", "bounds", "target_roi", "objective", "policy"]


def test_curves_that_are_no_curves_are_refused(world):
    curves = world(n=3)
    broken = ResponseCurves.from_parameters(
        curves.top, curves.half, curves.slope, today=curves.today, channels=curves.channels
    )
    broken.top[0, 1] = np.nan  # arrays can be changed behind the back of a frozen class
    with pytest.raises(ChannelOptError, match="ch1"):
        co.allocate(broken, budget=1000.0)
