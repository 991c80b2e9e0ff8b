"""What the reader answered about a file, checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from channelopt.intake.dates import find_dates
from channelopt.intake.messages import IntakeError
from channelopt.intake.names import currency_of
from channelopt.intake.platforms import channel_key, platforms

KINDS = ("spend", "leads", "site", "overall", "touches", "variants")
#: Answers about one file, never remembered for the next one with these headers.
ONCE = frozenset({"table", "accept", "period", "experiment"})
#: Questions that "accept" may settle: the values are odd, and right.
ACCEPTABLE = ("intake.future_days", "intake.mostly_negative")


@dataclass(frozen=True)
class Answers:
    """Answers to the intake's questions; None or empty where there is none.

    Attributes:
        mapping: header to canonical field, None for "not used".
        currency: ISO code.
        date_order: "mdy", "dmy" or "ymd".
        decimal_mark: "." or ",".
        platform: platform key.
        channel: channel key or name, for a file of one channel.
        account: name of the ad account.
        kind: one of ``KINDS``.
        experiment: name of the test whose rows the file holds.
        period: first and last day the file covers.
        totals: "keep" or "leave_out": what lines are that may be totals.
        accept: codes of questions the reader settled with "it is right as it is".
        given: all of it, as it can be handed in again.
    """

    mapping: Mapping[str, str | None] = field(default_factory=dict)
    currency: str | None = None
    date_order: str | None = None
    decimal_mark: str | None = None
    platform: str | None = None
    channel: str | None = None
    account: str | None = None
    kind: str | None = None
    experiment: str | None = None
    period: tuple[dt.date, dt.date] | None = None
    totals: str | None = None
    accept: frozenset[str] = frozenset()
    given: dict[str, object] = field(default_factory=dict)


def read_answers(
    answers: Mapping[str, Any] | None, mapping: Mapping[str, str | None] | None, currency: str | None
) -> Answers:
    """Merge remembered answers with those of this call, and check them.

    Raises:
        IntakeError: ``intake.bad_answer``.
    """
    given: dict[str, Any] = {k: v for k, v in dict(answers or {}).items() if v not in (None, "", {})}
    if mapping:
        given["mapping"] = {**given.get("mapping", {}), **mapping}
    if currency:
        given["currency"] = currency
    code = given.get("currency")
    if code is not None:
        code = currency_of(str(code))
        if code is None:
            raise _bad("currency", given["currency"], "an ISO code such as CNY or USD")
    _one_of(given, "date_order", ("mdy", "dmy", "ymd"))
    _one_of(given, "decimal_mark", (".", ","))
    _one_of(given, "platform", tuple(platforms()))
    _one_of(given, "kind", KINDS)
    _one_of(given, "totals", ("keep", "leave_out"))
    channel = given.get("channel")
    return Answers(
        mapping=dict(given.get("mapping", {})),
        currency=code,
        date_order=given.get("date_order"),
        decimal_mark=given.get("decimal_mark"),
        platform=given.get("platform"),
        channel=channel_key(str(channel)) if channel else None,
        account=str(given["account"]).strip() if given.get("account") else None,
        kind=given.get("kind"),
        experiment=" ".join(str(given.get("experiment") or "").split())[:80] or None,
        period=_period(given.get("period")),
        totals=given.get("totals"),
        accept=_accepted(given),
        given=given,
    )


def rememberable(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that hold for the next file with these headers as well."""
    return {k: v for k, v in answers.items() if k not in ONCE}


def merge_answers(known: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Remembered answers under those of this call; column by column for the mapping."""
    both = {**rememberable(known), **given}
    if known.get("mapping") or given.get("mapping"):
        both["mapping"] = {**(known.get("mapping") or {}), **(given.get("mapping") or {})}
    return both


def _one_of(given: Mapping[str, Any], name: str, wanted: tuple[str, ...]) -> None:
    if name in given and given[name] not in wanted:
        raise _bad(name, given[name], ", ".join(wanted))


def _accepted(given: dict[str, Any]) -> frozenset[str]:
    """Codes in "accept": one text, or several."""
    value = given.get("accept") or ()
    codes = sorted({value} if isinstance(value, str) else set(value))
    for code in codes:
        if code not in ACCEPTABLE:
            raise _bad("accept", code, ", ".join(ACCEPTABLE))
    if codes:
        given["accept"] = codes
    return frozenset(codes)


def _period(value: Any) -> tuple[dt.date, dt.date] | None:
    """Two days: "2026-03-01/2026-03-31", or a pair of dates or texts."""
    if not value:
        return None
    parts = value.replace("/2", " 2").split() if isinstance(value, str) else list(value)
    days = [p if isinstance(p, dt.date) else next(iter(find_dates(str(p))), None) for p in parts]
    if len(days) == 1:
        days *= 2
    if len(days) != 2 or days[0] is None or days[1] is None or days[0] > days[1]:
        raise _bad("period", value, "two days such as 2026-03-01/2026-03-31")
    return days[0], days[1]


def _bad(name: str, value: object, wanted: str) -> IntakeError:
    return IntakeError("intake.bad_answer", answer=name, value=value, wanted=wanted)
