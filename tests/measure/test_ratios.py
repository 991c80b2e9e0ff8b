"""Intervals of ratios: frozen reference numbers, laws, edges."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from channelopt.measure.counts import (
    jeffreys_count,
    jeffreys_share,
    poisson_interval,
    proportion_interval,
)
from channelopt.measure.ratios import ratio_of_sums

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "measure.json").read_text())


def test_poisson_interval_agrees_with_statsmodels():
    for row in REFERENCE["poisson"]:
        low, high = poisson_interval(row["events"], row["level"])
        assert (float(low), float(high)) == pytest.approx((row["low"], row["high"]), rel=1e-9)


def test_proportion_interval_agrees_with_statsmodels():
    for row in REFERENCE["proportion"]:
        low, high = proportion_interval(row["events"], row["trials"], row["level"])
        assert (float(low), float(high)) == pytest.approx((row["low"], row["high"]), rel=1e-9)


def test_jeffreys_share_agrees_with_statsmodels():
    for events, trials in ((1, 9), (3, 40), (7, 8), (19, 5000)):
        want = proportion_confint(events, trials, alpha=0.1, method="jeffreys")
        found = jeffreys_share(events, trials, 0.9)
        assert [float(end) for end in found] == pytest.approx(want, rel=1e-9)


def test_jeffreys_covers_as_stated_on_average_where_the_exact_interval_covers_too_often():
    means = np.linspace(1, 15, 200)
    events = np.arange(60)
    chance = stats.poisson.pmf(events[None, :], means[:, None])

    def covers(interval):
        low, high = interval(events, 0.9)
        return float((chance * ((low <= means[:, None]) & (means[:, None] <= high))).sum(axis=1).mean())

    assert covers(jeffreys_count) == pytest.approx(0.9, abs=0.015)
    assert covers(poisson_interval) > 0.93


def test_zero_events_say_at_least():
    found = ratio_of_sums(np.full((1, 10), 30.0), np.zeros((1, 10)), level=0.9, count="denominator")
    assert np.isnan(found.value[0]) and np.isnan(found.high[0])
    assert 300 / 5 < found.low[0] <= 300 / 2.302585  # at most 300 / -log(0.1)


def test_zero_events_of_a_rate_keep_an_upper_end():
    found = ratio_of_sums(np.zeros((1, 5)), np.full((1, 5), 40.0), count="numerator")
    assert found.value[0] == 0 and found.low[0] == 0
    assert 1 - 0.1 ** (1 / 200) <= found.high[0] < 0.025


def test_one_event_has_a_wide_but_finite_interval():
    leads = np.zeros((1, 14))
    leads[0, 3] = 1
    found = ratio_of_sums(np.full((1, 14), 10.0), leads, count="denominator")
    assert found.value[0] == 140
    assert found.low[0] < 60 and 500 < found.high[0] < 1e5


def test_nothing_spent_nothing_known():
    for top, bottom in ((np.zeros((1, 5)), np.zeros((1, 5))), (np.full((1, 5), np.nan), np.ones((1, 5)))):
        found = ratio_of_sums(top, bottom, count="denominator")
        assert np.isnan([found.value[0], found.low[0], found.high[0]]).all()


def test_equal_days_still_carry_counting_noise():
    found = ratio_of_sums(np.full((1, 28), 100.0), np.full((1, 28), 10.0), count="denominator")
    assert 1 / 280 < found.log_var[0] < 4 / 280
    assert found.low[0] < 10 < found.high[0]


def test_one_day_says_how_little_one_day_tells():
    found = ratio_of_sums(np.array([[300.0]]), np.array([[30.0]]), count="denominator")
    assert found.value[0] == 10
    assert found.low[0] < 6 and found.high[0] > 17


def test_autocorrelated_days_widen_the_interval():
    rng = np.random.default_rng(3)
    cost = np.full((20, 90), 100.0)
    white = rng.normal(size=(20, 90))
    runs = white.copy()
    for at in range(1, 90):
        runs[:, at] = 0.7 * runs[:, at - 1] + np.sqrt(1 - 0.49) * white[:, at]
    alike, apart = (ratio_of_sums(200 + 40 * side, cost).log_var for side in (runs, white))
    assert np.median(alike) > 3 * np.median(apart)


positive = st.floats(0.01, 1e9)


@given(
    st.lists(st.tuples(st.floats(0, 1e7), st.integers(0, 10**6)), min_size=1, max_size=40),
    st.sampled_from(["numerator", "denominator", "none"]),
)
@settings(max_examples=200, deadline=None)
def test_value_is_sum_over_sum_and_inside_its_interval_and_never_infinite(days, count):
    days = [(money if money > 1e-6 else 0.0, events) for money, events in days]
    spend, events = (np.array([side], dtype=float) for side in zip(*days, strict=True))
    top, bottom = (events, spend) if count == "numerator" else (spend, events)
    found = ratio_of_sums(top, bottom, count=count)
    if bottom.sum() > 0:
        assert found.value[0] == pytest.approx(top.sum() / bottom.sum())
    else:
        assert np.isnan(found.value[0])
    assert not np.isinf([found.value[0], found.low[0], found.high[0]]).any()
    for end, sign in ((found.low[0], 1), (found.high[0], -1)):
        if np.isfinite(end) and np.isfinite(found.value[0]):
            assert sign * (found.value[0] - end) >= -1e-9 * abs(found.value[0])


@given(positive, positive, st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_the_unit_of_money_does_not_matter(a, b, seed):
    rng = np.random.default_rng(seed)
    top, bottom = rng.gamma(2, 10, (1, 20)), rng.gamma(2, 10, (1, 20))
    plain, scaled = ratio_of_sums(top, bottom), ratio_of_sums(top * a, bottom * b)
    assert scaled.low[0] * b / a == pytest.approx(plain.low[0], rel=1e-6)
    assert scaled.high[0] * b / a == pytest.approx(plain.high[0], rel=1e-6)
