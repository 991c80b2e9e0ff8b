"""Watching the account and its channels over time."""

from channelopt.watch.overall import Whole, whole
from channelopt.watch.summary import Summary, summarise, weekly
from channelopt.watch.trends import TREND_METRICS, changes, rolling, versus_before

__all__ = [
    "TREND_METRICS",
    "Summary",
    "Whole",
    "changes",
    "rolling",
    "summarise",
    "versus_before",
    "weekly",
    "whole",
]
