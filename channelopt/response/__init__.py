"""Spend → return curves, learned from daily rows with honest uncertainty."""

from channelopt.response.curves import ResponseCurves

__all__ = ["ResponseCurves"]
