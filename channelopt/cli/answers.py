"""What commands answer: plain JSON structures, and how they are printed."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd

from channelopt.cli.hints import hint
from channelopt.errors import ChannelOptError, Finding
from channelopt.files import Taken
from channelopt.ledger import Commit
from channelopt.messages import sentence

Answer = dict[str, Any]


class Refused(Exception):
    """A command ends with exit code 1: some of it was refused; ``answer`` says what."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def refuse(code: str, text: str) -> Refused:
    """The refusal of a whole command."""
    return Refused({"error": {"code": code, "text": text, "findings": []}})


def plain(value: Any) -> Any:
    """Any value as JSON can hold it: NaN is null, dates are ISO text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    return None if pd.isna(value) else (value.isoformat() if hasattr(value, "isoformat") else str(value))


def told(finding: Finding) -> Answer:
    """A finding as JSON: code, severity, English text, params, and the argument that answers it."""
    params = dict(finding.params)
    answer = {
        "code": finding.code,
        "severity": finding.severity,
        "text": sentence(finding.code, params),
        "params": plain(params),
    }
    argument = hint(finding.code, params)
    return {**answer, "argument": argument} if argument else answer


def refusal(error: ChannelOptError) -> Answer:
    """An error as JSON: code, English text, what led to it, and the argument that answers it."""
    answer = {"code": error.code, "text": str(error), "findings": [told(f) for f in error.findings]}
    argument = hint(error.code, error.params)
    return {**answer, "argument": argument} if argument else answer


def stored(commit: Commit) -> Answer:
    """A commit or an undo as JSON."""
    return {
        "import_id": commit.id,
        "status": commit.status,
        "added": commit.added,
        "replaced": commit.replaced,
        "unchanged": commit.unchanged,
        "spend_before": plain(commit.spend_before),
        "spend_after": plain(commit.spend_after),
    }


def taken_answer(taken: Taken) -> Answer:
    """What became of a file, as JSON."""
    known: Answer = {"file": taken.name, "status": taken.outcome}
    if taken.error is not None:
        return {**known, "error": refusal(taken.error)}
    if taken.commit is None or taken.read is None:
        return known
    found = [told(f) for f in (*taken.read.findings, *taken.commit.findings)]
    return {**known, "platform": taken.read.platform, **stored(taken.commit), "findings": found}


def show(answer: Answer, as_json: bool, stream: Any) -> None:
    """Print an answer."""
    if as_json:
        print(json.dumps(plain(answer), ensure_ascii=False, indent=2), file=stream)
        return
    for verdict in answer.get("verdicts", []):
        text = verdict["reasons"][0]["text"]
        print(f"{verdict['verdict'].upper():8} {verdict['channel']:16} {text}", file=stream)
    for row in answer.get("receipts", []):
        move = f"{row['today']:,.0f} -> {row['spend']:,.0f} a day"
        print(
            f"{row['verdict'].upper():5} {row['channel']:16} {move:26} {row['reason']['text']}", file=stream
        )
    for one in answer.get("files", []) if isinstance(answer.get("files"), list) else []:
        print(f"{one['status']:10} {one['file']}", file=stream)
        lines = [one["error"], *one["error"]["findings"]] if "error" in one else one.get("findings", [])
        for line in lines:
            print(f"  {_line(line)}", file=stream)
    for row in answer.get("rows", []) if isinstance(answer.get("rows"), list) else []:
        print("  ".join(f"{value}" for value in row.values() if value not in (None, "")), file=stream)
    for line in answer.get("findings", []):
        print(_line(line), file=stream)
    if "error" in answer:
        print(_line(answer["error"]), file=stream)
    simple = {k: v for k, v in answer.items() if not isinstance(v, dict | list)}
    if simple and "verdicts" not in answer:
        print("  ".join(f"{key}: {value}" for key, value in simple.items()), file=stream)


def _line(line: Answer) -> str:
    return f"{line['text']} → {line['argument']}" if line.get("argument") else str(line["text"])
