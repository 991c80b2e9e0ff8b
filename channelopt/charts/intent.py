"""How well a score of leads ranks: lift by tenths, and chances said against what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import FAINT, GREY, plain, quiet

LINE = "#0072B2"


@dataclass(frozen=True)
class IntentWords:
    """The words on the charts, already in the reader's language.

    Attributes:
        x: title of the x axis.
        y: title of the y axis.
        hover: one text per row.
    """

    x: str
    y: str
    hover: Sequence[str]


def lift_chart(table: pd.DataFrame, words: IntentWords) -> go.Figure:
    """Customers per lead by tenths of the leads, the best tenth first; the line is all leads.

    Args:
        table: decile, rate, low, high, leads, customers.
        words: the chart's words.
    """
    figure = go.Figure()
    whole = table["customers"].sum() / table["leads"].sum() if table["leads"].sum() else float("nan")
    up, down = table["high"] - table["rate"], table["rate"] - table["low"]
    figure.add_bar(
        x=table["decile"], y=table["rate"], marker={"color": LINE}, hoverinfo="text",
        hovertext=[plain(text, 160) for text in words.hover],
        error_y={"type": "data", "symmetric": False, "array": up, "arrayminus": down, "color": GREY},
    )  # fmt: skip
    figure.add_hline(y=whole, line={"width": 1, "color": GREY, "dash": "dot"})
    quiet(figure, 240)
    figure.update_xaxes(title=words.x, dtick=1)
    figure.update_yaxes(title=words.y, tickformat=".0%", rangemode="tozero", showgrid=True, nticks=5)
    return figure


def calibration_chart(table: pd.DataFrame, words: IntentWords) -> go.Figure:
    """Chances said against the share that came; on the diagonal both are the same.

    Args:
        table: said, seen, low, high.
        words: the chart's words.
    """
    figure = go.Figure()
    top = float(max(table["high"].max(), table["said"].max())) * 1.05 if len(table) else 1.0
    figure.add_scatter(x=[0, top], y=[0, top], mode="lines", hoverinfo="skip",
                       line={"width": 1, "color": GREY, "dash": "dot"})  # fmt: skip
    figure.add_scatter(
        x=table["said"], y=table["seen"], mode="markers", hoverinfo="text",
        marker={"size": 10, "color": LINE},
        hovertext=[plain(text, 160) for text in words.hover],
        error_y={
            "type": "data", "symmetric": False, "array": table["high"] - table["seen"],
            "arrayminus": table["seen"] - table["low"], "color": FAINT, "thickness": 2,
        },
    )  # fmt: skip
    quiet(figure, 240)
    figure.update_xaxes(title=words.x, tickformat=".0%", range=[0, top], nticks=5)
    figure.update_yaxes(title=words.y, tickformat=".0%", range=[0, top], showgrid=True, nticks=5)
    return figure
