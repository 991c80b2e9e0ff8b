"""Print the list of modules from their docstrings; ``--write`` puts it into ARCHITECTURE.md."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "ARCHITECTURE.md"
START, END = "<!-- modules: make architecture -->", "<!-- end of modules -->"
PLACES = ("app.py", "pages", "channelopt", "data", "tools", "benchmarks")


def sources() -> list[Path]:
    """Every Python file of the house (tests apart), packages before their modules."""
    found: list[Path] = []
    for place in PLACES:
        path = ROOT / place
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            found += sorted(path.rglob("*.py"), key=in_order)
    return found


def in_order(path: Path) -> tuple[tuple[str, ...], bool, str]:
    """Sort key: folder by folder, the package itself first."""
    return path.parent.parts, path.name != "__init__.py", path.name


def summary(path: Path) -> str:
    """The first line of a module's docstring, without its full stop; "" when it has none."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0].strip().rstrip(".")


def listing() -> str:
    """One line per package and module: path, dash, what it is."""
    lines = []
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        if path.name == "__init__.py":
            name = name.removesuffix("__init__.py")
        lines.append(f"- `{name}` — {summary(path)}")
    return "\n".join(lines)


def written() -> str:
    """The list as it stands in ARCHITECTURE.md."""
    return PAGE.read_text(encoding="utf-8").partition(START)[2].partition(END)[0].strip()


def write() -> None:
    """Put the present list between the marks of ARCHITECTURE.md."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{START}\n\n{listing()}\n\n{END}{after}", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        write()
    print(listing())
