"""Ids as platforms meant them, and the ones a spreadsheet has rounded."""

from __future__ import annotations

import re
from collections.abc import Sequence

from channelopt.intake.values import clean_text

#: A spreadsheet keeps so many digits of a number; the rest become zeros.
_KEPT = 15
_ROUNDED = 0.9
_POINT = re.compile(r"(\d+)[.,]0+")
_POWER = re.compile(r"\d([.,]\d+)?e\+?\d+", re.IGNORECASE)


def clean_ids(cells: Sequence[object]) -> list[str]:
    """Ids as text: no padding, no formula around them, no ``.0`` of a float behind them."""
    return [m[1] if (m := _POINT.fullmatch(text)) else text for text in clean_text(cells)]


def damaged_id(cells: Sequence[object], ids: Sequence[str]) -> str | None:
    """An example of an id that lost digits, when the column is not to be trusted; else None.

    An id in the form 1.7E+18 or kept as a number of more than 15 digits is lost for certain. Long
    ids that all end in zeros after the 15th digit were rounded before they came here.
    """
    for cell, text in zip(cells, ids, strict=True):
        if _POWER.fullmatch(text) or (isinstance(cell, float) and abs(cell) >= 10.0**_KEPT):
            return text
    long = sorted({i for i in ids if i.isdigit() and len(i) > _KEPT})
    cut = [i for i in long if not i[_KEPT:].strip("0")]
    sure = len(cut) >= _ROUNDED * len(long) and sum(len(i) - _KEPT for i in cut) >= 3
    return cut[0] if cut and sure else None
