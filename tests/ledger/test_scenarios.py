"""Scenarios: every version kept, with what was known that day."""

import pytest

from channelopt.ledger import Ledger, LedgerError

PLAN = {"budget": 10_000, "shares": {"baidu": 0.4, "xiaohongshu": 0.6}}
KNOWN = {"uplift": 0.08, "data_until": "2026-05-31"}


@pytest.fixture
def ledger():
    with Ledger.open(":memory:") as opened:
        yield opened


def test_a_scenario_is_drafted_changed_and_chosen_with_its_whole_history(ledger):
    assert ledger.scenarios().empty
    version = ledger.version
    one = ledger.add_scenario(" More for 小红书 ", PLAN, KNOWN, "Ann")
    two = ledger.add_scenario("Less", {"budget": 1}, {}, "Ann")
    assert (one, two) == (1, 2) and ledger.version > version
    ledger.change_scenario(one, "Bob", "a bit more", settings={**PLAN, "budget": 12_000})
    ledger.change_scenario(one, "Bob", "agreed in the meeting", name="June", state="chosen")
    row = ledger.scenarios().iloc[0]
    assert (row["name"], row["state"], row["why"]) == ("June", "chosen", "agreed in the meeting")
    assert row["settings"] == {**PLAN, "budget": 12_000} and row["evidence"] == KNOWN
    history = ledger.scenario_history()
    assert list(history["version"]) == [1, 2, 3, 1]
    assert history["settings"][0] == PLAN and history["name"][0] == "More for 小红书"
    assert row["made_at"] == history["at"][0]


def test_nonsense_is_refused_and_nothing_is_written(ledger):
    one = ledger.add_scenario("x", PLAN, KNOWN, "Ann")
    for refused in (
        lambda: ledger.add_scenario(" ", PLAN, KNOWN, "Ann"),
        lambda: ledger.add_scenario("x", {}, KNOWN, "Ann"),
        lambda: ledger.change_scenario(one, "Ann", " ", state="chosen"),
        lambda: ledger.change_scenario(one, "Ann", "x", state="running"),
        lambda: ledger.change_scenario(one, "Ann", "x", name=" "),
        lambda: ledger.change_scenario(one, "Ann", "x", settings={}),
        lambda: ledger.change_scenario(9, "Ann", "x"),
    ):
        with pytest.raises(LedgerError):
            refused()
    assert len(ledger.scenario_history()) == 1
