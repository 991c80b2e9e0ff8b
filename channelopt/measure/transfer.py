r"""From the channel on record to the credit of a model: how outcomes move between channels.

The lead list names one channel per lead, the last one before it. The paths that end in that channel say
which others took part. With :math:`w_{pd}` the credit of channel d in path p under a model and
:math:`n_p` its conversions, the part of what is recorded at channel c that belongs to d is

.. math:: T_{cd} = \sum_{p \text{ ends in } c} n_p w_{pd} \Big/ \sum_{p \text{ ends in } c} n_p .

Rows add up to 1, so nothing is made or lost; a channel that ends no converting path keeps what it
has. Markov credits have no split per path: there T is the linear one, fitted to Markov's totals by
iterative proportional fitting. On a day credit goes only to channels that were running: those between
their first day and their last day plus the length of a journey. What the paths leave open is the
variance of the log of each channel's outcome when persons are resampled (Poisson bootstrap).

Source: Deming & Stephan (1940), Annals of Mathematical Statistics 11 (proportional fitting);
Hanley & MacGibbon (2006), Computer Methods and Programs in Biomedicine 83 (Poisson bootstrap).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from channelopt.errors import require_columns
from channelopt.measure.attribution import MODELS
from channelopt.measure.markov import Steps
from channelopt.measure.messages import MeasureError
from channelopt.measure.shapley import shapley_weights
from channelopt.measure.touches import Array, Touches, flatten, touch_weights

#: What moves with the credit; spend and traffic stay where they were bought.
OUTCOMES = ("leads", "valid_leads", "qualified_leads", "customers", "revenue")
#: Rounds of proportional fitting; the rows are exact after the last one.
ROUNDS = 60


@dataclass(frozen=True)
class Transfer:
    """How outcomes on record are credited under a model.

    Attributes:
        model: one of ``attribution.MODELS``.
        channels: keys of the paths, sorted; K of them.
        matrix: K × K, rows the channel on record, columns the one credited; rows add up to 1.
        log_var: channel key → variance of the log of its credited outcome that the paths leave
            open; a channel that is not in the paths has none.
        conversions: conversions the matrix was learned from.
    """

    model: str
    channels: tuple[str, ...]
    matrix: Array
    log_var: Mapping[str, float]
    conversions: int


def learn_transfer(
    paths: pd.DataFrame,
    model: str,
    recorded: Mapping[str, float] | None = None,
    draws: int = 60,
    seed: int = 20260702,
) -> Transfer:
    """Learn from conversion paths how outcomes on record move under a model.

    Args:
        paths: as for ``attribution.attribute``.
        model: one of ``attribution.MODELS``.
        recorded: channel key → outcome on record (money or leads), the weights of ``log_var``; the
            conversions that end there when left out.
        draws: of the bootstrap; below 2 ``log_var`` is 0.
        seed: the same seed gives the same answer.

    Raises:
        InputError: a column is missing.
        MeasureError: ``measure.bad_path``, ``measure.unknown_model``.
    """
    if model not in MODELS:
        raise MeasureError("measure.unknown_model", model=model, known=", ".join(MODELS))
    touches = flatten(paths)
    last = touch_weights(touches, "last")
    steps = Steps(touches) if model == "markov" else None
    split = shapley_weights(touches) if model == "shapley" else touch_weights(touches, _split_of(model))
    seen = _matrix(last, split, steps, touches.persons, touches.conversions)
    ended = np.asarray(last.T @ touches.conversions)
    weights = ended if recorded is None else np.array([recorded.get(c, 0.0) for c in touches.channels])
    variance = _log_var(touches, (last, split, steps), weights, (draws, seed))
    return Transfer(
        model=model,
        channels=touches.channels,
        matrix=seen,
        log_var=dict(zip(touches.channels, variance.tolist(), strict=True)),
        conversions=int(touches.conversions.sum()),
    )


def credited(daily: pd.DataFrame, transfer: Transfer, lookback_days: int = 30) -> pd.DataFrame:
    """The daily table with its outcomes credited by a model.

    Args:
        daily: day, channel, spend and what else is known, one row per day and channel.
        transfer: how outcomes move.
        lookback_days: credit reaches a channel until so many days after its last one.

    Returns:
        The same columns. Totals per day are those of ``daily``, except what belongs to channels that
        are not in it, which is left out (``unpaid_share`` tells how much). Days on which a running
        channel had no row of its own, but is credited something, are added with no spend.

    Raises:
        InputError: day, channel or spend is missing.
    """
    require_columns(daily, ("day", "channel", "spend"))
    outcomes = [name for name in OUTCOMES if name in daily.columns]
    if not len(daily) or not outcomes or not transfer.channels:
        return daily
    day_code, days = pd.factorize(daily["day"], sort=True)
    code, names = pd.factorize(daily["channel"], sort=True)
    kept = (day_code >= 0) & (code >= 0)
    day_code, code, rows = day_code[kept], code[kept], daily[kept]
    own = np.zeros((len(days), len(names)), dtype=bool)
    own[day_code, code] = True
    running = _running(own, pd.DatetimeIndex(days), lookback_days)
    matrix = _laid_over(transfer, [str(n) for n in names])
    inside = np.hstack([running, np.ones((len(days), matrix.shape[1] - len(names)))])
    share = (
        inside @ matrix.T
    )  # what of a channel's credit finds a running channel, (days, channels on record)
    gained = {}
    for name in outcomes:
        cells = np.zeros(own.shape)
        cells[day_code, code] = rows[name].fillna(0.0).to_numpy("float64")
        moved = (np.divide(cells, share, out=np.zeros_like(cells), where=share > 0) @ matrix) * inside
        gained[name] = moved[:, : len(names)] + np.where(share > 0, 0.0, cells)
    return _put_back(daily, rows, (days, names, day_code, code, own), gained)


def unpaid_share(daily: pd.DataFrame, transfer: Transfer) -> float:
    """Share of the recorded revenue (leads without it) that a model credits to channels without a row."""
    name = next((n for n in ("revenue", "leads") if n in daily.columns and daily[n].sum() > 0), None)
    if name is None:
        return 0.0
    before = float(daily.loc[daily["channel"].notna(), name].sum())
    return 1.0 - float(credited(daily, transfer)[name].sum()) / before if before > 0 else 0.0


def _split_of(model: str) -> str:
    return "linear" if model == "markov" else model


def _matrix(
    last: sparse.csr_array, split: sparse.csr_array, steps: Steps | None, persons: Array, won: Array
) -> Array:
    """Credit by channel on record, rows adding up to 1; a channel without conversions keeps its own."""
    table = np.asarray((last.T @ (split * won[:, None])).todense(), dtype="float64")
    ended = table.sum(axis=1)
    if steps is not None and won.sum() > 0:
        table = _fitted(table, ended, steps.shares(persons[:, None], won[:, None])[0] * ended.sum())
    alone = ended <= 0
    table[alone] = np.eye(len(ended))[alone]
    return np.asarray(table / table.sum(axis=1, keepdims=True))


def _fitted(table: Array, by_row: Array, by_column: Array) -> Array:
    """A table with the wanted sums of rows and, as far as its empty cells allow, of columns."""
    for _ in range(ROUNDS):
        columns = table.sum(axis=0)
        table = table * np.divide(by_column, columns, out=np.zeros_like(columns), where=columns > 0)
        rows = table.sum(axis=1)
        table = table * np.divide(by_row, rows, out=np.zeros_like(rows), where=rows > 0)[:, None]
    return table


def _log_var(
    touches: Touches,
    parts: tuple[sparse.csr_array, sparse.csr_array, Steps | None],
    weights: Array,
    luck: tuple[int, int],
) -> Array:
    """Variance of the log of each channel's credited outcome under resampled persons, shape (K,)."""
    draws, seed = luck
    size = len(touches.channels)
    if draws < 2 or not size:
        return np.zeros(size)
    rng = np.random.default_rng(seed)
    lost = touches.persons - touches.conversions
    logs = np.empty((draws, size))
    for draw in range(draws):
        won = np.asarray(rng.poisson(touches.conversions), dtype="float64")
        met = won + rng.poisson(lost) if parts[2] is not None else won
        with np.errstate(divide="ignore"):
            logs[draw] = np.log(np.asarray(weights @ _matrix(*parts, np.asarray(met, dtype="float64"), won)))
    logs[~np.isfinite(logs)] = np.nan
    known = np.isfinite(logs).sum(axis=0) >= 2
    found = np.zeros(size)
    found[known] = np.nanvar(logs[:, known], axis=0, ddof=1)
    return found


def _running(own: np.ndarray, days: pd.DatetimeIndex, lookback_days: int) -> Array:
    """1 where a channel was running or its ads can still be remembered, (days, channels)."""
    first = np.argmax(own, axis=0)
    last = own.shape[0] - 1 - np.argmax(own[::-1], axis=0)
    ends = days[last] + pd.Timedelta(days=lookback_days)
    at = np.arange(len(days))[:, None]
    return np.asarray((at >= first) & (days.to_numpy()[:, None] <= ends.to_numpy()), dtype="float64")


def _laid_over(transfer: Transfer, names: list[str]) -> Array:
    """The matrix over the channels of a table, then those of the paths without a row in it."""
    place = {channel: at for at, channel in enumerate(transfer.channels)}
    others = [channel for channel in transfer.channels if channel not in set(names)]
    columns = [*names, *others]
    matrix = np.zeros((len(names), len(columns)))
    for at, name in enumerate(names):
        if name not in place:
            matrix[at, at] = 1.0
            continue
        row = transfer.matrix[place[name]]
        for to, column in enumerate(columns):
            if column in place:
                matrix[at, to] = row[place[column]]
    return matrix


def _put_back(
    daily: pd.DataFrame,
    rows: pd.DataFrame,
    layout: tuple[pd.Index, pd.Index, np.ndarray, np.ndarray, np.ndarray],
    gained: dict[str, Array],
) -> pd.DataFrame:
    days, names, day_code, code, own = layout
    moved = rows.copy()
    for name, cells in gained.items():
        new = cells[day_code, code]
        moved[name] = np.where(rows[name].isna() & (new <= 0), np.nan, new)
    extra = np.argwhere(~own & (np.max(list(gained.values()), axis=0) > 0))
    added = pd.DataFrame({"day": days[extra[:, 0]], "channel": names[extra[:, 1]]})
    for name in ("spend", "cost"):
        if name in daily.columns:
            added[name] = 0.0
    for name, cells in gained.items():
        added[name] = cells[extra[:, 0], extra[:, 1]]
    nowhere = daily[daily["day"].isna() | daily["channel"].isna()]
    found = pd.concat(
        [moved, added.astype(moved.dtypes[added.columns].to_dict()), nowhere], ignore_index=True
    )
    return found.reindex(columns=daily.columns).sort_values(["day", "channel"], ignore_index=True)
