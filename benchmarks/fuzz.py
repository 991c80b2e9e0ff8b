"""Thousands of damaged and rearranged exports: none may give a different total without a word.

Run ``python benchmarks/fuzz.py [--cases N] [--seed S] [--only KIND] [--show N]``. Every case takes a
fixture, changes it, and compares what the intake reads with a small oracle that knows which rows
and cells were changed. The exit code is 1 when a case ends with another exception than a refusal,
or with other sums and no question, refusal, rejected line or warning. See ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import math
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
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


# --- fixtures


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
    table.columns = {m: h for m, h in columns.items() if _near(float(again.rows[m].sum()), sums[m])}
    table.told = frozenset(f.code for f in again.findings if f.severity != "info")
    table.rejected = again.lines.rejected
    usable = "spend" in table.columns or "sessions" in table.columns
    return table if usable and len(again.rows) == len(table.data()) and not again.questions else None


def fixtures() -> list[Table]:
    """All usable fixtures of the repository, taken apart."""
    paths = [*sorted(FIXTURES.rglob("*.csv")), *sorted(FIXTURES.rglob("*.xlsx")), *sorted(DEMO.glob("*.csv")),
             *sorted(DEMO.glob("*.xlsx"))]  # fmt: skip
    return [t for p in paths if p.stat().st_size < 200_000 and (t := load(p)) is not None]


# --- changes that keep the money


def shuffle_columns(t: Table, rng: Rng) -> None:
    order = list(range(len(t.header)))
    rng.shuffle(order)
    t.header = [t.header[i] for i in order]
    for row in t.rows:
        if len(row.cells) == len(order):
            row.cells = [row.cells[i] for i in order]
        elif row.kind == "data":
            row.cells = [row.cells[i] if i < len(row.cells) else "" for i in order]


def reorder_rows(t: Table, rng: Rng) -> None:
    data = t.data()
    rng.shuffle(data)
    fresh = iter(data)
    t.rows = [next(fresh) if r.kind == "data" else r for r in t.rows]


def move_totals(t: Table, rng: Rng) -> None:
    moved = [r for r in t.rows if r.kind == "total"]
    t.rows = [r for r in t.rows if r.kind != "total"]
    for row in moved:
        t.rows.insert(rng.randint(0, len(t.data())), row)


def reencode(t: Table, rng: Rng) -> None:
    text = "".join("".join(c) for c in [*t.above, t.header, *[r.cells for r in t.rows]])
    able = []
    for codec in ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"):
        if codec != "gb18030" or _chinese(text):
            able.append(codec)
    t.encoding = rng.choice(able)


def _chinese(text: str) -> bool:
    """Whether a Chinese program would write these letters in its own code."""
    try:
        return len(text.encode("gb2312")) > len(text)
    except UnicodeEncodeError:
        return False


def line_ends(t: Table, rng: Rng) -> None:
    t.eol = rng.choice(["\r\n", "\n", "\r"])


def redelimit(t: Table, rng: Rng) -> None:
    t.delimiter = rng.choice([",", ";", "\t", "|"])


def workbook(t: Table, rng: Rng) -> None:
    t.workbook = rng.random() < 0.7


def quote_all(t: Table, rng: Rng) -> None:
    t.quoting = csv.QUOTE_ALL


def blank_lines(t: Table, rng: Rng) -> None:
    for _ in range(rng.randint(1, 4)):
        empty = [""] * rng.choice([0, 1, len(t.header)])
        t.rows.insert(rng.randint(0, len(t.rows)), Row("other", empty))


def notes(t: Table, rng: Rng) -> None:
    text = rng.choice(
        ["注：以上数据仅供参考", "* provisional figures", "Copyright 2026", "说明：数据次日稳定"]
    )
    t.rows.append(Row("other", [text]))
    if rng.random() < 0.5:
        t.above.insert(0, [rng.choice(["报告", "My report", "第3周 投放", "Export 17"])])


def money_signs(t: Table, rng: Rng) -> None:
    i = t.at(t.columns.get("spend", ""))
    if i is not None and t.answers.get("currency", "CNY") == "CNY" and "(" not in t.header[i]:
        for row in t.data():
            if (
                i < len(row.cells)
                and not math.isnan(number(row.cells[i], t.mark))
                and row.cells[i][:1].isdigit()
            ):
                row.cells[i] = "¥" + row.cells[i]


def thousands(t: Table, rng: Rng) -> None:
    _restyle(t, lambda v, p: f"{v:,.{p}f}", ".")


def decimal_commas(t: Table, rng: Rng) -> None:
    swap = str.maketrans(",.", ".,")
    before, rows, mark = t.sums(), [r.copy() for r in t.rows], t.mark
    _restyle(t, lambda v, p: f"{v:,.{p}f}".translate(swap), ",")
    if any(not _near(v, t.sums()[m]) for m, v in before.items()):
        t.rows, t.mark = rows, mark
    t.delimiter = rng.choice([";", "\t"])


def _restyle(t: Table, style: Callable[[float, int], str], mark: str) -> None:
    """Write every cell of numbers of the file in another style."""
    for row in t.rows:
        for i, cell in enumerate(row.cells):
            if (
                i < len(t.header)
                and re.fullmatch(r"-?[\d,]+(\.\d*)?%?", cell)
                and t.mark == "."
                and _counts(t, i)
            ):
                tail = "%" if cell.endswith("%") else ""
                plain = cell.rstrip("%").replace(",", "")
                places = len(plain.partition(".")[2])
                row.cells[i] = style(float(plain), places) + tail
    if t.mark == ".":
        t.mark = mark


def _counts(t: Table, i: int) -> bool:
    """Whether a column holds amounts, not days, names or ids."""
    header = t.header[i]
    if header in t.columns.values():
        return True
    known = (
        header in t.texts
        or header == t.day_header
        or re.search(r"(?i)id|号|编号|date|day|日|时间|月|周|hour", header)
    )
    return not known and all(
        not r.cells[i].strip() or re.fullmatch(r"[-\d.,% ]+", r.cells[i])
        for r in t.data()
        if i < len(r.cells)
    )


def date_style(t: Table, rng: Rng) -> None:
    i = t.at(t.day_header)
    if i is None:
        return
    if not all(i < len(r.cells) and r.cells[i].strip()[:10] == r.day for r in t.data()):
        return
    form = rng.choice(
        ["{y}/{m}/{d}", "{y}{m}{d}", "{d}/{m}/{y}", "{m}/{d}/{y}", "{d}.{m}.{y}", "{y}年{m}月{d}日"]
    )
    for row in t.data():
        y, m, d = row.day.split("-")
        row.cells[i] = form.format(y=y, m=m, d=d) + row.cells[i].strip()[10:]
    t.answers.pop("date_order", None)


# --- total rows in all forms

LABELS = ("总计", "合计", "Total", "总和", "汇总", "Grand total", "小计", "合计{n}条记录",
          "Total of {n} results",
          "Total: Account", "共{n}条记录", "总计:账户", "Summary", "TOTAL")  # fmt: skip


def _total_of(t: Table, rows: list[Row], label: str = "", day: str = "", null: str = "") -> Row:
    """A total line over some data rows: sums in the metric columns, nothing elsewhere."""
    cells = [null] * len(t.header)
    for metric, header in t.columns.items():
        i = t.at(header)
        if i is not None:
            values = [v for r in rows if not math.isnan(v := t.value(r, metric))]
            cells[i] = written(math.fsum(values), t.places[header], t.mark) if values else null
    spots = [i for h in (t.day_header, *t.texts) if (i := t.at(h)) is not None]
    if label and spots:
        cells[spots[0]] = label.format(n=len(rows))
    at = t.at(t.day_header)
    if day and at is not None:
        cells[at] = day
        if label and len(spots) > 1:
            cells[spots[1]] = label.format(n=len(rows))
    return Row("total", cells)


def _spots(t: Table) -> bool:
    return bool([h for h in (t.day_header, *t.texts) if t.at(h) is not None])


def total_labelled(t: Table, rng: Rng) -> None:
    if not _spots(t):
        return
    for _ in range(rng.choice([1, 1, 2, 10])):
        row = _total_of(t, t.data(), rng.choice(LABELS), null=rng.choice(["", "--", "-"]))
        t.rows.insert(rng.choice([0, len(t.rows), rng.randint(0, len(t.rows))]), row)


def total_nameless(t: Table, rng: Rng) -> None:
    if not _spots(t):
        return
    where = rng.choice([0, len(t.rows)])
    for _ in range(rng.choice([1, 1, 3, 10])):
        t.rows.insert(where, _total_of(t, t.data(), null=rng.choice(["", "--"])))


def total_ragged(t: Table, rng: Rng) -> None:
    if not _spots(t):
        return
    full = _total_of(t, t.data(), null="--")
    figures = [c for c in full.cells if c != "--"]
    row = Row("total", [rng.choice(LABELS).format(n=3), *["--"] * rng.randint(0, 2), *figures])
    if len(row.cells) < len(t.header):
        t.rows.insert(rng.choice([0, len(t.rows)]), row)


def total_last_day(t: Table, rng: Rng) -> None:
    i = t.at(t.day_header)
    rows = [r for r in t.data() if i is not None and i < len(r.cells)]
    if i is None or len(rows) < 3 or not _varied(t, rows):
        return
    last = max(rows, key=lambda r: r.day)
    label = rng.choice(["", "总计", "合计", "全部", "全部计划", "All campaigns"])
    t.rows.append(_total_of(t, rows, label, last.cells[i]))


def total_by_day(t: Table, rng: Rng) -> None:
    _by_group(t, rng, t.day_header, keep_day=True)


def total_by_name(t: Table, rng: Rng) -> None:
    if t.texts:
        _by_group(t, rng, rng.choice(t.texts), keep_day=False)


def _by_group(t: Table, rng: Rng, header: str, keep_day: bool) -> None:
    """A subtotal after (or before) the rows of each day or each name."""
    i = t.at(header)
    if i is None or not t.texts or t.at(t.texts[0]) is None or (not keep_day and t.at(t.day_header) is None):
        return
    label = rng.choice(["", "", "小计", "合计", "Total"]) if keep_day else ""
    groups: dict[str, list[Row]] = {}
    for row in t.data():
        if i < len(row.cells) and row.cells[i].strip() not in NULLS:
            groups.setdefault(row.cells[i], []).append(row)
    if max((len(g) for g in groups.values()), default=0) < 2:
        return
    for value, rows in groups.items():
        total = _total_of(t, rows, label if keep_day else "", value if keep_day else "")
        total.cells[i] = value
        t.rows.insert(t.rows.index(rows[-1]) + 1 if rng.random() < 0.8 else t.rows.index(rows[0]), total)
    if rng.random() < 0.5:
        t.rows.append(_total_of(t, t.data(), rng.choice(["", "总计"])))


def _varied(t: Table, rows: list[Row]) -> bool:
    return len({t.value(r, "spend") for r in rows}) > 1 if "spend" in t.columns else False


# --- changes the oracle follows


def drop_rows(t: Table, rng: Rng) -> None:
    data = t.data()
    gone = {id(r) for r in rng.sample(data, rng.randint(1, max(1, len(data) // 2)))}
    left = [r for r in t.rows if id(r) not in gone]
    if any(r.kind == "data" for r in left):
        t.rows = left


def duplicate_rows(t: Table, rng: Rng) -> None:
    for row in rng.sample(t.data(), min(len(t.data()), rng.randint(1, 3))):
        t.rows.insert(rng.randint(0, len(t.rows)) if rng.random() < 0.5 else t.rows.index(row), row.copy())


def change_numbers(t: Table, rng: Rng) -> None:
    for row in rng.sample(t.data(), min(len(t.data()), rng.randint(1, 4))):
        metric = rng.choice(sorted(t.columns))
        i = t.at(t.columns[metric])
        if i is not None and i < len(row.cells):
            value = rng.choice([0, rng.uniform(0, 10), rng.uniform(0, 1e5)])
            row.cells[i] = written(value, t.places[t.columns[metric]], t.mark)


def swap_numbers(t: Table, rng: Rng) -> None:
    metric = rng.choice(sorted(t.columns))
    i = t.at(t.columns[metric])
    if i is None or len(t.data()) < 2:
        return
    a, b = rng.sample(t.data(), 2)
    if max(i, i) < min(len(a.cells), len(b.cells)):
        a.cells[i], b.cells[i] = b.cells[i], a.cells[i]


def empty_cells(t: Table, rng: Rng) -> None:
    for row in rng.sample(t.data(), min(len(t.data()), 3)):
        i = t.at(t.columns[rng.choice(sorted(t.columns))])
        if i is not None and i < len(row.cells):
            row.cells[i] = rng.choice(NULLS)


def spoil_cells(t: Table, rng: Rng) -> None:
    """Cells nobody can read: the oracle leaves the row out for spend, the cell for counts."""
    row = rng.choice(t.data())
    metric = rng.choice(sorted(t.columns))
    i = t.at(t.columns[metric])
    if i is None or i >= len(row.cells):
        return
    row.cells[i] = rng.choice(["abc", "1.2.3,4", "12 apples", "1e", "=SUM(A1)", "#REF!", "1,2,3"])
    t.lost |= set(t.columns)
    t.days = False


def drop_columns(t: Table, rng: Rng) -> None:
    i = rng.randrange(len(t.header))
    gone = t.header.pop(i)
    for row in t.rows:
        if i < len(row.cells):
            row.cells.pop(i)
    t.lost |= {m for m, h in t.columns.items() if h == gone}
    if gone == t.day_header:
        t.days = False


KEEPING: dict[str, Callable[[Table, Rng], None]] = {
    f.__name__: f
    for f in (
        shuffle_columns, reorder_rows, move_totals, reencode, line_ends, redelimit, quote_all, workbook,
        blank_lines, notes,
        money_signs, thousands, decimal_commas, date_style, total_labelled, total_nameless, total_ragged,
        total_last_day, total_by_day, total_by_name,
    )
}  # fmt: skip
FOLLOWED: dict[str, Callable[[Table, Rng], None]] = {
    f.__name__: f
    for f in (drop_rows, duplicate_rows, change_numbers, swap_numbers, empty_cells, spoil_cells, drop_columns)
}


# --- noise in the bytes


def noise(data: bytes, rng: Rng) -> bytes:
    """A few bytes flipped, removed, added, repeated or cut off."""
    raw = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        at = rng.randrange(max(len(raw), 1))
        kind = rng.choice(["bit", "byte", "digit", "remove", "insert", "cut", "repeat", "quote"])
        if kind == "bit" and raw:
            raw[at] ^= 1 << rng.randrange(8)
        elif kind == "byte" and raw:
            raw[at] = rng.randrange(256)
        elif kind == "digit" and raw:
            raw[at] = rng.choice(b"0123456789.,-;\t\n")
        elif kind == "remove":
            del raw[at : at + rng.randint(1, 4)]
        elif kind == "insert":
            raw[at:at] = bytes(rng.choice(b"0123456789.,;\t\n\r \x00\"'") for _ in range(rng.randint(1, 3)))
        elif kind == "cut" and rng.random() < 0.5:
            del raw[at:]
        elif kind == "repeat":
            raw[at:at] = raw[at : at + rng.randint(1, 60)]
        elif kind == "quote":
            raw[at:at] = b'"'
    return bytes(raw)


def seen_by_oracle(t: Table, data: bytes) -> list[dict[str, float]]:
    """All sums a reader of physical lines could give: with and without each line it cannot be sure of.

    A line that stands in the file as written counts as what it was; any other line is read cell
    by cell, and may count or not. Empty when the header itself is damaged.
    """
    text = data.decode(t.encoding, errors="replace")
    known = {_line(t, row.cells): row for row in t.rows}
    header = _line(t, t.header)
    lines = re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff"))
    if header not in lines:
        return []
    sums = [{m: 0.0 for m in t.columns}]
    for line in lines[lines.index(header) + 1 :]:
        row = known.get(line)
        if row is not None and row.kind != "data":
            continue
        made = row or Row("data", next(csv.reader([line], delimiter=t.delimiter), []))
        values = {m: 0.0 if math.isnan(v := t.value(made, m)) else v for m in t.columns}
        more = [{m: s[m] + values[m] for m in s} for s in sums]
        sums = more if row or len(sums) > 500 else [*sums, *more]
    return sums


def _line(t: Table, cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=t.delimiter, lineterminator="", quoting=t.quoting).writerow(cells)
    return out.getvalue()


# --- the verdict


@dataclass(frozen=True)
class Case:
    """One changed file and what the oracle expects."""

    name: str
    changes: tuple[str, ...]
    data: bytes
    answers: dict[str, Any]
    sums: list[dict[str, float]]
    days: list[tuple[str, float]] | None
    strict: bool
    told: frozenset[str]
    rejected: int
    noisy: bool = False


def make_case(bases: list[Table], seed: int, only: str | None = None) -> Case:
    """The case of a seed: always the same."""
    rng = random.Random(seed)
    t = rng.choice(bases).copy()
    kind = only or rng.choice(["keep", "keep", "follow", "follow", "noise"])
    if kind == "noise":
        if rng.random() < 0.05:
            t.workbook = True
            return Case(t.name, ("noise",), noise(t.write(), rng), t.answers, [t.sums()], None, False, t.told,
                        t.rejected, True)  # fmt: skip
        data = noise(t.write(), rng)
        return Case(
            t.name,
            ("noise",),
            data,
            t.answers,
            seen_by_oracle(t, data),
            None,
            False,
            t.told,
            t.rejected,
            True,
        )
    keeping = rng.sample(sorted(KEEPING), rng.randint(1, 3))
    following = rng.sample(sorted(FOLLOWED), rng.randint(1, 2)) if kind == "follow" else []
    keeping = keeping if kind == "keep" else keeping[: rng.randint(0, 1)]
    if only in KEEPING or only in FOLLOWED:
        keeping, following = ([only], []) if only in KEEPING else ([], [only])
    order = sorted(
        keeping, key=lambda k: k in ("thousands", "decimal_commas", "money_signs", "shuffle_columns")
    )
    for name in (*following, *order):
        (FOLLOWED.get(name) or KEEPING[name])(t, rng)
    days = None
    if t.days and "spend" in t.columns and "spend" not in t.lost:
        days = sorted((r.day, round(v, 6)) for r in t.data() if not math.isnan(v := t.value(r, "spend")))
    return Case(
        t.name,
        (*following, *order),
        t.write(),
        t.answers,
        [t.sums()],
        days,
        not following,
        t.told,
        t.rejected,
    )


def judge(case: Case) -> tuple[str, str]:
    """What became of a case: "equal", "asked", "refused", "flagged" or "BAD", and why."""
    try:
        read = read_export(case.data, case.name, answers=case.answers)
    except ChannelOptError as error:
        return (
            ("refused", error.code) if error.template != error.code else ("BAD", f"no sentence {error.code}")
        )
    except Exception as error:
        return "BAD", f"{type(error).__name__}: {error}"
    line = read.lines
    if line.lines != sum(
        (line.preamble, line.header, line.kept, line.totals, line.footer, line.blank, line.rejected)
    ):
        return "BAD", "lines do not add up"
    if read.questions:
        return "asked", ", ".join(sorted({q.code for q in read.questions}))
    wrong = min((_differences(read, sums) for sums in case.sums), key=len, default=[])
    if not wrong and case.days is not None:
        seen = zip(read.rows["day"].dt.strftime("%Y-%m-%d"), read.rows["spend"].round(6), strict=True)
        if sorted((d, v) for d, v in seen if not math.isnan(v)) != case.days:
            wrong = ["days"]
    told = {f.code for f in read.findings if f.severity != "info"} - case.told
    flagged = bool(told) or line.rejected > case.rejected
    if not wrong and (case.sums or flagged):
        return "equal", ""
    if flagged and not case.strict:
        return "flagged", ", ".join(sorted(told))
    if case.noisy and not case.sums:
        return "header", "the header itself was damaged"
    return "BAD", "silently different: " + ", ".join(wrong)


def _differences(read: Read, sums: dict[str, float]) -> list[str]:
    return [
        f"{m} {float(read.rows[m].sum()):.4f} for {want:.4f}"
        for m, want in sums.items()
        if not _near(float(read.rows[m].sum()), want)
    ]


def _near(one: float, two: float) -> bool:
    return abs(one - two) <= 1e-6 * max(1.0, abs(two))


def run(cases: int, seed: int, only: str | None = None) -> tuple[Counter, list[tuple[int, Case, str]]]:
    """Run many cases; returns counts per (change, outcome) and the bad ones."""
    bases = fixtures()
    counts: Counter = Counter()
    bad = []
    for n in range(cases):
        case = make_case(bases, seed * 1_000_003 + n, only)
        outcome, why = judge(case)
        counts[("all", outcome)] += 1
        for change in case.changes:
            counts[(change, outcome)] += 1
        if outcome == "BAD":
            bad.append((seed * 1_000_003 + n, case, why))
    return counts, bad


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one kind of change: keep, follow, noise, or the name of a change")
    parser.add_argument("--show", type=int, default=10, help="how many bad cases to print")
    given = parser.parse_args()
    start = time.process_time()
    counts, bad = run(given.cases, given.seed, given.only)
    outcomes = ("equal", "asked", "refused", "flagged", "header", "BAD")
    print(f"{'change':18}" + "".join(f"{o:>9}" for o in outcomes))
    for change in sorted({c for c, _ in counts}, key=lambda c: (c != "all", c)):
        print(f"{change:18}" + "".join(f"{counts[(change, o)]:>9}" for o in outcomes))
    print(f"{given.cases} cases, {time.process_time() - start:.0f} CPU s, {len(bad)} bad")
    for seed, case, why in bad[: given.show]:
        print(f"- seed {seed}: {case.name}: {', '.join(case.changes)}: {why}")
    out = ROOT / "benchmarks" / "out"
    out.mkdir(exist_ok=True)
    table = {f"{c}/{o}": n for (c, o), n in counts.items()}
    (out / "fuzz.json").write_text(json.dumps(table, indent=1, sort_keys=True), encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
