"""Return per channel as a dot with its range, against the bar and break-even."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from channelopt.charts.style import GREY, plain, quiet


@dataclass(frozen=True)
class RangeWords:
    """The words on the chart, already in the reader's language.

    Attributes:
        floor: name of the bar, e.g. "your bar 1:2".
        break_even: name of break-even.
        seen: name of the tick for what was seen so far.
        numbers: channel key → the ROI as text, e.g. "1:2.41".
    """

    floor: str
    break_even: str
    seen: str
    numbers: Mapping[str, str]


def roi_ranges(
    verdicts: pd.DataFrame,
    labels: Mapping[str, str],
    looks: Mapping[str, tuple[str, str]],
    words: RangeWords,
    floor: float,
    break_even: float,
) -> go.Figure:
    """ROI of each channel, sorted, with its interval.

    Args:
        verdicts: columns channel, verdict, roi, roi_low, roi_high, roi_as_seen (multiples).
        labels: channel key → name.
        looks: verdict → (hex colour, marker symbol).
        words: the chart's words.
        floor: the bar, a multiple.
        break_even: a multiple.

    Returns:
        One figure; channels without an ROI are left out.
    """
    shown = verdicts[verdicts["roi"].notna()].sort_values("roi", ignore_index=True)
    names = [plain(labels.get(c, c), 24) for c in shown["channel"]]
    figure = go.Figure()
    top = float(np.nanmax([*shown["roi"] * 1.6, floor * 1.5], initial=floor * 1.5))
    for row, name in zip(shown.itertuples(), names, strict=True):
        number = plain(words.numbers.get(row.channel, ""))
        _dot(figure, row, name, looks[row.verdict], (number, top))
    figure.add_scatter(
        x=shown["roi_as_seen"],
        y=names,
        mode="markers",
        hoverinfo="text",
        hovertext=[plain(words.seen, 60)] * len(names),
        marker={"color": GREY, "size": 12, "symbol": "line-ns", "line": {"width": 2, "color": GREY}},
    )
    _line(figure, break_even, words.break_even, "dot", "right")
    _line(figure, floor, words.floor, "solid", "left")
    quiet(figure, 90 + 38 * max(1, len(shown)))
    figure.update_layout(margin={"l": 8, "r": 64, "t": 28, "b": 8})
    figure.update_xaxes(range=[0, top], tickformat=".1~f", tickprefix="1:")
    figure.update_yaxes(showgrid=False)
    return figure


def _dot(figure: go.Figure, row: Any, name: str, look: tuple[str, str], label: tuple[str, float]) -> None:
    """One channel: its range as a bar, its ROI as a dot, the number at the right edge."""
    (colour, symbol), (number, top) = look, label
    if np.isfinite(row.roi_low) and np.isfinite(row.roi_high):
        figure.add_scatter(
            x=[row.roi_low, min(float(row.roi_high), top)],
            y=[name, name],
            mode="lines",
            hoverinfo="skip",
            line={"color": colour, "width": 5},
            opacity=0.45,
        )
    figure.add_scatter(
        x=[row.roi],
        y=[name],
        mode="markers",
        hoverinfo="text",
        hovertext=[f"{name} {number}"],
        marker={"color": colour, "size": 13, "symbol": symbol},
    )
    figure.add_annotation(x=1.0, xref="paper", y=name, text=number, showarrow=False, xanchor="left", xshift=6)


def _line(figure: go.Figure, value: float, word: str, dash: str, side: str) -> None:
    """A named line to compare with."""
    figure.add_vline(x=value, line={"color": GREY, "width": 1.5, "dash": dash})
    figure.add_annotation(
        x=value,
        y=1.0,
        yref="paper",
        text=plain(word),
        showarrow=False,
        yanchor="bottom",
        xanchor=side,
        font={"size": 12},
    )
