"""A Sequential of Keras, or the table of its summary, as the text of an nn.Sequential. The text is read as a syntax
tree; nothing of it is executed."""

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from cnnviz.networks.source import keras_summary
from cnnviz.networks.source.keras_layers import ALIASES, KINDS, PARAMETERS, Call, NoCounterpartError, translate
from cnnviz.networks.source.keras_layers import Translated as Translated

MAX_CHARACTERS = 100_000
MAX_LAYERS = 500
MAX_DEPTH = 30
MAX_NUMBER = 10**9
MAX_STEPS = 20_000  # names, numbers and layers that are looked at
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_KERAS = re.compile(r"\b(keras|tensorflow|tf\.keras)\b|\b(Dense|Conv[123]D|(Max|Average)Pooling[123]D)\s*\(")
_TORCH = re.compile(r"\bnn\.(Module|Sequential|Conv\dd|Linear)\b|\b(Conv\dd|Linear)\s*\(")
FUNCTIONAL = (
    "This is a functional model of Keras, in which layers are called with what they take; only a Sequential is "
    "translated. Write it as a class with a forward, as PyTorch has it."
)
SUBCLASS = (
    "This is a class of Keras with a call of its own; only a Sequential is translated. "
    "In PyTorch it is a class of nn.Module with a forward."
)


def read(text: str) -> Translated | None:
    """What a Sequential of Keras, or what model.summary() prints of it, is in PyTorch; None where it is neither."""
    if len(text) > MAX_CHARACTERS or _TORCH.search(text):
        return None
    if keras_summary.recognised(text):
        try:
            calls, notes = keras_summary.calls(text)
        except NoCounterpartError as error:
            return Translated("", (str(error),))
        found = translate(calls)
        return Translated(found.text, (*found.notes, *notes), found.input_shape) if found.text else found
    if not _KERAS.search(text):
        return None
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    reader = _Reader()
    try:
        reader.statements(body, 0)
        layers = reader.chosen()
        return translate(layers) if layers is not None else reader.other()
    except NoCounterpartError as error:
        return Translated("", (str(error),))
    except RecursionError:
        return Translated("", ("The text is nested too deeply to be read.",))


@dataclass
class _Reader:
    """Walks the statements of a text and notes what its Sequentials are given, in their order."""

    values: dict[str, ast.expr] = field(default_factory=dict)  # what a name was last set to
    models: dict[str, list[Call]] = field(default_factory=dict)  # the layers of each Sequential, by its name
    functional: bool = False
    subclass: bool = False
    used: set[str] = field(default_factory=set)  # Sequentials that stand in another one
    steps: int = 0

    def step(self, depth: int) -> None:
        """Raises NoCounterpartError where a text asks for too much."""
        self.steps += 1
        if depth > MAX_DEPTH or self.steps > MAX_STEPS:
            raise NoCounterpartError("The text is nested too deeply, or too long, to be read.")

    def bounded(self, layers: Iterable[Call]) -> list[Call]:
        """The layers of a Sequential. Raises NoCounterpartError where they are too many."""
        found = list(islice(layers, MAX_LAYERS + 1))
        if len(found) > MAX_LAYERS:
            raise NoCounterpartError(f"The Sequential has more than {MAX_LAYERS} layers, which are the most.")
        return found

    def statements(self, body: list[ast.stmt], depth: int) -> None:
        for statement in body:
            self.step(depth)
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.assign(name, value)
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self.assign(name, value)
                case ast.Expr(value=ast.Call() as call) | ast.Return(value=ast.Call() as call):
                    self.called(call)
                case ast.For() | ast.While() if any(map(_adds, ast.walk(statement))):
                    raise NoCounterpartError(
                        f"Line {statement.lineno}: layers are added in a loop, which is not read; write them out."
                    )
                case ast.ClassDef():
                    self.subclass = self.subclass or any(
                        (_dotted(base) or "").endswith("Model") for base in statement.bases
                    )
                case ast.FunctionDef() | ast.With() | ast.If():
                    self.statements(statement.body, depth + 1)

    def assign(self, name: str, value: ast.expr) -> None:
        if isinstance(value, ast.Call):
            if _is_sequential(value):
                self.models[name] = self.bounded(self.listed(value))
                self.values.pop(name, None)
                return
            self.functional = self.functional or _is_functional(value)
        self.values[name] = value

    def called(self, call: ast.Call) -> None:
        """model.add(layer), or a Sequential that is given no name."""
        if _is_sequential(call):
            self.models[""] = self.bounded(self.listed(call))
        elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.attr == "add":
            if call.func.value.id in self.models and len(call.args) == 1:
                layers = self.models[call.func.value.id]
                self.models[call.func.value.id] = self.bounded([*layers, *self.element(call.args[0], 0)])
        else:
            self.functional = self.functional or _is_functional(call)

    def listed(self, call: ast.Call, depth: int = 0) -> Iterator[Call]:
        """The layers that Sequential([...]) is given."""
        given = [*call.args, *(one.value for one in call.keywords if one.arg == "layers")]
        inside = given[0] if given else None
        if isinstance(inside, ast.Name):
            inside = self.values.get(inside.id, inside)
        if inside is None:
            return
        if not isinstance(inside, ast.List | ast.Tuple):
            raise NoCounterpartError(f"Line {inside.lineno}: Sequential takes a list of layers, [Conv2D(...), ...].")
        for one in inside.elts:
            yield from self.element(one, depth)

    def element(self, expression: ast.expr, depth: int) -> list[Call]:
        """A layer, or the layers of a Sequential inside another one."""
        self.step(depth)
        if isinstance(expression, ast.Name) and expression.id in self.models:
            self.used.add(expression.id)
            return self.models[expression.id]
        if isinstance(expression, ast.Name) and expression.id in self.values:
            return self.element(self.values[expression.id], depth + 1)
        if isinstance(expression, ast.Call) and _is_sequential(expression):
            return self.bounded(self.listed(expression, depth + 1))
        if isinstance(expression, ast.Call):
            return [self.layer(expression, depth)]
        raise NoCounterpartError(
            f"Line {expression.lineno}: a layer such as Conv2D(32, 3) is wanted, and this is {_shown(expression)}."
        )

    def layer(self, call: ast.Call, depth: int) -> Call:
        """A layer with its values by name."""
        kind = (_dotted(call.func) or "").rpartition(".")[2]
        kind = ALIASES.get(kind, kind)
        if kind not in KINDS:
            raise NoCounterpartError(f"Line {call.lineno}: {_shown(call.func)} is no layer that is translated.")
        names = PARAMETERS.get(kind)
        if names is not None and len(call.args) > len(names):
            raise NoCounterpartError(f"Line {call.lineno}: {kind} is given more values than it takes.")
        given = [*zip(names or (), call.args, strict=False), *((one.arg, one.value) for one in call.keywords)]
        arguments = {}
        for name, expression in given:
            if name is None:
                raise NoCounterpartError(f"Line {call.lineno}: {kind} is given ** values, which are not read.")
            if not name.endswith(("_initializer", "_constraint")) and names is not None:
                arguments[name] = self.value(expression, name, depth)
        return Call(kind, arguments, call.lineno)

    def value(self, expression: ast.expr, name: str, depth: int) -> Any:
        """A number, a word, several in brackets; for an activation its name or its layer."""
        self.step(depth)
        match expression:
            case ast.Constant(value=bool() | int() | float() | str() | None as value):
                return value
            case ast.Tuple(elts=parts) | ast.List(elts=parts) if len(parts) <= 8:
                return tuple(self.value(one, name, depth + 1) for one in parts)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.number(operand, depth)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return self.arithmetic(expression, self.number(left, depth), self.number(right, depth), type(op))
            case ast.Name(id=known) if known in self.values:
                return self.value(self.values[known], name, depth + 1)
            case ast.Subscript(value=whole, slice=ast.Constant(value=int(index))):
                parts = self.value(whole, name, depth + 1)
                if isinstance(parts, tuple) and -len(parts) <= index < len(parts):
                    return parts[index]
            case ast.Call() if name == "activation":
                return self.layer(expression, depth + 1)
            case ast.Attribute() | ast.Name() if name == "activation":
                return (_dotted(expression) or "").rpartition(".")[2]
        if name.endswith("_regularizer"):
            return _shown(expression)
        raise NoCounterpartError(
            f"Line {expression.lineno}: {name} is {_shown(expression)}, whose value is not in the text; "
            "write the number itself."
        )

    def number(self, expression: ast.expr, depth: int) -> Any:
        value = self.value(expression, "a number", depth + 1)
        if type(value) not in (int, float) or abs(value) > MAX_NUMBER:
            raise NoCounterpartError(f"Line {expression.lineno}: a number is wanted, and this is {str(value)[:40]}.")
        return value

    def arithmetic(self, expression: ast.expr, left: Any, right: Any, kind: type[ast.operator]) -> Any:
        try:
            return _ARITHMETIC[kind](left, right)
        except ZeroDivisionError:
            raise NoCounterpartError(f"Line {expression.lineno}: this divides by 0.") from None

    def chosen(self) -> list[Call] | None:
        """The layers of the last Sequential that is no part of another one."""
        found = [layers for name, layers in self.models.items() if name not in self.used and layers]
        if not found:
            return [] if self.models else None
        return found[-1]

    def other(self) -> Translated | None:
        """What is said of a text with no Sequential."""
        if self.functional:
            return Translated("", (FUNCTIONAL,))
        return Translated("", (SUBCLASS,)) if self.subclass else None


def _adds(node: ast.AST) -> bool:
    """Whether it adds a layer to something."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add"
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Call)
        and (_dotted(node.args[0].func) or "").rpartition(".")[2] in KINDS
    )


def _is_sequential(call: ast.Call) -> bool:
    return (_dotted(call.func) or "").rpartition(".")[2] == "Sequential"


def _is_functional(call: ast.Call) -> bool:
    """layers.Dense(10)(x), keras.Model(inputs, outputs), keras.Input(...)."""
    if isinstance(call.func, ast.Call):
        return (_dotted(call.func.func) or "").rpartition(".")[2] in KINDS
    return (_dotted(call.func) or "").rpartition(".")[2] == "Model"


def _dotted(expression: ast.expr) -> str | None:
    """'keras.layers.Dense' of such a name; None of anything else."""
    parts: list[str] = []
    while isinstance(expression, ast.Attribute) and len(parts) < 8:
        parts.append(expression.attr)
        expression = expression.value
    return ".".join(reversed([*parts, expression.id])) if isinstance(expression, ast.Name) else None


def _shown(expression: ast.expr) -> str:
    """What stands there, cut to a few words."""
    name = _dotted(expression)
    if name is not None:
        return name[:40]
    return "a call" if isinstance(expression, ast.Call) else "something else"
