"""The media plan: totals add up, weeks follow the ladder, files cannot run anything."""

import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest

from channelopt.plan.allocation import allocate
from channelopt.plan.ladder import ladder
from channelopt.report.mediaplan import media_plan, week_settings, weekly_plan
from channelopt.report.tables import to_csv, to_xlsx
from channelopt.response import ResponseCurves

START = dt.date(2026, 9, 1)


@pytest.fixture(scope="module")
def plan():
    curves = ResponseCurves.from_parameters(
        top=[[900.0, 300.0]], half=[[150.0, 150.0]], today=[100.0, 100.0], channels=("a", "=b")
    )
    return allocate(curves, 30 * 200.0, 30, unit=1.0, step_limit=0.1)


def test_totals_add_up_to_the_budget(plan):
    table = media_plan(plan, START, {"a": "Alpha"})
    assert table["total"].sum() == pytest.approx(plan.budget)
    assert list(table["name"]) == ["Alpha", "=b"]
    assert table["last_day"].iloc[0] == dt.date(2026, 9, 30)
    assert (table["change"] > 0).tolist() == (table["plan_per_day"] > table["today_per_day"]).tolist()


def test_weeks_end_with_the_plan_and_add_up(plan):
    steps = ladder(plan, step_limit=0.1)
    table = weekly_plan(steps, plan.days, START, {})
    assert table["week"].nunique() == 5
    assert table["last_day"].max() == dt.date(2026, 9, 30)
    assert table["total"].sum() == pytest.approx(
        plan.budget, abs=0.2
    )  # the budget is today's: every step too
    last = table[table["week"] == table["week"].max()]
    if steps["week"].max() <= 5:
        assert np.allclose(last["per_day"], plan.spend, atol=0.01)
    raised = table[(table["channel"] == "a") & (table["week"] == 1)].iloc[0]
    assert raised["stop_roi"] < raised["back_roi"]


def test_files_hold_text_not_formulas(plan):
    table = media_plan(plan, START, {})
    assert b"'=b" in to_csv(table)
    sheet = pd.read_excel(io.BytesIO(to_xlsx({"plan": table})), engine="calamine")
    assert sheet["name"].tolist() == ["a", "'=b"]


def test_the_settings_of_the_coming_week():
    table = pd.DataFrame(
        {
            "channel": ["a", "b"], "today": [100.0, 0.0], "next": [111.116, 0.0], "change": [0.11116, np.nan],
            "bid_factor": [1.05, 1.0], "chance_above": [0.8, 0.5], "mroi": [2.5, np.nan],
            "verdict": ["keep", "unknown"],
        }
    )  # fmt: skip
    sheet = week_settings(table, dt.date(2026, 8, 31), {"a": "Radio"})
    assert list(sheet["name"]) == ["Radio", "b"]
    assert sheet["first_day"].iloc[0] == dt.date(2026, 9, 1)
    assert sheet["last_day"].iloc[0] == dt.date(2026, 9, 7)
    assert sheet["total"].iloc[0] == 777.84 and sheet["week_per_day"].iloc[0] == 111.12
