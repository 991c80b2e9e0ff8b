"""Every session key, in one place, and where the workspaces live."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
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
FOCUS_VIEW = "focus_view"
SCALING_VIEW = "scaling_view"
SCENARIO_VIEW = "scenario_view"
NEXT_SCENARIO_VIEW = "next_scenario_view"
SCENARIO = "scenario"
NEXT_SCENARIO = "next_scenario"
PLANNING = "planning"
#: Inputs of the plan: objective, where the budget comes from, its amount, weeks, limits.
PLAN_OBJECTIVE = "plan_objective"
PLAN_MODE = "plan_mode"
PLAN_AMOUNT = "plan_amount"
PLAN_WHOLE = "plan_whole"
PLAN_TARGET = "plan_target"
PLAN_GOAL = "plan_goal"
PLAN_WEEKS = "plan_weeks"
PLAN_STEP = "plan_step"
PLAN_ALIVE = "plan_alive"
PLAN_UNIT = "plan_unit"
PLAN_LIMITS = "plan_limits"
PLAN_GROUP = "plan_group"
ADDRESS = "address_seen"
UPLOADS = "uploads"
UPLOAD_ROUND = "upload_round"
STORED_DROPS = "stored_drops"
SETTINGS_TAB = "tab"
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
    return _resolved(os.environ.get("CHANNELOPT_HOME", "workspaces"), os.getcwd())


@cache
def _resolved(folder: str, here: str) -> Path:
    """Following links asks the disk for every part of a path: once is enough."""
    return Path(here, folder).resolve()


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


#: What a file that is made on a click is made for; empty while a page is drawn.
_HELD: ContextVar[Mapping[str, Any] | None] = ContextVar("held", default=None)


def chosen(key: str) -> Any:
    """Language, workspace or currency of the session, or of the one whose download is being made."""
    held = _HELD.get()
    return st.session_state.get(key) if held is None else held.get(key)


@contextmanager
def hold(values: Mapping[str, Any]) -> Iterator[None]:
    """Let ``chosen`` answer with these values where there is no session."""
    before = _HELD.set(values)
    try:
        yield
    finally:
        _HELD.reset(before)


def current_workspace() -> str:
    """The workspace the sidebar shows."""
    return str(chosen(WORKSPACE) or workspace_names()[0])


def for_address(**query: str) -> dict[str, str]:
    """What a link to another page puts into the address, with the brand it is about."""
    return {WORKSPACE: current_workspace(), **query}


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


def show_scenario_later(number: int) -> None:
    """Show a saved scenario on the next run, when the switch of views is already drawn."""
    st.session_state[NEXT_SCENARIO_VIEW] = "saved"
    st.session_state[NEXT_SCENARIO] = str(number)


def show_scenarios_later(view: str) -> None:
    """Show a view of the scenarios on the next run, when the switch of views is already drawn."""
    st.session_state[NEXT_SCENARIO_VIEW] = view


def take_scenario_view() -> None:
    """Carry out ``show_scenarios_later``; called before the switch is drawn."""
    view = st.session_state.pop(NEXT_SCENARIO_VIEW, None)
    if view:
        st.session_state[SCENARIO_VIEW] = view


def take_scenario(known: list[int]) -> int | None:
    """The saved scenario that is opened: asked for last, else that of the address."""
    asked = st.session_state.pop(NEXT_SCENARIO, None)
    if asked is not None:
        st.query_params[SCENARIO] = asked
    given = str(asked or st.query_params.get(SCENARIO) or "")
    return int(given) if given.isdigit() and int(given) in known else None


def open_scenario(number: int) -> None:
    """Open a saved scenario (call from a callback)."""
    st.session_state[NEXT_SCENARIO] = str(number)


def planning() -> dict[str, Any]:
    """What is being planned in the workspace shown: its wish, last plan, limits and own split."""
    everything: dict[str, dict[str, Any]] = st.session_state.setdefault(PLANNING, {})
    return everything.setdefault(current_folder(), {})


def drawn(key: str) -> bool:
    """Whether a widget has a state: it was drawn on the last run."""
    return key in st.session_state


def set_inputs(values: dict[str, Any]) -> None:
    """Give widgets their values (call from a callback)."""
    for key, value in values.items():
        st.session_state[key] = value


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
    st.session_state.pop(STORED_DROPS, None)


def stored_drops() -> frozenset[str]:
    """Tables that were stored while others of the same round still wait for an answer."""
    return frozenset(st.session_state.get(STORED_DROPS, ()))


def keep_stored_drops(keys: Iterable[str]) -> None:
    """Note tables as stored: they stay in the uploader and are not offered again."""
    st.session_state[STORED_DROPS] = [*stored_drops(), *keys]


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


def asked_tab() -> str:
    """The tab of Settings that a link asks for; "" for the first."""
    return str(st.query_params.get(SETTINGS_TAB, ""))


def address_seen() -> dict[str, str]:
    """What the address said last, by key; see ``links``."""
    seen: dict[str, str] = st.session_state.setdefault(ADDRESS, {})
    return seen


def insist_key(what: str, at: int) -> str:
    """Key of the checkbox that insists on something for the file at a place on the page."""
    return f"insist_{what}_{at}_{upload_round()}"
