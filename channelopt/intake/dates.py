"""Dates of a column: one order for all its values, ambiguity named instead of guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from channelopt.intake.yearless import MONTHS, in_period, with_year

Order = str
_T = r"(?:[T\s,]+(?P<time>\d{1,2}:\d{2}.*))?"
_YMD = re.compile(rf"(?P<y>\d{{4}})\s?[-/.年]\s?(?P<m>\d{{1,2}})\s?[-/.月]\s?(?P<d>\d{{1,2}})日?{_T}")
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?P<h>\d{2})?")
_XYZ = re.compile(rf"(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}}|\d{{2}}){_T}")
_TEXT_MD = re.compile(
    rf"(?:\w+,\s*)?(?P<mon>[^\W\d_]+)\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_T}"
)
_TEXT_DM = re.compile(
    rf"(?:\w+,\s*)?(?P<d>\d{{1,2}})\.?\s+(?:de\s+)?(?P<mon>[^\W\d_]+)\.?,?\s+(?:de\s+)?(?P<y>\d{{4}}){_T}"
)
_TEXT_DMY = re.compile(rf"(?P<d>\d{{1,2}})[-/](?P<mon>[^\W\d_]+)[-/](?P<y>\d{{4}}|\d{{2}}){_T}")
_VI = re.compile(rf"(?P<d>\d{{1,2}})\s+tháng\s+(?P<m>\d{{1,2}}),?\s+(?P<y>\d{{4}}){_T}")
_MONTH = re.compile(r"(?P<y>(?:19|20)\d{2})\s?[-/.年]\s?(?P<m>\d{1,2})月?")
_TEXT_MONTH = re.compile(r"(?P<mon>[^\W\d_]+)\.?\s+(?P<y>\d{4})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(am|pm|上午|下午)?", re.IGNORECASE)
_RANGE = re.compile(
    r"\s+(?:-|–|—|to|bis|al|au)\s+|\s*(?:至|~|～)\s*|(?<=\d{8})-(?=\d{8})"
    r"|(?<=\d|日|号)\s?[-–—]\s?(?=\d{4}[-/.年]\d|\d{1,2}月)"
)
_EPOCH = dt.datetime(1899, 12, 30)
_LOOSE = (
    (re.compile(r"(?<!\d)" + _YMD.pattern.split("(?:[T")[0]), "ymd"),
    (re.compile(r"(?<!\d)(?P<y>20\d{2})(?P<m>\d{2})(?P<d>\d{2})(?!\d)"), "ymd"),
    (re.compile(r"(?<!\w)(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2}),?\s+(?P<y>\d{4})"), "ymd"),
    (re.compile(r"(?<!\w)(?P<mon>[^\W\d_]{3,})\.?\s+(?P<d>\d{1,2}),?\s+(?P<y>\d{4})"), "text"),
    (
        re.compile(r"(?<!\w)(?P<d>\d{1,2})\s+(?:de\s+)?(?P<mon>[^\W\d_]{3,})\.?,?\s+(?:de\s+)?(?P<y>\d{4})"),
        "text",
    ),
)


@dataclass(frozen=True)
class DateColumn:
    """A column of dates, read.

    Attributes:
        start: datetime64[us] per value, NaT where there is none.
        end: end of the value's own range ("2023-04-01 - 2023-04-30"), NaT for a single day.
        bad: values that are not empty and no date.
        order: "ymd", "mdy", "dmy" or "serial".
        ambiguous: a value that reads both ways, when nothing decides.
        clash: (a day-first value, a month-first value) when both occur.
        clocked: whether its texts carry a time of day.
    """

    start: np.ndarray
    end: np.ndarray
    bad: np.ndarray
    order: Order
    ambiguous: str | None = None
    clash: tuple[str, str] | None = None
    clocked: bool = False


@dataclass(frozen=True)
class _Seen:
    """One value: a moment, or two numbers whose order is still open."""

    at: dt.datetime | None = None
    a: int = 0
    b: int = 0
    end: dt.datetime | None = None
    shape: str = "ymd"
    year: int = 0
    clock: dt.timedelta = dt.timedelta()


def _clock(text: str | None) -> dt.timedelta:
    match = _TIME.match(text or "")
    if not match:
        return dt.timedelta()
    hour, half = int(match[1]), (match[4] or "").lower()
    if half in ("pm", "下午") and hour < 12:
        hour += 12
    if half in ("am", "上午") and hour == 12:
        hour = 0
    return dt.timedelta(hours=hour % 24, minutes=int(match[2]) % 60, seconds=int(match[3] or 0) % 60)


def _day(year: int, month: int, day: int) -> dt.datetime | None:
    try:
        return dt.datetime(year, month, day) if 1990 <= year <= 2100 else None
    except ValueError:
        return None


def _from(match: re.Match[str]) -> dt.datetime | None:
    parts = match.groupdict()
    month = int(parts["m"]) if parts.get("m") else MONTHS.get((parts.get("mon") or "").casefold(), 0)
    year = int(parts["y"])
    day = _day(year + 2000 if year < 100 else year, month, int(parts["d"]))
    if day is None:
        return None
    return day + (dt.timedelta(hours=int(parts["h"]) % 24) if parts.get("h") else _clock(parts.get("time")))


def _see(text: str) -> _Seen | None:
    """Read one text; None when it is no date."""
    match = _YMD.fullmatch(text) or _COMPACT.fullmatch(text)
    if match:
        at = _from(match)
        return _Seen(at=at) if at else None
    match = _XYZ.fullmatch(text)
    if match:
        year = int(match["y"]) + (2000 if len(match["y"]) == 2 else 0)
        shape = "dmy" if match["s"] == "." else "open"
        return _Seen(
            a=int(match["a"]), b=int(match["b"]), year=year, shape=shape, clock=_clock(match["time"])
        )
    for pattern in (_VI, _TEXT_MD, _TEXT_DM, _TEXT_DMY):
        match = pattern.fullmatch(text)
        if match and (at := _from(match)):
            return _Seen(at=at)
    match = _MONTH.fullmatch(text) or _TEXT_MONTH.fullmatch(text)
    if match:
        return _see_month(match)
    return _see_range(text)


def _see_month(match: re.Match[str]) -> _Seen | None:
    parts = match.groupdict()
    month = int(parts["m"]) if parts.get("m") else MONTHS.get((parts.get("mon") or "").casefold(), 0)
    first = _day(int(parts["y"]), month, 1)
    if first is None:
        return None
    last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return _Seen(at=first, end=last)


def _see_range(text: str) -> _Seen | None:
    halves = _RANGE.split(text)
    if len(halves) != 2:
        return None
    first, last = _see(halves[0].strip()), _see(halves[1].strip())
    if first and first.at and last is None:  # 2026年9月1日-9月7日
        same = with_year(halves[1].strip(), first.at.year)
        last = _Seen(at=same) if same else None
    if first and last and first.at and last.at and first.at <= last.at:
        return _Seen(at=first.at, end=last.at)
    return None


def _serial(value: float) -> dt.datetime | None:
    if 20_000 <= value < 80_000:
        return _EPOCH + dt.timedelta(days=value)
    whole = str(int(value)) if value == int(value) else ""
    match = _COMPACT.fullmatch(whole)
    return _from(match) if match else None


def _order(seen: Iterable[tuple[str, _Seen]]) -> tuple[str | None, tuple[str, str] | None]:
    """Order that the values themselves prove, and a clash when they prove both."""
    dmy = mdy = None
    for text, s in seen:
        if s.shape == "dmy" or (s.shape == "open" and s.a > 12):
            dmy = dmy or text
        elif s.shape == "open" and s.b > 12:
            mdy = mdy or text
    if dmy and mdy:
        return None, (dmy, mdy)
    return ("dmy" if dmy else "mdy" if mdy else None), None


def _in_period(seen: list[_Seen], order: str, period: tuple[dt.date, dt.date]) -> bool:
    for s in seen:
        month, day = (s.a, s.b) if order == "mdy" else (s.b, s.a)
        at = _day(s.year, month, day)
        if at is None or not period[0] <= at.date() <= period[1]:
            return False
    return True


def _decide(
    open_: list[tuple[str, _Seen]],
    hint: str | None,
    period: tuple[dt.date, dt.date] | None,
    likely: str | None = None,
) -> tuple[str, bool]:
    """Order of values that all read both ways, and whether that is sure."""
    values = [s for _, s in open_]
    if all(s.a == s.b for s in values):
        return hint or likely or "mdy", True
    if period:
        fits = [o for o in ("mdy", "dmy") if _in_period(values, o, period)]
        if len(fits) == 1:
            return fits[0], True
    if hint:
        return hint, True
    if likely:
        return likely, _span(values, likely) < _span(values, "mdy" if likely == "dmy" else "dmy")
    return "mdy", False


def _span(seen: list[_Seen], order: str) -> int:
    """Days from the first to the last value when read in one order; huge when one is no date."""
    days = [_day(s.year, *((s.a, s.b) if order == "mdy" else (s.b, s.a))) for s in seen]
    known = [d for d in days if d]
    return (max(known) - min(known)).days if len(known) == len(days) else 10**6


def read_dates(
    values: Sequence[object],
    forced: str | None = None,
    hint: str | None = None,
    period: tuple[dt.date, dt.date] | None = None,
    likely: str | None = None,
) -> DateColumn:
    """Read a column of dates in one order.

    Args:
        values: cells, text or native.
        forced: the reader's answer, "mdy", "dmy" or "ymd".
        hint: what the platform writes, used only when values are silent.
        period: the range the file itself states.
        likely: what the locale of the file suggests; asked unless the other order spans more days.
    """
    unique = set(values)
    seen: dict[object, _Seen | None] = {}
    for value in unique:
        seen[value] = _see_any(value)
        if period and seen[value] is None and isinstance(value, str):
            at = in_period(value.strip(), period)
            seen[value] = _Seen(at=at) if at else None
    texts = [(str(v), s) for v, s in seen.items() if s and s.at is None]
    proven, clash = _order(texts)
    sure = True
    if forced in ("mdy", "dmy"):
        order, clash = forced, None
    elif proven:
        order = proven
    elif texts and not clash:
        order, sure = _decide(texts, hint, period, likely)
    else:
        order = hint or likely or "mdy"
    moments = {v: _settle(s, order) for v, s in seen.items()}
    nat = np.datetime64("NaT", "us")
    start = np.array([moments[v][0] or nat for v in values], dtype="datetime64[us]")
    end = np.array([moments[v][1] or nat for v in values], dtype="datetime64[us]")
    empty = {v for v in unique if isinstance(v, str) and v.strip() in EMPTY}
    bad = np.isnat(start) & np.array([v not in empty for v in values], dtype=bool)
    native = any(isinstance(v, float) or (isinstance(v, str) and _is_serial(v)) for v in unique)
    shown = (
        order
        if texts
        else "serial"
        if native and not any(isinstance(v, dt.datetime) for v in unique)
        else "ymd"
    )
    example = min((t for t, s in texts if s.a != s.b), default=None)
    clocked = any(isinstance(v, str) and re.search(r"\d:\d\d", v) for v in unique)
    return DateColumn(start, end, bad, shown, None if sure or clash else example, clash, clocked)


#: A weekday written behind the date, as spreadsheets and Chinese exports do.
_WEEKDAY = re.compile(r"\s*[（(]?(?:周|星期|礼拜)[一二三四五六日天][)）]?$")
_PERIODS = {
    "W": ["week", "周", "周次", "星期", "woche", "semana", "semaine", "tuần", "hafta", "settimana"],
    "M": ["month", "月", "月份", "monat", "mes", "mois", "mês", "tháng", "ay", "mese"],
    "Q": ["quarter", "季度", "quartal", "trimestre", "quý"],
}


def period_of(header: str) -> str | None:
    """ "W", "M" or "Q" when a normalised header says that each row covers a week, month or quarter."""
    return next((unit for unit, names in _PERIODS.items() if header in names), None)


def inclusive(end: DateColumn, start: DateColumn) -> DateColumn:
    """Ends written as the midnight after the last day ("… 00:00") as that last day.

    Args:
        end: the column of ends; plain dates stay as they are.
        start: the column of starts.
    """
    if not end.clocked:
        return end
    midnight = end.start == end.start.astype("datetime64[D]")
    after = midnight & (end.start > start.start)
    return replace(end, start=np.where(after, end.start - np.timedelta64(1, "D"), end.start))


def with_period(read: DateColumn, unit: str, range_: tuple[dt.date, dt.date] | None) -> DateColumn:
    """Single days that stand for the week, month or quarter they begin, within the range of the file.

    Args:
        read: the column; values with a range of their own stay as they are.
        unit: as ``period_of`` says.
        range_: what the file says it covers; the first and last period are cut there.
    """
    start = read.start.astype("datetime64[D]")
    if unit == "W":
        last = start + np.timedelta64(6, "D")
    else:
        months = np.timedelta64(1 if unit == "M" else 3, "M")
        last = (start.astype("datetime64[M]") + months).astype("datetime64[D]") - np.timedelta64(1, "D")
    if range_:
        bounds = [np.datetime64(day) for day in range_]
        last = np.where((last > bounds[1]) & (start <= bounds[1]), bounds[1], last)
        start = np.where((start < bounds[0]) & (last >= bounds[0]), bounds[0], start)
    single = np.isnat(read.end) & ~np.isnat(read.start)
    return replace(
        read,
        start=np.where(single, start.astype("datetime64[us]"), read.start),
        end=np.where(single & (last > start), last.astype("datetime64[us]"), read.end),
    )


EMPTY = frozenset({"", "-", "--", "—", "–", "null", "NULL", "N/A", "n/a", "None", "nan", "NaN", "NaT"})


def _is_serial(text: str) -> bool:
    return re.fullmatch(r"[2-7]\d{4}(\.\d+)?", text.strip()) is not None


def _see_any(value: object) -> _Seen | None:
    if isinstance(value, str) and len(value) in (10, 16, 19) and value[4] == "-" == value[7]:
        try:
            moment = dt.datetime.fromisoformat(value).replace(tzinfo=None)
            return _Seen(at=moment) if value[:2] in ("19", "20") else None
        except ValueError:
            pass
    if isinstance(value, dt.datetime):
        return _Seen(at=value)
    if isinstance(value, float):
        at = _serial(value)
        return _Seen(at=at) if at else None
    text = " ".join(str(value).replace("\xa0", " ").strip().strip("'\"\ufeff").split())
    text = _WEEKDAY.sub("", text)
    if _is_serial(text):
        at = _serial(float(text))
        return _Seen(at=at) if at else None
    return _see(text)


def _settle(seen: _Seen | None, order: str) -> tuple[dt.datetime | None, dt.datetime | None]:
    if seen is None:
        return None, None
    if seen.at is not None:
        return seen.at, seen.end
    month, day = (seen.a, seen.b) if order == "mdy" and seen.shape == "open" else (seen.b, seen.a)
    at = _day(seen.year, month, day)
    return (at + seen.clock if at else None), None


def find_dates(text: str) -> list[dt.date]:
    """All unambiguous dates in free text (a title line, a file name), in order."""
    found: list[tuple[int, dt.date]] = []
    taken: list[tuple[int, int]] = []
    for pattern, _ in _LOOSE:
        for match in pattern.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            at = _from(match)
            if at:
                found.append((match.start(), at.date()))
                taken.append(match.span())
    return [day for _, day in sorted(found)]


def own_days(read: DateColumn) -> DateColumn:
    """The account's own days of moments that are its midnight, written in UTC.

    16:00 is midnight of the next day in Shanghai, 07:00 and 08:00 that of the same day in Los Angeles.
    Moments of more than two hours of the day are no midnights and stay.
    """
    known = read.start[~np.isnat(read.start)]
    clocks = np.unique(known - known.astype("datetime64[D]"))
    if not len(clocks) or clocks[-1] - clocks[0] > np.timedelta64(1, "h"):
        return read
    days = (read.start + np.timedelta64(12, "h")).astype("datetime64[D]")
    return replace(read, start=days.astype("datetime64[us]"))
