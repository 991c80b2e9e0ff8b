r"""What to do this week: verdicts, the drop rule and the curves as money per day and channel.

Every week, from last week's plan x and the mix x0 that following began with:

- a channel whose verdict is *drop* fades by ``fade`` of x0 a week, as far as the others can take the money
  (each at most ``step`` more a week), when that beats keeping it in ``sure`` of the draws;
- a channel that is still in *test* keeps at least ``floor`` of x0;
- the rest moves within ``step`` a week towards the best split of the curves (``allocation.py``), as far as it
  gains in ``confidence`` of the draws;
- the whole goes only as far from x0 as it beats x0 in ``sure`` of the draws, and comes back when what was
  learned since speaks against it.

Over ``w`` weeks in one plan the limits are the means of the weekly ones, ``mean((1 ± step)^i, i = 1..w)``.
The total stays what it is, or is the user's word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import ChannelOptError, Finding
from channelopt.plan.allocation import allocate
from channelopt.plan.diagnosis import Source, judged
from channelopt.plan.goods import goods, refuse
from channelopt.plan.history import History, history_of, learned, outcomes_of
from channelopt.plan.planned import Band, Plan, band
from channelopt.plan.standing import FEWEST
from channelopt.plan.weekplan import NOTHING, Following, Last, WeekPlan
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

WEEK = 7
#: Days whose mean is the spend that following begins with.
BEGINS = 28
#: A change of a channel's money below this share is none.
SAME = 0.005
#: A dropped channel below this share of its first spend is switched off.
OFF = 0.05
#: What is missing of the total below this share is taken by the others beyond their step.
LITTLE = 1e-3
#: Limits leave this much room around the total.
ROOM = 1 + 1e-6
#: Points on the way back to the first mix, and halvings of the search for the nearest one.
WAYS, HALVINGS = 11, 60
SEED = 2026
#: Share of a gain, corrected for the optimiser's curse, that came true in simulated brands (seeds 1–60).
CAME_TRUE = 0.9


@dataclass(frozen=True)
class _Case:
    """One week's question, arrays in the order of ``names``."""

    names: list[str]
    verdict: list[str]
    first: Array
    before: Array
    budget: float
    days: int
    policy: Policy
    rules: Following

    @property
    def dropped(self) -> npt.NDArray[np.bool_]:
        return np.array([v == "drop" for v in self.verdict]) & (self.before > 0)

    def reach(self) -> tuple[float, float]:
        """Least and most a channel may have, relative to before: the means of the weekly limits."""
        weeks = np.arange(1, max(round(self.days / WEEK), 1) + 1)
        return float(((1 - self.rules.step) ** weeks).mean()), float(((1 + self.rules.step) ** weeks).mean())

    def faded(self) -> Array:
        """Where dropped channels go, before asking whether others can take the money."""
        weeks = np.arange(1, max(round(self.days / WEEK), 1) + 1)
        left = self.before[:, None] - self.rules.fade * self.first[:, None] * weeks
        left = np.where(left < OFF * self.first[:, None], 0.0, left)
        return np.asarray(np.maximum(left, 0.0).mean(axis=1))


def week_plan(
    source: pd.DataFrame | Source,
    policy: Policy | None = None,
    last: WeekPlan | Last | None = None,
    budget: float | None = None,
    days: int = WEEK,
    rules: Following | None = None,
) -> WeekPlan:
    """What to spend next week.

    Args:
        source: a daily table or a ledger, as for ``diagnose``.
        policy: the rules of the team; the ledger's own when left out.
        last: the plan before; without one, following begins at the mean of the last 28 days.
        budget: money per day; that of the plan before when left out.
        days: length.
        rules: how it is followed.

    Raises:
        InputError: the table lacks day, channel or spend.
        PlanError: ``plan.bad_option``.
    """
    if not days >= 1 or int(days) != days:
        refuse("days", days, "a whole number from 1")
    if budget is not None and not 0 <= budget < np.inf:
        refuse("budget", budget, "money per day, from 0")
    ours = policy or (Policy() if isinstance(source, pd.DataFrame) else source.policy)
    verdicts, daily, delays = judged(source, ours)
    known = outcomes_of(daily)
    history = history_of(daily, delays, known[0] if known else "revenue") if len(daily) else None
    case = _case(verdicts, history, last, budget, int(days), ours, rules or Following())
    start = history.first_coming if history is not None else dt.date.min
    number = 1 + (last.last if isinstance(last, WeekPlan) else last).number if last is not None else 1
    if history is None or not known or not case.budget > 0:
        return _held(case, start, number, Finding("warning", "plan.follow_no_outcome"))
    spent = int(history.daily.loc[history.daily["spend"] > 0, "day"].nunique())
    if spent < FEWEST:
        return _held(
            case, start, number, Finding("warning", "plan.too_short", {"days": spent, "need": FEWEST})
        )
    try:
        curves = learned(history, known[0], ours)
    except ChannelOptError as trouble:
        return _held(case, start, number, Finding("warning", "plan.follow_no_fit", {"reason": str(trouble)}))
    return _followed(case, curves, start, number, history.findings)


def _case(
    verdicts: pd.DataFrame, history: History | None, last: WeekPlan | Last | None, budget: float | None,
    days: int, policy: Policy, rules: Following,
) -> _Case:  # fmt: skip
    names = [str(c) for c in verdicts["channel"]]
    began = _recent(history, names)
    if last is None:
        before = first = began
    else:
        then = last.last if isinstance(last, WeekPlan) else last
        before = np.array([then.spend.get(c, b) for c, b in zip(names, began, strict=True)])
        first = np.array([then.first.get(c, b) for c, b in zip(names, before, strict=True)])
    total = float(before.sum()) if budget is None else float(budget)
    verdict = [str(v) for v in verdicts["verdict"]]
    return _Case(names, verdict, first, before, total, days, policy, rules)


def _recent(history: History | None, names: list[str]) -> Array:
    """Mean money per day of the last four weeks."""
    if history is None:
        return np.zeros(len(names))
    daily = history.daily
    last = daily["day"].max()
    from_day = max(last - pd.Timedelta(days=BEGINS - 1), daily["day"].min())
    late = daily[daily["day"] >= from_day]
    sums = late.groupby(late["channel"].astype(str))["spend"].sum().reindex(names).fillna(0.0)
    return np.asarray(sums.to_numpy("float64") / ((last - from_day).days + 1))


def _followed(
    case: _Case, curves: ResponseCurves, start: dt.date, number: int, notes: tuple[Finding, ...]
) -> WeekPlan:
    """The plan of a week from curves."""
    inside = [case.names.index(c) for c in curves.channels]
    ours = _part(case, inside)
    scaled = ours.before * (case.budget / ours.before.sum()) if ours.before.sum() > 0 else ours.before
    held = replace(curves, today=pd.Series(scaled, index=list(curves.channels)))
    plan, found = _chosen(ours, held, scaled)
    moved, way = _anchored(ours, plan, scaled)
    spend = np.zeros(len(case.names))
    spend[inside] = moved
    told = {str(c): str(known) for c, known in held.identified.items()}
    table = _table(case, spend, told)
    off = (plan.naive_uplift - plan.uplift) * plan.expected_today.mid * way
    week = WeekPlan(
        table=table,
        start=start,
        days=case.days,
        budget=case.budget,
        outcome=curves.outcome,
        gain=NOTHING,
        number=number,
        way=way,
        correction=float(off) if np.isfinite(off) else 0.0,
        reasons=_reasons(table, plan, case.policy),
        findings=(*notes, *found, *_doubts(plan)),
        curves=held,
        plan=plan,
    )
    return replace(week, gain=promise(week, scaled))


def _chosen(case: _Case, curves: ResponseCurves, scaled: Array) -> tuple[Plan, list[Finding]]:
    """The split with dropped channels on their way out, when that surely beats keeping them."""
    fading = _forced(case, scaled)
    plan = _split(case, curves, scaled, fading)
    if case.dropped.all() and len(scaled):
        return plan, [Finding("warning", "plan.follow_all_below", {"floor": case.policy.roi_floor})]
    if fading is None:
        return plan, []
    gain = _gain(plan, plan.spend.to_numpy("float64"), scaled, case.rules.doubt)
    if gain.mean() >= 0 and (gain > 0).mean() >= case.rules.sure:
        return plan, []
    names = ", ".join(c for c, out in zip(case.names, case.dropped, strict=True) if out)
    return _split(case, curves, scaled, None), [Finding("warning", "plan.follow_no_place", {"names": names})]


def _anchored(case: _Case, plan: Plan, scaled: Array) -> tuple[Array, float]:
    """The spend nearest to the plan that surely beats the mix following began with, and how far it goes.

    The way leads from the nearest that the week's limits allow to the first mix, to the plan.
    """
    aim = plan.spend.to_numpy("float64")
    total = float(case.first.sum())
    if not case.rules.sure > 0 or not total > 0:
        return aim, 1.0
    first = case.first * (case.budget / total)
    fixed = case.dropped & (aim < scaled)
    least, most = case.reach()
    low = np.where(fixed, aim, np.minimum(scaled * least, aim))
    high = np.where(fixed, aim, np.maximum(scaled * most, aim))
    back = _nearest(first, low, high, float(aim.sum()))
    ways = np.linspace(0, 1, WAYS)[1:]
    gain = _gain(plan, back + ways[:, None] * (aim - back), first, case.rules.doubt)
    good = np.flatnonzero((gain > 0).mean(axis=0) >= case.rules.sure)
    way = float(ways[good[-1]]) if len(good) else 0.0
    return (aim, 1.0) if way == 1 else (back + way * (aim - back), way)


def _nearest(aim: Array, low: Array, high: Array, total: float) -> Array:
    """The spend of a total within limits whose distance to an aim is alike for all, relative to its size."""
    weight = np.maximum(aim, 1e-3 * max(total, 1e-9))
    below, above = -1e3, 1e3
    for _ in range(HALVINGS):
        middle = (below + above) / 2
        less = float(np.clip(aim + middle * weight, low, high).sum()) < total
        below, above = (middle, above) if less else (below, middle)
    return np.asarray(np.clip(aim + above * weight, low, high))


def _part(case: _Case, inside: list[int]) -> _Case:
    """The case for some of the channels."""
    return replace(
        case,
        names=[case.names[i] for i in inside],
        verdict=[case.verdict[i] for i in inside],
        first=case.first[inside],
        before=case.before[inside],
    )


def _forced(case: _Case, scaled: Array) -> Array | None:
    """(channels,) money per day of dropped channels, NaN for the others; None when nothing is dropped."""
    out = case.dropped
    if not out.any() or out.all():
        return None
    most = case.reach()[1] * float(scaled[~out].sum())
    aim = np.where(out, np.minimum(case.faded(), scaled), 0.0)
    missing = case.budget - most - float(aim.sum())
    if missing > LITTLE * case.budget:
        room = np.where(out, scaled - aim, 0.0)
        aim = aim + room * min(missing / max(float(room.sum()), 1e-12), 1.0)
    return np.where(out, aim, np.nan)


def _split(case: _Case, curves: ResponseCurves, scaled: Array, fading: Array | None) -> Plan:
    """The best split within the limits of the week."""
    low, high = (scaled * factor for factor in case.reach())
    for c, verdict in enumerate(case.verdict):
        if verdict in ("test", "unknown"):
            low[c] = min(max(low[c], case.rules.floor * case.first[c]), scaled[c])
        if verdict == "drop":
            low[c], high[c] = min(case.faded()[c], scaled[c]), scaled[c]
            if fading is not None and scaled[c] > 0:
                low[c] = high[c] = fading[c]
        elif not scaled[c] > 0:
            high[c] = case.rules.step * case.first[c]  # what was switched off may come back
    if case.rules.focus:
        high = _focused(case, curves, scaled, high, low)
    if high.sum() < case.budget * ROOM:  # the cents must fit; or every channel is dropped
        high = np.maximum(high, scaled * case.reach()[1]) if case.dropped.all() else high
        high = high * max(case.budget * ROOM / max(float(high.sum()), 1e-12), 1.0)
    if low.sum() > case.budget / ROOM:
        low = low * (case.budget / ROOM / float(low.sum()))
    bounds = {c: (float(a), float(b)) for c, a, b in zip(case.names, low, high, strict=True)}
    careful = case.rules.confidence > 0
    objective = "revenue" if curves.outcome == "profit" else curves.outcome
    return allocate(
        curves, case.budget * case.days, case.days, bounds, None, objective, case.policy,
        caution=careful, sure=case.rules.confidence,
    )  # fmt: skip


def _focused(case: _Case, curves: ResponseCurves, scaled: Array, high: Array, low: Array) -> Array:
    """Room above today's spend only for the TOP N by the next unit's return, as far as that is enough."""
    order = np.argsort(-curves.slope_draws(scaled).mean(axis=0))
    held = np.minimum(high, np.maximum(scaled, low))
    for n in range(case.policy.top_n, len(order) + 1):
        top = np.isin(np.arange(len(order)), order[:n])
        room = np.where(top, high, held)
        if room.sum() >= case.budget:
            return np.asarray(room)
    return high


def _gain(plan: Plan, spend: Array, other: Array, doubt: float = 0.0) -> Array:
    """(draws, ...), outcome per day of spends (..., channels) above that of another one.

    ``doubt`` is the log-sd of a further factor on every channel's return, beyond what the curves allow for.
    """
    what = goods(plan.curves, plan.objective, plan.days, plan.policy)
    z = np.random.default_rng(SEED).standard_normal(what.top.shape)
    what = replace(what, top=what.top * np.exp(doubt * z - doubt**2 / 2))
    mine, its = what.drawn(spend).sum(axis=-1), what.drawn(other).sum(axis=-1)
    return np.asarray(mine - its.reshape(its.shape + (1,) * (mine.ndim - 1)))


def promise(week: WeekPlan, other: npt.ArrayLike, share: float = CAME_TRUE) -> Band:
    """Outcome over the days of a plan above that of another spend, corrected for the optimiser's curse.

    Args:
        week: the plan.
        other: (channels,), money per day in the order of the plan's curves.
        share: how much of the corrected gain is promised; what came true in simulated brands when left out.

    Returns:
        NaN for a plan without curves.
    """
    if week.plan is None or week.curves is None:
        return NOTHING
    spend = week.spend.reindex(list(week.curves.channels)).to_numpy("float64")
    drawn = _gain(week.plan, spend, np.asarray(other, dtype="float64")) * week.days
    raw = band(drawn, week.plan.policy.interval)
    mid = (raw.mid - week.correction) * share
    return Band(raw.low + mid - raw.mid, mid, raw.high + mid - raw.mid)


def _table(case: _Case, spend: Array, told: Mapping[str, str]) -> pd.DataFrame:
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(case.before > 0, spend / case.before - 1, np.nan)
    table = pd.DataFrame(
        {
            "channel": case.names, "verdict": case.verdict, "role": "hold", "first": case.first,
            "before": case.before, "spend": spend, "change": change,
            "identified": [told.get(c, "") for c in case.names],
        }
    )  # fmt: skip
    table.loc[table["change"] > SAME, "role"] = "raise"
    table.loc[table["change"] < -SAME, "role"] = "lower"
    table.loc[(table["verdict"] == "drop") & (table["role"] == "lower"), "role"] = "fade"
    table.loc[table["spend"] <= 0, "role"] = "off"
    return table.sort_values(["spend", "channel"], ascending=[False, True], ignore_index=True)


def _reasons(table: pd.DataFrame, plan: Plan | None, policy: Policy) -> dict[str, Finding]:
    """Why each channel gets what it gets."""
    margin = dict(plan.receipts.set_index("channel")["mroi"]) if plan is not None else {}
    found = {}
    for row in table.itertuples():
        params = {
            "channel": row.channel, "change": abs(float(row.change)), "spend": float(row.spend),
            "mroi": float(margin.get(row.channel, np.nan)), "floor": policy.roi_floor,
        }  # fmt: skip
        code = f"plan.follow_{row.role}"
        if row.role in ("lower", "hold") and row.verdict == "test":
            code = "plan.follow_test"
        found[str(row.channel)] = Finding("info", code, params)
    return found


def _doubts(plan: Plan) -> list[Finding]:
    """What the split says that concerns a week."""
    kept = ("plan.outside", "plan.not_identified", "plan.steps_widened")
    found = [f for f in plan.findings if f.code in kept]
    if plan.variation is not None and len(plan.variation.table):
        names = ", ".join(plan.variation.table["channel"])
        found.append(Finding("info", "plan.follow_vary", {"names": names, "days": plan.variation.days}))
    return found


def _held(case: _Case, start: dt.date, number: int, why: Finding) -> WeekPlan:
    """Everything stays where it is."""
    total = float(case.before.sum())
    spend = case.before * (case.budget / total) if total > 0 else case.before
    table = _table(case, spend, {})
    return WeekPlan(
        table, start, case.days, case.budget, "", NOTHING, number, 0.0, 0.0,
        _reasons(table, None, case.policy), (why,),
    )  # fmt: skip
