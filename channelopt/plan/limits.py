"""How far each channel may move: bounds, steps, locks, minimums and groups, each with its reason.

With T today's and B the planned money per day, today's mix scaled to the budget is ``x_c * B / T``. A step
limit of s per week over w weeks allows from ``min(x_c, x_c B / T) (1 - s)^w`` to ``max(x_c, x_c B / T)
(1 + s)^w``: it limits how fast the mix changes, while the budget itself is the user's word. A channel
without spend today may start with a small share of the budget. A bound of the user's own takes the place
of the step limit on its side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from channelopt.errors import Finding
from channelopt.plan.goods import refuse
from channelopt.plan.messages import PlanError
from channelopt.plan.optimum import Region

Array = npt.NDArray[np.float64]

STEP = 0.2
#: Share of the daily budget a channel without spend today may start with.
START = 0.05
#: Why a limit stands where it does.
REASONS = ("bound", "step", "start", "lock", "keep_alive", "budget", "zero")

Bounds = Mapping[str, tuple[float | None, float | None]]
Groups = Mapping[str, tuple[Sequence[str], float, float]]


class Wishes(TypedDict, total=False):
    """What may be asked of a plan beside its budget.

    groups: name → (channels, low, high): money per day of several channels together; a channel may be in
        one group only.
    locks: channels that keep today's spend.
    step_limit: share per week a channel may change, compounding; None for none. Default 0.2.
    keep_alive: least money per day, one number for all channels or by channel.
    """

    groups: Groups | None
    locks: Sequence[str]
    step_limit: float | None
    keep_alive: float | Mapping[str, float] | None


@dataclass(frozen=True)
class Limits:
    """Where a plan may lie, and why.

    Attributes:
        region: the numbers.
        low_reason: per channel, one of ``REASONS``.
        high_reason: the same for the upper end.
        group_names: names of the region's groups, in their order.
        findings: limits that had to give way.
    """

    region: Region
    low_reason: tuple[str, ...]
    high_reason: tuple[str, ...]
    group_names: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def limits(
    channels: tuple[str, ...],
    today: Array,
    daily: float | None,
    days: int,
    bounds: Bounds | None,
    wishes: Wishes,
) -> Limits:
    """The limits of a plan.

    Args:
        channels: names.
        today: (channels,), money per day.
        daily: planned money per day; None when the budget is free.
        days: length of the plan.
        bounds: channel → (low, high), money per day; None leaves a side to the step limit.
        wishes: see ``Wishes``.

    Raises:
        PlanError: ``plan.bad_option``, ``plan.unknown_channels``, ``plan.limits_cross``,
            ``plan.group_impossible``, ``plan.groups_overlap``, ``plan.too_little``, ``plan.too_much``.
    """
    total = float(today.sum())
    budget = total if daily is None else daily
    step = wishes.get("step_limit", STEP)
    if step is not None and not 0 <= step < 1:
        refuse("step_limit", step, "from 0 and below 1, or None")
    asked = _Asked(channels, today, bounds or {}, wishes)
    made = _made(asked, _stepped(today, budget, days, step))
    if daily is None:
        return made
    if not made.region.least() - _slack(daily) <= daily <= made.region.most() + _slack(daily):
        made = _widened(asked, made, daily, days)
    return made


def _slack(daily: float) -> float:
    return 1e-9 * max(daily, 1.0)


@dataclass(frozen=True)
class _Asked:
    """What limits are made of."""

    channels: tuple[str, ...]
    today: Array
    bounds: Bounds
    wishes: Wishes


@dataclass
class _Ends:
    """Limits in the making."""

    low: Array
    high: Array
    low_reason: list[str]
    high_reason: list[str]


def _stepped(today: Array, budget: float, days: int, step: float | None) -> _Ends:
    """Limits by the steps alone."""
    n, total = len(today), float(today.sum())
    if step is None or not total > 0:
        most = max(budget, 1e-9)
        return _Ends(np.zeros(n), np.full(n, most), ["zero"] * n, ["budget"] * n)
    scaled = today * (budget / total)
    weeks = days / 7
    low = np.minimum(today, scaled) * (1 - step) ** weeks
    high = np.maximum(today, scaled) * (1 + step) ** weeks
    new = today <= 0
    high[new] = START * budget
    reasons = ["start" if x else "step" for x in new]
    return _Ends(low, high, ["zero" if x else "step" for x in new], reasons)


def _made(asked: _Asked, ends: _Ends) -> Limits:
    channels, wishes = asked.channels, asked.wishes
    _bounded(channels, ends, asked.bounds)
    _kept_alive(channels, ends, wishes.get("keep_alive"))
    _locked(channels, ends, asked.today, tuple(wishes.get("locks") or ()))
    crossed = np.flatnonzero(ends.low > ends.high * (1 + 1e-12))
    if len(crossed):
        c = int(crossed[0])
        raise PlanError(
            "plan.limits_cross", channel=channels[c], low=float(ends.low[c]), high=float(ends.high[c])
        )
    groups, names = _grouped(channels, ends, wishes.get("groups") or {})
    region = Region(ends.low, ends.high, groups)
    return Limits(region, tuple(ends.low_reason), tuple(ends.high_reason), names)


def _known(channels: tuple[str, ...], names: Sequence[str]) -> list[int]:
    unknown = [str(name) for name in names if name not in channels]
    if unknown:
        raise PlanError("plan.unknown_channels", names=", ".join(unknown), known=", ".join(channels))
    return [channels.index(name) for name in names]


def _side(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _bounded(channels: tuple[str, ...], ends: _Ends, bounds: Bounds) -> None:
    for c, name in zip(_known(channels, list(bounds)), bounds, strict=True):
        pair = tuple(bounds[name])
        if len(pair) != 2:
            refuse(f"bounds[{name}]", bounds[name], "(low, high) in money per day")
        low, high = _side(pair[0]), _side(pair[1])
        if (low is not None and not 0 <= low < np.inf) or (high is not None and high < (low or 0)):
            refuse(f"bounds[{name}]", bounds[name], "0 <= low <= high, money per day")
        if low is not None:
            ends.low[c], ends.low_reason[c] = low, "bound" if low > 0 else "zero"
            if high is None and ends.high[c] < low:
                ends.high[c], ends.high_reason[c] = low, "bound"
        if high is not None:
            ends.high[c], ends.high_reason[c] = high, "bound"
            if low is None and ends.low[c] > high:
                ends.low[c], ends.low_reason[c] = high, "bound"


def _kept_alive(channels: tuple[str, ...], ends: _Ends, least: float | Mapping[str, float] | None) -> None:
    if least is None:
        return
    wanted = least if isinstance(least, Mapping) else dict.fromkeys(channels, least)
    for c, name in zip(_known(channels, list(wanted)), wanted, strict=True):
        value = float(wanted[name])
        if not 0 <= value < np.inf:
            refuse("keep_alive", value, "money per day from 0")
        if value > ends.low[c]:
            ends.low[c], ends.low_reason[c] = value, "keep_alive"
        if value > ends.high[c] and ends.high_reason[c] in ("step", "start", "budget"):
            ends.high[c], ends.high_reason[c] = value, "keep_alive"


def _locked(channels: tuple[str, ...], ends: _Ends, today: Array, names: tuple[str, ...]) -> None:
    for c, name in zip(_known(channels, names), names, strict=True):
        bound = "bound" in (ends.low_reason[c], ends.high_reason[c])
        if bound and not ends.low[c] <= today[c] <= ends.high[c]:
            raise PlanError(
                "plan.lock_outside", channel=name, today=float(today[c]),
                low=float(ends.low[c]), high=float(ends.high[c]),
            )  # fmt: skip
        ends.low[c] = ends.high[c] = today[c]
        ends.low_reason[c] = ends.high_reason[c] = "lock"


def _grouped(
    channels: tuple[str, ...], ends: _Ends, groups: Groups
) -> tuple[tuple[tuple[npt.NDArray[np.int64], float, float], ...], tuple[str, ...]]:
    seen: dict[int, str] = {}
    found = []
    for name, (members, low, high) in groups.items():
        where = np.array(sorted(set(_known(channels, list(members)))), dtype="int64")
        least, most = _side(low) or 0.0, np.inf if _side(high) is None else float(high)
        if not len(where) or not 0 <= least <= most or least == np.inf:
            refuse(f"groups[{name}]", groups[name], "(channels, low, high) with 0 <= low <= high")
        for c in where:
            if int(c) in seen:
                raise PlanError("plan.groups_overlap", channel=channels[c], first=seen[int(c)], second=name)
            seen[int(c)] = name
        can_least, can_most = float(ends.low[where].sum()), float(ends.high[where].sum())
        if can_least > most * (1 + 1e-12) or can_most < least * (1 - 1e-12):
            raise PlanError(
                "plan.group_impossible", name=name, low=least, high=most, least=can_least, most=can_most
            )
        found.append((where, least, most))
    return tuple(found), tuple(groups)


def _widened(asked: _Asked, made: Limits, daily: float, days: int) -> Limits:
    """Limits whose steps are as much wider as the budget needs, when that is what stands in the way.

    Raises:
        PlanError: ``plan.too_little``, ``plan.too_much`` when the user's own limits cannot hold the budget.
    """
    free = _made(asked, _stepped(asked.today, daily, days, None)).region
    slack = _slack(daily)
    if daily > free.most() + slack or daily < free.least() - slack:
        code = "plan.too_much" if daily > free.most() else "plan.too_little"
        can = free.most() if daily > free.most() else free.least()
        raise PlanError(code, budget=daily * days, can=can * days, days=days, names=_who(asked))
    narrow, low, high = made.region, 0.0, 1.0
    for _ in range(60):
        share = (low + high) / 2
        tried = _between(narrow, free, share)
        fits = tried.least() <= daily <= tried.most()
        low, high = (low, share) if fits else (share, high)
    found = Finding("warning", "plan.steps_widened", {"budget": daily * days, "days": days})
    return replace(made, region=_between(narrow, free, high), findings=(found,))


def _between(narrow: Region, free: Region, share: float) -> Region:
    low = narrow.low + share * (np.minimum(free.low, narrow.low) - narrow.low)
    high = narrow.high + share * (np.maximum(free.high, narrow.high) - narrow.high)
    return Region(low, high, narrow.groups)


def _who(asked: _Asked) -> str:
    """Whose limits they are."""
    wishes, channels = asked.wishes, asked.channels
    named = [*asked.bounds, *(wishes.get("groups") or {}), *(wishes.get("locks") or ())]
    alive = wishes.get("keep_alive")
    named += list(alive) if isinstance(alive, Mapping) else list(channels) if alive else []
    return ", ".join(dict.fromkeys(map(str, named))) or ", ".join(channels)
