"""What the fuzz does to a table: changes that keep the money, and changes the oracle follows."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable

from benchmarks.fuzz_tables import NULLS, Rng, Row, Table, near, number, written


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
    if any(not near(v, t.sums()[m]) for m, v in before.items()):
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
