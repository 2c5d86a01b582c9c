"""A change of a network as data: what is changed, where, so that it can be made in modules or in the text that built
them; and a change with its name, a fix."""

from ast import literal_eval
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.networks.notation import parse
from cnnviz.networks.notation.layers import LAYERS
from cnnviz.networks.notation.printer import arguments, described
from cnnviz.networks.zoo.blocks import Residual
from cnnviz.tracing.steps import Shape

# the arguments by which a layer says what it takes
WIDTHS = ("in_features", "in_channels", "num_features", "num_channels", "num_parameters", "input_size")


@dataclass(frozen=True)
class Set:
    """Another value of one argument of the layer at module path `path`."""

    path: str
    attribute: str
    value: Any


@dataclass(frozen=True)
class Given:
    """The same where the text gives that value from further out: in the call that built the module at `block`, of which
    the layer at `path` is a part, or as a default of its class; '' is the whole network."""

    path: str
    attribute: str
    value: Any
    block: str


@dataclass(frozen=True)
class Halved:
    """Half of what the text gives for an argument of the layer at `path`, as it says it: padding // 2."""

    path: str
    attribute: str


@dataclass(frozen=True)
class Side:
    """Another side of its pictures where the network is told one, as by img_size=64."""

    value: int


@dataclass(frozen=True)
class Insert:
    """A layer, written as nn.Flatten(), before the child at `path` of a Sequential."""

    path: str
    layer_text: str


@dataclass(frozen=True)
class Remove:
    """No layer at `path`: in a Sequential the others move up; elsewhere, and where there are no others, nn.Identity()
    stands in its place."""

    path: str


@dataclass(frozen=True)
class Replace:
    """Another layer in place of the one at `path`; `keeps_arguments` where only its class is another, and its arguments
    can stand as they do."""

    path: str
    layer_text: str
    keeps_arguments: bool = False


@dataclass(frozen=True)
class Shortcut:
    """A layer on the way around the residual block at `path`."""

    path: str
    layer_text: str


@dataclass(frozen=True)
class Around:
    """In the class whose forward adds what goes around as it is: a layer of its own for that, written as
    nn.Conv2d(4, 8, 1, stride=2) with this `stride`, around operand 0 or 1 of the sum. `convolutions` are the paths of
    those on the other way."""

    operand: int
    convolutions: tuple[str, ...]
    stride: int
    layer_text: str


@dataclass(frozen=True)
class Wrap:
    """In forward, `expression` of the argument {} of the call that is step `step`: torch.flatten({}, 1),
    {}.unsqueeze(0); `back`, a method with its arguments such as transpose(1, 2), of what the call gives."""

    step: str
    expression: str
    back: str = ""


@dataclass(frozen=True)
class Operand:
    """Of a sum, a product or a cat at which the network stopped, `expression` of its operand `index`, which is {0};
    where there are two, the other is {1}, and {2} what that was called with: {0}.transpose(-2, -1)."""

    index: int
    expression: str


@dataclass(frozen=True)
class Argument:
    """In forward, another argument of the call that is step `step`: its dim, its start_dim, or its `sizes`, a tuple of
    numbers and of texts in which {} is the tensor that is reshaped: ('{}.size(0)', -1). None is a size that stays as
    it stands."""

    step: str
    name: str
    value: Any


@dataclass(frozen=True)
class Drop:
    """In forward, the tensor itself, or `expression` of it, in place of the call that is step `step`: x or x.flatten(1)
    for x.squeeze()."""

    step: str
    expression: str = "{}"


@dataclass(frozen=True)
class Keep:
    """In forward, the result of a statement that is the call of step `step` under the name of its tensor: x = x.view(1)
    for x.view(1); '' is the difference at which the network stopped, whose minus is to be an equals sign."""

    step: str


@dataclass(frozen=True)
class Part:
    """In forward, [0] of what the call of the function, method or layer that is step `step` gives, in place of all of
    it."""

    step: str


@dataclass(frozen=True)
class Axes:
    """In forward, keepdim=True in the calls that are those `steps`, such as a mean, which then leave their axes."""

    steps: tuple[str, ...]


@dataclass(frozen=True)
class Keyword:
    """In forward, an argument of the call that is step `step` by its name, as it is `written` there."""

    step: str
    name: str
    written: str


@dataclass(frozen=True)
class Joined:
    """In forward, torch.cat along axis `dim` in place of the torch.stack that is step `step`."""

    step: str
    dim: int = 1


@dataclass(frozen=True)
class Word:
    """In forward, the function of that `word` in place of the one that is called as step `step`: max_pool1d for
    max_pool2d, wherever it is called."""

    step: str
    word: str


@dataclass(frozen=True)
class State:
    """Where the text makes the state that a recurrent layer begins with: the `wanted` sizes (layers and directions,
    images, features) in place of those `given`; the images are on the `batch_axis` of what forward takes."""

    given: Shape
    wanted: Shape
    batch_axis: int


@dataclass(frozen=True)
class Places:
    """Where the text makes the parameter `name`, of 1 × places × features: the `wanted` number in place of `given`."""

    name: str
    given: int
    wanted: int


@dataclass(frozen=True)
class Several:
    """Changes that only together mend anything."""

    edits: tuple["Edit", ...]


OfTheText = (  # what no module says
    Argument
    | Around
    | Axes
    | Drop
    | Given
    | Halved
    | Joined
    | Keep
    | Keyword
    | Operand
    | Part
    | Places
    | Side
    | State
    | Word
)
Edit = Set | Insert | Remove | Replace | Shortcut | Wrap | OfTheText | Several


def parts_of(edit: Edit | None) -> tuple[Edit, ...]:
    """The single changes of a change."""
    return edit.edits if isinstance(edit, Several) else () if edit is None else (edit,)


# what an expression of a Wrap may call, on a tensor
METHODS: dict[str, Callable[..., Tensor]] = {
    "adaptive_avg_pool1d": F.adaptive_avg_pool1d,
    "adaptive_avg_pool2d": F.adaptive_avg_pool2d,
    "adaptive_avg_pool3d": F.adaptive_avg_pool3d,
    "contiguous": Tensor.contiguous,
    "flatten": Tensor.flatten,
    "permute": Tensor.permute,
    "transpose": Tensor.transpose,
    "unsqueeze": Tensor.unsqueeze,
    "view": Tensor.view,
}


@dataclass(frozen=True)
class Fix:
    """One change. `text` names it; `edit` says it, or `input_shape` is what the network then takes; `whole` says
    whether it then runs to its end. Of several of one `kind` (layer, source, flatten, pooling, padding, input ...) one
    is enough."""

    text: str
    kind: str = "input"
    edit: Edit | None = None
    input_shape: Shape = ()
    whole: bool = False


def make(network: nn.Module, edit: Edit) -> None:
    """Makes the change in the modules of `network`, whose new layers have no weights. Raises ValueError where modules
    cannot say it, and what torch raises where it refuses the layer."""
    with torch.device("meta"):
        _make(network, edit)
    network.eval()


@contextmanager
def made(network: nn.Module, edit: Edit) -> Iterator[nn.Module]:
    """The network with the change made, as long as that is looked at; then it is what it was. Raises as `make`."""
    before = [(module, dict(module._modules), vars(module).get("forward")) for module in network.modules()]
    try:
        make(network, edit)
        yield network
    finally:
        for module, children, forward in before:
            module._modules.clear()
            module._modules.update(children)
            vars(module).pop("forward", None)
            if forward is not None:
                vars(module)["forward"] = forward


def changeable(network: nn.Module, path: str) -> nn.Module | None:
    """The layer at `path`, where it can be built anew."""
    layer = dict(network.named_modules()).get(path)
    return layer if layer is not None and LAYERS.get(type(layer).__name__) is type(layer) else None


def in_a_row(network: nn.Module, path: str) -> bool:
    """Whether the module at `path` is a child of a Sequential, so that a layer can stand before it."""
    parent = dict(network.named_modules()).get(path.rpartition(".")[0]) if path else None
    return isinstance(parent, nn.Sequential)


def rewritten(layer: nn.Module, attribute: str, value: Any, **more: Any) -> str:
    """Linear(784, 120): the layer as it would be written after the change, and `more`. Raises what torch does where it
    refuses."""
    with torch.device("meta"):
        return described(_rebuilt(layer, attribute, value, **more))


def _rebuilt(layer: nn.Module, attribute: str, value: Any, **more: Any) -> nn.Module:
    return type(layer)(**{**arguments(layer), attribute: value, **more})


def _make(network: nn.Module, edit: Edit) -> None:
    match edit:
        case Several(edits):
            for one in edits:
                _make(network, one)
        case Set(path, attribute, value):
            _put(network, path, _rebuilt(network.get_submodule(path), attribute, value))
        case Replace(path, text, _):
            _put(network, path, _layer(text))
        case Shortcut(path, text):
            block = network.get_submodule(path)
            if not isinstance(block, Residual):
                raise ValueError(f"{path} is no residual block")
            block.shortcut = _layer(text)
        case Insert(path, text):
            _arrange(network, path, _layer(text), keep=True)
        case Remove(path):
            if in_a_row(network, path) and len(list(network.get_submodule(path.rpartition(".")[0]).children())) > 1:
                _arrange(network, path, None, keep=False)
            else:
                _put(network, path, nn.Identity())
        case Wrap(step, expression, back):
            layer = network.get_submodule(step) if step else network
            layer.forward = partial(_wrapped, layer.forward, *_method(expression))
            if back:
                layer.forward = partial(_put_back, layer.forward, *_method(f"{{}}.{back}"))
        case _:
            raise ValueError(f"{edit} is a change of the text, which no module says")


def _layer(text: str) -> nn.Module:
    """The layer that is written so. Raises ValueError for what is none."""
    return next(parse(f"nn.Sequential({text})").weightless().children())


def _put(network: nn.Module, path: str, layer: nn.Module) -> None:
    """`layer` in place of the one at `path`."""
    parent, _, name = path.rpartition(".")
    if not name:
        raise ValueError("the network is but this layer")
    setattr(network.get_submodule(parent), name, layer)


def _arrange(network: nn.Module, path: str, before: nn.Module | None, keep: bool) -> None:
    """A layer before the child at `path` of a Sequential, or the child left out; numbers follow."""
    parent, _, name = path.rpartition(".")
    row = network.get_submodule(parent)
    if not isinstance(row, nn.Sequential):
        raise ValueError(f"{path} does not stand in an nn.Sequential")
    children = list(row._modules.items())
    numbered = all(key.isdigit() for key, _ in children)
    row._modules.clear()
    for key, child in children:
        if key == name and before is not None:
            row.add_module(str(len(row)) if numbered else _new_name(before, dict(children)), before)
        if key != name or keep:
            row.add_module(str(len(row)) if numbered else key, child or nn.Identity())


def _new_name(layer: nn.Module, taken: dict[str, Any]) -> str:
    """A name for a layer among others: flatten, flatten_2."""
    name, number = type(layer).__name__.lower(), 1
    while (found := name if number == 1 else f"{name}_{number}") in taken:
        number += 1
    return found


def _method(expression: str) -> tuple[Callable[..., Tensor], tuple[Any, ...]]:
    """What an expression calls, and with what besides the tensor. Raises ValueError for what is not in METHODS."""
    written = expression.removeprefix("torch.").removeprefix("F.")
    head, _, rest = written.partition("(")
    name = head.removeprefix("{}.")
    if name not in METHODS or not rest.endswith(")"):
        raise ValueError(f"{expression} is no change of a tensor")
    inside = rest[:-1].removeprefix("{}").lstrip(", ")
    return METHODS[name], literal_eval(f"({inside},)") if inside else ()


def _wrapped(
    forward: Callable[..., Any], method: Callable[..., Tensor], values: tuple[Any, ...], x: Tensor, *more: Any
) -> Any:
    """What a layer makes of its input after that change of it, also where it is given the same again."""
    changed = method(x, *values)
    return forward(changed, *(changed if one is x else one for one in more))


def _put_back(forward: Callable[..., Tensor], method: Callable[..., Tensor], values: tuple[Any, ...], x: Tensor) -> Any:
    """What a layer makes of its input, and that change of it."""
    return method(forward(x), *values)
