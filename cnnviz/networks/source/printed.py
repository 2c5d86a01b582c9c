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
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from cnnviz.networks.notation import NotationError, parse, write
from cnnviz.networks.notation.layers import LAYERS, UNSUITED
from cnnviz.networks.source.cleaning.characters import plain
from cnnviz.networks.source.cleaning.lines import split
from cnnviz.networks.source.cleaning.pages import unescaped

MAX_CHARACTERS = 100_000
MAX_LAYERS = 2_000
MAX_DEPTH = 50
MAX_PARAMETERS = 2_000_000_000  # they are counted and traced without memory for them
COUNTED = {  # layers that no text of a Sequential names, whose parameters are counted all the same
    "LSTM": nn.LSTM,
    "GRU": nn.GRU,
    "RNN": nn.RNN,
    "Embedding": nn.Embedding,
    "Bilinear": nn.Bilinear,
    "NonDynamicallyQuantizableLinear": nn.Linear,
    "LayerNorm2d": nn.LayerNorm,
}
_WITHOUT_PARAMETERS = ("Sequential", "ModuleList", "ModuleDict", "FrozenBatchNorm2d", "Permute")
PASSING = ("StochasticDepth", "DropPath")  # leave out a whole branch now and then, in training alone
DEFAULTS = {  # what a layer does not print, of which the default is taken
    "AvgPool1d": ("ceil_mode", "count_include_pad"),
    "AvgPool2d": ("ceil_mode", "count_include_pad", "divisor_override"),
    "AvgPool3d": ("ceil_mode", "count_include_pad", "divisor_override"),
    "Upsample": ("align_corners", "recompute_scale_factor"),
}
_NAME = r"\((?P<name>[^()\n]{1,80})\):\s{0,200}(?:(?P<times>\d{1,4}) x )?"
_CUT = _NAME.replace("1,80}", "1,80}(?:\\n[^()\\n]{1,80})?")  # by a window that was too narrow
_CHILD = re.compile(rf"\s{{0,200}}{_CUT}(?P<kind>[A-Za-z_]\w{{0,80}}(?:\n\w{{1,80}})?) ?\(")
_EXTRA = r"\s{0,200}(?:[^\s()][^\n()]{0,200}\n\s{0,200}){0,3}"  # what a class itself prints before its layers
_START = re.compile(
    rf"(?<![\w.:)])(?:(?:torch\.)?nn\.)?(?P<root>[A-Za-z_]\w{{0,80}}) ?\((?={_EXTRA}{_NAME}[A-Za-z_]\w{{0,80}} ?\()"
)
_INSIDE = re.compile(rf"{_NAME}$")  # before a layer of a network
_CODE = re.compile(
    r"^[ \t]*(?:class\s+\w+\s*[(:]|def\s+\w+\s*\(|import\s+[\w.]+(?:\s+as\s+\w+|\s*,\s*[\w.]+)*\s*$"
    r"|from\s+[\w.]+\s+import\b|(?:return\s+|[\w.]+\s*=\s*)?(?:torch\.)?nn\.\w+\()",
    re.MULTILINE,
)
_CLASS = re.compile(  # behind a prompt, the number of its line or the mark of a difference
    r"^[ \t]*(?:>>>|(?:In ?)?\[[\d ]*\]:|[+>|\u2502\u2503]|L?\d{1,5}[:.)|]?)[ \t]*class\s+\w+\s*\(", re.MULTILINE
)
_LINE = re.compile(r"^(?P<before>[^\n(]{0,40})\([^()\n]{1,80}\): (?:\d{1,4} x )?[A-Za-z_]\w{0,80} ?\(", re.MULTILINE)
_MARKS = ("#", r"\+", r"(?:>[ \t]?)+", "[|\u2502\u2503]", r"L?\d{1,5}(?:[ \t]*[|\u2502\u2192]|[:.)]?(?!\S))")
_ASIDE = re.compile(  # losses, and what torchmetrics measures
    r"\w{0,80}Loss|\w{0,80}(?:Accuracy|Precision|Recall|F1Score|AUROC|ConfusionMatrix|Metric|MetricCollection"
    r"|JaccardIndex|SquaredError|AbsoluteError)"
)
_PARAMETRIZED, _PARAMETRIZATIONS = "Parametrized", "parametrizations"  # by torch.nn.utils.parametrizations
_AXIS = ("Softmax", "LogSoftmax", "Softmin")  # may be made without the axis


@dataclass(frozen=True)
class Layer:
    """A layer as it is printed: `arguments` in torch's words, or its children; it stands there `times` times."""

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


@dataclass(frozen=True)
class Printed:
    """A printed network. `kind` is Sequential, or the name of its class. `text` is that of an nn.Sequential where it is
    `exact`, else ''. `parameters` are those of the layers that are known; `notes` are sentences on what is not
    printed."""

    kind: str
    tree: Layer
    text: str = ""
    exact: bool = False
    parameters: int = 0
    notes: tuple[str, ...] = ()


def read(text: str) -> Printed | None:
    """The network that was printed, the first of several, or None: it is no printed network."""
    if len(text) > MAX_CHARACTERS:
        return None
    text = _unmarked("\n".join(line.text for line in plain(unescaped(split(text, python=False)))))
    found = _START.search(text)
    if found is None or (_INSIDE.search(before := text[: found.start()]) and before.count("(") > before.count(")")):
        return None  # of what begins otherwise, its layers are not read alone
    reader = _Reader(text)
    tree = reader.tree(found)
    around = f"{before}\n{text[reader.at :]}"
    if tree is None or _CODE.search(around) or _CLASS.search(around):
        return None
    parameters, uncounted = _counted(tree)
    notes = [*_uncounted(uncounted), *_special(tree)]
    if _START.search(text, reader.at):
        notes.append("More networks are printed below it; the first is read.")
    if tree.kind == "Sequential":
        try:
            written, said = _sequential(tree)
            return Printed("Sequential", tree, written, True, parameters, (*said, *notes))
        except ValueError as error:
            reason = str(error).rstrip(".")
            notes.append(f"{reason[:1].upper()}{reason[1:]}.")
    else:
        notes.append(
            "What happens between the layers is not printed, and neither are parameters that a class holds itself."
        )
    return Printed(tree.kind, tree, "", False, parameters, tuple(notes))


def _unmarked(text: str) -> str:
    """The text without what stands before each line in a comment, a quotation, a box, a listing or a difference."""
    before = {found["before"].strip() for found in _LINE.finditer(text)}
    for mark in _MARKS:
        if before and all(re.fullmatch(mark, one) for one in before):
            begin = re.compile(rf"[ \t]*{mark}")
            return "\n".join(_without_edges(line, begin) for line in text.split("\n"))
    return text


def _without_edges(line: str, begin: re.Pattern[str]) -> str:
    """The line without what begins it, and without the edge of a box at its end."""
    found = begin.match(line)
    rest = line[found.end() :] if found else line
    end = rest.rstrip(" \t")
    return end[:-1].rstrip(" \t") if end.endswith(("|", "\u2502", "\u2503")) else rest


def _uncounted(kinds: list[str]) -> Iterator[str]:
    """Sentences on the layers whose parameters are not counted."""
    lazy = [kind for kind in kinds if kind.startswith("Lazy")]
    known = [kind for kind in kinds if kind not in lazy and (kind in LAYERS or kind in UNSUITED)]
    for named, why in (
        (lazy, "the sizes are known only once something has come in"),
        (known, "the sizes that are printed are not read here"),
        ([kind for kind in kinds if kind not in lazy and kind not in known], "what is inside is not printed"),
    ):
        if named:
            yield f"{', '.join(named)} {_are(named)} not counted: {why}."


def _special(tree: Layer) -> Iterator[str]:
    """Sentences on what is printed among the layers and is none, and on weights that are made of others."""
    aside = [*dict.fromkeys(one.kind for one in all_of(tree) if is_aside(one))]
    if aside:
        what = "is no layer" if len(aside) == 1 else "are no layers"
        yield f"{', '.join(aside)} {what} of the network: losses and metrics are left out."
    parametrized = [*dict.fromkeys(one.kind for one in all_of(tree) if one.is_parametrized)]
    if parametrized:
        yield (
            f"{', '.join(parametrized)} {_are(parametrized)} read without the parametrization, "
            "from which the weights are worked out anew at each step."
        )


def is_aside(layer: Layer) -> bool:
    """Whether it is a loss or a metric, which has no part in what the network computes."""
    return _ASIDE.fullmatch(layer.kind) is not None and all(map(is_aside, layer.children))


class _Reader:
    """Reads one printed network from its first bracket to its last."""

    def __init__(self, text: str):
        self.text, self.at, self.layers = text, 0, 0

    def tree(self, found: re.Match[str]) -> Layer | None:
        """The network, or None where it is cut short or too large."""
        self.at = found.end()
        try:
            return self.inside("", found["root"], 1, 0)
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
                name_of, kind_of = (child[part].replace("\n", "") for part in ("name", "kind"))
                children.append(self.inside(name_of, kind_of, int(child["times"] or 1), depth + 1))
                continue
            character = self.text[self.at]
            self.at += 1
            if character == ")" and not opened:
                return Layer(name, kind, _uncut(arguments), tuple(children), times)
            opened += (character in "([") - (character in ")]")
            arguments += character


def _uncut(arguments: str) -> str:
    """What stands between the brackets of a layer; torch prints it in one line, so that none ends in it."""
    return " ".join(re.sub(r"[ \t]*\n[ \t]*", "", arguments).split())


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _call(layer: Layer) -> str:
    """A layer as the call that makes it. Raises ValueError where it is none that a text may name."""
    if layer.kind in UNSUITED:
        raise ValueError(f"{layer.kind} {UNSUITED[layer.kind]}")
    if layer.kind not in LAYERS or layer.children:
        raise ValueError(f"{layer.kind} is a class of its own, and what it does is not printed")
    if layer.kind.startswith("Fractional"):
        raise ValueError(f"{layer.kind} prints none of its sizes")
    known = inspect.signature(LAYERS[layer.kind]).parameters
    parts = dict(_given(layer, list(known)))
    if layer.kind in _AXIS and parts.get("dim", "None") == "None":
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


def _sequential(tree: Layer) -> tuple[str, list[str]]:
    """The text of a printed Sequential, and what there is to say of it. Raises ValueError where a layer has no text."""
    said: list[str] = []
    renamed = [layer.name for layer in all_of(tree) if not re.fullmatch(r"\w*", layer.name)]
    if renamed:
        said.append(
            f"A layer's name has letters, digits and _ here: {', '.join(renamed[:3])} {_are(renamed)} written so."
        )
    for kind in dict.fromkeys(layer.kind for layer in all_of(tree)):
        if kind in DEFAULTS:
            said.append(f"{kind} does not print {', '.join(DEFAULTS[kind])}; the usual values are taken.")
    for kind in dict.fromkeys(layer.kind for layer in all_of(tree) if layer.kind in _AXIS and not _has_axis(layer)):
        said.append(f"{kind} was made without its axis; dim=1 is taken, as torch does for rows of numbers.")
    try:
        return write(parse(_nested(tree), MAX_PARAMETERS).weightless()), said
    except NotationError as error:
        raise ValueError(str(error).partition(": ")[2]) from None


def _has_axis(layer: Layer) -> bool:
    return re.search(r"dim=-?\d", layer.arguments) is not None


def _nested(layer: Layer) -> str:
    """A Sequential and its layers as the call that makes it. Raises ValueError where a layer has no text."""
    if layer.is_parametrized:
        return _call(layer.plain)
    if layer.kind != "Sequential":
        return _call(layer)
    if layer.children and layer.arguments:
        raise ValueError(f"between the layers of a Sequential stands {layer.arguments[:60]}, which is not read")
    pairs = ", ".join(f"({re.sub(r'[^0-9A-Za-z_]', '_', one.name)!r}, {_nested(one)})" for one in layer.children)
    return f"nn.Sequential(OrderedDict([{pairs}]))"


def all_of(layer: Layer) -> Iterator[Layer]:
    """The layer and all that stand in it."""
    yield layer
    for child in layer.children:
        yield from all_of(child)


def _counted(layer: Layer) -> tuple[int, list[str]]:
    """How many parameters the known layers have, and the kinds of those that are not known."""
    if is_aside(layer) or layer.kind in PASSING:
        return 0, []
    layer = layer.plain if layer.is_parametrized else layer
    if layer.children:
        counts = [_counted(child) for child in layer.children]
        unknown = [kind for _, kinds in counts for kind in kinds]
        own = 0
        if layer.kind == "MultiheadAttention":
            own = _attention(layer)
        return layer.times * (own + sum(count for count, _ in counts)), list(dict.fromkeys(unknown))
    try:
        with torch.device("meta"):
            module = _other(layer) if layer.kind in COUNTED else made(layer)
        return layer.times * sum(parameter.numel() for parameter in module.parameters()), []
    except Exception:  # torch's constructors raise nearly anything
        return 0, [] if layer.kind in _WITHOUT_PARAMETERS else [layer.kind]


def made(layer: Layer) -> nn.Module:
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
