"""Fixtures taken apart for the fuzz: rows, cells, and a small oracle that reads them on its own."""

from __future__ import annotations

import csv
import io
import math
import random
import re
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import xlsxwriter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from channelopt.errors import ChannelOptError  # noqa: E402
from channelopt.fields import METRICS  # noqa: E402
from channelopt.intake import Read, read_export  # noqa: E402
from channelopt.intake.table import as_text  # noqa: E402
from channelopt.intake.tables import open_tables  # noqa: E402

FIXTURES = ROOT / "tests" / "fixtures" / "exports"
DEMO = ROOT / "data" / "demo"
#: At most so many rows of a fixture are used: speed, and small files hide less.
ROWS = 24
ANSWERS: dict[str, dict[str, Any]] = {
    "intake.which_currency": {"currency": "CNY"},
    "intake.which_channel": {"channel": "抖音"},
    "intake.which_period": {"period": "2026-03-01/2026-03-31"},
    "intake.which_day": {"period": "2026-03-01/2026-03-31"},
    "intake.date_order": {"date_order": "mdy"},
}
NULLS = ("", "-", "--", "—", " --")
NUMBER = re.compile(r"[-+]?[.,]?\d[\d.,'\s]*")
Rng = random.Random


@dataclass
class Row:
    """One line: what it is ("data", "total", "other"), its cells, and the day it stands for."""

    kind: str
    cells: list[str]
    day: str = ""

    def copy(self) -> Row:
        return Row(self.kind, list(self.cells), self.day)


@dataclass
class Table:
    """A fixture taken apart.

    Attributes:
        name: of the fixture.
        above: lines before the header.
        header: its cells.
        rows: all lines below.
        columns: metric → header of the column it is read from.
        places: decimals per header.
        mark: decimal mark.
        encoding, delimiter, eol, quoting: how it is written.
        answers: what answers its questions.
        lost: metrics nobody can know any more.
        days: whether days can be compared.
    """

    name: str
    above: list[list[str]]
    header: list[str]
    rows: list[Row]
    columns: dict[str, str]
    places: dict[str, int]
    mark: str
    encoding: str
    delimiter: str
    answers: dict[str, Any]
    eol: str = "\n"
    quoting: Any = csv.QUOTE_MINIMAL
    lost: set[str] = field(default_factory=set)
    days: bool = True
    texts: tuple[str, ...] = ()
    day_header: str = ""
    told: frozenset[str] = frozenset()
    rejected: int = 0
    workbook: bool = False

    def copy(self) -> Table:
        return replace(
            self, above=[list(a) for a in self.above], header=list(self.header),
            rows=[r.copy() for r in self.rows], lost=set(self.lost), answers=dict(self.answers),
        )  # fmt: skip

    def at(self, header: str) -> int | None:
        return self.header.index(header) if header in self.header else None

    def value(self, row: Row, metric: str) -> float:
        i = self.at(self.columns[metric])
        return number(row.cells[i], self.mark) if i is not None and i < len(row.cells) else math.nan

    def data(self) -> list[Row]:
        return [r for r in self.rows if r.kind == "data"]

    def sums(self) -> dict[str, float]:
        found = {}
        for metric in self.columns:
            values = [self.value(r, metric) for r in self.data()]
            found[metric] = math.fsum(v for v in values if not math.isnan(v))
        return {m: v for m, v in found.items() if m not in self.lost}

    def write(self) -> bytes:
        if self.workbook:
            return _workbook([*self.above, self.header, *[r.cells for r in self.rows]], self)
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.eol, quoting=self.quoting)
        for line in [*self.above, self.header, *[r.cells for r in self.rows]]:
            writer.writerow(line)
        return out.getvalue().encode(self.encoding, errors="replace")


def _workbook(lines: list[list[str]], t: Table) -> bytes:
    """The same cells as XLSX: plain amounts as numbers, everything else as text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for i, line in enumerate(lines):
            for j, cell in enumerate(line):
                amount = j < len(t.header) and t.header[j] in t.columns.values()
                if amount and t.mark == "." and re.fullmatch(r"-?\d{1,12}(\.\d+)?", cell):
                    sheet.write_number(i, j, float(cell))
                elif cell:
                    sheet.write_string(i, j, cell)
    return out.getvalue()


def number(cell: str, mark: str) -> float:
    """The oracle's own reading of a cell: NaN for nothing and for anything else than a number."""
    text = cell.strip()
    if text in NULLS:
        return math.nan
    found = NUMBER.search(text)
    if not found:
        return math.nan
    rest = (text[: found.start()] + text[found.end() :]).strip()
    if len(rest) > 4 or any(c.isdigit() for c in rest):
        return math.nan
    plain = re.sub(r"['\s]", "", found.group())
    group = "," if mark == "." else "."
    try:
        return float(plain.replace(group, "").replace(mark, ".")) * (1e4 if rest == "万" else 1.0)
    except ValueError:
        return math.nan


def written(value: float, places: int, mark: str) -> str:
    text = f"{value:.{places}f}"
    return text.replace(".", mark)


def load(path: Path) -> Table | None:
    """A fixture as a table whose oracle agrees with the intake on the file as it is; None if unusable."""
    data, answers = path.read_bytes(), {}
    if path.name.startswith("snapchat_campaign_hourly"):
        answers["mapping"] = {"spend": "spend_micros"}
    for _ in range(6):
        try:
            found = read_export(data, path.name, answers=answers)
        except ChannelOptError as error:
            if error.code not in ANSWERS:
                return None
            answers |= ANSWERS[error.code]
            continue
        asked = [q.code for q in found.questions]
        if not asked:
            return _taken_apart(path, data, found, answers)
        if not set(asked) <= set(ANSWERS):
            return None
        for code in asked:
            answers |= ANSWERS[code]
    return None


def _taken_apart(path: Path, data: bytes, found: Read, answers: dict[str, Any]) -> Table | None:
    sheets = open_tables(data, path.name)
    sheet = next(s for s in sheets if s.sheet == found.layout.sheet)
    numbered = dict(zip(sheet.numbers, [[as_text(c) for c in line] for line in sheet.lines], strict=True))
    head = found.layout.header_line
    header = numbered[head]
    if len(set(header)) != len(header) or found.kind == "leads":
        return None
    days = {int(n): f"{d:%Y-%m-%d}" for n, d in zip(found.rows["row_no"], found.rows["day"], strict=True)}
    totals = set(found.totals["row_no"]) if len(found.totals) else set()
    rows, kept = [], 0
    for at, cells in numbered.items():
        if at <= head:
            continue
        kind = "data" if at in days else "total" if at in totals else "other"
        kept += kind == "data"
        if kind == "data" and kept > ROWS:
            continue
        rows.append(Row(kind, cells, days.get(at, "")))
    columns = {}
    for metric in METRICS:
        used = [m.header for m in found.mapping if m.field == metric]
        if len(used) == 1:
            columns[metric] = used[0]
    mark = found.layout.decimal_mark
    texts = tuple(m.header for m in found.mapping if m.field in ("campaign", "ad_group", "ad", "channel"))
    day = next((m.header for m in found.mapping if m.field == "day"), "")
    places = {}
    for name in columns.values():
        cells = [r.cells[header.index(name)] for r in rows if len(r.cells) > header.index(name)]
        places[name] = max(
            (len(c.strip().rpartition(mark)[2].rstrip("%")) for c in cells if mark in c), default=0
        )
    table = Table(
        path.name, [numbered[n] for n in sorted(numbered) if n < head], header, rows, columns, places, mark,
        found.layout.encoding or "utf-8", found.layout.delimiter or ",", answers, texts=texts, day_header=day,
    )  # fmt: skip
    again = read_export(table.write(), path.name, answers=answers)
    sums = table.sums()
    table.columns = {m: h for m, h in columns.items() if near(float(again.rows[m].sum()), sums[m])}
    table.told = frozenset(f.code for f in again.findings if f.severity != "info")
    table.rejected = again.lines.rejected
    usable = "spend" in table.columns or "sessions" in table.columns
    return table if usable and len(again.rows) == len(table.data()) and not again.questions else None


def fixtures() -> list[Table]:
    """All usable fixtures of the repository, taken apart."""
    paths = [*sorted(FIXTURES.rglob("*.csv")), *sorted(FIXTURES.rglob("*.xlsx")), *sorted(DEMO.glob("*.csv")),
             *sorted(DEMO.glob("*.xlsx"))]  # fmt: skip
    return [t for p in paths if p.stat().st_size < 200_000 and (t := load(p)) is not None]


def near(one: float, two: float) -> bool:
    return abs(one - two) <= 1e-6 * max(1.0, abs(two))
