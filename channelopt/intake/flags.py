"""Columns that say yes or no: read as 1 and 0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from channelopt.intake.table import Cell, as_text
from channelopt.intake.values import Numbers

YES = frozenset({"是", "yes", "y", "true", "t", "√", "✓", "✔", "有", "已转化", "已成交", "已购买"})
NO = frozenset({"否", "no", "n", "false", "f", "×", "x", "✗", "无", "未转化", "未成交", "未购买"})


def read_flags(cells: Sequence[Cell], read: Numbers) -> Numbers:
    """A column of numbers in which yes is 1 and no is 0.

    Args:
        cells: as they stand in the file.
        read: the same as numbers; what is neither a number nor a flag stays unreadable.
    """
    if not read.bad.any():
        return read
    values, bad = read.values.copy(), read.bad.copy()
    for i in np.flatnonzero(read.bad).tolist():
        text = as_text(cells[i]).strip().casefold()
        if text in YES or text in NO:
            values[i], bad[i] = float(text in YES), False
    return replace(read, values=values, bad=bad)
