r"""What the curves rest on: how far the data narrowed the beliefs, what was borrowed, and what to doubt.

A channel's marginal return is its return times the elasticity of its curve, ``d log f / d log x``. Both are
compared with draws from the prior: the ratio of standard deviations of their logs is what is left of
the doubt. Attribution alone tells a return, never an elasticity: that needs spend that moved.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from channelopt.errors import Finding
from channelopt.response.demand import FEW
from channelopt.response.grid import Grid
from channelopt.response.model import HALF, ROI, SLOPE
from channelopt.response.prior import Prior

Array = npt.NDArray[np.float64]

#: Shares of the doubt left in (marginal return, elasticity): below the first "yes", above the second "no".
YES, NO = (0.65, 0.75), (0.9, 0.9)
#: Draws of the prior.
BELIEFS = 2000
#: Fewer days than this are told.
SHORT = 28


def elasticity(u: Array, relative: Array) -> Array:
    """Log of d log f / d log x at spend relative to the reference; u (..., C, 5), relative (C,)."""
    slope = np.exp(u[..., SLOPE])
    level = slope * (np.log(np.maximum(relative, 1e-3)) - u[..., HALF])
    return np.asarray(u[..., SLOPE] - np.logaddexp(0.0, level))


def identified(u: Array, scale: Array, relative: Array, prior: Prior, names: tuple[str, ...]) -> pd.Series:
    """How far the data narrowed the marginal return at today's spend.

    Args:
        u: (draws, C, 5).
        scale: (draws, C) correction of the log return.
        relative: (C,) today's spend relative to the reference.
        prior: beliefs before.
        names: of the channels.
    """
    rng = np.random.default_rng(0)
    sd = np.hypot(prior.spread, prior.centre_sd)
    belief = np.array(prior.centre) + sd * rng.standard_normal((BELIEFS, 1, 5))
    before = elasticity(belief, relative)
    marginal = before + belief[..., ROI] + _height(belief, relative)
    after = elasticity(u, relative)
    now = after + u[..., ROI] + scale + _height(u, relative)
    left = now.std(axis=0) / marginal.std(axis=0), after.std(axis=0) / before.std(axis=0)
    sure = (left[0] < YES[0]) & (left[1] < YES[1])
    lost = (left[0] > NO[0]) | (left[1] > NO[1])
    return pd.Series(np.where(lost, "no", np.where(sure, "yes", "weak")), index=list(names))


def _height(u: Array, relative: Array) -> Array:
    """Log of the return at this spend over the return at the reference."""
    slope, x = np.exp(u[..., SLOPE]), np.maximum(relative, 1e-3)
    at = np.log(expit(slope * (np.log(x) - u[..., HALF])))
    return np.asarray(at + np.logaddexp(0.0, slope * u[..., HALF]) - np.log(x))


def weekly(spend: Array, grid: Grid) -> Array:
    """(W, C) mean money per day of whole weeks counted back from the last day; periods as they are
    when they are a week or longer. Weeks in which nothing was seen are left out."""
    if grid.step > 4:
        return np.asarray(spend[grid.seen])
    weeks = len(spend) // 7
    if not weeks:
        return np.asarray(spend[grid.seen].mean(axis=0, keepdims=True))
    blocks = spend[len(spend) - 7 * weeks :].reshape(weeks, 7, -1)
    seen = grid.seen[len(spend) - 7 * weeks :].reshape(weeks, 7)
    mean = (blocks * seen[..., None]).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)[:, None]
    return np.asarray(mean[seen.any(axis=1)])


def held_range(spend: Array, grid: Grid, names: tuple[str, ...]) -> pd.DataFrame:
    """Lowest and highest money per day by weekly means."""
    means = weekly(spend, grid)
    return pd.DataFrame({"low": means.min(axis=0), "high": means.max(axis=0)}, index=list(names))


def own_movement(means: Array) -> Array:
    """(C,) standard deviation of weekly spend (W, C) over its mean, what all channels do together taken off.

    What they do together is the mean over the channels; with one or two there is nothing to take off.
    0 with one week, and for a channel without spend.
    """
    weeks, width = means.shape
    if weeks < 2:
        return np.zeros(width)
    middle = means.mean(axis=0)
    level = means / np.where(middle > 0, middle, 1.0)
    if width < FEW:
        return np.asarray(level.std(axis=0, ddof=1))
    own = level - level.mean(axis=1, keepdims=True)
    return np.asarray(own.std(axis=0, ddof=1) * np.sqrt(width / (width - 1)))


def sources(spend: Array, grid: Grid, events: Array, borrowed: Array, names: tuple[str, ...]) -> pd.DataFrame:
    """What each curve rests on; columns as ``ResponseCurves.sources``."""
    means = weekly(spend, grid)
    log = np.where(means > 0, np.log(np.where(means > 0, means, 1.0)), np.nan)
    count = np.isfinite(log).sum(axis=0)
    middle = np.nansum(log, axis=0) / np.maximum(count, 1)
    square = np.nansum((log - middle) ** 2, axis=0) / np.maximum(count - 1, 1)
    return pd.DataFrame(
        {
            "days": (grid.days[:, None] * (spend > 0)).sum(axis=0),
            "spend_sd": np.sqrt(square),
            "moved": own_movement(means),
            "events": events,
            "borrowed": np.clip(borrowed, 0.0, 1.0),
        },
        index=list(names),
    )


def doubts(grid: Grid, told: pd.Series, table: pd.DataFrame, events: float) -> list[Finding]:
    """What a reader of the curves should know."""
    found: list[Finding] = []
    days = float(grid.days[grid.seen].sum())
    if events <= 0:
        found.append(Finding("warning", "response.all_zero", {}))
    if days < SHORT:
        found.append(Finding("warning", "response.short", {"days": days}))
    if grid.step > 4:
        found.append(Finding("info", "response.periods", {"days": grid.step}))
    elif not grid.seen.all():
        found.append(Finding("info", "response.gaps", {"days": int((~grid.seen).sum())}))
    still = table.index[(told != "yes") & (table["spend_sd"] < 0.05)]
    if len(still):
        found.append(Finding("warning", "response.constant_spend", {"channels": ", ".join(still)}))
    unknown = told.index[told == "no"]
    if len(unknown) == len(told):
        found.append(Finding("warning", "response.none_identified", {}))
    elif len(unknown):
        found.append(Finding("warning", "response.not_identified", {"channels": ", ".join(unknown)}))
    return found
