"""Collect every sentence to translate into the gettext catalogues, keeping what is translated.

Run ``python tools/translations.py`` after adding a sentence; ``--check`` only reports.
Sentences come from ``t("…")`` in ``pages/`` and from the ``MESSAGES`` of the library.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALES = ("zh_CN",)


def page_sentences() -> dict[str, list[tuple[str, int]]]:
    """Every constant first argument of ``t(...)`` in pages/, with where it stands."""
    found: dict[str, list[tuple[str, int]]] = {}
    for path in sorted((ROOT / "pages").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t"
            if named and node.args and isinstance(node.args[0], ast.Constant):
                where = (path.relative_to(ROOT).as_posix(), 0)
                found.setdefault(str(node.args[0].value), []).append(where)
    return found


def library_sentences() -> dict[str, list[tuple[str, int]]]:
    """Every message template of the library."""
    sys.path.insert(0, str(ROOT))
    from channelopt.messages import TEMPLATES

    found: dict[str, list[tuple[str, int]]] = {}
    for code, text in TEMPLATES.items():
        found.setdefault(text, []).append((code, 0))
    return found


def sentences() -> dict[str, list[tuple[str, int]]]:
    """All sentences a reader may see."""
    return {**library_sentences(), **page_sentences()}


def path_of(locale: str) -> Path:
    """The catalogue of a locale."""
    return ROOT / "locales" / locale / "LC_MESSAGES" / "channelopt.po"


def merged(locale: str) -> Catalog:
    """The catalogue with today's sentences; translations kept, vanished sentences gone."""
    path = path_of(locale)
    old = Catalog(locale=locale)
    if path.is_file():
        with path.open("rb") as file:
            old = read_po(file, locale=locale)
    fresh = Catalog(locale=locale, project="channelopt", charset="utf-8", fuzzy=False)
    for source, places in sentences().items():
        before = old.get(source)
        fresh.add(source, before.string if before else "", locations=sorted(set(places)))
    return fresh


def untranslated(locale: str) -> list[str]:
    """Sentences without a translation."""
    return [str(m.id) for m in merged(locale) if m.id and not m.string]


def main() -> int:
    """Update the catalogues, or with ``--check`` fail when one is incomplete."""
    missing = 0
    for locale in LOCALES:
        if "--check" not in sys.argv:
            catalogue = merged(locale)  # before the file is opened, which empties it
            path_of(locale).parent.mkdir(parents=True, exist_ok=True)
            with path_of(locale).open("wb") as file:
                write_po(
                    file, catalogue, sort_output=True, omit_header=False, include_lineno=False, width=100
                )
        lacking = untranslated(locale)
        missing += len(lacking)
        print(f"{locale}: {len(lacking)} untranslated")
        for source in lacking:
            print("  " + source)
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
