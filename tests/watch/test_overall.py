"""Overall revenue beside spend and beside what channels claim."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from channelopt.watch import whole

DAYS = pd.date_range("2026-03-02", periods=28)


def daily(revenue=np.nan):
    return pd.concat(
        [pd.DataFrame({"day": DAYS, "channel": c, "spend": 100.0, "revenue": revenue}) for c in "ab"],
        ignore_index=True,
    )


def overall(revenue=800.0, days=DAYS):
    return pd.DataFrame({"day": days, "day_end": pd.NaT, "revenue": revenue})


def test_where_only_all_together_are_known():
    found = whole(daily(), overall())
    assert (found.days, found.revenue, found.spend, found.blended) == (28, 22_400.0, 5_600.0, 4.0)
    assert found.only and found.finding.code == "watch.overall_only" and found.finding.severity == "info"
    assert len(found.weekly) == 4 and found.weekly["revenue"].tolist() == [5_600.0] * 4
    assert found.weekly["week"].tolist() == list(DAYS[6::7]) and (found.weekly["blended"] == 4).all()


def test_channels_that_claim_more_than_there_was():
    found = whole(daily(500.0), overall())
    assert found.finding.code == "watch.overclaimed" and found.finding.severity == "warning"
    assert found.finding.params["more"] == pytest.approx(0.25)
    nearly = whole(daily(410.0), overall())  # within what clocks and refunds do
    assert nearly.finding.code == "watch.credited_share"
    assert nearly.finding.params["share"] == pytest.approx(1.025)
    part = whole(daily(100.0), overall())
    assert not part.only and part.finding.params["share"] == pytest.approx(0.25)


def test_only_days_that_know_both_are_held_against_each_other():
    found = whole(daily(500.0), overall(days=DAYS[:7]))
    assert (found.days, found.credited, found.revenue) == (7, 7_000.0, 5_600.0)
    week = pd.DataFrame({"day": [DAYS[0]], "day_end": [DAYS[6]], "revenue": [5_600.0]})
    spread = whole(daily(500.0), week)
    assert (spread.days, spread.revenue) == (7, pytest.approx(5_600.0))


def test_nothing_to_compare():
    assert whole(daily(), overall().iloc[:0]) is None
    assert whole(daily(), overall(days=DAYS + pd.Timedelta(days=99))) is None
    assert whole(daily(), overall(revenue=0.0)) is None
    assert whole(daily().iloc[:0], overall()) is None
    free = whole(daily().assign(spend=0.0), overall())
    assert np.isnan(free.blended)


def test_half_a_week_is_no_week():
    assert whole(daily()[lambda f: f["day"] < DAYS[5]], overall()).weekly.empty


def test_weekly_spend_is_spread_like_weekly_results():
    days = pd.date_range("2026-01-05", periods=8, freq="7D")
    spend = pd.DataFrame({"day": days, "channel": "a", "spend": 700.0, "revenue": np.nan})
    ends = days + pd.Timedelta(days=6)
    results = pd.DataFrame({"day": days, "day_end": ends, "revenue": 2_100.0})
    found = whole(spend, results)
    assert (found.days, found.spend, found.revenue, found.blended) == (56, 5_600.0, 16_800.0, 3.0)
