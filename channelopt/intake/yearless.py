"""Names of months, and days written without their year: read where the period leaves one year only."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

_NAMES = {
    1: "january jan enero ene janvier janv januar jän jan. janeiro gennaio gen ocak tháng1",
    2: "february feb febrero février févr fév februar fevereiro fev febbraio şubat",
    3: "march mar marzo mars märz mär março mart",
    4: "april apr abril abr avril avr aprile nisan",
    5: "may mayo mai maio mag maggio mayıs",
    6: "june jun junio juin juni junho giugno giu haziran",
    7: "july jul julio juillet juil juli julho luglio lug temmuz",
    8: "august aug agosto ago août ağustos",
    9: "september sep sept septiembre septembre setembro set settembre eylül",
    10: "october oct octubre octobre oktober okt outubro out ottobre ott ekim",
    11: "november nov noviembre novembre novembro kasım",
    12: "december dec diciembre dic décembre déc dezember dez dezembro dicembre aralık",
}
MONTHS = {word: number for number, words in _NAMES.items() for word in words.split()}
#: Writing that leaves no doubt which number is the day; "Sep-26" may be a month of 2026 and is not read.
_YEARLESS = re.compile(r"(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?|(?P<dd>\d{1,2})[-/ ](?P<mon>[^\W\d_]+)")


def with_year(text: str, year: int) -> dt.datetime | None:
    """A day written without its year, in the year given; None when the text is no such day."""
    match = _YEARLESS.fullmatch(text)
    if match is None:
        return None
    month = int(match["m"] or MONTHS.get((match["mon"] or "").casefold(), 0))
    try:
        return dt.datetime(year, month, int(match["d"] or match["dd"]))
    except ValueError:
        return None


def in_period(text: str, period: tuple[dt.date, dt.date]) -> dt.datetime | None:
    """A day written without its year, in the one year that puts it into the period."""
    days = [with_year(text, year) for year in range(period[0].year, period[1].year + 1)]
    fits = [d for d in days if d and period[0] <= d.date() <= period[1]]
    return fits[0] if len(fits) == 1 else None


def yearless(values: Iterable[object]) -> str | None:
    """A value that is a day without its year, where there is one."""
    found = (v.strip() for v in values if isinstance(v, str))
    return next((v for v in found if with_year(v, 2024)), None)
