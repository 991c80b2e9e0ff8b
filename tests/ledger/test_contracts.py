"""Contracts: added, taken back, kept in the history, refused when they say nothing."""

import datetime as dt

import pytest

from channelopt.ledger import Ledger, LedgerError

FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 3, 31)


@pytest.fixture
def ledger():
    with Ledger.open(":memory:") as opened:
        yield opened


def test_a_contract_comes_goes_and_stays_in_the_history(ledger):
    version = ledger.version
    one = ledger.add_contract("baidu", FIRST, LAST, impressions=1000, price=50.5, what=" Q1 ", by="Ann")
    two = ledger.add_contract("meta_ads", FIRST, FIRST, clicks=10, by="Ann")
    assert (one, two, ledger.version) == (1, 2, version + 2)
    row = ledger.contracts().iloc[0]
    assert (row["channel"], row["impressions"], row["price"], row["what"], row["by"]) == (
        "baidu", 1000, 50.5, "Q1", "Ann",
    )  # fmt: skip
    assert row["clicks"] != row["clicks"]
    ledger.remove_contract(one, by="Bob")
    assert list(ledger.contracts()["contract_id"]) == [2]
    history = ledger.contract_history()
    assert list(history["contract_id"]) == [1, 2, 1]
    assert list(history["by"]) == ["Ann", "Ann", "Bob"]
    assert ledger.add_contract("baidu", FIRST, LAST, clicks=1, by="Ann") == 3  # no number twice
    with pytest.raises(LedgerError, match="number 1"):
        ledger.remove_contract(one, by="Bob")
    with pytest.raises(LedgerError, match="number 9"):
        ledger.remove_contract(9, by="Bob")


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": ""},
        {"day_last": FIRST - dt.timedelta(days=1)},
        {"impressions": None},
        {"impressions": 0},
        {"impressions": -5.0},
        {"impressions": float("nan")},
        {"price": -1.0},
        {"price": float("inf")},
    ],
)
def test_a_contract_that_says_nothing_is_refused(ledger, wrong):
    given = {"channel": "a", "day_first": FIRST, "day_last": LAST, "impressions": 1.0, "price": 1.0} | wrong
    with pytest.raises(LedgerError, match="A contract needs"):
        ledger.add_contract(**given, by="x")
    assert ledger.contracts().empty


def test_the_diagnosis_reads_the_contracts(ledger, monkeypatch):
    import pandas as pd

    from channelopt.plan.diagnosis import diagnose

    ledger.add_contract("a", FIRST, LAST, impressions=10_000, price=100, by="x")
    days = pd.DataFrame(
        {"day": pd.date_range(FIRST, LAST), "channel": "a", "spend": 5.0, "impressions": 100.0}
    )
    monkeypatch.setattr(type(ledger), "daily", lambda self, **_: days)
    found = diagnose(ledger)
    assert [d.finding.code for d in found.traffic.doubts] == ["measure.short"]
    assert "measure.short" in [reason.code for reason in found.verdicts["reasons"].iloc[0]]
    assert diagnose(days).traffic.doubts == ()
