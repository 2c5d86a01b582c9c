"""What the names of a text can stand for beside numbers, words, lists and tensors."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from cnnviz.networks.notation.parser import NotationError

_TO_BE_ASKED = 8  # steps that it counts as where Python asks an object


class Scope:
    """The names of a block, and of what is around it. `elsewhere` are the blocks of those that it declares global or
    nonlocal."""

    __slots__ = ("elsewhere", "names", "parent")

    def __init__(self, parent: "Scope | None" = None, names: dict[str, Any] | None = None):
        self.names: dict[str, Any] = {} if names is None else names
        self.parent = parent
        self.elsewhere: dict[str, Scope] = {}

    def holder(self, name: str) -> "Scope":
        """The block to which a name belongs that is given a value here."""
        return self.elsewhere.get(name, self)

    def find(self, name: str) -> Any:
        """What the name stands for. Raises KeyError."""
        scope: Scope | None = self
        while scope is not None:
            if scope.elsewhere and name in scope.elsewhere:
                scope = scope.elsewhere[name]
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        raise KeyError(name)


class Shared:
    """What a copy of a network has in common with it."""

    def __deepcopy__(self, _memo: Any) -> "Shared":
        return self


@dataclass(frozen=True)
class Anew(Shared):
    """What a field of a dataclass is where none is given: `function` makes it for each object."""

    function: Any


@dataclass(frozen=True)
class Namespace(Shared):
    """torch, nn, F, math: names that are read, and a word for why another is not; `why` is that for all others."""

    name: str
    members: Mapping[str, Any]
    refused: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class Known(Shared):
    """A function of ours or of torch's that a text may call. `call` gets the interpreter and the node of the call
    first where it is `ours`; `passes` says whether its arguments and result are torch's."""

    name: str
    call: Callable[..., Any]
    ours: bool = False


@dataclass(frozen=True)
class Unknown(Shared):
    """What a line that is not read would have made. It is refused where it is used; `anywhere` where it is part of a
    module that is read, also in a line that only stands beside the network; `brought` where it comes from a module
    that is not read, of which nothing here is made; `at` is the line and column of a name that nobody has defined,
    which it was to be."""

    why: str
    line: int
    anywhere: bool = False
    brought: bool = False
    at: tuple[int, int] | None = None


@dataclass(frozen=True)
class Brought(Shared):
    """A class or function of another package, whose text is read once somebody asks for it."""

    package: str
    name: str


class Unread(NotationError):
    """A name is used whose value was not read: `why`, and the line from which it comes."""

    def __init__(self, reason: str, line: int, column: int, unknown: Unknown):
        super().__init__(reason, line, column)
        self.unknown = unknown


@dataclass(frozen=True)
class Opaque(Shared):
    """A device, a data type's name, a type for annotations: passed on, and never asked."""

    name: str


MISSING = Opaque("MISSING")  # the default of a field of a dataclass that has none


@dataclass(frozen=True)
class Field(Shared):
    """A field of a dataclass, as field(...) says it or as it is without: whether __init__ takes it, whether by its name
    alone, whether it is compared and written, and whether it is given to __post_init__ and not kept (InitVar)."""

    init: bool = True
    named: bool | None = None
    compare: bool = True
    shown: bool = True
    handed_on: bool = False
    default: Any = MISSING


@dataclass(eq=False)
class Function(Shared):
    """A function of the text. `owner` is the class whose body it stands in."""

    name: str
    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    defaults: dict[str, Any]
    owner: "Class | None" = None
    kind: str = ""  # staticmethod, classmethod, property
    setter: "Function | None" = None  # of a property


@dataclass(eq=False)
class Class(Shared):
    """A class of the text. `base` is the class of torch that it goes back to; None for a plain one."""

    name: str
    bases: tuple[Any, ...]
    members: dict[str, Any]
    node: ast.ClassDef
    base: type[nn.Module] | None = None
    assumed: str = ""  # a class that nobody has defined, in whose place nn.Module stands: its own or of one above it
    made: type[nn.Module] | None = None  # the Python class whose instances its networks are
    fields: tuple[str, ...] = ()  # of a dataclass or of a tuple with names, in their order
    tuples: bool = False  # whether its objects are tuples with names
    choices: dict[str, Any] = field(default_factory=dict)  # of an enumeration, its members by name
    specs: dict[str, Field] = field(default_factory=dict)  # all fields of a dataclass
    options: dict[str, bool] = field(default_factory=dict)  # what @dataclass(...) says, and "total_ordering"
    native: str = ""  # dict or SimpleNamespace, where its objects are such
    call: "Callable[[Any, list[Any]], Any] | None" = None  # how a method of it is called
    count: "Callable[[int], None] | None" = None  # counts steps, where Python asks its objects
    _order: "tuple[Class, ...]" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        above = (further for one in self.bases if isinstance(one, Class) for further in one.order())
        self._order = tuple(dict.fromkeys((self, *above)))

    def find(self, name: str) -> Any:
        """A member of its own or of what it inherits from. Raises KeyError."""
        for one in self.order():
            if name in one.members:
                return one.members[name]
        raise KeyError(name)

    def fields_of(self) -> "dict[str, Field]":
        """The fields of the nearest dataclass among itself and what it comes from."""
        return next((one.specs for one in self._order if one.options.get("dataclass")), {})

    def special(self, name: str) -> Any:
        """A method such as __len__ that it has or inherits; None where it has none."""
        for one in self._order:
            if name in one.members:
                found = one.members[name]
                return found if isinstance(found, Function | Known | Method) else None
        return None

    def order(self) -> "tuple[Class, ...]":
        """Itself and the classes of the text that it inherits from, the nearest first."""
        return self._order


@dataclass(eq=False)
class Instance:
    """An object of a plain class of the text. Python asks it as it asks any object, as where it is sorted or is a key,
    and it asks the methods of its class."""

    kind: Class
    fields: dict[str, Any] = field(default_factory=dict)

    def asked(self, name: str, *args: Any) -> Any:
        """What the text's own method gives; NotImplemented where there is none, or where it says so."""
        own = self.kind.special(name)
        if own is None or self.kind.call is None:
            return NotImplemented
        self._count()
        given = self.kind.call(own, [self, *args])
        return NotImplemented if isinstance(given, Opaque) and given.name == "NotImplemented" else given

    def __deepcopy__(self, memo: Any) -> "Instance":
        made = memo[id(self)] = type(self)(self.kind)
        made.fields.update(deepcopied(self.fields, memo))
        return made

    def __bool__(self) -> bool:
        for name in ("__bool__", "__len__"):
            if (given := self.asked(name)) is not NotImplemented:
                return bool(_number(given, name))
        return True

    def __eq__(self, other: object) -> Any:
        given = self.asked("__eq__", other)
        if given is NotImplemented and self.kind.native and isinstance(other, Instance) and other.kind.native:
            self._count()
            return self.fields == other.fields
        if given is NotImplemented and self._is_compared_by("eq", other):
            return self._compared() == other._compared()  # type: ignore[attr-defined]
        return given

    def __ne__(self, other: object) -> Any:
        given = self.asked("__ne__", other)
        if given is NotImplemented:
            same = self.__eq__(other)
            return same if same is NotImplemented else not same
        return given

    def __lt__(self, other: object) -> Any:
        return self._in_order("__lt__", other)

    def __le__(self, other: object) -> Any:
        return self._in_order("__le__", other)

    def __gt__(self, other: object) -> Any:
        return self._in_order("__gt__", other)

    def __ge__(self, other: object) -> Any:
        return self._in_order("__ge__", other)

    def __hash__(self) -> int:
        for one in self.kind.order():
            if "__hash__" in one.members:
                given = NotImplemented if one.members["__hash__"] is None else self.asked("__hash__")
                if given is NotImplemented:
                    break
                return int(_number(given, "__hash__"))
            if one.options.get("dataclass") and one.options.get("eq", True):
                if one.options.get("frozen"):
                    return hash(self._compared())
                break
            if "__eq__" in one.members or one.native:
                break
        else:
            return id(self) >> 4
        raise TypeError(f"unhashable type: {self.kind.name!r}")

    def __int__(self) -> int:
        return int(self._number("__int__"))

    def __float__(self) -> float:
        return float(self._number("__float__"))

    def __abs__(self) -> Any:
        return self._number("__abs__")

    def __round__(self, *digits: Any) -> Any:
        return self._number("__round__", *digits)

    def _number(self, name: str, *args: Any) -> Any:
        given = self.asked(name, *args)
        if given is NotImplemented:
            raise TypeError(f"a {self.kind.name} has no {name}")
        return _number(given, name)

    def _count(self) -> None:
        if self.kind.count is not None:
            self.kind.count(_TO_BE_ASKED)

    def _is_compared_by(self, option: str, other: object) -> bool:
        """Whether two objects are of a dataclass that compares, or orders, by its fields."""
        if not isinstance(other, Instance) or other.kind is not self.kind:
            return False
        of = next((one for one in self.kind.order() if one.options.get("dataclass")), None)
        return of is not None and bool(of.options.get(option, option == "eq"))

    def _compared(self) -> tuple[Any, ...]:
        """What such objects are compared by."""
        self._count()
        return tuple(
            self.fields.get(name) for name, one in self.kind.fields_of().items() if one.compare and not one.handed_on
        )

    def _in_order(self, name: str, other: object) -> Any:
        given = self.asked(name, other)
        if given is not NotImplemented:
            return given
        if self._is_compared_by("order", other):
            return getattr(self._compared(), name)(other._compared())  # type: ignore[attr-defined]
        if not any(one.options.get("total_ordering") for one in self.kind.order()):
            return NotImplemented
        root = next((one for one in _DERIVED if self.kind.special(one) is not None), "")
        given = self.asked(root, other) if root else NotImplemented
        return given if given is NotImplemented else _DERIVED[root][name](bool(given), self, other)


def _number(value: Any, name: str) -> Any:
    """A number that a method of the text has to give. Raises TypeError."""
    if not isinstance(value, int | float):
        raise TypeError(f"{name} has to give a number")
    return value


_DERIVED: dict[str, dict[str, Callable[[bool, Any, Any], bool]]] = {  # as functools.total_ordering derives them
    "__lt__": {
        "__gt__": lambda given, one, other: not given and one != other,
        "__le__": lambda given, one, other: given or one == other,
        "__ge__": lambda given, _one, _other: not given,
    },
    "__le__": {
        "__ge__": lambda given, one, other: not given or one == other,
        "__lt__": lambda given, one, other: given and one != other,
        "__gt__": lambda given, _one, _other: not given,
    },
    "__gt__": {
        "__lt__": lambda given, one, other: not given and one != other,
        "__ge__": lambda given, one, other: given or one == other,
        "__le__": lambda given, _one, _other: not given,
    },
    "__ge__": {
        "__le__": lambda given, one, other: not given or one == other,
        "__gt__": lambda given, one, other: given and one != other,
        "__lt__": lambda given, _one, _other: not given,
    },
}


def deepcopied(values: dict[str, Any], memo: Any) -> dict[str, Any]:
    """A copy of what is kept by its names; of a tensor that was computed, which Python does not copy, that tensor."""
    waiting, seen = [*values.values()], set[int]()
    while waiting:
        one = waiting.pop()
        if isinstance(one, torch.Tensor) and not one.is_leaf:
            memo.setdefault(id(one), one.detach())
        elif isinstance(one, dict | list | tuple) and id(one) not in seen:
            seen.add(id(one))
            waiting += one.values() if isinstance(one, dict) else one
    return {name: deepcopy(one, memo) for name, one in values.items()}


class Table(dict[Any, Any]):
    """A dictionary of a class of the text that comes from dict, with what it keeps behind dots; `itself` is whether
    these are its places (self.__dict__ = self)."""

    kind: Class
    fields: dict[str, Any]
    itself: bool = False


class Row(tuple[Any, ...]):
    """A tuple whose places have names: of a namedtuple, or of a class that comes from typing.NamedTuple."""

    kind: Class

    def __deepcopy__(self, memo: Any) -> "Row":
        return row(self.kind, [deepcopy(one, memo) for one in self])


def row(kind: Class, values: Iterable[Any]) -> Row:
    """A tuple with the names of a class."""
    made = Row(values)
    made.kind = kind
    return made


class Held(Mapping[str, nn.Module]):
    """network._modules: the layers that it holds by their names, as they are when they are looked at; not to be changed
    by a name of its own. A copy is that of the copied network."""

    def __init__(self, network: nn.Module):
        self.network = network

    def __getitem__(self, name: str) -> nn.Module:
        return self.network._modules[name]  # type: ignore[return-value]

    def __iter__(self) -> Iterator[str]:
        return iter(self.network._modules)

    def __len__(self) -> int:
        return len(self.network._modules)


class Array(list[Any]):
    """A row of numbers of numpy's, of that `kind`: gone through and indexed as a list, and not computed with."""

    kind: torch.dtype | None = None


@dataclass(eq=False)
class Walk:
    """iter(...): what is still to come, from `at`."""

    items: Sequence[Any]
    at: int = 0

    def rest(self) -> list[Any]:
        """All that is to come, which is then gone through."""
        found = list(self.items[self.at :])
        self.at = len(self.items)
        return found


@dataclass(frozen=True, eq=False)
class Method(Shared):
    """A function with what stands before the dot."""

    function: Any
    of: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Method) and self.function is other.function and self.of is other.of

    def __hash__(self) -> int:
        return hash((id(self.function), id(self.of)))

    def __deepcopy__(self, memo: Any) -> "Method":
        return Method(self.function, deepcopy(self.of, memo))


@dataclass(frozen=True, eq=False)
class Partial(Shared):
    """functools.partial."""

    function: Any
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, eq=False)
class Super(Shared):
    """super() in a method of `owner`, of the object `of`."""

    owner: Class
    of: Any


@dataclass(frozen=True, eq=False)
class Created:
    """A network of a class of the text, the call that made it, and what was given for the class's parameters."""

    kind: Class
    network: nn.Module
    node: ast.Call
    given: Mapping[str, Any]
