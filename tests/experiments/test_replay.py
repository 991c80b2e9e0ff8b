"""A/A replay: no effect by construction, so the plan's own error comes out, whatever the days are like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from channelopt.experiments import aa_replay


def rows(days, cv, lift, seed):
    rng = np.random.default_rng(seed)
    out = []
    for k, name in enumerate("AB"):
        clicks = rng.poisson(800, days)
        leads = rng.poisson(clicks * 0.05 * np.exp(rng.normal(0, cv, days)) * (1 + lift * k))
        frame = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=days), "variant": name})
        out.append(frame.assign(spend=clicks * 2.0, clicks=clicks, leads=leads))
    return pd.concat(out, ignore_index=True)


@pytest.mark.parametrize(("cv", "lift"), [(0.0, 0.0), (0.3, 0.0), (0.2, 0.5)])
def test_the_plan_keeps_its_promise_on_real_days_even_with_a_true_difference(cv, lift):
    plan = co.plan_test("cpl", events_per_day=80, smallest=0.2, day_cv=cv, days=42)
    got = [aa_replay(rows(60, cv, lift, seed), plan, 500, seed) for seed in range(8)]
    assert np.mean([one.false_winners for one in got]) == pytest.approx(0.05, abs=0.02)
    assert np.mean([one.plain for one in got]) > 0.15
    assert all(one.low <= one.false_winners <= one.high and one.days == 42 for one in got)


def test_same_seed_same_answer_and_too_few_days_none():
    plan = co.plan_test("cpl", events_per_day=80, smallest=0.2, days=42)
    assert aa_replay(rows(30, 0.1, 0, 1), plan) == aa_replay(rows(30, 0.1, 0, 1), plan)
    assert aa_replay(rows(30, 0.1, 0, 1), plan).days == 28
    assert aa_replay(rows(6, 0.1, 0, 1), plan) is None
    assert aa_replay(rows(30, 0.1, 0, 1).query("variant == 'A'"), plan) is None
