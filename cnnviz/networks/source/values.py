"""What the names of a text can stand for beside numbers, words, lists and tensors."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from cnnviz.networks.notation.parser import NotationError


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

    def order(self) -> "tuple[Class, ...]":
        """Itself and the classes of the text that it inherits from, the nearest first."""
        return self._order


@dataclass(eq=False)
class Instance:
    """An object of a plain class of the text."""

    kind: Class
    fields: dict[str, Any] = field(default_factory=dict)


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
