"""The only place with caches: all bounded, all keyed by workspace folder and ledger version."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from channelopt.intake import Unpacked, look_inside
from channelopt.intake.result import Read
from channelopt.ledger import Commit, Ledger
from channelopt.measure import economics
from channelopt.plan.credit import credit_in_force
from channelopt.plan.diagnosis import Diagnosis, diagnose
from channelopt.plan.gates import decide_today
from channelopt.plan.history import outcomes_of
from channelopt.watch import Summary, Whole, summarise, whole
from pages.parts import api, state
from pages.parts.labels import channel_labels
from pages.parts.language import language


@st.cache_resource(max_entries=16, show_spinner=False)
def _ledger(folder: str) -> Ledger:
    opened = Ledger.open(folder)
    api.opened(folder)
    return opened


def ledger(folder: str | None = None) -> Ledger:
    """The ledger of the workspace shown, opened once per process."""
    return _ledger(folder or state.current_folder())


@st.cache_resource(max_entries=16, show_spinner=False)
def _diagnosis(folder: str, version: int) -> Diagnosis:
    return diagnose(_ledger(folder))


def diagnosis() -> Diagnosis:
    """The diagnosis of the workspace shown. Shared: never change it."""
    return _diagnosis(state.current_folder(), ledger().version)


@st.cache_resource(max_entries=32, show_spinner=False)
def _daily(folder: str, version: int, by: tuple[str, ...]) -> pd.DataFrame:
    source = _ledger(folder)
    frame = source.daily(by=by)
    if by == ("day", "channel"):
        frame = credit_in_force(source, frame, source.policy).daily
    return frame


def daily(*by: str) -> pd.DataFrame:
    """Sums of the workspace shown by the given columns. Shared: never change it.

    By day and channel, outcomes are credited by the attribution model in force.
    """
    return _daily(state.current_folder(), ledger().version, by)


def overall() -> pd.DataFrame:
    """What the whole business took in, of the workspace shown. Shared: never change it."""
    frame: pd.DataFrame = made(("overall",), ledger().overall)
    return frame


def business() -> Whole | None:
    """Overall revenue beside spend; None where no file states it."""
    found: Whole | None = made(("whole",), lambda: whole(daily("day", "channel"), overall()))
    return found


def objectives() -> tuple[str, ...]:
    """Outcomes that plans of the workspace shown can be for."""
    found: tuple[str, ...] = made(("objectives",), lambda: outcomes_of(daily("day", "channel"), overall()))
    return found


@st.cache_resource(max_entries=32, show_spinner=False)
def _economics(folder: str, version: int, by: str) -> pd.DataFrame:
    source = _ledger(folder)
    frame = _daily(folder, version, ("day",) if by == "day" else ("day", by))
    return economics(frame, by=by, policy=source.policy)


@st.cache_resource(max_entries=64, show_spinner=False)
def _made(folder: str, version: int, key: tuple[Any, ...], _make: Any) -> Any:
    return _make()


def made(key: tuple[Any, ...], make: Any) -> Any:
    """Anything derived from the workspace shown (a figure, an export), made once per version."""
    return _made(state.current_folder(), ledger().version, key, make)


def channels() -> pd.DataFrame:
    """The workspace's channels: channel, label, palette."""
    frame: pd.DataFrame = made(("channels",), ledger().channels)
    return frame


def labels() -> dict[str, str]:
    """Channel key → the name shown in the reader's language."""
    lang = language()
    found: dict[str, str] = made(("labels", lang), lambda: channel_labels(channels(), lang))
    return found


def summary() -> Summary:
    """The account's totals. Shared: never change it."""
    found: Summary = made(("summary",), lambda: summarise(daily("day", "channel"), diagnosis().verdicts))
    return found


def today(found: Diagnosis) -> list[str]:
    """Up to three channels to decide today: costliest drop, nearest to the bar, largest keep."""
    chosen: list[str] = made(("today",), lambda: decide_today(found.verdicts, found.policy.roi_floor))
    return chosen


class _Kept:
    """The things made last, by folder, upload and what else makes them; never more than ``most``."""

    def __init__(self, most: int) -> None:
        self._kept: OrderedDict[tuple[str, ...], Any] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def get(self, key: tuple[str, ...]) -> Any:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: tuple[str, ...], made: Any) -> None:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, folder: str, upload: str) -> None:
        with self._lock:
            for key in [k for k in self._kept if k[:2] == (folder, upload)]:
                del self._kept[key]


@st.cache_resource(show_spinner=False)
def _reads() -> _Kept:
    return _Kept(48)


@st.cache_resource(show_spinner=False)
def _tables() -> _Kept:
    return _Kept(24)


@st.cache_resource(show_spinner=False)
def _works() -> _Kept:
    return _Kept(96)


def worked(key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """As ``made``, for long work that shows its progress on the page while it runs."""
    place = (state.current_folder(), str(ledger().version), repr(key))
    found = _works().get(place)
    if found is None:
        found = make()
        _works().put(place, found)
    return found


def worked_before(key: tuple[Any, ...]) -> Any:
    """What ``worked`` made of the key for this version; None while nobody asked for it."""
    return _works().get((state.current_folder(), str(ledger().version), repr(key)))


def tables(upload: str, name: str, content: Callable[[], bytes]) -> Unpacked:
    """The tables an upload holds: one, or those of an archive, a workbook, a report of several.

    Raises:
        ChannelOptError: the archive cannot be opened.
    """
    key = (state.current_folder(), upload)
    found: Unpacked | None = _tables().get(key)
    if found is None:
        found = look_inside(content(), name)
        _tables().put(key, found)
    return found


def read_upload(
    upload: str,
    name: str,
    content: Callable[[], bytes | Path],
    answers: dict[str, Any],
    on_step: Callable[[int, int], None] | None = None,
) -> Read:
    """One uploaded file, read once per set of answers; a large one is kept on disk, not in memory.

    Args:
        upload: the upload's own number.
        name: of the file.
        content: gives its bytes or its path; called only when it must be read.
        answers: as given on the page.
        on_step: told how far the reading is.

    Raises:
        ChannelOptError: the file cannot be used, or a column must be named first.
    """
    folder = state.current_folder()
    key = (folder, upload, name, json.dumps(answers, sort_keys=True))
    found: Read | None = _reads().get(key)
    if found is None:
        found = _ledger(folder).read(content(), name, answers=answers or None, on_step=on_step)
        _reads().put(key, found)
    return found


def forget_upload(upload: str) -> None:
    """Let go of an upload that was stored or taken back."""
    for kept in (_reads(), _tables()):
        kept.drop(state.current_folder(), upload)


@st.cache_resource(max_entries=24, show_spinner=False)
def _preview(folder: str, version: int, digest: str, answers: str, options: str, _read: Read) -> Commit:
    return _ledger(folder).preview(_read, **json.loads(options))


def preview(read: Read, options: dict[str, Any]) -> Commit:
    """What storing a file would change; worked out once per ledger version and set of answers."""
    source = ledger()
    answers = json.dumps(read.answers, sort_keys=True, default=str)
    wanted = json.dumps(options, sort_keys=True)
    return _preview(state.current_folder(), source.version, read.sha256, answers, wanted, read)
