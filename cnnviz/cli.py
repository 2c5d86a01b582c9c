"""The command line: cnnviz app | train | evaluate | trace | labs | bench, and what the app calls itself: worker |
helper. Torch is loaded by what needs it alone."""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz.lessons.common.format import duration, percent, sentence_case, size_of
from cnnviz.networks import names
from cnnviz.server import uncompiled
from cnnviz.training.config import OPTIONS, TrainConfig
from cnnviz.training.events import Event

if TYPE_CHECKING:
    from torch import nn

    from cnnviz.inference.evaluate import ClassFigures
    from cnnviz.networks.notation import NotationError
    from cnnviz.networks.own import Own
    from cnnviz.runs import Run
    from cnnviz.server.following import Traced
    from cnnviz.tracing import Shape, Step

BENCHES = (
    *("train", "experiments", "trace", "ui", "far", "live", "memory", "draw", "load", "plotly", "opening", "house"),
    *("data", "dearest"),
)
HELP = {  # of the settings whose name does not say it all
    "network": f"a network of the zoo ({', '.join(names.NETWORKS)}) or {names.OWN_TEXT!r}",
    "dataset": f"{', '.join(names.DATASETS)} (all but mnist downloaded once), or a file of the data folder",
    "text": f"the text of an nn.Sequential, for the network {names.OWN_TEXT!r}",
    "steps": "end after so many batches (0: after the epochs)",
    "subset": "train on so many images only (0: on all)",
    "evaluate_every": "measure the test images after so many batches (0: after each epoch)",
    "train_measure": "running or pass: what is told of the training images, a mean while learning or a pass afterwards",
    "validation": "hold out this share of the training images, and measure them with the test images",
    "best": "keep the best weights by: none, training, validation or test images",
    "start": "go on from the weights of a run, or of a checkpoint that ships",
    "start_sha256": "and refuse any but those of this SHA-256",
    "fit": "framed or resized: how a small picture gets the size that the network takes",
    "clip_norm": "scale a gradient that is longer down to this length (0: none)",
    "momentum": "of the optimisers momentum and nesterov",
    "decay": "what the schedule 'step' multiplies the learning rate by",
    "decay_epochs": "after every how many epochs it does",
    "time_limit": "end after so many seconds (0: no limit)",
}
MAX_FILE = 5_000_000  # bytes of a file with a network
MAX_BATCH = 4096
MAX_SIDE, MAX_FEATURES = 4096, 1_000_000  # of an input: each size of a picture, and of what is flat or a sequence
SIDES = (32, 64, 224)  # that are tried where the size of the input is not given
INTERRUPTED = 130  # the exit code of what Ctrl-C has ended
FURTHER = "Further options are those of `streamlit run`, such as --server.headless true."


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when it went well. What the user got wrong is one sentence on standard error."""
    chosen = _read(arguments)
    uncompiled.leave_out()
    try:
        status: int = chosen.command(chosen)
        return status
    except ValueError as error:
        print(f"cnnviz: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command and its arguments; what `app` does not know it passes on."""
    parser = _parser()
    chosen, further = parser.parse_known_args(arguments)
    if further and chosen.command is not _app:
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    chosen.further = further
    return chosen


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(_called(), description="An app about convolutional networks, and tools for them.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _app_options(commands.add_parser("app", help="open the app in the browser", epilog=FURTHER))
    _train_options(commands.add_parser("train", help="train a network and write a run directory"))
    _evaluate_options(commands.add_parser("evaluate", help="measure a checkpoint on its data set's test images"))
    _trace_options(commands.add_parser("trace", help="print the steps of a network: shapes, parameters, MACs"))
    _labs_options(commands.add_parser("labs", help="write lessons that work without a server, for any web host"))
    _bench_options(commands.add_parser("bench", help="measure the speed of the app or of training, from a clone"))
    commands.add_parser("worker", help="carry out runs for the app").set_defaults(command=_worker)
    commands.add_parser("helper", help="compute for the app's pages what takes long").set_defaults(command=_helper)
    return parser


def _called() -> str:
    """How the user calls this: by its name once it is installed, otherwise as a module."""
    return "cnnviz" if Path(sys.argv[0]).stem == "cnnviz" else "python -m cnnviz"


def _app_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, metavar="N", help="where to serve it [8501, or the next that is free]")
    parser.set_defaults(command=_app)


def _train_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--experiment", help=f"start from its settings: {', '.join(names.EXPERIMENTS)}")
    for field in fields(TrainConfig):
        says = HELP.get(field.name, ", ".join(OPTIONS.get(field.name, ())))
        says = f"{says} [{field.default}]".strip().replace("%", "%%")
        flag = f"--{field.name.replace('_', '-')}"
        parser.add_argument(flag, type=field.type, default=argparse.SUPPRESS, metavar="X", help=says)
    parser.add_argument("--output", type=Path, metavar="FILE", help="copy the trained weights to this file")
    parser.set_defaults(command=_train)


def _evaluate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("checkpoint", help="a .safetensors file, or the name of a checkpoint that ships")
    parser.add_argument("--per-class", action="store_true", help="print precision and recall of each class")
    parser.set_defaults(command=_evaluate)


def _trace_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "network",
        metavar="NETWORK",
        help=f"one of {', '.join(names.NETWORKS)}, or a file that says a network in Python: .py, .ipynb, .txt",
    )
    parser.add_argument(
        "--input",
        type=_shape,
        action="append",
        metavar="CxHxW",
        help="the size of the input, such as 1x28x28; F, CxL and CxDxHxW for others; once for each input of forward",
    )
    parser.add_argument("--batch", type=_batch, default=1, metavar="N", help="images at a time")
    parser.add_argument("--network", dest="candidate", default="", metavar="NAME", help="which network of the file")
    parser.add_argument(
        "--argument",
        type=_argument,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="for an argument of the network's class that has no default",
    )
    parser.set_defaults(command=_trace)


def _labs_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="where to write the HTML files, such as build/labs")
    parser.add_argument(
        "--app", default="", metavar="URL", help="address of an app that their links lead to [no links]"
    )
    parser.set_defaults(command=_labs)


def _bench_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=BENCHES, help="train needs no browser")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="its own, see --help behind it")
    parser.set_defaults(command=_bench)


def _app(chosen: argparse.Namespace) -> int:
    from cnnviz.ui.shell import launch

    launch.run(chosen.port, chosen.further)
    return 0


def _train(chosen: argparse.Namespace) -> int:
    from cnnviz import runs
    from cnnviz.training import experiments

    start = experiments.experiment(chosen.experiment).config if chosen.experiment else TrainConfig()
    given = {field.name: getattr(chosen, field.name) for field in fields(TrainConfig) if hasattr(chosen, field.name)}
    config = replace(start, **given)
    run = runs.create(config)
    print(f"run {run.id} in {run.folder}")
    with _interruptible(run):
        for event in runs.execute(run):
            show(config, event)
    if chosen.output and run.weights.is_file():
        chosen.output.write_bytes(run.weights.read_bytes())
    return 1 if event["event"] == "failed" else 0


def _labs(chosen: argparse.Namespace) -> int:
    from cnnviz.ui import labs

    for file in labs.write(chosen.folder, chosen.app.rstrip("/")):
        print(file)
    return 0


@contextmanager
def _interruptible(run: Run) -> Iterator[None]:
    """Ctrl-C stops the run after the step at hand and keeps the weights; a second one ends it at once, for a step may
    take long. A thread hears both: the interpreter would hear them only after what torch is at."""
    from cnnviz import runs

    heard, told = os.pipe()
    if hasattr(os, "set_blocking"):  # which Windows does not ask for
        os.set_blocking(told, False)

    def listen() -> None:
        if os.read(heard, 1):
            with suppress(ValueError):  # a full disk takes no file, and the second one is left
                run.request_stop()
            print("\nstopping after this step; Ctrl-C again ends the run at once", file=sys.stderr, flush=True)
        if os.read(heard, 1):
            with suppress(OSError):
                runs.fail(run, "it was ended by Ctrl-C in the middle of a step")
            os._exit(INTERRUPTED)

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    handler, written = signal.signal(signal.SIGINT, lambda *_: None), signal.set_wakeup_fd(told)
    try:
        yield
    finally:
        signal.set_wakeup_fd(written)
        signal.signal(signal.SIGINT, handler)
        os.close(told)  # the thread reads the end, twice
        thread.join()
        os.close(heard)


def show(config: TrainConfig, event: Event) -> None:
    """One line that is written over while an epoch goes on, and one that stays for each epoch."""
    match event["event"]:
        case "step" if sys.stdout.isatty():
            part = event["epoch"] / config.epochs
            bar = f"[{'=' * int(24 * part):24}]"
            speed = f"{event['images_per_second']:,} images/s"
            line = f"epoch {event['epoch']:.2f} of {config.epochs}  loss {event['loss']:.4f}  {speed}"
            print(f"\r{bar} {line}", end="", flush=True)
        case "epoch":
            train, test = event["train_accuracy"], event["test_accuracy"]
            line = (
                f"epoch {event['epoch']:.2f}: accuracy {percent(train)} in training, {percent(test)} on the test images"
            )
            print(f"\r{line:100}")
        case "done":
            print(f"done in {duration(event['seconds'])}: {percent(event['test_accuracy'])} on the test images")
        case "stopped":
            why = f": {event['reason']}" if "reason" in event else ""
            print(f"\nstopped at epoch {event['epoch']:.2f}{why}; the weights so far are kept")
        case "failed":
            print(f"\nfailed: {event['reason']}", file=sys.stderr)


def _evaluate(chosen: argparse.Namespace) -> int:
    from cnnviz.data import datasets
    from cnnviz.inference import checkpoints, evaluate

    path = checkpoints.shipped().get(chosen.checkpoint, Path(chosen.checkpoint))
    checkpoint = checkpoints.load(path)
    card = checkpoint.card
    measured = evaluate.evaluate(checkpoint, datasets.load(card.dataset))
    claimed = "nothing" if card.accuracy is None else percent(card.accuracy)
    print(f"{card.network}: {percent(measured.accuracy)} on the test images of {card.dataset}; its card says {claimed}")
    print(f"top-5: {percent(measured.top_k(5))} have their label among the five most probable classes")
    if chosen.per_class:
        _show_classes(measured.per_class())
    return 0


def _show_classes(rows: list[ClassFigures]) -> None:
    """One line a class; a dash where there is nothing to divide by."""
    width = max(len("class"), *(len(row.name) for row in rows))
    print(f"{'class':{width}}  images  predicted  correct  precision    recall")
    for row in rows:
        precision, recall = ("-" if share is None else percent(share) for share in (row.precision, row.recall))
        print(f"{row.name:{width}}  {row.count:6,}  {row.predicted:9,}  {row.right:7,}  {precision:>9}  {recall:>8}")


def _trace(chosen: argparse.Namespace) -> int:
    return _trace_known(chosen) if chosen.network in names.NETWORKS else _trace_file(chosen)


def _trace_known(chosen: argparse.Namespace) -> int:
    """A network of the zoo, as far as it goes."""
    from cnnviz import tracing
    from cnnviz.networks import zoo

    if chosen.candidate or chosen.argument:
        raise ValueError(f"{chosen.network} is a network of the zoo; --network and --argument are for files")
    if chosen.input and len(chosen.input) > 1:
        raise ValueError(f"{chosen.network} takes one input, and {len(chosen.input)} are given")
    own = zoo.entry(chosen.network).input_shape
    shape = chosen.input[0] if chosen.input else own
    if len(shape) != len(own):
        raise ValueError(f"{chosen.network} takes inputs such as {_times(own)}, and {_times(shape)} is given")
    stopped: tracing.ShapeError | None = None
    try:
        steps = tracing.trace(zoo.weightless(chosen.network), (chosen.batch, *shape))
    except tracing.ShapeError as error:
        stopped, steps = error, error.steps
    _print_steps(steps)
    if stopped:
        print(f"cnnviz: {stopped}", file=sys.stderr)
    return 2 if stopped else 0


def _print_steps(steps: Sequence[Step]) -> None:
    """A row for each, and what they come to."""
    head = ("step", "operation", "window", "output", "parameters", "MACs", "receptive field", "memory")
    rows = [_row(step) for step in steps]
    widths = [max(len(name), *(len(row[i]) for row in rows)) if rows else len(name) for i, name in enumerate(head)]
    for row in (head, *rows):
        print(
            "  ".join(
                f"{cell:>{w}}" if i > 2 else f"{cell:{w}}" for i, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
        )
    parameters, macs = sum(step.parameters for step in steps), sum(step.macs for step in steps)
    memory = size_of(sum(step.memory for step in steps))
    print(f"total: {parameters:,} parameters, {macs:,} MACs, FLOPs = 2 × MACs = {2 * macs:,}, {memory} of activations")


def _row(step: Step) -> tuple[str, ...]:
    from cnnviz.tracing import describe

    field = "x".join(map(str, step.receptive_field)) if step.receptive_field else ""
    return (
        step.name,
        step.operation,
        describe.window(step),
        "x".join(map(str, step.output_shape)),
        f"{step.parameters:,}",
        f"{step.macs:,}",
        field,
        size_of(step.memory),
    )


# --- a network that a file says


def _trace_file(chosen: argparse.Namespace) -> int:
    """A network of a file, as far as it goes: nothing of the file is executed."""
    from cnnviz.networks import own
    from cnnviz.networks.notation import NotationError

    text, offered = _text_of(chosen.network), None
    try:
        read = own.read(text, chosen.candidate, dict(chosen.argument))
    except own.Offer as error:
        if not error.offered:
            raise
        print(f"{error}\n\n{error.offered}\n")
        text, offered = error.offered, error.input_shape
        read = own.read(text)
    except NotationError as error:
        _print_refusal(chosen.network, text, error)
        return 2
    _check_choice(chosen, read)
    shapes = [(chosen.batch, *shape) for shape in chosen.input or filter(None, [offered])]
    if shapes and len(shapes) != len(read.inputs):
        wanted = f"{len(read.inputs)} inputs, {' and '.join(read.inputs)}" if len(read.inputs) > 1 else "one input"
        given = f"{len(shapes)} {'is' if len(shapes) == 1 else 'are'} given"
        raise ValueError(f"{read.chosen or 'it'} takes {wanted}; give --input once for each, and {given}")
    try:
        traced = _followed(chosen, text, shapes) if shapes else _tried(chosen, text, read)
    except NotationError as error:
        _print_refusal(chosen.network, text, error)
        return 2
    return _print_traced(chosen, text, traced)


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


def _check_choice(chosen: argparse.Namespace, read: Own) -> None:
    """Refuses a choice that the file does not have, and asks for the arguments that it leaves open."""
    candidates, arguments = [one.name for one in read.candidates], {one.name: one.text for one in read.arguments}
    if chosen.candidate and chosen.candidate not in candidates:
        has = f"it has {', '.join(candidates)}" if candidates else "it says a single one, without a name"
        raise ValueError(f"{chosen.network} has no network {chosen.candidate!r}; {has}")
    for name, _ in chosen.argument:
        if name not in arguments:
            asked = f"what it asks for is {', '.join(arguments)}" if arguments else "it asks for none"
            raise ValueError(f"{read.chosen or 'the network'} has no argument {name!r} without a default; {asked}")
    if missing := [name for name, text in arguments.items() if not text.strip()]:
        use = " ".join(f"--argument {name}=10" for name in missing)
        raise ValueError(f"{read.chosen} needs {' and '.join(missing)}; give values, such as {use}")


def _followed(chosen: argparse.Namespace, text: str, shapes: Sequence[Shape]) -> Traced:
    from cnnviz.server import following

    arguments = tuple(chosen.argument)
    return following.trace(
        names.OWN_TEXT, text, shapes[0], chosen.candidate, arguments, tuple(shapes[1:]), lambda _: None
    )


def _tried(chosen: argparse.Namespace, text: str, read: Own) -> Traced:
    """Followed by the first of the usual inputs with which the network runs to its end; where there is none, by that
    which comes furthest."""
    best: Traced | None = None
    tried = _usual(read.weightless())
    for shape in tried:
        found = _followed(chosen, text, [(chosen.batch, *shape)] * len(read.inputs))
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
    from torch import nn
    from torch.nn.modules.conv import _ConvNd, _ConvTransposeNd

    first = next((one for one in network.modules() if isinstance(one, _ConvNd | nn.Linear)), None)
    found: list[Shape] = [(1, 28, 28)]
    if isinstance(first, nn.Linear):
        found.append((first.in_features,))
    elif first is not None:
        sides = (1, *SIDES) if isinstance(first, _ConvTransposeNd) else SIDES
        found += [(first.in_channels or 3, *[side] * len(first.kernel_size)) for side in sides]
    return found


def _times(sizes: Sequence[int]) -> str:
    return "x".join(map(str, sizes))


def _print_refusal(name: str, text: str, error: NotationError) -> None:
    """Why a text is no network, and its line; the lines of a notebook are those of its code, which is not seen."""
    print(f"cnnviz: {error}", file=sys.stderr)
    if not name.endswith(".ipynb"):
        _print_line(name, text, error.line)


def _print_line(name: str, text: str, line: int) -> None:
    lines = text.split("\n")
    if line <= len(lines) and (code := lines[line - 1].strip()):
        print(f"  {name}:{line}: {code[:120]}", file=sys.stderr)


def _print_traced(chosen: argparse.Namespace, text: str, traced: Traced) -> int:
    """What there is to say of a text that was read; 2 where its network does not run to its end."""
    reading = traced.reading
    code = (reading and reading.replaced) or text
    for note in reading.notes if reading else ():
        print(note)
    if reading and len(reading.candidates) > 1:
        others = ", ".join(one.name for one in reading.candidates if one.name != reading.chosen)
        print(f"The network is {reading.chosen}; --network takes another: {others}.")
    if not traced.error:
        _print_steps(traced.steps)
    if not (traced.error or traced.stopped):
        _print_batch(chosen, text, traced)
    if traced.unused:
        print(f"Does not run in evaluation, and is not counted: {', '.join(traced.unused)}.")
    wrong = traced.error or (traced.stopped.sentence if traced.stopped else "")
    if wrong:
        print(f"cnnviz: {wrong.rstrip('.')}.", file=sys.stderr)
        if traced.mark:
            _print_line(chosen.network, code, traced.mark[0])
    if traced.stopped:
        _print_remedies(chosen, text, code, traced)
    return 2 if wrong else 0


def _print_batch(chosen: argparse.Namespace, text: str, traced: Traced) -> None:
    """Where the images of a batch meet."""
    from cnnviz.server import following

    arguments = tuple(chosen.argument)
    for one in following.mixed(
        names.OWN_TEXT, text, traced.shape, chosen.candidate, arguments, traced.further, lambda _: None
    ):
        print(f"{sentence_case(one.sentence)}.")


def _print_remedies(chosen: argparse.Namespace, text: str, code: str, traced: Traced) -> None:
    """What mends the network; of a change of the text its lines, with the number of each."""
    from cnnviz.server import following

    arguments = tuple(chosen.argument)
    for remedy in following.remedies(
        names.OWN_TEXT, text, traced.shape, chosen.candidate, arguments, traced.further, lambda _: None
    ):
        typed = f" (--input {_times(remedy.input_shape[1:])})" if remedy.input_shape and not traced.further else ""
        print(f"use {remedy.text}{typed}{'' if remedy.whole else ', and more is left to mend'}", file=sys.stderr)
        if remedy.network:
            before, after = code.splitlines(), remedy.network.splitlines()
            for kind, start, end, first, last in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
                gone = [f"  {at + 1:4} - {before[at]}" for at in range(start, end)]
                new = [f"  {at + 1:4} + {after[at]}" for at in range(first, last)]
                for line in [*gone, *new] if kind != "equal" else ():
                    print(line, file=sys.stderr)


def _bench(chosen: argparse.Namespace) -> int:
    try:
        bench = import_module(f"bench.{chosen.what}")
    except ImportError as error:
        raise ValueError(
            f"{error}; run python -m cnnviz in a clone of the project, after pip install -r requirements-dev.txt"
        ) from error
    bench.main(chosen.options)
    return 0


def _worker(_chosen: argparse.Namespace) -> int:
    from cnnviz.server import local_workers

    local_workers.serve()
    return 0


def _helper(_chosen: argparse.Namespace) -> int:
    from cnnviz.server import helpers

    helpers.serve()
    return 0


def _shape(text: str) -> tuple[int, ...]:
    parts = text.split("x")
    largest = MAX_FEATURES if len(parts) < 3 else MAX_SIDE
    if len(parts) > 4 or not all(
        part.isascii() and part.isdigit() and len(part) < 8 and 0 < int(part) <= largest for part in parts
    ):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a size such as 1x28x28, 3x100 or 784")
    return tuple(int(part) for part in parts)


def _batch(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= MAX_BATCH):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not a number of images from 1 to {MAX_BATCH:,}")
    return int(text)


def _argument(text: str) -> tuple[str, str]:
    name, _, value = (part.strip() for part in text.partition("="))
    if not (name.isidentifier() and value):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not an argument such as num_classes=10")
    return name, value


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)
