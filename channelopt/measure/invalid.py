r"""Traffic that was nobody: visits that leave at once, forms without senders, clicks that never arrive.

Every check holds one share of a channel (a ratio of sums over days) against a limit, the
policy's or a part of the other channels' median. A finding needs the whole one-sided interval
of the share beyond the limit: the interval of ``ratios`` over days (day-to-day noise,
autocorrelation), and for a share of counts never narrower than the exact Clopper-Pearson one. Its
error rate is ``FALSE_RATE`` divided by the number of channels, checks and windows (Bonferroni;
Dunn 1961, JASA 56), so that all of them together err in at most 5% of workspaces without a fault.
Each check looks at all days and, in a longer history, at the last ``RECENT_DAYS`` alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from channelopt.errors import Finding
from channelopt.measure.counts import proportion_interval
from channelopt.measure.doubts import FALSE_RATE, LEAST_VISITS, Doubt, others_median, spread_doubt
from channelopt.measure.grid import Array, Grid
from channelopt.measure.ratios import CountSide, ratio_of_sums
from channelopt.policy import Policy

RECENT_DAYS = 28
#: Rejected leads are mentioned from this share on, missing ones from this share.
REJECTED_LIMIT, MISSING_LIMIT = 0.3, 1 / 3
LEAST_LEADS = 20
#: "Far below the others": this part of their median; a dwell also below so many seconds.
FAR_BELOW, SHORT_DWELL = 1 / 3, 10.0
#: Arrived visits per click are odd below this share, or below this part of the others' median.
ARRIVED_LIMIT, ARRIVED_PART = 0.5, 0.7
#: A day on which the middle channel has less than this part of its usual visits per click: an outage.
OUTAGE = 0.5


@dataclass(frozen=True)
class Check:
    """One share, and what makes it doubtful.

    Attributes:
        code: of the finding.
        top: numerator column.
        bottom: denominator column.
        least: denominator below which nothing is said.
        count: which side counts events.
        above: True when a high share is bad, False when a low one is.
    """

    code: str
    top: str
    bottom: str
    least: float = LEAST_VISITS
    count: CountSide = "numerator"
    above: bool = False


CHECKS: tuple[Check, ...] = (
    Check("measure.bounces", "bounces", "sessions", above=True),
    Check("measure.short_dwell", "dwell_seconds", "sessions", count="none"),
    Check("measure.arrivals", "sessions", "clicks"),
    Check("measure.form_drops", "leads", "form_starts"),
    Check("measure.lost_leads", "leads", "platform_leads", LEAST_LEADS),
    Check("measure.rejected_leads", "valid_leads", "leads", LEAST_LEADS),
)


@dataclass(frozen=True)
class Shares:
    """One check on one window for all channels; arrays have one entry per channel.

    Attributes:
        value: the share.
        low: lower end of its interval, at the corrected level.
        high: upper end.
        others: median of the other channels.
        limit: beyond which the share is doubtful; NaN where nothing is said.
        known: (channels, days) on which both sides are known.
        first: first day of the window.
    """

    value: Array
    low: Array
    high: Array
    others: Array
    limit: Array
    known: np.ndarray
    first: int


def invalid_traffic(grid: Grid, policy: Policy) -> list[Doubt]:
    """Every doubt of this module, over all channels.

    Args:
        grid: daily rows by channel, with any of the columns the checks name.
        policy: ``bounce_limit``.
    """
    spend = np.nan_to_num(grid.sums(grid.column("spend")))
    found: list[Doubt] = []
    for check in CHECKS:
        said: set[int] = set()
        for shares in _windows(grid, check, policy):
            for at in np.flatnonzero(_beyond(shares, check)):
                if at not in said:
                    said.add(int(at))
                    found.append(_doubt(grid, check, shares, int(at), spend[at]))
    return found


def _windows(grid: Grid, check: Check, policy: Policy) -> Iterator[Shares]:
    """All days, then the last ones alone where the history is longer."""
    top, bottom = grid.pair(check.top, check.bottom)
    if not np.isfinite(top).any():
        return
    if check.code == "measure.arrivals":
        down = outages(top, bottom)
        top, bottom = (np.where(down, np.nan, side) for side in (top, bottom))
    days = top.shape[1]
    level = 1 - 2 * FALSE_RATE / (2 * len(CHECKS) * max(1, top.shape[0]))
    for first in (0, days - RECENT_DAYS) if days > RECENT_DAYS + 7 else (0,):
        yield _shares(check, policy, top[:, first:], bottom[:, first:], (level, first))


def _shares(check: Check, policy: Policy, top: Array, bottom: Array, setting: tuple[float, int]) -> Shares:
    level, first = setting
    found = ratio_of_sums(top, bottom, level=level, count=check.count)
    enough = (found.bottom >= check.least) & (found.days >= 2)
    value = np.where(enough, found.value, np.nan)
    low, high = found.low, np.where(value == 0, np.fmin(found.high, np.inf), found.high)
    if check.count == "numerator":
        exact_low, exact_high = proportion_interval(found.top, found.bottom, level)
        low, high = np.fmin(low, exact_low), np.fmax(high, exact_high)
    elif check.count == "none":
        high = np.where(value == 0, 0.0, high)
    others = others_median(value)
    limit = np.where(enough, _limit(check, policy, others), np.nan)
    known = np.isfinite(top) & np.isfinite(bottom)
    return Shares(value, low, high, others, limit, known, first)


def _limit(check: Check, policy: Policy, others: Array) -> Array:
    flat = {
        "measure.bounces": policy.bounce_limit,
        "measure.rejected_leads": 1 - REJECTED_LIMIT,
        "measure.lost_leads": 1 - MISSING_LIMIT,
    }
    if check.code in flat:
        return np.full_like(others, flat[check.code])
    if check.code == "measure.short_dwell":
        return np.minimum(FAR_BELOW * others, SHORT_DWELL)
    if check.code == "measure.arrivals":
        return np.fmax(ARRIVED_LIMIT, ARRIVED_PART * np.minimum(others, 1.0))
    return FAR_BELOW * others


def _beyond(shares: Shares, check: Check) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        flagged = shares.low > shares.limit if check.above else shares.high < shares.limit
        if (
            check.code == "measure.arrivals"
        ):  # visits never counted at all: the site does not know the channel
            flagged &= shares.value > 0
    return np.asarray(flagged)


def _doubt(grid: Grid, check: Check, shares: Shares, at: int, spend: Array) -> Doubt:
    share = _bad_share(check, shares, at)
    days = np.zeros(len(grid.days), dtype=bool)
    days[shares.first :] = shares.known[at]
    params: dict[str, float | dt.date] = {
        "share": float(shares.value[at]), "low": float(shares.low[at]), "high": float(shares.high[at]),
        "limit": float(shares.limit[at]), "others": float(shares.others[at]),
    }  # fmt: skip
    if check.code in ("measure.rejected_leads", "measure.lost_leads"):
        params |= {"share": share, "low": 1 - float(shares.high[at]), "high": 1 - float(shares.low[at])}
    since = grid.days[int(np.flatnonzero(days)[0])].date()
    code = check.code
    if code == "measure.arrivals" and np.isnan(shares.others[at]):
        code = "measure.arrivals_alone"
    doubt = spread_doubt(
        grid, at, "invalid", Finding("warning", code, params | {"since": since}), spend * days * share
    )
    return replace(doubt, first=since)


def _bad_share(check: Check, shares: Shares, at: int) -> float:
    """The part of the spend that bought nothing, were the rest like the other channels."""
    value = float(shares.value[at])
    if check.above:
        return value
    usual = 1.0
    if check.code in ("measure.short_dwell", "measure.form_drops", "measure.arrivals"):
        usual = float(shares.others[at])
    if check.code == "measure.arrivals":
        usual = min(usual, 1.0) if np.isfinite(usual) else 1.0
    return max(0.0, 1 - value / usual)


def outages(sessions: Array, clicks: Array) -> np.ndarray:
    """Days on which the site tool was down, not the traffic: hardly any visits at any channel.

    Args:
        sessions: (channels, days), NaN unknown.
        clicks: same shape.

    Returns:
        (days,): True where the middle channel has under half of its usual visits per click;
        with fewer than three channels, where none has a visit.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        arrived = np.where(clicks > 0, sessions / clicks, np.nan)
        seen = np.isfinite(arrived).sum(axis=0)
        days = (seen > 0) & (np.nansum(sessions, axis=0) == 0)
        tracked = np.isfinite(arrived).sum(axis=1) > 0
        if tracked.sum() >= 3:
            usual = np.nanmedian(arrived[tracked], axis=1)
            part = arrived[tracked] / np.where(usual > 0, usual, np.nan)[:, None]
            any_known = np.isfinite(part).any(axis=0)
            middle = np.ones(part.shape[1])
            middle[any_known] = np.nanmedian(part[:, any_known], axis=0)
            days |= (np.isfinite(part).sum(axis=0) >= 3) & (middle < OUTAGE)
    return np.asarray(days)
