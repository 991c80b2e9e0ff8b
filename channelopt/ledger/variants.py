"""Rows of tests that count: the same test is never counted twice, whatever came in and in which order.

A test may come in as rows per person, as days, or as one row per variant; the finest of these counts,
the others stay beside it. Of files that state the same cell (a person, a day, or the test as a whole) the
newest counts for that cell: by its evidence, then by how much it has counted, then by its hash.
"""

from __future__ import annotations

from typing import Final

import duckdb
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import VARIANT_COLUMNS, VARIANT_FIELDS
from channelopt.ledger.store import Store

#: How a test is told, the coarsest first; the place is ``shape`` below.
_SHAPES: Final = ("variant", "day", "person")
#: Most names told in one sentence.
_SHOWN: Final = 6
_SIZE = " + ".join(
    f"coalesce(sum({f.name}), 0)" for f in VARIANT_FIELDS if f.kind == "count" and f.name != "before"
)
#: Every row in use with its shape and cell; ``record`` holds those that count.
_RECORD = f"""
    WITH used AS (
        SELECT f.*, i.name, i.currency, i.evidence, i.sha256, i.preferred,
            CASE WHEN f.person_key <> '' THEN 2 WHEN f.day IS NOT NULL THEN 1 ELSE 0 END AS shape,
            CASE WHEN f.person_key <> '' THEN f.person_key
                ELSE coalesce(CAST(f.day AS VARCHAR), '') END AS cell
        FROM variant_facts f JOIN imports i USING (import_id) WHERE i.status = 'active'),
    sizes AS (SELECT import_id, experiment, {_SIZE} AS size FROM used GROUP BY ALL),
    shaped AS (
        SELECT experiment, arg_max(shape, CAST(preferred AS INTEGER) * 3 + shape) AS shape
        FROM used GROUP BY experiment),
    claims AS (
        SELECT DISTINCT experiment, shape, cell, import_id, preferred, evidence, size, sha256
        FROM used JOIN sizes USING (import_id, experiment)),
    chosen AS (
        SELECT experiment, shape, cell, import_id FROM claims
        QUALIFY row_number() OVER (PARTITION BY experiment, shape, cell
            ORDER BY preferred DESC, evidence DESC, size DESC, sha256) = 1),
    record AS (
        SELECT used.* FROM used JOIN shaped USING (experiment, shape)
        JOIN chosen USING (experiment, shape, cell, import_id))"""
_NAMES = "coalesce(list_sort(list(DISTINCT {0}) FILTER ({0} <> '')), [])"


class Tested:
    """The rows of tests of a workspace; mixed into the ledger."""

    _store: Store

    def variant_tables(self) -> pd.DataFrame:
        """The tests there are rows of, by name.

        Returns:
            experiment, n_rows (that count), variants and regions (tuples of names), day_first and day_last
            (datetime64, NaT without days), has_persons, imports (tuple of the file names that count).
        """
        with self._store.cursor() as cursor:
            frame = cursor.execute(
                f"""{_RECORD} SELECT experiment, count(*) AS n_rows, {_NAMES.format("variant")} AS variants,
                    {_NAMES.format("region")} AS regions, min(day) AS day_first, max(day) AS day_last,
                    bool_or(person_key <> '') AS has_persons, {_NAMES.format("name")} AS imports
                FROM record GROUP BY experiment ORDER BY experiment"""
            ).df()
        for name in ("variants", "regions", "imports"):
            lists = [tuple(map(str, one)) for one in frame[name]]
            frame[name] = pd.Series(lists, dtype="object", index=frame.index)
        return frame

    def variant_rows(self, experiment: str | None = None) -> pd.DataFrame:
        """The rows of record of one test, or of all.

        Args:
            experiment: its name, as ``variant_tables`` says it.

        Returns:
            ``fields.VARIANT_COLUMNS``, sorted by all of them; the same for the same set of files. Money in
            the workspace currency, NaN where the file's has no exchange rate. With persons, ``people`` is 1
            on the first row of a person and 0 on further ones.
        """
        rate = "CASE WHEN coalesce(currency, '') = '' THEN 1 ELSE rate END"
        columns = ", ".join(
            f"CAST({f.name} AS DOUBLE) * {rate} AS {f.name}" if f.kind == "money" else f.name
            for f in VARIANT_FIELDS
        )
        with self._store.cursor() as cursor:
            frame = cursor.execute(
                f"""{_RECORD} SELECT {columns} FROM record LEFT JOIN current_rates USING (currency)
                WHERE $test IS NULL OR experiment = $test ORDER BY ALL""",
                {"test": experiment},
            ).df()
        return frame[list(VARIANT_COLUMNS)]


def variant_change(cursor: duckdb.DuckDBPyConnection, import_id: int) -> tuple[int, int, int]:
    """Rows of an import that count and nobody else has, that count instead of another's, and the rest."""
    row = cursor.execute(
        f"""{_RECORD},
        others AS (SELECT DISTINCT experiment, shape, cell FROM used WHERE import_id <> $number),
        mine AS (
            SELECT r.*, EXISTS (FROM others o WHERE o.experiment = r.experiment
                AND (o.shape <> r.shape OR o.cell = r.cell)) AS known
            FROM record r WHERE import_id = $number)
        SELECT (SELECT count(*) FROM used WHERE import_id = $number),
            (SELECT count(*) FROM mine WHERE NOT known), (SELECT count(*) FROM mine WHERE known)""",
        {"number": import_id},
    ).fetchone() or (0, 0, 0)
    total, added, replaced = (int(n) for n in row)
    return added, replaced, total - added - replaced


def variant_findings(cursor: duckdb.DuckDBPyConnection, import_id: int) -> tuple[Finding, ...]:
    """What of an import's tests does not count because another file tells the same test."""
    looks = (_other_shapes, _kept_fuller, _hidden, _no_rate)
    return tuple(one for look in looks for one in look(cursor, import_id))


def _other_shapes(cursor: duckdb.DuckDBPyConnection, import_id: int) -> list[Finding]:
    """Tests that came in as rows per person and as days, say: only one of them counts."""
    rows = cursor.execute(
        f"""{_RECORD}
        SELECT u.experiment, any_value(s.shape), {_NAMES.format("u.name")} FROM used u
        JOIN shaped s ON s.experiment = u.experiment AND s.shape <> u.shape
        WHERE u.experiment IN (SELECT experiment FROM used WHERE import_id = $number)
        GROUP BY u.experiment ORDER BY u.experiment""",
        {"number": import_id},
    ).fetchall()
    return [
        Finding(
            "warning",
            f"ledger.test_by_{_SHAPES[int(shape)]}",
            {"experiment": experiment, "names": _shown(names)},
        )
        for experiment, shape, names in rows
    ]


def _kept_fuller(cursor: duckdb.DuckDBPyConnection, import_id: int) -> list[Finding]:
    """Tests of which a file just as new has counted more: that one counts, this one may be filtered."""
    rows = cursor.execute(
        f"""{_RECORD}
        SELECT experiment, {_NAMES.format("i.name")}
        FROM claims mine JOIN shaped USING (experiment, shape) JOIN chosen c USING (experiment, shape, cell)
        JOIN claims kept USING (experiment, shape, cell) JOIN imports i ON i.import_id = kept.import_id
        WHERE mine.import_id = $number AND kept.import_id = c.import_id AND kept.import_id <> mine.import_id
          AND kept.evidence = mine.evidence AND kept.size > mine.size
        GROUP BY experiment ORDER BY experiment""",
        {"number": import_id},
    ).fetchall()
    return [
        Finding("warning", "ledger.test_kept_fuller", {"experiment": experiment, "kept": _shown(kept)})
        for experiment, kept in rows
    ]


def _hidden(cursor: duckdb.DuckDBPyConnection, import_id: int) -> list[Finding]:
    """Variants and regions that a file states for a day and the newer file that counts lacks."""
    rows = cursor.execute(
        f"""{_RECORD},
        left_out AS (
            SELECT u.experiment, u.cell, c.import_id AS kept,
                concat_ws(' · ', nullif(u.variant, ''), nullif(u.region, '')) AS arm
            FROM used u JOIN shaped USING (experiment, shape) JOIN chosen c USING (experiment, shape, cell)
            WHERE u.shape < 2 AND c.import_id <> u.import_id AND $number IN (u.import_id, c.import_id)
              AND NOT EXISTS (FROM record r WHERE r.experiment = u.experiment AND r.cell = u.cell
                AND r.variant = u.variant AND r.region = u.region))
        SELECT experiment, {_NAMES.format("arm")}, {_NAMES.format("i.name")}, count(DISTINCT cell)
        FROM left_out JOIN imports i ON i.import_id = left_out.kept
        GROUP BY experiment ORDER BY experiment""",
        {"number": import_id},
    ).fetchall()
    return [
        Finding(
            "warning",
            "ledger.test_arms_hidden",
            {"experiment": experiment, "arms": _shown(arms), "kept": _shown(kept), "days": int(days)},
        )
        for experiment, arms, kept, days in rows
    ]


def _no_rate(cursor: duckdb.DuckDBPyConnection, import_id: int) -> list[Finding]:
    """Money of a test in a currency without an exchange rate."""
    row = cursor.execute(
        """SELECT i.currency FROM imports i JOIN variant_facts f USING (import_id)
        WHERE import_id = ? AND i.status = 'active' AND coalesce(i.currency, '') <> ''
          AND i.currency NOT IN (SELECT currency FROM current_rates)
          AND (f.spend IS NOT NULL OR f.revenue IS NOT NULL) LIMIT 1""",
        [import_id],
    ).fetchone()
    return [Finding("warning", "ledger.test_no_rate", {"currency": row[0]})] if row else []


def _shown(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
