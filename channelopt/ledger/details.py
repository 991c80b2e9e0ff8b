"""The single rows of large files: one Parquet file per import, beside the ledger."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from channelopt.errors import InputError
from channelopt.ledger.durable import keep, passing, said

FOLDER = "rows"
KEYS = ("account", "campaign", "ad_group", "ad")
METRICS = ("spend", "impressions", "clicks", "leads", "customers", "revenue")


class Details:
    """A folder of Parquet files, named by the hash of the original."""

    def __init__(self, where: str) -> None:
        self._folder = None if where == ":memory:" else Path(where) / FOLDER
        self._kept: dict[str, Path] = {}

    def put(self, sha256: str, rows: Path) -> None:
        """Keep the rows of a file; linked or copied aside and renamed, so that no half file stays.

        Raises:
            LedgerError: ``ledger.cannot_write``.
        """
        if self._folder is None:
            self._kept[sha256] = rows
            return
        target = self._folder / f"{sha256}.parquet"
        with said(), passing(target) as aside:
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                os.link(rows, aside)
            except OSError:
                shutil.copyfile(rows, aside)
            with aside.open("rb+") as file:
                os.fsync(file.fileno())
            keep(aside, target)

    def path(self, sha256: str) -> Path | None:
        """The rows of a file; None when it is not a large one."""
        if self._folder is None:
            return self._kept.get(sha256)
        path = self._folder / f"{sha256}.parquet"
        return path if path.is_file() else None


def checked(by: Sequence[str]) -> tuple[str, ...]:
    """The grouping columns.

    Raises:
        InputError: ``common.bad_setting``.
    """
    for key in by:
        if key not in KEYS:
            raise InputError("common.bad_setting", name="by", value=key, wanted=", ".join(KEYS))
    return tuple(by)


def summed_facts(cursor: duckdb.DuckDBPyConnection, import_id: int, by: tuple[str, ...]) -> pd.DataFrame:
    """Sums of the stored rows of a small file."""
    sums = ", ".join(f"sum({m})::DOUBLE AS {m}" for m in METRICS)
    keys = ", ".join(by)
    return cursor.execute(
        f"SELECT {keys}{', ' if by else ''}sum(n_rows)::BIGINT AS n_rows, {sums} FROM spend_facts"
        " WHERE import_id = ?" + (f" GROUP BY {keys} ORDER BY spend DESC NULLS LAST, {keys}" if by else ""),
        [import_id],
    ).df()


def summed(cursor: duckdb.DuckDBPyConnection, path: Path, by: tuple[str, ...]) -> pd.DataFrame:
    """Sums of a large file's plain rows; a level without names is known by its id."""
    source = f"read_parquet('{str(path).replace(chr(39), chr(39) * 2)}')"
    known = {row[0] for row in cursor.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}

    def text(key: str) -> str:
        parts = [name for name in (key, f"{key}_id") if name in known]
        return f"coalesce({', '.join(parts)}, '')" if parts else "''"

    def number(name: str) -> str:
        for small, parts in (("spend_micros", "1e6"), ("spend_cents", "1e2")):
            if name == "spend" and "spend" not in known and small in known:
                return f"sum({small})::DOUBLE / {parts}"
        return f"sum({name})::DOUBLE" if name in known else "NULL::DOUBLE"

    wanted = [*(f"{text(k)} AS {k}" for k in by), "count(*)::BIGINT AS n_rows"]
    wanted += [f"{number(m)} AS {m}" for m in METRICS]
    group = ", ".join(str(i + 1) for i in range(len(by)))
    return cursor.execute(
        f"SELECT {', '.join(wanted)} FROM {source} WHERE kind = 0"
        + (f" GROUP BY {group} ORDER BY spend DESC NULLS LAST, {group}" if by else "")
    ).df()
