"""The copy of a lead list that may be stored: no name, phone, e-mail or unused cell in it."""

from __future__ import annotations

import csv
import io

from channelopt.intake.body import Body
from channelopt.intake.columns import PERSONAL, Column
from channelopt.intake.dates import find_dates
from channelopt.intake.privacy import PREFIX, clean_email, clean_phone, keyed_hash
from channelopt.intake.table import Cell, as_text, is_blank
from channelopt.intake.totals import reads_footer
from channelopt.intake.values import clean_text
from channelopt.intake.work import Work

_MASK = "***"


def open_columns(work: Work) -> set[int]:
    """Columns that may be stored as they are: used, and not personal."""
    return {c.index for c in work.mapped.columns if c.role == "field" and c.field not in PERSONAL}


def private_columns(work: Work) -> frozenset[int]:
    """Positions whose cells are never shown, those beyond the header included."""
    shown = open_columns(work)
    widest = max((len(line) for line in work.body.lines), default=0)
    return frozenset(i for i in range(widest) if i not in shown)


def redacted(work: Work, hashes: dict[str, list[str]]) -> bytes:
    """The file as UTF-8 CSV in which only used, impersonal columns stand as they were.

    Phones, e-mails and ids become the hash that makes the lead key, so the copy reads back to
    the same leads; every other cell becomes stars.
    """
    sheet, at, body = work.located.sheet, work.located.at, work.body
    shown = open_columns(work)
    columns = [
        [as_text(c) for c in cells] if i in shown else _hide(work.mapped.columns[i], cells, hashes)
        for i, cells in enumerate(body.columns)
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for line in sheet.lines[:at]:
        text = " ".join(as_text(c) for c in line).strip()
        writer.writerow([text] if find_dates(text) or not text else [_MASK])
    writer.writerow([as_text(c) for c in sheet.lines[at]])
    for i, cells in enumerate(zip(*columns, strict=True)):
        writer.writerow(_line(work, body, i, cells))
    return out.getvalue().encode()


def _line(work: Work, body: Body, i: int, cells: tuple[str, ...]) -> list[str]:
    fate = body.fate[i]
    if fate == "total" or is_blank(body.lines[i]):
        return [as_text(c) for c in body.lines[i]]
    if fate == "footer":
        text = as_text(body.lines[i][0]).strip()
        return [text if reads_footer(text, work.platform) else _MASK]
    return [*cells, *[_MASK for _ in body.extra(i)]]


def hash_columns(work: Work, key: bytes) -> dict[str, list[str]]:
    """Keyed hash of every phone, e-mail and id, by field; "" where a cell names nobody."""
    found = {}
    for name, kind, clean in (
        ("phone", "phone", clean_phone),
        ("email", "email", clean_email),
        ("lead_id", "id", str),
    ):
        column = work.mapped.of(name)
        if column:
            texts = clean_text(work.body.columns[column.index])
            known = {t: keyed_hash(kind, c, key) if (c := clean(t)) else "" for t in set(texts)}
            found[name] = [known[t] for t in texts]
    return found


def _hide(column: Column, cells: list[Cell], hashes: dict[str, list[str]]) -> list[str]:
    """Phones, e-mails and ids as keyed hashes, everything else as stars; empty stays empty."""
    if column.role == "field" and column.field in hashes:
        return [PREFIX + h if h else "" for h in hashes[column.field]]
    return [_MASK if t else "" for t in clean_text(cells)]
