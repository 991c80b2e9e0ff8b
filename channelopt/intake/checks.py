"""A file against itself: its total row, its own click price, its repeated lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.intake.body import Body
from channelopt.intake.platforms import Platform

#: Findings that compare a ratio of the platform's own, row by row, with the mapped columns.
PROOFS = frozenset({"intake.click_price_differs", "intake.click_price_other"})
_EXPLAINED = 0.98
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
    share = round(spend / total, 9)
    numbers = {"rows": spend, "total": total, "share": share}
    if share < _EXPLAINED:
        findings.append(Finding("warning", "intake.explains_too_little", numbers))
    elif share > 2 - _EXPLAINED:
        findings.append(Finding("warning", "intake.explains_too_much", numbers))
    return share, findings


def _grand(totals: pd.DataFrame, stated: np.ndarray, platform: Platform) -> float:
    """The widest total: the one the platform names first, else the largest."""
    for pattern in platform.grand_totals:
        for label, value in zip(totals["label"], stated, strict=True):
            if pattern.search(str(label)) and not np.isnan(value):
                return float(value)
    return float(np.nanmax(stated)) if np.isfinite(stated).any() else float("nan")


def _agree(price: np.ndarray, spend: np.ndarray, clicks: np.ndarray) -> tuple[float, float]:
    """Share of rows where the stated price is spend / clicks, and the median of their ratio."""
    usable = (clicks > 0) & (price > 0) & (spend > 0)
    if not usable.any():
        return float("nan"), float("nan")
    ours = spend[usable] / clicks[usable]
    near = np.abs(price[usable] - ours) <= np.maximum(0.011, 0.02 * ours)
    return float(near.mean()), float(np.median(price[usable] / ours))


def check_click_price(
    price: np.ndarray,
    header: str,
    spend: np.ndarray,
    clicks: np.ndarray,
    used: str,
    others: Mapping[str, np.ndarray],
) -> list[Finding]:
    """Compare the platform's own click price with spend / clicks, and with other click columns."""
    share, _ratio = _agree(price, spend, clicks)
    if np.isnan(share) or share >= 0.95:
        return []
    for name, values in others.items():
        if _agree(price, spend, values)[0] >= 0.95:
            return [
                Finding(
                    "warning", "intake.click_price_other", {"header": header, "better": name, "used": used}
                )
            ]
    usable = (clicks > 0) & (price > 0) & (spend > 0)
    theirs = float(np.average(price[usable], weights=clicks[usable]))
    ours = float(spend[usable].sum() / clicks[usable].sum())
    params = {"header": header, "theirs": theirs, "ours": ours}
    return [Finding("warning", "intake.click_price_differs", params)]


def check_unit(spend: float, clicks: float, currency: str | None) -> list[Finding]:
    """A click price no market has: spend is probably in micros or in cents."""
    if not clicks > 0 or not spend > 0 or currency in _SMALL_UNIT:
        return []
    cpc = spend / clicks
    return [Finding("warning", "intake.odd_click_price", {"cpc": cpc})] if not 0.005 <= cpc <= 500 else []


def check_repeats(body: Body, kept: Sequence[int]) -> list[Finding]:
    """Lines that are exact copies of another line."""
    copies = len(kept) - len({tuple(body.lines[i]) for i in kept})
    return [Finding("warning", "intake.same_rows", {"n": copies})] if copies else []
