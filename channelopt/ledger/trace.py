"""Which files and which of their rows stand behind a channel's figures."""

from __future__ import annotations

import pandas as pd

from channelopt.ledger.rollup import CHANNEL
from channelopt.ledger.store import Store

_FILES = """
    SELECT b.kind, i.import_id, i.name, i."at", i."by", b.rows, i."rows" AS file_rows, b.money,
        b.first, b.last
    FROM (
        SELECT d.kind, d.import_id, sum(d.n_rows) AS rows, min(d.day) AS first, max(d.day_end) AS last,
            sum(d.spend * coalesce(r.rate, 0))::DOUBLE AS money
        FROM daily_spend d LEFT JOIN current_rates r ON r.currency = d.currency
        WHERE d.channel = $channel GROUP BY 1, 2
        UNION ALL
        SELECT 'leads', import_id, count(*), min(CAST(created_at AS DATE)), max(CAST(created_at AS DATE)),
            coalesce(sum(revenue), 0)::DOUBLE
        FROM lead_records
        WHERE coalesce(nullif(channel, ''), 'unassigned') = $channel AND created_at IS NOT NULL GROUP BY 1, 2
    ) b JOIN imports i USING (import_id) ORDER BY b.kind DESC, b.first, i.import_id"""
_ROWS = f"""
    SELECT i.name AS file, f.row_no AS line, f.day, nullif(f.day_end, f.day) AS day_end, f.account,
        f.campaign, f.ad_group, f.ad, f.spend::DOUBLE AS spend, f.currency, f.impressions, f.clicks,
        f.sessions, f.bounces, f.form_starts, f.leads, f.customers,
        f.revenue::DOUBLE AS revenue, f.n_rows AS lines
    FROM records r JOIN spend_facts f
      ON f.import_id = r.import_id AND {CHANNEL} = r.channel AND f.account = r.account_in_file
     AND f.day = r.day AND coalesce(f.day_end, f.day) = r.day_end
    JOIN imports i ON i.import_id = f.import_id
    WHERE r.channel = $channel AND r.kind = $kind ORDER BY f.day, i.import_id, f.row_no"""
_LEADS = """
    SELECT i.name AS file, f.row_no AS line, l.created_at, l.campaign, l.status, l.valid, l.qualified_at,
        l.customer_at, l.revenue::DOUBLE AS revenue, l.lead_key AS person
    FROM lead_records l JOIN imports i USING (import_id)
    LEFT JOIN (SELECT import_id, lead_key, min(row_no) AS row_no FROM lead_facts GROUP BY 1, 2) f
      ON f.import_id = l.import_id AND f.lead_key = l.lead_key
    WHERE coalesce(nullif(l.channel, ''), 'unassigned') = $channel AND l.created_at IS NOT NULL
    ORDER BY l.created_at, l.lead_key"""


class Traced:
    """The way back from a figure to the files; mixed into the ledger."""

    _store: Store

    def behind(self, channel: str) -> pd.DataFrame:
        """The files whose rows make up a channel's figures.

        Returns:
            One row per file: kind ("spend", "site", "leads"), import_id, name, at, by, rows (that
            count for the channel), file_rows (all rows used of the file), money (spend, or revenue
            of a lead list, in the workspace currency), first and last day.
        """
        return self._rows_of(_FILES, {"channel": channel})

    def rows_behind(self, channel: str, kind: str = "spend") -> pd.DataFrame:
        """The rows themselves, in the order of their days.

        Args:
            channel: channel key.
            kind: "spend", "site" or "leads".

        Returns:
            For "spend" and "site": file, line (in the file), day, day_end, account, campaign,
            ad_group, ad, spend (in ``currency``), impressions … revenue, and lines (how many
            lines of a large file the row sums up). For "leads": file, line, created_at, campaign,
            status, valid, qualified_at, customer_at, revenue, person (a code).
        """
        if kind == "leads":
            return self._rows_of(_LEADS, {"channel": channel})
        return self._rows_of(_ROWS, {"channel": channel, "kind": kind})

    def _rows_of(self, sql: str, params: dict[str, str]) -> pd.DataFrame:
        with self._store.cursor() as cursor:
            return cursor.execute(sql, params).df()
