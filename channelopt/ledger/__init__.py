"""The ledger: rows become durable, de-duplicated facts with a history."""

from channelopt.ledger.backup import Backup, backup, restore
from channelopt.ledger.ledger import Ledger
from channelopt.ledger.messages import MESSAGES, LedgerError
from channelopt.ledger.results import Commit, Passport

__all__ = ["MESSAGES", "Backup", "Commit", "Ledger", "LedgerError", "Passport", "backup", "restore"]
