"""A short run of the fuzz of benchmarks/fuzz.py: no silently different total, no crash."""

from __future__ import annotations

import random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import Case, judge, make_case
from benchmarks.fuzz_bytes import judge_leads, judge_tested
from benchmarks.fuzz_changes import FOLLOWED, KEEPING
from benchmarks.fuzz_tables import Table, fixtures

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


@pytest.fixture(scope="module")
def bases() -> list[Table]:
    return fixtures()


def test_most_fixtures_take_part(bases: list[Table]) -> None:
    assert len(bases) >= 30
    assert {"spend", "clicks", "leads", "revenue", "sessions"} <= {m for t in bases for m in t.columns}


def check(case: Case) -> None:
    outcome, why = judge(case)
    assert outcome != "BAD", f"{case.name}: {', '.join(case.changes)}: {why}"


@settings(max_examples=250, deadline=None, phases=PHASES, derandomize=True)
@given(st.integers(0, 2**31))
def test_changed_exports_are_right_questioned_or_refused(bases: list[Table], seed: int) -> None:
    check(make_case(bases, seed))


@pytest.mark.parametrize("change", [*KEEPING, *FOLLOWED, "noise"])
def test_every_kind_of_change(bases: list[Table], change: str) -> None:
    for seed in range(12):
        check(make_case(bases, seed, change))


def test_the_judge_sees_a_wrong_total(bases: list[Table]) -> None:
    """The fuzz can fail: a sum that differs by one cent and says nothing is bad."""
    base = next(t for t in bases if t.name.startswith("tencent_ads_daily."))
    right = Case(
        base.name, (), base.write(), base.answers, [base.sums()], None, True, base.told, base.rejected
    )
    assert judge(right)[0] == "equal"
    off = {**base.sums(), "spend": base.sums()["spend"] + 0.01}
    wrong = Case(base.name, (), base.write(), base.answers, [off], None, True, base.told, base.rejected)
    assert judge(wrong)[0] == "BAD"


@pytest.mark.parametrize("judged", [judge_leads, judge_tested])
def test_nobody_in_a_damaged_list_of_people_comes_through(judged) -> None:
    for seed in range(150):
        outcome, why = judged(random.Random(seed))
        assert outcome != "BAD", f"seed {seed}: {why}"
