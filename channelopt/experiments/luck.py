r"""What a test's effect is expected to be once its luck is taken out, in the metric and in money.

A winner that was found early or among many looks better than it is. Its lift y of the log rate, with the
standard error s, is drawn back by what changes usually do, a normal with mean 0 and the standard deviation
t = ``policy.usual_lift``:

.. math:: E = y \frac{t^2}{t^2 + s^2}, \qquad sd = \sqrt{\frac{t^2 s^2}{t^2 + s^2}}

Where lifts differ as believed, choosing the best of many treatments costs nothing then. Often they differ
less: of several treatments the more cautious of two counts, this one and the lift drawn towards those of the
others (``rel_shrunk``). Money moves in proportion with the metric.

Source: Gelman & Carlin (2014), Perspectives on Psychological Science 9 (type M errors); Lee & Shen (2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import special

from channelopt.experiments.design import TestPlan

#: Days of a month of money.
MONTH: Final = 30


@dataclass(frozen=True)
class Expected:
    """What remains of an effect; NaN where it is not known.

    Attributes:
        effect: relative change of the metric, with the metric's own sign.
        lift: the same, above 0 is good: half the cost per lead is twice the leads.
        log_mean, log_sd: of the log lift.
        gain: money a month if shipped.
        gain_low, gain_high: its interval.
    """

    effect: float
    lift: float
    log_mean: float
    log_sd: float
    gain: float
    gain_low: float
    gain_high: float


def drawn_back(relative: float, rel_se: float, lower_is_better: bool, usual: float) -> tuple[float, float]:
    """Mean and standard deviation of the log lift once its luck is taken out; NaN when not known.

    Args:
        relative: effect / control.
        rel_se: standard error / control.
        lower_is_better: whether the metric is a cost.
        usual: standard deviation of what changes usually do, on the log scale.
    """
    if not (relative > -1 and rel_se > 0 and np.isfinite(rel_se)):
        return float("nan"), float("nan")
    log = float(np.log1p(relative))
    se = rel_se * (log / relative if abs(relative) > 1e-9 else 1.0)
    keep = usual**2 / (usual**2 + se**2)
    return float(keep * (-log if lower_is_better else log)), float(np.sqrt(keep) * se)


def without_luck(row: Mapping[str, Any], plan: TestPlan, usual: float, interval: float) -> Expected:
    """What remains of one treatment's effect.

    Args:
        row: of ``Reading.table``: rel_effect_size, rel_se, rel_shrunk.
        plan: of the test.
        usual: ``policy.usual_lift``.
        interval: ``policy.interval``, of the money.
    """
    cost = plan.metric.lower_is_better
    mean, sd = drawn_back(float(row["rel_effect_size"]), float(row["rel_se"]), cost, usual)
    sign = -1.0 if cost else 1.0
    among = sign * float(np.log1p(max(float(row.get("rel_shrunk", float("nan"))), -1 + 1e-9)))
    if among == among:
        mean = min(mean, among) if mean > 0 else max(mean, among)
    effect, lift = (float(np.expm1(m + sd**2 / 2)) for m in (sign * mean, mean))
    month = plan.value_per_day * MONTH if plan.value_per_day > 0 else float("nan")
    reach = float(special.ndtri((1 + interval) / 2)) * sd
    ends = sorted(float(sign * np.expm1(sign * mean + side)) * month for side in (-reach, reach))
    return Expected(effect, lift, mean, sd, sign * effect * month, ends[0], ends[1])
