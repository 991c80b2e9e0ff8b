"""What curves are learned from: late outcomes are added, the youngest days give their spend only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.measure.backfill import FilledIn
from channelopt.measure.maturity import DelayCurve, Delays
from channelopt.plan.history import HALF, history_of, outcomes_of

DAYS = 60
LAST = pd.Timestamp("2026-04-30")
SHARE = np.minimum(0.05 + 0.025 * np.arange(100), 1.0)


def daily():
    days = pd.date_range(end=LAST, periods=DAYS)
    age = (LAST - days).days.to_numpy()
    frame = pd.DataFrame({"day": days, "channel": "a", "spend": 100.0, "leads": 10.0})
    return frame.assign(revenue=300.0 * SHARE[age], customers=3.0 * SHARE[age])


def delays(kind=DelayCurve):
    return Delays(LAST, kind(SHARE, np.zeros(100), 0.0, 500))


def test_a_flat_truth_is_flat_again():
    found = history_of(daily(), delays())
    known = found.daily["revenue"].notna()
    assert np.allclose(found.daily.loc[known, "revenue"], 300.0)
    assert np.allclose(found.daily.loc[known, "customers"], 3.0)
    young = int((SHARE[:DAYS] < HALF).sum())
    assert int((~known).sum()) == young > 0
    assert (found.daily["spend"] == 100).all()
    assert found.daily["leads"].isna().sum() == young  # or their worth would be read too low
    assert found.ripe_until == (LAST - pd.Timedelta(days=young)).date()
    assert len(found.ripe) == DAYS - young and found.first_coming == (LAST + pd.Timedelta(days=1)).date()
    assert {f.code for f in found.findings} == {"plan.history_young", "plan.history_grown"}
    assert next(f for f in found.findings if f.code == "plan.history_young").params["days"] == young


def test_leads_are_there_at_once_unless_platforms_fill_them_in():
    found = history_of(daily(), delays(), "leads")
    assert found.daily["leads"].notna().all() and found.findings == ()
    assert found.ripe_until == found.last_day == LAST.date()
    filled = history_of(daily(), delays(FilledIn), "leads")
    assert filled.daily["leads"].isna().any() and (filled.daily["leads"].dropna() >= 10 - 1e-9).all()


def test_without_dates_nothing_is_changed():
    table = daily()
    found = history_of(table, None)
    pd.testing.assert_frame_equal(found.daily, table)
    with pytest.raises(InputError):
        history_of(table.drop(columns="spend"), None)


def test_a_plan_can_only_be_for_what_was_counted():
    assert outcomes_of(daily()) == ("revenue", "profit", "leads", "customers")
    assert outcomes_of(daily().assign(revenue=0.0)) == ("leads", "customers")
    assert outcomes_of(daily()[["day", "channel", "spend"]]) == ()
