"""Learning curves: recovery, second roads, and what users of other tools complain about."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from channelopt.response import ResponseCurves
from channelopt.response.model import adstock
from tests.response.simple import account, hill, total_of


def at_today(curves: ResponseCurves) -> np.ndarray:
    return curves.predict()["mean"].iloc[:-1].to_numpy()


def true_outcome(truth: np.ndarray, spend: np.ndarray) -> np.ndarray:
    return np.array([hill(np.asarray(x), *t) for x, t in zip(spend, truth, strict=True)])


@pytest.fixture(scope="module")
def known() -> tuple[pd.DataFrame, np.ndarray, ResponseCurves]:
    daily, truth = account()
    return daily, truth, co.fit_response(daily)


def test_curves_of_an_easy_account_are_found(known) -> None:
    _, truth, curves = known
    today = curves.today.to_numpy()
    for share in (0.5, 1.0, 1.5):
        table = curves.predict(dict(zip(curves.channels, share * today, strict=True))).iloc[:-1]
        right = true_outcome(truth, share * today)
        assert ((table["low"] <= right) & (right <= table["high"])).all()
        assert np.abs(np.log(table["mean"] / right)).max() < 0.35
    assert (curves.identified == "yes").all() and not curves.findings


def test_moving_money_by_these_curves_brings_more(known) -> None:
    _, truth, curves = known
    today = curves.today.to_numpy()
    bounds = {name: (0.0, 3 * held) for name, held in curves.today.items()}
    plan = co.allocate(curves, budget=float(today.sum()) * 28, bounds=bounds).spend.to_numpy()
    assert true_outcome(truth, plan).sum() > 1.02 * true_outcome(truth, today).sum()


def test_same_input_same_output_to_the_last_digit(known) -> None:
    daily, _, curves = known
    again = co.fit_response(daily.sample(frac=1, random_state=3))
    for name in ("top", "half", "slope", "keep", "outlook"):
        assert np.array_equal(getattr(curves, name), getattr(again, name)), name


def test_another_seed_moves_the_answer_little(known) -> None:
    daily, _, curves = known
    other = co.fit_response(daily, seed=7)
    assert np.abs(at_today(other) / at_today(curves) - 1).max() < 0.1


def test_money_has_no_unit(known) -> None:
    daily, _, curves = known
    scaled = co.fit_response(daily.assign(spend=daily["spend"] * 1e6, revenue=daily["revenue"] * 1e6))
    assert np.allclose(scaled.top / 1e6, curves.top, rtol=1e-6)


def test_adstock_by_a_loop() -> None:
    rng = np.random.default_rng(2)
    spend, keep, first = rng.uniform(0, 9, (40, 3)), np.array([0.0, 0.5, 0.9]), np.array([1.0, 2.0, 3.0])
    out = adstock(spend, np.ones(40), keep, first)
    for c in range(3):
        state = first[c]
        for t in range(40):
            state = (1 - keep[c]) * spend[t, c] + keep[c] * state
            assert out[t, c] == pytest.approx(state)
    many = adstock(spend[:, :1], np.ones(40), keep, np.array(1.0))
    assert np.allclose(many[:, 1], adstock(spend[:, :1], np.ones(40), keep[1:2], np.array([1.0]))[:, 0])


def test_adstock_of_weeks_is_the_mean_of_its_days() -> None:
    rng = np.random.default_rng(2)
    weekly, lengths = rng.uniform(0, 9, (9, 1)), np.array([7.0, 7, 7, 7, 30, 31, 7, 7, 1])
    keep, first = np.array([0.7]), np.array([2.0])
    daily = np.repeat(weekly, lengths.astype(int), axis=0)
    by_day = adstock(daily, np.ones(len(daily)), keep, first)[:, 0]
    means = [part.mean() for part in np.split(by_day, np.cumsum(lengths).astype(int)[:-1])]
    assert np.allclose(adstock(weekly, lengths, keep, first)[:, 0], means)


def weekly_of(daily: pd.DataFrame) -> pd.DataFrame:
    week = daily["day"] - pd.to_timedelta(daily["day"].dt.day_of_week, unit="D")
    return daily.assign(day=week).groupby(["day", "channel"], as_index=False).sum()


def test_weekly_rows_tell_what_daily_rows_tell() -> None:
    daily, _ = account(days=182)
    by_day, by_week = co.fit_response(daily), co.fit_response(weekly_of(daily))
    assert [f.code for f in by_week.findings] == ["response.periods"]
    assert np.allclose(by_week.today, by_day.today)
    assert np.abs(np.log(at_today(by_week) / at_today(by_day))).max() < 0.15
    assert np.abs(np.log(by_week.mroi()["mean"] / by_day.mroi()["mean"])).max() < 0.35


def test_monthly_rows_and_day_end_are_accepted() -> None:
    daily, _ = account(days=365)
    month = daily["day"].dt.to_period("M").dt.start_time
    monthly = daily.assign(day=month).groupby(["day", "channel"], as_index=False).sum()
    monthly["day_end"] = monthly["day"] + pd.offsets.MonthEnd(0)
    curves = co.fit_response(monthly[:-4])  # the last month is not whole
    by_day = co.fit_response(daily)
    assert np.abs(np.log(curves.predict(by_day.today)["mean"] / by_day.predict()["mean"])).max() < 0.3


def test_gaps_are_left_out_not_taken_for_zero() -> None:
    daily, _ = account()
    gap = daily["day"].between("2026-03-01", "2026-03-20")
    curves = co.fit_response(daily[~gap])
    assert [f.code for f in curves.findings] == ["response.gaps"]
    assert np.abs(np.log(at_today(curves) / at_today(co.fit_response(daily)))).max() < 0.15


def test_leads_in_place_of_revenue() -> None:
    daily, _ = account()
    curves = co.fit_response(daily, outcome="leads")
    seen = daily.groupby("channel")["leads"].sum() / daily["day"].nunique()
    assert np.abs(np.log(at_today(curves) / seen)).max() < 0.4
    money = at_today(curves) * curves.value.mean(axis=0)
    assert np.abs(np.log(money / at_today(co.fit_response(daily)))).max() < 0.25
    assert np.isnan(co.fit_response(daily.drop(columns="revenue"), outcome="leads").value).all()


def test_a_few_huge_orders_hardly_move_the_curves() -> None:
    daily, _ = account()
    wild = daily.copy()
    wild.loc[wild.sample(4, random_state=1).index, "revenue"] += 20_000.0
    before, after = co.fit_response(daily), co.fit_response(wild)
    shape = after.mroi()["mean"] / before.mroi()["mean"]
    assert np.abs(np.log(shape / shape.mean())).max() < 0.35
    for name in ("half", "slope"):
        middle = [np.median(getattr(curves, name), axis=0) for curves in (before, after)]
        assert np.allclose(*middle, rtol=0.02)


def test_the_outlook_is_of_the_coming_days() -> None:
    daily, _ = account(days=182)
    curves = co.fit_response(daily)
    assert len(curves.outlook) >= 366 and abs(curves.outlook[:28].mean() - 1) < 0.15
    season = 1 + 0.2 * np.sin(2 * np.pi * (182 + np.arange(28)) / 7)
    assert np.corrcoef(curves.outlook[:28], season)[0, 1] > 0.9


def test_demand_that_fell_is_expected_low_at_first() -> None:
    daily, _ = account(days=280)
    late = daily["day"] > daily["day"].max() - pd.Timedelta(days=60)
    daily.loc[late, "leads"] = daily.loc[late, "leads"] // 2
    outlook = co.fit_response(daily).outlook
    assert outlook[:14].mean() < 0.85 < outlook[300:366].mean()


def test_what_was_spent_is_on_record(known) -> None:
    daily, _, curves = known
    last = daily[daily["day"] > daily["day"].max() - pd.Timedelta(days=56)]
    assert np.allclose(curves.today, last.groupby("channel")["spend"].sum() / 56)
    wide = daily.pivot(index="day", columns="channel", values="spend").iloc[-175:]
    weeks = wide.groupby(np.arange(175) // 7).mean()
    assert np.allclose(curves.observed_range["low"], weeks.min())
    assert np.allclose(curves.observed_range["high"], weeks.max())
    assert (curves.sources["days"] == 180).all()
    assert np.allclose(curves.sources["events"], daily.groupby("channel")["leads"].sum())


def test_spend_that_never_moved_is_said() -> None:
    daily, _ = account(step=0.0)
    daily["spend"] = daily.groupby("channel")["spend"].transform("mean")
    curves = co.fit_response(daily)
    assert (curves.identified == "no").all()
    assert {"response.constant_spend", "response.none_identified"} == {f.code for f in curves.findings}


def test_a_new_channel_borrows_with_a_wide_band() -> None:
    daily, _ = account()
    young = (daily["channel"] == "c1") & (daily["day"] < daily["day"].max() - pd.Timedelta(days=2))
    small = daily[~young].copy()
    small.loc[small["channel"] == "c1", ["leads", "customers", "revenue"]] = [1.0, 0.0, 0.0]
    curves = co.fit_response(small)
    width = np.log(curves.mroi()["high"] / curves.mroi()["low"])
    assert width["c1"] > 1.3 * width.drop("c1").max()
    assert curves.sources["borrowed"]["c1"] > 3 * curves.sources["borrowed"].drop("c1").max()


def test_profit_is_the_margin_of_revenue(known) -> None:
    daily, _, curves = known
    profit = co.fit_response(daily, outcome="profit", policy=co.Policy(margin=0.4))
    assert np.allclose(profit.top, 0.4 * curves.top)


def test_the_doubt_about_credit_widens_returns_and_nothing_else(known) -> None:
    daily, _, curves = known
    narrow, usual, wide = (
        co.fit_response(daily, policy=co.Policy(credit_doubt=doubt)) for doubt in (0.0, 0.25, 0.5)
    )
    sds = [np.log(c.outcome_draws(c.today.to_numpy())).std(axis=0) for c in (narrow, usual, wide)]
    assert np.allclose(usual.top, curves.top)  # the default
    assert (sds[0] < 0.15).all() and (sds[1] > sds[0]).all() and (sds[2] > sds[1]).all()
    assert np.allclose(sds[2], np.hypot(sds[0], 0.5), rtol=0.15)
    assert np.array_equal(narrow.keep, wide.keep)


def test_a_total_knows_no_doubt_about_credit() -> None:
    daily, _ = account(days=120)
    spend, total = daily[["day", "channel", "spend"]], total_of(daily)
    one, other = (
        co.fit_response(spend, total=total, policy=co.Policy(credit_doubt=doubt)) for doubt in (0.0, 0.5)
    )
    assert np.array_equal(one.top, other.top)


def test_a_total_alone_gives_sane_curves() -> None:
    daily, truth = account(days=365, step=0.7)
    curves = co.fit_response(daily[["day", "channel", "spend"]], total=total_of(daily))
    right = true_outcome(truth, curves.today.to_numpy())
    table = curves.predict().iloc[:-1]
    assert ((table["low"] <= right) & (right <= table["high"])).sum() >= 3
    assert abs(np.log(table["mean"].sum() / right.sum())) < 0.5


def test_a_total_by_week_fits_spend_by_day() -> None:
    daily, _ = account(days=364)
    total = total_of(daily)
    week = total["day"] - pd.to_timedelta(total["day"].dt.day_of_week, unit="D")
    curves = co.fit_response(
        daily[["day", "channel", "spend"]], total=total.groupby(week)["revenue"].sum().reset_index()
    )
    assert "response.periods" in {f.code for f in curves.findings}
    assert 0.2 < curves.predict()["mean"]["total"] / total["revenue"].mean() < 0.95


@pytest.mark.parametrize("aggregate", [False, True])
def test_a_lift_test_pulls_the_curve_and_narrows_it(aggregate: bool) -> None:
    daily, _ = account()
    total = total_of(daily) if aggregate else None
    before = co.fit_response(daily, total=total)
    table = before.predict({"c0": 1.5 * before.today["c0"]})
    rise = 28 * (table["mean"]["c0"] - before.predict()["mean"]["c0"])
    tests = pd.DataFrame({
        "channel": ["c0"], "start": ["2026-08-01"], "end": ["2026-08-28"], "spend": [14 * before.today["c0"]],
        "incremental": [1.6 * rise], "low": [1.5 * rise], "high": [1.7 * rise],
    })  # fmt: skip
    after = co.fit_response(daily, total=total, lifts=tests)
    old, new = before.mroi().loc["c0"], after.mroi().loc["c0"]
    assert new["mean"] > 1.15 * old["mean"]
    assert np.log(new["high"] / new["low"]) < 0.9 * np.log(old["high"] / old["low"])
    told = 28 * (after.predict({"c0": 1.5 * after.today["c0"]})["mean"]["c0"] - after.predict()["mean"]["c0"])
    assert abs(told / (1.6 * rise) - 1) < 0.2


def test_seconds_not_hours() -> None:
    daily, _ = account(days=365, channels=8)
    start = time.process_time()
    co.fit_response(daily)
    assert time.process_time() - start < 3.0
