"""A file against itself: its total row, the price of a click, its repeated lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.intake.body import Body
from channelopt.intake.platforms import Platform

_EXPLAINED = 0.98
#: Results that differ from the stated total by a larger share are told.
_DIFFERS = 0.005
_SMALL_UNIT = frozenset(
    [
        "VND",
        "IDR",
        "KRW",
        "JPY",
        "CLP",
        "COP",
        "HUF",
        "LKR",
        "PKR",
        "NGN",
        "KES",
        "ARS",
        "CRC",
        "PHP",
        "THB",
        "TWD",
        "INR",
        "RUB",
    ]
)
#: The dearest click of a currency whose unit is worth little, in its own unit.
_SMALL_LIMIT = 5e6
#: The dearest thousand views.
_VIEWS_LIMIT = 10_000.0


def reconcile(spend: float, totals: pd.DataFrame, platform: Platform) -> tuple[float, list[Finding]]:
    """Rows' spend against the file's own total.

    Args:
        spend: sum of the rows kept.
        totals: the file's total rows.
        platform: names the widest total where there are several.

    Returns:
        ``(explained, findings)``; explained is NaN without a usable total.
    """
    findings: list[Finding] = []
    n = len(totals)
    if not n:
        return float("nan"), findings
    stated = totals["spend"].to_numpy(dtype=float) if "spend" in totals else np.full(n, np.nan)
    params = {"n": n, "spend": spend, "spend_with": spend + float(np.nansum(stated))}
    findings.append(Finding("info", "intake.totals_left_out", params))
    total = _grand(totals, stated, platform)
    if np.isnan(total):
        return float("nan"), findings
    if total == 0:
        return (1.0 if spend == 0 else float("nan")), findings
    if (
        spend > total
        and n > 1
        and np.isclose(np.nansum(stated), spend, rtol=0.0005)
        and not _named(totals, platform)
    ):
        total = spend  # each total stands for a part: a day, a channel
    share = round(spend / total, 9)
    numbers = {"rows": spend, "total": total, "share": share}
    if share < _EXPLAINED:
        findings.append(Finding("warning", "intake.explains_too_little", numbers))
    elif share > 2 - _EXPLAINED:
        findings.append(Finding("warning", "intake.explains_too_much", numbers))
    return share, findings


def compare_totals(
    rows: pd.DataFrame, totals: pd.DataFrame, names: Sequence[str]
) -> tuple[float, list[Finding]]:
    """Results of the rows against the file's own totals, where none of them is about spend.

    Args:
        rows: the rows kept.
        totals: the file's total rows.
        names: the columns that add up, in the order they matter.

    Returns:
        ``(explained, findings)``: the share of the first total that states something, NaN without one.
    """
    if totals.empty:
        return float("nan"), []
    found = [Finding("info", "intake.lead_totals_left_out", {"n": len(totals)})]
    shares = []
    for name in names:
        stated = totals[name].dropna() if name in totals else pd.Series(dtype="float64")
        ours = float(rows[name].sum())
        if stated.empty or not stated.max() > 0:
            continue
        theirs = min(float(stated.sum()), float(stated.max()), key=lambda one: abs(one - ours))
        shares.append(round(ours / theirs, 9))
        if abs(shares[-1] - 1) > _DIFFERS:
            params = {"field": name, "rows": ours, "total": theirs}
            found.append(Finding("warning", "intake.test_totals_differ", params))
    return (shares[0] if shares else float("nan")), found


def _grand(totals: pd.DataFrame, stated: np.ndarray, platform: Platform) -> float:
    """The widest total: the one the platform names first, else the largest."""
    for pattern in platform.grand_totals:
        for label, value in zip(totals["label"], stated, strict=True):
            if pattern.search(str(label)) and not np.isnan(value):
                return float(value)
    return float(np.nanmax(stated)) if np.isfinite(stated).any() else float("nan")


def _named(totals: pd.DataFrame, platform: Platform) -> bool:
    """Whether one of the totals is the platform's own total of everything."""
    return any(p.search(str(label)) for p in platform.grand_totals for label in totals["label"])


def check_unit(
    spend: np.ndarray, clicks: np.ndarray, currency: str | None, answered: bool = False
) -> list[Finding]:
    """A click price no market has: spend is probably in micros, in cents or in thousands.

    Args:
        spend: per row.
        clicks: per row; rows without clicks say nothing.
        currency: ISO code; one whose unit is worth little has a higher limit.
        answered: the reader named the column or its unit, so nothing is asked.
    """
    usable = (clicks > 0) & (spend > 0)
    if not usable.any():
        return []
    cpc = float(spend[usable].sum() / clicks[usable].sum())
    low, high = (0.005, 500.0) if currency not in _SMALL_UNIT else (0.005, _SMALL_LIMIT)
    if low <= cpc <= high:
        return []
    sure = cpc > high or cpc < low / 10
    return [
        Finding("question" if sure and not answered else "warning", "intake.odd_click_price", {"cpc": cpc})
    ]


def check_views(spend: np.ndarray, impressions: np.ndarray, currency: str | None) -> list[Finding]:
    """A thousand views no market sells, for platforms that hide millionths under a plain name.

    Args:
        spend: per row.
        impressions: per row.
        currency: ISO code; one whose unit is worth little has a higher limit.
    """
    usable = (impressions > 0) & (spend > 0)
    if not usable.any():
        return []
    cpm = 1000 * float(spend[usable].sum() / impressions[usable].sum())
    if cpm <= (_VIEWS_LIMIT if currency not in _SMALL_UNIT else 1000 * _VIEWS_LIMIT):
        return []
    return [Finding("question", "intake.odd_view_price", {"cpm": cpm})]


def check_repeats(body: Body, kept: Sequence[int]) -> list[Finding]:
    """Lines that are exact copies of another line."""
    copies = len(kept) - len({tuple(body.lines[i]) for i in kept})
    return [Finding("warning", "intake.same_rows", {"n": copies})] if copies else []
