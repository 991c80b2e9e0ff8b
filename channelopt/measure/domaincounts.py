"""People of the private domain out of monthly counts: how many were added, and how far they got."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from channelopt.errors import InputError

#: Steps in order, as they are counted.
STEP_NAMES = ("added", "replied", "visited", "ordered", "repeated")
#: People of one month that are stood for one by one; more are refused.
MOST = 2_000_000


def people_of(months: pd.DataFrame) -> pd.DataFrame:
    """One row per person: whoever is counted at a step is among those counted at the steps before.

    Args:
        months: month (such as "2026-08"), then one count per step of ``STEP_NAMES``; rows without anybody
            added are left out.

    Returns:
        added_at, replied_at, visited_at, ordered_at, repeated_at: the first day of the month, NaT where the
        step was not reached.

    Raises:
        InputError: ``common.bad_setting`` for a month that is none, or a step with more people than the one
            before.
    """
    parts = []
    for row in months.to_dict("records"):
        counts = [row[name] for name in STEP_NAMES]
        if any(c != c or c is None for c in counts) or not counts[0] > 0:
            continue
        whole = [int(c) for c in counts]
        sinking = all(a >= b >= 0 for a, b in pairwise(whole))
        if not sinking or whole[0] > MOST:
            wanted = "counts that do not grow from one step to the next"
            raise InputError("common.bad_setting", name=str(row["month"]), value=whole, wanted=wanted)
        first = pd.to_datetime(f"{row['month']}-01", format="%Y-%m-%d", errors="coerce")
        if first is pd.NaT:
            raise InputError("common.bad_setting", name="month", value=row["month"], wanted="such as 2026-08")
        frame = {"added_at": pd.Series([first] * whole[0])}
        for name, reached in zip(STEP_NAMES[1:], whole[1:], strict=True):
            frame[f"{name}_at"] = pd.Series([first] * reached, dtype="datetime64[us]").reindex(
                range(whole[0])
            )
        parts.append(pd.DataFrame(frame))
    columns = [f"{name}_at" for name in STEP_NAMES]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({c: [] for c in columns})
