"""The examination of a workspace: originals against their hashes, daily figures against rows."""

from __future__ import annotations

import duckdb

from channelopt.errors import Finding
from channelopt.fields import METRICS
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.originals import Originals
from channelopt.ledger.rollup import all_channels, refresh_leads, refresh_spend
from channelopt.ledger.settings import bump
from channelopt.ledger.store import Store

_KEY = "kind, day, day_end, platform, channel, account, campaign, currency, import_id"
_KEEP = (
    "CREATE OR REPLACE TEMP TABLE daily_before AS FROM daily_spend",
    "CREATE OR REPLACE TEMP TABLE leads_before AS FROM lead_records",
)
#: Counts are floating point and may be added in another order: they may differ in the last digits.
_UNLIKE = " OR ".join(
    f"abs(coalesce(b.{name}, -1) - coalesce(a.{name}, -1)) > 1e-6 * (1 + abs(coalesce(a.{name}, 0)))"
    for name in ("n_rows", *METRICS)
)
_CHANGED = f"""
    SELECT coalesce(b.channel, a.channel) FROM daily_before b FULL JOIN daily_spend a USING ({_KEY})
    WHERE a.n_rows IS NULL OR b.n_rows IS NULL OR {_UNLIKE}
    UNION
    SELECT coalesce(nullif(channel, ''), 'unassigned') FROM (
        (FROM leads_before EXCEPT ALL FROM lead_records) UNION ALL
        (FROM lead_records EXCEPT ALL FROM leads_before))
    ORDER BY 1"""


def examine(store: Store, originals: Originals, explained: float) -> tuple[Finding, ...]:
    """Check everything; daily figures that differ are made anew.

    Args:
        store: the workspace's store.
        originals: its originals.
        explained: ``Policy.spend_explained``.

    Returns:
        An error per original that is missing or changed, a warning per channel whose daily
        figures differed, what killed processes left behind, or one "healthy" finding.
    """
    found: list[Finding] = []
    with store.cursor() as cursor:
        files = cursor.execute("SELECT sha256, name FROM imports ORDER BY import_id").fetchall()
    for sha256, name in files:
        try:
            originals.check(sha256, name)
        except LedgerError as error:
            found.append(Finding("error", error.code, error.params))
    halves, strangers = originals.leftovers({sha256 for sha256, _ in files})
    if halves or strangers:
        found.append(Finding("info", "ledger.leftovers", {"halves": halves, "strangers": strangers}))
    with store.write() as cursor:
        for statement in _KEEP:
            cursor.execute(statement)
        refresh_spend(cursor, sorted({*all_channels(cursor), *_shown(cursor)}), explained)
        refresh_leads(cursor)
        differ = [str(row[0]) for row in cursor.execute(_CHANGED).fetchall()]
        if differ:
            bump(cursor)
    found += [Finding("warning", "ledger.rollup_differs", {"channel": channel}) for channel in differ]
    return tuple(found) or (Finding("info", "ledger.healthy", {"files": len(files)}),)


def _shown(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Channels that daily figures speak of, even if no stored row does."""
    rows = cursor.execute("SELECT DISTINCT channel FROM daily_spend").fetchall()
    return [str(row[0]) for row in rows]
