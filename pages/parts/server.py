"""What the web server does besides drawing pages: health, security headers, API, inbox, warm start."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.parts import api
from pages.parts.inbox import Watcher
from pages.parts.warm import warm

#: ``unsafe-inline`` and ``unsafe-eval`` are what Streamlit's own bundle needs; everything
#: else, above all any other host, is refused by the browser.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss: data: blob:; worker-src 'self' blob:; frame-src 'self' blob: data:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS: dict[bytes, bytes] = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"SAMEORIGIN",
    b"referrer-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}


class SecurityHeaders:
    """ASGI middleware that adds the headers above to every HTTP answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(message)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _add_headers(message: MutableMapping[str, Any]) -> None:
    headers = list(message.get("headers", []))
    present = {name.lower() for name, _ in headers}
    headers += [(name, value) for name, value in HEADERS.items() if name not in present]
    message["headers"] = headers


async def healthz(request: Request) -> JSONResponse:
    """Answer ``{"status": "ok"}`` when the process can serve."""
    return JSONResponse({"status": "ok"})


def routes() -> list[Route]:
    """The routes beside the pages."""
    return [Route("/healthz", healthz), *api.routes()]


def middleware() -> list[Middleware]:
    """The middleware around everything the server answers."""
    return [Middleware(SecurityHeaders)]


def local_port() -> int | None:
    """Where the command line reaches this process on 127.0.0.1; None when it cannot."""
    address = st.get_option("server.address")
    if st.get_option("server.sslCertFile") or address not in (None, "", *api.LOCAL, "0.0.0.0", "::"):
        return None
    return int(st.get_option("server.port"))


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Warm up, let the command line reach this process, watch the inboxes."""
    warm()
    api.start(local_port())
    watcher = Watcher()
    watcher.start()
    try:
        yield {}
    finally:
        watcher.stop()
        api.stop()
