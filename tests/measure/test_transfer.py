"""Outcomes under an attribution model: nothing is made or lost, and totals are the model's own."""

import numpy as np
import pandas as pd
import pytest

from channelopt.measure.attribution import MODELS, attribute
from channelopt.measure.messages import MeasureError
from channelopt.measure.transfer import credited, learn_transfer, unpaid_share

DAYS = pd.date_range("2026-01-01", periods=30)


def paths() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "path": [("a",), ("a", "b"), ("b",), ("c", "a", "b"), ("b", "c", "a")],
            "ages": [(0.0,), (3.0, 0.0), (0.0,), (5.0, 2.0, 0.0), (9.0, 4.0, 0.0)],
            "persons": [100, 80, 300, 60, 50],
            "conversions": [10, 30, 40, 20, 15],
            "value": [10.0, 30.0, 40.0, 20.0, 15.0],
        }
    )


def daily(leads: dict[str, float], days: pd.DatetimeIndex = DAYS) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"day": days, "channel": c, "spend": 100.0, "leads": n, "revenue": 50.0 * n})
        for c, n in leads.items()
    ]
    return pd.concat(parts, ignore_index=True)


def ended(frame: pd.DataFrame) -> dict[str, float]:
    last = frame["path"].str[-1]
    return frame["conversions"].groupby(last).sum().astype(float).to_dict()


@pytest.mark.parametrize("model", MODELS)
def test_what_ends_in_each_channel_times_the_matrix_is_the_models_own_credit(model):
    transfer = learn_transfer(paths(), model)
    credit = attribute(paths(), (model,), draws=0).credits.set_index("channel")["conversions"]
    before = ended(paths())
    moved = np.array([before.get(c, 0.0) for c in transfer.channels]) @ transfer.matrix
    assert moved == pytest.approx(credit[list(transfer.channels)].to_numpy(), rel=1e-6, abs=1e-6)
    assert transfer.matrix.sum(axis=1) == pytest.approx(1.0)


@pytest.mark.parametrize("model", MODELS)
def test_every_day_keeps_its_total_and_a_loop_agrees(model):
    table = daily({"a": 3.0, "b": 6.0, "c": 1.0, "offline": 2.0})
    transfer = learn_transfer(paths(), model)
    found = credited(table, transfer)
    for name in ("leads", "revenue", "spend"):
        before, after = (t.groupby("day")[name].sum() for t in (table, found))
        assert after.to_numpy() == pytest.approx(before.to_numpy())
    on_record = {"a": 3.0, "b": 6.0, "c": 1.0}
    by_hand = {c: 0.0 for c in on_record} | {"offline": 2.0}
    for at, c in enumerate(transfer.channels):
        for to, d in enumerate(transfer.channels):
            by_hand[d] += on_record[c] * transfer.matrix[at, to]
    assert found.groupby("channel")["leads"].mean().to_dict() == pytest.approx(by_hand)


def test_last_touch_is_what_is_on_record():
    table = daily({"a": 3.0, "b": 6.0})
    found = credited(table, learn_transfer(paths(), "last"))
    pd.testing.assert_frame_equal(found, table.sort_values(["day", "channel"], ignore_index=True))


def test_credit_never_reaches_a_channel_before_it_began():
    late = daily({"c": 1.0}, DAYS[20:])
    table = pd.concat([daily({"a": 3.0, "b": 6.0}), late])
    found = credited(table, learn_transfer(paths(), "first"))
    early = found[found["day"] < DAYS[20]]
    assert set(early["channel"]) == {"a", "b"}
    assert early["leads"].sum() == pytest.approx(9.0 * 20)


def test_a_channel_that_paused_is_credited_with_no_spend_and_only_while_it_is_remembered():
    table = pd.concat([daily({"a": 3.0, "b": 6.0}), daily({"c": 1.0}, DAYS[:5])])
    found = credited(table, learn_transfer(paths(), "first"), lookback_days=10)
    mine = found[(found["channel"] == "c") & (found["leads"] > 0)]
    assert mine["day"].max() == DAYS[4] + pd.Timedelta(days=10)
    assert mine.loc[mine["day"] > DAYS[4], "spend"].eq(0).all()
    assert found["leads"].sum() == pytest.approx(table["leads"].sum())


def test_credit_of_channels_without_a_row_is_left_out_and_told():
    table = daily({"a": 3.0, "b": 6.0})
    transfer = learn_transfer(paths(), "first")
    gone = 1 - credited(table, transfer)["leads"].sum() / table["leads"].sum()
    by_hand = (3.0 * 0 + 6.0 * 20 / 90) / 9.0
    assert gone == pytest.approx(by_hand) == pytest.approx(unpaid_share(table, transfer))


def test_unknown_outcomes_stay_unknown_and_nothing_breaks_without_paths():
    table = daily({"a": 3.0, "z": 1.0})
    table.loc[table["channel"] == "z", ["leads", "revenue"]] = np.nan
    found = credited(table, learn_transfer(paths(), "linear"))
    assert found.loc[found["channel"] == "z", "leads"].isna().all()
    empty = learn_transfer(paths().iloc[:0], "markov")
    assert credited(table, empty) is table
    assert unpaid_share(table, empty) == 0.0


def test_few_persons_leave_more_open_than_many():
    few = paths()
    many = few.assign(**{n: few[n] * 100 for n in ("persons", "conversions", "value")})
    small, large = learn_transfer(few, "linear"), learn_transfer(many, "linear")
    assert small.log_var["c"] > 20 * large.log_var["c"] > 0
    assert small.log_var == learn_transfer(few, "linear").log_var


def test_the_variance_is_what_drawing_persons_one_by_one_gives():
    frame, rng = paths(), np.random.default_rng(3)
    found = learn_transfer(frame, "linear", {"a": 3.0, "b": 6.0}, draws=400).log_var
    each = frame.loc[frame.index.repeat(frame["conversions"])].assign(persons=1, conversions=1, value=1.0)
    logs = []
    for _ in range(300):
        drawn = each.iloc[rng.integers(0, len(each), len(each))]
        t = learn_transfer(drawn, "linear", draws=0)
        weights = np.array([{"a": 3.0, "b": 6.0}.get(c, 0.0) for c in t.channels])
        logs.append(np.log(weights @ t.matrix))
    by_hand = dict(zip(t.channels, np.var(logs, axis=0, ddof=1), strict=True))
    for channel in ("a", "b", "c"):
        assert found[channel] == pytest.approx(by_hand[channel], rel=0.35)


def test_an_unknown_model_is_refused():
    with pytest.raises(MeasureError) as refusal:
        learn_transfer(paths(), "magic")
    assert refusal.value.code == "measure.unknown_model"
