"""Decisions of the log held against what is known now."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from channelopt.ledger import Ledger
from channelopt.plan.diagnosis import Diagnosis
from channelopt.plan.track import advice_of, track
from channelopt.policy import Policy

LATER = dt.date(2026, 5, 29)


def diagnosis(below=(0.97, 0.03), verdicts=("drop", "keep")):
    frame = pd.DataFrame(
        {
            "channel": ["meta", "baidu"],
            "verdict": list(verdicts),
            "spend": [100.0, 100.0],
            "customers": [10.0, 40.0],
            "roi": [0.5, 3.0],
            "roi_low": [0.4, 2.6],
            "roi_high": [0.7, 3.4],
            "p_below_floor": list(below),
        }
    )
    return Diagnosis(frame, (), Policy(), dt.date(2026, 3, 1), dt.date(2026, 4, 1))


@pytest.fixture
def ledger():
    with Ledger.open(":memory:") as opened:
        then = diagnosis()
        for channel in ("meta", "baidu"):
            opened.decide("verdict", channel, "accepted", by="Ann", advice=advice_of(then, channel))
        opened.decide("tiers", "all", "accepted", by="Ann", advice={"x": 1})
        yield opened


def test_verdicts_are_right_wrong_or_open_by_what_is_known_now(ledger):
    rows = ledger.decisions()
    daily = pd.DataFrame({"day": [], "channel": [], "spend": [], "revenue": []})
    same = track(rows, diagnosis(), daily, LATER).table.set_index("subject")
    assert same.loc["meta", "result"] == same.loc["baidu", "result"] == "right"
    assert same.loc["all", "result"] == "not_scored"
    turned = track(rows, diagnosis(below=(0.04, 0.5)), daily, LATER)
    assert turned.table.set_index("subject")["result"].to_dict() == {
        "meta": "wrong",
        "baidu": "cannot_tell",
        "all": "not_scored",
    }
    assert turned.brier > track(rows, diagnosis(), daily, LATER).brier
    assert turned.calibration["n"].sum() == 2
    assert turned.findings[0].params["wrong"] == 1


def test_too_early_and_vanished_channels_say_so(ledger):
    daily = pd.DataFrame({"day": [], "channel": [], "spend": [], "revenue": []})
    early = track(ledger.decisions(), diagnosis(), daily, dt.date(2026, 4, 5))
    assert set(early.table["result"]) == {"too_early", "not_scored"}
    assert np.isnan(early.brier) and early.calibration.empty
    gone = diagnosis()
    gone = Diagnosis(gone.verdicts.head(1), (), Policy(), gone.day_first, gone.day_last)
    table = track(ledger.decisions(), gone, daily, LATER).table.set_index("subject")
    assert table.loc["baidu", "result"] == "not_scored"


def test_brier_is_that_of_the_two_probabilities(ledger):
    daily = pd.DataFrame({"day": [], "channel": [], "spend": [], "revenue": []})
    found = track(ledger.decisions(), diagnosis(below=(0.9, 0.2)), daily, LATER)
    said, now = np.array([0.97, 0.97]), np.array([0.9, 0.8])
    want = np.mean([p * p * (1 - q) + (1 - p) ** 2 * q for p, q in zip(said, now, strict=True)])
    assert found.brier == pytest.approx(want)
