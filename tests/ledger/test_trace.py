"""The rows and files behind a channel add up to its figures, whatever was uploaded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channelopt.demo import load_demo
from channelopt.ledger import Ledger
from channelopt.measure import RATIOS, economics
from channelopt.measure.trace import STEPS, TRACED, trace
from channelopt.plan.diagnosis import diagnose
from tests.ledger.conftest import spend_read, spend_rows


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with Ledger.open(tmp_path_factory.mktemp("trace") / "w", name="demo", currency="CNY") as ledger:
        load_demo(ledger)
        yield ledger


def test_every_traced_figure_of_the_demo_is_the_figure_shown(demo):
    daily, verdicts = demo.daily(), diagnose(demo).verdicts.set_index("channel")
    table = economics(daily, policy=demo.policy).set_index("channel")
    for channel in table.index:
        for metric in (spec.name for spec in RATIOS):
            found = trace(daily, channel, metric)
            assert found.value == pytest.approx(table.loc[channel, metric], rel=1e-9, nan_ok=True), metric
        roi = trace(daily, channel, "roi", verdicts.loc[channel, "maturity"])
        assert roi.value == pytest.approx(verdicts.loc[channel, "roi"], rel=1e-9)


def test_every_traced_step_of_the_demo_is_the_step_shown(demo):
    daily, funnel = demo.daily(), diagnose(demo).funnel
    shown = funnel.steps.set_index(["channel", "from_stage", "to_stage"])["rate"].to_dict()
    for row in funnel.behaviour.itertuples():
        shown[row.channel, "sessions", {"bounce_rate": "bounces", "dwell": "dwell_seconds"}[row.measure]] = (
            row.value
        )
    compared = set()
    for channel in daily["channel"].unique():
        for spec in STEPS:
            there = shown.get((channel, spec.bottom, spec.top))
            if there is not None and spec.top != "customers":  # shown with those still to come
                assert trace(daily, channel, spec.name).value == pytest.approx(there, rel=1e-9), spec.name
                compared.add(spec.name)
    assert compared == {spec.name for spec in STEPS} - {"customer_rate"}
    assert {spec.name for spec in (*RATIOS, *STEPS)} == set(TRACED)


def test_the_rows_behind_the_demo_add_up(demo):
    table = economics(demo.daily()).set_index("channel")
    for channel in table.index:
        files, rows = demo.behind(channel), demo.rows_behind(channel)
        leads = demo.rows_behind(channel, "leads")
        assert rows["spend"].sum() == pytest.approx(table.loc[channel, "spend"], abs=0.01)
        assert files.loc[files["kind"] == "spend", "money"].sum() == pytest.approx(
            rows["spend"].sum(), abs=0.01
        )
        assert files.loc[files["kind"] == "spend", "rows"].sum() == rows["lines"].sum()
        assert len(leads) == table.loc[channel, "leads"] == files.loc[files["kind"] == "leads", "rows"].sum()
        assert leads["revenue"].sum() == pytest.approx(table.loc[channel, "revenue"], abs=0.01)
        assert set(rows["file"]) <= set(files["name"])
        assert (rows["line"] > 0).all()


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=2))
@settings(max_examples=15, deadline=None)
def test_overlapping_files_add_up_too(order, again):
    reads = [
        spend_read(spend_rows(days=9, campaigns=("a", "b")), name="one.csv"),
        spend_read(spend_rows(days=6, start=5, each=31.0, campaigns=("a", "b")), name="two.csv"),
        spend_read(spend_rows(days=4, start=2, each=17.0), name="three.csv"),
        spend_read(spend_rows(days=3, start=12, each=5.0), name="four.csv"),
    ]
    with Ledger.open(":memory:", currency="CNY") as ledger:
        for at in [*order, *again]:
            ledger.commit(reads[at], "eve")
        for row in ledger.daily(by=("channel",)).itertuples():
            rows, files = ledger.rows_behind(row.channel), ledger.behind(row.channel)
            assert rows["spend"].sum() == pytest.approx(row.spend)
            assert files["money"].sum() == pytest.approx(row.spend)
            assert files["rows"].sum() == len(rows)


def test_a_channel_nobody_knows_has_nothing_behind_it(demo):
    assert demo.behind("nobody").empty and demo.rows_behind("nobody").empty
