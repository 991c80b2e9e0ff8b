"""Thin, odd and impossible data: a finding, a wide band or a refusal with a reason, never a numpy error."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import channelopt as co
from tests.response.simple import account, total_of

DAILY, _ = account(days=90, channels=3)
SPEND = DAILY[["day", "channel", "spend"]]
TOTAL = total_of(DAILY)
OUTCOMES = ["leads", "customers", "revenue"]


def days(n: int) -> pd.DataFrame:
    return DAILY[DAILY["day"] < DAILY["day"].min() + pd.Timedelta(days=n)]


CASES: dict[str, tuple[Callable[[], pd.DataFrame], set[str]]] = {
    "one channel": (lambda: DAILY[DAILY["channel"] == "c0"], set()),
    "nothing counted": (lambda: DAILY.assign(**{n: 0 for n in OUTCOMES}), {"response.all_zero"}),
    "five days": (lambda: days(5), {"response.short"}),
    "one day": (lambda: days(1), {"response.short"}),
    "no leads": (lambda: DAILY.assign(leads=np.nan), set()),
    "revenue only": (lambda: DAILY.drop(columns=["leads", "customers"]), set()),
    "some missing": (lambda: DAILY.assign(leads=DAILY["leads"].where(DAILY.index % 5 > 0)), set()),
    "enormous": (lambda: DAILY.assign(spend=DAILY["spend"] * 1e9, revenue=DAILY["revenue"] * 1e9), set()),
    "tiny": (lambda: DAILY.assign(spend=DAILY["spend"] * 1e-9, revenue=DAILY["revenue"] * 1e-9), set()),
    "infinite": (
        lambda: DAILY.assign(revenue=DAILY["revenue"].where(DAILY.index != 7, np.inf)),
        {"response.too_large"},
    ),
    "refunds": (
        lambda: DAILY.assign(revenue=DAILY["revenue"].where(DAILY.index % 9 > 0, -50.0)),
        {"response.below_zero"},
    ),
    "stopped": (
        lambda: DAILY.assign(spend=DAILY["spend"].where((DAILY["channel"] != "c1") | (DAILY.index < 110), 0)),
        set(),
    ),
    "never paid": (
        lambda: pd.concat([DAILY, DAILY[DAILY["channel"] == "c0"].assign(channel="zz", spend=0.0)]),
        {"response.left_out"},
    ),
    "time zone": (lambda: DAILY.assign(day=DAILY["day"].dt.tz_localize("Asia/Shanghai")), set()),
    "odd ends": (lambda: DAILY.assign(day_end="?"), set()),
    "text": (lambda: DAILY.assign(day=DAILY["day"].astype(str), spend=DAILY["spend"].astype(str)), set()),
}  # fmt: skip


@pytest.mark.parametrize("aggregate", [False, True])
@pytest.mark.parametrize("name", list(CASES))
def test_odd_data_give_finite_curves(name: str, aggregate: bool) -> None:
    make, codes = CASES[name]
    with np.errstate(all="raise", under="ignore"):
        curves = co.fit_response(make(), total=TOTAL if aggregate else None)
        tables = curves.predict(), curves.mroi(), curves.predict(0.0), curves.predict(steady=False)
    assert all(np.isfinite(table.to_numpy()).all() for table in tables)
    if not aggregate:
        assert codes <= {f.code for f in curves.findings}
    assert not np.isnan(curves.outlook).any() and (curves.outlook > 0).all()


REFUSED: dict[str, tuple[Callable[[], pd.DataFrame], str]] = {
    "no spend": (lambda: DAILY.assign(spend=0.0), "response.no_spend"),
    "missing spend": (lambda: DAILY.assign(spend=np.nan), "response.no_spend"),
    "no rows": (lambda: DAILY.iloc[:0], "response.no_rows"),
    "no days": (lambda: DAILY.assign(day=pd.NaT), "response.no_rows"),
    "no outcome": (lambda: SPEND, "response.no_outcome"),
    "empty outcome": (lambda: DAILY.assign(**{n: np.nan for n in OUTCOMES}), "response.no_outcome"),
    "no channel": (lambda: DAILY.drop(columns="channel"), "common.missing_columns"),
}


@pytest.mark.parametrize("name", list(REFUSED))
def test_impossible_data_are_refused_with_a_reason(name: str) -> None:
    make, code = REFUSED[name]
    with pytest.raises(co.ChannelOptError) as refused:
        co.fit_response(make())
    assert refused.value.code == code and str(refused.value) != code


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(co.ChannelOptError) as refused:
        co.fit_response(DAILY, outcome="luck")
    assert refused.value.code == "response.bad_outcome"
    with pytest.raises(co.ChannelOptError) as refused:
        co.fit_response(DAILY, outcome="profit")
    assert refused.value.code == "response.no_margin"
    with pytest.raises(co.ChannelOptError) as refused:
        co.fit_response(SPEND, total=TOTAL.assign(day=TOTAL["day"] + pd.Timedelta(days=9999)))
    assert refused.value.code == "response.no_outcome"


def test_lift_tests_that_tell_nothing_are_said() -> None:
    odd = pd.DataFrame({
        "channel": ["nobody", "c0", "c0", "c0"], "start": ["2026-02-01", "?", "2026-02-01", "2026-02-01"],
        "end": "2026-02-10", "spend": [100.0, 100.0, 0.0, 100.0], "incremental": [9.0, 9.0, 9.0, np.nan],
    })  # fmt: skip
    curves = co.fit_response(DAILY, lifts=odd)
    assert [f.code for f in curves.findings].count("response.lift_not_used") == 4
    plain = co.fit_response(DAILY)
    assert np.array_equal(curves.top, plain.top)


def test_steps_are_told_and_can_stop_the_work() -> None:
    seen: list[tuple[int, int]] = []
    co.fit_response(DAILY, on_step=lambda done, of: seen.append((done, of)))
    assert seen[0][0] == 0 and seen[-1][0] == seen[-1][1]

    def stop(done: int, of: int) -> None:
        raise co.errors.Cancelled

    with pytest.raises(co.errors.Cancelled):
        co.fit_response(DAILY, on_step=stop)
