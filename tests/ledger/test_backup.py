"""A workspace in one file: complete, checked, and the same again when it is restored."""

from __future__ import annotations

import threading
import zipfile

import pandas as pd
import pytest

from channelopt.intake import spool
from channelopt.ledger import Ledger, LedgerError, backup, restore


@pytest.fixture
def full(tmp_path, monkeypatch):
    """A workspace with spend, leads, settings, an undone import and a large file."""
    path = tmp_path / "google.csv"
    rows = [f"2026-04-{1 + i % 28:02d},C,G,{i},CNY,{i % 9}.50,100,5\n" for i in range(900)]
    path.write_text("Day,Campaign,Ad group,Ad ID,Currency code,Cost,Impr.,Clicks\n" + "".join(rows))
    with Ledger.open(tmp_path / "w", name="Brand", currency="CNY") as ledger:
        ledger.commit(ledger.read(b"date,channel,cost,currency\n2026-03-01,Radio,10,CNY\n", "r.csv"), "eve")
        ledger.commit(ledger.read(b"date,channel,cost,currency\n2026-03-01,TV,20,CNY\n", "t.csv"), "eve")
        ledger.undo(2, "eve")
        people = "Record ID,Email,Create Date,Original Source\n1,a@b.cn,2026-03-01,Radio\n"
        ledger.commit(ledger.read(people.encode(), "crm.csv"), "eve")
        monkeypatch.setattr(spool, "LARGE", 1)
        ledger.commit(ledger.read(path), "eve")
        monkeypatch.undo()
        ledger.set_rate("USD", 7.1, "eve")
        yield ledger


def same(one: Ledger, other: Ledger) -> None:
    pd.testing.assert_frame_equal(one.daily(), other.daily())
    pd.testing.assert_frame_equal(one.imports(), other.imports())
    pd.testing.assert_frame_equal(one.leads(), other.leads())
    pd.testing.assert_frame_equal(one.rates(), other.rates())
    assert one.findings() == other.findings()
    assert one.hash_key == other.hash_key and one.name == other.name
    for number in one.imports()["import_id"]:
        assert one.original(number) == other.original(number)
    pd.testing.assert_frame_equal(one.detail(4), other.detail(4))


def test_a_restored_workspace_is_the_same(full, tmp_path):
    steps: list[tuple[int, int]] = []
    made = backup(full, tmp_path / "b.zip", on_step=lambda d, t: steps.append((d, t)))
    assert steps[-1][0] == steps[-1][1] == made.size
    assert made.files == 7 and made.name == "Brand"
    again = restore(tmp_path / "b.zip", tmp_path / "new" / "w2")
    assert again.files == made.files
    with Ledger.open(tmp_path / "new" / "w2") as other:
        same(full, other)
        assert [f.code for f in other.doctor()] == ["ledger.healthy"]
        other.redo(2, "eve")
        assert other.daily()["spend"].sum() == full.daily()["spend"].sum() + 20
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_backup_while_files_come_in_is_whole(full, tmp_path):
    going = threading.Event()

    def write() -> None:
        for i in range(2, 12):
            data = f"date,channel,cost,currency\n2026-03-{i:02d},Radio,{i},CNY\n".encode()
            full.commit(full.read(data, f"r{i}.csv"), "eve")
            going.set()

    thread = threading.Thread(target=write)
    thread.start()
    going.wait(10)
    backup(full, tmp_path / "b.zip")
    thread.join()
    restore(tmp_path / "b.zip", tmp_path / "w2")
    with Ledger.open(tmp_path / "w2") as other:
        assert [f.code for f in other.doctor()] == ["ledger.healthy"]
        days = other.imports()["name"].str.fullmatch(r"r\d+\.csv").sum()
        assert 1 <= days <= 10


def test_the_workspace_stays_locked_after_a_backup(full, tmp_path):
    """Closing another handle of the file would give its lock away."""
    import subprocess
    import sys

    backup(full, tmp_path / "b.zip")
    code = f"import duckdb; duckdb.connect({str(tmp_path / 'w' / 'ledger.duckdb')!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode != 0 and "lock" in done.stderr.lower()


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_damaged_backup_is_refused_and_leaves_nothing(full, tmp_path, place):
    backup(full, tmp_path / "b.zip")
    data = bytearray((tmp_path / "b.zip").read_bytes())
    at = int(len(data) * place)
    data[at : at + 4] = bytes(b ^ 255 for b in data[at : at + 4])
    (tmp_path / "bad.zip").write_bytes(bytes(data))
    with pytest.raises(LedgerError) as refused:
        restore(tmp_path / "bad.zip", tmp_path / "w2")
    assert refused.value.code == "ledger.backup_damaged"
    assert not (tmp_path / "w2").exists() and not list(tmp_path.glob(".restore-*"))


def test_a_cut_backup_is_refused(full, tmp_path):
    backup(full, tmp_path / "b.zip")
    data = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(data[: len(data) // 2])
    with pytest.raises(LedgerError) as refused:
        restore(tmp_path / "cut.zip", tmp_path / "w2")
    assert refused.value.code == "ledger.backup_damaged"


def test_a_foreign_archive_and_a_taken_folder_are_refused(full, tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("a.txt", "hello")
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("../evil", "x")
        archive.writestr(
            "channelopt-backup.json",
            '{"files": {"../evil": "00", "ledger.duckdb": "00"}, "format": 1,'
            ' "made_at": "2026-01-01", "brand": "x"}',
        )
    for name in ("photos.zip", "evil.zip", "none.zip"):
        with pytest.raises(LedgerError) as refused:
            restore(tmp_path / name, tmp_path / "w2")
        assert refused.value.code == "ledger.not_a_backup"
    backup(full, tmp_path / "b.zip")
    with pytest.raises(LedgerError) as refused:
        restore(tmp_path / "b.zip", tmp_path / "w")
    assert refused.value.code == "ledger.folder_taken"


def test_stopping_a_backup_keeps_the_old_one(full, tmp_path):
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopError

    backup(full, tmp_path / "b.zip")
    before = (tmp_path / "b.zip").read_bytes()
    for call in (
        lambda: backup(full, tmp_path / "b.zip", on_step=stop),
        lambda: restore(tmp_path / "b.zip", tmp_path / "w2", on_step=stop),
    ):
        with pytest.raises(StopError):
            call()
    assert (tmp_path / "b.zip").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.zip", "google.csv", "w"]


def test_a_workspace_in_memory_cannot_be_backed_up(tmp_path):
    with Ledger.open(":memory:") as ledger, pytest.raises(LedgerError) as refused:
        backup(ledger, tmp_path / "b.zip")
    assert refused.value.code == "ledger.no_folder"
