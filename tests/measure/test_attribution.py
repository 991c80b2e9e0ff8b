"""Attribution against naive loops, chains solved another way, permutations, and another package."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import InputError
from channelopt.measure.attribution import MODELS, Attribution, attribute
from channelopt.measure.markov import Steps
from channelopt.measure.messages import MeasureError
from channelopt.measure.touches import flatten

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "attribution.json").read_text(encoding="utf-8")
)


def table(*rows: tuple) -> pd.DataFrame:
    """Rows of (channels, persons, conversions, value) or with ages as a fifth."""
    made = []
    for channels, persons, conversions, value, *ages in rows:
        names = tuple(channels)
        age = tuple(ages[0]) if ages else tuple(float(len(names) - 1 - i) for i in range(len(names)))
        made.append((names, age, persons, conversions, value))
    return pd.DataFrame(made, columns=["path", "ages", "persons", "conversions", "value"])


def some(seed: int, channels: str = "abcde", rows: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    paths = sorted({tuple(rng.choice(list(channels), rng.integers(1, 8))) for _ in range(rows)})
    made = []
    for path in paths:
        persons = int(rng.integers(1, 60))
        won = int(rng.integers(0, persons // 3 + 1))
        ages = tuple(sorted(rng.uniform(0, 60, len(path)), reverse=True))
        made.append((path, persons, won, round(won * rng.uniform(50, 150), 2), ages))
    return table(*made)


def credit(found: Attribution, model: str, what: str = "conversions") -> dict[str, float]:
    rows = found.credits[found.credits["model"] == model]
    return dict(zip(rows["channel"], rows[what], strict=True))


def naive(paths: pd.DataFrame, model: str, what: str) -> dict[str, float]:
    """One touch at a time, in plain Python."""
    out: dict[str, float] = {}
    for row in paths.itertuples():
        n, amount = len(row.path), getattr(row, what)
        if model == "first":
            parts = [1.0] + [0.0] * (n - 1)
        elif model == "last":
            parts = [0.0] * (n - 1) + [1.0]
        elif model == "linear":
            parts = [1 / n] * n
        elif model == "time_decay":
            raw = [math.exp(-math.log(2) * age / 7) for age in row.ages]
            parts = [x / sum(raw) for x in raw]
        elif model == "position":
            parts = {1: [1.0], 2: [0.5, 0.5]}.get(n) or [0.4, *[0.2 / (n - 2)] * (n - 2), 0.4]
        for channel, part in zip(row.path, parts, strict=True):
            out[channel] = out.get(channel, 0.0) + part * amount
    return out


@pytest.mark.parametrize("model", ["first", "last", "linear", "time_decay", "position"])
@pytest.mark.parametrize("what", ["conversions", "value"])
def test_touch_models_are_a_plain_loop(model: str, what: str) -> None:
    paths = some(1)
    assert credit(attribute(paths, draws=0), model, what) == pytest.approx(naive(paths, model, what))


@pytest.mark.parametrize("seed", range(8))
def test_every_model_gives_away_exactly_what_there_is(seed: int) -> None:
    paths = some(seed, "abcdefgh"[: seed + 1])
    found = attribute(paths, draws=0)
    for _, rows in found.credits.groupby("model"):
        assert rows["conversions"].sum() == pytest.approx(paths["conversions"].sum())
        assert rows["value"].sum() == pytest.approx(paths["value"].sum())
        assert rows["share"].sum() == pytest.approx(1)
        assert (rows[["conversions", "value", "share"]] >= 0).all(axis=None)
    assert set(found.credits["model"]) == set(MODELS)
    assert found.lengths["journeys"].sum() == paths["persons"].sum() == found.journeys
    assert found.lengths["conversions"].sum() == paths["conversions"].sum() == found.conversions


def wins(paths: pd.DataFrame, without: str | None) -> float:
    """Chance to convert when every visit of a channel ends in null: powers of the full matrix."""
    names = ["(start)", *sorted({c for p in paths["path"] for c in p}), "(won)", "(null)"]
    at = {name: i for i, name in enumerate(names)}
    steps = np.zeros((len(names), len(names)))
    for row in paths.itertuples():
        walk = ["(start)", *row.path]
        for here, there in itertools.pairwise(walk):
            steps[at[here], at[there]] += row.persons
        steps[at[walk[-1]], at["(won)"]] += row.conversions
        steps[at[walk[-1]], at["(null)"]] += row.persons - row.conversions
    if without is not None:
        steps[at[without]] = 0
        steps[at[without], at["(null)"]] = 1
    for end in ("(won)", "(null)"):
        steps[at[end], at[end]] = 1
    chances = steps / steps.sum(axis=1, keepdims=True)
    return float(np.linalg.matrix_power(chances, 2**20)[at["(start)"], at["(won)"]])


@pytest.mark.parametrize("seed", range(5))
def test_markov_is_the_chain_walked_to_its_end_with_each_channel_taken_out(seed: int) -> None:
    paths = some(seed, rows=25)
    touches = flatten(paths)
    effect = Steps(touches).removal(touches.persons[:, None], touches.conversions[:, None])[0]
    whole = wins(paths, None)
    expected = [1 - wins(paths, channel) / whole for channel in touches.channels]
    assert effect == pytest.approx(expected, abs=1e-9)


def test_markov_of_the_textbook_three_paths() -> None:
    """C1→C2→C3→won, C1→null, C2→C3→null.

    By hand: start → C1 2/3, C2 1/3; C1 → C2 1/2, null 1/2; C2 → C3 1; C3 → won 1/2. All wins pass
    C2 and C3: P = (2/3·1/2 + 1/3)·1/2 = 1/3. Without C1: 1/3·1/2 = 1/6, so its effect is 1/2.
    Shares 0.5/2.5, 1/2.5, 1/2.5. The example and its effects are the ones commonly used to explain
    Anderl et al. (2016).
    """
    paths = table((("c1", "c2", "c3"), 1, 1, 10.0), (("c1",), 1, 0, 0.0), (("c2", "c3"), 1, 0, 0.0))
    touches = flatten(paths)
    effect = Steps(touches).removal(touches.persons[:, None], touches.conversions[:, None])[0]
    assert effect == pytest.approx([0.5, 1, 1])
    assert credit(attribute(paths), "markov") == pytest.approx({"c1": 0.2, "c2": 0.4, "c3": 0.4})
    assert credit(attribute(paths), "markov", "value") == pytest.approx({"c1": 2, "c2": 4, "c3": 4})


def permuted(paths: pd.DataFrame) -> dict[str, float]:
    """Shapley's value by its definition: mean marginal contribution over all orders of arrival."""
    channels = sorted({c for p in paths["path"] for c in p})

    def v(members: set[str]) -> float:
        return sum(row.conversions for row in paths.itertuples() if set(row.path) <= members)

    out = dict.fromkeys(channels, 0.0)
    orders = list(itertools.permutations(channels))
    for order in orders:
        for i, channel in enumerate(order):
            out[channel] += (v(set(order[: i + 1])) - v(set(order[:i]))) / len(orders)
    return out


@pytest.mark.parametrize("seed", range(4))
def test_shapley_is_the_mean_over_all_orders(seed: int) -> None:
    paths = some(seed, "abcde"[: 2 + seed], rows=30)
    assert credit(attribute(paths, draws=0), "shapley") == pytest.approx(permuted(paths))


def test_agrees_with_channelattribution() -> None:
    """Its simple models exactly, its Markov model within the noise of its own simulation."""
    rows = [(r["path"].split(" > "), r["persons"], r["conversions"], r["value"]) for r in REFERENCE["paths"]]
    paths = table(*rows)
    found = attribute(paths, draws=0)
    for model, theirs in (("first", "first_touch"), ("last", "last_touch"), ("linear", "linear_touch")):
        for what in ("conversions", "value"):
            expected = {r["channel_name"]: r[f"{theirs}_{what}"] for r in REFERENCE["simple"]}
            assert credit(found, model, what) == pytest.approx(expected)
    touches = flatten(paths)
    effect = Steps(touches).removal(touches.persons[:, None], touches.conversions[:, None])[0]
    expected = {r["channel_name"]: r["removal_effects_conversion"] for r in REFERENCE["removal"]}
    assert dict(zip(touches.channels, effect, strict=True)) == pytest.approx(expected, abs=0.003)
    expected = {r["channel_name"]: r["total_conversions"] for r in REFERENCE["markov"]}
    assert credit(found, "markov") == pytest.approx(expected, rel=0.005)


def test_no_log_is_an_empty_answer() -> None:
    found = attribute(table())
    assert found.credits.empty and found.top.empty and found.lengths.empty and found.assists.empty
    assert math.isnan(found.multi_share) and found.journeys == found.conversions == 0


def test_without_conversions_there_is_no_share_but_no_failure() -> None:
    found = attribute(table(("ab", 10, 0, 0.0), ("b", 5, 0, 0.0)))
    assert (found.credits["conversions"] == 0).all() and (found.credits["value"] == 0).all()
    assert found.credits[["share", "share_low", "share_high"]].isna().all(axis=None)
    assert math.isnan(found.multi_share) and (found.top["rate"] == 0).all()


def test_one_channel_gets_all() -> None:
    found = attribute(table(("aaa", 90, 32, 320.0), ("a", 5, 1, 10.0)))
    assert (found.credits["conversions"] - 33).abs().max() < 1e-9
    assert found.multi_share == 0
    assert (found.credits["share_high"] == 1).all()


def test_a_path_of_a_thousand_touches_and_ages_of_years() -> None:
    ages = [float(d) for d in range(9_990, -1, -10)]
    found = attribute(table(("ab" * 500, 20, 12, 1.0, ages)))
    for _, rows in found.credits.groupby("model"):
        assert rows["conversions"].sum() == pytest.approx(12)
    old = attribute(table(("ab", 1, 1, 1.0, (9_007.0, 9_000.0))))
    assert credit(old, "time_decay") == pytest.approx({"a": 1 / 3, "b": 2 / 3})


def test_thirty_channels() -> None:
    rng = np.random.default_rng(3)
    rows = [([f"k{i:02}" for i in rng.integers(0, 30, rng.integers(1, 9))], 40, 7, 70.0) for _ in range(400)]
    found = attribute(table(*rows), draws=20)
    assert len(found.credits) == 30 * len(MODELS)
    assert np.isfinite(found.credits["share_high"]).all()


def test_ranges_hold_the_share_and_shrink_with_persons() -> None:
    small = some(5)
    large = small.assign(persons=small["persons"] * 100, conversions=small["conversions"] * 100)
    few, many = attribute(small).credits, attribute(large).credits
    for found in (few, many):
        assert (found["share_low"] <= found["share"]).all() and (found["share"] <= found["share_high"]).all()
    width = (few["share_high"] - few["share_low"]) / (many["share_high"] - many["share_low"])
    assert width.median() == pytest.approx(10, rel=0.15)


def test_linear_range_is_that_of_a_mean_over_persons() -> None:
    """With many conversions: share ± 1.645 standard errors of the persons' own split."""
    paths = some(6).assign(persons=lambda f: f["persons"] * 50, conversions=lambda f: f["conversions"] * 50)
    rows = attribute(paths, ["linear"], draws=2_000).credits
    n = paths["conversions"].to_numpy()
    for row in rows.itertuples():
        part = np.array([p.count(row.channel) / len(p) for p in paths["path"]])
        error = math.sqrt((n * (part - row.share) ** 2).sum()) / n.sum()
        assert (row.share_high - row.share_low) / 2 == pytest.approx(1.645 * error, rel=0.06)


def test_few_conversions_have_no_range() -> None:
    assert attribute(table(("ab", 90, 29, 9.0))).credits["share_low"].isna().all()
    assert attribute(table(("ab", 90, 30, 9.0))).credits["share_low"].notna().all()


def test_the_same_seed_gives_the_same_ranges() -> None:
    paths = some(7)
    pd.testing.assert_frame_equal(attribute(paths).credits, attribute(paths).credits)
    other = attribute(paths, seed=2).credits
    assert (other["share_low"] != attribute(paths).credits["share_low"]).any()


def test_lengths_top_and_assists() -> None:
    found = attribute(table(("ab", 10, 4, 4.0), ("b", 50, 5, 5.0), ("ba", 3, 1, 1.0), ("aab", 2, 0, 0.0)))
    assert found.lengths.to_dict("list") == {
        "touches": [1, 2, 3], "journeys": [50, 13, 2], "conversions": [5, 5, 0],
    }  # fmt: skip
    assert found.top["path"].tolist() == [("b",), ("a", "b"), ("b", "a"), ("a", "a", "b")]
    assert found.top["rate"].tolist() == pytest.approx([0.1, 0.4, 1 / 3, 0])
    assert found.multi_share == 0.5
    a, b = found.assists.to_dict("records")
    assert (a["conversions"], a["opened"], a["closed"], a["assisted"], a["journeys"]) == (5, 4, 1, 4, 15)
    assert (b["conversions"], b["opened"], b["closed"], b["assisted"], b["journeys"]) == (10, 6, 9, 1, 65)


@pytest.mark.parametrize(
    "row",
    [
        ((), 1, 0, 0.0),
        ("ab", 1, 2, 0.0),
        ("ab", -1, -2, 0.0),
        ("ab", 1, 1, float("nan")),
        ("ab", 1, 1, 1.0, (1.0,)),
        ("ab", 1, 1, 1.0, (1.0, float("nan"))),
    ],
)
def test_impossible_paths_are_refused_with_their_row(row: tuple) -> None:
    with pytest.raises(MeasureError) as refused:
        attribute(table(("a", 1, 1, 1.0), row))
    assert refused.value.code == "measure.bad_path" and refused.value.params["row"] == 2


def test_unknown_models_and_missing_columns_are_refused() -> None:
    with pytest.raises(MeasureError, match="no attribution model called guess"):
        attribute(some(1), ["guess"])
    with pytest.raises(InputError):
        attribute(some(1).drop(columns="ages"))
