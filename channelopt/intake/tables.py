"""All tables of one file that is not packed: the lines of a text, the sheets of a workbook."""

from __future__ import annotations

from dataclasses import replace

from channelopt.intake.blocks import cut
from channelopt.intake.limits import check_lines
from channelopt.intake.messages import IntakeError
from channelopt.intake.table import Sheet, read_text
from channelopt.intake.wide import widen
from channelopt.intake.workbook import OLE, read_xls, read_xlsx


def open_tables(data: bytes, name: str) -> list[Sheet]:
    """Every table, in the order of the file; keys tell them apart where there are several.

    A table with one column per channel comes as the long tables it holds.

    Raises:
        IntakeError: empty, another kind of file, damaged, or unreasonably big inside.
    """
    if not data:
        raise IntakeError("intake.empty", name=name)
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        sheets = read_xlsx(data, name)
    elif data.startswith(OLE):
        sheets = read_xls(data, name)
    else:
        check_lines(data, name)
        sheets = [read_text(data, name)]
    found = [table for sheet in sheets for part in cut(sheet) for table in widen(part, name)]
    return [replace(found[0], key="")] if len(found) == 1 else found
