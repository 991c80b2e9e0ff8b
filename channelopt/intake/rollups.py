"""Total rows without a word: rows that add up the rows below them in the hierarchy of names and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.intake.body import Body

#: What a total states reliably; other counts may be de-duplicated in it.
_BASE = ("spend", "impressions", "clicks", "sessions")
_MORE = ("leads", "customers", "form_starts")
_COVERS = 0.98
_HABIT = 0.8
_TELLING = 1000.0
_ROUNDS = 4


@dataclass(frozen=True)
class Suspects:
    """Lines found by arithmetic.

    Attributes:
        sure: lines that leave a name or the day open and equal the lines they cover.
        asked: lines that may be totals: they add up but are named and dated like data, or they
            have no name and carry as much as all lines they would cover.
    """

    sure: list[int]
    asked: list[int]


def find_rollups(
    body: Body,
    day: np.ndarray | None,
    names: Sequence[Sequence[str]],
    metrics: Mapping[str, np.ndarray],
    span: np.ndarray | None,
) -> Suspects:
    """Look for subtotals and totals among the open lines.

    Args:
        body: lines with their fate so far.
        day: first day per line, NaT where it has none; None without a day column.
        names: text columns per line, accounts and breakdowns included.
        metrics: additive numbers per line, spend first.
        span: length in days of each line's own range; None for single days.
    """
    lines = np.array(body.open(), dtype=int)
    known = [m for m in (*_BASE, *_MORE) if m in metrics and np.nansum(metrics[m][lines]) > 0]
    base = [m for m in known if m in _BASE]
    base = base if len(base) != 1 else known
    if len(lines) < 2 or not base:
        return Suspects([], [])
    values = np.column_stack([np.nan_to_num(metrics[m][lines]) for m in base])
    keys = _keys(lines, day, names, span)
    dated = day is not None and span is None
    left, suspects = np.arange(len(lines)), np.array([], dtype=int)
    for _ in range(_ROUNDS):
        sure, doubtful = (left[found] for found in _by_level(keys.iloc[left], values[left], dated))
        dayless = np.flatnonzero(keys["day"].to_numpy() == "")
        rest = np.setdiff1d(left, np.concatenate([sure, doubtful, dayless]))
        found = _named_totals(keys, values, rest)
        if not len(found):
            break
        suspects = np.union1d(suspects, found)
        left = np.setdiff1d(left, found)
    asked = np.union1d(suspects, doubtful).astype(int)
    return Suspects(lines[sure].tolist(), lines[asked].tolist())


def _keys(
    lines: np.ndarray, day: np.ndarray | None, names: Sequence[Sequence[str]], span: np.ndarray | None
) -> pd.DataFrame:
    """What names a line: its day (and range) first, then every text column any line fills."""
    found: dict[str, Sequence[str]] = {}
    if day is not None:
        at = day[lines].astype("datetime64[s]").astype(str)
        wide = [f"+{s:g}" if s > 0 else "" for s in span[lines]] if span is not None else [""] * len(at)
        found["day"] = ["" if a == "NaT" else a + w for a, w in zip(at, wide, strict=True)]
    else:
        found["day"] = ["-"] * len(lines)
    for k, column in enumerate(names):
        texts = [column[i] for i in lines]
        if any(texts):
            found[f"name{k}"] = texts
    return pd.DataFrame(found, dtype=object)


def _by_level(keys: pd.DataFrame, values: np.ndarray, dated: bool) -> tuple[np.ndarray, np.ndarray]:
    """Lines that leave keys open, against the lines that fill them: (totals, doubtful)."""
    filled = (keys != "").to_numpy()
    patterns, which = np.unique(filled, axis=0, return_inverse=True)
    which = which.ravel()
    taken = np.zeros(len(keys), dtype=bool)
    doubtful: list[int] = []
    for p in np.argsort(-patterns.sum(axis=1), kind="stable"):
        pattern = patterns[p]
        own = np.flatnonzero((which == p) & ~taken)
        deeper = [q for q in range(len(patterns)) if q != p and np.all(patterns[q] >= pattern)]
        pool = np.flatnonzero(np.isin(which, deeper) & ~taken)
        if not len(own) or not len(pool):
            continue
        by = list(keys.columns[pattern])
        sums = _sums(keys, values, own, pool, by)
        equal = _adds_up(values[own], sums)
        depth = patterns[which[pool]].sum(axis=1)
        deepest = pool[depth == depth.max()]
        if len(deepest) < len(pool):
            equal |= _adds_up(values[own], _sums(keys, values, own, deepest, by))
        everything = np.tile(values[deepest].sum(axis=0), (len(own), 1))
        equal |= _adds_up(values[own], everything, min(2, values.shape[1]))
        habit = equal.sum() >= 2 and equal.mean() >= _HABIT
        sure = equal & (habit | ((values[own] != 0).sum(axis=1) >= 2))
        taken[own[sure]] = True
        if not dated or pattern[0]:
            bare = not dated and len(pattern) > 1 and not pattern[1:].any()
            heavy = (sums[:, 0] > 0) & (bare | (values[own, 0] >= _COVERS * sums[:, 0])) & ~sure
            doubtful += own[heavy].tolist()
    return np.flatnonzero(taken), np.array(doubtful, dtype=int)


def _sums(
    keys: pd.DataFrame, values: np.ndarray, own: np.ndarray, pool: np.ndarray, by: list[str]
) -> np.ndarray:
    """For each line of ``own``, the sums over the lines of ``pool`` with the same keys ``by``."""
    if not by:
        return np.tile(values[pool].sum(axis=0), (len(own), 1))
    table = pd.DataFrame(values[pool]).groupby([keys[b].to_numpy()[pool] for b in by], sort=False).sum()
    wanted = [tuple(row) if len(by) > 1 else row[0] for row in keys[by].to_numpy()[own]]
    return table.reindex(wanted).fillna(0.0).to_numpy()


def _adds_up(values: np.ndarray, sums: np.ndarray, need: int = 1) -> np.ndarray:
    """Lines whose figures above 0 all equal the sums."""
    near = (np.abs(values - sums) <= np.maximum(0.005 * np.abs(sums), 0.0061)) & (sums != 0)
    stated = values != 0
    return np.all(near | ~stated, axis=1) & (stated.sum(axis=1) >= need)


def _named_totals(keys: pd.DataFrame, values: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Fully named lines that equal the other lines of their day, or all other lines of the file."""
    if len(rest) < 3:
        return rest[:0]
    found = _day_totals(keys["day"].to_numpy()[rest], values[rest])
    depth = (keys.iloc[rest] != "").sum(axis=1).to_numpy()
    for lines in (rest[~found], rest[~found & (depth == depth.max())]):
        if len(lines) >= 3:
            found |= np.isin(rest, lines[_whole_total(keys.iloc[lines], values[lines])])
    return rest[found]


def _day_totals(day: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Lines that equal the other lines of their day, two at least, on two figures or more."""
    days, which = np.unique(day.astype(str), return_inverse=True)
    if values.shape[1] < 2 or len(days) < 2:
        return np.zeros(len(values), dtype=bool)
    sums = pd.DataFrame(values).groupby(which).transform("sum").to_numpy()
    return _adds_up(values, sums - values, 2) & (np.bincount(which)[which] >= 3)


def _whole_total(keys: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """The heaviest line and its copies, when they equal all other lines."""
    n, metrics = values.shape
    top = int(np.argmax(values[:, 0]))
    copies = np.all(np.abs(values - values[top]) < 0.011, axis=1)
    others = np.flatnonzero(~copies)
    odd = top in (0, n - 1) or round(100 * values[top, 0]) % 100
    alone = metrics == 1 and not (len(others) >= 3 and odd and _stands_out(keys, top))
    if len(others) < 2 or alone or not _is_sum(values[top], values[others].sum(axis=0), min(2, metrics)):
        return np.array([], dtype=int)
    return np.flatnonzero(copies)


def _is_sum(figures: np.ndarray, others: np.ndarray, need: int) -> bool:
    """Whether a line equals all others, or all others are so many complete levels of subtotals.

    One large figure that is the exact sum tells enough when no other figure is below its sum: the
    lines may lack cells.
    """
    if _adds_up(figures[None, :], others[None, :], need)[0]:
        return True
    stated = figures != 0
    exact = (figures >= _TELLING) & (np.abs(figures - others) < 0.0061)
    if exact.any() and np.all(figures >= others - 0.0061):
        return True
    if stated.sum() < 2 or not stated[0] or not others[0] > 0:
        return False
    levels = round(float(others[0] / figures[0]))
    slack = np.maximum(0.0061 * levels, 5e-5 * others)
    return 2 <= levels <= 12 and bool(np.all(np.abs(others - levels * figures)[stated] <= slack[stated]))


def _stands_out(keys: pd.DataFrame, i: int) -> bool:
    """Whether a line repeats the key of another, or bears a name no other line has."""
    names = keys.drop(columns="day")
    if not len(names.columns):
        return bool((keys["day"] == keys["day"].iloc[i]).sum() > 1)
    same = (names == names.iloc[i]).all(axis=1)
    if same.sum() == 1:
        return bool((names.nunique() < len(names)).any())
    return bool(((keys["day"] == keys["day"].iloc[i]) & same).sum() > 1)
