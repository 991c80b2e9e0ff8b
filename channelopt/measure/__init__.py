"""From daily facts to what things cost and bring back, each with its interval."""

from channelopt.measure.compare import between_channels, between_periods
from channelopt.measure.counts import poisson_interval, proportion_interval
from channelopt.measure.economics import RATIOS, economics
from channelopt.measure.funnel import funnel_steps
from channelopt.measure.ratios import Ratios, ratio_of_sums

__all__ = [
    "RATIOS",
    "Ratios",
    "between_channels",
    "between_periods",
    "economics",
    "funnel_steps",
    "poisson_interval",
    "proportion_interval",
    "ratio_of_sums",
]
