r"""Full cost against media spend: what the difference does to each verdict, and what testing gives up.

``roi = revenue / cost`` is judged everywhere; here the same diagnosis is run once more with the cost set to
the media spend, and the two are put side by side. A test costs more than its media: while it runs,
its money does not work in the best channel that is known to be good. With a contribution margin
``m`` of revenue, the days ``d`` that would decide it and today's pace ``p`` per day,

    given up = d * p * m * max(roi_best - roi, 0).

Source: textbook opportunity cost; DESIGN's cost structure (explicit, hidden, opportunity).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.plan.credit import paths_of
from channelopt.plan.diagnosis import Diagnosis, Source, verdicts
from channelopt.policy import Policy


@dataclass(frozen=True)
class _OnMedia:
    """A source whose cost is its media spend."""

    source: Source

    @property
    def policy(self) -> Policy:
        return self.source.policy

    @property
    def as_of(self) -> dt.date | None:
        return self.source.as_of

    def daily(self) -> pd.DataFrame:
        frame = self.source.daily()
        return frame.assign(cost=frame["spend"])

    def leads(self) -> pd.DataFrame:
        return self.source.leads()

    def findings(self) -> tuple[Finding, ...]:
        return ()

    def paths(self, goal: str | None = None, lookback_days: int = 30) -> pd.DataFrame:
        return paths_of(self.source, lookback_days)


@dataclass(frozen=True)
class CostStory:
    """What full cost consists of and what it changes.

    Attributes:
        table: one row per channel, largest cost first: channel, spend, explicit, hidden,
            opportunity, cost (money), roas, roas_low, roas_high (matured, on media), roi,
            roi_low, roi_high (matured, on full cost), media_verdict, verdict, given_up (money a
            test of it gives up; NaN where it is no test or the margin is unknown).
        media_share: media spend / full cost of all channels; NaN without cost.
        findings: verdicts that differ, and what tests give up.
    """

    table: pd.DataFrame
    media_share: float
    findings: tuple[Finding, ...]


def cost_story(source: Source, structure: pd.DataFrame, diagnosis: Diagnosis) -> CostStory:
    """Full cost beside media spend for every channel.

    Args:
        source: the ledger behind the diagnosis.
        structure: channel, spend, explicit, hidden, opportunity, cost (``Ledger.cost_structure``).
        diagnosis: today's diagnosis, on full cost.
    """
    media = verdicts(_OnMedia(source), diagnosis.policy)
    names = {"roi": "roas", "roi_low": "roas_low", "roi_high": "roas_high", "verdict": "media_verdict"}
    media = media[["channel", *names]].rename(columns=names)
    full = diagnosis.verdicts[["channel", "roi", "roi_low", "roi_high", "verdict"]]
    parts = ["channel", "spend", "explicit", "hidden", "opportunity", "cost"]
    table = structure[parts].merge(media, on="channel", how="left").merge(full, on="channel", how="left")
    given_up = given_up_by_testing(diagnosis)
    table["given_up"] = table["channel"].map(given_up).astype("float64")
    cost = table["cost"].sum()
    findings = [
        Finding(
            "warning",
            f"plan.full_cost_{row.verdict}",
            {"channel": row.channel, "roas": row.roas, "roi": row.roi},
        )
        for row in table.itertuples()
        if row.verdict != row.media_verdict and row.verdict in ("drop", "test", "keep")
    ]
    findings += [
        Finding("info", "plan.given_up", {"channel": channel, "amount": amount})
        for channel, amount in given_up.items()
        if amount > 0
    ]
    return CostStory(table, float(table["spend"].sum() / cost) if cost > 0 else float("nan"), tuple(findings))


def given_up_by_testing(diagnosis: Diagnosis) -> dict[str, float]:
    """Margin that each test gives up until it is decided, by channel; empty without a margin or a keep."""
    margin, table = diagnosis.policy.margin, diagnosis.verdicts
    keeps = table.loc[table["verdict"] == "keep", "roi"]
    if margin is None or keeps.empty:
        return {}
    tests = table[(table["verdict"] == "test") & table["spend_to_decide"].notna()]
    with np.errstate(invalid="ignore"):
        lost = tests["spend_to_decide"] * margin * (keeps.max() - tests["roi"]).clip(lower=0)
    return {str(channel): float(amount) for channel, amount in zip(tests["channel"], lost, strict=True)}
