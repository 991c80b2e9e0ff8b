"""What full cost consists of per channel, and the return on media beside the return on full cost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from channelopt.charts.style import GREY, plain, quiet

#: Colours of the parts, Okabe and Ito (2008).
PART_COLOURS = {"spend": "#56B4E9", "explicit": "#E69F00", "hidden": "#CC79A7", "opportunity": "#999999"}


def cost_parts(
    table: pd.DataFrame, labels: Mapping[str, str], words: Mapping[str, str], floor: float
) -> go.Figure:
    """Stacked shares of full cost beside the media spend, and the return on media and on full cost.

    Args:
        table: as ``plan.costs.CostStory.table``.
        labels: channel key → name.
        words: "explicit", "hidden", "opportunity", "roas", "roi" and the two headings "parts"
            and "returns" in the reader's language.
        floor: the bar, a multiple.

    Returns:
        One figure, the largest cost on top.
    """
    shown = table[table["cost"] > 0].iloc[::-1]
    names = [plain(labels.get(c, c), 24) for c in shown["channel"]]
    figure = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        column_widths=[0.5, 0.5],
        horizontal_spacing=0.04,
        subplot_titles=[plain(words["parts"], 60), plain(words["returns"], 60)],
    )
    widest = 0.0
    for part, colour in PART_COLOURS.items():
        if part == "spend":
            continue
        share = (shown[part].fillna(0.0) / shown["cost"]).to_numpy()
        if not share.any():
            continue
        widest += float(share.max())
        figure.add_bar(
            x=share, y=names, orientation="h", name=plain(words[part]), marker={"color": colour},
            hovertemplate="%{y}: %{x:.1%}<extra>" + plain(words[part]) + "</extra>", row=1, col=1,
        )  # fmt: skip
    top = float(np.nanmax([*shown["roas"] * 1.2, *shown["roi"] * 1.2, floor * 1.4], initial=floor * 1.4))
    for row, name in zip(shown.itertuples(), names, strict=True):
        if np.isfinite(row.roas) and np.isfinite(row.roi):
            figure.add_scatter(
                x=[row.roas, row.roi], y=[name, name], mode="lines", hoverinfo="skip", showlegend=False,
                line={"color": GREY, "width": 2}, row=1, col=2,
            )  # fmt: skip
    for column, colour, symbol in (("roas", PART_COLOURS["spend"], "circle"), ("roi", "#0072B2", "diamond")):
        figure.add_scatter(
            x=shown[column], y=names, mode="markers", name=plain(words[column]),
            marker={"color": colour, "size": 12, "symbol": symbol},
            hovertemplate="%{y}: 1:%{x:.2f}<extra>" + plain(words[column]) + "</extra>", row=1, col=2,
        )  # fmt: skip
    figure.add_vline(x=floor, line={"color": GREY, "width": 1.5}, row=1, col=2)
    quiet(figure, 150 + 34 * max(1, len(shown)))
    figure.update_layout(
        barmode="stack", showlegend=True, margin={"l": 8, "r": 16, "t": 48, "b": 64},
        legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "traceorder": "normal"},
    )  # fmt: skip
    figure.update_xaxes(range=[0, max(0.02, 1.1 * widest)], tickformat=".1~%", nticks=5, row=1, col=1)
    figure.update_annotations(font={"size": 13})
    figure.update_xaxes(range=[0, top], tickformat=".1~f", tickprefix="1:", row=1, col=2)
    figure.update_yaxes(showgrid=False)
    return figure
