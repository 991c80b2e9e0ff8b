"""Experiments: every version kept, and nothing that decides the verdict moves after the start."""

import datetime as dt

import pytest

from channelopt.errors import InputError
from channelopt.ledger import Ledger, LedgerError

START = dt.date(2026, 3, 2)
PLAN = {"metric": "cpl", "days": 28, "campaigns": {"A": ["old"], "B": ["new"]}}


@pytest.fixture
def ledger():
    with Ledger.open(":memory:") as opened:
        yield opened


def test_a_test_is_planned_noted_and_ended_with_its_whole_history(ledger):
    assert ledger.experiments().empty
    version = ledger.version
    one = ledger.add_experiment(" New hook ", PLAN, START, by="Ann")
    assert ledger.version > version
    ledger.change_experiment(one, by="Bob", why="typo", settings={**PLAN, "note": "as agreed"})
    ledger.change_experiment(one, by="Bob", why="campaign was paused", state="ended")
    row = ledger.experiments().iloc[0]
    assert (row["name"], row["state"], row["why"]) == ("New hook", "ended", "campaign was paused")
    assert row["settings"] == {**PLAN, "note": "as agreed"}
    history = ledger.experiment_history()
    assert list(history["version"]) == [1, 2, 3]
    assert list(history["by"]) == ["Ann", "Bob", "Bob"]
    assert row["planned_at"] == history["at"][0]


def test_the_metric_cannot_change_after_the_start(ledger):
    one = ledger.add_experiment("New hook", PLAN, START, by="Ann")
    for other in ({**PLAN, "metric": "ctr"}, {**PLAN, "days": 7}, {"metric": "cpl"}):
        with pytest.raises(LedgerError, match="promised before the data"):
            ledger.change_experiment(one, by="Ann", why="B looks better so", settings=other, today=START)
    assert len(ledger.experiment_history()) == 1
    ledger.change_experiment(
        one,
        by="Ann",
        why="agreed on clicks",
        settings={**PLAN, "metric": "cpc"},
        today=START - dt.timedelta(days=1),
    )
    assert ledger.experiments().iloc[0]["settings"]["metric"] == "cpc"


def test_nonsense_is_refused(ledger):
    with pytest.raises(LedgerError, match="name and a plan"):
        ledger.add_experiment(" ", PLAN, START, by="Ann")
    with pytest.raises(LedgerError, match="name and a plan"):
        ledger.add_experiment("x", {}, START, by="Ann")
    with pytest.raises(LedgerError, match="number 7"):
        ledger.change_experiment(7, by="Ann", why="x")
    one = ledger.add_experiment("x", PLAN, START, by="Ann")
    with pytest.raises(LedgerError, match="reason"):
        ledger.change_experiment(one, by="Ann", why=" ", state="ended")
    with pytest.raises(LedgerError):
        ledger.change_experiment(one, by="Ann", why="x", state="paused")


def test_a_look_is_noted_once_a_day_and_keeps_caches_warm(ledger):
    one = ledger.add_experiment("New hook", PLAN, START, by="Ann")
    two = ledger.add_experiment("Other", PLAN, START, by="Ann")
    version = ledger.version
    for day in (START, START + dt.timedelta(days=3), START):
        ledger.note_visit(one, day, "Ann")
    ledger.note_visit(two, START, "Bob")
    assert ledger.version == version
    assert [d.date() for d in ledger.visits(one)["day"]] == [START, START + dt.timedelta(days=3)]
    assert list(ledger.visits().columns) == ["experiment_id", "day"] and len(ledger.visits()) == 3
    with pytest.raises(LedgerError, match="number 9"):
        ledger.note_visit(9, START, "Ann")


def test_a_plan_written_down_elsewhere_keeps_its_moment(ledger):
    then = dt.datetime(2026, 2, 20, 9, 30)
    one = ledger.add_experiment("Old hook", PLAN, START, by="Ann", planned_at=then)
    ledger.change_experiment(one, by="Bob", why="over", state="ended")
    row = ledger.experiments().iloc[0]
    assert row["planned_at"] == then and row["at"] > then
    with ledger._store.cursor() as cursor:
        asked = """SELECT "at", detail FROM events WHERE what = 'experiment planned'"""
        at, detail = cursor.execute(asked).fetchone()
    assert at > then and '"2026-02-20T09:30:00"' in detail  # the history keeps both moments
    with pytest.raises(InputError, match="planned_at"):
        ledger.add_experiment("Other", PLAN, START, by="Ann", planned_at=then.replace(tzinfo=dt.UTC))
    assert len(ledger.experiments()) == 1
