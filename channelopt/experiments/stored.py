"""Findings as plain JSON values, for plans that are written down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from channelopt.errors import Finding


def findings_to(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Severity, code and parameters; unknown numbers are None."""
    return [
        {"severity": f.severity, "code": f.code, "params": {k: _plain(v) for k, v in f.params.items()}}
        for f in findings
    ]


def findings_from(stored: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """The same back."""
    return tuple(Finding(one["severity"], one["code"], dict(one["params"])) for one in stored)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
