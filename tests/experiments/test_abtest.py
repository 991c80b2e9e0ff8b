"""A planned test on day rows: five outcomes, looks that are kept, words that agree with the interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from channelopt.errors import ChannelOptError
from channelopt.experiments.design import look_days
from channelopt.messages import TEMPLATES, sentence


def plan(**more):
    asked = {
        "events_per_day": 60.0,
        "smallest": 0.3,
        "value_per_day": 5000.0,
        "spend_per_day": 5000.0,
        "day_cv": 0.1,
    }
    return co.plan_test("cpl", **{**asked, **more})


def rows(days=28, lift=0.0, seed=1, leads=60, names=("A", "B"), share=0.5, first="2026-03-02"):
    rng = np.random.default_rng(seed)
    out = []
    for k, name in enumerate(names):
        part = share if k == 0 else (1 - share) / (len(names) - 1)
        clicks = rng.poisson(1500 * part, days)
        rate = leads / 1500 * (1 + (lift if k else 0.0))
        n = rng.binomial(clicks, rate)
        frame = pd.DataFrame({"day": pd.date_range(first, periods=days), "variant": name})
        out.append(frame.assign(clicks=clicks, spend=clicks * 2.0, leads=n))
    return pd.concat(out, ignore_index=True)


def said(reading):
    return [sentence(r.code, r.params) for r in reading.reasons]


def test_a_clear_winner_is_found_at_a_look_and_in_money():
    reading = co.ABTest(plan(days=28)).analyse(rows(lift=0.8))
    row = reading.table.iloc[0]
    assert reading.outcome == "winner" == row["outcome"]
    assert reading.judged in plan(days=28).looks and row["ci_high"] < 0  # a cost fell
    assert row["gain_per_month"] > 0 and row["gain_low"] > 0
    assert "B wins: CPL" in said(reading)[0]
    assert row["chance_to_win"] > 0.99
    assert reading.regret_of_waiting == pytest.approx(row["gain_per_month"] * 7 / 30)


def test_a_loser_by_the_same_words_turned_round():
    reading = co.ABTest(plan(days=28)).analyse(rows(lift=-0.5))
    assert reading.outcome == "loser"
    assert reading.table.iloc[0]["gain_high"] < 0
    assert reading.regret_of_waiting == 0


def test_between_looks_nothing_is_judged():
    early = co.ABTest(plan(days=28)).analyse(rows(days=5, lift=2.0))
    assert (early.outcome, early.judged, early.next_look) == ("keep_running", 0, 7)
    assert early.reasons[0].code == "experiments.before_look"
    assert early.table[["effect_size", "ci_low", "pvalue"]].isna().all(axis=None)
    whole = rows(days=13)
    at_seven = co.ABTest(plan(days=28)).analyse(whole[whole["day"] < "2026-03-09"])
    at_thirteen = co.ABTest(plan(days=28)).analyse(whole)
    assert at_seven.table.loc[0, "effect_size"] == at_thirteen.table.loc[0, "effect_size"]


def test_days_after_the_end_change_nothing():
    whole = rows(days=60, seed=4)
    ended = co.ABTest(plan(days=28)).analyse(whole[whole["day"] < "2026-03-30"])
    later = co.ABTest(plan(days=28)).analyse(whole)
    pd.testing.assert_frame_equal(ended.table, later.table)
    assert "experiments.past_end" in [r.code for r in later.reasons]
    assert later.next_look is None


def test_an_early_verdict_stands():
    good, bad = rows(days=7, lift=1.5), rows(days=21, lift=-0.6, first="2026-03-09", seed=2)
    reading = co.ABTest(plan(days=28)).analyse(pd.concat([good, bad]))
    assert (reading.outcome, reading.table.loc[0, "look"]) == ("winner", 7)


def test_no_difference_worth_acting_on():
    reading = co.ABTest(plan(days=56, smallest=0.25)).analyse(rows(days=56, leads=300, seed=3))
    assert reading.outcome == "equivalent"


def test_not_worse_and_the_same_are_goals_of_their_own():
    asked = plan(days=56, smallest=0.25, goal="not_worse")
    alike = co.ABTest(asked).analyse(rows(days=56, leads=300, seed=3))
    assert alike.outcome == "winner" and "is not worse" in said(alike)[0]
    worse = co.ABTest(asked).analyse(rows(days=56, leads=300, lift=-0.5, seed=3))
    assert worse.outcome == "loser"
    same = co.ABTest(plan(days=56, smallest=0.25, goal="same")).analyse(rows(days=56, leads=300, seed=3))
    assert same.outcome == "equivalent" and same.table.loc[0, "look"] < 56


def test_not_worse_is_rarely_said_of_what_is_worse_by_the_margin():
    asked = plan(days=28, smallest=0.25, goal="not_worse")
    said_so = sum(
        co.ABTest(asked).analyse(rows(days=28, lift=-0.2, seed=300 + k)).outcome == "winner"
        for k in range(120)
    )
    assert said_so / 120 < 0.08  # a fifth fewer leads: cost per lead a quarter higher


def test_money_waits_for_orders():
    frame = rows(lift=0.0).assign(
        customers=1, revenue=lambda f: f["leads"] * (1 + (f["variant"] == "B")) * 40.0
    )
    reading = co.ABTest(co.plan_test("roas", events_per_day=2, smallest=0.5, days=28)).analyse(frame)
    assert reading.outcome == "keep_running"
    assert reading.reasons[0].params["have"] == 28
    assert "28 orders are too few" in said(reading)[0]


def test_a_broken_split_stops_everything_unless_nobody_promised_one():
    frame = rows(share=0.7, lift=0.8)
    reading = co.ABTest(plan(days=28)).analyse(frame)
    assert (reading.outcome, reading.reasons[0].code) == ("data_problem", "experiments.split")
    chosen = co.ABTest(plan(days=28, unit="platform")).analyse(frame)
    assert chosen.outcome == "winner" and not chosen.is_test
    assert "experiments.platform_chose" in [r.code for r in chosen.reasons]


def test_three_variants_and_a_guardrail():
    frame = rows(names=("A", "B", "C"), share=1 / 3, lift=0.9)
    frame.loc[frame["variant"] == "C", "leads"] //= 2
    asked = plan(days=28, variants=("A", "B", "C"), guardrails=("cvr", "ctr"))
    reading = co.ABTest(asked).analyse(frame)
    assert reading.outcome == "winner"
    assert list(reading.table["variant"]) == ["B", "C"]
    codes = [r.code for r in reading.reasons]
    assert "experiments.guardrail_unknown" in codes  # no impressions in the rows
    shrunk = reading.table["rel_shrunk"].abs()
    assert (shrunk <= reading.table["rel_effect_size"].abs().max()).all()


@pytest.mark.parametrize("days", [0, 1, 2, 3, 8])
def test_little_data_gives_a_status_never_an_exception(days):
    for frame in (rows(days=days), rows(days=days).assign(leads=0), rows(days=days).query("variant == 'A'")):
        reading = co.ABTest(plan(days=14)).analyse(frame)
        assert reading.outcome in ("keep_running", "data_problem")
        assert all(sentence(r.code, r.params) for r in reading.reasons)


def test_a_missing_column_is_named():
    with pytest.raises(ChannelOptError, match="leads"):
        co.ABTest(plan()).analyse(rows().drop(columns="leads"))


def test_the_plan_says_what_it_can_see():
    found = plan()
    assert found.days % 7 == 0 and found.mde <= found.smallest
    assert found.cost == 5000 * found.days
    curve = found.power_curve([0.0, found.mde, found.smallest])["power"]
    assert curve[0] == pytest.approx(0.05, abs=0.012) and curve[1] == pytest.approx(0.8, abs=0.01)
    poor = plan(events_per_day=2.0)
    assert poor.findings[0].code == "experiments.cannot_see" and poor.mde > 0.3
    assert plan(smallest=None, smallest_money=15_000).smallest == pytest.approx(0.1)
    assert look_days(28, 7) == (7, 14, 21, 28) and look_days(10, 1) == (7, 8, 9, 10)


def test_planned_power_is_reached_and_false_winners_are_not():
    asked = plan()
    sims, wins, wrong = 150, 0, 0
    for k in range(sims):
        noisy = rows(days=asked.days, lift=1 / 0.7 - 1, seed=100 + k)
        wins += co.ABTest(asked).analyse(noisy).outcome == "winner"
        none = co.ABTest(asked).analyse(rows(days=asked.days, seed=900 + k))
        wrong += none.outcome in ("winner", "loser")
    assert wins / sims > 0.75
    assert wrong / sims < 0.11


@pytest.mark.parametrize(
    "more",
    [
        {"events_per_day": 0.0},
        {"smallest": None},
        {"smallest": 1.5},
        {"variants": ("A",)},
        {"variants": ("A", "A")},
        {"shares": (1.0, 0.0)},
        {"alpha": 0.7},
        {"goal": "wonder"},
        {"unit": "cookie"},
        {"guardrails": ("luck",)},
        {"day_cv": float("nan")},
    ],
)
def test_impossible_plans_are_refused(more):
    with pytest.raises(ChannelOptError) as refused:
        plan(**more)
    assert refused.value.code in TEMPLATES


def test_looking_at_any_time_costs_power_and_nothing_else():
    asked = plan(mode="anytime", days=28)
    assert asked.looks[:2] == (7, 8) and asked.chance < plan(days=28).chance
    clear = co.ABTest(asked).analyse(rows(days=40, lift=0.8))
    assert clear.outcome == "winner" and clear.table.loc[0, "look"] < 28
    past = co.ABTest(asked).analyse(rows(days=40, seed=6))
    assert past.judged == 40 and past.next_look is None
    assert "experiments.past_end" not in [r.code for r in past.reasons]
    wrong = sum(
        co.ABTest(asked).analyse(rows(days=40, seed=500 + k)).outcome in ("winner", "loser")
        for k in range(150)
    )
    assert wrong / 150 < 0.05


def test_a_decided_treatment_hands_its_share_of_the_error_on():
    frame = rows(names=("A", "B", "C"), share=1 / 3, lift=0.9)
    two = plan(days=28, variants=("A", "B", "C"))
    beside = co.ABTest(two).analyse(frame).table.set_index("variant")
    frame.loc[frame["variant"] == "C", "leads"] = rows(names=("A", "C"), share=2 / 3, seed=7)[
        "leads"
    ].to_numpy()[28:]
    got = co.ABTest(two).analyse(frame).table.set_index("variant")
    alone = co.ABTest(plan(days=28, variants=("A", "C"))).analyse(frame).table.set_index("variant")
    assert got.loc["B", "outcome"] == "winner"
    assert got.loc["C", "ci_high"] == pytest.approx(alone.loc["C", "ci_high"])
    assert beside.loc["C", "outcome"] == "winner"


def test_what_else_moved_is_told_apart_from_the_verdict():
    reading = co.ABTest(plan(days=28)).analyse(rows(lift=0.8))
    others = reading.others.set_index("metric")
    assert (
        others.loc["cvr", "qvalue"] < 0.001 and others.loc["cpc", "qvalue"] > 0.01
        if "cpc" in others.index
        else True
    )
    assert "cpl" not in others.index


def test_equivalence_needs_more_than_a_difference():
    same, better = plan(days=28, goal="same"), plan(days=28)
    assert same.chance < better.chance and same.chance == pytest.approx(2 * better.chance - 1)


def test_days_as_segments_show_simpson():
    rng = np.random.default_rng(1)
    parts = []
    for k, day in enumerate(pd.date_range("2026-03-02", periods=28)):
        good = k % 2 == 0  # B gets most clicks on the good days, and is worse on every day
        for name, clicks, rate in (("A", 300 if good else 1200, 0.10 if good else 0.03),
                                   ("B", 1200 if good else 300, 0.085 if good else 0.022)):  # fmt: skip
            parts.append({"day": day, "variant": name, "clicks": clicks, "spend": 100.0,
                          "leads": rng.binomial(clicks, rate)})  # fmt: skip
    reading = co.ABTest(co.plan_test("cvr", events_per_day=60, smallest=0.2, days=28)).analyse(
        pd.DataFrame(parts)
    )
    assert (reading.outcome, reading.reasons[0].code) == ("data_problem", "experiments.simpson")
