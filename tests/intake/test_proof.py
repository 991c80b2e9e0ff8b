"""The proof of the mapping: the file's own prices against the columns that were taken."""

from __future__ import annotations

import numpy as np
import pytest

from channelopt.intake import Read, read_export
from channelopt.intake.ratios import Ratio, fit

DAYS = [f"2026-03-0{i}" for i in range(1, 7)]
SPEND = [812.4, 455.15, 903.77, 120.08, 640.5, 333.33]
CLICKS = [101, 57, 98, 13, 77, 41]
VIEWS = [20_110, 9_870, 31_002, 2_244, 15_001, 8_020]


def read(text: str, **answers: object) -> Read:
    return read_export(text.encode(), "table.csv", answers=answers)


def finding(r: Read, code: str):
    return next((f for f in r.findings if f.code == code), None)


def codes(r: Read) -> set[str]:
    return {f.code for f in r.findings}


def table(header: str, *columns: list) -> str:
    rows = zip(DAYS, *columns, strict=True)
    return header + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


def cpc(factor: float = 1.0, clicks: list[int] = CLICKS) -> list[str]:
    return [f"{factor * s / c:.2f}" for s, c in zip(SPEND, clicks, strict=True)]


def cpm(factor: float = 1.0) -> list[str]:
    return [f"{1000 * factor * s / v:.2f}" for s, v in zip(SPEND, VIEWS, strict=True)]


def test_agreement_is_shown_with_its_numbers() -> None:
    ctr = [f"{100 * c / v:.2f}%" for c, v in zip(CLICKS, VIEWS, strict=True)]
    r = read(table("日期,消耗(元),展示数,点击数,平均点击单价(元),平均千次展现费用(元),点击率", SPEND,
                   VIEWS, CLICKS, cpc(),
                   cpm(), ctr))  # fmt: skip
    found = finding(r, "intake.mapping_proved")
    assert found.severity == "info" and found.params["share"] == 1.0 and found.params["n"] == 6
    assert found.params["ratios"] == "平均点击单价(元), 平均千次展现费用(元), 点击率"
    assert not r.questions


@pytest.mark.parametrize("scale", [1.0, 100.0], ids=["fraction", "percent"])
def test_a_ratio_may_be_a_fraction_or_a_percentage(scale: float) -> None:
    ctr = [f"{scale * c / v:.6f}" for c, v in zip(CLICKS, VIEWS, strict=True)]
    assert finding(
        read(table("日期,消耗(元),展示数,点击数,点击率", SPEND, VIEWS, CLICKS, ctr)), "intake.mapping_proved"
    )


def test_rounding_is_allowed_and_no_more() -> None:
    exact = Ratio("CPC", "cpc", np.array([1.99, 2.01, 3.33]), 2)
    spend, clicks = np.array([19.9, 40.2, 10.0]), np.array([10.0, 20.0, 3.0])
    assert fit(exact, spend, clicks).share == 1.0
    assert fit(Ratio("CPC", "cpc", exact.values * 1.02, 2), spend, clicks).share < 0.5
    coarse = fit(Ratio("CPC", "cpc", np.array([0.1]), 1), np.array([1.0]), np.array([8.0]))
    assert not coarse.known, "a price rounded away proves nothing"


@pytest.mark.parametrize(
    ("factor", "code", "answer"),
    [(1e-2, "intake.spend_in_cents", "spend_cents"), (1e-6, "intake.spend_in_micros", "spend_micros")],
)
def test_a_wrong_unit_is_a_question(factor: float, code: str, answer: str) -> None:
    raw = [round(s / factor) for s in SPEND]
    text = table(
        "日期,消耗,展示数,点击数,平均点击单价(元),平均千次展现费用(元)", raw, VIEWS, CLICKS, cpc(), cpm()
    )
    r = read(text, platform="oceanengine")
    assert [q.code for q in r.questions] == [code]
    assert r.questions[0].params["factor"] == pytest.approx(1 / factor)
    fixed = read(text, platform="oceanengine", mapping={"消耗": answer})
    assert not fixed.questions and fixed.rows["spend"].sum() == pytest.approx(sum(SPEND), abs=0.01)
    assert finding(fixed, "intake.mapping_proved")
    kept = read(text, platform="oceanengine", mapping={"消耗": "spend"})
    assert not kept.questions and finding(kept, code).severity == "warning", "the reader's word counts"


def test_an_odd_power_of_ten_is_a_question_too() -> None:
    text = table(
        "日期,消耗(元),展示数,点击数,平均点击单价(元)", [s * 1000 for s in SPEND], VIEWS, CLICKS, cpc()
    )
    assert [q.code for q in read(text).questions] == ["intake.spend_unit"]


@pytest.mark.parametrize("factor", [1.06, 1.13, 0.85])
def test_a_rebate_or_vat_is_named_with_its_factor(factor: float) -> None:
    r = read(table("日期,消耗(元),展示数,点击数,平均点击单价(元),平均千次展现费用(元)", SPEND, VIEWS, CLICKS,
                   cpc(factor),
                   cpm(factor)))  # fmt: skip
    found = finding(r, "intake.spend_other_basis")
    assert found.severity == "warning" and found.params["factor"] == pytest.approx(factor, abs=0.005)
    assert r.rows["spend"].sum() == pytest.approx(sum(SPEND))


def test_prices_worked_out_from_another_money_column_name_it() -> None:
    cash = [round(s * (0.6 + 0.05 * i), 2) for i, s in enumerate(SPEND)]
    price = [f"{s / c:.2f}" for s, c in zip(cash, CLICKS, strict=True)]
    r = read(
        table("日期,消耗(元),非赠款消耗,展示数,点击数,平均点击单价(元)", SPEND, cash, VIEWS, CLICKS, price)
    )
    found = finding(r, "intake.spend_price_other")
    assert found.params == {"headers": "平均点击单价(元)", "better": "非赠款消耗", "used": "消耗(元)"}
    assert r.rows["spend"].sum() == pytest.approx(sum(SPEND)), "the platform's spend stays the figure"


def test_another_click_column_is_named() -> None:
    acts = [c * 3 + i for i, c in enumerate(CLICKS)]
    head = "数据日期,花费（元）,封面曝光数,封面点击数,行为数,平均点击单价（元）,平均千次曝光花费（元）"
    r = read(table(head, SPEND, VIEWS, CLICKS, acts, cpc(1.0, acts), cpm()))
    found = finding(r, "intake.click_price_other")
    assert found.params == {"header": "平均点击单价（元）", "better": "行为数", "used": "封面点击数"}
    assert finding(r, "intake.mapping_proved").params["ratios"] == "平均千次曝光花费（元）"


def test_averaged_ratios_are_told_and_never_used() -> None:
    price = [
        f"{s / c * f:.2f}" for s, c, f in zip(SPEND, CLICKS, [1.2, 0.8, 1.1, 0.9, 1.3, 0.7], strict=True)
    ]
    r = read(
        table(
            "日期,消耗(元),展示数,点击数,平均点击单价(元),平均千次展现费用(元)",
            SPEND,
            VIEWS,
            CLICKS,
            price,
            cpm(),
        )
    )
    assert finding(r, "intake.click_price_differs").severity == "warning"
    assert r.rows["spend"].sum() == pytest.approx(sum(SPEND))
    ctr = [f"{100 * c / v * 1.5:.2f}%" for c, v in zip(CLICKS, VIEWS, strict=True)]
    r = read(table("日期,消耗(元),展示数,点击数,平均点击单价(元),点击率", SPEND, VIEWS, CLICKS, cpc(), ctr))
    assert finding(r, "intake.ratio_differs").params["header"] == "点击率"


def test_zero_ratios_of_nothing_are_no_mismatch() -> None:
    price = [*cpc()[:5], "0.00"]
    r = read(table("日期,消耗(元),展示数,点击数,平均点击单价(元)", SPEND, VIEWS, [*CLICKS[:5], 0], price))
    assert finding(r, "intake.mapping_proved").params["n"] == 5


def test_a_proof_settles_which_spend() -> None:
    other = [round(s * (0.7 + 0.03 * i), 2) for i, s in enumerate(SPEND)]
    text = table("date,channel,spend (USD),cost (USD),clicks,impressions,cpc,cpm", ["Google"] * 6, other,
                 SPEND,
                 CLICKS, VIEWS, cpc(), cpm())  # fmt: skip
    r = read(text)
    assert not r.questions and r.rows["spend"].sum() == pytest.approx(sum(SPEND))
    found = finding(r, "intake.settled_by_proof")
    assert found.params["header"] == "cost (USD)" and found.params["others"] == "spend (USD)"
    assert found.params["share"] == 1.0 and found.params["other_share"] < 0.5
    by_header = {m.header: m for m in r.mapping}
    assert by_header["cost (USD)"].field == "spend" and by_header["spend (USD)"].field is None
    assert by_header["cost (USD)"].confidence > 0.8


def test_a_proof_settles_which_clicks() -> None:
    acts = [c * 3 + i for i, c in enumerate(CLICKS)]
    r = read(table("date,channel,spend (USD),clicks,点击数,cpc", ["Google"] * 6, SPEND, acts, CLICKS, cpc()))
    assert not r.questions and r.rows["clicks"].sum() == sum(CLICKS)


def test_what_is_not_proved_stays_a_question_with_the_evidence() -> None:
    near = [*SPEND[:5], SPEND[5] + 100]
    text = table("date,channel,spend (USD),cost (USD),clicks,cpc", ["Google"] * 6, near, SPEND, CLICKS, cpc())
    r = read(text)
    assert [q.code for q in r.questions] == ["intake.two_columns"]
    assert r.questions[0].params["agree"] == {"spend (USD)": pytest.approx(5 / 6), "cost (USD)": 1.0}
    assert len([f for f in r.findings if f.code == "intake.price_evidence"]) == 2
    bare = read(table("date,channel,spend (USD),cost (USD)", ["Google"] * 6, near, SPEND))
    assert [q.code for q in bare.questions] == ["intake.two_columns"] and "agree" not in bare.questions[
        0
    ].params


def test_a_click_no_market_sells_is_a_question() -> None:
    dear = table("date,channel,spend (USD),clicks", ["Google"] * 6, [s * 1e6 for s in SPEND], CLICKS)
    assert [q.code for q in read(dear).questions] == ["intake.odd_click_price"]
    assert read(dear, mapping={"spend (USD)": "spend_micros"}).rows["spend"].sum() == pytest.approx(
        sum(SPEND)
    )
    dong = table("date,channel,spend (VND),clicks", ["Google"] * 6, [s * 1000 for s in SPEND], CLICKS)
    assert not read(dong).questions
    alone = table(
        "date,channel,spend (USD),clicks", ["Google"] * 6, [s * 1e4 for s in SPEND], [""] * 5 + [9e5]
    )
    assert "intake.odd_click_price" not in codes(read(alone)), "rows without clicks say nothing of the unit"
