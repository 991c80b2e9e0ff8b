"""What the ledger answers with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from channelopt.errors import Finding

Status = Literal["committed", "unchanged", "preview", "undone", "redone", "answered"]


@dataclass(frozen=True)
class Commit:
    """What storing (or undoing) one file does.

    Attributes:
        id: the import's number; None for a preview of a new file.
        status: what happened.
        added: rows that count now and cover something nothing covered before.
        replaced: rows that count now instead of an earlier file's.
        unchanged: rows kept as detail that do not count.
        spend_before: spend of the file's channels over its days before, workspace currency.
        spend_after: the same after.
        changes: channel, day, spend_before, spend_after: only days that differ.
        findings: what is doubtful about it.
    """

    id: int | None
    status: Status
    added: int
    replaced: int
    unchanged: int
    spend_before: float
    spend_after: float
    changes: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Passport:
    """Which data everything rests on.

    Attributes:
        files: imports in use.
        rows_used: rows in those files.
        rows_left_out: rows rejected in those files.
        day_first: first day of any of them; None without data.
        day_last: last day.
        currency: the workspace's currency.
    """

    files: int
    rows_used: int
    rows_left_out: int
    day_first: dt.date | None
    day_last: dt.date | None
    currency: str
