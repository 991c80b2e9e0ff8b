r"""A curve for a platform nobody here has tried: that of the most similar channels, at a discount.

Each draw takes the curve of one channel, chosen with its weight, and multiplies what it brings by a discount
:math:`\exp(N(\log discount, sd))`. The weight of a channel, when none is given, falls with how unlike it is:
:math:`\prod \exp(-(\log a - \log b)^2 / 2 s^2)` over figures (CPC, order value …) and ``UNLIKE`` for
each word (audience, format …) that differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.plan.goods import goods, refuse
from channelopt.plan.messages import PlanError
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

#: Log distance of a figure at which a channel counts 0.6 of one that is the same.
NEAR = 0.5
#: Factor for a word that differs.
UNLIKE = 0.3
#: Draws of the borrowed curve.
DRAWS = 2000

Similar = Sequence[str] | Mapping[str, float] | None


def alike(
    channels: Sequence[str], platform: str, similar: Similar = None, traits: pd.DataFrame | None = None
) -> pd.Series:
    """How much each channel counts.

    Args:
        channels: those with curves.
        platform: the new one.
        similar: the similar ones, all alike or with weights; None to weigh by ``traits``.
        traits: index channel and platform; figures above 0 and words. Unknown ones are not compared.

    Returns:
        Index channel, sums to 1; channels that do not count are left out.

    Raises:
        PlanError: ``plan.unknown_channels``, ``plan.bad_option``.
    """
    if similar is not None:
        named = isinstance(similar, Mapping)
        given = pd.Series(similar if named else dict.fromkeys(similar, 1.0), dtype="float64")
        strangers = [str(c) for c in given.index if c not in channels]
        if strangers:
            names = ", ".join(strangers)
            raise PlanError("plan.unknown_channels", names=names, known=", ".join(channels))
        if given.empty or not (np.isfinite(given).all() and (given >= 0).all() and given.sum() > 0):
            refuse("similar", similar, "channels, or weights above 0")
    else:
        given = pd.Series(_likeness(channels, platform, traits), index=list(channels))
    given = given[given > 0]
    return given / given.sum()


def _likeness(channels: Sequence[str], platform: str, traits: pd.DataFrame | None) -> Array:
    weight = np.ones(len(channels))
    if traits is None or platform not in traits.index:
        return weight
    for name in traits:
        mine, theirs = traits.loc[platform, name], traits[name].reindex(list(channels))
        if pd.api.types.is_numeric_dtype(traits[name]):
            with np.errstate(divide="ignore", invalid="ignore"):
                far = np.log(theirs.to_numpy(dtype="float64")) - np.log(float(mine))
            weight *= np.where(np.isfinite(far), np.exp(-(far**2) / (2 * NEAR**2)), 1.0)
        elif pd.notna(mine):
            weight *= np.where(theirs.isna() | (theirs == mine), 1.0, UNLIKE)
    return weight if weight.sum() > 0 else np.ones(len(channels))


def borrowed_curve(
    curves: ResponseCurves, platform: str, weights: pd.Series, policy: Policy, seed: int, value: Any = None
) -> ResponseCurves:
    """The borrowed curve, in revenue.

    Args:
        curves: of the channels that run.
        platform: the new one.
        weights: index channel, sums to 1.
        policy: ``launch_discount`` and its sd; margin for curves of profit.
        seed: the same seed gives the same curve.
        value: money per unit of the outcome, one number or by channel.

    Raises:
        PlanError: ``plan.no_value`` when what the outcome is worth is not known.
    """
    rng = np.random.default_rng(seed)
    if curves.outcome == "profit":
        if policy.margin is None:
            raise PlanError("plan.no_margin")
        top = curves.top / policy.margin
    else:
        what = goods(curves, "revenue", 1, policy, value)
        top = curves.top * what.unit * (1.0 if what.objective == "revenue" else what.money)
    place = np.array([curves.channels.index(str(c)) for c in weights.index])
    if not np.isfinite(top[:, place]).all():
        raise PlanError("plan.no_value", outcome=curves.outcome)
    channel = rng.choice(place, DRAWS, p=weights.to_numpy())
    draw = rng.integers(0, curves.draws, DRAWS)
    less = policy.launch_discount * np.exp(policy.launch_discount_sd * rng.standard_normal(DRAWS))
    parts = {name: getattr(curves, name)[draw, channel][:, None] for name in ("half", "slope", "keep")}
    index = [platform]
    made = ResponseCurves.from_parameters(
        (top[draw, channel] * less)[:, None], parts["half"], parts["slope"], parts["keep"], today=0.0,
        channels=index, outlook=curves.outlook, identified=pd.Series("no", index=index),
        sources=pd.DataFrame(
            {"days": 0.0, "spend_sd": 0.0, "moved": 0.0, "events": 0.0, "borrowed": 1.0}, index=index
        ),
    )  # fmt: skip
    return replace(made, observed_range=pd.DataFrame({"low": 0.0, "high": 0.0}, index=index))
