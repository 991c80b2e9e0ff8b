"""The reader's language: translated sentences, and numbers, money and dates as they write them."""

from __future__ import annotations

import datetime as dt
import math
import string
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any

import streamlit as st
from babel import Locale, dates, numbers
from babel.messages.pofile import read_po

from channelopt.errors import plural
from pages.parts import state
from pages.parts.escape import md

LANGUAGES = {"en": "English", "zh": "中文"}
LOCALES = {"en": "en_US", "zh": "zh_CN"}
CATALOGUES = Path(__file__).resolve().parents[2] / "locales"
NOTHING = "–"
_NARROW = {"CN¥": "¥", "US$": "$"}


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """English source string → translation, from ``locales/``; empty for English."""
    path = CATALOGUES / LOCALES[lang] / "LC_MESSAGES" / "channelopt.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string}


def language() -> str:
    """The language shown: the switch, else the browser's, else English."""
    chosen = state.chosen(state.LANGUAGE)
    return chosen if chosen in LANGUAGES else browser_language()


def browser_language() -> str:
    """The language the browser asks for, of those there are."""
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def t(source: str, /, **params: Any) -> str:
    """A sentence of the app in the reader's language, its parameters formatted.

    Parameters are escaped for Markdown; kinds are those of ``channelopt.errors``. An ``amount`` is money when
    the parameter ``in_money`` says so.
    """
    text = catalogue(language()).get(source, source)
    return WORDS.vformat(text, (), params) if params else text


#: ISO 4217 for "no currency": an amount whose currency nobody has said yet.
UNKNOWN_CURRENCY = "XXX"


def _missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def locale() -> Locale:
    """The Babel locale of the language shown."""
    return Locale.parse(LOCALES[language()])


def money(value: float, currency: str, *, compact: bool = False, whole: bool = False) -> str:
    """An amount: ¥1,234.50, or ¥123万 / ¥1.2M when compact and large (never a unit cost).

    ``whole`` leaves the cents out from 100 on and of 0, as budgets are written.
    """
    if _missing(value):
        return NOTHING
    return _money(value + 0.0, currency, compact, whole, LOCALES[language()])


@lru_cache(maxsize=4096)
def _money(value: float, currency: str, compact: bool, whole: bool, where: str) -> str:
    if currency == UNKNOWN_CURRENCY:
        return str(numbers.format_decimal(value, format="#,##0.00", locale=where))
    if compact and abs(value) >= 10_000:
        text = numbers.format_compact_currency(value, currency, locale=where, fraction_digits=2)
    else:
        no_cents = abs(value) >= (100 if whole else 1000) or (whole and value == 0)
        text = numbers.format_currency(
            round(value) if no_cents else value,
            currency,
            format="¤#,##0" if no_cents else None,
            locale=where,
            currency_digits=not no_cents,
        )
    for wide, narrow in _NARROW.items():
        text = text.replace(wide, narrow)
    return text


def count(value: float, *, compact: bool = False) -> str:
    """A count: 12,345, or 1.2万 / 12.3K when compact and large."""
    if _missing(value):
        return NOTHING
    if compact and abs(value) >= 10_000:
        return str(numbers.format_compact_decimal(value, locale=locale(), fraction_digits=1))
    return str(numbers.format_decimal(round(value), locale=locale()))


def ticks() -> Callable[[float], str]:
    """How a round number at an axis is said in the language shown: 0.5, 500, 15万 or 150K."""
    return partial(_tick, where=LOCALES[language()])


@lru_cache(maxsize=4096)
def _tick(value: float, where: str) -> str:
    short = str(numbers.format_compact_decimal(value, locale=where, fraction_digits=3))
    if abs(value) >= 1000 and not short.isdigit():
        return short
    return str(numbers.format_decimal(value, format="#,##0.######", locale=where))


def multiple(value: float) -> str:
    """A return multiple with at most three significant digits: 2, 2.41, 12.3."""
    if _missing(value):
        return NOTHING
    whole = abs(value - round(value)) < 1e-9
    pattern = "0" if whole else "0.00" if abs(value) < 10 else "0.0"
    return str(numbers.format_decimal(value, format=pattern, locale=locale()))


def roi(value: float) -> str:
    """ROI as the team writes it: 1:2.4."""
    return NOTHING if _missing(value) else f"1:{multiple(value)}"


def percent(value: float, digits: int = 0) -> str:
    """A share: 0.5 → 50%."""
    if _missing(value):
        return NOTHING
    pattern = "0%" if digits == 0 else "0." + "0" * digits + "%"
    return str(numbers.format_percent(value, format=pattern, locale=locale()))


def signed(value: float, digits: int = 1) -> str:
    """A relative change: +12.3%, -4.0%; a dash when unknown."""
    return ("+" if value > 0 else "") + percent(value, digits)


def day(value: Any, *, year: bool = True) -> str:
    """A date: Aug 31, 2026 / 2026年8月31日."""
    if value is None or value != value:
        return NOTHING
    if year:
        return str(dates.format_date(value, "medium", locale=locale()))
    return str(dates.format_skeleton("MMMd", value, locale=locale()))


def days(first: dt.date, last: dt.date) -> str:
    """From one day to another: Sep 1 – Sep 28, 2026 / 2026年9月1日 – 9月28日."""
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    chinese = language() == "zh"
    return f"{day(first, year=chinese)} – {day(last, year=not chinese)}"


def listed(names: Iterable[str]) -> str:
    """Names one after the other, as the reader's language separates them."""
    return ("、" if language() == "zh" else ", ").join(names)


class Words(string.Formatter):
    """Fill a translated template; the kind after the colon says how to write the value."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return (kwargs.get(str(key)), kwargs.get("currency"), kwargs.get("in_money"))

    def format_field(self, value: Any, format_spec: str) -> str:
        raw, code, in_money = value
        kind, currency = format_spec or "text", str(code or current_currency())
        if kind != "amount":
            return self.show(raw, kind, currency)
        if in_money and not _missing(raw):
            return md(money(raw, currency, compact=True, whole=True))
        return self.show(raw, "number", currency)

    def show(self, raw: Any, kind: str, currency: str) -> str:
        """One value as text of its kind."""
        if kind.startswith("plural:"):
            return plural(raw, kind)
        if _missing(raw) and kind != "text":
            return t("unknown")
        if kind == "money":
            return md(money(raw, currency))
        if kind in ("count", "number"):
            whole = kind == "count" or abs(raw) >= 100 or raw == int(raw)
            return count(raw) if whole else multiple(raw)
        if kind == "percent":
            return percent(raw, 1 if 0 < abs(raw) < 0.1 or 0.95 < abs(raw) < 1 else 0)
        if kind == "multiple":
            return multiple(raw)
        if kind == "date":
            return day(raw)
        return NOTHING if raw is None else md(raw, 240)


def current_currency() -> str:
    """The currency of the workspace shown, as the frame noted it."""
    return str(state.chosen(state.CURRENCY) or "CNY")


WORDS = Words()
