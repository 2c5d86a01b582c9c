"""What stands behind the dot of words, lists, dictionaries and sets."""

from __future__ import annotations

import ast
from collections.abc import Callable, ItemsView, KeysView, ValuesView
from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from cnnviz.networks.source import arrays, bounds, functions
from cnnviz.networks.source.values import Array, Held, Known, Walk

if TYPE_CHECKING:
    from cnnviz.networks.source.interpreter import Interpreter


METHODS_OF: dict[type, tuple[str, ...]] = {
    list: ("append", "extend", "insert", "pop", "index", "count", "reverse", "copy", "clear", "remove"),
    Held: ("get", "items", "keys", "values"),
    dict: ("get", "items", "keys", "values", "update", "pop", "setdefault", "copy", "clear"),
    str: (
        *("join", "split", "lower", "upper", "title", "strip", "lstrip", "rstrip"),
        *("startswith", "endswith", "isdigit", "isalpha", "isalnum", "isnumeric", "isupper", "islower", "isspace"),
        *("isidentifier", "count", "find", "rfind", "index", "replace", "capitalize", "swapcase"),
        *("partition", "rpartition", "rsplit", "splitlines", "removeprefix", "removesuffix"),
    ),
    tuple: ("index", "count"),
    set: ("add", "discard", "remove", "update", "union", "intersection", "difference", "issubset", "copy"),
}


_COMPARING = ("index", "count", "remove")  # methods that compare what a row holds


def method(of: Any, name: str) -> Known | None:
    """list.append and its like; None where there is none such."""
    kind = next((kind for kind in METHODS_OF if isinstance(of, kind)), None)
    if isinstance(of, torch.Size) and name == "numel":
        return Known("numel", lambda _interpreter, _node, size: size.numel(), ours=True)
    if isinstance(of, str) and name == "format":
        return Known("format", bounds.braces, ours=True)
    if isinstance(of, list) and name == "sort":
        return Known("sort", _sort, ours=True)
    if isinstance(of, Array) and name == "tolist":
        return Known("tolist", lambda _interpreter, _node, row: list(row), ours=True)
    if isinstance(of, Array) and name == "astype":
        return Known("astype", lambda _interpreter, _node, row, kind: arrays.array(row, kind), ours=True)
    if isinstance(of, Array) and name == "reshape":
        return Known("reshape", arrays.shaped, ours=True)
    if kind is None or name not in METHODS_OF[kind]:
        return None
    return Known(name, partial(_of_plain, getattr(kind, name)), ours=True)


def _of_plain(
    function: Callable[..., Any], interpreter: Interpreter, node: ast.AST, of: Any, *args: Any, **kwargs: Any
) -> Any:
    args = tuple(one.rest() if isinstance(one, Walk) else one for one in args)
    if isinstance(of, str):
        longest = max((len(one) for one in args if isinstance(one, str)), default=0)
        if len(of) * max(1, longest) > 100 * bounds.MAX_WEIGHT:
            raise interpreter.wrong(node, "this word would get too long")
    for one in (*args, *kwargs.values()):
        bounds.light(interpreter, one, node)
    if isinstance(of, list | tuple) and function.__name__ in _COMPARING:
        bounds.light(interpreter, of, node)
    try:
        result = function(of, *args, **kwargs)
    except Exception as error:
        raise interpreter.failed(node, "this cannot be done", error) from None
    interpreter.bounded(of, node)
    plain = list(result) if isinstance(result, ItemsView | KeysView | ValuesView) else result
    return interpreter.bounded(plain, node)


def _sort(interpreter: Interpreter, node: ast.AST, of: list[Any], key: Any = None, reverse: Any = False) -> None:
    of[:] = functions.sorted_(interpreter, node, of, key, reverse)
