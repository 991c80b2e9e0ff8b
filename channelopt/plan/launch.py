r"""The launch kit of an emerging platform: what to expect, what to spend to know, when to stop, when to look.

What to expect is borrowed (``borrow.py``); what to spend is the least money that tells a platform bringing
the low end of the target from one that just breaks even, with weekly looks (``trial.py``). Orders come late:
what a week's spend can have shown by look k is its visible share G, so by look k the exposure is
:math:`\sum_{j \le k} weekly\, G(k - j)`. The money seen is compared with the bounds half a count away from
both sides, since money is not whole. A quarter of the error of dropping a good one belongs to the kill rule:
so much money, fewer than so many leads (or orders).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from channelopt.errors import Finding
from channelopt.plan.borrow import Similar, alike, borrowed_curve
from channelopt.plan.goods import refuse
from channelopt.plan.headroom import headroom
from channelopt.plan.messages import PlanError
from channelopt.plan.planned import Band, band
from channelopt.plan.trial import Bounds, kill_money, least_exposure, trial_bounds
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

#: Variance of one order's value over its square, when it is not given.
VALUE_CV2 = 1.0
#: How much more than counts days vary.
DISPERSION = 1.2
#: Part of the error of dropping a good platform that belongs to the kill rule.
KILL_SHARE = 0.25
KILL_EVENTS = (1, 3)
#: Longest trial that is planned when the money a week is given.
MOST_WEEKS = 52
#: Points of the borrowed return that expectations are averaged over.
POINTS = 40
#: Share of a week's orders at its end from which nothing is said of late ones.
ALL_VISIBLE = 0.99
VERDICTS = ("keep", "drop", "go_on")


class LaunchOptions(TypedDict, total=False):
    """What else may be said of a launch.

    weekly: money per week; the least that decides within ``policy.launch_weeks`` when left out.
    good, bad: returns to tell apart; the low end of the target and break-even when left out.
    value_cv2: squared coefficient of variation of an order's value, default ``VALUE_CV2``.
    leads_per_order: then the kill rule counts leads.
    visible: share of an order's week that is visible at the end of weeks 1, 2, …; all at once when left
        out.
    traits: index channel and platform, figures and words that say which channels are alike.
    value: money per unit of the curves' outcome.
    start: first day.
    """

    weekly: float | None
    good: float | None
    bad: float | None
    value_cv2: float
    leads_per_order: float | None
    visible: Sequence[float] | None
    traits: pd.DataFrame | None
    value: Any
    start: dt.date | None


@dataclass(frozen=True)
class LaunchKit:
    """How to try a new platform. Money in the workspace currency, returns as multiples.

    Attributes:
        platform: its name.
        weights: channel → how much its curve counts, sums to 1.
        curve: the borrowed curve, in revenue.
        discount: share of the similar channels' return that is expected, with its interval.
        expected_roi: return at the money of the trial, with its interval.
        room: money per day at which the borrowed next unit falls to the floor, with its interval.
        weekly: money per week.
        weeks: how many.
        budget: the most it costs.
        good, bad: returns told apart.
        error: chance of dropping a good or keeping a bad one, each at most.
        decides: whether everything is decided at the last look.
        calendar: one row per look: look, day (its date; NaT without a start), spend (so far), keep_money
            (revenue seen from which it is kept; NaN when not yet possible), drop_money (revenue up to which
            it is dropped; NaN likewise), keep_roi, drop_roi (the same over spend), p_decided (borrowed chance
            that it is over by then).
        kill: rows events, spend: stop when ``spend`` brought fewer than ``events``.
        kill_unit: "leads" or "orders".
        expected: index "bad", "floor", "good", "borrowed": keep, drop (chances), weeks, money (until then).
        findings: what to do, and what is doubtful.
    """

    platform: str
    weights: pd.Series
    curve: ResponseCurves = field(repr=False)
    discount: Band
    expected_roi: Band
    room: Band
    weekly: float
    weeks: int
    budget: float
    good: float
    bad: float
    error: float
    decides: bool
    calendar: pd.DataFrame
    kill: pd.DataFrame
    kill_unit: str
    expected: pd.DataFrame
    findings: tuple[Finding, ...] = ()

    def verdict(self, look: int, revenue: float, spend: float, events: float | None = None) -> str:
        """What a look says.

        Args:
            look: which one, from 1; beyond the last as the last.
            revenue: seen so far.
            spend: so far.
            events: leads or orders so far (``kill_unit``); None leaves the kill rule out.

        Returns:
            "keep", "drop" or "go_on"; "keep" or "drop" at the last look when the trial decides.

        Raises:
            PlanError: ``plan.bad_option``.
        """
        if not look >= 1:
            refuse("look", look, "a whole number from 1")
        if not (revenue >= 0 and spend >= 0):
            refuse("revenue", revenue, "money from 0")
        row = self.calendar.iloc[min(int(look), len(self.calendar)) - 1]
        if events is not None:
            due = self.kill[self.kill["spend"] <= spend]
            if (due["events"] > events).any():
                return "drop"
        if revenue >= row["keep_money"]:
            return "keep"
        return "drop" if revenue <= row["drop_money"] else "go_on"


def launch_kit(
    curves: ResponseCurves,
    platform: str,
    order_value: float,
    similar: Similar = None,
    policy: Policy | None = None,
    seed: int = 20260702,
    **options: Unpack[LaunchOptions],
) -> LaunchKit:
    """Plan the trial of a new platform.

    Args:
        curves: of the channels that run.
        platform: its name, such as "视频号" or "TikTok".
        order_value: mean revenue of an order.
        similar: the channels most like it, with or without weights; None to weigh by ``traits``.
        policy: ``launch_*``, target, break-even, floor, interval.
        seed: the same seed gives the same kit.
        options: see ``LaunchOptions``.

    Raises:
        PlanError: ``plan.launch_name``, ``plan.launch_running``, ``plan.bad_option``,
            ``plan.unknown_channels``, ``plan.no_value``, ``plan.no_margin``.
    """
    rules = policy or Policy()
    _check(curves, platform, order_value, options)
    weights = alike(curves.channels, platform, similar, options.get("traits"))
    curve = borrowed_curve(curves, platform, weights, rules, seed, options.get("value"))
    trial = _trial(order_value, rules, options)
    draws = (curve.outcome_draws(np.array([trial.weekly / 7])) / (trial.weekly / 7))[:, 0]
    limit = headroom(curve, policy=rules).table.iloc[0]
    reach = stats.norm.isf((1 - rules.interval) / 2) * rules.launch_discount_sd
    less = Band(*(float(rules.launch_discount * np.exp(side * reach)) for side in (-1, 0, 1)))
    kill = _kill(trial, order_value, options)
    expected = _expected(trial, draws, rules)
    kit = LaunchKit(
        platform, weights, curve, less, band(draws, rules.interval),
        Band(*(float(limit[c]) for c in ("floor_low", "floor_spend", "floor_high"))),
        trial.weekly, trial.weeks, trial.weekly * trial.weeks, trial.good, trial.bad, rules.launch_error,
        trial.bounds.decides, _calendar(trial, draws, options.get("start")), kill,
        "orders" if options.get("leads_per_order") is None else "leads", expected,
    )  # fmt: skip
    return _with_findings(kit, trial, similar, options, rules)


@dataclass(frozen=True)
class _Trial:
    """A trial in money. ``exposure``: (weeks,), money whose orders can be seen by each look."""

    bounds: Bounds
    exposure: Array
    weekly: float
    weeks: int
    good: float
    bad: float
    unit: float
    need: float
    error: float


def _check(curves: ResponseCurves, platform: str, order_value: float, options: LaunchOptions) -> None:
    if not platform.strip():
        raise PlanError("plan.launch_name")
    if platform in curves.channels and float(curves.today.get(platform, 0.0)) > 0:
        raise PlanError("plan.launch_running", channel=platform)
    if not 0 < order_value < np.inf:
        refuse("order_value", order_value, "money above 0")
    for name in ("weekly", "leads_per_order"):
        given = options.get(name)
        if given is not None and not 0 < float(given) < np.inf:  # type: ignore[arg-type]
            refuse(name, given, "a number above 0")
    if not 0 <= options.get("value_cv2", VALUE_CV2) < np.inf:
        refuse("value_cv2", options.get("value_cv2"), "from 0")
    shown = np.asarray(options.get("visible") or [1.0], dtype="float64")
    if not ((shown >= 0).all() and (shown <= 1).all() and (np.diff(shown) >= 0).all() and shown[-1] > 0):
        refuse("visible", options.get("visible"), "rising shares up to 1")


def _visible_weeks(options: LaunchOptions, weeks: int) -> Array:
    """(weeks,), weeks of spend whose orders can be seen by each look."""
    shown = np.asarray(options.get("visible") or [1.0], dtype="float64")
    full = np.r_[shown, np.full(max(weeks - len(shown), 0), shown[-1])][:weeks]
    return np.asarray(np.cumsum(full))


def _trial(order_value: float, rules: Policy, options: LaunchOptions) -> _Trial:
    good = float(options.get("good") or rules.target_roi[0])
    bad = float(options.get("bad") or rules.break_even)
    alpha, beta = rules.launch_error, rules.launch_error * (1 - KILL_SHARE)
    unit = order_value * (1 + options.get("value_cv2", VALUE_CV2)) * DISPERSION

    def least_weekly(weeks: int) -> float:
        seen = _visible_weeks(options, weeks)
        if not seen[-1] > 0:
            refuse("visible", options.get("visible"), "above 0 within the weeks of the trial")
        total = least_exposure(list(seen / seen[-1]), bad, good, alpha, beta)
        return total * unit / float(seen[-1])

    weeks, need = rules.launch_weeks, least_weekly(rules.launch_weeks)
    given = options.get("weekly")
    weekly = float(np.ceil(need)) if given is None else float(given)

    def bounds(many: int) -> Bounds:
        return trial_bounds(_visible_weeks(options, many) * weekly / unit, bad, good, alpha, beta)

    if given is not None:
        # more weeks than the total exposure asks for are never needed by much
        first = next((k for k in range(1, MOST_WEEKS + 1) if bounds(k).decides), None)
        weeks = rules.launch_weeks if first is None else first
    made = bounds(weeks)
    return _Trial(made, _visible_weeks(options, weeks) * weekly, weekly, weeks, good, bad, unit, need,
                  rules.launch_error)  # fmt: skip


def _kill(trial: _Trial, order_value: float, options: LaunchOptions) -> pd.DataFrame:
    leads = options.get("leads_per_order")
    rate = trial.good * (leads or 1.0) / order_value / DISPERSION
    exposed = kill_money(rate, KILL_EVENTS, KILL_SHARE * trial.error)
    if leads is None:  # orders come late: the money whose orders can be seen
        spent = trial.weekly * np.arange(trial.weeks + 1)
        exposed = np.interp(exposed, np.r_[0.0, trial.exposure], spent, right=np.inf)
    table = pd.DataFrame({"events": KILL_EVENTS, "spend": np.ceil(exposed)})
    return table[table["spend"] < trial.weekly * trial.weeks].reset_index(drop=True)


def _calendar(trial: _Trial, draws: Array, start: dt.date | None) -> pd.DataFrame:
    looks = np.arange(1, trial.weeks + 1)
    bounds, spend = trial.bounds, trial.weekly * looks
    keep = np.where(np.isfinite(bounds.keep), (bounds.keep - 0.5) * trial.unit, np.nan)
    drop = np.where(bounds.drop >= 0, (bounds.drop + 0.5) * trial.unit, np.nan)
    over = np.mean([np.add(*bounds.outcome(float(roi))) for roi in _points(draws)], axis=0).cumsum()
    first = pd.NaT if start is None else pd.Timestamp(start)
    return pd.DataFrame(
        {
            "look": looks, "day": [first + pd.Timedelta(days=7 * int(k)) for k in looks], "spend": spend,
            "keep_money": keep, "drop_money": drop, "keep_roi": keep / spend, "drop_roi": drop / spend,
            "p_decided": np.minimum(over, 1.0),
        }
    )  # fmt: skip


def _points(draws: Array) -> Array:
    """Returns that stand for the draws, equally likely."""
    return np.asarray(np.quantile(draws, (np.arange(POINTS) + 0.5) / POINTS))


def _expected(trial: _Trial, draws: Array, rules: Policy) -> pd.DataFrame:
    single = {"bad": trial.bad, "floor": rules.roi_floor, "good": trial.good}
    cases = {name: np.array([roi]) for name, roi in single.items()} | {"borrowed": _points(draws)}
    rows = {}
    for name, returns in cases.items():
        found = [trial.bounds.outcome(float(roi)) for roi in returns]
        kept, dropped = (np.mean([one[side] for one in found], axis=0) for side in (0, 1))
        over = kept + dropped
        weeks = float(over @ np.arange(1, trial.weeks + 1)) + (1 - float(over.sum())) * trial.weeks
        rows[name] = (float(kept.sum()), float(dropped.sum()), weeks, weeks * trial.weekly)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["keep", "drop", "weeks", "money"])


def _with_findings(
    kit: LaunchKit, trial: _Trial, similar: Similar, options: LaunchOptions, rules: Policy
) -> LaunchKit:
    platform, less = kit.platform, kit.discount
    borrowed = {
        "platform": platform, "names": ", ".join(map(str, kit.weights.index)), "discount": less.mid,
        "low": less.low, "high": less.high,
    }  # fmt: skip
    found = [Finding("info", "plan.launch_borrowed", borrowed)]
    traits = options.get("traits")
    if similar is None and len(kit.weights) > 1 and (traits is None or platform not in traits.index):
        found.append(Finding("question", "plan.launch_alike", {"platform": platform}))
    if kit.decides:
        money = {
            "budget": kit.budget, "weeks": kit.weeks, "good": kit.good, "bad": kit.bad, "error": kit.error,
            "expected": float(kit.expected.loc["borrowed", "money"]),
        }  # fmt: skip
        found.append(Finding("info", "plan.launch_budget", money))
    else:
        small = {"weekly": kit.weekly, "weeks": MOST_WEEKS, "need": float(np.ceil(trial.need))}
        found.append(Finding("warning", "plan.launch_too_small", small | {"within": rules.launch_weeks}))
    found += [
        Finding("info", f"plan.launch_kill_{kit.kill_unit}", {"spend": r.spend, "events": r.events})
        for r in kit.kill.itertuples()
    ]
    shown = options.get("visible")
    if shown is None:
        found.append(Finding("info", "plan.launch_no_delay", {}))
    elif shown[0] < ALL_VISIBLE:
        late = {"share": shown[0], "last": shown[min(kit.weeks, len(shown)) - 1], "weeks": kit.weeks}
        found.append(Finding("info", "plan.launch_late", late))
    chance = float(kit.expected.loc["borrowed", "keep"])
    if chance < 1 - rules.confidence:
        found.append(Finding("warning", "plan.launch_hopeless", {"platform": platform, "chance": chance}))
    return replace(kit, findings=tuple(found))
