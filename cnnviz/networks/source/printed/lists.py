"""Lists that people print in place of a network: a layer in each line behind its name, a dictionary of them, or the
sizes of the weights."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from keyword import iskeyword
from math import prod

from cnnviz.networks.notation.layers import LAYERS, UNSUITED

UNNAMED = "Network"
_LONGEST = 600  # characters of a line that is looked at
_NAMED = r"(?P<name>\w[\w.]{0,80})(?:[ \t]{0,8}(?::|,|->|=>))?[ \t]{1,8}"  # before a layer in a line
_QUOTED = r"['\"](?P<name>\w[\w.]{0,80})['\"]\s{0,20}[,:]\s{0,20}"  # before a layer in a dictionary
_KIND = r"(?=(?P<kind>[A-Za-z_]\w{0,80}) ?\()"
_LINE = re.compile(rf"^[ \t]{{0,40}}{_NAMED}{_KIND}", re.MULTILINE)
_PAIR = re.compile(_QUOTED + _KIND)
_BEFORE = re.compile(rf"(?:^[ \t]{{0,40}}{_NAMED}|{_QUOTED.replace('?P<name>', '')})\Z", re.MULTILINE)
_BEHIND = re.compile(r"[ \t]{0,40},?[ \t]{0,40}(?:\n|\Z)")
_DICTIONARY = re.compile(r"(?:OrderedDict|dict_items|odict_items)\(\[|\{\s{0,20}['\"]|\[\s{0,20}\(\s{0,20}['\"]")
_SIZES = re.compile(
    r"(?P<name>\w[\w.]{0,120}\.(?:weight|bias|running_mean|running_var|num_batches_tracked|\w{0,20}(?:weight|bias)\w{0,20}))"
    r"\W{1,60}(?:torch\.Size\()?[\[(](?P<sizes>\d{0,9}(?:, ?\d{1,9}){0,7})"
)
_NO_WEIGHTS = ("running_mean", "running_var", "num_batches_tracked")


@dataclass(frozen=True)
class Listed:
    """A list of layers as the print of what holds them, what stands around it, and what is to be said of it."""

    text: str
    around: str
    notes: tuple[str, ...]


def listed(text: str) -> Listed | None:
    """The layers of a list, two or more; None where there is none. Where their names are the numbers of a row, it is a
    Sequential."""
    found = _by_lines(text) or _by_pairs(text)
    if found is None:
        return None
    rows, around = found
    if [name for name, _ in rows] == [str(at) for at in range(len(rows))]:
        kind, note = "Sequential", "The list has numbers, and is taken for the layers of an nn.Sequential."
    else:
        kind, note = UNNAMED, "This is a list of layers by their names."
    return Listed("\n".join([f"{kind}(", *(f"  ({name}): {row}" for name, row in rows), ")"]), around, (note,))


def is_listed(text: str, at: int) -> bool:
    """Whether the layer that begins at a place is one of a list."""
    named = _BEFORE.search(text[max(at - 200, 0) : at])
    return named is not None and listed(text) is not None


def _by_lines(text: str) -> tuple[list[tuple[str, str]], str] | None:
    """conv1 Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1)): a layer behind each name, in a line or in several."""
    rows: list[tuple[str, str]] = []
    around: list[str] = []
    at = 0
    while (found := _LINE.search(text, at)) is not None:
        end = _end(text, found.end())
        if end < 0:
            break
        behind = _BEHIND.match(text, end)
        if behind is not None and not iskeyword(found["name"]) and (rows or _is_layer(found["kind"])):
            around.append(text[at : found.start()])
            rows.append((found["name"], text[found.end() : end]))
            at = behind.end()
        else:
            around.append(text[at : found.end()])
            at = found.end()
    layers = [row for _, row in rows if not row.partition("(")[0].rstrip().endswith("Loss")]
    return (rows, "\n".join([*around, text[at:]])) if len(layers) > 1 else None


def _by_pairs(text: str) -> tuple[list[tuple[str, str]], str] | None:
    """OrderedDict([('conv', Conv2d(...)), ('relu', ReLU())]), and other dictionaries as they are printed."""
    begun = _DICTIONARY.search(text)
    if begun is None:
        return None
    rows: list[tuple[str, str]] = []
    at = begun.start()
    while (found := _PAIR.search(text, at)) is not None:
        at = _end(text, found.end())
        if at < 0:
            return None
        rows.append((found["name"], text[found.end() : at]))
    known = any(_is_layer(row.partition("(")[0]) for _, row in rows)
    return (rows, f"{text[: begun.start()]}\n{text[at:].lstrip(')]}, ')}") if known else None


def _end(text: str, at: int) -> int:
    """Where the call ends that begins at a place; -1 where it does not."""
    opened = 0
    for place in range(at, len(text)):
        opened += (text[place] in "([{") - (text[place] in ")]}")
        if opened == 0 and text[place] == ")":
            return place + 1
    return -1


def _is_layer(kind: str) -> bool:
    return kind in LAYERS or kind in UNSUITED or kind == "Sequential"


def said_of(text: str) -> str:
    """What is said of a list of the sizes of weights; '' of any other text."""
    sizes = [*_weights(text)]
    if len(sizes) < 2:
        return ""
    return (
        f"These are the names and sizes of weights, {sum(sizes):,} numbers together; strides, and how the layers "
        "follow one another, are not among them. Paste the class, or what print(model) shows."
    )


def _weights(text: str) -> Iterator[int]:
    """How many numbers each weight of a list has."""
    for line in text.split("\n"):
        found = _SIZES.search(line) if len(line) <= _LONGEST else None
        if found is not None:
            counted = not found["name"].endswith(_NO_WEIGHTS)
            yield prod(map(int, re.findall(r"\d+", found["sizes"]))) if counted else 0
