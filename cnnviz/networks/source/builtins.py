"""The names that a text may use without importing them, and the modules that it imports."""

from __future__ import annotations

import ast
import builtins
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cnnviz.networks.source import functions, libraries, packages, ready_made, tables
from cnnviz.networks.source.values import Known, Namespace, Opaque, Scope, Unknown

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_INSTEAD = dict.fromkeys(
    ("locals", "vars", "globals"), "write the values that it stands for by their names, as in dict(channels=channels)"
)
CONTEXTS = ("no_grad", "inference_mode", "enable_grad", "autocast", "nullcontext")
_NOT_READ = frozenset(["open", "input", "eval", "exec", "compile", "globals", "locals", "vars", "dir", "id", "hash"])

# --- names


def unknown(interpreter: Interpreter, node: ast.Name, scope: Scope) -> str:
    """What is to be said of a name that nothing stands for."""
    name, names = node.id, set[str]()
    around: Scope | None = scope
    while around is not None:
        names |= {one for one in around.names if not one.startswith("__")}
        around = around.parent
    near = interpreter.near(name, names, 0.7)
    if name == "self":
        return "this method has no self; write self as the first of its parameters"
    with suppress(KeyError):
        of = scope.find("__self__")
        own = (of.__dict__.get(kept, ()) for kept in ("_modules", "_parameters", "_buffers", "named"))
        if any(name in one for one in own):
            return f"nothing here is called {name[:40]}; write self.{name[:40]}"
    if name in _NOT_READ:
        return f"{name} is not read here; {_INSTEAD.get(name, 'leave it out')}"
    hint = f"; did you mean {near[0]}" if near else "; write it above, or give its value here"
    return f"nothing here is called {name[:40]}{hint}"


def error_names(name: str) -> frozenset[str]:
    """The names of an error of Python's and of what it goes back to; '' is none."""
    return tables.ERRORS.get(name, frozenset([name, "Exception"])) if name else frozenset()


def error_of(name: str) -> str:
    """What Python raises where nothing stands for a name; '' for a name of Python's own, which is not read here."""
    return "" if name.startswith("__") or name in vars(builtins) else "NameError"


def imported(interpreter: Interpreter, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    """The names that an import brings; of a module that is not read, names that are refused once they are used."""
    if isinstance(node, ast.Import):
        for one in node.names:
            found = NAMESPACES.get(one.name) or _missing(interpreter, node, one.name)
            if one.asname is None and "." in one.name:
                first = one.name.partition(".")[0]
                found = NAMESPACES.get(first) or _missing(interpreter, node, first)
                scope.names[first] = found
            else:
                scope.names[one.asname or one.name] = found
        return
    module = node.module or ""
    for one in node.names:
        space = space_of(node, one)
        if one.name == "*":
            scope.names.update(space.members if space else {})
        elif space is not None and one.name in space.members:
            scope.names[one.asname or one.name] = space.members[one.name]
        elif f"{module}.{one.name}" in NAMESPACES:
            scope.names[one.asname or one.name] = NAMESPACES[f"{module}.{one.name}"]
        elif module in tables.TYPES:
            scope.names[one.asname or one.name] = tables.CAST if one.name == "cast" else Opaque(one.name)
        elif space is not None and (why := space.refused.get(one.name, space.why)):
            line, _ = interpreter.place(node.lineno, 0)
            scope.names[one.asname or one.name] = Unknown(
                f"{space.name}.{one.name} is not read here: {why}", line, True
            )
        else:
            missing = _missing(interpreter, node, f"{module}.{one.name}")
            if space is not None and isinstance(missing, Unknown):
                missing = replace(missing, anywhere=True)
            scope.names[one.asname or one.name] = missing


def space_of(node: ast.ImportFrom, one: ast.alias) -> Namespace | None:
    """The module from which an import takes a name; from .utils may be anybody's, and is torchvision's where that has
    the name."""
    module = "." * node.level + (node.module or "")
    if (found := NAMESPACES.get(module)) is not None and module not in packages.MODULES:
        return found
    space = found or packages.FROM.get(module)
    return space if space is not None and (one.name == "*" or one.name in space.members) else None


def is_read(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether all that an import names is read here."""
    if isinstance(node, ast.Import):
        return all(one.name in NAMESPACES or one.name in tables.TYPES for one in node.names)
    module = node.module or ""
    if module in tables.TYPES or (module in NAMESPACES and node.names[0].name == "*"):
        return True
    spaces = [(one.name, space_of(node, one)) for one in node.names]
    return all(f"{module}.{name}" in NAMESPACES or (space and name in space.members) for name, space in spaces)


def _missing(interpreter: Interpreter, node: ast.AST, name: str) -> Unknown | Namespace:
    if name in tables.TYPES:
        return Namespace(name, {**{one: Opaque(one) for one in tables.ANNOTATIONS}, "cast": tables.CAST})
    line, _ = interpreter.place(getattr(node, "lineno", 1), 0)
    parts = name.split(".")
    remedy = next((one for part in (name, *parts) if (one := tables.INSTEAD.get(part))), tables.LEAVE_OUT)
    why = f"{name} is not among the modules that are read (torch, math, numpy's numbers); {remedy}"
    return Unknown(why, line, brought=True)


_KINDS = "object bytes complex staticmethod classmethod property NotImplemented"
_OURS: dict[str, Known] = {name: Known(name, function, ours=True) for name, function in functions.OURS.items()}
NAMES: dict[str, Any] = {
    **_OURS,
    **{name: functions.numbers(name, function) for name, function in functions.OF_NUMBERS.items()},
    **{
        name: Opaque(name)
        for name in (
            *tables.ERRORS,
            *tables.words("object bytes complex staticmethod classmethod property NotImplemented"),
        )
    },
    "__name__": "__main__",
    "Ellipsis": ...,
    "Residual": tables.LAYERS["Residual"],
}
_TORCH = tables.namespaces(libraries.passed, libraries.OF_TORCH, ready_made.members(), packages.BESIDE)
NAMESPACES: dict[str, Namespace] = {**_TORCH, **libraries.MODULES, **packages.MODULES}
KINDS = {  # what type(x) gives
    **NAMES,
    "NoneType": Opaque("NoneType"),
    "Tensor": tables.TENSOR,
    "nn.Parameter": tables.PARAMETER,
    "torch.Size": tables.SIZE,
    **libraries.MODULES["functools"].members,
    **libraries.MODULES["collections"].members,
}
_USUAL = """
import torch
from torch import nn
import torch.nn.functional as F
from torch.nn import Module, Parameter, init
from torch.nn.init import trunc_normal_
from torch.nn.utils import spectral_norm, weight_norm
from torch import Tensor
from torch.autograd import Variable
import torchvision
from torchvision import models
import math
import numpy as np
import collections
from collections import OrderedDict
import copy
import functools
from functools import partial
import lightning.pytorch as pl
from einops import rearrange, repeat
from einops.layers.torch import Rearrange
from timm.layers import DropPath, to_2tuple
from d2l import torch as d2l
"""
USUAL_LINES = {  # by the name that it brings, what a text that begins in the middle has imported above
    one.asname or one.name: ast.unparse(type(line)(**{**dict(ast.iter_fields(line)), "names": [one]}))
    for line in ast.parse(_USUAL).body
    if isinstance(line, ast.Import | ast.ImportFrom)
    for one in line.names
} | {name: f"from torch.nn import {name}" for name in tables.LAYERS if name != "Residual"}


def _usual() -> dict[str, Any]:
    found = {}
    for name, line in USUAL_LINES.items():
        match ast.parse(line).body[0]:
            case ast.Import(names=[one]):
                found[name] = NAMESPACES[one.name]
            case ast.ImportFrom(module=str(module), names=[one]):
                found[name] = NAMESPACES.get(f"{module}.{one.name}") or NAMESPACES[module].members[one.name]
    return {**found, "Residual": tables.LAYERS["Residual"], "device": Opaque("device")}


USUAL: dict[str, Any] = _usual()
