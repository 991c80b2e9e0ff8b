"""The step chain and its weakest step."""

import pandas as pd
import pytest

from channelopt.errors import PLAIN
from channelopt.fields import FUNNEL
from channelopt.measure import funnel_steps
from channelopt.measure.funnel import weak_step_findings
from channelopt.measure.messages import MESSAGES


def day(channel: str, **counts: float) -> dict[str, object]:
    return {"channel": channel, "day": pd.Timestamp("2026-01-01"), **counts}


def three(worst_clicks: float = 100.0, days: int = 28) -> pd.DataFrame:
    rows = [day(c, impressions=100_000.0, clicks=2000.0, leads=100.0, customers=20.0) for c in "ab"]
    last = day("c", impressions=100_000.0, clicks=worst_clicks, leads=5.0, customers=1.0)
    when = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=days)})
    return when.merge(pd.DataFrame([*rows, last]).drop(columns="day"), how="cross")


def test_rates_and_the_others_middle():
    steps = funnel_steps(three()).set_index(["channel", "from_stage"])
    assert steps.loc[("c", "impressions"), "rate"] == pytest.approx(0.001)
    assert steps.loc[("c", "impressions"), "others"] == pytest.approx(0.02)
    assert steps.loc[("a", "leads"), "to_stage"] == "customers"


def test_the_weakest_step_is_marked_once_and_only_when_clear():
    steps = funnel_steps(three())
    assert steps[steps["worst"]][["channel", "from_stage"]].to_numpy().tolist() == [["c", "impressions"]]
    assert not funnel_steps(three(1990.0).iloc[:2])["worst"].any()


def test_the_weak_step_is_told_with_both_rates():
    found = weak_step_findings(funnel_steps(three()))
    assert list(found) == ["c"]
    text = PLAIN.vformat(MESSAGES[found["c"].code], (), found["c"].params)
    assert "0.1%" in text and "2.0%" in text
    assert all(f"measure.weak_{stage}" in MESSAGES for stage in FUNNEL[1:])


def test_a_stage_that_is_not_reported_is_skipped():
    rows = [day("a", impressions=1000.0, leads=10.0), day("b", impressions=1000.0, clicks=10.0)]
    steps = funnel_steps(pd.DataFrame(rows))
    assert list(zip(steps["from_stage"], steps["to_stage"], strict=True)) == [
        ("impressions", "leads"), ("impressions", "clicks"),
    ]  # fmt: skip


def test_zero_and_empty():
    steps = funnel_steps(pd.DataFrame([day("a", clicks=0.0, leads=0.0)]))
    assert steps["rate"].isna().all() and not steps["worst"].any()
    assert funnel_steps(pd.DataFrame({"channel": [], "day": [], "clicks": []})).empty
