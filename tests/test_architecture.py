"""The house keeps its shape: imports go one way, pages stay thin, the map is true."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = sorted((ROOT / "channelopt").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
APP = [ROOT / "app.py", *PAGES, *LIBRARY]

#: From the ground up; names on one line are siblings and do not import each other.
LADDER = (
    ("errors",),
    ("fields",),
    ("policy",),
    ("intake",),
    ("ledger",),
    ("measure",),
    ("experiments", "response"),
    ("plan",),
    ("watch", "vendors"),
    ("charts", "report"),
    ("demo",),
    ("files",),
    ("handover", "inbox"),
    ("messages",),
    ("cli",),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LADDER) for name in names}
HEAVY = {"pandas", "numpy", "duckdb", "scipy", "statsmodels", "polars", "pyarrow"}
FOREIGN = re.compile(r"(?i)\b(?:https?|wss?)://(?!(?:127\.0\.0\.1|localhost)(?![\w.-]))[\w\[]\S*")
DICT_METHODS = {"get", "pop", "setdefault", "update", "clear", "keys", "items", "values", "to_dict"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path, module: ast.Module | None = None) -> set[str]:
    """Dotted names a file imports, relative ones made absolute, ``from a import b`` as a and a.b."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    found: set[str] = set()
    for node in ast.walk(module or tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(parts[: len(parts) - node.level]) if node.level else ""
            base = ".".join(filter(None, (base, node.module or "")))
            found |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return found


def tops(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imported(path)}


def own_part(path: Path) -> str:
    """Which rung of the ladder a library file belongs to."""
    return path.relative_to(ROOT / "channelopt").with_suffix("").parts[0]


def climbs(path: Path, module: ast.Module | None = None) -> Iterator[str]:
    """Imports of a library file that do not go down the ladder."""
    part = own_part(path)
    if part == "__init__":
        return
    for name in sorted(imported(path, module)):
        pieces = name.split(".")
        if pieces[0] != "channelopt":
            continue
        other = pieces[1] if len(pieces) > 1 else ""
        if other not in LEVEL and name != "channelopt":
            yield f"{name_of(path)} takes {name} from the top of the package"
        elif other and other != part and LEVEL[other] >= LEVEL[part]:
            yield f"{name_of(path)} imports {name}"


def test_every_part_of_the_library_has_a_rung() -> None:
    assert {own_part(p) for p in LIBRARY} - {"__init__"} <= set(LEVEL)


def test_imports_go_down_the_ladder() -> None:
    assert [fault for path in LIBRARY for fault in climbs(path)] == []


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("intake/x.py", "from channelopt.ledger import Ledger"),
        ("intake/x.py", "from channelopt import ledger"),
        ("intake/x.py", "from ..plan import gates"),
        ("charts/x.py", "import channelopt.report.tables"),
        ("plan/x.py", "from channelopt import Policy"),
        ("errors.py", "from channelopt.policy import Policy"),
    ],
)
def test_the_ladder_test_can_fail(place: str, line: str) -> None:
    assert list(climbs(ROOT / "channelopt" / place, ast.parse(line)))


def test_the_library_knows_no_browser() -> None:
    for path in LIBRARY:
        assert not tops(path) & {"streamlit", "pages", "app", "tests"}, name_of(path)


def test_page_scripts_read_call_and_show() -> None:
    scripts = [p for p in PAGES if p.parent == ROOT / "pages"]
    assert scripts
    for path in scripts:
        assert not tops(path) & HEAVY, f"{name_of(path)} computes: move it into channelopt/"
        tries = [n for n in ast.walk(tree(path)) if isinstance(n, (ast.Try, ast.TryStar))]
        assert not tries, f"{name_of(path)} catches errors: pages/frame.py shows them"


def session_keys(module: ast.Module) -> Iterator[str]:
    """Session-state keys that are written out as text."""

    def is_state(node: ast.AST) -> bool:
        return isinstance(node, ast.Attribute) and node.attr == "session_state"

    def text(node: ast.AST) -> bool:
        return isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        )

    def written_out(node: ast.AST) -> bool:
        match node:
            case ast.Subscript(value=state, slice=key) | ast.Compare(left=key, comparators=[state]):
                return is_state(state) and text(key)
            case ast.Call(func=ast.Attribute(value=state), args=[key, *_]):
                return is_state(state) and text(key)
            case ast.Attribute(value=state, attr=name):
                return is_state(state) and name not in DICT_METHODS
        return False

    yield from (ast.unparse(node) for node in ast.walk(module) if written_out(node))


def test_session_keys_are_named_in_one_place() -> None:
    for path in APP:
        if name_of(path) != "pages/parts/state.py":
            assert list(session_keys(tree(path))) == [], name_of(path)


@pytest.mark.parametrize(
    "line",
    [
        "st.session_state['a']",
        "st.session_state[f'a{b}'] = 1",
        "st.session_state.a = 1",
        "'a' in st.session_state",
        "st.session_state.get('a')",
        "st.session_state.pop('a', None)",
    ],
)
def test_the_session_key_test_can_fail(line: str) -> None:
    assert list(session_keys(ast.parse(line)))


def test_caches_stand_in_one_place() -> None:
    for path in APP:
        if name_of(path) == "pages/parts/cache.py":
            continue
        names = {n.attr for n in ast.walk(tree(path)) if isinstance(n, ast.Attribute)}
        names |= {name.rpartition(".")[2] for name in imported(path)}
        assert not {"cache_data", "cache_resource"} & names, name_of(path)


def foreign_hosts(text: str) -> Iterator[str]:
    """Addresses of other machines, except in a docstring's paragraph that starts with "Source:"."""
    in_source = False
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("Source:"):
            in_source = True
        elif not bare or '"""' in bare:
            in_source = False
        if not in_source:
            yield from FOREIGN.findall(line)


def test_no_argument_streamlit_has_given_up() -> None:
    for path in PAGES:  # Streamlit only logs these, so that no warning filter sees them
        used = {k.arg for n in ast.walk(tree(path)) if isinstance(n, ast.Call) for k in n.keywords}
        assert not used & {"use_container_width", "use_column_width"}, name_of(path)


def test_the_app_calls_no_other_machine() -> None:
    for path in APP:
        assert list(foreign_hosts(path.read_text(encoding="utf-8"))) == [], name_of(path)


def test_the_host_test_can_fail() -> None:
    assert list(foreign_hosts('url = "https://example.org/x"')) == ['https://example.org/x"']
    assert list(foreign_hosts('url = "http://127.0.0.1.example.org"')) != []
    assert list(foreign_hosts('"""A.\n\nSource: book, https://example.org\n"""')) == []
    assert list(foreign_hosts('"""A.\n\nSource: book\n\nhttps://example.org"""')) != []


def test_the_map_is_true() -> None:
    spec = importlib.util.spec_from_file_location("tools_architecture", ROOT / "tools" / "architecture.py")
    assert spec and spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.written().splitlines() == tool.listing().splitlines(), "run: make architecture"
    assert [line for line in tool.listing().splitlines() if line.endswith("— ")] == [], "no docstring"
