"""Charts: what is drawn, in which order, and that names stay text."""

import numpy as np
import pandas as pd

from channelopt.charts import (
    DumbbellWords,
    Panel,
    RangeWords,
    lead_prices,
    roi_ranges,
    small_multiples,
)
from channelopt.charts.style import plain

LOOKS = {"keep": ("#0072B2", "circle"), "drop": ("#D55E00", "x"), "unknown": ("#999999", "circle-open")}
WORDS = RangeWords(floor="bar", break_even="even", seen="seen", numbers={"a": "1:3", "b": "1:0.5"})


def verdicts():
    return pd.DataFrame(
        {
            "channel": ["a", "b", "c"],
            "verdict": ["keep", "drop", "unknown"],
            "roi": [3.0, 0.5, np.nan],
            "roi_low": [2.5, 0.3, np.nan],
            "roi_high": [3.6, np.nan, np.nan],
            "roi_as_seen": [2.8, 0.4, np.nan],
        }
    )


def test_channels_are_sorted_and_unknown_ones_left_out():
    figure = roi_ranges(verdicts(), {"a": "A", "b": "B"}, LOOKS, WORDS, 2.0, 1.0)
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert [dot.y[0] for dot in dots[:2]] == ["B", "A"]
    assert [dot.marker.symbol for dot in dots[:2]] == ["x", "circle"]
    bars = [trace for trace in figure.data if trace.mode == "lines"]
    assert [tuple(bar.x) for bar in bars] == [(2.5, 3.6)]


def test_the_bar_and_break_even_stand_at_their_values():
    figure = roi_ranges(verdicts(), {}, LOOKS, WORDS, 2.0, 1.0)
    assert {shape.x0 for shape in figure.layout.shapes} == {1.0, 2.0}


def test_nothing_known_draws_an_empty_chart():
    empty = verdicts().assign(roi=np.nan)
    assert len(roi_ranges(empty, {}, LOOKS, WORDS, 2.0, 1.0).data) == 1


def test_names_cannot_become_links():
    assert plain("<a href='x'>b</a>") == "&lt;a href='x'&gt;b&lt;/a&gt;"
    figure = roi_ranges(verdicts(), {"a": "<b>A</b>"}, LOOKS, WORDS, 2.0, 1.0)
    assert "<b>" not in figure.to_json().replace("\\u003c", "<")


def test_one_panel_per_channel_with_line_bars_and_marks():
    days = pd.date_range("2026-01-01", periods=10)
    series = pd.concat([pd.DataFrame({"day": days, "channel": c, "value": 2.0, "spend": 10.0}) for c in "ab"])
    panel = Panel(
        labels={"a": "A"},
        colours={"a": "#0072B2"},
        order=["b", "a"],
        band=(3.0, 5.0),
        immature_from=days[7],
        marks={("a", days[4]): "Jan 5 +20%"},
    )
    figure = small_multiples(series, panel)
    assert [t.type for t in figure.data] == ["bar", "scatter", "bar", "scatter"]
    texts = [a.text for a in figure.layout.annotations]
    assert texts[:2] == ["b", "A"]
    assert "Jan 5 +20%" in texts


def test_a_chart_without_channels_is_possible():
    empty = pd.DataFrame({"day": [], "channel": [], "value": [], "spend": []})
    assert len(small_multiples(empty, Panel({}, {}, [])).data) == 0


def prices(n=3):
    return pd.DataFrame(
        {
            "channel": [f"c{i}" for i in range(n)],
            "cpl": 100.0, "cpl_low": 90.0, "cpl_high": 110.0,
            "cpvl": [150.0, 120.0, np.nan] + [130.0] * (n - 3),
            "cpvl_low": 100.0, "cpvl_high": np.nan, "at_stake": [0.0, 5.0, 0.0] + [0.0] * (n - 3),
        }
    )  # fmt: skip


def test_lead_prices_join_both_prices_and_mark_doubtful_channels():
    words = DumbbellWords("paper", "true", {"c0": "<b>1</b>"}, "¥")
    figure = lead_prices(prices(), {"c0": "<i>A</i>"}, words)
    nominal, effective = (t for t in figure.data if t.mode == "markers")
    assert list(effective.y) == ["&lt;i&gt;A&lt;/i&gt;", "c1", "c2"]  # the cheapest is drawn last, on top
    assert list(effective.marker.color) == ["#0072B2", "#D55E00", "#0072B2"]
    assert list(nominal.x) == [100.0] * 3
    assert "&lt;b&gt;1&lt;/b&gt;" in [a.text for a in figure.layout.annotations]
    assert max(max(t.x) for t in figure.data if t.mode == "lines") <= figure.layout.xaxis.range[1]


def test_lead_prices_with_many_channels_and_with_none():
    words = DumbbellWords("paper", "true", {})
    assert lead_prices(prices(12), {}, words).layout.height > lead_prices(prices(3), {}, words).layout.height
    assert lead_prices(prices().assign(cpl=np.nan, cpvl=np.nan), {}, words).layout.height
