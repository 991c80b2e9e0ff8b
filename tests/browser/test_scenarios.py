"""Plan, drag, save and share in a real browser: the outcome answers while the plan stays where it is."""

from __future__ import annotations

import pytest
from conftest import serve

WORDS = {
    "en": {
        "limits": "Limits", "why": "Why did it not move?", "lock": "is locked at today's spend",
        "mix": "Your split brings", "save": "Save this plan", "proof": "Tried on the past",
        "saved": "What was promised that day", "early": "reports are not here yet",
    },
    "zh": {
        "limits": "限制", "why": "为什么没有动？", "lock": "锁定",
        "mix": "你的分配带来", "save": "保存这个方案", "proof": "检验",
        "saved": "当天的承诺", "early": "还没有上传",
    },
}  # fmt: skip


def metric(page, label):
    """The card of that label: its text."""
    return page.locator("[data-testid=stMetric]").filter(has_text=label).first.inner_text()


@pytest.fixture
def home(tmp_path, put_demo):
    put_demo(tmp_path / "workspaces")
    return tmp_path


def drag(page, label, steps):
    """Move a slider of the own split with the keyboard, as a drag does, step by step."""
    slider = page.locator("[data-testid=stSlider]").filter(has_text=label).first.locator("input[type=range]")
    slider.focus()
    for _ in range(steps):
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize(("lang", "channel"), [("en", "Offline"), ("zh", "线下地推")])
def test_drag_save_and_open_by_link(home, visit, lang, channel):
    words = WORDS[lang]
    with serve(home) as address:
        tab = visit(locale="zh-CN" if lang == "zh" else "en-US")
        page = tab.page
        page.goto(f"{address}/scenarios?lang={lang}&workspace=demo")
        page.locator(".js-plotly-plot").nth(1).wait_for()
        tab.settle()
        heading, reasons = page.locator("h1").inner_text(), page.locator("[data-testid=stMain]").inner_text()
        assert words["proof"] in reasons
        before, plan = metric(page, words["mix"]), page.locator("[data-testid=stMetric]").first.inner_text()
        drag(page, channel, 40)
        page.wait_for_function(
            "([label, old]) => [...document.querySelectorAll('[data-testid=stMetric]')]"
            ".some(card => card.innerText.includes(label) && card.innerText !== old)",
            arg=[words["mix"], before],
        )
        tab.settle()
        # the proposal and its reasons are where they were
        assert page.locator("h1").inner_text() == heading
        assert page.locator("[data-testid=stMetric]").first.inner_text() == plan
        page.get_by_role("button", name=words["save"]).click()
        page.get_by_text(words["saved"]).first.wait_for()
        tab.settle()
        assert "scenario=1" in page.url and "scenario_view=saved" in page.url
        link = page.url
        other = visit(locale="zh-CN" if lang == "zh" else "en-US")
        other.page.goto(link)
        other.page.get_by_text(words["saved"]).first.wait_for()
        other.settle()
        assert words["early"] in other.page.locator("[data-testid=stMain]").inner_text()
        tab.check()
        other.check()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_locked_channel_says_why_it_did_not_move(home, visit, lang):
    words = WORDS[lang]
    with serve(home) as address:
        tab = visit(locale="zh-CN" if lang == "zh" else "en-US", scheme="dark")
        page = tab.page
        page.goto(f"{address}/scenarios?lang={lang}&workspace=demo")
        page.locator(".js-plotly-plot").nth(1).wait_for()
        tab.settle()
        page.locator("[data-testid=stExpander]").filter(has_text=words["limits"]).first.locator(
            "summary"
        ).click()
        grid = page.locator("[data-testid=stDataFrame]").first
        grid.wait_for()
        page.wait_for_timeout(800)
        box = grid.bounding_box()
        page.mouse.click(box["x"] + 60, box["y"] + 52)  # the first channel; its box is four cells on
        page.wait_for_timeout(300)
        for _ in range(4):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Space")
        page.get_by_text(words["why"]).first.wait_for()
        tab.settle()
        assert words["lock"] in page.locator("[data-testid=stMain]").inner_text()
        tab.check()


@pytest.mark.parametrize("view", ["compare", "curves", "saved"])
def test_every_view_stands_alone_by_its_address(home, visit, view):
    with serve(home) as address:
        tab = visit()
        tab.page.goto(f"{address}/scenarios?lang=en&workspace=demo&scenario_view={view}")
        tab.page.locator("h1").wait_for()
        tab.settle()
        assert tab.page.locator("h1").inner_text()
        tab.check()
