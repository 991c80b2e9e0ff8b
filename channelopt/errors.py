"""Errors and findings: what went wrong, and what is doubtful, as a code with parameters.

The library never speaks the reader's language. An error or a finding carries a stable
``code`` and typed ``params``; its English template stands in the ``messages.py`` of the
package that raises it, and the pages translate that template. A template names each
parameter with the kind of thing it is, so that every language can format it::

    "Left out {n:count} total rows: spend would have been {with_totals:money}."

Kinds: ``count``, ``number``, ``money``, ``percent`` (0.5 -> 50%), ``multiple`` (2.4),
``date``, ``text`` (the default), ``plural:row|rows`` for the word after a count, and
``amount``: of the outcome named by ``objective`` or ``outcome``, money or a number.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

Severity = Literal["info", "warning", "question", "error"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "question", "error")


def plural(value: Any, kind: str) -> str:
    """The word for a count: ``"plural:row|rows"`` is "row" for 1, else "rows"."""
    one, many = kind.removeprefix("plural:").split("|")
    return one if value == 1 else many


class PlainWords(string.Formatter):
    """Fill a template in plain English, for logs and the command line."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return self.show(value, format_spec or "text")

    def show(self, value: Any, kind: str) -> str:
        """One parameter as text. ``kind`` as in the module docstring."""
        if kind.startswith("plural:"):
            return plural(value, kind)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return "unknown"
        if kind == "count":
            return f"{value:,.0f}"
        if kind in ("money", "number", "amount"):
            return f"{value:,.2f}"
        if kind == "percent":
            return f"{100 * value:.1f}%"
        if kind == "multiple":
            return f"{value:.2f}"
        if kind == "date":
            return f"{value:%Y-%m-%d}"
        return str(value)


PLAIN = PlainWords()


@dataclass(frozen=True)
class Finding:
    """Something doubtful or worth knowing, which travels with a result.

    Attributes:
        severity: "info" (told), "warning" (doubtful), "question" (needs an answer),
            "error" (this part could not be used).
        code: stable name, "package.what"; the template stands in ``<package>/messages.py``.
        params: typed values for the template.
    """

    severity: Severity
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            raise ValueError(f"severity is {self.severity!r}, wanted one of {SEVERITIES}")


class ChannelOptError(Exception):
    """Base of everything the library refuses. ``str(error)`` is English, for logs.

    Attributes:
        code: stable name, "package.what".
        params: typed values for the template.
        findings: what led to it, if more is known.
    """

    templates: ClassVar[Mapping[str, str]] = {}

    def __init__(self, code: str, *, findings: tuple[Finding, ...] = (), **params: Any) -> None:
        self.code = code
        self.params = params
        self.findings = findings
        super().__init__(code)

    @property
    def template(self) -> str:
        """The English template of this error; the code itself when there is none."""
        return self.templates.get(self.code, self.code)

    def __str__(self) -> str:
        return PLAIN.vformat(self.template, (), self.params)


MESSAGES: dict[str, str] = {
    "common.missing_columns": "This needs the columns {wanted}, but the table has {found}.",
    "common.bad_setting": "{name} cannot be {value}: {wanted}.",
    "common.cancelled": "Cancelled: nothing of it was stored.",
}


class InputError(ChannelOptError):
    """A table or a setting handed to the library is not usable."""

    templates = MESSAGES


class Cancelled(ChannelOptError):
    """Raised by an ``on_step`` to stop the work: what was begun is undone, nothing is stored."""

    templates = MESSAGES

    def __init__(self) -> None:
        super().__init__("common.cancelled")


def require_columns(found: Any, wanted: tuple[str, ...]) -> None:
    """Refuse a table that lacks a column.

    Args:
        found: anything with ``.columns``.
        wanted: the column names that must be there.

    Raises:
        InputError: ``common.missing_columns`` naming what was wanted and what was found.
    """
    missing = [c for c in wanted if c not in found.columns]
    if missing:
        raise InputError(
            "common.missing_columns",
            wanted=", ".join(missing),
            found=", ".join(map(str, found.columns)),
        )
