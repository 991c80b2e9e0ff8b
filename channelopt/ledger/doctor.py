"""The examination of a workspace: originals, rows, choices, figures, key and leftovers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from channelopt.errors import Finding
from channelopt.fields import METRICS
from channelopt.ledger.details import FOLDER as DETAILS
from channelopt.ledger.durable import sweep
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.originals import FOLDER as ORIGINALS
from channelopt.ledger.originals import Originals
from channelopt.ledger.people import check_key
from channelopt.ledger.rollup import all_channels, refresh_leads, refresh_spend
from channelopt.ledger.schema import TABLES
from channelopt.ledger.settings import bump
from channelopt.ledger.store import Store

_KEY = "kind, day, day_end, platform, channel, account, campaign, currency, import_id"
_KEEP = (
    "CREATE OR REPLACE TEMP TABLE daily_before AS FROM daily_spend",
    "CREATE OR REPLACE TEMP TABLE leads_before AS FROM lead_records",
    "CREATE OR REPLACE TEMP TABLE records_before AS FROM records",
    "CREATE OR REPLACE TEMP TABLE doubts_before AS FROM ledger_findings",
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
    SELECT channel FROM (
        (FROM records_before EXCEPT ALL FROM records) UNION ALL
        (FROM records EXCEPT ALL FROM records_before))
    UNION
    SELECT coalesce(params ->> '$.channel', '') FROM (
        (FROM doubts_before EXCEPT ALL FROM ledger_findings) UNION ALL
        (FROM ledger_findings EXCEPT ALL FROM doubts_before))
    UNION
    SELECT coalesce(nullif(channel, ''), 'unassigned') FROM (
        (FROM leads_before EXCEPT ALL FROM lead_records) UNION ALL
        (FROM lead_records EXCEPT ALL FROM leads_before))
    ORDER BY 1"""

_SHAPE = """SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'main' AND table_catalog = current_database()"""
_COUNTS = """
    WITH stored AS (
        SELECT import_id, sum(n_rows) AS n FROM spend_facts GROUP BY 1
        UNION ALL SELECT import_id, count(*) FROM lead_facts GROUP BY 1
        UNION ALL SELECT import_id, count(*) FROM touch_facts GROUP BY 1
        UNION ALL SELECT import_id, count(*) FROM variant_facts GROUP BY 1)
    SELECT i.name, coalesce(i."rows", 0), coalesce(s.n, 0) FROM imports i FULL JOIN stored s USING (import_id)
    WHERE coalesce(i."rows", 0) <> coalesce(s.n, 0) ORDER BY import_id"""


def examine(store: Store, originals: Originals, explained: float) -> tuple[Finding, ...]:
    """Check everything; figures and choices that differ from the rows are made anew.

    Args:
        store: the workspace's store.
        originals: its originals.
        explained: ``Policy.spend_explained``.

    Returns:
        An error per original that is missing or changed, per import whose rows are not all there,
        for tables of another shape and for a key that does not fit; a warning per channel whose
        figures differed; what killed processes left behind; or one "healthy" finding.
    """
    with store.cursor() as cursor:
        files = cursor.execute("SELECT sha256, name FROM imports ORDER BY import_id").fetchall()
        found = [*_shapes(cursor), *_rows(cursor)]
    found += _originals(originals, files)
    try:
        check_key(store)
    except LedgerError as error:
        found.append(Finding("error", error.code, error.params))
    halves = 0
    if store.where != ":memory:":
        root = Path(store.where)
        halves = sum(sweep(folder) for folder in (root, root / ORIGINALS, root / DETAILS))
    strangers = originals.strangers({sha256 for sha256, _ in files})
    if halves or strangers:
        found.append(Finding("info", "ledger.leftovers", {"halves": halves, "strangers": strangers}))
    differ = _made_anew(store, explained)
    found += [Finding("warning", "ledger.rollup_differs", {"channel": channel}) for channel in differ]
    return tuple(found) or (Finding("info", "ledger.healthy", {"files": len(files)}),)


def _made_anew(store: Store, explained: float) -> list[str]:
    """Choose and sum again from the rows; gives the channels where that made a difference."""
    with store.write() as cursor:
        for statement in _KEEP:
            cursor.execute(statement)
        refresh_spend(cursor, sorted({*all_channels(cursor), *_shown(cursor)}), explained)
        refresh_leads(cursor)
        differ = [str(row[0]) for row in cursor.execute(_CHANGED).fetchall()]
        if differ:
            bump(cursor)
    return differ


def _originals(originals: Originals, files: list[tuple[str, str]]) -> list[Finding]:
    """Every original against its hash; unpacking and hashing run beside each other."""

    def look(file: tuple[str, str]) -> Finding | None:
        try:
            originals.check(*file)
        except LedgerError as error:
            return Finding("error", error.code, error.params)
        return None

    with ThreadPoolExecutor(max_workers=4) as pool:
        return [finding for finding in pool.map(look, files) if finding]


def _shapes(cursor: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Whether the tables are those of this format."""
    wanted = duckdb.connect()
    try:
        for statement in TABLES:
            wanted.execute(statement)
        known = set(wanted.execute(_SHAPE).fetchall())
    finally:
        wanted.close()
    lacking = sorted({str(row[0]) for row in known ^ set(cursor.execute(_SHAPE).fetchall())})
    return [Finding("error", "ledger.shape_differs", {"tables": ", ".join(lacking)})] if lacking else []


def _rows(cursor: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Whether each import has as many rows as it had, and each row its import."""
    found = []
    for name, wanted, there in cursor.execute(_COUNTS).fetchall():
        params = {"name": name or "?", "wanted": int(wanted), "found": int(there)}
        found.append(Finding("error", "ledger.rows_differ", params))
    return found


def _shown(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Channels that daily figures speak of, even if no stored row does."""
    rows = cursor.execute("SELECT DISTINCT channel FROM daily_spend").fetchall()
    return [str(row[0]) for row in rows]
