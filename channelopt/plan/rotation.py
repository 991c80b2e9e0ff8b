r"""Rotation: how the weeks' traffic is split among creatives, hooks or small channels while they are learned.

An arm's events (leads, orders) in a week are taken as Poisson with the mean rate × exposure (clicks or
money) × the share that is visible yet. A week's figures count :math:`\gamma^{age}`
(``policy.rotation_memory``), because creatives wear out. With N events and E exposure so weighted, and the
rate r of all arms together,

.. math:: rate \sim Gamma(N + K,\ E + K / r),\qquad K = LENT

With p the chance that an arm's rate (times what an event is worth) is the best, taken for the whole week's
batch at once, shares follow :math:`p^{SHARPER}`, mixed so that every arm keeps at least
``policy.explore_floor``: plain Thompson sampling (SHARPER = 1) explores more than 26 weeks repay
(docs/methods.md). Draws are seeded: the same figures give the same split.

Source: Thompson (1933); Chapelle & Li (2011); Raj & Kalyani (2017) for discounting; Joulani, György &
Szepesvári (2013) for delays. Regret against fixed splits: docs/methods.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from channelopt.errors import Finding, require_columns
from channelopt.plan.goods import refuse
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]

#: Events' worth of the common rate that every arm starts with.
LENT = 2.0
#: How much more than in proportion to its chance to be the best an arm gets.
SHARPER = 2
#: Draws behind a chance.
DRAWS = 4000
#: The floor takes at most this share of the traffic away from what is learned.
MOST_EXPLORED = 0.5
#: The best one is not called ahead while its chance is less than this many times an even one.
LEVEL = 1.2
SEED = 2026
ROTATION_COLUMNS = (
    "arm", "share", "chance_best", "rate", "rate_low", "rate_high", "worth", "events", "exposure",
)  # fmt: skip


@dataclass(frozen=True)
class Rotation:
    """The split of the coming week.

    Attributes:
        table: one row per arm, the largest share first; columns ``ROTATION_COLUMNS``. share adds up to 1;
            chance_best: chance to be the best arm; rate…: events per unit of exposure with the policy's
            interval, NaN while no arm has any event; worth: money per event, 1 where none was given;
            events, exposure: as counted, weighted by age.
        floor: least share of an arm.
        week: the week it is for.
        findings: what to know.
    """

    table: pd.DataFrame
    floor: float
    week: int
    findings: tuple[Finding, ...]


def rotation(
    history: pd.DataFrame,
    policy: Policy | None = None,
    *,
    arms: Sequence[str] = (),
    worth: Mapping[str, float] | None = None,
    seed: int = SEED,
) -> Rotation:
    """Split the coming week.

    Args:
        history: one row per week and arm: week (whole number), arm, exposure (clicks, or money), events, and
            visible (share of the week's events that can be seen yet; 1 when left out). Rows whose
            exposure or events are unknown do not count.
        policy: ``explore_floor``, ``rotation_memory``, ``interval``, ``confidence``.
        arms: arms that may be shown, without history or not; those of the last week when left out.
        worth: money per event, by arm.
        seed: same figures and seed, same split.

    Raises:
        InputError: a column is missing.
        PlanError: ``plan.bad_option``.
    """
    rules = policy or Policy()
    require_columns(history, ("week", "arm", "exposure", "events"))
    rows = _usable(history)
    names = _names(rows, arms)
    value = np.array([float((worth or {}).get(name, 1.0)) for name in names])
    if not (np.isfinite(value) & (value > 0)).all():
        refuse("worth", dict(worth or {}), "money above 0 for every arm")
    week = int(rows["week"].max()) + 1 if len(rows) else 1
    events, exposure = _weighed(rows, names, rules.rotation_memory)
    floor = floor_of(len(names), rules.explore_floor)
    chance = chance_best(events, exposure, np.random.default_rng([seed, week]), value)
    table = _described(names, events, exposure, rules.interval)
    table["share"], table["chance_best"], table["worth"] = shares(chance, floor), chance, value
    table = table.sort_values(["share", "arm"], ascending=[False, True], ignore_index=True)
    return Rotation(table[list(ROTATION_COLUMNS)], floor, week, _told(table, floor, rules))


def floor_of(arms: int, floor: float) -> float:
    """The least share of an arm: the policy's, but all floors together take at most half."""
    return min(floor, MOST_EXPLORED / max(arms, 1))


def shares(chance: Array, floor: float) -> Array:
    """Chances to be the best, (..., arms), as shares that add up to 1 and are at least the floor."""
    sharp = chance**SHARPER
    sharp = sharp / np.maximum(sharp.sum(axis=-1, keepdims=True), 1e-300)
    return np.asarray(floor + (1 - chance.shape[-1] * floor) * sharp)


def towards(aim: Array, now: Array, step: float, floor: float = 0.0) -> Array:
    """One step from today's shares towards other ones.

    Args:
        aim: (..., arms), adds up to 1.
        now: same shape, adds up to 1.
        step: share of the whole that may change hands, above 0.
        floor: least share of an arm; arms below it are lifted to it at once.

    Returns:
        Same shape; adds up to 1. The aim itself where it is within the step.
    """
    moved = np.abs(aim - now).sum(axis=-1, keepdims=True) / 2
    next_ones = now + np.minimum(1.0, step / np.maximum(moved, 1e-12)) * (aim - now)
    above = np.maximum(next_ones - floor, 0.0)
    room = 1 - aim.shape[-1] * floor
    return np.asarray(floor + above * room / np.maximum(above.sum(axis=-1, keepdims=True), 1e-300))


def chance_best(
    events: Array, exposure: Array, rng: np.random.Generator, worth: Array | float = 1.0, draws: int = DRAWS
) -> Array:
    """Chance of each arm to be the best.

    Args:
        events: (..., arms), from 0, fractions allowed.
        exposure: same shape, from 0, what is not visible yet taken off.
        rng: draws are taken from it.
        worth: (arms,), money per event.
        draws: how many.

    Returns:
        Same shape; adds up to 1 over the arms. Without any event everywhere the same.
    """
    count = events.shape[-1]
    if not count:
        return np.zeros(events.shape)
    shape, scale = _posterior(events, exposure)
    best = np.zeros(events.shape)
    for _ in range(10):
        drawn = rng.standard_gamma(shape, size=(draws // 10, *events.shape)) * scale * worth
        best += (drawn == drawn.max(axis=-1, keepdims=True)).sum(axis=0)
    total = best.sum(axis=-1, keepdims=True)
    nothing = events.sum(axis=-1, keepdims=True) <= 0
    return np.where(nothing & (np.ptp(np.broadcast_to(worth, count)) == 0), 1 / count, best / total)


def _posterior(events: Array, exposure: Array) -> tuple[Array, Array]:
    """Shape and scale of the Gamma posterior of each rate."""
    seen, shown = events.sum(axis=-1, keepdims=True), exposure.sum(axis=-1, keepdims=True)
    known = (seen > 0) & (shown > 0)
    common = np.where(known, seen / np.where(shown > 0, shown, 1.0), 1.0 / np.maximum(shown, 1.0))
    return events + LENT, 1 / (exposure + LENT / common)


def _usable(history: pd.DataFrame) -> pd.DataFrame:
    rows = history.assign(arm=history["arm"].astype("str"))
    if "visible" not in rows.columns:
        rows["visible"] = 1.0
    for name in ("week", "exposure", "events", "visible"):
        rows[name] = pd.to_numeric(rows[name], errors="coerce").astype("float64")
    rows = rows[np.isfinite(rows[["week", "exposure", "events", "visible"]]).all(axis=1)]
    for name, top in (("exposure", np.inf), ("events", np.inf), ("visible", 1.0)):
        wrong = (rows[name] < 0) | (rows[name] > top)
        if wrong.any():
            refuse(name, float(rows.loc[wrong, name].iloc[0]), "from 0" if top > 1 else "from 0 to 1")
    if (rows["week"] != rows["week"].round()).any():
        refuse("week", float(rows["week"].iloc[0]), "whole numbers")
    return rows


def _names(rows: pd.DataFrame, arms: Sequence[str]) -> list[str]:
    if arms:
        return sorted({str(name) for name in arms})
    return sorted(rows.loc[rows["week"] == rows["week"].max(), "arm"].unique()) if len(rows) else []


def _weighed(rows: pd.DataFrame, names: list[str], memory: float) -> tuple[Array, Array]:
    """Events and visible exposure per arm, older weeks counting less."""
    weight = memory ** (rows["week"].max() - rows["week"]) if len(rows) else rows["week"]
    sums = pd.DataFrame(
        {"arm": rows["arm"], "n": rows["events"] * weight, "e": rows["exposure"] * rows["visible"] * weight}
    )
    found = sums.groupby("arm")[["n", "e"]].sum().reindex(names).fillna(0.0)
    return found["n"].to_numpy(dtype="float64"), found["e"].to_numpy(dtype="float64")


def _described(names: list[str], events: Array, exposure: Array, interval: float) -> pd.DataFrame:
    table = pd.DataFrame({"arm": names, "events": events, "exposure": exposure})
    shape, scale = _posterior(events, exposure) if len(names) else (events, events)
    some = events.sum() > 0 and exposure.sum() > 0
    tail = (1 - interval) / 2
    table["rate"] = shape * scale if some else np.nan
    table["rate_low"] = stats.gamma.ppf(tail, shape) * scale if some else np.nan
    table["rate_high"] = stats.gamma.ppf(1 - tail, shape) * scale if some else np.nan
    return table


def _told(table: pd.DataFrame, floor: float, policy: Policy) -> tuple[Finding, ...]:
    if not len(table):
        return (Finding("warning", "plan.rotation_nobody"),)
    if len(table) == 1:
        return (Finding("info", "plan.rotation_alone", {"name": table["arm"].iloc[0]}),)
    if not table["events"].sum() > 0:
        return (Finding("info", "plan.rotation_new", {"n": len(table)}),)
    first = table.iloc[0]
    params = {"name": first["arm"], "chance": first["chance_best"], "share": first["share"], "floor": floor}
    if first["chance_best"] * len(table) < LEVEL:
        return (Finding("info", "plan.rotation_level", {"n": len(table)}),)
    sure = first["chance_best"] >= policy.confidence
    found = [Finding("info", "plan.rotation_leads" if sure else "plan.rotation_open", params)]
    out = table[table["chance_best"] < (1 - policy.confidence) / len(table)]
    if len(out):
        names = ", ".join(out["arm"])
        found.append(Finding("info", "plan.rotation_behind", {"names": names, "floor": floor}))
    return tuple(found)
