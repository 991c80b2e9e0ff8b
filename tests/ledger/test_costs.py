"""Full cost: nothing lost, every rule, unknown stays unknown."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channelopt.errors import InputError
from channelopt.ledger.costs import PARTS, structure, with_cost
from channelopt.policy import COST_KINDS, COST_RULES, CostRate, Policy

DAYS = pd.date_range("2026-03-01", "2026-04-30")


def frame(channels: int = 3, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = pd.MultiIndex.from_product([DAYS, [f"c{i}" for i in range(channels)]], names=["day", "channel"])
    made = pd.DataFrame(index=rows).reset_index()
    made["spend"] = rng.gamma(2, 50, len(made)).round(2)
    made["leads"] = rng.poisson(3, len(made)).astype(float)
    made["customers"] = rng.poisson(0.5, len(made)).astype(float)
    made["revenue"] = 300.0 * made["customers"]
    return made


def costs(*rows: tuple) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["month", "channel", "amount", "kind", "rule"])
    return table.assign(month=pd.to_datetime(table["month"]))


cost_rows = st.lists(
    st.tuples(
        st.sampled_from(["2026-03-01", "2026-04-01"]),
        st.sampled_from(["", "c0", "c2"]),
        st.floats(0.01, 1e6),
        st.sampled_from(sorted(COST_KINDS)),
        st.sampled_from(COST_RULES),
    ),
    max_size=6,
)


@given(cost_rows, st.integers(0, 50))
@settings(max_examples=80, deadline=None)
def test_parts_add_up_to_the_costs(rows, seed):
    table = costs(*rows)
    full, waiting = with_cost(frame(seed=seed), table, Policy())
    assert waiting.empty
    found = structure(full)
    for part in PARTS:
        want = sum(row[2] for row in rows if COST_KINDS[row[3]] == part)
        assert found[part].sum() == pytest.approx(want, abs=0.005)
    assert (full[["spend", *PARTS]].sum(axis=1) - full["cost"]).abs().max() < 1e-6


def test_rules_share_out_as_they_say():
    base = frame()
    march = base[base["day"] < "2026-04-01"]
    for rule, weight in (
        ("spend", march.groupby("channel")["spend"].sum()),
        ("leads", march.groupby("channel")["leads"].sum()),
        ("customers", march.groupby("channel")["customers"].sum()),
        ("even", pd.Series(1.0, index=["c0", "c1", "c2"])),
    ):
        full, _ = with_cost(base, costs(("2026-03-01", "", 900.0, "tool", rule)), Policy())
        found = full.groupby("channel")["hidden"].sum()
        assert found.to_dict() == pytest.approx((900 * weight / weight.sum()).to_dict()), rule
        assert full.loc[full["day"] >= "2026-04-01", "hidden"].sum() == 0


def test_rates_follow_their_base_and_channel():
    rates = (
        CostRate("agency", 0.15),
        CostRate("success", 0.05, of="revenue", kind="performance_fee", channel="c1"),
        CostRate("reserve", 0.02, kind="reserve"),
    )
    base = frame()
    full, _ = with_cost(base, costs(), Policy(cost_rates=rates, opportunity_rate=0.12))
    one = full[full["channel"] == "c1"]
    assert one["explicit"].sum() == pytest.approx(0.15 * one["spend"].sum() + 0.05 * one["revenue"].sum())
    assert full["hidden"].sum() == pytest.approx(0.02 * full["spend"].sum())
    assert full["opportunity"].sum() == pytest.approx(0.01 * full["spend"].sum())


def test_unknown_spend_stays_unknown_and_a_cost_without_days_waits():
    base = frame()
    base.loc[base["channel"] == "c2", "spend"] = np.nan
    table = costs(("2026-03-01", "", 100.0, "tool", "even"), ("2026-07-01", "c0", 50.0, "fee", "spend"))
    full, waiting = with_cost(base, table, Policy())
    assert full.loc[full["channel"] == "c2", ["cost", "hidden"]].isna().all(axis=None)
    assert full["hidden"].sum() == pytest.approx(100)
    assert waiting["amount"].tolist() == [50.0]


def test_leads_nobody_had_fall_back_on_spend():
    base = frame().assign(leads=0.0)
    full, _ = with_cost(base, costs(("2026-03-01", "", 100.0, "tool", "leads")), Policy())
    assert full["hidden"].sum() == pytest.approx(100)


def test_policies_with_rates_are_read_back():
    policy = Policy(cost_rates=(CostRate("agency", 0.15, channel="c1"),), margin=0.4)
    assert Policy.from_dict(policy.to_dict()) == policy
    for bad in ({"share": 0.0}, {"of": "clicks"}, {"kind": "tax"}, {"what": " "}):
        with pytest.raises(InputError):
            CostRate(**{"what": "x", "share": 0.1, **bad})
    with pytest.raises(InputError, match="margin"):
        Policy(margin=1.5)
