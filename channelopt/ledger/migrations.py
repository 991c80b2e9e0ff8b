"""Bringing a workspace of an earlier format to today's: a copy aside, then one transaction per step."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import duckdb

from channelopt.ledger.durable import said, whole
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.schema import (
    ACCOUNT_ANSWERS,
    CONTRACTS,
    DECISIONS,
    EXPERIMENT_VISITS,
    EXPERIMENTS,
    INPUTS,
    SCENARIOS,
    SEEN,
    STAGES,
    TOUCH_FACTS,
    VARIANT_FACTS,
)

#: What counts is chosen anew at the next opening, because the rules of choosing changed.
STALE: Final = "INSERT OR REPLACE INTO meta VALUES ('stale', 'yes')"
#: Statements that lead from one format version to the next.
STEPS: Final[dict[int, tuple[str, ...]]] = {
    1: (
        "ALTER TABLE spend_facts ADD COLUMN n_rows BIGINT DEFAULT 1",
        "ALTER TABLE daily_spend ALTER COLUMN n_rows TYPE BIGINT",
    ),
    2: (ACCOUNT_ANSWERS, STALE),
    3: (
        TOUCH_FACTS,
        CONTRACTS,
        "ALTER TABLE other_costs ADD COLUMN kind VARCHAR DEFAULT 'fee'",
        "ALTER TABLE other_costs ADD COLUMN rule VARCHAR DEFAULT 'spend'",
    ),
    4: (EXPERIMENTS,),
    5: (VARIANT_FACTS, EXPERIMENT_VISITS, SCENARIOS, STAGES, DECISIONS, INPUTS, SEEN),
}


def copy_aside(file: Path, version: int) -> Path:
    """Keep the file as it is, beside it, before its format changes; an existing copy stays.

    Raises:
        LedgerError: ``ledger.cannot_write`` when there is no room; nothing was changed.
    """
    kept = file.with_name(f"{file.name}.format{version}")
    if not kept.exists():
        wal = file.with_name(f"{file.name}.wal")  # what could not be written into the file at its closing
        pairs = [(wal, kept.with_name(f"{kept.name}.wal"))] if wal.exists() else []
        for path, copied in [*pairs, (file, kept)]:
            with said(), path.open("rb") as source, whole(copied) as copy:
                shutil.copyfileobj(source, copy, 1 << 22)
    return kept


def migrate(cursor: duckdb.DuckDBPyConnection, found: int, wanted: int) -> None:
    """Take every step from ``found`` to ``wanted``; a killed process leaves a whole format behind.

    Raises:
        LedgerError: ``ledger.cannot_migrate`` when a step fails; that step is taken back.
    """
    for version in range(found, wanted):
        cursor.execute("BEGIN TRANSACTION")
        try:
            for statement in STEPS[version]:
                cursor.execute(statement)
            cursor.execute("UPDATE meta SET value = ? WHERE key = 'format_version'", [str(version + 1)])
            cursor.execute("COMMIT")
        except (duckdb.Error, KeyError) as error:
            cursor.execute("ROLLBACK")
            detail = str(error).splitlines()[0]
            raise LedgerError("ledger.cannot_migrate", found=version, detail=detail) from error
