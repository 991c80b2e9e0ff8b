"""What a change to the imports changes in the figures."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import DAILY_KINDS
from channelopt.ledger import jsons
from channelopt.ledger.results import Commit, Status
from channelopt.ledger.rollup import channels_of, spend_by_day
from channelopt.ledger.variants import variant_change, variant_findings

COLUMNS = ["channel", "day", "spend_before", "spend_after"]
_RECORDS = """SELECT kind, channel, account, day, day_end, import_id FROM records
    WHERE channel IN (SELECT unnest(?))"""


@dataclass(frozen=True)
class Snapshot:
    """What counted before.

    Attributes:
        records: spend of record of the channels touched.
        spend: channel, day, spend.
        leads: lead_key → how far the person was, and from which import.
    """

    records: pd.DataFrame
    spend: pd.DataFrame
    leads: pd.DataFrame


@dataclass(frozen=True)
class Change:
    """Difference between before and after; the fields as in ``Commit``."""

    added: int
    replaced: int
    unchanged: int
    spend_before: float
    spend_after: float
    changes: pd.DataFrame
    findings: tuple[Finding, ...]

    @staticmethod
    def empty() -> pd.DataFrame:
        """No day changed."""
        return pd.DataFrame({c: [] for c in COLUMNS})

    def as_commit(self, number: int | None, status: Status, findings: tuple[Finding, ...]) -> Commit:
        """The same as a ``Commit``."""
        return Commit(
            number,
            status,
            self.added,
            self.replaced,
            self.unchanged,
            self.spend_before,
            self.spend_after,
            self.changes,
            findings,
        )


def snapshot(cursor: duckdb.DuckDBPyConnection, channels: list[str], kind: str) -> Snapshot:
    """What counts now, of what the change can touch."""
    leads = pd.DataFrame({"lead_key": [], "import_id": []})
    if kind == "leads":
        leads = cursor.execute("SELECT * FROM lead_records").df()
    return Snapshot(cursor.execute(_RECORDS, [channels]).df(), spend_by_day(cursor, channels), leads)


def measure_change(
    cursor: duckdb.DuckDBPyConnection, import_id: int, kind: str, channels: list[str], before: Snapshot
) -> Change:
    """Compare with what counts now."""
    if kind == "leads":
        added, replaced, same = _lead_rows(cursor, import_id, before.leads)
    elif kind == "touches":
        added, replaced, same = _touch_rows(cursor, import_id)
    elif kind == "variants":
        added, replaced, same = variant_change(cursor, import_id)
    else:
        added, replaced, same = _spend_rows(cursor, import_id, channels, before.records)
    found = _findings(cursor, channels) + _replaced(cursor, import_id, channels, before)
    if kind == "variants":
        found = variant_findings(cursor, import_id)
    both = _beside(before.spend, spend_by_day(cursor, channels))
    differ = _differ(both)
    told = both[differ | _inside(cursor, import_id, both["day"])]
    return Change(
        added,
        replaced,
        same,
        float(told["spend_before"].sum()),
        float(told["spend_after"].sum()),
        both.loc[differ, COLUMNS].reset_index(drop=True),
        found,
    )


def compare(cursor: duckdb.DuckDBPyConnection, channels: list[str], before: pd.DataFrame) -> Change:
    """What an answer changes in the spend of some channels; ``before`` from ``spend_by_day``."""
    both = _beside(before, spend_by_day(cursor, channels))
    return Change(
        0,
        0,
        0,
        float(both["spend_before"].sum()),
        float(both["spend_after"].sum()),
        both.loc[_differ(both), COLUMNS].reset_index(drop=True),
        _findings(cursor, channels),
    )


def _beside(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    return before.merge(after, on=["channel", "day"], how="outer", suffixes=("_before", "_after"))


def _differ(both: pd.DataFrame) -> pd.Series:
    return (both["spend_before"].fillna(-1.0) - both["spend_after"].fillna(-1.0)).abs() > 1e-9


def standing(cursor: duckdb.DuckDBPyConnection, import_id: int, kind: str) -> float:
    """Spend that counts now on the days of an import, of its channels."""
    spend = spend_by_day(cursor, channels_of(cursor, import_id) if kind in DAILY_KINDS else [])
    return float(spend.loc[_inside(cursor, import_id, spend["day"]), "spend"].sum())


def _inside(cursor: duckdb.DuckDBPyConnection, import_id: int, day: pd.Series) -> pd.Series:
    """Which days lie between the first and the last day of an import's rows."""
    first, last = cursor.execute(
        "SELECT min(day), max(coalesce(day_end, day)) FROM spend_facts WHERE import_id = ?", [import_id]
    ).fetchone() or (None, None)
    return day.between(pd.Timestamp(first), pd.Timestamp(last)) if first else day.isna()


def _replaced(
    cursor: duckdb.DuckDBPyConnection, import_id: int, channels: list[str], before: Snapshot
) -> tuple[Finding, ...]:
    """What this import counts instead of an earlier one: how many days, and the money before and after."""
    now = cursor.execute(_RECORDS, [channels]).df()
    cell = ["kind", "channel", "account", "day", "day_end"]
    both = now[now["import_id"] == import_id].merge(before.records, on=cell, suffixes=("", "_old"))
    both = both[(both["import_id_old"] != import_id) & (both["kind"] == "spend")]
    if both.empty:
        return ()
    names = dict(cursor.execute("SELECT import_id, name FROM imports").fetchall())
    after = spend_by_day(cursor, channels)
    found = []
    for (channel, old), part in both.groupby(["channel", "import_id_old"], sort=True):
        days = set(part["day"])
        sums = [
            float(spend.loc[(spend["channel"] == channel) & spend["day"].isin(days), "spend"].sum())
            for spend in (before.spend, after)
        ]
        params = {"channel": channel, "name": names[import_id], "older_name": names[old], "days": len(days)}
        found.append(Finding("info", "ledger.replaced", {**params, "before": sums[0], "after": sums[1]}))
    return tuple(found)


def _findings(cursor: duckdb.DuckDBPyConnection, channels: list[str]) -> tuple[Finding, ...]:
    rows = cursor.execute("SELECT severity, code, params FROM ledger_findings ORDER BY ALL").fetchall()
    found = (Finding(severity, code, jsons.load(params)) for severity, code, params in rows)
    return tuple(f for f in found if f.params.get("channel") in channels)


def _touch_rows(cursor: duckdb.DuckDBPyConnection, import_id: int) -> tuple[int, int, int]:
    """Touches that only this import has, and those other imports in use hold as well."""
    total, known = cursor.execute(
        """SELECT count(*), count(*) FILTER (EXISTS (FROM touch_facts o JOIN imports i USING (import_id)
            WHERE i.status = 'active' AND o.import_id <> f.import_id AND o.person_key = f.person_key
              AND o."at" = f."at" AND o.channel = f.channel AND o.event = f.event))
        FROM touch_facts f JOIN imports own USING (import_id)
        WHERE f.import_id = ? AND own.status = 'active'""",
        [import_id],
    ).fetchone() or (0, 0)
    return int(total - known), 0, int(known)


def _spend_rows(
    cursor: duckdb.DuckDBPyConnection, import_id: int, channels: list[str], before: pd.DataFrame
) -> tuple[int, int, int]:
    total = cursor.execute(
        "SELECT coalesce(sum(n_rows), 0) FROM spend_facts WHERE import_id = ?", [import_id]
    ).fetchone()
    counted = cursor.execute(
        "SELECT kind, channel, account, day, sum(n_rows) AS n FROM daily_spend"
        " WHERE import_id = ? GROUP BY ALL",
        [import_id],
    ).df()
    others = before[before["import_id"] != import_id]
    keys = ["kind", "channel", "account", "day"]
    there = set(others[keys].itertuples(index=False, name=None))
    counted["replaced"] = [cell in there for cell in counted[keys].itertuples(index=False, name=None)]
    # overall results stand once for every measure: a row is one row
    once = counted.groupby(["channel", "account", "day"])[["n", "replaced"]].max()
    used, replaced = int(once["n"].sum()), int(once.loc[once["replaced"].astype(bool), "n"].sum())
    return used - replaced, replaced, (int(total[0]) if total else 0) - used


def _lead_rows(
    cursor: duckdb.DuckDBPyConnection, import_id: int, before: pd.DataFrame
) -> tuple[int, int, int]:
    total = cursor.execute("SELECT count(*) FROM lead_facts WHERE import_id = ?", [import_id]).fetchone()
    mine = cursor.execute("SELECT * FROM lead_records WHERE import_id = ?", [import_id]).df()
    if before.empty:
        return len(mine), 0, (int(total[0]) if total else 0) - len(mine)
    known = mine["lead_key"].isin(set(before["lead_key"]))
    facts = [c for c in mine.columns if c != "import_id"]
    same = mine.merge(before[facts], on=facts, how="inner")["lead_key"]
    replaced = int((known & ~mine["lead_key"].isin(set(same))).sum())
    added = int((~known).sum())
    return added, replaced, (int(total[0]) if total else 0) - added - replaced
