"""Files as they come: archives, questions, an inbox, and a large file that is stopped half way."""

from __future__ import annotations

import re
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from channelopt.ledger import Ledger
from tests.browser.conftest import serve

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "exports"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("intake")
    workspace = home / "workspaces" / "brand"
    with Ledger.open(workspace, name="Brand", currency="CNY"):
        pass
    inbox = workspace / "inbox"
    inbox.mkdir()
    shutil.copy(FIXTURES / "pinterest_daily_total_row.csv", inbox / "pinterest.csv")
    shutil.copy(FIXTURES / "baidu_search_plan_gbk_preamble7.csv", inbox / "baidu.csv")
    return home


@pytest.fixture(scope="module")
def address(home):
    with serve(home) as found:
        yield found


def test_an_archive_is_read_table_by_table(address, home, visit, tmp_path):
    archive = tmp_path / "week.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(FIXTURES / "xiaohongshu_juguang_campaign_utf8bom.csv", "小红书.csv")
        packed.write(FIXTURES / "tencent_ads_daily_utf8bom.csv", "腾讯.csv")
        packed.writestr("readme.md", "hello")
    tab = visit()
    page = tab.page
    page.goto(f"{address}/upload?workspace=brand&lang=en")
    page.locator("input[type=file]").set_input_files(archive)
    page.get_by_text("spend ¥1,317").wait_for()
    page.get_by_text("spend ¥780.00").wait_for()
    page.get_by_text("readme.md").wait_for()
    page.get_by_role("button", name="Looks right: store 2 files").click()
    page.get_by_text("Stored 2 files").wait_for()
    tab.check()


def test_a_question_is_answered_and_the_answer_can_be_forgotten(address, visit):
    tab = visit()
    page = tab.page
    page.goto(f"{address}/upload?workspace=brand&lang=en")
    page.locator("input[type=file]").set_input_files(FIXTURES / "microsoft_ads_preamble_copyright_footer.csv")
    page.get_by_text("month/day or day/month order").wait_for()
    assert page.get_by_role("button", name=re.compile("Looks right: store 0")).is_disabled()
    page.get_by_label("Order of dates").click()
    page.get_by_role("option", name="month/day/year").click()
    page.get_by_role("button", name="Read it again with these answers").click()
    page.get_by_role("button", name="Looks right: store 1 file").click()
    page.get_by_text("Stored 1 file").wait_for()
    page.goto(f"{address}/settings?workspace=brand&lang=en")
    page.get_by_role("tab", name="Remembered answers").click()
    page.get_by_text("microsoft_ads_preamble_copyright_footer.csv").first.wait_for()
    page.get_by_role("button", name="Forget").first.click()
    page.get_by_text("Forgotten").wait_for()
    tab.check()


def test_the_inbox_takes_what_is_clear_and_asks_for_the_rest(address, home, visit):
    inbox = home / "workspaces" / "brand" / "inbox"
    tab = visit()
    page = tab.page
    page.goto(f"{address}/upload?workspace=brand&lang=en")
    until(lambda: (inbox / "waiting" / "pinterest.csv").is_file() and list((inbox / "done").glob("baidu*")))
    page.reload()
    page.get_by_text("Inbox: 1 file waits for your answer").wait_for()
    page.get_by_role("button", name="Look at it here").click()
    page.get_by_text("spend 22.00, Sep").wait_for()
    page.get_by_label("Currency code, such as USD").fill("CNY")
    page.get_by_role("button", name="Read it again with these answers").click()
    page.get_by_role("button", name="Looks right: store 1 file").click()
    page.get_by_text("Stored 1 file").wait_for()
    until(lambda: list((inbox / "done").glob("pinterest*")))
    tab.check()


def test_a_large_file_shows_its_progress_and_can_be_stopped(address, home, visit, tmp_path):
    path = tmp_path / "google.csv"
    row = "2026-03-%02d,Campaign %d,Group,%d,CNY,1.50,100,5,some words to make the line longer than it is\n"
    with path.open("w") as file:
        file.write("Day,Campaign,Ad group,Ad ID,Currency code,Cost,Impr.,Clicks,Note\n")
        for i in range(900_000):
            file.write(row % (1 + i % 28, i % 50, i))
    tab = visit()
    page = tab.page
    page.goto(f"{address}/upload?workspace=brand&lang=en")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("google.csv").wait_for(state="detached")
    incoming = home / "workspaces" / "brand" / "incoming"
    until(lambda: not list(incoming.glob("*")))
    tab.check()


def until(true, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)
