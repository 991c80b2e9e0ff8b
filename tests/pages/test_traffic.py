"""The traffic view and the contracts form, without a browser."""

import datetime as dt
import shutil

import pytest

from channelopt.ledger import Ledger


def text(app):
    return " ".join([*(m.value for m in app.markdown), *(s.value for s in app.subheader)]).replace("\\", "")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_traffic_view_leads_with_the_money_and_says_what_to_do(open_page, demo_home, lang):
    app = open_page(demo_home, "diagnosis", lang, view="traffic")
    assert not app.exception
    assert "272,514" in app.subheader[0].value and "Meta" in app.subheader[0].value
    assert "121,029" in text(app)  # rejected leads of Google
    assert len(app.dataframe) == 0


def test_the_money_of_a_channel_is_never_more_than_it_spent(open_page, demo_home):
    app = open_page(demo_home, "diagnosis", view="traffic")
    shown = text(app)
    assert "151,485 in doubt, 100% of its spend" in shown


def test_what_could_not_be_checked_is_said(open_page, tmp_path):
    with Ledger.open(tmp_path / "my-brand", name="my-brand", currency="CNY") as ledger:
        table = "date,channel,cost,currency\n" + "\n".join(
            f"2026-01-{d:02d},Radio,10,CNY" for d in range(1, 20)
        )
        ledger.commit(ledger.read(table.encode(), "radio.csv"), by="x")
    app = open_page(tmp_path, "diagnosis", view="traffic")
    assert not app.exception
    assert app.subheader[0].value.startswith("Nothing says yet")
    assert any("Not checked" in c.value and "Visits" in c.value for c in app.caption)


def test_a_contract_is_entered_seen_short_and_removed(open_page, demo_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    app = open_page(home, "settings")
    form = [n for n in app.number_input if n.label.startswith(("Impressions promised", "Price of the whole"))]
    form[0].set_value(50_000_000)
    form[1].set_value(90_000.0)
    box = next(s for s in app.selectbox if s.label == "Channel" and s.form_id == form[0].form_id)
    box.set_value("tencent_ads")
    for date, value in zip(
        [d for d in app.date_input if d.label in ("First day", "Last day")],
        (dt.date(2026, 8, 1), dt.date(2026, 8, 31)),
        strict=True,
    ):
        date.set_value(value)
    next(b for b in app.button if b.label == "Add contract").click()
    app.run()
    assert not app.exception and not app.error
    with Ledger.open(home / "demo") as ledger:
        assert ledger.contracts()["channel"].to_list() == ["tencent_ads"]
    app = open_page(home, "diagnosis", view="traffic")
    assert "contracted Impressions were delivered" in text(app)
    assert len(app.dataframe) == 1
    app = open_page(home, "settings")
    next(b for b in app.button if b.key == "remove_contract").click()
    app.run()
    assert not app.exception
    with Ledger.open(home / "demo") as ledger:
        assert ledger.contracts().empty


def test_a_contract_without_a_quantity_is_refused_in_words(open_page, demo_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(demo_home, home)
    app = open_page(home, "settings")
    next(b for b in app.button if b.label == "Add contract").click()
    app.run()
    assert not app.exception
    assert "impressions or clicks above 0" in app.error[0].value
