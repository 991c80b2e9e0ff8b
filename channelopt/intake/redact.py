"""The copy of a lead list that may be stored: no name, phone, e-mail or unused cell in it."""

from __future__ import annotations

import csv
import io
import re

from channelopt.intake.body import Body
from channelopt.intake.columns import PERSONAL, Column
from channelopt.intake.dates import find_dates
from channelopt.intake.header import Located
from channelopt.intake.platforms import all_headers
from channelopt.intake.privacy import PREFIX, clean_email, clean_phone, keyed_hash
from channelopt.intake.table import Cell, as_text, is_blank
from channelopt.intake.totals import reads_footer
from channelopt.intake.values import clean_text
from channelopt.intake.work import Work

_MASK = "***"
_WHO = re.compile(r"\S@\S|\+?\d[\d\s()-]{6,}\d")
_DATE = re.compile(r"[\d\s/:.,TZ年月日-]{1,30}")
_PLAIN = re.compile(r"[\d\s/:.,TZ年月日¥￥$€£%+-]{1,30}")
_TEXTS = frozenset({"channel", "campaign", "status", "stage", "valid", "converted", "currency"}) | {
    "experiment", "variant", "region", "segment",
}  # fmt: skip
#: A column that so many whole lines leave empty may be missing at the end of a line.
_OFTEN = 0.05


def open_columns(work: Work) -> set[int]:
    """Columns that may be stored as they are: used, and not personal."""
    return {c.index for c in work.mapped.columns if c.role == "field" and c.field not in PERSONAL}


def private_columns(work: Work) -> frozenset[int]:
    """Positions whose cells are never shown, those beyond the header included."""
    shown = open_columns(work)
    widest = max((len(line) for line in work.body.lines), default=0)
    return frozenset(i for i in range(widest) if i not in shown)


def names_somebody(text: str) -> bool:
    """Whether a text that should be impersonal holds an e-mail address, a phone number or a broken line."""
    return "\n" in text or "\r" in text or (_WHO.search(text) is not None and not find_dates(text))


def shown_date(text: str) -> str:
    """An unreadable date as it may be told: stars when it could be anybody's name or number."""
    return text if _DATE.fullmatch(text) and not _WHO.fullmatch(text) else _MASK


def shown_headers(located: Located) -> list[str]:
    """Headers of a list of people; when a line of somebody's data ran into them, only the known ones."""
    damaged = any(
        len(h) > 60 or "\n" in h or "@" in h or sum(c.isdigit() for c in h) >= 7 for h in located.headers
    )
    pairs = zip(located.headers, located.normal, strict=True)
    return [h if not damaged or n in all_headers() else "***" for h, n in pairs]


def shown_value(text: str, name: str) -> str:
    """A sample of an impersonal column as it may be shown; stars when a name may have slipped into it."""
    if name in _TEXTS:
        return _MASK if names_somebody(text) else text
    return text if _PLAIN.fullmatch(text) else _MASK


def shifted_lines(work: Work) -> frozenset[int]:
    """Lines whose cells may stand under the wrong header: nothing of them is shown or stored."""
    body = work.body
    whole = [i for i in body.open() if len(body.lines[i]) >= body.width]
    needed = max(
        (j for j, c in enumerate(body.columns) if sum(c[i] != "" for i in whole) > (1 - _OFTEN) * len(whole)),
        default=body.width - 1,
    )
    texts = [c.index for c in work.mapped.columns if c.role == "field" and c.field in _TEXTS]
    found = set()
    for i in body.open():
        broken = any(names_somebody(as_text(body.columns[j][i])) for j in texts)
        if body.extra(i) or len(body.lines[i]) <= needed or broken:
            found.add(i)
    for i, label in body.labels.items():  # a total without its word may be somebody's line, moved
        if not label or any(names_somebody(as_text(c)) for c in body.lines[i]):
            found.add(i)
    found |= {i for i, (reason, _) in body.reasons.items() if not reason.endswith("duplicate_lead")}
    return frozenset(found)


def redacted(work: Work, hashes: dict[str, list[str]], blur: frozenset[int] = frozenset()) -> bytes:
    """The file as UTF-8 CSV in which only used, impersonal columns stand as they were.

    Phones, e-mails and ids become the hash that makes the lead key, so the copy reads back to
    the same leads; every other cell becomes stars, and so do all cells of the lines ``blur``.
    """
    sheet, at, body = work.located.sheet, work.located.at, work.body
    shown = open_columns(work)
    columns = [
        _readable(work, i, cells) if i in shown else _hide(work.mapped.columns[i], cells, hashes)
        for i, cells in enumerate(body.columns)
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for line in sheet.lines[:at]:
        text = " ".join(as_text(c) for c in line).strip()
        loose = sum(1 for c in line if as_text(c).strip()) <= 2 and not names_somebody(text)
        writer.writerow([text] if not text or (loose and find_dates(text)) else [_MASK])
    writer.writerow(shown_headers(work.located))
    for i, cells in enumerate(zip(*columns, strict=True)):
        hidden = [_MASK if as_text(c) else "" for c in body.lines[i]]
        writer.writerow(hidden if i in blur else _line(work, body, i, cells))
    return out.getvalue().encode()


def _line(work: Work, body: Body, i: int, cells: tuple[str, ...]) -> list[str]:
    fate = body.fate[i]
    if is_blank(body.lines[i]):
        return [as_text(c) for c in body.lines[i]]
    if fate == "total":
        raw = [as_text(c) for c in body.lines[i]]
        return [t if j in open_columns(work) or t.strip() in ("", body.labels[i]) else _MASK
                for j, t in enumerate(raw)]  # fmt: skip
    if fate == "footer":
        text = as_text(body.lines[i][0]).strip()
        return [text if reads_footer(text, work.platform) else _MASK]
    return [*cells, *[_MASK for _ in body.extra(i)]]


def hash_columns(work: Work, key: bytes) -> dict[str, list[str]]:
    """Keyed hash of every phone, e-mail and id, by field; "" where a cell names nobody."""
    found = {}
    for name, kind, clean in (
        ("phone", "phone", clean_phone),
        ("email", "email", clean_email),
        ("lead_id", "id", str),
    ):
        column = work.mapped.of(name)
        if column:
            texts = clean_text(work.body.columns[column.index])
            known = {t: keyed_hash(kind, c, key) if (c := clean(t)) else "" for t in set(texts)}
            found[name] = [known[t] for t in texts]
    return found


def _readable(work: Work, index: int, cells: list[Cell]) -> list[str]:
    """An impersonal column; what is not of its kind becomes stars, a name may have slipped into it."""
    texts = [as_text(c) for c in cells]
    if work.mapped.columns[index].field in _TEXTS:
        return [_MASK if names_somebody(t) else t for t in texts]
    numbers = work.numbers.get(index)
    if numbers is not None:
        return [_MASK if bad else t for t, bad in zip(texts, numbers.bad, strict=True)]
    bad = work.unread.get(index)
    return texts if bad is None else [_MASK if b else t for t, b in zip(texts, bad, strict=True)]


def _hide(column: Column, cells: list[Cell], hashes: dict[str, list[str]]) -> list[str]:
    """Phones, e-mails and ids as keyed hashes, everything else as stars; empty stays empty."""
    if column.role == "field" and column.field in hashes:
        return [PREFIX + h if h else "" for h in hashes[column.field]]
    return [_MASK if t else "" for t in clean_text(cells)]
