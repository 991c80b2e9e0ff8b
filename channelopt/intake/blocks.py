"""Several tables below each other in one text or sheet: cut where a new header begins."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from channelopt.intake.header import is_header, is_number
from channelopt.intake.names import normalise
from channelopt.intake.table import Cell, Sheet, as_text, is_blank
from channelopt.intake.values import NULLS

_LONGEST = 80


def cut(sheet: Sheet) -> list[Sheet]:
    """The tables of a sheet, each with the lines above its header; together they are all its lines.

    A new table begins at a line of names above a line of values: after a blank line or a
    comment (``#``) when one of the names is known as a header, or wherever at least two and
    most of them are. The same header again is not a new table unless a comment stands above.
    """
    lines = sheet.lines
    heads = _heads(lines)
    if len(heads) < 2:
        return [sheet]
    starts = [0, *(_start(lines, before, at) for before, at in pairwise(heads))]
    ends = [*starts[1:], len(lines)]
    found, above = [], tuple[str, ...]()
    for n, (start, end, at) in enumerate(zip(starts, ends, heads, strict=True), 1):
        names = ", ".join(as_text(c).strip() for c in _filled(lines[at])[:3])
        key = f"{sheet.sheet} {n}. {names}" if sheet.sheet else f"{n}. {names}"
        found.append(
            replace(
                sheet, lines=lines[start:end], numbers=sheet.numbers[start:end], key=key, head=at - start,
                above=above, unfinished=sheet.unfinished and n == len(heads),
            )
        )  # fmt: skip
        own = tuple(" ".join(as_text(c) for c in line).strip() for line in lines[start:at])
        above = own if any(own) else above
    return found


def _filled(line: list[Cell]) -> list[Cell]:
    return [c for c in line if not (isinstance(c, str) and not c.strip())]


def _heads(lines: list[list[Cell]]) -> list[int]:
    """Indices of the header lines; one or none for an ordinary file."""
    heads: list[int] = []
    current: list[str] = []
    for i, line in enumerate(lines):
        if not _names(line):
            continue
        below = next((k for k in range(i + 1, len(lines)) if not is_blank(lines[k])), None)
        if below is None or not _fits(line, lines[below]):
            continue
        normal = [normalise(as_text(c)) for c in line]
        comment, gap = _above(lines, i)
        if normal == current and not comment:
            continue
        count, filled = sum(1 for c in line if is_header(c)), len(_filled(line))
        if (count >= 2 and 2 * count >= filled) or (count and gap and heads) or comment:
            heads.append(i)
            current = normal
    return heads


def _names(line: list[Cell]) -> bool:
    """Whether a line holds names only, at least two, all different."""
    for cell in reversed(line):
        if not isinstance(cell, str) or cell[:1].isdigit():
            return False
    texts = [c.strip() for c in line if isinstance(c, str) and c.strip()]
    if len(texts) < 2 or texts[0].startswith("#"):
        return False
    if any(len(t) > _LONGEST or t.casefold() in NULLS or is_number(t) for t in texts):
        return False
    return len(set(texts)) == len(texts)


def _fits(head: list[Cell], row: list[Cell]) -> bool:
    """Whether the next line holds a number, and nothing where the header has no name."""
    if not any(c != "" and is_number(c) for c in row):
        return False
    beyond = sum(1 for i, c in enumerate(row) if as_text(c).strip() and not _at(head, i))
    return beyond <= 1


def _at(line: list[Cell], i: int) -> str:
    return as_text(line[i]).strip() if i < len(line) else ""


def _is_comment(line: list[Cell]) -> bool:
    return bool(line) and isinstance(line[0], str) and line[0].lstrip().startswith("#")


def _above(lines: list[list[Cell]], at: int) -> tuple[bool, bool]:
    """Whether a comment, and whether a gap, stands directly above a line."""
    gap = at == 0
    for i in range(at - 1, -1, -1):
        if is_blank(lines[i]):
            gap = True
            continue
        return _is_comment(lines[i]), gap or _is_comment(lines[i])
    return False, gap


def _start(lines: list[list[Cell]], before: int, at: int) -> int:
    """First line that belongs to the table below: its comments and titles, not the rows above."""
    start = at
    while start - 1 > before:
        line = lines[start - 1]
        filled = _filled(line)
        title = len(filled) == 1 and isinstance(filled[0], str) and not is_number(filled[0])
        if not (is_blank(line) or _is_comment(line) or title):
            break
        start -= 1
    return start
