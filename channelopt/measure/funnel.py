"""The step chain impressions → clicks → … → customers per channel, and the step surely worse than elsewhere.

Each step's rate is a ratio of sums with days as the sample (``ratios.py``). A channel's weakest step is one
that ``deviation.py`` finds lower than channels differ by nature, after Holm's correction over all channels,
steps and behaviours, and lower by at least ``LEAST_GAP``. Customers come late: their step is read on the days
that show at least ``MATURE`` of them, against the leads whose customers can be seen yet, and never above
100%. Behaviour, the share of visits that stay and the seconds of a visit, is compared the same way.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from channelopt.errors import Finding, require_columns
from channelopt.fields import FUNNEL
from channelopt.measure.deviation import deviations, holm
from channelopt.measure.grid import Array, Grid, lay_out
from channelopt.measure.maturity import Delays, visible_days
from channelopt.measure.ratios import Ratios, ratio_of_sums
from channelopt.policy import Policy

STEP_COLUMNS = (
    "channel", "from_stage", "to_stage", "from_count", "to_count", "visible", "rate", "low", "high",
    "others", "z", "p", "worst",
)  # fmt: skip
BEHAVIOUR_COLUMNS = ("channel", "measure", "visits", "value", "low", "high", "others", "z", "p", "worse")
#: Nominal chance that any channel is accused though it differs only as channels do.
FALSE_RATE = 0.05
#: A step is weak only when its rate lies at least this much below the others'.
LEAST_GAP = 0.2
#: Days count for the customers' step once this share of their customers can be seen.
MATURE = 0.5
#: What visits do → (numerator, denominator).
BEHAVIOUR: Mapping[str, tuple[str, str]] = {
    "bounce_rate": ("bounces", "sessions"),
    "dwell": ("dwell_seconds", "sessions"),
}


@dataclass(frozen=True)
class Funnel:
    """The steps and the behaviour of every channel.

    Attributes:
        steps: one row per channel and step, columns ``STEP_COLUMNS``: counts over the rows that know
            both stages, rate (to / (from * visible), NaN without a from) with its interval, others
            (what the other channels are around, NaN without any), z (standard errors from
            them, natural differences included; below 0 is worse), p (Holm's, of being that low),
            worst (True on at most one step per channel: the one surely worse), visible (share of
            the customers that can be seen yet, 1 elsewhere).
        behaviour: columns ``BEHAVIOUR_COLUMNS``; measure is "bounce_rate" (share of visits) or
            "dwell" (seconds per visit); z below 0 is worse for both.
    """

    steps: pd.DataFrame
    behaviour: pd.DataFrame


@dataclass(frozen=True)
class _Rate:
    """One rate of all channels: what is shown, and the log that is compared (lower is worse)."""

    name: tuple[str, str]
    ratio: Ratios
    visible: Array
    log: Array
    error: Array


def funnel(daily: pd.DataFrame, delays: Delays | None = None, policy: Policy | None = None) -> Funnel:
    """Every step and behaviour of every channel against the other channels.

    A stage the channel does not report is skipped, so its neighbours make one step.

    Args:
        daily: "channel", "day" and any of ``fields.FUNNEL``, bounces, dwell_seconds.
        delays: how late customers come, None when unknown.
        policy: ``interval`` is used.

    Raises:
        InputError: no "channel" column.
    """
    require_columns(daily, ("channel",))
    rules = policy or Policy()
    grid = lay_out(daily, ["channel"])
    chains = _chains(grid)
    wanted = dict.fromkeys(step for chain in chains for step in itertools.pairwise(chain))
    seen = None
    if delays is not None and any(end == "customers" for _, end in wanted):
        seen = visible_days(delays, [str(c) for c in grid.groups["channel"]], grid.days)
    steps = [_step(grid, step, rules, seen if step[1] == "customers" else None) for step in wanted]
    known = [n for n, sides in BEHAVIOUR.items() if all(s in grid.frame.columns for s in sides)]
    doings = [_doing(grid, name, rules) for name in known]
    compared = deviations([(rate.log, rate.error) for rate in (*steps, *doings)])
    frames = [
        _frame(grid, rate).assign(log=rate.log, level=other.others, z=other.z, p=other.p_low)
        for rate, other in zip((*steps, *doings), compared, strict=True)
    ]
    return _told(frames, chains, len(steps))


def funnel_steps(
    daily: pd.DataFrame, delays: Delays | None = None, policy: Policy | None = None
) -> pd.DataFrame:
    """The steps of ``funnel``; arguments and columns as there."""
    return funnel(daily, delays, policy).steps


def weak_step_findings(steps: pd.DataFrame) -> dict[str, Finding]:
    """The weakest step of each channel that has one, as a finding.

    Args:
        steps: as ``funnel`` gives them.
    """
    weak = steps[steps["worst"]]
    return {
        str(row["channel"]): Finding(
            "info", f"measure.weak_{row['to_stage']}", {"rate": row["rate"], "others": row["others"]}
        )
        for row in weak.to_dict("records")
    }


def headline(found: Funnel) -> Finding:
    """What to say first: the step surely worse than elsewhere, else the one furthest behind.

    Args:
        found: as ``funnel`` gives it.
    """
    steps = found.steps
    if steps.empty:
        return Finding("info", "measure.steps_unknown")
    held = steps[steps["z"].notna()]
    if held.empty:
        return Finding("info", "measure.step_no_others")
    surely = held[held["worst"]]
    row = (held if surely.empty else surely).sort_values("z").iloc[0]
    params = {name: row[name] for name in ("channel", "from_stage", "to_stage", "rate", "others")}
    if surely.empty:
        return Finding("info", "measure.step_none_worse", params)
    return Finding("warning", f"measure.step_{row['to_stage']}", params)


def behaviour_findings(found: Funnel) -> tuple[Finding, ...]:
    """Channels whose visits surely bounce more, or last shorter, than elsewhere."""
    return tuple(
        Finding(
            "warning",
            "measure.bounce_worse" if row["measure"] == "bounce_rate" else "measure.dwell_worse",
            {name: row[name] for name in ("channel", "value", "others")},
        )
        for row in found.behaviour[found.behaviour["worse"].astype(bool)].to_dict("records")
    )


def _chains(grid: Grid) -> list[list[str]]:
    """The stages each channel reports, in order."""
    there = [s for s in FUNNEL if s in grid.frame.columns]
    known = np.zeros((len(there), len(grid.groups)), dtype=bool)
    for at, stage in enumerate(there):
        known[at] = np.isfinite(grid.sums(grid.column(stage))).any(axis=1)
    return [[s for s, is_known in zip(there, column, strict=True) if is_known] for column in known.T]


def _step(grid: Grid, step: tuple[str, str], policy: Policy, seen: Array | None) -> _Rate:
    top, bottom = grid.pair(step[1], step[0])
    share = np.ones(len(top))
    if seen is not None:
        top, bottom = (np.where(seen >= MATURE, side, np.nan) for side in (top, bottom))
        whole, bottom = bottom, bottom * seen
        came, due, most = (np.nansum(side, axis=1) for side in (top, bottom, whole))
        with np.errstate(divide="ignore", invalid="ignore"):
            # a stage reached as late as the sale must not be corrected to more than all of it
            more = np.where(came > due, np.minimum(came, most) / due, 1.0)
            share = due * more / most
        bottom = bottom * np.where(np.isfinite(more), more, 1.0)[:, None]
    ratio = ratio_of_sums(top, bottom, level=policy.interval, count="numerator")
    error = ratio.log_var * ratio.df / (ratio.df - 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(np.where(ratio.top > 0, ratio.value, 0.5 / ratio.bottom))
        counted = replace(ratio, bottom=ratio.bottom / share)
    error = np.where((ratio.top == 0) & (ratio.bottom > 0), 2.0, error)
    return _Rate(step, counted, share, np.where(ratio.bottom > 0, log, np.nan), error)


def _doing(grid: Grid, name: str, policy: Policy) -> _Rate:
    top, bottom = grid.pair(*BEHAVIOUR[name])
    share = name == "bounce_rate"
    ratio = ratio_of_sums(top, bottom, level=policy.interval, count="numerator" if share else "none")
    error = ratio.log_var * ratio.df / (ratio.df - 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        if share:  # those who stay: more is better, as in every step
            stay = np.where((ratio.value > 0) & (ratio.value < 1), 1 - ratio.value, np.nan)
            log, error = np.log(stay), error * (ratio.value / stay) ** 2
        else:
            log = np.log(np.where(ratio.value > 0, ratio.value, np.nan))
    return _Rate((name, ""), ratio, np.ones(len(top)), log, error)


def _frame(grid: Grid, rate: _Rate) -> pd.DataFrame:
    ratio = rate.ratio
    return pd.DataFrame(
        {
            "at": np.arange(len(grid.groups)),
            "channel": grid.groups["channel"].to_numpy(),
            "from_stage": rate.name[0],
            "to_stage": rate.name[1],
            "from_count": np.where(ratio.days > 0, ratio.bottom, np.nan),
            "to_count": np.where(ratio.days > 0, ratio.top, np.nan),
            "visible": rate.visible,
            "rate": ratio.value,
            "low": ratio.low,
            "high": ratio.high,
        }
    )


def _told(frames: list[pd.DataFrame], chains: list[list[str]], steps: int) -> Funnel:
    """Steps that are not in a channel's chain are left out, then all looks are corrected together."""
    wanted = {(at, *step) for at, chain in enumerate(chains) for step in itertools.pairwise(chain)}
    for at, frame in enumerate(frames[:steps]):
        keys = zip(frame["at"], frame["from_stage"], frame["to_stage"], strict=True)
        frames[at] = frame[[key in wanted for key in keys]].assign(order=at, doing=False)
    frames[steps:] = [f[f["from_count"].notna()].assign(order=0, doing=True) for f in frames[steps:]]
    if not frames:
        return Funnel(pd.DataFrame(columns=list(STEP_COLUMNS)), pd.DataFrame(columns=list(BEHAVIOUR_COLUMNS)))
    table = pd.concat(frames, ignore_index=True)
    table["p"] = holm(table["p"].to_numpy())
    surely = (table["p"] < FALSE_RATE) & (table["log"] - table["level"] < np.log1p(-LEAST_GAP))
    table["others"] = np.exp(table["level"])
    stage = {name: at for at, name in enumerate(FUNNEL)}
    chain = table[~table["doing"]]
    chain = chain.assign(order=chain["from_stage"].map(stage)).sort_values(["at", "order"])
    first = chain["z"].where(surely).groupby(chain["at"]).transform("min")
    chain["worst"] = (surely.loc[chain.index] & (chain["z"] == first)).to_numpy()
    doing = table[table["doing"]].rename(
        columns={"from_stage": "measure", "from_count": "visits", "rate": "value"}
    )
    doing["worse"] = surely.loc[doing.index]
    share = doing["measure"] == "bounce_rate"
    doing["others"] = doing["others"].where(~share, 1 - doing["others"])
    doing = doing.sort_values(["at", "measure"])
    return Funnel(
        chain[list(STEP_COLUMNS)].reset_index(drop=True),
        doing[list(BEHAVIOUR_COLUMNS)].reset_index(drop=True),
    )
