r"""When the data cannot tell: a small planned variation of spend, and what it would teach.

Chosen channels spend ``1 + v`` and ``1 - v`` times today's money in turn, week by week, each in its own
pattern of plus and minus (columns of a Hadamard matrix: every channel is as often up as down, no two go
together). The contrast of up and down weeks per day, ``c = f(x (1 + av)) - f(x (1 - av))``, has the noise

    se^2 = 4 sd_day^2 / days,      a = 1 - 2 k (1 - k^7) / (7 (1 - k) (1 + k^7))

(k is the carry-over, which blurs weeks that alternate). With m the marginal return of a draw, the expected
posterior variance is that of linear Gaussian updating over the draws:
``var(m) - cov(m, c)^2 / (var(c) + se^2)``. The cost is what the mean of the two spends brings less than the
spend between them.

Source: Raiffa & Schlaifer (1961), Applied Statistical Decision Theory (preposterior analysis); Plackett &
    Burman
(1946) for the patterns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.linalg import hadamard

from channelopt.errors import Finding
from channelopt.plan.goods import refuse
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

SHARE = 0.3
#: Day-to-day noise of a channel's outcome beyond counting, a share of it.
DAY_CV = 0.2
#: Most channels that are varied at once.
SEVERAL = 5
#: Squared coefficient of variation of what one order is worth, plus one for the number of orders.
ORDER_NOISE = 2.0


@dataclass(frozen=True)
class Variation:
    """A test by varying spend.

    Attributes:
        table: one row per varied channel, the one that teaches most first: channel, today, low, high (money
            per day), mroi, sd_before, sd_after (marginal return and its standard deviation before and,
            expected, after), cost (outcome given up over the days).
        schedule: columns week, channel, spend: what to set in which week.
        days: how long.
        share: how far up and down.
        cost: outcome given up over the days, in the curves' unit.
        findings: what is doubtful.
    """

    table: pd.DataFrame
    schedule: pd.DataFrame
    days: int
    share: float
    cost: float
    findings: tuple[Finding, ...] = ()


def design_variation(
    curves: ResponseCurves,
    days: int = 56,
    share: float = SHARE,
    channels: Sequence[str] | None = None,
    day_cv: float = DAY_CV,
) -> Variation:
    """Which channels to vary, by how much, for how long, at what cost, and what it would teach.

    Args:
        curves: what is believed today.
        days: length; rounded up to whole pairs of weeks.
        share: how far up and down, above 0 and below 1.
        channels: which ones; by default up to five with spend whose marginal returns the test narrows most,
            by the money they stand for.
        day_cv: day-to-day noise of a channel's outcome beyond counting.

    Raises:
        PlanError: ``plan.bad_option``.
    """
    if not 0 < share < 1:
        refuse("share", share, "above 0 and below 1")
    if not days >= 1:
        refuse("days", days, "a whole number from 1")
    unknown = [c for c in channels or () if c not in curves.channels]
    if unknown:
        refuse("channels", ", ".join(unknown), ", ".join(curves.channels))
    weeks = max(2 * int(np.ceil(days / 14)), 2)
    today = curves.today.reindex(list(curves.channels)).to_numpy("float64")
    before, after = _narrowed(curves, today, 7 * weeks, share, day_cv)
    chosen = _chosen(curves, today, before - after, weeks, channels)
    lost = _lost(curves, today, 7 * weeks, share)
    table = pd.DataFrame(
        {
            "channel": [curves.channels[c] for c in chosen], "today": today[chosen],
            "low": today[chosen] * (1 - share), "high": today[chosen] * (1 + share),
            "mroi": curves.slope_draws(today).mean(axis=0)[chosen], "sd_before": before[chosen],
            "sd_after": after[chosen], "cost": lost[chosen],
        }
    )  # fmt: skip
    found = () if len(table) else (Finding("warning", "plan.nothing_to_vary"),)
    return Variation(
        table, _schedule(table, weeks, share), 7 * weeks, share, float(table["cost"].sum()), found
    )


def blur(keep: Array) -> Array:
    """How much of a change is left when weeks alternate: the factor a above."""
    k = np.clip(keep, 0.0, 1 - 1e-9)
    return np.asarray(1 - 2 * k * (1 - k**7) / (7 * (1 - k) * (1 + k**7)))


def _narrowed(
    curves: ResponseCurves, today: Array, days: int, share: float, day_cv: float
) -> tuple[Array, Array]:
    """Standard deviation of each marginal return before and, expected, after."""
    left = blur(curves.keep) * share
    held = np.where(today > 0, today, np.nan)
    contrast = _at(curves, held * (1 + left)) - _at(curves, held * (1 - left))
    m = curves.slope_draws(today)
    level = curves.outcome_draws(today).mean(axis=0)
    se2 = 4 * day_variance(curves, level, day_cv) / days
    centred, moved = m - m.mean(axis=0), contrast - contrast.mean(axis=0)
    before = (centred**2).mean(axis=0)
    learned = (centred * moved).mean(axis=0) ** 2 / ((moved**2).mean(axis=0) + se2)
    after = np.where(np.isfinite(learned), np.maximum(before - learned, 0.0), before)
    return np.sqrt(before), np.sqrt(after)


def _at(curves: ResponseCurves, spend: Array) -> Array:
    """Outcome per day at a spend that differs by draw, (draws, channels)."""
    with np.errstate(over="ignore", divide="ignore"):
        return np.asarray(curves.top / (1 + np.exp(-curves.slope * (np.log(spend) - np.log(curves.half)))))


def day_variance(curves: ResponseCurves, level: Array, day_cv: float) -> Array:
    """Variance of a channel's outcome of one day."""
    if curves.outcome not in ("revenue", "profit"):
        return np.asarray(level + (day_cv * level) ** 2)
    seen = curves.sources.reindex(list(curves.channels))
    orders = (seen["events"] / seen["days"].clip(lower=1)).clip(lower=1e-3).to_numpy("float64")
    return np.asarray(level**2 * (ORDER_NOISE / orders + day_cv**2))


def _lost(curves: ResponseCurves, today: Array, days: int, share: float) -> Array:
    up, down = curves.outcome_draws(today * (1 + share)), curves.outcome_draws(today * (1 - share))
    return np.asarray((curves.outcome_draws(today) - (up + down) / 2).mean(axis=0) * days)


def _chosen(
    curves: ResponseCurves, today: Array, learned: Array, weeks: int, channels: Sequence[str] | None
) -> list[int]:
    if channels is not None:
        return [curves.channels.index(c) for c in channels]
    known = curves.identified.reindex(list(curves.channels)).to_numpy() == "yes"
    score = np.where(today > 0, learned * today, 0.0)
    order = np.lexsort((-score, known))
    return [int(c) for c in order if score[c] > 0][: min(SEVERAL, _patterns(weeks) - 1)]


def _patterns(weeks: int) -> int:
    """Length of the cycle of plus and minus that fits the weeks: 2, 4 or 8."""
    return 8 if weeks % 8 == 0 else 4 if weeks % 4 == 0 else 2


def _schedule(table: pd.DataFrame, weeks: int, share: float) -> pd.DataFrame:
    size = _patterns(weeks)
    signs = hadamard(size)[:, 1:]
    rows = [
        {
            "week": w + 1,
            "channel": row.channel,
            "spend": row.today * (1 + share * signs[w % size, k % (size - 1)]),
        }
        for w in range(weeks)
        for k, row in enumerate(table.itertuples())
    ]
    return pd.DataFrame(rows, columns=["week", "channel", "spend"])
