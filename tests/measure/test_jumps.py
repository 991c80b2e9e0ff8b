"""Jumps: the fit against statsmodels, known jumps dated and sized, quiet accounts left alone."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from channelopt.measure import scan as scan_module
from channelopt.measure.quality import traffic_quality
from channelopt.measure.scan import running_median, scan


def noise(rng, rows, days, phi=0.0, sd=0.1):
    level = rng.normal(0, sd, (rows, days))
    for at in range(1, days):
        level[:, at] = phi * level[:, at - 1] + np.sqrt(1 - phi**2) * level[:, at]
    return level


def account(logs, **more):
    days = pd.date_range("2026-01-01", periods=logs.shape[1])
    return pd.concat(
        [
            pd.DataFrame({"day": days, "channel": f"c{i}", "spend": 1000 * np.exp(row), **more})
            for i, row in enumerate(logs)
        ],
        ignore_index=True,
    )


@pytest.mark.parametrize(("start", "days"), [(20, 7), (45, 1), (60, 0)])
def test_the_fit_is_generalised_least_squares(start, days):
    rng, phi, n = np.random.default_rng(1), 0.4, 90
    y = noise(rng, 1, n, phi)
    delta, t, usable = scan_module._Whitened.of(y, np.array([phi])).fit(days)
    window = np.zeros(n)
    window[start : start + days if days else n] = 1
    root = np.eye(n) - phi * np.eye(n, k=-1)
    root[0, 0] = np.sqrt(1 - phi**2)
    fit = sm.OLS(root @ y[0], root @ np.column_stack([window, np.ones(n)])).fit()
    scale = scan_module._Whitened.of(y, np.array([phi])).scale[0]
    assert usable[0, start]
    assert delta[0, start] == pytest.approx(fit.params[0])
    error = np.sqrt(fit.normalized_cov_params[0, 0]) * scale
    assert t[0, start] == pytest.approx(fit.params[0] / error)


def test_a_running_median_equals_pandas():
    values = np.random.default_rng(2).normal(0, 1, (3, 40))
    values[1, 5:9] = np.nan
    for row, got in zip(values, running_median(values, 7), strict=True):
        want = pd.Series(row).rolling(7, center=True, min_periods=1).median()
        assert got == pytest.approx(want.to_numpy(), nan_ok=True)


def test_a_doubled_week_is_dated_sized_and_told_once():
    logs = noise(np.random.default_rng(3), 5, 90)
    logs[2, 40:47] += np.log(2)
    frame = account(logs)
    frame["clicks"] = (frame["spend"] / 2).round()  # clicks follow spend: one finding, not two
    (found,) = traffic_quality(frame).doubts
    assert (found.channel, found.finding.code) == ("c2", "measure.jump_spend_up")
    assert found.finding.params["day"] == pd.Timestamp("2026-02-10").date()
    assert found.finding.params["days"] == 7
    assert found.finding.params["factor"] == pytest.approx(2, abs=0.25)
    spent = frame.loc[frame["channel"] == "c2", "spend"].to_numpy()[40:47].sum()
    assert found.stake == pytest.approx(spent * (1 - 1 / found.finding.params["factor"]))
    assert traffic_quality(frame).at_stake == 0  # a jump is not wrong by itself


def test_a_lasting_step_and_a_spike_are_both_found():
    logs = noise(np.random.default_rng(4), 4, 120)
    logs[0, 70:] += np.log(1.8)
    logs[0, 30] += np.log(6)
    found = [j for j in scan(logs, 0.001) if j.series == 0]
    assert [(j.start, j.lasting) for j in found] == [(30, False), (70, True)]


def test_the_pattern_of_the_week_is_no_jump():
    logs = noise(np.random.default_rng(5), 4, 90, sd=0.05)
    logs += np.resize([0, 0, 0, 0, 0, -0.7, -0.9], 90)
    assert scan(logs, 0.01) == []


def test_clicks_without_spend_and_leads_that_vanish_are_warned_of():
    rng = np.random.default_rng(6)
    frame = account(noise(rng, 3, 90))
    frame["clicks"] = rng.poisson(frame["spend"] / 2).astype(float)
    frame["leads"] = rng.poisson(30, len(frame)).astype(float)
    bots = (frame["channel"] == "c0") & frame["day"].between("2026-02-10", "2026-02-16")
    gone = (frame["channel"] == "c1") & frame["day"].between("2026-02-10", "2026-02-16")
    frame.loc[bots, "clicks"] *= 3
    frame.loc[gone, "leads"] = 0.0
    said = {(d.channel, d.finding.code): d for d in traffic_quality(frame).doubts}
    assert ("c0", "measure.jump_clicks_up") in said
    assert said["c1", "measure.jump_leads_down"].finding.severity == "warning"
    spent = frame.loc[gone, "spend"].sum()
    assert said["c1", "measure.jump_leads_down"].stake == pytest.approx(spent, rel=0.05)
    assert not any(channel == "c2" for channel, _ in said)


@pytest.mark.parametrize(("phi", "days"), [(0.0, 90), (0.5, 90), (0.7, 90), (0.5, 365)])
def test_quiet_accounts_are_left_alone(phi, days):
    """10 channels x 5 series at CV 30%, 60 quarters: the family-wise rate is meant to be 5%."""
    rng = np.random.default_rng([7, int(10 * phi), days])
    hits = sum(bool(scan(noise(rng, 50, days, phi, 0.294), 0.05 / 50)) for _ in range(60))
    assert hits <= 8  # above that the true rate is over 5% with 99.5% confidence


def test_gaps_short_histories_and_constant_series():
    logs = noise(np.random.default_rng(8), 3, 90)
    logs[0, 10:60] = np.nan
    logs[1] = 0.0
    logs[2, 20:] = np.nan
    assert scan(logs, 0.001) == []
    assert scan(np.full((2, 90), np.nan), 0.001) == []
    assert scan(np.zeros((0, 0)), 0.001) == []
