"""What a printed layer is: its name, kind and arguments, the layer of torch.nn that it makes, and its parameters."""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod

import torch
from torch import nn

from cnnviz.networks.notation import parse
from cnnviz.networks.notation.layers import LAYERS, UNSUITED

MAX_LAYERS = 2_000
AXIS = ("Softmax", "LogSoftmax", "Softmin")  # may be made without the axis
PASSING = ("StochasticDepth", "DropPath")  # leave out a whole branch now and then, in training alone
_COUNTED = {  # layers that no text of a Sequential names, whose parameters are counted all the same
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
    "RNN": nn.RNN,
    "Embedding": nn.Embedding,
    "Bilinear": nn.Bilinear,
    "NonDynamicallyQuantizableLinear": nn.Linear,
    "LayerNorm2d": nn.LayerNorm,
}
_WITHOUT_PARAMETERS = (
    *("Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"),
    *("FrozenBatchNorm2d", "Permute"),
)
_HELD = re.compile(r"Parameter containing: \[[\w.]{1,40} of size (?P<sizes>\d{1,10}(?:x\d{1,10}){0,7})\b")
_ASIDE = re.compile(  # losses, and what torchmetrics measures
    r"\w{0,80}Loss|\w{0,80}(?:Accuracy|Precision|Recall|F1Score|AUROC|ConfusionMatrix|Metric|MetricCollection"
    r"|JaccardIndex|SquaredError|AbsoluteError)"
)
_PARAMETRIZED, _PARAMETRIZATIONS = "Parametrized", "parametrizations"  # by torch.nn.utils.parametrizations
_SIZED = re.compile(r"[(\[]?\d")  # arguments that begin with a size, as those of layers with weights do
_WHOLE = r"[(\[]\d{1,4}(?:, ?\d{1,4})*,?[)\]]"
_PRINTS_LIKE = {  # how layers with weights print their sizes, whatever they are called
    "Conv": rf"\d+, \d+, kernel_size=(?P<window>{_WHOLE}), stride={_WHOLE}"
    rf"(?:, (?:padding|dilation|output_padding|groups|bias|padding_mode)=(?:{_WHOLE}|\w+))*",
    "Linear": r"in_features=[1-9]\d*, out_features=[1-9]\d*(?:, bias=(?:True|False))?",
    "BatchNorm": r"\d+, eps=[^,]+, momentum=[^,]+(?:, (?:affine|bias|track_running_stats)=(?:True|False))+",
    "GroupNorm": r"\d+, \d+, eps=[^,]+, affine=(?:True|False)(?:, bias=(?:True|False))?",
    "LayerNorm": r"\(\d+(?:, ?\d+)*,?\), eps=[^,]+, elementwise_affine=(?:True|False)(?:, bias=(?:True|False))?",
}
_AXES = re.compile(r"[123](?=[dD])")


@dataclass(frozen=True)
class Layer:
    """A layer as it is printed: `arguments` in torch's words, its children; it stands there `times` times."""

    name: str
    kind: str
    arguments: str = ""
    children: tuple["Layer", ...] = ()
    times: int = 1

    @property
    def is_parametrized(self) -> bool:
        """Whether only what its weights are made of stands in it."""
        names = [child.name for child in self.children]
        return self.kind.startswith(_PARAMETRIZED) and names == [_PARAMETRIZATIONS]

    @property
    def plain(self) -> "Layer":
        """The layer itself, without what its weights are made of."""
        return Layer(self.name, self.kind.removeprefix(_PARAMETRIZED), self.arguments, (), self.times)

    @property
    def has_weights(self) -> bool:
        """Whether it holds layers and prints sizes of its own beside them, as those of a convolution that holds its
        norm."""
        sized = self.kind in LAYERS or _SIZED.match(self.arguments) is not None
        return bool(self.children and self.arguments) and sized

    @property
    def alone(self) -> "Layer":
        """The layer without those that it holds."""
        return replace(self, children=())


@dataclass(frozen=True)
class Count:
    """How many parameters the layers have that are known, and the kinds of those that are not, each once."""

    parameters: int = 0
    unknown: tuple[str, ...] = ()


def all_of(layer: Layer) -> Iterator[Layer]:
    """The layer and all that stand in it."""
    yield layer
    for child in layer.children:
        yield from all_of(child)


def is_aside(layer: Layer) -> bool:
    """Whether it is a loss or a metric, which has no part in what the network computes."""
    return _ASIDE.fullmatch(layer.kind) is not None and all(map(is_aside, layer.children))


# --- what it makes


def made(layer: Layer) -> nn.Module:
    """A layer without memory for its numbers. Raises ValueError where it is none that a text may name."""
    (module,) = parse(f"nn.Sequential({call(layer)})", traced=True).weightless().children()
    return module


def counterpart(layer: Layer) -> str:
    """The layer of torch.nn that prints the same sizes as one of another name, such as Conv3d for Conv3DSimple; ''
    where there is none, and for the layers of torch.nn themselves."""
    if layer.kind in LAYERS or layer.kind in _COUNTED or (layer.kind in UNSUITED and layer.kind != "SyncBatchNorm"):
        return ""
    for like, pattern in _PRINTS_LIKE.items():
        if found := re.fullmatch(pattern, layer.arguments):
            window = found["window"].strip("()[],") if like == "Conv" else ""
            kind = _named(like, layer.kind, len(window.split(",")))
            return kind if kind in LAYERS else ""
    return ""


def _named(like: str, kind: str, axes: int) -> str:
    """ConvTranspose2d, LayerNorm, InstanceNorm1d: what says how many axes is the window, or a name such as Norm3d."""
    if like == "Conv":
        return f"Conv{'Transpose' if 'Transpose' in kind else ''}{axes}d"
    if like == "BatchNorm":
        axes_named = _AXES.search(kind)
        return f"{'InstanceNorm' if 'Instance' in kind else like}{axes_named[0] if axes_named else 2}d"
    return "RMSNorm" if like == "LayerNorm" and "RMS" in kind else like


def in_torch(layer: Layer) -> Layer:
    """The layer as torch.nn has it, where it prints the same sizes under another name; else as it is."""
    kind = counterpart(layer)
    return replace(layer, kind=kind) if kind else layer


def call(layer: Layer) -> str:
    """A layer as the call that makes it. Raises ValueError where it is none that a text may name."""
    if layer.kind in UNSUITED:
        raise ValueError(f"{layer.kind} {UNSUITED[layer.kind]}")
    if layer.kind in LAYERS and layer.children:
        raise ValueError(f"{layer.kind} holds {layer.children[0].kind}, and when that is used is not printed")
    if layer.kind not in LAYERS:
        raise ValueError(f"{layer.kind} is a class of its own, and what it does is not printed")
    if layer.kind.startswith("Fractional"):
        raise ValueError(f"{layer.kind} prints none of its sizes")
    known = inspect.signature(LAYERS[layer.kind]).parameters
    parts = dict(_given(layer, list(known)))
    if layer.kind in AXIS and parts.get("dim", "None") == "None":
        parts["dim"] = "1"
    return f"nn.{layer.kind}({', '.join(f'{key}={value}' for key, value in parts.items() if key in known)})"


def _given(layer: Layer, names: list[str]) -> Iterator[tuple[str, str]]:
    """The arguments by name, as torch prints them and as it once did: Linear(784 -> 10), MaxPool2d(size=(2, 2))."""
    arguments = layer.arguments.replace("->", ",") if layer.kind == "Linear" else layer.arguments
    for at, (key, value) in enumerate(map(_part, _parts(arguments))):
        if not key and at >= len(names):
            raise ValueError(f"{layer.kind} is printed with more than it takes")
        yield "kernel_size" if key == "size" and "kernel_size" in names else key or names[at], value


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


# --- its parameters


def counted(layer: Layer) -> Count:
    """The parameters of a layer and of all that stand in it, so often as it stands there."""
    if is_aside(layer) or layer.kind in PASSING:
        return Count()
    layer = layer.plain if layer.is_parametrized else layer
    counts = [_own(layer), *map(counted, layer.children)]
    unknown = dict.fromkeys(kind for count in counts for kind in count.unknown)
    return Count(layer.times * sum(count.parameters for count in counts), tuple(unknown))


def _own(layer: Layer) -> Count:
    """The parameters that a layer has beside those of the layers in it."""
    if layer.kind == "MultiheadAttention" and layer.children:
        return Count(_attention(layer))
    if layer.kind in ("ParameterList", "ParameterDict"):
        return Count(sum(prod(map(int, found["sizes"].split("x"))) for found in _HELD.finditer(layer.arguments)))
    if layer.kind in _WITHOUT_PARAMETERS or (layer.children and not layer.has_weights and not counterpart(layer)):
        return Count()
    try:
        with torch.device("meta"):
            module = _other(layer) if layer.kind in _COUNTED else made(in_torch(layer.alone))
        return Count(sum(parameter.numel() for parameter in module.parameters()))
    except Exception:  # torch's constructors raise nearly anything
        return Count(0, (layer.kind,))


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
    module: nn.Module = _COUNTED[layer.kind](*values, **named)
    return module
