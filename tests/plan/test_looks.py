"""The boundary for weekly looks, against simulation and known values."""

import numpy as np
import pytest
from scipy import stats

from channelopt.plan.looks import LOOKS, boundary, crossing_probability, looked_at_weekly, stretch


def test_one_look_is_the_plain_quantile():
    assert crossing_probability([1.2816]) == pytest.approx(0.1, abs=2e-3)
    assert boundary(0.9, looks=1) == pytest.approx(1.2816, abs=2e-2)


def test_two_looks_agree_with_the_bivariate_normal():
    want = 1 - stats.multivariate_normal(cov=[[1, 0.5**0.5], [0.5**0.5, 1]]).cdf([1.6, 1.6])
    assert crossing_probability([1.6, 1.6]) == pytest.approx(want, abs=1e-3)


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95])
def test_pure_noise_crosses_as_often_as_promised(confidence):
    rng = np.random.default_rng(1)
    walks = np.cumsum(rng.normal(size=(40_000, LOOKS)), axis=1) / np.sqrt(np.arange(1, LOOKS + 1))
    needed = stretch(confidence, np.arange(1, LOOKS + 1)) * stats.norm.ppf(confidence)
    crossed = (walks >= needed).any(axis=1).mean()
    assert crossed == pytest.approx(1 - confidence, abs=0.006)


def test_the_probability_reaches_the_confidence_at_the_boundary():
    assert looked_at_weekly(boundary(0.9), 0.9) == pytest.approx(0.9)
    assert looked_at_weekly(0.0, 0.9) == 0.5
    assert looked_at_weekly(boundary(0.9), 0.9, weeks=1) < 0.8
    assert looked_at_weekly(boundary(0.9), 0.9, weeks=40) == pytest.approx(0.9)
    assert np.isnan(looked_at_weekly(np.nan, 0.9))
