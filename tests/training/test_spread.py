"""What experiments come to over seeds and threads: how it is measured, kept and told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import experiments as bench
from cnnviz.data import datasets
from cnnviz.lessons.train.outcomes import measured
from cnnviz.training import spread
from cnnviz.training.experiments import EXPERIMENTS, MNIST_CNN, QUICK, RESNET
from cnnviz.training.spread import Outcome, digest, outcomes_of

ON_DIGITS = [one for one in EXPERIMENTS.values() if one.config.dataset == "mnist"]


def outcome(seed: int, accuracy: float, **changes: object) -> Outcome:
    """A run of MNIST CNN that ended so."""
    one = Outcome("mnist_cnn", seed, 1, accuracy, 0.5, (0.5, accuracy), 0, 3.0, "2.14", digest(MNIST_CNN.config))
    return replace(one, **changes)


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of its own for outcomes."""
    file = tmp_path / "measured.jsonl"
    monkeypatch.setattr(spread, "FILE", file)
    spread.outcomes.cache_clear()
    monkeypatch.setattr(bench, "REPORT", tmp_path / "report.md")
    yield file
    spread.outcomes.cache_clear()


def keep(file: Path, *outcomes: Outcome) -> None:
    file.write_text("".join(one.to_json() + "\n" for one in outcomes), encoding="utf-8")
    spread.outcomes.cache_clear()


def test_every_experiment_on_digits_was_run_with_five_seeds_and_one_and_two_threads() -> None:
    lines = spread.FILE.read_text(encoding="utf-8").splitlines()
    assert len(spread.outcomes()) == len(lines) == len({tuple(json.loads(line).items())[:3] for line in lines})
    for experiment in ON_DIGITS:
        runs = {(one.seed, one.threads) for one in outcomes_of(experiment)}
        seeds = {seed for seed, _ in runs}
        assert len(seeds) == 5 and experiment.config.seed in seeds
        assert runs == {(seed, threads) for seed in seeds for threads in (1, 2)}
    assert all(one.test_accuracies[-1] == pytest.approx(one.test_accuracy, abs=1e-4) for one in spread.outcomes())


def test_the_seed_of_mnist_cnn_reaches_what_is_published_with_either_number_of_threads() -> None:
    own = [one for one in outcomes_of(MNIST_CNN) if one.seed == MNIST_CNN.config.seed]
    assert len(own) == 2 and all(one.test_accuracy >= 0.989 and not one.never_predicted for one in own)


def test_outcomes_of_an_experiment_that_was_changed_do_not_count(written: Path) -> None:
    keep(written, outcome(0, 0.9), outcome(1, 0.8, config="another"))
    assert [one.seed for one in outcomes_of(MNIST_CNN)] == [0]
    assert Outcome.from_json(outcome(3, 0.7).to_json()) == outcome(3, 0.7)
    assert digest(replace(MNIST_CNN.config, seed=9)) == digest(MNIST_CNN.config) != digest(QUICK.config)


def test_half_a_line_is_left_out_and_the_next_stands_by_itself(written: Path) -> None:
    written.write_text(outcome(0, 0.9).to_json() + "\n" + outcome(1, 0.8).to_json()[:40], encoding="utf-8")
    spread.outcomes.cache_clear()
    assert [one.seed for one in outcomes_of(MNIST_CNN)] == [0]
    spread.keep(outcome(2, 0.7).to_json())
    spread.outcomes.cache_clear()
    assert [one.seed for one in outcomes_of(MNIST_CNN)] == [0, 2]


def test_they_are_told_by_their_range_and_lost_classes_apart(written: Path) -> None:
    assert measured(MNIST_CNN) == ""
    keep(written, outcome(0, 0.9897), outcome(1, 0.9911, threads=2), outcome(2, 0.877, never_predicted=1))
    told = measured(MNIST_CNN)
    assert "98.97 to 99.11 %" in told and "3 seeds" in told and "1 and 2 threads" in told
    assert "1 of 3 runs" in told and "87.70 %" in told
    keep(written, outcome(0, 0.877, never_predicted=1))
    assert measured(MNIST_CNN).endswith("1 of 1 runs lose a class and end at 87.70 %, over 1 seed, with 1 thread.")


def test_figures_of_training_images_are_told_as_such(written: Path) -> None:
    keep(written, replace(outcome(0, 0.3), experiment="resnet", config=digest(RESNET.config)))
    assert "50.00 % of the training images" in measured(RESNET)


def test_the_bench_runs_what_is_not_known_and_can_be_ended(
    written: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[str, int, int]] = []

    def run_all(wanted: list[tuple[str, int, int]], jobs: int) -> None:
        asked.extend(wanted)
        keep(written, *spread.outcomes(), outcome(1, 0.99, threads=2))

    monkeypatch.setattr(bench, "run_all", run_all)
    keep(written, outcome(1, 0.99), outcome(0, 0.877, never_predicted=1))
    bench.main(["--names", "mnist_cnn", "cifar100_cnn", "--seeds", "2", "--write"])
    assert asked == [("mnist_cnn", 1, 2), ("mnist_cnn", 0, 2)]
    report = bench.REPORT.read_text()
    rows = [line for line in report.splitlines() if line.startswith("| mnist_cnn ")]
    assert len(rows) == 2 and "99.00 (seed 1)" in rows[0] and "87.70, 99.00" in rows[0] and "1 of 2" in rows[0]
    assert "cifar100" in datasets.downloads.SETS and "not measured" in report and "--names cifar100_cnn" in report
    assert report.strip() in capsys.readouterr().out


@pytest.mark.slow
def test_an_outcome_is_what_a_run_came_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    short = replace(QUICK, config=replace(QUICK.config, steps=20, subset=2000, evaluate_every=10))
    one = bench.outcome(short, 3)
    assert (one.experiment, one.seed, one.config) == ("quick", 3, digest(short.config))
    assert len(one.test_accuracies) == 2 and 0 <= one.never_predicted < 10 and one.seconds > 0
    (run,) = tmp_path.iterdir()
    done = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    assert done["test_accuracy"] == one.test_accuracy and json.loads((run / "config.json").read_text())["seed"] == 3
