"""The plan replayed over the past: what each step would have brought above what was done, with ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.moves import ACCENT, OWN
from channelopt.charts.style import GREY, plain, quiet


@dataclass(frozen=True)
class WalkWords:
    """The words on the chart, already in the reader's language.

    Attributes:
        steps: name of each step, in the order of the table.
        promised: what the pointer says of a promise, by step.
        hindsight: what the pointer says of hindsight, by step.
        zero: name of the line at 0: what was done.
        prefix: currency sign before each tick; empty for counts.
    """

    steps: Sequence[str]
    promised: Sequence[str]
    hindsight: Sequence[str]
    zero: str
    prefix: str = ""


def walk_chart(table: pd.DataFrame, words: WalkWords) -> go.Figure:
    """Promised (grey diamond) and in hindsight (dot, down-pointing where below 0) for every step.

    Args:
        table: ``plan.walk.Walk.table``.
        words: the chart's words.
    """
    at = list(range(len(table)))
    figure = go.Figure()
    looks = (("promised", GREY, -0.12, words.promised), ("hindsight", ACCENT, 0.12, words.hindsight))
    for name, colour, shift, texts in looks:
        mid, low, high = (table[name + end].astype("float64") for end in ("", "_low", "_high"))
        good = mid.fillna(0.0) >= 0
        symbols = (
            ["diamond"] * len(at)
            if name == "promised"
            else ["circle" if g else "triangle-down" for g in good]
        )
        colours = [colour if g or name == "promised" else OWN for g in good]
        figure.add_scatter(
            x=[one + shift for one in at], y=mid.round(2), mode="markers", hoverinfo="text",
            hovertext=[plain(text, 90) for text in texts],
            marker={"size": 11, "symbol": symbols, "color": colours},
            error_y={
                "type": "data", "array": (high - mid).round(2), "arrayminus": (mid - low).round(2),
                "color": colour, "thickness": 2, "width": 0,
            },
        )  # fmt: skip
    quiet(figure, 260)
    figure.add_hline(y=0, line={"color": GREY, "width": 1.5})
    figure.add_annotation(
        x=1.0, xref="paper", y=0, text=plain(words.zero, 40), showarrow=False, xanchor="right",
        yanchor="bottom", font={"size": 12},
    )  # fmt: skip
    names = [plain(step, 24) for step in words.steps]
    every = max(1, -(-len(at) // 8))
    figure.update_xaxes(tickvals=at[::every], ticktext=names[::every], range=[-0.5, len(at) - 0.1])
    figure.update_yaxes(tickprefix=words.prefix, tickformat="~s", nticks=6, showgrid=False)
    return figure
