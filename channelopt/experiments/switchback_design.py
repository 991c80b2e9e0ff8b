"""Plan a switchback: one campaign run in two ways in turns, which weeks get which, what it can see.

Neighbouring blocks of days make a pair; within each pair a coin decides which goes first. The first days of
every block are left out (what the block before left behind), whether the variant changed or not: so every
outcome of the coins would have used the same days. Power comes from the history: pairs of neighbouring
blocks are drawn from it, one side's outcome is multiplied, and the test is done.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize

from channelopt.errors import Finding, InputError
from channelopt.experiments.metrics import metric_of
from channelopt.experiments.placebo import least_p
from channelopt.experiments.stored import findings_from, findings_to
from channelopt.experiments.switchback_pairs import Pairs, day_series, flips, scores, sliding_pairs

#: Draws of a planned test per figure.
_SIMS = 400
_TURNED = 1024
#: Pairs of the history, one after the other, below which nothing is said about power.
LEAST_HISTORY = 3
_LARGEST = 5.0


@dataclass(frozen=True)
class SwitchbackPlan:
    """What was promised before the test.

    Attributes:
        metric: name, one of ``METRICS``.
        variants: the two names, today's way first.
        order: per pair, the variant that goes first.
        block_days: days of one block.
        washout_days: first days of every block that are left out.
        smallest: smallest relative effect worth acting on.
        mde: smallest relative effect found with ``power``; NaN when the history is too short to say.
        chance: chance to find ``smallest``; NaN when the history is too short to say.
        curve: (effect, chance to find it); empty when not known.
        alpha: error of the verdict.
        power: asked for.
        value_per_day: money a day that moves in proportion with the metric; 0 when unknown.
        cost: money spent while it runs; NaN without spend in the history.
        seed: of the coins.
        findings: what is doubtful about the plan.
    """

    metric: str
    variants: tuple[str, str]
    order: tuple[str, ...]
    block_days: int
    washout_days: int
    smallest: float
    mde: float
    chance: float
    curve: tuple[tuple[float, float], ...]
    alpha: float
    power: float
    value_per_day: float
    cost: float
    seed: int
    findings: tuple[Finding, ...] = field(default=())

    def __post_init__(self) -> None:
        metric_of(self.metric)
        _refuse(self.block_days, self.washout_days, self.smallest, self.alpha, self.power)
        if len(set(self.variants)) != 2 or not self.order or not set(self.order) <= set(self.variants):
            wanted = "two names, and one of them first in each pair"
            raise InputError("common.bad_setting", name="variants", value=str(self.variants), wanted=wanted)

    @property
    def pairs(self) -> int:
        """Pairs of blocks."""
        return len(self.order)

    @property
    def days(self) -> int:
        """Planned length."""
        return 2 * self.pairs * self.block_days

    @property
    def weeks(self) -> float:
        """The same in weeks."""
        return self.days / 7

    @property
    def blocks(self) -> tuple[str, ...]:
        """The variant of each block."""
        other = {self.variants[0]: self.variants[1], self.variants[1]: self.variants[0]}
        return tuple(name for first in self.order for name in (first, other[first]))

    @property
    def power_curve(self) -> pd.DataFrame:
        """Relative effect against the chance to find it: columns effect, power."""
        return pd.DataFrame(self.curve, columns=["effect", "power"], dtype="float64")

    def calendar(self, start: pd.Timestamp) -> pd.DataFrame:
        """What runs when: block, pair, variant, first_day, last_day, used_from; one row per block."""
        number = np.arange(len(self.blocks))
        first = pd.Timestamp(start).normalize() + pd.to_timedelta(number * self.block_days, unit="D")
        return pd.DataFrame(
            {
                "block": number + 1,
                "pair": number // 2 + 1,
                "variant": self.blocks,
                "first_day": first,
                "last_day": first + pd.Timedelta(days=self.block_days - 1),
                "used_from": first + pd.Timedelta(days=self.washout_days),
            }
        )

    def to_settings(self) -> dict[str, Any]:
        """The plan as plain JSON values; unknown numbers are None."""
        out: dict[str, Any] = {k: v for k, v in asdict(self).items() if k != "findings"}
        out |= {k: None if math.isnan(out[k]) else out[k] for k in ("mde", "chance", "cost")}
        out |= {k: list(out[k]) for k in ("variants", "order")}
        return {**out, "curve": [list(p) for p in self.curve], "findings": findings_to(self.findings)}

    @staticmethod
    def from_settings(settings: Mapping[str, Any]) -> SwitchbackPlan:
        """The plan that was written down.

        Raises:
            InputError: ``common.bad_setting`` for values no plan has.
        """
        given = dict(settings)
        try:
            given |= {
                k: float("nan") if given[k] is None else float(given[k]) for k in ("mde", "chance", "cost")
            }
            given |= {k: tuple(given[k]) for k in ("variants", "order")}
            given["curve"] = tuple(tuple(pair) for pair in given["curve"])
            given["findings"] = findings_from(given["findings"])
            return SwitchbackPlan(**given)
        except (KeyError, TypeError, ValueError) as err:
            raise InputError(
                "common.bad_setting", name="plan", value=str(err), wanted="a stored plan"
            ) from err


def _refuse(block_days: int, washout_days: int, smallest: float, alpha: float, power: float) -> None:
    checks = (
        ("block_days", block_days, block_days >= 1, "at least 1"),
        ("washout_days", washout_days, 0 <= washout_days < block_days, "0 or more, and shorter than a block"),
        ("smallest", smallest, 0 < smallest < 1, "between 0 and 1"),
        ("alpha", alpha, 0 < alpha < 0.5, "between 0 and 0.5"),
        ("power", power, 0 < power < 1, "between 0 and 1"),
    )
    for name, value, fine, wanted in checks:
        if not fine:
            raise InputError("common.bad_setting", name=name, value=value, wanted=wanted)


def plan_switchback(
    history: pd.DataFrame,
    metric: str,
    *,
    smallest: float,
    block_days: int = 7,
    washout_days: int = 1,
    pairs: int | None = None,
    most_days: int = 168,
    variants: tuple[str, str] = ("A", "B"),
    alpha: float = 0.05,
    power: float = 0.8,
    value_per_day: float = 0.0,
    seed: int = 2026,
) -> SwitchbackPlan:
    """Plan a test of two ways to run one campaign or channel, in turns.

    Args:
        history: day rows of it: column day and the metric's numerator and denominator (spend for the cost).
        metric: one of ``METRICS``.
        smallest: smallest relative effect worth acting on.
        block_days: days before the variant may change; whole weeks keep weekdays alike.
        washout_days: first days of every block that are left out.
        pairs: a length of your own instead of the shortest that is enough.
        most_days: no longer than this.
        variants: names, today's way first.
        alpha: chance of a false winner or loser.
        power: chance to find ``smallest`` that is wanted.
        value_per_day: money a day that moves in proportion with the metric; 0 when unknown.
        seed: of the coins.

    Returns:
        A plan in any case: a history that is too short is a finding.

    Raises:
        InputError: ``common.bad_setting`` for settings no test can have.
        ExperimentError: ``experiments.no_column`` when day, numerator or denominator is missing.
    """
    chosen = metric_of(metric)
    _refuse(block_days, washout_days, smallest, alpha, power)
    if (pairs is not None and pairs < 1) or not 0 <= value_per_day < math.inf:
        wanted = "at least one pair, and a value of 0 or more"
        raise InputError("common.bad_setting", name="pairs", value=pairs, wanted=wanted)
    days = day_series(history, chosen)
    past = sliding_pairs(days, chosen, block_days, washout_days)
    need = least_pairs(alpha)
    enough = len(days) >= 2 * LEAST_HISTORY * block_days and len(past.top_a) > 0
    sign = -1.0 if chosen.lower_is_better else 1.0

    def chance(count: int, effect: float) -> float:
        return (
            _chance(past, count, sign * effect, alpha, seed, chosen.lower_is_better)
            if enough
            else float("nan")
        )

    longest = max(need, most_days // (2 * block_days))
    count = pairs or (_shortest(chance, need, longest, smallest, power) if enough else need)
    told = chance(count, smallest)
    curve = (
        tuple((float(e), chance(count, float(e))) for e in np.linspace(0, 2 * smallest, 11)) if enough else ()
    )
    rng = np.random.default_rng(seed)
    order = tuple(variants[i] for i in rng.integers(2, size=count))
    spend = float(days["spend"].sum() / len(days)) if "spend" in days and len(days) else float("nan")
    findings = _findings(count, need, told, smallest, power, block_days, len(days))
    return SwitchbackPlan(
        metric, variants, order, block_days, washout_days, smallest,
        _mde(lambda e: chance(count, e), power, chosen.lower_is_better) if enough else float("nan"),
        told, curve, alpha, power, value_per_day, spend * 2 * count * block_days, seed, findings,
    )  # fmt: skip


def _shortest(
    chance: Callable[[int, float], float], need: int, longest: int, smallest: float, power: float
) -> int:
    """The fewest pairs that find the smallest effect often enough; the most where none do."""
    low, high = need, longest
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle, smallest) >= power else (middle + 1, high)
    return high


def least_pairs(alpha: float) -> int:
    """The fewest pairs with which a p-value of alpha can be reached at all."""
    return next(k for k in range(1, 64) if least_p(2**k, True) <= alpha)


def _chance(past: Pairs, count: int, effect: float, alpha: float, seed: int, lower: bool) -> float:
    """Share of simulated tests that find the effect; effect is on the metric."""
    rng = np.random.default_rng([seed, count])
    drawn = rng.integers(len(past.top_a), size=(_SIMS, count))
    swap = rng.random((_SIMS, count)) < 0.5
    ta, ba, tb, bb = (np.asarray(side)[drawn] for side in past)
    ta, tb = np.where(swap, tb, ta), np.where(swap, ta, tb)
    ba, bb = np.where(swap, bb, ba), np.where(swap, ba, bb)
    gain = 1 / (1 + effect) if lower else 1 + effect
    a, b = scores(Pairs(ta, ba, tb * gain, bb))
    z = a + b
    sums = np.abs(z @ flips(count, seed, _TURNED).T)
    own = np.abs(z.sum(axis=1, keepdims=True))
    return float(np.mean((sums >= own * (1 - 1e-9)).mean(axis=1) <= alpha))


def _mde(chance: Callable[[float], float], power: float, lower: bool) -> float:
    top = 0.99 if lower else _LARGEST
    if not chance(top) >= power:
        return float("nan")
    return (
        float(optimize.bisect(lambda e: chance(e) - power, 0.0, top, xtol=1e-4))
        if chance(0.0) < power
        else 0.0
    )


def _findings(
    count: int, need: int, chance: float, smallest: float, power: float, block_days: int, have: int
) -> tuple[Finding, ...]:
    found = []
    if count < need:
        found.append(Finding("error", "experiments.switch_few", {"have": count, "need": need}))
    if math.isnan(chance):
        told = {"have": have // (2 * block_days), "need": LEAST_HISTORY}
        found.append(Finding("warning", "experiments.switch_history", told))
    elif chance < power:
        long = {"pairs": count, "days": 2 * count * block_days, "smallest": smallest, "power": chance}
        found.append(Finding("warning", "experiments.switch_long", long))
    if block_days % 7:
        found.append(Finding("info", "experiments.switch_weekdays", {"days": block_days}))
    return tuple(found)
