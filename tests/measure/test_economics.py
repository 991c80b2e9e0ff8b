"""Economics: the same numbers by a second road, matching of days, edges, coverage, speed."""

import time

import numpy as np
import pandas as pd
import pytest

from benchmarks.worlds import channels
from channelopt.errors import InputError
from channelopt.measure import RATIOS, economics
from channelopt.policy import Policy


def table(seed: int = 1, groups: int = 4, days: int = 30) -> pd.DataFrame:
    """A daily table with holes."""
    rng = np.random.default_rng(seed)
    frame = channels(rng, groups, days, 8.0, 2.5)
    frame["impressions"] = rng.poisson(9000, len(frame)).astype(float)
    frame["clicks"] = rng.poisson(300, len(frame)).astype(float)
    frame["valid_leads"] = np.floor(frame["leads"] * 0.8)
    frame["cost"] = frame["spend"] * 1.1
    for name in ("clicks", "leads", "revenue", "cost"):
        frame.loc[rng.random(len(frame)) < 0.1, name] = np.nan
    return frame


def naive(frame: pd.DataFrame, top: str, bottom: str) -> float:
    """Sum over sum by a loop over the rows that know both."""
    x = y = 0.0
    for a, b in zip(frame[top], frame[bottom], strict=True):
        if a == a and b == b:
            x, y = x + a, y + b
    return x / y if y else float("nan")


def test_every_ratio_agrees_with_a_loop():
    frame = table()
    found = economics(frame).set_index("channel")
    for channel, part in frame.groupby("channel"):
        for spec in RATIOS:
            want = naive(part, spec.top, spec.bottom) * spec.scale
            assert found.loc[channel, spec.name] == pytest.approx(want, rel=1e-12), spec.name


def test_each_channel_alone_gives_what_all_together_give():
    frame = table()
    together = economics(frame).set_index("channel").drop(columns=["spend_share", "cost_share"])
    for channel, part in frame.groupby("channel"):
        alone = economics(part).set_index("channel").drop(columns=["spend_share", "cost_share"])
        pd.testing.assert_series_equal(alone.loc[channel], together.loc[channel], check_names=False)


def test_row_order_and_splitting_a_day_change_nothing():
    frame = table().dropna()
    half = frame.copy()
    numbers = [c for c in half.columns if c not in ("day", "channel")]
    half[numbers] /= 2
    split = pd.concat([half, half]).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(economics(split), economics(frame), rtol=1e-9)


def test_days_with_unknown_outcome_count_on_neither_side():
    frame = pd.DataFrame(
        {
            "day": pd.date_range("2026-01-01", periods=4),
            "channel": "a",
            "spend": [100.0, 100.0, 100.0, 100.0],
            "revenue": [300.0, 300.0, np.nan, np.nan],
        }
    )
    assert economics(frame)["roi"].iloc[0] == 3.0


def test_missing_columns_are_unknown_not_zero():
    frame = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=3), "channel": "a", "spend": 5.0})
    found = economics(frame).iloc[0]
    assert found["spend"] == found["cost"] == 15
    for name in ("clicks", "cpc", "cpl", "cpl_low", "roi", "roi_high"):
        assert np.isnan(found[name]), name


def test_no_leads_is_at_least_so_much():
    frame = pd.DataFrame(
        {"day": pd.date_range("2026-01-01", periods=10), "channel": "a", "spend": 30.0, "leads": 0.0}
    )
    found = economics(frame).iloc[0]
    assert np.isnan(found["cpl"]) and np.isnan(found["cpl_high"])
    assert 300 / 2.5 < found["cpl_low"] <= 300 / 2.302585


@pytest.mark.parametrize(("days", "customers", "shown"), [(20, 1.0, True), (6, 5.0, False), (20, 0.4, False)])
def test_roi_range_needs_orders_and_days(days, customers, shown):
    frame = pd.DataFrame(
        {
            "day": pd.date_range("2026-01-01", periods=days),
            "channel": "a",
            "spend": 10.0,
            "customers": customers,
            "revenue": np.arange(days) + 10.0,
        }
    )
    found = economics(frame).iloc[0]
    assert found["roi"] > 0
    assert np.isfinite([found["roi_low"], found["roi_high"]]).all() == shown


def test_empty_table_keeps_its_columns():
    full = economics(table())
    assert list(economics(table().head(0)).columns) == list(full.columns)


def test_other_groupings():
    frame = table()
    by_day = economics(frame, by="day")
    assert len(by_day) == frame["day"].nunique()
    assert by_day["spend"].sum() == pytest.approx(frame["spend"].sum())
    both = economics(frame.assign(campaign="x"), by=["channel", "campaign"])
    assert list(both.columns[:2]) == ["channel", "campaign"]
    assert economics(frame.drop(columns="day"))["cpl"].notna().all()


def test_what_is_missing_is_named():
    with pytest.raises(InputError, match="spend"):
        economics(pd.DataFrame({"channel": ["a"], "day": [pd.Timestamp("2026-01-01")]}))


def test_enormous_and_tiny_amounts():
    frame = table().dropna()
    big = frame.assign(spend=frame["spend"] * 1e12, cost=frame["cost"] * 1e12)
    found, plain = economics(big), economics(frame)
    assert np.allclose(found["cpl_high"] / 1e12, plain["cpl_high"])


@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_intervals_cover(phi):
    daily = channels(np.random.default_rng(5), 1500, 28, 30.0, 2.0, phi=phi)
    found = economics(daily)
    for name, truth in (("roi", 2.0), ("cpl", 100.0)):
        inside = ((found[name + "_low"] <= truth) & (truth <= found[name + "_high"])).mean()
        assert 0.86 <= inside <= 0.96, (name, inside)


def test_interval_follows_the_policy():
    wide, narrow = (economics(table(), policy=Policy(interval=level)) for level in (0.95, 0.8))
    assert (wide["cpc_low"] < narrow["cpc_low"]).all()


def test_a_thousand_channels_in_a_second():
    rng = np.random.default_rng(5)
    daily = channels(rng, 1000, 90, 3.0, 2.0)
    start = time.process_time()
    economics(daily)
    assert time.process_time() - start < 1.0
