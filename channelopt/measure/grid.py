"""Daily rows laid out as (groups, calendar days), matched so that both sides of a ratio are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Grid:
    """Rows of a daily table with the cell each belongs to.

    Attributes:
        groups: one row per group, the ``by`` columns in order.
        days: the calendar days, first to last; one pseudo day per row when there is no day.
        frame: the metrics as float64, one row per input row.
        cell: flat index group * len(days) + day of each row.
    """

    groups: pd.DataFrame
    days: pd.DatetimeIndex
    frame: pd.DataFrame
    cell: npt.NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        """(groups, calendar days)."""
        return len(self.groups), max(1, len(self.days))

    def column(self, name: str) -> Array:
        """A metric per input row; all NaN when the table does not have it."""
        if name not in self.frame.columns:
            return np.full(len(self.frame), np.nan)
        return self.frame[name].to_numpy(dtype="float64")

    def sums(self, values: Array) -> Array:
        """Row values summed to (groups, days); NaN where no row knows a value."""
        rows, columns = self.shape
        known = np.isfinite(values)
        cells = self.cell[known]
        total = np.bincount(cells, weights=values[known], minlength=rows * columns)
        seen = np.bincount(cells, minlength=rows * columns)
        return np.where(seen > 0, total, np.nan).reshape(rows, columns)

    def pair(self, top: str, bottom: str) -> tuple[Array, Array]:
        """Two metrics as (groups, days), over the rows that know both."""
        x, y = self.column(top), self.column(bottom)
        both = np.isfinite(x) & np.isfinite(y)
        return self.sums(np.where(both, x, np.nan)), self.sums(np.where(both, y, np.nan))


def lay_out(daily: pd.DataFrame, by: list[str]) -> Grid:
    """Lay daily rows out; a missing ``cost`` is the spend.

    Args:
        daily: the ``by`` columns, metrics, and "day" unless the rows are already totals.
        by: columns that name a group. Rows without a day are left out.
    """
    dated = daily[daily["day"].notna()] if "day" in daily.columns else daily
    frame = dated.reset_index(drop=True)
    if "cost" not in frame.columns and "spend" in frame.columns:
        frame = frame.assign(cost=frame["spend"])
    if frame.empty:
        return Grid(frame[by], pd.DatetimeIndex([]), frame, np.zeros(0, dtype="int64"))
    code = frame.groupby(by, sort=True, dropna=False).ngroup().to_numpy()
    first = np.unique(code, return_index=True)[1]
    groups = frame[by].iloc[first].reset_index(drop=True)
    if "day" not in frame.columns:
        row, days = np.arange(len(frame)), pd.date_range("2000-01-01", periods=len(frame))
        return Grid(groups, days, frame, code * len(days) + row)
    day = pd.to_datetime(frame["day"]).dt.normalize()
    days = pd.date_range(day.min(), day.max(), freq="D")
    slot = (day - days[0]).dt.days.to_numpy()
    return Grid(groups, days, frame, code * len(days) + slot)
