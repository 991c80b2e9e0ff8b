r"""What would the whole plan have been worth? The past, walked through with the plan made anew at each step.

On each past morning only what was known then is used (``known.py``): verdicts, drop rule, curves and split
give the spend p of the coming days (``follow.py``) at the total that was really spent; a is what was spent.

    promised  = shrink * [ corrected gain of p over a, by the curves of that morning ]
    hindsight = shrink' * [ F(p) - F(a) ],   F: curves of the whole history, draw by draw

Promises of several steps are added as if they erred together (low ends with low ends); hindsight is added
draw by draw. Both shrinks were learned in simulated brands (docs/methods.md). Outcomes are those the money of
a step brings in the end, at expected (promised) or usual (hindsight) demand.

Source: walk-forward evaluation (Pardo 1992); off-policy evaluation by a model of the outcome, the direct
method of Dudík, Langford & Li (2011), Doubly Robust Policy Evaluation and Learning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from channelopt.errors import ChannelOptError, Finding, require_columns
from channelopt.plan.diagnosis import judged
from channelopt.plan.follow import CAME_TRUE, promise, week_plan
from channelopt.plan.goods import refuse
from channelopt.plan.history import history_of, learned, outcomes_of
from channelopt.plan.known import dated, known_before
from channelopt.plan.planned import Band, band
from channelopt.plan.weekplan import NOTHING, Following, WeekPlan
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]
Told = Callable[[int, int], None]

#: Days of history the first step needs.
HISTORY = 56
#: Share of the promised and of the hindsight gain that came true in simulated brands.
PROMISED, HINDSIGHT = CAME_TRUE, 0.9
COLUMNS = (
    "start", "end", "state", "spent", "moved", "dropped", "promised_low", "promised", "promised_high",
    "hindsight_low", "hindsight", "hindsight_high", "outside",
)  # fmt: skip
SPEND_COLUMNS = ("start", "channel", "verdict", "planned", "spent")


@dataclass(frozen=True)
class Walk:
    """The plan, replayed.

    Attributes:
        table: one row per step, ``COLUMNS``: start, end (first and last day); state "moved" or "held" (no
            curves could be learned then: everything stays); spent (money of the channels known then), moved
            (money the plan would have placed elsewhere); dropped (how many channels on their way out);
            promised… and hindsight… (outcome gained over what was spent, with intervals; NaN where held);
            outside (share of the planned money beyond the spend a channel ever held).
        spend: one row per step and channel, ``SPEND_COLUMNS``: planned and spent are money per day.
        outcome: what is counted; "" without any.
        promised: all steps together, as it was promised on those mornings.
        hindsight: all steps together, by the curves of the whole history.
        share: hindsight gain as a share of the outcome of these days as seen; NaN when nothing was seen.
        findings: the result in words, and what cannot be known.
    """

    table: pd.DataFrame
    spend: pd.DataFrame
    outcome: str
    promised: Band
    hindsight: Band
    share: float
    findings: tuple[Finding, ...]

    @property
    def moved(self) -> float:
        """Money the plan would have placed elsewhere, all steps together."""
        return float(self.table["moved"].sum())

    @property
    def moved_share(self) -> float:
        """The same as a share of what was spent; NaN without spend."""
        spent = float(self.table["spent"].sum())
        return self.moved / spent if spent > 0 else float("nan")


@dataclass(frozen=True)
class _Step:
    """One step: its plan, and the money per day planned and spent by channel, in the order of ``names``."""

    start: pd.Timestamp
    plan: WeekPlan
    names: list[str]
    planned: Array
    spent: Array


def walk(
    daily: pd.DataFrame,
    policy: Policy | None = None,
    leads: pd.DataFrame | None = None,
    every: int = 28,
    start: dt.date | None = None,
    steps: int | None = None,
    rules: Following | None = None,
    on_step: Told | None = None,
) -> Walk:
    """Replay the plan over the past.

    Args:
        daily: day, channel, spend and outcomes as they are known today.
        policy: the rules of the team.
        leads: one row per lead (channel, created_at, customer_at, revenue): with it customers that came later
            are not known on a past morning.
        every: days of a step.
        start: first day of the first step; by default as early as ``HISTORY`` days of rows allow, so that the
            last step ends with the rows.
        steps: how many at most; the latest ones without ``start``.
        rules: how the plan is followed.
        on_step: told (done, total) after each step.

    Raises:
        InputError: a column is missing.
        PlanError: ``plan.bad_option``.
    """
    require_columns(daily, ("day", "channel", "spend"))
    for name, value in (("every", every), ("steps", steps)):
        if value is not None and (int(value) != value or value < 1):
            refuse(name, value, "a whole number from 1")
    ours = policy or Policy()
    why = missing(daily, every, start)
    if why is not None:
        return _refused(why)
    rows = daily.assign(day=pd.to_datetime(daily["day"]).dt.normalize())
    known, starts = outcomes_of(rows), _starts(rows["day"], every, start, steps)
    walked = []
    for done, day in enumerate(starts, start=1):
        step = _step(rows, leads, day, every, ours, rules)
        walked += [step] if step is not None else []
        if on_step is not None:
            on_step(done, len(starts))
    return _judged(rows, leads, walked, known[0], ours)


def missing(daily: pd.DataFrame, every: int = 28, start: dt.date | None = None) -> Finding | None:
    """What a walk lacks, told without walking; None when it can begin.

    Args:
        daily: day, channel, spend and outcomes.
        every: days of a step.
        start: first day of the first step.

    Raises:
        InputError: a column is missing.
    """
    require_columns(daily, ("day", "channel", "spend"))
    if not len(daily) or not outcomes_of(daily):
        return Finding("warning", "plan.follow_no_outcome")
    days = pd.to_datetime(daily["day"]).dt.normalize()
    if _starts(days, every, start, None):
        return None
    return Finding("warning", "plan.walk_short", {"need": HISTORY + every, "days": int(days.nunique())})


def _starts(days: pd.Series, every: int, start: dt.date | None, steps: int | None) -> list[pd.Timestamp]:
    """First days of the steps; every step is over by the last row."""
    first = days.min() + pd.Timedelta(days=HISTORY)
    after = days.max() + pd.Timedelta(days=1)
    if start is not None:
        first = max(first, pd.Timestamp(start).normalize())
    number = max((after - first).days // every, 0)
    kept = number if steps is None else min(number, steps)
    if start is None:
        return [after - pd.Timedelta(days=every * k) for k in range(kept, 0, -1)]
    return [first + pd.Timedelta(days=every * k) for k in range(kept)]


def _step(
    rows: pd.DataFrame, leads: pd.DataFrame | None, day: pd.Timestamp, every: int, policy: Policy,
    rules: Following | None,
) -> _Step | None:  # fmt: skip
    """The plan of one past morning beside what was spent; None when nothing was."""
    source = known_before(rows, leads, day, policy)
    names = sorted(rows.loc[rows["day"] < day, "channel"].astype(str).unique())
    window = rows[(rows["day"] >= day) & (rows["day"] < day + pd.Timedelta(days=every))]
    sums = window.groupby(window["channel"].astype(str))["spend"].sum()
    spent = sums.reindex(names).fillna(0.0).to_numpy("float64") / every
    if not spent.sum() > 0:
        return None
    plan = week_plan(source, policy, None, float(spent.sum()), every, rules)
    return _Step(day, plan, names, plan.spend.reindex(names).fillna(0.0).to_numpy("float64"), spent)


def _judged(
    rows: pd.DataFrame, leads: pd.DataFrame | None, steps: list[_Step], outcome: str, policy: Policy
) -> Walk:
    """Steps held against the curves of their morning, and against those of the whole history."""
    curves = _of_all(rows, leads, outcome, policy)
    drawn = [_hindsight(curves, step) for step in steps]
    table = pd.DataFrame(
        [_row(step, draws, curves, policy) for step, draws in zip(steps, drawn, strict=True)],
        columns=list(COLUMNS),
    )
    spend = [
        pd.DataFrame(
            {
                "start": s.start.date(), "channel": s.names, "planned": s.planned, "spent": s.spent,
                "verdict": s.plan.table.set_index("channel")["verdict"].reindex(s.names).to_numpy(),
            }
        )[list(SPEND_COLUMNS)]
        for s in steps
    ]  # fmt: skip
    moved = table[table["state"] == "moved"]
    columns = ("promised_low", "promised", "promised_high")
    promised = Band(*(float(moved[c].sum()) for c in columns)) if len(moved) else NOTHING
    told = [d for d in drawn if d is not None]
    hindsight = band(np.sum(told, axis=0), policy.interval) if told else NOTHING
    seen = _seen(rows, steps, outcome)
    share = hindsight.mid / seen if seen > 0 else float("nan")
    return Walk(
        table, pd.concat(spend, ignore_index=True) if spend else pd.DataFrame(columns=list(SPEND_COLUMNS)),
        outcome, promised, hindsight, share,
        (*_result(table, hindsight, share, outcome), *_unknowable(table, rows, leads, steps)),
    )  # fmt: skip


def _of_all(
    rows: pd.DataFrame, leads: pd.DataFrame | None, outcome: str, policy: Policy
) -> ResponseCurves | None:
    """The curves of the whole history."""
    source = known_before(rows, leads, rows["day"].max() + pd.Timedelta(days=1), policy)
    _, daily, delays = judged(source, policy)
    try:
        return learned(history_of(daily, delays, outcome), outcome, policy)
    except ChannelOptError:
        return None


def _hindsight(curves: ResponseCurves | None, step: _Step) -> Array | None:
    """(draws,), gain of the step by the curves of the whole history; None where there is nothing to judge."""
    if curves is None or step.plan.plan is None:
        return None
    both = [pd.Series(x, index=step.names).reindex(list(curves.channels)).fillna(0.0).to_numpy("float64")
            for x in (step.planned, step.spent)]  # fmt: skip
    drawn = curves.outcome_draws(np.array(both)).sum(axis=-1)
    return np.asarray((drawn[:, 0] - drawn[:, 1]) * step.plan.days * HINDSIGHT)


def _row(
    step: _Step, draws: Array | None, curves: ResponseCurves | None, policy: Policy
) -> dict[str, object]:
    made, days = step.plan.plan, step.plan.days
    promised = NOTHING
    if made is not None:
        order = list(made.curves.channels)
        spent = pd.Series(step.spent, index=step.names).reindex(order).to_numpy("float64")
        promised = promise(step.plan, spent, PROMISED)
    told = NOTHING if draws is None else band(draws, policy.interval)
    values = (
        step.start.date(), (step.start + pd.Timedelta(days=days - 1)).date(),
        "held" if made is None else "moved", float(step.spent.sum()) * days,
        float(np.maximum(step.planned - step.spent, 0.0).sum()) * days,
        int((step.plan.table["role"].isin(["fade", "off"]) & (step.plan.table["verdict"] == "drop")).sum()),
        *promised, *told, _outside(step, curves),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _outside(step: _Step, curves: ResponseCurves | None) -> float:
    """Share of the planned money above what its channel ever held."""
    if curves is None or not step.planned.sum() > 0:
        return float("nan")
    most = curves.observed_range["high"].reindex(step.names).fillna(0.0).to_numpy("float64")
    return float(np.maximum(step.planned - most, 0.0).sum() / step.planned.sum())


def _seen(rows: pd.DataFrame, steps: list[_Step], outcome: str) -> float:
    """Outcome of the days of all steps, as seen today."""
    total = 0.0
    for step in steps:
        end = step.start + pd.Timedelta(days=step.plan.days)
        total += float(rows.loc[(rows["day"] >= step.start) & (rows["day"] < end), outcome].sum())
    return total


def _result(table: pd.DataFrame, gain: Band, share: float, outcome: str) -> list[Finding]:
    """What the plan would have been worth, in one sentence."""
    if not np.isfinite(gain.mid):
        return [Finding("warning", "plan.walk_nothing", {"steps": len(table)})]
    params = {
        "steps": len(table), "gain": _rough(gain.mid), "low": _rough(gain.low), "high": _rough(gain.high),
        "share": share,
        "outcome": outcome, "moved": float(table["moved"].sum()),
    }  # fmt: skip
    code = "gained" if gain.low > 0 else "lost" if gain.high < 0 else "cannot_tell"
    return [Finding("info", f"plan.walk_{code}", params)]


def _rough(value: float) -> float:
    """Three significant digits: more would be pretence."""
    return float(f"{value:.3g}")


def _unknowable(
    table: pd.DataFrame, rows: pd.DataFrame, leads: pd.DataFrame | None, steps: list[_Step]
) -> list[Finding]:
    """What such a walk cannot know."""
    found = [
        Finding("info", f"plan.walk_{code}") for code in ("cause", "world", "taken", "apart", "same_days")
    ]
    if not dated(leads):
        found.append(Finding("info", "plan.walk_late"))
    held = int((table["state"] == "held").sum())
    if held:
        found.append(Finding("info", "plan.walk_held", {"n": held, "steps": len(table)}))
    outside = table["outside"].fillna(0.0) * table["spent"]
    if outside.sum() > 0.05 * table["spent"].sum():
        params = {"share": float(outside.sum() / table["spent"].sum())}
        found.append(Finding("warning", "plan.walk_outside", params))
    later = sorted(set(rows["channel"].astype(str)) - set(steps[0].names)) if steps else []
    if later:
        found.append(Finding("info", "plan.walk_new", {"names": ", ".join(later), "n": len(later)}))
    return found


def _refused(why: Finding) -> Walk:
    """Nothing to walk through."""
    empty, spend = pd.DataFrame(columns=list(COLUMNS)), pd.DataFrame(columns=list(SPEND_COLUMNS))
    return Walk(empty, spend, "", NOTHING, NOTHING, float("nan"), (why,))
