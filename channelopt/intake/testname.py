"""What a file's name says of the test in it: its name, and the day the file was made."""

from __future__ import annotations

import datetime as dt
import re

from channelopt.intake.dates import find_dates

_ENDING = re.compile(r"(\.(csv|tsv|txt|xlsx?|xlsm|xlsb|gz|zip))+$", re.IGNORECASE)
_COPY = re.compile(r"\s*(?:[(（]\d{1,3}[)）]|-\s*(?:copy|副本))$", re.IGNORECASE)
_DAY = r"(?:19|20)\d{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|[-_./年]\s?\d{1,2}[-_./月]\s?\d{1,2}日?)"
_MONTH = r"(?:19|20)\d{2}(?:[-_./年]\s?(?:0?[1-9]|1[0-2])月?|(?:0[1-9]|1[0-2]))"
_CLOCK = r"(?:[T _-]\d{2}[-:]?\d{2}(?:[-:]?\d{2})?)?"
_DATED = re.compile(rf"(?:^|(?<=\D))(?:{_DAY}{_CLOCK}|{_MONTH})[)）\]】]?$", re.IGNORECASE)
_JOINT = re.compile(r"(?:[\s_\-–—~～.,(（\[【]|(?<![a-z])to|至|到)+$", re.IGNORECASE)


def name_of_test(name: str) -> str:
    """The test's name out of a file name: without folders, endings, copy marks and dates at its end.

    A name that is nothing but dates stays as it is.
    """
    stem = _ENDING.sub("", re.split(r"[/\\]", name)[-1]).strip()
    plain = stem
    while True:
        shorter = _COPY.sub("", plain)
        dated = _DATED.search(shorter)
        if dated:
            shorter = _JOINT.sub("", shorter[: dated.start()])
        if shorter == plain:
            break
        plain = shorter
    return (plain.strip(" _-") or stem or name)[:80]


def day_in_name(name: str) -> dt.date | None:
    """The last day that a file name states; None without one."""
    stem = _ENDING.sub("", re.split(r"[/\\]", name)[-1])
    days = find_dates(re.sub(r"[_T]", " ", stem))
    return max(days) if days else None
