"""Spend → return curves, learned from daily rows with honest uncertainty."""

from channelopt.response.curves import ResponseCurves
from channelopt.response.fit import fit_response

__all__ = ["ResponseCurves", "fit_response"]
