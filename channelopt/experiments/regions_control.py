r"""What the treated regions would have done: difference-in-differences and synthetic control as one contrast.

Every region is measured against its own mean of the base period, :math:`y_i / p_i`, so a small region can
stand for the shape of a large one (a multiplicative intercept). With treated regions T and control weights
:math:`w_j \ge 0`, :math:`\sum w_j = 1`,

.. math:: D = \frac{\sum_{i \in T} y_i}{\sum_{i \in T} p_i} - \sum_{j \notin T} w_j \frac{y_j}{p_j}.

Difference-in-differences takes :math:`w_j` in proportion to size, :math:`v_j = p_j / \sum p`. Synthetic
control takes the weights that follow the treated regions best over the weeks before, held near the sizes:

.. math:: \min_w \sum_b \Big(a_b - \sum_j w_j x_{jb}\Big)^2 + \lambda \sum_j w_j \log(w_j / v_j),

with a and x centred weekly series, :math:`\lambda` = ridge times the mean squared error of the size weights
over all assignments. Solved by mirror descent, all assignments at once.

Source: Abadie, Diamond & Hainmueller (2010); Doudchenko & Imbens (2016), NBER 22791 (intercept, penalty);
Ben-Michael, Feller & Rothstein (2021) (shrinking to balance); Hainmueller (2012) for entropy weights.
"""

from __future__ import annotations

import numpy as np

from channelopt.experiments.effect import Array
from channelopt.experiments.regions_panel import Flags, blocks

_STEPS = 200
_STILL = 1e-9


def did_weights(size: Array, masks: Flags) -> Array:
    """Controls in proportion to their size, shape (assignments, regions); rows add up to 1."""
    size = np.maximum(size, 0.0)
    inside = np.where(masks, 0.0, size)
    total = inside.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(inside, total, out=np.zeros_like(inside), where=total > 0))


def synthetic_weights(series: Array, size: Array, masks: Flags, ridge: float) -> Array:
    """Controls that follow the treated regions over the weeks before, held near the sizes.

    Args:
        series: outcome of the weeks before, shape (weeks, regions).
        size: the regions' means.
        masks: True where an assignment treats a region, shape (assignments, regions).
        ridge: above 0; large ones give ``did_weights``.

    Returns:
        Shape (assignments, regions), 0 for treated regions and those without any outcome; rows add up to 1.
    """
    start = did_weights(size, masks)
    mean = series.mean(axis=0)
    shape = np.divide(series - mean, mean, out=np.zeros_like(series), where=mean > 0)
    gram = shape.T @ shape
    goal = did_weights(size, ~masks)
    gap = start - goal
    lam = ridge * float(np.mean(np.einsum("si,ij,sj->s", gap, gram, gap)))
    whole = bool((start.sum(axis=1) > 0).all() and (goal.sum(axis=1) > 0).all())
    return _descend(start, goal, gram, lam) if whole and lam > 0 else start


def _descend(start: Array, goal: Array, gram: Array, lam: float) -> Array:
    """Mirror descent from the size weights; a row's step is halved when its loss would rise."""
    with np.errstate(divide="ignore"):
        base = np.log(start)
    log, weights, gap = base, start, start - goal
    slope = gap @ gram
    loss, pace = (gap * slope).sum(axis=1), np.ones((len(start), 1))
    for _ in range(_STEPS):
        eta = 0.5 * pace / np.maximum(weights @ np.diag(gram), 1e-300)[:, None]
        new = (log - 2 * eta * slope + eta * lam * base) / (1 + eta * lam)
        new -= new.max(axis=1, keepdims=True)
        share = np.exp(new)
        total = share.sum(axis=1, keepdims=True)
        share, new = share / total, new - np.log(total)
        gap = share - goal
        tilt = gap @ gram
        far = np.where(
            share > 0, share * np.subtract(new, base, where=share > 0, out=np.zeros_like(new)), 0.0
        )
        found = (gap * tilt).sum(axis=1) + lam * far.sum(axis=1)
        better = (found <= loss)[:, None]
        still = bool((np.abs(share - weights) < _STILL).all())
        log, weights, slope = (
            np.where(better, n, o) for n, o in ((new, log), (share, weights), (tilt, slope))
        )
        loss, pace = np.minimum(found, loss), np.where(better, np.minimum(pace * 1.3, 4.0), pace / 2)
        if still:
            break
    return np.asarray(weights)


def contrasts(weights: Array, base: Array, masks: Flags) -> Array:
    """Each assignment's D as weights on the regions' outcomes, shape (assignments, regions).

    Args:
        weights: of the controls.
        base: mean outcome per row of the base period, shape (regions,).
        masks: the assignments.
    """
    total = np.where(masks, base, 0.0).sum(axis=1, keepdims=True)
    up = np.divide(masks, total, out=np.zeros(masks.shape), where=total > 0)
    down = np.divide(weights, base, out=np.zeros_like(weights), where=base > 0)
    left = np.where(base > 0, weights, 0.0).sum(axis=1, keepdims=True)
    down = np.divide(down, left, out=np.zeros_like(down), where=left > 0)
    return np.asarray(up - down)


def weights_of(method: str, before: Array, masks: Flags, ridge: float = 1.0, step: int = 1) -> Array | None:
    """Control weights out of the days before the test; None for "did", whose weights are the base's sizes.

    Args:
        method: "did" or "synthetic".
        before: outcome, shape (rows, regions).
        masks: the assignments.
        ridge: penalty of the synthetic control.
        step: days between rows.
    """
    if method == "did":
        return None
    return synthetic_weights(blocks(before, step), before.mean(axis=0), masks, ridge)


def contrast_of(before: Array, base_rows: int, masks: Flags, weights: Array | None) -> Array:
    """The contrast of each assignment, shape (assignments, regions).

    Args:
        before: outcome before the test, shape (rows, regions).
        base_rows: the last so many rows give the regions' level.
        masks: the assignments.
        weights: as ``weights_of`` gives them.
    """
    base = before[max(0, len(before) - base_rows) :].mean(axis=0)
    return contrasts(did_weights(base, masks) if weights is None else weights, base, masks)
