"""The path of a geo test for a chart: observed and counterfactual by day, with bands from the placebos.

A day's band is the counterfactual plus and minus what a share of 1 - alpha of the splits stays within on that
day, the effect taken out. The cumulative outcome's band is the inverted test of the days so far, so its last
day is the interval of the verdict.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from channelopt.experiments.effect import Array
from channelopt.experiments.placebo import Placebo, placebo
from channelopt.experiments.regions_panel import Flags, Panel

COLUMNS = (
    "day", "day_no", "observed", "counterfactual", "low", "high", "cumulative", "cumulative_low",
    "cumulative_high",
)  # fmt: skip


def path_of(
    parts: tuple[Panel, Panel, Array, Flags, Placebo | None, float] | None,
) -> pd.DataFrame:
    """The path; without an answer only the days before the start.

    Args:
        parts: panel before, panel during, contrasts (the real assignment first), who was treated, the answer
            of the whole period, alpha; None gives an empty path.
    """
    if parts is None:
        return pd.DataFrame(
            {c: pd.Series(dtype="datetime64[ns]" if c == "day" else "float64") for c in COLUMNS}
        )
    before, during, contrast, own, answer, alpha = parts
    past = _days(before, contrast, own, 1.0, alpha)
    past["day_no"] = np.arange(-len(past) + 1, 1)
    past[["cumulative", "cumulative_low", "cumulative_high"]] = np.nan
    if answer is None or not np.isfinite(answer.phi):
        return past[list(COLUMNS)]
    now = _days(during, contrast, own, float(answer.phi), alpha)
    now["day_no"] = np.arange(1, len(now) + 1)
    treated = during.outcome * own
    a = contrast @ np.cumsum(during.outcome - treated, axis=0).T
    b = contrast @ np.cumsum(treated, axis=0).T
    got = placebo((a[0], b[0]), (a[1:].T, b[1:].T), alpha)
    total = treated.sum(axis=1).cumsum()
    now["cumulative"] = (1 - got.phi) * total
    now["cumulative_low"] = (1 - np.where(np.isfinite(got.phi_high), got.phi_high, np.nan)) * total
    now["cumulative_high"] = (1 - got.phi_low) * total
    return pd.concat([past, now], ignore_index=True)[list(COLUMNS)]


def _days(panel: Panel, contrast: Array, own: Flags, phi: float, alpha: float) -> pd.DataFrame:
    """Observed and counterfactual of each day with the placebo band."""
    observed = panel.outcome[:, own].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = 1 / contrast[0, own].max()
    gaps = contrast @ panel.outcome.T * level
    still = contrast[1:] @ np.where(own, panel.outcome * phi, panel.outcome).T * level
    half = np.quantile(np.abs(still), 1 - alpha, axis=0, method="higher") if len(still) else np.nan
    middle = observed - gaps[0]
    return pd.DataFrame(
        {
            "day": panel.days,
            "observed": observed,
            "counterfactual": middle,
            "low": middle - half,
            "high": middle + half,
        }
    )
