"""Text or workbook to raw cells: every line with its number, no meaning yet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass

import python_calamine

from channelopt.errors import Finding
from channelopt.intake.decode import decode
from channelopt.intake.messages import IntakeError

Cell = str | float | dt.datetime
DELIMITERS = (",", "\t", ";", "|")
_MAX_BYTES, _MAX_RATIO, _MAX_ENTRIES = 600_000_000, 300, 5_000
_MAX_CELLS = 20_000_000
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_REF_ROW = re.compile(rb"""\sr=["'][A-Z]{1,3}(\d{1,9})["']""")
_REF_COLUMN = re.compile(rb"""\sr=["']([A-Z]{1,3})\d""")
csv.field_size_limit(10_000_000)


@dataclass(frozen=True)
class Sheet:
    """The raw lines of one table.

    Attributes:
        container: "csv" or "xlsx".
        encoding: codec, None for xlsx.
        delimiter: separator, None for xlsx.
        sheet: sheet name, None for csv.
        lines: one list of cells per line; text, or float and datetime from a workbook.
        numbers: 1-based line (csv: where the line starts) of each entry of ``lines``.
        findings: what was guessed.
        weights: how many rows of the file each line stands for; empty when one each.
    """

    container: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    lines: list[list[Cell]]
    numbers: list[int]
    findings: tuple[Finding, ...] = ()
    weights: tuple[int, ...] = ()


def open_tables(data: bytes, name: str) -> list[Sheet]:
    """All tables of a file: one for text, one per sheet for a workbook.

    Raises:
        IntakeError: empty, another kind of file, damaged, or unreasonably big inside.
    """
    if data.startswith(b"PK"):
        _check_zip(data, name)
        return _workbook(data, name)
    text = decode(data, name)
    delimiter = text.separator or sniff(text.text)
    lines, numbers, broken = _records(text.text, delimiter)
    findings = text.findings
    if broken:
        findings = (*findings, Finding("warning", "intake.broken_quotes", {}))
    return [Sheet("csv", text.encoding, delimiter, None, lines, numbers, findings)]


def sniff(text: str) -> str:
    """The delimiter that cuts most lines into the same, largest number of cells."""
    sample = text[:200_000]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        rows = [r for r in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(r)][:300]
        widths = Counter(len(r) for r in rows if len(r) > 1)
        if not widths:
            continue
        score = max(n * min(width, 60) for width, n in widths.items()) / len(rows)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _records(text: str, delimiter: str) -> tuple[list[list[Cell]], list[int], bool]:
    """Lines, the line each begins on, and whether a quote was never closed."""
    rows, numbers = _read_csv(text, delimiter, csv.QUOTE_MINIMAL)
    if rows and _never_closed(rows[-1], delimiter):
        rows, numbers = _read_csv(text, delimiter, csv.QUOTE_NONE)
        return rows, numbers, True
    return rows, numbers, False


def _read_csv(text: str, delimiter: str, quoting: int) -> tuple[list[list[Cell]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    rows: list[list[Cell]] = []
    numbers: list[int] = []
    start = 1
    for row in reader:
        rows.append(row)  # type: ignore[arg-type]
        numbers.append(start)
        start = reader.line_num + 1
    return rows, numbers


def _never_closed(last: list[Cell], delimiter: str) -> bool:
    """The last line swallowed others: a quote was opened and the file ended."""
    return any(isinstance(c, str) and c.count("\n") >= 2 and c.count(delimiter) >= 2 for c in last[-1:])


def _check_zip(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_size(data, entries, name)
            far = [_furthest(archive.read(e)) for e in entries if _SHEET.fullmatch(e.filename)]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise IntakeError("intake.broken_file", name=name) from error
    names = {e.filename for e in entries}
    for rows, columns in far:
        if rows * columns > _MAX_CELLS:
            raise IntakeError("intake.too_wide", name=name, rows=rows, columns=columns)
    if any(n.startswith("word/") for n in names):
        raise IntakeError("intake.wrong_format", name=name, format="Word", wanted="XLSX or CSV")
    if any(n.startswith("ppt/") for n in names):
        raise IntakeError("intake.wrong_format", name=name, format="PowerPoint", wanted="XLSX or CSV")
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise IntakeError("intake.wrong_format", name=name, format="other spreadsheet", wanted="XLSX or CSV")
    if "xl/workbook.xml" not in names:
        raise IntakeError("intake.wrong_format", name=name, format="zip", wanted="an unpacked CSV or XLSX")


def _check_size(data: bytes, entries: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse an archive that unpacks to far more than a spreadsheet."""
    size = sum(e.file_size for e in entries)
    ratio = size / max(len(data), 1)
    if len(entries) > _MAX_ENTRIES or size > _MAX_BYTES or (ratio > _MAX_RATIO and size > 50_000_000):
        raise IntakeError("intake.too_big_inside", name=name, size=size / 1e6)


def _furthest(xml: bytes) -> tuple[int, int]:
    """Last row and column any cell of a sheet claims: readers make room for all cells before it."""
    rows = max((int(r) for r in set(_REF_ROW.findall(xml))), default=0)
    letters = set(_REF_COLUMN.findall(xml))
    columns = 0
    for text in letters:
        place = 0
        for letter in text:
            place = place * 26 + letter - 64
        columns = max(columns, place)
    return rows, columns


def _workbook(data: bytes, name: str) -> list[Sheet]:
    sheets: list[Sheet] = []
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        for title in book.sheet_names:
            rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
            lines = [[_cell(c) for c in row] for row in rows]
            while lines and not any(c != "" for c in lines[-1]):
                lines.pop()
            sheets.append(Sheet("xlsx", None, None, title, lines, list(range(1, len(lines) + 1))))
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise IntakeError("intake.broken_file", name=name) from error
    if not any(s.lines for s in sheets):
        raise IntakeError("intake.empty", name=name)
    return sheets


def _cell(value: object) -> Cell:
    """Numbers and moments stay what they are; everything else becomes text."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, (int, float)):
        return float(value)
    return "" if value is None else str(value)


def as_text(cell: Cell) -> str:
    """One cell as a person would see it."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return f"{cell:%Y-%m-%d}" if cell.time() == dt.time() else f"{cell:%Y-%m-%d %H:%M:%S}"
    return cell


def is_blank(line: list[Cell]) -> bool:
    """Whether a line holds nothing but spaces."""
    return not any(c if not isinstance(c, str) else c.strip() for c in line)
