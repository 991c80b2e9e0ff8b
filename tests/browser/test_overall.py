"""One table of a column per channel and of total sales: dropped in, stored, planned by."""

from __future__ import annotations

import re

import pytest

from channelopt.ledger import Ledger
from tests.browser.conftest import serve
from tests.pages.test_overall import sales_table, spend_table

WORDS = {
    "en": {
        "headers": ("date", "Google spend ($)", "Meta spend ($)", "Radio spend ($)", "Net sales ($)"),
        "store": "Looks right: store 2 files",
        "stored": "Stored 2 files",
        "title": "For every 1 spent",
        "likely": "Not a verdict",
        "note": "Learned from the revenue of all channels together",
        "told": "No report says which channel brought the revenue",
        "know": re.compile("What to know about this plan"),
    },
    "zh": {
        "headers": ("日期", "谷歌广告花费(元)", "Meta花费(元)", "电台花费(元)", "营业额(元)"),
        "store": "没问题：存入 2 个文件",
        "stored": "已存入 2 个文件",
        "title": "每花 1 元",
        "likely": "这不是结论",
        "note": "根据全渠道合计的收入学到",
        "told": "没有报表说明收入是哪个渠道带来的",
        "know": re.compile("关于这个方案要知道的"),
    },
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("overall")
    for lang, currency in (("en", "USD"), ("zh", "CNY")):
        with Ledger.open(home / "workspaces" / lang, name=lang, currency=currency):
            pass
    return home


@pytest.fixture(scope="module")
def address(home):
    with serve(home) as found:
        yield found


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_from_one_wide_table_to_a_plan(address, visit, tmp_path, lang):
    words = WORDS[lang]
    long = spend_table()
    wide = long.pivot(index="day", columns="channel", values="spend (USD)").reset_index()
    wide["total"] = sales_table(long)["net sales (USD)"].to_numpy()
    wide.columns = list(words["headers"])
    file = tmp_path / "tracker.csv"
    wide.round(2).to_csv(file, index=False)
    tab = visit(locale={"en": "en-US", "zh": "zh-CN"}[lang])
    page = tab.page
    page.goto(f"{address}/upload?workspace={lang}&lang={lang}")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=words["store"]).click()
    page.get_by_text(words["stored"]).wait_for()
    page.goto(f"{address}/?workspace={lang}&lang={lang}")
    page.get_by_role("heading", name=words["title"]).wait_for()
    page.get_by_text(words["likely"]).wait_for()
    tab.settle()
    tab.check()
    page.goto(f"{address}/scenarios?workspace={lang}&lang={lang}")
    page.get_by_text(words["note"]).wait_for()
    page.get_by_text(words["know"]).click()
    page.get_by_text(words["told"]).wait_for()
    tab.check()
