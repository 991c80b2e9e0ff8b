"""Rejected rows with their reasons in the reader's words."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from channelopt.errors import Finding
from pages.parts.language import t
from pages.parts.say import say


def _params(given: Any) -> dict[str, Any]:
    return dict(json.loads(given)) if isinstance(given, str) else dict(given or {})


def rejected_lines(rejected: pd.DataFrame) -> pd.DataFrame:
    """Line, reason and raw text of every row that could not be used."""
    params = rejected["params"] if "params" in rejected else [{}] * len(rejected)
    reasons = [
        say(Finding("info", str(code), _params(given))).replace("\\", "")
        for code, given in zip(rejected["reason"], params, strict=True)
    ]
    return pd.DataFrame(
        {
            t("Line"): list(rejected["row_no"]),
            t("Why"): reasons,
            t("As it stood in the file"): list(rejected["raw"].astype(str)),
        }
    )
