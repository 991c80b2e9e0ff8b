"""The command line while the dashboard runs: real processes, one workspace, one DuckDB file."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import websockets
from starlette.requests import Request
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from channelopt import handover
from channelopt.demo import demo_files
from channelopt.ledger import Ledger
from pages.parts import api

ROOT = Path(__file__).resolve().parents[2]
DEMO = {path.name.partition("_")[0]: path for path in demo_files()}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Dashboard:
    """The app in a process of its own."""

    def __init__(self, home):
        self.home, self.port, self.log = home, free_port(), home / "server.log"
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "CHANNELOPT_HOME": str(home), "CHANNELOPT_INBOX_SECONDS": "0.5"},
                stdout=log,
                stderr=log,
            )
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2).read()
                return
            except OSError:
                time.sleep(0.25)
        raise RuntimeError(self.log.read_text())

    def visit(self, workspace):
        """Everything one run of the upload page sends to a browser."""

        async def run():
            address = f"ws://127.0.0.1:{self.port}/_stcore/stream"
            async with websockets.connect(
                address, subprotocols=["streamlit"], max_size=None, compression=None
            ) as link:
                ask = BackMsg()
                ask.rerun_script.page_name = "upload"
                ask.rerun_script.query_string = f"lang=en&workspace={workspace}"
                ask.rerun_script.context_info.url = "http://127.0.0.1/"
                await link.send(ask.SerializeToString())
                sent = []
                while True:
                    data = await asyncio.wait_for(link.recv(), timeout=60)
                    sent.append(data)
                    message = ForwardMsg.FromString(data)
                    if message.WhichOneof("type") == "script_finished":
                        return b"".join(sent)

        with ThreadPoolExecutor(1) as pool:
            return pool.submit(asyncio.run, run()).result()

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)


@contextmanager
def dashboard(home):
    one = Dashboard(home)
    try:
        yield one
    finally:
        one.end(signal.SIGKILL)


def started(*args):
    return subprocess.Popen(
        [sys.executable, "-m", "channelopt", *map(str, args)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(*args):
    process = started(*args)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def make_workspace(home, name="brand"):
    with Ledger.open(home / name, name=name, currency="CNY"):
        pass
    return home / name


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    home = tmp_path_factory.mktemp("served")
    folder = make_workspace(home)
    with dashboard(home) as one:
        one.visit("brand")
        yield one, folder


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """A file that takes some seconds to read."""
    path = tmp_path_factory.mktemp("slow") / "slow.csv"
    lines = [
        f"2026-{1 + i % 10:02d}-{1 + i % 28:02d},Campaign {i % 997},CNY,{i % 50}.25,{i % 900},{i % 7}"
        for i in range(150_000)
    ]
    path.write_text(
        "Day,Campaign name,Currency,Amount spent (CNY),Impressions,Link clicks\n" + "\n".join(lines)
    )
    return path


def test_the_note_is_for_its_user_only(running):
    _, folder = running
    note = folder / handover.FILE
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert json.loads(note.read_text())["pid"] == running[0].process.pid


def test_an_import_is_handed_over_and_the_next_rerun_shows_it(running):
    server, folder = running
    assert b"1 file in" not in server.visit("brand")
    code, out, err = command("import", DEMO["meta"], "--workspace", folder, "--json")
    assert code == 0, err
    assert "The dashboard is running" in err
    assert json.loads(out)["files"][0]["status"] == "committed"
    assert b"1 file in" in server.visit("brand")
    code, out, _ = command("diagnose", "--workspace", folder, "--json")
    assert code == 0
    assert [v["channel"] for v in json.loads(out)["verdicts"]] == ["meta_ads"]


def test_two_imports_at_once_are_both_stored(running):
    _, folder = running
    both = [started("import", DEMO[k], "--workspace", folder, "--json") for k in ("tencent", "xiaohongshu")]
    for process in both:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert json.loads(out)["files"][0]["status"] == "committed"


def test_refusals_and_paths_come_back_as_from_the_command_itself(running, tmp_path):
    _, folder = running
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear all,\n\nthe meeting moves.\n")
    code, out, _ = command("import", letter, tmp_path / "none.csv", "--workspace", folder, "--json")
    assert code == 1
    codes = [f["error"]["code"] for f in json.loads(out)["files"]]
    assert codes == ["intake.not_a_table", "intake.not_found"]
    code, _, err = command("undo", "99", "--workspace", folder)
    assert (code, "no import number 99" in err) == (1, True)
    code, _, _ = command("export", "--workspace", folder, "--out", tmp_path / "v.csv")
    assert code == 0
    assert (tmp_path / "v.csv").stat().st_size > 100


def post(server, path, body, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    told = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    connection.request("POST", path, body if isinstance(body, bytes) else json.dumps(body), told)
    answer = connection.getresponse()
    status, text = answer.status, answer.read()
    connection.close()
    return status, text


def test_only_the_holder_of_the_token_on_this_machine_is_heard(running):
    server, folder = running
    token = handover.find(folder).token
    key = {"Authorization": f"Bearer {token}"}
    body = {"workspace": str(folder), "argv": ["doctor", "--workspace", "x"], "cwd": "/", "job": "j"}
    assert post(server, handover.COMMAND, body, **key)[0] == 200
    assert post(server, handover.COMMAND, body)[0] == 401
    assert post(server, handover.COMMAND, body, Authorization=f"Bearer {token}x")[0] == 401
    assert post(server, handover.COMMAND, {**body, "workspace": "/etc"}, **key)[0] == 401
    assert post(server, handover.CANCEL, {"workspace": str(folder), "job": "j"})[0] == 401
    for header in ("Origin", "Sec_Fetch_Site", "X_Forwarded_For", "Referer"):
        assert post(server, handover.COMMAND, body, **key, **{header: "http://localhost"})[0] == 403, header
    for host in ("evil.example", "127.0.0.1.evil.example", "x@127.0.0.1", "192.168.1.5:8501", ""):
        assert post(server, handover.COMMAND, body, **key, Host=host)[0] in (400, 403), host
    assert post(server, handover.COMMAND, body, **key, Host="localhost:1")[0] == 200
    assert post(server, handover.COMMAND, body, **{**key, "Content_Type": "text/plain"})[0] == 415
    assert post(server, handover.COMMAND, b"x" * 1_100_000, **key)[0] == 413
    assert post(server, handover.COMMAND, b"[1]", **key)[0] == 400
    for wrong in ({"argv": []}, {"argv": ["a\0b"]}, {"cwd": "relative"}, {"job": 7}, {"argv": "doctor"}):
        assert post(server, handover.COMMAND, {**body, **wrong}, **key)[0] == 400, wrong
    status, text = post(server, handover.COMMAND, {**body, "argv": ["dance"], "job": "k"}, **key)
    assert (status, json.loads(text.splitlines()[-1])["code"]) == (200, 2)


def test_hello_proves_the_token_without_saying_it(running):
    server, folder = running
    token = handover.find(folder).token
    status, text = post(server, handover.HELLO, {"workspace": str(folder), "nonce": "n" * 32})
    assert status == 200
    assert json.loads(text) == {"proof": handover.proof(token, "n" * 32)}
    assert token.encode() not in text
    assert post(server, handover.HELLO, {"workspace": "/etc", "nonce": "n" * 32})[0] == 404


def test_the_token_is_in_no_log_and_no_page(running):
    server, folder = running
    token = handover.find(folder).token.encode()
    assert token not in server.log.read_bytes()
    assert token not in server.visit("brand")
    for address in ("/", "/healthz", f"/app/static/{handover.FILE}", f"/{handover.FILE}"):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", address)
        assert token not in connection.getresponse().read(), address


def at_first_step(process):
    """Wait until the command says that reading has begun."""
    for line in process.stderr:
        if "reading" in line:
            return
    raise AssertionError("it never began")


def test_ctrl_c_cancels_the_work_in_the_dashboard(running, slow):
    _, folder = running
    before = json.loads(command("import", DEMO["meta"], "--workspace", folder, "--json")[1])["files"][0]
    process = started("import", slow, DEMO["google"], "--workspace", folder, "--json", "--progress")
    at_first_step(process)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    files = json.loads(out)["files"]
    assert process.returncode == 1
    assert [f["status"] for f in files] == ["cancelled", "skipped"]
    assert files[0]["error"]["text"] == "Cancelled: nothing of it was stored."
    after = json.loads(command("import", DEMO["meta"], "--workspace", folder, "--json")[1])["files"][0]
    assert (after["status"], after["import_id"]) == ("unchanged", before["import_id"])
    out = command("import", DEMO["google"], "--workspace", folder, "--json")[1]
    assert json.loads(out)["files"][0]["status"] == "committed"


def test_the_inbox_is_watched_and_its_state_is_right(running):
    _, folder = running
    (folder / "inbox" / "crm.csv").write_bytes(DEMO["crm"].read_bytes())
    for _ in range(200):
        if (folder / "inbox" / "done" / "crm.csv").is_file():
            break
        time.sleep(0.1)
    assert not (folder / "inbox" / "crm.csv").exists()
    code, out, _ = command("import", DEMO["crm"], "--workspace", folder, "--json")
    assert (code, json.loads(out)["files"][0]["status"]) == (0, "unchanged")


def test_backup_and_watch_are_handed_over(running, tmp_path):
    _, folder = running
    code, out, err = command("backup", "--workspace", folder, "--out", tmp_path / "b", "--json")
    assert code == 0, err
    assert json.loads(out)["bytes"] > 1000
    assert handover.FILE.encode() not in (tmp_path / "b").read_bytes()
    code, out, err = command("watch", "--once", "--every", "0.2", "--workspace", folder, "--json")
    assert (code, "The dashboard is running" in err) == (0, True)


def test_a_killed_dashboard_leaves_nothing_half_done(tmp_path, slow):
    folder = make_workspace(tmp_path)
    with dashboard(tmp_path) as server:
        server.visit("brand")
        process = started("import", DEMO["meta"], slow, "--workspace", folder, "--json", "--progress")
        for line in process.stderr:
            if "reading" in line and "slow" in line:
                break
        server.end(signal.SIGKILL)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert json.loads(out)["error"]["code"] == "handover.broken"
    assert (folder / handover.FILE).is_file()  # stale: nobody could take it away
    code, out, err = command("import", DEMO["meta"], "--workspace", folder, "--json")
    assert code == 0, err
    assert "dashboard" not in err
    assert json.loads(out)["files"][0]["status"] == "unchanged"
    with Ledger.open(folder) as ledger:
        assert list(ledger.imports()["name"]) == [DEMO["meta"].name]


def test_the_note_goes_with_the_dashboard(tmp_path):
    folder = make_workspace(tmp_path)
    with dashboard(tmp_path) as server:
        server.visit("brand")
        assert (folder / handover.FILE).is_file()
        server.end()
        assert not (folder / handover.FILE).exists()


def test_another_program_is_waited_for_and_then_named(tmp_path):
    folder = make_workspace(tmp_path)
    (folder / handover.FILE).write_text(
        json.dumps({"folder": str(folder), "pid": os.getpid(), "port": free_port(), "token": "stale"})
    )
    with Ledger.open(folder):
        waiting = started("import", DEMO["meta"], "--workspace", folder, "--json", "--wait", "60")
        assert "waiting up to 60 seconds" in waiting.stderr.readline()
        code, out, _ = command("diagnose", "--workspace", folder, "--json", "--wait", "0.5")
        assert (code, json.loads(out)["error"]["code"]) == (1, "handover.busy")
        assert "PID " in json.loads(out)["error"]["text"] or "is held in" in json.loads(out)["error"]["text"]
    out, err = waiting.communicate(timeout=60)
    assert waiting.returncode == 0, err
    assert json.loads(out)["files"][0]["status"] == "committed"


def test_another_program_on_the_port_never_sees_the_token(tmp_path):
    seen = []

    class Impostor(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(body + str(self.headers).encode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"proof": "0" * 64}).encode())

        def log_message(self, *_):
            return

    server = HTTPServer(("127.0.0.1", 0), Impostor)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        serving = handover.announce(tmp_path, server.server_port)
        assert handover.reachable(tmp_path) is None
        assert len(seen) == 1
        assert serving.token.encode() not in seen[0]
        assert serving.token not in repr(serving)
    finally:
        server.shutdown()
        server.server_close()


def test_another_machine_is_refused_whatever_it_says():
    def request(client, **headers):
        named = {"host": "127.0.0.1:8501", "content-type": "application/json", **headers}
        raw = [(k.encode(), v.encode()) for k, v in named.items()]
        return Request({"type": "http", "headers": raw, "client": client})

    api._check_local(request(("127.0.0.1", 5)))
    for client in (("10.0.0.7", 5), ("::ffff:10.0.0.7", 5), None):
        with pytest.raises(api._No):
            api._check_local(request(client))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "port": 1, "token": "t"}'])
def test_a_note_that_says_nothing_is_no_dashboard(tmp_path, text):
    (tmp_path / handover.FILE).write_text(text)
    assert handover.reachable(tmp_path) is None
