"""What expressions in code of Keras come to, where names stand for what they were set to. Nothing of it is executed."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cnnviz.networks.notation.parser import ARITHMETIC
from cnnviz.networks.source.keras.kinds import (
    ALIASES,
    DIFFERS,
    IGNORED,
    KINDS,
    PARAMETERS,
    READY_MADE,
    SHAPES,
    Call,
    NoCounterpartError,
)
from cnnviz.networks.source.keras.values import (
    FUNCTIONS,
    MAX_PARTS,
    ROWS,
    Partial,
    Unknown,
    UnknownError,
    applied,
    arithmetic,
    compared,
    dotted,
    is_plain,
    last_part,
    part,
    row_of,
    shown,
)

MAX_DEPTH = 30
MAX_STEPS = 100_000  # names, numbers and layers that are looked at
LAYOUT = {"image_data_format": "channels_last", "image_dim_ordering": "tf"}  # what Keras answers where nothing sets it
FIRST = {"image_data_format": "channels_first", "image_dim_ordering": "th"}


@dataclass
class Scope:
    """What names stand for in a function, and what it returned."""

    values: dict[str, Any] = field(default_factory=dict)
    returned: list[Any] = field(default_factory=list)


class Expressions:
    """Looks names up, in a function and in its module, and says what expressions come to."""

    def __init__(self, place: Callable[[int], int]):
        self.place = place  # the reader's line for one of the tree
        self.values: dict[str, Any] = {}  # of the module; those of attributes such as self.model, too
        self.scopes = [Scope()]
        self.notes: list[str] = []
        self.ready_made: UnknownError | None = None  # what is said of the first one of Keras's
        self.steps = 0
        self.layout = {**LAYOUT}

    def step(self, depth: int, node: ast.AST) -> None:
        """Raises NoCounterpartError where a text asks for too much."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise NoCounterpartError("The text is too long to be read.")
        if depth > MAX_DEPTH:
            raise UnknownError(f"Line {self.line(node)}: the text is nested too deeply to be read.")

    def line(self, node: ast.AST) -> int:
        return self.place(getattr(node, "lineno", 1))

    def set(self, name: str, value: Any) -> None:
        """Attributes are those of the module; a function has names of its own."""
        (self.values if "." in name or len(self.scopes) == 1 else self.scopes[-1].values)[name] = value

    def get(self, name: str) -> Any:
        """What a name stands for. Raises KeyError."""
        own = self.scopes[-1].values
        return own[name] if name in own else self.values[name]

    def has(self, name: str) -> bool:
        return name in self.scopes[-1].values or name in self.values

    def tried(self, expression: ast.expr, name: str, depth: int) -> Any:
        """What an expression comes to, Unknown where that does not follow from the text."""
        try:
            return self.value(expression, name, depth)
        except UnknownError as error:
            if name and error.name == name:
                error = self.unknown(expression, name, shown(expression))
            return Unknown(error, last_part(expression))

    def kind(self, function: ast.expr) -> str:
        """The kind of layer that is called, also where it was imported by another name."""
        name = dotted(function)
        known = self.get(name) if self.has(name) else None
        word = known.word if isinstance(known, Unknown | Partial) and known.word else name.rpartition(".")[2]
        return ALIASES.get(word, word)

    def layer(self, call: ast.Call, depth: int) -> Call:
        """A layer with its values by name. Raises NoCounterpartError."""
        kind, line = self.kind(call.func), self.line(call)
        call = self.completed(call)
        if kind not in KINDS:
            raise UnknownError(f"Line {line}: {shown(call.func)} is no layer that is translated.")
        names = PARAMETERS.get(kind)
        numbers = [one.value for one in call.args[1:] if isinstance(one, ast.Constant) and type(one.value) is int]
        if last_part(call.func).startswith("Convolution") and len(numbers) > 1:
            raise NoCounterpartError(
                f"Line {line}: {shown(call)} is a window of several sides in Keras 1 and a stride in later ones; "
                "write Conv2D(filters, kernel_size=(3, 3)) with the numbers that are meant."
            )
        if re.match(r"Conv\dD$", kind) and len(numbers) > 1 and numbers[0] == numbers[1] != 1:
            self.notes.append(
                f"Line {line}: the stride of {shown(call.func)} is the third number, {numbers[1]}, as in Keras 2 "
                "and 3; in Keras 1 it was a side of the window."
            )
        if names is not None and len(call.args) > len(names):
            raise NoCounterpartError(f"Line {line}: {kind} is given more values than it takes.")
        given = [*zip(names or (), call.args, strict=False), *((one.arg, one.value) for one in call.keywords)]
        arguments = {}
        for name, expression in given:
            if name is None:
                raise NoCounterpartError(f"Line {line}: {kind} is given ** values, which are not read.")
            if name.endswith("_regularizer"):
                none = isinstance(expression, ast.Constant) and expression.value is None
                arguments[name] = None if none else shown(expression)
            elif name in SHAPES or (names is not None and name in (*names, "alpha", "output_padding")):
                if not IGNORED.fullmatch(name):
                    arguments[name] = self.given(name, expression, depth)
            elif names is not None and not IGNORED.fullmatch(name):
                arguments[name] = None
        if self.layout != LAYOUT and "data_format" in (names or ()) and arguments.get("data_format") is None:
            arguments["data_format"] = "channels_first"
        return Call(kind, arguments, line)

    def completed(self, call: ast.Call) -> ast.Call:
        """A call of what partial(...) has made, as that of the layer itself."""
        known = self.get(dotted(call.func)) if self.has(dotted(call.func)) else None
        return known.completed(call) if isinstance(known, Partial) else call

    def given(self, name: str, expression: ast.expr, depth: int) -> Any:
        """What a layer is given. Raises UnknownError where it does not follow from the text."""
        if name.startswith("batch") and isinstance(expression, ast.Tuple | ast.List) and expression.elts:
            expression = ast.copy_location(ast.Tuple(expression.elts[1:], ast.Load()), expression)
            return (None, *self.given("shape", expression, depth))
        if name == "activation":
            return self.activation(expression, depth)
        try:
            found = self.value(expression, name, depth + 1)
        except UnknownError as error:
            raise self.unknown(expression, name, shown(expression)) if error.name == name else error from None
        if not is_plain(found):
            raise self.unknown(expression, name, shown(expression))
        return _tuples(found)

    def activation(self, expression: ast.expr, depth: int) -> Any:
        """The name of an activation, or a layer."""
        if isinstance(expression, ast.Lambda):
            raise UnknownError(
                f"Line {self.line(expression)}: the activation {shown(expression)} is a function of the text, which is "
                "not translated; write the name of one, such as 'relu'."
            )
        name = dotted(expression)
        known = self.get(name) if name and self.has(name) else None
        if isinstance(known, Unknown) and known.word:
            return known.word
        if name and known is None:
            return name.rpartition(".")[2]
        found = self.value(expression, "activation", depth + 1)
        if found is None or isinstance(found, str | Call):
            return found
        raise self.unknown(expression, "activation", shown(expression))

    def unknown(self, node: ast.AST, name: str, what: str) -> UnknownError:
        return UnknownError(
            f"Line {self.line(node)}: {name[:40]} is {what[:60]}, whose value is not in the text; "
            "write the value itself.",
            name,
        )

    def value(self, expression: ast.expr, name: str, depth: int) -> Any:
        """A number, a word, several in a row, a layer, a Sequential. Raises UnknownError where it does not follow."""
        self.step(depth, expression)
        try:
            match expression:
                case ast.Constant(value=bool() | int() | float() | str() | None as value):
                    return value
                case ast.Tuple(elts=parts) | ast.List(elts=parts):
                    row = self.row(parts, name, depth + 1)
                    return row if isinstance(expression, ast.List) else tuple(row)
                case ast.Dict(keys=keys, values=values) if all(isinstance(key, ast.Constant) for key in keys):
                    found = {}
                    for key, one in zip(keys, values, strict=True):
                        if isinstance(key, ast.Constant) and isinstance(key.value, str | int):
                            found[key.value] = self.tried(one, str(key.value), depth + 1)
                    return found
                case ast.UnaryOp(op=ast.USub(), operand=operand):
                    return arithmetic(ast.Sub, 0, self.value(operand, name, depth + 1))
                case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                    return arithmetic(ast.Add, 0, self.value(operand, name, depth + 1))
                case ast.UnaryOp(op=ast.Not(), operand=operand):
                    return not self.value(operand, name, depth + 1)
                case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
                    first, second = self.value(left, name, depth + 1), self.value(right, name, depth + 1)
                    return self.combined(expression, type(op), first, second)
                case ast.BoolOp(op=op, values=values):
                    return self.either(isinstance(op, ast.Or), values, name, depth)
                case ast.Compare(left=left, ops=[op], comparators=[right]):
                    return compared(type(op), self.value(left, name, depth + 1), self.value(right, name, depth + 1))
                case ast.IfExp(test=test, body=body, orelse=orelse):
                    chosen = body if self.value(test, "the condition", depth + 1) else orelse
                    return self.value(chosen, name, depth + 1)
                case ast.Subscript(value=whole, slice=index):
                    return self.known(part(self.value(whole, name, depth + 1), self.index(index, depth + 1)))
                case ast.Name() | ast.Attribute():
                    if dotted(expression) and self.has(dotted(expression)):
                        return self.known(self.get(dotted(expression)))
                    if dotted(expression) == "__name__":
                        return "__main__"
                case ast.ListComp(elt=made, generators=[one]) | ast.GeneratorExp(elt=made, generators=[one]):
                    return self.each(made, one, name, depth)
                case ast.Call():
                    return self.result(expression, name, depth)
        except ValueError as error:
            if isinstance(error, NoCounterpartError):
                raise
            raise UnknownError(f"Line {self.line(expression)}: {shown(expression)}: {error}.") from None
        raise self.unknown(expression, name, shown(expression))

    def combined(self, expression: ast.expr, kind: type[ast.operator], left: Any, right: Any) -> Any:
        """What two values come to. Raises ValueError where they are no numbers."""
        return arithmetic(kind, left, right)

    def known(self, value: Any) -> Any:
        if isinstance(value, Unknown):
            raise value.why
        return value

    def row(self, parts: list[ast.expr], name: str, depth: int) -> list[Any]:
        """The parts of a list, those of *another among them."""
        found: list[Any] = []
        for one in parts:
            inner = self.value(one.value if isinstance(one, ast.Starred) else one, name, depth)
            found += inner if isinstance(one, ast.Starred) and isinstance(inner, tuple | list) else [inner]
            if len(found) > MAX_PARTS:
                raise ValueError(f"it has more than {MAX_PARTS:,} parts")
        return found

    def each(self, made: ast.expr, over: ast.comprehension, name: str, depth: int) -> list[Any]:
        """[made for target in row], each with a name of its own for what the row has."""
        row = self.value(over.iter, "the row", depth + 1)
        if over.ifs or over.is_async or not isinstance(row, tuple | list):
            raise ValueError("a row that follows from the text is wanted")
        self.scopes.append(Scope(dict(self.scopes[-1].values)))
        try:
            found = []
            for one in row:
                self.assign(over.target, one, depth + 1)
                found.append(self.value(made, name, depth + 1))
            return found
        finally:
            self.scopes.pop()

    def assign(self, target: ast.expr, value: Any, depth: int) -> None:
        """Sets a name, or each of several; of a part of something nothing is known."""
        self.step(depth, target)
        if isinstance(target, ast.Tuple | ast.List):
            several = isinstance(value, tuple | list) and len(value) == len(target.elts)
            for index, one in enumerate(target.elts):
                found = value[index] if several else Unknown(self.unknown(one, shown(one), "a part of something else"))
                self.assign(one.value if isinstance(one, ast.Starred) else one, found, depth + 1)
        elif name := dotted(target):
            self.set(name, value)

    def either(self, wanted: bool, values: list[ast.expr], name: str, depth: int) -> Any:
        """a or b, a and b."""
        found = None
        for one in values:
            found = self.value(one, name, depth + 1)
            if bool(found) is wanted:
                break
        return found

    def index(self, expression: ast.expr, depth: int) -> Any:
        if isinstance(expression, ast.Slice):
            ends = (expression.lower, expression.upper, expression.step)
            found = [None if one is None else self.value(one, "an index", depth) for one in ends]
            if any(one is not None and type(one) is not int for one in found) or found[2] == 0:
                raise ValueError("there is no such part")
            return slice(*found)
        return self.value(expression, "an index", depth)

    def result(self, call: ast.Call, name: str, depth: int) -> Any:
        """What a call gives: a layer or a number."""
        word = last_part(call.func)
        if self.kind(call.func) in KINDS:
            return self.layer(call, depth + 1)
        if word == "partial" and call.args and self.kind(call.args[0]) in KINDS:
            begun = ast.copy_location(ast.Call(call.args[0], call.args[1:], call.keywords), call)
            return Partial(self.kind(call.args[0]), self.completed(begun))
        if (ready := self.kind(call.func)) in READY_MADE:
            found = UnknownError(f"Line {self.line(call)}: {_told_of(ready)}")
            self.ready_made = self.ready_made or found
            raise found
        if word in LAYOUT:
            return self.layout[word]
        if word in ROWS and not call.keywords:
            return row_of(word, [self.value(one, name, depth + 1) for one in call.args])
        if word in FUNCTIONS and not call.keywords:
            return applied(word, [self.value(one, name, depth + 1) for one in call.args])
        if name == "a layer":
            raise UnknownError(f"Line {self.line(call)}: {shown(call.func)} is no layer that is translated.")
        raise self.unknown(call, name, shown(call))

    def is_sequential(self, call: ast.Call) -> bool:
        return self.kind(call.func) == "Sequential"


def _told_of(ready_made: str) -> str:
    """What is said of a ready-made network of Keras."""
    own, differs = READY_MADE[ready_made], DIFFERS.get(ready_made, "")
    has = f"torchvision has {'nearly ' if differs else ''}the same as models.{own}"
    has = f"{has}: {differs}" if differs else has if own else "torchvision has no such network"
    return f"{ready_made} is one of Keras's ready-made networks, whose layers do not stand in the text; {has}."


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, tuple | list) else value
