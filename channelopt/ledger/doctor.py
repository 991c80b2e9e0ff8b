"""The examination of a workspace: originals against their hashes, daily figures against rows."""

from __future__ import annotations

from channelopt.errors import Finding
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.originals import Originals
from channelopt.ledger.rollup import all_channels, refresh_leads, refresh_spend
from channelopt.ledger.store import Store

_FIGURES = """SELECT channel, kind, sum(spend)::DOUBLE, sum(clicks), sum(impressions), sum(n_rows),
    count(DISTINCT day) FROM daily_spend GROUP BY ALL ORDER BY ALL"""


def examine(store: Store, originals: Originals, explained: float) -> tuple[Finding, ...]:
    """Check everything; daily figures that differ are made anew.

    Args:
        store: the workspace's store.
        originals: its originals.
        explained: ``Policy.spend_explained``.

    Returns:
        An error per original that is missing or changed, a warning per channel whose daily
        figures differed, or one "healthy" finding.
    """
    found: list[Finding] = []
    with store.cursor() as cursor:
        files = cursor.execute("SELECT sha256, name FROM imports ORDER BY import_id").fetchall()
    for sha256, name in files:
        try:
            originals.get(sha256, name)
        except LedgerError as error:
            found.append(Finding("error", error.code, error.params))
    with store.write() as cursor:
        before = cursor.execute(_FIGURES).fetchall()
        channels = all_channels(cursor)
        refresh_spend(cursor, channels, explained)
        refresh_leads(cursor)
        after = cursor.execute(_FIGURES).fetchall()
    differ = sorted({row[0] for row in set(before) ^ set(after)})
    found += [Finding("warning", "ledger.rollup_differs", {"channel": channel}) for channel in differ]
    return tuple(found) or (Finding("info", "ledger.healthy", {"files": len(files)}),)
