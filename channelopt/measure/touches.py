"""A table of conversion paths laid flat, and how each touch model splits a conversion among its touches."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from channelopt.errors import require_columns
from channelopt.measure.messages import MeasureError

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

#: What a table of paths needs; see ``attribution.attribute``.
PATH_COLUMNS = ("path", "ages", "persons", "conversions", "value")
#: Days after which a touch counts half as much, under time decay.
HALF_LIFE = 7.0
#: Shares of the first and the last touch under the position model; the others share the rest.
FIRST_SHARE = LAST_SHARE = 0.4
#: The models that split each conversion by the place of its touches alone.
TOUCH_MODELS = ("first", "last", "linear", "time_decay", "position")


@dataclass(frozen=True)
class Touches:
    """The paths of a table, one entry per touch.

    Attributes:
        channels: keys, sorted; K of them.
        row: path number of each touch, ascending; T touches.
        code: channel number of each touch.
        place: 0 for the first touch of its path.
        age: days before the end of the journey.
        length: touches per path; P paths.
        persons: journeys per path.
        conversions: how many of them converted.
        value: money of those conversions.
    """

    channels: tuple[str, ...]
    row: Index
    code: Index
    place: Index
    age: Array
    length: Index
    persons: Array
    conversions: Array
    value: Array

    def spread(self, weight: Array) -> sparse.csr_array:
        """Weights per touch as a table paths × channels.

        Args:
            weight: one number per touch, shape (T,).
        """
        shape = (len(self.length), len(self.channels))
        return sparse.coo_array((weight, (self.row, self.code)), shape=shape).tocsr()


def flatten(paths: pd.DataFrame) -> Touches:
    """Lay a table of paths flat.

    Args:
        paths: columns ``PATH_COLUMNS``.

    Raises:
        InputError: a column is missing.
        MeasureError: ``measure.bad_path`` when a row cannot be: no touch, another number of ages
            than touches, more conversions than journeys, or a number below 0 or unknown.
    """
    require_columns(paths, PATH_COLUMNS)
    length = np.fromiter(map(len, paths["path"]), dtype="int64", count=len(paths))
    aged = np.fromiter(map(len, paths["ages"]), dtype="int64", count=len(paths))
    counts = paths[["persons", "conversions", "value"]].to_numpy(dtype="float64").reshape(-1, 3)
    persons, conversions, value = counts.T
    good = (length > 0) & (aged == length) & np.isfinite(counts).all(axis=1)
    good &= (counts >= 0).all(axis=1) & (conversions <= persons)
    age = np.fromiter(chain.from_iterable(paths["ages"]), dtype="float64")
    if not good.all():
        raise MeasureError("measure.bad_path", row=int(np.argmin(good)) + 1)
    row = np.repeat(np.arange(len(length)), length)
    if not np.isfinite(age).all():
        raise MeasureError("measure.bad_path", row=int(row[np.argmin(np.isfinite(age))]) + 1)
    names = pd.Series(list(chain.from_iterable(paths["path"])), dtype="str")
    code, channels = pd.factorize(names, sort=True)
    start = np.repeat(np.cumsum(length) - length, length)
    return Touches(
        channels=tuple(map(str, channels)),
        row=row,
        code=code.astype("int64"),
        place=np.arange(len(row)) - start,
        age=age,
        length=length,
        persons=persons,
        conversions=conversions,
        value=value,
    )


def touch_weights(touches: Touches, model: str) -> sparse.csr_array:
    """How a conversion of each path is split among the channels; every row adds up to 1.

    Args:
        touches: the paths.
        model: one of ``TOUCH_MODELS``. ``time_decay`` halves a touch's weight every
            ``HALF_LIFE`` days before the end; ``position`` gives 40% to the first touch, 40% to
            the last and shares 20% among the others (two touches: half each).

    Returns:
        Paths × channels, sparse.
    """
    length = touches.length[touches.row].astype("float64")
    first, last = touches.place == 0, touches.place == length - 1
    if model == "first":
        weight = first.astype("float64")
    elif model == "last":
        weight = last.astype("float64")
    elif model == "linear":
        weight = 1.0 / length
    elif model == "time_decay":
        weight = _decayed(touches)
    else:
        others = (1 - FIRST_SHARE - LAST_SHARE) / np.maximum(length - 2, 1)
        ends = np.where(first, FIRST_SHARE, np.where(last, LAST_SHARE, others))
        weight = np.select([length == 1, length == 2], [1.0, 0.5], ends)
    return touches.spread(weight)


def _decayed(touches: Touches) -> Array:
    """Weights of time decay, from the youngest touch of each path, so that none vanishes by its age."""
    if not len(touches.row):
        return np.zeros(0)
    starts = np.cumsum(touches.length) - touches.length
    youngest = np.minimum.reduceat(touches.age, starts)
    weight = 0.5 ** ((touches.age - youngest[touches.row]) / HALF_LIFE)
    return weight / np.add.reduceat(weight, starts)[touches.row]
