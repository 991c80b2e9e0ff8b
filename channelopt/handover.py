"""Work for a workspace that the dashboard has open: find the dashboard, hand it over, follow it."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from channelopt.errors import ChannelOptError
from channelopt.files import Tell

FILE = ".serving.json"
HOST = "127.0.0.1"
HELLO, COMMAND, CANCEL = "/api/hello", "/api/command", "/api/cancel"
#: Seconds until a running dashboard has said hello, and between two signs of life while it works.
_HELLO_SECONDS, _SILENCE_SECONDS = 5.0, 120.0

MESSAGES: dict[str, str] = {
    "handover.busy": (
        "Another program has the workspace {where} open and did not finish within {seconds:count}"
        " {seconds:plural:second|seconds} ({detail}). Nothing was changed. Try again later, or wait longer"
        " with --wait."
    ),
    "handover.broken": (
        "The dashboard stopped while it did the work. What it had finished is stored, what it was at is not:"
        " nothing is half done. Run the same command again."
    ),
    "handover.left": (
        "Left before the dashboard answered. It stops at its next step; what it had finished is stored."
    ),
    "handover.refused": "The dashboard did not take the work ({detail}). Restart it, then try again.",
}


class HandoverError(ChannelOptError):
    """Work that could not be handed over; the ledger is as it was, or holds whole files."""

    templates = MESSAGES


@dataclass(frozen=True)
class Serving:
    """The dashboard that has a workspace open.

    Attributes:
        folder: the workspace.
        pid: process id, for messages.
        port: where it listens on this machine.
        token: who shows it may ask for work in this workspace.
    """

    folder: str
    pid: int
    port: int
    token: str = field(repr=False)


def proof(token: str, nonce: str) -> str:
    """What only a holder of the token can answer to a nonce."""
    return hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()


def announce(folder: Path, port: int) -> Serving:
    """Say in the workspace folder that this process serves it; readable by its user only.

    Raises:
        OSError: the folder cannot be written to.
    """
    serving = Serving(str(folder.resolve()), os.getpid(), port, secrets.token_urlsafe(32))
    aside = folder / f"{FILE}.{uuid4().hex}"
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(serving), file)
        aside.replace(folder / FILE)
    finally:
        aside.unlink(missing_ok=True)
    return serving


def retract(serving: Serving) -> None:
    """Take the note away again, if it is still ours."""
    found = find(Path(serving.folder))
    if found is not None and hmac.compare_digest(found.token, serving.token):
        with suppress(OSError):
            (Path(serving.folder) / FILE).unlink()


def find(folder: Path) -> Serving | None:
    """What the note in a workspace folder says; None without a readable one."""
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Serving(str(folder.resolve()), int(told["pid"]), int(told["port"]), str(told["token"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def reachable(folder: Path) -> Serving | None:
    """The dashboard that has this workspace open; None when none answers.

    The note may be stale and its port another program's by now: who answers must prove
    that it knows the token, and the token is not shown before it did.
    """
    serving = find(folder)
    if serving is None:
        return None
    nonce = secrets.token_hex(16)
    try:
        connection = _connect(serving, _HELLO_SECONDS)
        try:
            answer = _post(connection, HELLO, {"workspace": serving.folder, "nonce": nonce})
            told = json.loads(answer.read(10_000)) if answer.status == 200 else {}
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError):
        return None
    same = hmac.compare_digest(str(dict(told).get("proof", "")), proof(serving.token, nonce))
    return serving if same else None


def _connect(serving: Serving, seconds: float) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(HOST, serving.port, timeout=seconds)


def _post(
    connection: http.client.HTTPConnection, path: str, body: dict[str, Any], token: str = ""
) -> http.client.HTTPResponse:
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection.request("POST", path, json.dumps(body), headers)
    return connection.getresponse()


class Work:
    """One command, done by the dashboard.

    Attributes:
        job: its name, for ``cancel``.
    """

    def __init__(self, serving: Serving, argv: Sequence[str], cwd: Path) -> None:
        self.job = uuid4().hex
        self._serving = serving
        self._body = {"workspace": serving.folder, "argv": list(argv), "cwd": str(cwd), "job": self.job}

    def run(self, tell: Tell, on_wait: Callable[[], None] = lambda: None) -> tuple[int, dict[str, Any]]:
        """Hand the command over and follow it.

        Args:
            tell: told of every step.
            on_wait: called once when other work has to be finished first.

        Returns:
            Exit code and answer, as the command itself gives them.

        Raises:
            HandoverError: ``handover.refused``, ``handover.broken``, ``handover.left``.
        """
        connection = _connect(self._serving, _SILENCE_SECONDS)
        try:
            answer = _post(connection, COMMAND, self._body, self._serving.token)
            if answer.status != 200:
                detail = f"HTTP {answer.status} {answer.read(300).decode(errors='replace')}".strip()
                raise HandoverError("handover.refused", detail=detail)
            for line in iter(answer.readline, b""):
                told = json.loads(line)
                if "answer" in told:
                    return int(told["code"]), dict(told["answer"])
                if "step" in told:
                    name, phase, done, total = told["step"]
                    tell(str(name), str(phase), int(done), int(total))
                elif told.get("waiting"):
                    on_wait()
        except KeyboardInterrupt:
            raise HandoverError("handover.left") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise HandoverError("handover.broken") from error
        finally:
            connection.close()
        raise HandoverError("handover.broken")

    def cancel(self) -> None:
        """Ask the dashboard to stop the work; ``run`` still brings the answer."""
        with suppress(OSError, http.client.HTTPException):
            connection = _connect(self._serving, _HELLO_SECONDS)
            body = {"workspace": self._serving.folder, "job": self.job}
            _post(connection, CANCEL, body, self._serving.token).read()
            connection.close()
