r"""A points score: every feature cut into bands, every band worth whole points.

With k customers among the n leads of a band and the rate r of all leads, a band is worth

.. math:: \operatorname{round}\Big(2 \log_2 \frac{(k + K) / (n + K / r)}{r}\Big),

within ±6: two points double the rate. K = ``LENT`` customers' worth of the average lead keeps thin bands
near 0. The score is the sum of the points, as in recency–frequency–value tables, but with points that are
learned.

Source: Hughes (1994), Strategic Database Marketing (RFM); Good (1950) for weights of evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.measure.leadfeatures import NUMBERS, TRAITS
from channelopt.measure.logistic import LEAST_LEVEL

Array = npt.NDArray[np.float64]
Bands = dict[str, tuple[float, ...]]
LENT = 5.0
MOST_POINTS = 6
#: Bands a number is cut into at most.
CUTS = (0.25, 0.5, 0.75, 0.9)
#: Log odds of a point.
POINT = float(np.log(2) / 2)
UNKNOWN, OTHER = "unknown", "other"


@dataclass(frozen=True)
class Scorecard:
    """Points by feature and band.

    Attributes:
        edges: name → upper ends of all bands but the last.
        points: name → band ("0", "1", …, or a word, "unknown", "other") → whole points.
        average: name → mean points of the leads it was learned from.
    """

    edges: Bands
    points: dict[str, dict[str, int]]
    average: dict[str, float]

    @property
    def kind(self) -> str:
        """The name of the model."""
        return "points"

    def table(self) -> pd.DataFrame:
        """The card itself: feature, band, above, up_to (numbers only; NaN for words), points."""
        rows = []
        for name, points in self.points.items():
            edges = self.edges.get(name, ())
            for band, value in points.items():
                place = int(band) if name in NUMBERS and band.isdigit() else None
                rows.append(
                    {
                        "feature": name, "band": band, "points": value,
                        "above": edges[place - 1] if place else np.nan,
                        "up_to": edges[place] if place is not None and place < len(edges) else np.nan,
                    }
                )  # fmt: skip
        return pd.DataFrame(rows, columns=["feature", "band", "above", "up_to", "points"])

    def score(self, features: pd.DataFrame) -> Array:
        """(leads,), whole points."""
        total = np.zeros(len(features))
        for name, points in self.points.items():
            total += _given(bands_of(features, name, self.edges), points)
        return total

    def parts(self, features: pd.DataFrame) -> pd.DataFrame:
        """What each feature adds to the score of each lead, in log odds against the average lead."""
        given = {
            name: (_given(bands_of(features, name, self.edges), points) - self.average[name]) * POINT
            for name, points in self.points.items()
        }
        return pd.DataFrame(given, index=features.index)


def _given(bands: pd.Series, points: dict[str, int]) -> Array:
    return bands.map(points).fillna(points.get(OTHER, 0)).to_numpy(dtype="float64")


def bands_of(features: pd.DataFrame, name: str, edges: Bands) -> pd.Series:
    """The band of each lead in one feature."""
    if name in TRAITS:
        words = features[name].astype("str")
        return words.where(words != "", UNKNOWN)
    value = features[name].to_numpy(dtype="float64")
    place = np.searchsorted(np.array(edges.get(name, ())), value, side="left").astype("str")
    return pd.Series(np.where(np.isfinite(value), place, UNKNOWN), index=features.index, dtype="str")


def fit_points(features: pd.DataFrame, bought: Array) -> Scorecard:
    """Learn the points.

    Args:
        features: leads.
        bought: (leads,), 0 or 1; at least one of each.
    """
    edges: Bands = {}
    points: dict[str, dict[str, int]] = {}
    average: dict[str, float] = {}
    rate = float(bought.mean())
    for name in (*NUMBERS, *TRAITS):
        if name in NUMBERS:
            known = features[name].dropna().to_numpy(dtype="float64")
            if not len(known):
                continue
            cuts = np.unique(np.quantile(known, CUTS, method="lower"))
            edges[name] = tuple(float(cut) for cut in cuts if cut < known.max())
        bands = bands_of(features, name, edges)
        table = pd.DataFrame({"band": bands, "bought": bought}).groupby("band")["bought"].agg(["sum", "size"])
        table = table[table["size"] >= LEAST_LEVEL] if name in TRAITS else table
        ratio = (table["sum"] + LENT) / (table["size"] + LENT / rate) / rate
        worth = np.clip(np.round(np.log(ratio) / POINT), -MOST_POINTS, MOST_POINTS).astype(int)
        if not worth.any():
            continue
        points[name] = {str(band): int(value) for band, value in worth.items()}
        average[name] = float(_given(bands, points[name]).mean())
    return Scorecard(edges, points, average)
