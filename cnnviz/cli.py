"""The command line: cnnviz app | train | evaluate | trace | bench | worker. Torch is loaded by what needs it alone."""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path

from cnnviz.networks import names
from cnnviz.training.config import OPTIONS, TrainConfig

BENCHES = ("train", "trace", "ui", "live", "memory", "draw", "load", "plotly")
HELP = {  # of the settings whose name does not say it all
    "network": f"a network of the zoo ({', '.join(names.NETWORKS)}) or {names.OWN_TEXT!r}",
    "dataset": f"{', '.join(names.DATASETS)} (all but mnist downloaded once), or a .npz or .zip of the data folder",
    "text": f"the text of an nn.Sequential, for the network {names.OWN_TEXT!r}",
    "steps": "end after so many batches (0: after the epochs)",
    "subset": "train on so many images only (0: on all)",
    "momentum": "of the optimisers momentum and nesterov",
    "decay": "what the schedule 'step' multiplies the learning rate by",
    "decay_epochs": "after every how many epochs it does",
    "time_limit": "end after so many seconds (0: no limit)",
}
FURTHER = "Further options are those of `streamlit run`, such as --server.headless true."


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when it went well. What the user got wrong is one sentence on standard error."""
    chosen = _read(arguments)
    try:
        return chosen.command(chosen)
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
    _bench_options(commands.add_parser("bench", help="measure the speed of the app or of training, from a clone"))
    commands.add_parser("worker", help="carry out runs for the app").set_defaults(command=_worker)
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
    parser.add_argument("network", help=f"one of {', '.join(names.NETWORKS)}")
    parser.add_argument("--input", type=_shape, metavar="CxHxW", help="the size of the input, such as 1x28x28")
    parser.add_argument("--batch", type=int, default=1, choices=range(1, 4097), metavar="N", help="images at a time")
    parser.set_defaults(command=_trace)


def _bench_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=BENCHES, help="train needs no browser")
    parser.add_argument("options", nargs=argparse.REMAINDER, help="its own, see --help behind it")
    parser.set_defaults(command=_bench)


def _app(chosen: argparse.Namespace) -> int:
    from cnnviz.ui import launch

    launch.run(chosen.port, chosen.further)
    return 0


def _train(chosen: argparse.Namespace) -> int:
    from cnnviz import commands

    return commands.train(chosen)


def _evaluate(chosen: argparse.Namespace) -> int:
    from cnnviz import commands

    return commands.evaluate(chosen)


def _trace(chosen: argparse.Namespace) -> int:
    from cnnviz import commands

    return commands.trace(chosen)


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


def _shape(text: str) -> tuple[int, ...]:
    parts = text.split("x")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and 0 < int(part) <= 4096 for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1x28x28")
    return tuple(int(part) for part in parts)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)
