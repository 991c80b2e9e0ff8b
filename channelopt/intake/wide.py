"""A table with one column per channel, made long: a row per day and channel; beside it what no channel has.

Weekly trackers and the input of media mix models look so: 日期 | 抖音花费 | 百度花费 | 营业额, or
date | tv_S | facebook_S | revenue. A column belongs to a channel when its header is a name and a word for
a figure (spend, impressions, clicks, leads …) that the generic vocabulary knows; two channels with spend make
a table wide. Headers that are nothing but names of channels say not what their figures are: they are made
long all the same, and the reader is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from channelopt.errors import Finding
from channelopt.intake.header import find_tables, is_header, is_number
from channelopt.intake.names import currency_of, is_derived, normalise, peel
from channelopt.intake.overall import OVERALL, RESULTS
from channelopt.intake.platforms import channel_key, platforms, recognise
from channelopt.intake.table import Cell, Sheet, as_text

#: Figures that can stand in a column per channel.
_FIGURES = ("spend", "impressions", "clicks", "sessions", "leads", "customers", "revenue")
#: Suffixes of media mix tables: tv_S is spend, facebook_I impressions.
_CODES = {"_S": "spend", "_I": "impressions"}
_SEPARATOR = r"[\s\-–—:：/|·.]"
#: Names that stand for all channels together.
_ALL = re.compile(
    r"(grand |sub)?total|all|overall|sum|总|总计|合计|小计|全部|全渠道|整体|累计|当日|日", re.IGNORECASE
)
_TOTAL = re.compile(r"^(总|合计|全部|全渠道|total|sum|all|overall)", re.IGNORECASE)
#: Media without a platform of their own, as trackers name their columns.
_MEDIA = frozenset(
    ["tv", "television", "radio", "newspaper", "newspapers", "print", "magazine", "ooh", "outdoor", "cinema",
     "direct mail", "podcast", "affiliate", "influencer", "seo", "sem", "email", "sms",
     "电视", "电台", "广播", "报纸", "杂志", "户外", "电梯", "电梯广告", "分众", "院线", "短信",
     "公众号", "视频号", "搜索", "信息流", "达人"]
)  # fmt: skip
_NUMERIC = 0.8
_SHOWN = 8


@dataclass(frozen=True)
class _Part:
    """What one column of a wide table is: the figure of a channel, its word and its unit."""

    index: int
    name: str
    field: str
    word: str
    unit: str


def widen(sheet: Sheet, name: str) -> list[Sheet]:
    """The tables a sheet holds when it has one column per channel; else the sheet as it is.

    Args:
        sheet: raw lines.
        name: the file's name.

    Returns:
        A long table of the channels' figures, then what no channel has, where it states a result.
    """
    found = find_tables([sheet])
    if not found or not found[0].data:
        return [sheet]
    at = found[0].at
    headers = [as_text(cell).strip() for cell in sheet.lines[at]]
    plain = [i for i, h in enumerate(headers) if _means(h, "spend")]
    if not _may_be_wide(headers, name) or any(not _TOTAL.match(headers[i]) for i in plain):
        return [sheet]
    parts = _parts(sheet, at, headers) or _bare(sheet, at, headers)
    if not parts:
        return [sheet]
    gone = {p.index for p in parts} | set(plain) | _totals(headers, parts)
    rest = [i for i, h in enumerate(headers) if i not in gone and h]
    beside = [i for i in rest if not _is_numeric(sheet, at, i) or _means(headers[i], "day")]
    stated = [headers[i] for i in rest if any(_means(headers[i], field) for field in RESULTS)]
    long = _long(sheet, at, headers, parts, beside)
    left = [
        headers[i]
        for i in sorted((gone - {p.index for p in parts}) | (set() if stated else set(rest) - set(beside)))
    ]
    told = _told(parts, headers, left)
    long = replace(long, findings=(*sheet.findings, told), unpivoted=True)
    if not stated:
        return [long]
    both = [_key(sheet, 1, [headers[p.index] for p in parts]), _key(sheet, 2, stated)]
    others = _columns(sheet, at, rest)
    return [replace(long, key=both[0], head=at), replace(others, key=both[1], head=at, unpivoted=True)]


def _means(header: str, field: str) -> bool:
    """Whether a header as it stands means a field, in a table of spend or of overall results."""
    text = normalise(header)
    known = (platforms()["generic"], platforms()[OVERALL])
    return any(r.role == "field" and r.field == field for p in known for r in p.roles(text)[0])


def _may_be_wide(headers: Sequence[str], name: str) -> bool:
    """Whether nothing speaks for a platform's export or for channels in rows, and there is a day."""
    normal = [normalise(h) for h in headers if h]
    known, _ = recognise(normal, [], name)
    rows = ("channel", "campaign", "ad_group", "ad", "created_at")
    return (
        known.key in ("generic", "site", OVERALL)
        and len(normal) >= 3
        and any(_means(h, "day") for h in headers)
        and not any(_means(h, field) for h in headers for field in rows)
    )


@lru_cache(maxsize=1)
def _words() -> tuple[dict[str, str], re.Pattern[str], re.Pattern[str]]:
    """Words for figures → field; a name before such a word, and after it."""
    generic = platforms()["generic"]
    words = {
        header: role.field
        for header, roles in generic.vocabulary.items()
        for role in roles
        if role.role == "field" and role.field in _FIGURES and len(header) >= 2
    }
    any_word = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    before = re.compile(rf"(?P<name>.+?)(?P<gap>{_SEPARATOR}*)(?P<word>{any_word})", re.IGNORECASE)
    after = re.compile(
        rf"(?P<word>{any_word})(?:{_SEPARATOR}+(?P<name>.+)|[(（](?P<inside>.+)[)）])", re.IGNORECASE
    )
    return words, before, after


def _part(index: int, header: str) -> _Part | None:
    """What a header says of a channel; None when it is a header of its own or says no figure."""
    if not header or is_header(header) or is_derived(normalise(header)):
        return None
    words, before, after = _words()
    text, unit = _without_unit(" ".join(header.replace("_", " ").split()))
    for code, field in _CODES.items():
        if header.endswith(code) and len(header) > len(code):
            return _Part(index, header[: -len(code)], field, field, "")
    match = before.fullmatch(text)
    if match and (match["gap"] or not match["word"][0].isascii()):
        return _Part(index, match["name"].strip(), words[normalise(match["word"])], match["word"], unit)
    match = after.fullmatch(text)
    if match:
        name = (match["name"] or match["inside"]).strip()
        return _Part(index, name, words[normalise(match["word"])], match["word"], unit)
    return None


def _without_unit(text: str) -> tuple[str, str]:
    """A header without its currency or unit, and that; other brackets stay."""
    plain = normalise(text)
    peeled = peel(plain)
    if peeled is None:
        return text, ""
    cut = max(text.rfind("("), text.rfind("（"), text.rfind("["))
    return text[:cut].strip(), text[cut:].strip()


def _parts(sheet: Sheet, at: int, headers: Sequence[str]) -> list[_Part]:
    """The columns of the channels that have spend; empty when fewer than two have."""
    found = [part for i, h in enumerate(headers) if (part := _part(i, h)) and _is_numeric(sheet, at, i)]
    found = [p for p in found if p.name and not _ALL.fullmatch(p.name) and currency_of(p.name) is None]
    paid = {normalise(p.name) for p in found if p.field == "spend"}
    found = [p for p in found if normalise(p.name) in paid]
    units = {(p.field, p.unit) for p in found}
    once = max(Counter((normalise(p.name), p.field) for p in found).values(), default=0) == 1
    return found if len(paid) >= 2 and len(units) == len({p.field for p in found}) and once else []


def _bare(sheet: Sheet, at: int, headers: Sequence[str]) -> list[_Part]:
    """Columns that are nothing but names of channels; what they hold is for the reader to say."""
    own = []
    for i, header in enumerate(headers):
        text, unit = _without_unit(header)
        known = normalise(text) in _MEDIA or (channel_key(text) in platforms() and channel_key(text) != text)
        if header and known and _is_numeric(sheet, at, i) and not is_header(header):
            own.append(_Part(i, text, "", "", unit))
    if len(own) < 2 or len({p.unit for p in own}) != 1:
        return []
    word = " / ".join(p.name for p in own[:_SHOWN])
    return [replace(p, word=word) for p in own]


def _totals(headers: Sequence[str], parts: Sequence[_Part]) -> set[int]:
    """Columns that add the channels up."""
    taken = {p.index for p in parts}
    named = [(i, _part(i, h)) for i, h in enumerate(headers) if i not in taken]
    return {
        i
        for i, part in named
        if _ALL.fullmatch(headers[i])
        or (part is not None and part.field == "spend" and _ALL.fullmatch(part.name))
    }


def _is_numeric(sheet: Sheet, at: int, index: int) -> bool:
    """Whether most filled cells below a header are numbers."""
    cells = [line[index] for line in sheet.lines[at + 1 :] if index < len(line)]
    filled = [c for c in cells if not isinstance(c, str) or c.strip()]
    return len(filled) > 0 and sum(is_number(c) for c in filled) >= _NUMERIC * len(filled)


def _long(
    sheet: Sheet, at: int, headers: Sequence[str], parts: Sequence[_Part], beside: Sequence[int]
) -> Sheet:
    """A row per line and channel: the columns beside, the channel, its figures; empty ones are no row."""
    fields = list(dict.fromkeys(p.field for p in parts))
    first = {field: next(p for p in parts if p.field == field) for field in fields}
    chinese = any("\u4e00" <= c <= "\u9fff" for c in "".join(headers))
    titles: list[Cell] = [headers[i] for i in beside]
    titles += [
        "渠道" if chinese else "channel",
        *(f"{first[f].word} {first[f].unit}".strip() for f in fields),
    ]
    names = list(dict.fromkeys(normalise(p.name) for p in parts))
    place = {(normalise(p.name), p.field): p.index for p in parts}
    shown = {normalise(p.name): p.name for p in reversed(parts)}
    lines, numbers = [*sheet.lines[:at], titles], sheet.numbers[: at + 1]
    for line, number in zip(sheet.lines[at + 1 :], sheet.numbers[at + 1 :], strict=True):
        own = [_cell(line, i) for i in beside]
        figures = {n: [_cell(line, place.get((n, f), -1)) for f in fields] for n in names}
        filled = [n for n in names if any(as_text(c).strip() for c in figures[n])]
        for n in filled:
            lines.append([*own, shown[n], *figures[n]])
            numbers.append(number)
        if not filled:
            lines.append(own)  # a footer, a blank line: as it stands
            numbers.append(number)
    return replace(sheet, lines=lines, numbers=numbers, weights=())


def _columns(sheet: Sheet, at: int, kept: Sequence[int]) -> Sheet:
    """The lines with some of their columns only."""
    lines = [*sheet.lines[:at], *([_cell(line, i) for i in kept] for line in sheet.lines[at:])]
    return replace(sheet, lines=lines)


def _cell(line: Sequence[Cell], index: int) -> Cell:
    return line[index] if 0 <= index < len(line) else ""


def _told(parts: Sequence[_Part], headers: Sequence[str], left: Sequence[str]) -> Finding:
    names = list(dict.fromkeys(headers[p.index] for p in parts))
    shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    params = {"n": len({normalise(p.name) for p in parts}), "headers": shown}
    if left:
        return Finding("info", "intake.wide_table_left", {**params, "left": ", ".join(left)})
    return Finding("info", "intake.wide_table", params)


def _key(sheet: Sheet, n: int, names: Sequence[str]) -> str:
    """What tells the two tables of a wide one apart."""
    before = f"{sheet.key or sheet.sheet} " if sheet.key or sheet.sheet else ""
    return f"{before}{n}. {', '.join(names[:3])}"
