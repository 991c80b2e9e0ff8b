"""Numbers and sentences in both languages, and catalogues without a gap."""

import datetime as dt
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import translations

from channelopt.errors import Finding
from pages.parts import language, say, state
from pages.parts.later import later


@pytest.fixture(params=["en", "zh"])
def lang(request, monkeypatch):
    monkeypatch.setitem(st.session_state, "lang", request.param)
    return request.param


def test_every_sentence_is_translated():
    assert translations.untranslated("zh_CN") == []


def test_every_translation_keeps_the_parameters():
    from string import Formatter

    def fields(text):
        return sorted(
            (name, spec) for _, name, spec, _ in Formatter().parse(text) if name and "plural" not in spec
        )

    for message in translations.merged("zh_CN"):
        if message.id:
            assert fields(message.string) == fields(message.id), message.id


def test_money_is_written_as_the_reader_writes_it(lang):
    assert language.money(10.2, "CNY") == "¥10.20"
    assert language.money(1234567, "CNY", compact=True) == {"en": "¥1.23M", "zh": "¥123.46万"}[lang]
    assert language.money(2565.93, "USD") == "$2,566" if lang == "en" else True
    assert language.money(264.12, "CNY", whole=True) == "¥264" and language.money(26.4, "CNY") == "¥26.40"
    assert language.money(0, "CNY", whole=True) == "¥0" and language.money(-0.0, "CNY") == "¥0.00"
    assert language.money(float("nan"), "CNY") == "–"


def test_multiples_have_at_most_three_significant_digits(lang):
    assert language.multiple(2.414) == "2.41"
    assert language.multiple(12.34) == "12.3"
    assert language.roi(2.0) == "1:2"
    assert language.roi(float("inf")) == "–"


def test_one_is_not_many():
    from channelopt.errors import PLAIN

    template = "{n:count} {n:plural:row|rows}"
    assert PLAIN.vformat(template, (), {"n": 1}) == "1 row"
    assert PLAIN.vformat(template, (), {"n": 2}) == "2 rows"
    assert language.WORDS.vformat(template, (), {"n": 1}) == "1 row"


@pytest.mark.parametrize(
    ("objective", "en", "zh"),
    [
        ("revenue", "would bring ¥1,223 more revenue over 28 days", "28 天可多得 ¥1,223 收入"),
        ("leads", "would bring 1,223 more leads over 28 days", "28 天可多得 1,223 线索"),
    ],
)
def test_an_amount_is_money_where_the_outcome_is(lang, monkeypatch, objective, en, zh):
    monkeypatch.setitem(st.session_state, "currency", "CNY")
    monkeypatch.setattr(say.cache, "labels", dict)
    params = {"channel": "Radio", "high": 2778.0, "by": 277.79, "gain": 1223.4, "days": 28}
    params["objective"] = objective
    said = say.say(Finding("info", "plan.why_step_high", params))
    assert {"en": en, "zh": zh}[lang] in said


def test_an_amount_nobody_knows_is_unknown(lang):
    nothing = language.t("{gain:amount} more", gain=float("nan"), in_money=True)
    assert nothing.startswith({"en": "unknown", "zh": "未知"}[lang])


def test_a_file_made_on_a_click_is_made_for_the_page_that_offers_it(lang, monkeypatch):
    for key, value in (("currency", "USD"), ("workspace", "b")):
        monkeypatch.setitem(st.session_state, key, value)

    def make():
        money = language.money(1234, language.current_currency())
        return f"{money} {state.current_workspace()} {language.t('Channel')}".encode()

    here, offered = make(), later(make)
    for key in ("currency", "workspace", "lang"):  # Streamlit makes it outside of any session
        monkeypatch.delitem(st.session_state, key)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(offered).result() == here
    assert b"1,234 b" in here


def test_days_and_names_are_written_as_the_reader_writes_them(lang):
    first, last = dt.date(2026, 9, 1), dt.date(2026, 9, 28)
    assert language.days(first, last) == {"en": "Sep 1 – Sep 28, 2026", "zh": "2026年9月1日 – 9月28日"}[lang]
    turn = language.days(dt.date(2026, 12, 20), dt.date(2027, 1, 16))
    assert turn == {"en": "Dec 20, 2026 – Jan 16, 2027", "zh": "2026年12月20日 – 2027年1月16日"}[lang]
    assert language.listed(["a", "b"]) == {"en": "a, b", "zh": "a、b"}[lang]
