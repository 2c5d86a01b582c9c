"""What a component is in the browser, read from its folder: its markup, its stylesheet and its ES modules.

A component `<name>` has `<name>.js`, which exports `mount`, and perhaps `<name>.html` and `<name>.css`. What it shares
with others each file says itself, by a path relative to it: a script by `import { x } from "../numbers.js";`, a
stylesheet by `@import "../save.css";` at its top, markup by `<!-- include ../save.html -->`. Nothing outside of
cnnviz/ui is read. There is no build step: a server puts all modules into one file, each as it is but for how it names
others (`bundle`).
"""

import hashlib
import json
import os
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cnnviz.ui.core import theme

UI = Path(__file__).resolve().parents[1]
BASE = "core/base.css"  # what every stylesheet starts from, after the colours of the roles

_IMPORT = re.compile(r'^import \{[^{}]*\} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) (\w+))", re.MULTILINE)
_ANY_EXPORT = re.compile(r"^\s*export\b", re.MULTILINE)
_ANY_IMPORT = re.compile(r"^\s*import\b|\bimport\s*\(|^\s*export\b.*\bfrom\s*[\"']", re.MULTILINE)
_RENAMED = re.compile(r" as ")
_STYLES = re.compile(r'\A(?:@import "[^"]+";\n)*')
_MARKUP = re.compile(r"<!-- include (\S+) -->")


@dataclass(frozen=True)
class Assets:
    """All that a component is in the browser. `modules` are ES modules, each its path and its source, which names
    others relative to that path; the one at `main` exports `mount`."""

    name: str
    html: str
    css: str
    main: str
    modules: tuple[tuple[str, str], ...]


def read(init_file: str) -> Assets:
    """The component whose __init__.py is `init_file`. Raises ValueError, with the file's name, where one of its files
    names another that is not there or lies outside of cnnviz/ui, and where it does so in any other form than above."""
    folder = Path(init_file).resolve().parent
    stem = f"{_place(folder)}/{folder.name}"
    html, css = ([path] if (UI / path).is_file() else [] for path in (f"{stem}.html", f"{stem}.css"))
    return Assets(
        name=folder.name,
        html="".join(map(_markup, html)),
        css=theme.css() + _styles(BASE, *css),
        main=f"{stem}.js",
        modules=tuple(modules(f"{stem}.js").items()),
    )


def _markup(path: str) -> str:
    """The markup at `path`, relative to cnnviz/ui, with what it includes. Raises ValueError as `read` does."""
    return _MARKUP.sub(lambda found: _markup(_target(path, found[1])).strip(), _text(path))


def _styles(*paths: str) -> str:
    """The stylesheets at `paths` as one: each after those that it imports, and each once. Raises ValueError as `read`
    does."""
    sheets = _collected(paths, _styles_imported)
    return "".join(_STYLES.sub("", sheet) for sheet in sheets.values())


def _styles_imported(path: str, sheet: str) -> list[str]:
    if "@import" in _STYLES.sub("", sheet):
        raise ValueError(f'{path}: an @import is a line at the top of the form @import "../save.css";')
    return [_target(path, name) for name in re.findall(r'@import "([^"]+)";', sheet)]


def modules(*paths: str) -> dict[str, str]:
    """The modules at `paths` and all that they import, by their paths; what is imported comes first. Raises ValueError
    as `read` does, and where a module imports itself by way of others."""
    return _collected(paths, _modules_imported)


def _modules_imported(path: str, source: str) -> list[str]:
    names = _IMPORT.findall(source)
    if len(_ANY_IMPORT.findall(source)) > len(names):
        raise ValueError(f'{path}: an import is a line of the form import {{ short }} from "../numbers.js";')
    return [_target(path, name) for name in names]


def _collected(paths: tuple[str, ...], imported: Callable[[str, str], list[str]]) -> dict[str, str]:
    """The texts at `paths` and of all that they import, by their paths; what is imported comes first."""
    found: dict[str, str] = {}

    def collect(path: str, importing: tuple[str, ...]) -> None:
        if path in importing:
            raise ValueError(f"{path}: imports itself by way of {importing[-1]}")
        if path in found:
            return
        text = _text(path)
        for target in imported(path, text):
            collect(target, (*importing, path))
        found[path] = text

    for path in paths:
        collect(path, ())
    return found


def with_bare_names(path: str, source: str, prefix: str) -> str:
    """The module at `path` as an import map wants it: in its imports `prefix` and a path in cnnviz/ui in place of a
    path relative to it."""
    return _IMPORT.sub(lambda line: line[0].replace(f'"{line[1]}"', f'"{prefix}{_target(path, line[1])}"'), source)


def bundle(modules: Mapping[str, str]) -> str:
    """The modules at their paths as one, whose `use(path)` gives what the one at `path` exports: a browser far away
    asks for it once, and not for each. A module runs when it is used first, and once. Raises ValueError, with the
    module's path, where one exports in any other form than `export const` and `export function`, or names one that is
    not among them."""
    bodies = {path: _as_function(path, source, modules) for path, source in modules.items()}
    return _BUNDLE % "".join(f"{json.dumps(path)}: () => {{\n{body}}},\n" for path, body in bodies.items())


_BUNDLE = """// The files of cnnviz/ui, each as it is but for how it names others.
const used = {};
const modules = {
%s};

export const use = (path) => (used[path] ??= modules[path]());
"""


def _as_function(path: str, source: str, modules: Mapping[str, str]) -> str:
    """The body of a function that gives what the module exports."""
    exported = _EXPORT.findall(source)
    if len(_ANY_EXPORT.findall(source)) > len(exported):
        raise ValueError(f"{path}: an export is a line that begins with export const or export function")

    def used(line: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), line[1]))
        if target not in modules:
            raise ValueError(f"{path}: there is no {target} among {len(modules)} modules")
        names = line[0].partition("}")[0].removeprefix("import {")
        return f"const {{{_RENAMED.sub(': ', names)}}} = use({json.dumps(target)});"

    return f"{_EXPORT.sub('', _IMPORT.sub(used, source))}return {{ {', '.join(exported)} }};\n"


@cache
def all_modules() -> Mapping[str, str]:
    """Every module of cnnviz/ui by its path."""
    return _files(".js")


@cache
def digest() -> str:
    """A short hash of all that the components of cnnviz/ui are in the browser."""
    return hashed(*(part for file in _files(".js", ".css", ".html").items() for part in file))


def hashed(*texts: str) -> str:
    """A short hash of texts in their order."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _files(*kinds: str) -> dict[str, str]:
    return {_place(path): _text(_place(path)) for path in sorted(UI.rglob("*")) if path.suffix in kinds}


def _text(path: str) -> str:
    return (UI / path).read_text(encoding="utf-8")


def _target(path: str, name: str) -> str:
    """The file that the one at `path` calls `name`."""
    found = Path(os.path.normpath((UI / path).parent / name))
    if not name.startswith(("./", "../")) or not found.is_relative_to(UI) or not found.is_file():
        raise ValueError(f"{path}: there is no {name!r} in cnnviz/ui; a path begins with ./ or ../")
    return _place(found)


def _place(path: Path) -> str:
    return path.relative_to(UI).as_posix()
