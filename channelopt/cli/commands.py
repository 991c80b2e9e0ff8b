"""What each command does on an open workspace; the dashboard runs the same functions for the command line."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from channelopt.cli.answers import Answer, Refused, plain, refuse, stored, taken_answer, told
from channelopt.demo import load_demo
from channelopt.files import How, Tell, find_files, take_all
from channelopt.inbox import Inbox
from channelopt.ledger import Backup, Ledger, backup, jsons, restore
from channelopt.messages import sentence
from channelopt.plan.diagnosis import Diagnosis, diagnose
from channelopt.report.tables import to_csv, to_xlsx


def _given(args: argparse.Namespace) -> Answer:
    pairs = (pair.rsplit("=", 1) for pair in args.map)
    mapping = {header: field or None for header, field in pairs}
    given = {
        "mapping": mapping,
        "currency": args.currency,
        "date_order": args.date_order,
        "decimal_mark": args.decimal_mark,
        "period": args.period,
        "totals": args.totals,
        "table": args.table,
        "accept": args.accept,
        "channel": args.channel,
        "platform": args.platform,
        "kind": args.kind,
        "experiment": args.experiment,
    }
    return {key: value for key, value in given.items() if value}


def bring(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """Read and store files, each on its own: one that is refused does not stop the others."""
    how = How(args.by, _given(args), args.account, args.accept_partial, args.prefer)
    files = [taken_answer(one) for one in take_all(ledger, find_files(args.files, args.cwd), how, tell)]
    Inbox(Path(ledger.where)).tidy(ledger)
    answer: Answer = {"files": files}
    if any(one["status"] in ("refused", "cancelled", "skipped") for one in files):
        raise Refused(answer)
    return answer


def verdict_rows(diagnosis: Diagnosis) -> list[Answer]:
    """The verdicts as JSON rows, reasons as sentences."""
    rows = []
    for row in diagnosis.verdicts.to_dict("records"):
        reasons = row.pop("reasons")
        rows.append({**plain(row), "reasons": [told(reason) for reason in reasons]})
    return rows


def diagnosed(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """The verdict of every channel."""
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


def export(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """Verdicts (and daily sums) as CSV or Excel."""
    verdicts = diagnose(ledger).verdicts
    texts = [[sentence(f.code, dict(f.params)) for f in found] for found in verdicts["reasons"]]
    verdicts = verdicts.assign(reasons=[" ".join(text) for text in texts])
    excel = args.out.suffix.lower() == ".xlsx"
    content = to_xlsx({"verdicts": verdicts, "daily": ledger.daily()}) if excel else to_csv(verdicts)
    _write(args.cwd / args.out, args.out, content)
    return {"out": str(args.out), "rows": len(verdicts)}


def _write(path: Path, shown: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise refuse("cli.cannot_write", f"{shown} cannot be written: {error}") from error


def undo(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """Take an import out."""
    return stored(ledger.undo(args.import_id, args.by))


def rejected(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """The lines of an import that could not be used, with the reason, as CSV."""
    frame = ledger.rejected(args.import_id)
    reasons = [
        sentence(code, jsons.load(params) or {})
        for code, params in zip(frame["reason"], frame["params"], strict=True)
    ]
    table = frame.assign(reason=reasons)[["row_no", "reason", "raw"]].rename(columns={"row_no": "line"})
    _write(args.cwd / args.out, args.out, to_csv(table))
    return {"out": str(args.out), "rows": len(table)}


def answers(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """What was answered about files, remembered by their headers; or forget it."""
    known = ledger.remembered()
    if args.forget and args.forget not in set(known["fingerprint"]):
        raise refuse("cli.no_answers", f"Nothing is remembered for headers {args.forget}.")
    forget = list(known["fingerprint"]) if args.all else [args.forget] if args.forget else []
    for fingerprint in forget:
        ledger.forget(fingerprint)
    rows = [plain(row) for row in known.to_dict("records") if not forget or row["fingerprint"] in forget]
    return {"rows": rows, "forgotten": len(forget)} if forget else {"rows": rows, "remembered": len(rows)}


def accounts(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """Whether two account names are one account; without names, what was answered so far."""
    if args.names:
        channel, one, other = args.names
        if args.forget:
            ledger.forget_accounts(channel, one, other, args.by)
        elif args.same or args.different:
            ledger.answer_accounts(channel, one, other, args.same, args.by)
        else:
            raise refuse("cli.no_answer", "Say --same, --different or --forget.")
    return {"rows": [plain(row) for row in ledger.account_answers().to_dict("records")]}


def rates(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """What other currencies are worth in the workspace's own; or set either."""
    if args.own:
        ledger.set_currency(args.own, args.by)
    for currency, rate in args.set:
        ledger.set_rate(currency, rate, args.by)
    return {"rows": [plain(row) for row in ledger.rates().to_dict("records")], "currency": ledger.currency}


def doctor(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """Examine a workspace."""
    answer = {"findings": [told(f) for f in ledger.doctor()]}
    if any(f["severity"] == "error" for f in answer["findings"]):
        raise Refused(answer)
    return answer


def back_up(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """Write the whole workspace into one file, also while it is in use."""
    step = _told_as(tell, args.out, "writing")
    return backup_answer(backup(ledger, args.cwd / args.out, step), args.out)


def backup_answer(made: Backup, shown: Path) -> Answer:
    """A backup as JSON."""
    return {
        "path": str(shown),
        "name": made.name,
        "made_at": made.made_at.isoformat(),
        "files": made.files,
        "bytes": made.size,
    }


def _told_as(tell: Tell, path: Path, phase: str) -> Callable[[int, int], None]:
    return lambda done, total: tell(path.name, phase, done, total)


def bring_back(args: argparse.Namespace, tell: Tell) -> Answer:
    """Make a new workspace from a backup."""
    step = _told_as(tell, args.file, "restoring")
    return backup_answer(restore(args.cwd / args.file, args.workspace, step), args.workspace)


def demo(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """Fill a workspace with the demo brand."""
    load_demo(ledger, lambda done, total: tell("demo", "storing", done, total))
    facts = ledger.passport()
    return {"workspace": str(args.workspace), "files": facts.files, "rows": facts.rows_used}


def watch(args: argparse.Namespace, ledger: Ledger, tell: Tell) -> Answer:
    """Store what is put into the workspace's inbox folder, as the dashboard does while it runs."""
    inbox = Inbox(Path(ledger.where))
    inbox.look()
    time.sleep(min(args.every, 60.0))
    taken = [taken_answer(one) for one in inbox.take(ledger, inbox.look(), args.by, tell)]
    answer: Answer = {"files": taken}
    if any(one["status"] != "committed" and one["status"] != "unchanged" for one in taken):
        raise Refused(answer)
    return answer
