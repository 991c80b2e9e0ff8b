"""Return of the next unit of money along the spend, and forecasts by week with their band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import BAND, GREY, plain, quiet

LINE = "#0072B2"
ACCENT = "#D55E00"


@dataclass(frozen=True)
class NextUnitWords:
    """The words on the chart, already in the reader's language.

    Attributes:
        x: title of the spend axis.
        y: title of the return axis.
        today: at today's spend.
        floor: at the floor.
        unseen: over the spend that was never held.
        hover: one text per row.
    """

    x: str
    y: str
    today: str
    floor: str
    unseen: str
    hover: Sequence[str]


def next_unit_chart(table: pd.DataFrame, today: float, floor: float, words: NextUnitWords) -> go.Figure:
    """The curve with its band; spend that was never held is shaded.

    Args:
        table: spend, mroi, low, high, seen.
        today: money per day.
        floor: return that is asked of the next unit.
        words: the chart's words.
    """
    figure = go.Figure()
    for name, fill in (("high", None), ("low", "tonexty")):
        figure.add_scatter(x=table["spend"], y=table[name], mode="lines", line={"width": 0}, hoverinfo="skip",
                           fill=fill, fillcolor=BAND)  # fmt: skip
    figure.add_scatter(
        x=table["spend"], y=table["mroi"], mode="lines", line={"width": 2.5, "color": LINE}, hoverinfo="text",
        hovertext=[plain(text, 160) for text in words.hover],
    )  # fmt: skip
    seen = table.loc[table["seen"], "spend"]
    top = float(table["spend"].max())
    edge = float(seen.max()) if len(seen) else 0.0
    if edge < top:
        figure.add_vrect(x0=edge, x1=top, fillcolor="rgba(138,143,152,0.18)", line_width=0,
                         annotation_text=plain(words.unseen), annotation_position="top right",
                         annotation_font_color=GREY)  # fmt: skip
    figure.add_hline(y=floor, line={"width": 1.5, "color": ACCENT, "dash": "dash"},
                     annotation_text=plain(words.floor), annotation_position="bottom left",
                     annotation_font_color=ACCENT)  # fmt: skip
    figure.add_vline(x=today, line={"width": 1, "color": GREY}, annotation_text=plain(words.today),
                     annotation_position="top left", annotation_font_color=GREY)  # fmt: skip
    quiet(figure, 300)
    ceiling = max(float(table["mroi"].iloc[3:].max()) * 1.4, floor * 1.6)
    figure.update_xaxes(title=words.x, range=[0, top], nticks=6)
    figure.update_yaxes(title=words.y, range=[0, ceiling], showgrid=True, nticks=6)
    return figure


@dataclass(frozen=True)
class WeekWords:
    """The words on the forecast.

    Attributes:
        x: title of the week axis.
        y: title of the count axis.
        hover: one text per row.
    """

    x: str
    y: str
    hover: Sequence[str]


def week_chart(table: pd.DataFrame, words: WeekWords) -> go.Figure:
    """Customers that come by referral, week by week, with their band.

    Args:
        table: week, referred, referred_low, referred_high.
        words: the chart's words.
    """
    figure = go.Figure()
    for name, fill in (("referred_high", None), ("referred_low", "tonexty")):
        figure.add_scatter(x=table["week"], y=table[name], mode="lines", line={"width": 0}, hoverinfo="skip",
                           fill=fill, fillcolor=BAND)  # fmt: skip
    figure.add_scatter(
        x=table["week"], y=table["referred"], mode="lines", line={"width": 2.5, "color": LINE},
        hoverinfo="text", hovertext=[plain(text, 160) for text in words.hover],
    )  # fmt: skip
    quiet(figure, 240)
    figure.update_xaxes(title=words.x, nticks=8)
    figure.update_yaxes(title=words.y, rangemode="tozero", showgrid=True, nticks=5)
    return figure
