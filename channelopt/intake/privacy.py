"""Personal data stop here: only keyed hashes (HMAC-SHA256) of phones, e-mails and ids go on."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

#: Used when the caller gives no key: hashes then match only within this process.
PROCESS_KEY: bytes = secrets.token_bytes(32)
#: Marks a cell that is a keyed hash already.
PREFIX = "hmac:"


def key_id(key: bytes) -> str:
    """A name for a key that does not give it away."""
    return hashlib.sha256(b"channelopt key id" + key).hexdigest()[:12]


def keyed_hash(kind: str, value: str, key: bytes) -> str:
    """HMAC of a value, apart by kind; a cell that is such a hash already stays itself."""
    if value.startswith(PREFIX):
        return value.removeprefix(PREFIX)
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256").hex()


def clean_phone(text: str) -> str:
    """Digits of a phone number without the Chinese country code; "" when too short to tell people apart."""
    if len(text) == 11 and text.isdigit():
        return text
    plain = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip()
    if plain.startswith(PREFIX):
        return plain
    plain = plain.removesuffix(".0")
    if "*" in plain:  # masked by the CRM: many people share it
        return ""
    digits = plain if plain.isdigit() else re.sub(r"\D", "", plain)
    digits = re.sub(r"^(00)?86(?=1\d{10}$)", "", digits)
    return digits.removeprefix("00") if len(digits) >= 6 else ""


def clean_email(text: str) -> str:
    """An e-mail address in lower case; "" when it is none."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return plain if "@" in plain or plain.startswith(PREFIX) else ""
