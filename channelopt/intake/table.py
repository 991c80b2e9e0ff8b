"""Text or workbook to raw cells: every line with its number, no meaning yet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from dataclasses import dataclass

from channelopt.errors import Finding
from channelopt.intake.decode import decode
from channelopt.intake.limits import MOST_COLUMNS, MOST_LINE
from channelopt.intake.messages import IntakeError

Cell = str | float | dt.datetime
DELIMITERS = (",", "\t", ";", "|")
csv.field_size_limit(10 * MOST_LINE)


@dataclass(frozen=True)
class Sheet:
    """The raw lines of one table.

    Attributes:
        container: "csv", "xlsx" or "xls".
        encoding: codec, None for a workbook.
        delimiter: separator, None for a workbook.
        sheet: sheet name, None for csv.
        lines: one list of cells per line; text, or float and datetime from a workbook.
        numbers: 1-based line (csv: where the line starts) of each entry of ``lines``.
        findings: what was guessed.
        weights: how many rows of the file each line stands for; empty when one each.
        key: what tells this table from the others of its file; "" when it is the only one.
        hidden: whether a workbook hides it.
        head: index of the header line where it is known; the table above it ends there.
        unfinished: whether the last line has no end and fewer cells than all the others.
        above: what the lines above an earlier table of the file say for this one as well.
        unpivoted: "long" for the channels' figures of a table with one column per channel, "rest" for what no
            channel has in it, "" for any other table.
    """

    container: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    lines: list[list[Cell]]
    numbers: list[int]
    findings: tuple[Finding, ...] = ()
    weights: tuple[int, ...] = ()
    key: str = ""
    hidden: bool = False
    head: int | None = None
    above: tuple[str, ...] = ()
    unfinished: bool = False
    unpivoted: str = ""


def read_text(data: bytes, name: str) -> Sheet:
    """All lines of a text file.

    Raises:
        IntakeError: empty, another kind of file, damaged, or no table.
    """
    text = decode(data, name)
    delimiter = text.separator or sniff(text.text)
    lines, numbers, broken = _records(text.text, delimiter)
    widest = max(map(len, lines), default=0)
    if widest > MOST_COLUMNS:
        raise IntakeError("intake.too_many_columns", name=name, columns=widest, most=MOST_COLUMNS)
    findings = text.findings
    if broken:
        findings = (*findings, Finding("warning", "intake.broken_quotes", {}))
    unfinished = not text.text.endswith(("\n", "\r")) and _is_short(lines)
    return Sheet("csv", text.encoding, delimiter, None, lines, numbers, findings, unfinished=unfinished)


def _is_short(lines: list[list[Cell]]) -> bool:
    """Whether the last line has fewer cells than the 20 before it, which all have as many."""
    before = {len(line) for line in lines[-21:-1] if line}
    return len(lines) > 3 and len(before) == 1 and len(lines[-1]) < before.pop()


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
    try:
        rows, numbers = _read_csv(text, delimiter, csv.QUOTE_MINIMAL)
    except csv.Error:  # a quote that is never closed swallowed more than a cell can hold
        return (*_read_csv(text, delimiter, csv.QUOTE_NONE), True)
    if rows and _never_closed(rows[-1], delimiter):
        return (*_read_csv(text, delimiter, csv.QUOTE_NONE), True)
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
