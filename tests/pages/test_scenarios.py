"""The scenarios page: every view, a lock, a goal, saving and opening again, and refusals in words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from channelopt.ledger import Ledger

VIEWS = ("plan", "compare", "curves", "saved")


@pytest.fixture
def own_demo(tmp_path, put_demo):
    return put_demo(tmp_path)


def said(app):
    return " ".join(str(e.value) for e in (*app.title, *app.markdown, *app.caption)).replace("\\", "")


def limits(home, **by_channel):
    """Limits as the session keeps them, for a page about to be opened."""
    empty = {"low": None, "high": None, "lock": False}
    return {str((home / "demo").resolve()): {"limits": {c: {**empty, **v} for c, v in by_channel.items()}}}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_in_both_languages(open_page, demo_home, lang, view):
    app = open_page(demo_home, "scenarios", lang, scenario_view=view)
    assert not app.exception and not app.error
    assert app.title[0].value
    if lang == "en":
        assert len(app.title[0].value.split()) <= 12 + (view == "saved")


def test_the_plan_says_what_moves_what_it_brings_and_why(open_page, demo_home):
    app = open_page(demo_home, "scenarios")
    assert app.title[0].value.startswith("Moving ¥") and "more revenue" in app.title[0].value
    assert len([m for m in app.metric if m.label != "Your split brings"]) <= 6
    text = said(app)
    assert "Why this move?" in text and "Xiaohongshu" in text and "the next unit brings" in text
    assert "Promised gain" in text and "Without the correction" in text
    assert "Tried on the past" in text
    assert "The plan starts on Sep 1, 2026, the day after your data." in text
    assert "mostly still to come" in text


def test_a_lock_holds_and_says_why_it_did_not_move(open_page, demo_home):
    app = open_page(demo_home, "scenarios", planning=limits(demo_home, xiaohongshu={"lock": True}))
    text = said(app)
    assert not app.error
    assert "Why did it not move?" in text and "Xiaohongshu is locked at today's spend." in text


def test_impossible_limits_are_refused_in_words_and_the_old_plan_stays(open_page, demo_home):
    app = open_page(demo_home, "scenarios")
    old = app.metric[1].value
    app.segmented_control(key="plan_mode").set_value("own").run()
    app.number_input(key="plan_amount").set_value(400_000).run()
    assert not app.error and app.metric[0].value != old
    kept = [m.value for m in app.metric[:5]]
    app.session_state["planning"][str((demo_home / "demo").resolve())].update(
        limits_base=app.session_state["planning"][str((demo_home / "demo").resolve())]["limits_base"].assign(
            low=900.0, high=100.0
        )
    )
    app.run()
    assert "its least spend" in app.error[0].value and "above its most" in app.error[0].value
    assert [m.value for m in app.metric[:5]] == kept
    assert "Out of date" in said(app)


def test_a_first_wish_that_cannot_be_met_says_what_to_change(open_page, demo_home):
    app = open_page(demo_home, "scenarios", planning=limits(demo_home, baidu={"low": 9.0, "high": 5.0}))
    assert app.title[0].value == "This wish cannot be met yet: see what to change"
    assert "Change one of them" in app.error[0].value and not app.exception


def test_profit_without_a_margin_says_where_to_enter_it(open_page, demo_home):
    app = open_page(demo_home, "scenarios")
    app.selectbox(key="plan_objective").select("profit").run()
    assert not app.exception
    assert "margin" in app.error[0].value
    assert "Out of date" in said(app)


def test_a_goal_gives_the_budget_and_its_chance(open_page, demo_home):
    app = open_page(demo_home, "scenarios")
    app.selectbox(key="plan_objective").select("leads").run()
    app.segmented_control(key="plan_mode").set_value("goal").run()
    app.number_input(key="plan_goal_leads").set_value(500).run()
    assert not app.exception and not app.error
    title = app.title[0].value.replace("\\", "")
    assert title.startswith("500 more leads: ¥") and "chance" in title
    app.number_input(key="plan_goal_leads").set_value(900_000).run()
    assert "cannot be reached within the limits" in app.title[0].value


def test_until_the_bar(open_page, demo_home):
    app = open_page(demo_home, "scenarios")
    app.segmented_control(key="plan_mode").set_value("free").run()
    assert not app.exception and not app.error
    assert "split better, brings" in app.title[0].value or "Keep today" in app.title[0].value


def test_a_slider_moves_the_own_split_and_leaves_the_plan_alone(open_page, demo_home):
    app = open_page(demo_home, "scenarios")
    plan = [m.value for m in app.metric[:5]]
    before = app.metric[5].value
    slider = next(s for s in app.slider if s.label == "Offline")
    slider.set_value(slider.max).run()
    assert not app.exception
    assert [m.value for m in app.metric[:5]] == plan
    assert app.metric[5].label == "Your split brings" and app.metric[5].value != before
    next(b for b in app.button if b.label == "From today").click()
    app.run()
    offline = next(s for s in app.slider if s.label == "Offline")
    assert offline.value < slider.max and app.metric[6].value == "–"  # today cannot beat today


def test_sliders_nobody_moved_go_along_with_a_new_plan(open_page, demo_home):
    app = open_page(demo_home, "scenarios")
    first = next(s for s in app.slider if s.label == "Offline").value
    app.segmented_control(key="plan_mode").set_value("own").run()
    app.number_input(key="plan_amount").set_value(300_000).run()
    second = next(s for s in app.slider if s.label == "Offline").value
    assert second < first
    shown = sum(s.value for s in app.slider if s.label != "Coming weeks")
    assert shown * 28 == pytest.approx(300_000, rel=0.01)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_saved_opened_by_its_address_chosen_with_a_reason(open_page, own_demo, lang):
    app = open_page(own_demo, "scenarios", lang)
    app.text_input(key="save_name").set_value("June, bold")
    app.button(key="save_plan").click()
    app.run()
    assert not app.exception and not app.error
    assert "June, bold" in app.title[0].value.replace("\\", "")  # it is opened at once
    assert app.button(key="chosen_1").label
    app.button(key="chosen_1").click()
    app.run()
    assert app.error  # a reason is needed
    app.text_input(key="why_1").set_value("agreed on Monday")
    app.button(key="chosen_1").click()
    app.run()
    assert not app.error
    with Ledger.open(own_demo / "demo") as ledger:
        row = ledger.scenarios().iloc[0]
        assert (row["name"], row["state"], row["why"]) == ("June, bold", "chosen", "agreed on Monday")
        assert row["evidence"]["believed"]["outcome"] == "revenue"
        assert row["evidence"]["promise"]["chance"] > 0.5
        assert sum(row["settings"]["spend"].values()) > 0


def test_a_link_opens_the_scenario_and_a_wrong_one_the_list(open_page, own_demo):
    app = open_page(own_demo, "scenarios")
    app.text_input(key="save_name").set_value("first")
    app.button(key="save_plan").click()
    app.run()
    fresh = open_page(own_demo, "overview")
    fresh.query_params["scenario"] = "1"
    fresh.switch_page("scenarios.py").run()
    assert fresh.title[0].value.startswith("first:")
    assert "reports are not here yet" in said(fresh)
    fresh.query_params["scenario"] = "99"
    fresh.run()
    assert "saved scenario" in fresh.title[0].value and not fresh.exception


def test_an_own_split_is_saved_and_compared(open_page, own_demo):
    app = open_page(own_demo, "scenarios")
    slider = next(s for s in app.slider if s.label == "Meta")
    slider.set_value(0).run()
    app.text_input(key="save_mix_name").set_value("without Meta")
    app.button(key="save_mix").click()
    app.run()
    assert app.title[0].value.startswith("without Meta")
    app.segmented_control(key="scenario_view").set_value("compare").run()
    assert not app.exception
    table = app.dataframe[0].value
    assert (
        table["Scenario"].tolist()[:2] == ["Today", "Proposed"] and "Your split" in table["Scenario"].tolist()
    )
    assert "beats" in said(app) or "cannot be told apart" in said(app)


def offline_table(path, spend, names=("Radio", "Posters")):
    rng = np.random.default_rng(3)
    days = pd.date_range("2026-01-01", periods=len(spend))
    parts = [
        pd.DataFrame(
            {
                "date": days.strftime("%Y-%m-%d"), "channel": name, "cost": spend,
                "leads": rng.poisson(20, len(days)), "revenue": 900,
            }
        )
        for name in names
    ]  # fmt: skip
    pd.concat(parts).to_csv(path, index=False)


def store(home, path):
    with Ledger.open(home / "demo", name="demo", currency="CNY") as ledger:
        ledger.commit(ledger.read(path, answers={"currency": "CNY"}), "x")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_spend_that_never_moved_is_tested_first(open_page, tmp_path, lang):
    offline_table(tmp_path / "costs.csv", [100.0] * 120)
    store(tmp_path, tmp_path / "costs.csv")
    app = open_page(tmp_path, "scenarios", lang)
    assert not app.exception and not app.error
    assert ("Test first" in app.title[0].value) or ("先测试" in app.title[0].value) or lang == "zh"
    if lang == "en":
        text = said(app)
        assert "Why did it not move?" in text and "It costs" in text and "Radio" in text


def test_sliders_beyond_the_first_eight_are_sent_when_opened_and_keep_their_value(open_page, tmp_path):
    spend = np.repeat(np.random.default_rng(1).uniform(50, 150, 20), 7)
    offline_table(tmp_path / "costs.csv", spend, [f"Channel {k}" for k in range(11)])
    store(tmp_path, tmp_path / "costs.csv")
    app = open_page(tmp_path, "scenarios")
    sliders = [s.label for s in app.slider if s.label.startswith("Channel")]
    assert len(sliders) == 8 and any(e.label == "3 more channels" for e in app.expander)
    before = app.metric[5].value
    app.session_state["mix_more"] = True
    app.run()
    hidden = [s for s in app.slider if s.label.startswith("Channel") and s.label not in sliders]
    assert len(hidden) == 3 and app.metric[5].value == before
    hidden[0].set_value(hidden[0].max).run()
    moved = app.metric[5].value
    assert moved != before
    app.session_state["mix_more"] = False
    app.run()
    assert len([s for s in app.slider if s.label.startswith("Channel")]) == 8
    assert app.metric[5].value == moved
    app.session_state["mix_more"] = True
    app.run()
    again = next(s for s in app.slider if s.label == hidden[0].label)
    assert again.value == again.max and app.metric[5].value == moved


def test_a_few_days_are_too_little(open_page, tmp_path):
    offline_table(tmp_path / "costs.csv", list(np.linspace(50, 150, 12)))
    store(tmp_path, tmp_path / "costs.csv")
    app = open_page(tmp_path, "scenarios")
    assert not app.exception
    assert "Only 12 days with spend" in said(app)
    assert app.subheader[0].value == "Too little to plan with"


def test_spend_without_outcomes_is_framed(open_page, tmp_path):
    table = tmp_path / "costs.csv"
    table.write_text("date,channel,cost\n" + "\n".join(f"2026-01-{d:02d},Radio,10" for d in range(1, 20)))
    store(tmp_path, table)
    app = open_page(tmp_path, "scenarios")
    assert not app.exception
    assert app.subheader[0].value == "Nothing to plan with yet"
