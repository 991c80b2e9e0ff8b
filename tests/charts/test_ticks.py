"""Ticks in the reader's numbers: every label the axis could write has its word."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from channelopt.charts.ticks import say_ticks


def tick(value: float) -> str:
    return f"{value / 1e4:g}万" if value >= 1e4 else f"{value:g}"


def alias(axis: str = "xaxis", said=str, **settings) -> dict[str, str]:
    figure = go.Figure(go.Scatter(x=settings.pop("x", [0, 300_000.0]), y=["a", "b"]))
    figure.update_xaxes(tickformat="~s", **settings)
    return dict(say_ticks(figure, said).layout[axis].labelalias or {})


def test_ticks_are_said_behind_the_prefix_of_the_axis():
    told = alias(tickprefix="¥", said=tick)
    assert told["¥50k"] == "¥5万" and told["¥100k"] == "¥10万" and told["¥300k"] == "¥30万"
    assert told["¥350k"] == "¥35万"  # a tick beyond the data


def test_a_loss_has_its_sign_before_the_currency():
    told = alias(x=[-120_000.0, 80_000.0], tickprefix="¥", said=lambda v: f"{v / 1000:g}K")
    assert told["¥−100k"] == "−¥100K" and told["¥50k"] == "¥50K"


def test_an_axis_that_does_not_begin_at_0():
    told = alias(x=[1_500_000.0, 2_410_000.0], tickprefix="¥", said=tick)
    assert [told[f"¥{m}M"] for m in ("1.4", "1.6", "1.8", "2", "2.2", "2.4")] == [
        "¥140万", "¥160万", "¥180万", "¥200万", "¥220万", "¥240万",
    ]  # fmt: skip
    assert told["¥1.7M"] == "¥170万" and len(told) < 160
    assert len(alias(x=[2_000_000.0, 2_000_100.0], said=tick)) < 160


@pytest.mark.parametrize(
    ("top", "label", "word"),
    [(2.0, "500m", "0.5"), (8.0, "2", None), (3e9, "1G", "100000万"), (0.02, "5m", "0.005")],
)  # fmt: skip
def test_small_and_enormous(top, label, word):
    assert alias(x=[0.0, top], said=tick).get(label) == word


def test_the_words_stay_few():
    assert 10 < len(alias(x=[0.0, 7_654_321.0], said=tick)) < 120


@pytest.mark.parametrize("x", [[], [0.0, 0.0], ["a", "b"], [float("nan"), float("inf")], [1e300, -1e300]])
def test_an_axis_without_a_span_is_left_alone(x):
    figure = go.Figure(go.Scatter(x=x, y=x))
    figure.update_xaxes(tickformat="~s")
    assert not say_ticks(figure, str).layout.xaxis.labelalias


def test_other_axes_are_left_alone():
    figure = go.Figure(go.Scatter(x=[0, 1e6], y=[0, 1e6]))
    figure.update_xaxes(tickformat=".0%")
    figure.update_yaxes(tickformat="~s")
    say_ticks(figure, tick)
    assert figure.layout.xaxis.labelalias is None and "500k" in figure.layout.yaxis.labelalias


def test_each_panel_has_its_own_span():
    figure = go.Figure([go.Scatter(x=[0, 9.0], y=[0, 1]), go.Scatter(x=[0, 9e6], y=[0, 1], xaxis="x2")])
    figure.update_layout(xaxis={"tickformat": "~s"}, xaxis2={"tickformat": "~s"})
    say_ticks(figure, tick)
    assert "5M" in figure.layout.xaxis2.labelalias
    assert "5M" not in (figure.layout.xaxis.labelalias or {})
