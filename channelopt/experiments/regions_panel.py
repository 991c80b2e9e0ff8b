"""Day rows by region as a table of days by regions: what is missing, what is zero, who has vanished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.experiments.effect import Array
from channelopt.experiments.messages import ExperimentError

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Panel:
    """Outcome and spend by day and region.

    Attributes:
        days: days on which at least half as many regions as usual have a row, ascending: a day that came in
            only in part is none.
        regions: names, sorted unless asked for in another order.
        outcome: shape (days, regions). A region without a row on a day counts as 0 there; a row whose
            value is unknown is filled with the region's mean times what the other regions did that day.
        spend: the same shape; 0 without a row or a value; NaN everywhere without the column.
        seen: where there was a row.
        unknown: values that were filled.
        step: days between rows, 1 for daily ones and 7 for weekly ones.
    """

    days: pd.DatetimeIndex
    regions: tuple[str, ...]
    outcome: Array
    spend: Array
    seen: Flags
    unknown: int
    step: int

    def between(self, first: pd.Timestamp, end: pd.Timestamp) -> Panel:
        """The days from ``first`` on and before ``end``."""
        inside = np.asarray((self.days >= first) & (self.days < end))
        return Panel(
            self.days[inside], self.regions, self.outcome[inside], self.spend[inside], self.seen[inside],
            self.unknown, self.step,
        )  # fmt: skip

    def only(self, kept: Flags) -> Panel:
        """Some of the regions."""
        names = tuple(name for name, keep in zip(self.regions, kept, strict=True) if keep)
        return Panel(
            self.days, names, self.outcome[:, kept], self.spend[:, kept], self.seen[:, kept],
            self.unknown, self.step,
        )  # fmt: skip


def panel_of(
    rows: pd.DataFrame, outcome: str, spend_column: str, regions: Sequence[str] | None = None
) -> Panel:
    """Day rows as a panel; several rows of a day and region add up.

    Args:
        rows: columns day, region, the outcome, and the spend column where there is one.
        outcome: column.
        spend_column: column; may be missing.
        regions: those wanted, in this order; all of them without.

    Raises:
        ExperimentError: ``experiments.no_column`` when day, region or the outcome is missing.
    """
    for name in ("day", "region", outcome):
        if name not in rows.columns:
            raise ExperimentError("experiments.no_column", name=name)
    columns = [outcome] + ([spend_column] if spend_column in rows.columns else [])
    table = pd.DataFrame({c: pd.to_numeric(rows[c], errors="coerce") for c in columns}, index=rows.index)
    table = table.astype("float64").replace([np.inf, -np.inf], np.nan)
    table["day"] = pd.to_datetime(rows["day"], errors="coerce").dt.normalize()
    table["region"] = rows["region"].astype("string").str.strip()
    table = table[table["day"].notna() & table["region"].notna() & (table["region"] != "")]
    names = tuple(sorted(table["region"].unique()) if regions is None else regions)
    table = table[table["region"].isin(names)]
    days = pd.DatetimeIndex(np.sort(table["day"].unique()))
    grouped = table.groupby(["day", "region"])

    def wide(series: pd.Series) -> pd.DataFrame:
        return series.unstack("region").reindex(index=days, columns=list(names))

    seen = np.asarray(wide(grouped.size()).notna().to_numpy(), dtype=bool)
    values = wide(grouped[outcome].sum(min_count=1)).to_numpy("float64")
    unknown = int((seen & ~np.isfinite(values)).sum())
    money = np.full(values.shape, np.nan)
    if spend_column in table:
        money = np.nan_to_num(wide(grouped[spend_column].sum(min_count=1)).to_numpy("float64"))
    held = _whole(seen)
    filled = _filled(values[held], seen[held])
    return Panel(days[held], names, filled, money[held], seen[held], unknown, _step(days))


def _whole(seen: Flags) -> Flags:
    """Days that came in whole, or nearly so."""
    usual = seen.mean(axis=0).sum() if len(seen) else 0.0
    return np.asarray(seen.sum(axis=1) >= usual / 2)


def _step(days: pd.DatetimeIndex) -> int:
    gaps = np.diff(days.to_numpy()).astype("timedelta64[D]").astype("int64")
    return int(np.median(gaps)) if len(gaps) else 1


def _filled(values: Array, seen: Flags) -> Array:
    """No row: 0. A row without a value: the region's mean times the day's common factor."""
    unknown = seen & ~np.isfinite(values)
    out = np.where(seen, values, 0.0)
    if not unknown.any():
        return out
    known = ~unknown
    mean = np.where(known, out, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    expected = (known * mean).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(expected > 0, np.where(known, out, 0.0).sum(axis=1) / expected, 1.0)
    return np.where(unknown, factor[:, None] * mean, out)


def blocks(outcome: Array, step: int) -> Array:
    """Weekly sums, the last whole weeks, shape (weeks, regions); rows as they are where they are weekly.

    Fewer than four whole weeks stay days.
    """
    width = max(1, round(7 / step))
    count = len(outcome) // width
    if count < 4:
        return outcome
    return np.asarray(outcome[len(outcome) - count * width :].reshape(count, width, -1).sum(axis=1))
