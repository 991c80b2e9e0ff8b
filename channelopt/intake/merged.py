"""Merged cells of hand-kept tables: a day or channel written once for the lines below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from channelopt.errors import Finding
from channelopt.intake.table import as_text
from channelopt.intake.work import Work

_LEAST = 2


def fill_merged(work: Work) -> None:
    """Give lines below a merged cell the day and the channel written above them; the reader is told.

    Only in tables that are no platform's own, after total rows are known.
    """
    if work.platform.key != "generic":
        return
    open_ = work.body.open()
    channels = work.names.get("channel")
    column = work.mapped.of("day")
    if work.day is not None and column is not None:
        written = [as_text(c).strip() for c in work.body.columns[column.index]]
        others = [v for n, v in work.names.items() if n in ("channel", "campaign")]
        above = _above(open_, written, others)
        if above and not np.isnat(work.day.start[list(above.values())]).any():
            start, end = work.day.start.copy(), work.day.end.copy()
            for i, k in above.items():
                start[i], end[i] = work.day.start[k], work.day.end[k]
            work.day = replace(work.day, start=start, end=end)
            _tell(work, column.header, above, written)
    named = work.mapped.of("channel")
    if channels is not None and named is not None and work.day is not None:
        days = [str(d) for d in work.day.start]
        above = _above(open_, channels, [days])
        if above:
            filled = [channels[above.get(i, i)] for i in range(len(channels))]
            _tell(work, named.header, above, channels)
            work.names["channel"] = filled


def _above(open_: Sequence[int], written: Sequence[str], others: Sequence[Sequence[str]]) -> dict[int, int]:
    """Empty line to the line above that speaks for it; empty when the cells do not look merged.

    Merged cells write each value once, and the lines below one value differ in their names.
    """
    values = [written[i] for i in open_ if written[i]]
    if len(values) == len(open_) or len(set(values)) != len(values) or not values or not others:
        return {}
    above: dict[int, int] = {}
    groups: dict[int, list[int]] = {}
    head: int | None = None
    for i in open_:
        if written[i]:
            head = i
        elif head is None:
            return {}
        else:
            above[i] = head
        groups.setdefault(head, []).append(i)
    alike = all(
        all(any(column[i] for column in others) for i in lines)
        and len({tuple(column[i] for column in others) for i in lines}) == len(lines)
        for lines in groups.values()
    )
    return above if alike and max(len(lines) for lines in groups.values()) >= _LEAST else {}


def _tell(work: Work, header: str, above: dict[int, int], written: Sequence[str]) -> None:
    first = min(above)
    params = {
        "n": len(above), "header": header.strip(), "row": work.body.numbers[first],
        "example": written[above[first]],
    }  # fmt: skip
    work.findings.append(Finding("warning", "intake.merged_cells", params))
