r"""A logistic regression with a ridge, and the table of numbers it works on.

With x standardised, the coefficients are where

.. math:: \sum_i (y_i \eta_i - \log(1 + e^{\eta_i})) - \tfrac{\lambda}{2} \sum_{k>0} \beta_k^2

is largest (:math:`\eta = \beta_0 + x \beta`; the intercept is free). Newton steps, halved while they do not
help.

Source: Hoerl & Kennard (1970); le Cessie & van Houwelingen (1992), Applied Statistics 41.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.measure.leadfeatures import NUMBERS, TRAITS

Array = npt.NDArray[np.float64]
Scorer = Callable[[pd.DataFrame], Array]
PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
#: A word is told apart from "other" from so many leads on.
LEAST_LEVEL = 30
#: Blocks in time of a sample; the later ones are foretold by the earlier.
BLOCKS = 4
_STEPS, _CLOSE = 60, 1e-10


def logistic(x: npt.ArrayLike, bought: npt.ArrayLike, penalty: float = 0.0) -> Array:
    """Coefficients, the intercept first.

    Args:
        x: (leads, columns).
        bought: (leads,), 0 or 1.
        penalty: λ, from 0.
    """
    table, y = np.asarray(x, dtype="float64"), np.asarray(bought, dtype="float64")
    design = np.column_stack([np.ones(len(y)), table.reshape(len(y), -1)])
    ridge = np.r_[0.0, np.full(design.shape[1] - 1, penalty)]
    mean = min(max(float(y.mean()), 1e-6), 1 - 1e-6)
    beta = np.r_[np.log(mean / (1 - mean)), np.zeros(design.shape[1] - 1)]
    best = _gain(design, y, beta, ridge)
    for _ in range(_STEPS):
        p = _expit(design @ beta)
        slope = design.T @ (y - p) - ridge * beta
        bend = (design.T * (p * (1 - p))) @ design + np.diag(ridge) + 1e-9 * np.eye(len(beta))
        step = np.linalg.solve(bend, slope)
        size, before = 1.0, best
        while size > 1e-6 and _gain(design, y, beta + size * step, ridge) < best:
            size /= 2
        beta = beta + size * step
        best = _gain(design, y, beta, ridge)
        if best - before < _CLOSE * (1 + abs(best)):
            break
    return np.asarray(beta)


def _expit(x: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-x)))


def _gain(design: Array, y: Array, beta: Array, ridge: Array) -> float:
    eta = design @ beta
    return float((y * eta - np.logaddexp(0.0, eta)).sum() - 0.5 * (ridge * beta**2).sum())


@dataclass(frozen=True)
class Encoder:
    """How features become columns of numbers.

    Attributes:
        numbers: name → (mean, standard deviation) of log(1 + value) where it is known.
        levels: name → the words told apart.
        centre: (columns,), mean of each column.
        owner: the feature of each column.
    """

    numbers: dict[str, tuple[float, float]]
    levels: dict[str, tuple[str, ...]]
    centre: Array
    owner: tuple[str, ...]

    def table(self, features: pd.DataFrame) -> Array:
        """(leads, columns), centred."""
        return _raw(features, self.numbers, self.levels)[0] - self.centre


def encode(features: pd.DataFrame) -> Encoder:
    """Learn the columns from leads; a feature that never varies has none."""
    numbers, levels = {}, {}
    for name in NUMBERS:
        known = np.log1p(np.maximum(features[name].dropna().to_numpy(dtype="float64"), 0.0))
        missing = features[name].isna().any()
        if len(known) and (known.std() > 0 or missing):
            numbers[name] = (float(known.mean()), float(known.std()) or 1.0)
    for name in TRAITS:
        counts = features[name].astype("str").value_counts()
        kept = tuple(sorted(str(word) for word in counts[counts >= LEAST_LEVEL].index))
        if len(kept) > 1 or (kept and counts[kept[0]] < counts.sum()):
            levels[name] = kept
    raw, owner = _raw(features, numbers, levels)
    return Encoder(numbers, levels, raw.mean(axis=0) if len(raw) else np.zeros(len(owner)), owner)


def _raw(
    features: pd.DataFrame, numbers: dict[str, tuple[float, float]], levels: dict[str, tuple[str, ...]]
) -> tuple[Array, tuple[str, ...]]:
    columns, owner = [], []
    for name, (mean, sd) in numbers.items():
        value = features[name].to_numpy(dtype="float64")
        seen = np.isfinite(value)
        log = (np.log1p(np.maximum(np.where(seen, value, 0.0), 0.0)) - mean) / sd
        columns += [np.where(seen, log, 0.0), (~seen).astype("float64")]
        owner += [name, name]
    for name, words in levels.items():
        text = features[name].astype("str").to_numpy()
        columns += [(text == word).astype("float64") for word in words]
        owner += [name] * len(words)
    table = np.column_stack(columns) if columns else np.zeros((len(features), 0))
    return table, tuple(owner)


def foretold(features: pd.DataFrame, bought: Array, fit: Callable[[pd.DataFrame, Array], Scorer]) -> Array:
    """Scores of each block in time by a model that saw only the earlier blocks; NaN for the first.

    Args:
        features: leads, oldest first.
        bought: (leads,), 0 or 1.
        fit: (earlier leads, bought) → a function that scores leads.
    """
    out = np.full(len(bought), np.nan)
    edges = np.linspace(0, len(bought), BLOCKS + 1).astype(int)
    for start, end in itertools.pairwise(edges[1:]):
        if 0 < bought[:start].sum() < start and end > start:
            out[start:end] = fit(features.iloc[:start], bought[:start])(features.iloc[start:end])
    return out


@dataclass(frozen=True)
class RidgeModel:
    """A fitted logistic regression.

    Attributes:
        encoder: its columns.
        beta: (1 + columns,), the intercept first.
        penalty: λ.
    """

    encoder: Encoder
    beta: Array
    penalty: float

    @property
    def kind(self) -> str:
        """The name of the model."""
        return "logistic"

    def parts(self, features: pd.DataFrame) -> pd.DataFrame:
        """What each feature adds to the score of each lead, in log odds against the average lead."""
        table = self.encoder.table(features) * self.beta[1:]
        owner = np.array(self.encoder.owner, dtype="str")
        names = [name for name in (*NUMBERS, *TRAITS) if name in set(self.encoder.owner)]
        sums = {name: table[:, owner == name].sum(axis=1) for name in names}
        return pd.DataFrame(sums, index=features.index)

    def score(self, features: pd.DataFrame) -> Array:
        """(leads,), in log odds."""
        return np.asarray(self.beta[0] + self.encoder.table(features) @ self.beta[1:])


def fit_ridge(features: pd.DataFrame, bought: Array, penalty: float | None = None) -> RidgeModel:
    """A ridge logistic regression; without a penalty the one that foretells later blocks best."""
    chosen = _penalty(features, bought) if penalty is None else penalty
    encoder = encode(features)
    return RidgeModel(encoder, logistic(encoder.table(features), bought, chosen), chosen)


def _penalty(features: pd.DataFrame, bought: Array) -> float:
    lost = []
    for penalty in PENALTIES:
        eta = foretold(features, bought, lambda x, y, p=penalty: fit_ridge(x, y, p).score)  # type: ignore[misc]
        seen = np.isfinite(eta)
        lost.append(float((np.logaddexp(0.0, eta[seen]) - bought[seen] * eta[seen]).sum()))
    return PENALTIES[int(np.argmin(lost))]
