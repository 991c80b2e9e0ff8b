r"""Removal effects of a first-order Markov chain: what share of conversions passes through each channel.

Journeys walk from the start over channels into *conversion* or *null*; the chance of each step is its
share of the steps seen. With Q the steps among channels, s the first steps, r the last steps into
conversion and :math:`N = (I - Q)^{-1}` the expected visits, a journey converts with chance
:math:`P = s N r`. Sending every visit of channel c to null loses exactly the conversions that pass
through c, so its removal effect is

.. math:: R_c = \frac{(s N)_c}{N_{cc}} \cdot \frac{(N r)_c}{P}

(the chance ever to reach c, times the chance to convert from there), and its share is
:math:`R_c / \sum_k R_k`. One inverse gives all channels at once, exactly, without simulated walks.
A step from a channel to itself changes neither factor.

Source: Anderl, Becker, von Wangenheim & Schumann (2016), "Mapping the customer journey", International
Journal of Research in Marketing 33(3); Kemeny & Snell (1960), Finite Markov Chains, ch. III.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from channelopt.measure.touches import Array, Touches


class Steps:
    """The steps of a table of paths, ready to be counted under any weights of its persons."""

    def __init__(self, touches: Touches) -> None:
        size, paths = len(touches.channels), len(touches.length)
        self._size = size
        starts = touches.place == 0
        ends = np.append(starts[1:], True) if len(starts) else starts
        code, row = touches.code, touches.row
        inner = np.flatnonzero(~ends)
        cells = code[inner] * size + code[inner + 1]
        ones = np.ones(len(inner))
        self._among = sparse.coo_array((ones, (cells, row[inner])), shape=(size * size, paths)).tocsr()
        self._first = self._places(code[starts], row[starts], paths)
        self._last = self._places(code[ends], row[ends], paths)

    def _places(self, code: np.ndarray, row: np.ndarray, paths: int) -> sparse.csr_array:
        return sparse.coo_array((np.ones(len(row)), (code, row)), shape=(self._size, paths)).tocsr()

    def removal(self, persons: Array, conversions: Array) -> Array:
        """Removal effect of every channel, for each column of weights.

        Args:
            persons: journeys per path, shape (P, D).
            conversions: how many of them converted, shape (P, D).

        Returns:
            Shape (D, K), each in 0..1; all 0 in a column without conversions.
        """
        size = self._size
        among = (self._among @ persons).T.reshape(-1, size, size)
        first = (self._first @ persons).T
        won, ended = (self._last @ conversions).T, (self._last @ persons).T
        leaving = among.sum(axis=2) + ended
        leaving = np.where(leaving > 0, leaving, 1.0)
        visits = np.linalg.inv(np.eye(size) - among / leaving[:, :, None])
        started = first / np.maximum(first.sum(axis=1, keepdims=True), 1e-300)
        reached = np.einsum("dk,dkj->dj", started, visits) / np.einsum("dkk->dk", visits)
        wins = np.einsum("dkj,dj->dk", visits, won / leaving)
        chance = np.einsum("dk,dk->d", started, wins)
        effect = reached * wins / np.where(chance > 0, chance, 1.0)[:, None]
        return np.clip(effect, 0.0, 1.0)

    def shares(self, persons: Array, conversions: Array) -> Array:
        """Removal effects made to add up to 1; NaN in a column without conversions. Shapes as above."""
        effect = self.removal(persons, conversions)
        total = effect.sum(axis=1, keepdims=True)
        return np.divide(effect, total, out=np.full_like(effect, np.nan), where=total > 0)
