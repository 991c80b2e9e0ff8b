"""Dates that are the first days of weeks or months, and those that are not."""

from __future__ import annotations

import pandas as pd
import pytest

from channelopt.intake import read_export
from channelopt.intake.periods import period_lengths

WEEKS = pd.date_range("2026-01-05", periods=8, freq="7D")


def days(*texts):
    return pd.DatetimeIndex(pd.to_datetime(list(texts)))


@pytest.mark.parametrize(
    ("starts", "want"),
    [
        (WEEKS, [7] * 8),
        (WEEKS[:3], [7] * 3),
        (WEEKS[:2], [1, 1]),  # two dates are no pattern
        (WEEKS[:1], [1]),
        (WEEKS[:0], []),
        (WEEKS.delete(3), [7] * 7),  # a week is missing, and is no part of the one before
        (pd.date_range("2026-01-01", periods=5, freq="MS"), [31, 28, 31, 30, 31]),
        (pd.date_range("2026-02-01", periods=5, freq="MS"), [28, 31, 30, 31, 30]),
        (pd.date_range("2026-01-01", periods=9), [1] * 9),
        (days("2026-01-01", "2026-01-05", "2026-01-20", "2026-02-02", "2026-03-15"), [1] * 5),
        (WEEKS[:4].append(pd.date_range("2026-02-02", periods=5)), [7] * 4 + [1] * 5),  # weeks, then days
        (pd.bdate_range("2026-01-05", periods=20), [1] * 20),
    ],
)
def test_what_each_date_stands_for(starts, want):
    assert period_lengths(starts).tolist() == want


@pytest.mark.parametrize("header", ["date", "日期"])
def test_weekly_rows_are_read_as_weeks_whatever_the_header(header):
    lines = "".join(f"{day:%Y-%m-%d},Google,700\n" for day in WEEKS)
    found = read_export(f"{header},channel,spend (USD)\n{lines}".encode(), "weekly.csv")
    assert ((found.rows["day_end"] - found.rows["day"]).dt.days == 6).all()
    assert found.day_last == (WEEKS[-1] + pd.Timedelta(days=6)).date()
    told = next(f for f in found.findings if f.code == "intake.read_as_periods")
    assert told.params == {"days": 7}


def test_two_shops_each_with_weeks_of_their_own():
    lines = "".join(f"{day:%Y-%m-%d},A,700\n{day + pd.Timedelta(days=3):%Y-%m-%d},B,70\n" for day in WEEKS)
    found = read_export(f"date,shop,revenue (USD)\n{lines}".encode(), "shops.csv")
    assert found.kind == "overall"
    assert ((found.rows["day_end"] - found.rows["day"]).dt.days == 6).all()
