"""From a daily table to the arrays that are fitted: periods × channels, counts, and what a count is worth.

Outcomes far down the funnel are rare and their money has heavy tails. So a channel's curve is fitted to
the first step of the funnel that was counted (leads, then customers), and multiplied by what such a
count is worth: the ratio of sums, shrunk towards the other channels' as far as they are alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.measure.borrow import borrow_ratios
from channelopt.response.grid import Grid, days_of, grid_of
from channelopt.response.messages import ResponseError

Array = npt.NDArray[np.float64]

#: What is fitted for an outcome, first choice first.
CHAIN: dict[str, tuple[str, ...]] = {
    "revenue": ("leads", "valid_leads", "customers", "revenue"),
    "profit": ("leads", "valid_leads", "customers", "revenue"),
    "leads": ("leads",),
    "valid_leads": ("leads", "valid_leads"),
    "customers": ("leads", "valid_leads", "customers"),
}
#: A step of the funnel needs this many counts to be fitted in place of a later one.
FEW = 5.0
#: Variance of the log of a worth that rests on nothing.
UNKNOWN_WORTH = 1.0
#: Larger figures are mistakes, and would drown all others.
LARGEST = 1e15
#: Money is fitted in units of about one order: the variance of a day's sum over its mean.
MOST_TAIL = 50.0
#: Seen periods on either side that tell what was spent in a gap, and the longest gap, in days, they tell of.
GAP_SIDES, LONGEST_GAP = 4, 28.0


@dataclass(frozen=True)
class Panel:
    """What is fitted.

    Attributes:
        channels: names, sorted.
        grid: the periods.
        spend: (P, C) money per day.
        counts: (P, C) of the step that is fitted, in units of about one event.
        weight: (P, C) 1 where the outcome was seen, else 0.
        reference: (C,) mean money per day on days with spend.
        worth: (C,) log of the outcome per count.
        worth_var: (C,) its variance.
    """

    channels: tuple[str, ...]
    grid: Grid
    spend: Array
    counts: Array
    weight: Array
    reference: Array
    worth: Array
    worth_var: Array


@dataclass(frozen=True)
class Rows:
    """A cleaned daily table on its periods.

    Attributes:
        channels: names of the channels with spend, sorted.
        grid: the periods.
        sums: name → (P, C) sums per period; NaN where the outcome is missing.
        findings: what is doubtful.
    """

    channels: tuple[str, ...]
    grid: Grid
    sums: dict[str, Array]
    findings: tuple[Finding, ...]

    @property
    def spend(self) -> Array:
        """(P, C) money per day."""
        return self.sums["spend"] / self.grid.days[:, None]

    @property
    def carried(self) -> Array:
        """(P, C) money per day, in short gaps as around them: rows that are missing are no pause."""
        spend, grid = self.spend, self.grid
        known = np.flatnonzero(grid.seen)
        for left, right in pairwise(known):
            if right - left > 1 and grid.days[left + 1 : right].sum() <= LONGEST_GAP:
                at = int(np.searchsorted(known, right))
                near = known[max(at - GAP_SIDES, 0) : at + GAP_SIDES]
                spend[left + 1 : right] = np.average(spend[near], axis=0, weights=grid.days[near])
        return spend


def rows_of(daily: pd.DataFrame, outcomes: tuple[str, ...], also: pd.Series | None = None) -> Rows:
    """Clean a daily table and put it on its periods.

    Args:
        daily: day, channel, spend, any outcomes; perhaps day_end.
        outcomes: the columns to read, those there are.
        also: further days the periods have to suit: those of a total, which may be by week.

    Raises:
        InputError: day, channel or spend is missing.
        ResponseError: ``response.no_rows``, ``response.no_spend``.
    """
    require_columns(daily, ("day", "channel", "spend"))
    table = pd.DataFrame({"day": days_of(daily["day"]), "channel": daily["channel"]})
    findings: list[Finding] = []
    for name in ("spend", *(n for n in outcomes if n in daily.columns)):
        table[name] = _numbers(daily[name], name, findings)
    table["day_end"] = daily["day_end"] if "day_end" in daily.columns else None
    known = table["day"].notna() & table["channel"].notna()
    if not known.any():
        raise ResponseError("response.no_rows")
    table = table[known].assign(channel=table["channel"].astype(str))
    table["spend"] = table["spend"].fillna(0.0)
    paid = table.groupby("channel")["spend"].sum()
    for name in sorted(paid.index[paid <= 0]):
        findings.append(Finding("info", "response.left_out", {"channel": name}))
    if not (paid > 0).any():
        raise ResponseError("response.no_spend", findings=tuple(findings))
    table = table[table["channel"].isin(paid.index[paid > 0])]
    names = tuple(sorted(paid.index[paid > 0]))
    grid = _grid(table, "day_end" in daily.columns, also)
    return Rows(names, grid, _sums(table, names, grid, outcomes), tuple(findings))


def _grid(table: pd.DataFrame, told: bool, also: pd.Series | None) -> Grid:
    """The periods of the table, and of the days it has to suit."""
    day, channel, end = table["day"], table["channel"], table["day_end"] if told else None
    if also is None:
        return grid_of(day, channel, end)
    more = days_of(also).dropna()
    more = more[(more >= day.min()) & (more <= day.max())]
    if end is not None:
        end = pd.concat([days_of(end), pd.Series(pd.NaT, index=more.index)], ignore_index=True)
    days = pd.concat([day, more], ignore_index=True)
    grid = grid_of(days, pd.concat([channel, pd.Series("", index=more.index)], ignore_index=True), end)
    seen = np.zeros(len(grid.start), dtype=bool)
    seen[grid.places(day)] = True
    return Grid(grid.start, grid.days, seen)


def _numbers(column: pd.Series, name: str, findings: list[Finding]) -> pd.Series:
    """A column as finite numbers from 0; what is below 0 becomes 0 and is told."""
    values = pd.to_numeric(column, errors="coerce").astype(float)
    huge = values.abs() > LARGEST
    if huge.any():
        findings.append(Finding("warning", "response.too_large", {"column": name, "rows": int(huge.sum())}))
    values = values.where(np.isfinite(values) & ~huge)
    below = values < 0
    if below.any():
        findings.append(Finding("warning", "response.below_zero", {"column": name, "rows": int(below.sum())}))
    return values.where(~below, 0.0)


def _sums(
    table: pd.DataFrame, names: tuple[str, ...], grid: Grid, outcomes: tuple[str, ...]
) -> dict[str, Array]:
    """Every measure as (P, C) sums. A channel without a row in a seen period had nothing in it."""
    place = grid.places(table["day"])
    column = pd.Categorical(table["channel"], categories=list(names)).codes.astype(np.int64)
    at = place * len(names) + column
    shape = (len(grid.start), len(names))
    out: dict[str, Array] = {}
    for name in ("spend", *(n for n in outcomes if n in table.columns)):
        values = table[name].to_numpy(dtype=float)
        size = shape[0] * shape[1]
        full = np.bincount(at, weights=np.nan_to_num(values), minlength=size).astype(float)
        full[np.unique(at[np.isnan(values)])] = np.nan
        out[name] = full.reshape(shape)
    return out


def panel_of(rows: Rows, outcome: str) -> Panel:
    """Choose what is fitted per channel and what it is worth.

    Raises:
        ResponseError: ``response.no_outcome`` when no column of the chain is there.
    """
    chain = [name for name in CHAIN[outcome] if name in rows.sums]
    target = "revenue" if outcome == "profit" else outcome
    if target not in rows.sums or np.isnan(rows.sums[target]).all():
        raise ResponseError("response.no_outcome", outcome=target)
    drivers = tuple(_driver(rows, chain, c) for c in range(len(rows.channels)))
    counts = np.column_stack([rows.sums[d][:, c] for c, d in enumerate(drivers)])
    final = rows.sums[target]
    seen = np.isfinite(counts) & rows.grid.seen[:, None]
    scale = np.array([unit_of(counts[seen[:, c], c], d) for c, d in enumerate(drivers)])
    counts = np.nan_to_num(counts) / scale
    worth, worth_var = worth_of(counts, np.where(seen, final, np.nan), drivers, target)
    return Panel(
        channels=rows.channels,
        grid=rows.grid,
        spend=rows.carried,
        counts=counts,
        weight=seen.astype(float),
        reference=reference_of(rows),
        worth=worth,
        worth_var=worth_var,
    )


def reference_of(rows: Rows) -> Array:
    """Mean money per day over days with spend."""
    days = rows.grid.days[:, None] * (rows.spend > 0)
    return np.asarray(rows.sums["spend"].sum(axis=0) / days.sum(axis=0))


def _driver(rows: Rows, chain: list[str], c: int) -> str:
    """The first step of the funnel with enough counts, not fewer than the steps after it."""
    totals = {name: float(np.nansum(rows.sums[name][:, c])) for name in chain}
    for at, name in enumerate(chain[:-1]):
        later = [totals[n] for n in chain[at + 1 :] if n != "revenue"]
        if totals[name] >= FEW and totals[name] >= max(later, default=0.0):
            return name
    return chain[-1]


def unit_of(values: Array, driver: str) -> float:
    """1 for counts; for money about one order: half the variance of differences over the mean."""
    mean = float(values.mean()) if len(values) else 0.0
    if driver != "revenue" or mean <= 0:
        return 1.0
    rough = float((np.diff(values) ** 2).mean() / 2) if len(values) > 1 else 0.0
    return float(np.clip(rough / mean, mean / 1e4, mean * MOST_TAIL))


def worth_of(counts: Array, final: Array, drivers: tuple[str, ...], target: str) -> tuple[Array, Array]:
    """Log of the outcome per count and its variance, shrunk across channels with the same driver."""
    both = np.where(np.isfinite(final), counts, 0.0)
    money, events = np.nansum(final, axis=0), both.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = money / events
        missed = np.nansum((final - ratio * both) ** 2, axis=0)
        tail = missed / (ratio**2 * events)
    usable = np.isfinite(tail) & (ratio > 0)
    # one spread for all: a single channel's is told by its largest order
    common = float(np.sum(tail[usable] * events[usable]) / np.sum(events[usable])) if usable.any() else 1.0
    value = np.where(usable, np.log(np.where(usable, ratio, 1.0)), np.nan)
    var = np.where(usable, max(common, 1e-6) / np.maximum(events, 1.0), np.nan)
    same = np.array([d == target for d in drivers])
    for name in sorted(set(drivers)):
        group = np.array([d == name for d in drivers]) & ~same
        if group.any():
            lent = borrow_ratios(money[group], events[group], missed[group])
            value[group], var[group] = lent.value, lent.variance
    usual = float(np.log(money.sum() / events.sum())) if money.sum() > 0 and events.sum() > 0 else 0.0
    known = np.isfinite(value)
    value = np.where(known, value, usual)
    own = same & usable  # a count of the outcome itself is worth itself: no doubt in it
    return value, np.where(own, 0.0, np.where(known, var, UNKNOWN_WORTH))
