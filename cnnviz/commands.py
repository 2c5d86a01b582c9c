"""What the command line does with networks: train, evaluate and trace. Its arguments are read in cnnviz/cli.py."""

import argparse
import signal
import sys
from dataclasses import fields, replace
from pathlib import Path
from types import FrameType

from cnnviz import runs, tracing
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference import evaluate as evaluation
from cnnviz.inference.evaluate import ClassFigures
from cnnviz.networks import zoo
from cnnviz.tracing import ShapeError, Step, describe
from cnnviz.training import Event, TrainConfig, experiments


def train(chosen: argparse.Namespace) -> int:
    start = experiments.experiment(chosen.experiment).config if chosen.experiment else TrainConfig()
    given = {field.name: getattr(chosen, field.name) for field in fields(TrainConfig) if hasattr(chosen, field.name)}
    config = replace(start, **given)
    run = runs.create(config)
    print(f"run {run.id} in {run.folder}")

    def stop(_signal: int, _frame: FrameType | None) -> None:
        run.request_stop()

    before = signal.signal(signal.SIGINT, stop)  # Ctrl-C stops at the next step and keeps the weights
    try:
        for event in runs.carry_out(run):
            show(config, event)
    finally:
        signal.signal(signal.SIGINT, before)
    if chosen.output and run.weights.is_file():
        chosen.output.write_bytes(run.weights.read_bytes())
    return 1 if event["event"] == "failed" else 0


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
            line = f"epoch {event['epoch']:.2f}: accuracy {train:.2%} in training, {test:.2%} on the test images"
            print(f"\r{line:100}")
        case "done":
            print(f"done in {event['seconds']:.1f} s: {event['test_accuracy']:.2%} on the test images")
        case "stopped":
            why = f": {event['reason']}" if "reason" in event else ""
            print(f"\nstopped at epoch {event['epoch']:.2f}{why}; the weights so far are kept")
        case "failed":
            print(f"\nfailed: {event['reason']}", file=sys.stderr)


def evaluate(chosen: argparse.Namespace) -> int:
    path = checkpoints.shipped().get(chosen.checkpoint, Path(chosen.checkpoint))
    checkpoint = checkpoints.load(path)
    card = checkpoint.card
    measured = evaluation.evaluate(checkpoint, datasets.load(card.dataset))
    claimed = "nothing" if card.accuracy is None else f"{card.accuracy:.2%}"
    print(f"{card.network}: {measured.accuracy:.2%} on the test images of {card.dataset}; its card says {claimed}")
    print(f"top-5: {measured.top_k(5):.2%} have their label among the five most probable classes")
    if chosen.per_class:
        _show_classes(measured.per_class())
    return 0


def _show_classes(rows: list[ClassFigures]) -> None:
    """One line a class; a dash where there is nothing to divide by."""
    width = max(len("class"), *(len(row.name) for row in rows))
    print(f"{'class':{width}}  images  named so   right  precision   recall")
    for row in rows:
        precision, recall = ("-" if share is None else f"{share:.2%}" for share in (row.precision, row.recall))
        print(f"{row.name:{width}}  {row.count:6,}  {row.named:8,}  {row.right:6,}  {precision:>9}  {recall:>7}")


def trace(chosen: argparse.Namespace) -> int:
    shape = chosen.input or zoo.entry(chosen.network).input_shape
    stopped: ShapeError | None = None
    try:
        steps = tracing.trace(zoo.weightless(chosen.network), (chosen.batch, *shape))
    except ShapeError as error:
        stopped, steps = error, error.steps
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
    memory = describe.size_of(sum(step.memory for step in steps))
    print(f"total: {parameters:,} parameters, {macs:,} MACs, FLOPs = 2 x MACs = {2 * macs:,}, {memory} of activations")
    if stopped:
        print(f"cnnviz: {stopped}", file=sys.stderr)
    return 2 if stopped else 0


def _row(step: Step) -> tuple[str, ...]:
    field = "x".join(map(str, step.receptive_field)) if step.receptive_field else ""
    return (
        step.name,
        step.operation,
        describe.window(step).replace("×", "x"),
        "x".join(map(str, step.output_shape)),
        f"{step.parameters:,}",
        f"{step.macs:,}",
        field,
        describe.size_of(step.memory),
    )
