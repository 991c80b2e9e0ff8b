"""A workbook to raw cells: XLSX, XLSM and XLS; bounds first, then every sheet as it stands."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import python_calamine

from channelopt.errors import Finding
from channelopt.intake.limits import MOST_BYTES, MOST_CELLS, Budget, member, open_archive
from channelopt.intake.messages import IntakeError
from channelopt.intake.table import Cell, Sheet

#: Beginning of the workbook stream of an XLS.
_BOF = b"\x09\x08\x10\x00\x00\x06\x05\x00"
OLE = b"\xd0\xcf\x11\xe0"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
#: References of cells: as every program writes them, and in all forms that XML allows.
_REF = (rb"[A-Z]{1,3}(\d{1,9})", rb"[A-Z]{1,3}(\d{7,9})", rb"([A-Z]{2,3})\d")
_USUAL = tuple(re.compile(rb' r="' + p) for p in _REF)
_ANY = tuple(re.compile(rb"""\sr\s*=\s*["']""" + p) for p in _REF)
_ODD = (b"r='", b"r =", b"\tr=", b"\nr=", b"\rr=")
#: Up to so many columns a sheet of 999,999 rows is within bounds.
_NARROW = MOST_CELLS // 1_000_000
#: Columns of one letter beyond those.
_BEYOND = re.compile(rb""" r=["']([%c-Z])\d""" % (65 + _NARROW))
_HOLLOW = re.compile(rb"</f>(?:<v\s*/>|<v></v>)?</c>")
_SHARED = re.compile(rb"""\bt="s"[^>]*>\s*<v>(\d{1,9})</v>""")
_OVERLAP = 400
_NUMBER = re.compile(r"[-+(]?[^\w\s]?\s?\d[\d.,\s%]*\)?")


@dataclass
class _Scan:
    """What the XML of a workbook claims, before anything makes room for it."""

    rows: int = 0
    columns: int = 1
    hollow: int = 0
    texts: int = 0


def is_workbook(names: set[str]) -> bool:
    """Whether the members of a zip are those of an XLSX or XLSM."""
    return "xl/workbook.xml" in names


def read_xlsx(data: bytes, name: str) -> list[Sheet]:
    """All sheets of an XLSX or XLSM.

    Raises:
        IntakeError: damaged, another kind of Office file, or unreasonably big inside.
    """
    with open_archive(data, name) as archive:
        hollow = _check(archive, data, name)
    return _sheets(data, name, "xlsx", hollow)


def read_xls(data: bytes, name: str) -> list[Sheet]:
    """All sheets of an XLS (Excel 97 to 2003).

    Raises:
        IntakeError: locked by a password, damaged, or another Office file.
    """
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise IntakeError("intake.password", name=name)
    streams = ("Workbook", "Book")
    if not any(s.encode("utf-16-le") in data for s in streams):
        what = "old Office file that is no Excel table (.doc, .ppt, .msg)"
        raise IntakeError("intake.wrong_format", name=name, format=what, wanted="XLSX or CSV")
    try:
        return _sheets(data, name, "xls", 0)
    except IntakeError as error:
        if error.code == "intake.broken_file" and _is_locked(data):
            raise IntakeError("intake.password", name=name) from error
        raise


def _is_locked(data: bytes) -> bool:
    """Whether the first records of an XLS say that the rest is encrypted.

    Source: Microsoft [MS-XLS] 2.4.117: a FilePass record (0x2F) stands among the first after BOF.
    """
    at = data.find(_BOF)
    for _ in range(6):
        if at < 0 or at + 4 > len(data):
            return False
        kind, size = (
            int.from_bytes(data[at : at + 2], "little"),
            int.from_bytes(data[at + 2 : at + 4], "little"),
        )
        if kind == 0x2F:
            return True
        at += 4 + size
    return False


def _check(archive: zipfile.ZipFile, data: bytes, name: str) -> int:
    """Refuse what is no table or would not fit; returns how many formulas have no result."""
    entries = {e.filename: e for e in archive.infolist()}
    for prefix, what in (("word/", "Word"), ("ppt/", "PowerPoint")):
        if any(n.startswith(prefix) for n in entries):
            raise IntakeError("intake.wrong_format", name=name, format=what, wanted="XLSX or CSV")
    if not is_workbook(set(entries)):
        raise IntakeError("intake.wrong_format", name=name, format="other spreadsheet", wanted="XLSX or CSV")
    budget, hollow, texts = Budget(len(data), name), 0, 0
    for entry in entries.values():
        if _SHEET.fullmatch(entry.filename):
            scan = _scan(archive, entry, budget)
            hollow, texts = hollow + scan.hollow, texts + scan.texts
            if scan.rows * scan.columns > MOST_CELLS:
                raise IntakeError("intake.too_wide", name=name, rows=scan.rows, columns=scan.columns)
    shared = entries.get("xl/sharedStrings.xml")
    if shared is not None:
        _check_texts(archive, entries, shared, texts, budget)
    return hollow


def _scan(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> _Scan:
    """Furthest cell (readers make room for all cells before it), formulas without a result, errors."""
    found, tail = _Scan(), b""
    for block in member(archive, entry, budget):
        text = tail + block
        row, far, wide = _patterns(text)
        found.columns = max(found.columns, _columns(text, wide))
        last = row.findall(text[-4 * _OVERLAP :]) + far.findall(text)
        found.rows = max(found.rows, max(map(int, last), default=0))
        found.hollow += len(_HOLLOW.findall(text)) + text.count(b' t="e"')
        found.texts += text.count(b't="s"')
        if tail:
            found.hollow -= len(_HOLLOW.findall(tail)) + tail.count(b' t="e"')
            found.texts -= tail.count(b't="s"')
        tail = text[-_OVERLAP:]
    if found.columns > _NARROW:
        found.rows = max(found.rows, _last_row(archive, entry, budget.name))
    return found


def _patterns(text: bytes) -> tuple[re.Pattern[bytes], ...]:
    """How to find rows, rows beyond a million, and columns beyond Z."""
    return _ANY if any(form in text for form in _ODD) else _USUAL


def _columns(text: bytes, wide: re.Pattern[bytes]) -> int:
    """The last column any cell claims; among the first ``_NARROW`` it does not matter which."""
    beyond = set(wide.findall(text)) or set(_BEYOND.findall(text))
    return max(map(_place, beyond), default=_NARROW)


def _last_row(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> int:
    """The last row any cell claims, wherever it stands."""
    rows, tail = 0, b""
    for block in member(archive, entry, Budget(entry.compress_size, name)):
        text = tail + block
        rows = max(rows, max(map(int, set(_patterns(text)[0].findall(text))), default=0))
        tail = block[-_OVERLAP:]
    return rows


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _check_texts(
    archive: zipfile.ZipFile,
    entries: dict[str, zipfile.ZipInfo],
    shared: zipfile.ZipInfo,
    texts: int,
    budget: Budget,
) -> None:
    """Refuse a workbook whose shared texts, once copied into every cell, would not fit."""
    sizes: list[int] = []
    carry = 0
    for block in member(archive, shared, budget):
        first, *rest = block.split(b"<si")
        carry += len(first)
        for piece in rest:
            sizes.append(carry)
            carry = len(piece)
    lengths = np.array([*sizes[1:], carry], dtype=np.int64)
    if not len(lengths) or int(lengths.max()) * texts <= MOST_BYTES:
        return
    total = 0
    for entry in entries.values():
        if _SHEET.fullmatch(entry.filename):
            xml = b"".join(member(archive, entry, budget))
            found = np.array([int(n) for n in _SHARED.findall(xml)], dtype=np.int64)
            total += int(lengths[found[found < len(lengths)]].sum())
    if total > MOST_BYTES:
        raise IntakeError("intake.too_big_inside", name=budget.name, size=total / 1e6)


def _sheets(data: bytes, name: str, container: str, hollow: int) -> list[Sheet]:
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        sheets = [_sheet(book, i, container, name) for i in range(len(book.sheet_names))]
    except python_calamine.PasswordError as error:
        raise IntakeError("intake.password", name=name) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise IntakeError("intake.broken_file", name=name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the reader's own end, no subclass of Exception
            raise
        raise IntakeError("intake.broken_file", name=name) from error
    if not any(s.lines for s in sheets):
        raise IntakeError("intake.blank", name=name)
    if hollow:
        told = Finding("warning", "intake.empty_formulas", {"n": hollow})
        sheets = [replace(s, findings=(*s.findings, told)) for s in sheets]
    return sheets


def _sheet(book: python_calamine.CalamineWorkbook, i: int, container: str, name: str) -> Sheet:
    about = book.sheets_metadata[i]
    hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
    title = book.sheet_names[i]
    if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
        return Sheet(container, None, None, title, [], [], hidden=hidden, key=title)
    found = book.get_sheet_by_index(i)
    if found.total_height * found.total_width > MOST_CELLS:
        raise IntakeError("intake.too_wide", name=name, rows=found.total_height, columns=found.total_width)
    lines = [_cells(row) for row in found.to_python(skip_empty_area=False)]
    while lines and not any(c != "" for c in lines[-1]):
        lines.pop()
    _fill_merged(lines, found.merged_cell_ranges or [])
    numbers = list(range(1, len(lines) + 1))
    return Sheet(container, None, None, title, lines, numbers, hidden=hidden, key=title)


def _cells(row: Sequence[Any]) -> list[Cell]:
    """Numbers and moments stay what they are; everything else becomes text."""
    return [c if (kind := type(c)) is str or kind is float else _cell(c, kind) for c in row]


def _cell(value: Any, kind: type) -> Cell:
    if kind is int:
        return float(value)
    if kind is bool:
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    return "" if value is None else str(value)


def _fill_merged(lines: list[list[Cell]], ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """A name or a day merged over several rows stands in each of them; a number is never repeated."""
    for (top, left), (bottom, _right) in ranges:
        if bottom == top or top >= len(lines) or left >= len(lines[top]):
            continue
        cell = lines[top][left]
        if isinstance(cell, float) or (
            isinstance(cell, str) and (not cell or _NUMBER.fullmatch(cell.strip()))
        ):
            continue
        for i in range(top + 1, min(bottom + 1, len(lines))):
            if left < len(lines[i]) and lines[i][left] == "":
                lines[i][left] = cell
