"""Start the app on a free port and say its address (``make run``); standard library only."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
FIRST_PORT = 8501
TRIES = 50


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of this machine now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES, getattr(errno, "WSAEADDRINUSE", 10048)):
                return False
            raise
    return True


def choose_port(wanted: str | None = None) -> int:
    """The port to use: the one asked for, or the first free one from 8501.

    Raises:
        SystemExit: when the wanted port is no port or taken, or no port is free.
    """
    if wanted:
        if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
            raise SystemExit(f"PORT={wanted} is not a port number (1 to 65535).")
        if not is_free(int(wanted)):
            raise SystemExit(f"Port {wanted} is taken. Choose another, or leave PORT out to get a free one.")
        return int(wanted)
    for port in range(FIRST_PORT, FIRST_PORT + TRIES):
        if is_free(port):
            return port
    raise SystemExit(f"No free port between {FIRST_PORT} and {FIRST_PORT + TRIES - 1}. Set PORT=.")


def command(port: int) -> list[str]:
    """The command that starts the server, bound to this machine only."""
    return [
        sys.executable,
        *("-m", "streamlit", "run", str(ROOT / "app.py")),
        *("--server.address", HOST, "--server.port", str(port), "--server.headless", "true"),
        *("--browser.serverAddress", HOST, "--browser.gatherUsageStats", "false"),
    ]


def environment() -> dict[str, str]:
    """The server's environment; workspaces live in ``CHANNELOPT_HOME`` (default ./workspaces).

    Linear algebra on one thread: more only wait for each other where matrices are small.
    """
    home = Path(os.environ.get("CHANNELOPT_HOME") or ROOT / "workspaces").resolve()
    home.mkdir(parents=True, exist_ok=True)
    return {"OPENBLAS_NUM_THREADS": "1", **os.environ, "CHANNELOPT_HOME": str(home)}


def main() -> int:
    """Start the app and wait for it; Ctrl+C ends it."""
    port, env = choose_port(os.environ.get("PORT")), environment()
    print(f"\n  channelopt is starting: http://{HOST}:{port}")
    print(f"  workspaces are kept in: {env['CHANNELOPT_HOME']}")
    print("  Ctrl+C ends it.\n", flush=True)
    server = subprocess.Popen(command(port), cwd=ROOT, env=env)
    try:
        return server.wait()
    except KeyboardInterrupt:
        server.terminate()
        return server.wait()


if __name__ == "__main__":
    sys.exit(main())
