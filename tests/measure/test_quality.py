"""Traffic quality: each doubt appears with its evidence and its money, and not otherwise."""

import numpy as np
import pandas as pd
import pytest

from channelopt.measure.doubts import others_median
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
    found = quality_findings(traffic_quality(frame, policy))
    return {channel: [note.code for note in notes] for channel, notes in found.items()}


def note(frame: pd.DataFrame, code: str, channel: str = "bad", policy: Policy | None = None) -> dict:
    return next(
        dict(d.finding.params)
        for d in traffic_quality(frame, policy).doubts
        if (d.channel, d.finding.code) == (channel, code)
    )


def test_good_traffic_says_nothing():
    traffic = traffic_quality(pd.concat([good("a"), good("b"), good("c")]))
    assert (traffic.doubts, traffic.at_stake) == ((), 0.0)
    assert quality_findings(traffic) == {}


def test_cheap_clicks_that_bounce_are_named_with_the_money():
    bad = daily("bad", spend=100.0, clicks=500.0, sessions=450.0, bounces=405.0, leads=1.0)
    frame = pd.concat([good("a"), good("b"), bad], ignore_index=True)
    assert codes(frame) == {"bad": ["measure.cheap_clicks_others", "measure.bounces"]}
    assert note(frame, "measure.bounces")["stake"] == pytest.approx(6000 * 0.9)
    assert note(frame, "measure.cheap_clicks_others")["gap"] == pytest.approx(0.9)
    traffic = traffic_quality(frame)
    assert traffic.table.iloc[0]["channel"] == "bad"
    assert traffic.at_stake == pytest.approx(6000)  # not 6000 + 5400


def test_cheap_clicks_that_convert_are_fine_unless_the_market_says_otherwise():
    cheap = daily("cheap", spend=100.0, clicks=200.0, leads=20.0)
    frame = pd.concat([good("a"), good("b"), cheap], ignore_index=True)
    assert codes(frame) == {}
    assert codes(frame, Policy(market_cpc={"cheap": 1.0})) == {"cheap": ["measure.cheap_clicks"]}
    assert codes(frame, Policy(market_cpc={"cheap": 0.6})) == {}


def test_a_sudden_fall_of_the_price_is_told_with_the_money_of_those_days_only():
    frame = daily("a", days=91, spend=100.0, clicks=50.0)
    frame["clicks"] *= np.random.default_rng(1).lognormal(0, 0.1, 91)
    frame.loc[frame["day"] >= "2026-03-05", "clicks"] *= 2
    found = note(frame, "measure.cheap_clicks_history", "a")
    assert found["stake"] == pytest.approx(2800)
    assert found["gap"] == pytest.approx(0.5, abs=0.05)
    assert found["gap_low"] < 0.5 < found["gap_high"]


def test_rejected_leads():
    frame = daily("bad", spend=100.0, leads=5.0, valid_leads=2.0)
    found = note(frame, "measure.rejected_leads")
    assert found["share"] == pytest.approx(0.6)
    assert 0.3 < found["low"] < 0.6
    assert found["stake"] == pytest.approx(3600)
    row = traffic_quality(frame).table.iloc[0]
    assert (row["cpl"], row["cpvl"], row["clean_cpl"]) == pytest.approx((20, 50, 50))
    assert row["cpl_low"] < 20 < row["cpl_high"]


def test_a_share_beyond_the_limit_by_luck_says_nothing():
    frame = daily("a", days=12, spend=10.0, leads=2.0, valid_leads=1.3)
    assert codes(frame) == {}


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"dwell_seconds": 45 * 4.0}, "measure.short_dwell"),
        ({"sessions": 15.0, "bounces": 5.0}, "measure.arrivals"),
        ({"form_starts": 60.0}, "measure.form_drops"),
        ({"platform_leads": 6.0}, "measure.lost_leads"),
    ],
)
def test_each_kind_of_nobody_is_found_in_its_channel_only(fault, code):
    more = {"dwell_seconds": 45 * 50.0, "form_starts": 10.0, "platform_leads": 3.2}
    fine = [good(c).assign(**more) for c in ("a", "b", "c")]
    frame = pd.concat([*fine, good("bad").assign(**(more | fault))], ignore_index=True)
    assert codes(frame) == {"bad": [code]}
    assert 0 < note(frame, code)["stake"] <= 6000


def test_an_outage_of_the_site_tool_is_not_a_loss_of_visitors():
    frame = pd.concat([good(c) for c in ("a", "b", "c")], ignore_index=True)
    out = frame["day"] < "2026-02-10"  # 40 of 60 days without any count
    frame.loc[out, ["sessions", "bounces"]] = 0.0
    assert codes(frame) == {}
    frame.loc[out, ["sessions", "bounces"]] = np.nan
    assert codes(frame) == {}


def test_trouble_that_began_last_week_is_not_washed_out_by_a_good_year():
    frame = good("a").assign(day=pd.date_range("2026-01-01", periods=60))
    late = frame["day"] >= frame["day"].max() - pd.Timedelta(days=27)
    frame.loc[late, "bounces"] = 40.0
    found = note(frame, "measure.bounces", "a")
    assert found["share"] == pytest.approx(40 / 45)
    assert found["stake"] == pytest.approx(2800 * 40 / 45)


def test_a_handful_of_visits_proves_nothing():
    frame = daily("a", days=1, spend=10.0, clicks=20.0, sessions=20.0, bounces=20.0)
    assert codes(frame) == {}
    assert traffic_quality(frame.head(0)).doubts == ()


def test_no_day_counts_twice_and_never_more_than_was_spent():
    rng = np.random.default_rng(3)
    bad = daily(
        "bad", days=90, spend=100.0, clicks=500.0, sessions=150.0, bounces=140.0, leads=4.0, valid_leads=1.0
    )
    bad["spend"] *= rng.lognormal(0, 0.3, 90)
    traffic = traffic_quality(pd.concat([good("a"), good("b"), bad], ignore_index=True))
    mine = [d for d in traffic.doubts if d.kind != "jump"]
    assert len(mine) >= 3
    by_day = np.max([d.daily for d in mine], axis=0)
    assert traffic.at_stake == pytest.approx(by_day.sum())
    assert max(d.stake for d in mine) <= traffic.at_stake <= bad["spend"].sum() + 1e-6
    assert sum(d.stake for d in mine) > bad["spend"].sum()


def test_the_middle_of_the_others_equals_a_loop():
    rng = np.random.default_rng(4)
    for n in (1, 2, 3, 4, 7, 8):
        values = rng.normal(0, 1, n).round(1)
        values[rng.random(n) < 0.2] = np.nan
        for at, got in enumerate(others_median(values)):
            rest = np.delete(values, at)
            known = rest[np.isfinite(rest)]
            want = np.median(known) if len(known) >= 2 else np.nan
            assert got == pytest.approx(want, nan_ok=True)


def test_concentration():
    table = pd.DataFrame({"channel": ["a", "b", "c"], "cost_share": [0.9, 0.08, 0.02]})
    found = concentration(table)
    assert (found.channel, found.share) == ("a", 0.9)
    assert found.hhi == pytest.approx(0.8168)
    assert (found.channels, found.level) == (pytest.approx(1 / 0.8168), "high")
    even = concentration(pd.DataFrame({"channel": list("abcdefghijklm"), "cost_share": 1 / 13}))
    assert (even.channels, even.level) == (pytest.approx(13), "spread")
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
