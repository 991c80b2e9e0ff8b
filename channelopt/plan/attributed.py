"""The same diagnosis under every attribution model, and the verdicts that depend on the choice.

The lead list's own channel ("recorded") and each model of the conversion paths are judged by the same
rules; the ranges hold days and persons as sampling units, not the choice of the model, which is a
convention. A verdict that changes with the convention is not one to bet on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from channelopt.errors import Finding
from channelopt.measure.attribution import MIN_CONVERSIONS, Attribution, attribute
from channelopt.measure.transfer import learn_transfer, unpaid_share
from channelopt.plan.credit import paths_of
from channelopt.plan.diagnosis import Diagnosis, Source, verdicts
from channelopt.policy import CREDITS, Policy

#: Verdicts that contradict each other; "test" beside one of them is only less sure.
OPPOSED = {"keep", "drop"}


@dataclass(frozen=True)
class PathStory:
    """What the conversion paths say, and what they change.

    Attributes:
        attribution: credits, path lengths, top paths and assists.
        table: one row per channel and model ("recorded" first), in the order of the verdicts: channel,
            model, roi, roi_low, roi_high, verdict, leads, customers, revenue.
        flips: channels whose verdict is keep under one model and drop under another.
        wavering: channels whose verdict differs between models otherwise.
        unpaid: share of the recorded outcome that the Markov credits give to channels nobody pays.
        findings: what to say about it, most important first.
    """

    attribution: Attribution
    table: pd.DataFrame
    flips: tuple[str, ...]
    wavering: tuple[str, ...]
    unpaid: float
    findings: tuple[Finding, ...]


class _Once:
    """A source that is asked for each thing only once."""

    def __init__(self, source: Source, policy: Policy) -> None:
        self._source, self.policy = source, policy
        self.as_of: dt.date | None = source.as_of

    @cached_property
    def _daily(self) -> pd.DataFrame:
        return self._source.daily()

    @cached_property
    def _leads(self) -> pd.DataFrame:
        return self._source.leads()

    @cached_property
    def _paths(self) -> pd.DataFrame:
        return paths_of(self._source, self.policy.lookback_days)

    def daily(self) -> pd.DataFrame:
        return self._daily

    def leads(self) -> pd.DataFrame:
        return self._leads

    def findings(self) -> tuple[Finding, ...]:
        return ()

    def paths(self, goal: str | None = None, lookback_days: int = 30) -> pd.DataFrame:
        return self._paths


def path_story(source: Source, diagnosis: Diagnosis, models: Sequence[str] = CREDITS) -> PathStory | None:
    """Judge every channel under each model.

    Args:
        source: the ledger behind the diagnosis.
        diagnosis: today's diagnosis; its order of channels is kept.
        models: some of ``policy.CREDITS``.

    Returns:
        None when no paths are known.

    Raises:
        MeasureError: a path that cannot be.
    """
    once = _Once(source, diagnosis.policy)
    paths = once.paths()
    if not len(paths):
        return None
    found = attribute(paths, level=diagnosis.policy.interval)
    judged = models if found.conversions >= MIN_CONVERSIONS else models[:1]
    table = pd.concat([_judged(once, diagnosis, model) for model in judged], ignore_index=True)
    order = {channel: at for at, channel in enumerate(diagnosis.verdicts["channel"])}
    table = table[table["channel"].isin(list(order))]
    table = table.sort_values("channel", key=lambda keys: keys.map(order), kind="stable", ignore_index=True)
    flips, wavering = _differing(table)
    unpaid = 0.0
    if found.conversions >= MIN_CONVERSIONS:
        unpaid = unpaid_share(once.daily(), learn_transfer(paths, "markov", draws=0))
    findings = _findings(table, flips, found)
    return PathStory(found, table, flips, wavering, unpaid, findings)


def _judged(source: _Once, diagnosis: Diagnosis, model: str) -> pd.DataFrame:
    names = ["channel", "roi", "roi_low", "roi_high", "verdict", "leads", "customers", "revenue"]
    if model == diagnosis.policy.attribution:
        found = diagnosis.verdicts[names].copy()
    else:
        found = verdicts(source, replace(diagnosis.policy, attribution=model))[names].copy()
    found.insert(1, "model", model)
    return found


def _differing(table: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    kinds = table.groupby("channel", sort=False)["verdict"].agg(set)
    flips = tuple(str(c) for c, found in kinds.items() if found >= OPPOSED)
    wavering = tuple(str(c) for c, found in kinds.items() if len(found) > 1 and not found >= OPPOSED)
    return flips, wavering


def _findings(table: pd.DataFrame, flips: tuple[str, ...], found: Attribution) -> tuple[Finding, ...]:
    said = []
    for channel in flips:
        rows = table[table["channel"] == channel].sort_values("roi")
        low, high = rows.iloc[0], rows.iloc[-1]
        params = {"channel": channel, "low": low["roi"], "high": high["roi"]}
        said.append(Finding("warning", "plan.credit_flips", params))
    if found.conversions < MIN_CONVERSIONS:
        params = {"n": found.conversions, "need": MIN_CONVERSIONS}
        said.append(Finding("info", "plan.paths_too_few", params))
    return tuple(said)
