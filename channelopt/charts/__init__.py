"""Charts: results in, Plotly figures out; no data is read and nothing is decided here."""

from channelopt.charts.dumbbell import DumbbellWords, lead_prices
from channelopt.charts.ranges import RangeWords, roi_ranges
from channelopt.charts.small import Panel, small_multiples

__all__ = ["DumbbellWords", "Panel", "RangeWords", "lead_prices", "roi_ranges", "small_multiples"]
