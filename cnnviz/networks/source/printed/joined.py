"""A print with a forward beside it, as torch.fx shows a network: the print says how the layers are made, the forward
how they run, and both together are a class."""

import re
from collections.abc import Iterable, Iterator
from keyword import iskeyword
from textwrap import indent

from cnnviz.networks.notation.layers import LAYERS
from cnnviz.networks.source.printed.layers import MAX_LAYERS, Layer
from cnnviz.networks.source.printed.numbers import gaps, size
from cnnviz.networks.source.printed.reading import MAX_CHARACTERS, MAX_DEPTH, whole_print, written

NET = "Net"
_HELD = ("ModuleList", "ModuleDict")
_BY_THEIR_CALL = ("LSTM", "GRU", "RNN", "Embedding", "Bilinear")  # whose arguments are printed as they are written
_ARGUMENTS = re.compile(r"[\w ,.=()\[\]-]{0,400}")
_METHOD = re.compile(r"[ \t]{0,40}(?:async )?def[ \t]{1,8}\w{1,80}\(self\b")
_FORWARD = re.compile(r"^[ \t]{0,40}def[ \t]{1,8}forward\(self\b", re.MULTILINE)
_CLASS = re.compile(r"^[ \t]{0,40}class[ \t]{1,8}\w", re.MULTILINE)
_GETATTR = re.compile(r"getattr\((?P<of>self(?:\.\w{1,80}|\[\d{1,4}\]){1,50}), ['\"](?P<at>\d{1,4})['\"]\)")
_HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import device, nn\n"
_INDENT = " " * 4


def joined(text: str) -> str:
    """A class of the layers that a text prints, with the forward that stands beside them; '' where it has no such
    forward, where it has a class, or where a layer is printed that does not say how it is made."""
    if len(text) > MAX_CHARACTERS or _FORWARD.search(text) is None or _CLASS.search(text):
        return ""
    found = whole_print(text)
    if found is None or any(gaps(found[0])) or size(found[0]) > MAX_LAYERS:
        return ""
    tree, beside = found
    methods = [*_methods(beside)]
    if not any(_FORWARD.match(one) for one in methods):
        return ""
    named = tree.kind if tree.kind.isidentifier() and tree.kind not in (*LAYERS, *_HELD, "Sequential") else NET
    parts = _Parts()
    try:
        whole = parts.class_of(tree, named, methods)
    except ValueError:
        return ""
    return "\n\n".join([_HEAD, *parts.classes, whole])


class _Parts:
    """Writes the classes of a network: its own, and one for each part that is printed as a Module with names."""

    def __init__(self) -> None:
        self.classes: list[str] = []
        self.count = 0

    def class_of(self, tree: Layer, name: str, methods: Iterable[str] = ()) -> str:
        """A class that makes the layers of a network. Raises ValueError where one does not say how it is made."""
        lines = ["super().__init__()", *(f"self.{_name(one)} = {self.made(one)}" for one in tree.children)]
        made = "def __init__(self):\n" + indent("\n".join(lines), _INDENT)
        return f"class {name}(nn.Module):\n" + indent("\n\n".join([made, *methods]), _INDENT) + "\n"

    def made(self, layer: Layer) -> str:
        """A layer as it is made in a class. Raises ValueError where that is not printed."""
        numbered = layer.kind == "Module" and all(one.name.isdecimal() or one.times > 1 for one in layer.children)
        if layer.kind == "ModuleList" or numbered:
            parts = [part for one in layer.children for part in [self.made(one)] * one.times]
            return f"nn.ModuleList([{', '.join(parts)}])"
        if layer.kind == "ModuleDict":
            return f"nn.ModuleDict({{{', '.join(f'{one.name!r}: {self.made(one)}' for one in layer.children)}}})"
        if layer.kind == "Module":
            self.count += 1
            name = f"Part{self.count}"
            self.classes.append(self.class_of(layer, name))
            return f"{name}()"
        if layer.kind in _BY_THEIR_CALL and not layer.children and _ARGUMENTS.fullmatch(layer.arguments):
            return f"nn.{layer.kind}({layer.arguments})"
        return written(layer)


def _name(layer: Layer) -> str:
    """What self has it by. Raises ValueError."""
    if not layer.name.isidentifier() or iskeyword(layer.name):
        raise ValueError(f"{layer.name} is no name that a line may give")
    return layer.name


def _methods(text: str) -> Iterator[str]:
    """The methods of a text, each from its def on, moved to the left."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if len(line) > 2_000 or _METHOD.match(line) is None:
            continue
        left = _indent(line)
        method = [line]
        while at < len(lines) and (not lines[at].strip() or _indent(lines[at]) > left):
            method.append(lines[at])
            at += 1
        yield _by_number("\n".join(one[left:] for one in method).rstrip())


def _by_number(text: str) -> str:
    """self.block[0] for getattr(self.block, "0"), as torch.fx writes it."""
    for _ in range(MAX_DEPTH):
        changed = _GETATTR.sub(r"\g<of>[\g<at>]", text)
        if changed == text:
            break
        text = changed
    return text


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))
