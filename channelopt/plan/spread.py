"""Figures by week or month spread over their days, and figures by day summed over periods."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.intake.periods import period_lengths

Lengths = npt.NDArray[np.int64]


def spread_by_day(known: pd.DataFrame, column: str) -> pd.Series:
    """A figure of periods by day, each spread evenly over its days; what meets on a day adds up.

    Args:
        known: day, day_end (midnights) and the figure.
        column: the figure's name.
    """
    length = (known["day_end"] - known["day"]).dt.days.to_numpy() + 1
    rows = _repeated(known, length, column)
    return rows.groupby("day")[column].sum()


def spend_by_day(daily: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Spend by day, of which weeks and months of a channel are spread evenly over their days.

    Args:
        daily: day, channel, spend; rows whose spend is not known are left out.

    Returns:
        day, channel, spend; and day, day_end of the longest periods that a channel is known by, None where
        all are known by day.
    """
    parts, coarsest = [daily[["day", "channel", "spend"]].iloc[:0]], None
    for channel, own in daily[daily["spend"].notna()].groupby("channel", sort=True):
        sums = own.groupby("day", as_index=False)["spend"].sum()
        length = _lengths(sums)
        parts.append(_repeated(sums, length, "spend").assign(channel=channel))
        stands = length > 0
        whole = stands.any() and length[stands].min() > 1  # a channel of weeks or months throughout
        if whole and (coarsest is None or np.median(length[stands]) > np.median(coarsest[1])):
            coarsest = (sums.loc[stands, "day"], length[stands])
    table = pd.concat(parts if len(parts) == 1 else parts[1:], ignore_index=True)[["day", "channel", "spend"]]
    if coarsest is None:
        return table, None
    ends = coarsest[0] + pd.to_timedelta(coarsest[1] - 1, unit="D")
    return table, pd.DataFrame({"day": coarsest[0], "day_end": ends})


def in_periods(
    days: pd.Series | pd.DatetimeIndex, starts: pd.DatetimeIndex, ends: pd.DatetimeIndex
) -> tuple[Lengths, npt.NDArray[np.bool_]]:
    """Which period each day falls in, and whether it falls in any.

    Args:
        days: midnights.
        starts: first days, in order.
        ends: last days.
    """
    at = np.asarray(starts.searchsorted(days, side="right")) - 1
    return at, (at >= 0) & (np.asarray(days) <= ends.to_numpy()[np.maximum(at, 0)])


def summed(by_day: pd.Series, periods: pd.DataFrame) -> pd.DataFrame:
    """Figures by day summed over periods, those of which every day is known.

    Args:
        by_day: figures, by day.
        periods: day, day_end, in order.

    Returns:
        The periods' rows with the sums under the figure's name.
    """
    at, fits = in_periods(
        pd.DatetimeIndex(by_day.index), pd.DatetimeIndex(periods["day"]), pd.DatetimeIndex(periods["day_end"])
    )
    sums = by_day[fits].groupby(at[fits]).agg(["sum", "size"])
    rows = periods.iloc[sums.index].assign(**{str(by_day.name): sums["sum"].to_numpy()})
    length = (rows["day_end"] - rows["day"]).dt.days + 1
    return rows[length.to_numpy() == sums["size"].to_numpy()]


def _repeated(rows: pd.DataFrame, length: npt.NDArray[np.int64], column: str) -> pd.DataFrame:
    """Each row as many times as it has days: the days, and its share of the figure."""
    at = np.repeat(np.arange(len(rows)), length)
    step = np.arange(len(at)) - np.repeat(np.cumsum(length) - length, length)
    days = rows["day"].to_numpy()[at] + step.astype("timedelta64[D]")
    return pd.DataFrame({"day": days, column: rows[column].to_numpy()[at] / length[at]})


def _lengths(sums: pd.DataFrame) -> Lengths:
    """Days each row of a channel stands for: weeks or months where spend says so, rows of 0 between none."""
    days = pd.DatetimeIndex(sums["day"])
    length = period_lengths(days)
    if length.min() > 1:
        return length
    length = np.ones(len(sums), dtype=np.int64)
    paid = (sums["spend"] > 0).to_numpy()
    if paid.any() and (found := period_lengths(days[paid])).min() > 1:
        length[paid] = found
        ends = days[paid] + pd.to_timedelta(found - 1, unit="D")
        length[~paid & in_periods(days, days[paid], ends)[1]] = 0
    return length
