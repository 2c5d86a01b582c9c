"""What expressions in code of Keras come to: numbers, words, rows of them, layers. Nothing of a text is executed."""

import ast
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from math import prod
from typing import Any

from cnnviz.networks.notation.parser import ARITHMETIC, MAX_NUMBER
from cnnviz.networks.source.keras.kinds import Call, NoCounterpartError

MAX_PARTS = 1_000  # of a list
_MAX_DIGITS = 20  # that a number is rounded to
MAX_NESTED = 3  # lists in lists, of what a layer is given

_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "int": int,
    "float": float,
    "bool": bool,
    "round": round,
    "abs": abs,
    "min": min,
    "max": max,
    "sum": sum,
    "prod": prod,
    "len": len,
    "tuple": tuple,
    "list": list,
}
ROWS: dict[str, Callable[..., Any]] = {"range": range, "enumerate": enumerate, "zip": zip, "reversed": reversed}


class UnknownError(NoCounterpartError):
    """A value that does not follow from the text; `name` is what it was wanted for, where that is all there is to
    say."""

    def __init__(self, sentence: str, name: str = ""):
        super().__init__(sentence)
        self.name = name


@dataclass
class Model:
    """A Sequential, or a functional model that is a plain chain: the groups of layers that it was given (another
    Sequential is one group), where it was made, and in how many loops and branches of unknown condition."""

    line: int
    around: int
    name: str = ""
    groups: list[list[Call]] = field(default_factory=list)
    within: bool = False  # another one
    functional: bool = False

    @property
    def layers(self) -> list[Call]:
        return [layer for group in self.groups for layer in group]


@dataclass(frozen=True, eq=False)
class Flow:
    """What comes out of a chain of layers of a functional model, its Input first; `within` are the models in it."""

    layers: tuple[Call, ...]
    within: tuple[Model, ...] = ()


@dataclass(frozen=True)
class Partial:
    """partial(Conv2D, kernel_size=3): the kind of a layer, and the call of it with what it is given first."""

    word: str
    call: ast.Call

    def completed(self, call: ast.Call) -> ast.Call:
        """With what it is given further, which counts where it has the same name."""
        later = {one.arg for one in call.keywords}
        keywords = [*(one for one in self.call.keywords if one.arg not in later), *call.keywords]
        return ast.copy_location(ast.Call(self.call.func, [*self.call.args, *call.args], keywords), call)


@dataclass(frozen=True)
class Unknown:
    """What a name stands for that was set to something which is not read: why, and the last part of its own name."""

    why: UnknownError
    word: str = ""


def dotted(expression: ast.expr) -> str:
    """'keras.layers.Dense' of such a name; '' of anything else."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute) and len(parts) < 8:
        parts.append(expression.attr)
        expression = expression.value
    return ".".join(reversed([*parts, expression.id])) if isinstance(expression, ast.Name) else ""


def last_part(expression: ast.expr) -> str:
    """'Dense' of keras.layers.Dense."""
    return dotted(expression).rpartition(".")[2]


def shown(expression: ast.expr) -> str:
    """What stands there, cut to a few words."""
    try:
        text = " ".join(ast.unparse(expression).split())
    except (RecursionError, ValueError):
        return "something else"
    return text if len(text) <= 40 else f"{text[:37]}..."


def is_plain(value: Any, nested: int = MAX_NESTED) -> bool:
    """Whether it is a number, a word, or a few of them."""
    if isinstance(value, tuple | list):
        return nested > 0 and len(value) <= 8 and all(is_plain(one, nested - 1) for one in value)
    return value is None or isinstance(value, bool | int | float | str)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float, bool) and abs(value) <= MAX_NUMBER


def arithmetic(kind: type[ast.operator], left: Any, right: Any) -> Any:
    """What two numbers give, two rows that are joined, or a row that is repeated. Raises ValueError with what is
    wrong."""
    if kind is ast.Mult and isinstance(left, tuple | list) and type(right) is int and is_plain(left):
        if len(left) * right > MAX_PARTS:
            raise ValueError(f"more than {MAX_PARTS:,} parts are joined")
        return left * right
    if kind is ast.Add and type(left) is type(right) and type(left) in (tuple, list):
        if len(left) + len(right) > MAX_PARTS:
            raise ValueError(f"more than {MAX_PARTS:,} parts are joined")
        return left + right
    other = next((one for one in (left, right) if not _is_number(one)), None)
    if other is not None or left is None or right is None:
        raise ValueError(f"a number is wanted, and this is {_named(other)}")
    try:
        result = ARITHMETIC[kind](left, right)
    except ZeroDivisionError:
        raise ValueError("this divides by 0") from None
    except OverflowError:
        raise ValueError("this number is too large") from None
    if not _is_number(result):
        raise ValueError(f"this number is larger than {MAX_NUMBER:,}")
    return result


def applied(name: str, values: list[Any]) -> Any:
    """What one of FUNCTIONS makes of numbers, or of one row of them. Raises ValueError where they are neither."""
    row = values[0] if len(values) == 1 and isinstance(values[0], tuple | list) else values
    numbers = all(map(_is_number, row))
    if not numbers and name not in ("len", "tuple", "list"):
        raise ValueError("numbers are wanted")
    if name == "round" and len(values) == 2 and abs(values[1]) > _MAX_DIGITS:
        raise ValueError(f"numbers are rounded to up to {_MAX_DIGITS} digits")
    try:
        result = FUNCTIONS[name](*values)
    except (TypeError, OverflowError):
        raise ValueError("it is given something else") from None
    if numbers and not isinstance(result, tuple | list) and not _is_number(result):
        raise ValueError(f"this number is larger than {MAX_NUMBER:,}")
    return result


def row_of(name: str, values: list[Any]) -> list[Any]:
    """What one of ROWS makes, as a list. Raises ValueError where that is nothing, or too long."""
    wanted = int if name == "range" else tuple | list
    if not all(isinstance(one, wanted) for one in values[: None if name in ("range", "zip") else 1]):
        raise ValueError("it is given something else")
    try:
        found = list(islice(ROWS[name](*values), MAX_PARTS + 1))
    except (TypeError, ValueError):
        raise ValueError("it is given something else") from None
    if len(found) > MAX_PARTS:
        raise ValueError(f"it has more than {MAX_PARTS:,} parts")
    return found


def compared(kind: type[ast.cmpop], left: Any, right: Any) -> bool:
    """Whether left == right, for instance. Raises ValueError where that cannot be said."""
    if not is_plain(left) or not is_plain(right):
        raise ValueError("it cannot be compared")
    try:
        return _COMPARED[kind](left, right)
    except (KeyError, TypeError):
        raise ValueError("it cannot be compared") from None


def part(whole: Any, index: Any) -> Any:
    """whole[index]. Raises ValueError where there is no such part."""
    if isinstance(whole, dict) and isinstance(index, str | int) and index in whole:
        return whole[index]
    if isinstance(whole, tuple | list) and isinstance(index, slice):
        return whole[index]
    if isinstance(whole, tuple | list) and type(index) is int and -len(whole) <= index < len(whole):
        return whole[index]
    raise ValueError("there is no such part")


def same(left: Any, right: Any) -> bool:
    """Whether two values are known to be the same."""
    return left is right or (is_plain(left) and is_plain(right) and type(left) is type(right) and left == right)


def _named(value: Any) -> str:
    """A value in a word or two."""
    if is_plain(value):
        return repr(value)[:40]
    return f"a layer {value.kind}" if isinstance(value, Call) else "something else"
