r"""The model of repeat orders tried on its own past: the last weeks are held out and forecast from the rest.

With e the orders expected of each customer in the held-out weeks and o those that came, the surprise is
:math:`g = \log(\sum o / \sum e)`. Chance alone gives it the variance
:math:`s^2 = \sum (o - e)^2 / (\sum e)^2`; what is beyond, :math:`\tau^2 = \max(g^2 - s^2, 0)`, is how far the
model itself may be off (seasons, a change of habits), and widens what is forecast from it. One past is one
trial: a small surprise is no proof.

Source: holdout validation of repeat-buying models as in Fader, Hardie & Lee (2005), Marketing Science 24.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.measure.purchases import DAYS_PER_WEEK, purchases
from channelopt.measure.repeat import fit_repeat
from channelopt.policy import Policy

#: Most weeks held out, the part of the history at most, and the fewest that tell anything.
MOST_HELD, PART, FEWEST = 26, 1 / 3, 4


@dataclass(frozen=True)
class RepeatCheck:
    """How the model did on the past.

    Attributes:
        weeks: held out; 0 when the history is too short to try.
        expected: repeat orders forecast for them; NaN when not tried.
        came: those that came; NaN when not tried.
        off: standard deviation of the log by which the model may be off beyond chance; 0 when not tried.
    """

    weeks: int
    expected: float
    came: float
    off: float

    @property
    def tried(self) -> bool:
        """Whether there was enough history."""
        return self.weeks > 0


def check_repeat(
    orders: pd.DataFrame, as_of: dt.date | pd.Timestamp, policy: Policy | None = None
) -> RepeatCheck:
    """Forecast the last weeks from those before.

    Args:
        orders: as for ``purchases.purchases``.
        as_of: last day the orders know of.
        policy: ``min_repeaters``.

    Raises:
        InputError: a column is missing.
    """
    nothing = RepeatCheck(0, float("nan"), float("nan"), 0.0)
    people = purchases(orders, as_of)
    span = float(people["watched"].max()) if len(people) else 0.0
    held = int(min(MOST_HELD, span * PART))
    if held < FEWEST:
        return nothing
    cut = pd.Timestamp(as_of).normalize() - pd.Timedelta(days=held * DAYS_PER_WEEK)
    early = purchases(orders, cut).set_index("person_key")
    model = fit_repeat(early, policy)
    if not model.fitted:
        return nothing
    expected = model.expected(float(held), early["x"], early["t_x"], early["watched"])
    later = people.set_index("person_key")["x"].reindex(early.index).to_numpy(dtype="float64")
    came = later - early["x"].to_numpy(dtype="float64")
    total, real = float(expected.sum()), float(came.sum())
    if not total > 0:
        return nothing
    gap = np.log(max(real, 0.5) / total)
    chance = float(((came - expected) ** 2).sum()) / total**2
    return RepeatCheck(held, total, real, float(np.sqrt(max(gap**2 - chance, 0.0))))
