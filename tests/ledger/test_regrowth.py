"""Days that came in twice: how their outcomes grew, and that a diagnosis without lead dates allows for it."""

import pandas as pd
import pytest

from channelopt.ledger import Ledger
from channelopt.plan.diagnosis import diagnose


def export(first: str, last: str, share: float = 0.5, made: str | None = None) -> bytes:
    """Spend of 100 and, when all is reported, revenue of 600 a day; the last seven days show a part."""
    days = pd.date_range(first, last)
    lines = ["date,channel,account,spend,clicks,orders,revenue"]
    for at, day in enumerate(days[::-1]):
        part = 1.0 if at >= 7 else share + (1 - share) * at / 7
        lines.append(f"{day:%F},baidu,main,100,50,{12 * part:.0f},{600 * part:.2f}")
    return ("\n".join(lines) + "\n").encode()


def filled(*spans: tuple[str, str]) -> Ledger:
    ledger = Ledger.open(":memory:")
    for number, span in enumerate(spans):
        read = ledger.read(export(*span), f"{number}.csv", answers={"currency": "CNY"})
        ledger.commit(read, "me")
    return ledger


SPANS = (("2026-03-01", "2026-03-28"), ("2026-03-08", "2026-04-04"), ("2026-03-15", "2026-04-11"))


def test_the_pairs_are_those_of_the_files():
    with filled(*SPANS) as ledger:
        grown = ledger.regrowth()
    assert str(grown.as_of) == "2026-04-11"
    last = grown.pairs[grown.pairs["day"] == "2026-03-28"]
    assert last[["age_from", "age_to"]].to_numpy().tolist() == [[0, 7], [7, 14]]
    assert last["revenue_from"].tolist() == [300.0, 600.0] and last["revenue"].tolist() == [600.0, 600.0]
    assert len(grown.pairs) == 21 + 21


def test_files_of_another_spend_and_undone_ones_are_no_pair():
    with filled(*SPANS[:2]) as ledger:
        assert len(ledger.regrowth().pairs) == 21
        ledger.undo(1, "me")
        assert ledger.regrowth().pairs.empty
        other = export("2026-03-08", "2026-04-11").replace(b",100,", b",50,")
        ledger.commit(ledger.read(other, "half.csv", answers={"currency": "CNY"}), "me", accept_partial=True)
        assert ledger.regrowth().pairs.empty


def test_the_diagnosis_adds_what_is_still_to_be_reported():
    with filled(*SPANS) as ledger:
        found = diagnose(ledger)
    row = found.verdicts.iloc[0]
    assert row["roi"] > row["roi_as_seen"]
    assert row["roi"] == pytest.approx(6.0, rel=0.03)
    assert "plan.filling_in" in [f.code for f in found.findings]
    assert "plan.no_delay" not in [f.code for f in found.findings]


def test_one_file_only_says_that_recent_days_may_improve():
    with filled(SPANS[0]) as ledger:
        assert "plan.no_delay" in [f.code for f in diagnose(ledger).findings]
