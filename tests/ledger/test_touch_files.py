"""A touch log in the ledger: stored, counted once, undone, examined, backed up."""

from __future__ import annotations

import pytest

from channelopt.ledger import Ledger, LedgerError

HEAD = "visitor_id,timestamp,channel,event\n"
LINES = [
    "v1,2026-05-01 10:00:00,xiaohongshu,visit",
    "v1,2026-05-03 12:00:00,baidu,form_submit",
    "v2,2026-05-03 12:00:00,baidu,visit",
]


def log(*lines: str) -> bytes:
    return (HEAD + "\n".join(lines) + "\n").encode()


def test_stored_undone_and_back(tmp_path):
    with Ledger.open(tmp_path / "brand") as ledger:
        first = ledger.commit(ledger.read(log(*LINES), "may.csv"), "me")
        assert (first.added, first.unchanged) == (3, 0)
        paths = ledger.paths().set_index("path")
        assert paths.loc[[("xiaohongshu", "baidu")], "conversions"].tolist() == [1]
        more = ledger.read(log(*LINES[1:], "v3,2026-05-04 09:00:00,baidu,visit"), "june.csv")
        second = ledger.commit(more, "me")
        assert (second.added, second.unchanged) == (1, 2)
        assert ledger.paths()["persons"].sum() == 3
        ledger.undo(first.id, "me")
        assert set(ledger.paths()["path"]) == {("baidu",)}
        ledger.redo(first.id, "me")
        assert ledger.paths()["persons"].sum() == 3
        assert [f for f in ledger.doctor() if f.severity != "info"] == []
        assert ledger.passport().rows_used == 6
        assert ledger.daily().empty


def test_the_same_file_again_changes_nothing():
    with Ledger.open(":memory:") as ledger:
        read = ledger.read(log(*LINES), "may.csv")
        ledger.commit(read, "me")
        assert ledger.commit(read, "me").status == "unchanged"
        assert ledger.touch_summary().touches == 3


def test_people_coded_with_another_key_do_not_come_in():
    with Ledger.open(":memory:") as one, Ledger.open(":memory:") as other:
        with pytest.raises(LedgerError) as refusal:
            other.commit(one.read(log(*LINES), "may.csv"), "me")
        assert refusal.value.code == "ledger.other_key"
