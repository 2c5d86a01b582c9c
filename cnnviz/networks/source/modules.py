"""Networks whose forward is that of a text: each class of a text becomes a subclass of the class of torch that it goes
back to, with the text's forward, interpreted."""

from collections.abc import Callable
from typing import Any

from torch import nn

from cnnviz.networks.source.values import Class, Function, Shared


class Text(Shared):
    """Where a network of a text has its methods from."""

    def __init__(self, kind: Class, run: Callable[[Function, tuple[Any, ...], dict[str, Any]], Any]):
        self.kind, self.run = kind, run
        self.forward = next((one.members["forward"] for one in kind.order() if "forward" in one.members), None)


class _Pasted:
    """What a network of a text adds to its class of torch. `named` are the attributes that the text has given it,
    beside layers, parameters and buffers; `made_by` is the number of the call that made it."""

    _text: Text
    named: set[str]
    made_by: int


def _forward(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The text's own forward, on whatever arrives."""
    text: Text = self._text
    return text.run(text.forward, (self, *args), kwargs)  # type: ignore[arg-type]


def python_class(kind: Class) -> type[nn.Module]:
    """The subclass of torch's class that stands for a class of a text; with a forward of its own only where the text
    has one."""
    if kind.made is None:
        own = any("forward" in one.members for one in kind.order())
        members = {"forward": _forward} if own else {}
        kind.made = type(kind.name, (_Pasted, kind.base or nn.Module), members)
    return kind.made
