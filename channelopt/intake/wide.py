"""A table with one column per channel, made long: a row per day and channel; beside it what no channel has.

Weekly trackers and the input of media mix models look so: 日期 | 抖音花费 | 百度花费 | 营业额, or
date | tv_S | facebook_S | revenue. A column belongs to a channel when its header is a name and a word for
a figure (spend, impressions, clicks, leads …) that the generic vocabulary knows; two channels with spend,
one of them known, make a table wide. Columns that add up others are totals, and a figure against which the
channels are checked; plans, last year and costs that are no advertising are no channels. Where a column
of money is left that fits nowhere, nothing is made long and the reader is asked. Headers that are nothing
but names of channels say not what their figures are: they are made long, and the reader is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from channelopt.errors import Finding
from channelopt.intake.header import find_tables
from channelopt.intake.limits import MOST_CELLS
from channelopt.intake.messages import IntakeError
from channelopt.intake.names import normalise
from channelopt.intake.overall import RESULTS
from channelopt.intake.table import Cell, Sheet, as_text
from channelopt.intake.widecolumns import (
    ALL,
    Part,
    Wide,
    bare_columns,
    is_numeric,
    may_be_wide,
    means,
    numbers_of,
    of_one_platform,
    wide_columns,
)

#: Columns that go along with every channel.
_BESIDE = ("day", "day_end", "currency", "account", "account_id")
#: A total that the channels miss by a larger share is told.
_DIFFERS = 0.01
#: Headers named in a sentence.
_SHOWN = 8


def widen(sheet: Sheet, name: str) -> list[Sheet]:
    """The tables a sheet holds when it has one column per channel; else the sheet as it is.

    Args:
        sheet: raw lines.
        name: the file's name.

    Returns:
        A long table of the channels' figures, then what no channel has, where it states a result.

    Raises:
        IntakeError: ``intake.too_wide`` when the long table would be unreasonably big.
    """
    found = find_tables([sheet])
    if not found or not found[0].data:
        return [sheet]
    at = found[0].at
    headers = [as_text(cell).strip() for cell in sheet.lines[at]]
    plain = tuple(i for i, h in enumerate(headers) if means(h, "spend"))
    if not may_be_wide(headers) or any(not ALL.search(headers[i]) for i in plain):
        return [sheet]
    wide = wide_columns(sheet, at, headers, plain) or bare_columns(sheet, at, headers)
    if wide is None or of_one_platform(wide, plain, name):
        return [sheet]
    if len(sheet.lines) * len(wide.parts) * (len(wide.parts) + 4) > MOST_CELLS * 4:
        raise IntakeError("intake.too_wide", name=name, rows=len(sheet.lines), columns=len(headers))
    return _tables(sheet, at, headers, wide)


def _tables(sheet: Sheet, at: int, headers: Sequence[str], wide: Wide) -> list[Sheet]:
    """The long table, and what no channel has."""
    gone = {p.index for p in wide.parts} | set(wide.totals) | set(wide.aside)
    rest = [i for i, h in enumerate(headers) if i not in gone and h and not _of_ads(h)]
    beside = [i for i in rest if _goes_along(sheet, at, i, headers[i])]
    results = [i for i in rest if any(means(headers[i], field) for field in RESULTS)]
    used = {p.index for p in wide.parts} | set(beside) | set(results)
    left = [h for i, h in enumerate(headers) if h and i not in used]
    told = [_told(wide.parts, headers, left), *_differs(sheet, at, headers, wide)]
    long = replace(
        _long(sheet, at, headers, wide.parts, beside), findings=(*sheet.findings, *told), unpivoted="long"
    )
    if not results:
        return [long]
    first, second = ([headers[p.index] for p in wide.parts], [headers[i] for i in results])
    others = replace(_columns(sheet, at, rest), key=_key(sheet, 2, second), head=at, unpivoted="rest")
    return [replace(long, key=_key(sheet, 1, first), head=at), others]


def _of_ads(header: str) -> bool:
    """Whether a header is about ads of all channels; what no channel has says nothing of those."""
    return any(means(header, field) for field in ("impressions", "clicks", "link_clicks"))


def _goes_along(sheet: Sheet, at: int, index: int, header: str) -> bool:
    return any(means(header, field) for field in _BESIDE) or not is_numeric(sheet, at, index)


def _differs(sheet: Sheet, at: int, headers: Sequence[str], wide: Wide) -> list[Finding]:
    """A total of all channels that is not their sum."""
    paid = [p for p in wide.parts if p.field == "spend"]
    ours = np.column_stack([numbers_of(sheet, at, p.index) for p in paid]) if paid else np.zeros((0, 0))
    found = []
    for i in wide.totals:
        stated = numbers_of(sheet, at, i)
        both = np.isfinite(stated) if len(ours) else np.zeros(0, dtype=bool)
        rows, total = float(np.nansum(ours[both])), float(np.nansum(stated[both]))
        if total > 0 and rows < total * (1 - _DIFFERS) and ALL.search(headers[i]) is not None:
            params = {"header": headers[i], "rows": rows, "total": total}
            found.append(Finding("warning", "intake.wide_total", params))
    return found


def _long(
    sheet: Sheet, at: int, headers: Sequence[str], parts: Sequence[Part], beside: Sequence[int]
) -> Sheet:
    """A row per line and channel: the columns beside, the channel, its figures; empty ones are no row."""
    fields = list(dict.fromkeys(p.field for p in parts))
    first = {field: next(p for p in parts if p.field == field) for field in fields}
    chinese = any("\u4e00" <= c <= "\u9fff" for c in "".join(headers))
    titles: list[Cell] = [headers[i] for i in beside]
    titles += [
        "渠道" if chinese else "channel",
        *(f"{first[f].word} {first[f].unit}".strip() for f in fields),
    ]
    names = list(dict.fromkeys(normalise(p.name) for p in parts))
    place = {(normalise(p.name), p.field): p.index for p in parts}
    shown = {normalise(p.name): p.name for p in reversed(parts)}
    lines, numbers = [*sheet.lines[:at], titles], sheet.numbers[: at + 1]
    for line, number in zip(sheet.lines[at + 1 :], sheet.numbers[at + 1 :], strict=True):
        own = [_cell(line, i) for i in beside]
        figures = {n: [_cell(line, place.get((n, f), -1)) for f in fields] for n in names}
        filled = [n for n in names if any(as_text(c).strip() for c in figures[n])]
        for n in filled:
            lines.append([*own, shown[n], *figures[n]])
            numbers.append(number)
        if not filled:
            lines.append(own)  # a footer, a blank line: as it stands
            numbers.append(number)
    return replace(sheet, lines=lines, numbers=numbers, weights=())


def _columns(sheet: Sheet, at: int, kept: Sequence[int]) -> Sheet:
    """The lines with some of their columns only."""
    lines = [*sheet.lines[:at], *([_cell(line, i) for i in kept] for line in sheet.lines[at:])]
    return replace(sheet, lines=lines)


def _cell(line: Sequence[Cell], index: int) -> Cell:
    return line[index] if 0 <= index < len(line) else ""


def _told(parts: Sequence[Part], headers: Sequence[str], left: Sequence[str]) -> Finding:
    names = list(dict.fromkeys(headers[p.index] for p in parts))
    shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    params = {"n": len({normalise(p.name) for p in parts}), "headers": shown}
    if left:
        return Finding("info", "intake.wide_table_left", {**params, "left": ", ".join(left)})
    return Finding("info", "intake.wide_table", params)


def _key(sheet: Sheet, n: int, names: Sequence[str]) -> str:
    """What tells the two tables of a wide one apart."""
    before = f"{sheet.key or sheet.sheet} " if sheet.key or sheet.sheet else ""
    return f"{before}{n}. {', '.join(names[:3])}"
