"""Methods with two underscores around their names, which Python calls where it meets an object: those of the text's own
classes, called where Python calls them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from cnnviz.networks.source.values import Class, Instance, Method, Opaque, Row, Table

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

NOTHING = object()
_PLAIN = frozenset([int, float, bool, str, list, tuple, dict, set, range, type(None), Tensor])  # of no class of a text
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.MatMult: "matmul",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
}
_SIGNS: dict[type[ast.unaryop], str] = {ast.USub: "neg", ast.UAdd: "pos", ast.Invert: "invert"}
_COMPARISONS: dict[type[ast.cmpop], tuple[str, str]] = {  # each with its mirror image
    ast.Eq: ("__eq__", "__eq__"),
    ast.NotEq: ("__ne__", "__ne__"),
    ast.Lt: ("__lt__", "__gt__"),
    ast.LtE: ("__le__", "__ge__"),
    ast.Gt: ("__gt__", "__lt__"),
    ast.GtE: ("__ge__", "__le__"),
}
_ASKED = (  # which are called where Python calls them
    *("__init__", "__new__", "__post_init__", "__init_subclass__", "__class_getitem__", "__call__"),
    *("__len__", "__bool__", "__iter__", "__contains__", "__getitem__", "__setitem__", "__delitem__", "__missing__"),
    *(
        "__getattr__",
        "__setattr__",
        "__delattr__",
        "__enter__",
        "__exit__",
        "__str__",
        "__repr__",
        "__format__",
        "__hash__",
    ),
    *("__int__", "__float__", "__abs__", "__round__", "__reversed__"),
    *(name for pair in _COMPARISONS.values() for name in pair),
    *(f"__{name}__" for name in _SIGNS.values()),
    *(f"__{before}{name}__" for name in _OPERATORS.values() for before in ("", "r", "i")),
)
CALLED = frozenset(_ASKED)
REFUSED = frozenset(  # which change what a text comes to, and are not carried out
    [
        "__getattribute__",
        "__get__",
        "__set__",
        "__delete__",
        "__set_name__",
        "__instancecheck__",
        "__subclasscheck__",
        "__torch_function__",
        "__torch_dispatch__",
        "__next__",
        "__copy__",
        "__deepcopy__",
        "__index__",
        "__mro_entries__",
    ]
)


def kind_of(of: Any) -> Class | None:
    """The class of the text that an object was made of; None for anything else."""
    if type(of) in _PLAIN:
        return None
    if isinstance(of, Instance | Row | Table):
        return of.kind
    return of.__dict__["_text"].kind if isinstance(of, nn.Module) and "_text" in of.__dict__ else None


def find(of: Any, name: str) -> Method | None:
    """A method such as __len__ of an object of a class of the text, network or not; None where it has none."""
    kind = kind_of(of)
    own = kind.special(name) if kind is not None else None
    return Method(own, of) if own is not None else None


def _is_no_answer(value: Any) -> bool:
    """Whether a method of the text has given NotImplemented."""
    return isinstance(value, Opaque) and value.name == "NotImplemented"


def _answer(interpreter: Interpreter, of: Any, name: str, args: list[Any], node: ast.AST) -> Any:
    own = find(of, name)
    given = NOTHING if own is None else interpreter.call(own, args, {}, node)
    return NOTHING if _is_no_answer(given) else given


def combined(interpreter: Interpreter, operation: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
    """left + right and its like, by methods of the text; NOTHING where it has none."""
    name = _OPERATORS[type(operation)]
    given = _answer(interpreter, left, f"__{name}__", [right], node)
    return _answer(interpreter, right, f"__r{name}__", [left], node) if given is NOTHING else given


def in_place(interpreter: Interpreter, operation: ast.operator, left: Any, right: Any, node: ast.AST) -> Any:
    """left += right by the text's own __iadd__ and its like; NOTHING where it has none."""
    return _answer(interpreter, left, f"__i{_OPERATORS[type(operation)]}__", [right], node)


def signed(interpreter: Interpreter, operation: ast.unaryop, value: Any, node: ast.AST) -> Any:
    """-value and its like by a method of the text; NOTHING where it has none."""
    return _answer(interpreter, value, f"__{_SIGNS[type(operation)]}__", [], node)


def compared(interpreter: Interpreter, operation: ast.cmpop, left: Any, right: Any, node: ast.AST) -> Any:
    """left == right, left in right and their like by methods of the text; NOTHING where Python itself can tell."""
    if type(operation) in (ast.In, ast.NotIn):
        held = _contained(interpreter, left, right, node)
        return held if held is NOTHING else held == isinstance(operation, ast.In)
    if type(operation) not in _COMPARISONS or isinstance(left, Instance) or isinstance(right, Instance):
        return NOTHING  # objects of plain classes are asked by Python
    name, mirrored = _COMPARISONS[type(operation)]
    given = _answer(interpreter, left, name, [right], node)
    given = _answer(interpreter, right, mirrored, [left], node) if given is NOTHING else given
    if given is NOTHING and isinstance(operation, ast.NotEq):
        same = _answer(interpreter, left, "__eq__", [right], node)
        return same if same is NOTHING else not interpreter.true(same, node)
    return given


def _contained(interpreter: Interpreter, one: Any, many: Any, node: ast.AST) -> Any:
    given = _answer(interpreter, many, "__contains__", [one], node)
    if given is not NOTHING:
        return interpreter.true(given, node)
    if isinstance(many, Instance) or find(many, "__iter__") is not None:
        return any(interpreter.equal(one, other, node) for other in interpreter.items(many, node))
    return NOTHING


def true(interpreter: Interpreter, value: Any, node: ast.AST) -> Any:
    """Whether a value counts as true by the text's own __bool__ or __len__; NOTHING where it has none."""
    if isinstance(value, nn.Module | Instance | Row | Table):
        for name in ("__bool__", "__len__"):
            if (own := find(value, name)) is not None:
                given = interpreter.call(own, [], {}, node)
                if not isinstance(given, int):
                    raise interpreter.raised("TypeError", node, f"{name} has to give True, False or a whole number")
                return bool(given)
    return NOTHING


def written(interpreter: Interpreter, value: Any, node: ast.AST, quoted: bool) -> str | None:
    """str(value), or repr(value) where it is `quoted`, by the text's own methods; None where it has none."""
    for name in ("__repr__",) if quoted else ("__str__", "__repr__"):
        if (own := find(value, name)) is not None:
            return _word(interpreter, interpreter.call(own, [], {}, node), name, node)
    return None


def formatted(interpreter: Interpreter, value: Any, spec: str, node: ast.AST) -> str | None:
    """format(value, spec) by the text's own __format__; None where it has none."""
    if (own := find(value, "__format__")) is None:
        return None
    return _word(interpreter, interpreter.call(own, [spec], {}, node), "__format__", node)


def _word(interpreter: Interpreter, value: Any, name: str, node: ast.AST) -> str:
    if not isinstance(value, str):
        raise interpreter.raised("TypeError", node, f"{name} of the text has to give a word")
    return str(interpreter.bounded(value, node))


def check(interpreter: Interpreter, kind: Class) -> None:
    """Refuses a class with a method that Python would call, and that nothing here does."""
    for name, value in kind.members.items():
        if name in REFUSED:
            raise interpreter.wrong(
                getattr(value, "node", kind.node), f"{kind.name}'s {name} is not carried out here; leave it out"
            )
