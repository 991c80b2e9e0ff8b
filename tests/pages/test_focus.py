"""The focus page: steps of the week, rotation of hooks, and files to carry them out."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from channelopt.ledger import Ledger


@pytest.fixture
def own_demo(tmp_path, put_demo):
    return put_demo(tmp_path)


def said(app):
    return " ".join(str(e.value) for e in (*app.title, *app.markdown, *app.caption)).replace("\\", "")


def money(text):
    return float(text.replace("\\", "").strip("¥").replace(",", ""))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_week_gives_every_channel_a_budget_a_bid_and_a_reason(open_page, demo_home, lang):
    app = open_page(demo_home, "focus", lang, focus_view="week")
    assert not app.exception and not app.error
    table = app.table[0].value
    assert len(table) == 7
    now, coming = (table.iloc[:, at].map(money) for at in (1, 2))
    assert coming.sum() == pytest.approx(now.sum(), abs=4)  # shown without cents
    assert ((coming / now - 1).abs() < 0.201).all()
    assert (table.iloc[:, -1].str.len() > 10).all()
    assert not table.map(lambda cell: "nan" in str(cell) or "plan." in str(cell)).any(axis=None)
    labels = [b.label for b in app.get("download_button")]
    assert len(labels) == 2
    if lang == "en":
        assert app.title[0].value == "This week: raise Xiaohongshu most, take most from Google Ads."
        dropped = table[table["Channel"] == "**Google Ads**"].iloc[0]
        assert dropped["Budget"].endswith("20%") and "bar" in dropped["Why"]


def test_the_week_keeps_to_the_teams_own_limits(open_page, own_demo):
    with Ledger.open(own_demo / "demo") as ledger:
        ledger.save_policy(replace(ledger.policy, budget_step=0.05, bid_step=0.02), "test")
    app = open_page(own_demo, "focus", focus_view="week")
    table = app.table[0].value
    now, coming = (table.iloc[:, at].map(money) for at in (1, 2))
    assert ((coming / now - 1).abs() < 0.051).all() and (coming < now).any()
    assert "5%" in said(app) and "2%" in said(app)


def test_a_week_without_curves_says_what_is_missing(open_page, tmp_path):
    table = tmp_path / "costs.csv"
    table.write_text("date,channel,cost\n" + "\n".join(f"2026-01-{d:02d},Radio,10" for d in range(1, 20)))
    with Ledger.open(tmp_path / "demo", name="demo", currency="CNY") as ledger:
        ledger.commit(ledger.read(table, answers={"currency": "CNY"}), "test")
    app = open_page(tmp_path, "focus", focus_view="week")
    assert not app.exception and not app.error
    assert app.subheader[0].value == "Too little to step by"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hooks_are_rotated_within_their_channel(open_page, demo_home, lang):
    app = open_page(demo_home, "focus", lang, focus_view="hooks")
    assert not app.exception and not app.error
    table = app.table[0].value
    assert not table.map(lambda cell: "nan" in str(cell) or "None" in str(cell)).any(axis=None)
    coming = table.iloc[:, 3].str.extract(r"(\d+)%")[0].astype(float)
    for _, shares in coming.groupby(table.iloc[:, 0]):
        assert shares.sum() == pytest.approx(100, abs=2)
    if lang == "en":
        assert "at least 2%" in said(app) and "20% of it changes hands" in said(app)
        assert "A test is running there" in said(app)  # the demo tests hooks of one channel


def test_a_running_test_keeps_its_split(open_page, own_demo, end_tests):
    before = set(open_page(own_demo, "focus", focus_view="hooks").table[0].value["Channel"])
    with Ledger.open(own_demo / "demo") as ledger:
        end_tests(ledger)
    app = open_page(own_demo, "focus", focus_view="hooks")
    assert before < set(app.table[0].value["Channel"])
    assert "A test is running there" not in said(app)


@pytest.fixture(scope="module")
def no_revenue(tmp_path_factory):
    """A brand that counts leads and customers, and no money that came back."""
    home, rng = tmp_path_factory.mktemp("poor"), np.random.default_rng(4)
    lines = []
    for at, day in enumerate(pd.date_range("2026-01-01", periods=120)):
        for channel, price in (("Radio", 20.0), ("Posters", 60.0)):
            spend = 300 + 150 * ((at // 14) % 2) + rng.uniform(0, 50)
            leads = rng.poisson(spend / price)
            lines.append(f"{day:%Y-%m-%d},{channel},{spend:.2f},{leads},{leads // 4}")
    table = home / "costs.csv"
    table.write_text("date,channel,cost,leads,customers\n" + "\n".join(lines))
    with Ledger.open(home / "demo", name="demo", currency="CNY") as ledger:
        ledger.commit(ledger.read(table, answers={"currency": "CNY"}), "test")
    return home


@pytest.mark.parametrize(
    ("page", "view"),
    [
        ("focus", {"focus_view": "money"}),
        ("focus", {"focus_view": "week"}),
        ("scaling", {"scaling_view": "room"}),
        ("scaling", {"scaling_view": "launch"}),
    ],
)
def test_without_revenue_no_return_is_made_up(open_page, no_revenue, page, view):
    app = open_page(no_revenue, page, **view)
    assert not app.exception and not app.error
    assert app.subheader[0].value.startswith("Too little")
    assert "Revenue is missing" in said(app) and "1:" not in said(app)
    assert not app.table and not app.metric


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("+33.0% seen, +19.6% expected once its luck is taken out", "If shipped", "CPL +2.5% seen")),
        ("zh", ("实测 +33.0%，扣除运气后预期 +19.6%", "如果采用", "CPL 实测 +2.5%")),
    ],
)
def test_a_winner_has_the_figure_of_its_card(open_page, demo_home, lang, words):
    hooks = said(open_page(demo_home, "focus", lang, focus_view="hooks"))
    assert all(word in hooks for word in words), hooks
    assert "+19.6%" in said(open_page(demo_home, "experiments", lang))
    log = open_page(demo_home, "experiments", lang, tests_view="log").dataframe[0].value
    assert "+19.6%" in set(log.iloc[:, 7]) and "+27.2%" not in set(log.iloc[:, 7])


@pytest.mark.parametrize(
    ("lang", "even", "still"),
    [
        ("en", "its test found no difference", "its test is open"),
        ("zh", "测试没有发现差别", "测试未结束"),
    ],
)
def test_a_test_without_a_difference_is_not_open(open_page, demo_home, lang, even, still):
    chart = open_page(demo_home, "focus", lang, focus_view="hooks").get("plotly_chart")[0]
    drawn = json.loads(chart.proto.spec)["data"][1]
    texts = dict(zip(drawn["y"], drawn["text"], strict=True))
    said_of = {name.split(":")[0]: text for name, text in texts.items()}
    assert even in said_of["WeChat"] and still in said_of["Xiaohongshu"]


@pytest.mark.parametrize(("lang", "name"), [("en", "Bilibili"), ("zh", "B站（哔哩哔哩）")])
def test_a_launch_offers_what_does_not_run_and_waits_for_late_orders(open_page, demo_home, lang, name):
    app = open_page(demo_home, "scaling", lang, scaling_view="launch")
    offered = next(s for s in app.selectbox if s.key == "platform").options
    assert name in offered and not any("小红书" in o or "Xiaohongshu" in o for o in offered)
    assert not any("视频号" in o or "Channels" in o for o in offered)
    words = {
        "en": ("Orders come late", "How late orders come is not known"),
        "zh": ("订单来得晚", "不知道订单"),
    }
    assert words[lang][0] in said(app) and words[lang][1] not in said(app)
    typed = open_page(demo_home, "scaling", lang, scaling_view="launch", platform="小红书")
    taken = {"en": "Xiaohongshu has spend already", "zh": "小红书聚光 已经有花费"}[lang]
    assert taken in typed.error[0].value and not typed.exception
    assert not any(m.label in ("Costs at most", "最多花费") for m in typed.metric)


@pytest.mark.parametrize(
    ("lang", "title", "choose"),
    [
        ("en", "Test before you focus. No gain is sure yet from Xiaohongshu.", "Choose this channel"),
        ("zh", "先测试，再聚焦。小红书聚光 能否带来增益还没有把握。", "选定这个渠道"),
    ],
)
def test_a_gain_that_is_not_sure_is_tested_first(open_page, own_demo, lang, title, choose):
    with Ledger.open(own_demo / "demo") as ledger:
        ledger.save_policy(replace(ledger.policy, top_n=1, confidence=0.99), "test")
    app = open_page(own_demo, "focus", lang)
    assert app.title[0].value.replace("\\", "") == title
    button = next(b for b in app.button if b.label == choose)
    assert button.proto.type == "secondary"
    assert not any(f"1 {word}" in said(app) for word in ("together", "个的把握"))


def test_a_sure_gain_is_offered_first(open_page, demo_home):
    app = open_page(demo_home, "focus")
    assert app.title[0].value.startswith("Focus on ")
    assert next(b for b in app.button if b.label == "Choose these 3").proto.type == "primary"
