"""Tables as CSV and Excel files that open right and cannot run anything."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

#: A text cell that starts like this is read as a formula by spreadsheet programs.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|\.\d+)([eE][+-]?\d+)?%?")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
#: Cells below this hold what Excel can show in one.
_LONGEST_TEXT = 32_000


def safe_text(value: str) -> str:
    """A text that no spreadsheet program runs: formula starters get a leading apostrophe.

    Plain numbers such as "-3.5" or "+86%" stay as they are.
    """
    if value.lstrip(" \u00a0").startswith(DANGEROUS) and not _NUMBER.fullmatch(value.strip(" ")):
        return "'" + value
    return value


def _cell(value: Any) -> Any:
    """A value as str, float, int, bool, date or None."""
    if isinstance(value, str):
        return safe_text(value)
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, pd.Timestamp):
        naive = value.tz_localize(None)
        return naive.date() if naive == naive.normalize() else naive.to_pydatetime()
    if isinstance(value, (dt.date, dt.datetime)):
        return value
    return safe_text(str(value))


def _rows(frame: pd.DataFrame) -> list[list[Any]]:
    columns = [[_cell(v) for v in frame.iloc[:, at]] for at in range(frame.shape[1])]
    return [list(row) for row in zip(*columns, strict=True)] if columns else []


def to_csv(frame: pd.DataFrame) -> bytes:
    """A table as CSV: UTF-8 with a byte order mark, so that Excel shows Chinese right.

    Args:
        frame: any table; unknown values become empty cells, dates ISO.

    Returns:
        The file's bytes. Text that a spreadsheet would run is defused with an apostrophe.
    """
    safe = pd.DataFrame(_rows(frame), columns=[safe_text(str(c)) for c in frame.columns], dtype="object")
    return safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def to_xlsx(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """Tables as one Excel workbook, one sheet each; text is only ever text.

    Args:
        sheets: sheet name → table. Names are cut to what Excel allows and kept apart.

    Returns:
        The file's bytes; dates are dates, unknown values empty cells, no formulas, no links.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        head = book.add_format({"bold": True, "bottom": 1})
        day, moment = (book.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm"))
        taken: set[str] = set()
        for name, frame in sheets.items():
            sheet = book.add_worksheet(_sheet_name(name, taken))
            for column, header in enumerate(frame.columns):
                sheet.write_string(0, column, safe_text(str(header))[:_LONGEST_TEXT], head)
            for line, row in enumerate(_rows(frame), start=1):
                for column, value in enumerate(row):
                    _write(sheet, line, column, value, day, moment)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(0, frame.shape[1] - 1), 14)
        if not sheets:
            book.add_worksheet()
    return buffer.getvalue()


def _write(sheet: Any, line: int, column: int, value: Any, day: Any, moment: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(line, column, value[:_LONGEST_TEXT])
    elif isinstance(value, bool):
        sheet.write_boolean(line, column, value)
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(line, column, value, moment)
    elif isinstance(value, dt.date):
        sheet.write_datetime(line, column, dt.datetime(value.year, value.month, value.day), day)
    else:
        sheet.write_number(line, column, value)


def _sheet_name(name: str, taken: set[str]) -> str:
    base = _SHEET_NAME.sub(" ", str(name)).strip() or "Sheet"
    short, at = base[:31], 2
    while short.lower() in taken:
        short = f"{base[:27]} {at}"
        at += 1
    taken.add(short.lower())
    return short
