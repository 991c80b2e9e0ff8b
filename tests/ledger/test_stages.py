"""The stage of the plan, decisions with the evidence of their day, typed-in figures, the last visit."""

import datetime as dt

import pytest

from channelopt.ledger import Ledger, LedgerError

DAY = dt.date(2026, 3, 2)


@pytest.fixture
def ledger():
    with Ledger.open(":memory:") as opened:
        yield opened


def test_stages_follow_one_another_and_none_is_skipped(ledger):
    assert (ledger.stage().stage, ledger.stage().start) == (1, None)
    with pytest.raises(LedgerError) as refused:
        ledger.begin_stage(3, DAY, by="Ann", evidence={}, met=True)
    assert refused.value.code == "ledger.stage_skipped"
    with pytest.raises(LedgerError) as refused:
        ledger.begin_stage(2, DAY, by="Ann", evidence={"decided": 3}, met=False)
    assert refused.value.code == "ledger.bad_stage"
    version = ledger.version
    ledger.begin_stage(2, DAY, by="Ann", evidence={"decided": 3}, met=False, why="budget year ends")
    assert ledger.version > version
    assert (ledger.stage().stage, ledger.stage().why) == (2, "budget year ends")
    ledger.begin_stage(3, DAY + dt.timedelta(days=30), by="Ann", evidence={"x": [1, 2]}, met=True)
    with pytest.raises(LedgerError):
        ledger.begin_stage(1, DAY, by="Ann", evidence={}, met=True)  # going back needs a reason
    ledger.begin_stage(2, DAY + dt.timedelta(days=60), by="Bob", evidence={}, met=True, why="new market")
    history = ledger.stage_history()
    assert list(history["stage"]) == [2, 3, 2] and history["evidence"][1] == {"x": [1, 2]}
    with pytest.raises(LedgerError):
        ledger.begin_stage(3, DAY, by="Ann", evidence={}, met=True, days=3)


def test_decisions_keep_the_evidence_of_their_day_and_every_version(ledger):
    advice = {"verdict": "drop", "roi": 0.6, "chance": 0.97, "spend": {"meta": 100.0}}
    one = ledger.decide("verdict", "meta", "accepted", by="Ann", advice=advice, due=DAY)
    with pytest.raises(LedgerError):
        ledger.decide("verdict", "baidu", "refused", by="Ann", advice=advice)
    two = ledger.decide(
        "verdict", "baidu", "refused", by="Ann", advice=advice, why="season", choice={"keep": 1}
    )
    ledger.change_decision(one, "refused", by="Bob", why="contract runs on")
    now = ledger.decisions().set_index("decision_id")
    assert now.loc[one, "answer"] == "refused" and now.loc[one, "advice"] == advice
    assert now.loc[two, "choice"] == {"keep": 1}
    assert now.loc[one, "due"].date() == DAY
    assert len(ledger.decision_history()) == 3
    for wrong in (("wonder", "x", "accepted"), ("verdict", " ", "accepted"), ("verdict", "x", "maybe")):
        with pytest.raises(LedgerError):
            ledger.decide(*wrong, by="Ann", advice=advice)
    with pytest.raises(LedgerError):
        ledger.change_decision(9, "accepted", by="Ann", why="x")


def test_typed_in_figures_have_versions(ledger):
    assert ledger.inputs("referral") == {}
    ledger.set_inputs("referral", {"invites": 2.5}, by="Ann")
    ledger.set_inputs("referral", {"invites": 3.0, "day": DAY}, by="Ann")
    assert ledger.inputs("referral") == {"invites": 3.0, "day": DAY}
    assert ledger.inputs("other") == {}


def test_a_visit_changes_no_figures_and_tells_what_came_since(ledger):
    version = ledger.version
    assert ledger.last_seen("overview", DAY) is None
    ledger.note_seen("overview", DAY, version, by="Ann")
    ledger.note_seen("overview", DAY, version, by="Ann")
    assert ledger.version == version
    seen = ledger.last_seen("overview", DAY + dt.timedelta(days=1))
    assert seen is not None and ledger.last_seen("overview", DAY) is None
    ledger.set_inputs("referral", {"invites": 2.5}, by="Ann")
    since = ledger.events_since(seen)
    assert list(since["what"]) == ["inputs"] and since["detail"][0]["model"] == "referral"
