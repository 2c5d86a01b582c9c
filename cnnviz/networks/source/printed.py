"""What print(model) shows of a network: a Sequential is read exactly, of a class its layers and a guess at their order.

    Net(
      (conv1): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))
      (blocks): ModuleList(
        (0-3): 4 x Block(
    ...

What a layer prints is torch's `extra_repr`; it is read as the arguments of its constructor. Nothing of it is executed.
"""

import ast
import inspect
import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations, islice

import torch
from torch import nn

from cnnviz.networks.notation import NotationError, parse, write
from cnnviz.networks.notation.layers import LAYERS, UNSUITED

MAX_CHARACTERS = 100_000
MAX_LAYERS = 2_000
MAX_DEPTH = 50
MAX_PARAMETERS = 2_000_000_000  # they are counted and traced without memory for them
MAX_TRIES = 100  # of places for the poolings of a guess
MAX_CONVOLUTIONS = 40  # of a guess
COUNTED = {  # layers that no text of a Sequential names, whose parameters are counted all the same
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
    "RNN": nn.RNN,
    "Embedding": nn.Embedding,
    "Bilinear": nn.Bilinear,
    "NonDynamicallyQuantizableLinear": nn.Linear,
}
UNPRINTED = {  # what a layer does not print, of which the default is taken
    "AvgPool1d": ("ceil_mode", "count_include_pad"),
    "AvgPool2d": ("ceil_mode", "count_include_pad", "divisor_override"),
    "AvgPool3d": ("ceil_mode", "count_include_pad", "divisor_override"),
    "Upsample": ("align_corners", "recompute_scale_factor"),
}
TABLE = (
    "This is the table of a summary; it prints no kernel sizes, strides or paddings. "
    "Paste what print(model) shows, or the class itself."
)

_CHILD = re.compile(r"\s{0,200}\((?P<name>[^\s()]{1,80})\):\s*(?:(?P<times>\d{1,4}) x )?(?P<kind>[A-Za-z_]\w{0,80})\(")
_START = re.compile(
    r"(?<![\w.:)])(?P<kind>[A-Za-z_]\w{0,80})\(\s*(?=\([^\s()]{1,80}\):\s*(?:\d{1,4} x )?[A-Za-z_]\w*\()"
)
_SPAN = re.compile(r"(\d{1,4})-\d{1,4}")
_CODE = re.compile(r"^[ \t]*(class\s|def\s|import\s|from\s)|\bnn\.\w", re.MULTILINE)
_SUMMARY = re.compile(r"Layer \(type(?::depth-idx)?(?: \(var_name\))?\)[^\n]{0,200}(Param #|Output Shape)")
_TOTAL = re.compile(r"^[ \t]*Total params: [\d,]+", re.MULTILINE)

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.GroupNorm, nn.LocalResponseNorm, nn.LayerNorm)
_ACTIVATIONS = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.SELU,
    nn.GELU,
    nn.SiLU,
    nn.Mish,
    nn.Hardswish,
    nn.Tanh,
)
_Named = tuple[str, nn.Module]


@dataclass(frozen=True)
class Layer:
    """A layer as it is printed: `arguments` in torch's words, or its children; it stands there `times` times."""

    name: str
    kind: str
    arguments: str = ""
    children: tuple["Layer", ...] = ()
    times: int = 1


@dataclass(frozen=True)
class Printed:
    """A printed network. `kind` is Sequential, the name of its class, or 'table' for a summary. `text` is that of an
    nn.Sequential where it is `exact`, else ''. `parameters` are those of the layers that are known; `notes` are
    sentences on what is not printed."""

    kind: str
    text: str = ""
    exact: bool = False
    tree: Layer | None = None
    parameters: int = 0
    notes: tuple[str, ...] = ()


def read(text: str) -> Printed | None:
    """The network that was printed, or None: it is no printed network."""
    if len(text) > MAX_CHARACTERS:
        return None
    found = _START.search(text)
    if found is None:
        table = _SUMMARY.search(text) and _TOTAL.search(text) and not _keras(text)
        return Printed("table", notes=(TABLE,)) if table else None
    reader = _Reader(text)
    tree = reader.tree(found)
    if tree is None or _CODE.search(text[: found.start()] + "\n" + text[reader.at :]):
        return None
    parameters, uncounted = _counted(tree)
    notes = [f"{_listed(uncounted)} {_are(uncounted)} not counted: what is inside is not printed."] if uncounted else []
    if tree.kind == "Sequential":
        try:
            written, said = _sequential(tree)
            return Printed("Sequential", written, True, tree, parameters, (*said, *notes))
        except ValueError as error:
            notes.append(f"{str(error).rstrip('.')}.")
    notes.append(
        "What happens between the layers is not printed, and neither are parameters that a class holds itself."
    )
    return Printed(tree.kind, "", False, tree, parameters, tuple(notes))


def _keras(text: str) -> bool:
    """Whether a table is one of Keras: it knows which parameters are trained, and names batches None."""
    return "(None, " in text


class _Reader:
    """Reads one printed network from its first bracket to its last."""

    def __init__(self, text: str):
        self.text, self.at, self.layers = text, 0, 0

    def tree(self, found: re.Match[str]) -> Layer | None:
        """The network, or None where it is cut short or too large."""
        self.at = found.end()
        try:
            return self.inside("", found["kind"], 1, 0)
        except (IndexError, RecursionError):
            return None

    def inside(self, name: str, kind: str, times: int, depth: int) -> Layer:
        """A layer, behind its opening bracket. Raises IndexError where its closing bracket is missing."""
        self.layers += 1
        if self.layers > MAX_LAYERS or depth > MAX_DEPTH:
            raise IndexError("too many layers")
        arguments, children, opened = "", [], 0
        while True:
            child = _CHILD.match(self.text, self.at) if not opened else None
            if child is not None:
                self.at = child.end()
                children.append(self.inside(child["name"], child["kind"], int(child["times"] or 1), depth + 1))
                continue
            character = self.text[self.at]
            self.at += 1
            if character == ")" and not opened:
                return Layer(name, kind, " ".join(arguments.split()), tuple(children), times)
            opened += (character in "([") - (character in ")]")
            arguments += character


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _listed(names: list[str]) -> str:
    return ", ".join(names)


def _call(layer: Layer) -> str:
    """A layer as the call that makes it. Raises ValueError where it is none that a text may name."""
    if layer.kind in UNSUITED:
        raise ValueError(f"{layer.kind} {UNSUITED[layer.kind]}")
    if layer.kind not in LAYERS or layer.children:
        raise ValueError(f"{layer.kind} is a class of its own, and what it does is not printed")
    if layer.kind.startswith("Fractional"):
        raise ValueError(f"{layer.kind} prints none of its sizes")
    known = inspect.signature(LAYERS[layer.kind]).parameters
    parts = [_part(part) for part in _parts(layer.arguments)]
    kept = [value if not key else f"{key}={value}" for key, value in parts if not key or key in known]
    return f"nn.{layer.kind}({', '.join(kept)})"


def _parts(arguments: str) -> Iterator[str]:
    """What stands between the outermost commas."""
    opened, part = 0, ""
    for character in arguments:
        opened += (character in "([") - (character in ")]")
        if character == "," and not opened:
            yield part.strip()
            part = ""
        else:
            part += character
    if part.strip():
        yield part.strip()


def _part(part: str) -> tuple[str, str]:
    """The name, '' where it is not printed, and the value as Python writes it: torch prints padding=same, and once
    printed ReLU(inplace)."""
    key, equals, value = part.partition("=")
    if not equals:
        key, value = ("inplace", "True") if part == "inplace" else ("", part)
    if value.isidentifier() and value not in ("True", "False", "None"):
        value = repr(value)
    return key.strip(), value.strip()


def _sequential(tree: Layer) -> tuple[str, list[str]]:
    """The text of a printed Sequential, and what there is to say of it. Raises ValueError where a layer has no text."""
    said: list[str] = []
    renamed = [layer.name for layer in _all(tree) if not re.fullmatch(r"\w*", layer.name)]
    if renamed:
        said.append(
            f"A layer's name has letters, digits and _ here: {_listed(renamed[:3])} {_are(renamed)} written so."
        )
    for kind in dict.fromkeys(layer.kind for layer in _all(tree)):
        if kind in UNPRINTED:
            said.append(f"{kind} does not print {_listed([*UNPRINTED[kind]])}; the usual values are taken.")
    try:
        return write(parse(_nested(tree), MAX_PARAMETERS).weightless()), said
    except NotationError as error:
        raise ValueError(str(error).partition(": ")[2]) from None


def _nested(layer: Layer) -> str:
    if layer.kind != "Sequential":
        return _call(layer)
    pairs = ", ".join(f"({re.sub(r'[^0-9A-Za-z_]', '_', one.name)!r}, {_nested(one)})" for one in layer.children)
    return f"nn.Sequential(OrderedDict([{pairs}]))"


def _all(layer: Layer) -> Iterator[Layer]:
    yield layer
    for child in layer.children:
        yield from _all(child)


def _counted(layer: Layer) -> tuple[int, list[str]]:
    """How many parameters the known layers have, and the kinds of those that are not known."""
    if layer.children:
        counts = [_counted(child) for child in layer.children]
        unknown = [kind for _, kinds in counts for kind in kinds]
        own = 0
        if layer.kind == "MultiheadAttention":
            own = _attention(layer)
        return layer.times * (own + sum(count for count, _ in counts)), list(dict.fromkeys(unknown))
    try:
        with torch.device("meta"):
            module = _other(layer) if layer.kind in COUNTED else _made(layer)
        return layer.times * sum(parameter.numel() for parameter in module.parameters()), []
    except Exception:  # torch's constructors raise nearly anything
        return 0, [] if layer.kind in ("Sequential", "ModuleList", "ModuleDict") else [layer.kind]


def _made(layer: Layer) -> nn.Module:
    """A layer without memory for its numbers. Raises ValueError where it is none that a text may name."""
    (module,) = parse(f"nn.Sequential({_call(layer)})", MAX_PARAMETERS).weightless().children()
    return module


def _attention(layer: Layer) -> int:
    """The weights and biases that make queries, keys and values of E features: 3 E (E + 1); they are not printed."""
    found = re.search(r"in_features=(\d{1,6})\b", layer.children[0].arguments)
    features = int(found[1]) if found else 0
    return 3 * features * (features + 1)


def _other(layer: Layer) -> nn.Module:
    """A layer that no text of a Sequential names, without memory for its numbers."""
    values: list[object] = []
    named: dict[str, object] = {}
    for key, value in map(_part, _parts(layer.arguments)):
        literal = ast.literal_eval(value[:40])
        if isinstance(literal, int) and not 0 <= literal <= 10**7:
            raise ValueError(f"{value[:40]} is too large")
        if key:
            named[key] = literal
        else:
            values.append(literal)
    if layer.kind in ("LSTM", "GRU", "RNN") and int(str(named.get("num_layers", 1))) > MAX_LAYERS:
        raise ValueError("these are too many layers")
    made: nn.Module = COUNTED[layer.kind](*values, **named)
    return made


# --- a guess at what forward does


def guess(printed: Printed, input_shape: tuple[int, ...]) -> str | None:
    """The text of a chain of the printed layers that torch runs for `input_shape` (C, H, W), or None. An activation
    follows each convolution and each Linear but the last where none is printed, poolings stand where the numbers then
    fit the first Linear, and a Flatten before it. Of channels, the number that the first layer takes counts."""
    if printed.tree is None:
        return None
    try:
        layers = [*_leaves(printed.tree)]
    except ValueError:
        return None
    if not layers:
        return None
    shape = _taken(layers[0][1], input_shape)
    for candidate in islice(_candidates(layers, shape), MAX_TRIES):
        if _runs(candidate, shape):
            return write(nn.Sequential(OrderedDict(_unique(candidate))))
    return None


def _leaves(layer: Layer, path: str = "", deep: int = 1) -> Iterator[_Named]:
    """The layers in the order in which they are printed, weightless. Raises ValueError where one is none that a text
    may name, or where there are too many."""
    path = f"{path}_{layer.name}".strip("_")
    if layer.times * deep > 64:
        raise ValueError("these are too many layers for a guess")
    for index in range(layer.times):
        name = path if layer.times == 1 else _numbered(path, layer.name, index)
        if layer.children:
            for child in layer.children:
                yield from _leaves(child, name, deep * layer.times)
        else:
            yield re.sub(r"\W", "_", name), _made(layer)


def _numbered(path: str, name: str, index: int) -> str:
    """layers_3 for the last of layers_0-3."""
    span = _SPAN.fullmatch(name)
    return path.removesuffix(name) + str(int(span[1]) + index) if span else f"{path}_{index}"


def _taken(first: nn.Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The input's shape with as many channels as the first layer takes."""
    channels = getattr(first, "in_channels", None)
    return (channels, *shape[1:]) if channels is not None else shape


def _candidates(layers: list[_Named], shape: tuple[int, ...]) -> Iterator[list[_Named]]:
    """Chains to try, the likeliest first: the poolings where they are printed, then one after each convolution, then
    after some of them."""
    layers = _activated(layers, len(shape))
    pools = [one for one in layers if isinstance(one[1], _POOLS)]
    yield _flattened(layers, shape)
    bare = [one for one in layers if not isinstance(one[1], _POOLS)]
    places = [*_places(bare)]
    if not places or len(places) > MAX_CONVOLUTIONS or not any(isinstance(one, nn.Linear) for _, one in layers):
        return
    if not pools and len(shape) in (2, 3, 4):
        pools = [("pool", (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[len(shape) - 2](2))]
    subsets = chain.from_iterable(combinations(places, count) for count in range(len(places), 0, -1))
    for subset in subsets:
        if len(pools) in (1, len(subset)):
            yield _flattened(_pooled(bare, pools, subset), shape)
    yield _flattened(bare, shape)


def _activated(layers: list[_Named], axes: int) -> list[_Named]:
    """With an activation after each convolution and each Linear but the last, where none is printed or where one is
    printed for all."""
    printed = [one for one in layers if isinstance(one[1], _ACTIVATIONS)]
    weighted = [index for index, one in enumerate(layers) if isinstance(one[1], (*_CONVOLUTIONS, nn.Linear))]
    if len(printed) > 1 or (len(printed) == 1 and len(weighted) <= 2):
        return layers
    activation = printed[0] if printed else ("relu", nn.ReLU())
    result: list[_Named] = []
    pending = False
    for index, one in enumerate(layers):
        if one in printed:
            continue
        if pending and not isinstance(one[1], _NORMS):
            result.append(activation)
            pending = False
        result.append(one)
        pending = pending or index in weighted[:-1]
    return result


def _places(layers: list[_Named]) -> Iterator[int]:
    """Behind which layer a pooling may stand: behind each convolution's norm and activation."""
    for index, (_, layer) in enumerate(layers):
        if isinstance(layer, _CONVOLUTIONS):
            while index + 1 < len(layers) and isinstance(layers[index + 1][1], (*_NORMS, *_ACTIVATIONS)):
                index += 1
            yield index


def _pooled(layers: list[_Named], pools: list[_Named], places: tuple[int, ...]) -> list[_Named]:
    """With a pooling behind each of the places: the one that there is, or each in its turn."""
    turn = iter(pools if len(pools) > 1 else pools * len(places))
    behind = {place: next(turn) for place in places}
    return [part for index, one in enumerate(layers) for part in ((one, behind[index]) if index in behind else (one,))]


def _flattened(layers: list[_Named], shape: tuple[int, ...]) -> list[_Named]:
    """With a Flatten before the first Linear, where none is printed and the picture is not flat already."""
    if len(shape) == 1 or any(isinstance(one, nn.Flatten) for _, one in layers):
        return layers
    first = next((index for index, one in enumerate(layers) if isinstance(one[1], nn.Linear)), None)
    if first is None:
        return layers
    while first and isinstance(layers[first - 1][1], nn.Dropout):
        first -= 1
    return [*layers[:first], ("flatten", nn.Flatten()), *layers[first:]]


def _runs(layers: list[_Named], shape: tuple[int, ...]) -> bool:
    """Whether torch runs the chain for two pictures, without numbers; the outcome has to be two rows or pictures."""
    try:
        with torch.no_grad():
            value = torch.zeros(2, *shape, device="meta")
            for _, layer in layers:
                value = layer.eval()(value)
                if value.numel() == 0:
                    return False
    except Exception:  # whatever torch says of shapes that do not fit
        return False
    return value.shape[0] == 2


def _unique(layers: list[_Named]) -> Iterator[_Named]:
    """Each under a name of its own: relu, relu2, relu3."""
    used: set[str] = set()
    for name, layer in layers:
        name = name if not hasattr(nn.Sequential, name) else f"{name}_"
        own, number = name, 2
        while own in used:
            own, number = f"{name}{number}", number + 1
        used.add(own)
        yield own, layer
