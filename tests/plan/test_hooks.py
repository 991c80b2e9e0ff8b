"""Hooks: capture rates, lifts without their luck, and moving money beside fixing the hook."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from channelopt.demo import load_demo
from channelopt.errors import PLAIN, InputError
from channelopt.experiments.abtest import ABTest
from channelopt.experiments.design import plan_test
from channelopt.experiments.luck import drawn_back, without_luck
from channelopt.experiments.record import recorded, settings_of
from channelopt.experiments.rows import history_of, plan_from, variant_rows
from channelopt.ledger import Ledger
from channelopt.measure.counts import jeffreys_share
from channelopt.messages import TEMPLATES
from channelopt.plan.actions import actions
from channelopt.plan.diagnosis import diagnose
from channelopt.plan.hooks import (
    HOOK_COLUMNS,
    TEST_COLUMNS,
    channels_of,
    hook_board,
    rows_of_tests,
)
from channelopt.plan.messages import PlanError
from channelopt.plan.moveorfix import CHOICE_COLUMNS, move_or_fix
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

NOTES, SEARCH = "种草笔记-光子嫩肤", "搜索拦截-医美攻略"
HOOKS = {"trial": ("xiaohongshu", [NOTES]), "guide": ("xiaohongshu", [SEARCH]), "ghost": ("baidu", ["?"])}


@pytest.fixture(scope="module")
def demo():
    with Ledger.open(":memory:", name="demo", currency="CNY") as ledger:
        load_demo(ledger)
        yield ledger


def days_of(rate, days=40, clicks=1000.0, campaign="x", seed=1):
    rng = np.random.default_rng(seed)
    leads = rng.poisson(clicks * rate, days).astype(float)
    return pd.DataFrame({
        "day": pd.date_range("2026-01-01", periods=days), "channel": "c", "campaign": campaign,
        "spend": clicks, "clicks": clicks, "leads": leads, "platform_leads": leads,
    })  # fmt: skip


def test_capture_rates_by_hand():
    daily = pd.concat([days_of(0.05, campaign="x"), days_of(0.03, campaign="y", seed=2)])
    board = hook_board(daily, {"sample": ("c", ["x"]), "none": ("c", ["y"])})
    assert list(board.hooks.columns) == list(HOOK_COLUMNS) and list(board.tests.columns) == list(TEST_COLUMNS)
    first, second = board.hooks.iloc[0], board.hooks.iloc[1]
    assert first["hook"] == "sample" and first["capture"] == first["leads"] / first["clicks"]
    assert first["against_others"] == second["capture"]
    low, high = jeffreys_share(first["leads"], first["clicks"])
    assert first["capture_low"] == pytest.approx(float(low), rel=0.03)
    assert first["capture_high"] == pytest.approx(float(high), rel=0.03)
    assert first["counted_by"] == "crm"


def test_the_demo_counts_by_the_platform(demo):
    board = hook_board(demo.daily(by=("day", "channel", "campaign")), HOOKS)
    table = board.hooks.set_index("hook")
    assert table.loc["trial", "counted_by"] == "platform" and table.loc["trial", "capture"] > 0
    assert np.isnan(table.loc["ghost", "capture"])
    codes = [f.code for f in board.findings]
    assert codes == ["plan.hook_no_clicks", "plan.hook_platform_leads", "plan.hook_comparison"]


def test_where_nobody_counts_leads_the_other_hooks_are_unknown_too(demo):
    hooks = {"a": ("google_ads", ["Search - Brand (EN)"]), "b": ("google_ads", ["Display - Expats"])}
    table = hook_board(demo.daily(by=("day", "channel", "campaign")), hooks).hooks
    assert table[["capture", "leads", "against_others"]].isna().all(axis=None)


def test_no_hooks_and_impossible_hooks():
    daily = days_of(0.05)
    empty = hook_board(daily, {})
    assert empty.hooks.empty and empty.tests.empty and empty.findings == ()
    with pytest.raises(PlanError):
        hook_board(daily, {"a": ("c", ["x"]), "b": ("c", ["x"])})
    with pytest.raises(InputError):
        hook_board(daily.drop(columns="clicks"), {})


def test_a_recorded_test_is_on_the_board(demo):
    daily = demo.daily(by=("day", "channel", "campaign"))
    variants = {"A": [SEARCH], "B": [NOTES]}
    plan = plan_from(history_of(variant_rows(daily, "xiaohongshu", variants), "cvr"), "cvr", smallest=0.2)
    settings = settings_of(plan, "xiaohongshu", variants, kind="hook")
    number = demo.add_experiment("trial or guide", settings, dt.date(2026, 6, 1), by="t")
    tests = recorded(demo, daily)
    board = hook_board(daily, HOOKS, tests, channels_of(demo.experiments()))
    row = board.tests.iloc[0]
    assert row["number"] == number and row["channel"] == "xiaohongshu" and row["readable"]
    assert row["lift_low"] <= row["lift"] <= row["lift_high"]
    assert abs(row["expected_lift"]) <= abs(row["lift"]) + 1e-3 and 0 < row["share"] < 1
    other = demo.add_experiment("bids", settings | {"kind": "bid"}, dt.date(2026, 6, 1), by="t")
    again = rows_of_tests(recorded(demo, daily), {}, Policy())
    assert other not in set(again["number"]) and set(again["channel"]) == {""}


def test_drawing_back():
    mean, sd = drawn_back(0.2, 1e-6, False, 0.1)
    assert (mean, sd) == (pytest.approx(np.log(1.2)), pytest.approx(1e-6, rel=0.1))
    mean, _ = drawn_back(0.2, 0.1 * 0.2 / np.log(1.2), False, 0.1)  # as noisy as hooks differ: half
    assert mean == pytest.approx(np.log(1.2) / 2)
    assert drawn_back(-0.2, 0.05, True, 0.1)[0] > 0 > drawn_back(0.2, 0.05, True, 0.1)[0]
    assert drawn_back(0.0, 0.05, False, 0.1)[0] == 0
    for wrong in ((-1.0, 0.1), (0.2, 0.0), (0.2, np.nan), (np.nan, 0.1)):
        assert np.isnan(drawn_back(*wrong, False, 0.1)).all()


def test_winners_deliver_what_is_promised():
    """Lifts of 10% (sd), noise of 8%: winners seem 20% better, the promise is what they truly bring."""
    rng = np.random.default_rng(4)
    truth = rng.normal(0, 0.1, 20_000)
    seen = truth + rng.normal(0, 0.08, 20_000)
    won = seen > 1.96 * 0.08
    promised = np.array([drawn_back(np.expm1(y), 0.08 * np.expm1(y) / y, False, 0.1)[0] for y in seen[won]])
    assert promised.mean() == pytest.approx(truth[won].mean(), rel=0.03)
    assert seen[won].mean() > 1.3 * truth[won].mean()


def curves_of(tops=(1000.0, 4000.0), draws=400, noise=0.1, today=1000.0, **others):
    rng = np.random.default_rng(1)
    names = [f"c{i}" for i in range(len(tops))]
    return ResponseCurves.from_parameters(
        np.array(tops) * rng.lognormal(0, noise, (draws, len(tops))),
        1000.0,
        today=today,
        channels=names,
        **others,
    )


def made_tests(*rows):
    full = dict.fromkeys(TEST_COLUMNS, np.nan) | {
        "readable": True,
        "outcome": "winner",
        "share": 0.0,
        "channel": "c1",
    }
    return pd.DataFrame(
        [full | {"number": i, "name": f"t{i}"} | row for i, row in enumerate(rows)],
        columns=list(TEST_COLUMNS),
    )


def test_both_on_one_scale_by_hand():
    curves = curves_of(noise=0.0, draws=2)
    found = move_or_fix(curves, made_tests({"log_mean": np.log(1.1), "log_sd": 0.0}), amount=3000, days=30)
    table = found.table.set_index("action")
    move = 30 * ((4000 * (1100 / 2100 - 0.5)) + 1000 * (900 / 1900 - 0.5))
    assert table.loc["move", "value"] == pytest.approx(move)
    assert table.loc["move", ["channel", "from_channel"]].tolist() == ["c1", "c0"]
    assert table.loc["hook", "value"] == pytest.approx(30 * 2000 * 0.1)
    assert table.loc["hook", "beats_move"] == 1 and table.loc["hook", "chance_best"] == 1
    assert found.findings[0].code == "plan.fix_hook" and list(found.table.columns) == list(CHOICE_COLUMNS)


def test_who_sees_the_winner_already_gains_nothing():
    half = {"log_mean": np.log(1.1), "log_sd": 0.0, "share": 0.5}
    found = move_or_fix(curves_of(noise=0.0, draws=2), made_tests(half)).table.set_index("action")
    assert found.loc["hook", "value"] == pytest.approx(60_000 * 0.5 * 0.1 / 1.05)


def test_open_and_lost_tests_are_shown_but_not_ready():
    rows = (
        {"log_mean": 0.3, "log_sd": 0.1, "outcome": "keep_running"},
        {"log_mean": -0.3, "log_sd": 0.1, "outcome": "loser"},
    )
    rows += (
        {"log_mean": 0.0, "log_sd": 0.1, "outcome": "equivalent", "state": "ended"},
        {"log_mean": 0.0, "log_sd": 0.1, "outcome": "keep_running", "state": "ended"},
    )
    found = move_or_fix(curves_of(), made_tests(*rows))
    table = found.table.set_index("what")
    codes = [table.loc[t, "reason"].code for t in ("t2", "t3")]
    assert codes == ["plan.hook_even", "plan.hook_undecided"] and table.loc["t2", "outcome"] == "equivalent"
    for told in table["reason"]:
        assert "{" not in PLAIN.vformat(TEMPLATES[told.code], (), told.params)
    assert not table.loc[["t0", "t1"], "ready"].any() and (table.loc[["t0", "t1"], "chance_best"] == 0).all()
    assert found.findings[0].code == "plan.move_money"
    assert [table.loc[t, "reason"].code for t in ("t0", "t1")] == ["plan.hook_open", "plan.hook_lost"]


def test_edges():
    one = move_or_fix(curves_of((1000.0,)), made_tests())
    assert one.table.empty and [f.code for f in one.findings] == ["plan.nothing_to_choose", "plan.no_move"]
    same = move_or_fix(curves_of((1000.0, 1000.0), noise=0.0, draws=2), made_tests())
    assert same.findings[0].code == "plan.neither"
    small = move_or_fix(curves_of(today=10.0), made_tests(), amount=10_000)
    assert small.amount == pytest.approx(300) and "plan.move_less" in [f.code for f in small.findings]
    leads = move_or_fix(curves_of(outcome="leads", value=np.nan), made_tests())
    assert not leads.in_money and leads.findings[-1].code == "plan.choice_no_worth"
    far = move_or_fix(curves_of(), made_tests({"log_mean": 0.1, "log_sd": 0.1, "channel": "elsewhere"}))
    assert set(far.table["action"]) == {"move"} and "plan.hook_no_channel" in [f.code for f in far.findings]
    pair = move_or_fix(curves_of(), made_tests(), pair=("c1", "c0"))
    assert pair.table["value"].iloc[0] < 0
    for wrong in ({"amount": 0}, {"days": 0.5}, {"pair": ("c0", "c0")}, {"pair": ("c0", "?")}):
        with pytest.raises(PlanError):
            move_or_fix(curves_of(), made_tests(), **wrong)


def test_an_unsure_choice_says_so():
    found = move_or_fix(curves_of(noise=0.5), made_tests({"log_mean": 0.05, "log_sd": 0.05}))
    assert found.findings[1].code == "plan.choice_unsure"
    for told in (*found.findings, *found.table["reason"]):
        assert "{" not in PLAIN.vformat(TEMPLATES[told.code], (), told.params)


def test_a_real_winner_is_ready():
    plan = plan_test(
        "cvr",
        variants=("A", "B"),
        events_per_day=100,
        day_cv=0.05,
        spend_per_day=10,
        value_per_day=10,
        smallest=0.2,
    )
    frame = pd.concat(
        [days_of(0.03, 60, seed=5).assign(variant="A"), days_of(0.045, 60, seed=6).assign(variant="B")]
    )
    reading = ABTest(plan).analyse(frame)
    assert reading.outcome == "winner" and "rel_se" in reading.table


def test_one_test_has_one_figure_without_its_luck(demo):
    """Overview, Experiments and the hooks say the same, in the metric's own sign, with its money."""
    found = recorded(demo, demo.daily(by=("day", "channel", "campaign")))
    won = next(o for o in found if o.kind == "hook" and o.reading.outcome == "winner")
    policy = demo.policy
    row = rows_of_tests(found, {}, policy).set_index("number").loc[won.number]
    left = without_luck(won.effect, won.plan, policy.usual_lift, policy.interval)
    assert row["effect"] == won.effect["rel_effect_size"] and row["expected_effect"] == left.effect
    todo = next(a for a in actions(diagnose(demo), found, limit=99) if a.code == "ship")
    assert (todo.params["effect"], todo.value) == (row["expected_effect"], row["gain"])
    assert todo.params["effect"] == pytest.approx(0.196, abs=0.001)  # +33.0% as seen
    assert (todo.low, todo.high) == (row["gain_low"], row["gain_high"]) and todo.low < todo.value < todo.high
    assert todo.value == pytest.approx(won.effect["gain_per_month"] * left.effect / row["effect"])


def test_a_cost_keeps_its_own_sign():
    costs = {"events_per_day": 100, "day_cv": 0.05, "spend_per_day": 10, "value_per_day": 10, "smallest": 0.2}
    plan = plan_test("cpl", variants=("A", "B"), **costs)
    left = without_luck({"rel_effect_size": 0.1, "rel_se": 0.01}, plan, 0.1, 0.9)
    assert left.effect > 0 > left.lift and left.gain == pytest.approx(-left.effect * 300)
    assert left.gain_low < left.gain < left.gain_high < 0
    assert np.isnan(without_luck({"rel_effect_size": np.nan, "rel_se": 0.1}, plan, 0.1, 0.9).gain)


@pytest.mark.parametrize(("metric", "sign"), [("cvr", 1.0), ("cpl", -1.0)])
def test_of_several_treatments_the_more_cautious_figure_counts(metric, sign):
    plan = plan_test(metric, events_per_day=200.0, smallest=0.2, day_cv=0.1)
    row = {"rel_effect_size": sign * 0.2, "rel_se": 0.05, "rel_shrunk": sign * 0.2}
    alone = without_luck(row, plan, 0.1, 0.9)
    among = without_luck(row | {"rel_shrunk": sign * 0.01}, plan, 0.1, 0.9)
    assert 0.1 < abs(alone.effect) < 0.2
    assert abs(among.effect) == pytest.approx(0.01, abs=0.003)
    assert np.sign(among.effect) == np.sign(alone.effect) == sign
