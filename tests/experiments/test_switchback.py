"""Switchbacks: the plan, the closed form against loops, the verdict, and rows that are not as planned."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.experiments import SwitchbackPlan, SwitchbackTest, paired_ratio_test, plan_switchback
from channelopt.experiments.messages import ExperimentError
from channelopt.experiments.metrics import metric_of
from channelopt.experiments.switchback_pairs import DRAWN, Pairs, day_series, flips, scores, sliding_pairs
from channelopt.messages import TEMPLATES, sentence

START = pd.Timestamp("2026-07-06")


def campaign(days, seed=1, noise=0.05, multiplier=1.0, first="2026-01-05", clicks=1000):
    rng = np.random.default_rng(seed)
    n = rng.poisson(clicks, days)
    mean = n * 0.05 * np.exp(rng.normal(0, noise, days)) * (1 + 0.2 * (np.arange(days) % 7 == 5))
    leads = rng.poisson(mean * multiplier).astype(float)
    return pd.DataFrame(
        {
            "day": pd.date_range(first, periods=days), "clicks": n.astype(float), "spend": 2.0 * n,
            "leads": leads, "customers": np.round(leads / 2), "revenue": 90.0 * leads,
        }
    )  # fmt: skip


HISTORY = campaign(168)
PLAN = plan_switchback(HISTORY, "cvr", smallest=0.1, value_per_day=1000.0)


def run(plan, lift, seed=2, **more):
    on = np.repeat([name == plan.variants[1] for name in plan.blocks], plan.block_days)
    return campaign(plan.days, seed, multiplier=1 + lift * on, first=START, **more)


def codes(findings):
    return [f.code.removeprefix("experiments.") for f in findings]


def read(rows, plan=PLAN):
    reading = SwitchbackTest(plan, START).analyse(rows)
    for reason in (*reading.reasons, *plan.findings):
        assert reason.code in TEMPLATES and sentence(reason.code, reason.params)
    row = reading.table.iloc[0]
    if np.isfinite(row["pvalue"]) and np.isfinite(row["rel_ci_high"]) and np.isfinite(row["rel_ci_low"]):
        assert (row["pvalue"] > plan.alpha) == (row["rel_ci_low"] <= 0 <= row["rel_ci_high"])
        assert (row["ci_low"] <= 0 <= row["ci_high"]) == (row["rel_ci_low"] <= 0 <= row["rel_ci_high"])
    return reading


def test_a_plan_says_which_weeks_get_which_and_what_it_sees():
    assert PLAN.pairs >= 6 and PLAN.days == 14 * PLAN.pairs and PLAN.weeks == 2 * PLAN.pairs
    assert PLAN.chance >= 0.8 and PLAN.mde <= 0.1 and not PLAN.findings
    assert PLAN.cost == pytest.approx(HISTORY["spend"].mean() * PLAN.days)
    for k in range(PLAN.pairs):
        assert set(PLAN.blocks[2 * k : 2 * k + 2]) == {"A", "B"}
    table = PLAN.calendar(START)
    assert table["first_day"].iloc[0] == START and table["last_day"].iloc[-1] == START + pd.Timedelta(
        days=PLAN.days - 1
    )
    assert (table["used_from"] - table["first_day"]).dt.days.eq(1).all()
    assert (
        table["first_day"].iloc[1:].tolist() == (table["last_day"].iloc[:-1] + pd.Timedelta(days=1)).tolist()
    )
    assert plan_switchback(HISTORY, "cvr", smallest=0.1, value_per_day=1000.0) == PLAN
    orders = {plan_switchback(HISTORY, "cvr", smallest=0.1, pairs=8, seed=s).order for s in range(5)}
    assert len(orders) > 1


def test_a_plan_can_be_written_down():
    assert SwitchbackPlan.from_settings(json.loads(json.dumps(PLAN.to_settings()))) == PLAN
    short = plan_switchback(HISTORY.iloc[:20], "cpl", smallest=0.1)
    stored = json.loads(json.dumps(short.to_settings(), allow_nan=False))
    assert SwitchbackPlan.from_settings(stored).to_settings() == short.to_settings()
    for spoil in (
        {"order": []},
        {"order": ["C"]},
        {"variants": ["A", "A"]},
        {"metric": "x"},
        {"x": 1},
        {"mde": "y"},
    ):
        with pytest.raises(InputError):
            SwitchbackPlan.from_settings({**PLAN.to_settings(), **spoil})


@pytest.mark.parametrize(
    "bad",
    [{"smallest": 0.0}, {"block_days": 0}, {"washout_days": 7}, {"washout_days": -1}, {"alpha": 0.0},
     {"power": 0.0}, {"pairs": 0}, {"value_per_day": float("inf")}, {"variants": ("A", "A")}],
)  # fmt: skip
def test_settings_no_test_can_have_are_refused(bad):
    with pytest.raises(InputError):
        plan_switchback(HISTORY, "cvr", **{"smallest": 0.1, **bad})


def brute(ta, ba, tb, bb, phi):
    """P-value by loops: every way round of every pair, differences of linearised residuals."""
    tb = [t * phi for t in tb]
    ratio = (sum(ta) + sum(tb)) / (sum(ba) + sum(bb))
    z = [(t2 - ratio * d2) - (t1 - ratio * d1) for t1, d1, t2, d2 in zip(ta, ba, tb, bb, strict=True)]
    real = abs(sum(z))
    signs = list(itertools.product((1, -1), repeat=len(z)))
    return np.mean([abs(sum(s * v for s, v in zip(sign, z, strict=True))) >= real - 1e-9 for sign in signs])


def blocks_of(plan, rows, top, base):
    """Sums by pair and side, by loops over the calendar."""
    sums = {"A": ([], []), "B": ([], [])}
    for block in plan.calendar(START).to_dict("records"):
        used = rows[(rows["day"] >= block["used_from"]) & (rows["day"] <= block["last_day"])]
        sums[block["variant"]][0].append(float(used[top].sum()))
        sums[block["variant"]][1].append(float(used[base].sum()))
    return (*sums["A"], *sums["B"])


@pytest.mark.parametrize(("metric", "top", "base"), [("cvr", "leads", "clicks"), ("cpl", "leads", "spend")])
def test_the_verdict_by_a_second_road(metric, top, base):
    plan = plan_switchback(HISTORY, metric, smallest=0.1, pairs=7)
    rows = run(plan, 0.06)
    row = read(rows, plan).table.iloc[0]
    ta, ba, tb, bb = blocks_of(plan, rows, top, base)
    assert row["pvalue"] == pytest.approx(brute(ta, ba, tb, bb, 1.0))
    a, b = sum(ta) / sum(ba), sum(tb) / sum(bb)
    if metric == "cpl":
        a, b = 1 / a, 1 / b
    assert (row["control"], row["treatment"]) == (pytest.approx(a), pytest.approx(b))
    assert row["rel_effect_size"] == pytest.approx(b / a - 1) and row["effect_size"] == pytest.approx(b - a)
    assert row["pvalue_t"] == pytest.approx(float(paired_ratio_test(ta, ba, tb, bb).pvalue))
    for end, step in (("rel_ci_low", -1e-4), ("rel_ci_high", 1e-4)):
        for rel, inside in ((row[end] - step, True), (row[end] + step, False)):
            phi = 1 + rel if metric == "cpl" else 1 / (1 + rel)
            assert (brute(ta, ba, tb, bb, phi) > 0.05) == inside


def test_flipping_orders_as_students_t_does():
    rng = np.random.default_rng(4)
    pairs = Pairs(*(rng.gamma(9, 5, 6) for _ in range(4)))
    a, b = scores(pairs)
    sums = flips(6, 1) @ (a + b)
    swapped = flips(6, 1) < 0
    ta, tb = np.where(swapped, pairs.top_b, pairs.top_a), np.where(swapped, pairs.top_a, pairs.top_b)
    ba, bb = np.where(swapped, pairs.base_b, pairs.base_a), np.where(swapped, pairs.base_a, pairs.base_b)
    for k in (0, 5, 17):  # a turned world's own score is the turned sum
        one = scores(Pairs(ta[k], ba[k], tb[k], bb[k]))
        assert (one[0] + one[1]).sum() == pytest.approx(sums[k])


def test_flips_are_all_or_drawn():
    assert len(flips(6, 1)) == 64 and len({tuple(f) for f in flips(6, 1)}) == 64
    assert flips(20, 1).shape == (DRAWN, 20) and (flips(20, 1)[0] == 1).all()
    assert (flips(20, 1) == flips(20, 1)).all() and not (flips(20, 1) == flips(20, 2)).all()


def test_an_effect_is_found_for_every_metric_in_its_direction():
    for metric in ("cvr", "cpl", "roas", "cac"):
        plan = plan_switchback(HISTORY, metric, smallest=0.1, pairs=8, value_per_day=1000.0)
        up, down = read(run(plan, 0.25), plan), read(run(plan, -0.2), plan)
        assert (up.outcome, down.outcome) == ("winner", "loser")
        row = up.table.iloc[0]
        assert row["gain_low"] > 0 and row["gain_low"] < row["gain_per_month"] < row["gain_high"]
        assert (row["rel_effect_size"] < 0) == metric_of(metric).lower_is_better
        assert len(up.path) == 8 and up.judged == plan.days and up.next_look is None


def test_equivalent_and_open():
    assert read(run(PLAN, 0.0)).outcome == "equivalent"
    strict = plan_switchback(HISTORY, "cvr", smallest=0.005, pairs=6)
    reading = read(run(strict, 0.0), strict)
    assert reading.outcome == "keep_running" and codes(reading.reasons)[0] == "ended_open"
    assert "switch_long" in codes(strict.findings)


def test_nothing_is_said_before_the_end_and_days_after_it_do_not_count():
    rows = run(PLAN, 0.3)
    early = read(rows.iloc[:-3])
    assert (early.outcome, early.status, early.judged) == ("keep_running", "before_end", 0)
    assert early.table[["rel_effect_size", "pvalue", "control"]].isna().to_numpy().all() and early.path.empty
    assert early.day == PLAN.days - 3 and codes(early.reasons) == ["before_look"]
    assert read(rows.iloc[:0]).status == "before_end" and read(rows.iloc[:0]).day == 0
    more = rows.tail(20).assign(day=lambda d: d["day"] + pd.Timedelta(days=20), leads=0.0)
    late = read(pd.concat([rows, more]))
    pd.testing.assert_frame_equal(late.table, read(rows).table)
    assert "past_end" in codes(late.reasons)


def test_washout_days_do_not_count():
    rows = run(PLAN, 0.0)
    first = rows["day"].isin(PLAN.calendar(START)["first_day"])
    wild = rows.assign(leads=rows["leads"].where(~first, 1e6))
    pd.testing.assert_frame_equal(read(wild).table, read(rows).table)


def test_pairs_without_figures_are_left_out_or_stop_the_verdict():
    rows, plan = run(PLAN, 0.3), PLAN
    more = plan_switchback(HISTORY, "cvr", smallest=0.1, pairs=8)
    full = run(more, 0.3)
    gone = full[~full["day"].between(START + pd.Timedelta(days=14), START + pd.Timedelta(days=20))]
    one = read(gone, more)
    assert one.outcome == "winner" and one.table["pairs"].iloc[0] == 7 and "switch_lost" in codes(one.reasons)
    assert read(rows.iloc[[0, -1]], plan).outcome == "data_problem"
    half = full[full["day"] >= START + pd.Timedelta(days=60)]
    assert read(half, more).status == "lost_pairs"
    late = pd.concat([full.assign(day=full["day"] + pd.Timedelta(days=900))])
    assert read(late, more).status == "no_rows"


def test_unknown_values_zero_outcomes_and_no_variation():
    rows = run(PLAN, 0.3)
    eight = plan_switchback(HISTORY, "cvr", smallest=0.1, pairs=8)
    full = run(eight, 0.3)
    holes = full.assign(leads=full["leads"].where(np.arange(len(full)) % 5 > 0))
    assert read(holes, eight).outcome == "winner"
    on = np.repeat([name == "B" for name in PLAN.blocks], 7)
    assert read(rows.assign(leads=rows["leads"].where(~on, 0.0))).status == "no_outcome"
    none = read(rows.assign(leads=0.0))
    assert (none.outcome, none.status) == ("keep_running", "no_outcome")
    flat = read(rows.assign(leads=5.0, clicks=100.0))
    assert (flat.outcome, flat.status) == ("keep_running", "no_variation")
    assert read(rows.assign(clicks=0.0)).status == "no_rows"
    huge = read(rows.assign(leads=rows["leads"] * 1e15, clicks=rows["clicks"] * 1e15))
    assert huge.table["rel_effect_size"].iloc[0] == pytest.approx(read(rows).table["rel_effect_size"].iloc[0])


def test_money_of_orders_waits_for_enough_of_them():
    plan = plan_switchback(HISTORY, "roas", smallest=0.1, pairs=6)
    rows = run(plan, 0.5)
    few = read(rows.assign(customers=1.0), plan)
    assert (few.outcome, few.status) == ("keep_running", "few_orders") and codes(few.reasons)[
        0
    ] == "few_orders"
    assert read(rows.drop(columns="customers"), plan).status == "few_orders"


def test_too_few_pairs_and_too_short_a_history_are_findings():
    plan = plan_switchback(HISTORY, "cvr", smallest=0.1, pairs=4)
    assert "switch_few" in codes(plan.findings) and plan.chance == 0
    reading = read(run(plan, 0.5), plan)
    assert (reading.outcome, reading.status) == ("keep_running", "few_pairs")
    short = plan_switchback(HISTORY.iloc[:41], "cvr", smallest=0.1)
    assert "switch_history" in codes(short.findings) and np.isnan(short.chance) and short.pairs == 6
    empty = plan_switchback(HISTORY.iloc[:0], "cvr", smallest=0.1)
    assert np.isnan(empty.chance) and np.isnan(empty.cost) and empty.pairs == 6
    assert "switch_weekdays" in codes(plan_switchback(HISTORY, "cvr", smallest=0.1, block_days=4).findings)
    with pytest.raises(ExperimentError, match="clicks"):
        plan_switchback(HISTORY.drop(columns="clicks"), "cvr", smallest=0.1)


def test_the_history_as_pairs_by_a_second_road():
    days = day_series(HISTORY, metric_of("cpl"))
    got = sliding_pairs(days, metric_of("cpl"), 7, 2)
    assert len(got.top_a) == 168 - 13
    k = 20
    assert got.top_a[k] == days["leads"].iloc[k + 2 : k + 7].sum()
    assert got.base_b[k] == days["spend"].iloc[k + 9 : k + 14].sum()


def test_an_effect_that_goes_on_after_the_switch_warns():
    plan = plan_switchback(HISTORY, "cvr", smallest=0.1, pairs=10, washout_days=0)
    on = np.repeat([name == "B" for name in plan.blocks], 7).astype(float)
    for t in range(1, len(on)):
        on[t] = 0.75 * on[t - 1] + 0.25 * on[t]
    rows = campaign(plan.days, 3, noise=0.02, multiplier=1 + 0.5 * on, first=START, clicks=5000)
    reading = read(rows, plan)
    assert "switch_carry" in codes(reading.reasons) and reading.table["carry_over"].iloc[0] < 0.01
    clean = read(run(plan, 0.5, noise=0.02, clicks=5000), plan)
    assert "switch_carry" not in codes(clean.reasons)


def test_null_p_values_are_uniform_and_promises_are_kept():
    p, found = [], []
    for world in range(120):
        got = read(run(PLAN, 0.0, 1000 + world))
        p.append(float(got.table["pvalue"].iloc[0]))
        found.append(read(run(PLAN, 0.1, 3000 + world)).outcome == "winner")
    for level in (0.0625, 0.125, 0.25, 0.5, 0.75):
        assert abs(np.mean(np.array(p) <= level) - level) < 3.5 * np.sqrt(level * (1 - level) / 120)
    assert abs(np.mean(found) - PLAN.chance) < 0.15


def test_damaged_rows_never_raise():
    rows = run(PLAN, 0.2)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        some = rows.sample(frac=float(rng.random()), random_state=seed).copy()
        some["leads"] = some["leads"].where(
            rng.random(len(some)) > 0.3, rng.choice([np.nan, np.inf, -5, 1e18])
        )
        some["day"] = some["day"].astype(object).where(rng.random(len(some)) > 0.05, "nonsense")
        reading = read(some)
        assert not np.isinf(reading.table.select_dtypes("number").to_numpy("float64")).any()
        json.dumps(plan_switchback(some, "cvr", smallest=0.1, block_days=3).to_settings(), allow_nan=False)
