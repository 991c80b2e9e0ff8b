r"""Response curves: what each channel brings in per day at any spend, as posterior draws.

With x the money per day that is held, the steady outcome per day of a channel is the Hill curve

.. math:: f(x) = top \cdot \frac{x^{slope}}{x^{slope} + half^{slope}}
               = top \cdot \operatorname{expit}(slope \cdot \log(x / half)),

    f'(x) = f(x) (1 - f(x) / top) slope / x,

so that f(0) = 0, f(half) = top / 2 and f grows towards top. Spend works on through geometric
adstock, normalised so that a held spend is its own adstock: ``a_t = (1 - keep) x_t + keep a_{t-1}``.
After a change from x0 to x the adstock on day t = 1, 2, … is ``x + (x0 - x) keep**t``.

All figures are for average demand of the days that were fitted; ``outlook`` holds the demand that is
expected for the coming days relative to it.

Source: Jin, Wang, Sun, Chan & Koehler (2017), Bayesian Methods for Media Mix Modeling with Carryover
and Shape Effects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from channelopt.errors import Finding
from channelopt.response.messages import ResponseError

Array = npt.NDArray[np.float64]
Spend: TypeAlias = pd.Series | Mapping[str, float] | float

#: Days that "today" is the mean of, and days a ramp is averaged over when none are given.
TODAY_DAYS = 56
RAMP_DAYS = 28
#: The share of draws below and above a printed interval.
TAIL = 0.05
#: How far below the half-saturation a slope is still looked at: a curve with slope < 1 is infinitely
#: steep at exactly 0.
TINY = 1e-6
#: Days of outlook.
AHEAD = 366
OUTCOMES = ("revenue", "profit", "leads", "valid_leads", "customers")
IDENTIFIED = ("yes", "weak", "no")


@dataclass(frozen=True)
class ResponseCurves:
    """Posterior draws of the curves of all channels, equally weighted.

    Attributes:
        channels: names, in the order of the last axis of every array.
        top: (draws, channels), outcome per day at endless spend; above 0 or equal to it.
        half: (draws, channels), money per day at which half of ``top`` is reached; above 0.
        slope: (draws, channels), Hill exponent; above 0.
        keep: (draws, channels), share of yesterday's effect still there today, in [0, 1).
        today: channel → money per day, mean of the last 56 days.
        observed_range: index channel; low, high: money per day really held, by weekly means.
        outcome: "revenue", "profit", "leads", "valid_leads" or "customers".
        value: (draws, channels), money per unit of the outcome; 1 for money, NaN when not known.
        outlook: (days ahead,), expected demand of the coming days relative to the fitted average,
            season and level; at least 366 of them.
        identified: channel → "yes", "weak" or "no": how far the data narrowed what was believed
            of its marginal return before.
        sources: index channel; what a curve rests on: days (with spend), spend_sd (standard
            deviation of log weekly spend), moved (standard deviation of weekly spend over its mean,
            what all channels do together taken off), events (leads, orders or whatever was counted),
            borrowed (share of the knowledge of its return that comes from the other channels, 0 to 1).
        findings: what is doubtful.
        attributed: whether outcomes were credited to channels; False when only the total was known.
    """

    channels: tuple[str, ...]
    top: Array
    half: Array
    slope: Array
    keep: Array
    today: pd.Series
    observed_range: pd.DataFrame
    outcome: str
    value: Array
    outlook: Array
    identified: pd.Series
    sources: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    attributed: bool = True

    def __post_init__(self) -> None:
        want = (len(self.top), len(self.channels))
        for name in ("top", "half", "slope", "keep", "value"):
            found = np.shape(getattr(self, name))
            if found != want or not want[0] or not want[1]:
                raise ResponseError("response.bad_shape", name=name, found=found, wanted=want)
        self._refuse("top", self.top < 0, "from 0")
        self._refuse("half", self.half <= 0, "above 0")
        self._refuse("slope", self.slope <= 0, "above 0")
        self._refuse("keep", (self.keep < 0) | (self.keep >= 1), "from 0 and below 1")
        if self.outcome not in OUTCOMES:
            raise ResponseError(
                "response.bad_curve", name="outcome", channels=", ".join(self.channels),
                value=self.outcome, wanted=", ".join(OUTCOMES),
            )  # fmt: skip
        if len(self.outlook) < AHEAD:
            raise ResponseError(
                "response.bad_shape", name="outlook", found=len(self.outlook), wanted=f"{AHEAD} days"
            )

    def _refuse(self, name: str, bad: npt.NDArray[np.bool_], wanted: str) -> None:
        values = getattr(self, name)
        wrong = bad | ~np.isfinite(values)
        if wrong.any():
            where = wrong.any(axis=0)
            names = ", ".join(c for c, w in zip(self.channels, where, strict=True) if w)
            raise ResponseError(
                "response.bad_curve", name=name, channels=names, value=float(values[wrong][0]), wanted=wanted
            )

    @property
    def draws(self) -> int:
        """How many posterior draws there are."""
        return len(self.top)

    def outcome_draws(self, spend: npt.ArrayLike) -> Array:
        """Steady outcome per day.

        Args:
            spend: (..., channels), money per day; below 0 counts as 0.

        Returns:
            (draws, ..., channels), in units of ``outcome`` per day.
        """
        x, top, half, slope = self._aligned(spend)
        with np.errstate(divide="ignore"):
            return top * expit(slope * (np.log(x) - np.log(half)))

    def slope_draws(self, spend: npt.ArrayLike) -> Array:
        """Marginal outcome: d outcome per day / d money per day, shape as ``outcome_draws``.

        At (almost) no spend it is taken a millionth of ``half`` above 0, for a curve with
        slope < 1 is infinitely steep at 0.
        """
        x, top, half, slope = self._aligned(spend)
        x = np.maximum(x, TINY * half)
        level = expit(slope * (np.log(x) - np.log(half)))
        return top * level * (1 - level) * slope / x

    def _aligned(self, spend: npt.ArrayLike) -> tuple[Array, Array, Array, Array]:
        """Spend and parameters with axes (draws, ..., channels)."""
        x = np.maximum(np.asarray(spend, dtype=float), 0.0)
        if x.shape[-1:] != (len(self.channels),):
            raise ResponseError(
                "response.bad_shape", name="spend", found=x.shape, wanted=(..., len(self.channels))
            )
        shape = (self.draws, *(1,) * (x.ndim - 1), len(self.channels))
        return x[None], self.top.reshape(shape), self.half.reshape(shape), self.slope.reshape(shape)

    def ramp_draws(self, spend: npt.ArrayLike, days: int, before: npt.ArrayLike | None = None) -> Array:
        """Mean outcome per day over the first days after a change of spend, demand of the outlook included.

        Args:
            spend: (channels,), money per day from tomorrow on.
            days: how many days; at least 1.
            before: (channels,), what was held until now; ``today`` when left out.

        Returns:
            (draws, channels).
        """
        x = np.maximum(np.asarray(spend, dtype=float), 0.0)
        held = self.today.reindex(list(self.channels)).to_numpy(dtype=float) if before is None else before
        start = np.maximum(np.asarray(held, dtype=float), 0.0)
        demand = self._demand(days)
        total = np.zeros(self.top.shape)
        left = np.ones(self.top.shape)
        for day in range(days):
            left *= self.keep
            adstock = x + (start - x) * left
            with np.errstate(divide="ignore"):
                total += demand[day] * self.top * expit(self.slope * (np.log(adstock) - np.log(self.half)))
        return total / days

    def _demand(self, days: int) -> Array:
        """Demand of the coming days; beyond the outlook its last year again."""
        if days <= len(self.outlook):
            return self.outlook[:days]
        return self.outlook[np.arange(days) % len(self.outlook)]

    def money_per_day(self, spend: Spend | None) -> Array:
        """Spend as (channels,) money per day, in the order of ``channels``.

        Args:
            spend: by channel, channels not named keep today's; one number for every channel; None is
                today's.

        Raises:
            ResponseError: ``response.unknown_channel``, ``response.bad_spend``.
        """
        held = self.today.reindex(list(self.channels)).astype(float)
        if isinstance(spend, pd.Series | Mapping):
            given = pd.Series(spend, dtype=float)
            for name in given.index:
                if name not in held.index:
                    raise ResponseError(
                        "response.unknown_channel", channel=name, known=", ".join(self.channels)
                    )
            held.update(given)
            held.loc[given.index[given.isna()]] = np.nan
        elif spend is not None:
            held[:] = float(spend)
        bad = held[~(held >= 0) | np.isinf(held)]
        if len(bad):
            raise ResponseError("response.bad_spend", channel=bad.index[0], value=float(bad.iloc[0]))
        return held.to_numpy(dtype=float)

    def predict(
        self, spend: Spend | None = None, steady: bool = True, days: int | None = None
    ) -> pd.DataFrame:
        """What a spend brings in per day.

        Args:
            spend: money per day by channel (see ``money_per_day``).
            steady: the outcome once the change has worked through; else the mean over ``days`` days
                that start from today's spend.
            days: the coming days it is for: their expected demand is counted in. Left out, steady
                figures are for average demand, others for 28 days.

        Returns:
            Index: the channels and "total". spend, and mean, low, high of the outcome per day; the
            interval holds 90% of the draws.

        Raises:
            ResponseError: ``response.unknown_channel``, ``response.bad_spend``.
        """
        x = self.money_per_day(spend)
        if steady:
            demand = 1.0 if days is None else float(np.mean(self._demand(max(int(days), 1))))
            drawn = self.outcome_draws(x) * demand
        else:
            drawn = self.ramp_draws(x, max(int(days or RAMP_DAYS), 1))
        whole = np.column_stack([drawn, drawn.sum(axis=1)])
        return _table(whole, [*self.channels, "total"]).assign(spend=[*x, x.sum()])[
            ["spend", "mean", "low", "high"]
        ]

    def mroi(self, spend: Spend | None = None) -> pd.DataFrame:
        """Outcome of the next unit of money per day, at average demand.

        Returns:
            Index channel; mean, low, high: units of ``outcome`` per unit of money, 90% of the draws.

        Raises:
            ResponseError: ``response.unknown_channel``, ``response.bad_spend``.
        """
        return _table(self.slope_draws(self.money_per_day(spend)), list(self.channels))

    @classmethod
    def from_parameters(
        cls,
        top: npt.ArrayLike,
        half: npt.ArrayLike,
        slope: npt.ArrayLike = 1.0,
        keep: npt.ArrayLike = 0.0,
        today: npt.ArrayLike | Mapping[str, float] = 1.0,
        channels: Sequence[str] | None = None,
        **others: Any,
    ) -> ResponseCurves:
        """Curves by hand, for tests and what-ifs; every array is broadcast to (draws, channels).

        Args:
            top, half, slope, keep: (draws, channels) or anything that broadcasts to it.
            today: money per day, by channel or one number for all.
            channels: names; "c0", "c1", … when left out.
            others: any further attribute of the class; by default the observed range is half to twice
                today, the outcome revenue, the outlook level and everything identified.
        """
        width = 1 if channels is None else len(channels)
        arrays = [np.atleast_2d(np.asarray(a, dtype=float)) for a in (top, half, slope, keep)]
        shape = np.broadcast_shapes(*(a.shape for a in arrays), (1, width))
        names = tuple(channels) if channels is not None else tuple(f"c{i}" for i in range(shape[1]))
        full = [np.broadcast_to(a, shape).copy() for a in arrays]
        parts: dict[str, Any] = dict(zip(("top", "half", "slope", "keep"), full, strict=True))
        held = _by_channel(today, names)
        given: dict[str, Any] = {
            "observed_range": pd.DataFrame({"low": 0.5 * held, "high": 2.0 * held}),
            "outcome": "revenue",
            "value": 1.0,
            "outlook": np.ones(AHEAD),
            "identified": pd.Series("yes", index=list(names)),
            "sources": pd.DataFrame(
                {"days": 365.0, "spend_sd": 0.3, "moved": 0.3, "events": 1000.0, "borrowed": 0.0},
                index=list(names),
            ),
        } | others
        given["value"] = np.broadcast_to(np.asarray(given["value"], dtype=float), shape).copy()
        return cls(channels=names, today=held, **parts, **given)


def _by_channel(values: Any, names: tuple[str, ...]) -> pd.Series:
    """Values as a series in the order of the channels."""
    if isinstance(values, pd.Series | Mapping):
        return pd.Series(values, dtype=float).reindex(list(names))
    return pd.Series(np.broadcast_to(np.asarray(values, dtype=float), len(names)).copy(), index=list(names))


def _table(drawn: Array, index: list[str]) -> pd.DataFrame:
    """Mean and 90% interval of (draws, columns) as one row per column."""
    low, high = np.quantile(drawn, [TAIL, 1 - TAIL], axis=0)
    return pd.DataFrame({"mean": drawn.mean(axis=0), "low": low, "high": high}, index=index)
