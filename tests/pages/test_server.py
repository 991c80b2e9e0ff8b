"""Headers on every answer, health, and a name that cannot leave the workspaces folder."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.requests import Request

from channelopt.errors import InputError
from pages.parts import server, state


def run(work):
    """Run a coroutine on a thread of its own: the browser tests leave a loop running on this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def answer(scope_type="http"):
    sent = []

    async def inner(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"DENY")]})

    async def send(message):
        sent.append(message)

    run(server.SecurityHeaders(inner)({"type": scope_type}, None, send))
    return sent[0]["headers"]


def test_every_answer_carries_the_headers_once():
    headers = answer()
    names = [name for name, _ in headers]
    assert len(names) == len(set(names))
    assert set(server.HEADERS) <= set(names)
    assert dict(headers)[b"x-frame-options"] == b"DENY"


def test_other_hosts_are_refused_by_the_policy():
    assert "http" not in server.POLICY
    assert "*" not in server.POLICY


def test_websockets_pass_untouched():
    assert answer("websocket") == [(b"x-frame-options", b"DENY")]


def test_health():
    response = run(server.healthz(Request({"type": "http"})))
    assert response.status_code == 200
    assert response.body == b'{"status":"ok"}'


@pytest.mark.parametrize("name", ["../x", "/etc", "a/b", "", ".hidden", "x" * 80, "a\\b", "a\x00b"])
def test_a_workspace_name_cannot_leave_the_folder(name):
    with pytest.raises(InputError):
        state.workspace_folder(name)
