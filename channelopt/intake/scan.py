"""A large delimited file through DuckDB: rows to a Parquet file, plain rows summed, odd lines set aside."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from channelopt.intake.messages import IntakeError
from channelopt.intake.values import NULLS

#: Odd lines a file may have before it is refused as irregular.
ODD = 20_000
#: Groups that are handed on; above it the campaign is left out of the key.
GROUPS = 400_000
_MEMORY = "600MB"
_TYPE = "DECIMAL(18,4)"
#: As lists, not as IN (…): the engine would make a join of that, which costs more than the scan.
_NULLS = "[" + ", ".join("'" + n.replace("'", "''") + "'" for n in sorted(NULLS)) + "]"
_FIRST = "tsgиtTSGИ总合小汇共 \t"


@dataclass(frozen=True)
class Column:
    """One column that is read.

    Attributes:
        index: position in the file.
        name: its name in the Parquet file.
        mark: decimal mark of a number; "" for text.
        key: whether rows with the same text here may be summed ("sum"), or the text
            only matters for being there ("presence"); "" for numbers.
    """

    index: int
    name: str
    mark: str = ""
    key: str = ""


@dataclass(frozen=True)
class Plan:
    """What to read of a file.

    Attributes:
        delimiter: one character.
        quote: quotation mark, "" when quotes are plain text.
        skip: lines before the first data line.
        width: cells per line.
        columns: the columns that mean something.
        names: indices of the columns of names that nearly every line fills; a line that leaves
            one open may be a subtotal, and is odd.
        watched: indices of the columns that make no groups and where the word "total" may
            stand; a total in a key makes a group of its own, and is seen there.
        day: index of the day column, None without one.
        day_digits: whether every day begins with a digit.
        totals: pattern of total rows.
    """

    delimiter: str
    quote: str
    skip: int
    width: int
    columns: tuple[Column, ...]
    names: tuple[int, ...]
    watched: tuple[int, ...]
    day: int | None
    day_digits: bool
    totals: str


@dataclass(frozen=True)
class Scanned:
    """What one pass gave.

    Attributes:
        groups: per group of plain rows: its key texts, number of rows, first row, sums.
        fields: names of the values in each group, in order.
        keys: which of them made the groups.
        odd: (row, cells) of lines to be looked at one by one.
        refused: (line, text) of lines the parser could not cut into cells.
        blank: rows with no cell filled.
        rows: all rows the parser gave.
    """

    groups: list[tuple[Any, ...]]
    fields: tuple[str, ...]
    keys: tuple[str, ...]
    odd: list[tuple[int, list[str | None]]]
    refused: list[tuple[int, str]]
    blank: int
    rows: int


def scan(path: Path, plan: Plan, target: Path, name: str, tell: Callable[[float], None]) -> Scanned:
    """Read the file once into ``target`` (Parquet), then sum what is plain.

    Plain rows have a day that looks like one, numbers that read, a name, and no cell that
    says "total". Every other line is odd and comes back as it stands.

    Args:
        path: UTF-8 text.
        plan: what to read.
        target: Parquet file to write: row_no, one column per ``plan.columns``, and ``line``
            with all cells of odd lines.
        name: for errors.
        tell: called with the share done; what it raises stops the scan.

    Raises:
        IntakeError: ``intake.too_irregular``, ``intake.no_room``.
    """
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        # Numbering the rows keeps one thread busy; a second one would only spin and wait.
        connection.execute("SET threads = 1")
        connection.execute("SET enable_progress_bar = true")
        connection.execute("SET enable_progress_bar_print = false")
        connection.execute("SET progress_bar_time = 1")
        connection.execute("SET temp_directory = ?", [str(target.parent)])
        _run(connection, _copy(path, plan, target), tell)
        refused = connection.execute(
            "SELECT line, any_value(csv_line) FROM reject_errors GROUP BY line ORDER BY line"
        ).fetchall()
        return _summed(connection, plan, target, name, refused)
    except duckdb.OutOfMemoryException as error:
        raise IntakeError("intake.too_irregular", name=name, n=0, example="") from error
    except duckdb.IOException as error:
        raise IntakeError("intake.no_room", detail=str(error).splitlines()[0]) from error
    finally:
        connection.close()


def _run(connection: duckdb.DuckDBPyConnection, sql: str, tell: Callable[[float], None]) -> None:
    """Execute in a thread, telling the progress; whatever ``tell`` raises interrupts the query."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            connection.execute(sql)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.1)
            tell(max(connection.query_progress(), 0.0) / 100)
    except BaseException:
        connection.interrupt()
        thread.join()
        raise
    if failed:
        raise failed[0]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _source(path: Path, plan: Plan) -> str:
    columns = "{" + ", ".join(f"'c{i}': 'VARCHAR'" for i in range(plan.width)) + "}"
    return (
        f"read_csv({_text(str(path))}, header=false, skip={plan.skip}, delim={_text(plan.delimiter)}, "
        f"quote={_text(plan.quote)}, escape={_text(plan.quote)}, auto_detect=false, columns={columns}, "
        "ignore_errors=true, store_rejects=true, strict_mode=true)"
    )


def _copy(path: Path, plan: Plan, target: Path) -> str:
    source = _source(path, plan)
    numbers = [c for c in plan.columns if c.mark]
    fast = "".join(f", {_fast(c)} AS f{c.index}" for c in numbers)
    values = "".join(f", {_value(c)} AS {c.name}" for c in numbers)
    texts = "".join(f", c{c.index} AS {c.name}" for c in plan.columns if not c.mark)
    cells = ", ".join(f"c{i}" for i in range(plan.width))
    empty = " AND ".join(f"c{i} IS NULL" for i in range(plan.width))
    kind = f"CASE WHEN odd = 0 THEN 0 WHEN {empty} THEN 2 ELSE 1 END"
    return (
        f"COPY (SELECT row_no{texts}, * EXCLUDE (row_no, {cells}), "
        f"CASE WHEN kind = 1 THEN [{cells}] END AS line FROM ("
        f"SELECT * EXCLUDE (odd), ({kind})::TINYINT AS kind FROM ("
        f"SELECT *, {_odd(plan)} AS odd FROM ("
        f"SELECT * {_without(numbers)}{values} FROM ("
        f"SELECT row_number() OVER () AS row_no, *{fast} FROM {source}))))) "
        f"TO {_text(str(target))} (FORMAT parquet)"
    )


def _without(numbers: Sequence[Column]) -> str:
    return f"EXCLUDE ({', '.join(f'f{c.index}' for c in numbers)})" if numbers else ""


def _fast(column: Column) -> str:
    """The cast that suits most cells; it fails on anything unusual."""
    return f"TRY_CAST(c{column.index} AS {_TYPE})" if column.mark == "." else f"NULL::{_TYPE}"


def _value(column: Column) -> str:
    """A cell as a number, NULL when it is none; the same shapes as ``values.parse_number``."""
    plain = rf"regexp_replace(c{column.index}, '[\s\x{{a0}}\x{{202f}}\x{{2007}}\x{{2009}}''’]+', '', 'g')"
    group, decimal = (",", r"\.") if column.mark == "." else (r"\.", ",")
    sizes = "2,3" if column.mark == "." else "3"
    grouped = rf"\d{{1,3}}({group}\d{{{sizes}}})*{group}\d{{3}}({decimal}\d*)?"
    shape = rf"[-+]?(\d+({decimal}\d*)?|{decimal}\d+|{grouped})"
    drop, swap = (",", ".") if column.mark == "." else (".", ",")
    slow = (
        f"CASE WHEN regexp_full_match({plain}, '{shape}') "
        f"THEN TRY_CAST(replace(replace({plain}, '{drop}', ''), '{swap}', '.') AS {_TYPE}) END"
    )
    return f"coalesce(f{column.index}, CASE WHEN c{column.index} IS NOT NULL THEN {slow} END)"


def _odd(plan: Plan) -> str:
    """1 for a line that must be looked at by itself, else 0; cheap tests first, each on what is left."""
    tests = [
        f"{c.name} IS NULL AND c{c.index} IS NOT NULL"
        f" AND NOT list_contains({_NULLS}, lower(trim(c{c.index})))"
        for c in plan.columns
        if c.mark
    ]
    if plan.day is not None:
        tests += [f"c{plan.day} IS NULL", f"trim(c{plan.day}) = ''"]
        if plan.day_digits:
            tests.append(f"unicode(c{plan.day}) NOT BETWEEN 48 AND 57")
    tests += [f"c{i} IS NULL" for i in plan.names]
    letters = ", ".join(str(ord(letter)) for letter in sorted(set(_FIRST)))
    tests += [
        f"list_contains([{letters}], unicode(c{i})) AND regexp_matches(trim(c{i}), {_text(plan.totals)})"
        for i in plan.watched
    ]
    return "CASE " + " ".join(f"WHEN {test} THEN 1" for test in tests) + " ELSE 0 END" if tests else "0"


def _summed(
    connection: duckdb.DuckDBPyConnection, plan: Plan, target: Path, name: str, refused: list[tuple[int, str]]
) -> Scanned:
    rows = f"read_parquet({_text(str(target))})"
    counts = dict(connection.execute(f"SELECT kind, count(*) FROM {rows} GROUP BY kind").fetchall())
    odd_sql = f"SELECT row_no, line FROM {rows} WHERE kind = 1 ORDER BY row_no LIMIT {ODD + 1}"
    odd = connection.execute(odd_sql).fetchall()
    if len(odd) + len(refused) > ODD:
        example = "\t".join(c or "" for c in odd[-1][1]) if odd else refused[-1][1]
        raise IntakeError("intake.too_irregular", name=name, n=ODD, example=example[:200])
    keys = [c.name for c in plan.columns if c.key == "sum"]
    groups, fields = _groups(connection, plan, rows, keys)
    if len(groups) > GROUPS:
        keys = [k for k in keys if not k.startswith("campaign")]
        groups, fields = _groups(connection, plan, rows, keys)
    if len(groups) > GROUPS:
        raise IntakeError("intake.too_irregular", name=name, n=GROUPS, example="")
    blank, total = int(counts.get(2, 0)), sum(map(int, counts.values()))
    return Scanned(groups, fields, tuple(keys), odd, refused, blank, total)


def _groups(
    connection: duckdb.DuckDBPyConnection, plan: Plan, rows: str, keys: Sequence[str]
) -> tuple[list[tuple[Any, ...]], tuple[str, ...]]:
    """Sums of the plain rows by their key texts; of other texts only whether there are any."""
    others = [c.name for c in plan.columns if c.key and c.name not in keys]
    numbers = [c.name for c in plan.columns if c.mark]
    wanted = [
        *keys,
        "count(*) AS n",
        "min(row_no) AS row_no",
        *(f"CASE WHEN count({o}) > 0 THEN '*' END AS {o}" for o in others),
        *(f"sum({n})::DOUBLE AS {n}" for n in numbers),
    ]
    group = f"GROUP BY {', '.join(keys)}" if keys else ""
    found = connection.execute(
        f"SELECT {', '.join(wanted)} FROM {rows} WHERE kind = 0 {group} ORDER BY row_no LIMIT {GROUPS + 1}"
    ).fetchall()
    return [g for g in found if g[len(keys)]], (*keys, "n", "row_no", *others, *numbers)


def breaks(path: Path, plan: Plan) -> int:
    """How many line ends stand inside cells of the rows that were read."""
    counts = " + ".join(
        f"coalesce(length(c{i}) - length(replace(c{i}, chr(10), '')), 0)" for i in range(plan.width)
    )
    connection = duckdb.connect(":memory:")
    try:
        found = connection.execute(f"SELECT sum({counts}) FROM {_source(path, plan)}").fetchall()
        inside = connection.execute("SELECT DISTINCT line, csv_line FROM reject_errors").fetchall()
    finally:
        connection.close()
    return int(found[0][0] or 0) + sum(str(text).rstrip("\r\n").count("\n") for _, text in inside)


def swallowed(refused: Sequence[tuple[int, str]], delimiter: str) -> bool:
    """Whether a quote that never closes swallowed whole lines."""
    return any(text.count("\n") >= 2 and text.count(delimiter) >= 2 for _, text in refused)


def cells_of(text: str, plan: Plan) -> list[str]:
    """A refused line cut into cells as well as can be."""
    source = io.StringIO(text.rstrip("\r\n"), newline="")
    if plan.quote:
        rows = list(csv.reader(source, delimiter=plan.delimiter))
    else:
        rows = list(csv.reader(source, delimiter=plan.delimiter, quoting=csv.QUOTE_NONE))
    return [cell for row in rows for cell in row]
