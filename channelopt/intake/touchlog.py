"""A touch log to canonical rows: who met which channel when, without anybody's name, phone or ID."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import TOUCH_COLUMNS
from channelopt.intake.dates import DateColumn, read_dates
from channelopt.intake.money import decide_marks
from channelopt.intake.parts import Assembled, day_of, refuse
from channelopt.intake.platforms import channel_of
from channelopt.intake.redact import (
    hash_columns,
    private_columns,
    redacted,
    shifted_lines,
    shown_date,
)
from channelopt.intake.table import as_text
from channelopt.intake.totals import Evidence, find_totals, totals_frame
from channelopt.intake.values import clean_text, read_numbers
from channelopt.intake.work import Work

_METRICS = ("value", "dwell_seconds")
#: Steps on the way that are neither, though they carry a word of one.
_NOT_YET = re.compile(
    r"start|begin|open|add.?to|view|abandon|fail|refund|cancel|click|打开|开始|加入|取消|失败|退款|退单|未成交|未支付"
    r"|曝光|浏览|点击",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"order|purchase|\bpaid\b|payment|transaction|closed.?won|\bdeal\b|\bsale\b|成交|支付|付款|下单|购买|订单|签约",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"lead|submit|sign.?up|regist|enquir|inquir|book|appointment|contact|form|conversion|留资|提交|表单|注册|预约|咨询"
    r"|线索|报名|加微|转化",
    re.IGNORECASE,
)
_TOUCH = re.compile(
    r"touch|visit|view|click|impression|session|landing|\bad\b|open|访问|浏览|点击|曝光|到访|进站|触点|打开|观看",
    re.IGNORECASE,
)
#: Words shown of the events that were taken for visits.
_SHOWN = 6


def event_of(word: str) -> str:
    """What an event of the log is: "order", "lead" or "touch"; "" for a word that could be anything."""
    if not _NOT_YET.search(word):
        if _ORDER.search(word):
            return "order"
        if _LEAD.search(word):
            return "lead"
    return "touch" if _TOUCH.search(word) or _NOT_YET.search(word) or not word else ""


def assemble_touches(work: Work, key: bytes) -> Assembled:
    """Rows of a touch log; every person becomes a keyed hash, the same one as in a lead list.

    Args:
        work: the file on the bench.
        key: HMAC key of the workspace.

    Raises:
        IntakeError: ``intake.which_moment`` without a column for the time of a touch,
            ``intake.which_person`` without one that says who it was.
    """
    if not work.mapped.of("at"):
        raise refuse("intake.which_moment", work.located, work.body, work.mapped, private=True)
    if not any(work.mapped.of(name) for name in ("phone", "email", "lead_id")):
        raise refuse("intake.which_person", work.located, work.body, work.mapped, private=True)
    work.findings += _no_channel(work)
    _numbers(work)
    moment = _moment(work)
    names = _names(work)
    work.findings += find_totals(
        work.body, work.platform, Evidence(moment.start, list(names.values()), work.metrics, ask=False)
    )
    blur = shifted_lines(work)
    _reject(work, moment, blur)
    blur |= shifted_lines(work)
    hashes = hash_columns(work, key)
    kept = np.array(work.body.open(), dtype=int)
    rows = _rows(work, kept, names, moment, hashes)
    totals = totals_frame(
        work.body, {"value": work.metrics["value"]} if "value" in work.metrics else {}, work.marks.file
    )
    work.findings.append(Finding("info", "intake.redacted", {}))
    start = rows["at"].to_numpy(dtype="datetime64[us]")
    first, last = (day_of(start.min()), day_of(start.max())) if len(rows) else (None, None)
    return Assembled(
        rows, totals, work.body.rejected_frame(private_columns(work), blur), float("nan"), work.findings,
        work.answers.currency, first, last, work.marks.file, moment.order, "account",
        redacted(work, hashes, blur),
    )  # fmt: skip


def _no_channel(work: Work) -> list[Finding]:
    """The question for the channel of a log that names none."""
    known = work.mapped.of("channel") or work.answers.channel
    return [] if known else [Finding("question", "intake.which_channel", {})]


def _numbers(work: Work) -> None:
    columns = [c for c in (work.mapped.of(m) for m in _METRICS) if c]
    cells = {c.index: work.body.columns[c.index] for c in columns}
    money = frozenset(c.index for c in columns if c.field == "value")
    forced = work.answers.decimal_mark
    work.marks = decide_marks(cells, work.located.headers, money, work.located.sheet.delimiter, forced)
    work.findings += work.marks.findings
    for column in columns:
        work.numbers[column.index] = read_numbers(cells[column.index], work.marks.of[column.index])
        work.metrics[column.field] = work.numbers[column.index].values


def _moment(work: Work) -> DateColumn:
    column = work.mapped.of("at")
    assert column is not None  # assemble_touches has refused the file otherwise
    likely = "dmy" if work.marks.file == "," else None
    read = read_dates(work.body.columns[column.index], work.answers.date_order, None, work.period, likely)
    work.unread[column.index] = read.bad
    header = column.header.strip()
    if read.clash:
        params = {"header": header, "dmy": read.clash[0], "mdy": read.clash[1]}
        work.findings.append(Finding("question", "intake.date_clash", params))
    elif read.ambiguous:
        params = {"header": header, "example": read.ambiguous}
        work.findings.append(Finding("question", "intake.date_order", params))
    return read


def _names(work: Work) -> dict[str, list[str]]:
    wanted = ("channel", "campaign", "event", "phone", "email", "lead_id")
    columns = ((n, work.mapped.of(n)) for n in wanted)
    return {n: clean_text(work.body.columns[c.index]) for n, c in columns if c}


def _reject(work: Work, moment: DateColumn, blur: frozenset[int]) -> None:
    column = work.mapped.of("at")
    work.findings += work.body.reject_cut()
    for i in work.body.open():
        if work.body.extra(i):
            work.body.reject(i, "too_many_cells")
        elif i in blur:
            short = len(work.body.lines[i]) < work.body.width
            work.body.reject(i, "too_few_cells" if short else "broken_line")
        elif np.isnat(moment.start[i]) and column:
            value = shown_date(as_text(work.body.columns[column.index][i]).strip())
            work.body.reject(i, "bad_date", value=value) if moment.bad[i] else work.body.reject(i, "no_day")
    if work.body.reasons:
        work.findings.append(Finding("warning", "intake.rejected", {"n": len(work.body.reasons)}))


def _rows(
    work: Work,
    kept: np.ndarray,
    names: dict[str, list[str]],
    moment: DateColumn,
    hashes: dict[str, list[str]],
) -> pd.DataFrame:
    blank = [""] * len(work.body.lines)
    words = [names.get("event", blank)[i] for i in kept]
    pairs = [(names.get("channel", blank)[i], names.get("campaign", blank)[i]) for i in kept]
    known = {pair: channel_of(*pair) for pair in set(pairs)}
    value = work.metrics["value"][kept] if "value" in work.metrics else np.full(len(kept), np.nan)
    rows = pd.DataFrame(
        {
            "person_key": _people(kept, hashes, blank),
            "at": moment.start[kept],
            "channel": [known[pair] or work.answers.channel or "" for pair in pairs],
            "event": _events(work, words, value, "event" in names),
            "value": value,
        }
    ).reindex(columns=list(TOUCH_COLUMNS))
    if "dwell_seconds" in work.metrics:
        rows["dwell_seconds"] = work.metrics["dwell_seconds"][kept]
    rows["dwell_seconds"] = rows["dwell_seconds"].astype("float64")
    texts = ["person_key", "channel", "event"]
    rows[texts] = rows[texts].astype("str")
    rows["row_no"] = np.array(work.body.numbers, dtype=np.int64)[kept]
    nameless = int((rows["person_key"] == "").sum())
    if nameless:
        work.findings.append(Finding("warning", "intake.touches_without_person", {"n": nameless}))
    return rows


def _people(kept: np.ndarray, hashes: dict[str, list[str]], blank: list[str]) -> list[str]:
    """One code per person: the phone or e-mail that any line of a visitor names, else the visitor's own.

    A form names the phone, the visits before it only the visitor: both are one person.
    """
    phones, emails, ids = (hashes.get(n, blank) for n in ("phone", "email", "lead_id"))
    named: dict[str, str] = {}
    for i in kept:
        if ids[i] and (phones[i] or emails[i]):
            named.setdefault(ids[i], phones[i] or emails[i])
    return [phones[i] or emails[i] or named.get(ids[i], ids[i]) for i in kept]


def _events(work: Work, words: list[str], value: np.ndarray, named: bool) -> list[str]:
    """Lead, order or touch per line; without a word a line with money is an order."""
    kinds = {word: event_of(word) for word in set(words)}
    paid = np.nan_to_num(value) > 0
    events = [
        kinds[word] or "touch" if word or not money else "order"
        for word, money in zip(words, paid, strict=True)
    ]
    if named:
        seen = Counter(word for word in words if word and not kinds[word])
        if seen:
            shown = ", ".join(word[:30] for word, _ in seen.most_common(_SHOWN))
            params = {"n": sum(seen.values()), "events": shown}
            work.findings.append(Finding("info", "intake.events_as_touches", params))
    if words and not {"lead", "order"} & set(events):
        work.findings.append(Finding("warning", "intake.touches_without_goal", {}))
    return events
