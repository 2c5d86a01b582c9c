"""A network followed by a tensor, and what mends it: for networks of the zoo and for texts of whatever form.

Raises nothing that a text can cause: what is wrong with one is part of the answer.
"""

import ast
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from torch import nn
from torch.nn.modules.lazy import LazyModuleMixin

from cnnviz.networks import notation, own, zoo
from cnnviz.networks.notation import NotationError
from cnnviz.networks.own import Offer, Own
from cnnviz.networks.source import Argument, Candidate, Source
from cnnviz.networks.source import read as read_source
from cnnviz.tracing import Fix, Mixed, Shape, ShapeError, Step, Tracer, apply, mixing
from cnnviz.tracing.asserted import size_that_holds
from cnnviz.tracing.beside import BY_NAME
from cnnviz.tracing.edits import Edit, Given, Set, parts_of
from cnnviz.tracing.places import call_of
from cnnviz.tracing.rebuilding import texts_that_build
from cnnviz.tracing.recorder import runs, unused
from cnnviz.tracing.rewriting import rewritten_texts

Tell = Callable[[float], None]
_Arguments = tuple[tuple[str, str], ...]
_WIDTHS = {
    *("in_features", "out_features", "in_channels", "out_channels", "num_features", "num_channels"),
    *("num_parameters", "input_size", "embed_dim", "normalized_shape"),
}


@dataclass(frozen=True)
class Stop:
    """Where a network stopped: the step, those that feed it, and why, in a sentence."""

    layer: str
    sources: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Reading:
    """What there is to say and to ask about a text that was read: see `networks.own.Own`. `complete` is the text with
    the choice written into it, so that it stands for itself; `replaced` is the code of a notebook file, in place of
    the file."""

    notes: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    chosen: str = ""
    arguments: tuple[Argument, ...] = ()
    inputs: tuple[str, ...] = ("input",)
    complete: str = ""
    replaced: str = ""


@dataclass(frozen=True)
class Traced:
    """A network as far as it goes: its steps, where it stopped, or why its text is none. `text` is its own notation,
    '' where it has none. Of a text: what was read, the line and column that an error is about, a text that is offered
    in its place, and what it takes as far as that is known; `mendable` says that `remedies` is worth asking although
    there is an error."""

    shape: Shape
    steps: tuple[Step, ...]
    stopped: Stop | None = None
    error: str = ""
    text: str = ""
    reading: Reading | None = None
    mark: tuple[int, int] | None = None
    offered: str = ""
    offered_shape: Shape = ()
    further: tuple[Shape, ...] = ()
    unused: tuple[str, ...] = ()
    mendable: bool = False


@dataclass(frozen=True)
class Remedy:
    """A change that mends a network, named by `text`: the input that it then takes, or the `network` as a text; whether
    it then runs to its end."""

    text: str
    whole: bool
    input_shape: Shape = ()
    network: str = ""


def trace(
    name: str, text: str, shape: Shape, chosen: str, arguments: _Arguments, further: tuple[Shape, ...], _tell: Tell
) -> Traced:
    """The steps of a network of the zoo, or of `text`, for an input of `shape` (N, C, H, W), (N, C, L) ...; `chosen`
    and `arguments` say which network of the text is meant, `further` are the shapes of its other inputs."""
    try:
        followed = _followed(name, text, chosen, arguments, (shape[1:], *(one[1:] for one in further)))
    except Offer as error:
        return Traced(shape, (), error=str(error), offered=error.offered, offered_shape=error.input_shape)
    except NotationError as error:
        asked, mendable = _asked(text, chosen, arguments), error.unbuilt is not None
        at = (error.line, error.column)
        return Traced(shape, (), error=str(error), mark=at, reading=asked, mendable=mendable)
    except ValueError as error:
        return Traced(shape, (), error=str(error))
    common: dict[str, Any] = {"text": followed.notation, "reading": followed.reading, "further": further}
    try:
        steps = tuple(followed.tracer.trace(shape, *further))
    except ShapeError as error:
        stopped = Stop(error.layer, error.sources, error.sentence)
        return Traced(shape, tuple(error.steps), stopped, mark=followed.place(error), **common)
    except ValueError as error:
        cause = error.__cause__
        mark = (
            (cause.line, cause.column)
            if isinstance(cause, NotationError)
            else followed.marked(error) or followed.marked(cause)
        )
        said = str(cause) if isinstance(cause, NotationError) else f"{error}."
        return Traced(shape, (), error=said, mark=mark, mendable=_checked(error) is not None, **common)
    return Traced(shape, steps, unused=unused(followed.tracer.network, steps), **common)


def mixed(
    name: str, text: str, shape: Shape, chosen: str, arguments: _Arguments, further: tuple[Shape, ...], _tell: Tell
) -> tuple[Mixed, ...]:
    """Where images of a batch meet in that network; what is not followed to its end gives none. It takes two further
    traces, and so is asked after the diagram."""
    try:
        tracer = _followed(name, text, chosen, arguments, (shape[1:], *(one[1:] for one in further))).tracer
        return mixing(tracer.network, shape, *further, names=tracer.inputs)
    except ValueError:  # it cannot be followed, as its trace has said
        return ()


def remedies(
    name: str, text: str, shape: Shape, chosen: str, arguments: _Arguments, further: tuple[Shape, ...], _tell: Tell
) -> tuple[Remedy, ...]:
    """What has been seen to mend that network; none where it is whole, or where no text can name the change."""
    try:
        followed = _followed(name, text, chosen, arguments, (shape[1:], *(one[1:] for one in further)))
    except NotationError as error:
        return _of_a_layer(error, name, text, shape, chosen, arguments, further, _tell)
    try:
        followed.tracer.trace(shape, *further)
    except ShapeError as error:
        at = getattr(error.__cause__, "raised_at", None)
        shapes = (shape, *further)
        rewriter = _Rewriter(followed.source, chosen, arguments, shapes, at) if followed.source is not None else None
        found = [_remedy(followed.tracer.network, fix, rewriter) for fix in _fixes(error, rewriter)]
        return tuple(one for one in found if one.input_shape or one.network)
    except ValueError as error:
        numbers = _checked(error)
        held = size_that_holds(followed.tracer.network, (shape, *further), numbers) if numbers is not None else None
        return (Remedy(held[0], True, held[1]),) if held is not None else ()
    return ()


def _of_a_layer(error: NotationError, name: str, text: str, *asked: Any) -> tuple[Remedy, ...]:
    """The text with other arguments of a layer that is not built, those first with which the network runs to its end,
    perhaps with one change more; none with which the same layer is not built."""
    found: list[Remedy] = []
    for changed, network in texts_that_build(text, error):
        traced, argument = trace(name, network, *asked), changed.partition("=")[0]
        is_known = argument == "padding" and any(one.whole and one.text.startswith(argument) for one in found)
        if is_known or (traced.error and traced.mark in (None, (error.line, error.column))):
            continue
        more = [one for one in remedies(name, network, *asked) if one.whole and one.network] if traced.stopped else []
        if more:
            found.append(Remedy(f"{changed} and then {more[0].text}", True, network=more[0].network))
        else:
            found.append(Remedy(changed, not (traced.error or traced.stopped), network=network))
    return tuple(sorted(found, key=lambda one: not one.whole))


def _checked(error: ValueError) -> tuple[int, ...] | None:
    """The numbers of a check of the text's own that does not hold; None where that is not why a network stops."""
    cause = error.__cause__
    return cause.checked if isinstance(cause, NotationError) else None


def _fixes(error: ShapeError, rewriter: "_Rewriter | None") -> tuple[Fix, ...]:
    return error.fixes_in_text(rewriter.network) if rewriter is not None else error.fixes


def _remedy(network: nn.Module, fix: Fix, rewriter: "_Rewriter | None") -> Remedy:
    if fix.input_shape:
        return Remedy(fix.text, fix.whole, fix.input_shape)
    if rewriter is not None and fix.edit is not None and (text := rewriter.texts.get(fix.edit)):
        return Remedy(fix.text, fix.whole, network=text)
    try:
        return Remedy(fix.text, fix.whole, network=notation.write(apply(network, fix)))
    except ValueError:  # the network is made of more than a text may name
        return Remedy(fix.text, fix.whole)


class _Rewriter:
    """Makes edits in a text, and says which of the texts do what they should."""

    def __init__(self, source: Source, chosen: str, arguments: _Arguments, shapes: Sequence[Shape], at: ast.AST | None):
        self.source, self.chosen, self.arguments, self.shapes, self.at = source, chosen, dict(arguments), shapes, at
        self.texts: dict[Edit, str] = {}  # in which each edit was made that could be

    def network(self, edit: Edit) -> nn.Module | None:
        """The network of the first text in which the edit is made; one that runs to its end before any other."""
        first: nn.Module | None = None
        for text in rewritten_texts(self.source, edit, self.at):
            network = self._read(text)
            if network is None or not _has_values(network, edit) or not self._leaves_others(network, edit):
                continue
            whole = runs(network, *self.shapes)
            if first is None or whole:
                first, self.texts[edit] = network, text
            if whole:
                break
        return first

    def _leaves_others(self, network: nn.Module, edit: Edit) -> bool:
        """Whether a change of a layer's channels or features has changed no other layer, and one of a block's none
        outside it: where several are built by the same call, all would have them. Another padding is meant for all."""
        parts = parts_of(edit)
        blocks = tuple(one.block for one in parts if isinstance(one, Given) and one.attribute in _WIDTHS)
        meant = [one.path for one in parts if isinstance(one, Set) and one.attribute in _WIDTHS]
        if "" in blocks or not (blocks or meant):
            return True
        changed = _layers(self._before, blocks) - _layers(network, blocks)
        return not changed - sum((_layers(self._before.get_submodule(path), ()) for path in meant), Counter())

    @cached_property
    def _before(self) -> nn.Module:
        return self.source.weightless([one[1:] for one in self.shapes])

    def _read(self, text: str) -> nn.Module | None:
        try:
            return read_source(text, self.chosen, self.arguments).weightless([one[1:] for one in self.shapes]).eval()
        except (NotationError, RuntimeError):
            return None


def _has_values(network: nn.Module, edit: Edit) -> bool:
    """Whether the layers that an edit gives another width, or what the text may give by a name, have it."""
    modules = dict(network.named_modules())
    meant = [one for one in parts_of(edit) if isinstance(one, Set) and one.attribute in (*_WIDTHS, *BY_NAME)]
    return all(_is(getattr(modules.get(one.path), one.attribute, one.value), one.value) for one in meant)


def _is(value: Any, wanted: Any) -> bool:
    """Whether it is that value, or that along each axis."""
    return bool(value == wanted) or (isinstance(value, tuple) and isinstance(wanted, int) and {*value} == {wanted})


def _layers(network: nn.Module, blocks: tuple[str, ...]) -> Counter[str]:
    """The layers of a network outside `blocks` as torch writes them, with their sizes; those left out that have none
    yet."""
    layers = [
        module
        for path, module in network.named_modules()
        if not any(True for _ in module.children()) and not any(path.startswith(f"{block}.") for block in blocks)
    ]
    return Counter(repr(layer) for layer in layers if not isinstance(layer, LazyModuleMixin))


@dataclass(frozen=True)
class _Followed:
    """A network that is followed, and where it comes from."""

    tracer: Tracer
    notation: str
    reading: Reading | None
    source: Source | None

    def place(self, error: ShapeError) -> tuple[int, int] | None:
        """The line and column of the reader's text at which the network stopped."""
        found = self.marked(error.__cause__)
        if found is None and self.source is not None and (at := call_of(self.source, error.layer)) is not None:
            return self._at(self.source, at)
        return found

    def marked(self, error: BaseException | None) -> tuple[int, int] | None:
        """The line and column of what was carried out when an error was raised."""
        at = getattr(error, "raised_at", None)
        return None if self.source is None or at is None else self._at(self.source, at)

    @staticmethod
    def _at(source: Source, node: ast.AST) -> tuple[int, int]:
        wrong = source.program.interpreter.wrong(node, "")
        return wrong.line, wrong.column


@lru_cache(maxsize=16)  # networks are many objects, and the more there are the longer Python looks for rubbish
def _followed(name: str, text: str, chosen: str, arguments: _Arguments, shapes: tuple[Shape, ...]) -> _Followed:
    """The tracer of that network, and what its text says."""
    if name in zoo.names():
        model = zoo.weightless(name)
        return _Followed(Tracer(model), _notation(model), None, None)
    read = own.read(text, chosen, dict(arguments))
    model = read.weightless(shapes)
    written = "" if isinstance(read.network, Source) else _notation(model)
    tracer = Tracer(model, inputs=read.inputs, is_free=True)
    return _Followed(tracer, written, _reading(read, text), _source(read, text, chosen, arguments))


def _asked(text: str, chosen: str, arguments: _Arguments) -> Reading | None:
    """What there is to ask about a text that was read but makes no network yet, as where an argument is missing."""
    try:
        return _reading(own.read(text, chosen, dict(arguments)), text)
    except NotationError:
        return None


def _notation(model: nn.Module) -> str:
    try:
        return notation.write(model)
    except ValueError:  # it is made of more than a text may name
        return ""


def _source(read: Own, text: str, chosen: str, arguments: _Arguments) -> Source | None:
    """The text as the reader of Python reads it, so that it can be changed; also an nn.Sequential is one."""
    if isinstance(read.network, Source):
        return read.network
    try:
        return read_source(text, chosen, dict(arguments))
    except NotationError:
        return None


def _reading(read: Own, text: str) -> Reading:
    complete, replaced = text, ""
    if isinstance(read.network, Source):
        complete, replaced = read.network.complete, read.network.cleaned.replaced or ""
    return Reading(read.notes, read.candidates, read.chosen, read.arguments, read.inputs, complete, replaced)
