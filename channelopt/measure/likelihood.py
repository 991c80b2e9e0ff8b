"""Largest likelihood over the logs of positive parameters, and what the data leave open about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import optimize

Array = npt.NDArray[np.float64]
Cost = Callable[[Array], float]

#: Logs of the parameters are searched within plus and minus this.
REACH = 9.0
#: Standard deviation of the vague prior on the logs, for the uncertainty only.
VAGUE = 3.0
STEP = 1e-3


def lowest(
    cost: Cost, starts: Sequence[Sequence[float]], low: float | Sequence[float] = -REACH
) -> tuple[Array, float]:
    """Logs of the parameters at which ``cost`` is lowest, and its value there.

    Args:
        cost: of the logs; not finite counts as very large.
        starts: parameters (not logs) from which to search.
        low: least log, one or per parameter.
    """
    size = len(starts[0])
    bounds = [(float(least), REACH) for least in np.broadcast_to(np.asarray(low, dtype="float64"), size)]

    def safe(logs: Array) -> float:
        value = cost(logs)
        return value if np.isfinite(value) else 1e10

    options = {"ftol": 1e-14, "gtol": 1e-8, "maxiter": 500}
    found = [
        optimize.minimize(
            safe, np.clip(np.log(s), [b[0] for b in bounds], REACH), method="L-BFGS-B",
            bounds=bounds, options=options,
        )
        for s in starts
    ]  # fmt: skip
    best = min(found, key=lambda out: float(out.fun))
    return np.asarray(best.x, dtype="float64"), float(best.fun)


def covariance(cost: Cost, at: Array) -> Array:
    """Inverse of the curvature of ``cost`` (minus the log-likelihood) with the vague prior.

    Args:
        cost: of the logs of the parameters.
        at: where it is lowest, (k,).

    Returns:
        (k, k).
    """
    size = len(at)
    curve, eye = np.zeros((size, size)), np.eye(size) * STEP
    for i in range(size):
        for j in range(i, size):
            signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
            parts = [s * t * cost(at + s * eye[i] + t * eye[j]) for s, t in signs]
            curve[i, j] = curve[j, i] = sum(parts) / (4 * STEP**2)
    values, vectors = np.linalg.eigh(np.nan_to_num(curve))
    return np.asarray((vectors / (np.maximum(values, 0.0) + 1 / VAGUE**2)) @ vectors.T)
