"""Differences between channels and periods: known truths, pairing, few events, edges."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks.worlds import START, channels, day_factors
from channelopt.errors import InputError
from channelopt.measure import between_channels, between_periods, economics

ONE, TWO = (
    (START.date(), START.date() + dt.timedelta(27)),
    (START.date() + dt.timedelta(28), START.date() + dt.timedelta(55)),
)


def test_change_is_the_ratio_of_the_two_values():
    daily = channels(np.random.default_rng(1), 3, 56, 20.0, 2.0)
    found = between_periods(daily, "cpl", ONE, TWO)
    for row in found.itertuples():
        part = daily[daily["channel"] == row.channel]
        first, second = (
            economics(part[part["day"].dt.date.between(*days)])["cpl"].iloc[0] for days in (ONE, TWO)
        )
        assert (row.before, row.after) == pytest.approx((first, second))
        assert row.change == pytest.approx(second / first - 1)
        assert row.low < row.change < row.high


@pytest.mark.parametrize("metric", ["cpl", "roi"])
def test_equal_periods_differ_by_chance_as_often_as_stated(metric):
    daily = channels(np.random.default_rng(2), 600, 56, 10.0, 2.0)
    found = between_periods(daily, metric, ONE, TWO)
    inside = (found["low"] <= 0) & (found["high"] >= 0)
    assert 0.87 <= inside.mean() <= 0.955


def test_a_day_that_moves_both_channels_alike_cancels():
    rng = np.random.default_rng(3)
    inside, paired, apart = [], [], []
    for _ in range(60):
        shared = day_factors(rng, 1, 28, 0.4, 0.0)[0]
        frames = []
        for name in ("a", "b"):
            leads = rng.poisson(200 * shared).astype(float)
            days = pd.date_range(START, periods=28)
            frames.append(pd.DataFrame({"day": days, "channel": name, "spend": 1000.0, "leads": leads}))
        daily = pd.concat(frames)
        found = between_channels(daily, "cpl", "a", "b")
        one = economics(daily).iloc[0]
        inside.append(found["low"] <= 0 <= found["high"])
        paired.append(found["high"] - found["low"])
        apart.append((one["cpl_high"] - one["cpl_low"]) / one["cpl"])
    assert np.mean(inside) > 0.85
    assert np.mean(paired) < 0.6 * np.mean(apart)


def test_few_events_follow_the_exact_comparison_of_two_counts():
    days = pd.date_range(START, periods=56)
    leads = np.zeros(56)
    leads[[1, 9]] = 1
    leads[[30, 31, 40, 41, 44, 50, 51, 52]] = 1
    daily = pd.DataFrame({"day": days, "channel": "a", "spend": 10.0, "leads": leads})
    found = between_periods(daily, "cpl", ONE, TWO).iloc[0]
    exact = stats.poisson_means_test(2, 280, 8, 280).pvalue
    assert found["change"] == pytest.approx(-0.75)
    assert exact > 0.05 and found["low"] < -0.9 and found["high"] > -0.5
    leads[:28] = 0
    daily["leads"] = leads
    none = between_periods(daily, "cpl", ONE, TWO).iloc[0]
    assert np.isnan(none["change"]) and none["high"] < 0.2


def test_returns_need_enough_orders_on_both_sides():
    daily = channels(np.random.default_rng(4), 1, 56, 20.0, 2.0)
    daily.loc[daily["day"] < START + pd.Timedelta(days=28), ["customers", "revenue"]] = [0.1, 30.0]
    found = between_periods(daily, "roi", ONE, TWO).iloc[0]
    assert found["change"] == found["change"] and np.isnan(found["low"])


def test_bad_questions_are_refused():
    daily = channels(np.random.default_rng(5), 2, 56, 20.0, 2.0)
    with pytest.raises(InputError, match="metric"):
        between_periods(daily, "clicks", ONE, TWO)
    with pytest.raises(InputError, match="after"):
        between_periods(daily, "cpl", ONE, (ONE[1], TWO[1]))
    with pytest.raises(InputError, match="channel"):
        between_channels(daily, "cpl", "w00000", "nobody")
