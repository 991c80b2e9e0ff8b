"""Looks that are paid for: the error over all looks is what was promised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from channelopt import experiments as ex
from channelopt.errors import InputError


def walks(info, worlds=40_000, drift=0.0, seed=3):
    rng = np.random.default_rng(seed)
    info = np.asarray(info, float) / info[-1]
    steps = rng.normal(size=(worlds, len(info))) * np.sqrt(np.diff(info, prepend=0))
    return (np.cumsum(steps, axis=1) + drift * info) / np.sqrt(info)


@pytest.mark.parametrize("info", [np.arange(1, 31), np.array([1, 2, 3, 10, 30, 31]), np.array([5.0])])
def test_all_looks_together_keep_the_error(info):
    crossed = (np.abs(walks(info)) > ex.look_bounds(info)).any(axis=1).mean()
    assert crossed == pytest.approx(0.05, abs=0.0045)


def test_time_by_the_calendar_while_information_runs_ahead_or_behind():
    info, time = np.array([1.0, 6, 7, 20]), np.array([0.25, 0.5, 0.75, 1.0])
    bounds = ex.look_bounds(info, time=time)
    assert (np.abs(walks(info)) > bounds).any(axis=1).mean() == pytest.approx(0.05, abs=0.0045)
    first = ex.look_bounds([1.0, 6], time=[0.25, 0.5])
    np.testing.assert_allclose(first, bounds[:2], rtol=1e-6)  # the past never changes with the future


def test_one_look_is_the_plain_test():
    assert ex.look_bounds([7.0])[0] == pytest.approx(stats.norm.isf(0.025))
    assert ex.peeking_error([7.0]) == pytest.approx(0.05)


def test_peeking_error_is_what_happens():
    for info in (np.arange(1, 6), np.arange(1, 31)):
        happened = (np.abs(walks(info)) > stats.norm.isf(0.025)).any(axis=1).mean()
        assert ex.peeking_error(info) == pytest.approx(happened, abs=0.008)


def test_always_valid_keeps_its_promise_over_thirty_looks():
    info = np.arange(1, 31) * 1000.0
    z = walks(info, 4000)
    crossed = 0
    for world in z:
        crossed += any(
            ex.always_valid(one / np.sqrt(n), 1 / np.sqrt(n), n, 15_000)[2] < 0.05
            for one, n in zip(world[::3], info[::3], strict=True)
        )
    assert crossed / len(z) <= 0.05


def test_bad_looks_are_refused():
    for looks in ([], [2.0, 1.0], [0.0, 1.0]):
        with pytest.raises((InputError, IndexError)):
            ex.look_bounds(looks)
    with pytest.raises(InputError):
        ex.peeking_error([3.0, 3.0])
    with pytest.raises(InputError):
        ex.look_bounds([1.0, 2.0], time=[0.5, 1.5])
    assert np.isnan(ex.always_valid(0.1, 0.0, 10, 10)).all()
