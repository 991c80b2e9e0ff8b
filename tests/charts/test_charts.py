"""Charts: what is drawn, in which order, and that names stay text."""

import numpy as np
import pandas as pd

from channelopt.charts import (
    ControlWords,
    DumbbellWords,
    Panel,
    RangeWords,
    StepWords,
    channel_funnel,
    control_chart,
    lead_prices,
    roi_ranges,
    small_multiples,
    step_matrix,
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


def steps_words():
    key = ("a", "clicks→leads")
    return StepWords(
        columns={"clicks→leads": "Clicks→Valid leads", "dwell": "Time"},
        cells={key: "3.1%", ("b", "clicks→leads"): "<i>8%</i>"},
        hover={key: "A: 3.1%", ("zzz", "dwell"): "hidden"},
        worst=frozenset({key}),
    )


def test_the_matrix_colours_by_deviation_and_frames_what_is_surely_worse():
    cells = pd.DataFrame({"channel": ["a", "b", "b"], "column": ["clicks→leads", "clicks→leads", "dwell"],
                          "z": [-5.0, 3.0, np.nan]})  # fmt: skip
    figure = step_matrix(cells, ["b", "a"], {"a": "<b>A</b>"}, steps_words())
    worse, better, unknown = figure.layout.shapes
    assert worse.fillcolor.startswith("rgba(213,94,0") and worse.line.width > 0
    assert better.fillcolor.startswith("rgba(0,114,178") and better.line.width == 0
    assert unknown.fillcolor.startswith("rgba(138")
    assert (worse.y0 + worse.y1) / 2 == 1  # second from the top
    texts = [a.text for a in figure.layout.annotations]
    assert texts == ["<b>▼ 3.1%</b>", "&lt;i&gt;8%&lt;/i&gt;", ""]
    assert list(figure.layout.yaxis.ticktext) == ["b", "&lt;b&gt;A&lt;/b&gt;"]
    assert figure.layout.xaxis.ticktext[0] == "Clicks→<br>Valid<br>leads"
    assert list(figure.data[0].hovertext) == ["A: 3.1%"]


def test_the_matrix_grows_with_channels():
    cells = pd.DataFrame({"channel": [], "column": [], "z": []})
    heights = [
        step_matrix(cells, [f"c{i}" for i in range(n)], {}, steps_words()).layout.height for n in (3, 10)
    ]
    assert heights[1] - heights[0] == 7 * 34


def test_a_channels_funnel_keeps_small_stages_visible_and_names_the_worst_step():
    figure = channel_funnel(
        ["See", "Click", "Buy"], [1e6, 1e3, 0.0], ["1M", "1k", "0"], ["0.1%", "0%"], "#123456", 1
    )
    width = list(figure.data[0].x)
    assert width[0] == 1.0 and width[0] > width[1] > width[2] > 0
    texts = [a.text for a in figure.layout.annotations]
    assert texts == ["1M", "1k", "0", "↓ 0.1%", "<b>▼ 0%</b>"]


def test_the_price_chart_marks_days_outside_with_their_reason():
    days = pd.date_range("2026-01-01", periods=4)
    frame = pd.DataFrame({"day": days, "cpc": [1.0, 3.0, 1.0, 0.1], "centre": 1.0, "low": 0.5, "high": 2.0,
                          "out": [False, True, False, True]})  # fmt: skip
    words = ControlWords(["a", "<b>dear</b>", "c", "cheap"], "¥")
    figure = control_chart(frame, "#0072B2", words)
    up, down = (trace for trace in figure.data if trace.mode == "markers")
    assert (list(up.y), up.marker.symbol, list(up.hovertext)) == (
        [3.0],
        "triangle-up",
        ["&lt;b&gt;dear&lt;/b&gt;"],
    )
    assert (list(down.y), down.marker.symbol, list(down.hovertext)) == ([0.1], "triangle-down", ["cheap"])
    assert figure.layout.yaxis.tickprefix == "¥"


def test_texts_of_marks_close_together_stand_on_lines_of_their_own():
    days = pd.date_range("2026-01-01", periods=100)
    series = pd.DataFrame({"day": days, "channel": "a", "value": 1.0, "spend": 1.0})
    marks = {("a", days[d]): f"mark {d}" for d in (10, 20, 30, 60, 97)}
    figure = small_multiples(series, Panel({"a": "A"}, {"a": "#000000"}, ["a"], marks=marks))
    place = {a.text: (a.yshift or 0, a.xanchor) for a in figure.layout.annotations if "mark" in a.text}
    assert [place[f"mark {d}"][0] for d in (10, 20, 30)] == [0, -14, -28]
    assert place["mark 60"] == (0, "left") and place["mark 97"] == (-14, "right")


def test_a_mark_on_the_only_day_is_drawn():
    day = pd.Timestamp("2026-01-01")
    series = pd.DataFrame({"day": [day], "channel": "a", "value": [1.0], "spend": [1.0]})
    figure = small_multiples(series, Panel({"a": "A"}, {"a": "#000000"}, ["a"], marks={("a", day): "new"}))
    assert [a.text for a in figure.layout.annotations] == ["A", "new"]
