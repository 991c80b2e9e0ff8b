"""The effect over the days of a test, with the band of its planned looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import BAND, GREY, plain, quiet

LINE = "#0072B2"


@dataclass(frozen=True)
class EffectWords:
    """The words on the chart, already in the reader's language.

    Attributes:
        hover: one text per row of the frame.
        day: title of the day axis.
        none: at the line of no effect.
    """

    hover: Sequence[str]
    day: str
    none: str


def effect_chart(path: pd.DataFrame, days: int, looks: Sequence[int], words: EffectWords) -> go.Figure:
    """One treatment: relative effect with its band up to the last judged look; looks to come are marked.

    Args:
        path: day_no, rel_effect_size, rel_ci_low, rel_ci_high, look; only what may be shown.
        days: planned length.
        looks: planned looks, day numbers.
        words: the chart's words.
    """
    figure = go.Figure()
    shown = path[path["rel_ci_low"].notna() & (path["rel_ci_high"] < 3)]
    for name, fill in (("rel_ci_high", None), ("rel_ci_low", "tonexty")):
        figure.add_scatter(
            x=shown["day_no"], y=shown[name], mode="lines", line={"width": 0}, hoverinfo="skip", fill=fill,
            fillcolor=BAND,
        )  # fmt: skip
    texts = [plain(text, 160) for text in words.hover]
    figure.add_scatter(
        x=path["day_no"], y=path["rel_effect_size"], mode="lines", hoverinfo="text", hovertext=texts,
        line={"width": 2, "color": LINE},
    )  # fmt: skip
    at = path[path["look"]]
    figure.add_scatter(
        x=at["day_no"], y=at["rel_effect_size"], mode="markers", hoverinfo="skip",
        marker={"size": 11, "color": LINE, "line": {"width": 1.5, "color": "white"}},
        error_y={
            "type": "data", "symmetric": False, "array": at["rel_ci_high"] - at["rel_effect_size"],
            "arrayminus": at["rel_effect_size"] - at["rel_ci_low"], "color": LINE, "thickness": 1.5,
        },
    )  # fmt: skip
    done = int(path["day_no"].max()) if len(path) else 0
    later = [day for day in looks if day > done]
    figure.add_scatter(
        x=later, y=[0.0] * len(later), mode="markers", hoverinfo="skip",
        marker={"size": 11, "symbol": "circle-open", "color": GREY, "line": {"width": 1.5}},
    )  # fmt: skip
    figure.add_hline(y=0, line={"width": 1, "color": GREY, "dash": "dot"}, annotation_text=words.none,
                     annotation_position="bottom left", annotation_font_color=GREY)  # fmt: skip
    quiet(figure, 280)
    figure.update_xaxes(range=[0, days + 1], title=words.day, dtick=7)
    figure.update_yaxes(tickformat="+.0%", nticks=6, showgrid=True)
    if len(at) > 1:  # the first look's wide range would flatten the rest
        ends = [0.0, float(at["rel_ci_low"].iloc[1:].min()), float(at["rel_ci_high"].iloc[1:].max())]
        room = 0.15 * (max(ends) - min(ends))
        if room > 0:
            figure.update_yaxes(range=[min(ends) - room, max(ends) + room])
    return figure


@dataclass(frozen=True)
class ForestWords:
    """The words on the forest, already in the reader's language.

    Attributes:
        hover: one text per row.
        none: at the line of no effect.
        labels: one name per row.
    """

    hover: Sequence[str]
    none: str
    labels: Sequence[str]


def forest_chart(table: pd.DataFrame, words: ForestWords, good: Sequence[bool | None]) -> go.Figure:
    """One row per treatment or metric: relative effect with its range; a small diamond is the shrunk effect.

    Args:
        table: rel_effect_size, rel_ci_low, rel_ci_high and, where it is known, rel_shrunk.
        words: the chart's words.
        good: whether a row is surely better (True), surely worse (False) or open (None).
    """
    figure = go.Figure()
    names = [plain(name) for name in words.labels]
    colours = [GREY if one is None else LINE if one else "#D55E00" for one in good]
    figure.add_scatter(
        x=table["rel_effect_size"], y=names, mode="markers", hoverinfo="text",
        hovertext=[plain(text, 160) for text in words.hover], marker={"size": 11, "color": colours},
    )  # fmt: skip
    for row, name, colour in zip(table.itertuples(), names, colours, strict=True):
        figure.add_scatter(
            x=[row.rel_ci_low, row.rel_ci_high], y=[name, name], mode="lines", hoverinfo="skip",
            line={"width": 2.5, "color": colour},
        )  # fmt: skip
    if "rel_shrunk" in table:
        figure.add_scatter(
            x=table["rel_shrunk"], y=names, mode="markers", hoverinfo="skip",
            marker={"size": 9, "symbol": "diamond-open", "color": GREY, "line": {"width": 1.5}},
        )  # fmt: skip
    figure.add_vline(x=0, line={"width": 1, "color": GREY, "dash": "dot"}, annotation_text=plain(words.none),
                     annotation_position="bottom right", annotation_font_color=GREY)  # fmt: skip
    quiet(figure, 80 + 44 * len(names))
    ends = [0.0, float(table["rel_ci_low"].min()), float(table["rel_ci_high"].max())]
    room = 0.06 * (max(ends) - min(ends)) or 0.1
    figure.update_xaxes(tickformat="+.0%", nticks=6, range=[min(ends) - room, max(ends) + room])
    figure.update_yaxes(range=[len(names) - 0.3, -0.7])
    return figure


@dataclass(frozen=True)
class BesideWords:
    """The words on the chart of what was and what would have been.

    Attributes:
        hover: one text per row.
        start: at the first day of the change.
        seen: name of what was.
        without: name of what would have been.
    """

    hover: Sequence[str]
    start: str
    seen: str
    without: str


def beside_chart(path: pd.DataFrame, start: pd.Timestamp, words: BesideWords) -> go.Figure:
    """What was against what would have been without the change, with its band.

    Args:
        path: day, observed, counterfactual, low, high.
        start: first day of the change.
        words: the chart's words.
    """
    figure = go.Figure()
    for name, fill in (("high", None), ("low", "tonexty")):
        figure.add_scatter(
            x=path["day"], y=path[name], mode="lines", line={"width": 0}, hoverinfo="skip", fill=fill,
            fillcolor="rgba(138,143,152,0.20)", showlegend=False,
        )  # fmt: skip
    figure.add_scatter(
        x=path["day"], y=path["counterfactual"], mode="lines", hoverinfo="skip", name=plain(words.without),
        line={"width": 2, "color": GREY, "dash": "dot"},
    )  # fmt: skip
    figure.add_scatter(
        x=path["day"], y=path["observed"], mode="lines", hoverinfo="text", name=plain(words.seen),
        hovertext=[plain(text, 160) for text in words.hover], line={"width": 2, "color": LINE},
    )  # fmt: skip
    figure.add_vline(
        x=start.timestamp() * 1000, line={"width": 1, "color": GREY}, annotation_text=plain(words.start),
        annotation_position="top right", annotation_font_color=GREY,
    )  # fmt: skip
    quiet(figure, 280)
    figure.update_layout(showlegend=True, legend={"orientation": "h", "y": -0.15})
    figure.update_xaxes(tickformat="%-m/%-d", nticks=7)
    figure.update_yaxes(rangemode="tozero", showgrid=True, nticks=5)
    return figure
