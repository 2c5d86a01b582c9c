"""Imports run one way, and only what must import torch, streamlit or plotly does: over the syntax trees. What then is
loaded is seen in tests/test_alone.py."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

from cnnviz.lessons import LESSONS
from tests.helpers import ROOT

# Every room of cnnviz, lowest layer first: a room imports from those above it in this list, never from one beside or
# below it. A new room gets its place here.
LAYERS: list[set[str]] = [
    {"ops", "links"},
    {"data", "networks"},
    {"tracing"},
    {"interpret", "inference", "training"},
    {"runs"},
    {"server"},
    {"lessons"},
    {"ui"},
    {"cli"},  # above the screen, for it opens the app
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}
SCREEN_LAYERS = ["core", "components", "notebook", "shell", "lessons", "labs"]  # of cnnviz/ui, the lowest first

SCREEN = {"streamlit", "plotly"}  # only cnnviz/ui, pages, app.py and home.py may import these
LIGHT = [  # these open at once: no torch at module level, here or in what they import
    "cnnviz/__main__.py",
    "cnnviz/cli.py",
    "cnnviz/server/uncompiled.py",
    "cnnviz/networks/names.py",
    "cnnviz/training/config.py",
    "cnnviz/training/events.py",
    "cnnviz/ops/arithmetic.py",
    "cnnviz/ops/windows.py",
    "cnnviz/ops/receptive_field.py",
    "cnnviz/links/fields.py",
    "cnnviz/links/locks.py",
    "cnnviz/lessons/__init__.py",
    *(f"cnnviz/lessons/common/{path.name}" for path in (ROOT / "cnnviz" / "lessons" / "common").glob("*.py")),
    "cnnviz/ui/shell/page.py",
    "home.py",
    *(f"pages/{lesson.slug}.py" for lesson in LESSONS if lesson.light),
]
HEAVY = {"torch", "torchvision"}
TYPES = {"plotly.graph_objects", "plotly.graph_objects.Figure"}  # named in annotations, for the type checker alone

PACKAGE = sorted((ROOT / "cnnviz").rglob("*.py"))
APP = sorted([ROOT / "app.py", ROOT / "home.py", *(ROOT / "pages").glob("*.py")])


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(node: ast.AST, path: Path) -> Iterator[str]:
    """The dotted names that an import statement in `path` may load; a submodule and a name look alike."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        package = path.relative_to(ROOT).parent.parts[: -node.level + 1 or None] if node.level else ()
        base = ".".join([*package, *([node.module] if node.module else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)


def all_imports(path: Path) -> frozenset[str]:
    """Every import in the file, those inside functions included."""
    return imports(path)[0]


def imports_on_load(path: Path) -> frozenset[str]:
    """The imports that run on loading the file: not those in functions, not those for the type checker."""
    return imports(path)[1]


@cache
def imports(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """All imports of a file, and those that run on loading it."""
    found: tuple[set[str], set[str]] = set(), set()

    def visit(node: ast.AST, on_load: bool) -> None:
        for name in imported(node, path):
            found[0].add(name)
            if on_load:
                found[1].add(name)
        inside = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        typed = isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
        for child in ast.iter_child_nodes(node):
            visit(child, on_load and not inside and not typed)

    visit(ast.parse(path.read_text(encoding="utf-8"), str(path)), True)
    return frozenset(found[0]), frozenset(found[1])


def module_file(name: str) -> Path | None:
    """The file of one of our own modules: cnnviz.networks.zoo -> cnnviz/networks/zoo/__init__.py."""
    stem = ROOT.joinpath(*name.split("."))
    found = [file for file in (stem.with_suffix(".py"), stem / "__init__.py") if file.exists()]
    return found[0] if name.split(".")[0] == "cnnviz" and found else None


def loaded_by(path: Path) -> set[str]:
    """Everything that loading the file loads, through our own modules; packages' __init__ included."""
    names: set[str] = set()
    waiting = set(imports_on_load(path))
    while waiting:
        name = waiting.pop()
        if name in names:
            continue
        names.add(name)
        waiting.update({name.rpartition(".")[0]} - {""})
        if file := module_file(name):
            waiting |= imports_on_load(file)
    return names


def top(names: Iterable[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def layer_name(dotted: str) -> str:
    """cnnviz.networks.zoo.lenet -> networks."""
    return dotted.split(".")[1]


def complaints(rule: Callable[[Path], Iterator[str]], paths: Iterable[Path]) -> str:
    """What a rule has to say of these files, a line each."""
    return "\n".join(f"{relative(path)} {found}" for path in paths for found in rule(path))


def upward(path: Path) -> Iterator[str]:
    """Imports of rooms that stand above."""
    own = path.relative_to(ROOT / "cnnviz").parts[0].removesuffix(".py")
    if own not in LEVEL:
        yield f"has no layer: give cnnviz/{own} its place in LAYERS of tests/test_imports.py"
        return
    for name in all_imports(path):
        room = layer_name(name) if name.startswith("cnnviz.") else ""
        if room in LEVEL and room != own and LEVEL[room] >= LEVEL[own]:
            yield f"imports {name}, which stands above it"


def test_imports_run_one_way() -> None:
    found = complaints(upward, [path for path in PACKAGE if path != ROOT / "cnnviz" / "__init__.py"])
    assert not found, found


def upward_on_the_screen(path: Path) -> Iterator[str]:
    """Of cnnviz/ui: imports of what stands above, and of a part of another lesson."""
    own = path.relative_to(ROOT / "cnnviz" / "ui").parts
    for name in all_imports(path):
        _, room, *rest = [*name.split("."), "", ""]
        if room != "ui" or rest[0] not in SCREEN_LAYERS:
            continue
        if SCREEN_LAYERS.index(rest[0]) > SCREEN_LAYERS.index(own[0]):
            yield f"imports {name}"
        if rest[0] == "lessons" and len(own) > 2 and (ROOT / "pages" / f"{rest[1]}.py").exists() and rest[1] != own[1]:
            yield f"imports {name}, a part of another lesson"


def test_the_screens_imports_run_one_way() -> None:
    """In cnnviz/ui, too; and no lesson takes a part of another one."""
    found = complaints(upward_on_the_screen, sorted((ROOT / "cnnviz" / "ui").rglob("*/*.py")))
    assert not found, found


def screens_libraries(path: Path) -> Iterator[str]:
    """Imports of what only the screen may import."""
    if names := SCREEN & top(all_imports(path)):
        yield f"imports {names}: that belongs into cnnviz/ui"


def test_only_the_screen_imports_the_screens_libraries() -> None:
    found = complaints(screens_libraries, [path for path in PACKAGE if "ui" not in path.relative_to(ROOT).parts])
    assert not found, found


def plotly(path: Path) -> Iterator[str]:
    """Imports of plotly on loading, or in another place than the one for it."""
    if "plotly" in top(imports_on_load(path)):
        yield "loads plotly: import it inside the function that makes a figure"
    others = {name for name in all_imports(path) if name.startswith("plotly")} - TYPES
    if others and relative(path) != "cnnviz/ui/lessons/plots.py":
        yield f"imports {others}: cnnviz/ui/lessons/plots.py makes the figures"


def test_plotly_is_imported_in_one_place_once_a_figure_is_drawn() -> None:
    found = complaints(plotly, [*PACKAGE, *APP])
    assert not found, found


def pages(path: Path) -> Iterator[str]:
    """Imports of pages."""
    if names := {"app", "pages"} & top(all_imports(path)):
        yield f"imports {names}"


def test_nobody_imports_a_page() -> None:
    found = complaints(pages, [*PACKAGE, *APP])
    assert not found, found


def heavy(path: Path) -> Iterator[str]:
    """What loading it loads of what is heavy."""
    if names := HEAVY & top(loaded_by(path)):
        yield f"loads {names}: import it inside the function that needs it"


def test_light_modules_load_no_torch() -> None:
    found = complaints(heavy, [ROOT / name for name in LIGHT])
    assert not found, found
