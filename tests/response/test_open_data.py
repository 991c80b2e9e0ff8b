"""Two open data sets of other tools: sane, stable answers within a second."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from benchmarks.open_data import SETS, returns

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "open_data"
NAMES = ["robyn_dt_simulated_weekly.csv", "meridian_national_all_channels.csv"]


@pytest.fixture(scope="module", params=NAMES)
def fitted(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, pd.DataFrame, co.ResponseCurves, float]:
    daily, total = SETS[request.param][0](pd.read_csv(FOLDER / request.param))
    start = time.process_time()
    curves = co.fit_response(daily, total=total)
    return daily, total, curves, time.process_time() - start


def test_returns_are_sane(fitted) -> None:
    daily, total, curves, cpu = fitted
    table = returns(curves, daily)
    assert (table["roi"] > 0.3).all() and (table["roi"] < 20).all() and (table["high"] < 50).all()
    assert 0.05 < curves.predict()["mean"]["total"] * 7 / total["revenue"].mean() < 0.7
    assert cpu < 2.0


def test_half_of_the_weeks_tell_the_same(fitted) -> None:
    daily, total, curves, _ = fitted
    days = pd.to_datetime(daily["day"])
    half = daily[days > days.min() + (days.max() - days.min()) / 2]
    late = returns(co.fit_response(half, total=total), half)["roi"]
    assert np.abs(np.log(late / returns(curves, daily)["roi"])).max() < 0.7


def test_the_plan_is_not_an_equal_split(fitted) -> None:
    _, _, curves, _ = fitted
    plan = co.allocate(curves, budget=float(curves.today.sum()) * 28, days=28)
    assert plan.spend.std() > 0.2 * plan.spend.mean()
    assert plan.uplift < 0.15
