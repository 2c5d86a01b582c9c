"""Doors: what is inner begins with `_` and stays in its module (a test may look into what it tests); what is public is
used elsewhere; a package says in `__all__` what it offers. Over the syntax trees."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.helpers import ROOT

FOLDERS = ("cnnviz", "pages", "bench", "harness", "tests", "checkpoints", "deploy")
FILES = sorted(
    [ROOT / "app.py", ROOT / "home.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]
)
PACKAGE = [path for path in FILES if path.is_relative_to(ROOT / "cnnviz")]
# asked for by name, as what a lesson's exercises.py may have, and what a page asks a helper to do
BY_NAME = {
    "lessons": {"cell", "outputs"},
    "__main__.py": {"run"},
    "scheduler.py": {"Executor"},
}
# an exported script takes these over as they stand
TAKEN_OVER = ("cnnviz/networks/zoo/", "cnnviz/training/augmentation.py")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


OWN_WORDS = [path for path in PACKAGE if not relative(path).startswith(TAKEN_OVER)]


def dotted(path: Path) -> str:
    """The name by which it is imported."""
    return relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {dotted(path): path for path in FILES}
APP = [path for path in FILES if not path.is_relative_to(ROOT / "tests")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def taken(path: Path) -> Iterator[tuple[str, str]]:
    """Each name that the file takes from a module of ours, by import or as an attribute of an imported module."""
    modules: dict[str, str] = {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.module, alias.name
                if f"{node.module}.{alias.name}" in MODULES:
                    modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in MODULES}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute):
            module = named(node.value, modules)
            if module in MODULES:
                yield module, node.attr


def named(node: ast.expr, modules: dict[str, str]) -> str:
    """The dotted name that an expression is, its first part by what was imported under it; '' for any other."""
    if isinstance(node, ast.Name):
        return modules.get(node.id, node.id)
    before = named(node.value, modules) if isinstance(node, ast.Attribute) else ""
    return f"{before}.{node.attr}" if before and isinstance(node, ast.Attribute) else ""


def is_inner(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@pytest.mark.parametrize("path", APP, ids=relative)
def test_no_inner_name_crosses_a_module(path: Path) -> None:
    found = [f"{module}.{name}" for module, name in taken(path) if module in MODULES and is_inner(name)]
    assert not found, f"{relative(path)} reaches into {', '.join(found)}: what others need has no underscore"


@cache
def used() -> dict[str, set[str]]:
    """By module, the names that other files take from it, by import or as an attribute."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in FILES:
        for module, name in taken(path):
            found[module].add(name)
    return found


@cache
def texts() -> dict[Path, set[str]]:
    """By file, the words of its scripts and of what it asks for or patches by name."""
    found: dict[Path, set[str]] = defaultdict(set)
    for path in FILES:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and re.search("(import|from) cnnviz", str(node.value)):
                found[path].update(re.findall(r"\w+", str(node.value)))
            elif isinstance(node, ast.Call) and called(node).endswith("attr"):  # setattr, getattr, hasattr
                found[path].update(str(one.value) for one in node.args if isinstance(one, ast.Constant))
    return found


def called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))


def offered(path: Path) -> set[str]:
    """What its `__all__` names."""
    for node in tree(path).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def annotated(path: Path) -> set[str]:
    """The words of the annotations of its public functions and of its classes' fields: their types are public, too."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef) and not is_inner(node.name):
            notes = [node.returns, *(one.annotation for one in (*node.args.args, *node.args.kwonlyargs))]
        elif isinstance(node, ast.AnnAssign):
            notes = [node.annotation]
        else:
            continue
        found |= {word for one in notes if one for word in re.findall(r"\w+", ast.unparse(one))}
    return found


@pytest.mark.parametrize("path", OWN_WORDS, ids=relative)
def test_what_is_public_is_used_elsewhere(path: Path) -> None:
    by_name = {name for folder, names in BY_NAME.items() if folder in path.parts for name in names}
    known = used()[dotted(path)] | offered(path) | annotated(path) | by_name
    known |= {word for other, words in texts().items() if other != path for word in words}
    public = [
        node.name
        for node in tree(path).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    ]
    if path.name == "settings.py":  # the class that a lesson finds there
        known |= {node.name for node in tree(path).body if isinstance(node, ast.ClassDef)}
    alone = sorted({*public} - known)
    assert not alone, f"{relative(path)}: {', '.join(alone)} are used there alone; they begin with an underscore"


ROOMS = sorted(path for path in (ROOT / "cnnviz").glob("*/__init__.py") if tree(path).body[1:])
PACKAGES = sorted({*ROOMS, *(path for path in PACKAGE if path.name == "__init__.py" and offered(path))})


@pytest.mark.parametrize("path", ROOMS, ids=relative)
def test_a_room_says_what_it_offers(path: Path) -> None:
    assert offered(path)


@pytest.mark.parametrize("path", PACKAGES, ids=relative)
def test_what_a_package_offers_is_there(path: Path) -> None:
    bound: set[str] = set()
    for node in tree(path).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound |= {word for target in targets for word in re.findall(r"\w+", ast.unparse(target))}
    public = {node.name for node in tree(path).body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    assert offered(path) <= bound
    assert {name for name in public if not name.startswith("_")} <= offered(path)
