"""The mathematics of the curves: limits, midpoint, slope, ramp, and what cannot be constructed."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from channelopt.response import ResponseCurves
from channelopt.response.messages import ResponseError


def some(draws: int = 50, channels: int = 4, seed: int = 1) -> ResponseCurves:
    rng = np.random.default_rng(seed)
    shape = (draws, channels)
    return ResponseCurves.from_parameters(
        top=rng.lognormal(5, 0.5, shape),
        half=rng.lognormal(4, 0.5, shape),
        slope=rng.lognormal(0, 0.3, shape),
        keep=rng.uniform(0, 0.9, shape),
        today=rng.lognormal(4, 0.3, channels),
        channels=[f"c{i}" for i in range(channels)],
    )


def test_limits_and_midpoint() -> None:
    curves = some()
    assert (curves.outcome_draws(np.zeros(4)) == 0).all()
    assert np.allclose(curves.outcome_draws(np.full(4, 1e300)), curves.top)
    one = ResponseCurves.from_parameters(top=[[8.0, 6.0]], half=[[3.0, 5.0]], slope=[[0.7, 2.0]])
    assert np.allclose(one.outcome_draws([3.0, 5.0]), [[4.0, 3.0]])


def test_monotone_and_finite_everywhere() -> None:
    curves = some()
    grid = np.concatenate([[0.0], np.logspace(-12, 12, 200)])[:, None] * np.ones(4)
    drawn = curves.outcome_draws(grid)
    assert drawn.shape == (50, 201, 4)
    assert (np.diff(drawn, axis=1) >= 0).all()
    assert np.isfinite(curves.slope_draws(grid)).all() and (curves.slope_draws(grid) >= 0).all()


def test_slope_is_the_derivative() -> None:
    curves = some()
    x = np.linspace(5, 200, 7)[:, None] * np.ones(4)
    step = 1e-4
    rise = (curves.outcome_draws(x + step) - curves.outcome_draws(x - step)) / (2 * step)
    assert np.allclose(curves.slope_draws(x), rise, rtol=1e-5)


def test_the_same_number_by_a_loop() -> None:
    curves = some(draws=5, channels=3)
    x, days = [30.0, 0.0, 90.0], 9
    ramp = curves.ramp_draws(x, days)
    for d in range(5):
        for c in range(3):
            adstock, total = curves.today.iloc[c], 0.0
            for _ in range(days):
                adstock = (1 - curves.keep[d, c]) * x[c] + curves.keep[d, c] * adstock
                power = adstock ** curves.slope[d, c]
                total += curves.top[d, c] * power / (power + curves.half[d, c] ** curves.slope[d, c])
            assert ramp[d, c] == pytest.approx(total / days)


def test_a_long_ramp_ends_in_the_steady_outcome_and_today_has_no_ramp() -> None:
    curves = some()
    far = curves.predict({"c0": 10.0}, steady=False, days=20_000)
    assert np.allclose(far["mean"], curves.predict({"c0": 10.0})["mean"], rtol=1e-2)
    assert np.allclose(curves.predict(steady=False), curves.predict())


def test_predict_takes_series_dict_and_number() -> None:
    curves = some()
    table = curves.predict({"c1": 50.0})
    assert list(table.index) == ["c0", "c1", "c2", "c3", "total"]
    assert list(table.columns) == ["spend", "mean", "low", "high"]
    assert table.loc["c0", "spend"] == curves.today["c0"]
    assert table.loc["total", "mean"] == pytest.approx(table["mean"].iloc[:-1].sum())
    assert (table["low"] <= table["mean"]).all() and (table["mean"] <= table["high"]).all()
    assert curves.predict(pd.Series({"c1": 50.0})).equals(table)
    assert (curves.predict(7.0)["spend"].iloc[:-1] == 7).all()


def test_the_outlook_looks_forward() -> None:
    curves = ResponseCurves.from_parameters(
        top=10.0, half=1.0, outlook=np.r_[np.full(28, 2.0), np.full(400, 0.5)]
    )
    assert curves.predict(days=28).loc["total", "mean"] == pytest.approx(10.0)
    assert curves.predict().loc["total", "mean"] == pytest.approx(5.0)
    assert curves.predict(steady=False, days=56).loc["total", "mean"] == pytest.approx(6.25)


def test_questions_that_cannot_be_answered() -> None:
    curves = some()
    for spend in ({"c0": -1.0}, {"c0": float("nan")}, float("inf")):
        with pytest.raises(ResponseError) as refused:
            curves.predict(spend)
        assert refused.value.code == "response.bad_spend"
    with pytest.raises(ResponseError) as refused:
        curves.mroi({"nobody": 1.0})
    assert refused.value.code == "response.unknown_channel"
    with pytest.raises(ResponseError):
        curves.outcome_draws([1.0, 2.0])


@pytest.mark.parametrize(
    "bad", [{"half": 0.0}, {"slope": -1.0}, {"keep": 1.0}, {"top": float("nan")}, {"outcome": "luck"},
            {"outlook": np.ones(5)}]
)  # fmt: skip
def test_impossible_curves_cannot_be_built(bad: dict) -> None:
    with pytest.raises(ResponseError):
        ResponseCurves.from_parameters(**({"top": 1.0, "half": 1.0} | bad))


def test_four_hundred_draws_of_thirty_channels_cost_little() -> None:
    curves = some(draws=400, channels=30)
    x = curves.today.to_numpy()
    curves.outcome_draws(x)
    start = time.process_time()
    for _ in range(20):
        curves.outcome_draws(x)
    assert (time.process_time() - start) / 20 < 0.005
