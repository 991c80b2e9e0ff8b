"""Lead scoring: second roads, known truth, refusals, no leak from the future, edges."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from channelopt.errors import PLAIN, InputError
from channelopt.measure.calibrate import calibrate, rising
from channelopt.measure.intent import decided_leads, fit_intent
from channelopt.measure.logistic import encode, fit_ridge, foretold, logistic
from channelopt.measure.messages import MESSAGES
from channelopt.measure.ranking import auc, auc_difference, brier, calibration_curve, lift_table
from channelopt.measure.scorecard import fit_points
from channelopt.policy import Policy

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from intent import world


@pytest.fixture(scope="module")
def leads():
    return world(np.random.default_rng(3), 3000, 1.0)[0]


@pytest.fixture(scope="module")
def model(leads):
    return fit_intent(leads)


def by_loop(score, bought):
    pairs = [
        1.0 if s > t else 0.5 if s == t else 0.0
        for s, y in zip(score, bought, strict=True) if y
        for t, z in zip(score, bought, strict=True) if not z
    ]  # fmt: skip
    return sum(pairs) / len(pairs)


@pytest.mark.parametrize("levels", [3, 1000])
def test_auc_is_the_share_of_pairs(levels):
    rng = np.random.default_rng(levels)
    bought = rng.random(120) < 0.3
    score = np.round(levels * (rng.random(120) + 0.2 * bought)) / levels
    found = auc(score, bought)
    assert found.value == pytest.approx(by_loop(score, bought), abs=1e-12)
    assert found.low < found.value < found.high


def test_standard_errors_are_those_of_the_jackknife():
    rng = np.random.default_rng(4)
    bought = rng.random(200) < 0.3
    one, two = rng.normal(bought, 1.0), rng.normal(0.5 * bought, 1.0)
    gain, se = auc_difference(one, two, bought)
    assert gain == pytest.approx(auc(one, bought).value - auc(two, bought).value, abs=1e-12)
    parts = []  # leave one out within either group: DeLong is that jackknife
    for group in (bought, ~bought):
        at = np.flatnonzero(group)
        left = [auc_difference(np.delete(one, i), np.delete(two, i), np.delete(bought, i))[0] for i in at]
        parts.append((len(at) - 1) ** 2 / len(at) * np.var(left, ddof=1))
    assert se == pytest.approx(np.sqrt(sum(parts)), rel=0.02)


def test_auc_intervals_cover():
    rng = np.random.default_rng(5)
    truth = 0.7602  # Phi(1 / sqrt 2)
    held = 0
    for _ in range(300):
        bought = rng.random(150) < 0.2
        found = auc(rng.normal(bought, 1.0), bought)
        held += found.low <= truth <= found.high
    assert 0.85 <= held / 300 <= 0.95


def test_auc_edges():
    assert np.isnan(auc([1.0, 2.0], [True, True]).value)
    assert auc(np.ones(50), np.arange(50) < 10).value == 0.5
    perfect = auc(np.arange(50), np.arange(50) >= 40)
    assert perfect.value == 1.0 and 0.7 < perfect.low < 1.0
    assert np.isnan(auc_difference([1.0], [1.0], [True])[0])


def test_logistic_is_that_of_statsmodels():
    rng = np.random.default_rng(6)
    x = rng.standard_normal((400, 3))
    bought = (rng.random(400) < 1 / (1 + np.exp(2 - x @ [1.0, -0.5, 0.0]))).astype(float)
    want = sm.Logit(bought, sm.add_constant(x)).fit(disp=0).params
    assert logistic(x, bought) == pytest.approx(want, abs=1e-6)


def test_the_ridge_is_at_its_optimum():
    rng = np.random.default_rng(7)
    x = rng.standard_normal((200, 4))
    bought = (rng.random(200) < 0.2).astype(float)
    beta = logistic(x, bought, 5.0)
    p = 1 / (1 + np.exp(-(beta[0] + x @ beta[1:])))
    assert x.T @ (bought - p) - 5.0 * beta[1:] == pytest.approx(np.zeros(4), abs=1e-5)
    assert (bought - p).sum() == pytest.approx(0, abs=1e-5)
    assert np.abs(beta[1:]).sum() < np.abs(logistic(x, bought)[1:]).sum()


def test_logistic_survives_separation_and_constants():
    x = np.column_stack([np.arange(20.0), np.ones(20)])
    beta = logistic(x - x.mean(axis=0), (np.arange(20) > 9).astype(float), 1.0)
    assert np.isfinite(beta).all()


def test_points_double_the_rate_in_two(leads):
    rows = leads.head(800).copy()
    rows["channel"] = np.where(np.arange(800) < 400, "good", "poor")
    bought = (np.arange(800) % 400 < np.where(np.arange(800) < 400, 100, 25)).astype(float)
    card = fit_points(rows, bought)
    assert card.points["channel"] == {"good": 1, "poor": -2}  # 1.6 and 0.4 times the rate of all
    assert card.table().query("feature == 'channel'")["points"].tolist() == [1, -2]


def test_encoding_leaves_out_what_never_varies(leads):
    made = encode(leads)
    assert set(made.owner) == {"page_views", "dwell_seconds", "channel", "daypart", "weekend"}
    assert made.table(leads).mean(axis=0) == pytest.approx(0, abs=1e-9)
    strange = leads.head(5).assign(channel="new", page_views=np.nan, dwell_seconds=1e12)
    assert np.isfinite(
        fit_ridge(leads, leads["customer_at"].notna().to_numpy(float), 10.0).score(strange)
    ).all()


def test_a_block_is_foretold_by_earlier_ones_only(leads):
    seen = []
    foretold(
        leads, np.arange(len(leads)) % 2.0, lambda x, y: seen.append(len(x)) or (lambda z: np.zeros(len(z)))
    )
    assert seen == [750, 1500, 2250]


def test_rising_is_the_closest_rising_sequence():
    assert rising([1, 3, 2, 4], [1, 1, 1, 1]).tolist() == [1, 2.5, 2.5, 4]
    assert rising([3, 2, 1], [1, 1, 2]).tolist() == [1.75, 1.75, 1.75]
    assert rising([], []).tolist() == []


def test_chances_add_up_and_bend():
    rng = np.random.default_rng(8)
    score = rng.uniform(-1, 1, 4000)
    truth = np.where(score > 0.5, 0.4, 0.02)
    bought = (rng.random(4000) < truth).astype(float)
    made = calibrate(score, bought, score, bought.sum())
    assert made.chance(score).sum() == pytest.approx(bought.sum())
    assert np.abs(made.chance(score) - truth).mean() < 0.03
    assert (np.diff(made.chance(np.linspace(-2, 2, 50))) >= 0).all()


def test_decided_leads_are_neither_young_nor_old_customers(leads, model):
    decided, bought, horizon = decided_leads(leads, model.delays, leads["as_of"].iloc[0])
    age = (decided["as_of"] - decided["created_at"].dt.normalize()).dt.days
    assert age.min() >= horizon and model.leads == len(decided)
    late = (decided["customer_at"].dt.normalize() - decided["created_at"].dt.normalize()).dt.days > horizon
    assert late.any() and not bought[late].any()
    before = leads.assign(customer_at=leads["created_at"] - pd.Timedelta(days=2))
    assert decided_leads(before, model.delays, leads["as_of"].iloc[0])[0].empty


def test_known_truth_is_found(leads, model):
    assert model.scores and 0.65 < model.auc.value < 0.8
    fresh, truth = world(np.random.default_rng(99), 8000, 1.0)
    said = model.chance(fresh)
    assert said.sum() == pytest.approx(truth.sum(), rel=0.2)
    assert np.corrcoef(said, truth)[0, 1] > 0.6
    assert model.brier < model.brier_flat
    assert model.lift["lift"].iloc[0] > 1.5 and model.lift["caught"].iloc[-1] == pytest.approx(1)
    assert model.curve["customers"].sum() == model.later_customers


def test_what_came_later_cannot_help(leads):
    wise = leads.assign(status="won", qualified_at=leads["customer_at"])
    assert fit_intent(wise).auc == fit_intent(leads).auc
    assert not set(fit_intent(wise).parts(wise).columns) & {"status", "qualified_at", "valid", "revenue"}


def test_no_signal_is_no_score():
    scored = [fit_intent(world(np.random.default_rng(k), 1200, 0.0)[0]).status for k in range(20)]
    assert scored.count("no_signal") >= 16


def test_too_little_is_refused_and_says_what_is_missing(leads):
    assert fit_intent(leads.iloc[::100]).status == "no_customers"
    few = fit_intent(leads.iloc[::14])
    assert few.status == "too_few_leads"
    told = few.findings[0]
    assert told.params["need_leads"] == Policy().intent_leads and told.params["leads"] < 200
    assert "200 are needed" in PLAIN.vformat(MESSAGES[told.code], (), told.params)
    assert np.isnan(few.chance(leads)).all()
    assert fit_intent(leads, Policy(intent_customers=1000)).status == "too_few_customers"


def test_edges_are_answers(leads):
    assert fit_intent(leads.head(0)).status == "no_leads"
    nobody = fit_intent(leads.assign(customer_at=pd.NaT))
    assert nobody.status == "no_customers"
    day_after = leads["created_at"] + pd.Timedelta(days=1)
    assert fit_intent(leads.assign(customer_at=day_after)).status == "too_few_others"
    same = leads.assign(page_views=3.0, dwell_seconds=np.nan, channel="a", daypart="", weekend="no")
    flat = fit_intent(same)
    assert flat.status == "no_signal" and flat.auc.value == 0.5
    assert np.isnan(flat.chance(same)).all()
    one = fit_intent(leads.assign(channel="only"))
    assert one.scores
    with pytest.raises(InputError):
        fit_intent(leads.drop(columns="dwell_seconds"))


def test_the_same_data_give_the_same_model(leads, model):
    again = fit_intent(leads)
    assert (again.chance(leads) == model.chance(leads)).all()


def test_tables_of_nothing():
    assert np.isnan(brier([], []))
    assert calibration_curve([], []).empty
    empty = lift_table(np.empty(0), np.empty(0))
    assert len(empty) == 10 and empty["lift"].isna().all()
    tied = lift_table(np.zeros(20), np.arange(20) < 5)
    assert tied["lift"].tolist() == pytest.approx([1.0] * 10)


def test_every_sentence_can_be_said(leads, model):
    results = [
        model,
        fit_intent(leads.head(0)),
        fit_intent(leads.head(100)),
        fit_intent(leads.assign(customer_at=pd.NaT)),
    ]
    for found in results:
        for told in found.findings:
            assert "{" not in PLAIN.vformat(MESSAGES[told.code], (), told.params)
