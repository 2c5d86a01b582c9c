"""A definition of this package with all that it needs, as the text of a script that imports nothing of the package."""

import ast
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType

PACKAGE = __name__.partition(".")[0]
REGISTERING = "register"  # the decorator that enters a network into the zoo
Import = ast.Import | ast.ImportFrom


@dataclass
class Sources:
    """Definitions by their names, each after those that it uses, and the names that they import from elsewhere.

    `imports` maps a module to the names taken from it; '' stands for the module itself.
    """

    definitions: dict[str, str] = field(default_factory=dict)
    imports: dict[str, set[str]] = field(default_factory=dict)

    def add(self, module: ModuleType, name: str) -> None:
        """Adds the definition of that name in a module, and before it what it uses. A name is added once."""
        text = inspect.getsource(module)
        at_hand = dict(_top_level(ast.parse(text)))
        node = at_hand[name]
        if isinstance(node, Import):
            self.follow(node, name)
        elif name not in self.definitions:
            for used in sorted(_free_names(node) & at_hand.keys() - {name}):
                self.add(module, used)
            self.definitions[name] = _segment(text, node)

    def follow(self, node: Import, name: str) -> None:
        """Adds what an import brings: the definition where it is the package's own, otherwise the import."""
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            self.add(import_module(str(node.module)), name)
        elif isinstance(node, ast.ImportFrom):
            self.need(str(node.module), name)
        else:
            self.need(ast.unparse(next(alias for alias in node.names if name in (alias.asname, alias.name))))

    def need(self, module: str, *names: str) -> None:
        """Notes an import: of names from a module, or of the module ('torch.nn.functional as F')."""
        self.imports.setdefault(module, set()).update(names or ("",))

    def need_as(self, line: str) -> None:
        """Notes an import as its line says it: `import math`, `from torch import nn`."""
        words = line.split()
        if words[0] == "import":
            self.need(" ".join(words[1:]))
        else:
            self.need(words[1], " ".join(words[3:]))

    def constants(self) -> list[str]:
        """The definitions of one line, each once: some define two names."""
        return [text for text in dict.fromkeys(self.definitions.values()) if not _is_block(text)]

    def blocks(self) -> list[str]:
        """The functions and classes."""
        return [text for text in self.definitions.values() if _is_block(text)]

    def head(self) -> str:
        """The import statements: Python's own library, then the others."""
        lines: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
        for module, names in self.imports.items():
            own = module.partition(" ")[0].partition(".")[0] in sys.stdlib_module_names
            if "" in names:
                lines[own].append((0, f"import {module}"))
            if taken := sorted(names - {""}, key=_order_of_names):
                lines[own].append((1, f"from {module} import {', '.join(taken)}"))
        groups = ["\n".join(line for _, line in sorted(group)) for group in lines.values()]
        return "\n\n".join(filter(None, groups))


def _top_level(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """What a module defines or imports, by name."""
    for node in tree.body:
        if isinstance(node, Import):
            yield from ((alias.asname or alias.name, node) for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.decorator_list = [one for one in node.decorator_list if REGISTERING not in ast.unparse(one)]
            yield node.name, node
        elif isinstance(node, ast.Assign):
            for target in ast.walk(ast.Tuple(node.targets)):
                if isinstance(target, ast.Name):
                    yield target.id, node


def _free_names(node: ast.stmt) -> set[str]:
    """The names that a definition uses and does not bind itself."""
    names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
    bound = {one.id for one in names if isinstance(one.ctx, ast.Store)}
    bound |= {one.arg for one in ast.walk(node) if isinstance(one, ast.arg)}
    return {one.id for one in names} - bound


def _segment(text: str, node: ast.stmt) -> str:
    """The lines of a definition as they are written, comments included."""
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)])
    return "\n".join(text.splitlines()[first - 1 : node.end_lineno])


def _is_block(text: str) -> bool:
    return text.startswith(("def ", "class ", "@"))


def _order_of_names(name: str) -> tuple[bool, bool, str]:
    """CONSTANTS, Classes, functions: as import sorters have it."""
    return not name.isupper(), name[0].islower(), name
