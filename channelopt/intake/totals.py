"""Total rows and footers: found by their words, their place and their arithmetic; never data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding, Severity
from channelopt.intake.body import Body
from channelopt.intake.platforms import Platform
from channelopt.intake.rollups import find_rollups
from channelopt.intake.table import as_text
from channelopt.intake.values import NULLS, parse_number

WORDS = re.compile(
    r"total:.*|total of \d+ (results?|rows?|items?)|(sub)?totals?|grand totals?( \(.*\))?"
    r"|总计([:：].*)?|合计(\d+条记录|[:：].*)?|小计|汇总|总和|summary|gesamt(ergebnis|summe)?"
    r"|total general|tổng( số| cộng)?(:.*)?|toplam(:.*)?|共\d+条(记录)?|totaux|totale|итого",
    re.IGNORECASE,
)
#: First letters of the words above, to pass over most cells quickly.
_FIRST = frozenset("tTsSgGиИ总合小汇共")
_STRONG = re.compile(r"total: .*|total of \d+ .*|grand totals?.*|总计[:：].*|合计\d+条.*", re.IGNORECASE)
#: "Google Total", "抖音合计", "8月小计": the total of what it names, if the figures say so.
_NAMED = re.compile(
    r"(?P<of>.{1,60}?)(?:[\s:：_-]+(?:sub)?totals?|[\s:：_-]*[(（]?(?:总计|合计|小计|汇总)[)）]?)",
    re.IGNORECASE,
)
_LAST = frozenset("lLsS计总汇)）")
_FOOT = re.compile(r"^([@©]|copyright|注[:：]|备注[:：]|说明[:：]|\*|confidential)", re.IGNORECASE)


@dataclass(frozen=True)
class Evidence:
    """What the total finder may look at.

    Attributes:
        day: datetime64 per line where the file has a day for each row, else None.
        names: text columns (campaign, ad, channel …) per line.
        metrics: additive numbers per line, spend first.
        span: length in days of each line's own range, or None.
        when: first day per line even where lines have ranges of their own, else None.
        other: further text columns per line: account, breakdowns.
        answer: what the reader said of doubtful total rows: "keep", "leave_out" or None.
        ask: whether doubtful total rows are a question.
        levels: whether to look for totals that only their figures give away.
    """

    day: np.ndarray | None
    names: Sequence[Sequence[str]]
    metrics: Mapping[str, np.ndarray]
    span: np.ndarray | None = None
    when: np.ndarray | None = None
    other: Sequence[Sequence[str]] = ()
    answer: str | None = None
    ask: bool = True
    levels: bool = True


def find_totals(body: Body, platform: Platform, seen: Evidence) -> list[Finding]:
    """Mark total rows and footers in ``body``; say what was decided by arithmetic."""
    findings: list[Finding] = []
    labelled = _labels(body, platform)
    findings += _named(body, labelled, seen)
    for i, label in labelled.items():
        if body.fate[i]:
            continue
        if _is_total(body, i, label, labelled, seen):
            body.fate[i], body.labels[i] = "total", label
        else:
            findings += _doubt(body, [i], seen, "intake.total_not_confirmed", label=label)
    _footers(body, platform)
    _nameless(body, seen)
    findings += _by_arithmetic(body, seen)
    if seen.ask and seen.levels:
        findings += _by_levels(body, seen)
    return findings


def _doubt(body: Body, lines: Sequence[int], seen: Evidence, code: str, **params: object) -> list[Finding]:
    """Lines that may be totals: as the reader said, else kept and asked."""
    if seen.answer == "leave_out":
        for i in lines:
            body.fate[i], body.labels[i] = "total", str(params.get("label", ""))
    if seen.answer and seen.ask:
        return []
    shown = ", ".join(str(body.numbers[i]) for i in lines[:5]) + (" …" if len(lines) > 5 else "")
    severity: Severity = "question" if seen.ask else "warning"
    return [Finding(severity, code, {"row": shown, "n": len(lines), **params})]


def _by_levels(body: Body, seen: Evidence) -> list[Finding]:
    """Subtotals and totals that no word gives away."""
    found = find_rollups(body, seen.when, [*seen.names, *seen.other], seen.metrics, seen.span)
    findings: list[Finding] = []
    for i in found.sure:
        body.fate[i], body.labels[i] = "total", ""
    if found.sure:
        shown = ", ".join(str(body.numbers[i]) for i in found.sure[:5])
        params = {"row": shown + (" …" if len(found.sure) > 5 else ""), "n": len(found.sure)}
        findings.append(Finding("warning", "intake.subtotals", params))
    if found.asked and not _explained(body, seen):
        findings += _doubt(body, found.asked, seen, "intake.maybe_total")
    return findings


def _explained(body: Body, seen: Evidence) -> bool:
    """Whether the lines left add up to a total the file itself names: then none of them is one."""
    spend = next(iter(seen.metrics.values()), None)
    stated = [i for i, label in body.labels.items() if label and body.fate[i] == "total"]
    if spend is None or not stated:
        return False
    rest = float(np.nansum(spend[body.open()]))
    return rest > 0 and any(abs(float(spend[i]) - rest) <= 0.0005 * rest for i in stated)


def _labels(body: Body, platform: Platform) -> dict[int, str]:
    """Lines where any cell reads like a total, with that cell."""
    found: dict[int, str] = {}
    for column in body.columns:
        hits = {c for c in set(column) if isinstance(c, str) and _reads_total(c, platform)}
        if hits:
            for i, cell in enumerate(column):
                if cell in hits:
                    found.setdefault(i, str(cell).strip())
    for i, line in enumerate(body.lines):
        if len(line) > body.width:
            for cell in body.extra(i):
                if isinstance(cell, str) and _reads_total(cell, platform):
                    found.setdefault(i, cell.strip())
    return dict(sorted(found.items()))


def _reads_total(cell: str, platform: Platform) -> bool:
    text = cell.strip()
    if not text or text[0].isdigit() or len(text) > 80:
        return False
    return (text[0] in _FIRST and WORDS.fullmatch(text) is not None) or any(
        p.search(text) for p in platform.totals
    )


def _is_total(body: Body, i: int, label: str, labelled: Mapping[int, str], seen: Evidence) -> bool:
    has_day = seen.day is not None and not np.isnat(seen.day[i])
    if not has_day and (seen.day is not None or _STRONG.fullmatch(label)):
        return True
    others = [k for k in body.open() if k != i and k not in labelled]
    if has_day and seen.day is not None:
        same_day = [k for k in others if seen.day[k] == seen.day[i]]
        return _adds_up(seen, i, same_day, 1) or _adds_up(seen, i, others, 1)
    alone = all(not column[i] or column[i] == label for column in seen.names)
    return alone or _adds_up(seen, i, others, 1)


def _named(body: Body, labelled: Mapping[int, str], seen: Evidence) -> list[Finding]:
    """Totals that say of what: confirmed by their rows, or without a day where the others have one."""
    found: dict[int, tuple[str, str]] = {}
    for column in body.columns:
        texts = {c for c in set(column) if isinstance(c, str) and c.strip()[-1:] in _LAST}
        hits = {c: m["of"].strip() for c in texts if (m := _NAMED.fullmatch(c.strip()))}
        for i, cell in enumerate(column) if hits else ():
            if isinstance(cell, str) and cell in hits and not body.fate[i] and i not in labelled:
                found.setdefault(i, (cell.strip(), hits[cell]))
    rows = [k for k in body.open() if k not in found and k not in labelled]
    findings: list[Finding] = []
    for i, (label, of) in sorted(found.items()):
        same = [k for k in rows if any(column[k] == of for column in (*seen.names, *seen.other))]
        above = [k for k in rows if max([j for j in (*found, *labelled) if j < i], default=-1) < k < i]
        dayless = seen.day is not None and bool(np.isnat(seen.day[i]))
        today = [] if dayless or seen.day is None else [k for k in same if seen.day[k] == seen.day[i]]
        if dayless or any(_adds_up(seen, i, group, 1) for group in (same, above, today) if len(group) > 1):
            body.fate[i], body.labels[i] = "total", label
        elif same:
            findings += _doubt(body, [i], seen, "intake.total_not_confirmed", label=label)
    return findings


def _adds_up(seen: Evidence, i: int, others: Sequence[int], need: int) -> bool:
    """Whether the metrics of line i are the sums of the others; at least ``need`` must be above 0."""
    if not others:
        return False
    agree = 0
    for values in seen.metrics.values():
        value = values[i]
        if np.isnan(value) or value == 0:
            continue
        total = np.nansum(values[list(others)])
        if abs(value - total) > max(0.005 * abs(total), 0.011):
            return False
        agree += 1
    return agree >= need


def _footers(body: Body, platform: Platform) -> None:
    """Lines below the table: notes in one cell, copyright lines."""
    below = True
    known = {c for c in set(body.columns[0]) if isinstance(c, str) and reads_footer(c.strip(), platform)}
    for i in reversed(range(len(body.lines))):
        if body.fate[i] or not (below or body.columns[0][i] in known):
            continue
        filled = [text for c in body.lines[i] if (text := as_text(c).strip())]
        single = len(filled) == 1 and body.width >= 3 and not filled[0][:1].isdigit()
        if (body.columns[0][i] in known and len(filled) <= 2) or (below and single):
            body.fate[i] = "footer"
        else:
            below = False


def reads_footer(text: str, platform: Platform) -> bool:
    """Whether a line begins like a note below a table."""
    return bool(text) and (_FOOT.match(text) is not None or any(p.search(text) for p in platform.footers))


def _nameless(body: Body, seen: Evidence) -> None:
    """First and last rows without any name or day, while the others have them (Meta's summary row)."""
    lines = body.open()
    spend = next(iter(seen.metrics.values()), None)
    if len(lines) < 2 or spend is None or (not seen.names and seen.day is None):
        return
    bare = [
        not any(column[i] for column in seen.names) and (seen.day is None or bool(np.isnat(seen.day[i])))
        for i in lines
    ]
    if all(bare):
        return
    first, last = bare.index(False), len(bare) - 1 - bare[::-1].index(False)
    for i in (*lines[:first], *lines[last + 1 :]):
        if not np.isnan(spend[i]):
            body.fate[i], body.labels[i] = "total", ""


def _by_arithmetic(body: Body, seen: Evidence) -> list[Finding]:
    """First or last rows without a day of their own that equal the sum of all others."""
    findings: list[Finding] = []
    while (i := _sum_of_others(body, seen)) is not None:
        body.fate[i], body.labels[i] = "total", ""
        findings.append(Finding("warning", "intake.total_by_arithmetic", {"row": body.numbers[i]}))
    return findings


def _sum_of_others(body: Body, seen: Evidence) -> int | None:
    lines = body.open()
    for i in (lines[0], lines[-1]) if len(lines) >= 3 else ():
        others = [k for k in lines if k != i]
        dayless = seen.day is None or bool(np.isnat(seen.day[i]))
        if seen.span is not None:
            widest = np.nanmax([0.0, *seen.span[others]])
            dayless = bool(seen.span[i] > widest) or (dayless and bool(seen.span[i] >= widest))
        many = len(others) >= 3 or seen.span is not None or seen.day is not None
        if dayless and many and _adds_up(seen, i, others, max(1, min(2, len(seen.metrics)))):
            return i
    return None


def totals_frame(body: Body, metrics: Mapping[str, np.ndarray], mark: str) -> pd.DataFrame:
    """The file's own total rows: row_no, label and the metrics they state."""
    kept = body.open()
    records = []
    for i in sorted(body.labels):
        ragged = len(body.lines[i]) < body.width
        record: dict[str, object] = {"row_no": body.numbers[i], "label": body.labels[i]}
        for name, values in metrics.items():
            record[name] = _ragged(body, i, values, kept, mark) if ragged else values[i]
        records.append(record)
    return pd.DataFrame(records, columns=["row_no", "label", *metrics])


def _ragged(body: Body, i: int, values: np.ndarray, kept: Sequence[int], mark: str) -> float:
    """A total row with missing cells is not aligned: a figure counts only when the rows confirm it."""
    total = float(np.nansum(values[list(kept)])) if len(kept) else float("nan")
    if not total:
        return float("nan")
    for cell in body.lines[i]:
        number = cell if isinstance(cell, float) else None
        if isinstance(cell, str) and cell.strip().casefold() not in NULLS:
            number = parse_number(cell, mark)[0]
        if number is not None and abs(number - total) <= max(0.005 * abs(total), 0.011):
            return float(number)
    return float("nan")
