"""Leads: one record per person, and which days their counts are known for."""

from __future__ import annotations

import numpy as np
import pytest

from channelopt.ledger import Ledger, LedgerError
from tests.ledger.conftest import at, lead, lead_read, spend_read, spend_rows


def test_a_later_list_brings_the_customer(ledger):
    ledger.commit(lead_read([lead("p1")], ledger, generated_at=at(3)), "eve")
    later = lead_read([lead("p1", bought=5, revenue=900.0)], ledger, generated_at=at(20), name="b.csv")
    commit = ledger.commit(later, "eve")
    assert (commit.added, commit.replaced) == (0, 1)
    people = ledger.leads()
    assert len(people) == 1
    assert people["revenue"].iloc[0] == 900
    ledger.undo(commit.id, "eve")
    assert ledger.leads()["customer_at"].isna().all()


def test_an_older_list_uploaded_late_changes_nothing(ledger):
    ledger.commit(lead_read([lead("p1", bought=5)], ledger, generated_at=at(20)), "eve")
    commit = ledger.commit(lead_read([lead("p1")], ledger, generated_at=at(3), name="b.csv"), "eve")
    assert (commit.added, commit.replaced, commit.unchanged) == (0, 0, 1)
    assert ledger.leads()["revenue"].iloc[0] == 100


def test_outcomes_are_zero_inside_the_list_and_unknown_outside(ledger):
    ledger.commit(spend_read(spend_rows(days=30)), "eve")
    ledger.commit(spend_read(spend_rows(days=30, platform="radio"), platform="radio", name="r"), "eve")
    ledger.commit(
        lead_read([lead("p1", day=2), lead("p2", day=9, bought=4)], ledger, generated_at=at(21)), "eve"
    )
    daily = ledger.daily().set_index(["channel", "day"])
    baidu = daily.loc["baidu"]["customers"].tolist()
    assert np.isnan(baidu[:2]).all()
    assert baidu[2] == 0 and baidu[9] == 1
    assert baidu[10:21] == [0.0] * 11
    assert np.isnan(baidu[22:]).all()
    assert daily.loc["radio"]["customers"].isna().all()
    assert daily.loc["baidu"]["platform_leads"].sum() == 30


def test_without_a_list_the_platform_counts(ledger):
    ledger.commit(spend_read(spend_rows(days=3)), "eve")
    daily = ledger.daily(("channel",))
    assert daily["leads"].iloc[0] == 3
    assert np.isnan(daily["valid_leads"].iloc[0])


def test_leads_without_a_channel_have_a_name_of_their_own(ledger):
    ledger.commit(lead_read([lead("p1", channel="")], ledger), "eve")
    assert ledger.daily(("channel",))["channel"].tolist() == ["unassigned"]
    assert ledger.channels()["channel"].tolist() == ["unassigned"]


def test_people_coded_with_another_key_are_refused(ledger):
    with Ledger.open(":memory:") as other, pytest.raises(LedgerError) as refused:
        ledger.commit(lead_read([lead("p1")], other), "eve")
    assert refused.value.code == "ledger.other_key"
    assert ledger.leads().empty


def test_as_of_is_the_newest_day_the_lists_know(ledger):
    assert ledger.as_of is None
    ledger.commit(lead_read([lead("p1", bought=5)], ledger), "eve")
    assert ledger.as_of == at(5).date()


def test_customers_without_any_revenue_leave_it_unknown(ledger):
    ledger.commit(spend_read(spend_rows(days=9)), "eve")
    unpaid = [lead("p1", day=1, bought=1, revenue=np.nan), lead("p2", day=3)]
    ledger.commit(lead_read(unpaid, ledger, generated_at=at(9)), "eve")
    assert ledger.daily()["customers"].sum() == 1
    assert ledger.daily()["revenue"].isna().all()
    paid = lead_read([lead("p3", day=4, bought=1, revenue=70.0)], ledger, generated_at=at(9), name="b.csv")
    ledger.commit(paid, "eve")
    daily = ledger.daily().set_index("day")["revenue"]
    assert daily.sum() == 70 and (daily.iloc[1:4] == 0).all()
