import os
import signal
import subprocess
import sys

import pytest

from cnnviz import runs
from cnnviz.cli import main
from tests.helpers import PATIENCE, ROOT, names, wait


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    return tmp_path


@pytest.mark.slow
def test_train_and_evaluate(tmp_path, capsys):
    output = tmp_path / "weights.safetensors"
    assert main(["train", "--subset", "2000", "--epochs", "1", "--steps", "4", "--output", str(output)]) == 0
    assert "on the test images" in capsys.readouterr().out
    assert main(["evaluate", str(output)]) == 0
    assert "lenet5:" in capsys.readouterr().out


def test_trace(capsys):
    assert main(["trace", "lenet5"]) == 0
    printed = capsys.readouterr().out
    assert "61,706" in printed and "1x16x10x10" in printed and "FLOPs = 2 × MACs = 833,040" in printed


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        (["train", "--epochs", "0"], ["epochs", 0, 1, 1000]),
        (["train", "--network", "gpt"], ["'gpt'", "lenet5"]),
        (["evaluate", "nothing.safetensors"], ["nothing.safetensors"]),
        (["trace", "lenet5", "--input", "1x28x28"], ["fc1", 400, "flatten", "16 × 4 × 4", 256, "Linear(256, 120)"]),
    ],
)
def test_mistakes_get_one_sentence(arguments, values, capsys):
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert names(printed, *values) and printed.count("\n") == 1


@pytest.mark.slow
def test_ctrl_c_keeps_the_weights(folder):
    command = [sys.executable, "-m", "cnnviz", "train", "--epochs", "1000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ})
    run = runs.find(process.stdout.readline().split()[1])
    try:
        wait(lambda: run.events() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 0 and "stopped at epoch" in printed and "Traceback" not in printed
    assert run.state() == "stopped" and run.weights.is_file()


@pytest.mark.slow
def test_a_second_ctrl_c_ends_a_long_step_at_once(folder):
    """One of some 2e12 multiply-accumulates: nobody waits for its end."""
    text = ", ".join(["nn.Conv2d(1, 64, 15, padding=7)", *["nn.Conv2d(64, 64, 15, padding=7)"] * 4])
    text = f"nn.Sequential({text}, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))"
    options = ["--network", "own text", "--text", text, "--batch-size", "256", "--device", "cpu"]
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnviz", "train", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ},
    )
    run = runs.find(process.stdout.readline().split()[1])
    try:
        wait(lambda: run.begun() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        wait(lambda: run.stop_requested() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 130 and "Ctrl-C again" in said and "Traceback" not in said
    assert [event["event"] for event in run.events()] == ["failed"] and "Ctrl-C" in run.events()[0]["reason"]
