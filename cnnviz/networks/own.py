"""A text of one's own in whichever form: an nn.Sequential, a class or a whole script around it, a printed network.

What PyTorch is not (Keras), or not whole (what a class prints), is answered with the text of an nn.Sequential that
takes its place.
"""

import ast
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import nn

from cnnviz.networks import notation, source
from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import (
    Argument,
    Candidate,
    Source,
    keras,
    languages,
    messages,
    printed,
    summaries,
)
from cnnviz.networks.source.cleaning.parsing import Fault, parsed
from cnnviz.networks.source.printed import guessing, lists, parts, recognised, refusing
from cnnviz.networks.source.printed.joined import joined

PICTURES = ((1, 28, 28), (3, 32, 32), (3, 64, 64), (3, 224, 224))  # for which a printed class may be made


JOINED = "The text prints the layers, and its forward says how they run: below both stand together, as a class."


class Offer(NotationError):
    """What a text says in other words than PyTorch's, or not wholly: `offered` is a text in its place, '' where there
    is none; `input_shape` (C, H, W) is what it takes, where that is known."""

    def __init__(self, sentence: str, offered: str = "", input_shape: tuple[int, ...] = ()):
        super().__init__(sentence.rstrip("."), 1, 1)
        self.args = (sentence,)
        self.offered, self.input_shape = offered, input_shape


@dataclass(frozen=True)
class Own:
    """A text that was read: the network, and what is to be said and asked about it."""

    network: notation.Network | Source
    notes: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    chosen: str = ""
    arguments: tuple[Argument, ...] = ()
    inputs: tuple[str, ...] = ("input",)

    def weightless(self, shapes: tuple[tuple[int, ...], ...] = ()) -> nn.Module:
        """The network on the meta device; lazy layers take their sizes from inputs of `shapes`, without the batch.
        Raises NotationError."""
        with _not_too_deep():
            return self.network.weightless(shapes) if isinstance(self.network, Source) else self.network.weightless()

    def build(self, shapes: tuple[tuple[int, ...], ...] = ()) -> nn.Module:
        """The network with fresh weights on torch's current default device. Raises NotationError."""
        with _not_too_deep():
            return self.network.build(shapes) if isinstance(self.network, Source) else self.network.build()


@contextmanager
def _not_too_deep() -> Iterator[None]:
    """What would take more than Python's stack is refused in a sentence."""
    try:
        yield
    except RecursionError:
        raise NotationError("layers or values stand too deeply within one another; write fewer", 1, 1) from None


def canonical(text: str) -> str:
    """The network of a text written anew, so that it may be typed in another way: what counts as the same network.
    Raises NotationError."""
    found = read(text)
    if not isinstance(found.network, Source):
        return notation.write(found.weightless())
    with _not_too_deep():
        parts = source.written(found.network)
    return "\n".join([*parts.imports, parts.definitions, parts.network])


def read(text: str, chosen: str = "", arguments: Mapping[str, str] | None = None) -> Own:
    """The network of a text; `chosen` and `arguments` are for `source.read`. Raises NotationError with a sentence,
    line and column; Offer, which is one, where another text says it."""
    found = _read_once(text, chosen, tuple(sorted((arguments or {}).items())))
    if isinstance(found, NotationError):
        raise found.with_traceback(None)
    return found


@lru_cache(maxsize=32)
def _read_once(text: str, chosen: str, arguments: tuple[tuple[str, str], ...]) -> Own | NotationError:
    """What a text says, or why it says nothing: both are found once."""
    try:
        with _not_too_deep():
            return _read(text, chosen, arguments)
    except NotationError as error:
        return error.with_traceback(None)  # which holds all that was read until then


def _read(text: str, chosen: str, arguments: tuple[tuple[str, str], ...]) -> Own:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's remarks on the text, such as on "\d"
            return Own(notation.parse(text))
    except NotationError as error:
        as_notation = error
    if (shown := printed.read(text)) is not None:
        return _printed(shown)
    try:
        found = source.read(text, chosen, dict(arguments))
    except NotationError as error:
        if (whole := joined(text)) and _is_read(whole):
            raise Offer(JOINED, whole) from None
        if (shown := printed.read(text, in_part=True)) is not None:
            return _printed(shown)
        if (translated := keras.read(text)) is not None:
            raise _translated(translated) from None
        if said := lists.said_of(text):
            raise Offer(said) from None
        if said := summaries.said_of(text) or languages.said_of(text) or messages.said_of(text):
            raise Offer(said) from None
        raise (as_notation if _is_one_call(text) else error) from None
    if found.is_empty:
        if (translated := keras.read(text)) is not None:
            raise _translated(translated)  # Keras without its imports, whose layers are added to a Sequential
        if _is_one_call(text):
            raise as_notation  # a row of no layers
        found.weightless()  # which says what it lacks
    return Own(found, found.notes, found.candidates, found.chosen.name, found.arguments, found.inputs)


def _is_one_call(text: str) -> bool:
    """Whether a text is but a call, as nn.Sequential(...) is."""
    tree = parsed(text)
    if isinstance(tree, Fault):
        return text.lstrip().startswith(("nn.", "Sequential", "torch.nn."))
    body = [one for one in tree.body if not isinstance(one, ast.Import | ast.ImportFrom)]
    if len(body) != 1:
        return not body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Dict):
        return False  # a notebook file
    if not isinstance(body[0], ast.Expr | ast.Assign | ast.AnnAssign):
        return False
    function = body[0].value.func if isinstance(body[0].value, ast.Call) else body[0].value
    return function is None or not ast.unparse(function).startswith(("torchvision.", "models."))


def _printed(shown: printed.Printed) -> Own:
    if shown.exact:
        notes = ("This is what print shows of it.", *shown.notes)
        return Own(notation.parse(shown.text, traced=True), notes)
    if (known := recognised.recognised(shown.tree)) is not None:
        shows = " ".join(["This is what print shows of a network of torchvision.", *shown.cut])
        raise Offer(f"{shows} The text below makes the same by {known.call.text}.", known.text, known.input_shape)
    if (held := parts.assembled(shown.tree)) is not None:
        _offer_assembled(shown, held)
    guess = guessing.guess(shown, PICTURES)
    said = [refusing.opening(shown), *shown.notes]
    if guess is None:
        raise Offer(" ".join([*said, refusing.unguessed(shown)]).strip())
    said.append("The text below is a guess: it runs, with what is usual in between.")
    raise Offer(" ".join(said), guess.text, guess.input_shape)


def _offer_assembled(shown: printed.Printed, held: parts.Assembled) -> None:
    """Offers the first text of a network that torchvision has made in part which torch runs; nothing where it runs
    none."""
    text = next((text for text in held.texts if _runs(text, held.input_shape)), "")
    if text:
        calls = " and ".join(dict.fromkeys(call.text for call in held.calls))
        said = f"{shown.kind} holds layers that {calls} makes"
        if shown.kind == "Sequential":
            raise Offer(f"{said}: the text below makes the same.", text, held.input_shape)
        said = f"{said}; what its own forward does with them is not printed."
        raise Offer(f"{said} The text below is a guess: it runs them one after the other.", text, held.input_shape)


def _is_read(text: str) -> bool:
    """Whether a text is one of a network."""
    try:
        return not source.read(text).is_empty
    except NotationError:
        return False


def _runs(text: str, input_shape: tuple[int, ...]) -> bool:
    """Whether torch runs the network of a text for two such inputs, without numbers."""
    try:
        read(text).weightless().eval()(torch.empty(2, *input_shape, device="meta"))
    except Exception:  # whatever torch says of shapes that do not fit
        return False
    return True


def _translated(found: keras.Translated) -> Offer:
    same = "has what could be read of it" if found.in_part else "is the same in PyTorch"
    said = "This is Keras." + (f" The text below {same}, whose pictures are channels first." if found.text else "")
    return Offer(f"{said} {' '.join(found.notes)}".strip(), found.text, found.input_shape)
