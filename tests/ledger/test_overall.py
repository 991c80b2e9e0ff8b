"""Results of the whole business: counted once, undone as others are, and never part of any channel."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from channelopt.fields import SPEND_COLUMNS, SPEND_FIELDS
from channelopt.ledger import Ledger
from channelopt.plan.diagnosis import diagnose
from tests.ledger.conftest import START, at, make, same, spend, spend_read, spend_rows


def rows(days=3, each=1000.0, start=0, length=1, **more):
    made = []
    for d in range(days):
        first = START + dt.timedelta(days=start + d * length)
        one = {"day": first, "platform": "overall", "channel": "", "currency": "CNY", "revenue": each, **more}
        made.append(one | ({"day_end": first + dt.timedelta(days=length - 1)} if length > 1 else {}))
    return made


def read(found, **about):
    return make(found, "overall", SPEND_COLUMNS, SPEND_FIELDS, platform="overall", **about)


def test_it_is_known_and_no_channel_has_it(ledger):
    ledger.commit(spend_read(spend_rows()), "eve")
    before, verdicts = ledger.daily(), diagnose(ledger).verdicts
    commit = ledger.commit(read(rows(customers=5.0)), "eve")
    assert (commit.added, commit.replaced, commit.spend_after) == (3, 0, 0.0)
    found = ledger.overall()
    assert list(found.columns) == ["day", "day_end", "leads", "customers", "revenue"]
    assert found["revenue"].tolist() == [1000.0] * 3 and found["customers"].tolist() == [5.0] * 3
    assert found["leads"].isna().all() and found["day_end"].isna().all()
    same(ledger.daily(), before)
    assert list(ledger.channels()["channel"]) == ["baidu"]
    same(diagnose(ledger).verdicts.drop(columns="reasons"), verdicts.drop(columns="reasons"))
    assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]


def test_undo_and_redo(ledger):
    number = ledger.commit(read(rows()), "eve").id
    ledger.undo(number, "eve")
    assert ledger.overall().empty
    ledger.redo(number, "eve")
    assert ledger.overall()["revenue"].sum() == 3000


def test_a_newer_report_replaces_its_days_even_where_refunds_made_it_less(ledger):
    ledger.commit(read(rows(each=1000.0), generated_at=at(3), name="old.csv"), "eve")
    commit = ledger.commit(read(rows(each=900.0, start=1), generated_at=at(9), name="new.csv"), "eve")
    assert not commit.findings and commit.replaced == 2
    assert ledger.overall()["revenue"].tolist() == [1000.0, 900.0, 900.0, 900.0]


def test_a_newer_file_without_revenue_leaves_the_revenue(ledger):
    ledger.commit(read(rows(), generated_at=at(3), name="revenue.csv"), "eve")
    orders = read(rows(revenue=np.nan, customers=5.0), generated_at=at(9), name="orders.csv")
    commit = ledger.commit(orders, "eve")
    assert (commit.added, commit.replaced, commit.unchanged, commit.findings) == (3, 0, 0, ())
    found = ledger.overall()
    assert found["revenue"].tolist() == [1000.0] * 3 and found["customers"].tolist() == [5.0] * 3
    ledger.undo(1, "eve")
    assert ledger.overall()["revenue"].isna().all() and ledger.overall()["customers"].sum() == 15


def test_two_shops_without_names_are_asked_and_add_up_once_named(ledger):
    ledger.commit(read(rows(each=1000.0), generated_at=at(3), name="tmall.csv"), "eve")
    other = read(rows(each=300.0), generated_at=at(4), name="jd.csv")
    asked = ledger.commit(other, "eve").findings
    assert [f.code for f in asked] == ["ledger.overall_disagree"] and asked[0].severity == "question"
    assert ledger.overall()["revenue"].sum() == 900  # one of them, not both, until it is said
    ledger.commit(other, "eve", account="jd")
    first = read(rows(each=1000.0), generated_at=at(3), name="tmall.csv")
    assert not ledger.commit(first, "eve", account="tmall").findings
    assert ledger.overall()["revenue"].sum() == 3900


def test_days_come_before_sums_of_months(ledger):
    ledger.commit(read(rows(days=1, each=31_000.0, length=31), name="month.csv"), "eve")
    assert ledger.overall()["revenue"].tolist() == [31_000.0]
    commit = ledger.commit(read(rows(days=31), name="days.csv"), "eve")
    assert ledger.overall()["revenue"].sum() == 31_000 and len(ledger.overall()) == 31
    assert [f.code for f in commit.findings] == ["ledger.period_hidden"]


def test_money_without_a_rate_is_told_and_counts_once_there_is_one(ledger):
    commit = ledger.commit(read(rows(currency="USD"), currency="USD"), "eve")
    assert [f.code for f in commit.findings] == ["ledger.no_rate"]
    assert commit.findings[0].params["spend"] == 3000
    assert ledger.overall()["revenue"].isna().all()
    assert {f.code for f in ledger.findings()} == {"ledger.no_rate"}
    ledger.set_rate("USD", 7.0, "eve")
    assert ledger.overall()["revenue"].sum() == 21_000 and not ledger.findings()


def test_counts_need_no_currency(ledger):
    found = read(rows(currency="", revenue=np.nan, customers=4.0), currency=None)
    assert not ledger.commit(found, "eve").findings
    assert ledger.overall()["customers"].sum() == 12 and not ledger.findings()


def test_results_of_other_days_than_the_spend_are_told(ledger):
    ledger.commit(spend_read(spend_rows()), "eve")
    ledger.commit(read(rows(start=100)), "eve")
    (told,) = ledger.findings()
    assert (told.severity, told.code) == ("warning", "ledger.overall_apart")
    assert told.params["first"] == START + dt.timedelta(days=100)
    ledger.commit(read(rows(start=2), name="more.csv"), "eve")
    assert not ledger.findings()


def test_a_file_that_explains_too_little_of_its_total_waits(ledger):
    commit = ledger.commit(read(rows(), explained=0.5), "eve")
    assert [f.code for f in commit.findings] == ["ledger.partial"] and ledger.overall().empty
    ledger.commit(read(rows(), explained=0.5), "eve", accept_partial=True)
    assert ledger.overall()["revenue"].sum() == 3000


@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(1, 5), st.sampled_from([800.0, 1000.0]), st.integers(1, 9)),
        min_size=2, max_size=3, unique_by=lambda one: one[3],
    )
)  # fmt: skip
def test_the_order_of_the_files_does_not_matter(files):
    reads = [read(rows(days=n, each=e, start=s), generated_at=at(d), name=f"{d}.csv") for s, n, e, d in files]
    seen = []
    for order in itertools.permutations(reads):
        with Ledger.open(":memory:") as one:
            one.commit(spend_read(spend_rows()), "eve")
            for found in order:
                one.commit(found, "eve")
            assert spend(one) == 30
            seen.append(one.overall())
    for other in seen[1:]:
        pd.testing.assert_frame_equal(seen[0], other)


def test_the_files_behind_it_can_be_traced(ledger):
    ledger.commit(read(rows(), name="till.csv"), "eve")
    assert ledger.behind("overall")["name"].tolist() == ["till.csv"]
    assert ledger.rows_behind("overall", "overall_revenue")["revenue"].sum() == pytest.approx(3000)
