"""Was delivered what was contracted: impressions and clicks against the elapsed share of a contract."""

from __future__ import annotations

import numpy as np
import pandas as pd

from channelopt.errors import Finding, Severity
from channelopt.measure.doubts import FALSE_RATE, Doubt
from channelopt.measure.grid import Array, Grid
from channelopt.measure.ratios import ratio_of_sums
from channelopt.policy import Policy

UNITS = ("impressions", "clicks")


def delivery(grid: Grid, contracts: pd.DataFrame) -> pd.DataFrame:
    """Each contract against what came.

    A day counts as covered when a file knows the channel's spend on it. What is due is the
    contracted quantity times the covered share of its days; what several contracts of one channel
    share on a day is split between them by what each has due that day, never counted twice.

    Args:
        grid: daily rows by channel, with impressions and clicks.
        contracts: contract_id, channel, day_first, day_last, impressions, clicks (NaN or 0 when not
            agreed), price (money for the whole, NaN unknown), what.

    Returns:
        One row per contract and agreed unit: contract_id, channel, what, unit, day_first, day_last,
        contracted, days, covered, until (last covered day), ended, due, delivered, share (delivered /
        due; NaN when nothing is known), high (its upper end: the share itself when the whole period
        is covered), missing (due - delivered, at least 0), stake (price of the covered days * missing
        share), price.
    """
    rows = []
    for unit in UNITS:
        agreed = contracts[contracts[unit].fillna(0.0) > 0] if len(contracts) else contracts
        for channel, part in agreed.groupby("channel", sort=True):
            rows += _of_channel(grid, str(channel), unit, part, max(1, len(contracts)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


COLUMNS = (
    "contract_id", "channel", "what", "unit", "day_first", "day_last", "contracted", "days", "covered",
    "until", "ended", "due", "delivered", "share", "high", "missing", "stake", "price",
)  # fmt: skip


def _of_channel(
    grid: Grid, channel: str, unit: str, contracts: pd.DataFrame, tests: int
) -> list[dict[str, object]]:
    at = np.flatnonzero(grid.groups["channel"].to_numpy() == channel)
    days = grid.days
    known = np.zeros(len(days), dtype=bool)
    came = np.full(len(days), np.nan)
    if len(at):
        known = np.isfinite(grid.sums(grid.column("spend"))[at[0]])
        came = grid.sums(grid.column(unit))[at[0]]
    reported = bool(np.isfinite(came).any())
    first, last = (pd.to_datetime(contracts[name]) for name in ("day_first", "day_last"))
    length = (last - first).dt.days.to_numpy() + 1
    per_day = contracts[unit].to_numpy("float64") / length
    inside = (days.to_numpy() >= first.to_numpy()[:, None]) & (days.to_numpy() <= last.to_numpy()[:, None])
    due = np.where(inside & known, per_day[:, None], 0.0)
    total = due.sum(axis=0)
    part = np.divide(due, total, out=np.zeros_like(due), where=total > 0)
    got = np.where(due > 0, np.nan_to_num(came) * part, 0.0)
    covered = (due > 0).sum(axis=1)
    ended = covered == length
    upper = ratio_of_sums(
        np.where(due > 0, got, np.nan), np.where(due > 0, due, np.nan), level=1 - 2 * FALSE_RATE / tests
    ).high
    rows: list[dict[str, object]] = []
    for k, row in enumerate(contracts.itertuples()):
        owed, delivered = float(due[k].sum()), float(got[k].sum())
        told = reported and owed > 0
        missing = max(0.0, owed - delivered) if told else float("nan")
        price = float(row.price) if row.price == row.price and row.price > 0 else float("nan")
        share = delivered / owed if told else float("nan")
        rows.append(
            {
                "contract_id": int(row.contract_id),
                "channel": channel,
                "what": str(row.what) or channel,
                "unit": unit,
                "day_first": row.day_first,
                "day_last": row.day_last,
                "contracted": float(getattr(row, unit)),
                "days": int(length[k]),
                "covered": int(covered[k]),
                "until": days[np.flatnonzero(due[k])[-1]].date() if covered[k] else None,
                "ended": bool(ended[k]),
                "due": owed,
                "delivered": delivered if told else float("nan"),
                "share": share,
                "high": share if ended[k] or delivered == 0 else float(upper[k]),
                "missing": missing,
                "stake": price * covered[k] / length[k] * missing / owed if told else float("nan"),
                "price": price,
            }
        )
    return rows


def delivery_doubts(grid: Grid, table: pd.DataFrame, policy: Policy) -> list[Doubt]:
    """Contracts delivered short, one finding per contract: its worse unit.

    A contract whose days are all in is exact: below ``policy.delivery_floor`` it is short. A
    running one is called short only when even the upper end of its interval is below the floor.

    Args:
        grid: as given to ``delivery``.
        table: as it returns.
        policy: ``delivery_floor``.
    """
    short = table[(table["share"] < policy.delivery_floor) & (table["high"] < policy.delivery_floor)]
    found = []
    for _, part in short.groupby("contract_id", sort=True):
        row = part.loc[part["share"].idxmin()]
        code = "measure.short" if row["ended"] else "measure.short_running"
        if np.isnan(row["stake"]):
            code += "_unpriced"
        severity: Severity = "warning"
        params = {
            name: row[name] for name in ("what", "delivered", "due", "share", "missing", "until", "stake")
        }
        params |= {
            "field": row["unit"],
            "days": row["days"],
            "covered": row["covered"],
            "contracted": row["contracted"],
        }
        first = max(pd.Timestamp(row["day_first"]), grid.days[0])
        found.append(
            Doubt(
                channel=row["channel"],
                kind="delivery",
                finding=Finding(severity, code, params),
                stake=float(row["stake"]),
                first=first.date(),
                last=row["until"],
                daily=_spread(grid, row),
            )
        )
    return found


def _spread(grid: Grid, row: pd.Series) -> Array:
    """The money of a shortfall on the covered days of its contract, evenly."""
    days = (grid.days >= pd.Timestamp(row["day_first"])) & (grid.days <= pd.Timestamp(row["until"]))
    stake = 0.0 if np.isnan(row["stake"]) else float(row["stake"])
    return np.where(days, stake / max(1, int(days.sum())), 0.0)
