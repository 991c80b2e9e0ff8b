"""Every question the library can ask has its answer on the page."""

from __future__ import annotations

from channelopt.intake import mappable_fields
from pages.parts.upload.questions import ANSWERS, CONFIRMS, NEEDS
from tests.test_cli import NOT_ASKED, question_codes

#: Answered elsewhere: exchange rates in Settings, account names by two buttons on Upload.
ELSEWHERE = {"ledger.no_rate", "ledger.same_money"}


def test_every_question_has_a_field():
    assert set(question_codes()) - NOT_ASKED - ELSEWHERE - set(NEEDS) == set()
    assert {answer for needed in NEEDS.values() for answer in needed} <= set(ANSWERS)
    assert set(CONFIRMS) <= set(NEEDS)


def test_units_can_be_pointed_to():
    assert {"spend", "spend_cents", "spend_micros"} <= set(mappable_fields("spend"))
