"""Imports run one way, and only what must import torch, streamlit or plotly does: over the syntax trees."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from cnnviz.lessons import LESSONS
from tests.helpers import PATIENCE, ROOT

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
SCREEN_LAYERS = ["core", "components", "shell", "lessons"]  # of cnnviz/ui, the lowest first

SCREEN = {"streamlit", "plotly"}  # only cnnviz/ui, pages, app.py and home.py may import these
LIGHT = [  # these open at once: no torch at module level, here or in what they import
    "cnnviz/__main__.py",
    "cnnviz/cli.py",
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


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


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


@cache
def all_imports(path: Path) -> frozenset[str]:
    """Every import in the file, those inside functions included."""
    return frozenset(name for node in ast.walk(tree(path)) for name in imported(node, path))


@cache
def imports_on_load(path: Path) -> frozenset[str]:
    """The imports that run on loading the file: not those in functions, not those for the type checker."""

    def visit(node: ast.AST) -> Iterator[str]:
        yield from imported(node, path)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            return
        for child in ast.iter_child_nodes(node):
            yield from visit(child)

    return frozenset(visit(tree(path)))


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


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_imports_run_one_way(path: Path) -> None:
    if path == ROOT / "cnnviz" / "__init__.py":
        return
    own = path.relative_to(ROOT / "cnnviz").parts[0].removesuffix(".py")
    assert own in LEVEL, f"cnnviz/{own} has no layer: give it its place in LAYERS of tests/test_imports.py"
    for name in all_imports(path):
        if name.startswith("cnnviz.") and (room := layer_name(name)) in LEVEL:
            assert room == own or LEVEL[room] < LEVEL[own], f"{relative(path)} imports {name}, which stands above it"


@pytest.mark.parametrize("path", sorted((ROOT / "cnnviz" / "ui").rglob("*/*.py")), ids=relative)
def test_the_screens_imports_run_one_way(path: Path) -> None:
    """In cnnviz/ui, too; and no lesson takes a part of another one."""
    own = path.relative_to(ROOT / "cnnviz" / "ui").parts
    for name in all_imports(path):
        _, room, *rest = [*name.split("."), "", ""]
        if room != "ui" or rest[0] not in SCREEN_LAYERS:
            continue
        assert SCREEN_LAYERS.index(rest[0]) <= SCREEN_LAYERS.index(own[0]), f"{relative(path)} imports {name}"
        if rest[0] == "lessons" and len(own) > 2 and (ROOT / "pages" / f"{rest[1]}.py").exists():
            assert rest[1] == own[1], f"{relative(path)} imports {name}, a part of another lesson"


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_only_the_screen_imports_the_screens_libraries(path: Path) -> None:
    if "ui" in path.relative_to(ROOT / "cnnviz").parts:
        return
    found = SCREEN & top(all_imports(path))
    assert not found, f"{relative(path)} imports {found}: that belongs into cnnviz/ui"


@pytest.mark.parametrize("path", [*PACKAGE, *APP], ids=relative)
def test_plotly_is_imported_in_one_place_once_a_figure_is_drawn(path: Path) -> None:
    assert "plotly" not in top(imports_on_load(path)), "import it inside the function that makes a figure"
    if relative(path) != "cnnviz/ui/lessons/plots.py":
        others = {name for name in all_imports(path) if name.startswith("plotly")} - TYPES
        assert not others, f"{relative(path)} imports {others}: cnnviz/ui/lessons/plots.py makes the figures"


@pytest.mark.parametrize("path", [*PACKAGE, *APP], ids=relative)
def test_nobody_imports_a_page(path: Path) -> None:
    assert not {"app", "pages"} & top(all_imports(path))


@pytest.mark.parametrize("name", LIGHT)
def test_light_modules_load_no_torch(name: str) -> None:
    found = HEAVY & top(loaded_by(ROOT / name))
    assert not found, f"loading {name} loads {found}: import it inside the function that needs it"


@pytest.mark.parametrize(
    "module",
    [
        "cnnviz.ops.arithmetic",
        "cnnviz.ops.windows",
        "cnnviz.links",
        "cnnviz.networks.names",
        "cnnviz.training.config",
        "cnnviz.lessons",
        "cnnviz.__main__",
        "cnnviz.cli",
    ],
)
def test_light_modules_load_no_torch_when_run(module: str) -> None:
    assert loaded_when_run(f"import {module}") & (HEAVY | SCREEN) == set()


def test_all_of_a_light_lesson_is_there_without_torch() -> None:
    slugs = [lesson.slug for lesson in LESSONS if lesson.light]
    script = (
        "from cnnviz import lessons\n"
        f"for lesson in map(lessons.find, {slugs!r}):\n"
        "    print(lesson.settings, lesson.exercises, lesson.challenges, lesson.prose)\n"
    )
    assert loaded_when_run(script) & (HEAVY | SCREEN) == set()


def loaded_when_run(script: str) -> set[str]:
    """The modules at top level that are loaded once a process of its own has run the script."""
    script += "\nimport sys; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return top(done.stderr.split())
