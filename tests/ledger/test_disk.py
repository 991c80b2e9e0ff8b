"""Law 6 when the disk refuses: full, read-only, damaged; a clear sentence, nothing lost, and on it goes."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import threading

import pytest

from channelopt.ledger import Ledger, LedgerError, backup
from channelopt.ledger import durable as module
from tests.ledger.conftest import same, spend, spend_read, spend_rows, totals


@pytest.fixture
def disk(tmp_path):
    """A small disk: ``disk(options)`` mounts it or changes it; skipped where mounting is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        again = "remount," if os.path.ismount(folder) else ""
        command = ["mount", "-t", "tmpfs", "-o", again + options, "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("no mount command here")
        if done.returncode:
            pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
        return folder

    yield mount
    if os.path.ismount(folder):
        subprocess.run(["umount", "-l", str(folder)], check=True)


def read(n):
    names = [f"{n}-{i}-{os.urandom(8).hex()}" for i in range(20)]
    return spend_read(spend_rows(days=20, campaigns=names, account=f"a{n}", each=10.0 + n), name=f"{n}.csv")


def refusal(call):
    with pytest.raises(LedgerError) as refused:
        call()
    assert refused.value.template != refused.value.code
    return refused.value.code


@pytest.mark.parametrize(
    "threshold,size",
    [("16MB", n) for n in (900, 1500, 2100, 2700)] + [("100KB", n) for n in (4000, 5000, 6000)],
)
def test_a_full_disk_loses_nothing_and_the_next_import_works(disk, threshold, size):
    """At one size the original does not fit, at another the log, at another the checkpoint."""
    folder = disk(f"size={size}k")
    reads = [read(n) for n in range(40)]
    with Ledger.open(folder / "w", name="b", currency="CNY") as ledger:
        with ledger._store.cursor() as cursor:
            cursor.execute(f"SET checkpoint_threshold = '{threshold}'")
        stored = []
        for one in reads:
            try:
                ledger.commit(one, "eve")
                stored.append(one)
            except LedgerError as error:
                assert error.code == "ledger.cannot_write"
                break
        assert 0 < len(stored) < len(reads), "the disk was not full"
        assert refusal(lambda: ledger.commit(one, "eve")) == "ledger.cannot_write"
        figures = totals(ledger)
        assert len(ledger.imports()) == len(stored)
        assert len(figures) == 400 * len(stored)
        disk("size=64m")
        assert ledger.commit(one, "eve").status in ("committed", "unchanged")
        assert {f.code for f in ledger.doctor()} <= {"ledger.healthy", "ledger.leftovers"}
        figures = totals(ledger)
    with Ledger.open(folder / "w") as ledger:
        same(totals(ledger), figures)
        assert {f.code for f in ledger.doctor()} <= {"ledger.healthy", "ledger.leftovers"}
        for number, one in zip(ledger.imports()["import_id"], stored, strict=False):
            assert ledger.original(number) == one.content


def test_no_room_for_the_key_of_people_is_a_sentence(disk):
    folder = disk("size=4m")
    with Ledger.open(folder / "w", name="b", currency="CNY") as ledger:
        (folder / "filler").write_bytes(b"")
        with (folder / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError):
            while True:
                filler.write(b"x" * 4096)
        assert refusal(lambda: ledger.hash_key) == "ledger.cannot_write"
        assert refusal(lambda: ledger.read(b"date,channel,cost\n", "a.csv")) == "ledger.cannot_write"
        assert sorted(p.name for p in (folder / "w").glob(".*")) == []
        (folder / "filler").unlink()
        assert len(ledger.hash_key) == 32


def test_a_folder_that_became_read_only_refuses_and_forgets_nothing(disk):
    folder = disk("size=16m")
    with Ledger.open(folder / "w", name="b", currency="CNY") as ledger:
        ledger.commit(read(1), "eve")
    disk("ro")
    assert refusal(lambda: Ledger.open(folder / "w")) == "ledger.cannot_open"
    disk("rw")
    with Ledger.open(folder / "w") as ledger:
        assert ledger.commit(read(2), "eve").added == 400
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("call", ["open", "fsync"])
def test_whatever_the_system_answers_nothing_half_is_left(tmp_path, monkeypatch, number, call):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        ledger.commit(spend_read(spend_rows()), "eve")
        before = totals(ledger)
        with monkeypatch.context() as patch:
            patch.setattr(module.os, call, refuse)
            late = spend_read(spend_rows(start=9))
            assert refusal(lambda: ledger.commit(late, "eve")) == "ledger.cannot_write"
            assert refusal(lambda: ledger.hash_key) == "ledger.cannot_write"
            if call == "fsync":
                assert refusal(lambda: backup(ledger, tmp_path / "b.zip")) == "ledger.cannot_write"
        same(totals(ledger), before)
        assert not [p for p in tmp_path.rglob(".*")] and not (tmp_path / "b.zip").exists()
        assert ledger.commit(spend_read(spend_rows(start=9)), "eve").added == 3


@pytest.mark.parametrize("keep", [0, 1, 4096, 0.3, 0.7, -1])
def test_a_truncated_ledger_is_said_not_taken_for_an_empty_one(tmp_path, keep):
    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        for n in range(3):
            ledger.commit(read(n), "eve")
    file = tmp_path / "w" / "ledger.duckdb"
    size = file.stat().st_size
    cut = int(size * keep) if isinstance(keep, float) else size + keep if keep < 0 else keep
    with file.open("rb+") as handle:
        handle.truncate(cut)

    def everything():
        with Ledger.open(tmp_path / "w") as ledger:
            ledger.daily()
            ledger.doctor()

    assert refusal(everything) == "ledger.damaged"
    assert file.stat().st_size >= cut and len(list((tmp_path / "w" / "originals").iterdir())) == 3


def test_a_ledger_that_is_gone_is_not_made_anew_beside_its_originals(tmp_path):
    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        ledger.commit(read(1), "eve")
    kept = shutil.move(tmp_path / "w" / "ledger.duckdb", tmp_path / "kept")
    assert refusal(lambda: Ledger.open(tmp_path / "w")) == "ledger.damaged"
    assert not (tmp_path / "w" / "ledger.duckdb").exists()
    shutil.move(kept, tmp_path / "w" / "ledger.duckdb")
    with Ledger.open(tmp_path / "w") as ledger:
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]


def test_sessions_upload_while_others_read(tmp_path):
    """Every reader sees a whole number of files: each file has three days of 10."""
    failed, seen, stop = [], [], threading.Event()

    def guarded(work):
        def run(*args):
            try:
                work(*args)
            except Exception as error:
                failed.append(error)

        return run

    @guarded
    def upload(session):
        with Ledger.open(tmp_path / "w") as ledger:
            for n in range(6):
                rows = spend_rows(start=30 * session + 4 * n)
                ledger.commit(spend_read(rows, name=f"{session}-{n}"), "eve")

    @guarded
    def look():
        with Ledger.open(tmp_path / "w") as ledger:
            while not stop.is_set():
                daily, figures = ledger.daily(), ledger.findings()
                assert figures == ()
                seen.append(0.0 if daily.empty else float(daily["spend"].sum()))

    with Ledger.open(tmp_path / "w", name="b", currency="CNY") as ledger:
        readers = [threading.Thread(target=look) for _ in range(2)]
        writers = [threading.Thread(target=upload, args=(s,)) for s in range(2)]
        for thread in (*readers, *writers):
            thread.start()
        for thread in writers:
            thread.join()
        stop.set()
        for thread in readers:
            thread.join()
        assert failed == []
        assert spend(ledger) == 2 * 6 * 30
    assert len(set(seen)) > 2 and {s % 30 for s in seen} == {0}
