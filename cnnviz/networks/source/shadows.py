"""The numbers of small tensors that are made weightless: what a text asks for by .item() or in a condition while it
makes its layers, as with torch.linspace(0, 0.1, 12).

Such a tensor keeps a shadow, the same tensor with its numbers; what is computed of shadows alone has one, too.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from cnnviz.networks.source import tables

_MAX_NUMBERS = 1_000  # of a shadow
_MADE = frozenset(["arange", "linspace", "logspace", "tensor", "as_tensor", "zeros", "ones", "full", "eye"])
_ASKED = (bool, Tensor.item, Tensor.tolist)
_COMPUTED = frozenset(  # each takes no longer than it is large
    tables.words(
        """
    this_index this_loop this this_comparison view reshape flatten float double long int round abs sqrt exp
    log sum max min mean cumsum flip clamp unsqueeze squeeze ceil floor clone detach prod pow add sub mul div divide
    diff neg log2
    """
    )
)


def of(value: Any) -> Any:
    """The shadow of a tensor, where it has one; any other value is itself."""
    return value.__dict__.get("shadow", value) if isinstance(value, Tensor) else value


def is_asked(name: str, function: Callable[..., Any], args: Sequence[Any]) -> bool:
    """Whether a call asks a tensor that has a shadow for its numbers."""
    asked = function in _ASKED or name.startswith(("math.", "np."))
    return asked and any(isinstance(one, Tensor) and "shadow" in one.__dict__ for one in args)


def keep(result: Any, name: str, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    """Gives the result of a call its shadow, where all tensors that it is made of have theirs."""
    word = name.rpartition(".")[2].replace(" ", "_")
    given = [one for one in (*args, *kwargs.values()) if isinstance(one, Tensor)]
    if not given and word not in _MADE:
        return
    if any("shadow" not in one.__dict__ for one in given) or word not in _COMPUTED | _MADE or not _is_small(result):
        for one in given[:1]:  # it may have been changed itself, and its shadow was not
            one.__dict__.pop("shadow", None)
        return
    try:
        with torch.device("cpu"):
            _hand(result, function(*map(of, args), **{key: of(one) for key, one in kwargs.items()}))
    except (RuntimeError, TypeError, ValueError, IndexError):  # it then has none, and is refused where it is asked
        return


def _is_small(result: Any) -> bool:
    if isinstance(result, tuple | list):
        return all(map(_is_small, result))
    return isinstance(result, Tensor) and result.is_meta and result.numel() <= _MAX_NUMBERS


def _hand(result: Any, shadow: Any) -> None:
    if isinstance(result, Tensor) and isinstance(shadow, Tensor):
        result.__dict__["shadow"] = shadow
    elif isinstance(result, tuple | list):
        for one, other in zip(result, shadow, strict=True):
            _hand(one, other)
