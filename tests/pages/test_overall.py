"""A workspace whose revenue no channel is credited with: from the upload to a plan, in both languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from channelopt.ledger import Ledger

DAYS = pd.date_range("2026-01-05", periods=26 * 7)


def spend_table(seed=0):
    rng = np.random.default_rng(seed)
    parts = []
    for channel, level in (("Google Ads", 1000.0), ("Meta", 800.0), ("Radio", 500.0)):
        money = np.repeat(level * np.exp(rng.normal(0, 0.5, 26)), 7)
        parts.append(pd.DataFrame({"day": DAYS.date, "channel": channel, "spend (USD)": money, "clicks": 50}))
    return pd.concat(parts, ignore_index=True)


def sales_table(table, seed=1, share=1.0):
    returns = table["channel"].map({"Google Ads": 5.0, "Meta": 0.5, "Radio": 1.0})
    seen = (table["spend (USD)"] * returns).groupby(table["day"]).sum() + 3000
    noise = np.exp(np.random.default_rng(seed).normal(0, 0.05, len(seen)))
    return pd.DataFrame({"day": seen.index, "net sales (USD)": share * seen.to_numpy() * noise})


def workspace(home, name="till", share=1.0, credited=False):
    """Two files: what channels cost, and what the shop took in."""
    table = spend_table()
    sales = sales_table(table, share=share)
    if credited:
        table = table.assign(revenue=table["spend (USD)"] * 3)
    with Ledger.open(home / name, name=name, currency="USD") as ledger:
        for file, text in (("spend.csv", table), ("sales.csv", sales)):
            ledger.commit(ledger.read(text.to_csv(index=False).encode(), file), "eve")
    return home


@pytest.fixture(scope="module")
def till(tmp_path_factory):
    return workspace(tmp_path_factory.mktemp("till"))


def said(app):
    return " ".join(str(e.value) for e in (*app.title, *app.markdown, *app.caption)).replace("\\", "")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_overview_shows_the_whole_and_what_each_channel_likely_brings(open_page, till, lang):
    app = open_page(till, "overview", lang)
    assert not app.exception and not app.error
    title = {"en": "which channel brought it is not known", "zh": "是哪个渠道带来的还不知道"}[lang]
    assert title in app.title[0].value
    labels = [m.label for m in app.metric]
    assert {"en": "Revenue of all channels", "zh": "全渠道收入"}[lang] in labels
    assert {"en": "Not a verdict", "zh": "这不是结论"}[lang] in said(app)
    assert {"en": "Learned from what all channels", "zh": "根据全渠道合计成果学到"}[lang] in said(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_diagnosis_says_why_no_channel_has_a_verdict(open_page, till, lang):
    app = open_page(till, "diagnosis", lang)
    assert not app.exception
    assert {"en": "so no channel can be judged by it", "zh": "不能据此评判任何渠道"}[lang] in said(app)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("view", ["plan", "compare", "curves", "saved"])
def test_scenarios_plan_from_the_whole(open_page, till, lang, view):
    app = open_page(till, "scenarios", lang, scenario_view=view)
    assert not app.exception and not app.error
    if view in ("plan", "compare"):
        note = {"en": "Figures are what the ads add to it", "zh": "数字是广告多带来的部分"}[lang]
        assert note in said(app)
    if view in ("plan", "curves"):
        told = {"en": "No report says which channel brought the", "zh": "没有报表说明收入是哪个渠道带来的"}
        assert told[lang] in said(app)


def test_overview_moves_no_money_where_scenarios_asks_for_a_test(open_page, tmp_path):
    table = spend_table(seed=10)
    table = table[table["day"] < DAYS[56].date()]  # eight weeks: a gain is likely, no return is known
    sales = sales_table(table, seed=11)
    week = pd.to_datetime(sales["day"]).dt.to_period("W-SUN").dt.start_time.dt.date
    sales = sales.assign(day=week).groupby("day", as_index=False).sum()
    with Ledger.open(tmp_path / "still", name="still", currency="USD") as ledger:
        for file, text in (("spend.csv", table), ("sales.csv", sales)):
            ledger.commit(ledger.read(text.to_csv(index=False).encode(), file), "eve")
    assert "Test first" in open_page(tmp_path, "scenarios").title[0].value
    overview = open_page(tmp_path, "overview")
    assert not overview.exception and "more for the same money" not in said(overview)


def test_where_nothing_is_known_of_all_together_settings_do_not_ask(open_page, demo_home):
    labels = [s.label for s in open_page(demo_home, "settings").selectbox]
    assert "Who gets the credit for a lead" in labels and "Plans learn from" not in labels


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_total_sales_alone_wait_for_the_spend(open_page, tmp_path, lang):
    with Ledger.open(tmp_path / "till", name="till", currency="USD") as ledger:
        text = sales_table(spend_table()).to_csv(index=False)
        ledger.commit(ledger.read(text.encode(), "sales.csv"), "eve")
    for page in ("overview", "diagnosis", "focus", "scenarios", "scaling", "trends", "settings", "upload"):
        assert not open_page(tmp_path, page, lang).exception, page


@pytest.mark.parametrize("page", ["focus", "trends", "scaling", "upload", "experiments", "settings"])
def test_every_other_page_opens(open_page, till, page):
    app = open_page(till, page)
    assert not app.exception
    if page == "trends":
        assert "No channel has this figure yet" in said(app)
    if page == "focus":
        assert "Google Ads" in app.title[0].value


def test_channels_that_claim_too_much_are_told(open_page, tmp_path):
    home = workspace(tmp_path, share=0.5, credited=True)
    for page in ("overview", "diagnosis"):
        app = open_page(home, page)
        assert not app.exception
        assert "more than there was" in said(app)
    assert "Learned from the" not in said(open_page(home, "scenarios"))
    app = open_page(home, "settings")
    choice = next(s for s in app.selectbox if s.label == "Plans learn from")
    choice.set_value("overall")
    next(b for b in app.button if b.label == "Save").click().run()
    assert not app.exception and not app.error
    with Ledger.open(home / "till") as ledger:
        assert ledger.policy.plan_by == "overall"
    text = said(open_page(home, "scenarios"))
    assert "Learned from the revenue of all channels together" in text and "as your settings say" in text


def test_a_saved_plan_waits_for_its_days_and_is_scored_by_the_whole(open_page, tmp_path):
    home = workspace(tmp_path)
    app = open_page(home, "scenarios")
    next(b for b in app.button if b.label in ("Save this plan", "Save my split")).click().run()
    assert not app.exception and not app.error
    assert "their reports are not here yet" in said(open_page(home, "scenarios", scenario_view="saved"))
    with Ledger.open(home / "till") as ledger:
        plan = ledger.scenarios().iloc[0]["settings"]["spend"]
        coming = pd.date_range(DAYS[-1] + pd.Timedelta(days=1), periods=28).date
        names = {"google_ads": "Google Ads", "meta_ads": "Meta", "Radio": "Radio"}
        rows = [(day, names[c], money, 50) for c, money in plan.items() for day in coming]
        spent = pd.DataFrame(rows, columns=["day", "channel", "spend (USD)", "clicks"])
        for file, text in (("spend2.csv", spent), ("sales2.csv", sales_table(spent, seed=2))):
            ledger.commit(ledger.read(text.to_csv(index=False).encode(), file), "eve")
    app = open_page(home, "scenarios", scenario_view="saved")
    text = said(app)
    assert not app.exception and "their reports are not here yet" not in text
    assert "more revenue than without it" in text
