"""What to_json() and get_config() of a Keras model write: each layer with all that it is given, as JSON or as a
dictionary of Python."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from cnnviz.networks.source.keras.kinds import (
    ALIASES,
    IGNORED,
    KINDS,
    PARAMETERS,
    PREPARING,
    SHAPES,
    Call,
    NoCounterpartError,
)

MAX_CHARACTERS = 100_000
MAX_LAYERS = 500
_MAX_NESTED = 20
_BEGUN = re.compile(r"\s{0,1000}(?:b?['\"]{1,3}\s{0,100})?\{")
_NAMED = re.compile(r"\\?['\"]class_name\\?['\"]\s{0,20}:")
_OTHER = ("Functional", "Model")
# what a configuration has beside the values of a layer, or where it is as usual
_UNUSED = re.compile(r"optional|lora_\w{1,20}|quantization_config|rms_scaling|antialias|fill_\w{1,20}|value_range")
_AS_USUAL: dict[str, tuple[Any, ...]] = {"groups": (1,), "output_padding": (None,), "filters": (None,)}
_EXTRA = ("alpha", "output_padding")


def config_of(text: str) -> list[Call] | None:
    """The layers of a configuration; None where the text is none. Raises NoCounterpartError."""
    if len(text) > MAX_CHARACTERS or _BEGUN.match(text) is None or _NAMED.search(text) is None:
        return None
    found = _parsed(text.strip())
    return None if found is None else [*_whole(found, 0)]


def _parsed(text: str) -> dict[str, Any] | None:
    """The dictionary that is written, also where it is written as a string; None where it is none."""
    found: Any = text
    for _ in range(3):
        if not isinstance(found, str):
            break
        found = _json(found) or _python(found)
    return found if isinstance(found, dict) and ("class_name" in found or "layers" in found) else None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _python(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _whole(found: dict[str, Any], depth: int) -> Iterator[Call]:
    """The layers of a model. Raises NoCounterpartError."""
    kind, config = found.get("class_name", "Sequential"), found.get("config", found)
    if kind in _OTHER or (isinstance(config, dict) and "output_layers" in config):
        raise NoCounterpartError(
            "This is the configuration of a functional model of Keras; only that of a Sequential is read. "
            "Write it as a class with a forward, as PyTorch has it."
        )
    if kind != "Sequential":
        yield _layer(found)
        return
    rows = config.get("layers") if isinstance(config, dict) else config
    if not isinstance(rows, list) or len(rows) > MAX_LAYERS or depth > _MAX_NESTED:
        raise NoCounterpartError(
            f"A Sequential has a list of up to {MAX_LAYERS} layers; paste all of what to_json() gives."
        )
    if isinstance(config, dict) and (built := config.get("build_input_shape")) is not None:
        yield Call("Input", {"batch_shape": _value(built)})
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("class_name"), str):
            raise NoCounterpartError(f"A layer of the configuration has no class_name: {str(row)[:60]}.")
        yield from _whole(row, depth + 1)


def _layer(found: dict[str, Any]) -> Call:
    """A layer with its values. Raises NoCounterpartError."""
    written, config = str(found.get("class_name")), found.get("config")
    kind = ALIASES.get(written, written)
    if kind not in KINDS:
        raise NoCounterpartError(f"{written[:60]} of the configuration is no layer that is translated.")
    if kind not in PARAMETERS or kind in PREPARING or not isinstance(config, dict):
        return Call(kind, {})
    return Call(kind, dict(_given(kind, config)))


def _given(kind: str, config: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a layer is given, by name; a value that is not read stands there as None."""
    for name, value in config.items():
        if name.endswith("_regularizer"):
            if value is not None:
                yield name, "a regularizer"
        elif IGNORED.fullmatch(name) or _UNUSED.fullmatch(name):
            continue
        elif name in SHAPES or name in PARAMETERS[kind] or (name in _EXTRA and value is not None):
            yield name, _activation(value) if name == "activation" else _value(value)
        elif value not in _AS_USUAL.get(name, (None, False)):
            yield name, None


def _value(value: Any) -> Any:
    """Rows as tuples; of what is written as an object of Keras, what is in it."""
    if isinstance(value, dict):
        return _value(value.get("items", value.get("config")))
    return tuple(map(_value, value)) if isinstance(value, list | tuple) else value


def _activation(value: Any) -> Any:
    """The name of an activation, or the layer that it is. Raises NoCounterpartError."""
    if not isinstance(value, dict):
        return value
    config, kind = value.get("config"), str(value.get("class_name"))
    if isinstance(config, dict) and ALIASES.get(kind, kind) in KINDS:
        return _layer(value)
    return config if isinstance(config, str) else kind
