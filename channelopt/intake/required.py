"""Which columns a table of spend, visits or overall results cannot be read without."""

from __future__ import annotations

from channelopt.errors import Finding
from channelopt.intake.columns import Column, Mapped
from channelopt.intake.header import period_in_name
from channelopt.intake.messages import IntakeError
from channelopt.intake.overall import OVERALL, main_result
from channelopt.intake.parts import refuse
from channelopt.intake.platforms import Platform, platforms
from channelopt.intake.work import Work


def paid_column(mapped: Mapped) -> Column | None:
    """The column of what was paid, whatever its unit."""
    return mapped.of("spend") or mapped.of("spend_micros") or mapped.of("spend_cents")


def _no_ads(work: Work) -> bool:
    """Whether a table has results, but nothing of ads: no channel, impressions or clicks."""
    some = any(work.mapped.of(name) for name in ("leads", "valid_leads", "customers", "revenue"))
    ads = any(work.mapped.of(name) for name in ("channel", "campaign", "impressions", "clicks"))
    return some and not ads and work.platform.key == "generic"


def _unpaid(work: Work) -> IntakeError:
    """The refusal of a table without a column of what was paid."""
    if work.located.sheet.unpivoted == "long":
        asked = refuse("intake.channel_columns", work.located, work.body, work.mapped)
        column = next((c.header.strip() for c in work.mapped.columns if " / " in c.header), "")
        return IntakeError("intake.channel_columns", **{**asked.params, "column": column})
    code = "intake.only_outcomes" if _no_ads(work) else "intake.which_spend"
    return refuse(code, work.located, work.body, work.mapped)


def require(work: Work) -> None:
    """Refuse a table without the columns that nobody should guess.

    Raises:
        IntakeError: no column for spend (or sessions, or a result), or no day.
    """
    mapped, kind = work.mapped, work.platform.kind
    if kind == "site" and not mapped.of("sessions"):
        raise refuse("intake.no_sessions", work.located, work.body, work.mapped)
    if kind == OVERALL and not main_result(mapped):
        raise refuse("intake.no_result", work.located, work.body, work.mapped)
    if kind == "spend" and not paid_column(mapped):
        raise _unpaid(work)
    facts = work.located.facts
    stated = (facts.first, facts.last) if facts.first and facts.last else None
    named = None if stated else period_in_name(work.name)
    work.period = work.answers.period or stated or named
    if mapped.of("day") or work.period:
        if not mapped.of("day") and work.period is named and named:
            params = {"first": named[0], "last": named[1]}
            work.findings.append(Finding("info", "intake.period_from_name", params))
        return
    if work.platform.key in ("generic", "site", "offline", OVERALL):
        raise refuse("intake.which_day", work.located, work.body, work.mapped)
    work.findings.append(Finding("question", "intake.which_period", {}))


def visits_platform(platform: Platform, mapped: Mapped) -> Platform:
    """A table of visits without spend is read as website analytics."""
    visits = platform.key == "generic" and not paid_column(mapped) and mapped.of("sessions")
    return platforms()["site"] if visits else platform
