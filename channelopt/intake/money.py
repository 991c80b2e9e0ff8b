"""Decimal marks and currencies of a file: decided from all values, asked when silent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from channelopt.errors import Finding
from channelopt.intake.names import SYMBOLS, UNSURE_SYMBOLS, currency_of
from channelopt.intake.table import Cell
from channelopt.intake.values import Votes, vote


@dataclass
class Marks:
    """Decimal mark per column index, and of the file."""

    of: dict[int, str] = field(default_factory=dict)
    file: str = "."
    findings: list[Finding] = field(default_factory=list)


def decide_marks(
    columns: Mapping[int, Sequence[Cell]],
    headers: Sequence[str],
    money: frozenset[int],
    delimiter: str | None,
    forced: str | None = None,
) -> Marks:
    """Choose "." or "," for every column of numbers.

    A column's own values decide; a silent column follows the file; ``1,234`` alone is a
    thousand in a file cut by commas or in a count, and a question in a money column
    of a file cut by semicolons; ``1.234`` alone is a question in every money column.

    Args:
        columns: cells by column index.
        headers: for the findings.
        money: indices of money columns.
        delimiter: of the file; None for a workbook.
        forced: the reader's answer.
    """
    marks = Marks()
    votes = {i: vote(cells) for i, cells in columns.items()}
    dots = sum(1 for v in votes.values() if v.dot and not v.comma)
    commas = sum(1 for v in votes.values() if v.comma and not v.dot)
    marks.file = forced or ("," if commas > dots else ".")
    for i, seen in votes.items():
        if forced:
            marks.of[i] = forced
        elif seen.dot and seen.comma:
            marks.of[i] = marks.file
            if i in money:
                marks.findings.append(_ask(seen.comma, headers[i]))
        elif seen.dot or seen.comma:
            marks.of[i] = "." if seen.dot else ","
        else:
            marks.of[i] = _silent(i, seen, marks, dots + commas > 0, money, headers, delimiter)
    return marks


def _silent(
    i: int,
    seen: Votes,
    marks: Marks,
    known: bool,
    money: frozenset[int],
    headers: Sequence[str],
    delimiter: str | None,
) -> str:
    """The mark of a column whose own values read both ways."""
    if not seen.open_comma and not seen.open_dot:
        return marks.file
    if i not in money:
        return "," if seen.open_dot and not seen.open_comma and not (known and marks.file == ".") else "."
    if known:
        return marks.file
    if delimiter != ";" and not seen.open_dot:
        return "."
    marks.findings.append(_ask(str(seen.open_comma or seen.open_dot), headers[i]))
    return "." if seen.open_comma else ","


def _ask(example: str, header: str) -> Finding:
    return Finding("question", "intake.decimal_mark", {"example": example, "header": header.strip()})


@dataclass
class Currency:
    """The currency of each row and of the file; None asks."""

    rows: list[str]
    code: str | None
    findings: list[Finding] = field(default_factory=list)


def with_headers(found: Currency, headers: Sequence[str]) -> Currency:
    """Chinese headers suggest yuan where nothing else says the currency; told, not asked.

    Args:
        found: what ``decide_currency`` found.
        headers: of the file.
    """
    asked = found.code is None and [f.code for f in found.findings[:1]] == ["intake.which_currency"]
    if not asked or not any("\u4e00" <= c <= "\u9fff" for c in "".join(headers)):
        return found
    told = Finding("info", "intake.assumed_currency", {"currency": "CNY"})
    return Currency(["CNY"] * len(found.rows), "CNY", [told])


def decide_currency(
    kept: Sequence[int],
    column: Sequence[str] | None,
    bracket: str | None,
    signs: frozenset[str],
    default: str,
    answer: str | None,
    platform: str,
) -> Currency:
    """Find the currency: header bracket, currency column, answer, cell signs, the platform's own.

    Args:
        kept: positions of the rows that count.
        column: cells of the currency column, one per line of the file.
        bracket: code in the spend header.
        signs: currency signs met in spend cells.
        default: what the platform bills in, "" when unknown.
        answer: the reader's own word.
        platform: its name, for the finding.
    """
    n = len(kept)
    codes = [currency_of(column[i]) or column[i].strip().upper() for i in kept] if column is not None else []
    known = sorted({c for c in codes if re.fullmatch(r"[A-Z]{3}", c)})
    signed = sorted({c for c in map(currency_of, signs) if c})
    if len(known) > 1:
        found = Finding("question", "intake.mixed_currency", {"codes": ", ".join(known)})
        return Currency(codes, None, [found])
    stated = {c for c in (bracket, *known) if c}
    sure = {currency_of(s) for s in signs if s not in UNSURE_SYMBOLS} - {None}
    if len(stated) == 1 and sure <= stated:
        code = stated.pop()
        return Currency([code] * n, code)
    if stated and not answer:
        shown = ", ".join(sorted(stated | {c for c in sure if c}))
        return Currency([""] * n, None, [Finding("question", "intake.mixed_currency", {"codes": shown})])
    if len(signed) > 1:
        found = Finding("question", "intake.mixed_currency", {"codes": ", ".join(signed)})
        return Currency([""] * n, None, [found])
    if answer:
        return Currency([answer] * n, answer)
    if signed:
        unsure = sorted(
            s for s in signs if s in UNSURE_SYMBOLS and SYMBOLS[s] == signed[0] and signed[0] != default
        )
        told = (
            [Finding("info", "intake.symbol_currency", {"symbol": unsure[0], "currency": signed[0]})]
            if unsure
            else []
        )
        return Currency([signed[0]] * n, signed[0], told)
    if default:
        told = [Finding("info", "intake.default_currency", {"platform": platform, "currency": default})]
        return Currency([default] * n, default, told)
    return Currency([""] * n, None, [Finding("question", "intake.which_currency", {})])


def as_share(values: np.ndarray, cells: Sequence[Cell]) -> np.ndarray:
    """A ratio column as fractions of 1, whether it was written 48%, 48 or 0.48."""
    percent = np.array([isinstance(c, str) and c.strip().endswith("%") for c in cells], dtype=bool)
    bare = values[~percent]
    high = np.nanmax(bare) > 1.0 if np.isfinite(bare).any() else False
    return np.where(percent | high, values / 100, values)
