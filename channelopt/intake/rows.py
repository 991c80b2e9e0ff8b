"""The kept lines of a table of spend, visits or overall results as canonical rows."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import METRICS, SPEND_COLUMNS
from channelopt.intake.money import Currency
from channelopt.intake.overall import OVERALL, result_rows
from channelopt.intake.periods import with_ends
from channelopt.intake.platforms import channel_in_name, channel_key
from channelopt.intake.values import clean_text
from channelopt.intake.work import Work

_BASIS = re.compile(
    r"赠款|返货|返点|现金|授信|框返|激励消耗|信用消耗|消耗\(实\)"
    r"|voucher|cost cash|grant|converted currency|in usd"
)
_NET = re.compile(r"净成交|退款|\bnet\b|refund|结算")
_UTC = re.compile(r"\butc\b", re.IGNORECASE)
_CLICK_CLOCK = ("计费时间", "点击时间", "click time")
_LATER_CLOCK = ("回传时间", "转化时间", "by conv. time")


def make_rows(work: Work, kept: np.ndarray, currency: Currency) -> pd.DataFrame:
    n = len(kept)
    data: dict[str, object] = {c: np.full(n, "", dtype=object) for c in SPEND_COLUMNS}
    data.update({m: np.full(n, np.nan) for m in METRICS})
    data.update({m: v[kept] for m, v in work.metrics.items()})
    data["day"], data["day_end"] = _days(work, kept)
    for name in ("account", "campaign", "ad_group", "ad"):
        if name in work.names:
            data[name] = [work.names[name][i] for i in kept]
    if work.answers.account:
        data["account"] = [work.answers.account] * n
    data["channel"] = _channels(work, kept)
    data["platform"] = _platforms(work, list(data["channel"]))  # type: ignore[call-overload]
    data["breakdown"] = _breakdown(work, kept)
    data["currency"] = currency.rows
    data["conversion_event"], data["conversion_clock"] = _conversions(work, kept)
    _told_choices(work)
    data["spend_basis"] = [work.platform.spend_basis] * n
    rows = pd.DataFrame({c: data[c] for c in SPEND_COLUMNS})
    texts = [c for c in SPEND_COLUMNS if c not in METRICS and c not in ("day", "day_end")]
    rows[texts] = rows[texts].astype("str")
    rows["row_no"] = np.array(work.body.numbers, dtype=np.int64)[kept]
    if work.platform.kind == OVERALL:
        return result_rows(rows, work.findings)
    return with_ends(rows, work.findings) if work.platform.key == "generic" else rows


def _is_report_range(work: Work, first: np.ndarray, kept: np.ndarray) -> bool:
    """Whether the column of last days tells the range of the whole report, not of each row.

    So it is beside a real day column (Meta keeps "Reporting starts" and "ends" with "Day"), or
    where it never changes although the days do.
    """
    assert work.day_end is not None
    chosen = work.mapped.of("day")
    tiers = {c.index: r.tier for c in work.mapped.columns for r in c.roles if r.field == "day"}
    if chosen is not None and chosen.index in tiers:
        mine = tiers[chosen.index]
        if mine == 0 and any(tier > mine for tier in tiers.values()):
            return True
    ends = work.day_end.start[kept].astype("datetime64[D]")
    return len(kept) > 1 and bool((ends == ends[0]).all()) and bool((first != first[0]).any())


def _days(work: Work, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last day of each row; the last is NaT for a single day."""
    n = len(kept)
    nat = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    if work.day is None:
        first = nat if not work.period else np.full(n, np.datetime64(work.period[0]), dtype="datetime64[D]")
        last = nat if not work.period else np.full(n, np.datetime64(work.period[1]), dtype="datetime64[D]")
    else:
        first = work.day.start[kept].astype("datetime64[D]")
        last = work.day.end[kept].astype("datetime64[D]")
        if work.day_end is not None and not _is_report_range(work, first, kept):
            last = np.where(np.isnat(last), work.day_end.start[kept].astype("datetime64[D]"), last)
        elif work.located.facts.whole and work.period and n and (first == first[0]).all():
            last = np.full(n, np.datetime64(work.period[1]), dtype="datetime64[D]")
    last = np.where(last > first, last, np.datetime64("NaT"))
    if n and (~np.isnat(last)).all():
        bounds = {"first": first.min().item(), "last": last.max().item()}
        work.findings.append(Finding("info", "intake.whole_period", bounds))
    return first.astype("datetime64[us]"), last.astype("datetime64[us]")


def _channels(work: Work, kept: np.ndarray) -> list[str]:
    n = len(kept)
    texts = [work.names["channel"][i] for i in kept] if "channel" in work.names else [""] * n
    known = {t: channel_key(t) for t in set(texts)}
    found = [known[t] for t in texts]
    fill = work.answers.channel
    if fill is None and _anybodys(work) and n and not all(found):
        fill = channel_in_name(work.name)
        if fill:
            work.findings.append(Finding("info", "intake.channel_from_name", {"channel": fill}))
        else:
            work.findings.append(Finding("question", "intake.which_channel", {}))
    return [c or fill or "" for c in found]


def _platforms(work: Work, channels: list[str]) -> list[str]:
    """A generic table speaks for the platforms it names, so that their money is not counted twice.

    Visits stand under one name whatever tool counted them: two tools saw the same visits.
    """
    if not _anybodys(work):
        key = "site" if work.platform.kind == "site" else work.platform.key
        return [key] * len(channels)
    return [c or work.platform.key for c in channels]


def _anybodys(work: Work) -> bool:
    """Whether the file itself cannot say which platform it is from."""
    return work.platform.key == "generic" or work.platform.shared


def _breakdown(work: Work, kept: np.ndarray) -> list[str]:
    joined = [""] * len(kept)
    for column in work.mapped.with_role("breakdown"):
        texts = clean_text(work.body.columns[column.index])
        header = column.header.strip()
        for k, i in enumerate(kept):
            if texts[i]:
                joined[k] += f"{'; ' if joined[k] else ''}{header}={texts[i]}"
    return joined


def _told_choices(work: Work) -> None:
    """Columns that state the same money on another basis: named, never added."""
    for name, pattern, code in (
        ("spend", _BASIS, "intake.spend_basis_choice"),
        ("revenue", _NET, "intake.revenue_choice"),
    ):
        used = work.mapped.of(name)
        left = [c.header.strip() for c in work.mapped.columns
                if c.role in ("part", "unused", "derived", "") and c is not used and pattern.search(c.normal)
                and c.field not in ("cpc", "cpm", "cpl")]  # fmt: skip
        if used is not None and left:
            params = {"used": used.header.strip(), "others": ", ".join(left)}
            work.findings.append(Finding("info", code, params))
    stated = any(_UTC.search(text) for text in (*work.located.preamble, *work.located.normal))
    if stated and work.platform.timezone != "UTC":
        work.findings.append(Finding("info", "intake.utc_days", {"platform": work.platform.labels["en"]}))


def _conversions(work: Work, kept: np.ndarray) -> tuple[list[str], list[str]]:
    """What the row's leads or conversions count, and on which clock."""
    leads = work.mapped.terms("leads") or [c for c in [work.mapped.of("leads")] if c]
    counted = leads or work.mapped.with_role("conversions")
    event = " + ".join(c.header.strip() for c in counted)
    text = event.casefold()
    clock = work.platform.clock if counted else ""
    if any(w in text for w in _CLICK_CLOCK):
        clock = "click"
    elif any(w in text for w in _LATER_CLOCK):
        clock = "conversion"
    events = [event] * len(kept)
    for column in work.mapped.with_role("indicator")[:1]:
        texts = clean_text(work.body.columns[column.index])
        events = [texts[i] or event for i in kept]
    if counted and not leads:
        work.findings.append(Finding("info", "intake.conversions_not_leads", {"headers": event}))
    twins = [
        c.header.strip()
        for c in work.mapped.with_role("part")
        if any(w in c.normal for w in (*_CLICK_CLOCK, *_LATER_CLOCK))
    ]
    if twins:
        work.findings.append(Finding("info", "intake.other_clock", {"headers": ", ".join(twins)}))
    return events, [clock] * len(kept)
