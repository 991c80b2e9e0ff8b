"""Noise of days and of order values: a second road without arrays, known truths, edges."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.worlds import day_factors
from channelopt.measure import daynoise as dn
from channelopt.measure.ordervalues import HIDDEN, LOG_SDS, order_noise, single_orders
from channelopt.measure.ratios import influence, ratio_of_sums


def naive(rows: list[float], squared: float, floor: float) -> tuple[float, float]:
    """Mean and variance of V for one channel, by loops over the grid; no bands below 12 days."""
    n = len(rows)
    total = mean = second = 0.0
    factor = [math.exp(-0.5 * (math.log(cv / dn.USUAL_CV) / dn.LOG_SD) ** 2) for cv in dn.CVS[1:]]
    odds = [dn.STEADY, *(f / sum(factor) for f in factor)]
    for cv, odd in zip(dn.CVS, odds, strict=True):
        for phi, phi_odd in zip(dn.PHIS, dn.PHI_ODDS, strict=True):
            like = 0.0
            for k in range(1, n):
                wave = [math.sqrt(2) * math.cos(math.pi * (t + 0.5) * k / n) for t in range(n)]
                power = sum(w * r for w, r in zip(wave, rows, strict=True)) ** 2
                alike = sum(
                    wave[a] * wave[b] * (phi ** abs(a - b) if a != b else 1.0)
                    for a in range(n)
                    for b in range(n)
                )
                level = floor + cv**2 * squared * alike / n
                like -= 0.5 * (math.log(level / floor) + power / level)
            weight = odd * phi_odd * math.exp(like)
            value = floor + cv**2 * squared * (1 + 2 * sum((1 - j / n) * phi**j for j in range(1, n)))
            total, mean, second = total + weight, mean + weight * value, second + weight * value**2
    return mean / total, second / total - (mean / total) ** 2


def test_the_grid_agrees_with_loops():
    rng = np.random.default_rng(1)
    spend = rng.gamma(20, 5, (1, 11))
    leads = rng.poisson(spend / 10 * rng.lognormal(0, 0.3, (1, 11))).astype(float)
    seen = influence(spend, leads)
    floor = 1 / leads.sum()
    found = dn.day_noise(seen.days, seen.shares, seen.known, np.array([floor]))
    want = naive(list(seen.days[0]), float((seen.shares[0] ** 2).sum()), floor)
    assert (found.mean[0], found.spread[0]) == pytest.approx(want, rel=1e-9)


def test_one_day_is_the_prior_alone():
    found = dn.day_noise(np.zeros((1, 1)), np.ones((1, 1)), np.ones((1, 1), bool), np.array([0.01]))
    assert (found.mean[0], found.spread[0]) == pytest.approx(naive([0.0], 1.0, 0.01), rel=1e-9)


def test_gaps_are_skipped_and_channels_do_not_mix():
    rng = np.random.default_rng(2)
    spend = rng.gamma(20, 5, (3, 40))
    leads = rng.poisson(spend / 4).astype(float)
    leads[1, 5:20] = np.nan
    leads[2, ::3] = np.nan
    together = ratio_of_sums(spend, leads, count="denominator")
    for at in range(3):
        alone = ratio_of_sums(spend[at : at + 1], leads[at : at + 1], count="denominator")
        assert together.log_var[at] == pytest.approx(alone.log_var[0], rel=1e-9)


@pytest.mark.parametrize(("cv", "phi"), [(0.0, 0.0), (0.33, 0.0), (0.33, 0.5), (1.5, 0.0)])
def test_the_variance_is_the_true_one_given_enough_days(cv, phi):
    rng = np.random.default_rng(3)
    spend = 100 * rng.gamma(25, 1 / 25, (400, 180))
    days = day_factors(rng, 400, 180, cv, phi) if cv else np.ones((400, 180))
    leads = rng.poisson(spend / 10 * days).astype(float)
    found = ratio_of_sums(spend, leads, count="denominator")
    assert np.sqrt(np.median(found.log_var)) == pytest.approx(np.log(found.value / 10).std(), rel=0.2)


def test_a_weekday_pattern_is_no_noise():
    rng = np.random.default_rng(4)
    week = np.tile([1.3, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7], 8)
    spend = np.full((60, 56), 1000.0)
    leads = rng.poisson(50 * week, (60, 56)).astype(float)
    steady = rng.poisson(50, (60, 56)).astype(float)
    patterned, flat, mixed = (
        ratio_of_sums(spend, side, count="denominator").log_var.mean()
        for side in (leads, steady, leads[:, rng.permutation(56)])
    )
    assert patterned == pytest.approx(flat, rel=0.15)
    assert mixed > 2 * patterned


def test_the_spread_of_order_values_is_found_and_a_large_order_does_not_hide_it():
    rng = np.random.default_rng(5)
    for log_sd in (0.5, 1.0, 1.5):
        orders = rng.poisson(2, (40, 120)).astype(float)
        flat = orders.ravel().astype(int)
        value = rng.lognormal(0, log_sd, flat.sum())
        edges = np.r_[0, np.cumsum(flat)]
        revenue = np.array([value[a:b].sum() for a, b in itertools.pairwise(edges)]).reshape(40, 120)
        found = order_noise(revenue, orders)
        want = np.log1p(np.expm1(HIDDEN * log_sd**2) / orders.sum(axis=1))
        assert np.median(found.mean / want) == pytest.approx(1.0, abs=0.35), log_sd


def test_no_orders_no_spread_and_equal_orders_little():
    none = order_noise(np.zeros((1, 5)), np.full((1, 5), np.nan))
    assert np.isnan(none.mean[0])
    equal = order_noise(np.full((1, 60), 500.0), np.ones((1, 60)))
    assert equal.mean[0] < np.expm1(0.3**2) / 60
    assert LOG_SDS[0] > 0
    assert order_noise(np.array([[9e12]]), np.array([[1.0]])).mean[0] > 1


def test_single_orders_say_their_spread_directly():
    rng = np.random.default_rng(6)
    orders = rng.poisson(40, (1, 30)).astype(float)
    flat = orders.ravel().astype(int)
    value = rng.lognormal(3, 0.8, flat.sum())
    revenue = np.array([[part.sum() for part in np.split(value, np.cumsum(flat)[:-1])]])
    sold = pd.DataFrame({"channel": ["a"] * len(value) + ["b"] * 3, "revenue": [*value, 0.0, np.nan, 5.0]})
    single = single_orders(sold, ["a", "c"])
    assert single.number.tolist() == [len(value), 0]
    assert single.squares[0] == pytest.approx(np.log(value).var() * len(value))
    want = np.expm1(0.8**2) / len(value)
    assert order_noise(revenue, orders, single_orders(sold, ["a"])).mean[0] == pytest.approx(want, rel=0.1)
    assert (
        order_noise(revenue, orders).spread[0]
        > 10 * order_noise(revenue, orders, single_orders(sold, ["a"])).spread[0]
    )
