"""Results of all channels together: recognised where nothing of ads stands, asked where that is not sure."""

from __future__ import annotations

import pandas as pd
import pytest

from channelopt.intake import IntakeError, Read, platforms, read_export


def read(text: str, name: str = "report.csv", **answers: object) -> Read:
    return read_export(text.encode(), name, answers=answers, hash_key=b"k")


def codes(found: Read) -> set[str]:
    return {f.code for f in found.findings}


SHOPIFY = (
    "Day,Orders,Gross sales,Discounts,Returns,Net sales,Shipping,Taxes,Total sales\n"
    "2026-03-01,10,1000,-10,-5,985,10,20,1015\n"
    "2026-03-02,12,1200,-10,-5,1185,10,20,1215\n"
)


SHOP = (
    "统计日期,支付金额,支付买家数,支付子订单数,访客数\n"
    "2026-03-01,100.5,9,10,80\n"
    "2026-03-02,99.5,8,10,70\n"
)
ORDERS = "下单时间,订单号,实付金额\n" + "".join(f"2026-03-01 1{i}:00:00,{i},9\n" for i in range(9))


@pytest.mark.parametrize(
    ("text", "revenue", "customers", "leads"),
    [
        ("date,revenue\n2026-03-01,1000\n2026-03-02,1200\n", 2200, None, None),
        ("日期,线索数,收入\n2026-03-01,10,1000\n2026-03-02,12,1200\n", 2200, None, 22),
        (SHOP, 200, 20, None),
        ("date,sessions,orders,sales ($)\n2026-03-01,900,3,50\n2026-03-02,800,4,60\n", 110, 7, None),
        ("day,leads\n2026-03-01,4\n2026-03-02,6\n", None, None, 10),
        (SHOPIFY, 2170, 22, None),
    ],
)  # fmt: skip
def test_a_table_of_results_is_read_as_overall(text, revenue, customers, leads) -> None:
    found = read(text, currency="USD") if "$" not in text else read(text)
    assert (found.kind, found.platform, found.questions) == ("overall", "overall", ())
    assert "intake.taken_as_overall" in codes(found)
    assert set(found.rows["channel"]) == {""} and found.rows["spend"].isna().all()
    sums = found.rows[["revenue", "customers", "leads"]].sum(min_count=1)
    for name, want in (("revenue", revenue), ("customers", customers), ("leads", leads)):
        assert pd.isna(sums[name]) if want is None else sums[name] == pytest.approx(want)


def test_net_sales_come_before_gross_and_the_others_are_told() -> None:
    told = next(f for f in read(SHOPIFY).findings if f.code == "intake.one_definition")
    assert told.params["used"] == "Net sales" and "Total sales" in told.params["others"]


def test_the_currency_is_asked_where_nothing_says_it() -> None:
    assert [q.code for q in read("date,revenue\n2026-03-01,1000\n").questions] == ["intake.which_currency"]
    chinese = read("日期,营业额\n2026-03-01,1000\n")
    assert chinese.currency == "CNY" and "intake.assumed_currency" in codes(chinese)
    counts = read("date,orders\n2026-03-01,10\n")
    assert counts.currency is None and not counts.questions  # no money, nothing to ask


def test_months_and_shops() -> None:
    lines = "2026-01,天猫,1000\n2026-01,京东,500\n2026-02,天猫,900\n2026-02,京东,400\n"
    found = read("月份,店铺,营业额(元)\n" + lines)
    assert found.kind == "overall" and set(found.rows["account"]) == {"天猫", "京东"}
    assert (found.rows["day_end"] > found.rows["day"]).all() and found.currency == "CNY"


def test_many_shops_in_one_table() -> None:
    lines = "".join(f"2026-03-0{d},店{n},{100 * n}\n" for d in (1, 2, 3) for n in range(1, 6))
    found = read("日期,店铺,营业额\n" + lines)
    assert found.kind == "overall" and found.rows["revenue"].sum() == 4500


def test_its_own_total_is_a_check_and_no_data() -> None:
    text = "日期,营业额,订单数\n2026-03-01,1000,5\n2026-03-02,1200,6\n合计,{total},11\n"
    fits = read(text.format(total=2200))
    assert len(fits.rows) == 2 and fits.explained == 1 and "intake.lead_totals_left_out" in codes(fits)
    differs = read(text.format(total=2500))
    told = next(f for f in differs.findings if f.code == "intake.test_totals_differ")
    assert told.params == {"field": "revenue", "rows": 2200.0, "total": 2500.0}
    assert differs.explained == pytest.approx(0.88)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("date,revenue\n2026-03-01,1000\n2026-03-02,1200\n", "抖音.csv"),  # one platform's own results?
        (ORDERS, "orders.csv"),
    ],
)
def test_what_may_be_something_else_is_asked_and_can_be_answered(text: str, name: str) -> None:
    with pytest.raises(IntakeError) as error:
        read(text, name)
    assert error.value.code in ("intake.only_outcomes", "intake.which_spend")
    found = read(text, name, kind="overall", currency="CNY")
    assert found.kind == "overall" and found.rows["revenue"].sum() > 0


def test_a_list_of_orders_keeps_no_phone_numbers() -> None:
    lines = "2026-03-01 10:00:00,1,100,13800138000\n2026-03-02 11:00:00,2,50,13900139000\n"
    found = read("支付时间,订单号,实付金额,手机号\n" + lines, kind="overall")
    assert found.rows["revenue"].sum() == 150 and b"13800138000" not in found.content
    assert "intake.people_left_out" in codes(found)


@pytest.mark.parametrize(
    "text",
    [
        "date,revenue,impressions,clicks\n2026-03-01,1000,5,2\n",  # an ad report without its spend
        "date,channel,revenue\n2026-03-01,Google,1000\n",  # results by channel
        "date,campaign,revenue\n2026-03-01,brand,1000\n",
    ],
)
def test_what_is_about_ads_is_not_taken_for_overall(text: str) -> None:
    with pytest.raises(IntakeError) as error:
        read(text)
    assert error.value.code == "intake.which_spend"


def test_without_any_result_it_is_refused() -> None:
    with pytest.raises(IntakeError) as error:
        read("date,visits\n2026-03-01,1000\n", kind="overall")
    assert error.value.code == "intake.no_result"


def test_a_channel_named_by_the_reader_is_no_overall() -> None:
    with pytest.raises(IntakeError) as error:
        read("date,revenue\n2026-03-01,1000\n", channel="Google Ads")
    assert error.value.code == "intake.only_outcomes"


def test_no_other_platform_knows_it_by_its_words() -> None:
    overall = platforms()["overall"]
    assert not overall.signature  # nothing is recognised as it by headers that ad reports share
