"""What all charts share: colours, quiet axes, and text that cannot become markup."""

from __future__ import annotations

import html

import plotly.graph_objects as go

GREY = "#8A8F98"
FAINT = "rgba(138,143,152,0.28)"
BAND = "rgba(0,114,178,0.10)"


def plain(value: object, limit: int = 40) -> str:
    """A data value as literal chart text: Plotly reads a small HTML, nothing else."""
    text = " ".join(str(value).split())
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return html.escape(short, quote=False)


def quiet(figure: go.Figure, height: int) -> go.Figure:
    """Margins, fonts and axes that leave the eye to the data."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        showlegend=False,
        hovermode="closest",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
    )
    figure.update_xaxes(fixedrange=True, showgrid=False, zeroline=False)
    figure.update_yaxes(fixedrange=True, zeroline=False)
    return figure
