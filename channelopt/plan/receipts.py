"""A receipt per channel: what holds it, what its next unit brings now and then, what letting go is worth.

``mroi`` is the mean over the draws. What a limit is worth is not a multiplier but a second plan: the limit is
relaxed by ``relax_by`` money per day, the whole plan is made again, and the difference of the two outcomes
over the days is ``relax_gain``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.caution import Move
from channelopt.plan.goods import MONEY, Goods
from channelopt.plan.limits import Limits
from channelopt.plan.meancurves import MeanCurves
from channelopt.plan.optimum import Region

Array = npt.NDArray[np.float64]

#: A limit is relaxed by this share of itself, or of today's spend where that is larger.
RELAX = 0.1
#: A change below this share of today's spend is none.
STILL = 0.005

COLUMNS = (
    "channel", "verdict", "today", "reference", "spend", "change", "low", "high", "binding", "group",
    "mroi_today", "mroi", "mroi_low", "mroi_high", "relax_by", "relax_gain", "outside", "no_data",
    "identified", "reason",
)  # fmt: skip
#: Limits that can be relaxed.
LOOSE = ("bound_low", "bound_high", "step_low", "step_high", "start", "lock", "keep_alive", "group")


def receipts(
    what: Goods,
    limits: Limits,
    mean: MeanCurves,
    points: tuple[Array, Array, Move, Array],
    again: Callable[[Region], Array],
) -> pd.DataFrame:
    """One row per channel, columns ``COLUMNS``.

    verdict is "move", "hold", "test" (not moved because the data cannot tell) or "watch" (moved to where
    there are no data). Money is per day; ``low`` and ``high`` are the limits in force; ``binding`` is
    "none", "zero" (best without spend), "budget" (all of it), one of ``LOOSE``, or "caution"; ``mroi…`` are
    objective per unit of money, now and proposed, with a 90% interval of the draws; ``relax_gain`` is
    objective over the days, NaN where no limit can be relaxed; ``reason`` is a finding: why it moved or not.

    Args:
        what: the curves.
        limits: those of the plan.
        mean: their mean (kept for callers that plan again).
        points: today, the reference mix, the move, and the planned spend, money per day.
        again: makes the plan under another region.
    """
    today, reference, move, spend = points
    names = list(what.curves.channels)
    binding, group = _binding(limits, move, spend, what.days)
    now, then = what.marginal(today), what.marginal(spend)
    low, high = np.quantile(then, [0.05, 0.95], axis=0)
    seen = what.curves.observed_range.reindex(names)
    above = spend > seen["high"].to_numpy("float64") * (1 + 1e-9)
    below = (spend < seen["low"].to_numpy("float64") * (1 - 1e-9)) & (spend > 0)
    table = pd.DataFrame(
        {
            "channel": names, "today": today, "reference": reference, "spend": spend, "change": spend - today,
            "low": limits.region.low, "high": limits.region.high, "binding": binding, "group": group,
            "mroi_today": now.mean(axis=0), "mroi": then.mean(axis=0), "mroi_low": low, "mroi_high": high,
            "outside": above | below, "no_data": (today <= 0) & ~(seen["high"].to_numpy("float64") > 0),
            "identified": what.curves.identified.reindex(names).to_numpy(),
        }
    )  # fmt: skip
    table["relax_by"], table["relax_gain"] = _worth(what, limits, (today, spend), binding, group, again)
    table["verdict"] = [_verdict(row, move) for row in table.to_dict("records")]
    table["reason"] = [_reason(row, move, what) for row in table.to_dict("records")]
    return table[list(COLUMNS)]


def _binding(limits: Limits, move: Move, spend: Array, days: int) -> tuple[list[str], list[str]]:
    region, close = limits.region, 1.01 * (0.01 / days)
    wide = close + 1e-6 * np.maximum(region.high - region.low, 0.0)
    best = move.best if move.state in ("moved", "best") else spend
    found, groups = [], []
    at = spend if move.state != "moved" else best
    for c in range(len(spend)):
        kind, name = "none", ""
        if "lock" in (limits.low_reason[c], limits.high_reason[c]):
            kind = "lock"
        elif move.held[c] or _held_back(move, spend, c, wide[c]):
            kind = "caution"
        elif at[c] <= region.low[c] + wide[c]:
            kind = {"bound": "bound_low", "step": "step_low"}.get(limits.low_reason[c], limits.low_reason[c])
        elif at[c] >= region.high[c] - wide[c]:
            kind = {"bound": "bound_high", "step": "step_high"}.get(
                limits.high_reason[c], limits.high_reason[c]
            )
        if kind == "none":
            name = _group_of(limits, spend, c, close * len(spend))
            kind = "group" if name else kind
        found.append(kind)
        groups.append(name)
    return found, groups


def _held_back(move: Move, spend: Array, c: int, close: float) -> bool:
    """Whether caution keeps a channel from its best spend."""
    if move.state not in ("partial", "test_first"):
        return False
    return bool(abs(move.best[c] - spend[c]) > max(close, STILL * move.best[c]))


def _group_of(limits: Limits, spend: Array, c: int, close: float) -> str:
    """The group that holds a channel, "" for none."""
    for name, (members, low, high) in zip(limits.group_names, limits.region.groups, strict=True):
        total = float(spend[members].sum())
        if c in members and (total <= low + close or total >= high - close):
            return name
    return ""


def _worth(
    what: Goods,
    limits: Limits,
    points: tuple[Array, Array],
    binding: list[str],
    group: list[str],
    again: Callable[[Region], Array],
) -> tuple[Array, Array]:
    """By how much each limit is relaxed, and what that brings over the days."""
    today, spend = points
    by, gain = np.full(len(spend), np.nan), np.full(len(spend), np.nan)
    base = float(what.drawn(spend).sum(axis=-1).mean())
    done: dict[str, tuple[float, float]] = {}
    for c, kind in enumerate(binding):
        if kind not in LOOSE:
            continue
        key = f"group {group[c]}" if kind == "group" else f"channel {c}"
        if key not in done:
            size, region = _relaxed(limits, today, spend, c, kind, group[c])
            new = float(what.drawn(again(region)).sum(axis=-1).mean())
            done[key] = (size, max(new - base, 0.0) * what.days)
        by[c], gain[c] = done[key]
    return by, gain


def _relaxed(
    limits: Limits, today: Array, spend: Array, c: int, kind: str, group: str
) -> tuple[float, Region]:
    region = limits.region
    low, high = region.low.copy(), region.high.copy()
    if kind == "group":
        k = limits.group_names.index(group)
        members, least, most = region.groups[k]
        size = RELAX * max(float(spend[members].sum()), 1e-9)
        changed = (members, max(least - size, 0.0), most + size)
        return size, Region(low, high, (*region.groups[:k], changed, *region.groups[k + 1 :]))
    size = RELAX * float(max(high[c] if kind != "keep_alive" else low[c], today[c]))
    if kind in ("bound_low", "step_low", "lock", "keep_alive"):
        low[c] = max(low[c] - size, 0.0)
    if kind in ("bound_high", "step_high", "lock", "start"):
        high[c] += size
    return size, Region(low, high, region.groups)


def _moved(row: dict[Any, Any]) -> bool:
    return abs(row["spend"] - row["today"]) > max(STILL * row["today"], 0.01)


def _verdict(row: dict[Any, Any], move: Move) -> str:
    if _moved(row):
        return "watch" if row["outside"] or row["no_data"] else "move"
    if row["binding"] == "caution":
        return "test"
    return "hold"


def _reason(row: dict[Any, Any], move: Move, what: Goods) -> Finding:
    """Why it moved, or why not: a code of ``plan.why_…``."""
    params = {
        "channel": row["channel"], "today": row["today"], "spend": row["spend"], "low": row["low"],
        "high": row["high"], "now": row["mroi_today"], "then": row["mroi"], "group": row["group"],
        "step": move.step, "gain": row["relax_gain"], "by": row["relax_by"], "objective": what.objective,
        "days": what.days,
    }  # fmt: skip
    if row["mroi_today"] > 0:
        params["each"] = 1 / row["mroi_today"]
    params = {name: value for name, value in params.items() if value == value}
    if row["no_data"] and row["spend"] > 0:
        return Finding("warning", "plan.why_no_data", params)
    binding = row["binding"]
    if binding == "caution":
        code = "test" if not _moved(row) else "part_up" if row["spend"] > row["today"] else "part_down"
    elif binding != "none":
        code = binding
    elif _moved(row):
        code = ("up" if row["spend"] > row["today"] else "down") + ("" if _is_money(what) else "_each")
    else:
        code = "best"
    return Finding("info", f"plan.why_{code}", params)


def _is_money(what: Goods) -> bool:
    return what.objective in MONEY
