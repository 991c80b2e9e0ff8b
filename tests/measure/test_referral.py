"""Old customers bring new ones: laws, a second road, edges; and the reward that pays."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit

from channelopt.errors import PLAIN, ChannelOptError
from channelopt.measure.messages import MESSAGES
from channelopt.measure.referral import Referrals, referral, referrals_from
from channelopt.measure.reward import best_reward
from channelopt.policy import Policy

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import referral as bench

SURE = Referrals(10_000_000, 2_000_000, 5_000_000, 2_500_000)  # K = 0.25, known exactly


def said(found):
    for f in found.findings:
        assert "{" not in PLAIN.vformat(MESSAGES[f.code], (), dict(f.params))
    return {f.code.removeprefix("measure.") for f in found.findings}


def test_in_the_long_run_a_customer_becomes_one_over_one_minus_k():
    found = referral(SURE, 1000, weeks=104)
    assert found.k.mid == 0.25 and found.status == "ends"
    assert found.amplification.mid == pytest.approx(4 / 3)
    last = found.weekly.iloc[-1]
    assert (last["paid"] + last["referred"]) / last["paid"] == pytest.approx(4 / 3, rel=0.01)
    assert np.isnan(found.doubling_weeks) and not said(found)


def test_the_forecast_is_a_loop():
    paid = [100.0, 300.0, 0.0, 50.0, 400.0, 200.0]
    found = referral(SURE, paid, weeks=6, pool=20_000)
    share, everyone, left = SURE.cycle(), [100 / 0.75] * 40, 1.0
    for w, row in enumerate(found.weekly.itertuples()):
        due = sum(share[j - 1] * everyone[-j] for j in range(1, 41))
        came = 0.25 * left * due
        assert row.referred == pytest.approx(came, rel=0.02, abs=0.5)
        everyone.append(paid[w] + came)
        left -= (paid[w] + came) / 20_000
        assert row.left == pytest.approx(left, abs=0.002)


def test_the_cycle_sums_to_one_and_has_its_mean():
    for days in (3.0, 21.0, 60.0):
        share = Referrals(10, 1, 1, 1, cycle_days=days, cycle_cv=0.5).cycle()
        assert share.sum() == pytest.approx(1)
        assert share @ (np.arange(1, 53) * 7 - 3.5) == pytest.approx(days, abs=2.0)


def test_k_range_is_that_of_its_parts():
    known = Referrals(2000, 200, 500, 100)
    found = referral(known, 10)
    per = stats.gamma(500.5, scale=1 / 2000)
    assert found.invites_per_customer == pytest.approx((per.ppf(0.05), 0.25, per.ppf(0.95)))
    accept = stats.beta(100.5, 400.5)
    assert found.acceptance == pytest.approx((accept.ppf(0.05), 0.2, accept.ppf(0.95)))
    draws = known.k_draws(200_000, np.random.default_rng(1))
    assert found.k.low == pytest.approx(np.quantile(draws, 0.05), rel=0.02)
    wider = referral(Referrals(2000, 200, 500, 100, dispersion=5.0), 10).k
    assert wider.high - wider.low > found.k.high - found.k.low


def test_k_above_one_grows_until_the_audience_ends():
    known = Referrals(1_000_000, 500_000, 2_000_000, 1_500_000)  # K = 1.5
    found = referral(known, 10, weeks=150, pool=50_000)
    assert found.status == "grows" and np.isnan(found.amplification.mid)
    share = known.cycle()
    rho = np.log(2) / found.doubling_weeks
    assert 1.5 * (share @ np.exp(-rho * np.arange(1, 53))) == pytest.approx(1)
    assert found.weekly["referred"].iloc[20] > found.weekly["referred"].iloc[5]
    assert found.weekly["total"].iloc[-1] <= 50_000 + 10 * 150
    assert found.weekly["referred"].iloc[-1] < found.weekly["referred"].max() / 10
    assert said(found) == {"referral_grows", "referral_used_up"}
    endless = referral(known, 10, weeks=260)
    assert np.isfinite(endless.weekly.to_numpy()).all() and "referral_no_pool" in said(endless)
    open_ = referral(Referrals(20, 5, 30, 19), 10)
    assert open_.status == "may_grow" and np.isnan(open_.amplification.high)
    assert open_.amplification.low > 1 and "referral_may_grow" in said(open_)


def test_zero_invites_and_nobody_accepting():
    none = referral(Referrals(500, 0, 0, 0), 20, reward=30)
    assert none.status == "none" and none.k.mid == 0 and none.k.low == 0 < none.k.high < 0.01
    assert np.isnan(none.acceptance.mid) and none.amplification.mid == 1
    assert said(none) == {"referral_none"}
    nobody = referral(Referrals(500, 50, 100, 0), 20)
    assert nobody.k.low == 0 == nobody.k.mid < nobody.k.high and nobody.status == "ends"
    assert nobody.acceptance.low == 0 and said(nobody) == {"referral_few"}
    idle = referral(SURE, 0.0)
    assert idle.weekly["referred"].sum() == 0


def test_the_reward_bill():
    found = referral(SURE, 1000, weeks=10, reward=50)
    assert found.cost.mid == pytest.approx(found.weekly["referred"].sum() * 50, rel=1e-6)
    assert found.cost.low < found.cost.mid < found.cost.high
    assert np.isnan(referral(SURE, 1000).cost.mid)


def test_rows_become_counts():
    rows = pd.DataFrame(
        {
            "inviter_key": ["a", "a", "b", "b", "c"], "invited_key": ["x", "y", "x", "z", "w"],
            "day": ["2026-01-01", "2026-01-05", "2026-02-01", "2026-02-02", "2026-06-20"],
            "ordered_day": ["2026-01-11", None, "2026-02-05", "2026-06-01", "2026-06-25"],
        }
    )  # fmt: skip
    found = referrals_from(rows, 10, "2026-06-30")
    # x belongs to a, who was first; z answered after too long; w is too young
    assert (found.customers, found.inviters, found.invites, found.accepted, found.young) == (10, 2, 3, 1, 1)
    assert "referral_young" in said(referral(found, 5))
    empty = referrals_from(rows[:0], 10, "2026-06-30")
    assert (empty.invites, empty.accepted, empty.dispersion) == (0, 0, 1.0)
    per = [1.0, 2.0] + [0.0] * 8
    assert found.dispersion == pytest.approx(np.var(per, ddof=1) / np.mean(per))
    with pytest.raises(ChannelOptError):
        referrals_from(rows, 1, "2026-06-30")


@pytest.mark.parametrize(
    "wrong",
    [(0, 0, 0, 0), (10, 11, 20, 0), (10, 5, 4, 0), (10, 5, 9, 10), (10, 0, 3, 0), (10, -1, 3, 0)],
)
def test_counts_that_cannot_be_are_refused(wrong):
    with pytest.raises(ChannelOptError):
        Referrals(*wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"weekly": -1}, {"weekly": [1, 2]}, {"weekly": float("nan")}, {"weeks": 0}, {"pool": 0}, {"reward": -1}],
)
def test_options_that_cannot_be_are_refused(wrong):
    with pytest.raises(ChannelOptError):
        referral(SURE, **{"weekly": 5, **wrong})


def test_ranges_cover_in_simulation():
    assert bench.k_range(120, 3)["covered"] >= 0.83
    found = bench.forecast(40, 3, None)
    assert min(found["week 1"], found["week 8"]) >= 0.8 and abs(found["bias"]) < 0.08


def offers(level, slope, n=400_000, rewards=(0.0, 40.0, 80.0, 120.0)):
    share = expit(level + slope * np.array(rewards) / 120)
    return pd.DataFrame({"reward": rewards, "invited": n, "accepted": np.round(n * share)})


def test_the_best_reward_is_that_of_a_fine_grid():
    found = best_reward(offers(-2.0, 2.0), 200.0)
    x = np.linspace(0, 120, 100_001)
    net = expit(-2 + 2 * x / 120) * (200 - x)
    assert found.best == pytest.approx(x[net.argmax()], abs=4)
    assert found.gain.mid == pytest.approx(100 * (net.max() - net[0]), rel=0.02)
    assert found.status == "pays" and found.range.low <= found.best <= found.range.high
    assert said(found) == {"reward_pays"}
    assert (found.curve["accept"].diff().dropna() > 0).all()


def test_no_reward_pays_and_the_edge():
    flat = best_reward(offers(-1.0, 0.0), 200.0)
    assert flat.best == 0 and flat.status == "none_pays" and said(flat) == {"reward_none_pays"}
    steep = best_reward(offers(-4.0, 3.0), 2000.0)
    assert steep.best == 120 and "reward_edge" in said(steep)
    paid_only = best_reward(offers(-2.0, 2.0, rewards=(30.0, 60.0)), 250.0)
    assert "reward_no_zero" in said(paid_only)


def test_few_invitations_leave_it_open():
    found = best_reward(offers(-2.0, 0.6, n=40), 200.0)
    assert found.status == "open" and "reward_open" in said(found)
    assert found.range.high - found.range.low > 20


def test_a_step_is_seen_as_one():
    frame = pd.DataFrame({"reward": [0, 60, 120], "invited": 4000, "accepted": [400, 1200, 1204]})
    found = best_reward(frame, 250.0)
    assert "reward_steps" in said(found) and found.best == 60 and found.status == "pays"


def test_edges_of_the_reward():
    one = best_reward(offers(-2, 1, rewards=(50.0,)), 200.0)
    assert one.status == "one_reward" and np.isnan(one.best) and one.curve.empty
    none = best_reward(pd.DataFrame({"reward": [0, 50], "invited": 0, "accepted": 0}), 200.0)
    assert none.status == "no_data"
    nobody = best_reward(pd.DataFrame({"reward": [0, 50], "invited": 100, "accepted": 0}), 200.0)
    assert 0 <= nobody.best <= 50 and nobody.status == "open"
    everyone = best_reward(pd.DataFrame({"reward": [0, 50], "invited": 100, "accepted": 100}), 200.0)
    assert everyone.best == 0
    huge = best_reward(offers(-2, 2, n=10**9), 1e9, Policy(interval=0.99))
    assert np.isfinite(huge.gain.mid)
    for wrong in ({"margin": 0}, {"margin": float("nan")}):
        with pytest.raises(ChannelOptError):
            best_reward(offers(-2, 1), **wrong)
    for bad in ({"accepted": 101}, {"reward": [-1, 5]}, {"accepted": -1}):
        frame = pd.DataFrame({"reward": [0, 50], "invited": 100, "accepted": 5} | bad)
        with pytest.raises(ChannelOptError):
            best_reward(frame, 200.0)


def test_the_rule_loses_less_than_the_best_of_those_tried():
    found = bench.reward(60, 4, False)
    assert found["lost"] < 0.04 and found["lost"] <= found["lost_by_best_tried"] + 0.01
