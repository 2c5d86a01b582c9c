"""Functional models of Keras, in which each layer is called with what it takes: a plain chain of them is read."""

import ast
from collections.abc import Callable
from typing import Any

from cnnviz.networks.source.keras.functions import is_function, layer_of, scaled
from cnnviz.networks.source.keras.kinds import ALIASES, BEFORE, KINDS, Call, NoCounterpartError
from cnnviz.networks.source.keras.networks import MAX_LAYERS, Networks
from cnnviz.networks.source.keras.values import Flow, Model, Unknown, UnknownError, dotted, last_part

FUNCTIONAL = (
    "This is a functional model of Keras, and no plain chain of layers: something in it branches, joins, is used "
    "twice, or does not follow from the text. Write it as a class with a forward, as PyTorch has it."
)


class Functional(Networks):
    """Follows what layers that are called with something give, up to keras.Model(inputs, outputs)."""

    def __init__(self, place: Callable[[int], int]):
        super().__init__(place)
        self.chained = False  # whether a functional model was read
        self.unread: NoCounterpartError | None = None  # why the first of those that were not is none

    def flow(self, call: ast.Call, depth: int) -> Flow | Model | None:
        """What a layer that is called with something gives, or the whole model; None where it is neither. Raises
        UnknownError where it does not follow from the text."""
        if _is_whole(call):
            return self.whole(call, depth)
        if (found := self.function(call, depth)) is not None:
            return found
        known = self.owner(call.func)
        if isinstance(call.func, ast.Call):
            layered = self.kind(call.func.func) in KINDS or self.is_sequential(call.func)
        elif isinstance(known, Unknown) and self.kind(call.func) not in KINDS:
            layered = len(call.args) == 1 and isinstance(self.tried(call.args[0], "", depth), Flow)
        else:
            layered = isinstance(known, Call | Model)
        if not layered:
            return None
        taken = self.taken(call, depth)
        try:
            layer = self.value(call.func, "a layer", depth)
        except NoCounterpartError as error:
            self.unread = self.unread or error
            raise
        if isinstance(layer, Model):
            return self.chain(taken, layer.layers, (layer,))
        return self.chain(taken, [layer], ())

    def is_own(self, name: str) -> bool:
        """Whether a function of the text has this name."""
        return False

    def function(self, call: ast.Call, depth: int) -> Flow | None:
        """What tf.nn.relu(x) gives, or another of the functions that are a layer; None where it is none of them."""
        name = dotted(call.func)
        if not call.args or not is_function(name) or self.is_own(name):
            return None
        taken = _as_flow(self.tried(call.args[0], "what it takes", depth + 1))
        if taken is None or any(one.arg is None for one in call.keywords) or len(call.args) > 2:
            return None
        given = {one.arg: one.value for one in call.keywords} | dict(zip(("axis",), call.args[1:], strict=False))
        values = {word or "": self.tried(value, word or "", depth + 1) for word, value in given.items()}
        layer = layer_of(call, values, self.line(call))
        if layer is None:
            raise UnknownError(FUNCTIONAL)
        return self.chain(taken, [layer], ())

    def combined(self, expression: ast.expr, kind: type[ast.operator], left: Any, right: Any) -> Any:
        """Also x / 255. before the first layer. Raises UnknownError for what is no layer of Keras."""
        taken = _as_flow(left) or _as_flow(right)
        if taken is None:
            return super().combined(expression, kind, left, right)
        layer = scaled(kind, left, right, self.line(expression))
        if layer is None or any(one.kind not in BEFORE for one in taken.layers):
            raise UnknownError(FUNCTIONAL)
        return self.chain(taken, [layer], ())

    def taken(self, call: ast.Call, depth: int) -> Flow:
        """What a layer takes: the one tensor that it is called with. Raises UnknownError."""
        if len(call.args) == 1 and all(one.arg == "training" for one in call.keywords):
            found = _as_flow(self.tried(call.args[0], "what the layer takes", depth + 1))
            if found is not None:
                return found
        raise UnknownError(FUNCTIONAL)

    def chain(self, taken: Flow, layers: list[Call], within: tuple[Model, ...]) -> Flow:
        """The flow with layers behind it. Raises UnknownError where one stands there twice, with the same weights."""
        whole = (*taken.layers, *layers)
        if len(whole) > MAX_LAYERS or len({id(one) for one in whole}) < len(whole):
            raise UnknownError(FUNCTIONAL)
        return Flow(whole, (*taken.within, *within))

    def whole(self, call: ast.Call, depth: int) -> Model:
        """keras.Model(inputs, outputs) as the Sequential that it is. Raises UnknownError where it is none."""
        given = dict(zip(("inputs", "outputs"), call.args, strict=False))
        given |= {one.arg.removesuffix("s") + "s": one.value for one in call.keywords if one.arg}
        start, end = (self.one(given.get(name), depth) for name in ("inputs", "outputs"))
        if not isinstance(end, Flow) or end.layers[0] is not start:
            raise UnknownError(FUNCTIONAL)
        model = Model(self.line(call), len(self.around), functional=True)
        model.groups.append([*end.layers])
        for one in end.within:
            one.within = True
        self.models.append(model)
        self.chained = True
        return model

    def one(self, expression: ast.expr | None, depth: int) -> object:
        """What is given, or is alone in a list of it."""
        found = self.tried(expression, "the model", depth + 1) if expression is not None else None
        return found[0] if isinstance(found, list | tuple) and len(found) == 1 else found


def _as_flow(value: Any) -> Flow | None:
    """What comes out of a chain of layers, or in; None where a value is neither."""
    if isinstance(value, Call) and value.kind == "Input":
        return Flow((value,))
    return value if isinstance(value, Flow) else None


def _is_whole(call: ast.Call) -> bool:
    """keras.Model(inputs, outputs)"""
    return last_part(call.func) == "Model" and bool(call.args or call.keywords)


def is_functional(call: ast.Call) -> bool:
    """layers.Dense(10)(x), keras.Model(inputs, outputs)."""
    if isinstance(call.func, ast.Call):
        word = last_part(call.func.func)
        return ALIASES.get(word, word) in KINDS
    return _is_whole(call)
