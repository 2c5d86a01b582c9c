"""Which accuracies the experiments reach, over seeds and threads: `python -m bench.experiments [--write]`.

Each experiment is run with its own seed and four others, with one thread and with two, each run in a process of its
own. An outcome is written down as soon as it is there (cnnviz/training/measured.jsonl), and one that is known is not
run again, so that this can be ended and begun anew; an experiment that was changed since is run again. Those whose
data set is not at hand are told in the report, with the command.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Lock

from cnnviz.data import datasets
from cnnviz.training import spread
from cnnviz.training.experiments import EXPERIMENTS, Experiment
from cnnviz.training.spread import Outcome

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "bench-experiments.md"
SEEDS, THREADS = 5, (1, 2)
HEAD = """# The experiments, over seeds and threads

Made by `python -m cnnviz bench experiments --write`: each experiment with its own seed and four others, with one thread
and with two (the same config on as many threads gives the same numbers; on others it adds in another order, and a
network on a knife's edge falls to the other side). In per cent: of the training images as the experiment measures
them, of the test images in the end. A class is silent where no test image is predicted as it.

"""


def main(given: Sequence[str] | None = None) -> None:
    """Runs what is not known yet, and prints the report."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.experiments", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--names", nargs="+", default=list(EXPERIMENTS), choices=list(EXPERIMENTS), metavar="NAME")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--threads", type=int, nargs="+", default=list(THREADS))
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--only-report", action="store_true", help="run nothing")
    parser.add_argument("--write", action="store_true", help=f"also write docs/{REPORT.name}")
    parser.add_argument("--one", nargs=2, metavar=("NAME", "SEED"), help=argparse.SUPPRESS)
    chosen = parser.parse_args(given)
    if chosen.one:
        name, seed = chosen.one
        print(outcome(EXPERIMENTS[name], int(seed)).to_json())
        return
    if not chosen.only_report:
        run_all(list(unknown(chosen)), chosen.jobs)
        spread.outcomes.cache_clear()
    text = HEAD + report()
    print(text)
    if chosen.write:
        REPORT.write_text(text, encoding="utf-8")


def seeds_of(experiment: Experiment, count: int) -> list[int]:
    """Its own seed, then the first others."""
    own = experiment.config.seed
    return [own, *(seed for seed in range(count) if seed != own)][:count]


def unknown(chosen: argparse.Namespace) -> Iterator[tuple[str, int, int]]:
    """Name, seed and threads of the runs that are still to be made."""
    known = {(one.experiment, one.seed, one.threads) for one in spread.outcomes()}
    for name in chosen.names:
        if EXPERIMENTS[name].config.dataset in datasets.names():
            for threads in chosen.threads:
                wanted = ((name, seed, threads) for seed in seeds_of(EXPERIMENTS[name], chosen.seeds))
                yield from (one for one in wanted if one not in known)


def run_all(wanted: Sequence[tuple[str, int, int]], jobs: int) -> None:
    """Carries the runs out, so many at a time, and writes down what each comes to."""
    writing = Lock()

    def carry_out(name: str, seed: int, threads: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "bench.experiments", "--one", name, str(seed)]
            environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "CNNVIZ_RUNS": folder}
            answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
        line = answer.stdout.splitlines()[-1]
        with writing:
            spread.keep(line)
        print(line, flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        for result in [pool.submit(carry_out, *one) for one in wanted]:
            result.result()


def outcome(experiment: Experiment, seed: int) -> Outcome:
    """Carries the experiment out with that seed, in this process and on the processor."""
    import torch

    from cnnviz import runs
    from cnnviz.inference import checkpoints, evaluate
    from cnnviz.training.devices import use_cores

    config = replace(experiment.config, seed=seed, device="cpu")
    run = runs.create(config)
    events = list(runs.execute(run))
    if events[-1]["event"] != "done":
        raise RuntimeError(f"{experiment.name} with seed {seed} ended so: {json.dumps(events[-1])}")
    measured = [event for event in events if event["event"] == "epoch"]
    checkpoint = checkpoints.load(run.weights)
    evaluation = evaluate.evaluate(checkpoint, datasets.load(config.dataset))
    return Outcome(
        experiment.name,
        seed,
        use_cores(),
        events[-1]["test_accuracy"],
        measured[-1]["train_accuracy"],
        tuple(round(event["test_accuracy"], 4) for event in measured),
        sum(one.predicted == 0 for one in evaluation.per_class()),
        events[-1]["seconds"],
        torch.__version__,
        spread.digest(experiment.config),
    )


def report() -> str:
    """A table of all experiments, a line for each number of threads."""
    head = "| experiment | published | threads | own seed | all seeds, test | all seeds, training | a class silent |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for experiment in EXPERIMENTS.values():
        found = spread.outcomes_of(experiment)
        for threads in sorted({one.threads for one in found}):
            lines.append(_row(experiment, threads, [one for one in found if one.threads == threads]))
        if not found:
            command = f"`python -m cnnviz bench experiments --names {experiment.name}`"
            lines.append(f"| {experiment.name} | {experiment.published} | not measured: {command} | | | | |")
    versions = sorted({one.torch for one in spread.outcomes()})
    return "\n".join(lines) + f"\n\nOn {platform.machine()}, torch {', '.join(versions)}.\n"


def _row(experiment: Experiment, threads: int, found: Sequence[Outcome]) -> str:
    own = next((one for one in found if one.seed == experiment.config.seed), None)
    first = f"{100 * own.test_accuracy:.2f} (seed {own.seed})" if own else ""
    test = _each([one.test_accuracy for one in found])
    train = _each([one.train_accuracy for one in found])
    silent = f"{sum(one.never_predicted > 0 for one in found)} of {len(found)}"
    return f"| {experiment.name} | {experiment.published} | {threads} | {first} | {test} | {train} | {silent} |"


def _each(shares: Sequence[float]) -> str:
    return ", ".join(f"{100 * share:.2f}" for share in sorted(shares))


if __name__ == "__main__":
    main()
