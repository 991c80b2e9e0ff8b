"""The account's totals: matched sums, weeks counted back from the last day."""

import numpy as np
import pandas as pd
import pytest

from channelopt.watch import summarise, weekly


def account(days=63):
    index = pd.date_range("2026-01-01", periods=days, freq="D")
    one = pd.DataFrame(
        {
            "day": index,
            "channel": "a",
            "spend": 10.0,
            "cost": 12.0,
            "clicks": 5.0,
            "leads": 1.0,
            "customers": 1.0,
            "revenue": 36.0,
        }
    )
    two = one.assign(channel="b", clicks=np.nan, leads=np.nan, customers=np.nan, revenue=np.nan)
    return pd.concat([one, two], ignore_index=True)


VERDICTS = pd.DataFrame(
    {"channel": ["a", "b"], "roi": [3.0, np.nan], "roi_as_seen": [2.4, np.nan], "cost": [756.0, 756.0]}
)


def test_unknown_outcomes_do_not_dilute_the_ratios():
    found = summarise(account(), VERDICTS)
    assert found.spend == 1260
    assert found.roi == pytest.approx(3.0)
    assert found.visible == pytest.approx(0.8)
    assert found.cpc == pytest.approx(2.0)
    assert found.cpl == pytest.approx(10.0)
    assert found.delta["cpc"] == pytest.approx(0.0)


def test_nothing_known_is_nan():
    found = summarise(account().assign(revenue=np.nan, leads=np.nan), VERDICTS.assign(roi=np.nan))
    assert np.isnan(found.roi) and np.isnan(found.cpl) and np.isnan(found.revenue)


def test_weeks_are_whole_and_in_order():
    weeks = weekly(account(days=66))
    assert len(weeks) == 9
    assert weeks["week"].is_monotonic_increasing
    assert (weeks["spend"] == 140).all()
    assert weeks["roi"].tolist() == pytest.approx([3.0] * 9)


def test_revenue_of_channels_without_cost_is_told_apart():
    assert summarise(account(), VERDICTS).free_revenue == 0
    organic = account().query("channel == 'a'").assign(channel="organic", spend=np.nan, cost=np.nan)
    found = summarise(pd.concat([account(), organic], ignore_index=True), VERDICTS)
    assert found.free_revenue == 63 * 36
    assert found.revenue - found.free_revenue == pytest.approx(found.roi * 756)
