"""Large files in the ledger: the same totals, undo and originals as small ones, and every row kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.intake import LargeRead, spool
from channelopt.ledger import Ledger, LedgerError
from channelopt.ledger.schema import FORMAT_VERSION

HEADER = "Day,Campaign,Ad group,Ad ID,Currency code,Cost,Impr.,Clicks\n"


def export(path: Path, days: int = 28, factor: int = 1) -> Path:
    rows = [
        f"2026-03-{1 + i % days:02d},C {i % 3},G {i % 9},{900 + i % 30},CNY,"
        f"{factor * (i % 50)}.25,100,{i % 5}\n"
        for i in range(2000)
    ]
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """The same file in two workspaces: read line by line, and by the engine."""
    path = export(tmp_path / "google.csv")
    with Ledger.open(tmp_path / "usual") as usual, Ledger.open(tmp_path / "large") as large:
        usual.commit(usual.read(path), "eve")
        monkeypatch.setattr(spool, "LARGE", 1)
        read = large.read(path)
        assert isinstance(read, LargeRead)
        large.commit(read, "eve")
        yield usual, large


def test_the_same_figures(pair):
    usual, large = pair
    for by in (("day", "channel"), ("channel", "campaign"), ("account",)):
        pd.testing.assert_frame_equal(large.daily(by=by), usual.daily(by=by))
    columns = ["sha256", "rows", "rejected", "spend", "explained", "day_first", "day_last"]
    pd.testing.assert_frame_equal(large.imports()[columns], usual.imports()[columns])
    assert large.passport() == usual.passport()
    assert large.original(1) == usual.original(1)
    assert [f.code for f in large.doctor()] == ["ledger.healthy"]


def test_counts_are_rows_of_the_file(pair, tmp_path):
    _, large = pair
    newer = large.read(export(tmp_path / "newer.csv", factor=2))
    plan = large.preview(newer)
    assert (plan.added, plan.replaced) == (0, 2000)
    again = large.commit(large.read(tmp_path / "google.csv"), "eve")
    assert again.status == "unchanged"


def test_undo_and_redo(pair):
    _, large = pair
    before = large.daily()
    large.undo(1, "eve")
    assert large.daily().empty
    large.redo(1, "eve")
    pd.testing.assert_frame_equal(large.daily(), before)


def test_single_rows_can_be_summed(pair):
    usual, large = pair
    for by in (("ad",), ("campaign", "ad_group"), ()):
        one, other = usual.detail(1, by), large.detail(1, by)
        order = list(by)
        if order:
            one, other = (f.sort_values(order, ignore_index=True) for f in (one, other))
        assert one["n_rows"].sum() == 2000
        pd.testing.assert_frame_equal(one, other, check_dtype=False)
    with pytest.raises(InputError):
        large.detail(1, ("spend; DROP",))
    with pytest.raises(LedgerError):
        large.detail(7)


def test_a_file_that_changes_underneath_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "LARGE", 1)
    path = export(tmp_path / "google.csv")
    with Ledger.open(tmp_path / "w") as ledger:
        read = ledger.read(path)
        export(path, factor=3)
        with pytest.raises(LedgerError) as refused:
            ledger.commit(read, "eve")
        assert refused.value.code == "ledger.file_changed"
        assert ledger.imports().empty
        assert not list((tmp_path / "w" / "originals").iterdir())


def test_a_damaged_large_original_is_found(pair, tmp_path):
    _, large = pair
    stored = next((tmp_path / "large" / "originals").glob("*.zst"))
    data = bytearray(stored.read_bytes())
    data[-20] ^= 255
    stored.write_bytes(bytes(data))
    assert "ledger.original_changed" in {f.code for f in large.doctor()}


def test_passing_files_are_swept_at_the_next_opening(tmp_path):
    with Ledger.open(tmp_path / "w"):
        pass
    left = tmp_path / "w" / "incoming" / "reading-old"
    left.mkdir(parents=True)
    (left / "original").write_text("half")
    with Ledger.open(tmp_path / "w"):
        assert not left.exists()


def test_an_older_workspace_is_brought_up_to_date(tmp_path):
    folder = tmp_path / "w"
    path = export(tmp_path / "google.csv")
    with Ledger.open(folder) as ledger:
        ledger.commit(ledger.read(path), "eve")
        wanted = ledger.daily()
    make_format_1(folder / "ledger.duckdb")
    with Ledger.open(folder) as ledger:
        pd.testing.assert_frame_equal(ledger.daily(), wanted)
        assert ledger._store.meta("format_version") == str(FORMAT_VERSION)
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]
        ledger.commit(ledger.read(export(tmp_path / "newer.csv", factor=2)), "eve")
    kept = duckdb.connect(str(folder / "ledger.duckdb.format1"), read_only=True)
    assert kept.execute("SELECT value FROM meta WHERE key = 'format_version'").fetchone() == ("1",)
    kept.close()


def test_no_room_for_the_copy_leaves_the_workspace_alone(tmp_path, monkeypatch):
    folder = tmp_path / "w"
    with Ledger.open(folder):
        pass
    make_format_1(folder / "ledger.duckdb")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(LedgerError) as refused:
        Ledger.open(folder)
    assert refused.value.code == "ledger.cannot_write"
    monkeypatch.undo()
    with Ledger.open(folder) as ledger:
        assert ledger._store.meta("format_version") == str(FORMAT_VERSION)


def make_format_1(file: Path) -> None:
    """Take a workspace back to the first format."""
    connection = duckdb.connect(str(file))
    connection.execute("ALTER TABLE spend_facts DROP COLUMN n_rows")
    connection.execute("ALTER TABLE daily_spend ALTER COLUMN n_rows TYPE INTEGER")
    later = ("account_answers", "touch_facts", "contracts", "experiments")
    now = ("variant_facts", "experiment_visits", "scenarios", "stages", "decisions", "inputs", "seen")
    for table in (*later, *now):
        connection.execute(f"DROP TABLE {table}")
    for column in ("kind", "rule"):
        connection.execute(f"ALTER TABLE other_costs DROP COLUMN {column}")
    connection.execute("UPDATE meta SET value = '1' WHERE key = 'format_version'")
    connection.close()


def test_what_killed_processes_left_is_said_once(tmp_path):
    with Ledger.open(tmp_path / "w") as ledger:
        ledger.commit(ledger.read(export(tmp_path / "google.csv")), "eve")
        folder = tmp_path / "w" / "originals"
        (folder / (".half." + "a" * 32)).write_bytes(b"x")
        (folder / ("0" * 64 + ".zst")).write_bytes(b"x")
        found = ledger.doctor()
        assert [(f.code, f.params) for f in found] == [("ledger.leftovers", {"halves": 1, "strangers": 1})]
        assert not (folder / (".half." + "a" * 32)).exists()
