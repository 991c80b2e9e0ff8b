"""One file on the bench: what was read of each column so far."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from channelopt.errors import Finding
from channelopt.intake.answers import Answers
from channelopt.intake.body import Body
from channelopt.intake.columns import Mapped
from channelopt.intake.dates import DateColumn
from channelopt.intake.header import Located
from channelopt.intake.money import Marks
from channelopt.intake.platforms import Platform
from channelopt.intake.values import Numbers


@dataclass
class Work:
    """What is known of a file while it is read.

    Attributes:
        located: the table and its header.
        body: the lines below the header.
        mapped: what each column means.
        platform: whose export it is.
        answers: what the reader answered.
        name: file name.
        findings: everything told or asked so far.
        marks: decimal marks.
        metrics: additive numbers per field, one per line, spend first.
        numbers: every column of numbers, by index.
        day: the day column, day_end: the column of last days.
        period: the range the file, its name or the reader states.
        names: text per field, one per line.
        decided: whether the decimal marks are known already.
        unread: cells of date columns that are no date, by index.
    """

    located: Located
    body: Body
    mapped: Mapped
    platform: Platform
    answers: Answers
    name: str
    findings: list[Finding] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)
    metrics: dict[str, np.ndarray] = field(default_factory=dict)
    numbers: dict[int, Numbers] = field(default_factory=dict)
    day: DateColumn | None = None
    day_end: DateColumn | None = None
    period: tuple[dt.date, dt.date] | None = None
    names: dict[str, list[str]] = field(default_factory=dict)
    decided: bool = False
    unread: dict[int, np.ndarray] = field(default_factory=dict)
