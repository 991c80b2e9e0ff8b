"""Room to grow: the closed form, a fine grid, bands, and what cannot be said."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import PLAIN, ChannelOptError
from channelopt.plan.headroom import MONTH, break_even, floor_spend, headroom
from channelopt.plan.messages import MESSAGES
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import headroom as bench


def test_slope_one_has_a_closed_form():
    rng = np.random.default_rng(1)
    top, half = rng.lognormal(8, 2, 500), rng.lognormal(6, 2, 500)
    want = np.maximum(np.sqrt(top * half / 2.0) - half, 0.0)
    assert floor_spend(top, half, 1.0, 2.0) == pytest.approx(want, rel=1e-9, abs=1e-9)


def test_any_slope_is_the_last_point_of_a_fine_grid():
    rng = np.random.default_rng(2)
    x = np.geomspace(1e-4, 1e7, 400_001)
    for _ in range(60):
        top, half, slope = rng.lognormal(8, 1), rng.lognormal(6, 1), rng.uniform(0.4, 3)
        level = 1 / (1 + (half / x) ** slope)
        steep = top * level * (1 - level) * slope / x
        above = np.flatnonzero(steep >= 1.5)
        want = x[above[-1]] if len(above) else 0.0
        assert float(floor_spend(top, half, slope, 1.5)) == pytest.approx(want, rel=2e-4, abs=2e-4)


def test_the_next_unit_at_the_floor_brings_the_floor(world):
    curves = world(3, n=4, draws=50, slope=(0.6, 2.0))
    limit = floor_spend(curves.top, curves.half, curves.slope, 2.0)
    for d in range(curves.draws):
        one = curves.slope_draws(np.maximum(limit[d], 1e-9))[d]
        assert one[limit[d] > 1] == pytest.approx(2.0, rel=1e-6)


def test_the_table_is_a_loop_over_draws(world):
    curves = world(4, n=3, draws=150)
    found = headroom(curves, 1.5, doubt=0.0)
    for c, name in enumerate(curves.channels):
        row = found.table.set_index("channel").loc[name]
        limit = [float(floor_spend(*(v[d, c] for v in (curves.top, curves.half, curves.slope)), 1.5))
                 for d in range(150)]  # fmt: skip
        assert row[["floor_low", "floor_spend", "floor_high"]].tolist() == pytest.approx(
            np.quantile(limit, [0.05, 0.5, 0.95]).tolist()
        )
        now, then = (curves.outcome_draws(np.full(3, x))[:, c] for x in (row["today"], row["floor_spend"]))
        assert row["brings"] == pytest.approx((then - now).mean() * MONTH)
        assert row["extra"] == pytest.approx((row["floor_spend"] - row["today"]) * MONTH)
        assert row["p_room"] == pytest.approx((np.array(limit) > row["today"]).mean())
        assert row["mroi"] == pytest.approx(curves.mroi().loc[name, "mean"])


def test_room_full_and_open_and_the_steps():
    # slope 1, half 100: floor 2 is reached at sqrt(50 top) - 100
    top = np.array([[8000.0, 250.0, 800.0], [8000.0, 250.0, 1000.0]])
    curves = ResponseCurves.from_parameters(top, 100.0, today=[200.0, 50.0, 110.0], channels=["r", "f", "u"])
    found = headroom(curves, doubt=0.0)
    assert list(found.table["status"]) == ["room", "full", "unsure"]
    steps = found.steps[found.steps["channel"] == "r"]
    assert steps["spend"].iloc[-1] == pytest.approx(np.sqrt(50 * 8000) - 100)
    assert (steps["spend"].diff().dropna() > 0).all() and (steps["mroi"].diff().dropna() < 0).all()
    assert steps["mroi"].iloc[-1] == pytest.approx(2.0)
    assert steps["spend"].iloc[0] <= 200 * 1.2 * (1 + 1e-9)
    assert found.steps[found.steps["channel"] == "f"].empty
    row = found.table.iloc[0]
    assert row["no_data"] and row["seen_high"] == 400
    codes = [f.code for f in found.findings]
    assert [c.removeprefix("plan.headroom_") for c in codes] == ["room", "no_data", "full", "unsure"]
    for f in found.findings:
        assert "{" not in PLAIN.vformat(MESSAGES[f.code], (), dict(f.params))


def test_a_lower_floor_gives_more_room(world):
    curves = world(5)
    floors = (3.0, 2.0, break_even(Policy(margin=0.8)))
    tables = [headroom(curves, floor).table["floor_spend"] for floor in floors]
    assert (tables[0] <= tables[1]).all() and (tables[1] <= tables[2]).all()
    assert break_even(Policy()) == 1.0


def test_leads_count_in_money_and_unknown_worth_is_unknown(world):
    curves = world(6, n=2, outcome="leads", value=np.array([50.0, np.nan]))
    found = headroom(curves).table.set_index("channel")
    assert found.loc["ch1", "status"] == "unknown" and np.isnan(found.loc["ch1", "floor_spend"])
    money = replace(curves, top=curves.top * 50, outcome="revenue", value=np.ones_like(curves.value))
    assert found.loc["ch0", "floor_spend"] == pytest.approx(headroom(money).table["floor_spend"].iloc[0])
    profit = headroom(replace(money, outcome="profit"))
    assert profit.floor == 1.0
    given = headroom(curves, value=50.0)
    assert set(given.table["status"]) != {"unknown"}


def test_edges(world):
    never = ResponseCurves.from_parameters(1e-9, 1.0, today=10.0, channels=["a"])
    row = headroom(never).table.iloc[0]
    assert row["floor_spend"] == 0 and row["status"] == "full"
    assert "plan.headroom_nowhere" in {f.code for f in headroom(never).findings}
    idle = headroom(ResponseCurves.from_parameters(1e5, 1e3, today=0.0, channels=["a"]))
    assert idle.table["status"].iloc[0] == "room" and len(idle.steps) > 3
    huge = headroom(ResponseCurves.from_parameters(1e18, 1e12, 0.5, today=1e9, channels=["a"])).table
    assert np.isfinite(huge.drop(columns=["channel", "status"]).to_numpy(float)).all()
    tiny = headroom(ResponseCurves.from_parameters(0.0, 1e-9, 8.0, today=0.0, channels=["a"])).table
    assert tiny["floor_spend"].iloc[0] == 0
    for floor in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ChannelOptError):
            headroom(world(7), floor)


def test_a_doubt_about_attribution_widens_the_band(world):
    curves = world(8, n=4, draws=400)
    sure, doubtful = (headroom(curves, doubt=d).table for d in (0.0, 0.4))
    wide = [t["floor_high"] - t["floor_low"] for t in (sure, doubtful)]
    assert (wide[1] > wide[0]).all()
    assert (doubtful["status"] != "unsure").sum() <= (sure["status"] != "unsure").sum()
    pd.testing.assert_frame_equal(doubtful, headroom(curves, doubt=0.4).table)
    assert doubtful["mroi"].tolist() == pytest.approx(sure["mroi"].tolist())  # as on the other pages
    with pytest.raises(ChannelOptError):
        headroom(curves, doubt=-0.1)


def test_the_band_covers_a_truth_drawn_from_the_belief():
    found = bench.belief(250, 3, draws=200)
    assert 0.84 <= found["covered"] <= 0.96 and found["wrong"] <= 0.1


def test_what_is_sure_ends_where_the_data_end(world):
    curves = world(3, n=3, noise=0.1)
    today = curves.today.reindex(list(curves.channels)).to_numpy()
    for seen, capped in ((1.1 * today, True), (1e9 * today, False)):
        ranges = pd.DataFrame({"low": 0.0, "high": seen}, index=list(curves.channels))
        found = headroom(replace(curves, observed_range=ranges), 0.3)
        table = found.table
        until = np.minimum(table["sure_spend"], table["seen_high"])
        assert table["sure_extra"].to_numpy() == pytest.approx(((until - table["today"]) * MONTH).to_numpy())
        row = found.surest
        assert row is not None and row["sure_extra"] == table["sure_extra"].max() > 0
        assert (row["sure_spend"] > row["seen_high"]) == capped and row["sure_extra"] <= row["extra"]
    guess = replace(curves, identified=pd.Series("no", index=list(curves.channels)))
    assert headroom(guess, 0.3).surest is None
    assert headroom(curves, 1e6).surest is None
