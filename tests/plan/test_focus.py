"""Focus: the TOP N by the next unit of money, chances, the move, and few or no channels."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import PLAIN
from channelopt.messages import TEMPLATES
from channelopt.plan.diagnosis import VERDICT_COLUMNS, Diagnosis
from channelopt.plan.focus import FOCUS_COLUMNS, chance_of_best, focus, marginal_draws
from channelopt.plan.messages import PlanError
from channelopt.policy import Policy
from channelopt.response import ResponseCurves


def diagnosis(**verdicts):
    table = pd.DataFrame({"channel": list(verdicts), "verdict": list(verdicts.values())})
    return Diagnosis(table.reindex(columns=list(VERDICT_COLUMNS)), (), Policy(), None, None)


def all_keep(curves):
    return diagnosis(**dict.fromkeys(curves.channels, "keep"))


def simple(tops, draws=400, noise=0.1, today=100.0, **others):
    """Curves half saturated at today's spend: the next unit brings top / 4 / today."""
    tops = np.asarray(tops, dtype=float)
    rng = np.random.default_rng(1)
    size = (draws, len(tops))
    names = [f"c{i}" for i in range(len(tops))]
    return ResponseCurves.from_parameters(
        tops * rng.lognormal(0, noise, size), 100.0, 1.0, 0.0, today=today, channels=names, **others
    )


def test_the_best_n_by_the_next_unit(world):
    curves = world(n=6, noise=0.2)
    found = focus(curves, all_keep(curves), Policy(break_even=0.01))
    by_hand = curves.mroi()["mean"].sort_values(ascending=False)
    assert list(found.chosen) == list(by_hand.index[:3])
    assert found.table["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert found.table["mroi"].to_numpy() == pytest.approx(by_hand.to_numpy())
    assert list(found.table.columns) == list(FOCUS_COLUMNS)
    assert found.table["p_best_n"].sum() == pytest.approx(3)


def test_chances_by_a_loop():
    draws = np.random.default_rng(2).normal([0, 0.1, 0.3, 0.5], 1, (300, 4))
    for n in (1, 2, 3, 4):
        want = np.zeros(4)
        for row in draws:
            for c in range(4):
                want[c] += sum(other > row[c] for other in row) < n
        assert chance_of_best(draws, n) == pytest.approx(want / 300)
    assert chance_of_best(draws, 9) == pytest.approx(1)


def test_chances_are_true():
    """A channel said to be among the best two with chance p is so in a share p of worlds."""
    rng = np.random.default_rng(3)
    said, came = [], []
    for _ in range(400):
        truth = rng.normal(0, 1, 5)
        seen = truth + rng.normal(0, 1, 5)
        draws = seen / 2 + rng.normal(0, np.sqrt(0.5), (400, 5))
        said.append(chance_of_best(draws, 2))
        came.append(np.isin(np.arange(5), np.argsort(-truth)[:2]))
    said, came = np.ravel(said), np.ravel(came)
    for low in (0.0, 0.25, 0.5, 0.75):
        band = (said >= low) & (said <= low + 0.25)
        assert came[band].mean() == pytest.approx(said[band].mean(), abs=0.06)


def test_the_money_moves_and_adds_up(world):
    curves = world(n=6, noise=0.05)
    verdicts = dict.fromkeys(curves.channels, "keep") | {curves.channels[0]: "drop"}
    found = focus(curves, diagnosis(**verdicts))
    table = found.table.set_index("channel")
    assert table["planned"].sum() * 28 == pytest.approx(found.plan.budget, abs=0.01)
    assert found.plan.budget == pytest.approx(curves.today.sum() * 28, abs=0.01)
    for name in curves.channels:
        if name not in found.chosen:
            kept = 0 if verdicts[name] == "drop" else 0.1 * curves.today[name]
            assert table.loc[name, "planned"] == pytest.approx(kept, abs=0.01)
    assert curves.channels[0] not in found.chosen
    last = found.ladder[found.ladder["week"] == found.ladder["week"].max()].set_index("channel")["spend"]
    assert last.to_numpy() == pytest.approx(found.plan.spend.to_numpy())
    step = (found.ladder["spend"] - found.ladder["before"]).abs() / found.ladder["channel"].map(curves.today)
    assert step.max() <= 0.2 + 1e-9 and found.ladder["week"].max() == np.ceil(
        5 * step.max() * found.ladder["week"].max()
    )


def test_dropped_unknown_and_losing_channels_stay_out():
    curves = simple([4000, 3000, 2000, 100, 3500])  # next unit: 10, 7.5, 5, 0.25, 8.75
    found = focus(curves, diagnosis(c0="drop", c1="unknown", c2="keep", c3="keep", c5="keep"))
    assert found.chosen == ("c2",)
    codes = {row["channel"]: row["reason"].code for row in found.table.to_dict("records")}
    assert codes == {
        "c0": "plan.focus_drop", "c1": "plan.focus_unknown", "c2": "plan.focus_in",
        "c3": "plan.focus_does_not_pay", "c4": "plan.focus_unknown", "c5": "plan.focus_no_curve",
    }  # fmt: skip
    assert "plan.focus_fewer" in [f.code for f in found.findings]


def test_none_qualifies():
    curves = simple([4000, 3000])
    found = focus(curves, diagnosis(c0="drop", c1="unknown"))
    assert found.chosen == () and found.plan is None and found.ladder.empty
    assert [f.code for f in found.findings] == ["plan.focus_none"]
    assert found.table["planned"].isna().all() and np.isnan(found.gain.mid) and np.isnan(found.chance)


def test_the_gain_is_held_against_todays_mix(world):
    curves = world(n=6, noise=0.2)
    found = focus(curves, all_keep(curves), Policy(break_even=0.01))
    by_hand = 28 * (
        curves.outcome_draws(found.plan.spend.to_numpy()) - curves.outcome_draws(curves.today.to_numpy())
    ).sum(axis=1)
    assert found.gain.mid == pytest.approx(by_hand.mean(), rel=1e-6) and found.chance == (by_hand > 0).mean()
    alike = simple([2000] * 6, noise=0.01)  # curves that bend: half of them cannot take all the money
    loses = focus(alike, all_keep(alike))
    assert loses.gain.mid < 0 and "plan.focus_loses" in [f.code for f in loses.findings]
    poor = simple([4000, 4000, 4000, 100, 100, 100], noise=0.01)
    gains = focus(poor, all_keep(poor))
    assert gains.chance == 1 and "plan.focus_gains" in [f.code for f in gains.findings]
    codes = [f.code for f in gains.findings]
    assert not {"plan.test_first", "plan.already_best", "plan.promise"} & set(codes)


def test_one_channel():
    curves = simple([1000])
    found = focus(curves, all_keep(curves))
    assert found.chosen == ("c0",) and found.table["p_best_n"].tolist() == [1.0]
    assert found.plan.spend["c0"] == pytest.approx(100)


def test_all_the_same_is_told():
    curves = simple([1000] * 5, noise=0.2)
    found = focus(curves, all_keep(curves))
    assert len(found.chosen) == 3 and found.table["p_best_n"].between(0.45, 0.75).all()
    tie = next(f for f in found.findings if f.code == "plan.focus_tie")
    assert tie.params["chance"] < 0.9


def test_nothing_spent_today_has_no_plan():
    curves = simple([1000, 2000], today=0.0)
    found = focus(curves, all_keep(curves))
    assert found.plan is None and "plan.no_today" in [f.code for f in found.findings]
    assert np.isfinite(found.table["mroi"]).all()


def test_a_paused_channel_is_taken_at_a_small_start():
    curves = simple([1000, 1000], today={"c0": 100.0, "c1": 0.0})
    draws, in_money = marginal_draws(curves)
    assert in_money and draws[:, 1].mean() == pytest.approx(curves.slope_draws([100.0, 5.0])[:, 1].mean())


def test_outcomes_without_a_worth_are_not_held_to_break_even():
    curves = simple([10, 20], outcome="leads", value=np.nan)
    found = focus(curves, all_keep(curves))
    assert not found.in_money and len(found.chosen) == 2


def test_impossible_wishes_are_refused():
    curves = simple([1000, 2000])
    for wrong in (0, 1.5, -1):
        with pytest.raises(PlanError):
            focus(curves, all_keep(curves), n=wrong)


def test_every_sentence_can_be_said(world):
    curves = world(n=6, noise=0.3)
    verdicts = dict.fromkeys(curves.channels, "keep") | {"ch0": "drop", "ch1": "unknown"}
    for found in (
        focus(curves, diagnosis(**verdicts)),
        focus(simple([900, 1000] * 3, noise=0.3), diagnosis(c0="test")),
    ):
        for told in (*found.findings, *found.table["reason"]):
            assert "{" not in PLAIN.vformat(TEMPLATES[told.code], (), told.params)


def test_only_a_gain_that_is_sure_and_known_is_sure(world):
    curves = simple((4000, 400), noise=0.05)
    found = focus(curves, all_keep(curves), Policy(break_even=0.01), n=1)
    assert found.chance >= 0.9 and found.sure
    doubtful = replace(curves, identified=pd.Series({"c0": "no", "c1": "yes"}))
    assert not focus(doubtful, all_keep(curves), Policy(break_even=0.01), n=1).sure
    even = simple((400, 400), noise=0.3)
    assert not focus(even, all_keep(even), Policy(break_even=0.01), n=1).sure
