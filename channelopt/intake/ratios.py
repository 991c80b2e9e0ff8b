"""Does a ratio column of the file agree with two of its other columns, within rounding?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: A column agrees with the mapping when this share of its rows does.
ENOUGH = 0.95
#: Ratio → numerator, denominator and the multiples in which platforms write it.
FORMULAS: Mapping[str, tuple[str, str, tuple[float, ...]]] = {
    "cpc": ("spend", "clicks", (1.0,)),
    "cpm": ("spend", "impressions", (1000.0,)),
    "ctr": ("clicks", "impressions", (100.0, 1.0)),
    "cpl": ("spend", "leads", (1.0,)),
}
#: Units in which spend may stand: by what power of ten the file's prices would be off.
_POWERS = (-6, -4, -3, -2, 2, 3, 4, 6)
_SAMPLE = 500
_AFTER = re.compile(r"\D+$")


@dataclass(frozen=True)
class Ratio:
    """A ratio column: its header, its kind (a key of ``FORMULAS``), its values per row, its decimals."""

    header: str
    kind: str
    values: np.ndarray
    places: int


@dataclass(frozen=True)
class Fit:
    """How well a ratio column fits two others.

    Attributes:
        share: rows that agree within rounding / rows that can tell; NaN when none can.
        rows: how many rows can tell.
        factor: median of the stated ratio / ours.
        steady: whether that factor is the same on nearly all rows.
        scale: the multiple that fits best.
    """

    share: float
    rows: int
    factor: float
    steady: bool
    scale: float

    @property
    def known(self) -> bool:
        """Whether any row can tell."""
        return self.rows > 0

    @property
    def agrees(self) -> bool:
        """Whether the columns are proved to belong together."""
        return self.rows > 0 and self.share >= ENOUGH

    @property
    def power(self) -> int | None:
        """The power of ten by which the stated ratio differs, where it is exactly one."""
        if not self.steady or not self.factor > 0:
            return None
        near = round(float(np.log10(self.factor)))
        return near if near in _POWERS and abs(self.factor / 10.0**near - 1) < 0.02 else None


def fit(ratio: Ratio, over: np.ndarray, under: np.ndarray) -> Fit:
    """Compare a ratio column with ``over / under`` in each multiple it may be written in.

    A row can tell when all three figures are above 0 and rounding leaves the ratio known
    to a quarter of itself.

    Args:
        ratio: values of shape (rows,).
        over: numerator, shape (rows,).
        under: denominator, shape (rows,).
    """
    fits = [_fit(ratio, over, under, scale) for scale in FORMULAS[ratio.kind][2]]
    best = max(fits, key=lambda f: (f.share if f.rows else -1.0, f.rows))
    open_ = next((f for f in fits if not f.known), None)  # too few clicks to tell in that multiple
    return open_ if open_ is not None and not best.agrees else best


def _fit(ratio: Ratio, over: np.ndarray, under: np.ndarray, scale: float) -> Fit:
    values = ratio.values
    with np.errstate(invalid="ignore", divide="ignore"):
        ours = scale * over / under
        slack = 10.0**-ratio.places + 0.5 * scale * 10.0 ** -decimals(over) / under + 1e-3 * ours
        usable = (values > 0) & (over > 0) & (under > 0) & (slack <= 0.25 * np.maximum(values, ours))
    n = int(usable.sum())
    if not n:
        return Fit(float("nan"), 0, float("nan"), False, scale)
    ours, theirs, slack = ours[usable], values[usable], slack[usable]
    factor = float(np.median(theirs / ours))
    steady = float((np.abs(theirs - factor * ours) <= np.maximum(slack, factor * slack)).mean()) >= ENOUGH
    return Fit(float((np.abs(theirs - ours) <= slack).mean()), n, factor, steady, scale)


def written_places(cells: Sequence[object], values: np.ndarray, mark: str) -> int:
    """Decimals a column is written with: as its text says, else as its numbers need.

    A workbook drops trailing zeros: one decimal there means two.
    """
    texts = [c for c in cells[:_SAMPLE] if isinstance(c, str) and c.strip()]
    if texts:
        return min(6, max(len(_AFTER.sub("", t.rpartition(mark)[2])) if mark in t else 0 for t in texts))
    needed = decimals(values)
    return 2 if needed == 1 else needed


def decimals(values: np.ndarray) -> int:
    """The most decimals any value needs, six at most."""
    seen = values[np.isfinite(values)][:_SAMPLE]
    for places in range(6):
        if np.all(np.abs(seen - np.round(seen, places)) < 1e-9 * np.maximum(1.0, np.abs(seen))):
            return places
    return 6
