"""Functions that a functional model of Keras calls between its layers, as the layers that they are: tf.nn.relu(x),
keras.ops.sigmoid(x), tf.reduce_mean(x, axis=[1, 2]), x / 255."""

import ast
import re
from typing import Any

from cnnviz.networks.source.keras.kinds import Call
from cnnviz.networks.source.keras.values import last_part

_WHERE = re.compile(r"((tf|tensorflow)\.)?(nn|math|(keras\.)?(ops|activations|backend))\.|(tf|K|tensorflow)\.|")
_ACTIVATIONS = {
    *("relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "swish", "mish", "softplus", "softsign"),
    *("sigmoid", "hard_sigmoid", "tanh", "softmax", "log_softmax"),
}
_APPROXIMATE = re.compile(r"(.*\.)?ops\.gelu")  # which is worked out by a tanh there, and nowhere else
_POOLS = {
    **dict.fromkeys(("reduce_mean", "mean"), "Average"),
    **dict.fromkeys(("reduce_max", "max", "amax"), "Max"),
}
_AXES = ((1,), (1, 2), (1, 2, 3))


def is_function(name: str) -> bool:
    """Whether it may be one of them, by its dotted name."""
    module, dot, word = name.rpartition(".")
    known = word in _ACTIVATIONS or (bool(dot) and word in _POOLS)
    return known and _WHERE.fullmatch(f"{module}{dot}") is not None and _APPROXIMATE.fullmatch(name) is None


def layer_of(call: ast.Call, given: dict[str, Any], line: int) -> Call | None:
    """The layer that a function is, of the values that it is given beside what it takes; None where it is none."""
    word = last_part(call.func)
    given = {name: value for name, value in given.items() if name != "name"}
    if word in _ACTIVATIONS:
        as_usual = not given or (word.endswith("softmax") and given == {"axis": -1})
        return Call("Activation", {"activation": word}, line) if as_usual else None
    axis = given.pop("axis", None)
    keep = given.pop("keepdims", False)
    axes = tuple(axis) if isinstance(axis, tuple | list) else (axis,)
    if given or axes not in _AXES or type(keep) is not bool:
        return None
    return Call(f"Global{_POOLS[word]}Pooling{len(axes)}D", {"keepdims": keep}, line)


def scaled(kind: type[ast.operator], left: Any, right: Any, line: int) -> Call | None:
    """x / 255, 2 * x, x - 1 as a Rescaling, of a number and something else; None where it is another one."""
    number, is_right = (right, True) if type(right) in (int, float) else (left, False)
    if type(number) not in (int, float) or abs(number) > 1e6:
        return None
    scale, offset = 1.0, 0.0
    if kind is ast.Mult or (kind is ast.Div and is_right and number):
        scale = number if kind is ast.Mult else 1 / number
    elif kind in (ast.Add, ast.Sub):
        offset = number if kind is ast.Add or not is_right else -number
        scale = -1.0 if kind is ast.Sub and not is_right else 1.0
    else:
        return None
    return Call("Rescaling", {"scale": scale, "offset": offset}, line)
