"""Charts: results in, Plotly figures out; no data is read and nothing is decided here."""

from channelopt.charts.ranges import RangeWords, roi_ranges
from channelopt.charts.small import Panel, small_multiples

__all__ = ["Panel", "RangeWords", "roi_ranges", "small_multiples"]
