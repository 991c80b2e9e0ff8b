"""What was contracted with platforms and agencies: added and taken back, never changed."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd

from channelopt.ledger.messages import LedgerError
from channelopt.ledger.settings import event, now
from channelopt.ledger.store import Store

_COLUMNS = (
    "contract_id, channel, day_first, day_last, impressions, clicks, price::DOUBLE AS price, what, removed,"
    ' "at", "by"'
)


class Contracts:
    """The contracts of a workspace; mixed into the ledger."""

    _store: Store

    def _changed(self) -> None:
        raise AssertionError("the ledger says what a change means")

    def contracts(self) -> pd.DataFrame:
        """Contracts in force: contract_id, channel, day_first, day_last, impressions, clicks, price,
        what, at, by. Quantities and price (money for the whole) are NaN when not agreed; days inclusive.
        """
        with self._store.cursor() as cursor:
            return cursor.execute(
                f"""SELECT * EXCLUDE (removed) FROM (SELECT {_COLUMNS} FROM contracts) AS c
                    WHERE NOT removed AND contract_id NOT IN
                        (SELECT contract_id FROM contracts WHERE removed)
                    ORDER BY day_first, contract_id"""
            ).df()

    def contract_history(self) -> pd.DataFrame:
        """Every line ever written, oldest first; a contract taken back has a second one with ``removed``."""
        with self._store.cursor() as cursor:
            return cursor.execute(f'SELECT {_COLUMNS} FROM contracts ORDER BY "at", removed').df()

    def add_contract(
        self,
        channel: str,
        day_first: dt.date,
        day_last: dt.date,
        *,
        impressions: float | None = None,
        clicks: float | None = None,
        price: float | None = None,
        what: str = "",
        by: str,
    ) -> int:
        """Note what a platform or agency promised; returns its number.

        Args:
            channel: the channel that delivers.
            day_first: first day of the promise.
            day_last: last day, inclusive.
            impressions: promised in the whole time; None when not agreed.
            clicks: the same.
            price: money for the whole, in the workspace currency; None when unknown.
            what: a few words.
            by: who notes it.

        Raises:
            LedgerError: ``ledger.bad_contract`` without a channel or any quantity, with days in the
                wrong order, or a figure that is no amount.
        """
        wanted = [None if v is None or v == 0 else float(v) for v in (impressions, clicks, price)]
        impossible = any(v is not None and not (v > 0 and math.isfinite(v) and v < 1e13) for v in wanted)
        if not channel or day_last < day_first or impossible or wanted[:2] == [None, None]:
            raise LedgerError("ledger.bad_contract")
        with self._store.write() as cursor:
            found = cursor.execute("SELECT coalesce(max(contract_id), 0) + 1 FROM contracts").fetchone()
            number = int(found[0]) if found else 1
            cursor.execute(
                "INSERT INTO contracts VALUES (?, ?, ?, ?, ?, ?, ?, ?, false, ?, ?)",
                [number, channel, day_first, day_last, *wanted, what.strip(), now(), by],
            )
            event(cursor, by, "contract added", contract_id=number, channel=channel, price=wanted[2])
        self._changed()
        return number

    def remove_contract(self, contract_id: int, by: str) -> None:
        """Take a contract back; the history keeps it.

        Raises:
            LedgerError: ``ledger.no_contract`` when there is none in force with that number.
        """
        with self._store.write() as cursor:
            lines = cursor.execute(
                "SELECT removed FROM contracts WHERE contract_id = ?", [contract_id]
            ).fetchall()
            if not lines or any(removed for (removed,) in lines):
                raise LedgerError("ledger.no_contract", contract_id=contract_id)
            cursor.execute(
                """INSERT INTO contracts SELECT contract_id, channel, day_first, day_last, impressions,
                   clicks, price, what, true, ?, ? FROM contracts WHERE contract_id = ?""",
                [now(), by, contract_id],
            )
            event(cursor, by, "contract removed", contract_id=contract_id)
        self._changed()
