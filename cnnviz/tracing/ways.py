"""A layer on the way around a block of the reader's own class, written into its text: the layer in its __init__, its
call in forward."""

import ast
from collections.abc import Iterator

from cnnviz.networks.source import Source
from cnnviz.tracing.edits import Around
from cnnviz.tracing.places import (
    Piece,
    argument_of,
    constructor_of,
    functions_around,
    operands,
    parameters,
    prefixed,
    span,
    word_of,
)

NAMES = ("shortcut", "projection", "way_around")


def ways_around(source: Source, edit: Around, at: ast.AST | None) -> Iterator[list[Piece]]:
    """The pieces that write the layer: with the channels and the stride of the block's own arguments where these say
    them, so that every block of the class has the layer it needs, and none where it needs none; then with numbers."""
    operand, found = _operand(at, edit.operand), _methods_of(source, at)
    call = constructor_of(source, edit.convolutions[0])
    if operand is None or found is None or call is None:
        return
    owner, init, method = found
    yield from _condition(source, edit, init, operand, method)
    used = {node.attr for node in ast.walk(owner) if isinstance(node, ast.Attribute)}
    name = next((one for one in NAMES if one not in used), "")
    end, indent = _behind(source, init)
    if not name or indent.strip():
        return  # what stands before the last statement is more than its indentation
    start, stop = span(source, operand)
    called = (start, stop, f"{method.args.args[0].arg}.{name}({source.cleaned.own[start:stop]})")
    of = f"{init.args.args[0].arg}.{name}"
    for lines in (_by_arguments(source, edit, init, of), [f"{of} = {edit.layer_text}"]):
        if lines:
            written = "".join(f"\n{indent}{prefixed(call, line)}" for line in lines)
            yield [called, (end, end, written)]


def _condition(
    source: Source, edit: Around, init: ast.FunctionDef, operand: ast.expr, method: ast.FunctionDef
) -> Iterator[list[Piece]]:
    """Where the block has a layer on the way around under a condition already: the condition as it has to be, which is
    other channels or a stride."""
    for choice in (
        one for one in ast.walk(init) if isinstance(one, ast.If) and _names_of(one) & _called(operand, method)
    ):
        test = choice.test
        written = [ast.unparse(one) for one in (test.values if isinstance(test, ast.BoolOp) else [test])]
        missing = [one for one in _differences(source, edit, init) if one not in written]
        if missing or isinstance(getattr(test, "op", None), ast.And):
            yield [(*span(source, test), " or ".join([*written, *missing]))]


def _names_of(choice: ast.If) -> set[str]:
    """The attributes that a condition sets."""
    assigned = [one for part in choice.body for one in ast.walk(part) if isinstance(one, ast.Assign)]
    return {one.attr for each in assigned for one in each.targets if isinstance(one, ast.Attribute)}


def _called(operand: ast.expr, method: ast.FunctionDef) -> set[str]:
    """The attributes that are called for what goes around, there or where it was given its name."""
    written = ast.unparse(operand)
    assigned = [one for one in ast.walk(method) if isinstance(one, ast.Assign)]
    values = [one.value for one in assigned if any(ast.unparse(target) == written for target in one.targets)]
    calls = [node for one in (operand, *values) for node in ast.walk(one) if isinstance(node, ast.Call)]
    return {word_of(one) for one in calls}


def _operand(at: ast.AST | None, index: int) -> ast.expr | None:
    """What goes around, in the sum at which the network stopped."""
    if isinstance(at, ast.AugAssign):
        return at.value if index == 1 else None
    found = operands(at)
    return None if found is None else found[index]


def _methods_of(source: Source, at: ast.AST | None) -> tuple[ast.ClassDef, ast.FunctionDef, ast.FunctionDef] | None:
    """The class in one of whose methods that stands, its __init__ and the method."""
    for owner in ast.walk(source.cleaned.tree):
        if not isinstance(owner, ast.ClassDef):
            continue
        methods = {one.name: one for one in owner.body if isinstance(one, ast.FunctionDef) and one.args.args}
        for method in methods.values():
            if any(node is at for node in ast.walk(method)):
                init = methods.get("__init__")
                return (owner, init, method) if init is not None else None
    return None


def _behind(source: Source, init: ast.FunctionDef) -> tuple[int, str]:
    """Where the line of the last statement of __init__ ends, and what stands before that statement."""
    text, last = source.cleaned.own, init.body[-1]
    start = span(source, last)[0]
    line_end = text.find("\n", span(source, last)[1])
    return len(text) if line_end < 0 else line_end, text[text.rfind("\n", 0, start) + 1 : start]


def _by_arguments(source: Source, edit: Around, init: ast.FunctionDef, of: str) -> list[str]:
    """The layer as a class of blocks writes it; [] where its channels are not to be had from the arguments."""
    into, out, stride = _sizes(source, edit, init)
    if into is None or out is None or (into + out + stride).isdecimal():
        return []
    differs = _differences(source, edit, init)
    layer = f"nn.Conv2d({into}, {out}, 1{'' if stride == '1' else f', stride={stride}'})"
    if not differs or (stride.isdecimal() and stride != "1"):
        return [f"{of} = {layer}"]
    return [f"{of} = nn.Identity()", f"if {' or '.join(differs)}:", f"    {of} = {layer}"]


def _sizes(source: Source, edit: Around, init: ast.FunctionDef) -> tuple[str | None, str | None, str]:
    """The channels before and behind the other way and its stride, as __init__ says them."""
    into = _written(source, edit.convolutions[0], "in_channels", init, last=False)
    out = _written(source, edit.convolutions[-1], "out_channels", init, last=True)
    strides = [_written(source, path, "stride", init, last=False) for path in edit.convolutions]
    return into, out, next((one for one in strides if one is not None and one != "1"), str(edit.stride))


def _differences(source: Source, edit: Around, init: ast.FunctionDef) -> list[str]:
    """When a layer is needed on the way around."""
    into, out, stride = _sizes(source, edit, init)
    channels = [f"{into} != {out}"] if into != out and into is not None and out is not None else []
    return [*channels, *([f"{stride} != 1"] if not stride.isdecimal() else [])]


def _written(source: Source, path: str, attribute: str, init: ast.FunctionDef, last: bool) -> str | None:
    """What __init__ gives for that argument of a convolution: itself, or by a function or a class that builds it. Of
    several calls the first or the last."""
    call = constructor_of(source, path)
    value = argument_of(call, attribute, parameters(call)) if call is not None else None
    if call is None or value is None:
        return None
    if isinstance(value, ast.Constant) or any(node is call for node in ast.walk(init)):
        return ast.unparse(value)
    calls = [node for node in ast.walk(init) if isinstance(node, ast.Call)]
    calls.sort(key=lambda one: (one.lineno, one.col_offset))
    for name, function in functions_around(source, call):
        if not isinstance(value, ast.Name):
            break
        names = [one.arg for one in function.args.args if one.arg != "self"]
        given = [argument_of(one, value.id, names) for one in calls if word_of(one) == name]
        written = [ast.unparse(one) for one in given if one is not None]
        if written:
            return written[-1 if last else 0]
    return None
