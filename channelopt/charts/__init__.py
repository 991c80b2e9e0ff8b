"""Charts: results in, Plotly figures out; no data is read and nothing is decided here."""

from channelopt.charts.control import ControlWords, control_chart
from channelopt.charts.dumbbell import DumbbellWords, lead_prices
from channelopt.charts.funnel import StepWords, channel_funnel, step_matrix
from channelopt.charts.ranges import RangeWords, roi_ranges
from channelopt.charts.small import Panel, small_multiples

__all__ = [
    "ControlWords",
    "DumbbellWords",
    "Panel",
    "RangeWords",
    "StepWords",
    "channel_funnel",
    "control_chart",
    "lead_prices",
    "roi_ranges",
    "small_multiples",
    "step_matrix",
]
