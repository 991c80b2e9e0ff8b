"""The local API: the command line hands its work to the dashboard that has the workspace open."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from channelopt.cli.answers import Answer, plain, refusal
from channelopt.cli.run import serve, writes
from channelopt.errors import Cancelled
from channelopt.handover import CANCEL, COMMAND, HELLO, Serving, announce, proof, retract
from channelopt.inbox import inbox_folder

#: Nothing the command line sends is longer: arguments, not files.
MOST_BYTES = 1_000_000
#: Headers only a browser or a proxy sets; the command line sends none of them.
FOREIGN = ("origin", "sec-fetch-site", "sec-fetch-mode", "referer", "forwarded", "x-forwarded-for", "via")
LOCAL = ("127.0.0.1", "localhost", "::1")
BUG = "Something broke in the dashboard; your data is as it was. Report {number} is in its log."
_BEAT = 1.0
_READERS = 4
LOG = logging.getLogger("channelopt")


class _Server:
    """What this process serves: port, workspaces, and the work at hand."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.started = False
        self.port: int | None = None
        self.serving: dict[str, Serving] = {}
        self.jobs: dict[str, threading.Event] = {}
        self.writing = threading.Lock()
        self.reading = threading.Semaphore(_READERS)


_server = _Server()


def start(port: int | None) -> None:
    """The server listens on this port of this machine; None when the command line cannot reach it."""
    _server.started, _server.port = True, port


def stop() -> None:
    """Take all notes away and end the work at hand at its next step."""
    with _server.lock:
        serving, _server.serving = list(_server.serving.values()), {}
        _server.started, _server.port = False, None
        jobs = list(_server.jobs.values())
    for job in jobs:
        job.set()
    for one in serving:
        retract(one)


def opened(folder: str) -> None:
    """A workspace was opened: make its inbox, and leave a note so that the command line finds us."""
    key = str(Path(folder).resolve())
    with _server.lock:
        if not _server.started or key in _server.serving:
            return
        try:
            inbox_folder(key)
            if _server.port is not None:
                _server.serving[key] = announce(Path(key), _server.port)
        except OSError as error:
            LOG.warning("the command line cannot find this dashboard in %s: %s", key, error)


def turn() -> threading.Lock:
    """The turn to change a workspace: one at a time, for the command line and the inboxes."""
    return _server.writing


def routes() -> list[Route]:
    """The routes of the API."""
    return [
        Route(HELLO, hello, methods=["POST"]),
        Route(COMMAND, command, methods=["POST"]),
        Route(CANCEL, cancel, methods=["POST"]),
    ]


class _No(Exception):
    """A request that is not answered, with the status that says so."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def _check_local(request: Request) -> None:
    """Only programs of this machine, never a page in a browser, however it got here."""
    host = request.headers.get("host", "")
    name = host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]
    client = request.client.host if request.client else ""
    if name not in LOCAL or client not in LOCAL:
        raise _No(403, "only from this machine")
    if any(header in request.headers for header in FOREIGN):
        raise _No(403, "not for browsers or proxies")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _No(415, "JSON only")


async def _body(request: Request) -> dict[str, Any]:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MOST_BYTES:
            raise _No(413, "too long")
    try:
        told = json.loads(data)
    except ValueError:
        raise _No(400, "not JSON") from None
    if not isinstance(told, dict):
        raise _No(400, "not an object")
    return told


def _served(told: dict[str, Any]) -> Serving | None:
    return _server.serving.get(str(told.get("workspace")))


def _check_token(request: Request, told: dict[str, Any]) -> Serving:
    serving = _served(told)
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    wanted = serving.token if serving else secrets.token_urlsafe(32)
    if not hmac.compare_digest(given.encode(), wanted.encode()) or serving is None:
        raise _No(401, "wrong token")
    return serving


def _answering(
    handler: Callable[[Request], Any],
) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            _check_local(request)
            response: Response = await handler(request)
        except _No as no:
            response = JSONResponse({"error": str(no)}, status_code=no.status)
        except ClientDisconnect:
            response = Response(status_code=400)
        response.headers["cache-control"] = "no-store"
        return response

    return answer


@_answering
async def hello(request: Request) -> Response:
    """Prove that this process knows the token of a workspace, without saying it."""
    told = await _body(request)
    serving, nonce = _served(told), told.get("nonce")
    if serving is None or not isinstance(nonce, str) or not 16 <= len(nonce) <= 64:
        raise _No(404, "not served here")
    return JSONResponse({"proof": proof(serving.token, nonce)})


@_answering
async def cancel(request: Request) -> Response:
    """Stop a command at its next step."""
    told = await _body(request)
    _check_token(request, told)
    job = _server.jobs.get(str(told.get("job")))
    if job is not None:
        job.set()
    return JSONResponse({"found": job is not None})


@dataclass
class _Job:
    """One command of the command line, in a thread of its own."""

    argv: list[str]
    cwd: Path
    folder: Path
    name: str
    stopped: threading.Event = field(default_factory=threading.Event)
    lines: asyncio.Queue[dict[str, Any] | None] = field(default_factory=asyncio.Queue)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    last: tuple[str, str, int] | None = None

    def say(self, line: dict[str, Any] | None) -> None:
        """Hand a line to the answer, from whatever thread."""
        self.loop.call_soon_threadsafe(self.lines.put_nowait, line)

    def tell(self, name: str, phase: str, done: int, total: int) -> None:
        """One step; at most one line per percent."""
        if self.stopped.is_set():
            raise Cancelled()
        now = (name, phase, 100 * done // max(total, 1))
        if now != self.last:
            self.last = now
            self.say({"step": [name, phase, done, total]})

    def run(self) -> None:
        """Wait for its turn, do it, say the answer."""
        try:
            code, answer = self._done()
        finally:
            _server.jobs.pop(self.name, None)
        with suppress(RuntimeError):  # the server is closing down: nobody listens any more
            self.say({"code": code, "answer": plain(answer)})
            self.say(None)

    def _done(self) -> tuple[int, Answer]:
        turn = _server.writing if writes(self.argv) else _server.reading
        try:
            if not turn.acquire(blocking=False):
                self.say({"waiting": True})
                while not turn.acquire(timeout=_BEAT):
                    if self.stopped.is_set():
                        raise Cancelled()
            try:
                return serve(self.argv, self.cwd, self.folder, self.tell)
            finally:
                turn.release()
        except Cancelled as error:
            return 1, {"error": refusal(error)}
        except SystemExit:
            return 2, {"error": {"code": "cli.usage", "text": "This is no command."}}
        except Exception as error:
            number = uuid4().hex[:8]
            LOG.error("bug %s", number, exc_info=error)
            return 1, {"error": {"code": "cli.bug", "text": BUG.format(number=number)}}


@_answering
async def command(request: Request) -> Response:
    """Run a command of the command line here; answer in lines of JSON: steps, then the answer."""
    told = await _body(request)
    serving = _check_token(request, told)
    argv, cwd, name = told.get("argv"), told.get("cwd"), told.get("job")
    fine = isinstance(argv, list) and argv and all(isinstance(one, str) and "\0" not in one for one in argv)
    if not fine or not isinstance(cwd, str) or not Path(cwd).is_absolute() or not isinstance(name, str):
        raise _No(400, "not a command")
    assert isinstance(argv, list)
    job = _Job(argv, Path(cwd), Path(serving.folder), name)
    with _server.lock:
        if name in _server.jobs or len(_server.jobs) >= 64:
            raise _No(429, "too many at once")
        _server.jobs[name] = job.stopped
    threading.Thread(target=job.run, name="channelopt-api", daemon=True).start()
    return StreamingResponse(_lines(job), media_type="application/x-ndjson")


async def _lines(job: _Job) -> AsyncIterator[str]:
    """What the job says, with a sign of life every second; who hangs up stops the work."""
    try:
        while True:
            try:
                line = await asyncio.wait_for(job.lines.get(), _BEAT)
            except TimeoutError:
                line = {"alive": True}
            if line is None:
                return
            yield json.dumps(line, ensure_ascii=False) + "\n"
    finally:
        job.stopped.set()
