"""Charts of focus and scaling: bands, the bar, what was never seen."""

import numpy as np
import pandas as pd

from channelopt.charts.intent import IntentWords, calibration_chart, lift_chart
from channelopt.charts.nextunit import NextUnitWords, WeekWords, next_unit_chart, week_chart


def test_spend_that_was_never_held_is_shaded():
    spend = np.linspace(1, 100, 20)
    table = pd.DataFrame(
        {"spend": spend, "mroi": 5 - spend / 30, "low": 3 - spend / 40, "high": 7 - spend / 30}
    )
    table["seen"] = (spend > 20) & (spend < 60)
    figure = next_unit_chart(table, 30.0, 2.0, NextUnitWords("x", "y", "today", "bar", "none", ["a"] * 20))
    bands = [s for s in figure.layout.shapes if s.type == "rect"]
    assert len(bands) == 1 and bands[0].x0 == table.loc[table["seen"], "spend"].max() and bands[0].x1 == 100
    lines = [s.y0 for s in figure.layout.shapes if s.type == "line" and s.y0 == s.y1]
    assert lines == [2.0]


def test_weeks_and_tenths():
    weeks = pd.DataFrame(
        {"week": [1, 2], "referred": [2.0, 3.0], "referred_low": [0.0, 1.0], "referred_high": [5.0, 6.0]}
    )
    assert len(week_chart(weeks, WeekWords("x", "y", ["a", "b"])).data) == 3
    lift = pd.DataFrame({"decile": [1, 2], "rate": [0.3, 0.1], "low": [0.2, 0.05], "high": [0.4, 0.2],
                         "leads": [10, 10], "customers": [3, 1]})  # fmt: skip
    figure = lift_chart(lift, IntentWords("x", "y", ["a", "b"]))
    assert [s.y0 for s in figure.layout.shapes] == [0.2]
    curve = pd.DataFrame({"said": [0.1, 0.4], "seen": [0.12, 0.38], "low": [0.05, 0.3], "high": [0.2, 0.5]})
    figure = calibration_chart(curve, IntentWords("x", "y", ["a", "b"]))
    assert tuple(figure.data[0].x) == tuple(figure.data[0].y)
