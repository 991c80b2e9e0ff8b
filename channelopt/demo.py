"""The demo brand: raw exports of an invented clinic, loaded the way a user's files are."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path

from channelopt.errors import ChannelOptError
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
)

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
    """Read and commit every raw file of the demo brand, then add its fees.

    Loading it a second time changes nothing: the ledger knows the files, and fees are
    added only where there are none.

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
    if on_step:
        on_step(steps, steps)
