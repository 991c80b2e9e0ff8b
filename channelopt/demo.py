"""The demo brand: raw exports of an invented clinic, loaded the way a user's files are."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from channelopt.errors import ChannelOptError
from channelopt.experiments.design import plan_test
from channelopt.experiments.record import region_settings, rows_settings, settings_of
from channelopt.experiments.regions_design import plan_regions
from channelopt.experiments.rows import history_of, plan_from, variant_rows
from channelopt.ledger import Ledger

DEMO_NAME = "Lumière Clinic / 澜悦医美"
DEMO_CURRENCY = "CNY"
FOLDER = Path(__file__).resolve().parent.parent / "data" / "demo"
COSTS = "other_costs.csv"

#: The raw files, in the order a user would upload them.
FILES = (
    "offline_agency_202603-202608.xlsx",
    "baidu_plans_20260301-20260630.csv",
    "baidu_plans_20260615-20260831.csv",
    "oceanengine_plans_daily.xlsx",
    "xiaohongshu_juguang_plans.csv",
    "tencent_ads_daily.csv",
    "google_ads_campaign_report.csv",
    "meta_ads_campaigns.csv",
    "crm_leads_20260901.csv",
    "site_analytics.csv",
    "site_touch_log.csv",
    "landing_page_test.csv",
    "city_history.csv",
)

#: The test of landing pages and its variants, as its file names them; the control first.
HOOK_TEST = "Page hook / 面诊页钩子"
HOOKS = ("原版 Original", "免费面诊 Free consult", "体验套餐 Trial offer")
CITY_FILE = "city_history"


@dataclass(frozen=True)
class DemoTest:
    """A test the demo brand wrote down before its data.

    Attributes:
        name: what is tested, in both languages.
        planned_at: when it was written down, UTC.
        start: first day.
        settings: the plan, out of what was known at ``planned_at``.
        ended: why it was ended; "" while it runs.
    """

    name: str
    planned_at: dt.datetime
    start: dt.date
    settings: dict[str, Any]
    ended: str = ""


MESSAGES: dict[str, str] = {
    "demo.missing": "The sample data is not here ({name}). Run make demo-data to write it again.",
}


class DemoError(ChannelOptError):
    """The demo brand cannot be loaded."""

    templates = MESSAGES


def demo_files() -> list[Path]:
    """The raw exports of the demo brand, in upload order; the truth is not among them.

    Raises:
        DemoError: ``demo.missing`` when a file is not there.
    """
    for name in (*FILES, COSTS):
        if not (FOLDER / name).is_file():
            raise DemoError("demo.missing", name=name)
    return [FOLDER / name for name in FILES]


def demo_costs() -> list[tuple[dt.date, str, str, float, str]]:
    """The demo's costs beside the media spend: month, channel ("" for all), what, amount in CNY, kind."""
    with (FOLDER / COSTS).open(encoding="utf-8", newline="") as lines:
        return [
            (
                dt.date.fromisoformat(row["month"]),
                row["channel"],
                row["what"],
                float(row["amount"]),
                row["kind"],
            )
            for row in csv.DictReader(lines)
        ]


def load_demo(ledger: Ledger, on_step: Callable[[int, int], None] | None = None) -> None:
    """Read and commit every raw file of the demo brand, then add its fees and its tests.

    Loading it a second time changes nothing: the ledger knows the files, fees are added only where
    there are none, and the tests only where the demo has written down none.

    Args:
        ledger: an open ledger; its currency should be ``DEMO_CURRENCY``.
        on_step: called with (steps done, steps in all).

    Raises:
        DemoError: ``demo.missing`` when a file is not there.
    """
    files = demo_files()
    steps = len(files) + 1
    for done, path in enumerate(files):
        if on_step:
            on_step(done, steps)
        ledger.commit(ledger.read(path, path.name, answers={"currency": DEMO_CURRENCY}), by="demo")
    if on_step:
        on_step(len(files), steps)
    if ledger.other_costs().empty:
        for month, channel, what, amount, kind in demo_costs():
            ledger.add_other_cost(month, amount, what, channel, kind=kind, by="demo")
    _write_down(ledger)
    if on_step:
        on_step(steps, steps)


def demo_tests(ledger: Ledger) -> list[DemoTest]:
    """The demo's tests, each planned from the days before it was written down.

    Args:
        ledger: a ledger that has read the demo's files.
    """
    daily = ledger.daily(by=("day", "channel", "campaign"))
    forms = {"表单 Form": ["视频号-表单-抗衰"], "加粉 Chat": ["视频号-私域加粉"]}
    notes = {"笔记 Notes": ["种草笔记-光子嫩肤"], "搜索 Search": ["搜索拦截-医美攻略"]}
    glow = {"品牌 Reach": ["Reach - Summer glow"], "表单 Form": ["Leads - Instant form"]}
    return [
        DemoTest(
            "Meta split 50:50 / Meta 对半分流", dt.datetime(2026, 6, 4, 2, 15), dt.date(2026, 6, 8),
            _campaign_test(daily, "meta_ads", glow, dt.date(2026, 6, 4), "ctr", 28, smallest=0.1),
            "Meta spent 55:45 instead of 50:50: to be set up again / 实际花费 55:45，不是对半，需重新设置",
        ),
        DemoTest(
            "WeChat: form or chat / 视频号：表单还是加粉", dt.datetime(2026, 6, 26, 6, 40),
            dt.date(2026, 6, 29),
            _campaign_test(daily, "tencent_ads", forms, dt.date(2026, 6, 26), "cpl", 56, (0.6, 0.4)),
            "Planned end reached / 已到计划的结束日",
        ),
        DemoTest(HOOK_TEST, dt.datetime(2026, 7, 16, 3, 5), dt.date(2026, 7, 20), _hook_test()),
        DemoTest(
            "Douyin doubled in 10 cities / 10 城抖音加倍", dt.datetime(2026, 7, 31, 1, 30),
            dt.date(2026, 8, 3), _city_test(ledger, dt.date(2026, 7, 31)),
            "Planned end reached / 已到计划的结束日",
        ),
        DemoTest(
            "Xiaohongshu: notes or search / 小红书：笔记还是搜索", dt.datetime(2026, 8, 13, 8, 20),
            dt.date(2026, 8, 17),
            _campaign_test(daily, "xiaohongshu", notes, dt.date(2026, 8, 13), "cpl", 28, smallest=0.3),
        ),
    ]  # fmt: skip


def _write_down(ledger: Ledger) -> None:
    """Note the tests as if before their data, and end those that are over."""
    if (ledger.experiment_history()["by"] == "demo").any():
        return
    for one in demo_tests(ledger):
        number = ledger.add_experiment(
            one.name, one.settings, one.start, by="demo", planned_at=one.planned_at
        )
        if one.ended:
            ledger.change_experiment(number, by="demo", why=one.ended, state="ended")


def _campaign_test(
    daily: pd.DataFrame,
    channel: str,
    variants: dict[str, list[str]],
    known_until: dt.date,
    metric: str,
    days: int,
    shares: tuple[float, ...] | None = None,
    smallest: float = 0.25,
) -> dict[str, Any]:
    """Two campaigns that a split test of the platform shows to people at random."""
    known = daily[daily["day"] < pd.Timestamp(known_until)]
    history = history_of(variant_rows(known, channel, variants), metric)
    plan = plan_from(
        history, metric, smallest=smallest, variants=tuple(variants), shares=shares, days=days, unit="person"
    )
    assert plan is not None
    return settings_of(plan, channel, variants, "hook")


def _hook_test() -> dict[str, Any]:
    """Visitors split by the site: about 400 a day, of whom 8.5% left their number, worth 150 each."""
    people, rate = 400.0, 0.085
    plan = plan_test(
        "lead_rate", events_per_day=people * rate, smallest=0.3, variants=HOOKS, days=28, day_cv=0.0,
        spread=1 - rate, value_per_day=people * rate * 150, spend_per_day=people * 3.0,
        people_per_day=people,
    )  # fmt: skip
    return rows_settings(plan, HOOK_TEST, "hook")


def _city_test(ledger: Ledger, known_until: dt.date) -> dict[str, Any]:
    """Twice the spend on 抖音 in half of the cities, drawn by lot from the history before."""
    rows = ledger.variant_rows(CITY_FILE)
    known = rows[rows["day"] < pd.Timestamp(known_until)]
    plan = plan_regions(known, "leads", smallest=0.2, days=28, change=1.0, value_per_unit=420.0)
    return region_settings(plan, CITY_FILE, "budget")
