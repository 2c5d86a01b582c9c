"""The Sequentials of code of Keras while it is walked through: the layers that they are given, in their order."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from cnnviz.networks.source.keras.expressions import Expressions
from cnnviz.networks.source.keras.kinds import KINDS, Call, NoCounterpartError
from cnnviz.networks.source.keras.values import MAX_PARTS, Model, Unknown, UnknownError, dotted, shown

MAX_LAYERS = 500


class Networks(Expressions):
    """Notes what the Sequentials of a text are given."""

    def __init__(self, place: Callable[[int], int]):
        super().__init__(place)
        self.models: list[Model] = []
        self.around: list[ast.stmt] = []  # loops, and branches of unknown condition, that a statement stands in

    def sequential(self, call: ast.Call, depth: int) -> Model:
        """Sequential([...]), its layers among them. Raises NoCounterpartError."""
        model = Model(self.line(call), len(self.around))
        self.begin(model, call, depth)
        self.models.append(model)
        return model

    def begin(self, model: Model, call: ast.Call, depth: int) -> None:
        """Adds the layers of a list that a Sequential begins with, if it is given one. Raises NoCounterpartError."""
        given = [*call.args, *(one.value for one in call.keywords if one.arg == "layers")]
        if given and not (isinstance(given[0], ast.Constant) and given[0].value is None):
            try:
                for one in self.listed(given[0], depth):
                    self.grow(model, one, depth)
            except UnknownError as error:
                raise NoCounterpartError(str(error)) from None

    def listed(self, expression: ast.expr, depth: int) -> Iterator[Any]:
        """The parts of a list, which may be a name, or lists that are joined."""
        if isinstance(expression, ast.List | ast.Tuple):
            for one in expression.elts:
                if isinstance(one, ast.Starred):
                    yield from self.listed(one.value, depth + 1)
                else:
                    yield one
            return
        name = dotted(expression)
        known = self.get(name) if name and self.has(name) else None
        found = self.known(known) if known is not None else self.tried(expression, "the list of layers", depth + 1)
        if not isinstance(found, tuple | list):
            raise NoCounterpartError(
                f"Line {self.line(expression)}: Sequential takes a list of layers, [Conv2D(...), ...], and this is "
                f"{shown(expression)}."
            )
        yield from found

    def grow(self, model: Model, given: Any, depth: int) -> None:
        """Adds a layer, or the layers of another Sequential. Raises NoCounterpartError."""
        node = given if isinstance(given, ast.expr) else None
        try:
            found = given if node is None else self.value(node, "a layer", depth)
        except UnknownError as error:
            if node is not None and not isinstance(node, ast.Call) and not self.has(dotted(node)):
                found = None
            else:
                raise NoCounterpartError(str(error)) from None
        if isinstance(found, Unknown):
            raise NoCounterpartError(str(found.why))
        if isinstance(found, Model):
            found.within = found is not model
            group = found.layers
        elif isinstance(found, Call):
            group = [found]
        else:
            line = model.line if node is None else self.line(node)
            what = "something else" if node is None else shown(node)
            raise NoCounterpartError(f"Line {line}: a layer such as Conv2D(32, 3) is wanted, and this is {what}.")
        model.groups.append(group)
        if len(model.groups) > MAX_LAYERS or len(model.layers) > MAX_LAYERS:
            raise NoCounterpartError(f"The Sequential has more than {MAX_LAYERS} layers, which are the most.")

    def on(self, function: ast.Attribute, call: ast.Call, depth: int) -> bool:
        """A method of a Sequential or of a list; whether it is one of those."""
        owner = self.owner(function.value)
        name = function.attr
        if isinstance(owner, Model):
            if name == "add" and len(call.args) + len(call.keywords) == 1:
                given = [*call.args, *(one.value for one in call.keywords)][0]
                self.may_change(owner, "added")
                self.grow(owner, given, depth)
            elif name == "pop" and not call.args:
                self.may_change(owner, "removed")
                if not owner.groups or owner.layers[-1].kind == "Input":
                    raise NoCounterpartError(f"Line {self.line(call)}: there is no layer that pop could remove.")
                owner.groups.pop()
            elif name == "build":
                self.built(owner, call, depth)
            elif name in ("add", "pop", "insert"):
                raise NoCounterpartError(f"Line {self.line(call)}: {name} takes one layer; write add(Dense(10)).")
            return True
        if isinstance(owner, Unknown) and name in ("add", "pop") and self.adds(call):
            raise NoCounterpartError(str(owner.why))
        if name in ("pop", "append", "insert", "remove", "clear"):
            self.keeps_layers(function.value)
        if isinstance(owner, list | dict):
            if name in ("append", "extend") and isinstance(owner, list) and len(call.args) == 1 and not self.around:
                found = self.tried(call.args[0], shown(function.value), depth)
                more = [found] if name == "append" else found
                if isinstance(more, tuple | list) and len(owner) + len(more) <= MAX_PARTS:
                    owner.extend(more)
                    return True
            if name in ("append", "extend", "insert", "pop", "remove", "reverse", "clear", "sort", "update"):
                self.changed(function.value, name, call)
            return True
        return False

    def owner(self, expression: ast.expr) -> Any:
        """What the name before a method stands for; None where it is no name, or not known."""
        name = dotted(expression)
        return self.get(name) if name and self.has(name) else None

    def adds(self, call: ast.Call) -> bool:
        """Whether a layer is given."""
        return any(isinstance(one, ast.Call) and self.kind(one.func) in KINDS for one in call.args)

    def changed(self, expression: ast.expr, how: str, node: ast.AST) -> None:
        """Of a list that is changed in a way that is not read, nothing is known any more."""
        self.keeps_layers(expression)
        name = dotted(expression)
        if name and self.has(name) and isinstance(self.get(name), list | dict):
            why = f"Line {self.line(node)}: {name[:40]} is changed by {how}, which is not read here; write it out."
            self.set(name, Unknown(UnknownError(why)))

    def keeps_layers(self, expression: ast.expr) -> None:
        """Raises NoCounterpartError where a list that is changed is that of a Sequential's layers."""
        if not (isinstance(expression, ast.Attribute) and expression.attr in ("layers", "_layers")):
            return
        if isinstance(self.owner(expression.value), Model):
            raise NoCounterpartError(
                f"Line {self.line(expression)}: {shown(expression)} is changed, which is not read; "
                "write the layers out."
            )

    def watched(self, value: ast.expr) -> None:
        """Raises NoCounterpartError where a Sequential is changed by more than a line of its own."""
        own = value.func if isinstance(value, ast.Call) else None
        for node in ast.walk(value):
            if node is own or not isinstance(node, ast.Attribute) or node.attr not in ("add", "pop"):
                continue
            if isinstance(self.owner(node.value), Model):
                raise NoCounterpartError(
                    f"Line {self.line(node)}: {shown(node)} is read where it has a line of its own; write it so."
                )

    def may_change(self, model: Model, how: str) -> None:
        """Raises NoCounterpartError where a Sequential is changed in a loop or branch that it was made outside of."""
        if len(self.around) <= model.around:
            return
        outer = self.around[model.around]
        where = "in a loop" if isinstance(outer, ast.For | ast.While | ast.AsyncFor) else "in a branch"
        raise NoCounterpartError(
            f"Line {self.line(outer)}: layers are {how} {where}, and how often does not follow from the text; "
            "write them out."
        )

    def built(self, model: Model, call: ast.Call, depth: int) -> None:
        """model.build((None, 28, 28, 1)) says what comes in, where it follows from the text."""
        given = [*call.args, *(one.value for one in call.keywords if one.arg == "input_shape")]
        if given:
            try:
                found = self.given("batch_shape", given[0], depth)
            except UnknownError:
                return
            model.groups.insert(0, [Call("Input", {"batch_shape": found}, self.line(call))])
