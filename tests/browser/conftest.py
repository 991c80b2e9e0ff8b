"""A server of our own on 127.0.0.1 and a Chromium that must not call anywhere else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


AT_REST = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    return !!app && app.getAttribute('data-test-script-state') === 'notRunning'
        && !document.querySelector('[data-testid=stSkeleton]');
}"""


def pytest_collection_modifyitems(items):
    for item in items:
        if "browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).is_file():
                item.add_marker(pytest.mark.skip(reason="needs Debian's chromium"))


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def serve(home: Path):
    """The app on a free port with its own workspaces folder; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    log = (home / "server.log").open("w+")
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "CHANNELOPT_HOME": str(home / "workspaces")},
        stdout=log,
        stderr=log,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(address + "/healthz", timeout=2).read()
                break
            except OSError:
                time.sleep(0.25)
        else:
            raise RuntimeError((home / "server.log").read_text())
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """One browser tab that notes every request leaving 127.0.0.1 and every script error."""

    def __init__(self, browser, locale="en-US", scheme="light"):
        self.context = browser.new_context(
            locale=locale,
            color_scheme=scheme,
            viewport={"width": 1440, "height": 1000},
            accept_downloads=True,
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.frames = 0
        self.page.on("websocket", self._listen)
        self.page.on("request", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _listen(self, socket):
        for event in ("framesent", "framereceived"):
            socket.on(event, self._count)

    def _count(self, _frame):
        self.frames += 1

    def _note(self, request):
        url = request.url
        if not url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:")):
            self.outside.append(url)

    def check(self):
        assert self.outside == []
        assert self.errors == []
        assert self.page.locator("[data-testid=stException]").count() == 0

    def settle(self):
        """Wait until the script has run to its end and nothing more is said to or by the server.

        What a click sets off may start a moment later: the page must be at rest for half a second.
        """
        rest, frames, end = 0, -1, time.monotonic() + 120
        while rest < 5:
            self.page.wait_for_timeout(100)
            at_rest = self.page.evaluate(AT_REST) and frames == self.frames
            rest, frames = rest + 1 if at_rest else 0, self.frames
            assert time.monotonic() < end, "the page does not come to rest"

    def tell(self) -> str:
        """What the tab shows, for the report of a failed test."""
        words = self.page.locator("[data-testid=stMain]").all_inner_texts()
        state = self.page.locator("[data-testid=stApp]").first.get_attribute("data-test-script-state")
        return "\n".join((self.page.url, f"script: {state}", *words))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and call.when == "call":
        for one in getattr(item, "visits", []):
            with suppress(Exception):
                report.sections.append(("page", one.tell()))
    return report


@pytest.fixture
def visit(chromium, request):
    made: list[Visit] = []
    request.node.visits = made

    def open_visit(**options) -> Visit:
        made.append(Visit(chromium, **options))
        return made[-1]

    yield open_visit
    for one in made:
        one.context.close()
