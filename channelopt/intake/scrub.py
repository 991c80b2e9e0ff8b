"""Personal data in a file that is no lead list: left out of the copy that is stored, and told."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from functools import lru_cache

from channelopt.errors import Finding
from channelopt.fields import PEOPLE_KINDS
from channelopt.intake.parts import Assembled
from channelopt.intake.platforms import platforms
from channelopt.intake.table import Cell, as_text
from channelopt.intake.work import Work

_MASK = "***"
_USED = ("field", "sum", "derived", "breakdown", "conversions", "indicator")
#: An e-mail address, or a mainland Chinese mobile number with or without its country code.
CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?![\d.])"
)


@lru_cache(maxsize=1)
def _headers() -> frozenset[str]:
    """Headers under which lead lists keep people."""
    return frozenset(
        header
        for platform in platforms().values()
        if platform.kind in PEOPLE_KINDS
        for header, roles in platform.vocabulary.items()
        if any(r.role == "personal" or r.field in ("phone", "email", "name") for r in roles)
    )


def hide_people(work: Work) -> frozenset[int]:
    """Find columns about people that a spend file carries, and mark them; empty for most files.

    A column is one by its header, as lead lists name it, or by e-mail addresses and phone
    numbers in its cells; columns that mean something in a spend file are never taken.
    """
    found = []
    for column in work.mapped.columns:
        free = column.role not in _USED
        if free and (column.normal in _headers() or _any_contact(work.body.columns[column.index])):
            column.role = "personal"
            found.append(column)
    if found:
        headers = ", ".join(c.header.strip() or f"#{c.index + 1}" for c in found)
        work.findings.append(Finding("info", "intake.people_left_out", {"headers": headers}))
    return frozenset(c.index for c in found)


def _any_contact(cells: Sequence[Cell]) -> bool:
    return any(CONTACT.search(text) for text in {as_text(c) for c in cells} if len(text) > 6)


def leave_people_out(work: Work, made: Assembled, people: frozenset[int]) -> None:
    """Give the file a copy that may be stored, and clean what is kept of its rejected lines.

    Args:
        work: the file.
        made: what was read of it; its ``content`` and ``rejected`` are replaced.
        people: columns from ``hide_people``.
    """
    if not people:
        return
    known = {as_text(work.body.columns[i][at]).strip() for i in people for at in range(len(work.body.lines))}
    known.discard("")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    sheet, at = work.located.sheet, work.located.at
    writer.writerows([_clean(text, known)] for text in sheet.above)
    for n, line in enumerate(sheet.lines):
        hidden = people if n > at else frozenset()
        texts = [as_text(c) for c in line]
        writer.writerow([_MASK if t and i in hidden else _clean(t, known) for i, t in enumerate(texts)])
    made.content = out.getvalue().encode()
    if len(made.rejected):
        raw = [
            "\t".join(_MASK if c and i in people else _clean(c, known) for i, c in enumerate(r.split("\t")))
            for r in made.rejected["raw"]
        ]
        params = [
            {k: _clean(v, known) if isinstance(v, str) else v for k, v in p.items()}
            for p in made.rejected["params"]
        ]
        made.rejected = made.rejected.assign(raw=raw, params=params)


def _clean(text: str, known: set[str]) -> str:
    return _MASK if text.strip() in known else CONTACT.sub(_MASK, text)
