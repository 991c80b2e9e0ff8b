"""Files that are no export are refused with a sentence."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from channelopt.intake import IntakeError, read_export


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
        (b"\xef\xbb\xbf", "intake.empty"),
        (b"\n\n  \n", "intake.empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "intake.wrong_format"),
        (b"%PDF-1.7\n", "intake.wrong_format"),
        (b"\x89PNG\r\n\x1a\n", "intake.wrong_format"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "intake.wrong_format"),
        (b'{"rows": []}', "intake.wrong_format"),
        (zipped(word__document_xml=b"x", **{"word/document.xml": b"x"}), "intake.wrong_format"),
        (zipped(**{"a.csv": b"date,spend\n"}), "intake.wrong_format"),
        (b"PK\x03\x04 broken", "intake.broken_file"),
        (zipped(**{"xl/workbook.xml": b"<nothing"}), "intake.broken_file"),
        (LETTER.encode(), "intake.not_a_table"),
        (bytes(range(256)) * 8, "intake.not_a_table"),
        (b"date,channel,spend\n", "intake.no_rows"),
        (b"date,channel,spend (USD)\nsoon,Google,1\n", "intake.no_rows"),
        (b"channel,spend\nGoogle,1\n", "intake.which_day"),
    ],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(IntakeError) as error:
        read_export(data, "some file")
    assert error.value.code == code
    assert error.value.template != code and str(error.value)


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
