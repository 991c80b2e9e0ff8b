"""A split in whole units of currency that adds up to the budget exactly (largest remainder).

Money per day times days is rounded down to whole units; the units that are missing go, one each, to the
largest remainders, but never past a limit. Groups are rounded first, as if each were one channel, so that
their sums stay inside their limits too. What is left of a budget that is no whole number of
units goes to one channel with room for it.

Source: Hamilton's method of apportionment.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from channelopt.plan.messages import PlanError
from channelopt.plan.optimum import Region

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CENT = 100


def in_units(spend: Array, region: Region, days: int, budget: float, unit: float) -> Array:
    """Money over all days per channel, in whole units.

    Args:
        spend: (channels,), money per day, inside the region.
        region: limits in money per day.
        days: length of the plan.
        budget: what the totals add up to, rounded to the cent.
        unit: 0.01, or whole money such as 1 or 100.

    Returns:
        (channels,), money over all days.

    Raises:
        PlanError: ``plan.unit_too_coarse`` when limits leave no room for whole units.
    """
    size = max(round(unit * CENT), 1)
    whole = round(budget * CENT)
    want = spend * days * CENT
    low = np.ceil(np.round(region.low * days * CENT, 6)).astype("int64")
    high = np.floor(np.round(np.minimum(region.high * days * CENT, whole), 6)).astype("int64")
    fixed = region.high - region.low <= 1e-12 * np.maximum(region.high, 1.0)
    cents = np.round(want).astype("int64")
    low, high = np.where(fixed, cents, low), np.where(fixed, cents, np.maximum(high, 0))
    groups = []
    for members, least, most in region.groups:
        most_cents = min(np.floor(min(most * days * CENT, whole) + 1e-6), whole)
        groups.append((members, int(np.ceil(round(least * days * CENT, 6))), int(most_cents)))
    up, down = -(-low // size) * size, high // size * size
    ends = np.where(up <= down, up, low), np.where(up <= down, down, high)
    shares = _grouped(want, *ends, groups, whole, size)
    if shares is None and size > 1:
        raise PlanError("plan.unit_too_coarse", unit=unit)
    if shares is None:  # limits closer together than a cent: the nearest cents
        wider = [(members, lo - len(members), hi + len(members)) for members, lo, hi in groups]
        shares = _grouped(want, np.maximum(low - 1, 0), high + 1, wider, whole, 1)
    if shares is None:
        raise PlanError("plan.unit_too_coarse", unit=unit)
    return shares / CENT


def _grouped(
    want: Array, low: Ints, high: Ints, groups: list[tuple[Ints, int, int]], whole: int, size: int
) -> Ints | None:
    """Cents per channel; groups are rounded as one channel each, then inside."""
    free = np.setdiff1d(np.arange(len(want)), np.concatenate([g for g, _, _ in groups]) if groups else [])
    heads = [(np.array([c]), int(low[c]), int(high[c])) for c in free.astype("int64")]
    blocks = heads + [(g, max(lo, int(low[g].sum())), min(hi, int(high[g].sum()))) for g, lo, hi in groups]
    outer = _apportion(
        np.array([want[g].sum() for g, _, _ in blocks]),
        np.array([lo for _, lo, _ in blocks]), np.array([hi for _, _, hi in blocks]), whole, size,
    )  # fmt: skip
    if outer is None:
        return None
    found = np.zeros(len(want), "int64")
    for (members, _, _), total in zip(blocks, outer, strict=True):
        inner = _apportion(want[members], low[members], high[members], int(total), size)
        if inner is None:
            return None
        found[members] = inner
    return found


def _apportion(want: Array, low: Ints, high: Ints, whole: int, size: int) -> Ints | None:
    """Integers near ``want`` in multiples of ``size`` (where limits allow) that add up to ``whole``."""
    if (low > high).any() or not low.sum() <= whole <= high.sum():
        return None
    found = np.clip(np.floor(np.round(want / size, 6)).astype("int64") * size, low, high)
    found = _settle(want, found, (low, high), whole, size)
    if size > 1 and found.sum() != whole:
        found = _rest(found, (low, high), whole)
    return found if found.sum() == whole else None


def _settle(want: Array, found: Ints, ends: tuple[Ints, Ints], whole: int, step: int) -> Ints:
    """Add or take whole steps where ``want`` is farthest off, until less than a step is missing."""
    low, high = ends
    found = found.copy()
    while abs(whole - found.sum()) >= step:
        sign = 1 if whole > found.sum() else -1
        room = (high - found if sign > 0 else found - low) // step
        if not room.any():
            break
        order = np.argsort(-sign * (want - found), kind="stable")
        order = order[room[order] > 0]
        missing = int(abs(whole - found.sum()) // step)
        each = missing // len(order)
        share = np.minimum(room[order], each) if each else (np.arange(len(order)) < missing).astype("int64")
        found[order] += sign * share * step
    return found


def _rest(found: Ints, ends: tuple[Ints, Ints], whole: int) -> Ints:
    """Less than a unit is missing: the largest channel with room takes it, others only if it must be."""
    low, high = ends
    found = found.copy()
    for c in np.argsort(-found, kind="stable"):
        found[c] += np.clip(whole - found.sum(), low[c] - found[c], high[c] - found[c])
    return found
