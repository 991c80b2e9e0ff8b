"""What one file becomes before it is a Read: shared by spend tables and lead lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.intake.body import Body
from channelopt.intake.columns import PERSONAL, Mapped
from channelopt.intake.header import Located
from channelopt.intake.messages import IntakeError
from channelopt.intake.redact import shown_headers, shown_value
from channelopt.intake.result import ColumnMap
from channelopt.intake.table import Cell, as_text

_CONFIDENCE = {"exact": 1.0, "peeled": 0.95, "alias": 0.85, "answer": 1.0, "values": 0.7}
_REASONS = {"derived": "derived", "part": "part", "personal": "personal"}


@dataclass
class Assembled:
    """Rows of one file and what was learnt on the way.

    Attributes:
        rows: canonical rows.
        totals: the file's own total rows.
        rejected: lines that could not be used.
        explained: rows' spend / the file's own total.
        findings: everything told or asked.
        currency: ISO code or None.
        day_first: first day covered.
        day_last: last day covered.
        decimal_mark: "." or ",".
        date_order: "ymd", "mdy", "dmy", "serial" or None.
        level: finest level with names.
        content: what may be stored instead of the original, or None for the original.
        made_at: when the file was made, where only its name says so.
        people: whether it names people, so that samples are masked and codes carry a key.
    """

    rows: pd.DataFrame
    totals: pd.DataFrame
    rejected: pd.DataFrame
    explained: float
    findings: list[Finding]
    currency: str | None
    day_first: dt.date | None
    day_last: dt.date | None
    decimal_mark: str
    date_order: str | None
    level: str = "account"
    content: bytes | None = None
    made_at: dt.datetime | None = None
    people: bool = False


def column_maps(located: Located, body: Body, mapped: Mapped, personal_file: bool) -> tuple[ColumnMap, ...]:
    """The mapping as the reader sees it; in a lead list, samples of unused columns are masked."""
    asked = " / ".join(
        str(f.params.get("headers", "")) for f in mapped.findings if f.code == "intake.two_columns"
    )
    rows = [i for i in body.open()[:50]] or list(range(min(len(body.lines), 3)))
    maps = []
    headers = shown_headers(located) if personal_file else located.headers
    for column in mapped.columns:
        used = column.role in ("field", "sum")
        private = column.role == "personal" or (personal_file and (not used or column.field in PERSONAL))
        reason = column.found if used else _REASONS.get(column.role, "unused")
        if personal_file and column.field in PERSONAL and used:
            reason = "personal"
        name = ("lead_key" if column.field in PERSONAL - {"name"} else column.field) if used else None
        confidence = _CONFIDENCE.get(column.found, 1.0)
        if column.header.strip() and column.header.strip() in asked:
            confidence = 0.5
        sample = _samples(body.columns[column.index], rows, private)
        if personal_file and not private:
            sample = tuple(shown_value(text, column.field) for text in sample)
        maps.append(
            ColumnMap(
                headers[column.index], None if column.field == "name" else name, confidence, reason, sample
            )
        )
    return tuple(maps)


def _samples(cells: Sequence[Cell], rows: Sequence[int], private: bool) -> tuple[str, ...]:
    found: list[str] = []
    for i in rows:
        text = as_text(cells[i]).strip()
        if text and text not in found:
            found.append(text[:80])
        if len(found) == 3:
            break
    return tuple("***" for _ in found) if private else tuple(found)


def refuse(code: str, located: Located, body: Body, mapped: Mapped, private: bool = False) -> IntakeError:
    """The error that asks for a missing column: all columns, with samples and what was recognised."""
    known = {c.index: c.field for c in mapped.columns if c.role == "field"}
    rows = list(range(min(len(body.lines), 20)))
    columns = [
        {
            "header": header,
            "sample": list(_samples(body.columns[i], rows, private)),
            "field": known.get(i),
        }
        for i, header in enumerate(located.headers)
    ]
    names = shown_headers(located) if private else list(located.headers)
    columns = [{**c, "header": n} for c, n in zip(columns, names, strict=True)]
    headers = ", ".join(n.strip() for n in names if n.strip())
    return IntakeError(code, headers=headers, columns=columns, fingerprint=located.fingerprint)


def day_of(value: np.datetime64) -> dt.date | None:
    """A numpy moment as a day, None for NaT."""
    return None if np.isnat(value) else value.astype("datetime64[D]").item()
