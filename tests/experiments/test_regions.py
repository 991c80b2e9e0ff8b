"""A geo test from plan to verdict: what is found, what is said, and rows that are not as planned."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.experiments import RegionPlan, RegionTest, plan_regions
from channelopt.experiments.messages import ExperimentError
from channelopt.messages import TEMPLATES, sentence

FIRST = pd.Timestamp("2026-01-01")
START = FIRST + pd.Timedelta(days=84)


def region_rows(n=12, days=112, seed=1, tail=0.6, noise=0.02, level=60.0):
    rng = np.random.default_rng(seed)
    size = level * np.exp(rng.normal(0, tail, n))
    common = 1 + 0.2 * np.sin(np.arange(days) / 15) + 0.1 * (np.arange(days) % 7 == 5)
    mean = size * common[:, None] * np.exp(rng.normal(0, noise, (days, n)))
    return pd.DataFrame(
        {
            "day": np.repeat(pd.date_range(FIRST, periods=days), n),
            "region": np.tile([f"R{i:02d}" for i in range(n)], days),
            "leads": rng.poisson(mean).astype(float).ravel(),
            "spend": np.tile(np.round(10 * size), days),
        }
    )


def changed(rows, treated, lift=0.0, change=0.5):
    out = rows.copy()
    on = out["region"].isin(treated) & (out["day"] >= START)
    out.loc[on, "leads"] = (out.loc[on, "leads"] * (1 + lift)).round()
    out.loc[on, "spend"] *= 1 + change
    return out


ROWS = region_rows(level=250.0)
PLAN = plan_regions(ROWS[ROWS["day"] < START], "leads", smallest=0.05, value_per_unit=300.0)


def codes(findings):
    return [f.code.removeprefix("experiments.") for f in findings]


def read(rows, plan=PLAN, start=START):
    reading = RegionTest(plan, start).analyse(rows)
    for reason in (*reading.reasons, *plan.findings):
        assert reason.code in TEMPLATES and sentence(reason.code, reason.params)
    table = reading.table
    assert table["method"].iloc[0] == plan.method and table["main"].tolist() == [True, False]
    known = table["pvalue"].notna() & table["rel_ci_high"].notna()
    for row in table[known].to_dict("records"):
        assert (row["pvalue"] > plan.alpha) == (row["rel_ci_low"] <= 0 <= row["rel_ci_high"])
        assert (row["ci_low"] <= 0 <= row["ci_high"]) == (row["rel_ci_low"] <= 0 <= row["rel_ci_high"])
    return reading


def test_a_plan_says_who_how_long_what_it_costs_and_what_it_sees():
    assert len(PLAN.treated) == 6 and len(PLAN.control) == 6 and not PLAN.excluded
    assert not set(PLAN.treated) & set(PLAN.control)
    spend = ROWS[ROWS["region"].isin(PLAN.treated)].groupby("day")["spend"].sum().iloc[0]
    assert PLAN.cost == pytest.approx(spend * 28 * 0.5)
    assert 0.005 < PLAN.mde < 0.05 and PLAN.chance > 0.8 and not PLAN.findings
    curve = PLAN.power_curve
    assert curve["effect"].iloc[-1] == pytest.approx(0.1) and curve["power"].is_monotonic_increasing
    assert len(PLAN.splits) == 924 and len(set(PLAN.splits)) == 924


def test_a_plan_can_be_written_down():
    stored = json.loads(json.dumps(PLAN.to_settings()))
    assert stored["history_start"] == "2026-01-01" and stored["history_end"] == "2026-03-25"
    assert RegionPlan.from_settings(stored) == PLAN
    short = plan_regions(ROWS[ROWS["day"] < FIRST + pd.Timedelta(days=30)], "leads", smallest=0.05)
    back = RegionPlan.from_settings(json.loads(json.dumps(short.to_settings(), allow_nan=False)))
    assert (
        np.isnan(back.mde) and back.to_settings() == short.to_settings() and back.findings == short.findings
    )


@pytest.mark.parametrize(
    "spoil", [{"splits": ["zz"]}, {"splits": []}, {"days": 0}, {"method": "x"}, {"other": 1}]
)
def test_a_spoilt_stored_plan_is_refused(spoil):
    with pytest.raises(InputError):
        RegionPlan.from_settings({**PLAN.to_settings(), **spoil})


@pytest.mark.parametrize(
    "bad",
    [{"smallest": 0.0}, {"smallest": 1.5}, {"days": 0}, {"alpha": 0.7}, {"power": 1.0}, {"change": 0.0},
     {"change": -2.0}, {"change": float("nan")}, {"share": 1.0}, {"n_treated": 0}, {"value_per_unit": -1.0}],
)  # fmt: skip
def test_settings_no_test_can_have_are_refused(bad):
    with pytest.raises(InputError):
        plan_regions(ROWS, "leads", **{"smallest": 0.05, **bad})


def test_missing_columns_are_named():
    with pytest.raises(ExperimentError, match="revenue"):
        plan_regions(ROWS, "revenue", smallest=0.1)
    with pytest.raises(ExperimentError, match="region"):
        RegionTest(PLAN, START).analyse(ROWS.drop(columns="region"))


def test_an_effect_is_found_and_told_in_units_and_money():
    reading = read(changed(ROWS, PLAN.treated, 0.1))
    main = reading.table.iloc[0]
    assert reading.outcome == "winner" == main["outcome"] and reading.status == "ok"
    assert reading.reasons[0].code == "experiments.region_winner" and reading.judged == 28
    on = ROWS["region"].isin(PLAN.treated) & (ROWS["day"] >= START)
    assert main["ci_low"] < 0.1 * ROWS.loc[on, "leads"].sum() < main["ci_high"]
    assert main["rel_ci_low"] < 0.1 < main["rel_ci_high"]
    assert main["treatment"] - main["control"] == pytest.approx(main["effect_size"])
    assert main["extra_spend"] == pytest.approx(ROWS.loc[on, "spend"].sum() / 2)
    assert main["per_spend"] == pytest.approx(main["effect_size"] / main["extra_spend"])
    assert main["cost_per_unit"] == pytest.approx(1 / main["per_spend"])
    assert main["cost_low"] == pytest.approx(1 / main["per_spend_high"])
    past = ROWS[ROWS["day"] < START]
    base = past[past["day"] >= START - pd.Timedelta(days=PLAN.base_days)]
    days = base["day"].nunique()
    gain = 30 * (main["rel_effect_size"] * base["leads"].sum() * 300 - base["spend"].sum() / 2) / days
    assert main["gain_per_month"] == pytest.approx(gain)
    assert main["gain_low"] < gain < main["gain_high"]


def test_the_effect_by_a_second_road():
    """Difference-in-differences of sums, by pandas alone."""
    rows = changed(ROWS, PLAN.treated, 0.1)
    table = read(rows).table.set_index("method")
    base = rows[(rows["day"] < START) & (rows["day"] >= START - pd.Timedelta(days=PLAN.base_days))]
    treated = rows["region"].isin(PLAN.treated)
    now = rows[rows["day"] >= START]
    sums = [part.groupby(treated)["leads"].sum() for part in (base, now)]
    ratio = (sums[1][True] / sums[0][True]) / (sums[1][False] / sums[0][False])
    assert table.loc["did", "rel_effect_size"] == pytest.approx(ratio - 1)


def test_a_fall_after_switching_off_is_a_loser_and_costs_are_positive():
    plan = plan_regions(ROWS[ROWS["day"] < START], "leads", smallest=0.05, change=-1.0, n_treated=4, days=28)
    reading = read(changed(ROWS, plan.treated, -0.15, -1.0), plan)
    main = reading.table.iloc[0]
    assert len(plan.treated) == 4 and plan.cost < 0 and reading.outcome == "loser"
    assert main["extra_spend"] < 0 and main["per_spend"] > 0 and main["cost_per_unit"] > 0
    assert main["per_spend_low"] < main["per_spend"] < main["per_spend_high"]
    assert main["cost_low"] < main["cost_per_unit"] < main["cost_high"]
    assert np.isnan(main["gain_per_month"])  # no value told
    assert (plan.power_curve["effect"] <= 0).all() and 0 < plan.mde < 1


def test_no_effect_is_equivalent_or_open_by_what_matters():
    rows = changed(ROWS, PLAN.treated)
    assert read(rows).outcome == "equivalent"
    strict = plan_regions(ROWS[ROWS["day"] < START], "leads", smallest=0.001)
    reading = read(rows, strict)
    assert reading.outcome == "keep_running" and "region_open" in codes(reading.reasons)
    assert "cannot_see" in codes(strict.findings)


def test_more_that_does_not_pay_is_said():
    cheap = plan_regions(ROWS[ROWS["day"] < START], "leads", smallest=0.05, value_per_unit=1.0)
    reading = read(changed(ROWS, cheap.treated, 0.1), cheap)
    assert reading.outcome == "winner" and "region_unpaid" in codes(reading.reasons)


def test_nothing_is_said_before_the_end_and_days_after_it_do_not_count():
    rows = changed(ROWS, PLAN.treated, 0.3)
    early = read(rows[rows["day"] < START + pd.Timedelta(days=20)])
    assert (early.outcome, early.status, early.day, early.judged) == ("keep_running", "before_end", 20, 0)
    assert early.next_look == 28 and codes(early.reasons) == ["before_look"]
    assert (
        early.table[["effect_size", "rel_effect_size", "pvalue", "treatment", "per_spend"]]
        .isna()
        .to_numpy()
        .all()
    )
    assert (early.path["day"] < START).all() and len(early.path) == 84
    none = read(rows[rows["day"] < START])
    assert none.day == 0 and none.outcome == "keep_running"
    longer = pd.concat(
        [rows, rows[rows["day"] >= START].assign(leads=0.0, day=lambda d: d["day"] + pd.Timedelta(days=28))]
    )
    late, full = read(longer), read(rows)
    assert "past_end" in codes(late.reasons) and late.day == 56
    pd.testing.assert_frame_equal(late.table, full.table)


def test_the_path_ends_in_the_verdicts_interval():
    reading = read(changed(ROWS, PLAN.treated, 0.1))
    path, main = reading.path, reading.table.iloc[0]
    assert len(path) == 112 and path["day_no"].tolist() == list(range(-83, 29))
    last = path.iloc[-1]
    for column, of in (
        ("cumulative", "effect_size"),
        ("cumulative_low", "ci_low"),
        ("cumulative_high", "ci_high"),
    ):
        assert last[column] == pytest.approx(main[of])
    before = path[path["day_no"] < 1]
    assert before["cumulative"].isna().all()
    inside = (before["observed"] >= before["low"]) & (before["observed"] <= before["high"])
    assert inside.mean() > 0.8
    assert (path["low"] <= path["counterfactual"]).all() and (path["counterfactual"] <= path["high"]).all()
    after = path[path["day_no"] > 0]
    assert (after["observed"] > after["counterfactual"]).mean() > 0.75


def test_regions_that_vanish_are_left_out_or_stop_the_verdict():
    rows = changed(ROWS, PLAN.treated, 0.1)
    small = rows.groupby("region")["leads"].sum().idxmin()
    one = read(rows[(rows["region"] != small) | (rows["day"] < START)])
    assert one.outcome == "winner" and "region_vanished" in codes(one.reasons)
    gone = read(rows[~rows["region"].isin(PLAN.treated) | (rows["day"] < START)])
    assert gone.outcome == "data_problem" and gone.status == "lost_regions"
    assert gone.table["pvalue"].isna().all()
    never = read(rows[~rows["region"].isin(PLAN.control)])
    assert never.outcome == "data_problem"
    zeros = rows.copy()
    zeros.loc[zeros["region"].isin(PLAN.treated) & (zeros["day"] >= START), "leads"] = 0.0
    nothing = read(zeros)
    assert (nothing.outcome, nothing.status) == ("keep_running", "no_outcome")


def test_missing_days_unknown_values_and_no_past():
    rows = changed(ROWS, PLAN.treated, 0.1)
    few = read(rows[~rows["day"].isin([START + pd.Timedelta(days=d) for d in (3, 9)])])
    assert few.outcome == "winner" and "region_days" in codes(few.reasons)
    many = read(
        rows[(rows["day"] < START) | (rows["day"].dt.day % 2 == 0) | (rows["day"] == rows["day"].max())]
    )
    assert many.outcome == "data_problem" and many.status == "lost_days"
    some = rows["region"].isin(["R00", "R01", "R02"])
    half = read(rows[some | (rows["day"] != START + pd.Timedelta(days=9))])  # the day came in only in part
    assert half.outcome == "winner" and "region_days" in codes(half.reasons)
    gone = rows[rows["day"] != START + pd.Timedelta(days=9)]
    pd.testing.assert_frame_equal(half.table, read(gone).table)
    last = read(rows[some | (rows["day"] != rows["day"].max())])
    assert last.status == "before_end" and last.day == 27
    holes = rows.copy()
    holes.loc[np.random.default_rng(1).random(len(holes)) < 0.03, "leads"] = np.nan
    filled = read(holes)
    assert filled.outcome == "winner" and "region_unknown" in codes(filled.reasons)
    assert filled.table["rel_effect_size"].iloc[0] == pytest.approx(0.1, abs=0.03)
    assert read(rows[rows["day"] >= START]).status == "no_history"
    assert read(rows.iloc[:0]).status == "no_rows"


def test_spend_that_did_not_move_is_told_and_divides_nothing():
    reading = read(changed(ROWS, PLAN.treated, 0.1, 0.0))
    assert "region_not_moved" in codes(reading.reasons)
    assert reading.table[["per_spend", "per_spend_low", "cost_per_unit"]].isna().to_numpy().all()
    early = changed(ROWS, PLAN.treated, 0.0, 0.0)
    assert "region_not_moved" in codes(read(early[early["day"] < START + pd.Timedelta(days=5)]).reasons)
    without = read(changed(ROWS, PLAN.treated, 0.1).drop(columns="spend"))
    assert without.outcome == "winner" and without.table["extra_spend"].isna().all()
    plan = plan_regions(ROWS[ROWS["day"] < START].drop(columns="spend"), "leads", smallest=0.05)
    assert np.isnan(plan.cost) and "region_no_spend" in codes(plan.findings)


def test_all_alike_has_no_answer():
    flat = ROWS.assign(leads=5.0)
    plan = plan_regions(flat[flat["day"] < START], "leads", smallest=0.05)
    reading = read(changed(flat, plan.treated), plan)
    assert (reading.outcome, reading.status) == ("keep_running", "no_variation")


def test_enormous_figures_and_sizes_change_nothing():
    huge = ROWS.assign(leads=ROWS["leads"] * 1e12)
    plan = plan_regions(huge[huge["day"] < START], "leads", smallest=0.05)
    a, b = read(changed(huge, plan.treated, 0.1), plan), read(changed(ROWS, PLAN.treated, 0.1))
    assert plan.treated == PLAN.treated
    assert a.table["rel_effect_size"].to_numpy() == pytest.approx(
        b.table["rel_effect_size"].to_numpy(), rel=0.05
    )
    rows = ROWS.copy()
    rows.loc[rows["region"] == "R03", "leads"] *= 1000
    one = plan_regions(rows[rows["day"] < START], "leads", smallest=0.05)
    assert "region_big" in codes(one.findings)
    assert read(changed(rows, one.treated, 0.1), one).status == "ok"


def test_too_few_regions_and_too_short_a_history_are_findings():
    four = ROWS[ROWS["region"].isin(["R00", "R01", "R02", "R03"])]
    plan = plan_regions(four[four["day"] < START], "leads", smallest=0.05)
    told = next(f for f in plan.findings if f.code == "experiments.region_few")
    assert told.params == {"have": 4, "need": 7} and plan.chance == 0
    reading = read(changed(four, plan.treated, 0.5), plan)
    assert (reading.outcome, reading.status) == ("keep_running", "few_regions")
    assert reading.table["rel_effect_size"].iloc[0] == pytest.approx(0.5, abs=0.1)  # shown, not judged
    for count in (0, 1):
        rows = ROWS[ROWS["region"].isin(["R00", "R01"][:count])]
        none = plan_regions(rows[rows["day"] < START], "leads", smallest=0.05)
        assert none.treated == () and "region_few" in codes(none.findings)
        assert RegionPlan.from_settings(none.to_settings()).to_settings() == none.to_settings()
        assert read(rows, none).status == "no_plan"
    short = plan_regions(ROWS[ROWS["day"] < FIRST + pd.Timedelta(days=55)], "leads", smallest=0.05)
    assert "region_history" in codes(short.findings) and np.isnan(short.chance) and short.curve == ()
    exact = plan_regions(ROWS[ROWS["day"] < FIRST + pd.Timedelta(days=56)], "leads", smallest=0.05)
    assert exact.chance > 0 and not exact.findings
    over = plan_regions(ROWS, "leads", smallest=0.05, n_treated=12)
    assert over.treated == () and "region_few" in codes(over.findings)
    assert "short_plan" in codes(plan_regions(ROWS, "leads", smallest=0.05, days=7).findings)


def test_regions_without_enough_are_left_out_with_the_reason():
    rows = ROWS[ROWS["day"] < START].copy()
    rows = rows[(rows["region"] != "R00") | (rows["day"] < START - pd.Timedelta(days=40))]  # closed
    rows = rows[(rows["region"] != "R01") | (rows["day"].dt.day % 3 == 0)]
    rows.loc[rows["region"] == "R02", "leads"] = 0.0
    plan = plan_regions(rows, "leads", smallest=0.05)
    assert dict(plan.excluded) == {"R00": "gone", "R01": "few_days", "R02": "no_outcome"}
    assert {"region_gone", "region_few_days", "region_no_outcome"} <= set(codes(plan.findings))
    assert len(plan.regions) == 9


def test_weekly_rows_are_read_as_weeks():
    weekly = ROWS.assign(day=FIRST + pd.to_timedelta((ROWS["day"] - FIRST).dt.days // 7 * 7, unit="D"))
    weekly = weekly.groupby(["day", "region"], as_index=False)[["leads", "spend"]].sum()
    plan = plan_regions(weekly[weekly["day"] < START], "leads", smallest=0.05)
    assert plan.cost == pytest.approx(
        plan_regions(ROWS[ROWS["day"] < START], "leads", smallest=0.05, seed=2026).cost, rel=0.5
    )
    reading = read(changed(weekly, plan.treated, 0.1), plan)
    assert reading.outcome == "winner" and reading.day == 28 and len(reading.path) == 16


def test_regions_of_very_different_size_and_strong_weekly_noise():
    """Forty regions over 104 weeks, simulated by others (source beside the file)."""
    wide = pd.read_csv(Path(__file__).parents[1] / "reference" / "geo_weeks.csv", index_col="week")
    rows = wide.stack().rename("leads").reset_index()
    rows.columns = ["day", "region", "leads"]
    rows["day"], rows["spend"] = pd.to_datetime(rows["day"]), 100.0
    start = rows["day"].max() - pd.Timedelta(days=21)
    plan = plan_regions(rows[rows["day"] < start], "leads", smallest=0.1)
    assert len(plan.treated) == 20 and 0.1 < plan.mde < 0.3 and "cannot_see" in codes(plan.findings)
    assert read(rows, plan, start).table["pvalue"].iloc[0] > 0.05
    on = rows["region"].isin(plan.treated) & (rows["day"] >= start)
    lifted = rows.assign(leads=rows["leads"].where(~on, rows["leads"] * 1.4))
    reading = read(lifted, plan, start)
    assert reading.outcome == "winner"
    assert reading.table["rel_ci_low"].iloc[0] < 0.4 < reading.table["rel_ci_high"].iloc[0]


def test_rows_of_a_day_add_up_and_names_are_trimmed():
    rows = changed(ROWS, PLAN.treated, 0.1)
    half = rows.assign(leads=rows["leads"] / 2, spend=rows["spend"] / 2, region=" " + rows["region"] + " ")
    twice = read(pd.concat([half, half]).sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(twice.table, read(rows).table)


def test_damaged_rows_never_raise():
    rows = changed(ROWS, PLAN.treated, 0.1)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        some = rows.sample(frac=float(rng.random() ** 3), random_state=seed)
        some = some.assign(
            leads=some["leads"].where(rng.random(len(some)) > 0.2, rng.choice([np.nan, np.inf, -5, 1e18]))
        )
        some["day"] = some["day"].astype(object).where(rng.random(len(some)) > 0.05, "nonsense")
        reading = read(some)
        assert reading.outcome in ("winner", "loser", "equivalent", "keep_running", "data_problem")
        numbers = reading.table.select_dtypes("number").to_numpy("float64")
        assert not np.isinf(numbers).any()
        plan = plan_regions(some, "leads", smallest=0.05, days=14)
        json.dumps(plan.to_settings(), allow_nan=False)


def test_planned_effects_are_found_about_as_often_as_promised_and_no_more_winners_than_alpha():
    found, false, chance = [], [], []
    for world in range(16):
        rows = region_rows(n=8, seed=100 + world, noise=0.06, level=20.0)
        plan = plan_regions(rows[rows["day"] < START], "leads", smallest=0.05, seed=world)
        chance.append(plan.chance)
        found.append(RegionTest(plan, START).analyse(changed(rows, plan.treated, 0.05)).outcome == "winner")
        false.append(
            RegionTest(plan, START).analyse(changed(rows, plan.treated)).outcome in ("winner", "loser")
        )
    assert abs(np.mean(found) - np.mean(chance)) < 0.3
    assert np.mean(false) < 0.26
