"""The overview where something is not known: it says so, and never shows a 0 for it."""

from __future__ import annotations

import pytest

from channelopt.ledger import Ledger


@pytest.fixture
def brand(tmp_path):
    """Fill a workspace with tables; gives the home folder."""

    def fill(**tables: str):
        with Ledger.open(tmp_path / "my-brand", currency="CNY") as ledger:
            for name, text in tables.items():
                ledger.commit(ledger.read(text.encode(), f"{name}.csv"), "eve")
        return tmp_path

    return fill


def costs(*channels: str, currency: str = "CNY") -> str:
    days = [f"2026-01-{d:02d}" for d in range(1, 31)]
    lines = [f"{day},{channel},{100},{currency}" for day in days for channel in channels]
    return "\n".join(["date,channel,cost,currency", *lines])


def leads(*channels: str, revenue: str | None = None) -> str:
    head = "Lead ID,Create Date,Lead Source,Lifecycle Stage,Became a Customer Date"
    head += ",Amount (CNY)" if revenue is not None else ""
    lines = [head]
    for channel in channels:
        for n in range(1, 31):
            sold = n % 3 == 0
            line = f"{channel}{n},2026-01-{n:02d} 10:00,{channel},{'customer' if sold else 'lead'},"
            line += f"2026-01-{n:02d} 18:00" if sold else ""
            lines.append(line + (f",{revenue if sold else ''}" if revenue is not None else ""))
    return "\n".join(lines)


def shown(app) -> str:
    return " ".join(str(e.value) for e in [*app.title, *app.markdown, *app.caption]).replace("\\", "")


def test_money_all_in_one_other_currency_is_one_click_away(open_page, brand):
    home = brand(costs=costs("Radio", currency="USD"))
    app = open_page(home, "overview", "zh")
    next(b for b in app.button if b.label == "本品牌改用 USD").click().run()
    assert not app.exception and "所有金额现在都以 USD 显示" in str([s.value for s in app.success])
    assert "USD" not in app.title[0].value
    with Ledger.open(home / "my-brand") as ledger:
        assert ledger.currency == "USD" and ledger.daily()["spend"].sum() == 3000


def test_money_in_two_currencies_is_no_one_click_matter(open_page, brand):
    app = open_page(brand(one=costs("Radio", currency="USD"), two=costs("Posters")), "overview")
    assert not [b for b in app.button if b.label.startswith("Show this brand")]
    app = open_page(brand(), "settings")
    assert "This brand stays in CNY" in shown(app)


def test_the_currency_of_a_brand_changes_in_settings(open_page, brand):
    app = open_page(brand(), "settings")
    next(s for s in app.selectbox if s.label == "Currency of this brand").set_value("EUR")
    next(b for b in app.button if b.label == "Change currency").click()
    app.run()
    assert not app.exception and "All amounts are in EUR now." in str([s.value for s in app.success])


def test_no_revenue_is_not_a_return_of_zero(open_page, brand):
    home = brand(costs=costs("Radio", "Posters"), leads=leads("Radio", "Posters"))
    app = open_page(home, "overview")
    assert not app.exception
    assert "revenue it brought is not known" in app.title[0].value
    cards = {m.label: m.value for m in app.metric}
    assert cards["ROI"] == "–" and cards["Revenue so far"] == "–"
    assert "1:0 " not in shown(app) and "Leads are there, but no revenue" in shown(app)
    app = open_page(home, "diagnosis")
    assert "1:0" not in shown(app) and "not what they paid" in shown(app) + str(
        [w.value for w in app.warning]
    )


def test_what_a_channel_lacks_is_said_as_in_its_verdict(open_page, brand):
    home = brand(costs=costs("Radio", "Posters"), leads=leads("Radio", "Organic"))
    said = shown(open_page(home, "overview"))
    assert "a month. Spend and leads, but no revenue. Add what the orders were worth" in said
    assert "a month. Spend, but no leads, orders or revenue of its own." in said
    assert "1 of 2 channels have leads or revenue" in said and "2 channels tested (5 planned)" in said
    assert "**Organic**" not in said and "– a month" not in said


def test_revenue_that_cost_nothing_is_told_under_the_card(open_page, brand):
    home = brand(costs=costs("Radio"), leads=leads("Radio", "Organic", revenue="600"))
    card = {m.label: m for m in open_page(home, "overview").metric}["Revenue so far"]
    assert card.value.startswith("¥12")
    assert card.delta == "¥6,000 from channels without cost"


def test_money_without_a_rate_is_no_spend_of_zero(open_page, brand):
    home = brand(costs=costs("Radio", currency="USD"))
    app = open_page(home, "overview")
    assert not app.exception
    assert app.title[0].value == "Your spend is in USD, which has no exchange rate yet."
    assert {m.label: m.value for m in app.metric}["Spend"] == "–"
    assert "3,000 USD of money in your files is not counted" in shown(app)
    link = next(e for e in app.main.get("page_link") if "exchange rate" in e.proto.label)
    assert "tab=currencies" in link.proto.query_string


def test_a_link_opens_the_currencies(open_page, brand, monkeypatch):
    asked = []
    monkeypatch.setattr("streamlit.tabs", _noting(asked))
    open_page(brand(costs=costs("Radio")), "settings", "zh")
    monkeypatch.setattr("pages.parts.state.asked_tab", lambda: "currencies")
    open_page(brand(), "settings", "zh")
    assert asked == [None, "货币"]


def _noting(asked: list[str | None]):
    import streamlit as st

    drawn = st.tabs

    def tabs(names, **more):
        asked.append(more.get("default"))
        return drawn(names, **more)

    return tabs


def test_leads_alone_ask_for_the_spend(open_page, brand):
    app = open_page(brand(leads=leads("Radio")), "overview")
    assert not app.exception
    assert app.title[0].value == "No spend is known yet: upload what the ads cost."
