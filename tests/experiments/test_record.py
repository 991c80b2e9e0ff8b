"""From uploaded campaigns to a plan, into the log and back out as a reading."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from channelopt.demo import load_demo
from channelopt.experiments.record import plan_of, recorded, settings_of
from channelopt.experiments.rows import campaigns_of, history_of, plan_from, variant_rows
from channelopt.ledger import Ledger

NOTES, SEARCH = "种草笔记-光子嫩肤", "搜索拦截-医美攻略"


@pytest.fixture(scope="module")
def demo():
    with Ledger.open(":memory:", name="demo", currency="CNY") as ledger:
        load_demo(ledger)
        yield ledger


@pytest.fixture(scope="module")
def daily(demo):
    return demo.daily(by=("day", "channel", "campaign"))


def test_rows_add_up_to_the_campaigns(demo, daily):
    assert set(campaigns_of(daily, "xiaohongshu")) == {NOTES, SEARCH}
    rows = variant_rows(daily, "xiaohongshu", {"A": [NOTES], "B": [SEARCH]})
    own = daily[(daily["channel"] == "xiaohongshu") & daily["campaign"].isin([NOTES, SEARCH])]
    assert rows.frame["spend"].sum() == pytest.approx(own["spend"].sum())
    assert not rows.frame.duplicated(["day", "variant"]).any()
    assert [f.code for f in rows.findings] == ["experiments.platform_leads"]
    assert rows.frame["leads"].sum() == own["platform_leads"].sum()
    nothing = variant_rows(daily, "xiaohongshu", {"A": ["?"], "B": ["??"]})
    assert nothing.frame.empty
    assert plan_from(history_of(nothing, "cpl"), "cpl", smallest=0.2) is None


def test_the_noise_of_the_days_is_learned():
    rng = np.random.default_rng(3)
    clicks = rng.poisson(4000, 200).astype(float)
    leads = rng.poisson(clicks * 0.05 * np.exp(rng.normal(0, 0.2, 200))).astype(float)
    frame = pd.DataFrame({"day": pd.date_range("2026-01-01", periods=200), "channel": "x", "campaign": "a"})
    frame = frame.assign(
        spend=clicks, clicks=clicks, leads=leads, platform_leads=leads, revenue=0.0, customers=1.0
    )
    got = history_of(variant_rows(frame, "x", {"A": ["a"]}), "cvr", days=200)
    assert got.day_cv == pytest.approx(0.2, abs=0.04)
    assert got.events_per_day == pytest.approx(200, rel=0.1)


def test_a_plan_survives_the_log_and_a_plan_after_the_data_is_a_comparison(demo, daily):
    variants = {"A": [NOTES], "B": [SEARCH]}
    rows = variant_rows(daily, "xiaohongshu", variants)
    plan = plan_from(history_of(rows, "ctr"), "ctr", smallest=0.2)
    assert plan_of(settings_of(plan, "xiaohongshu", variants)) == plan
    demo.add_experiment("hooks", settings_of(plan, "xiaohongshu", variants), dt.date(2026, 7, 20), by="x")
    one, *planned = recorded(demo, daily)  # newest first, then those of the demo itself
    assert one.name == "hooks" and len(planned) == 5
    assert one.reading.judged == plan.days and not one.is_test
    assert "experiments.looked_back" in [f.code for f in one.findings]
    assert one.path("B")["day_no"].max() == plan.days
    assert one.next_look_on is None and len(one.shown) == 1
