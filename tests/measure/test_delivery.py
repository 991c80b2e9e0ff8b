"""Delivery: what is due pro rata, what is missing, what it is worth; against a plain loop."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from channelopt.measure.delivery import delivery
from channelopt.measure.grid import lay_out
from channelopt.measure.quality import traffic_quality
from channelopt.policy import Policy

START = pd.Timestamp("2026-03-01")


def days(n=31, channel="a", impressions=1000.0, spend=10.0, **more):
    return pd.DataFrame(
        {
            "day": pd.date_range(START, periods=n), "channel": channel, "spend": spend,
            "impressions": impressions, "clicks": 10.0, **more,
        }
    )  # fmt: skip


def contract(channel="a", first="2026-03-01", last="2026-03-31", **more):
    row = {"contract_id": 1, "channel": channel, "day_first": pd.Timestamp(first)}
    row |= {
        "day_last": pd.Timestamp(last),
        "impressions": np.nan,
        "clicks": np.nan,
        "price": 3100.0,
        "what": "x",
    }
    return pd.DataFrame([row | more])


def codes(frame, contracts, policy=None):
    return [d.finding.code for d in traffic_quality(frame, policy, contracts).doubts if d.kind == "delivery"]


def test_a_finished_contract_is_exact():
    short = contract(impressions=31_001.0)
    row = delivery(lay_out(days(), ["channel"]), short).iloc[0]
    assert (row["delivered"], row["missing"], row["ended"]) == (31_000, pytest.approx(1), True)
    assert row["stake"] == pytest.approx(3100 / 31_001)
    assert codes(days(), short) == ["measure.short"]
    assert codes(days(), contract(impressions=31_000.0)) == []
    assert codes(days(), contract(impressions=40_000.0), Policy(delivery_floor=0.7)) == []


def test_a_running_contract_is_held_to_its_elapsed_share():
    half = contract(last="2026-04-30", impressions=61 * 2000.0)
    row = delivery(lay_out(days(), ["channel"]), half).iloc[0]
    assert (row["days"], row["covered"], row["ended"]) == (61, 31, False)
    assert row["due"] == pytest.approx(62_000)
    assert row["missing"] == pytest.approx(31_000)
    assert row["stake"] == pytest.approx(3100 * 31 / 61 / 2)
    assert row["until"] == dt.date(2026, 3, 31)
    assert codes(days(), half) == ["measure.short_running"]
    assert codes(days(), half.assign(price=np.nan)) == ["measure.short_running_unpriced"]


def test_a_running_contract_a_little_behind_by_noise_is_no_shortfall():
    rng = np.random.default_rng(1)
    frame = days(impressions=980 * rng.lognormal(0, 0.3, 31))
    frame["impressions"] *= 980 / frame["impressions"].mean()
    assert codes(frame, contract(last="2026-04-30", impressions=61_000.0)) == []


def test_days_no_file_knows_are_not_held_against_the_platform():
    frame = days(20)  # the file ends on the 20th
    row = delivery(lay_out(frame, ["channel"]), contract(impressions=31_000.0)).iloc[0]
    assert (row["covered"], row["missing"]) == (20, pytest.approx(0))
    later = days(10).assign(day=pd.date_range("2026-03-22", periods=10))
    row = delivery(lay_out(later, ["channel"]), contract(impressions=31_000.0)).iloc[0]
    assert (row["covered"], row["due"], row["ended"]) == (10, pytest.approx(10_000), False)


def test_what_is_unknown_is_not_short():
    no_counts = days().assign(impressions=np.nan)
    row = delivery(lay_out(no_counts, ["channel"]), contract(impressions=1000.0)).iloc[0]
    assert np.isnan(row["share"])
    assert codes(no_counts, contract(impressions=1000.0)) == []
    assert codes(days(), contract("nobody", impressions=1000.0)) == []
    assert codes(days(), contract("a", "2027-01-01", "2027-01-31", impressions=1000.0)) == []


def test_nothing_delivered_at_all_is_short():
    frame = days(impressions=0.0)
    assert codes(frame, contract(last="2026-04-30", impressions=1000.0)) == ["measure.short_running"]


def test_the_worse_unit_speaks_for_a_contract():
    both = contract(impressions=31_000.0, clicks=620.0)
    (found,) = [d for d in traffic_quality(days(), None, both).doubts if d.kind == "delivery"]
    assert found.finding.params["field"] == "clicks"
    assert found.stake == pytest.approx(1550)


def test_two_contracts_of_a_channel_never_count_an_impression_twice():
    rng = np.random.default_rng(2)
    frame = days(60, impressions=rng.integers(500, 1500, 60).astype(float))
    one = contract(last="2026-04-15", impressions=60_000.0)
    two = contract(first="2026-03-20", last="2026-04-29", impressions=30_000.0).assign(contract_id=2)
    both = pd.concat([one, two], ignore_index=True)
    table = delivery(lay_out(frame, ["channel"]), both).set_index("contract_id")
    want = {1: 0.0, 2: 0.0}
    for row in frame.itertuples():
        due = {
            c.contract_id: c.impressions / ((c.day_last - c.day_first).days + 1)
            for c in both.itertuples()
            if c.day_first <= row.day <= c.day_last
        }
        for key, part in due.items():
            want[key] += row.impressions * part / sum(due.values())
    assert table["delivered"].to_dict() == pytest.approx(want)
    assert table["delivered"].sum() == pytest.approx(frame["impressions"].sum())


def test_the_money_of_a_shortfall_is_in_doubt_beside_the_others():
    traffic = traffic_quality(days(), None, contract(impressions=62_000.0))
    assert traffic.at_stake == pytest.approx(1550)
    assert len(traffic.delivery) == 1
