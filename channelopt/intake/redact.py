"""The copy of a lead list that may be stored: no name, phone, e-mail or unused cell in it."""

from __future__ import annotations

import csv
import io

from channelopt.intake.body import Body
from channelopt.intake.columns import PERSONAL, Column
from channelopt.intake.dates import find_dates
from channelopt.intake.privacy import clean_email, clean_phone, hidden
from channelopt.intake.table import as_text, is_blank
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


def redacted(work: Work, key: bytes) -> bytes:
    """The file as UTF-8 CSV with every cell that is not a used, impersonal field replaced by its keyed hash.

    Phones, e-mails and ids get the hash that makes the lead key, so the copy reads back to the same leads.
    """
    sheet, at, body = work.located.sheet, work.located.at, work.body
    shown = open_columns(work)
    columns = [
        [as_text(c) for c in cells] if i in shown else _hide(work.mapped.columns[i], cells, key)
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


def _hide(column: Column, cells: list, key: bytes) -> list[str]:
    """A column's cells as keyed hashes, the same cell always the same hash."""
    texts = clean_text(cells)
    clean = {"phone": clean_phone, "email": clean_email}.get(column.field, str)
    kind = {"lead_id": "id", "phone": "phone", "email": "email"}.get(column.field, "other")
    known = {t: hidden(kind, clean(t), key) for t in set(texts)}
    return [known[t] for t in texts]
