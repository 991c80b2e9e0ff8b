"""Sheets of a workbook that only sum up another sheet: no data of their own."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from channelopt.intake.dates import read_dates
from channelopt.intake.table import Cell, Sheet, as_text
from channelopt.intake.values import parse_number

_NEAR = 0.0005
_LOOK = 200


def summaries(tables: Sequence[tuple[Sheet, int]]) -> set[str]:
    """Keys of the tables that have no days and state another one's sum.

    The other must have days and more rows. Two tables with days are never a summary of each
    other: which of them counts is decided where all files are known.

    Args:
        tables: sheets of one workbook, each with the index of its header line.
    """
    if len(tables) < 2:
        return set()
    dated = [(sheet, at) for sheet, at in tables if _has_days(sheet, at, 0.6)]
    bare = [(sheet, at) for sheet, at in tables if not _has_days(sheet, at, 0.2)]
    if not dated or not bare:
        return set()
    wholes = [(len(sheet.lines) - at, _sums(sheet, at)) for sheet, at in dated]
    found = set()
    for sheet, at in bare:
        size, stated = len(sheet.lines) - at, _sums(sheet, at)
        if any(size < rows and _shared(stated, sums) for rows, sums in wholes):
            found.add(sheet.key)
    return found


def _has_days(sheet: Sheet, at: int, share: float) -> bool:
    """Whether at least a share of the cells of some column are dates."""
    lines = [line for line in sheet.lines[at + 1 : at + 1 + _LOOK] if line]
    for column in range(max(map(len, lines), default=0)):
        cells = [line[column] for line in lines if column < len(line) and line[column] != ""]
        days = [c for c in cells if isinstance(c, dt.datetime) or (isinstance(c, str) and c[:1].isalnum())]
        if cells and sum(1 for a in read_dates(days).bad if not a) >= share * len(cells):
            return True
    return False


def _sums(sheet: Sheet, at: int) -> list[float]:
    """Sum of every column of numbers."""
    sums: dict[int, float] = {}
    for line in sheet.lines[at + 1 :]:
        for i, cell in enumerate(line):
            number = _number(cell)
            if number is not None:
                sums[i] = sums.get(i, 0.0) + number
    return [v for v in sums.values() if v > 0]


def _number(cell: Cell) -> float | None:
    if isinstance(cell, float):
        return cell
    if isinstance(cell, str) and cell[:1].isdigit():
        number = parse_number(as_text(cell), ".")[0]
        return None if number is None or math.isnan(number) else number
    return None


def _shared(stated: Sequence[float], sums: Sequence[float]) -> bool:
    """Whether a sum is stated, once or with a total row below it."""
    return any(
        abs(value / times - total) <= _NEAR * total for total in sums for value in stated for times in (1, 2)
    )
