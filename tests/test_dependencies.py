"""docs/dependencies.md tells of every direct dependency, at the version that is locked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| ([\w.-]+) \| ([\w.]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def names(file: str) -> list[str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [re.split(r"[=<>~!\[; ]", line)[0] for line in lines if re.match(r"[A-Za-z]", line)]


def locked() -> dict[str, str]:
    """Package -> version in the two lock files."""
    text = "\n".join((ROOT / f"requirements{kind}.txt").read_text(encoding="utf-8") for kind in ("", "-dev"))
    return dict(re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE))


def told() -> dict[str, str]:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    return {row[0]: row[1] for row in ROW.findall(page) if row[0] != "package"}


def test_every_direct_dependency_is_told_and_no_other() -> None:
    assert sorted(told()) == sorted(names("requirements.in") + names("requirements-dev.in"))


@pytest.mark.parametrize("name", names("requirements.in") + names("requirements-dev.in"))
def test_the_version_told_is_the_one_locked(name: str) -> None:
    assert told()[name] == locked()[name]


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_a_hash_and_no_index_is_named(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[\w.-]+(?:\[[^\]]*\])?==)", text)
    assert len(entries) > 10
    assert [e.splitlines()[0] for e in entries if "==" in e and "--hash=sha256:" not in e] == []
    assert not re.search(r"index-url|trusted-host|find-links|https?://", text)
