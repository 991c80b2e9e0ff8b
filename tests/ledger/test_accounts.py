"""Law 1: accounts are neither added twice under two names nor merged into one."""

from __future__ import annotations

import itertools
import time

import pytest

from channelopt.ledger import Ledger, LedgerError
from tests.ledger.conftest import START, at, same, spend, spend_read, spend_rows, totals

EACH = (10.0, 23.5, 17.2, 31.9, 12.4)


def days(account, factor=1.0, *, start=0, n=5, campaigns=("a",), wobble=0.0, **more):
    """``n`` days of an account whose spend goes up and down."""
    rows = []
    for d in range(start, start + n):
        each = EACH[d % len(EACH)] * factor * (1 + wobble * (-1) ** d)
        rows += spend_rows(days=1, start=d, each=each, account=account, campaigns=campaigns, **more)
    return rows


def put(ledger, rows, name, **about):
    return ledger.commit(spend_read(rows, name=name, **about), "eve")


def codes(found):
    return sorted(f.code for f in found)


@pytest.mark.parametrize("wobble", [0.0, 0.002])
def test_one_account_under_two_names_counts_once_until_answered(ledger, wobble):
    put(ledger, days("Main"), "name.csv")
    commit = put(ledger, days("123-456", wobble=wobble), "id.csv")
    assert "ledger.same_money" in codes(commit.findings)
    assert codes(ledger.findings()) == ["ledger.same_money"]
    asked = ledger.findings()[0]
    assert asked.severity == "question"
    assert (asked.params["one"], asked.params["other"], asked.params["days"]) == ("123-456", "Main", 5)
    assert spend(ledger) == pytest.approx(95.0, rel=0.003)
    assert set(ledger.daily(("account",))["account"]) == {"Main"}
    assert asked.params["spend"] == pytest.approx(95.0, rel=0.003)


def test_the_answer_decides_and_can_be_taken_back(ledger):
    put(ledger, days("Main"), "name.csv")
    put(ledger, days("123-456", n=7), "id.csv")
    before, asked = totals(ledger), ledger.findings()
    assert spend(ledger) == pytest.approx(95 + 33.5)
    two = ledger.answer_accounts("baidu", "Main", "123-456", False, by="eve")
    assert (two.status, two.id) == ("answered", None)
    assert (two.spend_before, two.spend_after) == (pytest.approx(128.5), pytest.approx(223.5))
    assert spend(ledger) == pytest.approx(223.5)
    assert ledger.findings() == ()
    ledger.answer_accounts("baidu", "123-456", "Main", True, by="bob")
    assert spend(ledger) == pytest.approx(128.5)
    assert ledger.findings() == ()
    version = ledger.version
    ledger.forget_accounts("baidu", "Main", "123-456", by="bob")
    assert ledger.version > version
    same(totals(ledger), before)
    assert ledger.findings() == asked
    history = ledger.account_answers()
    assert history["by"].tolist() == ["eve", "bob", "bob"]
    assert history["same"].isna().tolist() == [False, False, True]
    assert history["at"].notna().all()


def test_one_account_by_answer_though_nothing_shows_it(ledger):
    put(ledger, days("Main"), "name.csv")
    put(ledger, days("123", 2.0), "id.csv")
    assert spend(ledger) == pytest.approx(285)
    ledger.answer_accounts("baidu", "Main", "123", True, by="eve")
    assert spend(ledger) == pytest.approx(190)


@pytest.mark.parametrize("names", [("Main", "Main"), ("Main", "nobody"), ("", "Main")])
def test_an_answer_about_an_account_nobody_names_is_refused(ledger, names):
    put(ledger, days("Main"), "name.csv")
    with pytest.raises(LedgerError) as refused:
        ledger.answer_accounts("baidu", *names, True, by="eve")
    assert refused.value.code == "ledger.no_account"
    assert ledger.account_answers().empty


def test_two_accounts_that_spend_differently_add_up_without_a_question(ledger):
    put(ledger, days("north"), "n.csv")
    put(ledger, days("south", wobble=0.1), "s.csv")
    assert codes(ledger.findings()) == []
    assert spend(ledger) > 180


def test_two_accounts_of_one_file_are_two(ledger):
    put(ledger, days("north") + days("south"), "both.csv")
    assert spend(ledger) == pytest.approx(190)
    assert ledger.findings() == ()


def test_a_correction_of_one_name_does_not_hide_what_they_share(ledger):
    put(ledger, days("Main"), "name.csv", generated_at=at(6))
    put(ledger, days("123"), "id.csv", generated_at=at(6))
    put(ledger, days("Main", 1.03), "corrected.csv", generated_at=at(9))
    assert codes(ledger.findings()) == ["ledger.same_money"]
    assert spend(ledger) == pytest.approx(95 * 1.03)


def test_one_shared_day_is_enough_when_it_is_the_same_to_the_cent(ledger):
    put(ledger, days("Main", n=3), "name.csv")
    put(ledger, days("123", start=2, n=3), "id.csv")
    assert codes(ledger.findings()) == ["ledger.same_money"]
    assert spend(ledger) == pytest.approx(95)
    with Ledger.open(":memory:") as other:
        put(other, days("Main", n=3), "name.csv")
        put(other, days("123", 1.003, start=2, n=3), "id.csv")
        assert other.findings() == ()


@pytest.mark.parametrize("reverse", [False, True])
def test_a_month_in_one_sum_and_its_days_under_another_name_count_once(ledger, reverse):
    month = days("123", 9.5 / EACH[0] * 10, n=1)
    month[0]["day_end"] = at(4).date()
    files = [(month, "month.csv"), (days("Main", n=3), "one.csv"), (days("Main", start=3, n=2), "two.csv")]
    for rows, name in reversed(files) if reverse else files:
        put(ledger, rows, name)
    assert codes(ledger.findings()) == ["ledger.period_hidden", "ledger.same_money"]
    assert spend(ledger) == pytest.approx(95)


def test_three_names_of_one_account_count_once_in_any_order():
    files = [(days(a, campaigns=c), f"{a}.csv") for a, c in (("A", ("x",)), ("B", ("y",)), ("C", ("z",)))]
    seen = []
    for order in itertools.permutations(files):
        with Ledger.open(":memory:", name="b", currency="CNY") as ledger:
            for rows, name in order:
                put(ledger, rows, name)
            assert spend(ledger) == pytest.approx(95)
            seen.append((totals(ledger), ledger.findings()))
    for figures, found in seen[1:]:
        same(figures, seen[0][0])
        assert found == seen[0][1]


def test_two_accounts_told_apart_never_join_through_a_third_name(ledger):
    for name in ("A", "B", "C"):
        put(ledger, days(name), f"{name}.csv")
    ledger.answer_accounts("baidu", "A", "C", False, by="eve")
    assert spend(ledger) == pytest.approx(190)


def test_an_answer_outlives_undo_and_later_files(ledger):
    put(ledger, days("Main"), "name.csv")
    second = put(ledger, days("123"), "id.csv").id
    ledger.answer_accounts("baidu", "Main", "123", False, by="eve")
    ledger.undo(second, "eve")
    assert spend(ledger) == pytest.approx(95)
    ledger.redo(second, "eve")
    assert spend(ledger) == pytest.approx(190)


@pytest.mark.parametrize("named", ["", "north"])
def test_unnamed_days_that_disagree_are_a_question_not_a_sum(ledger, named):
    """Daily totals without campaigns: nothing but the money tells that they are two accounts."""
    put(ledger, days(named, campaigns=("",)), "one.csv", level="account")
    put(ledger, days("", 0.37, campaigns=("",)), "two.csv", level="account")
    assert codes(ledger.findings()) == ["ledger.days_disagree"]
    asked = ledger.findings()[0].params
    assert (asked["kept"], asked["days"]) == ("one.csv", 5)
    assert spend(ledger) == pytest.approx(95)
    put(ledger, days("", 0.37, campaigns=("",)), "two.csv", level="account")
    ledger.commit(
        spend_read(days("", 0.37, campaigns=("",)), name="two.csv", level="account"), "eve", account="b"
    )
    if named:
        assert spend(ledger) == pytest.approx(95 * 1.37)
        assert ledger.findings() == ()


def test_corrections_and_an_incomplete_last_day_are_no_question(ledger):
    put(ledger, days("", campaigns=("",)), "one.csv", level="account", generated_at=at(4))
    rows = days("", 1.02, campaigns=("",), n=7)
    put(ledger, rows, "two.csv", level="account", generated_at=at(9))
    assert ledger.findings() == ()
    early = days("", campaigns=("",), start=7, n=2)
    early[-1]["spend"] *= 0.3
    put(ledger, early, "noon.csv", level="account", generated_at=at(8))
    put(ledger, days("", campaigns=("",), start=8, n=2), "evening.csv", level="account", generated_at=at(12))
    assert "ledger.days_disagree" not in codes(ledger.findings())


def test_an_unnamed_file_without_a_campaign_of_the_named_account_is_a_question(ledger):
    put(ledger, days("north", campaigns=("a", "b")), "one.csv")
    put(ledger, days("", campaigns=("x",)), "two.csv")
    assert codes(ledger.findings()) == ["ledger.unlike_files"]
    assert START


def test_sixty_accounts_and_a_file_a_day_cost_little(ledger):
    """One file names sixty accounts, then one file a day comes in without a name of its own."""
    rows = [row for i in range(60) for row in days(f"a{i:02d}", 1 + i / 7, n=60)]
    put(ledger, rows, "all.csv")
    put(ledger, days("other", 1 + 3 / 7, n=60), "id.csv")
    assert [f.params["other"] for f in ledger.findings()] == ["other"]
    started = time.process_time()
    put(ledger, days("late", 3.3, n=3), "late.csv")
    assert time.process_time() - started < 3
    with Ledger.open(":memory:") as other:
        for d in range(30):
            put(other, days("", start=d, n=1), f"{d}.csv")
        assert other.findings() == ()


@pytest.mark.parametrize("reverse", [False, True])
def test_two_files_filtered_differently_say_what_is_not_counted(ledger, reverse):
    files = [
        (days("", campaigns=("a", "b", "c"), factor=1.0), "abc.csv"),
        (days("", campaigns=("b", "x")), "bx"),
    ]
    for rows, name in reversed(files) if reverse else files:
        put(ledger, rows, name)
    told = [f for f in ledger.findings() if f.code == "ledger.other_campaigns"]
    assert [(f.params["name"], f.params["kept"], f.params["days"]) for f in told] == [("bx", "abc.csv", 5)]
    assert told[0].params["spend"] == pytest.approx(2 * 95)
    assert spend(ledger) == pytest.approx(6 * 95)


def test_a_filter_inside_another_and_a_renamed_campaign_say_nothing_of_it(ledger):
    put(ledger, days("", campaigns=("a", "b", "c")), "abc.csv")
    put(ledger, days("", campaigns=("b",)), "b.csv")
    put(ledger, days("", campaigns=("a", "b", "c new")), "renamed.csv")
    assert "ledger.other_campaigns" not in codes(ledger.findings())
