r"""The best split of an amount over channels, also when curves are S-shaped.

Maximise ``sum f_c(x_c)`` subject to ``low_c <= x_c <= high_c``, ``sum x_c = amount`` and bounds on the sums
of disjoint groups. For concave curves the optimum has equal slopes on every channel that is not on a bound,
and filling the steepest pieces of the tabulated curves first finds it. A curve that is not concave is
replaced by its least concave majorant: the filled sum is then an upper bound, and the split itself a
lower one. Where they differ, the range of the channel with the largest difference is cut in two there
and both parts are bounded again (branch and bound, best part first) until no part can be better.
The winner is refined on ever finer grids around it.

Source: Koopman (1953), The optimum distribution of effort; Luss & Gupta (1975), Allocation of effort
resources among competing activities; Land & Doig (1960) for branch and bound.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Grid of the global search, and of each refinement.
COARSE, FINE = 193, 33
#: Cuts after which the search stops; how good the split is stands in ``Split.gap``.
CUTS = 3000
CLOSE = 1e-6
#: Width, as a share of each channel's range, at which the refinement ends.
FINEST = 1e-9


class Curve(Protocol):
    """Anything with values and slopes, (channels, points) → (channels, points)."""

    def value(self, spend: Array) -> Array:
        """Objective per day."""

    def slope(self, spend: Array) -> Array:
        """Its derivative."""


@dataclass(frozen=True)
class Region:
    """Where a split may lie.

    Attributes:
        low: (channels,), money per day at least.
        high: (channels,), at most.
        groups: disjoint sets of channel numbers, with the least and the most of their sum.
    """

    low: Array
    high: Array
    groups: tuple[tuple[Ints, float, float], ...] = ()

    def least(self) -> float:
        """The smallest amount that can be split."""
        return float(self.low.sum() + sum(max(lo - self.low[g].sum(), 0.0) for g, lo, _ in self.groups))

    def most(self) -> float:
        """The largest amount."""
        return float(self.high.sum() - sum(max(self.high[g].sum() - hi, 0.0) for g, _, hi in self.groups))

    def holds(self, spend: Array, slack: float = 1e-9) -> bool:
        """Whether a split lies in it, up to a share of its size."""
        room = slack * max(float(np.abs(spend).sum()), 1.0)
        inside = bool(((spend >= self.low - room) & (spend <= self.high + room)).all())
        return inside and all(lo - room <= spend[g].sum() <= hi + room for g, lo, hi in self.groups)


@dataclass(frozen=True)
class Split:
    """A split and how good it is.

    Attributes:
        spend: (channels,), money per day.
        value: objective per day.
        gap: how much better any other split could be, objective per day on the search grid.
    """

    spend: Array
    value: float
    gap: float


def best_split(curves: Curve, region: Region, amount: float) -> Split:
    """The best split of ``amount`` money per day.

    Args:
        curves: increasing curves.
        region: must be able to hold the amount.
        amount: from ``region.least()`` to ``region.most()``.
    """
    amount = min(max(amount, region.least()), region.most())
    start, gap = _search(curves, region, amount)
    spend = _refine(curves, region, amount, start)
    found, before = _worth(curves, spend), _worth(curves, start)
    if before > found:
        spend, found = start, before
    return Split(spend, found, gap)


def _worth(curves: Curve, spend: Array) -> float:
    return float(curves.value(spend[:, None]).sum())


@dataclass(order=True)
class _Part:
    """A part of the region that may still hold the best split."""

    order: tuple[float, int]
    first: Ints = field(compare=False)
    last: Ints = field(compare=False)
    spend: Array = field(compare=False)
    short: Array = field(compare=False)
    slopes: Array = field(compare=False)


def _search(curves: Curve, region: Region, amount: float) -> tuple[Array, float]:
    """Best split on the coarse grid, and how far it can be from the best there is."""
    share = (np.arange(COARSE) / (COARSE - 1)) ** 2
    points = region.low[:, None] + (region.high - region.low)[:, None] * share
    values, widths = curves.value(points), np.diff(points, axis=1)
    n = len(points)
    first, last = np.zeros(n, "int64"), np.full(n, COARSE - 1)
    number = count()
    slopes = np.diff(values, axis=1) / np.where(widths > 0, widths, 1.0)
    hulls = np.array([_concave(row, width) for row, width in zip(slopes, widths, strict=True)])

    def part(first: Ints, last: Ints, hulls: Array) -> tuple[_Part, float]:
        spend, bound, short = _bounded(values, points, region, amount, (first, last, hulls))
        return _Part((-bound, next(number)), first, last, spend, short, hulls), bound - short.sum()

    root, best = part(first, last, hulls)
    spend, heap = root.spend, [root]
    for _ in range(CUTS):
        if not heap or -heap[0].order[0] - best <= CLOSE * max(abs(best), 1e-12):
            break
        worst = heapq.heappop(heap)
        for child in _halves(worst, slopes, points, region, amount):
            node, value = part(*child)
            if value > best:
                best, spend = value, node.spend
            if -node.order[0] > best:
                heapq.heappush(heap, node)
    return spend, max(-heap[0].order[0] - best, 0.0) if heap else 0.0


def _halves(
    part: _Part, slopes: Array, points: Array, region: Region, amount: float
) -> list[tuple[Ints, Ints, Array]]:
    """The part cut in two where its bound is loosest; halves that cannot hold the amount are left out."""
    c = int(np.argmax(part.short))
    at = int(np.argmin(np.abs(points[c] - part.spend[c])))
    at = min(max(at, int(part.first[c]) + 1), int(part.last[c]) - 1)
    found = []
    for low, high in ((int(part.first[c]), at), (at, int(part.last[c]))):
        first, last, hulls = part.first.copy(), part.last.copy(), part.slopes.copy()
        first[c], last[c] = low, high
        hulls[c, low:high] = _concave(slopes[c, low:high], np.diff(points[c, low : high + 1]))
        rows = np.arange(len(first))
        smaller = Region(points[rows, first], points[rows, last], region.groups)
        sums = [(smaller.low[g].sum(), smaller.high[g].sum(), lo, hi) for g, lo, hi in region.groups]
        grouped = all(least <= hi and most >= lo for least, most, lo, hi in sums)
        if grouped and smaller.least() <= amount <= smaller.most():
            found.append((first, last, hulls))
    return found


def _bounded(
    values: Array, points: Array, region: Region, amount: float, part: tuple[Ints, Ints, Array]
) -> tuple[Array, float, Array]:
    """Split by the concave majorants, its value by them, and by how much they exceed the curves there."""
    first, last, hulls = part
    rows, places = np.arange(len(points)), np.arange(COARSE - 1)
    open_ = (places >= first[:, None]) & (places < last[:, None])
    low, widths = points[rows, first], np.diff(points, axis=1)
    take = fill(hulls, np.where(open_, widths, 0.0), low, region, amount)
    spend = low + take.sum(axis=1)
    majorant = values[rows, first] + (take * hulls).sum(axis=1)
    k = np.clip((points[:, 1:] <= spend[:, None]).sum(axis=1), 0, COARSE - 2)
    width = widths[rows, k]
    share = np.clip((spend - points[rows, k]) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    real = values[rows, k] + share * (values[rows, k + 1] - values[rows, k])
    # only inside a bridge of the majorant is the difference more than rounding
    bridged = (last - first > 1) & (majorant - real > 1e-10 * np.abs(majorant))
    return spend, float(majorant.sum()), np.where(bridged, majorant - real, 0.0)


def _concave(slopes: Array, widths: Array) -> Array:
    """Slopes of the least concave majorant (pool adjacent violators)."""
    if (np.diff(slopes) <= 0).all():
        return slopes
    means: list[float] = []
    sizes: list[float] = []
    pieces: list[int] = []
    for slope, width in zip(slopes.tolist(), np.maximum(widths, 1e-300).tolist(), strict=True):
        mean, size, number = slope, width, 1
        while means and means[-1] < mean:
            mean = (mean * size + means[-1] * sizes[-1]) / (size + sizes[-1])
            size, number = size + sizes.pop(), number + pieces.pop()
            means.pop()
        means.append(mean)
        sizes.append(size)
        pieces.append(number)
    return np.repeat(means, pieces)


def fill(slopes: Array, widths: Array, low: Array, region: Region, amount: float) -> Array:
    """Spread what is above ``low`` over the steepest pieces, within the groups' sums.

    Args:
        slopes: (channels, pieces), falling along each row.
        widths: (channels, pieces), money per day; 0 leaves a piece out.
        low: (channels,), where each row starts.
        region: only its groups are looked at.
        amount: to be split in all.

    Returns:
        (channels, pieces): how much of each piece is taken.
    """
    take, room = np.zeros_like(widths), widths
    if region.groups:
        room = widths.copy()
        for members, least, most in region.groups:
            must = max(least - low[members].sum(), 0.0)
            order = np.argsort(-slopes[members], axis=None, kind="stable")
            width = widths[members].ravel()[order]
            before = np.cumsum(width) - width
            forced = np.clip(must - before, 0.0, width)
            allowed = np.clip(most - low[members].sum() - before, 0.0, width) - forced
            take[members] = _unsorted(forced, order, widths[members].shape)
            room[members] = _unsorted(np.maximum(allowed, 0.0), order, widths[members].shape)
    left = amount - low.sum() - take.sum()
    order = np.argsort(-slopes, axis=None, kind="stable")
    width = room.ravel()[order]
    more = np.clip(left - (np.cumsum(width) - width), 0.0, width)
    return np.asarray(take + _unsorted(more, order, widths.shape))


def _unsorted(values: Array, order: Ints, shape: tuple[int, ...]) -> Array:
    found = np.empty(len(order))
    found[order] = values
    return found.reshape(shape)


def _refine(curves: Curve, region: Region, amount: float, start: Array) -> Array:
    """The same search on ever smaller windows around the split found so far."""
    width = region.high - region.low
    # the grid of the search is finest at the lower end: windows of some of its steps
    place = np.sqrt(np.clip((start - region.low) / np.where(width > 0, width, 1.0), 0.0, 1.0))
    width = width * np.minimum(2 * place + 4.0 / (COARSE - 1), 1.0)
    spend, share = start, 4.0 / (COARSE - 1)
    places = np.arange(FINE - 1) + 0.5
    for _ in range(60):
        if share < FINEST:
            break
        low = np.maximum(region.low, spend - share * width)
        high = np.minimum(region.high, spend + share * width)
        step = (high - low) / (FINE - 1)
        slopes = curves.slope(low[:, None] + step[:, None] * places)
        rising = (np.diff(slopes, axis=1) > 0).any(axis=1)
        for c in np.flatnonzero(rising):
            slopes[c] = _concave(slopes[c], np.ones(FINE - 1))
        pieces = np.broadcast_to(step[:, None], slopes.shape)
        spend = low + fill(slopes, pieces, low, region, amount).sum(axis=1)
        at_edge = ((spend <= low) & (low > region.low)) | ((spend >= high) & (high < region.high))
        share *= 1.0 if (at_edge & (width > 0)).any() else 0.25
    return spend
