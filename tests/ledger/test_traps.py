"""Traps: ways in which money was lost or counted twice, and what a workspace survives."""

from __future__ import annotations

import datetime as dt
import os
import threading

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from channelopt.errors import Finding, InputError
from channelopt.fields import SPEND_COLUMNS, SPEND_FIELDS
from channelopt.intake import read_export
from channelopt.ledger import Ledger, LedgerError
from channelopt.ledger.originals import Originals
from channelopt.ledger.store import acquire, release
from tests.ledger.conftest import (
    START,
    at,
    lead,
    lead_read,
    make,
    same,
    spend,
    spend_read,
    spend_rows,
    totals,
)

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)


def period(each, **more):
    rows = spend_rows(days=1, each=each, **more)
    rows[0]["day_end"] = at(30).date()
    return rows


def codes(ledger):
    return [f.code for f in ledger.findings()]


def figures(ledger, by=("channel",)):
    return ledger.daily(by).set_index(list(by))


def test_rows_of_one_file_with_and_without_an_account_add_up(ledger):
    rows = spend_rows(account="north") + spend_rows(campaigns=("z",))
    ledger.commit(spend_read(rows), "eve")
    assert spend(ledger) == 60
    assert set(ledger.daily(("account",))["account"]) == {"north"}


@pytest.mark.parametrize("first", ["sums", "days"])
def test_a_sum_of_nobodys_account_beside_two_named_ones_is_a_question(ledger, first):
    for account, times in (("north", 1), ("south", 2)):
        days = spend_rows(start=4, account=account, each=10.0 * times)
        rows = period(500.0 * times, account=account) if first == "sums" else days
        ledger.commit(spend_read(rows, name=account), "eve")
    before = spend(ledger)
    rows = spend_rows(start=4, each=7.0) if first == "sums" else period(800.0)
    ledger.commit(spend_read(rows, name="nobody.csv"), "eve")
    assert spend(ledger) == before
    assert codes(ledger) == ["ledger.same_account"]


def test_files_in_two_currencies_are_compared_as_money(ledger):
    ledger.set_rate("USD", 7.0, "eve")
    ledger.commit(spend_read(spend_rows(each=70.0), name="yuan", generated_at=at(40)), "eve")
    newer = spend_read(spend_rows(each=10.5), name="dollars", currency="USD", generated_at=at(50))
    ledger.commit(newer, "eve")
    assert spend(ledger) == pytest.approx(220.5)
    assert codes(ledger) == []


def test_a_rate_set_later_gives_the_same_as_a_rate_set_first():
    reads = [
        spend_read(spend_rows(each=70.0), name="yuan", generated_at=at(40)),
        spend_read(spend_rows(each=10.5), name="dollars", currency="USD", generated_at=at(50)),
    ]
    with Ledger.open(":memory:") as early, Ledger.open(":memory:") as late:
        early.set_rate("USD", 7.0, "eve")
        for one in (early, late):
            for read in reads:
                one.commit(read, "eve")
        assert spend(late) == 210
        late.set_rate("USD", 7.0, "eve")
        same(totals(early), totals(late))


def test_the_workspaces_own_currency_is_worth_one(ledger):
    with pytest.raises(InputError):
        ledger.set_rate("CNY", 7.0, "eve")
    assert ledger.rates().empty


def test_people_of_a_channel_on_two_platforms_count_once(ledger):
    ledger.commit(spend_read(spend_rows(account="north"), name="n"), "eve")
    table = spend_rows(account="south", platform="generic", channel="baidu", each=20.0)
    ledger.commit(spend_read(table, platform="generic", name="s"), "eve")
    ledger.commit(lead_read([lead("p1", bought=1), lead("p2", day=1)], ledger), "eve")
    for by in (("channel",), ("platform",), ("platform", "campaign"), ("day", "channel", "campaign")):
        assert ledger.daily(by)["leads"].sum() == 2
        assert ledger.daily(by)["spend"].sum() == 90


def test_the_receipt_speaks_of_the_days_of_the_file(ledger):
    ledger.commit(spend_read(spend_rows(days=60), name="old"), "eve")
    newer = spend_read(spend_rows(days=5, each=10.1), name="new", generated_at=at(90))
    planned = ledger.preview(newer)
    commit = ledger.commit(newer, "eve")
    for one in (planned, commit):
        assert (one.spend_before, one.spend_after) == (pytest.approx(50.0), pytest.approx(50.5))
    back = ledger.undo(commit.id, "eve")
    assert (back.spend_before, back.spend_after) == (pytest.approx(50.5), pytest.approx(50.0))


def test_the_receipt_of_days_that_push_out_a_sum_tells_the_sum(ledger):
    ledger.commit(spend_read(period(500.0), name="month"), "eve")
    commit = ledger.commit(spend_read(spend_rows(start=4), name="days"), "eve")
    assert (commit.spend_before, commit.spend_after) == (500, 30)


def test_a_file_that_is_there_already_still_says_its_money(ledger):
    read = spend_read(spend_rows())
    ledger.commit(read, "eve")
    ledger.commit(spend_read(spend_rows(start=30), name="later"), "eve")
    again = ledger.commit(read, "eve")
    assert (again.status, again.spend_before, again.spend_after) == ("unchanged", 30, 30)
    people = lead_read([lead("p1")], ledger)
    ledger.commit(people, "eve")
    assert ledger.commit(people, "eve").spend_after == 0


def test_an_undone_file_that_comes_again_keeps_its_number(ledger):
    first = spend_read(spend_rows(), name="a")
    number = ledger.commit(first, "eve").id
    ledger.commit(spend_read(spend_rows(start=10), name="b"), "eve")
    before = totals(ledger)
    ledger.undo(number, "eve")
    again = ledger.commit(first, "eve")
    assert (again.id, again.status, again.added) == (number, "committed", 3)
    assert ledger.imports()["import_id"].tolist() == [1, 2]
    same(totals(ledger), before)


def test_a_channel_that_lives_on_other_costs_has_a_return(ledger):
    ledger.commit(spend_read(spend_rows(days=3)), "eve")
    people = [lead("p1"), lead("p2", channel="offline", day=1, bought=1)]
    ledger.commit(lead_read(people, ledger, generated_at=at(30)), "eve")
    ledger.add_other_cost(START, 310.0, "street team", "offline", by="eve")
    table = figures(ledger)
    assert table.loc["offline", "cost"] == pytest.approx(310.0)
    assert np.isnan(table.loc["offline", "spend"])
    assert table["cost"].sum() == pytest.approx(340.0)
    assert ledger.channels()["channel"].tolist() == ["baidu", "offline"]
    days = ledger.daily().query("channel == 'offline'")
    assert days["revenue"].notna().all(), "a day with cost and no sale is a zero, or the return looks high"


def test_a_pause_between_two_files_carries_its_fee(ledger):
    for start in (0, 65):
        ledger.commit(spend_read(spend_rows(start=start), name=str(start)), "eve")
    ledger.add_other_cost(dt.date(2026, 4, 1), 90.0, "agency", "baidu", by="eve")
    april = ledger.daily(start=dt.date(2026, 4, 1), end=dt.date(2026, 4, 30))
    assert april["cost"].sum() == pytest.approx(90.0)
    assert (april["spend"] == 0).all()


def test_a_fee_waits_for_the_spend_of_its_month(ledger):
    ledger.commit(spend_read(spend_rows(days=3)), "eve")
    ledger.add_other_cost(dt.date(2026, 5, 1), 90.0, "agency", "baidu", by="eve")
    assert figures(ledger)["cost"].sum() == 30
    ledger.commit(spend_read(spend_rows(start=70), name="may"), "eve")
    assert figures(ledger)["cost"].sum() == pytest.approx(150.0)


def test_closing_twice_does_not_close_anothers_workspace(tmp_path):
    one, two = Ledger.open(tmp_path / "w"), Ledger.open(tmp_path / "w")
    one.close()
    one.close()
    two.commit(spend_read(spend_rows()), "eve")
    assert spend(two) == 30
    two.close()


def test_a_page_does_not_wait_for_an_import(tmp_path):
    with Ledger.open(tmp_path / "w") as ledger, Ledger.open(tmp_path / "w") as page:
        ledger.commit(spend_read(spend_rows()), "eve")
        seen = []
        reader = threading.Thread(target=lambda: seen.append(spend(page)))
        with ledger._store.write() as cursor:
            cursor.execute("DELETE FROM daily_spend")
            reader.start()
            reader.join(timeout=10)
            assert seen == [30], "the figures of before, at once"
        reader.join()


def test_a_damaged_file_in_a_folder_of_clocks_is_not_called_locked(tmp_path):
    folder = tmp_path / "clocks"
    folder.mkdir()
    (folder / "ledger.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(LedgerError) as refused:
        Ledger.open(folder)
    assert refused.value.code == "ledger.damaged"


def test_a_full_disk_at_the_last_moment_is_a_sentence(ledger, monkeypatch):
    ledger.commit(spend_read(spend_rows()), "eve")
    before = totals(ledger)
    real = ledger._store._connection

    class Full:
        def __init__(self):
            self.real = real.cursor()

        def execute(self, sql, *rest):
            if sql == "COMMIT":
                raise duckdb.TransactionException("Failed to commit: No space left on device")
            return self.real.execute(sql, *rest)

        def __getattr__(self, name):
            return getattr(self.real, name)

    class Connection:
        cursor = staticmethod(Full)

    monkeypatch.setattr(ledger._store, "_connection", Connection())
    with pytest.raises(LedgerError) as refused:
        ledger.commit(spend_read(spend_rows(start=9), name="b"), "eve")
    monkeypatch.undo()
    assert refused.value.code == "ledger.cannot_write"
    same(totals(ledger), before)
    assert ledger.commit(spend_read(spend_rows(start=9), name="b"), "eve").added == 3


def test_many_sessions_may_store_the_same_original_at_once(tmp_path):
    content, failed = os.urandom(2_000_000), []
    originals, gate = Originals(str(tmp_path)), threading.Barrier(4)

    def store():
        gate.wait()
        try:
            originals.put("aa", content)
        except LedgerError as error:
            failed.append(str(error))

    for _ in range(5):
        threads = [threading.Thread(target=store) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert originals.get("aa", "file") == content
    assert len(list((tmp_path / "originals").iterdir())) == 1


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE daily_spend SET day = day + INTERVAL 1 DAY, day_end = day_end + INTERVAL 1 DAY",
        "UPDATE daily_spend SET leads = leads + 1",
        "DELETE FROM daily_spend WHERE day = (SELECT max(day) FROM daily_spend)",
        "INSERT INTO daily_spend (SELECT * REPLACE ('ghost' AS channel) FROM daily_spend)",
        "DELETE FROM lead_records WHERE lead_key = 'p1'",
    ],
)
def test_the_doctor_finds_and_mends_every_kind_of_damage(tmp_path, damage):
    with Ledger.open(tmp_path / "w") as ledger:
        ledger.commit(spend_read(spend_rows()), "eve")
        ledger.commit(lead_read([lead("p1"), lead("p2")], ledger), "eve")
        before, version = totals(ledger), ledger.version
        store = acquire(str(tmp_path / "w"))
        with store.write() as cursor:
            cursor.execute(damage)
        release(store)
        assert "ledger.rollup_differs" in [f.code for f in ledger.doctor()]
        assert ledger.version > version, "pages that keep the wrong figures must read again"
        same(totals(ledger), before)
        version = ledger.version
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]
        assert ledger.version == version


def test_a_finding_without_its_date_comes_back(ledger):
    doubt = Finding("info", "intake.period", {"first": pd.NaT, "last": pd.Timestamp("2026-01-02")})
    commit = ledger.commit(spend_read(spend_rows(), findings=(doubt,)), "eve")
    params = ledger.import_findings(commit.id)[0].params
    assert params == {"first": None, "last": dt.datetime(2026, 1, 2)}


def test_the_key_has_the_name_the_intake_gives_it(ledger):
    table = "手机,创建时间,来源渠道,线索状态\n" + "".join(
        f"1380000{d:04d},2026-01-{d:02d} 10:00,百度,新线索\n" for d in range(1, 20)
    )
    read = read_export(table.encode(), "crm.csv", hash_key=ledger.hash_key)
    assert read.kind == "leads"
    assert read.hash_key_id == ledger.hash_key_id


def test_visits_never_compete_with_spend(ledger):
    ledger.commit(spend_read(spend_rows(days=2)), "eve")
    rows = [{"day": START + dt.timedelta(days=d), "channel": "baidu", "sessions": 10.0} for d in range(2)]
    ledger.commit(make(rows, "site", SPEND_COLUMNS, SPEND_FIELDS, platform="site", name="s"), "eve")
    table = figures(ledger)
    assert (table.loc["baidu", "spend"], table.loc["baidu", "sessions"]) == (20, 20)
    assert ledger.channels()["channel"].tolist() == ["baidu"]


@st.composite
def mixed_uploads(draw):
    """Spend of several channels, accounts and currencies, sums over periods, and lead lists."""
    made = []
    for number in range(draw(st.integers(2, 6))):
        if draw(st.integers(0, 3)) == 0:
            people = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=True))
            bought = {"bought": draw(st.integers(1, 9))} if draw(st.booleans()) else {}
            made.append(("leads", [lead(f"p{p}", day=p, **bought) for p in people], number, draw(days())))
            continue
        channel = draw(st.sampled_from(["baidu", "meta"]))
        rows = [
            row
            for account in draw(st.sampled_from([("",), ("north",), ("south",), ("", "north"), ("x", "y")]))
            for row in spend_rows(
                days=draw(st.integers(1, 3)),
                start=draw(st.integers(0, 4)),
                each=draw(st.sampled_from([10.0, 10.1, 25.0])),
                account=account,
                platform=channel,
            )
        ]
        if draw(st.booleans()):
            rows[0]["day_end"] = rows[0]["day"] + dt.timedelta(days=draw(st.integers(1, 6)))
        about = {"platform": channel, "currency": draw(st.sampled_from(["CNY", "CNY", "USD", "EUR"]))}
        made.append(("spend", rows, number, {**about, **draw(days())}))
    return made


def days():
    return st.sampled_from([{}, {"generated_at": at(20)}, {"generated_at": at(30)}])


def committed(ledger, upload):
    kind, rows, number, about = upload
    if kind == "leads":
        return ledger.commit(lead_read(rows, ledger, name=f"{number}.csv", **about), "eve")
    return ledger.commit(spend_read(rows, name=f"{number}.csv", **about), "eve")


@settings(max_examples=10, deadline=None, phases=QUICK)
@given(mixed_uploads(), st.randoms(use_true_random=False), st.booleans())
def test_order_does_not_matter_for_everything_together(uploads, shuffle, rate_first):
    with Ledger.open(":memory:") as one, Ledger.open(":memory:") as two:
        one.set_rate("USD", 7.0, "eve")
        if rate_first:
            two.set_rate("USD", 7.0, "eve")
        for upload in uploads:
            committed(one, upload)
        mixed = [*uploads, *uploads]
        shuffle.shuffle(mixed)
        for upload in mixed:
            committed(two, upload)
        if not rate_first:
            two.set_rate("USD", 7.0, "eve")
        same(totals(one), totals(two))
        same(one.leads(), two.leads())
        assert one.findings() == two.findings()
        for by in (("channel",), ("platform",), ("day",)):
            assert one.daily(by)["spend"].sum() == pytest.approx(totals(one)["spend"].sum())


#: Findings that say money was set aside until the user answers.
SET_ASIDE = {"ledger.same_account", "ledger.period_hidden"}


def counted(ledger):
    """(channel, day) → the accounts whose figure counts on it, once per figure."""
    with ledger._store.cursor() as cursor:
        cells = cursor.execute(
            "SELECT DISTINCT channel, account, day, day_end, import_id FROM records WHERE kind = 'spend'"
        ).df()
    found: dict[tuple[str, dt.date], list[str]] = {}
    for row in cells.itertuples():
        for day in pd.date_range(row.day, row.day_end):
            found.setdefault((row.channel, day.date()), []).append(row.account)
    return found


@settings(max_examples=15, deadline=None, phases=QUICK)
@given(mixed_uploads())
def test_each_day_of_an_account_counts_once_and_none_is_lost_silently(uploads):
    with Ledger.open(":memory:") as ledger:
        for upload in uploads:
            committed(ledger, upload)
        cells = counted(ledger)
        for key, accounts in cells.items():
            assert len(accounts) == len(set(accounts)), f"{key} counts twice: {accounts}"
            assert "" not in accounts or accounts == [""], f"{key} counts nobody's money beside {accounts}"
        daily = [row for kind, rows, *_ in uploads if kind == "spend" for row in rows if "day_end" not in row]
        lost = {row["platform"] for row in daily if (row["platform"], row["day"]) not in cells}
        told = {f.params["channel"] for f in ledger.findings() if f.code in SET_ASIDE}
        assert lost <= told
