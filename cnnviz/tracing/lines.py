"""A layer of a ready-made network in another size: a line behind the one that makes the network, which puts the layer
in its place."""

import ast
from collections.abc import Iterator
from typing import Any

from cnnviz.networks.source import Source
from cnnviz.tracing.edits import rewritten
from cnnviz.tracing.places import Piece, call_of, known, span
from cnnviz.tracing.steps import around

LEAVING = ("to", "cuda", "cpu", "eval", "train", "float")


def lines_behind(source: Source, path: str, attribute: str, value: Any) -> Iterator[list[Piece]]:
    """The piece that writes the line, where the network is given a name as soon as it is made."""
    call = call_of(source, path)
    assigned = [one for one in ast.walk(source.cleaned.tree) if isinstance(one, ast.Assign)]
    made = next((one for one in assigned if _first_call(one.value) is call), None)
    if call is None or made is None or len(made.targets) != 1:
        return
    root = next(scope for scope in ("", *around(path)) if source.makers.get(scope) == (call, False))
    names = path.removeprefix(f"{root}.").split(".") if root != path else []
    if not names or not isinstance(made.targets[0], ast.Name | ast.Attribute):
        return
    place = ast.unparse(made.targets[0]) + "".join(f"[{one}]" if one.isdigit() else f".{one}" for one in names)
    names_known, layer = known(source), rewritten(source.weightless().get_submodule(path), attribute, value)
    written = f"{place} = {'torch.' if 'nn' not in names_known and 'torch' in names_known else ''}nn.{layer}"
    lines = [written] if names_known & {"nn", "torch"} else ["from torch import nn", written]
    text, (start, end) = source.cleaned.own, span(source, made)
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    if not indent.strip():
        yield [(end, end, "".join(f"\n{indent}{line}" for line in lines))]


def _first_call(value: ast.expr) -> ast.expr:
    """What stands before the methods that leave a network the same, as in resnet18().to(device)."""
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in LEAVING:
        value = value.func.value
    return value
