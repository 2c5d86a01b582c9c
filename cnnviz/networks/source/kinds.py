"""What kind a value is of: type, isinstance and issubclass, by a table of the kinds that a text may name."""

from __future__ import annotations

import ast
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Sized
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from cnnviz.networks.source import bounds, packages, specials, tables
from cnnviz.networks.source.values import (
    Class,
    Function,
    Instance,
    Known,
    Method,
    Namespace,
    Opaque,
    Partial,
    Row,
    Table,
    Walk,
)

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter

_CALLED = (nn.Module, Class, Function, Known, Method, Partial, type)
_NAMED = frozenset(
    tables.words("int float str bool list tuple dict set range slice type")
)  # which are called to make one
_IS: dict[str, Callable[[Any], bool]] = {  # by the names of the kinds of Python's, typing's and torch's
    "int": lambda value: isinstance(value, int),
    "float": lambda value: isinstance(value, float),
    "complex": lambda _value: False,
    "bytes": lambda _value: False,
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "tuple": lambda value: isinstance(value, tuple),
    "dict": lambda value: isinstance(value, dict),
    "set": lambda value: isinstance(value, set),
    "range": lambda value: isinstance(value, range),
    "slice": lambda value: isinstance(value, slice),
    "object": lambda _value: True,
    "type": lambda value: isinstance(value, type | Class) or (isinstance(value, Known) and value.name in _NAMED),
    "NoneType": lambda value: value is None,
    "partial": lambda value: isinstance(value, Partial),
    "OrderedDict": lambda value: isinstance(value, OrderedDict),
    "defaultdict": lambda value: isinstance(value, defaultdict),
    "SimpleNamespace": lambda value: isinstance(value, Instance)
    and "SimpleNamespace" in (value.kind.native, value.kind.name),
    "Callable": lambda value: callable_(value),
    "Iterable": lambda value: isinstance(value, Iterable | Walk) or specials.find(value, "__iter__") is not None,
    "Iterator": lambda value: isinstance(value, Walk),
    "Sequence": lambda value: isinstance(value, Sequence),
    "Mapping": lambda value: isinstance(value, Mapping),
    "Sized": lambda value: isinstance(value, Sized) or specials.find(value, "__len__") is not None,
    "Hashable": lambda value: isinstance(value, Hashable),
    "Number": lambda value: isinstance(value, int | float),
    "Tensor": lambda value: isinstance(value, Tensor),
    "DataParallel": lambda _value: False,  # which is its network itself here
    "nn.Parameter": lambda value: isinstance(value, nn.Parameter),
    "torch.Size": lambda value: isinstance(value, torch.Size),
    "torch.dtype": lambda value: isinstance(value, torch.dtype),
    "List": lambda value: isinstance(value, list),
    "Tuple": lambda value: isinstance(value, tuple),
    "Dict": lambda value: isinstance(value, dict),
    "Set": lambda value: isinstance(value, set),
    **{name: (lambda value, kind=kind: isinstance(value, Tensor) and value.dtype is kind)  # type: ignore[misc]
       for name, kind in tables.TENSORS.items() if name != "Tensor"},
}  # fmt: skip
_PLAIN = (bool, int, float, str, list, dict, set, range, slice)  # of which each is a kind by its own name


def callable_(value: Any) -> bool:
    """callable(value)."""
    if isinstance(value, Instance):
        return any("__call__" in one.members for one in value.kind.order())
    return isinstance(value, _CALLED)


def is_a(interpreter: Interpreter, node: ast.AST, value: Any, kinds: Any) -> bool:
    """isinstance(value, kinds). Raises NotationError for a kind that is not in the table."""
    return any(_is_one(interpreter, node, value, one) for one in _each(bounds.light(interpreter, kinds, node)))


def _each(kinds: Any) -> list[Any]:
    """int, (int, float), int | None and tuples of these, one by one."""
    if isinstance(kinds, tuple) and not isinstance(kinds, Row):
        return [further for one in kinds for further in _each(one)]
    return [kinds]


def _is_one(interpreter: Interpreter, node: ast.AST, value: Any, kind: Any) -> bool:
    if isinstance(kind, Class):
        own = _class_of(value)
        return kind in own.order() if own is not None else _is_of_package(value, kind)
    if isinstance(kind, type):
        return isinstance(value, kind)
    name = "NoneType" if kind is None else kind.name if isinstance(kind, Known | Opaque) else ""
    if name not in _IS:
        raise interpreter.wrong(node, f"whether a value is of {bounds.describe(kind)} is not known here; leave it out")
    return _IS[name](value)


def _is_of_package(value: Any, kind: Class) -> bool:
    """Whether a network that torchvision has made is of a class whose text was read of it: torchvision.models.VGG."""
    if not isinstance(value, nn.Module) or not packages.is_brought(kind.node):
        return False
    return any(one.__name__ == kind.name and packages.class_of(one) is not None for one in type(value).__mro__)


def _class_of(value: Any) -> Class | None:
    """The class of the text that a value was made of."""
    if isinstance(value, Instance | Row | Table):
        return value.kind
    text = value.__dict__.get("_text") if isinstance(value, nn.Module) else None
    return text.kind if text is not None else None


def type_of(names: dict[str, Any], value: Any) -> Any:
    """type(value): a class of the text, a layer of torch's, or what the kind is called by in `names`."""
    own = _class_of(value)
    if own is not None:
        return own
    if isinstance(value, nn.Module):
        return getattr(type(value), "watched", type(value))
    for kind in (*_SPECIAL, *_PLAIN):
        if type(value) is kind:
            return names.get(_SPECIAL.get(kind, kind.__name__)) or Opaque(_SPECIAL.get(kind, kind.__name__))
    if isinstance(value, Tensor):
        return names["Tensor"]
    if isinstance(value, type | Class):
        return names["type"]
    if isinstance(value, Function | Known | Method):
        return Opaque("function")
    return Opaque(type(value).__name__)


_SPECIAL: dict[type, str] = {
    tuple: "tuple",
    torch.Size: "torch.Size",
    nn.Parameter: "nn.Parameter",
    Tensor: "Tensor",
    type(None): "NoneType",
    Partial: "partial",
    Namespace: "module",
    OrderedDict: "OrderedDict",
    defaultdict: "defaultdict",
}


def is_part(interpreter: Interpreter, node: ast.AST, kind: Any, kinds: Any) -> bool:
    """issubclass(kind, kinds)."""
    for one in _each(bounds.light(interpreter, kinds, node)):
        if isinstance(kind, Class) and (one in kind.order() or one in kind.bases):
            return True
        below = kind.base if isinstance(kind, Class) else kind
        if isinstance(below, type) and isinstance(one, type) and issubclass(below, one):
            return True
        if kind == one or (isinstance(one, Opaque) and one.name == "object"):
            return True
    if not isinstance(kind, Class | type | Known | Opaque):
        raise interpreter.wrong(node, f"issubclass wants a class, and this is {bounds.describe(kind)}")
    return False
