"""Plan, run and read a test in a real browser; the page keeps the marketer to the plan."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from conftest import serve

from channelopt.experiments.record import settings_of
from channelopt.experiments.rows import history_of, plan_from, variant_rows
from channelopt.ledger import Ledger

WORDS = {
    "en": ("Write the plan down and start", "End this test", "End it", "needs a reason", "next look"),
    "zh": ("写下计划并开始", "结束这个测试", "结束", "写明原因", "查看点"),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_plan_run_and_end(tmp_path, visit, put_demo, end_tests, lang):
    start, end, end_it, reason, look = WORDS[lang]
    with Ledger.open(put_demo(tmp_path / "workspaces") / "demo") as ledger:
        end_tests(ledger)
    with serve(tmp_path) as address:
        tab = visit(locale="zh-CN" if lang == "zh" else "en-US")
        page = tab.page
        page.goto(f"{address}/experiments?lang={lang}&workspace=demo&tests_view=plan")
        page.get_by_role("button", name=start).click()
        page.get_by_text(end).first.wait_for()
        tab.settle()
        assert look in page.locator("h1").inner_text() or look in page.locator("h1").inner_text().lower()
        page.get_by_text(end).first.click()
        page.get_by_role("button", name=end_it, exact=True).wait_for()
        tab.settle()  # the box unfolds: a click meanwhile goes where the button was
        page.get_by_role("button", name=end_it, exact=True).click()
        page.get_by_text(reason).first.wait_for()
        tab.check()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_reading_shows_its_chart_up_to_the_look(tmp_path, visit, put_demo, end_tests, lang):
    with Ledger.open(put_demo(tmp_path / "workspaces") / "demo") as ledger:
        end_tests(ledger)
        daily = ledger.daily(by=("day", "channel", "campaign"))
        variants = {"A": ["种草笔记-光子嫩肤"], "B": ["搜索拦截-医美攻略"]}
        rows = variant_rows(daily, "xiaohongshu", variants)
        plan = plan_from(history_of(rows, "cpl"), "cpl", smallest=0.3)
        ledger.add_experiment(
            "hooks", settings_of(plan, "xiaohongshu", variants), dt.date(2026, 8, 20), by="x"
        )
    with serve(tmp_path) as address:
        tab = visit(locale="zh-CN" if lang == "zh" else "en-US", scheme="dark")
        tab.page.goto(f"{address}/experiments?lang={lang}&workspace=demo")
        tab.page.locator(".js-plotly-plot").first.wait_for()
        tab.settle()
        body = tab.page.locator("[data-testid=stMain]").inner_text()
        assert ("day 7" if lang == "en" else "第 7 天") in body
        assert "nan" not in body.lower().split()
        tab.check()


PEOPLE = {
    "en": (
        "store", "People, from a file", "Write the plan down and start", "Change or end this test",
        "Change it", "promised before the data",
    ),
    "zh": ("存入", "按人分流", "写下计划并开始", "修改或结束这个测试", "修改", "看到数据之前"),
}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_people_from_a_file_and_no_change_of_the_metric(tmp_path, visit, put_demo, end_tests, lang):
    store, people, start, change, change_it, refused = PEOPLE[lang]
    rng = np.random.default_rng(4)
    arm = rng.integers(0, 2, 3000)
    day = pd.Timestamp("2026-08-03") + pd.to_timedelta(rng.integers(0, 21, 3000), unit="D")
    rows = {
        "visitor_id": np.arange(3000),
        "date": day.strftime("%Y-%m-%d"),
        "variant": np.array(["A", "B"])[arm],
    }
    frame = pd.DataFrame(rows).assign(leads=(rng.random(3000) < 0.05 * (1 + arm)).astype(int))
    path = tmp_path / "landing.csv"
    frame.to_csv(path, index=False)
    with Ledger.open(put_demo(tmp_path / "workspaces") / "demo") as ledger:
        end_tests(ledger)
    with serve(tmp_path) as address:
        tab = visit(locale="zh-CN" if lang == "zh" else "en-US")
        page = tab.page
        page.goto(f"{address}/upload?lang={lang}&workspace=demo")
        page.locator("input[type=file]").set_input_files(str(path))
        page.get_by_role("button", name=store).click()
        tab.settle()
        page.goto(f"{address}/experiments?lang={lang}&workspace=demo&tests_view=plan")
        page.get_by_text(people).first.click()
        tab.settle()
        page.get_by_role("button", name=start).click()
        page.get_by_text(change).first.wait_for()
        tab.settle()
        page.get_by_text(change).first.click()
        tab.settle()
        page.wait_for_timeout(1000)  # the box unfolds; a list opened meanwhile would close again
        page.locator("[data-testid=stMain] [data-testid=stSelectbox] input").last.click()
        page.get_by_role("option").nth(1).click()
        page.get_by_role("button", name=change_it, exact=True).wait_for()
        page.get_by_test_id("stTextInput").locator("input").last.fill("looks better")
        page.keyboard.press("Enter")
        tab.settle()
        page.get_by_role("button", name=change_it, exact=True).click()
        page.get_by_text(refused).first.wait_for()
        tab.check()
