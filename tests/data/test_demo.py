"""The demo brand through the whole library, held against the generator's truth."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from channelopt.demo import (
    CITY_FILE,
    DEMO_CURRENCY,
    DEMO_NAME,
    FILES,
    FOLDER,
    HOOK_TEST,
    HOOKS,
    demo_costs,
    demo_files,
    demo_tests,
    load_demo,
)
from channelopt.experiments.record import Recorded, recorded
from channelopt.ledger import Ledger
from channelopt.plan.diagnosis import Diagnosis, diagnose

TRUTH = json.loads((FOLDER / "truth.json").read_text(encoding="utf-8"))
CHANNELS = TRUTH["channels"]
TESTS = TRUTH["tests"]
COUNTS = ("impressions", "clicks", "leads", "valid_leads", "qualified_leads", "customers")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ledger, list[tuple[int, int]]]]:
    steps: list[tuple[int, int]] = []
    where = tmp_path_factory.mktemp("workspaces") / "demo"
    with Ledger.open(where, name=DEMO_NAME, currency=DEMO_CURRENCY) as ledger:
        load_demo(ledger, on_step=lambda done, total: steps.append((done, total)))
        yield ledger, steps


@pytest.fixture(scope="module")
def ledger(loaded: tuple[Ledger, list[tuple[int, int]]]) -> Ledger:
    return loaded[0]


@pytest.fixture(scope="module")
def sums(ledger: Ledger) -> pd.DataFrame:
    return ledger.daily(by=("channel",)).set_index("channel")


@pytest.fixture(scope="module")
def verdicts(ledger: Ledger) -> pd.DataFrame:
    result: Diagnosis = diagnose(ledger)
    return result.verdicts.set_index("channel")


@pytest.fixture(scope="module")
def read(ledger: Ledger) -> dict[str, Recorded]:
    """The demo's tests by the first word of their name."""
    found = recorded(ledger, ledger.daily(by=("day", "channel", "campaign")))
    return {one.name.split()[0].strip(":"): one for one in found}


def test_progress_is_told(loaded: tuple[Ledger, list[tuple[int, int]]]) -> None:
    _, steps = loaded
    total = len(demo_files()) + 1
    assert steps == [(done, total) for done in range(total + 1)]


def test_no_file_leaves_a_question(ledger: Ledger) -> None:
    asked = [f for f in ledger.findings() if f.severity in ("question", "error")]
    assert asked == []
    assert len(ledger.imports()) == len(demo_files())
    assert (ledger.imports()["rejected"] == 0).all()


def test_the_seven_channels_and_no_other(sums: pd.DataFrame) -> None:
    assert set(sums.index) == set(CHANNELS)


@pytest.mark.parametrize("channel", CHANNELS)
def test_money_is_right_to_the_cent(sums: pd.DataFrame, channel: str) -> None:
    assert sums.loc[channel, "spend"] == pytest.approx(CHANNELS[channel]["spend"], abs=0.005)
    assert sums.loc[channel, "revenue"] == pytest.approx(CHANNELS[channel]["revenue"], abs=0.005)
    assert sums.loc[channel, "cost"] == pytest.approx(CHANNELS[channel]["cost"], abs=0.01)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("count", COUNTS)
def test_counts_are_right(sums: pd.DataFrame, channel: str, count: str) -> None:
    wanted = CHANNELS[channel][count]
    if wanted is None:
        assert pd.isna(sums.loc[channel, count])
    else:
        assert sums.loc[channel, count] == wanted


def test_offline_takes_most_of_the_first_month(ledger: Ledger) -> None:
    march = ledger.daily(by=("channel",), start=pd.Timestamp("2026-03-01"), end=pd.Timestamp("2026-03-31"))
    cost = march.set_index("channel")["cost"]
    share = cost["offline"] / cost.sum()
    assert share >= 0.8
    assert share == pytest.approx(TRUTH["offline_cost_share_by_month"]["2026-03"], abs=1e-3)


def test_cheap_clicks_bounce(sums: pd.DataFrame) -> None:
    online = sums.drop(index="offline")
    cpc, bounce = online["spend"] / online["clicks"], online["bounces"] / online["sessions"]
    others = cpc.drop(index="meta_ads")
    assert cpc["meta_ads"] < 0.5 * others.min()
    assert bounce["meta_ads"] > 0.7
    assert bounce.drop(index="meta_ads").max() < 0.7


def test_cheapest_leads_are_the_worst_buy(sums: pd.DataFrame) -> None:
    cpl = sums["spend"] / sums["leads"]
    assert cpl.idxmin() == "google_ads"


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_verdict_is_one_a_sound_diagnosis_may_give(verdicts: pd.DataFrame, channel: str) -> None:
    row = verdicts.loc[channel]
    assert row["verdict"] in CHANNELS[channel]["verdicts"], row.to_dict()


def test_matured_intervals_hold_the_truth(verdicts: pd.DataFrame) -> None:
    held = {
        channel: bool(verdicts.loc[channel, "roi_low"] <= facts["roi"] <= verdicts.loc[channel, "roi_high"])
        for channel, facts in CHANNELS.items()
    }
    assert sum(held.values()) >= 6, (held, verdicts[["roi", "roi_low", "roi_high"]])


def test_recent_leads_are_matured(verdicts: pd.DataFrame) -> None:
    assert (verdicts["roi"] >= verdicts["roi_as_seen"]).all()
    assert (verdicts["maturity"] < 1).all()


def test_loading_twice_changes_nothing(ledger: Ledger) -> None:
    before, costs = ledger.daily(by=("channel",)), ledger.other_costs()
    load_demo(ledger)
    pd.testing.assert_frame_equal(ledger.daily(by=("channel",)), before)
    assert len(ledger.other_costs()) == len(costs) == len(demo_costs())
    assert len(ledger.experiments()) == len(demo_tests(ledger)) == 5
    assert len(ledger.experiment_history()) == 5 + 3  # three of them were ended


def test_no_phone_and_no_name_is_kept(ledger: Ledger) -> None:
    leads = ledger.leads()
    assert len(leads) == sum(c["leads"] for c in CHANNELS.values())
    text = {str(value) for column in leads for value in leads[column].unique()}
    lines = (FOLDER / "crm_leads_20260901.csv").read_bytes().decode("gbk").splitlines()[1:]
    personal = {cell for line in lines for cell in line.split(",")[:3]}
    assert len(personal) > len(leads)
    assert not personal & text


def test_demo_files_are_where_the_library_says() -> None:
    assert all(isinstance(path, Path) and path.is_file() for path in demo_files())


def test_every_test_was_planned_before_its_data(read: dict[str, Recorded]) -> None:
    assert set(read) == {"Page", "Xiaohongshu", "Douyin", "WeChat", "Meta"}
    for one in read.values():
        assert one.is_test and one.planned_at.date() < one.start, one.name
        assert (one.by, one.state == "ended") == ("demo", bool(one.why)), one.name
        assert one.plan.findings == (), one.name
        assert " / " in one.name and not one.name.isascii()  # in both languages


def test_the_hook_that_is_better_wins_and_the_other_does_not(read: dict[str, Recorded]) -> None:
    one, truth = read["Page"], TESTS["landing_page_test"]
    assert (one.name, one.source, one.kind, one.state) == (HOOK_TEST, "rows", "hook", "running")
    assert truth["experiment"] == HOOK_TEST and tuple(truth["lift"]) == HOOKS == one.variants
    assert (one.start.isoformat(), one.days) == (truth["first_day"], truth["days"])
    assert one.reading.outcome == "winner" and one.next_look_on is None
    table = one.reading.table.set_index("variant")
    better = [name for name, lift in truth["lift"].items() if lift > 0]
    assert list(table.index[table["outcome"] == "winner"]) == better == [HOOKS[1]]
    for name, row in table.iterrows():
        assert row["rel_ci_low"] <= truth["lift"][name] <= row["rel_ci_high"], name
    assert table.loc[HOOKS[2], "outcome"] == "equivalent"


def test_the_cities_are_the_drawn_ones_and_hold_the_true_effect(read: dict[str, Recorded]) -> None:
    one, truth = read["Douyin"], TESTS["city_history"]
    plan, row = one.plan, one.reading.table.iloc[0]
    assert sorted(plan.treated) == truth["treated"] and len(plan.control) == 10
    assert (one.start.isoformat(), one.days, plan.change) == (
        truth["first_day"],
        truth["days"],
        truth["change"],
    )
    assert (one.reading.outcome, one.reading.status, one.state) == ("winner", "ok", "ended")
    assert row["rel_ci_low"] <= truth["lift_leads"] <= row["rel_ci_high"]
    assert plan.history_end < pd.Timestamp(one.planned_at).normalize()


def test_no_difference_is_found_where_there_is_none_and_a_broken_split_is_refused(
    read: dict[str, Recorded],
) -> None:
    form, meta, notes = read["WeChat"], read["Meta"], read["Xiaohongshu"]
    assert (form.reading.outcome, form.kind, form.state) == ("equivalent", "hook", "ended")
    assert (meta.reading.outcome, meta.state) == ("data_problem", "ended")
    assert "experiments.split" in [f.code for f in meta.reading.reasons]
    assert (notes.reading.outcome, notes.state, notes.reading.judged) == ("keep_running", "running", 14)
    assert notes.next_look_on == dt.date(2026, 9, 6) and notes.days == 28


def test_rows_of_tests_add_to_no_channel(ledger: Ledger, sums: pd.DataFrame, tmp_path: Path) -> None:
    rows = ledger.variant_rows()
    assert set(rows["experiment"]) == {HOOK_TEST, CITY_FILE} and rows["leads"].sum() > 10_000
    assert (rows.loc[rows["experiment"] == HOOK_TEST, "people"].sum()) == TESTS["landing_page_test"][
        "visitors"
    ]
    with Ledger.open(tmp_path / "plain", name="plain", currency=DEMO_CURRENCY) as plain:
        for path in (p for p in demo_files() if p.name not in FILES[-2:]):
            plain.commit(plain.read(path, path.name, answers={"currency": DEMO_CURRENCY}), by="x")
        for month, channel, what, amount, kind in demo_costs():
            plain.add_other_cost(month, amount, what, channel, kind=kind, by="x")
        pd.testing.assert_frame_equal(plain.daily(by=("channel",)).set_index("channel"), sums)
