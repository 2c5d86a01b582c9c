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
        self.forward = self.member("forward")

    def member(self, name: str) -> Any:
        """What its class or the nearest that it comes from has of that name; None for nothing."""
        return next((one.members[name] for one in self.kind.order() if name in one.members), None)


class _Pasted:
    """What a network of a text adds to its class of torch. `named` are the attributes that the text has given it,
    beside layers, parameters and buffers; `made_by` is the number of the call that made it."""

    _text: Text
    named: set[str]
    made_by: int


def _forward(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The text's own forward, on whatever arrives."""
    text: Text = self._text
    return text.run(text.forward, (self, *args), kwargs)


def _train(self: Any, mode: bool = True) -> Any:
    """The text's own train, as where it keeps BatchNorm as it is."""
    self._text.run(self._text.member("train"), (self, mode), {})
    return self


def _eval(self: Any) -> Any:
    """The text's own eval."""
    self._text.run(self._text.member("eval"), (self,), {})
    return self


def _call(self: Any, *args: Any, **kwargs: Any) -> Any:
    """The text's own __call__, which may go on to forward by super().__call__(...)."""
    return self._text.run(self._text.member("__call__"), (self, *args), kwargs)


_METHODS = {
    "forward": _forward,
    "train": _train,
    "eval": _eval,
    "__call__": _call,
}  # of torch's that a text may write anew


def python_class(kind: Class) -> type[nn.Module]:
    """The subclass of torch's class that stands for a class of a text; with a forward, train and eval of its own only
    where the text has one."""
    if kind.made is None:
        text = {
            name: next((one.members[name] for one in kind.order() if name in one.members), None) for name in _METHODS
        }
        members = {name: method for name, method in _METHODS.items() if _is_for_torch(name, text[name])}
        kind.made = type(kind.name, (_Pasted, kind.base or nn.Module), members)
    return kind.made


def _is_for_torch(name: str, own: Any) -> bool:
    """Whether torch may call a method of the text: train(self, mode=True), and not a train that is given data."""
    if name == "forward":
        return own is not None
    if name == "__call__":
        return isinstance(own, Function)
    if not isinstance(own, Function):
        return False
    names = [one.arg for one in (*own.node.args.posonlyargs, *own.node.args.args)][1:]
    if name == "eval":
        return not names
    return len(names) == 1 and (names == ["mode"] or isinstance(own.defaults.get(names[0]), bool))


def kind_of(value: Any) -> Class | None:
    """The class of the text that a network was made of; None for anything else."""
    return value.__dict__["_text"].kind if isinstance(value, nn.Module) and "_text" in value.__dict__ else None


def keeps_mode(network: nn.Module) -> bool:
    """Whether a part of it says itself what becomes of training and evaluation."""
    return any(
        type(one).train is not nn.Module.train or type(one).eval is not nn.Module.eval for one in network.modules()
    )
