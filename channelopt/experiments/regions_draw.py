"""Which regions get the treatment: a draw among balanced splits, all of which stay on the list as placebos.

Up to 4,000 different splits are tried (all of them where there are no more). Each is ranked by how closely
its two sides moved together in the weeks before (root mean square of the difference of their relative
series) and by how near the treated side's share of the outcome is to its share of the regions. The 1,000
best stay, and one of them is drawn. Inference then compares the drawn one with the list: exactly the
assignments that could have come out, each with the same chance (Morgan & Rubin 2012, rerandomisation).
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from channelopt.experiments.effect import Array
from channelopt.experiments.placebo import least_p
from channelopt.experiments.regions_panel import Flags

TRIED = 4000
KEPT = 1000


def draw(series: Array, n_treated: int, seed: int) -> tuple[Flags, int]:
    """Balanced splits and the place of the drawn one.

    Args:
        series: outcome of the weeks before, shape (weeks, regions).
        n_treated: regions to treat, above 0 and below all.
        seed: same seed, same draw.

    Returns:
        Splits, shape (splits, regions), True where treated, in random order; and an index.
    """
    rng = np.random.default_rng(seed)
    tried = _candidates(series.shape[1], n_treated, rng)
    if len(tried) > KEPT:
        tried = tried[np.sort(np.argsort(_unlike(series, tried), kind="stable")[:KEPT])]
    return tried, int(rng.integers(len(tried)))


def _candidates(n: int, k: int, rng: np.random.Generator) -> Flags:
    if math.comb(n, k) <= TRIED:
        chosen = np.array(list(itertools.combinations(range(n), k)))
        masks = np.zeros((len(chosen), n), dtype=bool)
        np.put_along_axis(masks, chosen, True, axis=1)
        return np.asarray(rng.permutation(masks))
    found: dict[bytes, Flags] = {}
    while len(found) < TRIED:
        order = np.argsort(rng.random((TRIED, n)), axis=1) < k
        for mask in order[: TRIED - len(found)]:
            found[mask.tobytes()] = mask
    return np.array(list(found.values()))


def _unlike(series: Array, masks: Flags) -> Array:
    """Sum of the two ranks, low is balanced."""
    treated = masks.astype("float64")
    mean = series.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = (treated @ series.T) / (treated @ mean)[:, None]
        down = ((1 - treated) @ series.T) / ((1 - treated) @ mean)[:, None]
        apart = np.sqrt(((up - down) ** 2).mean(axis=1))
        share = np.abs(treated @ mean / mean.sum() - masks.mean(axis=1))
    ranks = [np.argsort(np.argsort(np.nan_to_num(one, nan=np.inf))) for one in (apart, share)]
    return np.asarray(ranks[0] + ranks[1], dtype="float64")


def least_regions(share: float, n_treated: int | None, alpha: float) -> int:
    """The fewest regions with which a p-value of alpha can be reached at all."""
    for n in range(2, 400):
        k = treated_of(n, share, n_treated)
        if 0 < k < n and least_p(min(math.comb(n, k), KEPT), 2 * k == n) <= alpha:
            return n
    return 400


def treated_of(n: int, share: float, n_treated: int | None) -> int:
    """How many of n regions are treated; at least one stays on each side where there are two."""
    if n_treated is not None:
        return n_treated
    return min(max(round(n * share), 1), n - 1) if n > 1 else 0
