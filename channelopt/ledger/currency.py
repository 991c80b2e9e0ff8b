"""The currency of a workspace, and what others are worth in it."""

from __future__ import annotations

import re

import duckdb
import pandas as pd

from channelopt.errors import InputError
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.rollup import all_channels, refresh_spend
from channelopt.ledger.settings import Settings, event, now

_CODE = re.compile("[A-Z]{3}")
#: What is written in the workspace's currency and cannot be read in another: one line is enough to keep it.
_SAID = ("other_costs", "contracts", "experiments", "scenarios", "decisions", "inputs")


class Currencies(Settings):
    """The workspace's own currency and the rates; mixed into the ledger."""

    @property
    def currency(self) -> str:
        """ISO code all amounts are shown in."""
        return str(self._store.meta("currency"))

    def rates(self) -> pd.DataFrame:
        """Rates in force, without the workspace's own currency: currency, rate, at, by."""
        return self._frame(
            'SELECT currency, rate, "at", "by" FROM (SELECT *, row_number() OVER (PARTITION BY currency'
            ' ORDER BY "at" DESC, rate) AS place FROM rates) WHERE place = 1 AND "by" <> \'\''
            " ORDER BY currency"
        )

    def set_rate(self, currency: str, rate: float, by: str) -> None:
        """What one unit of a currency is worth in the workspace's currency.

        Raises:
            LedgerError: ``ledger.bad_rate``.
            InputError: ``common.bad_setting`` for the workspace's own currency.
        """
        if not _CODE.fullmatch(currency) or not 0 < rate < 1e9:
            raise LedgerError("ledger.bad_rate")
        if currency == self.currency:
            raise InputError("common.bad_setting", name="rate", value=rate, wanted=f"1 for {currency} itself")
        explained = self.policy.spend_explained
        with self._store.write() as cursor:
            cursor.execute("INSERT INTO rates VALUES (?, ?, ?, ?)", [currency, rate, now(), by])
            refresh_spend(cursor, all_channels(cursor), explained)
            event(cursor, by, "rate", currency=currency, rate=rate)
        self._changed()

    def may_change_currency(self) -> bool:
        """Whether nothing is counted, planned or agreed in the workspace's currency yet.

        Lead lists have no currency of their own: their revenue is taken to be in the workspace's.
        """
        policy = self.policy
        if policy.market_cpc or policy.call_cost is not None:
            return False
        with self._store.cursor() as cursor:
            return not (_counted(cursor, self.currency) or any(_any(cursor, table) for table in _SAID))

    def set_currency(self, currency: str, by: str) -> None:
        """Show all amounts in another currency.

        The rates in force are divided by the new currency's; without one they are forgotten, for nobody
        knows what they are worth in it.

        Raises:
            LedgerError: ``ledger.bad_currency``; ``ledger.currency_in_use`` when amounts stand here in the
                old one.
        """
        old = self.currency
        if not _CODE.fullmatch(currency):
            raise LedgerError("ledger.bad_currency", currency=currency)
        if currency == old:
            return
        if not self.may_change_currency():
            raise LedgerError("ledger.currency_in_use", currency=old, wanted=currency)
        rates = self.rates().set_index("currency")["rate"]
        explained = self.policy.spend_explained
        with self._store.write() as cursor:
            cursor.execute("DELETE FROM rates")
            cursor.execute("INSERT INTO rates VALUES (?, 1, ?, '')", [currency, now()])
            if currency in rates:
                others = rates.drop(currency) / rates[currency]
                others[old] = 1 / rates[currency]
                for code, rate in others.items():
                    cursor.execute("INSERT INTO rates VALUES (?, ?, ?, ?)", [code, float(rate), now(), by])
            cursor.execute("UPDATE meta SET value = ? WHERE key = 'currency'", [currency])
            refresh_spend(cursor, all_channels(cursor), explained)
            event(cursor, by, "currency", old=old, currency=currency)
        self._changed()


def _counted(cursor: duckdb.DuckDBPyConnection, currency: str) -> bool:
    """Whether files brought money in this currency."""
    found = cursor.execute(
        """SELECT EXISTS (SELECT 1 FROM spend_facts f JOIN imports i USING (import_id)
                WHERE i.status = 'active' AND f.currency = $1 AND (f.spend <> 0 OR f.revenue <> 0))
            OR EXISTS (SELECT 1 FROM variant_facts JOIN imports i USING (import_id)
                WHERE i.status = 'active' AND i.currency = $1)""",
        [currency],
    ).fetchone()
    return bool(found and found[0])


def _any(cursor: duckdb.DuckDBPyConnection, table: str) -> bool:
    return cursor.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None
