"""The unit of a table's money: in the header of a column, or in a line above or below the table."""

from __future__ import annotations

from dataclasses import replace

from channelopt.errors import Finding
from channelopt.intake.columns import Column
from channelopt.intake.names import scale_in, scale_of
from channelopt.intake.table import as_text
from channelopt.intake.values import Numbers
from channelopt.intake.work import Work


def scaled(work: Work, column: Column, read: Numbers, money: bool) -> Numbers:
    """Figures of a column in whole units; the reader is told when they were multiplied."""
    scale = scale_of(column.normal, money)
    params: dict[str, object] = {"header": column.header.strip(), "scale": scale}
    code = "intake.unit_in_header"
    if scale == 1.0 and column.role == "field" and column.field in ("spend", "revenue"):
        stated = _stated(work)
        if stated is not None and column.currency is None:
            scale, code = stated[1], "intake.unit_above"
            params |= {"unit": stated[0], "scale": scale}
    if scale == 1.0:
        return read
    work.findings.append(Finding("warning" if code == "intake.unit_above" else "info", code, params))
    return replace(read, values=read.values * scale)


def _stated(work: Work) -> tuple[str, float] | None:
    """The one unit that the lines around the table state."""
    single = [line for line in work.body.lines if sum(c != "" for c in line) == 1]
    notes = [text for line in single[-5:] if "单位" in (text := "".join(as_text(c) for c in line))]
    found = {s for line in (*work.located.preamble, *notes) if (s := scale_in(line))}
    return found.pop() if len({scale for _, scale in found}) == 1 else None
