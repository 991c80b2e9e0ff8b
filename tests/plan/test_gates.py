"""The gate of stage 1 and the order in which channels ask for attention."""

import datetime as dt

import numpy as np
import pandas as pd

from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.gates import decide_today, diagnosis_gate, in_order
from channelopt.policy import Policy

VERDICTS = pd.DataFrame(
    {
        "channel": list("abcdef"),
        "verdict": ["keep", "drop", "test", "drop", "unknown", "test"],
        "roi": [3.0, 0.5, 2.6, 1.2, np.nan, 2.1],
        "spend": [100.0, 20.0, 30.0, 90.0, 10.0, 5.0],
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
    days, outcomes, decided, keepers = diagnosis_gate(diagnosis)
    assert (days.have, days.passed) == (20, False)
    assert (outcomes.have, outcomes.need) == (5, 6)
    assert (decided.have, decided.passed) == (3, False)
    assert keepers.passed


def test_an_empty_workspace_passes_no_data_check():
    diagnosis = Diagnosis(VERDICTS.head(0), (), Policy(), None, None)
    assert not diagnosis_gate(diagnosis)[0].passed
    assert in_order(VERDICTS.head(0)) == []
