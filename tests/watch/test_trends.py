"""Trends against a loop, known changes, and how often a mark appears where nothing changed."""

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.watch import changes, rolling, versus_before


def frame(spend, clicks, channel="a", start="2026-01-01"):
    days = pd.date_range(start, periods=len(spend), freq="D")
    return pd.DataFrame(
        {
            "day": days,
            "channel": channel,
            "spend": np.asarray(spend, float),
            "clicks": np.asarray(clicks, float),
        }
    )


def test_rolling_is_a_ratio_of_sums_not_a_mean_of_ratios():
    daily = frame([10, 100, 1], [10, 10, 1])
    got = rolling(daily, "cpc", window=3)["value"]
    assert got.iloc[2] == pytest.approx(111 / 21)
    assert got.iloc[2] != pytest.approx((1 + 10 + 1) / 3)


def test_rolling_equals_a_plain_loop():
    rng = np.random.default_rng(1)
    daily = frame(rng.gamma(5, 20, 40), rng.poisson(50, 40))
    got = rolling(daily, "cpc", window=7)
    for at in range(6, 40):
        part = daily.iloc[at - 6 : at + 1]
        assert got["value"].iloc[at] == pytest.approx(part["spend"].sum() / part["clicks"].sum())


def test_no_clicks_is_unknown_and_never_infinite():
    got = rolling(frame([5.0] * 10, [0.0] * 10), "cpc")["value"]
    assert got.isna().all()


def test_absent_days_spend_nothing_but_do_not_become_clicks():
    daily = frame([10.0] * 20, [10.0] * 20).drop(index=[12])
    got = rolling(daily, "spend", window=7)
    assert got["value"].iloc[12] == pytest.approx(60 / 7)
    assert rolling(daily, "cpc", window=7)["value"].iloc[12] == pytest.approx(1.0)


def test_empty_and_unknown_metric():
    assert rolling(frame([], []), "cpc").empty
    with pytest.raises(InputError, match="metric"):
        rolling(frame([1], [1]), "luck")
    with pytest.raises(InputError, match="revenue"):
        rolling(frame([1], [1]), "roi")


def test_a_lasting_jump_is_dated():
    rng = np.random.default_rng(2)
    level = np.r_[np.full(45, 2.0), np.full(45, 3.0)] * rng.lognormal(0, 0.1, 90)
    found = changes(frame(level * 100, [100] * 90), "cpc")
    assert len(found) == 1
    assert abs((found["day"].iloc[0] - pd.Timestamp("2026-02-15")).days) <= 2
    assert found["after"].iloc[0] / found["before"].iloc[0] == pytest.approx(1.5, abs=0.15)


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_quiet_channels_are_rarely_marked(correlation):
    """200 channels of 180 days whose level never moves: at most 5% get a mark."""
    rng = np.random.default_rng(3)
    marked = 0
    for _ in range(200):
        noise = np.zeros(180)
        for day in range(1, 180):
            noise[day] = correlation * noise[day - 1] + rng.normal(0, 0.2)
        marked += bool(len(changes(frame(np.exp(noise) * 100, [100] * 180), "cpc")))
    assert marked <= 10


def test_this_month_against_the_last():
    daily = frame([1.0] * 28 + [2.0] * 28, [1.0] * 56)
    two = versus_before(daily)
    assert two.loc["now", "spend"] == 56
    assert two.loc["before", "spend"] == 28
    assert np.isnan(versus_before(daily.tail(10)).loc["before", "spend"])


def test_a_stay_at_another_level_is_marked_where_it_begins_and_ends():
    rng = np.random.default_rng(5)
    level = np.r_[np.full(40, 2.0), np.full(30, 4.0), np.full(50, 2.0)] * rng.lognormal(0, 0.1, 120)
    found = changes(frame(level * 100, [100] * 120), "cpc")
    assert [abs((day - pd.Timestamp("2026-01-01")).days) for day in found["day"]] == [40, 70]
    assert (found["after"] / found["before"]).to_list() == pytest.approx([2, 0.5], rel=0.1)
    short = np.r_[np.full(60, 2.0), np.full(7, 6.0), np.full(53, 2.0)] * rng.lognormal(0, 0.1, 120)
    assert changes(frame(short * 100, [100] * 120), "cpc").empty  # a week is no lasting change
