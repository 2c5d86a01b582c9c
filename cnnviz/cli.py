"""The command line: cnnviz app | train | evaluate | trace | labs | bench, and what the app calls itself: worker |
helper. Torch is loaded by what needs it alone."""

from __future__ import annotations

import argparse
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

from cnnviz.lessons.common.format import duration, percent
from cnnviz.networks import names
from cnnviz.server import uncompiled
from cnnviz.training.config import OPTIONS, TrainConfig
from cnnviz.training.events import Event

if TYPE_CHECKING:
    from cnnviz.inference.evaluate import ClassFigures
    from cnnviz.runs import Run

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
MAX_BATCH = 4096
MAX_SIDE, MAX_FEATURES = 4096, 1_000_000  # of an input: each size of a picture, and of what is flat or a sequence
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
    from cnnviz.lessons.shapes import terminal

    if chosen.network not in names.NETWORKS:
        asked = terminal.Asked(chosen.network, chosen.batch, chosen.candidate, tuple(chosen.argument))
        return terminal.trace_file(asked, chosen.input or ())
    if chosen.candidate or chosen.argument:
        raise ValueError(f"{chosen.network} is a network of the zoo; --network and --argument are for files")
    return terminal.trace_known(chosen.network, chosen.batch, chosen.input or ())


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
