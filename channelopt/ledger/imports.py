"""Putting one read file into the tables, inside a transaction that somebody else ends."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import (
    DAILY_KINDS,
    LEAD_FIELDS,
    SPEND_FIELDS,
    TOUCH_FIELDS,
    VARIANT_FIELDS,
    FieldSpec,
)
from channelopt.intake.result import Read
from channelopt.ledger import details, jsons
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.originals import Originals
from channelopt.ledger.settings import now
from channelopt.ledger.store import Store

#: Where the rows of a kind live: table, fields, and what they are sorted by.
_HOMES: dict[str, tuple[str, tuple[FieldSpec, ...], str]] = {
    "spend": ("spend_facts", SPEND_FIELDS, "day"),
    "leads": ("lead_facts", LEAD_FIELDS, "created_at"),
    "touches": ("touch_facts", TOUCH_FIELDS, '"at"'),
    "variants": ("variant_facts", VARIANT_FIELDS, "day"),
}
_LIST = """SELECT import_id, name, sha256, platform, kind, "at", "by", "rows", rejected, spend, file_total,
    explained, currency, day_first, day_last, status FROM imports ORDER BY import_id"""


def listed(cursor: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """All imports, oldest first."""
    return cursor.execute(_LIST).df()


def evidence(read: Read) -> dt.datetime:
    """How new a file is, by what it says itself: when it was made, else the end of its last day."""
    if read.generated_at is not None:
        return read.generated_at.replace(tzinfo=None)
    last = read.day_last or dt.date(1970, 1, 1)
    return dt.datetime.combine(last, dt.time()) + dt.timedelta(days=1)


def insert(
    cursor: duckdb.DuckDBPyConnection,
    read: Read,
    by: str,
    account: str | None,
    partial: bool,
    number: int | None = None,
) -> int:
    """Write the import and all its rows, inside a transaction that somebody else ends.

    Args:
        cursor: where.
        read: the file.
        by: who does it.
        account: name of the ad account, where the file names none.
        partial: whether it counts though it explains too little of its own total.
        number: the number it had before; None for a new one.

    Returns:
        Its number.
    """
    if number is None:
        found = cursor.execute("SELECT coalesce(max(import_id), 0) + 1 FROM imports").fetchone()
        number = int(found[0]) if found else 1
    _insert_head(cursor, read, number, by, (account, partial))
    table, fields, order = _HOMES.get(read.kind, _HOMES["spend"])
    rows = _prepared(read, account)
    cursor.register("incoming", rows)
    stands = "n_rows" in rows
    columns = ", ".join(f'"{f.name}"' for f in fields)
    values = ", ".join(_value(f'"{f.name}"', f.kind) for f in fields)
    cursor.execute(
        f"INSERT INTO {table} (import_id, row_no, {columns}{', n_rows' if stands else ''})"
        f" SELECT {number}, row_no, {values}{', n_rows' if stands else ''} FROM incoming ORDER BY {order}"
    )
    cursor.unregister("incoming")
    _insert_rejected(cursor, read, number)
    return number


def _value(name: str, kind: str) -> str:
    if kind == "text":
        return f"coalesce({name}, '')"
    if kind == "money":
        return f"CAST({name} AS DECIMAL(18,4))"
    return {"date": f"CAST({name} AS DATE)", "datetime": f"CAST({name} AS TIMESTAMP)"}.get(kind, name)


def _prepared(read: Read, account: str | None) -> pd.DataFrame:
    columns = [f.name for f in _HOMES.get(read.kind, _HOMES["spend"])[1]]
    more = [c for c in ("n_rows",) if c in read.rows]
    rows = read.rows.reindex(columns=[*columns, "row_no", *more])
    for field in (*SPEND_FIELDS, *LEAD_FIELDS, *TOUCH_FIELDS, *VARIANT_FIELDS):
        if field.name in rows and field.kind in ("money", "count", "seconds"):
            rows[field.name] = rows[field.name].astype("float64").where(lambda v: np.isfinite(v))
    if read.kind not in DAILY_KINDS:
        return rows
    rows["currency"] = rows["currency"].where(
        rows["currency"].notna() & (rows["currency"] != ""), read.currency or ""
    )
    if account:
        rows["account"] = account
    return rows


def _insert_head(
    cursor: duckdb.DuckDBPyConnection, read: Read, number: int, by: str, told: tuple[str | None, bool]
) -> None:
    account, partial = told
    spend = float(read.rows["spend"].sum()) if read.kind == "spend" else float("nan")
    explained = float(read.explained)
    values: list[Any] = [
        number,
        read.sha256,
        read.name,
        read.platform,
        read.kind,
        now(),
        by,
        *_counts(read),
        None if np.isnan(spend) else spend,
        None if np.isnan(spend) or not explained > 0 else spend / explained,
        None if np.isnan(explained) else explained,
        read.currency,
        read.day_first,
        read.day_last,
        evidence(read),
        read.level,
        partial,
        False,
        "active",
        jsons.dump({**how_read(read), "account": account}),
    ]
    cursor.execute(f"INSERT INTO imports VALUES ({', '.join('?' * len(values))})", values)


def _counts(read: Read) -> tuple[int, int]:
    """Rows of the file that were kept and left out; a large file's rows were summed."""
    if "n_rows" in read.rows:
        return int(read.rows["n_rows"].sum()), read.lines.rejected
    return len(read.rows), len(read.rejected)


def how_read(read: Read) -> dict[str, Any]:
    """How a file was read, as plain structures."""
    return {
        "layout": vars(read.layout),
        "lines": vars(read.lines),
        "mapping": [vars(column) for column in read.mapping],
        "findings": jsons.dump_findings(read.findings),
        "fingerprint": read.fingerprint,
        "answers": dict(read.answers),
        "hash_key_id": read.hash_key_id,
    }


def _insert_rejected(cursor: duckdb.DuckDBPyConnection, read: Read, number: int) -> None:
    if read.rejected.empty:
        return
    frame = pd.DataFrame(
        {
            "row_no": read.rejected["row_no"].astype("int64"),
            "reason": read.rejected["reason"].astype(str),
            "params": [jsons.dump(p) for p in read.rejected["params"]] if "params" in read.rejected else "{}",
            "raw": read.rejected["raw"].astype(str),
        }
    )
    cursor.register("incoming_rejected", frame)
    cursor.execute(f"INSERT INTO rejected_rows SELECT {number}, * FROM incoming_rejected")
    cursor.unregister("incoming_rejected")


def kind_of(cursor: duckdb.DuckDBPyConnection, import_id: int) -> str:
    """The kind of an import.

    Raises:
        LedgerError: ``ledger.no_import``.
    """
    found = cursor.execute("SELECT kind FROM imports WHERE import_id = ?", [import_id]).fetchone()
    if found is None:
        raise LedgerError("ledger.no_import", import_id=import_id)
    return str(found[0])


class Imports:
    """What is known of every import; mixed into the ledger."""

    _store: Store
    _originals: Originals
    _rows: details.Details

    def imports(self) -> pd.DataFrame:
        """Every import: number, name, hash, platform, kind, when, who, rows, rejected, spend,
        file_total, explained, currency, day_first, day_last, status ("active" or "undone")."""
        with self._store.cursor() as cursor:
            return listed(cursor)

    def _details(self, import_id: int) -> dict[str, Any]:
        with self._store.cursor() as cursor:
            kind_of(cursor, import_id)
            row = cursor.execute("SELECT details FROM imports WHERE import_id = ?", [import_id]).fetchone()
        return dict(jsons.load(row[0])) if row else {}

    def import_findings(self, import_id: int) -> tuple[Finding, ...]:
        """What was doubtful when the file was read."""
        return jsons.load_findings(self._details(import_id).get("findings"))

    def import_mapping(self, import_id: int) -> pd.DataFrame:
        """How its columns were understood: header, field, confidence, reason, sample."""
        return pd.DataFrame(self._details(import_id).get("mapping", []))

    def rejected(self, import_id: int) -> pd.DataFrame:
        """Its rows that could not be used: row_no, reason, params (JSON), raw."""
        with self._store.cursor() as cursor:
            kind_of(cursor, import_id)
            return cursor.execute(
                "SELECT row_no, reason, params, raw FROM rejected_rows WHERE import_id = ? ORDER BY row_no",
                [import_id],
            ).df()

    def detail(self, import_id: int, by: tuple[str, ...] = ("ad",)) -> pd.DataFrame:
        """Sums of one import's own rows, down to the ad, whether they count or not.

        Args:
            import_id: its number.
            by: columns from account, campaign, ad_group, ad; a level without names by its id.

        Returns:
            The ``by`` columns, n_rows, then spend, impressions, clicks, leads, customers and
            revenue in the file's own currency; highest spend first.

        Raises:
            InputError: unknown column in ``by``.
            LedgerError: ``ledger.no_import``.
        """
        keys = details.checked(by)
        with self._store.cursor() as cursor:
            kind_of(cursor, import_id)
            row = cursor.execute("SELECT sha256 FROM imports WHERE import_id = ?", [import_id]).fetchone()
            path = self._rows.path(str(row[0])) if row else None
            if path is not None:
                return details.summed(cursor, path, keys)
            return details.summed_facts(cursor, import_id, keys)

    def original(self, import_id: int) -> bytes:
        """The file as it came in (personal columns of a lead list are codes).

        Raises:
            LedgerError: ``ledger.no_import``, ``ledger.original_missing``, ``ledger.original_changed``.
        """
        frame = self.imports().set_index("import_id")
        if import_id not in frame.index:
            raise LedgerError("ledger.no_import", import_id=import_id)
        row = frame.loc[import_id]
        return self._originals.get(str(row["sha256"]), str(row["name"]))
