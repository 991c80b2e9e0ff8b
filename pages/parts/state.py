"""Every session key, in one place, and where the workspaces live."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import streamlit as st

from channelopt.errors import InputError

LANGUAGE = "lang"
WORKSPACE = "workspace"
CURRENCY = "currency"
METRIC = "metric"
CHANNEL = "channel"
VIEW = "view"
TEST_VIEW = "tests_view"
NEXT_TEST_VIEW = "next_tests_view"
ADDRESS = "address_seen"
UPLOADS = "uploads"
UPLOAD_ROUND = "upload_round"
ANSWERS = "upload_answers"
OPENED = "opened_waiting"
NOTICE = "notice"
UNDO = "undo_import"
NEXT_WORKSPACE = "next_workspace"
DEMO_WANTED = "demo_wanted"

FIRST_WORKSPACE = "my-brand"
DEMO_WORKSPACE = "demo"
USER = "dashboard"


def home() -> Path:
    """The folder that holds one folder per workspace (``CHANNELOPT_HOME``)."""
    return Path(os.environ.get("CHANNELOPT_HOME", "workspaces")).resolve()


def workspace_names() -> list[str]:
    """Names of the workspaces there are; the first one is offered when there is none."""
    if not home().is_dir():
        return [FIRST_WORKSPACE]
    names = sorted(p.name for p in home().iterdir() if (p / "ledger.duckdb").is_file())
    return names or [FIRST_WORKSPACE]


def workspace_folder(name: str) -> str:
    """The folder of a workspace.

    Raises:
        InputError: ``common.bad_setting`` when the name could leave the home folder.
    """
    if not re.fullmatch(r"[\w][\w .-]{0,60}", name):
        raise InputError(
            "common.bad_setting",
            name="workspace",
            value=name,
            wanted="letters, digits, spaces, dots and dashes",
        )
    return str(home() / name)


def current_workspace() -> str:
    """The workspace the sidebar shows."""
    return str(st.session_state.get(WORKSPACE) or workspace_names()[0])


def current_folder() -> str:
    """The folder of the workspace the sidebar shows."""
    return workspace_folder(current_workspace())


def open_workspace(name: str) -> None:
    """Switch to a workspace from the next run on (call from a callback)."""
    st.session_state[WORKSPACE] = name


def open_later(name: str) -> None:
    """Switch to a workspace on the next run, when its selector is already drawn."""
    st.session_state[NEXT_WORKSPACE] = name


def switch_if_asked() -> None:
    """Carry out ``open_later``; the frame calls this before the selector is drawn."""
    name = st.session_state.pop(NEXT_WORKSPACE, None)
    if name:
        st.session_state[WORKSPACE] = name


def show_tests_later() -> None:
    """Show the tests there are on the next run, when the switch of views is already drawn."""
    st.session_state[NEXT_TEST_VIEW] = "tests"


def take_tests_view() -> None:
    """Carry out ``show_tests_later``; called before the switch is drawn."""
    view = st.session_state.pop(NEXT_TEST_VIEW, None)
    if view:
        st.session_state[TEST_VIEW] = view


def notice(text: str) -> None:
    """Say one sentence once, on the next page drawn. ``text`` is already translated."""
    st.session_state[NOTICE] = text


def take_notice() -> str | None:
    """The sentence left by ``notice``, once."""
    return st.session_state.pop(NOTICE, None)


def upload_round() -> int:
    """How many times the uploader was emptied."""
    return int(st.session_state.get(UPLOAD_ROUND, 0))


def uploader_key() -> str:
    """The uploader's key; a new one empties it and frees its memory."""
    return f"{UPLOADS}_{upload_round()}"


def next_upload_round() -> None:
    """Empty the uploader on the next run."""
    st.session_state[UPLOAD_ROUND] = upload_round() + 1
    st.session_state.pop(ANSWERS, None)


def upload_answers(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the user answered about a file on this page: for reading, and for storing."""
    reading, storing = st.session_state.get(ANSWERS, {}).get(name, ({}, {}))
    return dict(reading), dict(storing)


def answer_upload(name: str, reading: dict[str, Any], storing: dict[str, Any]) -> None:
    """Note the answers about a file; empty ones mean "as recognised"."""
    answers = dict(st.session_state.get(ANSWERS, {}))
    answers[name] = (
        {key: value for key, value in reading.items() if value},
        {key: value for key, value in storing.items() if value},
    )
    st.session_state[ANSWERS] = answers


def opened_waiting() -> list[str]:
    """Inbox files that are shown among the receipts."""
    return list(st.session_state.get(OPENED, []))


def turn_waiting(name: str) -> None:
    """Show a waiting inbox file among the receipts, or take it away again."""
    opened = opened_waiting()
    st.session_state[OPENED] = [n for n in opened if n != name] if name in opened else [*opened, name]


def address_seen() -> dict[str, str]:
    """What the address said last, by key; see ``links``."""
    seen: dict[str, str] = st.session_state.setdefault(ADDRESS, {})
    return seen


def insist_key(what: str, at: int) -> str:
    """Key of the checkbox that insists on something for the file at a place on the page."""
    return f"insist_{what}_{at}_{upload_round()}"
