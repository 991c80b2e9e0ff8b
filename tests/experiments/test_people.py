"""Rows per person: the same figures as the plain tests, looks by day of joining, few people, overlaps."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from channelopt.experiments import compare_arms, cuped_test, fisher_exact, ratio_arm, ratio_test, welch_test
from channelopt.experiments.people import PersonRows
from channelopt.messages import sentence


def people(n=4000, days=28, rate=0.05, lift=0.0, seed=1, shares=(0.5, 0.5), names=("A", "B")):
    rng = np.random.default_rng(seed)
    arm = rng.choice(len(names), n, p=shares)
    before = rng.poisson(2.0, n)
    chance = np.clip(rate * (1 + lift * (arm > 0)) * (0.4 + 0.3 * before), 0, 1)
    leads = (rng.random(n) < chance).astype(float)
    customers = leads * (rng.random(n) < 0.5)
    frame = pd.DataFrame(
        {
            "person_key": [f"p{i}" for i in range(n)],
            "variant": np.array(names)[arm],
            "day": pd.Timestamp("2026-03-02") + pd.to_timedelta(rng.integers(0, days, n), unit="D"),
            "segment": rng.choice(["phone", "desk"], n),
            "before": before,
            "clicks": rng.poisson(2.0, n) + 1,
            "leads": leads,
            "customers": customers,
            "revenue": customers * rng.lognormal(5, 0.5, n),
        }
    )
    return frame


def plan(metric="lead_rate", **more):
    asked = {"events_per_day": 8.0, "smallest": 0.3, "day_cv": 0.0, "days": 28, "people_per_day": 143.0}
    return co.plan_test(metric, **{**asked, **more})


def arms(frame, column):
    return [frame.loc[frame["variant"] == v, column].to_numpy("float64") for v in ("A", "B")]


def said(reading):
    return [sentence(r.code, r.params) for r in reading.reasons]


def test_a_share_is_welchs_t_on_zeros_and_ones():
    frame = people().drop(columns="before")
    row = co.ABTest(plan()).analyse(frame).table.iloc[0]
    same = welch_test(*arms(frame, "leads"))
    assert row["effect_size"] == pytest.approx(float(same.effect_size), rel=1e-12)
    assert row["pvalue"] == pytest.approx(float(same.pvalue), rel=1e-9)
    assert row["control"] == pytest.approx(frame.loc[frame["variant"] == "A", "leads"].mean())


def test_the_past_of_each_person_is_taken_out():
    frame = people(lift=0.4)
    reading = co.ABTest(plan()).analyse(frame)
    leads, before = arms(frame, "leads"), arms(frame, "before")
    same = cuped_test((leads[0], before[0]), (leads[1], before[1]))
    row = reading.table.iloc[0]
    assert row["effect_size"] == pytest.approx(float(same.effect_size), rel=1e-9)
    assert row["pvalue"] == pytest.approx(float(same.pvalue), rel=1e-6)
    assert "experiments.past_helps" in [r.code for r in reading.reasons]


def test_a_ratio_is_the_delta_method_and_money_a_mean():
    frame = people().drop(columns="before")
    got = co.ABTest(plan("cvr")).analyse(frame).table.iloc[0]
    same = ratio_test(*zip(arms(frame, "leads"), arms(frame, "clicks"), strict=True))
    assert got["pvalue"] == pytest.approx(float(same.pvalue), rel=1e-9)
    money = co.ABTest(plan("revenue_per_person", spread=2.0)).analyse(frame)
    assert money.reasons[0].code == "experiments.few_orders"
    many = people(n=20000, rate=0.2).drop(columns="before")
    got = co.ABTest(plan("revenue_per_person", spread=2.0)).analyse(many).table.iloc[0]
    assert got["pvalue"] == pytest.approx(float(welch_test(*arms(many, "revenue")).pvalue), rel=1e-9)


def test_after_each_day_it_is_the_test_of_those_who_joined_so_far():
    frame = people(seed=5).drop(columns="before")
    rows = PersonRows.of(frame, plan("cvr"), None)
    got = rows.compare(plan("cvr").metric, 1, 28).effects
    for d in (3, 11, 28):
        now = frame[frame["day"] < pd.Timestamp("2026-03-02") + pd.Timedelta(days=d)]
        sides = [ratio_arm(y, x) for y, x in zip(arms(now, "leads"), arms(now, "clicks"), strict=True)]
        want = compare_arms(*sides)
        assert got.effect_size[d - 1] == pytest.approx(float(want.effect_size), rel=1e-9)
        assert got.se[d - 1] == pytest.approx(float(want.se), rel=1e-9)


def test_looks_are_kept():
    frame = people(days=10, n=1400, lift=3.0)
    reading = co.ABTest(plan()).analyse(frame)
    assert (reading.outcome, reading.table.loc[0, "look"], reading.next_look) == ("winner", 7, 14)
    early = co.ABTest(plan()).analyse(frame[frame["day"] < "2026-03-06"])
    assert early.reasons[0].code == "experiments.before_look" and early.table["pvalue"].isna().all()


@pytest.mark.parametrize(
    ("won", "of", "winner"), [((2, 7), 40, False), ((0, 12), 40, True), ((0, 0), 40, False)]
)
def test_few_people_are_tested_exactly(won, of, winner):
    frame = pd.concat(
        [
            pd.DataFrame({"variant": v, "leads": [1.0] * x + [0.0] * (of - x)})
            for v, x in zip("AB", won, strict=True)
        ]
    )
    frame["person_key"] = [f"p{i}" for i in range(len(frame))]
    reading = co.ABTest(plan(people_per_day=80 / 28)).analyse(frame)
    row = reading.table.iloc[0]
    exact = fisher_exact(won[0], of, won[1], of).pvalue
    assert row["pvalue"] >= exact - 1e-9
    assert reading.outcome == ("winner" if winner else "keep_running")
    assert (row["ci_low"] > 0) == winner
    assert np.isfinite([row["ci_low"], row["ci_high"]]).all()
    assert all(said(reading))


def test_undated_people_are_read_at_the_planned_size_only():
    frame = people(n=2000, lift=2.0).drop(columns="day")
    short = co.ABTest(plan()).analyse(frame)
    assert (short.outcome, short.judged) == ("keep_running", 0)
    whole = co.ABTest(plan()).analyse(people(n=4100, lift=2.0).drop(columns="day"))
    assert whole.outcome == "winner" and whole.table.loc[0, "look"] == 28
    assert "experiments.undated" in [r.code for r in whole.reasons]


def test_people_on_both_sides_are_left_out_or_stop_everything():
    frame = people()
    both = frame.head(60).assign(variant=lambda f: f["variant"].map({"A": "B", "B": "A"}))
    reading = co.ABTest(plan()).analyse(pd.concat([frame, both]))
    assert "experiments.overlap" in [r.code for r in reading.reasons]
    assert "1.5%" in " ".join(said(reading))
    many = frame.head(600).assign(variant=lambda f: f["variant"].map({"A": "B", "B": "A"}))
    broken = co.ABTest(plan()).analyse(pd.concat([frame, many]))
    assert (broken.outcome, broken.reasons[0].code) == ("data_problem", "experiments.overlap_broken")


def test_a_broken_split_is_found_overall_and_inside_a_segment():
    whole = co.ABTest(plan()).analyse(people(shares=(0.56, 0.44)))
    assert (whole.outcome, whole.reasons[0].code) == ("data_problem", "experiments.split")
    frame = people(n=8000)
    phone = frame["segment"] == "phone"
    lost = phone & (frame["variant"] == "B") & (np.arange(len(frame)) % 4 == 0)
    moved = frame["segment"].eq("desk") & frame["variant"].eq("A") & (np.arange(len(frame)) % 4 == 0)
    within = co.ABTest(plan()).analyse(frame[~lost & ~moved])
    assert within.outcome == "data_problem"
    assert within.reasons[0].code in ("experiments.split", "experiments.split_within")


def test_simpson_stops_a_verdict():
    # 81/87 and 192/263 against 234/270 and 55/80: treatment A of the kidney stones wins in both segments
    # and loses in total (Charig et al. 1986)
    counts = {
        ("small", "B"): (81, 87),
        ("large", "B"): (192, 263),
        ("small", "A"): (234, 270),
        ("large", "A"): (55, 80),
    }
    parts = [
        pd.DataFrame({"segment": s, "variant": v, "leads": [1.0] * x + [0.0] * (n - x)})
        for (s, v), (x, n) in counts.items()
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame["person_key"] = [f"p{i}" for i in range(len(frame))]
    reading = co.ABTest(plan(people_per_day=20.0, unit="platform")).analyse(frame)
    assert reading.outcome == "equivalent"  # neither direction is sure yet
    enough = co.ABTest(plan(people_per_day=1.0, unit="platform")).analyse(pd.concat([frame] * 3).assign(
        person_key=lambda f: [f"q{i}" for i in range(len(f))]))  # fmt: skip
    assert (enough.outcome, enough.reasons[0].code) == ("data_problem", "experiments.simpson")


def test_false_winners_over_all_looks_are_few():
    asked = plan(look_every=7)
    wrong = sum(
        co.ABTest(asked).analyse(people(n=2000, seed=s)).outcome in ("winner", "loser") for s in range(200)
    )
    assert wrong / 200 < 0.10


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_hardly_anybody_gives_a_status_never_an_exception(n):
    for frame in (
        people(n=n),
        people(n=n).assign(leads=np.nan),
        people(n=n).drop(columns=["day", "segment"]),
    ):
        for metric in ("lead_rate", "cvr", "revenue_per_person"):
            reading = co.ABTest(plan(metric, people_per_day=0.1)).analyse(frame)
            assert reading.outcome in ("keep_running", "data_problem")
            assert all(sentence(r.code, r.params) for r in reading.reasons)
