"""Files that are no export are refused with a sentence."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from channelopt.intake import IntakeError, limits, read_export, spool


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


def workbook(**sheets: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
    return out.getvalue()


LETTER = """Dear team,

thank you for the meeting on Monday, it was a pleasure.
We will send the figures, as promised, by Friday.

Kind regards,
Anna
"""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "intake.empty"),
        (b"\xef\xbb\xbf", "intake.blank"),
        (b"\n\n  \n", "intake.blank"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "intake.wrong_format"),
        (b"%PDF-1.7\n", "intake.wrong_format"),
        (b"\x89PNG\r\n\x1a\n", "intake.wrong_format"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "intake.wrong_format"),
        (b'{"rows": []}', "intake.wrong_format"),
        (zipped(word__document_xml=b"x", **{"word/document.xml": b"x"}), "intake.wrong_format"),
        (zipped(**{"a.csv": b"date,spend\n"}), "intake.no_rows"),
        (b"PK\x03\x04 broken", "intake.broken_file"),
        (zipped(**{"xl/workbook.xml": b"<nothing"}), "intake.broken_file"),
        (LETTER.encode(), "intake.not_a_table"),
        (bytes(range(256)) * 8, "intake.nul_bytes"),
        (b"date,channel,spend\n", "intake.no_rows"),
        (b"date,channel,spend (USD)\nsoon,Google,1\n", "intake.none_usable"),
        (b"channel,spend\nGoogle,1\n", "intake.which_day"),
    ],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(IntakeError) as error:
        read_export(data, "some file")
    assert error.value.code == code
    assert error.value.template != code and str(error.value)


def test_lines_that_cannot_be_used_can_be_mapped_anew() -> None:
    with pytest.raises(IntakeError) as error:
        read_export(b"date,channel,spend (USD)\nsoon,Google,1\n", "x.csv")
    assert [c["header"] for c in error.value.params["columns"]] == ["date", "channel", "spend (USD)"]
    assert error.value.params["n"] == 1


def test_zip_bomb_is_not_opened() -> None:
    bomb = zipped(**{"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b"\0" * 80_000_000})
    assert len(bomb) < 200_000
    with pytest.raises(IntakeError) as error:
        read_export(bomb, "bomb.xlsx")
    assert error.value.code == "intake.too_big_inside"


def test_a_cell_at_the_end_of_the_sheet_does_not_exhaust_memory() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["date", "spend"])
        sheet.write_row(1, 0, ["2026-03-01", 5])
        sheet.write(1_048_575, 16_383, "far")
    with pytest.raises(IntakeError) as error:
        read_export(out.getvalue(), "far.xlsx")
    assert error.value.code == "intake.too_wide"
    assert (error.value.params["rows"], error.value.params["columns"]) == (1_048_576, 16_384)


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as error:
        read_export(tmp_path / "no.csv")
    assert error.value.code == "intake.not_found"


def test_workbook_with_dates_serials_and_a_summary_sheet() -> None:
    rows = [["日期", "渠道", "花费(元)"], [43862, "抖音", 1234.567], [43863, "抖音", "1,000.5"]]
    r = read_export(workbook(透视=[["行标签", "求和项:花费"], ["抖音", 2235]], 明细=rows), "book.xlsx")
    assert r.layout.sheet == "明细" and r.layout.date_order == "serial"
    assert r.rows["spend"].sum() == pytest.approx(2235.067)
    assert str(r.day_first) == "2020-02-01"
    assert "intake.other_sheets" in {f.code for f in r.findings}


def test_a_pivot_sheet_is_passed_over_even_when_its_words_are_better_known() -> None:
    pivot = [["行标签", "日期", "渠道", "点击", "求和项:花费"], ["x", "2026-03-01", "抖音", 5, 30]]
    raw = [["日期", "渠道", "花费(元)"], ["2026-03-01", "抖音", 10], ["2026-03-01", "抖音", 20]]
    r = read_export(workbook(Sheet2=pivot, Sheet1=raw), "book.xlsx")
    assert r.layout.sheet == "Sheet1" and r.rows["spend"].sum() == 30.0


def test_path_and_bytes_read_the_same(tmp_path: Path) -> None:
    data = b"date,channel,spend (USD)\n2026-03-01,Google,1\n"
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    a, b = read_export(path), read_export(data, "a.csv")
    assert a.sha256 == b.sha256 and a.name == b.name == "a.csv" and a.rows.equals(b.rows)


# --- containers ---

CONTAINERS = Path(__file__).resolve().parent.parent / "fixtures" / "containers"
TABLE = "date,channel,spend (USD),campaign\n" + "".join(
    f"2026-03-{d:02},Google,{d},Kampagne {'é' if d % 2 else 'ß'}\n" for d in range(1, 29)
)


def refusal(data: bytes | Path, name: str | None = None) -> IntakeError:
    with pytest.raises(IntakeError) as error:
        read_export(data, name)
    assert error.value.template != error.value.code
    assert "{" not in str(error.value) and len(str(error.value)) < 400
    return error.value


def encrypted_zip() -> bytes:
    """A zip whose members say that they are encrypted."""
    data = bytearray(zipped(**{"a.csv": b"date,channel,spend\n"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def gz_bomb() -> bytes:
    return gzip.compress(b"date,spend\n" + b"\0" * 80_000_000)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (encrypted_zip(), "intake.password"),
        (zipped(**{"inner.zip": zipped(**{"a.csv": b"x"})}), "intake.nested"),
        (zipped(**{"inner.csv": zipped(**{"a.csv": b"x"})}), "intake.nested"),
        (zipped(**{"a.csv.gz": gzip.compress(b"x")}), "intake.nested"),
        (gzip.compress(gzip.compress(b"x")), "intake.nested"),
        (gzip.compress(zipped(**{"a.csv": b"x"})), "intake.nested"),
        (zipped(**{"photo.jpg": b"\xff\xd8\xff"}), "intake.no_tables_inside"),
        (zipped(**{".DS_Store": b"x"}), "intake.no_tables_inside"),
        (zipped(), "intake.no_tables_inside"),
        (zipped(**{f"{i}.csv": b"" for i in range(5_001)}), "intake.too_many_inside"),
        (zipped(**{"a.csv": b"\0" * 80_000_000}), "intake.too_big_inside"),
        (gz_bomb(), "intake.too_big_inside"),
        (gzip.compress(TABLE.encode(), mtime=0)[:-30], "intake.broken_file"),
        (gzip.compress(b"", mtime=0), "intake.empty"),
        (zipped(**{"a.csv": TABLE.encode()})[:-40], "intake.broken_file"),
        (workbook(S=[["date", "spend"], ["2026-03-01", 5]])[:-2000], "intake.broken_file"),
        (workbook(S=[]), "intake.blank"),
        (workbook(S=[["date", "channel", "spend"]]), "intake.no_rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "bytes",
)
def test_bad_archives(data: bytes, code: str) -> None:
    assert refusal(data, "file").code == code


@pytest.mark.parametrize("name", ["locked.xlsx", "locked.xls"])
def test_a_password_is_said(name: str) -> None:
    assert refusal(CONTAINERS / name).code == "intake.password"


def test_a_damaged_xls_is_refused() -> None:
    data = (CONTAINERS / "merged_hidden.xls").read_bytes()
    assert refusal(data[:3000], "cut.xls").code in ("intake.broken_file", "intake.wrong_format")


def test_a_lying_zip_header_does_not_unpack_more() -> None:
    data = zipped(**{"a.csv": b"date,spend\n" + b"1" * 60_000_000})
    small = (100).to_bytes(4, "little")
    at = data.index(b"PK\x01\x02")
    assert refusal(data[: at + 24] + small + data[at + 28 :], "liar.zip").code == "intake.broken_file"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/media/image1.png"])
def test_a_bomb_in_any_part_of_a_workbook(part: str) -> None:
    bomb = zipped(**{"xl/workbook.xml": b"<x/>", part: b" " * 80_000_000})
    assert refusal(bomb, "bomb.xlsx").code == "intake.too_big_inside"


def test_one_long_text_in_many_cells_is_not_copied_into_memory() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for i in range(25_000):
            sheet.write_string(i, 0, "x" * 32_000)
    data = out.getvalue()
    assert len(data) < 500_000
    assert refusal(data, "texts.xlsx").code == "intake.too_big_inside"


def test_a_few_long_texts_beside_many_short_ones_are_fine() -> None:
    rows = [["date", "channel", "campaign", "spend (USD)"], ["2026-03-01", "Google", "x" * 30_000, 1]]
    rows += [["2026-03-02", "Google", "short", 1] for _ in range(8_000)]
    assert read_export(workbook(S=rows), "a.xlsx").rows["spend"].sum() == 8_001


# --- text ---


def test_a_million_columns_and_a_line_without_end(tmp_path: Path) -> None:
    wide = b",".join([b""] * 999_000) + b"\n1\n"
    assert refusal(wide, "wide.csv").code == "intake.too_many_columns"
    assert refusal(b"date,spend\n" + b"9" * 31_000_000, "long.csv").code == "intake.line_too_long"
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(b"date,channel,spend\n2026-03-01,Google,")
        for _ in range(100):
            file.write(b"9" * 1_000_000)
    assert refusal(path).code == "intake.line_too_long"


def test_a_quote_never_closed_in_a_long_file_is_still_read() -> None:
    lines = [f"2026-03-{i % 28 + 1:02},Google,{i % 7}" for i in range(20_000)]
    lines[3] = '2026-03-04,"Google,3'
    before = csv.field_size_limit(220_000)
    try:
        read = read_export(("date,channel,spend (USD)\n" + "\n".join(lines)).encode(), "q.csv")
    finally:
        csv.field_size_limit(before)
    assert "intake.broken_quotes" in {f.code for f in read.findings}
    assert read.lines.lines == 20_001


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8", "utf-8-sig", "gb18030"])
def test_a_text_cut_in_the_middle_of_a_letter(codec: str) -> None:
    text = TABLE + "2026-03-30,Google,7,抖音计划"
    if codec == "gb18030":
        text = text.replace("é", "春").replace("ß", "夏")
    whole = read_export(text.encode(codec), "a.csv")
    assert whole.rows["spend"].sum() == sum(range(1, 29)) + 7
    assert refusal(text.encode(codec)[:-1], "a.csv").code == "intake.cut_off"


def test_nul_bytes_and_noise() -> None:
    assert refusal(TABLE.replace("Google,9", "Goo\x00gle,9").encode(), "a.csv").code == "intake.nul_bytes"
    noise = bytes((i * 7 + 1) % 255 + 1 for i in range(5000))
    assert refusal(noise, "a.csv").code == "intake.no_text"


@pytest.mark.parametrize("name", ["report.csv", "report.xlsx", "report"])
@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"\0\0\0\x18ftypheic\0\0",
        b"RIFF\x10\0\0\0WEBP",
        b"BM\x36\0\0\0\0\0",
        b"%PDF-1.7\n1 0 obj",
        b"<!DOCTYPE html><html><body>Sign in</body></html>",
        b"\xef\xbb\xbf\r\n<html><table>",
        b"<?xml version='1.0'?><Workbook>",
        b'{"data": []}',
        b'[\n  {"spend": 5}]',
        b"PAR1\x15\0",
        b"Rar!\x1a\x07\x01\0",
        b"7z\xbc\xaf\x27\x1c",
        b"BZh91AY&SY\0\xff",
        b"SQLite format 3\0",
    ],
)
def test_other_formats_under_any_name(head: bytes, name: str) -> None:
    found = refusal(head + bytes(range(256)) * 4, name)
    assert found.code == "intake.wrong_format" and found.params["format"]


def test_the_name_of_a_file_does_not_matter_its_content_does() -> None:
    table = [["date", "channel", "spend (USD)"], ["2026-03-01", "Google", 5]]
    csv_named_xlsx = read_export(b"date,channel,spend (USD)\n2026-03-01,Google,5\n", "a.xlsx")
    xlsx_named_csv = read_export(workbook(S=table), "a.csv")
    assert (csv_named_xlsx.layout.container, xlsx_named_csv.layout.container) == ("csv", "xlsx")
    assert csv_named_xlsx.rows["spend"].sum() == xlsx_named_csv.rows["spend"].sum() == 5
    assert read_export(b"BMW,x\ndate,channel,spend (USD)\n2026-03-01,Google,5\n", "a.csv").currency == "USD"


# --- places ---


def test_folders_and_files_that_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(tmp_path).code == "intake.is_folder"
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE.encode())

    def gone(self: Path) -> bytes:
        raise FileNotFoundError(2, "No such file or directory", str(self))

    def locked(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", gone)
    assert refusal(path).code == "intake.not_found"
    monkeypatch.setattr(Path, "read_bytes", locked)
    assert refusal(path).code == "intake.cannot_open"


# --- values ---


def questions(data: bytes, **answers: object) -> list[str]:
    return [q.code for q in read_export(data, "a.csv", answers=answers).questions]


def test_days_that_have_not_come_yet_are_asked_about() -> None:
    today = dt.date.today()
    later = today + dt.timedelta(days=30)
    data = f"date,channel,spend (USD)\n{today},Google,1\n{later},Google,2\n".encode()
    assert questions(data) == ["intake.future_days"]
    read = read_export(data, "a.csv", answers={"accept": ["intake.future_days"]})
    assert not read.questions and "intake.future_days_kept" in {f.code for f in read.findings}
    nothing_yet = f"date,channel,spend (USD)\n{today},Google,1\n{later},Google,0\n".encode()
    assert not questions(nothing_yet)
    with pytest.raises(IntakeError) as error:
        read_export(data, "a.csv", answers={"accept": ["intake.which_currency"]})
    assert error.value.code == "intake.bad_answer"


def test_leads_from_the_future_are_asked_about() -> None:
    later = dt.date.today() + dt.timedelta(days=400)
    data = (
        f"线索ID,创建时间,来源渠道,手机\n1,2026-03-01,抖音,13800000000\n2,{later},抖音,13800000001\n".encode()
    )
    assert questions(data) == ["intake.future_days"]


def test_refunds_are_told_and_a_file_of_minus_signs_is_asked_about() -> None:
    head = "date,channel,spend (USD)\n2026-03-01,Google,100\n"
    some = read_export(f"{head}2026-03-02,Google,-20\n".encode(), "a.csv")
    told = next(f for f in some.findings if f.code == "intake.negative_spend")
    assert not some.questions and told.params == {"n": 1, "spend": -20.0}
    assert some.rows["spend"].sum() == 80
    most = f"{head}2026-03-02,Google,-300\n".encode()
    assert questions(most) == ["intake.mostly_negative"]
    assert not questions(most, accept="intake.mostly_negative")


def test_two_headers_of_one_name_can_be_told_apart() -> None:
    rows = "".join(f"2026-03-0{d},Google,1,20,300,USD\n" for d in (1, 2))
    data = f"date,channel,Cost,Cost,cost ,currency\n{rows}".encode()
    read = read_export(data, "a.csv")
    assert [m.header for m in read.mapping][2:5] == ["Cost", "Cost (2)", "cost "]
    assert "intake.two_columns" in {q.code for q in read.questions}
    for header, spend in (("Cost", 2), ("Cost (2)", 40), ("cost ", 600)):
        chosen = read_export(data, "a.csv", answers={"mapping": {header: "spend"}})
        assert chosen.rows["spend"].sum() == spend and not chosen.questions
    same = data.replace(b",20,300", b",1,1")
    assert read_export(same, "a.csv").rows["spend"].sum() == 2


@pytest.mark.parametrize(
    "text",
    [
        'sep=,\n"Follows"\n"Date","Primary"\n"2026-03-01T00:00:00","12"\n"2026-03-02T00:00:00","3"\n',
        'sep=,\n"Reach"\n"Date","Primary"\n"2026-03-01T00:00:00","12"\n\n"Follows"\n"Date","Primary"\n'
        '"2026-03-01T00:00:00","1"\n',
        '"Post ID","Page ID","Page name",Date,Impressions,Reach\n1,2,Demo,2026-03-01,5,6\n',
    ],
)
@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig"])
def test_page_insights_are_not_spend(text: str, codec: str) -> None:
    found = refusal(text.encode(codec), "insights.csv")
    assert found.code == "intake.page_insights" and "Amount spent" in str(found)


def test_a_last_line_that_breaks_off_is_set_aside() -> None:
    lines = [f"2026-03-{d:02},Google,{d}.50,100" for d in range(1, 11)]
    text = "date,channel,spend (USD),clicks\n" + "\n".join(lines)
    assert read_export(text.encode(), "a.csv").lines.kept == 10
    cut = read_export(text[:-7].encode(), "a.csv")
    assert text[:-7].endswith("Google,10") and cut.rows["spend"].sum() == sum(range(1, 10)) + 4.5
    assert "intake.last_line_cut" in {f.code for f in cut.findings}
    assert (cut.lines.kept, cut.lines.rejected) == (9, 1)
    total = read_export((text + "\n合计,,49.5").encode(), "a.csv")
    assert (total.lines.kept, total.lines.totals) == (10, 1)


def test_what_unpacks_to_more_than_memory_is_refused_however_it_is_packed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    noise = random.Random(1).randbytes(400_000)
    monkeypatch.setattr(limits, "MOST_BYTES", 300_000)
    for data in (gzip.compress(noise), zipped(**{"a.csv": noise}), zipped(**{"xl/workbook.xml": noise})):
        assert refusal(data, "big").code == "intake.too_big_inside"
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"date,spend\n" + b"0,0\n" * 300_000))
    monkeypatch.setattr(spool, "_PACKED", 100)
    monkeypatch.setattr(spool, "MOST_BYTES", 300_000)
    monkeypatch.setattr(spool, "MOST_RATIO", 10)
    assert refusal(path).code == "intake.too_big_inside"


@pytest.mark.parametrize("form", [b"r='%s'", b'r = "%s"', b'\n r="%s"'])
@pytest.mark.parametrize("far", [b"XFD1048576", b"B99999999", b"ZZ999999"])
def test_a_far_cell_is_seen_however_it_is_written(form: bytes, far: bytes) -> None:
    cell = b"<row><c " + form % far + b"><v>1</v></c></row>"
    near = b'<row><c r="A1"><v>1</v></c></row>' * 3000
    xml = b"<worksheet><sheetData>" + cell + near + b"</sheetData></worksheet>"
    data = zipped(**{"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": xml})
    assert refusal(data, "far.xlsx").code == "intake.too_wide"
