r"""Who gets the credit: conversion paths under seven models, each channel's share with an interval.

``first``, ``last``, ``linear``, ``time_decay`` and ``position`` split each conversion by the place of
its touches (``touches.py``), ``markov`` by removal effects (``markov.py``), ``shapley`` equally among the
distinct channels (``shapley.py``). A model is a convention about credit: none of them shows what
would have happened without a channel.

The sampling unit is the person. A Poisson bootstrap gives every converted and every unconverted
journey an independent Poisson(1) weight; journeys with the same path add up to a Poisson count, so the
table of distinct paths is all that needs drawing. The interval of a share is Jeffreys' with the number
of trials that has the variance the bootstrap found, :math:`n^* = p(1-p)/s^2 \cdot (n-1)/n \cdot (z/t)^2`
for n conversions (few of them tell their own spread badly), at most ``MOST_TRIALS`` n. Below
``MIN_CONVERSIONS`` there is none: at 20 conversions Markov's ranges covered 83% instead of 90%.

Source: Hanley & MacGibbon (2006), Computer Methods and Programs in Biomedicine 83 (Poisson bootstrap);
Korn & Graubard (1998), Survey Methodology 24 (shares with an effective number of trials).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse, stats

from channelopt.measure.counts import jeffreys_share
from channelopt.measure.markov import Steps
from channelopt.measure.messages import MeasureError
from channelopt.measure.shapley import shapley_weights
from channelopt.measure.touches import TOUCH_MODELS, Array, Touches, flatten, touch_weights

MODELS = (*TOUCH_MODELS, "markov", "shapley")
#: Fewer conversions than this have credits, but no interval.
MIN_CONVERSIONS = 30
#: A share of equal paths may be surer than as many tosses of a coin, but not by more than this.
MOST_TRIALS = 20.0
#: Distinct paths listed.
TOP = 20
#: Cells (paths × draws) drawn at a time.
CHUNK = 4_000_000

CREDIT_COLUMNS = ("channel", "model", "conversions", "value", "share", "share_low", "share_high")


@dataclass(frozen=True)
class Attribution:
    """Credit per channel under each model, and what the journeys look like.

    Attributes:
        credits: one row per channel and model, columns ``CREDIT_COLUMNS``. ``conversions`` and
            ``value`` of a model add up to those of the log; ``share`` is of the conversions, 0..1;
            it is NaN without conversions, its range also below ``MIN_CONVERSIONS``.
        lengths: touches (per journey), journeys, conversions.
        top: path, persons, conversions, rate, rate_low, rate_high: the ``TOP`` paths with most
            conversions, then most persons.
        assists: channel, journeys, conversions, opened, closed, assisted: conversions of journeys
            through it, those it began, ended, and was part of without ending them.
        multi_share: share of the conversions whose journey met more than one channel.
        journeys: persons in all.
        conversions: how many converted.
        value: money of the conversions.
        level: nominal coverage of the ranges.
    """

    credits: pd.DataFrame
    lengths: pd.DataFrame
    top: pd.DataFrame
    assists: pd.DataFrame
    multi_share: float
    journeys: int
    conversions: int
    value: float
    level: float


def attribute(
    paths: pd.DataFrame,
    models: Sequence[str] = MODELS,
    level: float = 0.9,
    draws: int = 200,
    seed: int = 20260701,
) -> Attribution:
    """Split conversions and their value among channels.

    Args:
        paths: one row per distinct path: ``path`` (tuple of channel keys in time order), ``ages``
            (tuple, days before the end of the journey), ``persons``, ``conversions`` (of these
            persons), ``value`` (money of these conversions).
        models: some of ``MODELS``.
        level: nominal coverage of the ranges.
        draws: of the bootstrap; 0 leaves the ranges out.
        seed: the same seed gives the same ranges.

    Raises:
        InputError: a column is missing.
        MeasureError: ``measure.bad_path``, ``measure.unknown_model``.
    """
    for model in models:
        if model not in MODELS:
            raise MeasureError("measure.unknown_model", model=model, known=", ".join(MODELS))
    touches = flatten(paths)
    member = touches.spread(np.ones(len(touches.row)))
    member.data[:] = 1.0
    several = np.asarray(member.sum(axis=1)) > 1
    total = float(touches.conversions.sum())
    return Attribution(
        credits=_credits(touches, tuple(models), level, (draws, seed)),
        lengths=_lengths(touches),
        top=_top(paths, level),
        assists=_assists(touches, member),
        multi_share=float(touches.conversions[several].sum() / total) if total else float("nan"),
        journeys=int(touches.persons.sum()),
        conversions=int(total),
        value=float(touches.value.sum()),
        level=level,
    )


def _credits(touches: Touches, models: tuple[str, ...], level: float, luck: tuple[int, int]) -> pd.DataFrame:
    size, total = len(touches.channels), float(touches.conversions.sum())
    if not size or not models:
        return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in CREDIT_COLUMNS})
    splits = _splits(touches, models)
    steps = Steps(touches) if "markov" in models else None
    seen = _shares(splits, steps, touches.persons[:, None], touches.conversions[:, None], models)[0]
    drawn = _drawn(touches, splits, steps, models, luck) if total >= MIN_CONVERSIONS else None
    low, high = _ranges(seen, drawn, total, level)
    money = {m: splits[m].T @ touches.value for m in splits}
    parts = []
    for number, model in enumerate(models):
        share = seen[number]
        value = money[model] if model in money else np.nan_to_num(share) * touches.value.sum()
        credit = np.nan_to_num(share) * total
        table = (list(touches.channels), [model] * size, credit, value, share, low[number], high[number])
        parts.append(pd.DataFrame(dict(zip(CREDIT_COLUMNS, table, strict=True))))
    return pd.concat(parts, ignore_index=True)


def _dtype(name: str) -> str:
    return "str" if name in ("channel", "model") else "float64"


def _splits(touches: Touches, models: tuple[str, ...]) -> dict[str, sparse.csr_array]:
    """The models that are linear in the counts of the paths: paths × channels, rows adding up to 1."""
    return {
        m: shapley_weights(touches) if m == "shapley" else touch_weights(touches, m)
        for m in models
        if m != "markov"
    }


def _shares(
    splits: dict[str, sparse.csr_array],
    steps: Steps | None,
    persons: Array,
    conversions: Array,
    models: tuple[str, ...],
) -> Array:
    """Shares of conversions, shape (draws, models, channels), for columns of counts per path."""
    total = conversions.sum(axis=0)
    found = {}
    if splits:
        both = sparse.hstack(list(splits.values()), format="csr")
        credit = (both.T @ conversions).T.reshape(len(total), len(splits), -1)
        share = np.divide(
            credit, total[:, None, None], out=np.full_like(credit, np.nan), where=total[:, None, None] > 0
        )
        found = {model: share[:, number] for number, model in enumerate(splits)}
    if steps is not None:
        found["markov"] = steps.shares(persons, conversions)
    return np.stack([found[model] for model in models], axis=1)


def _drawn(
    touches: Touches,
    splits: dict[str, sparse.csr_array],
    steps: Steps | None,
    models: tuple[str, ...],
    luck: tuple[int, int],
) -> Array | None:
    """Shares under resampled persons, shape (draws, models, channels)."""
    draws, seed = luck
    if draws < 2:
        return None
    rng = np.random.default_rng(seed)
    lost = touches.persons - touches.conversions
    at_once = max(1, min(draws, CHUNK // len(touches.length)))
    parts = []
    for begun in range(0, draws, at_once):
        shape = (min(at_once, draws - begun), len(lost))
        won = rng.poisson(touches.conversions, shape).astype("float64").T
        met = won + rng.poisson(lost, shape).astype("float64").T if steps is not None else won
        parts.append(_shares(splits, steps, met, won, models))
    return np.concatenate(parts)


def _ranges(seen: Array, drawn: Array | None, total: float, level: float) -> tuple[Array, Array]:
    """Jeffreys' interval with as many trials as the spread of the draws stands for."""
    if drawn is None:
        return np.full_like(seen, np.nan), np.full_like(seen, np.nan)
    usable = np.isfinite(drawn).all(axis=(1, 2))
    spread = drawn[usable].var(axis=0, ddof=1)
    few = (
        (total - 1) / total * (stats.norm.isf((1 - level) / 2) / stats.t.isf((1 - level) / 2, total - 1)) ** 2
    )
    inside = few * seen * (1 - seen)
    trials = np.divide(inside, spread, out=np.full_like(seen, np.inf), where=spread > 0)
    trials = np.where(inside > 1e-12, np.minimum(trials, MOST_TRIALS * total), total)
    low, high = jeffreys_share(seen * trials, trials, level)
    return np.minimum(low, seen), np.maximum(high, seen)


def _lengths(touches: Touches) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"touches": touches.length, "journeys": touches.persons, "conversions": touches.conversions}
    )
    return frame.groupby("touches", as_index=False).sum().astype("int64")


def _top(paths: pd.DataFrame, level: float) -> pd.DataFrame:
    order = np.lexsort((-paths["persons"].to_numpy(), -paths["conversions"].to_numpy()))[:TOP]
    top = paths.iloc[order][["path", "persons", "conversions"]].reset_index(drop=True)
    won, met = (top[name].to_numpy(dtype="float64") for name in ("conversions", "persons"))
    top["rate"] = np.divide(won, met, out=np.full(len(top), np.nan), where=met > 0)
    top["rate_low"], top["rate_high"] = jeffreys_share(won, met, level)
    return top


def _assists(touches: Touches, member: sparse.csr_array) -> pd.DataFrame:
    through = member.T @ touches.conversions
    opened = touch_weights(touches, "first").T @ touches.conversions
    closed = touch_weights(touches, "last").T @ touches.conversions
    return pd.DataFrame(
        {
            "channel": pd.Series(list(touches.channels), dtype="str"),
            "journeys": member.T @ touches.persons,
            "conversions": through,
            "opened": opened,
            "closed": closed,
            "assisted": through - closed,
        }
    )
