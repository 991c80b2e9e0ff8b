"""Customers who come back: published figures, a second road, lost and found parameters, edges."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import ChannelOptError
from channelopt.measure.lifetime import lifetime, payback
from channelopt.measure.ordersize import fit_order_size
from channelopt.measure.ordersize import log_likelihood as value_likelihood
from channelopt.measure.purchases import purchases
from channelopt.measure.repeat import RepeatModel, fit_repeat, log_likelihood
from channelopt.measure.repeat_check import check_repeat
from channelopt.policy import Policy

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import repeat as bench  # noqa: E402

AS_OF = pd.Timestamp("2025-12-26")
ROWS = np.array([(2, 30.43, 38.86), (0, 0, 38.86), (10, 38, 38.86), (1, 1.71, 38.86), (25, 30, 35.0)]).T
#: Lifetimes 0.11.3 at its own estimates (tests/reference/cdnow.md): weeks → purchases expected of ROWS.
EXPECTED = {
    4: (0.1473161, 0.0221159, 0.8464501, 0.0239171, 1.2861665),
    39: (1.2259104, 0.1947809, 6.7059672, 0.2032506, 9.8711171),
    104: (2.6690911, 0.4530857, 13.9197621, 0.4529324, 19.9737428),
}
NEW = {4: 0.1957662, 39: 1.1950162, 104: 2.1998467}
ALIVE = (0.7266091, 1.0, 0.9214591, 0.2122274, 0.5204938)


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    frame = pd.read_csv(ROOT / "tests" / "reference" / "cdnow.csv")
    return frame.rename(columns={"T": "watched", "zbar": "value"})


@pytest.fixture(scope="module")
def model(cdnow) -> RepeatModel:
    return fit_repeat(cdnow)


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return bench.shop("model", 600, np.random.default_rng(7))


def test_the_published_estimates_come_out(model):
    assert (model.customers, model.repeaters) == (2357, 946)
    assert model.parameters == pytest.approx((0.243, 4.414, 0.793, 2.426), abs=5e-4)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_the_published_order_values_come_out(cdnow):
    found = fit_order_size(cdnow)
    assert found.customers == 946
    assert (found.p, found.q, found.gamma) == pytest.approx((6.25, 3.74, 15.44), abs=0.01)
    values = found.expected([0, 1, 5, 20], [0, 25, 80, 10])
    assert values == pytest.approx((35.17100, 28.10397, 76.38004, 10.54090), rel=1e-5)
    assert not found.findings


def test_expected_purchases_are_those_of_another_library(model):
    for weeks, want in EXPECTED.items():
        assert model.expected(weeks, *ROWS) == pytest.approx(want, rel=2e-5)
        assert float(model.expected(weeks)) == pytest.approx(NEW[weeks], rel=2e-5)
    assert model.alive(*ROWS) == pytest.approx(ALIVE, abs=1e-5)


def test_the_closed_form_is_its_integral(model):
    for x, _, watched in ROWS.T:
        closed = float(model._if_alive(39.0, np.array(x), np.array(watched)))
        assert closed == pytest.approx(model._integral(39.0, x, watched), rel=1e-7)


@pytest.mark.parametrize("a", [0.9985, 0.9995, 1.0, 1.0005])
def test_around_a_equal_one_the_formula_is_its_integral(a):
    near = RepeatModel(0.5, 5.0, a, 3.0, 0.0, np.zeros((4, 4)), 1, 1)
    closed = float(near._if_alive(52.0, np.array(3.0), np.array(20.0)))
    assert closed == pytest.approx(near._integral(52.0, 3.0, 20.0), rel=1e-5)


def test_a_large_cohort_is_as_sure_as_all_its_customers_make_it(monkeypatch):
    orders = bench.shop("model", 1600, np.random.default_rng(9)).assign(one="all")
    first = orders.groupby("person_key")["day"].transform("min")
    orders = orders[first < "2025-03-01"].assign(channel="a")
    rules = Policy(margin=1.0, discount_rate=0.0, min_repeaters=10)
    whole = lifetime(orders, AS_OF, by=("channel",), months=12, policy=rules, draws=200).table.iloc[0]
    monkeypatch.setattr("channelopt.measure.futures.MOST_FOLLOWED", 40)
    part = lifetime(orders, AS_OF, by=("channel",), months=12, policy=rules, draws=200).table.iloc[0]
    width, other = (t["ahead_high"] - t["ahead_low"] for t in (whole, part))
    assert whole["customers"] > 200 and other == pytest.approx(width, rel=0.3)
    assert part["ahead"] == pytest.approx(whole["ahead"], rel=0.1)


def test_the_likelihood_is_a_simulation_of_customers():
    r, alpha, a, b = 0.8, 5.0, 0.9, 2.0
    rng, n, watched = np.random.default_rng(3), 200_000, 10.0
    rate, lost = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    many, at, there = np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    for _ in range(60):
        at = at + rng.exponential(1 / np.maximum(rate, 1e-12))
        there &= at < watched
        many += there
        there &= rng.random(n) >= lost
    logs = np.log([r, alpha, a, b])
    none = np.exp(log_likelihood(logs, np.zeros(1), np.zeros(1), np.array([watched]), np.ones(1)))
    assert none == pytest.approx((many == 0).mean(), abs=0.004)
    model = RepeatModel(r, alpha, a, b, 0.0, np.zeros((4, 4)), 1, 1)
    assert float(model.expected(watched)) == pytest.approx(many.mean(), rel=0.02)


def test_known_parameters_are_found_again():
    orders = bench.shop("model", 4000, np.random.default_rng(11))
    people = purchases(orders, AS_OF)
    found = fit_repeat(people)
    truth = RepeatModel(0.6, 6.0, 0.8, 3.0, 0.0, np.zeros((4, 4)), 1, 1)
    for weeks in (8.0, 52.0):
        assert float(found.expected(weeks)) == pytest.approx(float(truth.expected(weeks)), rel=0.06)
    sd = np.sqrt(np.diag(found.covariance))
    assert (np.abs(np.log(found.parameters) - np.log(truth.parameters)) < 3.5 * sd).all()
    value = fit_order_size(people)
    assert float(value.expected()) == pytest.approx(4 * 300 / 3, rel=0.06)


def test_bands_hold_what_came():
    found = bench.run(worlds=2, seed=5, people=400, draws=60, kinds=("model",))["model"]
    assert found["covered"] >= 0.72 and abs(found["bias"]) < 0.2


def test_values_do_not_depend_on_the_currency(cdnow):
    one, other = fit_order_size(cdnow), fit_order_size(cdnow.assign(value=cdnow["value"] * 1000))
    assert (one.p, one.q) == pytest.approx((other.p, other.q), rel=1e-3)
    assert other.gamma == pytest.approx(1000 * one.gamma, rel=1e-3)
    part = cdnow[cdnow["x"] > 0]
    args = [part[c].to_numpy(float) for c in ("x", "value", "customers")]
    logs = np.log([other.p, other.q, one.gamma])
    assert value_likelihood(logs, *args) == pytest.approx(one.log_likelihood, abs=0.01)


def test_orders_of_a_day_are_one_and_refunds_are_none():
    days = ["2026-01-03", "2026-01-03", "2026-02-01", "2026-01-05", "2026-01-06", "2026-03-01", "2026-04-01"]
    orders = pd.DataFrame(
        {"person_key": list("aaabccc"), "day": days, "revenue": [10, 5, 20, np.nan, 7, -3, 9]}
    )
    found = purchases(orders, "2026-03-05").set_index("person_key")
    assert list(found["x"]) == [1, 0, 0]
    assert found.loc["a", ["first_value", "value"]].tolist() == [15, 20]
    assert found.loc["a", "t_x"] == pytest.approx(29 / 7)
    assert np.isnan(found.loc["b", "first_value"])


def test_the_model_is_tried_on_its_past(orders):
    check = check_repeat(orders, AS_OF)
    assert check.tried and check.weeks == 17 and check.off < 0.25
    late = orders["day"] > AS_OF - pd.Timedelta(weeks=17)
    fewer = orders[~late | (np.arange(len(orders)) % 5 == 0)]
    bad = check_repeat(fewer, AS_OF)
    assert bad.off > 0.5 and bad.came < 0.5 * bad.expected
    narrow, wide = (lifetime(o, AS_OF, policy=Policy(margin=1.0), draws=40) for o in (orders, fewer))
    assert "measure.lifetime_missed" in {f.code for f in wide.findings}
    assert (wide.table["ahead_high"] / wide.table["ahead_low"]).mean() > 1.5 * (
        narrow.table["ahead_high"] / narrow.table["ahead_low"]
    ).mean()
    short = check_repeat(orders[orders["day"] < "2025-02-20"], "2025-02-20")
    assert not short.tried and short.off == 0


def test_too_few_repeaters_is_a_finding_and_nan(orders):
    few = orders.groupby("person_key").head(1)
    found = lifetime(few, AS_OF, policy=Policy(margin=0.5))
    assert found.orders.status == "too_few_repeaters" and found.sizes.status == "too_few_values"
    assert found.table["ahead"].isna().all() and found.table["seen"].gt(0).all()
    assert {f.code for f in found.findings} >= {"measure.repeat_few", "measure.values_few"}
    assert np.isnan(found.orders.expected(4.0, [1, 2], [1, 2], [3, 3])).all()
    assert np.isnan(found.orders.alive(1, 1, 2))
    back, _ = payback(found, found.table[["cohort"]].assign(spend=10.0))
    assert set(back["status"]) == {"unknown"}


def test_nobody_at_all():
    nothing = pd.DataFrame({"person_key": [], "day": [], "revenue": []})
    found = lifetime(nothing, AS_OF)
    assert found.table.empty and "measure.lifetime_revenue" in {f.code for f in found.findings}
    assert payback(found, pd.DataFrame({"cohort": [], "spend": []}))[0].empty


def test_one_cohort_by_channel_and_sums(orders):
    part = orders[orders["person_key"].map(orders.groupby("person_key")["day"].min()).dt.month == 2]
    part = part.assign(channel=np.where(part["person_key"].astype(int) % 2, "wechat", "douyin"))
    rules = Policy(margin=0.4, min_repeaters=10)
    found = lifetime(part, AS_OF, by=("cohort", "channel"), policy=rules, draws=40)
    assert list(found.table["channel"]) == ["douyin", "wechat"]
    seen = part[(part["day"] <= AS_OF)]["revenue"].sum() * 0.4
    assert (found.table["seen"] * found.table["customers"]).sum() == pytest.approx(seen)
    for path, row in zip(found.paths, found.table.itertuples(), strict=True):
        assert (np.diff(path, axis=1) >= 0).all() and path[:, -1].mean() >= row.seen


def test_the_band_is_around_the_formula(orders):
    rules = Policy(margin=1.0, discount_rate=0.0)
    found = lifetime(orders, AS_OF, months=12, policy=rules, draws=200)
    people = purchases(orders, AS_OF)
    weeks = 12 * 365.25 / 12 / 7
    many = found.orders.expected(weeks, people["x"], people["t_x"], people["watched"])
    each = found.sizes.expected(people["x"], people["value"].fillna(0.0))
    want = pd.Series(many * each).groupby(people["cohort"]).mean()
    assert (found.table["ahead"].to_numpy() @ found.table["customers"]) == pytest.approx(
        want.to_numpy() @ found.table["customers"], rel=0.06
    )


def test_discounting_and_margin_only_lower(orders):
    plain = lifetime(orders, AS_OF, policy=Policy(margin=1.0, discount_rate=0.0), draws=40).table
    less = lifetime(orders, AS_OF, policy=Policy(margin=0.5, discount_rate=0.2), draws=40).table
    assert (less["seen"] * 2).to_numpy() == pytest.approx(plain["seen"].to_numpy())
    assert (less["ahead"] * 2 < plain["ahead"]).all()


def test_payback_says_paid_within_open_and_never(orders):
    rules = Policy(margin=0.4, payback_months=24)
    found = lifetime(orders, AS_OF, policy=rules, draws=60)
    names = found.table[["cohort"]]
    first = payback(found, names.assign(spend=0.0), rules)[0]
    assert set(first["status"]) <= {"paid", "within"} and first["months"].eq(1).all()
    never, said = payback(found, names.assign(spend=1e12), rules)
    assert set(never["status"]) == {"not_within"} and never["months"].isna().all()
    assert {f.code for f in said} == {"measure.payback_not_within"}
    middle = found.table["value"] * found.table["customers"] * 0.8
    some = payback(found, names.assign(spend=middle.to_numpy()), rules)[0]
    assert (some["months_low"].fillna(99) <= some["months"].fillna(99)).all()
    assert payback(found, names.iloc[:1].assign(spend=5.0), rules)[0]["status"].iloc[1] == "unknown"


def test_enormous_and_equal_values_stay_numbers(orders):
    huge = lifetime(orders.assign(revenue=orders["revenue"] * 1e12), AS_OF, draws=20).table
    assert np.isfinite(huge.drop(columns="cohort").to_numpy(float)).all()
    equal = lifetime(orders.assign(revenue=100.0), AS_OF, policy=Policy(margin=1.0), draws=40)
    assert np.isfinite(equal.table["ahead"]).all()
    assert float(equal.sizes.expected(3, 100.0)) == pytest.approx(100, rel=0.02)


def test_nobody_is_ever_lost():
    rng = np.random.default_rng(4)
    people = pd.DataFrame({"x": rng.poisson(5, 400), "watched": 52.0})
    people["t_x"] = np.where(people["x"] > 0, 52.0 * rng.beta(np.maximum(people["x"], 1), 1), 0.0)
    found = fit_repeat(people)
    assert found.status == "no_loss_seen" and found.findings
    assert float(found.expected(52.0, 5, 45.0, 52.0)) == pytest.approx(5, rel=0.1)


@pytest.mark.parametrize(
    "row", [(-1, 0, 5), (1, 6, 5), (1, 0, 5), (0, 2, 5), (1, 1, float("nan")), (1, 1, float("inf"))]
)
def test_histories_that_cannot_be_are_refused(row):
    with pytest.raises(ChannelOptError):
        fit_repeat(pd.DataFrame([row], columns=["x", "t_x", "watched"]))


@pytest.mark.parametrize("wrong", [{"months": 0}, {"months": 2.5}, {"by": ()}, {"by": ("week",)}])
def test_options_that_cannot_be_are_refused(orders, wrong):
    with pytest.raises(ChannelOptError):
        lifetime(orders, AS_OF, **wrong)
