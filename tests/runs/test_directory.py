import json
import os
import time
from dataclasses import replace

import pytest

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints, evaluate
from cnnviz.runs.directory import LONGEST_OWNER, ON_A_BOARD
from cnnviz.training import TrainConfig, train
from tests.helpers import refused

SHORT = TrainConfig(subset=2000, epochs=1, steps=4, device="cpu")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    return tmp_path / "runs"


def test_a_run_is_its_directory(folder, small_mnist):
    run = runs.create(SHORT)
    assert run.state() == "waiting" and runs.find(run.id) == run and run.config() == SHORT
    events = list(runs.execute(run))
    assert events == run.events() and events[-1]["event"] == run.state() == "done"
    files = sorted(path.name for path in (folder / run.id).iterdir())
    assert files == ["config.json", "epoch_0.safetensors", "look.safetensors", "metrics.jsonl", "model.safetensors"]
    card = checkpoints.load(run.weights).card
    assert card.accuracy == events[-1]["test_accuracy"] and card.command == SHORT.command()


def test_the_card_says_what_evaluate_will_measure_also_of_rounded_steps(small_mnist):
    run = runs.create(replace(SHORT, precision="bfloat16"))
    done = list(runs.execute(run))[-1]
    checkpoint = checkpoints.load(run.weights)
    share = evaluate.accuracy(checkpoint, datasets.load("mnist"))
    assert done["test_accuracy"] == pytest.approx(share) and checkpoint.card.accuracy == pytest.approx(share)


def test_what_is_in_the_config_repeats_the_run(small_mnist):
    first, second = runs.create(SHORT), runs.create(SHORT)
    losses = [[e["loss"] for e in runs.execute(r) if e["event"] == "step"] for r in (first, second)]
    assert first.id != second.id and losses[0] == losses[1]


def test_stop_keeps_the_weights():
    run = runs.create(SHORT)
    run.request_stop()
    step, stopped = runs.execute(run)
    assert step["step"] == stopped["step"] == 1 and run.state() == "stopped"
    assert checkpoints.load(run.weights).card.accuracy is None


@pytest.mark.parametrize("last_step", [2, 3, 7])
def test_stop_is_heard_between_two_reports(last_step):
    config = TrainConfig(subset=2000, batch_size=50, epochs=2, device="cpu")
    answers = iter([False] * (last_step - 1) + [True])
    events = list(train(config, stopped=lambda: next(answers)))
    assert [(event["event"], event["step"]) for event in events] == [
        ("step", 1),
        ("step", last_step),
        ("stopped", last_step),
    ]


def test_stop_is_heard_in_a_measurement():
    asked = iter([False] * (SHORT.steps + 3) + [True])
    events = list(train(SHORT, stopped=lambda: next(asked)))
    assert [event["event"] for event in events] == ["step", "step", "stopped"]


def test_a_run_is_carried_out_once(small_mnist):
    run = runs.create(SHORT)
    carried = runs.execute(run)
    next(carried)
    assert (run.folder / "alive").exists() and list(runs.execute(run)) == []
    assert list(carried)[-1]["event"] == "done" and not (run.folder / "alive").exists()


def test_who_was_taken_for_gone_writes_nothing_any_more(folder, small_mnist):
    run = runs.create(TrainConfig(subset=2000, batch_size=50, epochs=5, device="cpu"))
    carried = runs.execute(run)
    for event in carried:
        if event["event"] == "epoch":
            break
    runs.fail(run, "nothing was heard of it")

    def content():
        return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in run.folder.iterdir()}

    before = content()
    assert list(carried) == [] and content() == before
    assert run.state() == "failed" and not (run.folder / "alive").exists()
    run.append(event)
    assert run.state() == "failed", "also where it writes in the same moment"


def test_a_half_written_line_is_left_out():
    run = runs.create(SHORT)
    step = {
        "event": "step",
        "step": 1,
        "epoch": 0.1,
        "loss": 2.3,
        "accuracy": 0.1,
        "images_per_second": 9,
        "seconds": 1,
    }
    run.append(step)
    path = run.folder / "metrics.jsonl"
    path.write_bytes(path.read_bytes() + b'{"event": "step", "st')
    assert run.events() == [step] and run.state() == "running"
    runs.fail(run, "killed")
    assert run.events()[1:] == [{"event": "failed", "reason": "killed"}] and run.state() == "failed"


@pytest.mark.parametrize(
    "line",
    [
        b"null",
        b"[1]",
        b'{"event": 3}',
        b"\xff\xfe",
        b"{}",
        b'"step"',
        b'{"event": "step"}',
        b'{"event": "on"}',
        b'{"event": ["step"]}',
    ],
)
def test_foreign_lines_are_left_out(line):
    run = runs.create(SHORT)
    (run.folder / "metrics.jsonl").write_bytes(line + b"\n")
    assert run.events() == []


def test_what_goes_wrong_ends_the_run_with_its_reason():
    run = runs.create(TrainConfig(dataset="nowhere"))
    (event,) = runs.execute(run)
    assert event["event"] == run.state() == "failed" and "'nowhere'" in event["reason"]


def test_a_config_is_read_once(monkeypatch):
    run, reading, read = runs.create(SHORT), TrainConfig.from_json, []
    monkeypatch.setattr(TrainConfig, "from_json", lambda text: read.append(text) or reading(text))
    assert run.config() == runs.find(run.id).config() == SHORT and len(read) == 1
    assert runs.create(SHORT).config() == SHORT and len(read) == 2  # the same settings, but another run's


@pytest.mark.parametrize("content", ["", "{", "[]", '{"epochs": 0}', '{"surprise": 1}', '{"network": "gpt"}'])
def test_a_config_that_is_none(content):
    run = runs.create(SHORT)
    (run.folder / "config.json").write_text(content)
    with refused(run.id, "config.json"):
        run.config()
    (event,) = runs.execute(run)
    assert event["event"] == "failed"


@pytest.mark.parametrize("text", ["", "..", "../../etc", "lenet5-20250101-000000-0000000g", "a" * 10_000, "x\0y"])
def test_only_an_id_becomes_a_path(text):
    with refused("no run", kind=ValueError):
        runs.find(text)


def test_config_json_is_readable_by_anybody(folder):
    run = runs.create(SHORT)
    assert json.loads((folder / run.id / "config.json").read_text())["network"] == "lenet5"


def test_a_run_knows_who_started_it(folder):
    run, by_hand = runs.create(TrainConfig(), owner="0a" * 16), runs.create(TrainConfig())
    assert (run.owner, by_hand.owner) == ("0a" * 16, "")
    assert (run.folder / "owner").read_text() == "0a" * 16 and not (by_hand.folder / "owner").exists()
    assert "0a" * 16 not in (run.folder / "config.json").read_text()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"a" * 10_000_000])
def test_an_owner_that_is_none(content):
    run = runs.create(TrainConfig())
    (run.folder / "owner").write_bytes(content)
    assert len(run.owner) <= LONGEST_OWNER


def test_an_owner_that_is_a_pipe_keeps_nobody_waiting():
    run = runs.create(TrainConfig())
    os.mkfifo(run.folder / "owner")
    assert run.owner == ""


def test_a_run_stands_on_a_board_for_a_day():
    run = runs.create(TrainConfig())
    assert not run.is_on_board()
    run.keep_on_board()
    assert run.is_on_board()
    os.utime(run.folder / "room", (time.time() - ON_A_BOARD - 1,) * 2)
    assert not run.is_on_board()
    run.keep_on_board()
    assert run.is_on_board()
    run.leave_board()
    assert not run.is_on_board()
