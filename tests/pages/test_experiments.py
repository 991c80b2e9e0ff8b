"""The experiments page: plan, run, read; stopped by a sentence where one would fool oneself."""

import datetime as dt

import pytest

from channelopt.demo import HOOK_TEST
from channelopt.ledger import Ledger


@pytest.fixture
def own_demo(tmp_path, end_tests, put_demo):
    with Ledger.open(put_demo(tmp_path) / "demo") as ledger:
        end_tests(ledger)
    return tmp_path


def button(app, label):
    return next(b for b in app.button if b.label == label)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("has a winner", "WINNER", "KEEP RUNNING", "NO DIFFERENCE", "DATA PROBLEM")),
        ("zh", ("有赢家了", "赢家", "继续跑", "没有差别", "数据有问题")),
    ],
)
def test_the_demo_shows_finished_running_and_refused_tests_at_once(open_page, demo_home, lang, words):
    app = open_page(demo_home, "experiments", lang)
    assert not app.exception and not app.error
    assert HOOK_TEST in app.title[0].value and words[0] in app.title[0].value
    said = " ".join(m.value for m in app.markdown) + " ".join(e.label for e in app.expander)
    assert all(word in said for word in words[1:]), [word for word in words if word not in said]
    assert "nan" not in said.lower().split()
    log = (
        open_page(demo_home, "experiments", lang, tests_view="log")
        .dataframe[0]
        .value.set_index("Test" if lang == "en" else "测试")
    )
    refused = log.loc["Meta split 50:50 / Meta 对半分流"]
    assert list(refused.iloc[5:7]) == ["–", "–"], refused
    assert "comparison, not a test" not in said and "是对比，不是测试" not in said


def test_a_plan_is_written_down_locked_and_ended_with_a_reason(open_page, own_demo):
    app = open_page(own_demo, "experiments", tests_view="plan")
    assert app.title[0].value == "No test is running. Plan one below."
    button(app, "Write the plan down and start").click()
    app.run()
    assert not app.exception and not app.error
    assert "next look is on" in app.title[0].value or "next look" in app.title[0].value
    said = " ".join(m.value for m in app.markdown)
    assert "Too early to look" in said  # it starts today, the files end before
    button(app, "End it").click()
    app.run()
    assert "reason" in app.error[0].value
    next(i for i in app.text_input if i.label == "Why").set_value("paused")
    button(app, "End it").click()
    app.run()
    assert not app.error
    with Ledger.open(own_demo / "demo") as ledger:
        row = ledger.experiments().iloc[-1]
        assert (row["state"], row["why"], row["start"].date()) == ("ended", "paused", dt.date.today())


@pytest.mark.parametrize(("lang", "word"), [("en", "comparison, not a test"), ("zh", "是对比，不是测试")])
def test_a_plan_after_the_data_is_shown_as_a_comparison(open_page, own_demo, lang, word):
    app = open_page(
        own_demo, "experiments", lang, tests_view="plan", test_channel="xiaohongshu", test_metric="ctr"
    )
    app.date_input[0].set_value(dt.date(2026, 7, 20))
    app.button[-1].click()
    app.run()
    assert not app.exception and not app.error
    said = " ".join(m.value for m in app.markdown)
    assert word in said
    assert "CTR" in said


def test_a_metric_without_figures_says_so(open_page, own_demo):
    app = open_page(
        own_demo, "experiments", tests_view="plan", test_channel="xiaohongshu", test_metric="roas"
    )
    assert not app.exception
    assert any("choose another metric" in c.value for c in app.caption)
