"""Test rows in the ledger: the same test counts once in any order, undo is exact, channels do not move."""

from __future__ import annotations

import functools

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from channelopt.fields import VARIANT_COLUMNS
from channelopt.intake import read_export
from channelopt.ledger import Ledger, LedgerError
from tests.ledger.conftest import same

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
KEY = b"k" * 32
DAYS = "date,experiment,variant,impressions,clicks,leads\n"
REGIONS = "date,experiment,region,variant,leads,customers\n"
PEOPLE = "user_id,experiment,variant,joined_at,converted\n"
WHOLE = "experiment,variant,visitors,conversions\n"


def days(first=1, last=4, test="hero", more=0, variants="AB"):
    return DAYS + "".join(
        f"2026-03-{d:02d},{test},{v},{1000 + d},{50 + d + more},{5 + more}\n"
        for d in range(first, last + 1)
        for v in variants
    )


def regions(last=3, test="geo", more=0):
    return REGIONS + "".join(
        f"2026-03-{d:02d},{test},{r},{v},{d + more},{more}\n"
        for d in range(1, last + 1)
        for r, v in (("Beijing", "test"), ("Shanghai", "control"))
    )


def people(first=1, last=6, test="hero", more=0):
    return PEOPLE + "".join(
        f"u{i},{test},{'AB'[i % 2]},2026-03-{i:02d},{int(i % 3 == 0 or i <= more)}\n"
        for i in range(first, last + 1)
    )


def whole(test="hero", more=0):
    return WHOLE + f"{test},A,{1000 + more},{50 + more}\n{test},B,{1010 + more},{60 + more}\n"


def put(ledger, text, name="file.csv", **answers):
    return ledger.commit(ledger.read(text.encode(), name, answers=answers), "eve")


#: One file each: overlaps, corrections, other shapes and other tests.
FILES = (
    ("a.csv", days(1, 4)), ("b.csv", days(3, 6, more=1)), ("c.csv", days(1, 4, more=2)),
    ("d.csv", days(2, 5, test="other")), ("e.csv", days(1, 6, variants="A")),
    ("f.csv", people(1, 5)), ("g.csv", people(3, 8, more=4)), ("h.csv", people(1, 8, test="other")),
    ("i_20260310.csv", whole("old")), ("i_20260312.csv", whole("old", more=9)), ("k.csv", whole("other")),
    ("l.csv", regions(3)), ("m.csv", regions(4, more=2)),
)  # fmt: skip


@functools.lru_cache
def opened(at):
    name, text = FILES[at]
    return read_export(text.encode(), name, hash_key=KEY)


@pytest.fixture
def one_key(monkeypatch):
    """All workspaces of a test code people alike, so that their rows can be compared."""
    monkeypatch.setattr("channelopt.ledger.ledger.people_key", lambda store: KEY)
    monkeypatch.setattr("channelopt.ledger.people.people_key", lambda store: KEY)


def test_any_order_and_any_repetition_give_the_same_rows(one_key):
    @settings(max_examples=8, deadline=None, phases=QUICK)
    @given(
        st.lists(st.integers(0, len(FILES) - 1), min_size=1, max_size=4),
        st.randoms(use_true_random=False),
        st.lists(st.integers(0, len(FILES) - 1), max_size=2),
    )
    def check(places, shuffle, undone):
        plain_order = sorted(set(places))
        fire_order = [*places, *undone]
        shuffle.shuffle(fire_order)
        with Ledger.open(":memory:") as plain, Ledger.open(":memory:") as fire:
            for at in plain_order:
                plain.commit(opened(at), "eve")
            ids = {at: fire.commit(opened(at), "eve").id for at in fire_order}
            for at in set(undone) - set(places):
                fire.undo(ids[at], "eve")
            for at in places[:1]:
                fire.undo(ids[at], "eve")
                fire.redo(ids[at], "eve")
            same(fire.variant_rows(), plain.variant_rows())
            same(fire.variant_tables(), plain.variant_tables())
            assert [f.code for f in fire.doctor()] == ["ledger.healthy"]

    check()


def test_all_files_forwards_backwards_and_twice_are_one_truth(one_key):
    found = []
    for order in (range(len(FILES)), [*reversed(range(len(FILES))), 0, 3, 7]):
        with Ledger.open(":memory:") as ledger:
            for at in order:
                ledger.commit(opened(at), "eve")
            found.append((ledger.variant_rows(), ledger.variant_tables()))
    same(found[0][0], found[1][0])
    same(found[0][1], found[1][1])
    assert found[0][1]["experiment"].tolist() == ["geo", "hero", "old", "other"]


def test_every_cell_is_what_one_file_says(one_key):
    """A second road: for each test the finest shape, and per day or person the newest file, by hand."""
    with Ledger.open(":memory:") as ledger:
        for at in (4, 2, 0, 1):  # e: days 1-6 of A only; c corrects a; b goes further than both
            ledger.commit(opened(at), "eve")
        rows = ledger.variant_rows("hero")
    by_day = rows.groupby(rows["day"].dt.day)["clicks"].sum()
    assert by_day.to_dict() == {
        1: 51.0, 2: 52.0, 3: 2 * 54.0, 4: 2 * 55.0, 5: 2 * 56.0, 6: 2 * 57.0,
    }, "days 1 and 2 from e (newest there, A only), 3 to 6 from b (as new, and it counted more)"  # fmt: skip


def test_the_newest_export_of_each_day_counts_and_the_change_is_measured():
    with Ledger.open(":memory:") as ledger:
        first = put(ledger, days(1, 4), "a.csv")
        assert (first.added, first.replaced, first.unchanged) == (8, 0, 0)
        second = put(ledger, days(3, 6, more=1), "b.csv")
        assert (second.added, second.replaced, second.unchanged) == (4, 4, 0)
        late = put(ledger, days(1, 2, more=7), "old.csv")
        assert (late.added, late.replaced, late.unchanged) == (0, 0, 4), "an older export changes nothing"
        rows = ledger.variant_rows("hero")
        assert len(rows) == 12 and rows["leads"].sum() == 4 * 5 + 8 * 6
        table = ledger.variant_tables().iloc[0]
        assert (table["experiment"], table["n_rows"], table["variants"]) == ("hero", 12, ("A", "B"))
        assert (table["regions"], table["has_persons"]) == ((), False)
        assert table["imports"] == ("a.csv", "b.csv")
        assert (str(table["day_first"])[:10], str(table["day_last"])[:10]) == ("2026-03-01", "2026-03-06")


def test_undo_is_exact():
    with Ledger.open(":memory:") as ledger:
        put(ledger, days(1, 4), "a.csv")
        before = ledger.variant_rows()
        for text in (days(3, 6, more=1), people(), whole(), regions()):
            number = put(ledger, text).id
            ledger.undo(number, "eve")
            same(ledger.variant_rows(), before)
            ledger.redo(number, "eve")
            ledger.undo(number, "eve")
        assert [f.code for f in ledger.doctor()] == ["ledger.healthy"]


def test_a_test_told_in_three_ways_counts_once_and_the_reader_may_prefer_another():
    with Ledger.open(":memory:") as ledger:
        put(ledger, whole(), "whole.csv")
        told = put(ledger, days(), "days.csv")
        assert [f.code for f in told.findings] == ["ledger.test_by_day"]
        told = put(ledger, people(), "people.csv")
        assert [f.code for f in told.findings] == ["ledger.test_by_person"]
        assert told.findings[0].params["names"] == "days.csv, whole.csv"
        assert ledger.variant_rows()["people"].sum() == 6 and len(ledger.variant_rows()) == 6
        read = ledger.read(days().encode(), "days.csv")
        told = ledger.commit(read, "eve", prefer=True)
        assert [f.code for f in told.findings] == ["ledger.test_by_day"]
        assert len(ledger.variant_rows()) == 8 and not ledger.variant_tables()["has_persons"].any()


def test_variants_that_the_newer_file_lacks_are_said():
    with Ledger.open(":memory:") as ledger:
        put(ledger, days(1, 4), "both.csv")
        told = put(ledger, days(3, 6, variants="A", more=1), "only_a.csv")
        assert [f.code for f in told.findings] == ["ledger.test_arms_hidden"]
        assert told.findings[0].params == {"experiment": "hero", "arms": "B", "kept": "only_a.csv", "days": 2}


def test_a_file_as_new_that_counted_less_is_said_and_may_be_preferred():
    with Ledger.open(":memory:") as ledger:
        put(ledger, days(1, 4, more=3), "full.csv")
        told = put(ledger, days(1, 4), "filtered.csv")
        assert [f.code for f in told.findings] == ["ledger.test_kept_fuller"]
        assert (told.added, told.replaced, told.unchanged) == (0, 0, 8)
        assert ledger.variant_rows()["leads"].sum() == 8 * 8
        again = ledger.commit(ledger.read(days(1, 4).encode(), "filtered.csv"), "eve", prefer=True)
        assert again.replaced == 8 and again.findings == ()
        assert ledger.variant_rows()["leads"].sum() == 8 * 5


def test_without_days_the_later_file_name_or_the_larger_count_wins():
    for order in ((0, 1), (1, 0)):
        texts = [("old_20260310.csv", whole("t", more=9)), ("new_20260312.csv", whole("t"))]
        with Ledger.open(":memory:") as ledger:
            for at in order:
                put(ledger, texts[at][1], texts[at][0])
            assert ledger.variant_rows("t")["people"].sum() == 2010, "the later day in the name"
        with Ledger.open(":memory:") as ledger:
            for at in order:
                put(ledger, texts[at][1], "result.csv")
            assert ledger.variant_rows("t")["people"].sum() == 2028, "counts of a test only grow"


def test_test_rows_never_add_to_channels():
    spend = (
        "date,channel,campaign,spend (CNY),clicks,leads\n"
        "2026-03-01,baidu,x,500,50,5\n2026-03-02,baidu,x,400,40,4\n"
    )
    tested = (
        "date,variant,spend (CNY),clicks,leads,customers,revenue\n"
        "2026-03-01,A,250,25,2,1,900\n2026-03-01,B,250,25,3,1,950\n"
    )
    geo = "date,region,spend (CNY),leads\n2026-03-02,Beijing,200,2\n2026-03-02,Shanghai,200,2\n"
    with Ledger.open(":memory:", currency="CNY") as ledger:
        put(ledger, spend, "spend.csv")
        before = {by: ledger.daily(by) for by in (("day", "channel"), ("campaign",), ("platform",))}
        costs, channels = ledger.cost_structure(), ledger.channels()
        for name, text in (("hero.csv", tested), ("geo.csv", geo), ("p.csv", people(test="o"))):
            told = put(ledger, text, name)
            assert (told.spend_before, told.spend_after, len(told.changes)) == (0, 0, 0)
        for by, frame in before.items():
            same(ledger.daily(by), frame)
        same(ledger.cost_structure(), costs)
        same(ledger.channels(), channels)
        assert ledger.findings() == () and ledger.variant_rows()["spend"].sum() == 900


def test_money_is_in_the_workspace_currency_or_unknown():
    text = "date,variant,clicks,revenue (USD)\n2026-03-01,A,5,10\n2026-03-01,B,6,20\n"
    with Ledger.open(":memory:", currency="CNY") as ledger:
        assert [f.code for f in put(ledger, text).findings] == ["ledger.test_no_rate"]
        rows = ledger.variant_rows()
        assert rows["revenue"].isna().all() and rows["clicks"].sum() == 11
        ledger.set_rate("USD", 7.0, by="eve")
        assert ledger.variant_rows()["revenue"].sum() == pytest.approx(210)


def test_the_answered_name_is_kept_and_the_file_read_again_replaces_itself():
    text = "date,variant,clicks\n2026-03-01,A,5\n2026-03-01,B,6\n"
    with Ledger.open(":memory:") as ledger:
        one = put(ledger, text, "result_20260301.csv")
        assert ledger.variant_tables()["experiment"].tolist() == ["result"]
        two = put(ledger, text, "result_20260301.csv", experiment="Hook")
        assert two.id == one.id and ledger.variant_tables()["experiment"].tolist() == ["Hook"]
        assert put(ledger, text, "result_20260301.csv", experiment="Hook").status == "unchanged"
        assert len(ledger.variant_rows()) == 2
        assert ledger.variant_rows("nothing").empty
        assert list(ledger.variant_rows("nothing").columns) == list(VARIANT_COLUMNS)


def test_people_coded_with_another_key_do_not_come_in(tmp_path):
    with Ledger.open(tmp_path / "a") as one, Ledger.open(tmp_path / "b") as other:
        with pytest.raises(LedgerError) as refusal:
            other.commit(one.read(people().encode(), "p.csv"), "me")
        assert refusal.value.code == "ledger.other_key"
        assert other.commit(one.read(days().encode(), "d.csv"), "me").added == 8, "sums name nobody"
        number = one.commit(one.read(people().encode(), "p.csv"), "me").id
        one.undo(number, "me")
        (tmp_path / "a" / "people.key").write_text("ab" * 32)
        with pytest.raises(LedgerError):
            one.redo(number, "me")


def test_no_name_is_anywhere_in_the_workspace(tmp_path):
    secrets = (b"13812345678", "李雷小宝".encode(), b"li.lei@example.com", b"v-4711-secret")
    head = "visitor_id,phone,email,姓名,variant,date,converted\n"
    line = "v-4711-secret,13812345678,li.lei@example.com,李雷小宝,A,2026-03-01,1\n"
    bad = "v-4711-secret,13812345678,li.lei@example.com,李雷小宝,A,李雷小宝,1\n"
    with Ledger.open(tmp_path / "w") as ledger:
        told = put(ledger, head + line + bad + "v2,,,,B,2026-03-01,0\n", "test.csv")
        assert ledger.rejected(told.id)["raw"].str.contains("李").sum() == 0
        kept = ledger.original(told.id)
    for secret in secrets:
        assert secret not in kept
    for path in (tmp_path / "w").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret in content for secret in secrets), path.name
