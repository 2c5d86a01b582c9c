"""Results that nobody takes: x.view(-1, 10) in a line of its own computes something and changes nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from cnnviz.networks.source import tables

_LONGEST = 60  # characters of an expression that is shown
_FRESH = ("Conv", "Linear", "MaxPool", "AvgPool", "Adaptive", "Flatten", "Upsample", "LSTM", "GRU", "Embedding")
_FOR_OTHERS = frozenset(  # methods of tensors that lists and sets have, too, or that are called to look at something
    tables.words(
        """
    add sort index count size dim ndimension item tolist numel nelement element_size is_contiguous stride bool
    is_floating_point retain_grad log
    """
    )
)
_TENSORS = frozenset(tables.METHODS) - _FOR_OTHERS
_FUNCTIONS = {"torch": _TENSORS | tables.OF_TORCH, "F": frozenset(tables.FUNCTIONAL)}


def thrown_away(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.expr, str]]:
    """The expressions in a forward whose results nobody takes, each with what is to be written."""
    nodes = [*nodes]
    hooked = any(isinstance(one, ast.Attribute) and one.attr.startswith("register_forward") for one in nodes)
    for one in nodes:
        if isinstance(one, ast.ClassDef):
            forward = next((f for f in one.body if isinstance(f, ast.FunctionDef) and f.name == "forward"), None)
            if forward is not None:  # where hooks may keep what layers give, these are called for their effect
                yield from _of_forward(forward, set() if hooked else _layers(one))


def _of_forward(forward: ast.FunctionDef, layers: set[str]) -> Iterator[tuple[ast.expr, str]]:
    nodes = list(ast.walk(forward))
    own = {one.arg for one in nodes if isinstance(one, ast.arg)} - {"self"}
    own |= {one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    for node in nodes:
        if isinstance(node, ast.Expr) and (found := _meant(node.value, layers)) is not None:
            expression, given = found
            names = (one.id for part in given for one in ast.walk(part) if isinstance(one, ast.Name))
            if (name := next((one for one in names if one in own), None)) is not None:
                yield node.value, f"{name} = {shown(expression)}"


def shown(node: ast.expr) -> str:
    """An expression in one line, where it is not too long."""
    text = ast.unparse(node)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _meant(node: ast.expr, layers: set[str]) -> tuple[ast.expr, Sequence[ast.expr]] | None:
    """What was to get a name, and what that is computed of, which has the name: x.view(-1, 10), and self.fc(x) of
    x - self.fc(x), whose sign is a slip of the finger. None for what is done for its effect."""
    match node:
        case ast.BinOp(left=ast.Name() as left, op=ast.Sub(), right=ast.Call() as right):
            return right, [left]
        case ast.Compare(left=ast.Name() as left, ops=[ast.Eq()], comparators=[ast.Call() as right]):
            return right, [left]
        case ast.BinOp():
            return node, [node.left, node.right]
        case ast.Call(func=ast.Attribute(attr=name)) if _in_place(name, node):
            return None
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
            return (node, node.args) if name in layers else None
        case ast.Call(func=ast.Attribute(value=of, attr=name)):
            module = "F" if ast.unparse(of).endswith("nn.functional") else ast.unparse(of)
            if module in _FUNCTIONS:
                return (node, node.args) if name in _FUNCTIONS[module] else None
            return (node, [of]) if name in _TENSORS else None
    return None


def _in_place(name: str, call: ast.Call) -> bool:
    """Whether a call changes what it is given: x.add_(1), F.relu(x, inplace=True) or F.relu(x, True)."""
    asked = [one.value for one in call.keywords if one.arg == "inplace"] + call.args[1:]
    return name.endswith("_") or any(isinstance(one, ast.Constant) and one.value is True for one in asked)


def _layers(owner: ast.ClassDef) -> set[str]:
    """The names of layers that a class makes in its own lines, self.fc = nn.Linear(3, 2), and that neither change what
    they are given nor count what they have seen."""
    found = set[str]()
    for node in ast.walk(owner):
        match node:
            case ast.Assign(
                targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)],
                value=ast.Call(func=ast.Attribute(attr=kind)),
            ) if kind.startswith(_FRESH):
                found.add(name)
    return found
