"""How many days each of some dates stands for, where a table says only when a week or a month begins."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding

#: Gaps from this many days on may be those of sums over periods, up to the longest month.
SHORTEST, LONGEST = 5, 31
#: The shortest month.
MONTH = 28


def period_lengths(starts: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """Days from each date up to the next where dates follow each other as weeks or months do; else 1.

    A gap is a period's when the one before or after it is alike: as many days (weeks, decades), or both
    those of a month. A longer gap beside such ones is a period and a hole; the last date stands for as long
    as the period before it.

    Args:
        starts: distinct dates in order.
    """
    n = len(starts)
    length = np.ones(n, dtype=np.int64)
    gaps = np.diff(starts.to_numpy()).astype("timedelta64[D]").astype(np.int64)
    if n < 3:
        return length
    usual = np.zeros(n - 1, dtype=np.int64)
    for i in range(n - 2):
        if _alike(int(gaps[i]), int(gaps[i + 1])):
            usual[i], usual[i + 1] = gaps[i], gaps[i + 1]
    for i in range(n - 1):
        near = [int(u) for u in usual[max(i - 1, 0) : i + 2] if u]
        if usual[i]:
            length[i] = gaps[i]
        elif gaps[i] >= 2 and near:
            length[i] = min(int(gaps[i]), near[0])
    if usual[-1]:
        last = starts[-1]
        length[-1] = last.days_in_month if last.day == 1 and usual[-1] >= MONTH else usual[-1]
    return length


def _alike(one: int, other: int) -> bool:
    """Whether two gaps in a row are those of periods."""
    month = range(MONTH, LONGEST + 1)
    inside = SHORTEST <= one <= LONGEST and SHORTEST <= other <= LONGEST
    return inside and (one == other or (one in month and other in month))


def with_ends(rows: pd.DataFrame, findings: list[Finding]) -> pd.DataFrame:
    """Rows whose dates are the first days of weeks or months get the last ones.

    Args:
        rows: canonical rows: day, day_end (NaT where not stated), account.
        findings: gets ``intake.read_as_periods``.

    Returns:
        The rows; accounts whose dates follow each other by day, or that state any end, stay as they are.
    """
    ends, longest = rows["day_end"].copy(), 1
    for _, own in rows.groupby("account", sort=True):
        if not len(own) or own["day_end"].notna().any():
            continue
        starts = pd.DatetimeIndex(own["day"].dropna().unique()).sort_values()
        length = pd.Series(period_lengths(starts), index=starts)
        far = own["day"].map(length).fillna(1)
        ends[own.index] = (own["day"] + pd.to_timedelta(far - 1, unit="D")).where(far > 1)
        longest = max(longest, int(far.max()))
    if longest > 1:
        findings.append(Finding("info", "intake.read_as_periods", {"days": longest}))
    return rows.assign(day_end=ends)
