"""Rotation and weekly steps: shares, floors, drift, regret; budgets that add up and improve."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from channelopt.errors import PLAIN, InputError
from channelopt.messages import TEMPLATES
from channelopt.plan.diagnosis import VERDICT_COLUMNS, Diagnosis
from channelopt.plan.messages import PlanError
from channelopt.plan.rotation import ROTATION_COLUMNS, chance_best, floor_of, rotation, shares
from channelopt.plan.weekly import STEP_COLUMNS, lead_quality, weekly_steps
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from bandit import RULES, regret


def weeks_of(rates, weeks=4, exposure=3000.0):
    rows = [
        {"week": w, "arm": arm, "exposure": exposure, "events": exposure * rate}
        for w in range(1, weeks + 1)
        for arm, rate in rates.items()
    ]
    return pd.DataFrame(rows)


def codes(found):
    for told in found.findings:
        assert "{" not in PLAIN.vformat(TEMPLATES[told.code], (), told.params)
    return [f.code for f in found.findings]


def test_the_better_arm_gets_more_and_all_keep_the_floor():
    found = rotation(weeks_of({"a": 0.02, "b": 0.03, "c": 0.015}))
    table = found.table.set_index("arm")
    assert list(found.table.columns) == list(ROTATION_COLUMNS) and found.week == 5
    assert table.index[0] == "b" and table["share"].sum() == pytest.approx(1)
    assert table["share"].min() >= found.floor - 1e-12 and found.floor == 0.02
    assert table.loc["b", "rate_low"] < table.loc["b", "rate"] < table.loc["b", "rate_high"]
    assert codes(found)[0] == "plan.rotation_leads"


def test_chances_by_quadrature():
    events, exposure = np.array([30.0, 40.0]), np.array([1000.0, 1100.0])
    common = events.sum() / exposure.sum()
    one, two = (stats.gamma(n + 2, scale=1 / (e + 2 / common)) for n, e in zip(events, exposure, strict=True))
    want = integrate.quad(lambda x: two.pdf(x) * one.cdf(x), 0, 0.2, points=[0.03, 0.05])[0]
    got = chance_best(events, exposure, np.random.default_rng(1), draws=40_000)
    assert got[1] == pytest.approx(want, abs=0.01) and got.sum() == pytest.approx(1)


def test_the_same_figures_give_the_same_split():
    history = weeks_of({"a": 0.02, "b": 0.022})
    first, second = rotation(history), rotation(history.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert not rotation(history, seed=1).table.equals(first.table)


def test_old_weeks_fade():
    history = pd.concat(
        [
            weeks_of({"a": 0.04, "b": 0.02}, 10),
            weeks_of({"a": 0.02, "b": 0.03}, 8).assign(week=lambda t: t["week"] + 10),
        ]
    )
    best = {
        memory: rotation(history, Policy(rotation_memory=memory)).table["arm"].iloc[0]
        for memory in (0.7, 1.0)
    }
    assert best == {0.7: "b", 1.0: "a"}


def test_late_conversions_are_not_missing_ones():
    history = weeks_of({"a": 0.02, "b": 0.02}, 2)
    late = history.assign(visible=np.where(history["arm"] == "a", 0.5, 1.0))
    late.loc[late["arm"] == "a", "events"] /= 2
    table = rotation(late).table.set_index("arm")
    assert table.loc["a", "rate"] == pytest.approx(table.loc["b", "rate"], rel=0.02)


def test_worth_counts():
    table = rotation(weeks_of({"a": 0.02, "b": 0.03}), worth={"a": 300.0, "b": 100.0}).table
    assert table["arm"].iloc[0] == "a" and table["worth"].tolist() == [300.0, 100.0]


def test_edges():
    empty = pd.DataFrame({"week": [], "arm": [], "exposure": [], "events": []})
    assert rotation(empty).table.empty and codes(rotation(empty)) == ["plan.rotation_nobody"]
    fresh = rotation(empty, arms=["x", "y", "z"])
    assert fresh.table["share"].tolist() == pytest.approx([1 / 3] * 3) and codes(fresh) == [
        "plan.rotation_new"
    ]
    assert fresh.table["rate"].isna().all()
    alone = rotation(weeks_of({"a": 0.02}))
    assert alone.table["share"].tolist() == [1.0] and codes(alone) == ["plan.rotation_alone"]
    same = rotation(weeks_of({"a": 0.02, "b": 0.02})).table["share"]
    assert same.to_numpy() == pytest.approx(0.5, abs=0.05)
    nothing = rotation(weeks_of({"a": 0.0, "b": 0.0}))
    assert nothing.table["share"].tolist() == [0.5, 0.5]
    newcomer = rotation(weeks_of({"a": 0.02, "b": 0.02}), arms=["a", "b", "new"]).table.set_index("arm")
    assert newcomer.loc["new", "share"] > 0.1  # what is not known may be the best
    huge = rotation(weeks_of({"a": 0.02, "b": 0.021}, exposure=1e12))
    assert huge.table["share"].iloc[0] == pytest.approx(0.98)
    assert floor_of(100, 0.05) == pytest.approx(0.005)
    assert shares(np.array([0.5, 0.5]), 0.0).tolist() == [0.5, 0.5]


def test_unknown_figures_do_not_count_and_impossible_ones_are_refused():
    history = weeks_of({"a": 0.02, "b": 0.03})
    gap = pd.concat(
        [history, pd.DataFrame({"week": [5], "arm": ["a"], "exposure": [np.nan], "events": [9e9]})]
    )
    assert rotation(gap).table.equals(rotation(history).table)
    for column, wrong in (("events", -1.0), ("exposure", -1.0), ("week", 1.5), ("visible", 1.5)):
        with pytest.raises(PlanError):
            rotation(history.assign(**{column: wrong}))
    with pytest.raises(PlanError):
        rotation(history, worth={"a": 0.0})
    with pytest.raises(InputError):
        rotation(history.drop(columns="events"))


@pytest.mark.parametrize("kind", ["still", "drift", "wear", "break"])
def test_it_loses_less_than_fixed_splits(kind):
    lost = {
        name: regret(RULES[name], kind, 60, 4, 3000, 11).mean()
        for name in ("equal", "rotation (the product)")
    }
    assert lost["rotation (the product)"] < 0.65 * lost["equal"]
    if kind != "still":
        committed = regret(RULES["4 weeks, then the best"], kind, 60, 4, 3000, 11).mean()
        assert lost["rotation (the product)"] < committed


# weekly steps


def diagnosis(**verdicts):
    table = pd.DataFrame({"channel": list(verdicts), "verdict": list(verdicts.values())})
    return Diagnosis(table.reindex(columns=list(VERDICT_COLUMNS)), (), Policy(), None, None)


def test_steps_keep_the_total_and_the_limits(world):
    for seed in range(8):
        curves = world(seed=seed, n=6)
        steps = weekly_steps(curves)
        assert steps.table["next"].sum() == pytest.approx(round(curves.today.sum(), 2), abs=0.001)
        assert (steps.table["change"].abs() <= 0.2 + 1e-4).all()
        assert steps.table["bid_factor"].tolist() == [1.0] * 6
        assert list(steps.table.columns) == list(STEP_COLUMNS)


def test_steps_lead_to_more(world):
    """26 weeks of steps on known curves come close to the best split, and no week is worse than the first."""
    curves = world(seed=3, n=5, noise=0.0)
    start = curves.outcome_draws(curves.today.to_numpy()).sum()
    now, path = curves, []
    for _ in range(26):
        spend = weekly_steps(now).table.set_index("channel")["next"]
        now = ResponseCurves.from_parameters(
            curves.top, curves.half, curves.slope, curves.keep, today=spend, channels=curves.channels
        )
        path.append(curves.outcome_draws(spend.to_numpy()).sum())
    assert min(path) > start and max(path) > 1.05 * start


def test_unsure_steps_are_small(world):
    sure, vague = (
        weekly_steps(world(seed=2, n=5, noise=noise)).table["change"].abs().mean() for noise in (0.05, 1.0)
    )
    assert vague < sure


def test_drops_go_down_and_unknown_channels_stay(world):
    curves = world(n=4)
    steps = weekly_steps(curves, diagnosis(ch0="drop", ch1="unknown", ch2="keep", ch3="test"))
    table = steps.table.set_index("channel")
    assert (
        table.loc["ch0", "change"] == pytest.approx(-0.2, abs=1e-3) and table.loc["ch0", "bid_factor"] == 0.9
    )
    assert table.loc["ch1", "change"] == pytest.approx(0, abs=1e-3)
    for told in table["reason"]:
        assert "{" not in PLAIN.vformat(TEMPLATES[told.code], (), told.params)
    all_out = weekly_steps(curves, diagnosis(ch0="drop", ch1="drop", ch2="drop", ch3="drop"))
    assert all_out.total == pytest.approx(0.8 * curves.today.sum(), abs=0.05) and "plan.week_less" in codes(
        all_out
    )


def test_better_leads_raise_the_bid(world):
    rng = np.random.default_rng(5)
    created = pd.date_range("2026-01-01", periods=120).repeat(10)
    better = np.where(created > created.max() - pd.Timedelta(days=28), 1.5, 1.0)
    listed = pd.DataFrame(
        {
            "created_at": created,
            "channel": "ch0",
            "expected_value": 100 * better * rng.lognormal(0, 0.5, 1200),
            "probability": 0.1,
        }
    )
    flat = listed.assign(channel="ch1", expected_value=100 * rng.lognormal(0, 0.5, 1200))
    few = listed.head(10).assign(channel="ch2")
    quality = lead_quality(pd.concat([listed, flat, few]))
    assert set(quality.index) == {"ch0", "ch1"} and quality.loc["ch0", "log_change"] == pytest.approx(
        np.log(1.5), abs=0.1
    )
    steps = weekly_steps(world(n=4), quality=quality).table.set_index("channel")
    assert steps.loc["ch0", "bid_factor"] == pytest.approx(1.1, abs=0.005)
    assert abs(steps.loc["ch1", "bid_factor"] - 1) < 0.1 and steps.loc["ch3", "bid_factor"] == 1
    without = weekly_steps(world(n=4)).table.set_index("channel")
    assert steps.loc["ch0", "chance_above"] >= without.loc["ch0", "chance_above"]
    assert lead_quality(listed.assign(expected_value=np.nan, probability=np.nan)).empty


def test_step_edges():
    one = weekly_steps(ResponseCurves.from_parameters(1000.0, 100.0, today=100.0, channels=["a"]))
    assert one.table["next"].tolist() == [100.0] and one.table["chance_above"].tolist() == [0.5]
    same = weekly_steps(
        ResponseCurves.from_parameters([[1000.0, 1000.0]], 100.0, today=100.0, channels=["a", "b"])
    )
    assert same.table["next"].tolist() == [100.0, 100.0]
    idle = weekly_steps(
        ResponseCurves.from_parameters([[1000.0, 1000.0]], 100.0, today=0.0, channels=["a", "b"])
    )
    assert idle.total == 0 and {f.code for f in idle.table["reason"]} == {"plan.week_paused"}


def test_what_moves_most_and_why_the_bid_moves():
    curves = ResponseCurves.from_parameters(
        np.tile([4000.0, 1500.0, 1000.0, 400.0], (1000, 1)), 100.0, today=100.0, channels=list("abcd")
    )
    quality = pd.DataFrame({"log_change": [0.3, 0.0], "sd": [0.01, 0.01]}, index=["a", "b"])
    steps = weekly_steps(curves, quality=quality)
    assert steps.largest[0] == "a" and steps.largest[1] in {"c", "d"}
    moved = steps.by_move["next"] - steps.by_move["today"]
    assert moved.is_monotonic_decreasing
    table = steps.table.set_index("channel")
    codes = {name: found.code for name, found in table["bid_reason"].items()}
    assert codes == {
        "a": "plan.week_bid_up",
        "b": "plan.week_bid_same",
        "c": "plan.week_bid_unknown",
        "d": "plan.week_bid_unknown",
    }
    assert table.loc["b", "bid_factor"] == 1  # for less than 1% no bid is touched
    dropped = weekly_steps(curves, diagnosis(a="drop", b="keep", c="keep", d="keep"), quality)
    assert dropped.table.set_index("channel").loc["a", "bid_reason"].code == "plan.week_bid_drop"
    bought = weekly_steps(
        curves, diagnosis(a="drop", b="keep", c="keep", d="drop"), quality, bidding={"a", "b"}
    )
    assert bought.table["bid_factor"].notna().tolist() == [True, True, False, False]
    assert [f.code for f in bought.table["bid_reason"]][2:] == ["plan.week_bid_none"] * 2
    nothing = weekly_steps(ResponseCurves.from_parameters(1000.0, 100.0, today=100.0, channels=["a"]))
    assert nothing.largest == ("", "")
