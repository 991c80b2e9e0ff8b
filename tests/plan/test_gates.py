"""The gate of stage 1 and the order in which channels ask for attention."""

import datetime as dt

import numpy as np
import pandas as pd

from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.gates import Work, decide_today, diagnosis_gate, gate_of, in_order, return_on_target
from channelopt.policy import Policy

VERDICTS = pd.DataFrame(
    {
        "channel": list("abcdef"),
        "verdict": ["keep", "drop", "test", "drop", "unknown", "test"],
        "roi": [3.0, 0.5, 2.6, 1.2, np.nan, 2.1],
        "spend": [100.0, 20.0, 30.0, 90.0, 10.0, 5.0],
        "cost": [100.0, 20.0, 30.0, 90.0, 10.0, 5.0],
        "leads": [9.0, 9.0, 9.0, 0.0, np.nan, 9.0],
        "customers": [3.0, 3.0, 3.0, 0.0, np.nan, 3.0],
        "revenue": [300.0, 10.0, 78.0, 0.0, np.nan, 10.0],
        "loss": [0.0, 10.0, 0.0, 0.0, np.nan, 0.0],
        "drop_rank": [np.nan, 1, np.nan, 2, np.nan, np.nan],
    }
)


def test_drops_come_first_and_keeps_last():
    assert in_order(VERDICTS) == ["b", "d", "c", "f", "e", "a"]


def test_today_is_the_costliest_drop_the_nearest_to_the_bar_and_the_largest_keep():
    assert decide_today(VERDICTS, 2.0) == ["b", "f", "a"]


def test_without_drops_the_rest_fills_up():
    keeps = VERDICTS[VERDICTS["verdict"].isin(["keep", "unknown"])]
    assert decide_today(keeps, 2.0) == ["a", "e"]


def test_the_gate_counts_evidence():
    diagnosis = Diagnosis(VERDICTS, (), Policy(), dt.date(2026, 1, 1), dt.date(2026, 1, 20))
    days, outcomes, tested, decided, keepers = diagnosis_gate(diagnosis)
    assert (tested.have, tested.need, tested.passed) == (6, 5, True)
    assert (days.have, days.passed) == (20, False)
    assert (outcomes.have, outcomes.need) == (5, 6)
    assert (decided.have, decided.passed) == (3, False)
    assert keepers.passed


def test_leads_without_revenue_are_outcomes_and_channels_without_cost_are_not_counted():
    organic = VERDICTS.tail(2).assign(channel=["g", "h"], verdict="unknown", cost=[0.0, np.nan], spend=np.nan)
    unpaid = VERDICTS.head(3).assign(verdict="unknown", roi=np.nan, revenue=np.nan)
    both = pd.concat([unpaid, VERDICTS.iloc[[4]], organic], ignore_index=True)
    first, last = dt.date(2026, 1, 1), dt.date(2026, 3, 1)
    _, outcomes, tested, decided, _ = diagnosis_gate(Diagnosis(both, (), Policy(), first, last))
    assert (outcomes.have, outcomes.need) == (3, 4)  # a, b and c have leads, e has nothing
    assert tested.have == decided.need == 4


def test_an_empty_workspace_passes_no_data_check():
    diagnosis = Diagnosis(VERDICTS.head(0), (), Policy(), None, None)
    assert not diagnosis_gate(diagnosis)[0].passed
    assert in_order(VERDICTS.head(0)) == []


def known(**more):
    frame = VERDICTS.assign(
        cost=VERDICTS["spend"], roi_low=VERDICTS["roi"] * 0.8, roi_high=VERDICTS["roi"] * 1.25
    )
    return Diagnosis(frame.assign(**more), (), Policy(), dt.date(2026, 1, 1), dt.date(2026, 3, 1))


def test_a_paid_test_counts_as_decided_and_fewer_channels_need_a_reason():
    few = Diagnosis(VERDICTS.head(3), (), Policy(), dt.date(2026, 1, 1), dt.date(2026, 3, 1))
    tested, decided = diagnosis_gate(few)[2:4]
    assert not tested.passed and (decided.have, decided.need) == (2, 3)
    work = Work(paid_tests=frozenset("c"), fewer="only three exist")
    tested, decided = diagnosis_gate(few, work=work)[2:4]
    assert tested.passed and tested.params["why"] == "only three exist"
    assert decided.passed and decided.params["paid"] == 1


def test_the_focus_gate_asks_for_the_best_a_test_tiers_and_the_target():
    codes = {c.code: c for c in gate_of(2, known())}
    assert not any(c.passed for c in codes.values() if c.code != "target")
    work = Work(chosen=("a",), p_best=0.9, hook_tests=1, tiers=True)
    checks = gate_of(2, known(), work)
    assert all(c.passed for c in checks)
    assert checks[0].need == 1 and checks[-1].have == 3.0 and 0.3 < checks[-1].params["chance"] < 0.7


def test_scaling_goes_on_while_the_next_unit_pays():
    assert not gate_of(3, known())[0].passed  # unknown is not above the floor
    assert gate_of(3, known(), Work(mroi=2.5, p_margin=0.8))[0].passed
    assert not gate_of(3, known(), Work(mroi=1.5, p_margin=0.1))[0].passed


def test_the_return_together_is_money_over_money_and_its_chance_follows_the_spread():
    roi, chance = return_on_target(known(), ("a", "d"))
    assert roi == (3.0 * 100 + 1.2 * 90) / 190 and chance < 0.02
    higher = known(roi=VERDICTS["roi"] * 1.2, roi_low=VERDICTS["roi"], roi_high=VERDICTS["roi"] * 1.4)
    assert return_on_target(higher, ("a",))[1] > 0.9
    assert np.isnan(return_on_target(known(), ("e",))[0])
    unknown = known(roi_low=np.nan)
    assert np.isnan(return_on_target(unknown, ("a",))[1])
