"""Numbers of a column: one decimal mark for all its values, null is not zero."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.intake.names import CURRENCIES, SYMBOLS

#: Share of filled cells from which a column is one of numbers.
MOSTLY = 0.6
NULLS = frozenset(
    {
        "",
        "-",
        "--",
        "—",
        "–",
        "——",
        "null",
        "none",
        "n/a",
        "na",
        "nan",
        "#n/a",
        "∞",
        "inf",
        "< 10%",
        "<10%",
        "nil",
        "/",
    }
)
_SIGNS = "|".join(re.escape(s) for s in sorted(SYMBOLS, key=len, reverse=True))
_CODES = "|".join(sorted(CURRENCIES))
_BEFORE = re.compile(rf"^(?P<code>{_CODES}|{_SIGNS})\s*(?=[-\d.,(])", re.IGNORECASE)
_AFTER = re.compile(rf"(?<=[\d.)])\s*(?P<code>{_CODES}|{_SIGNS})$", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u202f\u2007\u2009'’]+")
#: Spaces and apostrophes are marks of thousands only before exactly three digits.
_GROUPS = re.compile(r"(?<=\d)[ \u00a0\u202f\u2007\u2009'’](?=\d{3}(?!\d))")
_SPLIT = re.compile(r"[\d.,][\s\u00a0\u202f\u2007\u2009'’]+\d")
_SHAPES = {
    ".": re.compile(r"\d+\.?\d*(?:e[+-]?\d+)?|\.\d+|\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?", re.IGNORECASE),
    ",": re.compile(r"\d+,?\d*(?:e[+-]?\d+)?|,\d+|\d{1,3}(?:\.\d{3})+(?:,\d*)?", re.IGNORECASE),
}
_DIGITS = re.compile(r"[\d.,]*\d[\d.,]*")


@dataclass(frozen=True)
class Votes:
    """What the values of a column say about the decimal mark.

    Attributes:
        dot: values that can only have "." as the decimal mark (an example), or None.
        comma: the same for ",".
        open_comma: a value such as 1,234 that reads both ways.
        open_dot: a value such as 1.234 that reads both ways.
    """

    dot: str | None = None
    comma: str | None = None
    open_comma: str | None = None
    open_dot: str | None = None


@dataclass(frozen=True)
class Numbers:
    """A column as numbers.

    Attributes:
        values: float64, NaN where the cell is empty or unreadable.
        bad: cells that are neither empty nor a number.
        codes: currency signs met in cells.
    """

    values: np.ndarray
    bad: np.ndarray
    codes: frozenset[str]


def vote(values: Iterable[object]) -> Votes:
    """Collect the evidence for "." and "," of one column."""
    found: dict[str, str] = {}
    for value in set(values):
        if not isinstance(value, str) or ("," not in value and "." not in value):
            continue
        match = _DIGITS.search(_SPACES.sub("", value.replace("Rs.", "")))
        kind = _evidence(match.group().rstrip(".,")) if match else None
        if kind:
            found.setdefault(kind, value.strip())
    return Votes(**found)


def _evidence(text: str) -> str | None:
    """Which mark a single number proves: "dot", "comma", or one that reads both ways."""
    dot, comma = text.rfind("."), text.rfind(",")
    if dot >= 0 and comma >= 0:
        return "dot" if dot > comma else "comma"
    if dot < 0 and comma < 0:
        return None
    mark = "." if dot >= 0 else ","
    other = {".": "comma", ",": "dot"}[mark]
    mine = {".": "dot", ",": "comma"}[mark]
    parts = text.split(mark)
    if len(parts) > 2:
        return other if all(len(p) in (2, 3) for p in parts[1:]) and len(parts[-1]) == 3 else None
    whole, rest = parts
    if len(rest) != 3 or len(whole) > 3 or whole in ("", "0"):
        return mine
    return "open_dot" if mark == "." else "open_comma"


def number_in(cell: str | float) -> float | None:
    """A cell as a number, by either decimal mark; NaN for a null token, None when it is no number."""
    if isinstance(cell, float):
        return cell
    value = parse_number(cell, ".")[0]
    return parse_number(cell, ",")[0] if value is None else value


def mostly_numbers(cells: Iterable[str | float]) -> bool:
    """Whether most filled cells are numbers; marks for nothing say nothing."""
    filled = [c for c in cells if isinstance(c, float) or c.strip().casefold() not in NULLS]
    return len(filled) > 0 and sum(number_in(c) is not None for c in filled) >= MOSTLY * len(filled)


def parse_number(text: str, mark: str) -> tuple[float | None, str | None]:
    """One cell.

    Returns:
        ``(value, currency sign)``; NaN for a null token, None when it is no number.
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    plain = unguarded(plain.strip()).lstrip("'").strip()
    if plain.casefold() in NULLS:
        return float("nan"), None
    code = None
    match = _BEFORE.match(plain.lstrip("-(")) or _AFTER.search(plain)
    if match:
        code = match.group("code").casefold()
        plain = plain.replace(match.group("code"), "", 1) if match.re is _BEFORE else plain[: match.start()]
    plain = _GROUPS.sub("", plain)
    if _SPLIT.search(plain):
        return None, code
    plain = _SPACES.sub("", plain)
    scale, sign = 1.0, 1.0
    if plain.endswith("%"):
        plain = plain[:-1]
    if plain[-1:] in ("万", "亿"):
        scale = 1e4 if plain[-1] == "万" else 1e8
        plain = plain[:-1]
    if plain.startswith("(") and plain.endswith(")"):
        sign, plain = -1.0, plain[1:-1]
    if plain[:1] in ("-", "−", "+"):
        sign, plain = (sign if plain[0] == "+" else -sign), plain[1:]
    if not _SHAPES[mark].fullmatch(plain):
        return None, code
    group = "," if mark == "." else "."
    return sign * scale * float(plain.replace(group, "").replace(mark, ".")), code


def unguarded(text: str) -> str:
    """A cell without the formula some platforms wrap ids in: ="123" is 123."""
    return text[2:-1] if text.startswith('="') and text.endswith('"') and len(text) > 2 else text


def read_numbers(values: Sequence[object], mark: str) -> Numbers:
    """A column of cells as float64 with one decimal mark."""
    n = len(values)
    if all(isinstance(v, float) for v in values):
        return Numbers(np.array(values, dtype=float), np.zeros(n, dtype=bool), frozenset())
    column = pd.Series(list(values), dtype=object)
    numbers = np.full(n, np.nan)
    if mark == ".":
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, copy=True)
        numbers[np.isinf(numbers)] = np.nan
    bad = np.zeros(n, dtype=bool)
    rest: list[int] = np.flatnonzero(np.isnan(numbers)).tolist()
    known: dict[object, tuple[float | None, str | None]] = {}
    for i in rest:
        value = values[i]
        if value not in known:
            known[value] = _any(value, mark)
        number = known[value][0]
        if number is None:
            bad[i] = True
        else:
            numbers[i] = number
    codes = frozenset(code for _, code in known.values() if code)
    return Numbers(numbers, bad, codes)


def _any(value: object, mark: str) -> tuple[float | None, str | None]:
    if isinstance(value, float):
        return value, None
    if isinstance(value, str):
        return parse_number(value, mark)
    return None, None


def clean_text(values: Sequence[object]) -> list[str]:
    """Names and ids as text: no tabs, byte order marks or padding; null tokens become ""."""
    known: dict[object, str] = {}
    for value in set(values):
        known[value] = _clean(value)
    return [known[v] for v in values]


def _clean(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    text = " ".join(str(value).replace("\ufeff", "").replace("\xa0", " ").split())
    text = unguarded(text).strip("'").strip()
    return "" if text.casefold() in NULLS else text
