"""Typed values as JSON and back: dates stay dates, NaN stays unknown."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import numpy as np

from channelopt.errors import Finding


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dt.datetime) and value != value:  # NaT is a datetime that is no moment
        return None
    if isinstance(value, dt.datetime):
        return {"$at": value.isoformat()}
    if isinstance(value, dt.date):
        return {"$day": value.isoformat()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def _typed(found: dict[str, Any]) -> Any:
    if set(found) == {"$day"}:
        return dt.date.fromisoformat(found["$day"])
    if set(found) == {"$at"}:
        return dt.datetime.fromisoformat(found["$at"])
    return found


def dump(value: Any) -> str:
    """Any plain structure as JSON text; dates are marked so that ``load`` gives dates back."""
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def load(text: str | None) -> Any:
    """What ``dump`` wrote; None for nothing."""
    return json.loads(text, object_hook=_typed) if text else None


def dump_findings(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Findings as plain structures."""
    return [{"severity": f.severity, "code": f.code, "params": dict(f.params)} for f in findings]


def load_findings(found: list[dict[str, Any]] | None) -> tuple[Finding, ...]:
    """Findings back from plain structures."""
    return tuple(Finding(f["severity"], f["code"], f["params"]) for f in found or [])
