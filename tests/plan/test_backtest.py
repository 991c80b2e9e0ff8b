"""Forecasts of the past: by hand, against known worlds, and on thin or gappy data."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import PLAIN, ChannelOptError
from channelopt.plan.backtest import COLUMNS, backtest
from channelopt.plan.forecast import _kriged, forecast, implied, learn_noise, rows_of
from channelopt.plan.messages import MESSAGES
from channelopt.response import ResponseCurves

FIRST = pd.Timestamp("2025-01-06")


def true_curves(today, keep=0.4):
    return ResponseCurves.from_parameters(
        [400.0, 250.0], [500.0, 300.0], 0.9, keep, today=today, outcome="leads", channels=["a", "b"]
    )


def rows(days=200, seed=1, level=0.15, noise=0.1, credit=0.7):
    """Rows of two channels: a wandering level common to both, day noise, attribution sees ``credit``."""
    rng = np.random.default_rng(seed)
    spend = np.repeat(rng.lognormal(6, 0.4, (days // 14 + 1, 2)), 14, axis=0)[:days]
    log = np.empty(days)
    log[0] = rng.normal(0, level)
    for t in range(1, days):
        log[t] = np.exp(-1 / 40) * log[t - 1] + rng.normal(0, level * np.sqrt(1 - np.exp(-2 / 40)))
    curves = true_curves(spend[-1])
    stock = np.repeat(spend[:7].mean(axis=0, keepdims=True), 1, axis=0)[0]
    out = []
    for t in range(days):
        stock = 0.6 * spend[t] + 0.4 * stock
        mean = curves.outcome_draws(stock)[0] * np.exp(log[t]) * credit * np.exp(rng.normal(0, noise, 2))
        for c, name in enumerate("ab"):
            leads = rng.poisson(mean[c])
            out.append(
                {"day": FIRST + pd.Timedelta(days=t), "channel": name, "spend": spend[t, c], "leads": leads}
            )
    return pd.DataFrame(out)


def known_fit(history):
    last = history[history["day"] > history["day"].max() - pd.Timedelta(days=56)]
    return true_curves(last.groupby("channel")["spend"].mean().to_numpy())


def test_the_curves_day_by_day():
    curves = ResponseCurves.from_parameters(
        [[400.0, 250.0], [300.0, 100.0]], [500.0, 300.0], [[0.9, 1.2], [1.0, 2.0]], [[0.4, 0.0], [0.7, 0.2]],
        today=[1.0, 1.0],
    )  # fmt: skip
    spend = np.random.default_rng(1).lognormal(6, 0.5, (20, 2))
    found = implied(curves, spend)
    for d in range(2):
        stock = spend[:7].mean(axis=0)
        for t in range(20):
            stock = (1 - curves.keep[d]) * spend[t] + curves.keep[d] * stock
            z = (stock / curves.half[d]) ** curves.slope[d]
            assert found[d, t] == pytest.approx((curves.top[d] * z / (1 + z)).sum())


def test_forecasts_of_the_past_hold_what_came():
    """Known curves, unknown level and noise: the bands of 90% hold about that much."""
    tables = [backtest(rows(seed=s), known_fit, origins=2).origins for s in range(30)]
    table = pd.concat(tables)
    share = table.groupby("horizon")["inside"].mean().astype(float)
    assert table.groupby("horizon").size().min() >= 30
    assert (share >= 0.80).all() and (share <= 0.99).all()
    assert abs(table["error"].mean()) < 0.04


def test_every_origin_sees_only_its_past():
    seen = []

    def fit(history):
        seen.append(history["day"].max())
        return known_fit(history)

    found = backtest(rows(), fit, horizons=(7, 30), origins=4)
    origins = [pd.Timestamp(d) for d in dict.fromkeys(found.origins["origin"])]
    assert [s + pd.Timedelta(days=1) for s in seen] == origins and len(origins) == 4
    assert origins[0] - FIRST >= pd.Timedelta(days=56)
    given = backtest(rows(), known_fit, horizons=(7,), origins=[dt.date(2025, 5, 1)])
    assert given.origins["origin"].tolist() == [dt.date(2025, 5, 1)]


def test_the_row_of_an_origin_by_hand():
    daily = rows()
    origin = pd.Timestamp("2025-05-01")
    found = backtest(daily, known_fit, horizons=(30,), origins=[origin.date()]).origins.iloc[0]
    window = daily[(daily["day"] >= origin) & (daily["day"] < origin + pd.Timedelta(days=30))]
    assert list(found.index) == list(COLUMNS)
    assert found["actual"] == window["leads"].sum() and found["spend"] == pytest.approx(window["spend"].sum())
    history = daily[daily["day"] < origin]
    curves = known_fit(history)
    wide = daily.pivot(index="day", columns="channel", values="spend").to_numpy()
    n = history["day"].nunique()
    days = implied(curves, wide)[0]
    k = history["leads"].sum() / days[:n].sum()
    seen = daily.groupby("day")["leads"].sum().to_numpy("float64")
    level = learn_noise(seen[:n], k * days[:n], [30]).mean(0)
    # the outlook of these curves is flat: half of its weight takes half of the level off
    assert found["forecast"] == pytest.approx(k * days[n : n + 30].sum() * np.exp(level / 2))
    assert found["inside"] == (found["low"] <= found["actual"] <= found["high"])
    assert found["error"] == pytest.approx(np.log(found["actual"] / found["forecast"]))


def test_more_noise_makes_wider_bands_and_longer_sums_narrower_ones():
    def width(noise, level, h):
        daily = rows(noise=noise, level=level, seed=3)
        curves = known_fit(daily)
        spend = np.tile(curves.today.to_numpy(), (h, 1))
        band = forecast(curves, daily, spend, [h]).bands[0]
        return np.log(band.high / band.low)

    assert width(0.6, 0.05, 7) > width(0.05, 0.05, 7)
    assert width(0.6, 0.02, 7) > width(0.6, 0.02, 60)
    assert width(0.1, 0.4, 60) > width(0.1, 0.05, 60)


def test_the_noise_is_learned():
    rng = np.random.default_rng(5)
    calm = np.exp(rng.normal(0, 0.03, 700))
    wild = np.exp(rng.normal(0, 0.8, 700))
    one, two = (learn_noise(100 * x, np.full(700, 100.0), [7]) for x in (calm, wild))
    assert one.weeks == 100 and one.weight.sum() == pytest.approx(1)
    assert np.ptp(one.quantiles(0, 0.0)[1]) < np.ptp(two.quantiles(0, 0.0)[1])
    week = np.log(np.exp(rng.normal(0, 0.8, (5000, 7))).mean(axis=1)).std()
    assert (two.weight @ two.sds[:, 0]) == pytest.approx(week, rel=0.3)
    nothing = learn_noise(np.zeros(0), np.zeros(0), [7])
    assert nothing.weeks == 0 and np.isfinite(nothing.quantiles(0, 0.0)[1]).all()


@pytest.mark.parametrize("days", [1, 10, 40, 62])
def test_too_little_history_is_said_with_what_is_needed(days):
    found = backtest(rows(days=days), known_fit)
    assert found.origins.empty and found.table["n"].sum() == 0 and found.table["coverage"].isna().all()
    finding = found.findings[-1]
    assert finding.code == "plan.backtest_short" and finding.params["need"] == 63
    assert "63" in PLAIN.vformat(MESSAGES[finding.code], (), finding.params)


def test_the_level_of_the_last_weeks_is_carried_on_and_falls_back():
    """Kriging by hand: one set of a, b and L, against the textbook formula with an unknown mean."""
    rng = np.random.default_rng(3)
    ago = 7.0 * np.arange(12)[::-1] + 3.5
    cov = 0.2**2 * np.exp(-np.abs(ago[:, None] - ago) / 40) + 0.1**2 * np.eye(12)
    cross = (0.2**2 * np.exp(-(ago + 30) / 40))[:, None]
    ratio = rng.multivariate_normal(np.full(12, 0.3), cov)
    _, mean, left = _kriged(ratio, cov, cross, np.array([0.2**2]))
    inverse, one = np.linalg.inv(cov), np.ones(12)
    usual = one @ inverse @ ratio / (one @ inverse @ one)
    by_hand = usual + cross[:, 0] @ inverse @ (ratio - usual)
    rest = 0.2**2 - cross[:, 0] @ inverse @ cross[:, 0]
    rest += (1 - one @ inverse @ cross[:, 0]) ** 2 / (one @ inverse @ one)
    assert mean[0] == pytest.approx(by_hand) and left[0] == pytest.approx(rest)


def test_long_horizons_that_cannot_be_tried_are_named():
    found = backtest(rows(days=100), known_fit)
    table = found.table.set_index("horizon")
    assert table.loc[90, "n"] == 0 and table.loc[7, "n"] > 0
    assert any(f.code == "plan.backtest_short_for" and "90" in f.params["horizons"] for f in found.findings)


def test_days_whose_outcome_is_not_known_yet_are_no_history():
    daily = rows(days=150)  # 146 are needed for 90 days ahead, but only 140 have an outcome
    daily["leads"] = daily["leads"].where(daily["day"] < FIRST + pd.Timedelta(days=140))
    found = backtest(daily, known_fit)
    short = next(f for f in found.findings if f.code == "plan.backtest_short_for")
    assert "90" in short.params["horizons"] and short.params["days"] == 140 < short.params["need"]


def test_profit_is_tried_on_the_revenue_it_comes_from():
    daily = rows().rename(columns={"leads": "revenue"})
    money = backtest(daily, lambda past: replace(known_fit(past), outcome="revenue"))
    profit = backtest(
        daily, lambda past: replace(c := known_fit(past), outcome="profit", top=c.top * 0.3)
    )
    assert profit.outcome == "revenue" and len(profit.table)
    pd.testing.assert_frame_equal(profit.table, money.table)


def test_no_rows_at_all():
    empty = rows(days=14).iloc[:0]
    assert backtest(empty, known_fit).findings[0].code == "plan.backtest_short"


def test_a_fit_that_refuses_is_a_finding():
    def fit(history):
        raise ChannelOptError("response.too_few")

    found = backtest(rows(), fit, origins=2)
    assert [f.code for f in found.findings[:2]] == ["plan.backtest_no_fit"] * 2 and found.origins.empty


def test_wrong_curves_are_found_out():
    """Curves that take spend for far more than it is: past forecasts miss, and it is said."""

    def fit(history):
        good = known_fit(history)
        return ResponseCurves.from_parameters(
            good.top,
            good.half * 50,
            4.0,
            good.keep,
            today=good.today,
            outcome="leads",
            channels=good.channels,
        )

    found = backtest(rows(days=360, level=0.03, noise=0.03), fit, origins=6)
    assert found.table["error"].max() > 0.2


def test_weekly_and_gappy_rows():
    daily = rows(days=210)
    week = FIRST + pd.to_timedelta((daily["day"] - FIRST).dt.days // 7 * 7, unit="D")
    weekly = daily.assign(day=week).groupby(["day", "channel"], as_index=False)[["spend", "leads"]].sum()
    grid = rows_of(weekly, ["a", "b"], "leads")
    assert grid.step == 7 and len(grid.days) == 210
    assert np.nansum(grid.outcome) == pytest.approx(daily["leads"].sum())
    assert grid.spend.sum() == pytest.approx(daily["spend"].sum())
    found = backtest(weekly, known_fit, origins=3)
    assert found.table["n"].sum() > 0
    gappy = daily[(daily["day"].dt.day != 13)]
    assert backtest(gappy, known_fit, origins=3).table["n"].sum() > 0


@pytest.mark.parametrize("horizons", [(), (0,), (1.5,)])
def test_horizons_that_are_none_are_refused(horizons):
    with pytest.raises(ChannelOptError):
        backtest(rows(days=70), known_fit, horizons=horizons)


def test_findings_read_as_sentences():
    for days in (30, 100, 200):
        for finding in backtest(rows(days=days), known_fit).findings:
            assert PLAIN.vformat(MESSAGES[finding.code], (), finding.params)
