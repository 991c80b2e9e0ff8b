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
    return figure
