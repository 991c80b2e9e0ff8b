"""Large files go through the engine; every figure, question and refusal is the one the usual way gives."""

from __future__ import annotations

import gzip
import random
import zipfile
from pathlib import Path

import duckdb
import pytest

from channelopt.errors import ChannelOptError
from channelopt.fields import METRICS
from channelopt.intake import IntakeError, LargeRead, Read, read_export, scan, spool

FOLDER = Path(__file__).resolve().parent.parent / "fixtures" / "exports"
DEMO = Path(__file__).resolve().parent.parent.parent / "data" / "demo"
TEXTS = sorted(p for p in [*FOLDER.rglob("*.csv"), *DEMO.rglob("*.csv")])
#: Told only about large files, or judged on their head.
ONLY_LARGE = {"intake.large_file", "intake.campaigns_summed"}


@pytest.fixture
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LARGE", 1)
    monkeypatch.setattr(spool, "_PACKED", 1)


def outcome(path: Path) -> Read | str:
    try:
        return read_export(path)
    except ChannelOptError as error:
        return error.code


def doubts(read: Read) -> set[str]:
    return {f.code for f in read.findings if f.severity != "info"} - ONLY_LARGE


def sums(read: Read) -> dict[str, list[float]]:
    """Sums by everything that is not summed, -1 for unknown."""
    rows = read.rows
    keys = ["day", "day_end", "channel", "account", "campaign", "currency", "conversion_event"]
    keys = [k for k in keys if k in rows]
    metrics = [m for m in METRICS if m in rows]
    frame = rows.assign(**{k: rows[k].astype(str) for k in keys})
    grouped = frame.groupby(keys)[metrics].sum(min_count=1).fillna(-1.0)
    return {
        " ".join(key): list(values) for key, values in zip(grouped.index, grouped.to_numpy(), strict=True)
    }


def assert_same_sums(one: Read, other: Read) -> None:
    left, right = sums(one), sums(other)
    assert left.keys() == right.keys()
    for key, values in left.items():
        assert values == pytest.approx(right[key], abs=1e-6), key


@pytest.mark.parametrize("path", TEXTS, ids=[p.name for p in TEXTS])
def test_both_ways_agree(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = outcome(path)
    monkeypatch.setattr(spool, "LARGE", 1)
    large = outcome(path)
    if isinstance(usual, str) or isinstance(large, str):
        assert large == usual
        return
    assert_same_sums(large, usual)
    assert (large.platform, large.currency, large.kind) == (usual.platform, usual.currency, usual.kind)
    assert (large.day_first, large.day_last, large.level) == (usual.day_first, usual.day_last, usual.level)
    assert large.explained == pytest.approx(usual.explained, nan_ok=True)
    assert doubts(large) == doubts(usual)
    assert large.lines == usual.lines
    assert large.sha256 == usual.sha256
    assert [(c.header, c.field) for c in large.mapping] == [(c.header, c.field) for c in usual.mapping]
    assert sorted(large.rejected["row_no"]) == sorted(usual.rejected["row_no"])
    assert sorted(large.totals["row_no"]) == sorted(usual.totals["row_no"])


HEADER = "Day,Campaign,Ad group,Ad ID,Currency code,Cost,Impr.,Clicks,Conversions\n"


def table(n: int, seed: int = 1) -> list[str]:
    rng = random.Random(seed)
    return [
        f"2026-03-{1 + i % 28:02d},C {i % 5},G {i % 50},{7000 + i % 90},USD,"
        f'{rng.randint(0, 99999) / 100:.2f},"{rng.randint(1000, 99999):,}",{rng.randint(0, 400)},1.50\n'
        for i in range(n)
    ]


def write(path: Path, lines: list[str], encoding: str = "utf-8") -> Path:
    path.write_bytes("".join(lines).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_odd_lines_are_treated_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    lines = table(3000)
    lines[100] = "2026-03-05,搜索 品牌,G,1,USD,12.50,10,1,\n"
    lines[200] = "2026-03-05,C 1,G,1,USD,n/a?,10,1,\n"
    lines[300] = "sometime,C 1,G,1,USD,5.00,10,1,\n"
    lines[400] = "\n"
    lines[500] = ",,,,,,,,\n"
    lines[600] = "2026-03-05,C 1\n"
    lines[700] = "2026-03-05,C 1,G,1,USD,5.00,10,1,,9,9\n"
    lines[800] = HEADER
    lines[900] = '2026-03-06,"C ""x"", y",G,1,USD,"1,234.50",10,1,\n'
    lines[1000] = "Total: Campaigns,,,,,777.00,,,\n"
    lines.append("Total: Account,,,,,888.00,,,\n")
    path = write(tmp_path / "google.csv", ["Ad report\n", "\n", HEADER, *lines], encoding)
    usual = read_export(path)
    monkeypatch.setattr(spool, "LARGE", 1)
    large = read_export(path)
    assert isinstance(large, LargeRead)
    assert large.lines == usual.lines and large.lines.totals == 2 and large.lines.blank == 3
    assert_same_sums(large, usual)
    assert sorted(large.rejected["row_no"]) == sorted(usual.rejected["row_no"])
    assert set(large.rejected["reason"]) == set(usual.rejected["reason"])
    assert large.rows["n_rows"].sum() == len(usual.rows)
    stored = duckdb.sql(
        f"SELECT count(*), sum(spend)::DOUBLE FROM '{large.detail}' WHERE kind = 0"
    ).fetchone()
    assert stored is not None and stored[0] == pytest.approx(len(usual.rows), abs=3)
    assert len(large.rows) < 400, "rows are summed by day and campaign"


def test_line_ends_inside_cells_are_no_lost_lines(tmp_path: Path, everything_is_large: None) -> None:
    lines = table(500)
    lines[7] = '2026-03-05,"two\nlines",G,1,USD,12.50,10,1,\n'
    read = read_export(write(tmp_path / "g.csv", [HEADER, *lines]))
    assert "intake.lines_unaccounted" not in {f.code for f in read.findings}
    assert read.lines.kept == 500


def test_an_open_quote_swallows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = table(400)
    lines[350] = '2026-03-05,"open,G,1,USD,12.50,10,1,\n'
    lines = [line.replace('"', "") if i != 350 else line for i, line in enumerate(lines)]
    lines = [",".join(p for p in line.split(",")) for line in lines]
    plain = [f"2026-03-0{1 + i % 9},C,G,1,USD,2.00,10,1,\n" if i != 350 else lines[350] for i in range(400)]
    path = write(tmp_path / "g.csv", [HEADER, *plain])
    usual = read_export(path)
    monkeypatch.setattr(spool, "LARGE", 1)
    large = read_export(path)
    assert large.lines.kept == usual.lines.kept == 400
    assert large.rows["spend"].sum() == pytest.approx(399 * 2 + 12.5)
    assert "intake.broken_quotes" in {f.code for f in large.findings}


def test_packed_files_are_read_from_disk(tmp_path: Path, everything_is_large: None) -> None:
    data = "".join([HEADER, *table(300)]).encode()
    plain = read_export(write(tmp_path / "g.csv", [data.decode()]))
    packed = tmp_path / "g.csv.gz"
    packed.write_bytes(gzip.compress(data))
    boxed = tmp_path / "g.zip"
    with zipfile.ZipFile(boxed, "w") as archive:
        archive.writestr("g.csv", data)
    for path in (packed, boxed):
        read = read_export(path)
        assert isinstance(read, LargeRead) and read.sha256 == plain.sha256
        assert read.rows["spend"].sum() == pytest.approx(plain.rows["spend"].sum())
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(data)[:-200])
    with pytest.raises(IntakeError) as refused:
        read_export(cut)
    assert refused.value.code == "intake.broken_file"


def test_passing_files_go_with_the_read(tmp_path: Path, everything_is_large: None) -> None:
    stage = tmp_path / "stage"
    read = read_export(write(tmp_path / "g.csv", [HEADER, *table(50)]), stage=stage)
    assert isinstance(read, LargeRead) and read.detail.is_file()
    assert len(list(stage.iterdir())) == 1
    del read
    assert list(stage.iterdir()) == []


def test_stopping_midway_leaves_nothing(tmp_path: Path, everything_is_large: None) -> None:
    class StopError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        if done >= 15:
            raise StopError

    stage = tmp_path / "stage"
    with pytest.raises(StopError):
        read_export(write(tmp_path / "g.csv", [HEADER, *table(5000)]), on_step=stop, stage=stage)
    assert list(stage.iterdir()) == []


def test_irregular_files_are_read_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LARGE", 1)
    monkeypatch.setattr(scan, "ODD", 10)
    lines = [line.replace(",USD,", ",USD,$") for line in table(300)]
    read = read_export(write(tmp_path / "g.csv", [HEADER, *lines]))
    assert not isinstance(read, LargeRead)
    assert read.lines.kept == 300


def test_many_campaigns_are_summed_together_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LARGE", 1)
    monkeypatch.setattr(scan, "GROUPS", 60)
    read = read_export(write(tmp_path / "g.csv", [HEADER, *table(300)]))
    assert isinstance(read, LargeRead) and len(read.rows) == 28
    assert "intake.campaigns_summed" in {f.code for f in read.findings}


@pytest.mark.parametrize("code", ["intake.which_spend"])
def test_a_refusal_comes_before_the_work(tmp_path: Path, everything_is_large: None, code: str) -> None:
    path = write(
        tmp_path / "g.csv", ["Day,Campaign,Thing\n", *[f"2026-01-0{1 + i % 9},C,{i}\n" for i in range(99)]]
    )
    with pytest.raises(IntakeError) as refused:
        read_export(path)
    assert refused.value.code == code and refused.value.params["columns"]
