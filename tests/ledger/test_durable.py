"""Laws 2, 5 and 6: nothing is lost, guesses come back as they were, all or nothing."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from channelopt.errors import Finding
from channelopt.ledger import Ledger, LedgerError
from channelopt.ledger.store import acquire, release
from tests.ledger.conftest import spend, spend_read, spend_rows

ROOT = Path(__file__).resolve().parents[2]


def test_what_was_rejected_and_doubted_comes_back_typed(ledger):
    rejected = pd.DataFrame(
        {
            "row_no": [7],
            "reason": ["intake.reject.bad_date"],
            "params": [{"value": "31/31"}],
            "raw": ["31/31,5"],
        }
    )
    findings = (Finding("info", "intake.period", {"first": dt.date(2026, 3, 1), "share": 0.5, "n": 3}),)
    commit = ledger.commit(spend_read(spend_rows(), rejected=rejected, findings=findings), "eve")
    back = ledger.rejected(commit.id)
    assert back["raw"].tolist() == ["31/31,5"]
    assert ledger.import_findings(commit.id) == findings
    assert ledger.passport().rows_left_out == 1


def test_questions_stop_a_commit(ledger):
    read = spend_read(spend_rows(), findings=(Finding("question", "intake.which_currency", {}),))
    with pytest.raises(LedgerError) as refused:
        ledger.commit(read, "eve")
    assert refused.value.findings == read.questions
    assert ledger.imports().empty


def test_the_original_comes_back_and_damage_is_found(tmp_path):
    with Ledger.open(tmp_path / "w") as ledger:
        read = spend_read(spend_rows())
        commit = ledger.commit(read, "eve")
        assert ledger.original(commit.id) == read.content
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]
        path = next((tmp_path / "w" / "originals").iterdir())
        path.write_bytes(path.read_bytes()[:-3] + b"xxx")
        assert [f.code for f in ledger.doctor()] == ["ledger.original_changed"]
        path.unlink()
        assert [f.code for f in ledger.doctor()] == ["ledger.original_missing"]


def test_a_wrong_daily_figure_is_found_and_mended(tmp_path):
    with Ledger.open(tmp_path / "w") as ledger:
        ledger.commit(spend_read(spend_rows()), "eve")
        store = acquire(str(tmp_path / "w"))
        with store.write() as cursor:
            cursor.execute("UPDATE daily_spend SET spend = 999")
        release(store)
        assert [f.code for f in ledger.doctor()] == ["ledger.rollup_differs"]
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]


def test_everything_is_there_after_opening_again(tmp_path):
    with Ledger.open(tmp_path / "w", name="Brand", currency="USD") as ledger:
        ledger.commit(spend_read(spend_rows(), currency="USD"), "eve")
        key = ledger.hash_key
    with Ledger.open(tmp_path / "w") as ledger:
        assert (ledger.name, ledger.currency, ledger.hash_key) == ("Brand", "USD", key)
        assert spend(ledger) == 30
        assert (tmp_path / "w" / "people.key").stat().st_mode & 0o077 == 0


KILLED = """
import sys
sys.path[:0] = [{root!r}]
from channelopt.ledger import Ledger
from tests.ledger.conftest import spend_read, spend_rows
with Ledger.open({folder!r}) as ledger:
    for number in range(1000):
        rows = spend_rows(days=200, campaigns=("a", "b", "c"), account=f"n{{number}}", each=1.0 + number)
        read = spend_read(rows, name=str(number))
        commit = ledger.commit(read, "eve")
        print(commit.id, flush=True)
"""


@pytest.mark.parametrize("wait", [0.05, 0.21, 0.4])
def test_a_killed_process_leaves_before_or_after(tmp_path, wait):
    folder = tmp_path / "w"
    script = KILLED.format(root=str(ROOT), folder=str(folder))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = int(process.stdout.readline())
    time.sleep(wait)
    process.send_signal(signal.SIGKILL)
    acknowledged = max([acknowledged, *[int(line) for line in process.stdout.read().split()]])
    process.wait()
    with Ledger.open(folder) as ledger:
        table = ledger.imports()
        assert len(table) in (acknowledged, acknowledged + 1)
        assert spend(ledger) == pytest.approx(sum(200 * 6.0 * (1 + int(n)) for n in table["name"]))
        assert {f.code for f in ledger.doctor()} <= {"ledger.healthy", "ledger.leftovers"}


def test_a_second_process_is_told_who_has_it(tmp_path):
    with Ledger.open(tmp_path / "w"):
        opening = f"from channelopt.ledger import Ledger; Ledger.open({str(tmp_path / 'w')!r})"
        script = f"import sys; sys.path[:0]=[{str(ROOT)!r}]; {opening}"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "open in another program" in done.stderr


def test_two_threads_storing_at_once(tmp_path):
    reads = [
        spend_read(spend_rows(account=f"n{i % 4}", each=10.0 + i % 4), name=str(i % 4)) for i in range(8)
    ]
    seen, failed = [], []

    def store(read):
        try:
            with Ledger.open(tmp_path / "w") as ledger:
                seen.append(ledger.commit(read, "eve").status)
        except Exception as error:
            failed.append(error)

    with Ledger.open(tmp_path / "w") as ledger:
        threads = [threading.Thread(target=store, args=(read,)) for read in reads]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        assert sorted(seen) == ["committed"] * 4 + ["unchanged"] * 4
        assert spend(ledger) == 3 * (10 + 11 + 12 + 13)


def test_a_file_that_cannot_be_kept_is_not_counted(tmp_path, monkeypatch):
    with Ledger.open(tmp_path / "w") as ledger:
        monkeypatch.setattr(
            os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        with pytest.raises(LedgerError) as refused:
            ledger.commit(spend_read(spend_rows()), "eve")
        assert refused.value.code == "ledger.cannot_write"
        assert ledger.imports().empty


def test_a_newer_format_is_refused(tmp_path):
    with Ledger.open(tmp_path / "w") as ledger:
        ledger._store.set_meta("format_version", "99")
    with pytest.raises(LedgerError) as refused:
        Ledger.open(tmp_path / "w")
    assert refused.value.code == "ledger.newer_format"


def test_an_unknown_import_is_a_sentence(ledger):
    for call in (ledger.rejected, ledger.original, ledger.import_findings):
        with pytest.raises(LedgerError, match="no import number 5"):
            call(5)
    with pytest.raises(LedgerError):
        ledger.undo(5, "eve")


def test_answers_are_remembered_and_forgotten(ledger):
    table = "date,id,outlay x\n" + "\n".join(f"2026-01-{d:02d},{9000 + d},{10 + d}.50" for d in range(1, 20))
    given = {"mapping": {"outlay x": "spend"}, "currency": "CNY", "channel": "Radio"}
    read = ledger.read(table.encode(), "a.csv", answers=given)
    ledger.remember(read.fingerprint, read.answers, "eve")
    again = ledger.read(table.replace("10.50", "99.50").encode(), "b.csv")
    assert again.rows["spend"].sum() == pytest.approx(read.rows["spend"].sum())
    assert again.questions == ()
    ledger.forget(read.fingerprint)
    from channelopt.intake import IntakeError

    with pytest.raises(IntakeError):
        ledger.read(table.encode(), "c.csv")


def test_a_stored_file_read_with_corrected_columns_replaces_itself(ledger):
    table = "date,channel,cost,fee,currency\n" + "\n".join(
        f"2026-01-{d:02d},Radio,10,99,CNY" for d in range(1, 11)
    )
    first = ledger.commit(ledger.read(table.encode(), "r.csv"), "eve")
    assert spend(ledger, "Radio") == 100
    answers = {"mapping": {"cost": None, "fee": "spend"}}
    corrected = ledger.commit(ledger.read(table.encode(), "r.csv", answers=answers), "eve")
    assert (corrected.id, corrected.status) == (first.id, "committed")
    assert spend(ledger, "Radio") == 990
    assert len(ledger.imports()) == 1
    again = ledger.commit(ledger.read(table.encode(), "r.csv", answers=answers), "eve")
    assert again.status == "unchanged"
