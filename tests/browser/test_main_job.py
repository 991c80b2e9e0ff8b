"""The main job in a real browser: raw files in, a verdict per channel out, nothing leaves the machine."""

from __future__ import annotations

import pytest
from conftest import serve

from channelopt.demo import demo_files
from channelopt.ledger import Ledger

PAGES = ("", "upload", "diagnosis", "trends", "focus", "experiments", "scenarios", "scaling", "settings")
WORDS = {
    "en": {
        "store": "Looks right", "title": "Every 1 spent brings back", "words": ("KEEP", "TEST", "DROP"),
        "all": "See every verdict and why",
    },
    "zh": {
        "store": "没问题", "title": "每投入 1", "words": ("保留", "测试", "停投"),
        "all": "查看每个渠道的结论和原因",
    },
}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_from_raw_files_to_verdicts(tmp_path, visit, lang):
    words = WORDS[lang]
    with serve(tmp_path) as address:
        tab = visit()
        page = tab.page
        page.goto(f"{address}/upload?lang={lang}")
        page.locator("input[type=file]").set_input_files([str(p) for p in demo_files()])
        button = page.get_by_role("button", name=words["store"])
        button.wait_for()
        tab.settle()
        assert str(len(demo_files())) in button.inner_text()
        button.click()
        page.get_by_text(str(len(demo_files()))).first.wait_for()
        page.locator("[data-testid=stAlertContentSuccess]").wait_for()
        page.locator("[data-testid=stSidebarNav] a").first.click()
        page.get_by_role("heading", name=words["title"]).wait_for()
        tab.settle()
        assert words["words"][2] in page.locator("[data-testid=stMain]").inner_text()
        page.locator("[data-testid=stMain]").get_by_role("link", name=words["all"]).click()
        page.wait_for_url("**/diagnosis**")
        page.locator("[data-testid=stMain]").get_by_text(words["words"][0]).first.wait_for()
        tab.settle()
        body = page.locator("[data-testid=stMain]").inner_text()
        for word in words["words"]:
            assert word in body
        tab.check()


CLIPPED = """parts => parts.filter(part => [part, ...part.querySelectorAll('*')]
    .some(one => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow === 'hidden'))
    .map(part => part.innerText)"""


def clipped(page):
    """Texts of metric cards that do not fit."""
    cards = page.locator(
        "[data-testid=stMetricLabel], [data-testid=stMetricValue], [data-testid=stMetricDelta]"
    )
    assert cards.count() >= 10
    return cards.evaluate_all(CLIPPED)


def test_the_demo_is_one_click_away(tmp_path, visit):
    with serve(tmp_path) as address:
        tab = visit(locale="zh-CN")
        tab.page.goto(address)
        tab.page.get_by_role("button", name="载入示例品牌").click()
        tab.page.get_by_role("heading", name="每投入 1").wait_for()
        assert "示例数据" in tab.page.locator("[data-testid=stSidebar]").inner_text()
        tab.check()
        for lang in ("en", "zh"):
            tab.page.goto(f"{address}/?lang={lang}&workspace=demo")
            tab.page.locator("h1").wait_for()
            tab.settle()
            for width in (1280, 1440):
                tab.page.set_viewport_size({"width": width, "height": 900})
                tab.page.wait_for_timeout(300)
                assert clipped(tab.page) == [], (lang, width)
                main = tab.page.locator("[data-testid=stMainBlockContainer]").bounding_box()
                assert main["height"] <= 2 * 900


@pytest.mark.parametrize("name", PAGES)
def test_a_cold_deep_link_answers_with_the_frame(tmp_path, visit, name):
    with serve(tmp_path) as address:
        tab = visit()
        tab.page.goto(f"{address}/{name}?lang=zh")
        tab.page.get_by_text("channelopt").first.wait_for()
        tab.page.locator("[data-testid=stSidebarNav] a").nth(4).wait_for()
        tab.page.locator("h1").wait_for()
        assert "总览" in tab.page.locator("[data-testid=stSidebar]").inner_text()
        tab.check()


@pytest.mark.parametrize(
    ("lang", "ask"), [("en", "Where do these numbers come from?"), ("zh", "这些数字从哪里来？")]
)
def test_a_number_leads_back_to_its_files_and_rows(tmp_path, visit, put_demo, lang, ask):
    put_demo(tmp_path / "workspaces")
    with serve(tmp_path) as address:
        tab = visit()
        tab.page.goto(f"{address}/diagnosis?lang={lang}&workspace=demo")
        tab.page.locator("h1").wait_for()
        tab.settle()
        tab.page.get_by_role("button", name=ask).first.click()
        dialog = tab.page.get_by_role("dialog")
        dialog.locator("[data-testid=stDataFrame]").nth(1).wait_for()
        said = dialog.inner_text()
        assert "÷" in said and "226,527" in said  # Google: the media spend, below the line of its return
        tab.check()


@pytest.fixture(scope="module")
def demo_app(tmp_path_factory, put_demo):
    home = tmp_path_factory.mktemp("demo_app")
    put_demo(home / "workspaces")
    with serve(home) as address:
        yield address


@pytest.mark.parametrize("view", ["why", "steps", "traffic", "paths", "costs", "table"])
def test_every_view_of_the_diagnosis_draws_in_both_languages(demo_app, visit, view):
    tab = visit()
    for lang in ("en", "zh"):
        tab.page.goto(f"{demo_app}/diagnosis?view={view}&lang={lang}&workspace=demo")
        tab.page.locator("h1").wait_for()
        tab.settle()
        assert tab.page.locator("[data-testid=stException]").count() == 0
        assert tab.page.get_by_test_id("stMainBlockContainer").locator("[data-testid^=st]").count() > 10
        tab.check()


def test_links_keep_the_brand_and_the_language(tmp_path, visit, put_demo):
    put_demo(tmp_path / "workspaces")
    Ledger.open(tmp_path / "workspaces" / "another").close()
    with serve(tmp_path) as address:
        tab = visit()
        page = tab.page
        page.goto(f"{address}/?lang=zh&workspace=demo")
        main = page.locator("[data-testid=stMain]")
        main.get_by_role("link", name=WORDS["zh"]["all"]).click()
        page.wait_for_url("**/diagnosis**")
        main.get_by_text("保留").first.wait_for()
        tab.settle()
        main.get_by_role("link", name="逐步查看").first.click()
        page.wait_for_url("**view=why**")
        tab.settle()
        assert "workspace=demo" in page.url and "lang=zh" in page.url
        assert "示例数据" in page.locator("[data-testid=stSidebar]").inner_text()
        tab.check()
