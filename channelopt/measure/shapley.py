r"""Shapley credit of conversion paths: each channel's fair part of what the coalition of channels won.

The game: :math:`v(S)` is the number of conversions of journeys all of whose channels lie in S. It is
a sum of unanimity games, one per set of channels that converted, and the Shapley value of a unanimity
game gives its members equal parts. The exact value is therefore each conversion split equally among
the *distinct* channels of its journey: no order, no repeats, and no :math:`2^K` sum over coalitions.
Journeys that did not convert do not enter this game.

Source: Shapley (1953), "A value for n-person games", Contributions to the Theory of Games II; the split
into unanimity games: Harsanyi (1959), ibid. IV; for paths: Zhao, Mahboobi & Bagheri (2018),
https://arxiv.org/abs/1804.05327
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from channelopt.measure.touches import Touches


def shapley_weights(touches: Touches) -> sparse.csr_array:
    """How a conversion of each path is split among its distinct channels; every row adds up to 1.

    Args:
        touches: the paths.

    Returns:
        Paths × channels, sparse.
    """
    member = touches.spread(np.ones(len(touches.row)))
    member.data[:] = 1.0
    return sparse.diags_array(1.0 / np.maximum(member.sum(axis=1), 1.0)) @ member
