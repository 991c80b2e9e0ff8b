"""The header line of a table, and the facts in the lines above it."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field

from channelopt.intake.dates import find_dates, read_dates
from channelopt.intake.messages import IntakeError
from channelopt.intake.names import normalise, peel
from channelopt.intake.platforms import all_headers
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
        headers: header texts as they stand.
        preamble: the lines above, as text.
        facts: what they say.
        unread: names of the other sheets that hold something.
    """

    sheet: Sheet
    at: int
    headers: list[str]
    preamble: list[str]
    facts: Facts
    unread: tuple[str, ...] = ()
    normal: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Hash of the normalised headers; answers are remembered under it."""
        return hashlib.sha256("\x1f".join(self.normal).encode()).hexdigest()[:16]


def locate(sheets: list[Sheet], name: str) -> Located:
    """Find the table: the sheet and the line whose cells are best known as headers.

    Raises:
        IntakeError: ``intake.not_a_table`` or ``intake.no_rows``.
    """
    best: tuple[float, int, int] | None = None
    for i, sheet in enumerate(sheets):
        found = _header_line(sheet)
        if found is None:
            continue
        score, at = found
        if any(_PIVOT.match(as_text(c).strip()) for c in sheet.lines[at]):
            score -= 100
        if best is None or score > best[0]:
            best = (score, i, at)
    if best is None:
        raise IntakeError("intake.not_a_table", name=name)
    _, index, at = best
    sheet = sheets[index]
    headers = [as_text(c) for c in sheet.lines[at]]
    while headers and not headers[-1].strip():
        headers.pop()
    if not any(not is_blank(line) for line in sheet.lines[at + 1 :]):
        raise IntakeError("intake.no_rows", name=name)
    preamble = [" ".join(as_text(c) for c in line).strip() for line in sheet.lines[:at]]
    unread = tuple(s.sheet or "" for j, s in enumerate(sheets) if j != index and s.lines)
    normal = [normalise(h) for h in headers]
    return Located(sheet, at, headers, preamble, read_facts(preamble), unread, normal)


def _known(cell: Cell) -> bool:
    if not isinstance(cell, str) or not cell.strip():
        return False
    text = normalise(cell)
    peeled = peel(text)
    return text in all_headers() or (peeled is not None and peeled[0] in all_headers())


def _header_line(sheet: Sheet) -> tuple[float, int] | None:
    """Score and index of the best header line; None when nothing looks like a table."""
    lines = sheet.lines
    best: tuple[float, int] | None = None
    for i in range(min(_LOOK, len(lines))):
        filled = [c for c in lines[i] if not (isinstance(c, str) and not c.strip())]
        known = sum(1 for c in filled if _known(c))
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
            numbers = sum(1 for row in below if any(_is_number(c) for c in row))
            return (0.5, i) if numbers >= 0.5 * max(len([b for b in below if not is_blank(b)]), 1) else None
    return None


def _is_number(cell: Cell) -> bool:
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
