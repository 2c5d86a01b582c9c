"""What print(model) shows of a network: a Sequential is read exactly, of a class its layers and a guess at their order.

    Net(
      (conv1): Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1))
      (blocks): ModuleList(
        (0-3): 4 x Block(
    ...

What a layer prints is torch's `extra_repr`; it is read as the arguments of its constructor. Nothing of it is executed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from torch import nn

from cnnviz.networks.notation import NotationError, parse, write
from cnnviz.networks.notation.layers import LAYERS, UNSUITED
from cnnviz.networks.notation.printer import described
from cnnviz.networks.source.cleaning.characters import plain
from cnnviz.networks.source.cleaning.lines import split
from cnnviz.networks.source.cleaning.pages import unescaped
from cnnviz.networks.source.printed.cut import mended
from cnnviz.networks.source.printed.layers import (
    AXIS,
    MAX_LAYERS,
    Count,
    Layer,
    all_of,
    call,
    counted,
    counterpart,
    is_aside,
)
from cnnviz.networks.source.printed.lists import is_listed, listed
from cnnviz.networks.source.printed.numbers import gaps, spelled_out
from cnnviz.networks.source.printed.quantized import SCRIPTED, floating, is_scripted
from cnnviz.networks.source.printed.quantized import said_of as quantized
from cnnviz.networks.source.printed.totals import differs

MAX_CHARACTERS = 100_000
MAX_DEPTH = 50
DEFAULTS = {  # what a layer does not print, of which the default is taken
    "AvgPool1d": ("ceil_mode", "count_include_pad"),
    "AvgPool2d": ("ceil_mode", "count_include_pad", "divisor_override"),
    "AvgPool3d": ("ceil_mode", "count_include_pad", "divisor_override"),
    "Upsample": ("align_corners", "recompute_scale_factor"),
}
_WRAPPED = {  # what computes nothing but what it holds, by the name of that
    **dict.fromkeys(("DataParallel", "DistributedDataParallel", "FullyShardedDataParallel"), "module"),
    "OptimizedModule": "_orig_mod",  # of torch.compile
}
_NAME = r"\((?P<name>[^()\n]{1,80})\):\s{0,200}(?:(?P<times>\d{1,4}) ?[x\u00d7] ?)?"
_CUT = _NAME.replace("1,80}", "1,80}(?:\\n[^()\\n]{1,80})?")  # by a window that was too narrow
_CHILD = re.compile(rf"\s{{0,200}}{_CUT}(?P<kind>[A-Za-z_][\w.]{{0,80}}(?:\n[\w.]{{1,80}})?) ?\(")
_EXTRA = r"\s{0,200}(?:[^\s()][^\n()]{0,200}\n\s{0,200}){0,3}"  # what a class itself prints before its layers
_START = re.compile(
    rf"(?<![\w.:)])(?:(?:torch\.)?nn\.)?(?P<root>[A-Za-z_]\w{{0,80}}) ?\((?={_EXTRA}{_NAME}[A-Za-z_][\w.]{{0,80}} ?\()"
)
_INSIDE = re.compile(r"(?<!\w)\([^()\n]{1,80}\):[ \t]{0,200}$")  # before a layer of a network
_CODE = re.compile(
    r"^[ \t]*(?:class\s+\w+\s*[(:]|def\s+\w+\s*\(|(?:return\s+|[\w.]+\s*=\s*)?(?:torch\.)?nn\.\w+\()", re.MULTILINE
)
_IMPORT = re.compile(
    r"^[ \t]*(?:import\s+[\w.]+(?:\s+as\s+\w+|\s*,\s*[\w.]+)*\s*$|from\s+[\w.]+\s+import\b)", re.MULTILINE
)
_CLASS = re.compile(  # behind a prompt, the number of its line or the mark of a difference
    r"^[ \t]*(?:>>>|(?:In ?)?\[[\d ]*\]:|[+>|\u2502\u2503]|L?\d{1,5}[:.)|]?)[ \t]*class\s+\w+\s*\(", re.MULTILINE
)
_LINE = re.compile(
    r"^(?P<before>[^\n(]{0,80})\([^()\n]{1,80}\): (?:\d{1,4} ?[x\u00d7] ?)?[A-Za-z_][\w.]{0,80} ?\(", re.MULTILINE
)
_COLOURS = re.compile(r"\x1b\[[\d;]{0,20}m")  # of a terminal
_DOTS = re.compile(r"\.{3}|\u2026")
_LEVEL = r"(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)"
_TIME = r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]{0,10}Z?\]?"
_MARKS = (
    *("#", r"\+", r"(?:>[ \t]?)+", "[|\u2502\u2503]", r"L?\d{1,5}(?:[ \t]*[|\u2502\u2192]|[:.)]?(?!\S))"),
    rf"{_TIME}(?:[ \t:-]{{1,4}}\[?{_LEVEL}\]?:?)?",  # of logs
    rf"\[?{_LEVEL}\]?(?::[\w.]{{0,40}}:|:)?",
    r"[\w.-]{1,30}[ \t]{0,20}\|",  # of containers
    r"\[\d{1,4},\d{1,4}\]<std(?:out|err)>:",  # of mpirun
)
_LOGGED = re.compile(  # a first line whose others have nothing before them
    rf"^[ \t]*(?:{_TIME}[ \t:-]{{1,4}})?\[?{_LEVEL}\]?(?::[\w.]{{0,40}}:|[ \t:-]{{1,4}})(?=[A-Za-z_]\w{{0,80}}\($)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Printed:
    """A printed network. `kind` is Sequential, or the name of its class. `text` is that of an nn.Sequential where it is
    `exact`, else ''. `parameters` are those of the layers that are known; `notes` are sentences on what is not
    printed, `cut` those among them on what was not copied; of a network that `is_scripted` no sizes are."""

    kind: str
    tree: Layer
    text: str = ""
    exact: bool = False
    parameters: int = 0
    notes: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    is_scripted: bool = False


def read(text: str, in_part: bool = False) -> Printed | None:
    """The network that was printed, the first of several, or None: it is no printed network. `in_part` takes also what
    is not printed whole, and what stands below imports, which is for texts that say nothing as code."""
    if len(text) > MAX_CHARACTERS:
        return None
    text = _plain(text)
    found = _whole(text) or ((_listed(text) or _mended(text)) if in_part else None)
    if found is None:
        return None
    tree, around, cut = found
    if _CODE.search(around) or _CLASS.search(around) or (_IMPORT.search(around) and not in_part):
        return None
    wrapped = _WRAPPED.get(tree.kind)
    if [one.name for one in tree.children] == [wrapped]:
        tree = replace(tree.children[0], name="")
    if is_scripted(tree):
        return Printed(tree.kind, tree, notes=(SCRIPTED,), cut=cut, is_scripted=True)
    as_printed, tree = tree, floating(tree)
    count = counted(tree)
    missing = [*gaps(tree, bool(cut))]
    notes = [
        *cut,
        *missing,
        *quantized(as_printed),
        *_left_out(tree),
        *_uncounted(count),
        *_special(tree),
        *_alike(tree),
    ]
    if not cut and _START.search(around):
        notes.append("More networks are printed below it; the first is read.")
    else:
        notes += differs(around, count, tree.kind != "Sequential")
    if tree.kind == "Sequential":
        try:
            if not missing:
                tree = spelled_out(tree)
                text, said = _sequential(tree)
                return Printed("Sequential", tree, text, True, count.parameters, (*said, *notes), cut)
        except ValueError as error:
            reason = str(error).rstrip(".")
            notes.append(f"{reason[:1].upper()}{reason[1:]}.")
    else:
        notes.append(
            "What happens between the layers is not printed, and neither are parameters that a class holds itself."
        )
    return Printed(tree.kind, tree, "", False, count.parameters, tuple(notes), cut)


@lru_cache(maxsize=1)  # a text that is read whole is often read in part then
def _plain(text: str) -> str:
    """The text in plain characters, without colours and without what stands before each line."""
    lines = plain(unescaped(split(_COLOURS.sub("", text), python=False)))
    return _unmarked("\n".join(line.text for line in lines))


def _whole(text: str) -> tuple[Layer, str, tuple[str, ...]] | None:
    """A network that is printed whole, and what stands around it; None where there is none."""
    found = _START.search(text)
    if found is None or _INSIDE.search(before := text[: found.start()]) or is_listed(text, found.start()):
        return None
    reader = _Reader(text)
    tree = reader.tree(found)
    return None if tree is None else (tree, f"{before}\n{text[reader.at :]}", ())


def whole_print(text: str) -> tuple[Layer, str] | None:
    """The layers of a network that is printed whole, and what stands around it; None where there is none."""
    found = _whole(_plain(text))
    return None if found is None else (floating(found[0]), found[1])


def _mended(text: str) -> tuple[Layer, str, tuple[str, ...]] | None:
    """A network that is not printed whole, what stands around it, and what is said of that."""
    found = mended(text)
    tree = tree_of(found.text) if found is not None else None
    return None if found is None or tree is None else (tree, found.around, found.notes)


def _listed(text: str) -> tuple[Layer, str, tuple[str, ...]] | None:
    """The layers of a list, what stands around it, and what is said of it."""
    found = listed(text)
    tree = tree_of(found.text) if found is not None else None
    return None if found is None or tree is None else (tree, found.around, found.notes)


def tree_of(text: str) -> Layer | None:
    """The layers of a print with nothing around it; None where it is none."""
    found = _START.match(text)
    return None if found is None else _Reader(text).tree(found)


def _unmarked(text: str) -> str:
    """The text without what stands before each line in a comment, a quotation, a box, a listing, a difference or a log,
    and what a log writes before the first line alone."""
    before = {found["before"].strip() for found in _LINE.finditer(text)}
    for mark in _MARKS:
        if before and all(re.fullmatch(mark, one) for one in before):
            return _without(text, mark)
    alike = {re.sub(r"\d", "0", one) for one in before}
    if len(alike) == 1 and (mark := alike.pop()):  # of a log, whatever it writes
        return _without(text, re.escape(mark).replace("0", r"\d"))
    return _LOGGED.sub("", text)


def _without(text: str, mark: str) -> str:
    """The text without that mark before its lines."""
    begin = re.compile(rf"[ \t]*{mark}")
    return "\n".join(_without_edges(line, begin) for line in text.split("\n"))


def _without_edges(line: str, begin: re.Pattern[str]) -> str:
    """The line without what begins it, and without the edge of a box at its end."""
    found = begin.match(line)
    rest = line[found.end() :] if found else line
    end = rest.rstrip(" \t")
    return end[:-1].rstrip(" \t") if end.endswith(("|", "\u2502", "\u2503")) else rest


def _left_out(tree: Layer) -> Iterator[str]:
    """A sentence on rows in whose place dots stand."""
    if any(layer.children and _DOTS.search(layer.arguments) for layer in all_of(tree)):
        yield "Rows are left out where ... stands: paste all of them, or the class itself."


def _alike(tree: Layer) -> Iterator[str]:
    """Sentences on layers of other names than torch's that print the same sizes."""
    kinds = {layer.kind: kind for layer in all_of(tree) if not layer.is_parametrized and (kind := counterpart(layer))}
    for known in dict.fromkeys(kinds.values()):
        named = [kind for kind, one in kinds.items() if one == known]
        which = "which prints its sizes" if len(named) == 1 else "which prints their sizes"
        yield f"{', '.join(named)} {_are(named)} counted as {known}, {which} in the same way."


def _uncounted(count: Count) -> Iterator[str]:
    """Sentences on the layers whose parameters are not counted."""
    kinds = count.unknown
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
    for kind in dict.fromkeys(layer.kind for layer in all_of(tree) if layer.kind in AXIS and not _has_axis(layer)):
        said.append(f"{kind} was made without its axis; dim=1 is taken, as torch does for rows of numbers.")
    return _made(tree), said


def written(layer: Layer) -> str:
    """A printed layer of torch.nn, or a Sequential of such, as a text that makes it. Raises ValueError, also where rows
    are missing."""
    if said := next(gaps(layer), ""):
        raise ValueError(said)
    return _made(spelled_out(layer))


def _made(layer: Layer) -> str:
    try:
        made = parse(f"nn.Sequential({_nested(layer)})", traced=True).weightless().get_submodule("0")
    except NotationError as error:
        raise ValueError(str(error).partition(": ")[2]) from None
    return write(made) if isinstance(made, nn.Sequential) else f"nn.{described(made)}"


def _has_axis(layer: Layer) -> bool:
    return re.search(r"dim=-?\d", layer.arguments) is not None


def _nested(layer: Layer) -> str:
    """A Sequential and its layers as the call that makes it. Raises ValueError where a layer has no text."""
    if layer.is_parametrized:
        return call(layer.plain)
    if layer.kind != "Sequential":
        return call(layer)
    if layer.children and layer.arguments:
        raise ValueError(f"between the layers of a Sequential stands {layer.arguments[:60]}, which is not read")
    pairs = ", ".join(f"({re.sub(r'[^0-9A-Za-z_]', '_', one.name)!r}, {_nested(one)})" for one in layer.children)
    return f"nn.Sequential(OrderedDict([{pairs}]))"
