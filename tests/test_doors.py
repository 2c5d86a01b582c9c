"""Doors: what is inner begins with `_` and stays in its module (a test may look into what it tests); what is public is
used elsewhere; a package says in `__all__` what it offers. Over the syntax trees."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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
TAKEN_OVER = (
    "cnnviz/networks/zoo/",
    *(f"cnnviz/training/{name}.py" for name in ("augmentation", "initialisation", "losses")),
)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


OWN_WORDS = [path for path in PACKAGE if not relative(path).startswith(TAKEN_OVER)]


def dotted(path: Path) -> str:
    """The name by which it is imported."""
    return relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


MODULES = {dotted(path): path for path in FILES}
APP = [path for path in FILES if not path.is_relative_to(ROOT / "tests")]


@dataclass(frozen=True)
class Read:
    """What a file says, without its syntax tree: all of them would take memory for the rest of the session."""

    taken: frozenset[tuple[str, str]]  # each name that it takes from a module: see `taken`
    texts: frozenset[str]  # see `texts`
    offered: frozenset[str]  # what its `__all__` names
    annotated: frozenset[str]  # see `annotated`
    defined: frozenset[str]  # its functions and classes
    classes: frozenset[str]  # among them
    bound: frozenset[str]  # every name at module level
    statements: int


@cache
def read(path: Path) -> Read:
    module = ast.parse(path.read_text(encoding="utf-8"), str(path))
    nodes = list(ast.walk(module))
    return Read(
        frozenset(taken(nodes)),
        frozenset(texts(nodes)),
        frozenset(offered(module.body)),
        frozenset(annotated(nodes)),
        frozenset(node.name for node in module.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))),
        frozenset(node.name for node in module.body if isinstance(node, ast.ClassDef)),
        frozenset(bound(module.body)),
        len(module.body),
    )


def taken(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    """Each name that a file takes from a module of ours, by import or as an attribute of an imported module."""
    modules: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.module, alias.name
                if f"{node.module}.{alias.name}" in MODULES:
                    modules[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in MODULES}
    for node in nodes:
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


def texts(nodes: list[ast.AST]) -> Iterator[str]:
    """The words of a file's scripts and of what it asks for or patches by name."""
    for node in nodes:
        if isinstance(node, ast.Constant) and re.search("(import|from) cnnviz", str(node.value)):
            yield from re.findall(r"\w+", str(node.value))
        elif isinstance(node, ast.Call) and called(node).endswith("attr"):  # setattr, getattr, hasattr
            yield from (str(one.value) for one in node.args if isinstance(one, ast.Constant))


def called(node: ast.Call) -> str:
    """The last part of the name of what is called."""
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))


def offered(body: list[ast.stmt]) -> set[str]:
    """What a module's `__all__` names."""
    for node in body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return set()


def annotated(nodes: list[ast.AST]) -> Iterator[str]:
    """The words of the annotations of public functions and of classes' fields: their types are public, too."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef) and not is_inner(node.name):
            notes = [node.returns, *(one.annotation for one in (*node.args.args, *node.args.kwonlyargs))]
        elif isinstance(node, ast.AnnAssign):
            notes = [node.annotation]
        else:
            continue
        for one in filter(None, notes):
            yield from re.findall(r"\w+", ast.unparse(one))


def bound(body: list[ast.stmt]) -> Iterator[str]:
    """Every name at module level."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in node.names)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (word for target in targets for word in re.findall(r"\w+", ast.unparse(target)))


def is_inner(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def inner_of_others(path: Path) -> set[str]:
    """What a file takes of a module's inner names."""
    return {f"{module}.{name}" for module, name in read(path).taken if module in MODULES and is_inner(name)}


def test_no_inner_name_crosses_a_module() -> None:
    found = {relative(path): inner_of_others(path) for path in APP if inner_of_others(path)}
    assert not found, f"what others need has no underscore: {found}"


@cache
def used() -> dict[str, set[str]]:
    """By module, the names that other files take from it, by import or as an attribute."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in FILES:
        for module, name in read(path).taken:
            found[module].add(name)
    return found


@cache
def told() -> Counter[str]:
    """The words of all files' scripts and of what they ask for by name: in how many files each stands."""
    return Counter(word for path in FILES for word in read(path).texts)


def alone(path: Path) -> set[str]:
    """What is public in a file and used in no other."""
    own, names = read(path), used()[dotted(path)]
    by_name = {name for folder, known in BY_NAME.items() if folder in path.parts for name in known}
    by_name |= own.classes if path.name == "settings.py" else set()  # the class that a lesson finds there
    public = {name for name in own.defined if not name.startswith("_")}
    return {
        name
        for name in public - names - own.offered - own.annotated - by_name
        if told()[name] == (name in own.texts)  # it stands in no other file
    }


def test_what_is_public_is_used_elsewhere() -> None:
    found = {relative(path): alone(path) for path in OWN_WORDS if alone(path)}
    assert not found, f"what is used in its file alone begins with an underscore: {found}"


ROOMS = sorted((ROOT / "cnnviz").glob("*/__init__.py"))


def test_a_room_says_what_it_offers() -> None:
    assert [relative(path) for path in ROOMS if read(path).statements > 1 and not read(path).offered] == []


def test_what_a_package_offers_is_there() -> None:
    for path in (path for path in PACKAGE if path.name == "__init__.py" and (path in ROOMS or read(path).offered)):
        public = {name for name in read(path).defined if not name.startswith("_")}
        assert public <= read(path).offered <= read(path).bound, relative(path)
