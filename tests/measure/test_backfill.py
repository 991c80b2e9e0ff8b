"""How recent days fill in, learned from days that came in twice."""

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.measure.backfill import LONGEST, learn_backfill

NOW = pd.Timestamp("2026-03-01")


def pairs(
    once: float, median: float, per_day: float = 100.0, channel: str = "a", seed: int | None = 1
) -> pd.DataFrame:
    """Weekly uploads of 28 days each over eight weeks of a platform that fills in by this curve."""
    rng = np.random.default_rng(seed)

    def share(age: int) -> float:
        return once + (1 - once) * (1 - 0.5 ** ((age + 1) / median))

    rows = []
    for day in range(56):
        total = rng.poisson(per_day)
        order = rng.random(total)
        for now in range(13, 56, 7):
            age = now - day
            if 0 <= age < 21:
                rows.append(
                    (channel, age, age + 7, (order < share(age)).sum(), (order < share(age + 7)).sum())
                )
    frame = pd.DataFrame(rows, columns=["channel", "age_from", "age_to", "revenue_from", "revenue"])
    return frame.astype({"revenue_from": float, "revenue": float})


@pytest.mark.parametrize(("once", "median"), [(0.2, 3.0), (0.6, 4.0), (0.8, 8.0)])
def test_the_curve_that_made_the_pairs_is_found(once, median):
    curve = learn_backfill(pairs(once, median), NOW).pooled
    for age in (0, 3, 7, 14):
        truth = once + (1 - once) * (1 - 0.5 ** ((age + 1) / median))
        assert curve.share[age] == pytest.approx(truth, abs=0.04)


def test_a_loop_over_days_confirms_the_chain():
    frame = pairs(0.3, 4.0, per_day=400.0)
    curve = learn_backfill(frame, NOW).pooled
    for age in (0, 5, 10):
        part = frame[frame["age_from"] == age]
        chained = part["revenue_from"].sum() / part["revenue"].sum()
        assert curve.share[age] / curve.share[age + 7] == pytest.approx(chained, abs=0.03)


def test_a_mix_of_days_is_the_mean_over_its_days_and_surer_with_more_pairs():
    curve = learn_backfill(pairs(0.4, 4.0), NOW).pooled
    ages, volume = np.arange(30), np.ones(30)
    share, variance = curve.visible(ages, volume)
    assert share == pytest.approx(curve.share[:30].mean())
    few = learn_backfill(pairs(0.4, 4.0, per_day=4.0), NOW).pooled.visible(ages, volume)[1]
    assert few > 3 * variance > 0


def test_a_platform_that_never_revises_is_complete_at_once():
    frame = pairs(1.0, 4.0)
    curve = learn_backfill(frame, NOW).pooled
    assert curve.share[0] > 0.995


def test_a_channel_with_few_pairs_leans_on_the_others():
    slow, fast = pairs(0.2, 5.0, channel="slow"), pairs(0.9, 2.0, channel="fast").iloc[:2]
    found = learn_backfill(pd.concat([slow, fast]), NOW)
    assert found.curve("slow").share[0] < found.curve("fast").share[0] < 0.9
    assert found.curve("unknown") is found.pooled


def test_too_little_shrinking_and_odd_values():
    assert learn_backfill(pairs(0.5, 3.0).iloc[:13], NOW) is None
    assert learn_backfill(pairs(0.5, 3.0).assign(revenue=0.0), NOW) is None
    taken_back = pairs(1.0, 3.0).assign(revenue_from=lambda f: f["revenue"] * 1.1)
    assert learn_backfill(taken_back, NOW).pooled.share[0] > 0.99
    old = pairs(0.5, 3.0).assign(age_from=10_000, age_to=20_000)
    assert len(learn_backfill(old, NOW).pooled.share) == LONGEST
    mean, variance = learn_backfill(pairs(0.5, 3.0), NOW).pooled.visible([-3, -1], [1.0, 1.0])
    assert np.isnan(mean) and np.isnan(variance)
    with pytest.raises(InputError):
        learn_backfill(pd.DataFrame({"channel": []}), NOW)
