"""Few events, gaps and peaks: nothing rare is cut away, a gap is no pause, a peak proves nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from channelopt.response.demand import peaks
from channelopt.response.grid import grid_of
from channelopt.response.panel import LONGEST_GAP, rows_of
from tests.response.simple import START, account, total_of


def rare(days: int = 500, each: float = 0.03, seed: int = 3) -> pd.DataFrame:
    """Four channels with one order of 3,000 in some weeks; each truly returns 0.9."""
    rng = np.random.default_rng(seed)
    names = [f"c{c}" for c in range(4)]
    table = pd.MultiIndex.from_product([pd.date_range(START, periods=days), names], names=["day", "channel"])
    orders = rng.poisson(each, len(table))
    spend = 100 * np.exp(rng.normal(0, 0.2, len(table)))
    return pd.DataFrame({"spend": spend, "revenue": 3000.0 * orders}, index=table).reset_index()


def test_rare_orders_are_no_wild_days() -> None:
    daily = rare()
    curves = co.fit_response(daily, policy=co.Policy(credit_doubt=0.0))
    told = curves.outcome_draws(curves.today.to_numpy()).mean(axis=0).sum()
    seen = daily["revenue"].sum() / daily["day"].nunique()
    assert told == pytest.approx(seen, rel=0.2)  # cut to mean + 4 sd it was a third too low


def test_a_wild_day_is_still_pulled_in() -> None:
    daily, _ = account()
    wild = daily.copy()
    at = wild.index[wild["channel"] == "c1"][90]
    wild.loc[at, "leads"] = 50 * wild["leads"].max()
    usual, moved = (co.fit_response(d) for d in (daily, wild))
    now = usual.today.to_numpy()
    ratio = moved.outcome_draws(now).mean(axis=0) / usual.outcome_draws(now).mean(axis=0)
    assert ratio[1] < 1.6


def gap(daily: pd.DataFrame, first: int, days: int) -> pd.DataFrame:
    out = daily["day"].between(START + pd.Timedelta(days=first), START + pd.Timedelta(days=first + days - 1))
    return daily[~out]


def test_spend_goes_on_in_a_short_gap() -> None:
    daily, _ = account(step=0.0)
    rows = rows_of(gap(daily, 60, 10), ())
    inside, around = rows.carried[60:70], rows.carried[[59, 70]]
    assert np.allclose(inside, around.mean(axis=0), rtol=0.1)
    assert (rows.spend[60:70] == 0).all()  # what was really seen


@pytest.mark.parametrize("days", [int(LONGEST_GAP), int(LONGEST_GAP) + 1])
def test_a_long_gap_is_a_pause(days) -> None:
    daily, _ = account(step=0.0)
    rows = rows_of(gap(daily, 60, days), ())
    assert (rows.carried[60 : 60 + days] > 0).all() == (days <= LONGEST_GAP)


def test_a_table_without_gaps_is_as_it_was() -> None:
    rows = rows_of(account()[0], ())
    assert np.array_equal(rows.carried, rows.spend)


def test_missing_days_hardly_move_a_total() -> None:
    daily, _ = account(days=365, step=0.7)
    total = total_of(daily)
    rng = np.random.default_rng(1)
    days = pd.date_range(START, periods=365)
    lost = days[(rng.random(365) < 0.15) & (np.arange(365) > 7) & (np.arange(365) < 350)]
    spend = daily[["day", "channel", "spend"]]
    whole, part = (
        co.fit_response(d, total=total[~total["day"].isin(x)])
        for d, x in ((spend, []), (spend[~spend["day"].isin(lost)], lost))
    )
    now = whole.today.to_numpy()
    sums = [c.outcome_draws(now).mean(axis=0).sum() for c in (whole, part)]
    assert sums[1] == pytest.approx(sums[0], rel=0.25)


def peaky(days: int = 400, channels: int = 5, high: float = 3.0) -> np.ndarray:
    rng = np.random.default_rng(2)
    spend = np.exp(rng.normal(0, 0.3, (days, channels)))
    spend[300:308] *= high
    return spend


def grid(days: int, step: int = 1):
    day = pd.Series(pd.date_range(START, periods=days, freq=f"{step}D"))
    return grid_of(day, pd.Series(["a"] * days))


def test_a_peak_of_all_channels_is_found_with_the_days_around_it() -> None:
    found = np.flatnonzero(peaks(peaky(), grid(400)))
    assert found.min() == 296 and found.max() == 311 and len(found) == 16


def test_a_peak_of_weekly_rows_is_found() -> None:
    spend = peaky().reshape(50, 8, 5).mean(axis=1)
    found = np.flatnonzero(peaks(spend, grid(50, 8)))
    assert 37 in found and len(found) <= 4


@pytest.mark.parametrize(
    "spend",
    [
        peaky(high=1.0), peaky(channels=2), np.ones((400, 5)), np.zeros((400, 5)),
        np.where(np.arange(400)[:, None] % 2 == 0, 3.0, 1.0) * np.ones((400, 5)),  # every other day
        np.where(np.arange(400)[:, None] > 200, 5.0, 1.0) * np.ones((400, 5)),  # a new level
        np.where(np.arange(5) == 0, peaky(), 1.0),  # one channel's own
    ],
    ids=["none", "two channels", "constant", "nothing spent", "half of all days", "a step", "one channel"],
)  # fmt: skip
def test_what_is_no_peak(spend) -> None:
    assert not peaks(spend, grid(400)).any()


def test_days_of_a_peak_are_told_and_carry_no_weight() -> None:
    daily, _ = account(days=365, step=0.3)
    peak = daily["day"].between("2026-11-08", "2026-11-12")
    daily.loc[peak, "spend"] *= 4
    total = total_of(daily)
    at_peak = total["day"].between("2026-11-08", "2026-11-12")
    spend = daily[["day", "channel", "spend"]]
    calm, wild = (
        co.fit_response(spend, total=total.assign(revenue=total["revenue"].where(~at_peak, factor)))
        for factor in (1.0, 1e6)
    )
    found = [f for f in calm.findings if f.code == "response.peaks"]
    assert found and 5 <= found[0].params["days"] <= 13
    assert np.array_equal(calm.top, wild.top)
