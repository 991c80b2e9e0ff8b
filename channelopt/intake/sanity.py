"""Values no platform reports: days that have not come yet, spend below zero, pages instead of ads."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import METRICS
from channelopt.intake.header import Located
from channelopt.intake.messages import IntakeError
from channelopt.intake.platforms import platforms

#: Share of all money moved (refunds and charges) from which refunds are the main thing.
_MOSTLY = 0.5
_PAGE = frozenset(
    ["post id", "page id", "page name", "permalink", "post type", "follows", "page visits", "profile visits",
     "page reach", "content interactions", "主页名称", "帖子编号", "贴文编号"]
)  # fmt: skip
_PAGE_TITLE = re.compile(
    r"((facebook|instagram|page) )?(follows|(un)?followers|net follows|reach|views|viewers"
    r"|((profile|page) )?visits|(content )?interactions|link clicks|impressions"
    r"|关注量|浏览量|覆盖人数|访问量|互动次数)",
    re.IGNORECASE,
)


def check_values(
    rows: pd.DataFrame, kind: str, accepted: frozenset[str], today: dt.date | None = None
) -> list[Finding]:
    """What is odd about the rows of one file.

    Args:
        rows: canonical rows.
        kind: "spend", "leads", "site", "overall", "touches" or "variants".
        accepted: codes of questions the reader has settled.
        today: the day to compare with; by the clock without.
    """
    found = _future(rows, kind, today or dt.date.today())
    if kind == "spend":
        found += _negative(rows)
    return [
        Finding("warning", f"{f.code}_kept", f.params)
        if f.severity == "question" and f.code in accepted
        else f
        for f in found
    ]


def _future(rows: pd.DataFrame, kind: str, today: dt.date) -> list[Finding]:
    """Days after tomorrow (somewhere it is tomorrow already) on which something happened."""
    limit = np.datetime64(today) + np.timedelta64(2, "D")
    if kind == "leads":
        moments = rows[["created_at", "customer_at"]].max(axis=1)
        late = (moments >= limit).to_numpy()
    elif kind == "touches":
        moments = rows["at"]
        late = (moments >= limit).to_numpy()
    elif kind == "variants":
        moments = rows["day"]
        late = (moments >= limit).to_numpy()
    else:
        moments = rows["day"]
        moved = rows[list(METRICS)].fillna(0).ne(0).any(axis=1)
        late = ((moments >= limit) & moved).to_numpy()
    if not late.any():
        return []
    weights = rows["n_rows"].to_numpy() if "n_rows" in rows else np.ones(len(rows))
    params = {"n": int(weights[late].sum()), "last": moments[late].max().date()}
    return [Finding("question", "intake.future_days", params)]


def _negative(rows: pd.DataFrame) -> list[Finding]:
    spend = rows["spend"].fillna(0).to_numpy(dtype=float)
    below = spend[spend < 0]
    if not len(below):
        return []
    params = {"n": len(below), "spend": float(below.sum())}
    if -below.sum() > _MOSTLY * np.abs(spend).sum():
        return [Finding("question", "intake.mostly_negative", params)]
    return [Finding("warning", "intake.negative_spend", params)]


def refuse_page_insights(located: Located, name: str) -> None:
    """Say which report to export instead of page insights.

    Raises:
        IntakeError: ``intake.page_insights``.
    """
    normal = {h for h in located.normal if h}
    spenders = [p for p in platforms().values() if p.kind == "spend"]
    if any(r.field in ("spend", "spend_micros") for h in normal for p in spenders for r in p.roles(h)[0]):
        return
    title = next((t for t in (p.strip('" ,\t') for p in located.preamble) if _PAGE_TITLE.fullmatch(t)), None)
    if (title and "primary" in normal) or len(normal & _PAGE) >= 2:
        shown = title or ", ".join(h.strip() for h in located.headers[:4])
        raise IntakeError("intake.page_insights", name=name, headers=shown)
