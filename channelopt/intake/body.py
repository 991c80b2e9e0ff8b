"""The lines below the header, as columns, each line with its fate."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from channelopt.errors import Finding
from channelopt.intake.header import Located
from channelopt.intake.names import normalise
from channelopt.intake.result import LineCount
from channelopt.intake.table import Cell, as_text, is_blank

#: Headers of analytics tables whose days count from the start of the report.
_NTH_DAY = frozenset({"nth day", "第 n 天", "第n天"})


@dataclass
class Body:
    """Lines below the header.

    Attributes:
        numbers: 1-based line number per line.
        lines: raw cells per line.
        width: how many columns the header names.
        columns: cells per column, padded with "".
        fate: "" undecided or kept, "blank", "total", "footer" or "rejected", per line.
        reasons: reason code and params of rejected lines, by position.
        labels: label of total lines, by position.
        unfinished: whether the last line breaks off.
        weights: how many rows of the file each line stands for; empty when one each.
    """

    numbers: list[int]
    lines: list[list[Cell]]
    width: int
    columns: list[list[Cell]]
    fate: list[str]
    reasons: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    weights: list[int] = field(default_factory=list)
    unfinished: bool = False

    def open(self) -> list[int]:
        """Positions of lines still counted as data."""
        return [i for i, f in enumerate(self.fate) if not f]

    def reject(self, i: int, reason: str, **params: Any) -> None:
        """Set a line aside with its reason."""
        self.fate[i] = "rejected"
        self.reasons[i] = (f"intake.reject.{reason}", params)

    def reject_cut(self) -> list[Finding]:
        """Set aside a last line that breaks off: its last number may have lost digits."""
        last = len(self.fate) - 1
        if not self.unfinished or last < 0 or self.fate[last]:
            return []
        self.reject(last, "too_few_cells")
        return [Finding("warning", "intake.last_line_cut", {})]

    def extra(self, i: int) -> list[Cell]:
        """Filled cells beyond the header's last column."""
        return [c for c in self.lines[i][self.width :] if c != "" and str(c).strip()]

    def raw(self, i: int) -> str:
        """A line as text, cells separated by tabs."""
        return "\t".join(as_text(c) for c in self.lines[i]).rstrip()

    def rejected_frame(
        self, hide: frozenset[int] = frozenset(), blur: frozenset[int] = frozenset()
    ) -> pd.DataFrame:
        """Rejected lines; cells in the columns ``hide``, and all cells of the lines ``blur``, are masked."""
        found = []
        for i in sorted(self.reasons):
            reason, params = self.reasons[i]
            cells = [
                "***" if (j in hide or i in blur) and as_text(c) else as_text(c)
                for j, c in enumerate(self.lines[i])
            ]
            found.append((self.numbers[i], reason, params, "\t".join(cells).rstrip()))
        return pd.DataFrame(found, columns=["row_no", "reason", "params", "raw"])

    def count(self, located: Located) -> LineCount:
        """The line account of the whole file."""
        above = located.sheet.lines[: located.at]
        empty = sum(1 for line in above if is_blank(line))
        counts = Counter(self.fate)
        if self.weights:
            counts = Counter()
            for fate, weight in zip(self.fate, self.weights, strict=True):
                counts[fate] += weight
        return LineCount(
            lines=located.at + 1 + counts.total(),
            preamble=len(above) - empty,
            header=1,
            kept=counts[""],
            totals=counts["total"],
            footer=counts["footer"],
            blank=counts["blank"] + empty,
            rejected=counts["rejected"],
        )


def make_body(located: Located) -> Body:
    """Cut the lines below the header into columns; blank lines and repeated headers get their fate."""
    lines = located.sheet.lines[located.at + 1 :]
    numbers = located.sheet.numbers[located.at + 1 :]
    width = len(located.headers)
    padded = [line if len(line) == width else _fit(line, width) for line in lines]
    columns = [list(c) for c in zip(*padded, strict=True)] if padded else [[] for _ in range(width)]
    for i, header in enumerate(located.normal):
        if header in _NTH_DAY and located.facts.first:
            columns[i] = _nth_days(columns[i], located.facts.first)
    fate = ["blank" if is_blank(line) else "" for line in lines]
    weights = list(located.sheet.weights[located.at + 1 :])
    body = Body(numbers, lines, width, columns, fate, weights=weights, unfinished=located.sheet.unfinished)
    first = located.headers[0]
    for i, cell in enumerate(body.columns[0]):
        if cell == first and not body.fate[i] and _same_header(padded[i], located.normal):
            body.reject(i, "repeated_header")
    return body


def _nth_days(cells: list[Cell], first: dt.date) -> list[Cell]:
    """Days counted from the first one of the stated range ("0000" is the first) as dates."""
    days = [as_text(c).strip() for c in cells]
    return [
        str(first + dt.timedelta(days=int(day)))
        if day.isascii() and day.isdigit() and len(day) <= 4
        else cell
        for day, cell in zip(days, cells, strict=True)
    ]


def _fit(line: list[Cell], width: int) -> list[Cell]:
    return line[:width] if len(line) > width else [*line, *[""] * (width - len(line))]


def _same_header(line: list[Cell], normal: list[str]) -> bool:
    return [normalise(as_text(c)) for c in line] == normal
