"""The header line of a table, and the facts in the lines above it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from channelopt.errors import Finding, Severity
from channelopt.intake.dates import find_dates, read_dates
from channelopt.intake.messages import IntakeError
from channelopt.intake.names import normalise, peel
from channelopt.intake.platforms import all_headers
from channelopt.intake.summaries import summaries
from channelopt.intake.table import Cell, Sheet, as_text, is_blank

_LOOK = 40
_PIVOT = re.compile(r"^(求和项|计数项|平均值项|sum of|count of|行标签|row labels)", re.IGNORECASE)
_MADE = re.compile(r"生成时间|date generated|generated|report time|导出时间|下载时间", re.IGNORECASE)
_SPAN = re.compile(
    r"时间范围|report start|start date|report end|end date|日期范围|统计时间|^\s*\W*\d|date range",
    re.IGNORECASE,
)
_NUMBERISH = re.compile(r"[-+(]?[^\w\s]?\s?\d[\d.,\s%:/-]*\)?")


@dataclass(frozen=True)
class Facts:
    """What the lines above the header say.

    Attributes:
        first: first day of the stated range.
        last: last day of the stated range.
        generated_at: when the file was made.
        whole: rows cover the whole range (时间单位：合计).
        device: the only device covered, "" when all.
        incomplete: the platform says the last day is not final.
    """

    first: dt.date | None = None
    last: dt.date | None = None
    generated_at: dt.datetime | None = None
    whole: bool = False
    device: str = ""
    incomplete: bool = False


@dataclass(frozen=True)
class Located:
    """The table of a file.

    Attributes:
        sheet: its raw lines.
        at: index of the header line.
        headers: header texts as they stand, repeated ones numbered.
        preamble: the lines above, as text.
        facts: what they say.
        unread: keys of the other tables that hold something, but no data to import.
        normal: header texts made comparable.
        others: keys of the other tables with data.
        told: what the file holds besides this table.
    """

    sheet: Sheet
    at: int
    headers: list[str]
    preamble: list[str]
    facts: Facts
    unread: tuple[str, ...] = ()
    normal: list[str] = field(default_factory=list)
    others: tuple[str, ...] = ()
    told: tuple[Finding, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Hash of the normalised headers; answers are remembered under it."""
        return hashlib.sha256("\x1f".join(self.normal).encode()).hexdigest()[:16]


def locate(sheets: list[Sheet], name: str, table: str | None = None) -> Located:
    """Find the table: the sheet and the line whose cells are best known as headers.

    Args:
        sheets: all tables of the file.
        name: the file's name.
        table: key of the one to read; without it the best known one.

    Raises:
        IntakeError: ``intake.not_a_table``, ``intake.no_rows`` or ``intake.no_such_table``.
    """
    found = find_tables(sheets)
    wanted = found if table is None else [f for f in found if sheets[f.index].key == table]
    if table is not None and not wanted:
        keys = ", ".join(sheets[f.index].key for f in found)
        raise IntakeError("intake.no_such_table", name=name, table=table, tables=keys)
    if not wanted:
        raise IntakeError("intake.not_a_table", name=name)
    best = max(wanted, key=lambda f: (f.data, f.score, -f.index))
    sheet = sheets[best.index]
    headers = _labels(sheet.lines[best.at])
    if not best.rows:
        raise IntakeError("intake.no_rows", name=name)
    preamble = [" ".join(as_text(c) for c in line).strip() for line in sheet.lines[: best.at]]
    facts = read_facts(preamble)
    if sheet.above and facts.first is None:
        preamble = [*sheet.above, *preamble]
        facts = read_facts(preamble)
    data = {f.index for f in found if f.data}
    others = tuple(sheets[i].key for i in sorted(data - {best.index}))
    unread = tuple(s.key for i, s in enumerate(sheets) if i != best.index and i not in data and s.lines)
    normal = [normalise(as_text(c)) for c in sheet.lines[best.at][: len(headers)]]
    told = _tell(sheet, others, unread, {s.key for s in sheets if s.hidden})
    return Located(sheet, best.at, headers, preamble, facts, unread, normal, others, told)


def _tell(
    sheet: Sheet, others: tuple[str, ...], unread: tuple[str, ...], hidden: set[str]
) -> tuple[Finding, ...]:
    """What the file holds besides the table read."""
    groups: tuple[tuple[Severity, str, Sequence[str]], ...] = (
        ("warning", "intake.other_tables", others),
        ("info", "intake.other_sheets", [k for k in unread if k not in hidden]),
        ("warning", "intake.hidden_sheets", [k for k in unread if k in hidden]),
    )
    told = []
    for severity, code, keys in groups:
        if keys:
            params = {"table": sheet.key, "sheet": sheet.key, "others": ", ".join(keys)}
            told.append(Finding(severity, code, params))
    if sheet.hidden:
        told.append(Finding("warning", "intake.read_hidden", {"sheet": sheet.key}))
    return tuple(told)


@dataclass(frozen=True)
class Found:
    """A sheet with a header line.

    Attributes:
        index: which sheet.
        at: index of the header line.
        score: how well its headers are known.
        rows: whether anything stands below.
        data: whether it is a table to import, not a summary of another or a hidden copy.
    """

    index: int
    at: int
    score: float
    rows: bool
    data: bool


def find_tables(sheets: list[Sheet]) -> list[Found]:
    """The sheets that hold a table, and which of them are data."""
    found: list[Found] = []
    for i, sheet in enumerate(sheets):
        line = _header_line(sheet)
        if line is None:
            continue
        score, at = line
        pivot = any(_PIVOT.match(as_text(c).strip()) for row in sheet.lines[: at + 1] for c in row)
        rows = any(not is_blank(row) for row in sheet.lines[at + 1 :])
        found.append(Found(i, at, score - 100 * pivot, rows, rows and not pivot))
    shown = [f for f in found if f.data and not sheets[f.index].hidden]
    if shown:
        found = [replace(f, data=f.data and not sheets[f.index].hidden) for f in found]
    data = [(sheets[f.index], f.at) for f in found if f.data and sheets[f.index].sheet]
    extra = summaries(data)
    return [replace(f, data=f.data and sheets[f.index].key not in extra) for f in found]


def _labels(line: list[Cell]) -> list[str]:
    """Header texts as they stand; a repeated one gets a number, so that an answer can name it."""
    texts = [as_text(c) for c in line]
    while texts and not texts[-1].strip():
        texts.pop()
    taken = {t.strip() for t in texts}
    seen: set[str] = set()
    for i, text in enumerate(texts):
        plain = text.strip()
        if plain and plain in seen:
            n = 2
            while f"{plain} ({n})" in taken:
                n += 1
            texts[i] = f"{plain} ({n})"
            taken.add(texts[i])
        seen.add(plain)
    return texts


def is_header(cell: Cell) -> bool:
    if not isinstance(cell, str) or not cell.strip():
        return False
    text = normalise(cell)
    peeled = peel(text)
    return text in all_headers() or (peeled is not None and peeled[0] in all_headers())


def _header_line(sheet: Sheet) -> tuple[float, int] | None:
    """Score and index of the best header line; None when nothing looks like a table."""
    lines = sheet.lines
    if sheet.head is not None:
        return max(0.5, float(sum(1 for c in lines[sheet.head] if is_header(c)))), sheet.head
    best: tuple[float, int] | None = None
    for i in range(min(_LOOK, len(lines))):
        filled = [c for c in lines[i] if not (isinstance(c, str) and not c.strip())]
        known = sum(1 for c in filled if is_header(c))
        if len(filled) >= 2 and known >= 2 and (best is None or known > best[0]):
            best = (float(known), i)
    return best or _first_full_line(lines)


def _first_full_line(lines: list[list[Cell]]) -> tuple[float, int] | None:
    """Without known words: the first line of names above lines that hold numbers."""
    head = [line for line in lines[:200] if not is_blank(line)]
    widths = Counter(len([c for c in line if c != ""]) for line in head)
    widths.pop(0, None)
    if not widths:
        return None
    width = max(widths, key=lambda w: (widths[w] * w, w))
    if width < 2:
        return None
    for i, line in enumerate(lines[:_LOOK]):
        filled = [c for c in line if not (isinstance(c, str) and not c.strip())]
        names = all(
            isinstance(c, str) and len(c) <= 60 and not _NUMBERISH.fullmatch(c.strip()) for c in filled
        )
        if len(filled) >= min(width, 2) and len(filled) >= 0.8 * width and names:
            below = lines[i + 1 : i + 30]
            numbers = sum(1 for row in below if any(is_number(c) for c in row))
            return (0.5, i) if numbers >= 0.5 * max(len([b for b in below if not is_blank(b)]), 1) else None
    return None


def is_number(cell: Cell) -> bool:
    return not isinstance(cell, str) or _NUMBERISH.fullmatch(cell.strip()) is not None


def read_facts(preamble: list[str]) -> Facts:
    """Read the stated range, the time of making and the like from the lines above the header."""
    days: list[dt.date] = []
    made: dt.datetime | None = None
    whole = incomplete = False
    device = ""
    for line in preamble:
        text = line.strip().strip('",; ')
        if _MADE.search(text) and "," not in text.split(":")[0] and not _is_span(text):
            made = made or _moment(text)
            continue
        if len(text) <= 200 and (_SPAN.search(text) or len(find_dates(text)) == 2):
            days += find_dates(text)
        whole = whole or ("时间单位" in text and "合计" in text)
        incomplete = (
            incomplete or re.search(r"potential incomplete data: *true", text, re.IGNORECASE) is not None
        )
        match = re.search(r"推广设备[:：]\s*(.+)", text)
        if match and not ("，" in match[1] or "," in match[1].strip(", ") or "全部" in match[1]):
            device = match[1].strip(", ")
    first, last = (min(days), max(days)) if days else (None, None)
    return Facts(first, last, made, whole, device, incomplete)


def _is_span(text: str) -> bool:
    return len(find_dates(text)) == 2


def _moment(text: str) -> dt.datetime | None:
    """The moment stated after the first colon of a line."""
    _, _, value = text.replace("：", ":").partition(":")
    read = read_dates([value.strip().strip('"')], hint="mdy").start[0]
    moment: dt.datetime | None = read.astype("datetime64[us]").item()
    if moment is not None:
        return moment
    days = find_dates(text)
    return dt.datetime.combine(days[0], dt.time()) if days else None


def period_in_name(name: str) -> tuple[dt.date, dt.date] | None:
    """A range of two dates in a file name, as some platforms write it."""
    days = find_dates(re.sub(r"\.\w+$", "", name).replace("_", " "))
    return (min(days), max(days)) if len(days) == 2 else None
