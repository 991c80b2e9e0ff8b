"""Traffic quality: each doubt appears with its evidence and its money, and not otherwise."""

import numpy as np
import pandas as pd
import pytest

from channelopt.measure.quality import (
    concentration,
    concentration_findings,
    cpc_range,
    quality_findings,
    traffic_quality,
)
from channelopt.policy import Policy


def daily(channel: str, days: int = 60, **per_day: float) -> pd.DataFrame:
    return pd.DataFrame({"day": pd.date_range("2026-01-01", periods=days), "channel": channel, **per_day})


def good(channel: str) -> pd.DataFrame:
    return daily(channel, spend=100.0, clicks=50.0, sessions=45.0, bounces=18.0, leads=3.0, valid_leads=3.0)


def codes(frame: pd.DataFrame, policy: Policy | None = None) -> dict[str, list[str]]:
    rules = policy or Policy()
    found = quality_findings(traffic_quality(frame, rules), rules)
    return {channel: [note.code for note in notes] for channel, notes in found.items()}


def test_good_traffic_says_nothing():
    assert codes(pd.concat([good("a"), good("b"), good("c")])) == {}


def test_cheap_clicks_that_bounce_are_named_with_the_money():
    bad = daily("bad", spend=100.0, clicks=500.0, sessions=400.0, bounces=360.0, leads=1.0)
    frame = pd.concat([good("a"), good("b"), bad], ignore_index=True)
    assert codes(frame) == {"bad": ["measure.bounces", "measure.cheap_clicks_others"]}
    notes = quality_findings(traffic_quality(frame))["bad"]
    assert notes[0].params["stake"] == pytest.approx(6000 * 0.9)
    assert notes[1].params["gap"] == pytest.approx(0.9)


def test_cheap_clicks_that_convert_are_fine_unless_the_market_says_otherwise():
    cheap = daily("cheap", spend=100.0, clicks=200.0, leads=20.0)
    frame = pd.concat([good("a"), good("b"), cheap], ignore_index=True)
    assert codes(frame) == {}
    assert codes(frame, Policy(market_cpc={"cheap": 1.0})) == {"cheap": ["measure.cheap_clicks"]}
    assert codes(frame, Policy(market_cpc={"cheap": 0.6})) == {}


def test_a_sudden_fall_of_the_price_is_told():
    frame = good("a")
    frame.loc[frame["day"] >= "2026-02-05", "clicks"] = 120.0
    assert "measure.cheap_clicks_history" in codes(frame)["a"]


def test_rejected_leads():
    frame = daily("a", spend=100.0, leads=5.0, valid_leads=2.0)
    (note,) = quality_findings(traffic_quality(frame))["a"]
    assert note.params["share"] == pytest.approx(0.6)
    assert (note.params["cpl"], note.params["cpvl"]) == pytest.approx((20, 50))


def test_a_handful_of_visits_proves_nothing():
    frame = daily("a", days=1, spend=10.0, clicks=20.0, sessions=20.0, bounces=20.0)
    assert codes(frame) == {}


def test_concentration():
    table = pd.DataFrame({"channel": ["a", "b", "c"], "cost_share": [0.9, 0.08, 0.02]})
    found = concentration(table)
    assert (found.channel, found.share) == ("a", 0.9)
    assert found.hhi == pytest.approx(0.8168)
    assert [f.code for f in concentration_findings(table, Policy())] == ["measure.concentration"]
    assert concentration_findings(table.head(1), Policy()) == ()
    assert concentration_findings(table, Policy(concentration_limit=0.95)) == ()
    assert np.isnan(concentration(table.assign(cost_share=np.nan)).hhi)


def test_cpc_range_is_over_whole_weeks():
    frame = good("a").assign(clicks=np.r_[np.full(4, 1.0), np.full(28, 50.0), np.full(28, 25.0)])
    row = cpc_range(frame).iloc[0]
    assert (row["weeks"], row["cpc_p10"], row["cpc_p90"]) == (8, 2.0, 4.0)
    few = cpc_range(good("a").head(14)).iloc[0]
    assert few["weeks"] == 2 and np.isnan(few["cpc_p10"])
    assert cpc_range(frame.head(0)).empty
