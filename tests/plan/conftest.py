"""Curves by hand for the tests of allocation and scenarios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from channelopt.response import ResponseCurves

World = Callable[..., ResponseCurves]


def make_curves(
    seed: int = 1,
    n: int = 5,
    draws: int = 200,
    noise: float = 0.25,
    slope: tuple[float, float] = (0.6, 1.2),
    shared: float = 0.0,
    **others: object,
) -> ResponseCurves:
    """Random curves around today's spend; ``noise`` is the log-sd of the draws, 0 for one known curve."""
    rng = np.random.default_rng(seed)
    spend = np.round(rng.lognormal(6, 0.8, n), 2)
    half = spend * rng.lognormal(0.3, 0.5, n)
    s = rng.uniform(*slope, n)
    top = rng.lognormal(np.log(2.5), 0.5, n) * spend * (1 + (half / spend) ** s)
    size = (draws if noise > 0 else 1, n)
    level = np.exp(rng.normal(0, shared, (size[0], 1)))
    return ResponseCurves.from_parameters(
        top * rng.lognormal(0, noise, size) * level,
        half * rng.lognormal(0, noise, size),
        s * rng.lognormal(0, noise / 3, size),
        0.4,
        today=spend,
        channels=[f"ch{i}" for i in range(n)],
        **others,
    )


@pytest.fixture
def world() -> World:
    """The maker of random curves."""
    return make_curves
