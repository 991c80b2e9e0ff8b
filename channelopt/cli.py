"""The command line: the same things as the dashboard, for cron and scripts."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from channelopt.demo import DEMO_CURRENCY, DEMO_NAME, load_demo
from channelopt.errors import ChannelOptError, Finding
from channelopt.ledger import Commit, Ledger
from channelopt.ledger.store import FILE
from channelopt.messages import sentence
from channelopt.plan.diagnosis import Diagnosis, diagnose
from channelopt.report.tables import to_csv, to_xlsx

DONE, REFUSED, USAGE = 0, 1, 2
Answer = dict[str, Any]


class Refused(Exception):
    """A command ends with exit code 1: some of it was refused; ``answer`` says what."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def _refuse(code: str, text: str) -> Refused:
    return Refused({"error": {"code": code, "text": text, "findings": []}})


def _existing(args: argparse.Namespace) -> Ledger:
    """The workspace named, which must be there already."""
    if not (args.workspace / FILE).is_file():
        raise _refuse("cli.no_workspace", f"There is no workspace in {args.workspace}. Import a file first.")
    return Ledger.open(args.workspace)


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
    """A finding as JSON: code, severity, English text, params."""
    params = dict(finding.params)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "text": sentence(finding.code, params),
        "params": plain(params),
    }


def refusal(error: ChannelOptError) -> Answer:
    """An error as JSON: code, English text, what led to it."""
    return {"code": error.code, "text": str(error), "findings": [told(f) for f in error.findings]}


def _answers(args: argparse.Namespace) -> Answer:
    mapping = dict(pair.rsplit("=", 1) for pair in args.map)
    given = {
        "mapping": mapping,
        "currency": args.currency,
        "date_order": args.date_order,
        "decimal_mark": args.decimal_mark,
        "totals": args.totals,
        "channel": args.channel,
        "platform": args.platform,
        "kind": args.kind,
    }
    return {key: value for key, value in given.items() if value}


def _import(args: argparse.Namespace) -> Answer:
    """Read and store files, each on its own: one that is refused does not stop the others."""
    files: list[Answer] = []
    refused = False
    with Ledger.open(args.workspace) as ledger:
        for path in args.files:
            try:
                read = ledger.read(Path(path), Path(path).name, answers=_answers(args) or None)
                commit = ledger.commit(
                    read,
                    args.by,
                    account=args.account,
                    accept_partial=args.accept_partial,
                    prefer=args.prefer,
                )
                if read.answers:
                    ledger.remember(read.fingerprint, read.answers, args.by)
            except ChannelOptError as error:
                refused = True
                files.append({"file": str(path), "status": "refused", "error": refusal(error)})
            else:
                found = [told(f) for f in (*read.findings, *commit.findings)]
                known = {"file": str(path), "platform": read.platform}
                files.append({**known, **_stored(commit), "findings": found})
    answer = {"files": files}
    if refused:
        raise Refused(answer)
    return answer


def _stored(commit: Commit) -> Answer:
    return {
        "import_id": commit.id,
        "status": commit.status,
        "added": commit.added,
        "replaced": commit.replaced,
        "unchanged": commit.unchanged,
        "spend_before": plain(commit.spend_before),
        "spend_after": plain(commit.spend_after),
    }


def verdict_rows(diagnosis: Diagnosis) -> list[Answer]:
    """The verdicts as JSON rows, reasons as sentences."""
    rows = []
    for row in diagnosis.verdicts.to_dict("records"):
        reasons = row.pop("reasons")
        rows.append({**plain(row), "reasons": [told(reason) for reason in reasons]})
    return rows


def _diagnose(args: argparse.Namespace) -> Answer:
    """The verdict of every channel."""
    with _existing(args) as ledger:
        diagnosis = diagnose(ledger)
        return {
            "verdicts": verdict_rows(diagnosis),
            "findings": [told(f) for f in diagnosis.findings],
            "policy": plain(diagnosis.policy.to_dict()),
            "currency": ledger.currency,
            "day_first": plain(diagnosis.day_first),
            "day_last": plain(diagnosis.day_last),
            "as_of": plain(diagnosis.as_of),
        }


def _export(args: argparse.Namespace) -> Answer:
    """Verdicts (and daily sums) as CSV or Excel."""
    out: Path = args.out
    with _existing(args) as ledger:
        verdicts = diagnose(ledger).verdicts
        texts = [[sentence(f.code, dict(f.params)) for f in found] for found in verdicts["reasons"]]
        verdicts = verdicts.assign(reasons=[" ".join(text) for text in texts])
        if out.suffix.lower() == ".xlsx":
            content = to_xlsx({"verdicts": verdicts, "daily": ledger.daily()})
        else:
            content = to_csv(verdicts)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise _refuse("cli.cannot_write", f"{out} cannot be written: {error}") from error
    return {"out": str(out), "rows": len(verdicts)}


def _undo(args: argparse.Namespace) -> Answer:
    """Take an import out."""
    with _existing(args) as ledger:
        return _stored(ledger.undo(args.import_id, args.by))


def _demo(args: argparse.Namespace) -> Answer:
    """Fill a workspace with the demo brand."""
    with Ledger.open(args.workspace, name=DEMO_NAME, currency=DEMO_CURRENCY) as ledger:
        load_demo(ledger)
        facts = ledger.passport()
        return {"workspace": str(args.workspace), "files": facts.files, "rows": facts.rows_used}


def _doctor(args: argparse.Namespace) -> Answer:
    """Examine a workspace."""
    with _existing(args) as ledger:
        found = [told(f) for f in ledger.doctor()]
    answer = {"findings": found}
    if any(f["severity"] == "error" for f in found):
        raise Refused(answer)
    return answer


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    root = _Parser(prog="channelopt", description="Which channels earn their money back.")
    commands = root.add_subparsers(dest="command", required=True, parser_class=_Parser)

    def command(name: str, run: Callable[[argparse.Namespace], Answer]) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=(run.__doc__ or "").splitlines()[0])
        one.add_argument("--workspace", required=True, type=Path, help="the workspace folder")
        one.add_argument("--json", action="store_true", help="answer in JSON")
        one.add_argument("--by", default="command line", help="who does it, for the history")
        one.set_defaults(run=run)
        return one

    _import_arguments(command("import", _import))
    command("diagnose", _diagnose)
    command("export", _export).add_argument(
        "--out", required=True, type=_table_file, help="file.csv (verdicts) or file.xlsx (and daily sums)"
    )
    command("undo", _undo).add_argument("import_id", type=int)
    command("demo", _demo)
    command("doctor", _doctor)
    return root


def _pair(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not HEADER=field")
    return text


def _table_file(text: str) -> Path:
    if Path(text).suffix.lower() not in (".csv", ".xlsx"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a .csv nor an .xlsx file")
    return Path(text)


def _import_arguments(one: argparse.ArgumentParser) -> None:
    one.add_argument("files", nargs="+", type=Path)
    one.add_argument("--map", action="append", default=[], type=_pair, metavar="HEADER=field")
    one.add_argument("--currency", help="ISO code, where the file does not say")
    one.add_argument("--date-order", choices=["mdy", "dmy", "ymd"])
    one.add_argument("--decimal-mark", choices=[".", ","])
    one.add_argument("--totals", choices=["leave_out", "keep"], help="what lines are that may be totals")
    one.add_argument("--channel", help="channel of a file that names none")
    one.add_argument("--platform", help="platform key, where it was not recognised")
    one.add_argument("--kind", choices=["spend", "leads", "site"])
    one.add_argument("--account", help="name of the ad account, where the file names none")
    one.add_argument("--accept-partial", action="store_true", help="count a file that explains too little")
    one.add_argument("--prefer", action="store_true", help="count this file wherever it has rows")


def _print(answer: Answer, as_json: bool, stream: Any) -> None:
    if as_json:
        print(json.dumps(plain(answer), ensure_ascii=False, indent=2), file=stream)
        return
    for verdict in answer.get("verdicts", []):
        text = verdict["reasons"][0]["text"]
        print(f"{verdict['verdict'].upper():8} {verdict['channel']:16} {text}", file=stream)
    for one in answer.get("files", []) if isinstance(answer.get("files"), list) else []:
        print(f"{one['status']:10} {one['file']}", file=stream)
        lines = [one["error"], *one["error"]["findings"]] if "error" in one else one["findings"]
        for line in lines:
            print(f"  {line['text']}", file=stream)
    for line in answer.get("findings", []):
        print(line["text"], file=stream)
    if "error" in answer:
        print(answer["error"]["text"], file=stream)
    simple = {k: v for k, v in answer.items() if not isinstance(v, dict | list)}
    if simple and "verdicts" not in answer:
        print("  ".join(f"{key}: {value}" for key, value in simple.items()), file=stream)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 1 refused with a reason, 2 wrong usage.
    """
    try:
        args = parser().parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        _print(args.run(args), args.json, sys.stdout)
    except BrokenPipeError:
        sys.stderr.close()
        return DONE
    except Refused as refused:
        _print(refused.answer, args.json, sys.stdout if args.json else sys.stderr)
        return REFUSED
    except ChannelOptError as error:
        _print({"error": refusal(error)}, args.json, sys.stdout if args.json else sys.stderr)
        return REFUSED
    return DONE
