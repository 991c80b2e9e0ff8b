r"""Did it pay? What a scenario predicted against what came.

Curves count what spend causes; daily rows count what attribution says. Both are joined by their ratio in the
weeks before the change, ``k = outcome seen per day / outcome of the curves at the spend of then``. With H the
curves' outcome of the window had nothing changed,

    gain = seen - k H,    var = (k sd_H)^2 + days * v * (1 + days / days_before)

(v is the variance of a day's outcome, from weekly sums so that days that follow each other may be alike, the
last factor the doubt about k).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from channelopt.errors import Finding, require_columns
from channelopt.plan.forecast import Array, rows_of
from channelopt.plan.goods import MONEY, Goods, coming_demand, goods
from channelopt.plan.planned import Band, band
from channelopt.plan.scenarios import Scenario
from channelopt.plan.window import window_draws
from channelopt.policy import Policy
from channelopt.response import ResponseCurves
from channelopt.response.grid import COARSE

#: Days before the start that the curves are joined to the rows by, and the fewest of them.
BEFORE, FEWEST = 56, 14
#: Coming days whose expected demand stands for that of the days just past.
NOW = 14
#: Share of the planned money that may be spent elsewhere or not at all.
FOLLOWED = 0.1
VERDICTS = ("paid", "did_not_pay", "cannot_tell", "not_followed", "too_early", "no_data")


@dataclass(frozen=True)
class Evidence:
    """What was believed on the day a scenario was decided; all numbers, to be kept.

    Attributes:
        outcome: what the curves count.
        start: first day.
        days: length of the window.
        spend: channel → planned money per day.
        today: channel → money per day before.
        predicted: curves' outcome in the window under the plan.
        held: the same had nothing changed.
        gain: predicted above held, under the same draws.
        level: curves' outcome per day at the spend before, in the demand of the first coming days.
    """

    outcome: str
    start: dt.date
    days: int
    spend: Mapping[str, float]
    today: Mapping[str, float]
    predicted: Band
    held: Band
    gain: Band
    level: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON-ready values; ``from_dict`` reads them back."""
        return {**asdict(self), "start": self.start.isoformat()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Evidence:
        """Read back what ``to_dict`` wrote."""
        kept = dict(values)
        kept["start"] = dt.date.fromisoformat(str(kept["start"]))
        for name in ("predicted", "held", "gain"):
            kept[name] = Band(*kept[name])
        return cls(**kept)


@dataclass(frozen=True)
class Score:
    """Whether it paid.

    Attributes:
        verdict: one of ``VERDICTS``.
        seen: outcome of the window in the daily rows; NaN without rows.
        expected: what the plan predicted, in the same terms.
        held: what would have come had nothing changed.
        gain: seen above held; its interval is the policy's.
        chance: chance that the gain is above 0, and above what the extra money costs; NaN when it
            cannot be told.
        extra_spend: money spent in the window above the spend before.
        spend: one row per channel: channel, planned, spent (money over the window), off (share of planned).
        followed: whether the spend was as planned.
        findings: in words.
    """

    verdict: str
    seen: float
    expected: Band
    held: Band
    gain: Band
    chance: float
    extra_spend: float
    spend: pd.DataFrame
    followed: bool
    findings: tuple[Finding, ...]


def evidence_of(
    curves: ResponseCurves, scenario: Scenario, start: dt.date, policy: Policy | None = None
) -> Evidence:
    """What is believed today about a scenario that begins on ``start``, the first coming day.

    Raises:
        PlanError: as ``goods.goods``.
    """
    rules = policy or Policy()
    what = goods(curves, curves.outcome, scenario.days, rules)
    today = what.today()
    spend = np.array([scenario.spend.get(c, x) for c, x in zip(curves.channels, today, strict=True)])
    demand = coming_demand(what.curves, 0, scenario.days) * scenario.assumptions.demand
    drawn = window_draws(what, np.array([spend, today]), today, demand).sum(axis=-1)
    names = curves.channels
    return Evidence(
        outcome=curves.outcome,
        start=start,
        days=scenario.days,
        spend=dict(zip(names, map(float, spend), strict=True)),
        today=dict(zip(names, map(float, today), strict=True)),
        predicted=band(drawn[:, 0], rules.interval),
        held=band(drawn[:, 1], rules.interval),
        gain=band(drawn[:, 0] - drawn[:, 1], rules.interval),
        level=_level(what),
    )


def _level(what: Goods) -> float:
    held = float(what.curves.outcome_draws(what.today()).sum(axis=-1).mean())
    return held * float(coming_demand(what.curves, 0, NOW).mean())


def score(scenario: Scenario, evidence: Evidence, daily: pd.DataFrame, policy: Policy | None = None) -> Score:
    """Compare what was predicted with what came.

    Args:
        scenario: what was decided.
        evidence: what was believed then.
        daily: day, channel, spend and the outcome the curves count; rows of weeks or months are spread.
        policy: confidence and interval.

    Raises:
        InputError: a column is missing.
    """
    rules = policy or Policy()
    require_columns(daily, ("day", "channel", "spend", evidence.outcome))
    rows = rows_of(daily, list(evidence.spend), evidence.outcome, COARSE)
    first = pd.Timestamp(evidence.start)
    end = first + pd.Timedelta(days=evidence.days)
    inside = (rows.days >= first) & (rows.days < end)
    before = (rows.days >= first - pd.Timedelta(days=BEFORE)) & (rows.days < first)
    spend, followed = _spent(rows.spend[inside].sum(axis=0), evidence)
    outcome = pd.Series(rows.outcome, index=rows.days)
    seen, then = outcome[inside], outcome[before]
    extra = float(spend["spent"].sum() - sum(evidence.today.values()) * evidence.days)
    late = rows.days[-1] < end - pd.Timedelta(days=1) if len(rows.days) else True
    if late or seen.notna().sum() == 0 or then.notna().sum() < FEWEST or not evidence.level > 0:
        verdict = "too_early" if late and len(rows.days) else "no_data"
        return _unknown(verdict, evidence, (seen, spend, followed, extra))
    gain, held, expected, chance = _gain(evidence, seen, then, extra, rules)
    verdict = "cannot_tell"
    if not followed:
        verdict = "not_followed"
    elif chance >= rules.confidence:
        verdict = "paid"
    elif chance <= 1 - rules.confidence:
        verdict = "did_not_pay"
    params = {
        "name": scenario.name, "gain": gain.mid, "low": gain.low, "high": gain.high, "chance": chance,
        "outcome": evidence.outcome, "predicted": expected.mid - held.mid, "extra": extra,
    }  # fmt: skip
    findings = (Finding("info", f"plan.score_{verdict}", params),)
    total = float(seen.sum())
    return Score(verdict, total, expected, held, gain, chance, extra, spend, followed, findings)


def _spent(money: Array, evidence: Evidence) -> tuple[pd.DataFrame, bool]:
    """Planned and spent of each channel, and whether it was as planned; ``money`` as ``evidence.spend``."""
    planned = pd.Series(evidence.spend, dtype="float64") * evidence.days
    spent = pd.Series(money, index=planned.index, dtype="float64")
    off = (spent - planned) / planned.where(planned > 0)
    table = pd.DataFrame({"channel": planned.index, "planned": planned, "spent": spent, "off": off})
    wrong = float((spent - planned).abs().sum())
    return table.reset_index(drop=True), wrong <= FOLLOWED * max(float(planned.sum()), 1e-9)


def _gain(
    evidence: Evidence, seen: pd.Series, then: pd.Series, extra: float, policy: Policy
) -> tuple[Band, Band, Band, float]:
    """Gain, what would have come, what was predicted, and the chance that it paid."""
    k = float(then.mean()) / evidence.level
    z = float(stats.norm.ppf((1 + policy.interval) / 2))
    days, known = evidence.days, int(then.notna().sum())
    counts = evidence.outcome not in MONEY
    noise = days * max(_day_variance(then), float(then.mean()) if counts else 0.0) * (1 + days / known)
    total = float(seen.mean()) * days
    sd_held = k * (evidence.held.high - evidence.held.low) / (2 * z)
    # doubts about the curves' level fall out with k; what is left is doubt about the shape of the window
    shape = k * (evidence.gain.high - evidence.gain.low) / (2 * z)
    sd_gain, sd_seen = float(np.sqrt(noise)), float(np.sqrt(noise + shape**2))
    held = Band(
        k * evidence.held.mid - z * sd_held, k * evidence.held.mid, k * evidence.held.mid + z * sd_held
    )
    middle = k * evidence.predicted.mid
    expected = Band(middle - z * sd_seen, middle, middle + z * sd_seen)
    gain = total - held.mid
    price = max(extra, 0.0) * policy.break_even if not counts else 0.0
    chance = float(stats.norm.sf((price - gain) / max(sd_gain, 1e-12)))
    return Band(gain - z * sd_gain, gain, gain + z * sd_gain), held, expected, chance


def _day_variance(then: pd.Series) -> float:
    """Variance of a day's outcome, a seventh of that of weekly sums where that is larger."""
    days = then.dropna().to_numpy("float64")
    single = float(days.var(ddof=1)) if len(days) > 1 else 0.0
    weeks = days[: len(days) // 7 * 7].reshape(-1, 7).sum(axis=1)
    weekly = float(weeks.var(ddof=1)) / 7 if len(weeks) > 2 else 0.0
    return max(single, weekly)


def _unknown(verdict: str, evidence: Evidence, known: tuple[pd.Series, pd.DataFrame, bool, float]) -> Score:
    seen, spend, followed, extra = known
    nothing = Band(float("nan"), float("nan"), float("nan"))
    total = float(seen.sum(min_count=1)) if len(seen) else float("nan")
    found = Finding("info", f"plan.score_{verdict}", {"days": evidence.days, "need": FEWEST})
    return Score(verdict, total, nothing, nothing, nothing, float("nan"), extra, spend, followed, (found,))
