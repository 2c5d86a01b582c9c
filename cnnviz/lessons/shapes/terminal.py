"""What Shapes shows, at a terminal: the steps of a network of the zoo or of a file, and what mends it.

Each prints its answer and returns the exit code: 2 where the network does not run to its end. What is asked wrongly is
a ValueError.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

from cnnviz import tracing
from cnnviz.lessons.common.format import sentence_case, size_of
from cnnviz.networks import names, own, zoo
from cnnviz.networks.notation import NotationError
from cnnviz.networks.own import Own
from cnnviz.server import following
from cnnviz.server.following import Traced
from cnnviz.tracing import Shape, Step, describe

MAX_FILE = 5_000_000  # bytes of a file with a network
SIDES = (32, 64, 224)  # that are tried where the size of the input is not given
HEAD = ("step", "operation", "window", "output", "parameters", "MACs", "receptive field", "memory")
WORDS = 3  # columns with words, from the left; numbers stand at the right of theirs


@dataclass(frozen=True)
class Asked:
    """A network of a file: the file's name, images at a time, which of its networks, and its arguments by name."""

    file: str
    batch: int
    candidate: str
    arguments: tuple[tuple[str, str], ...]

    def question(self, text: str, shapes: Sequence[Shape]) -> tuple[Any, ...]:
        """What `server.following` is asked about the file's text, at these sizes of its inputs, each with its batch."""
        return (names.OWN_TEXT, text, shapes[0], self.candidate, self.arguments, tuple(shapes[1:]), lambda _: None)


def trace_known(network: str, batch: int, inputs: Sequence[Shape]) -> int:
    """A network of the zoo, as far as it goes; its own input where none is given."""
    if len(inputs) > 1:
        raise ValueError(f"{network} takes one input, and {len(inputs)} are given")
    usual = zoo.entry(network).input_shape
    shape = inputs[0] if inputs else usual
    if len(shape) != len(usual):
        raise ValueError(f"{network} takes inputs such as {_times(usual)}, and {_times(shape)} is given")
    stopped: tracing.ShapeError | None = None
    try:
        steps = tracing.trace(zoo.weightless(network), (batch, *shape))
    except tracing.ShapeError as error:
        stopped, steps = error, error.steps
    _print_steps(steps)
    if stopped:
        _complain(str(stopped))
    return 2 if stopped else 0


def trace_file(asked: Asked, inputs: Sequence[Shape]) -> int:
    """A network of a file, as far as it goes: nothing of the file is executed. Where no input is given, the usual ones
    are tried."""
    text = _text_of(asked.file)
    try:
        read, text, offered = _read(asked, text)
        _check_choice(asked, read)
        shapes = [(asked.batch, *shape) for shape in inputs or offered]
        _check_inputs(read, shapes)
        traced = following.trace(*asked.question(text, shapes)) if shapes else _tried(asked, text, read)
    except NotationError as error:
        _complain(str(error))
        if not (isinstance(error, own.Offer) or asked.file.endswith(".ipynb")):  # whose lines are not those of the file
            _print_line(asked.file, text, error.line)
        return 2
    _print_traced(asked, text, traced)
    return 2 if traced.error or traced.stopped else 0


# --- what is asked


def _text_of(name: str) -> str:
    """The text of a file, its lines ended by \\n. Raises ValueError where there is none."""
    try:
        with open(name, "rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        near = difflib.get_close_matches(name, names.NETWORKS, 3, 0.5) or names.NETWORKS
        raise ValueError(f"there is no file {name!r}, and no such network; the zoo has {', '.join(near)}") from None
    except OSError as error:
        raise ValueError(f"{name[:80]!r} cannot be read: {error.strerror}") from None
    if len(data) > MAX_FILE:
        raise ValueError(f"{name} is larger than {size_of(MAX_FILE)}; give the file with the network's class alone")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ValueError(f"{name} is no text in UTF-8; give a .py, .ipynb or .txt file")
    return text.replace("\r\n", "\n")


def _read(asked: Asked, text: str) -> tuple[Own, str, list[Shape]]:
    """The network of a text, that text, and the input that it names; where the text is not PyTorch's, what is offered
    in its place, once it is shown. Raises NotationError."""
    try:
        return own.read(text, asked.candidate, dict(asked.arguments)), text, []
    except own.Offer as error:
        if not error.offered:
            raise
        print(f"{error}\n\n{error.offered}\n")
        return own.read(error.offered), error.offered, [error.input_shape] if error.input_shape else []


def _check_choice(asked: Asked, read: Own) -> None:
    """Refuses a choice that the file does not have, and asks for the arguments that it leaves open."""
    candidates, arguments = [one.name for one in read.candidates], {one.name: one.text for one in read.arguments}
    if asked.candidate and asked.candidate not in candidates:
        has = f"it has {', '.join(candidates)}" if candidates else "it says a single one, without a name"
        raise ValueError(f"{asked.file} has no network {asked.candidate!r}; {has}")
    for name, _ in asked.arguments:
        if name not in arguments:
            open_ones = f"what it asks for is {', '.join(arguments)}" if arguments else "it asks for none"
            raise ValueError(f"{read.chosen or 'the network'} has no argument {name!r} without a default; {open_ones}")
    if missing := [name for name, text in arguments.items() if not text.strip()]:
        use = " ".join(f"--argument {name}=10" for name in missing)
        raise ValueError(f"{read.chosen} needs {' and '.join(missing)}; give values, such as {use}")


def _check_inputs(read: Own, shapes: Sequence[Shape]) -> None:
    if shapes and len(shapes) != len(read.inputs):
        wanted = f"{len(read.inputs)} inputs, {' and '.join(read.inputs)}" if len(read.inputs) > 1 else "one input"
        given = f"{len(shapes)} {'is' if len(shapes) == 1 else 'are'} given"
        raise ValueError(f"{read.chosen or 'it'} takes {wanted}; give --input once for each, and {given}")


def _tried(asked: Asked, text: str, read: Own) -> Traced:
    """Followed by the first of the usual inputs with which the network runs to its end; where there is none, by that
    which comes furthest."""
    best: Traced | None = None
    tried = _usual(read.weightless())
    for shape in tried:
        found = following.trace(*asked.question(text, [(asked.batch, *shape)] * len(read.inputs)))
        whole = not (found.error or found.stopped)
        if whole or best is None or len(found.steps) > len(best.steps):
            best = found
        if whole:
            break
    assert best is not None
    each = f" for {' and '.join(read.inputs)}" if len(read.inputs) > 1 else ""
    why = "" if whole else f"; it runs to its end with none of {', '.join(map(_times, tried))}"
    print(f"The size of the input is not given: {_times(best.shape[1:])} is taken{each}{why}.")
    return best


def _usual(network: nn.Module) -> list[Shape]:
    """Inputs, without the batch, that the network may be for: those of MNIST, and what its first layer takes; of a
    lazy one, colour pictures."""
    first = next((one for one in network.modules() if isinstance(one, _ConvNd | nn.Linear)), None)
    found: list[Shape] = [(1, 28, 28)]
    if isinstance(first, nn.Linear):
        found.append((first.in_features,))
    elif first is not None:
        sides = (1, *SIDES) if isinstance(first, _ConvTransposeNd) else SIDES
        found += [(first.in_channels or 3, *[side] * len(first.kernel_size)) for side in sides]
    return found


# --- what is answered


def _print_steps(steps: Sequence[Step]) -> None:
    """A row for each, and what they come to."""
    rows = [HEAD, *map(_row, steps)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            f"{cell:>{w}}" if i >= WORDS else f"{cell:{w}}" for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells))
    parameters, macs = sum(step.parameters for step in steps), sum(step.macs for step in steps)
    memory = size_of(sum(step.memory for step in steps))
    print(f"total: {parameters:,} parameters, {macs:,} MACs, FLOPs = 2 × MACs = {2 * macs:,}, {memory} of activations")


def _row(step: Step) -> tuple[str, ...]:
    """The cells of a step, in the order of HEAD."""
    return (
        step.name,
        step.operation,
        describe.window(step),
        _times(step.output_shape),
        f"{step.parameters:,}",
        f"{step.macs:,}",
        _times(step.receptive_field or ()),
        size_of(step.memory),
    )


def _print_traced(asked: Asked, text: str, traced: Traced) -> None:
    """What there is to say of a text that was read."""
    reading = traced.reading
    code = (reading and reading.replaced) or text
    for note in reading.notes if reading else ():
        print(note)
    if reading and len(reading.candidates) > 1:
        others = ", ".join(one.name for one in reading.candidates if one.name != reading.chosen)
        print(f"The network is {reading.chosen}; --network takes another: {others}.")
    question = asked.question(text, (traced.shape, *traced.further))
    if not traced.error:
        _print_steps(traced.steps)
    if not (traced.error or traced.stopped):
        for one in following.mixed(*question):
            print(f"{sentence_case(one.sentence)}.")
    if traced.unused:
        print(f"Does not run in evaluation, and is not counted: {', '.join(traced.unused)}.")
    if wrong := traced.error or (traced.stopped.sentence if traced.stopped else ""):
        _complain(f"{wrong.rstrip('.')}.")
        if traced.mark:
            _print_line(asked.file, code, traced.mark[0])
    if traced.stopped or traced.mendable:
        _print_remedies(code, following.remedies(*question), typed=not traced.further)


def _print_remedies(code: str, remedies: Sequence[following.Remedy], typed: bool) -> None:
    """What mends the network; of a change of the text its lines, with the number of each; of another size how it is
    typed, where the network takes a single input."""
    for remedy in remedies:
        how = f" (--input {_times(remedy.input_shape[1:])})" if remedy.input_shape and typed else ""
        print(f"use {remedy.text}{how}{'' if remedy.whole else ', and more is left to mend'}", file=sys.stderr)
        for line in _changed(code.splitlines(), remedy.network.splitlines()) if remedy.network else ():
            print(line, file=sys.stderr)


def _changed(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """The lines that go and those that come, each with its number."""
    for kind, start, end, first, last in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        if kind != "equal":
            yield from (f"  {at + 1:4} - {before[at]}" for at in range(start, end))
            yield from (f"  {at + 1:4} + {after[at]}" for at in range(first, last))


def _complain(sentence: str) -> None:
    print(f"cnnviz: {sentence}", file=sys.stderr)


def _print_line(name: str, text: str, line: int) -> None:
    lines = text.split("\n")
    if line <= len(lines) and (code := lines[line - 1].strip()):
        print(f"  {name}:{line}: {code[:120]}", file=sys.stderr)


def _times(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))
