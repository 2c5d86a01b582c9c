"""What values come to together: sums and their like, comparisons, conditions, and what stands at a place."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from cnnviz.networks.source import bounds, calls, specials, tables
from cnnviz.networks.source.given import noting
from cnnviz.networks.source.values import Array, Class, Instance, Shared, Table

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
_APART = (Shared, nn.Module, type, Array)  # what is not computed with


def _is_same(one: Any, other: Any) -> bool:
    """`is`; of words that are alike Python has one, and of whole numbers, mostly."""
    return one is other or (type(one) in (str, int) and type(one) is type(other) and one == other)


_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: _is_same,
    ast.IsNot: lambda one, other: not _is_same(one, other),
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}


def combined(interpreter: Interpreter, operation: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
    """left + right and its like, of numbers, lists, words and tensors."""
    function = _BINARY.get(type(operation))
    if function is None:
        raise interpreter.wrong(node, f"{type(operation).__name__} is not read here")
    if (found := specials.combined(interpreter, operation, left, right, node)) is not specials.NOTHING:
        return found
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return calls.torch_call(interpreter, function, "this", (left, right), {}, node)
    if isinstance(left, _APART) or isinstance(right, _APART):
        if isinstance(operation, ast.BitOr):
            return left, right  # int | None
        if type(left) in (nn.Sequential, nn.ModuleList):
            return _rows(interpreter, operation, left, right, node)
        raise interpreter.wrong(
            node, f"{bounds.describe(left)} and {bounds.describe(right)} do not go together like this"
        )
    if isinstance(left, str) and isinstance(operation, ast.Mod):
        return bounds.percent(interpreter, left, right, node)
    bounds.check_size(interpreter, operation, left, right, node)
    try:
        return interpreter.bounded(function(left, right), node)
    except (TypeError, ValueError, ArithmeticError) as error:
        failed = interpreter.failed(node, "this cannot be computed", error)
        raise noting(failed, function.__name__, (left, right), node) from None


def _rows(interpreter: Interpreter, operation: ast.operator, left: nn.Module, right: Any, node: ast.AST) -> nn.Module:
    """The layers of two rows, one after the other: nn.Sequential(...) + nn.Sequential(...)."""
    if not isinstance(operation, ast.Add) or not isinstance(right, nn.Sequential | nn.ModuleList | list):
        raise interpreter.wrong(
            node, f"{bounds.describe(left)} and {bounds.describe(right)} do not go together like this"
        )
    both = [*interpreter.items(left, node), *interpreter.items(right, node)]
    interpreter.count(node, len(both))
    if len(both) > calls.MAX_LAYERS:
        raise interpreter.wrong(node, f"there are more than {calls.MAX_LAYERS:,} layers")
    given = both if isinstance(left, nn.Sequential) else [both]
    return calls.built(interpreter, type(left), given, {}, node)


def signed(interpreter: Interpreter, operation: ast.unaryop, value: Any, node: ast.AST) -> Any:
    """-value and its like, of numbers and tensors."""
    function = _UNARY[type(operation)]
    if (found := specials.signed(interpreter, operation, value, node)) is not specials.NOTHING:
        return found
    if isinstance(value, Tensor):
        return calls.torch_call(interpreter, function, "this", (value,), {}, node)
    if type(value) not in (int, float, bool):
        wrong = interpreter.wrong(node, f"a number is wanted here, and this is {bounds.describe(value)}")
        raise noting(wrong, function.__name__, (value,), node)
    return function(value)


def compared(interpreter: Interpreter, operation: ast.cmpop, left: Any, right: Any, node: ast.AST) -> Any:
    """left < right and its like."""
    function = _COMPARED[type(operation)]
    if (found := specials.compared(interpreter, operation, left, right, node)) is not specials.NOTHING:
        return found
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return calls.torch_call(interpreter, function, "this comparison", (left, right), {}, node)
    both = bounds.light(interpreter, left, node), bounds.light(interpreter, right, node)
    try:
        return function(*both)
    except (TypeError, ValueError) as error:
        raise interpreter.failed(node, "this cannot be compared", error) from None


def true(interpreter: Interpreter, value: Any, node: ast.AST) -> bool:
    """Whether the value counts as true."""
    if isinstance(value, Tensor):
        try:
            return bool(calls.torch_call(interpreter, bool, "this condition", (value,), {}, node))
        except Exception as error:
            error.wants_numbers = True  # type: ignore[attr-defined]
            raise
    if (found := specials.true(interpreter, value, node)) is not specials.NOTHING:
        return bool(found)
    return bool(value) if isinstance(value, bounds.PLAIN) else True


def at(interpreter: Interpreter, of: Any, index: Any, node: ast.AST, raw: bool = False) -> Any:
    """of[index]; where it is `raw`, not by a __getitem__ of the text."""
    if isinstance(of, Tensor):
        return calls.torch_call(interpreter, operator.getitem, "this index", (of, index), {}, node)
    if not raw and (own := specials.find(of, "__getitem__")) is not None:
        return interpreter.call(own, [index], {}, node)
    if isinstance(of, Class) and isinstance(index, str) and index in of.choices:
        return of.choices[index]
    if isinstance(of, Class) and (made := of.special("__class_getitem__")) is not None:
        return interpreter.call(made, [of, index], {}, node)
    if isinstance(of, Class) and any(
        getattr(base, "name", "") == "an annotation" for one in of.order() for base in one.bases
    ):
        return of  # Generic[T]
    if isinstance(of, Table) and (own := specials.find(of, "__missing__")) is not None and index not in of:
        return interpreter.call(own, [index], {}, node)
    if isinstance(of, Instance) and isinstance(index, str) and index in of.fields:
        return interpreter.known(of.fields[index], index, node)
    if not isinstance(of, bounds.INDEXED):
        raise interpreter.wrong(node, f"{bounds.describe(of)} has no places to read from")
    if isinstance(index, slice) and isinstance(of, nn.Module):
        interpreter.count(node, len(of))
    try:
        found = of[bounds.light(interpreter, index, node)]
    except Exception as error:
        failed = interpreter.failed(node, f"{bounds.describe(of)} has no such place", error)
        raise noting(failed, "getitem", (of,) if isinstance(index, tuple) else (), node) from None
    return interpreter.known(found, "this place", node)


def put(interpreter: Interpreter, of: Any, index: Any, value: Any, node: ast.AST, raw: bool = False) -> None:
    """of[index] = value; where it is `raw`, not by a __setitem__ of the text."""
    if not raw and (own := specials.find(of, "__setitem__")) is not None:
        interpreter.call(own, [index, value], {}, node)
        return
    if not isinstance(of, (list, dict, Tensor, *tables.CONTAINERS)):
        raise interpreter.wrong(node, f"{bounds.describe(of)} has no places to put something into")
    if isinstance(of, Tensor):
        calls.torch_call(interpreter, operator.setitem, "an assignment", (of, index, value), {}, node)
        return
    try:
        of[bounds.light(interpreter, index, node)] = value
    except Exception as error:
        raise interpreter.failed(node, "this place cannot be filled", error) from None
    if isinstance(of, list | dict):
        interpreter.bounded(of, node)


def take_out(interpreter: Interpreter, of: Any, index: Any, node: ast.AST) -> None:
    """del of[index]."""
    if (own := specials.find(of, "__delitem__")) is not None:
        interpreter.call(own, [index], {}, node)
        return
    if not isinstance(of, list | dict | nn.ModuleList | nn.ModuleDict | nn.Sequential):
        raise interpreter.wrong(node, f"{bounds.describe(of)} has no places to take something out of")
    interpreter.count(node, len(of))
    try:
        del of[bounds.light(interpreter, index, node)]
    except Exception as error:
        raise interpreter.failed(node, "this place cannot be deleted", error) from None
