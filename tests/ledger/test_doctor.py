"""The doctor: everything that can be wrong with a workspace is found, mended or named."""

from __future__ import annotations

import os
import time

import pytest

from channelopt.ledger import Ledger, LedgerError, durable
from tests.ledger.conftest import lead, lead_read, same, spend_read, spend_rows, totals


def codes(ledger):
    return sorted(f.code for f in ledger.doctor())


def damage(ledger, *statements):
    with ledger._store.write() as cursor:
        for sql in statements:
            cursor.execute(sql)


@pytest.fixture
def sick(tmp_path):
    """A workspace with spend of an account under two names, and a lead list."""
    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        ledger.commit(spend_read(spend_rows(account="Main"), name="a.csv"), "eve")
        ledger.commit(spend_read(spend_rows(account="123"), name="b.csv"), "eve")
        ledger.commit(lead_read([lead("p1"), lead("p2")], ledger, name="crm.csv"), "eve")
        assert codes(ledger) == ["ledger.healthy"]
        yield ledger


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM spend_facts WHERE import_id = 1 AND row_no = 2",
        "INSERT INTO spend_facts (SELECT * REPLACE (9 AS import_id) FROM spend_facts WHERE import_id = 1)",
        "DELETE FROM lead_facts WHERE lead_key = 'p1'",
    ],
)
def test_rows_that_are_gone_or_nobodys_are_an_error(sick, sql):
    damage(sick, sql)
    assert "ledger.rows_differ" in codes(sick)
    assert "ledger.rows_differ" in codes(sick), "it is not mended, so it is said again"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE records SET import_id = 3 - import_id WHERE kind = 'spend'",
        "DELETE FROM records",
        "DELETE FROM ledger_findings",
        "UPDATE ledger_findings SET params = replace(params, 'Main', 'Other')",
    ],
)
def test_a_choice_or_a_doubt_that_is_not_what_the_rows_say_is_made_anew(sick, sql):
    figures, doubts = totals(sick), sick.findings()
    damage(sick, sql)
    assert codes(sick) == ["ledger.rollup_differs"]
    assert codes(sick) == ["ledger.healthy"]
    same(totals(sick), figures)
    assert sick.findings() == doubts


def test_a_table_of_another_shape_is_an_error(sick):
    damage(sick, "ALTER TABLE events ADD COLUMN more INTEGER")
    found = sick.doctor()
    assert [(f.code, f.params["tables"]) for f in found] == [("ledger.shape_differs", "events")]


def test_the_key_of_people_must_be_there_and_fit(sick, tmp_path):
    path = tmp_path / "w" / "people.key"
    kept = path.read_bytes()
    fresh = lead_read([lead("p3")], sick, name="new.csv")
    path.unlink()
    assert codes(sick) == ["ledger.key_missing"]
    with pytest.raises(LedgerError, match=r"people\.key is missing"):
        sick.read(b"date,channel,cost\n2026-03-01,Radio,1\n", "r.csv")
    for wrong in (b"11" * 32, b"not hex", b""):
        path.write_bytes(wrong)
        assert codes(sick) == ["ledger.key_changed"]
        with pytest.raises(LedgerError):
            sick.commit(fresh, "eve")
    path.write_bytes(kept)
    assert codes(sick) == ["ledger.healthy"]
    sick.undo(3, "eve")
    path.unlink()
    assert len(sick.hash_key) == 32, "with no list in use a new key may be made"
    with pytest.raises(LedgerError) as refused:
        sick.redo(3, "eve")
    assert refused.value.code == "ledger.other_key"


def test_leftovers_are_swept_but_not_what_is_being_written(sick, tmp_path):
    folder = tmp_path / "w"
    left = [
        folder / ".people.key.0123456789abcdef0123456789abcdef",
        folder / "originals" / (".x." + "0" * 32),
    ]
    for path in left:
        path.write_bytes(b"half")
    with durable.whole(folder / "originals" / ("f" * 64 + ".zst")) as file:
        file.write(b"slow")
        assert [(f.code, f.params["halves"]) for f in sick.doctor()] == [("ledger.leftovers", 2)]
    assert not any(p.exists() for p in left)
    assert (folder / "originals" / ("f" * 64 + ".zst")).read_bytes() == b"slow"


def test_a_new_file_and_its_name_are_both_put_on_the_disk(tmp_path, monkeypatch):
    synced, real = [], os.fsync

    def fsync(number):
        synced.append(os.path.realpath(f"/proc/self/fd/{number}"))
        real(number)

    monkeypatch.setattr(os, "fsync", fsync)
    with durable.whole(tmp_path / "a") as file:
        file.write(b"x")
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc to name an open file")
    assert len(synced) == 2 and synced[1] == str(tmp_path.resolve())


def test_many_originals_are_examined_quickly(tmp_path):
    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        ledger.commit(spend_read(spend_rows()), "eve")
        row = ledger.imports().iloc[0]
        content = os.urandom(20_000)
        with ledger._store.write() as cursor:
            for n in range(1000):
                sha = f"{n:064x}"
                ledger._originals.put(sha, content)
                cursor.execute(
                    'INSERT INTO imports (import_id, sha256, name, kind, "rows", status)'
                    " VALUES (?, ?, ?, ?, 0, ?)",
                    [n + 10, sha, row["name"], "spend", "undone"],
                )
        started = time.process_time()
        assert codes(ledger) == ["ledger.healthy"]
        assert time.process_time() - started < 5
