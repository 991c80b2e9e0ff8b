"""The steps view, without a browser."""

import pytest

from channelopt.ledger import Ledger


def text(app):
    parts = (*app.markdown, *app.subheader, *app.caption)
    return " ".join(part.value for part in parts).replace("\\", "").replace("\u2060", "")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_view_leads_with_the_step_and_shows_one_channel(open_page, demo_home, lang):
    app = open_page(demo_home, "diagnosis", lang, view="steps", channel="meta_ads")
    assert not app.exception
    assert "19%" in app.subheader[0].value and "44%" in app.subheader[0].value
    assert "79.0%" in text(app)  # bounces of Meta
    assert len(app.get("plotly_chart")) == 3
    assert len(app.expander) == 1 and len(app.dataframe) == 1


def test_days_out_of_range_carry_their_reason(open_page, demo_home):
    shown = text(open_page(demo_home, "diagnosis", view="steps", channel="google_ads"))
    assert "of 184 points lie outside" in shown
    assert "Apr 24, 2026" in shown and "16% cheaper because being seen cost 16% less" in shown


def test_a_channel_without_clicks_says_so(open_page, demo_home):
    app = open_page(demo_home, "diagnosis", view="steps", channel="offline")
    assert not app.exception
    assert "a click has no price" in text(app) and "No file says how long its visits last" in text(app)


def test_nothing_to_compare(open_page, tmp_path):
    with Ledger.open(tmp_path / "my-brand", name="my-brand", currency="CNY") as ledger:
        table = "date,channel,cost,currency\n" + "\n".join(
            f"2026-01-{d:02d},Radio,10,CNY" for d in range(1, 20)
        )
        ledger.commit(ledger.read(table.encode(), "radio.csv"), by="x")
    app = open_page(tmp_path, "diagnosis", view="steps")
    assert not app.exception
    assert "No two stages in a row" in text(app)
