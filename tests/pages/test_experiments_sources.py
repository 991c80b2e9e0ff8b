"""Planning from test rows, regions and weeks in turn; what the page refuses; the log."""

import datetime as dt
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from channelopt.experiments.record import recorded, rows_settings
from channelopt.experiments.replay import Replay
from channelopt.experiments.rows import people_history, plan_from
from channelopt.ledger import Ledger
from pages.parts.experiments.experiment_card import replay_warning


def people(n=6000, lift=0.6, seed=1):
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    day = pd.Timestamp("2026-08-03") + pd.to_timedelta(rng.integers(0, 28, n), unit="D")
    frame = pd.DataFrame(
        {
            "visitor_id": [f"v{i}" for i in range(n)],
            "date": day.strftime("%Y-%m-%d"),
            "variant": np.array(["old", "new"])[arm],
            "device": rng.choice(["phone", "desk"], n),
            "leads": (rng.random(n) < 0.06 * (1 + lift * arm)).astype(int),
        }
    )
    return frame.to_csv(index=False).encode()


def regions(seed=2):
    rng = np.random.default_rng(seed)
    days, parts = pd.date_range("2026-04-01", "2026-08-31"), []
    for k in range(16):
        base = np.exp(rng.normal(3, 0.5))
        leads = rng.poisson(base, len(days))
        frame = {"date": days.strftime("%Y-%m-%d"), "region": f"city {k}", "spend": base * 40, "leads": leads}
        parts.append(pd.DataFrame(frame))
    return pd.concat(parts).to_csv(index=False).encode()


@pytest.fixture(scope="module")
def home(tmp_path_factory, end_tests, put_demo):
    folder = put_demo(tmp_path_factory.mktemp("tests_home"))
    with Ledger.open(folder / "demo") as ledger:
        end_tests(ledger)
        for content, name in ((people(), "landing.csv"), (regions(), "cities.csv")):
            ledger.commit(ledger.read(content, name, answers={"currency": "CNY"}), by="x")
        frame = ledger.variant_rows("landing")
        plan = plan_from(
            people_history(frame, "lead_rate"),
            "lead_rate",
            smallest=0.3,
            variants=("old", "new"),
            days=28,
        )
        ledger.add_experiment("Landing", rows_settings(plan, "landing", "page"), dt.date(2026, 8, 3), by="x")
    return folder


def shown(app):
    return " ".join(m.value for m in (*app.markdown, *app.caption, *app.info))


def button(app, label):
    return next(b for b in app.button if b.label == label)


@pytest.mark.parametrize(("lang", "word"), [("en", "is found with a chance of"), ("zh", "的机会被发现")])
@pytest.mark.parametrize("source", ["rows", "regions", "weeks"])
def test_every_way_of_testing_gives_a_plan(open_page, home, lang, word, source):
    app = open_page(home, "experiments", lang, tests_view="plan", test_source=source)
    assert not app.exception
    assert word in shown(app) or ("值" in shown(app) and lang == "zh")
    assert app.button[-1].label in ("Write the plan down and start", "写下计划并开始")
    assert "nan" not in shown(app).lower().split()


def test_a_test_of_people_is_read_and_its_visit_is_kept(open_page, home):
    app = open_page(home, "experiments", tests_view="tests")
    assert not app.exception
    assert app.title[0].value == "Landing has a winner."
    said = shown(app)
    assert "WINNER" in said and "new wins: leads per visitor is" in said
    assert "comparison, not a test" in said  # the plan was written after its rows
    with Ledger.open(home / "demo") as ledger:
        assert len(ledger.visits()) == 1
        version = ledger.version
    open_page(home, "experiments", tests_view="tests")
    with Ledger.open(home / "demo") as ledger:
        assert len(ledger.visits()) == 1 and ledger.version == version


@pytest.mark.parametrize(("lang", "words"), [("en", "orders are too few"), ("zh", "太少")])
def test_money_of_forty_orders_is_not_read(open_page, tmp_path, lang, words):
    rng = np.random.default_rng(5)
    n, arm = 4000, rng.integers(0, 2, 4000)
    bought = np.isin(np.arange(n), rng.choice(n, 40, replace=False))  # whoever has the better luck
    frame = pd.DataFrame(
        {
            "visitor_id": [f"v{i}" for i in range(n)],
            "date": (pd.Timestamp("2026-08-03") + pd.to_timedelta(np.arange(n) % 28, unit="D")).astype(str),
            "variant": np.array(["old", "new"])[arm],
            "revenue": np.where(bought, rng.lognormal(6, 1, n) * (1 + 3 * arm), 0).round(2),
            "orders": bought.astype(int),
        }
    )
    with Ledger.open(tmp_path / "demo", name="demo", currency="CNY") as ledger:
        content = frame.to_csv(index=False).encode()
        ledger.commit(ledger.read(content, "basket.csv", answers={"currency": "CNY"}), by="x")
        rows = ledger.variant_rows("basket")
        plan = plan_from(
            people_history(rows, "revenue_per_person"), "revenue_per_person", smallest=0.3,
            variants=("old", "new"), days=28,
        )  # fmt: skip
        ledger.add_experiment("Basket", rows_settings(plan, "basket", "page"), dt.date(2026, 8, 3), by="x")
    app = open_page(tmp_path, "experiments", lang, tests_view="tests")
    assert not app.exception
    said = shown(app)
    assert words in said
    assert not re.search(r"\*\*new\*\*|chance to be better|更好的机会|Waiting another week|再等一周", said)


def test_another_metric_after_the_start_is_refused_in_a_sentence(open_page, home):
    app = open_page(home, "experiments", tests_view="tests")
    next(s for s in app.selectbox if s.label == "What to do").set_value("cvr")
    next(i for i in app.text_input if i.label == "Why").set_value("looks better")
    app.run()
    button(app, "Change it").click()
    app.run()
    assert not app.exception
    assert "promised before the data" in app.error[0].value
    with Ledger.open(home / "demo") as ledger:
        one, *_ = recorded(ledger, ledger.daily(by=("day", "channel", "campaign")))
        assert one.metric == "lead_rate"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_log_counts_what_was_tried_and_replays_own_days(open_page, home, lang):
    app = open_page(home, "experiments", lang, tests_view="log")
    assert not app.exception
    log, replay = app.dataframe[0].value, app.dataframe[1].value
    assert log.iloc[0, 0] == "Landing" and len(replay) >= 5
    assert replay.iloc[:, 3].str.rstrip("%").astype(float).max() < 12


def test_looks_at_any_time_and_three_variants_from_the_form(open_page, home):
    app = open_page(home, "experiments", tests_view="plan", test_channel="baidu", test_metric="cpc")
    looks = next(s for s in app.selectbox if s.label == "Looks")
    looks.set_value("any")
    many = [n for n in app.number_input if n.label == "Variants"]
    if many:
        many[0].set_value(3)
    app.run()
    assert not app.exception
    button(app, "Write the plan down and start").click()
    app.run()
    assert not app.exception and not app.error
    with Ledger.open(home / "demo") as ledger:
        last = ledger.experiments().iloc[-1]
        assert last["settings"]["mode"] == "anytime"
        assert len(last["settings"]["campaigns"]) == (3 if many else 2)


def test_a_test_whose_rows_come_later(open_page, home):
    app = open_page(home, "experiments", tests_view="plan", test_source="rows")
    next(s for s in app.selectbox if s.label == "Test rows of").set_value("Its rows will come later")
    app.run()
    assert not app.exception
    assert "Give it the name landing page" in shown(app)
    button(app, "Write the plan down and start").click()
    app.run()
    assert not app.exception and not app.error
    with Ledger.open(home / "demo") as ledger:
        last = ledger.experiments().iloc[-1]
        assert last["settings"]["experiment"] == "landing page"


def test_false_winners_above_the_promise_are_warned_of():
    replay = Replay(false_winners=0.079, plain=0.3, low=0.064, high=0.097, days=90, worlds=1000)
    assert "narrow win" in replay_warning(replay, 0.05)
    assert replay_warning(replay, 0.1) == "" and replay_warning(replace(replay, low=0.04), 0.05) == ""
