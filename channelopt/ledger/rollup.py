"""Roll-ups that pages read: remade for the channels a change touches, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import pandas as pd

from channelopt.errors import Finding
from channelopt.fields import LEAD_COLUMNS, METRICS
from channelopt.ledger import jsons
from channelopt.ledger.accounts import Answers
from channelopt.ledger.records import RECORD, choose

CHANNEL = "coalesce(nullif(f.channel, ''), f.platform)"
_OF_CELLS = f"""
    FROM spend_facts f JOIN imports i USING (import_id) LEFT JOIN current_rates r ON r.currency = f.currency
    WHERE i.status = 'active' AND {CHANNEL} IN (SELECT unnest($touched))"""
_CELL = f"""{CHANNEL} AS channel, f.account, f.day, coalesce(f.day_end, f.day) AS day_end"""
#: Overall results are chosen by measure: a newer file with orders only leaves the revenue of an older one.
_CELLS = f"""
    SELECT f.import_id, i.kind, {_CELL}, sum(f.spend * coalesce(r.rate, 0))::DOUBLE AS spend,
        sum(coalesce(f.leads, 0) + coalesce(f.customers, 0)) AS outcomes, sum(f.sessions) AS sessions
    {_OF_CELLS} AND i.kind <> 'overall' GROUP BY ALL
    UNION ALL BY NAME
    SELECT import_id, kind, channel, account, day, day_end, sum(amount)::DOUBLE AS spend,
        0.0 AS outcomes, NULL::DOUBLE AS sessions
    FROM (SELECT f.import_id, {_CELL},
            unnest(['overall_revenue', 'overall_customers', 'overall_leads']) AS kind,
            unnest([f.revenue * coalesce(r.rate, 0), f.customers, f.leads]) AS amount
        {_OF_CELLS} AND i.kind = 'overall')
    WHERE amount IS NOT NULL GROUP BY ALL"""
_SUMS = ", ".join(f"sum(f.{name}) AS {name}" for name in METRICS)
_FILL = f"""
    INSERT INTO daily_spend
    SELECT r.kind, f.day, coalesce(f.day_end, f.day), f.platform, {CHANNEL}, r.account, f.campaign,
        f.currency, f.import_id, sum(f.n_rows), {_SUMS}
    FROM records r JOIN spend_facts f
      ON f.import_id = r.import_id AND {CHANNEL} = r.channel AND f.account = r.account_in_file
     AND f.day = r.day AND coalesce(f.day_end, f.day) = r.day_end
    WHERE r.channel IN (SELECT unnest(?))
    GROUP BY ALL ORDER BY f.day"""
#: Campaigns of files that do not count, on days whose counting file names campaigns but not these.
_MISSED = f"""
    WITH days AS (
        SELECT r.channel, r.account, r.account_in_file, r.day, r.import_id, sum(d.spend) AS spend
        FROM records r JOIN daily_spend d
          ON d.kind = r.kind AND d.channel = r.channel AND d.account = r.account AND d.day = r.day
         AND d.day_end = r.day_end AND d.import_id = r.import_id
        WHERE r.kind = 'spend' AND r.day = r.day_end AND r.channel IN (SELECT unnest(?))
        GROUP BY ALL HAVING bool_and(d.campaign <> '')),
    others AS (
        SELECT days.channel, days.account, days.day, days.import_id AS kept, days.spend AS kept_spend,
            f.import_id, f.campaign, sum(f.spend) AS spend
        FROM spend_facts f JOIN imports i USING (import_id) JOIN days
          ON {CHANNEL} = days.channel AND f.day = days.day AND coalesce(f.day_end, f.day) = days.day
         AND f.import_id <> days.import_id AND f.account IN ('', days.account, days.account_in_file)
        WHERE i.status = 'active' AND i.kind = 'spend' AND f.campaign <> '' AND f.spend > 0
          AND NOT coalesce(i.explained < ?, FALSE)
        GROUP BY ALL),
    missed AS (
        SELECT o.*, sum(o.spend) OVER (PARTITION BY channel, account, day, import_id) AS whole,
            NOT EXISTS (FROM daily_spend d WHERE d.import_id = o.kept AND d.day = o.day
                AND d.channel = o.channel AND d.campaign = o.campaign) AS lacks
        FROM others o)
    SELECT m.channel, any_value(one.name), any_value(two.name), count(DISTINCT m.day), sum(m.spend)::DOUBLE
    FROM missed m JOIN imports one ON one.import_id = m.import_id JOIN imports two ON two.import_id = m.kept
    WHERE m.lacks AND m.whole < 0.98 * m.kept_spend
      AND EXISTS (FROM missed n WHERE n.import_id = m.import_id AND n.day = m.day AND n.channel = m.channel
          AND NOT n.lacks)
    GROUP BY m.channel, one.sha256, two.sha256 ORDER BY m.channel, one.sha256, two.sha256"""
_STAGE = """(CASE WHEN f.customer_at IS NOT NULL THEN 3 WHEN f.qualified_at IS NOT NULL THEN 2
    WHEN f.valid THEN 1 ELSE 0 END)"""
_LEADS = f"""
    INSERT INTO lead_records
    SELECT import_id, {", ".join(LEAD_COLUMNS)} FROM (
        SELECT f.*, row_number() OVER (PARTITION BY f.lead_key
            ORDER BY i.preferred DESC, i.evidence DESC, {_STAGE} DESC, i.sha256 DESC, f.row_no) AS place
        FROM lead_facts f JOIN imports i USING (import_id) WHERE i.status = 'active')
    WHERE place = 1 ORDER BY created_at"""


def account_answers(cursor: duckdb.DuckDBPyConnection) -> Answers:
    """What was said last about each pair of account names; what was taken back is not there."""
    rows = cursor.execute(
        "SELECT channel, one, other, same FROM account_answers ORDER BY answer_id"
    ).fetchall()
    last = {(channel, one, other): same for channel, one, other, same in rows}
    return {pair: same for pair, same in last.items() if same is not None}


def channels_of(cursor: duckdb.DuckDBPyConnection, import_id: int) -> list[str]:
    """The channels an import of daily sums speaks of; "overall" stands for the whole business."""
    rows = cursor.execute(
        f"SELECT DISTINCT {CHANNEL} FROM spend_facts f WHERE import_id = ? ORDER BY 1", [import_id]
    ).fetchall()
    return [str(row[0]) for row in rows]


def refresh_spend(cursor: duckdb.DuckDBPyConnection, channels: Iterable[str], explained: float) -> None:
    """Choose the spend of record again for some channels, and remake their daily figures."""
    touched = list(channels)
    imports = cursor.execute("SELECT * FROM imports WHERE status = 'active'").df()
    cells = cursor.execute(_CELLS, {"touched": touched}).df()
    campaigns = cursor.execute(
        f"SELECT DISTINCT f.import_id, {CHANNEL} AS channel, f.campaign FROM spend_facts f"
        f" JOIN imports i USING (import_id) WHERE i.status = 'active' AND {CHANNEL} IN (SELECT unnest(?))",
        [touched],
    ).df()
    chosen = choose(
        cells, imports.drop(columns=["kind", "spend"]), campaigns, explained, account_answers(cursor)
    )
    for table in ("records", "daily_spend"):
        cursor.execute(f"DELETE FROM {table} WHERE channel IN (SELECT unnest(?))", [touched])
    if len(chosen.records):
        cursor.register("chosen_records", chosen.records)
        cursor.execute(f"INSERT INTO records SELECT {', '.join(RECORD)} FROM chosen_records")
        cursor.unregister("chosen_records")
    cursor.execute(_FILL, [touched])
    findings = chosen.findings + _missed(cursor, touched, explained)
    _keep_findings(cursor, touched, jsons.dump_findings(findings))


def _missed(cursor: duckdb.DuckDBPyConnection, touched: list[str], explained: float) -> tuple[Finding, ...]:
    """Files cut another way than the one that counts: their campaigns that are in no figure."""
    rows = cursor.execute(_MISSED, [touched, explained]).fetchall()
    names = ("channel", "name", "kept", "days", "spend")
    return tuple(
        Finding("warning", "ledger.other_campaigns", dict(zip(names, row, strict=True))) for row in rows
    )


def _keep_findings(
    cursor: duckdb.DuckDBPyConnection, touched: list[str], found: list[dict[str, Any]]
) -> None:
    for severity, code, params in cursor.execute("SELECT * FROM ledger_findings").fetchall():
        if (jsons.load(params) or {}).get("channel") in touched:
            cursor.execute(
                "DELETE FROM ledger_findings WHERE severity = ? AND code = ? AND params = ?",
                [severity, code, params],
            )
    for one in found:
        cursor.execute(
            "INSERT INTO ledger_findings VALUES (?, ?, ?)",
            [one["severity"], one["code"], jsons.dump(one["params"])],
        )


def refresh_leads(cursor: duckdb.DuckDBPyConnection) -> None:
    """Choose the lead of record of every person again."""
    cursor.execute("DELETE FROM lead_records")
    cursor.execute(_LEADS)


def note_channels(cursor: duckdb.DuckDBPyConnection) -> None:
    """Give channels seen for the first time their palette index, in a stable order."""
    known = cursor.execute("SELECT count(*) FROM channels").fetchone()
    start = int(known[0]) if known else 0
    fresh = cursor.execute(
        """SELECT channel FROM (SELECT DISTINCT channel FROM daily_spend WHERE kind = 'spend'
           UNION SELECT DISTINCT coalesce(nullif(channel, ''), 'unassigned') FROM lead_records
           UNION SELECT DISTINCT channel FROM other_costs)
           WHERE channel <> ''
           AND channel NOT IN (SELECT channel FROM channels) ORDER BY channel"""
    ).fetchall()
    for at, (channel,) in enumerate(fresh):
        cursor.execute("INSERT INTO channels VALUES (?, '', ?)", [channel, start + at])


def spend_by_day(cursor: duckdb.DuckDBPyConnection, channels: list[str]) -> pd.DataFrame:
    """Counted spend per channel and day in the workspace currency: channel, day, spend."""
    return cursor.execute(
        """SELECT d.channel, d.day, sum(d.spend * coalesce(r.rate, 0))::DOUBLE AS spend
           FROM daily_spend d LEFT JOIN current_rates r USING (currency)
           WHERE d.kind = 'spend' AND d.channel IN (SELECT unnest(?)) GROUP BY ALL ORDER BY ALL""",
        [channels],
    ).df()


def all_channels(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Every channel any stored row speaks of."""
    rows = cursor.execute(f"SELECT DISTINCT {CHANNEL} FROM spend_facts f ORDER BY 1").fetchall()
    return [str(row[0]) for row in rows]


def accounts_of(cursor: duckdb.DuckDBPyConnection, channel: str) -> set[str]:
    """Every account any stored row of a channel names."""
    rows = cursor.execute(
        f"SELECT DISTINCT f.account FROM spend_facts f WHERE {CHANNEL} = ? AND f.account <> ''", [channel]
    ).fetchall()
    return {str(row[0]) for row in rows}
