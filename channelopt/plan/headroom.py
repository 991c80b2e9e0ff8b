r"""How much more each channel can take until its next unit of money brings less than the floor.

With the marginal return of a draw at x money per day

.. math:: m(x) = top \cdot L (1 - L) \cdot slope / x, \qquad L = \operatorname{expit}(slope \log(x / half)),

the spend at the floor is the largest x with m(x) = floor: for slope 1 it is
:math:`\sqrt{top \cdot half / floor} - half`, else it is found by halving above the steepest point
:math:`half ((slope - 1) / (slope + 1))^{1 / slope}` (0 for slope <= 1), where m only falls. A curve that is
nowhere as steep as the floor has it at 0. Every draw has its own, so the spend at the floor has a band. A
channel has *room* or is *full* when that is so with the policy's confidence. Every return carries a further
doubt about attribution, a log-normal factor with median 1 and log-sd ``DOUBT``: money goes in for months.

Source: marginal analysis (Dorfman & Steiner 1954); the Hill slope as in ``response/curves.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from channelopt.errors import Finding
from channelopt.plan.goods import Goods, goods, refuse
from channelopt.plan.limits import STEP
from channelopt.plan.planned import Band, band
from channelopt.policy import Policy
from channelopt.response import ResponseCurves

Array = npt.NDArray[np.float64]

#: Days of a month.
MONTH = 365.25 / 12
#: Halvings: more than the digits of a float.
HALVINGS = 60
#: Log-sd of a channel's true return around what attribution and curves say of it, beyond what the curves
#: allow for; set on simulated accounts.
DOUBT, SEED = 0.3, 2026
MOST_STEPS = 12
#: Share of today's spend below which more of it is not worth a word.
LEAST = 0.01
STATUSES = ("room", "full", "unsure", "unknown")


@dataclass(frozen=True)
class Headroom:
    """Room to grow per channel. Money per day or month in the workspace currency.

    Attributes:
        table: one row per channel: channel, today (money per day), mroi_low, mroi, mroi_high (what the next
            unit brings today), floor_low, floor_spend, floor_high (money per day at which it falls to the
            floor: median and interval), extra_low, extra, extra_high (money a month from today to there,
            below 0 where today is beyond it), brings_low, brings, brings_high (money a month that ``extra``
            brings), p_room (chance that today's next unit brings the floor or more), sure_spend (most money
            per day whose next unit brings the floor with the policy's confidence), sure_extra (money a month
            from today to there, never beyond seen_high; below 0 where today is), seen_high (most money per
            day really held), no_data (floor_spend is beyond it), status: "room", "full", "unsure" or
            "unknown" (its money is not known; NaN).
        steps: the way from today to the spend at the floor: channel, step (from 1), spend (money per day),
            extra (money a month beyond today), mroi_low, mroi, mroi_high, brings (money a month more),
            p_above (chance that its next unit still brings the floor), no_data.
        floor: what the next unit must bring.
        findings: what to do, and what is doubtful.
    """

    table: pd.DataFrame
    steps: pd.DataFrame
    floor: float
    curves: ResponseCurves = field(repr=False)
    findings: tuple[Finding, ...] = ()

    @property
    def surest(self) -> pd.Series | None:
        """The row with the most money that surely pays, by data and not by guess; None without any."""
        guessed = [name for name in self.table["channel"] if self.curves.identified.get(name, "yes") == "no"]
        worth = self.table["sure_extra"] > LEAST * MONTH * self.table["today"]
        own = self.table[worth & ~self.table["channel"].isin(guessed)]
        return None if own.empty else own.loc[own["sure_extra"].idxmax()]


def break_even(policy: Policy) -> float:
    """The return at which a unit of money just comes back: 1 / margin, or ``policy.break_even``."""
    return policy.break_even if policy.margin is None else 1 / policy.margin


def floor_spend(top: Array, half: Array, slope: Array, floor: float) -> Array:
    """Largest money per day at which a Hill curve is as steep as the floor.

    Args:
        top, half, slope: of the curves, any shape; top in money.
        floor: money that the next unit of money brings, above 0.

    Returns:
        Same shape; 0 where the curve is nowhere that steep.
    """
    if not 0 < floor < np.inf:
        refuse("floor", floor, "a multiple above 0")
    top, half, slope = np.broadcast_arrays(*(np.asarray(v, dtype="float64") for v in (top, half, slope)))
    steep = np.maximum(slope, 1.0)
    with np.errstate(divide="ignore"):
        peak = np.log((steep - 1) / (steep + 1)) / steep
        scale = np.log(top) + np.log(slope) - np.log(half) - np.log(floor)
    low = np.maximum(peak, -700.0)
    high = np.maximum(low, np.maximum(scale, 0.0) / (slope + 1))  # there L (1 - L) <= exp(-slope u), u >= 0

    def excess(u: Array) -> Array:
        # log m - log floor at x = half exp(u); log L + log(1 - L) without overflow
        return np.asarray(scale - np.abs(slope * u) - 2 * np.log1p(np.exp(-np.abs(slope * u))) - u)

    never = ~(excess(low) > 0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = excess(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray(np.where(never, 0.0, half * np.exp((low + high) / 2)))


def headroom(
    curves: ResponseCurves,
    floor: float | None = None,
    days: int = 28,
    policy: Policy | None = None,
    value: Any = None,
    doubt: float = DOUBT,
) -> Headroom:
    """How much more each channel can take.

    Args:
        curves: what spend brings.
        floor: revenue that the next unit of money must bring; ``policy.roi_floor`` when left out, 1 for
            curves of profit. ``break_even(policy)`` is the point where it just pays.
        days: the coming days whose demand is counted in.
        policy: floor, confidence, interval.
        value: money per unit of the outcome, one number or by channel; the curves' own when left out.
        doubt: log-sd of the returns beyond what the curves allow for; curves of one draw know none.

    Raises:
        PlanError: ``plan.bad_option``, ``plan.bad_curves``.
    """
    if not 0 <= doubt < 2:
        refuse("doubt", doubt, "a log-sd from 0, below 2")
    rules = policy or Policy()
    net = curves.outcome == "profit"
    at = (1.0 if net else rules.roi_floor) if floor is None else float(floor)
    what = goods(curves, "profit" if net else "revenue", days, rules, value)
    top = what.top * (what.money if what.objective not in ("revenue", "profit") else 1.0)
    known = np.atleast_1d(np.isfinite(top).all(axis=0))
    factor = np.ones(np.shape(top))
    if len(top) > 1 and doubt > 0:
        factor = np.exp(doubt * np.random.default_rng(SEED).standard_normal(top.shape))
    limit = floor_spend(np.where(known, top * factor, 0.0), curves.half, curves.slope, at)
    rows, steps = [], []
    for c, name in enumerate(curves.channels):
        if not known[c]:
            rows.append(_unknown(what, c))
            continue
        draws = (v[:, c] for v in (top, curves.half, curves.slope, limit, factor))
        one = _Channel(name, float(what.today()[c]), *draws)
        seen = float(curves.observed_range["high"].reindex([name]).iloc[0])
        rows.append(_row(one, seen, rules))
        steps += _steps(one, seen, rules)
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    found = [*what.findings, *_said(table, curves, at, rules)]
    return Headroom(table, pd.DataFrame(steps, columns=list(_STEPS)), at, curves, tuple(found))


_COLUMNS = (
    "channel", "today", "mroi_low", "mroi", "mroi_high", "floor_low", "floor_spend", "floor_high",
    "extra_low", "extra", "extra_high", "brings_low", "brings", "brings_high",
    "p_room", "sure_spend", "sure_extra", "seen_high", "no_data", "status",
)  # fmt: skip
_STEPS = (
    "channel", "step", "spend", "extra", "mroi_low", "mroi", "mroi_high", "brings", "p_above", "no_data",
)  # fmt: skip


@dataclass(frozen=True)
class _Channel:
    """Draws of one channel, in money."""

    name: str
    today: float
    top: Array
    half: Array
    slope: Array
    limit: Array
    factor: Array

    def band(self, told: Array, interval: float) -> Band:
        """What the curves tell, in the middle, within what is doubted beside them."""
        wide = band(told * self.factor, interval)
        return Band(wide.low, float(told.mean()), wide.high)

    def brings(self, x: float) -> Array:
        """Money per day."""
        return np.asarray(self.top * expit(self.slope * (np.log(max(x, 1e-300)) - np.log(self.half))))

    def next_unit(self, x: float) -> Array:
        """Money that the next unit brings; at (almost) no spend as in ``response/curves.py``."""
        at = np.maximum(x, 1e-6 * self.half)
        level = expit(self.slope * (np.log(at) - np.log(self.half)))
        return np.asarray(self.top * level * (1 - level) * self.slope / at)


def _unknown(what: Goods, c: int) -> dict[str, object]:
    name = what.curves.channels[c]
    row: dict[str, object] = dict.fromkeys(_COLUMNS, float("nan"))
    seen = float(what.curves.observed_range["high"].reindex([name]).iloc[0])
    return row | {
        "channel": name, "today": float(what.today()[c]), "seen_high": seen, "no_data": False,
        "status": "unknown",
    }  # fmt: skip


def _row(one: _Channel, seen: float, rules: Policy) -> dict[str, object]:
    tail = (1 - rules.interval) / 2
    low, middle, high = np.quantile(one.limit, [tail, 0.5, 1 - tail])
    now = one.band(one.next_unit(one.today), rules.interval)
    gain = one.band((one.brings(float(middle)) - one.brings(one.today)) * MONTH, rules.interval)
    p_room = float((one.limit > one.today).mean())
    status = "unsure"
    if p_room >= rules.confidence:
        status = "room"
    elif p_room <= 1 - rules.confidence:
        status = "full"
    extra = [(float(x) - one.today) * MONTH for x in (low, middle, high)]
    sure = float(np.quantile(one.limit, 1 - rules.confidence, method="lower"))
    figures = (
        one.name, one.today, *now, float(low), float(middle), float(high), *extra, *gain,
        p_room, sure, (min(sure, seen) - one.today) * MONTH, seen, bool(middle > seen), status,
    )  # fmt: skip
    return dict(zip(_COLUMNS, figures, strict=True))


def _steps(one: _Channel, seen: float, rules: Policy) -> list[dict[str, object]]:
    """Steps of a fifth, the last one at the spend at the floor; larger ones where it is far."""
    goal = float(np.median(one.limit))
    if not goal > one.today * (1 + 1e-6):
        return []
    start = one.today if one.today > 0 else goal / (1 + STEP) ** (MOST_STEPS - 1)
    many = int(np.clip(np.ceil(np.log(goal / start) / np.log(1 + STEP)), 1, MOST_STEPS))
    first = 1 if one.today > 0 else 0
    spends = start * (goal / start) ** (np.arange(first, many + 1) / many)
    rows = []
    for at, x in enumerate(map(float, spends), start=1):
        now = one.band(one.next_unit(x), rules.interval)
        gain = float((one.brings(x) - one.brings(one.today)).mean()) * MONTH
        p_above = float((one.limit >= x).mean())
        figures = (one.name, at, x, (x - one.today) * MONTH, *now, gain, p_above, bool(x > seen))
        rows.append(dict(zip(_STEPS, figures, strict=True)))
    return rows


def _said(table: pd.DataFrame, curves: ResponseCurves, floor: float, rules: Policy) -> list[Finding]:
    found = []
    for row in table.to_dict("records"):
        name = row["channel"]
        if row["status"] == "unknown":
            found.append(Finding("warning", "plan.headroom_unknown", {"channel": name}))
            continue
        names = ("channel", "extra", "extra_low", "extra_high", "brings", "mroi", "p_room")
        params = {k: row[k] for k in names}
        params |= {"floor": floor, "less": -row["extra"], "sure": row["sure_spend"]}
        severity = "warning" if row["status"] == "full" else "info"
        found.append(Finding(severity, f"plan.headroom_{row['status']}", params))  # type: ignore[arg-type]
        if row["no_data"] and row["status"] != "full":
            seen = {"channel": name, "seen": row["seen_high"], "spend": row["floor_spend"]}
            found.append(Finding("warning", "plan.headroom_no_data", seen))
        if curves.identified.get(name, "yes") == "no":
            found.append(Finding("warning", "plan.headroom_guess", {"channel": name}))
    if not found:
        return found
    if table["status"].isin(["full"]).all():
        found.insert(0, Finding("warning", "plan.headroom_nowhere", {"floor": floor}))
    return found
