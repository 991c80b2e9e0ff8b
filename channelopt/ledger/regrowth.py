"""How much later uploads of the same days grew: platforms fill in the outcomes of recent days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd

from channelopt.ledger.rollup import CHANNEL
from channelopt.ledger.store import Store

#: Two uploads of a day are of the same thing when their spend differs by no more than this.
SAME_SPEND = 0.02
_PAIRS = f"""
    WITH cells AS (
        SELECT {CHANNEL} AS channel, f.day, f.import_id,
            date_diff('day', f.day, CAST(any_value(i.evidence) - INTERVAL 1 DAY AS DATE)) AS age,
            sum(f.spend)::DOUBLE AS spend, sum(f.revenue)::DOUBLE AS revenue,
            sum(f.customers) AS customers, sum(f.leads) AS leads
        FROM spend_facts f JOIN imports i USING (import_id)
        WHERE i.status = 'active' AND i.kind = 'spend' AND coalesce(f.day_end, f.day) = f.day
        GROUP BY 1, 2, 3),
    steps AS (
        SELECT *, lag(age) OVER one AS age_from, lag(spend) OVER one AS spend_from,
            lag(revenue) OVER one AS revenue_from, lag(customers) OVER one AS customers_from,
            lag(leads) OVER one AS leads_from
        FROM cells WHERE age >= 0 WINDOW one AS (PARTITION BY channel, day ORDER BY age, import_id))
    SELECT channel, day, age_from, age AS age_to, revenue_from, revenue, customers_from, customers,
        leads_from, leads
    FROM steps WHERE age_from < age AND abs(spend - spend_from) <= {SAME_SPEND} * greatest(spend, spend_from)
    ORDER BY ALL"""


@dataclass(frozen=True)
class Regrowth:
    """Days that came in more than once.

    Attributes:
        pairs: channel, day, age_from, age_to (days between the day and what the earlier and the later
            file know of), and for revenue, customers and leads the earlier (``…_from``) and the later sum.
        as_of: the last day the newest spend export knows of; None without one.
    """

    pairs: pd.DataFrame = field(repr=False)
    as_of: dt.date | None


class Regrown:
    """What later uploads changed; mixed into the ledger."""

    _store: Store

    def regrowth(self) -> Regrowth:
        """Days that several spend exports hold with the same spend, and how their outcomes grew."""
        with self._store.cursor() as cursor:
            pairs = cursor.execute(_PAIRS).df()
            row = cursor.execute(
                """SELECT max(CAST(evidence - INTERVAL 1 DAY AS DATE)) FROM imports
                   WHERE status = 'active' AND kind = 'spend'"""
            ).fetchone()
        return Regrowth(pairs, row[0] if row else None)
