"""Traps of two files, told with the texts platforms write: the same money at other levels, cuts and times."""

from __future__ import annotations

import itertools

import pytest

from channelopt.intake import read_export
from channelopt.ledger import Ledger, LedgerError
from tests.ledger.conftest import spend

CAMPAIGNS = "Day,Campaign name,Amount spent (CNY),Impressions,Link clicks\n"
SETS = "Day,Campaign name,Ad set name,Amount spent (CNY),Impressions,Link clicks\n"
BY_AGE = "Day,Campaign name,Age,Amount spent (CNY),Impressions,Link clicks\n"
BY_REGION = "Day,Campaign name,Region,Amount spent (CNY),Impressions,Link clicks\n"
ENGAGED = "Day,Campaign name,Amount spent (CNY),Leads\n"
CHINESE = "单日,广告系列名称,已花费金额 (CNY),展示次数,链接点击量\n"


def rows(*cells: tuple) -> str:
    return "".join(",".join(map(str, c)) + "\n" for c in cells)


def days(*names: tuple[str, ...], factor: float = 1.0, first: int = 1, last: int = 4) -> str:
    """Rows per day and name; the spend of a day is 100 shared by the names."""
    share = 100 * factor / len(names)
    return rows(
        *[
            (f"2026-03-0{d}", *n, round(share, 2), 1000 // len(names), 40 // len(names))
            for d in range(first, last)
            for n in names
        ]
    )


FILES = {
    "campaign.csv": CAMPAIGNS + days(("A",), ("B",)),
    "sets.csv": SETS + days(("A", "x"), ("A", "y"), ("B", "z"), ("B", "w")),
    "age.csv": BY_AGE + days(("A", "18-24"), ("A", "25-34"), ("B", "18-24"), ("B", "25-34")),
    "region.csv": BY_REGION + days(("A", "Hamburg"), ("A", "Kiel"), ("B", "Hamburg"), ("B", "Kiel")),
    "chinese.csv": CHINESE + days(("A",), ("B",)),
}


def read(text: str, name: str = "file.csv", **answers: object):
    return read_export(text.encode(), name, answers=answers)


@pytest.mark.parametrize("one,two", list(itertools.combinations(FILES, 2)))
def test_trap_03_the_same_spend_at_two_levels_counts_once(one, two):
    for order in ((one, two), (two, one)):
        with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
            for name in order:
                ledger.commit(read(FILES[name], name), "eve")
            assert spend(ledger, "meta_ads") == pytest.approx(300), order


def test_trap_03_all_cuts_of_one_account_in_any_order_count_once():
    for order in list(itertools.permutations(FILES))[::17]:
        with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
            for name in order:
                ledger.commit(read(FILES[name], name), "eve")
            by_day = ledger.daily(("day", "channel")).set_index("day")["spend"]
            assert by_day.tolist() == pytest.approx([100.0] * 3), order


def test_trap_03_another_set_of_columns_of_the_same_ads_does_not_add():
    preset = ENGAGED + rows(*[(f"2026-03-0{d}", n, 50, 2) for d in (1, 2, 3) for n in "AB"])
    with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
        ledger.commit(read(FILES["campaign.csv"], "delivery.csv"), "eve")
        ledger.commit(read(preset, "engagement.csv"), "eve")
        assert spend(ledger, "meta_ads") == pytest.approx(300)


def test_trap_04_an_overlapping_later_export_replaces_its_days():
    with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
        ledger.commit(read(CAMPAIGNS + days(("A",), ("B",), first=1, last=4), "first.csv"), "eve")
        ledger.commit(
            read(CAMPAIGNS + days(("A",), ("B",), factor=1.02, first=3, last=6), "later.csv"), "eve"
        )
        by_day = ledger.daily(("day", "channel")).set_index("day")["spend"]
        assert by_day.tolist() == pytest.approx([100, 100, 102, 102, 102])


def test_trap_04_a_file_with_its_total_row_is_the_file_without_it():
    total = rows(("", "", 300, 3000, 120))
    with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
        ledger.commit(read(FILES["campaign.csv"], "plain.csv"), "eve")
        ledger.commit(read(FILES["campaign.csv"] + total, "total.csv"), "eve")
        assert spend(ledger, "meta_ads") == pytest.approx(300)


def test_trap_02_a_partial_report_does_not_become_the_spend():
    part = CAMPAIGNS + days(("A",), factor=0.3) + rows(("", "", 300, 3000, 120))
    with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
        ledger.commit(read(FILES["campaign.csv"], "whole.csv"), "eve")
        try:
            ledger.commit(read(part, "part.csv"), "eve")
        except LedgerError as error:
            assert error.template != error.code
        assert spend(ledger, "meta_ads") == pytest.approx(300)


def test_trap_06_leads_on_two_clocks_do_not_add():
    head = "日期,推广计划,展现,点击,消费,{clock}\n"
    body = rows(*[(f"2026-03-0{d}", "甲", 1000, 40, 100, 5) for d in (1, 2, 3)])
    with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
        ledger.commit(read(head.format(clock="表单提交成功量") + body, "clicks.csv"), "eve")
        ledger.commit(read(head.format(clock="表单提交成功量（转化时间）") + body, "later.csv"), "eve")
        figures = ledger.daily(("channel",)).iloc[0]
        assert (figures["spend"], figures["platform_leads"]) == (300, 15)


def test_trap_12_a_month_in_one_row_does_not_add_to_its_days():
    month = "Reporting starts,Reporting ends,Campaign name,Amount spent (CNY)\n2026-03-01,2026-03-31,A,900\n"
    for order in ((month, FILES["campaign.csv"]), (FILES["campaign.csv"], month)):
        with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
            for n, text in enumerate(order):
                ledger.commit(read(text, f"{n}.csv"), "eve")
            assert spend(ledger, "meta_ads") == pytest.approx(300)


def test_trap_19_the_same_export_in_another_encoding_counts_once():
    with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
        for codec in ("utf-8", "utf-16", "utf-8-sig"):
            ledger.commit(read_export(FILES["campaign.csv"].encode(codec), f"{codec}.csv"), "eve")
        assert spend(ledger, "meta_ads") == pytest.approx(300)


def test_trap_20_renamed_campaigns_do_not_double_a_day():
    with Ledger.open(":memory:", name="brand", currency="CNY") as ledger:
        ledger.commit(read(FILES["campaign.csv"], "before.csv"), "eve")
        renamed = CAMPAIGNS + days(("A - spring ",), ("Ｂ",))
        ledger.commit(read(renamed, "after.csv"), "eve")
        assert spend(ledger, "meta_ads") == pytest.approx(300)
