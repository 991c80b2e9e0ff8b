"""The paths view: its finding, what it says without a log, and the model in force."""

from __future__ import annotations

from dataclasses import replace

from channelopt.ledger import Ledger


def test_the_demo_says_whose_verdict_depends_on_the_credit(open_page, demo_home):
    app = open_page(demo_home, "diagnosis", view="paths")
    assert not app.exception
    assert "Baidu" in app.subheader[0].value and "credit" in app.subheader[0].value
    assert any("stays or goes" in m.value for m in app.markdown)


def test_without_a_touch_log_the_page_says_what_to_add(open_page, tmp_path):
    with Ledger.open(tmp_path / "my-brand") as ledger:
        text = b"date,channel,spend,orders,revenue\n2026-03-01,baidu,100,4,300\n"
        ledger.commit(ledger.read(text, "a.csv", answers={"currency": "CNY"}), "me")
    app = open_page(tmp_path, "diagnosis", view="paths")
    assert not app.exception
    assert "No touch log yet" in app.subheader[0].value


def test_the_model_chosen_in_settings_is_in_force_everywhere(open_page, tmp_path, put_demo):
    with Ledger.open(put_demo(tmp_path) / "demo") as ledger:
        ledger.save_policy(replace(ledger.policy, attribution="first"), "me")
    app = open_page(tmp_path, "diagnosis", view="why", channel="baidu")
    assert not app.exception
    assert "Brought back 1.1" in " ".join(m.value for m in app.markdown).replace("\\", "")
    app = open_page(tmp_path, "diagnosis", view="paths")
    assert not app.exception
