"""Delays: agreement with an independent estimator, laws, bias by simulation, edges."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.measure.maturity import DelayCurve, Delays, learn_delays, product_limit, visible_weeks

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "measure.json").read_text())["delay"]
AS_OF = pd.Timestamp("2026-06-30")


def leads(rng: np.random.Generator, days: int, per_day: int, median: float = 14.0, channel: str = "a"):
    """Leads whose delay is exponential, and the customers there will be in the end."""
    age = np.repeat(np.arange(days), per_day)
    will = rng.random(len(age)) < 0.25
    delay = np.floor(rng.exponential(median / np.log(2), len(age)))
    created = pd.Series(AS_OF - pd.to_timedelta(age, unit="D"))
    bought = (created + pd.to_timedelta(delay, unit="D")).where(will & (delay <= age))
    frame = pd.DataFrame({"channel": channel, "created_at": created, "customer_at": bought})
    return frame, age, int(will.sum())


def test_product_limit_agrees_with_kaplan_meier_in_reversed_time():
    size = REFERENCE["tau"] + 1
    table = np.zeros((size, size))
    np.add.at(table, (REFERENCE["age"], REFERENCE["delay"]), 1)
    share, _, _ = product_limit(table)
    for x, want in REFERENCE["share"].items():
        assert share[int(x)] == pytest.approx(want, abs=1e-9), x


def test_without_truncation_it_is_the_plain_distribution():
    table = np.zeros((11, 11))
    table[10, [0, 0, 2, 5]] += 0
    np.add.at(table, (np.full(4, 10), [0, 0, 2, 5]), 1)
    share, _, _ = product_limit(table)
    assert share[[0, 1, 2, 4, 5, 10]] == pytest.approx([0.5, 0.5, 0.75, 0.75, 1, 1])


def test_share_grows_with_age_and_stays_in_bounds():
    rng = np.random.default_rng(2)
    curve = learn_delays(leads(rng, 60, 20)[0], AS_OF).pooled
    assert (np.diff(curve.share) >= -1e-9).all()
    assert curve.share[0] >= 0 and curve.share[-1] <= 1
    assert 11 <= curve.median() <= 17


@pytest.mark.parametrize("days", [42, 90])
def test_matured_customers_are_nearly_unbiased_while_the_seen_ones_are_far_too_few(days):
    rng = np.random.default_rng(3)
    seen_ratio, matured_ratio = [], []
    for _ in range(25):
        frame, age, eventual = leads(rng, days, 30)
        seen = frame["customer_at"].notna().sum()
        share, _ = learn_delays(frame, AS_OF).curve("a").visible(age, np.ones(len(age)))
        seen_ratio.append(seen / eventual)
        matured_ratio.append(seen / share / eventual)
    assert np.mean(seen_ratio) < 0.85
    assert np.median(matured_ratio) == pytest.approx(1.0, abs=0.08)


def test_a_slow_channel_keeps_its_own_delay():
    rng = np.random.default_rng(4)
    slow, fast = leads(rng, 120, 12, 30.0, "slow")[0], leads(rng, 120, 12, 3.0, "fast")[0]
    delays = learn_delays(pd.concat([slow, fast], ignore_index=True), AS_OF)
    assert delays.curve("slow").median() > 18
    assert delays.curve("fast").median() < 8
    assert delays.curve("never seen") is delays.pooled


def test_hardly_visible_cohorts_have_no_matured_value():
    delays = learn_delays(leads(np.random.default_rng(5), 90, 20)[0], AS_OF)
    share, variance = delays.pooled.visible([0, 1], [1.0, 1.0])
    assert np.isnan(share) and np.isnan(variance)
    assert np.isnan(delays.pooled.visible([5], [0.0])[0])


def test_old_cohorts_are_all_visible():
    delays = learn_delays(leads(np.random.default_rng(6), 120, 20, 3.0)[0], AS_OF)
    assert delays.pooled.visible([100], [1.0])[0] == pytest.approx(1.0, abs=0.02)
    assert delays.immature_from() < AS_OF
    assert delays.immature_from() > AS_OF - pd.Timedelta(days=25)


def test_too_few_customers_teach_nothing():
    frame = leads(np.random.default_rng(7), 3, 2)[0]
    assert learn_delays(frame, AS_OF) is None
    assert learn_delays(frame.head(0), AS_OF) is None


def test_customers_after_the_data_or_before_the_lead_are_left_out():
    frame = leads(np.random.default_rng(8), 60, 20)[0]
    odd = pd.DataFrame(
        {
            "channel": "a",
            "created_at": [AS_OF, AS_OF - pd.Timedelta(days=5)],
            "customer_at": [AS_OF + pd.Timedelta(days=9), AS_OF - pd.Timedelta(days=9)],
        }
    )
    with_odd = learn_delays(pd.concat([frame, odd], ignore_index=True), AS_OF)
    np.testing.assert_allclose(with_odd.pooled.share, learn_delays(frame, AS_OF).pooled.share)


def test_same_day_customers_are_mature_at_once():
    created = pd.Series(AS_OF - pd.to_timedelta(np.arange(40), unit="D"))
    frame = pd.DataFrame({"channel": "a", "created_at": created, "customer_at": created})
    assert learn_delays(frame, AS_OF).pooled.visible([0, 20], [1.0, 1.0])[0] > 0.95


def test_years_of_history_stay_affordable():
    created = pd.Series(AS_OF - pd.to_timedelta(np.arange(4000), unit="D"))
    bought = (created + pd.Timedelta(days=9)).where(created < AS_OF - pd.Timedelta(days=9))
    frame = pd.DataFrame({"channel": "a", "created_at": created, "customer_at": bought})
    curve = learn_delays(frame, AS_OF).pooled
    assert len(curve.share) <= 401
    assert curve.share[8] < 0.05 and curve.share[9] > 0.95


def test_columns_are_asked_for():
    with pytest.raises(InputError, match="created_at"):
        learn_delays(pd.DataFrame({"channel": ["a"]}), AS_OF)


def test_the_orders_of_a_week_are_seen_week_by_week():
    slow, quick = (DelayCurve(np.minimum(np.arange(1, 29) / n, 1.0), np.zeros(28), 0.0, 50) for n in (28, 7))
    delays = Delays(AS_OF, slow, {"quick": quick})
    assert visible_weeks(delays, most=5) == pytest.approx([4 / 28, 11 / 28, 18 / 28, 25 / 28, 1.0])
    assert visible_weeks(delays, ["quick"], 2) == pytest.approx([4 / 7, 1.0])
    assert visible_weeks(delays, ["quick", "new"], 1) == pytest.approx([(4 / 7 + 4 / 28) / 2])
