"""What all channels brought together: a table of results in which nothing of ads stands."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.intake.body import Body
from channelopt.intake.columns import Column, Mapped
from channelopt.intake.dates import read_dates
from channelopt.intake.periods import with_ends
from channelopt.intake.platforms import channel_in_name
from channelopt.intake.table import as_text
from channelopt.intake.values import mostly_numbers

OVERALL = "overall"
#: What such a table states, the one it is checked by first.
RESULTS = ("revenue", "customers", "leads")
_OF_ADS = (
    "spend", "spend_micros", "spend_cents", "channel", "campaign", "campaign_id", "ad_group", "ad_group_id",
    "ad", "ad_id", "impressions", "clicks", "link_clicks",
)  # fmt: skip
#: Words of ads and of what they cost, in headers nobody knows.
_ADS = re.compile(
    r"\bcosts?(?! of goods)|spen[dt]|budget|\bads?\b|advert|campaign|\bclicks?|impr|\bmarketing\b"
    r"|\bmedia\b|花费|消耗|消费|费用|投入|投放|支出|推广|广告|点击|展现|展示|曝光|营销"
)
#: Suffixes by which media mix tables tell spend and impressions.
_CODES = ("_S", "_I")
#: Rows per day beyond which a table lists orders or people, and is not taken for sums by itself.
_MOST_PER_DAY, _MOST_SHOPS = 2, 50


def nothing_of_ads(generic: Mapped, results: Mapped) -> bool:
    """Whether a table has no column that is about ads, also none whose header only sounds so.

    Args:
        generic: its columns as any table of spend would have them.
        results: the same as a table of overall results.
    """
    used = {c.index for c in results.columns if c.role == "field"}
    others = (c for c in generic.columns if c.index not in used)
    sounds = any(_ADS.search(c.normal) or c.header.strip().endswith(_CODES) for c in others)
    return not any(generic.of(field) for field in _OF_ADS) and not sounds


def is_overall(mapped: Mapped, body: Body, name: str, beside_channels: bool = False) -> bool:
    """Whether a table that has nothing of ads states what the whole business took in.

    Args:
        mapped: its columns as a table of overall results.
        body: its lines.
        name: the file's name; one that names a platform may hold that platform's results only.
        beside_channels: whether it stood beside columns of channels; then it may have rows by region.
    """
    day = mapped.of("day")
    return (
        day is not None
        and main_result(mapped) is not None
        and (
            beside_channels or (channel_in_name(name) is None and _by_period(body, day, mapped.of("account")))
        )
    )


def main_result(mapped: Mapped) -> Column | None:
    """The column such a table is about: revenue where it has one."""
    return next((column for name in RESULTS if (column := mapped.of(name))), None)


def _by_period(body: Body, day: Column, account: Column | None) -> bool:
    """Whether the lines are sums by day, week or month (and shop), and not single orders."""
    cells = [body.columns[day.index][i] for i in body.open()]
    read = read_dates(cells) if cells else None
    if read is None:
        return False
    starts = read.start[~np.isnat(read.start)].astype("datetime64[D]")
    shops = len({as_text(body.columns[account.index][i]).strip() for i in body.open()}) if account else 1
    most = _MOST_PER_DAY * min(shops, _MOST_SHOPS)
    return len(starts) > 0 and len(starts) <= most * len(np.unique(starts))


def taken_as_overall(mapped: Mapped, body: Body) -> list[Finding]:
    """What the reader is told of a table that was taken for overall results."""
    used = {name: column.header.strip() for name in RESULTS if (column := mapped.of(name))}
    found = [Finding("info", "intake.taken_as_overall", {"headers": ", ".join(used.values())})]
    if (leads := mapped.of("leads")) and any(r.tier for r in leads.roles if r.field == "leads"):
        found.append(Finding("info", "intake.conversions_as_leads", {"header": used["leads"]}))
    free = [c for c in mapped.columns if c.role in ("", "unused") and c.header.strip()]
    texts = {c.index: [as_text(body.columns[c.index][i]) for i in body.open()] for c in free}
    left = [c.header.strip() for c in free if mostly_numbers(texts[c.index])]
    if left:
        found.append(Finding("info", "intake.overall_left", {"left": ", ".join(left)}))
    return found


def result_rows(rows: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Rows of no channel: whatever names one, the results are everybody's; weeks and months get their end.

    Args:
        rows: canonical rows.
        findings: gets ``intake.read_as_periods`` where dates are the first days of weeks or months.
    """
    return with_ends(rows.assign(channel="", platform=OVERALL), findings)
