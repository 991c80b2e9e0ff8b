"""What the columns of a table with one column per channel are: figures of channels, totals, or set aside."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from channelopt.intake.header import is_header
from channelopt.intake.names import currency_of, is_derived, normalise, peel
from channelopt.intake.overall import OVERALL, RESULTS
from channelopt.intake.platforms import channel_in_name, channel_key, platforms, recognise
from channelopt.intake.table import Cell, Sheet, as_text
from channelopt.intake.values import mostly_numbers, number_in

Numbers = npt.NDArray[np.float64]

#: Figures that can stand in a column per channel.
_FIGURES = ("spend", "impressions", "clicks", "sessions", "leads", "customers", "revenue")
#: Suffixes of media mix tables: tv_S is spend, facebook_I impressions.
_CODES = {"_S": "spend", "_I": "impressions"}
_SEPARATOR = r"[\s\-–—:：/|·.]"
#: Names that stand for several channels together.
ALL = re.compile(
    r"\b(grand |sub)?total\b|^(all|overall|sum|ads?|media|marketing|online|offline|paid)$|总|合计|小计|累计"
    r"|全部|全渠道|整体|^(线上|广告|营销|推广|投放|媒体|当日|日)$|cumulat|\b[ym]td\b",
    re.IGNORECASE,
)
#: Names that are no channel: plans, other periods, other bases, costs that buy no advertising.
_NOT = re.compile(
    r"预算|计划|目标|预估|预计|实际|本周|上周|本月|上月|去年|同期|环比|结算|返点|现金|赠款|人工|工资|薪|房租|租金|水电|物流|快递|运费|包装"
    r"|原料|采购|货款|产品|商品|制作|税|服务|平台|管理|\b(budget|plan(ned)?|target|forecast|estimated?|actual|last|previous|prev|prior|this"
    r"|gross|net|billed|cash|credit|labou?r|payroll|salar(y|ies)|rent|utilit(y|ies)|shipping|product(ion)?|goods|materials?|fulfil+ment"
    r"|tax(es)?|tools?|software|agency|service|fees?|cogs|ly|yoy|wow)\b",
    re.IGNORECASE,
)
#: Media without a platform of their own, as trackers name their columns.
_MEDIA = frozenset(
    ["tv", "television", "ctv", "radio", "newspaper", "newspapers", "print", "magazine", "ooh", "outdoor",
     "cinema", "direct mail", "podcast", "affiliate", "affiliates", "influencer", "influencers", "seo", "sem",
     "search", "paid search", "social", "paid social", "display", "video", "shopping", "email", "sms",
     "电视", "电台", "广播", "报纸", "杂志", "户外", "电梯", "电梯广告", "分众", "院线", "短信",
     "公众号", "视频号", "搜索", "信息流", "达人"]
)  # fmt: skip
_NUMBERED = re.compile(r"(channel|media|渠道|媒体)[ _]?\d+", re.IGNORECASE)
#: Lines that are looked at to tell what a column is.
_LOOKED = 400
#: Columns among which sums of others are looked for, and how near they must be.
_MOST_SUMMED, _SAME, _MOSTLY = 14, 0.005, 0.9
#: Lines from which a platform's column is no sum of others by chance.
_CHANCE = 7
_SHOWN = 8


@dataclass(frozen=True)
class Part:
    """What one column of a wide table is: the figure of a channel, its word and its unit."""

    index: int
    name: str
    field: str
    word: str
    unit: str


@dataclass(frozen=True)
class Wide:
    """The columns of a wide table: those of channels, totals of them, and those that were set aside."""

    parts: list[Part]
    totals: tuple[int, ...] = ()
    aside: tuple[int, ...] = ()


def means(header: str, field: str) -> bool:
    """Whether a header as it stands means a field, in a table of spend or of overall results."""
    text = normalise(header)
    known = (platforms()["generic"], platforms()[OVERALL])
    return any(r.role == "field" and r.field == field for p in known for r in p.roles(text)[0])


def may_be_wide(headers: Sequence[str]) -> bool:
    """Whether nothing speaks for a platform's export or for channels in rows, and there is a day."""
    normal = [normalise(h) for h in headers if h]
    known, _ = recognise(normal, [], "")
    rows = ("channel", "campaign", "ad_group", "ad")
    days = platforms()["generic"]
    return (
        known.key in ("generic", "site", OVERALL)
        and len(normal) >= 3
        and any(r.field == "day" for h in normal for r in days.roles(h)[0])
        and not any(means(h, field) for h in headers for field in rows)
    )


def of_one_platform(wide: Wide, plain: Sequence[int], name: str) -> bool:
    """Whether the file is one platform's report, cut into parts of its own."""
    named = channel_in_name(name)
    others = {channel_key(p.name) for p in wide.parts} & platforms().keys() - {named}
    return named is not None and not others


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


def part_of(index: int, header: str) -> Part | None:
    """What a header says of a channel; None when it is a header of its own or says no figure."""
    if not header or is_header(header) or is_derived(normalise(header)):
        return None
    words, before, after = _words()
    text, unit = without_unit(" ".join(header.replace("_", " ").split()))
    for code, field in _CODES.items():
        if header.endswith(code) and len(header) > len(code):
            return Part(index, header[: -len(code)], field, field, "")
    match = before.fullmatch(text)
    if match and (match["gap"] or not match["word"][0].isascii()):
        return Part(index, match["name"].strip(), words[normalise(match["word"])], match["word"], unit)
    match = after.fullmatch(text)
    if match:
        name = (match["name"] or match["inside"]).strip()
        return Part(index, name, words[normalise(match["word"])], match["word"], unit)
    return None


def without_unit(text: str) -> tuple[str, str]:
    """A header without its currency or unit, and that; other brackets stay."""
    if peel(normalise(text)) is None:
        return text, ""
    cut = max(text.rfind("("), text.rfind("（"), text.rfind("["))
    return text[:cut].strip(), text[cut:].strip()


def _known(name: str) -> bool:
    """Whether a name is a platform's or a medium's."""
    key = channel_key(name)
    return normalise(name) in _MEDIA or _NUMBERED.fullmatch(name) is not None or key in platforms()


def wide_columns(sheet: Sheet, at: int, headers: Sequence[str], plain: tuple[int, ...]) -> Wide | None:
    """The columns of the channels that have spend; None where fewer than two have, or one fits nowhere."""
    said = [part for i, h in enumerate(headers) if (part := part_of(i, h)) is not None]
    aside = [p for p in said if _NOT.search(p.name)]
    totals = [p for p in said if p not in aside and ALL.search(p.name)]
    found = [p for p in said if p not in aside and p not in totals and currency_of(p.name) is None]
    found = [p for p in found if p.name and is_numeric(sheet, at, p.index)]
    sums = _sums_of_others(sheet, at, [p for p in found if p.field == "spend"])
    found = [p for p in found if p.index not in sums]
    paid = {normalise(p.name) for p in found if p.field == "spend"}
    found = [p for p in found if normalise(p.name) in paid]
    units = {(p.field, p.unit) for p in found}
    once = max(Counter((normalise(p.name), p.field) for p in found).values(), default=0) == 1
    placed = {p.index for p in (*found, *aside, *totals)} | sums
    lost = any(p.field == "spend" and p.index not in placed for p in said)
    fits = len(paid) >= 2 and once and not lost and len(units) == len({p.field for p in found})
    if not fits or not any(_known(p.name) for p in found):
        return None
    adds = [p.index for p in totals if p.field == "spend"]
    return Wide(found, (*plain, *sorted({*adds, *sums})), tuple(p.index for p in aside) + tuple(
        p.index for p in totals if p.field != "spend"
    ))  # fmt: skip


def bare_columns(sheet: Sheet, at: int, headers: Sequence[str]) -> Wide | None:
    """Columns that are nothing but names of channels; what they hold is for the reader to say."""
    own = []
    for i, header in enumerate(headers):
        text, unit = without_unit(header)
        known = normalise(text) in _MEDIA or (channel_key(text) in platforms() and channel_key(text) != text)
        if header and known and is_numeric(sheet, at, i) and not is_header(header):
            own.append(Part(i, text, "", "", unit))
    if len(own) < 2 or len({p.unit for p in own}) != 1:
        return None
    word = " / ".join(p.name for p in own[:_SHOWN])
    totals = tuple(i for i, h in enumerate(headers) if h and ALL.search(h) and not means(h, "day")
                   and not any(means(h, field) for field in RESULTS))  # fmt: skip
    return Wide([replace(p, word=word) for p in own], totals)


def _sums_of_others(sheet: Sheet, at: int, paid: Sequence[Part]) -> set[int]:
    """Columns that add other columns up; a platform's own by chance alone in a few lines."""
    if not 3 <= len(paid) <= _MOST_SUMMED:
        return set()
    table = np.column_stack([numbers_of(sheet, at, p.index, _LOOKED) for p in paid])
    some = table[(np.nan_to_num(table) != 0).any(axis=1)]
    found: set[int] = set()
    for c, part in enumerate(paid):
        begins = sum(normalise(p.name).startswith(normalise(part.name)) for p in paid) >= 3
        if len(some) < (_CHANCE if channel_key(part.name) in platforms() and not begins else 2):
            continue
        others = np.nan_to_num(np.delete(some, c, axis=1))
        chosen = (np.arange(1, 2 ** others.shape[1])[:, None] >> np.arange(others.shape[1])) & 1
        chosen = chosen[chosen.sum(axis=1) >= 2]
        sums = others @ chosen.T
        own = np.nan_to_num(some[:, c])[:, None]
        near = np.abs(sums - own) <= _SAME * np.maximum(np.abs(own), 1e-9)
        if (near.mean(axis=0) >= _MOSTLY).any():
            found.add(part.index)
    return found


def cells_of(sheet: Sheet, at: int, index: int, most: int | None = None) -> list[Cell]:
    """The cells of a column, of the first ``most`` lines below the header."""
    below = sheet.lines[at + 1 : None if most is None else at + 1 + most]
    return [line[index] if index < len(line) else "" for line in below]


def is_numeric(sheet: Sheet, at: int, index: int) -> bool:
    """Whether most filled cells below a header are numbers."""
    return mostly_numbers(_plain(cells_of(sheet, at, index, _LOOKED)))


def _plain(cells: Sequence[Cell]) -> list[str | float]:
    """Cells as numbers or texts."""
    return [c if isinstance(c, float) else as_text(c).strip() for c in cells]


def numbers_of(sheet: Sheet, at: int, index: int, most: int | None = None) -> Numbers:
    """Values of a column; NaN where a cell is no number."""
    found = [number_in(c) for c in _plain(cells_of(sheet, at, index, most))]
    return np.array([np.nan if v is None else v for v in found], dtype=float)
