"""The step chain impressions → clicks → … → customers per channel, and its weakest step."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.fields import FUNNEL
from channelopt.measure.grid import lay_out

COLUMNS = ("channel", "from_stage", "to_stage", "from_count", "to_count", "rate", "others", "worst")
#: A step is called weak only when it is this many standard errors below the others' middle.
CLEAR = 3.0


def funnel_steps(daily: pd.DataFrame) -> pd.DataFrame:
    """Every step of every channel against the other channels.

    A stage the channel does not report is skipped, so its neighbours make one step. Counts
    of a step are summed over the rows that know both stages.

    Args:
        daily: "channel" and any of ``fields.FUNNEL``.

    Returns:
        One row per channel and step: channel, from_stage, to_stage, from_count, to_count,
        rate (to / from, NaN without a from), others (median rate of the other channels with
        that step, NaN when there are none), worst (True on at most one step per channel: the
        one furthest below the others in relative terms, if it is clearly below).

    Raises:
        InputError: no "channel" column.
    """
    require_columns(daily, ("channel",))
    grid = lay_out(daily, ["channel"])
    totals: dict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = {}
    for at, start in enumerate(FUNNEL):
        for end in FUNNEL[at + 1 :]:
            top, bottom = grid.pair(end, start)
            totals[start, end] = (_known_sum(bottom), _known_sum(top))
    reported = {s: np.isfinite(_known_sum(grid.sums(grid.column(s)))) for s in FUNNEL}
    rows = []
    for at, channel in enumerate(grid.groups["channel"]):
        chain = [s for s in FUNNEL if reported[s][at]]
        for start, end in itertools.pairwise(chain):
            before, after = totals[start, end]
            rates = _rates(before, after)
            others = np.delete(rates, at)
            middle = float(np.nanmedian(others)) if np.isfinite(others).any() else float("nan")
            rows.append((channel, start, end, before[at], after[at], rates[at], middle))
    steps = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    numbers = ["from_count", "to_count", "rate", "others"]
    steps[numbers] = steps[numbers].astype("float64")
    steps["worst"] = _worst(steps)
    return steps


def weak_step_findings(steps: pd.DataFrame) -> dict[str, Finding]:
    """The weakest step of each channel that has one, as a finding.

    Args:
        steps: as ``funnel_steps`` gives them.
    """
    weak = steps[steps["worst"]]
    return {
        str(row["channel"]): Finding(
            "info", f"measure.weak_{row['to_stage']}", {"rate": row["rate"], "others": row["others"]}
        )
        for row in weak.to_dict("records")
    }


def _known_sum(cells: np.ndarray) -> np.ndarray:
    known = np.isfinite(cells).any(axis=1)
    return np.where(known, np.nansum(cells, axis=1), np.nan)


def _rates(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(before > 0, after / before, np.nan)


def _worst(steps: pd.DataFrame) -> np.ndarray:
    flags = np.zeros(len(steps), dtype=bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log((steps["to_count"] + 0.5) / steps["from_count"]) - np.log(steps["others"])
        clear = gap * np.sqrt(steps["to_count"] + 0.5) < -CLEAR
    weak = gap.where(clear & (gap < 0) & np.isfinite(gap))
    for _, at in weak.dropna().groupby(steps["channel"]).idxmin().items():
        flags[int(str(at))] = True
    return flags
