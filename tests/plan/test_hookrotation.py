"""Next week's split among hooks: shares, steps, floors, and where nothing is rotated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from channelopt.errors import PLAIN
from channelopt.plan.hookrotation import FEW, HOOK_ROTATION_COLUMNS, hook_rotation
from channelopt.plan.messages import MESSAGES
from channelopt.plan.rotation import towards
from channelopt.policy import Policy

HOOKS = {"A": ("web", ["a1", "a2"]), "B": ("web", ["b"]), "C": ("web", ["c"])}


def rows(leads, days=84, spend=100.0, channel="web", column="leads"):
    """Campaigns with the same money a day; ``leads`` is campaign → leads a day."""
    days = pd.date_range("2026-01-01", periods=days)
    parts = [
        pd.DataFrame(
            {"day": days, "channel": channel, "campaign": c, "spend": spend, "clicks": 50.0, column: n}
        )
        for c, n in leads.items()
    ]
    return pd.concat(parts, ignore_index=True)


def codes(found):
    return [f.code.removeprefix("plan.") for f in found]


def test_the_cheaper_hook_gets_more_step_by_step():
    daily = rows({"a1": 2.0, "a2": 2.0, "b": 1.0, "c": 1.0})
    found = hook_rotation(daily, HOOKS)
    assert list(found.table.columns) == list(HOOK_ROTATION_COLUMNS)
    table = found.table.set_index("hook")
    assert table.index[0] == "A" and table.loc["A", "now"] == pytest.approx(0.5)
    assert table.loc["A", "next"] == pytest.approx(0.7)  # 20% of the money changes hands
    assert table.loc["A", "aim"] > 0.9 and table["chance_best"].sum() == pytest.approx(1)
    assert table[["now", "next", "aim"]].sum().to_numpy() == pytest.approx([1, 1, 1])
    assert table.loc["A", "cpl_low"] < table.loc["A", "cpl"] < table.loc["A", "cpl_high"]
    assert table.loc["A", "cpl"] == pytest.approx(50, rel=0.05)
    assert table.loc["A", "leads"] == 84 * 4 and set(table["counted"]) == {"leads"}
    assert codes(found.notes["web"])[0] == "rotation_leads" and found.findings == ()
    far = hook_rotation(daily, HOOKS, policy=Policy(budget_step=0.9, explore_floor=0.1))
    assert far.table["next"].min() == pytest.approx(0.1) and far.floors == {"web": 0.1}


def test_valid_leads_where_the_lead_list_names_campaigns():
    daily = rows({"b": 2.0, "c": 2.0})
    daily["valid_leads"] = np.where(daily["campaign"] == "b", 0.5, 1.5)
    table = hook_rotation(daily, HOOKS).table
    assert table["hook"].iloc[0] == "C" and set(table["counted"]) == {"valid_leads"}
    platform = rows({"b": 2.0, "c": 1.0}, column="platform_leads").assign(leads=0.0)
    assert set(hook_rotation(platform, HOOKS).table["counted"]) == {"platform_leads"}


def test_where_nothing_is_rotated():
    daily = rows({"a1": 2.0, "b": 1.0})
    testing = hook_rotation(daily, HOOKS, testing={"web"})
    assert testing.table.empty and codes(testing.findings) == ["rotation_nobody", "rotation_testing"]
    uncounted = hook_rotation(daily.assign(leads=0.0), HOOKS)
    assert codes(uncounted.findings) == ["rotation_nobody", "rotation_uncounted"]
    alone = hook_rotation(rows({"b": 1.0}), HOOKS)
    assert alone.table.empty and codes(alone.findings) == ["rotation_nobody"]
    assert codes(hook_rotation(daily.head(0), {}).findings) == ["rotation_nobody"]
    paused = daily[(daily["campaign"] == "b") | (daily["day"] < "2026-02-01")]
    assert hook_rotation(paused, HOOKS).table.empty  # one hook is left that is shown


def test_too_few_leads_are_told():
    daily = rows({"a1": 0.1, "b": 0.05}, days=42)
    found = hook_rotation(daily, HOOKS)
    assert "rotation_few" in codes(found.notes["web"])
    few = next(f for f in found.notes["web"] if f.code.endswith("few"))
    assert few.params["n"] == pytest.approx(6.3) and few.params["need"] == 2 * FEW
    for told in (*found.notes["web"], *hook_rotation(daily, HOOKS, {"web"}).findings):
        assert PLAIN.format(MESSAGES[told.code], **told.params)


def test_old_weeks_are_left_out():
    old = rows({"b": 9.0, "c": 1.0}, days=200)
    late = old["day"] > old["day"].max() - pd.Timedelta(days=182)
    changed = old.assign(leads=np.where(late, 1.0, old["leads"]))
    table = hook_rotation(changed, HOOKS).table
    assert table["leads"].tolist() == [182.0, 182.0]
    assert table["chance_best"].to_numpy() == pytest.approx([0.5, 0.5], abs=0.05)
    assert codes(hook_rotation(changed, HOOKS).notes["web"]) == ["rotation_level"]


def test_a_step_towards_other_shares():
    now, aim = np.array([0.0, 0.3, 0.7]), np.array([0.8, 0.1, 0.1])
    made = towards(aim, now, 0.2)
    assert made == pytest.approx([0.2, 0.25, 0.55]) and np.abs(made - now).sum() / 2 == pytest.approx(0.2)
    assert towards(aim, now, 0.9) == pytest.approx(aim)
    lifted = towards(now, now, 0.2, 0.05)
    assert lifted.min() == pytest.approx(0.05) and lifted.sum() == pytest.approx(1)
