"""Law 1: the same money is never counted twice, whatever the order, overlap, grain or repetition."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from channelopt.ledger import Ledger
from tests.ledger.conftest import at, same, spend, spend_read, spend_rows, totals


def codes(found):
    return {f.code for f in found}


def test_the_same_file_twice_is_unchanged(ledger):
    read = spend_read(spend_rows())
    assert ledger.commit(read, "eve").added == 3
    again = ledger.commit(read, "eve")
    assert again.status == "unchanged"
    assert spend(ledger) == 30
    assert len(ledger.imports()) == 1


def test_campaigns_and_the_daily_total_of_the_same_days_count_once(ledger):
    ledger.commit(spend_read(spend_rows(campaigns=("a", "b"))), "eve")
    total = spend_rows(campaigns=("",), each=30.0, leads=2.0)
    ledger.commit(spend_read(total, level="account", name="total.csv"), "eve")
    assert spend(ledger) == 90
    detail = ledger.daily(("campaign",))
    assert set(detail["campaign"]) == {"a", "b"}


def test_a_newer_full_report_replaces_and_says_so(ledger):
    ledger.commit(spend_read(spend_rows(each=10.0), generated_at=at(3), name="old.csv"), "eve")
    newer = spend_read(spend_rows(each=10.1, leads=4.0), generated_at=at(9), name="new.csv")
    commit = ledger.commit(newer, "eve")
    assert (commit.added, commit.replaced) == (0, 3)
    assert spend(ledger) == pytest.approx(30.3)
    told = next(f for f in commit.findings if f.code == "ledger.replaced")
    assert told.params["days"] == 3
    assert told.params["before"] == pytest.approx(30.0)
    assert told.params["after"] == pytest.approx(30.3)
    assert len(commit.changes) == 3


def test_a_filtered_report_does_not_win_silently(ledger):
    ledger.commit(spend_read(spend_rows(campaigns=("a", "b")), generated_at=at(3), name="full.csv"), "eve")
    commit = ledger.commit(spend_read(spend_rows(), generated_at=at(9), name="part.csv"), "eve")
    assert "ledger.kept_fuller" in codes(commit.findings)
    assert spend(ledger) == 90
    assert "ledger.kept_fuller" in codes(ledger.findings())
    ledger.commit(spend_read(spend_rows(), generated_at=at(9), name="part.csv"), "eve", prefer=True)
    assert spend(ledger) == 30


def test_a_file_that_explains_too_little_counts_only_when_accepted(ledger):
    read = spend_read(spend_rows(), explained=0.4)
    commit = ledger.commit(read, "eve")
    assert "ledger.partial" in codes(commit.findings)
    assert commit.unchanged == 3
    assert ledger.daily().empty
    ledger.commit(read, "eve", accept_partial=True)
    assert spend(ledger) == 30


def test_insisting_on_a_stored_file_is_the_same_as_insisting_at_once(ledger):
    read = spend_read(spend_rows(), explained=0.4)
    ledger.commit(read, "eve")
    ledger.commit(read, "eve", accept_partial=True)
    ledger.commit(read, "eve", prefer=True)
    with Ledger.open(":memory:") as other:
        other.commit(read, "eve", accept_partial=True, prefer=True)
        same(totals(ledger), totals(other))
    assert len(ledger.imports()) == 1


def test_two_named_accounts_add_up(ledger):
    for account, each in (("north", 10.0), ("south", 20.0)):
        ledger.commit(spend_read(spend_rows(account=account, each=each), name=account), "eve")
    assert spend(ledger) == 90


def test_an_unnamed_file_is_the_only_named_account_there_is(ledger):
    ledger.commit(spend_read(spend_rows(account="north"), name="n"), "eve")
    ledger.commit(spend_read(spend_rows(), name="u", generated_at=at(9)), "eve")
    assert spend(ledger) == 30


def test_an_unnamed_file_beside_two_accounts_is_a_question(ledger):
    for account, each in (("north", 10.0), ("south", 20.0)):
        ledger.commit(spend_read(spend_rows(account=account, each=each), name=account), "eve")
    read = spend_read(spend_rows(each=30.0), name="which.csv")
    commit = ledger.commit(read, "eve")
    assert "ledger.same_account" in codes(commit.findings)
    assert spend(ledger) == 90
    ledger.commit(read, "eve", account="west")
    assert spend(ledger) == 180
    assert "ledger.same_account" not in codes(ledger.findings())


def test_two_unnamed_files_without_a_campaign_in_common_are_a_question(ledger):
    ledger.commit(spend_read(spend_rows(campaigns=("a",)), name="one.csv"), "eve")
    commit = ledger.commit(spend_read(spend_rows(campaigns=("x",), each=10.0), name="two.csv"), "eve")
    assert "ledger.unlike_files" in codes(commit.findings)
    assert spend(ledger) == 30


def test_a_period_sum_counts_only_where_no_day_is_known(ledger):
    period = spend_rows(days=1, each=300.0)
    period[0]["day_end"] = at(29).date()
    ledger.commit(spend_read(period, name="month.csv"), "eve")
    assert spend(ledger) == 300
    commit = ledger.commit(spend_read(spend_rows(days=2), name="days.csv"), "eve")
    assert "ledger.period_hidden" in codes(commit.findings)
    assert spend(ledger) == 20


def test_a_summary_table_and_the_export_of_the_same_channel_count_once(ledger):
    ledger.commit(spend_read(spend_rows(), name="export.csv"), "eve")
    table = spend_rows(platform="generic", channel="baidu", campaigns=("",))
    ledger.commit(spend_read(table, platform="generic", level="account", name="summary.csv"), "eve")
    assert spend(ledger) == 30


@st.composite
def uploads(draw):
    """Overlapping reports of one channel: versions, levels, filters, accounts, periods."""
    made = []
    for number in range(draw(st.integers(2, 5))):
        campaigns = draw(st.sampled_from([("a",), ("a", "b"), ("a", "b", "c"), ("",), ("x",)]))
        rows = spend_rows(
            days=draw(st.integers(1, 5)),
            start=draw(st.integers(0, 4)),
            campaigns=campaigns,
            each=draw(st.sampled_from([10.0, 10.1, 25.0, 0.0])),
            account=draw(st.sampled_from(["", "", "north", "south"])),
            leads=float(draw(st.integers(0, 3))),
        )
        if draw(st.booleans()) and len(rows) > 1:
            rows[0]["day_end"] = rows[-1]["day"]
        made.append(
            spend_read(
                rows,
                name=f"{number}.csv",
                level="account" if campaigns == ("",) else "campaign",
                generated_at=draw(st.sampled_from([None, at(6), at(9)])),
                explained=draw(st.sampled_from([float("nan"), 1.0, 0.5])),
            )
        )
    return made


#: Shrinking a whole set of uploads takes minutes; the failing one is printed as it is.
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=25, deadline=None, phases=QUICK)
@given(uploads(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_totals(reads, shuffle):
    with Ledger.open(":memory:") as first, Ledger.open(":memory:") as second:
        for read in reads:
            first.commit(read, "eve")
        mixed = [*reads, *reads]
        shuffle.shuffle(mixed)
        for read in mixed:
            second.commit(read, "eve")
        same(totals(first), totals(second))
        assert first.findings() == second.findings()


@settings(max_examples=15, deadline=None, phases=QUICK)
@given(uploads())
def test_undo_restores_exactly_and_redo_brings_back(reads):
    with Ledger.open(":memory:") as ledger:
        for read in reads[:-1]:
            ledger.commit(read, "eve")
        before, known = totals(ledger), ledger.findings()
        version = ledger.version
        planned = ledger.preview(reads[-1])
        assert ledger.version == version
        same(totals(ledger), before)
        commit = ledger.commit(reads[-1], "eve")
        if commit.status == "unchanged":
            return
        assert (planned.added, planned.replaced, planned.unchanged) == (
            commit.added,
            commit.replaced,
            commit.unchanged,
        )
        assert planned.findings == commit.findings
        same(planned.changes, commit.changes)
        after = totals(ledger)
        ledger.undo(commit.id, "eve")
        same(totals(ledger), before)
        assert ledger.findings() == known
        ledger.redo(commit.id, "eve")
        same(totals(ledger), after)
