"""The key that turns people into codes: made once, kept beside the ledger, named in it."""

from __future__ import annotations

import secrets
from pathlib import Path

from channelopt.intake.privacy import key_id
from channelopt.ledger.durable import said, whole
from channelopt.ledger.messages import LedgerError
from channelopt.ledger.store import Store

KEY_FILE = "people.key"


def people_key(store: Store) -> bytes:
    """The key of a workspace, made on first use.

    Raises:
        LedgerError: ``ledger.cannot_write`` when a new one cannot be kept; ``ledger.key_missing``
            or ``ledger.key_changed`` when the people already here were coded with another.
    """
    if store.where == ":memory:":
        found = store.meta("people_key")
        if found is None:
            found = secrets.token_hex(32)
            store.set_meta("people_key", found)
        return bytes.fromhex(found)
    path = Path(store.where) / KEY_FILE
    with store.lock:
        if not path.is_file():
            if coded_with(store):
                raise LedgerError("ledger.key_missing")
            with whole(path, 0o600) as file:
                file.write(secrets.token_hex(32).encode("ascii"))
    return _checked(path)


def _checked(path: Path) -> bytes:
    with said():
        text = path.read_bytes().strip()
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError as error:
        raise LedgerError("ledger.key_changed") from error
    if len(key) != 32:
        raise LedgerError("ledger.key_changed")
    return key


def coded_with(store: Store) -> set[str]:
    """Names of the keys that people of the files in use were coded with."""
    with store.cursor() as cursor:
        rows = cursor.execute(
            "SELECT DISTINCT details ->> '$.hash_key_id' FROM imports"
            " WHERE kind IN ('leads', 'touches', 'variants') AND status = 'active'"
        ).fetchall()
    return {str(row[0]) for row in rows if row[0]}


def check_key(store: Store) -> None:
    """Whether the key is there and fits the people stored.

    Raises:
        LedgerError: ``ledger.key_missing`` or ``ledger.key_changed``.
    """
    coded = coded_with(store)
    if coded and {key_id(people_key(store))} != coded:
        raise LedgerError("ledger.key_changed")
