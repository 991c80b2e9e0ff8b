"""What reading one file gives: canonical rows, and everything that was guessed or left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from channelopt.errors import Finding

ReadKind = Literal["spend", "leads", "site", "overall", "touches", "variants"]


@dataclass(frozen=True)
class ColumnMap:
    """How one column of the file was understood.

    Attributes:
        header: the header as it stands in the file.
        field: canonical field, or None when the column is not used.
        confidence: 0 to 1; below 0.8 the user is asked.
        reason: code of the evidence: "exact", "peeled", "alias", "values", "answer",
            "derived" (a ratio of the platform's, used as a check only), "part",
            "personal" (dropped at the door), "unused".
        sample: up to three values as they stand in the file (masked when personal).
    """

    header: str
    field: str | None
    confidence: float
    reason: str
    sample: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where the table stands in the file and how its cells are written.

    Attributes:
        container: "csv" or "xlsx".
        encoding: codec name; None for xlsx.
        delimiter: one character; None for xlsx.
        sheet: sheet name; None for csv.
        header_line: 1-based line (csv) or row (xlsx) of the header.
        decimal_mark: "." or ",".
        date_order: "ymd", "mdy", "dmy" or "serial"; None without a date column.
    """

    container: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_line: int
    decimal_mark: str
    date_order: str | None


@dataclass(frozen=True)
class LineCount:
    """Every line of the file, accounted for: lines == the sum of all the others."""

    lines: int
    preamble: int
    header: int
    kept: int
    totals: int
    footer: int
    blank: int
    rejected: int


@dataclass(frozen=True)
class Read:
    """One file, read.

    Attributes:
        name: file name as given.
        sha256: hex digest of the bytes.
        content: the bytes themselves (stored by the ledger as the original).
        platform: platform key of ``platforms/*.toml``, "generic" when not recognised,
            "crm" for a lead list, "overall" for results of all channels, "touch_log" for a touch log,
            "test_rows" for the rows of a test.
        kind: "spend", "leads", "site" (visits without spend), "overall" (results of all channels together),
            "touches" (visits of people) or "variants" (rows of a test).
        rows: canonical fields; for spend, site and overall ``SPEND_COLUMNS``, for leads ``LEAD_COLUMNS``, for
            touches ``TOUCH_COLUMNS``, for variants ``VARIANT_COLUMNS``; then ``row_no`` (1-based line
            in the file). Missing is NaN/NaT/"". Dates are datetime64 days; metrics float64.
        mapping: one entry per column of the file.
        layout: where the table stands.
        lines: the line account.
        totals: the file's own total rows: row_no, label, and the metrics they state.
        explained: rows' spend (of a file without spend: its first outcome) / the file's own total; NaN
            without a total row.
        rejected: rows that could not be used: row_no, reason (a code), params, raw.
        findings: what is doubtful, left out, guessed or asked.
        currency: ISO code, or None when the file does not say (then a finding asks).
        day_first: first day covered (the file's stated range where it has one).
        day_last: last day covered.
        generated_at: when the platform made the file, if it says so.
        level: finest of "account", "campaign", "ad_group", "ad" that has names.
        fingerprint: hash of the normalised headers; remembers answers.
        hash_key_id: which HMAC key made ``lead_key`` or ``person_key``; None where nobody is named.
        answers: the mapping, currency and layout answers this was read with, so that it
            can be read again the same way.
    """

    name: str
    sha256: str
    content: bytes = field(repr=False)
    platform: str
    kind: ReadKind
    rows: pd.DataFrame = field(repr=False)
    mapping: tuple[ColumnMap, ...]
    layout: Layout
    lines: LineCount
    totals: pd.DataFrame = field(repr=False)
    explained: float
    rejected: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...]
    currency: str | None
    day_first: dt.date | None
    day_last: dt.date | None
    generated_at: dt.datetime | None
    level: str
    fingerprint: str
    hash_key_id: str | None = None
    answers: dict[str, object] = field(default_factory=dict)

    @property
    def questions(self) -> tuple[Finding, ...]:
        """The findings that need an answer before the file may be stored."""
        return tuple(f for f in self.findings if f.severity == "question")
