r"""The private domain (微信生态) step by step: added → replied → visited → ordered → ordered again.

A step's rate is the share of those who reached it who reached the next, with Jeffreys' interval of a share
(``counts.py``). Who reached a later step has reached the earlier ones, also where their record is missing.
A cohort is those added in one month; as long as its youngest people have had less than ``RIPE_DAYS`` days,
its later steps still rise and it is called young. A step of a channel is called weak when its rate is below
that of the other channels together (Fisher's exact test, one-sided) with a chance of error of
``1 - confidence`` shared among all comparisons.

Source: Brown, Cai & DasGupta (2001), Statistical Science 16 (Jeffreys); Fisher (1935), The Design of
Experiments (exact test); Bonferroni's inequality for several comparisons.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from channelopt.errors import Finding, InputError, require_columns
from channelopt.measure.counts import jeffreys_share
from channelopt.policy import Policy

Array = npt.NDArray[np.float64]

#: Step → the column that says when a person reached it.
STEPS: dict[str, str] = {
    "added": "added_at",
    "replied": "replied_at",
    "visited": "visited_at",
    "ordered": "ordered_at",
    "repeated": "repeated_at",
}
#: Days after which later steps hardly rise any more.
RIPE_DAYS = 30
STATUSES = ("ripe", "young", "empty")


@dataclass(frozen=True)
class DomainFunnel:
    """The steps of the private domain.

    Attributes:
        table: one row per group and step from one to the next: the columns of ``by``, step, next, people
            (who reached the step), reached (of them the next), rate, low, high (NaN where nobody reached the
            step), status ("ripe", "young", "empty").
        whole: the same for all people of ripe cohorts together, without the columns of ``by``; of all
            people where no cohort is ripe.
        by: the columns groups are told apart by.
        findings: what is doubtful or weak.
    """

    table: pd.DataFrame
    whole: pd.DataFrame
    by: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def domain_funnel(
    people: pd.DataFrame,
    as_of: dt.date | pd.Timestamp,
    by: Sequence[str] = ("cohort",),
    policy: Policy | None = None,
    ripe_days: int = RIPE_DAYS,
) -> DomainFunnel:
    """How many go from each step to the next.

    Args:
        people: one row per person: added_at, and what is known of replied_at, visited_at, ordered_at,
            repeated_at (NaT when not reached); channel when ``by`` asks for it.
        as_of: last day the rows know of; what came later is left out.
        by: of "cohort" (month added) and "channel".
        policy: interval, confidence.
        ripe_days: days after which a person's later steps are taken as settled.

    Raises:
        InputError: a column is missing; ``common.bad_setting``.
    """
    rules = policy or Policy()
    if not by or not set(by) <= {"cohort", "channel"}:
        raise InputError("common.bad_setting", name="by", value=by, wanted="cohort, channel or both")
    require_columns(people, ("added_at", *(["channel"] if "channel" in by else [])))
    reached, missing = _reached(people, pd.Timestamp(as_of).normalize())
    kept = reached["added"].to_numpy()
    added = pd.to_datetime(people["added_at"])[kept]
    names = pd.DataFrame({"cohort": added.dt.to_period("M").dt.to_timestamp()}, index=added.index)
    if "channel" in people:
        names["channel"] = people["channel"].astype("str")[kept]
    steps, age = reached[kept], (pd.Timestamp(as_of).normalize() - added.dt.normalize()).dt.days
    rows = []
    for key, at in names.groupby(list(by), sort=True).indices.items():
        young = bool(age.iloc[at].min() < ripe_days)
        told = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
        rows += [told | row for row in _steps(steps.iloc[at], young, rules)]
    table = pd.DataFrame(rows, columns=[*by, *_COLUMNS])
    ripe = (age >= ripe_days).to_numpy()
    whole = pd.DataFrame(
        _steps(steps[ripe] if ripe.any() else steps, not ripe.any(), rules), columns=list(_COLUMNS)
    )
    found = [Finding("info", "measure.domain_out_of_order", {"n": missing})] if missing else []
    found += _young(table, tuple(by), ripe_days)
    if "channel" in by:
        settled = names[ripe].assign(at=np.flatnonzero(ripe))
        found += _weak(steps, settled, rules)
    return DomainFunnel(table, whole, tuple(by), tuple(found))


_COLUMNS = ("step", "next", "people", "reached", "rate", "low", "high", "status")


def _reached(people: pd.DataFrame, now: pd.Timestamp) -> tuple[pd.DataFrame, int]:
    """Which steps each person reached, and how many people lack the record of an earlier one."""
    end = now + pd.Timedelta(days=1)
    seen = {}
    for step, column in STEPS.items():
        when = pd.to_datetime(people[column]) if column in people else pd.Series(pd.NaT, people.index)
        seen[step] = (when.notna() & (when < end)).to_numpy()
    raw = np.column_stack(list(seen.values()))
    full = np.logical_or.accumulate(raw[:, ::-1], axis=1)[:, ::-1]
    known = [column in people for column in STEPS.values()]
    missing = int(((full & ~raw)[:, known] & raw[:, :1]).any(axis=1).sum())
    full[:, 0] = raw[:, 0]
    return pd.DataFrame(full, columns=list(STEPS), index=people.index), missing


def _steps(reached: pd.DataFrame, young: bool, rules: Policy) -> list[dict[str, object]]:
    counts = reached.sum().to_numpy(dtype="float64")
    low, high = jeffreys_share(counts[1:], counts[:-1], rules.interval)
    names, rows = list(STEPS), []
    for k in range(len(names) - 1):
        here, there = counts[k], counts[k + 1]
        status = "empty" if here == 0 else "young" if young else "ripe"
        rate = there / here if here > 0 else float("nan")
        figures = (names[k], names[k + 1], int(here), int(there), rate, float(low[k]), float(high[k]), status)
        rows.append(dict(zip(_COLUMNS, figures, strict=True)))
    return rows


def _young(table: pd.DataFrame, by: tuple[str, ...], days: int) -> list[Finding]:
    if "cohort" not in by or table.empty:
        return []
    young = table.loc[table["status"] == "young", "cohort"].drop_duplicates().sort_values()
    return [Finding("info", "measure.domain_young", {"name": f"{m:%Y-%m}", "days": days}) for m in young]


def _weak(steps: pd.DataFrame, settled: pd.DataFrame, rules: Policy) -> list[Finding]:
    """Steps of one channel that are surely below those of the others together."""
    channels = sorted(settled["channel"].unique())
    if len(channels) < 2:
        return []
    table = steps.to_numpy()
    sums = np.array([table[settled.loc[settled["channel"] == c, "at"]].sum(axis=0) for c in channels], float)
    others = sums.sum(axis=0) - sums
    limit = (1 - rules.confidence) / (len(channels) * (len(STEPS) - 1))
    here, there = sums[:, :-1], sums[:, 1:]
    chance = stats.hypergeom.cdf(there, (sums + others)[:, :-1], (sums + others)[:, 1:], here)
    names, found = list(STEPS), []
    for at, k in np.argwhere((chance <= limit) & (here > 0) & (others[:, :-1] > 0)):
        rate, other = sums[at, k + 1] / sums[at, k], others[at, k + 1] / others[at, k]
        found.append(
            Finding(
                "warning", "measure.domain_weak",
                {"name": channels[at], "rate": rate, "others": other, "step": names[k], "next": names[k + 1]},
            )
        )  # fmt: skip
    return found
