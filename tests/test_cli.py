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


def test_train_and_evaluate(tmp_path, capsys, small_mnist):
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


LAYERS = ", ".join(["nn.Conv2d(1, 64, 15, padding=7)", *["nn.Conv2d(64, 64, 15, padding=7)"] * 4])
LONG = f"nn.Sequential({LAYERS}, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))"
TWO_RUNS = f"""
from cnnviz.cli import main
assert main(["train", "--subset", "500", "--epochs", "1000", "--device", "cpu"]) == 0
main(["train", "--network", "own text", "--text", {LONG!r}, "--batch-size", "256", "--device", "cpu"])
"""


@pytest.mark.slow
def test_ctrl_c(folder):
    """A first run ends after its step and keeps the weights. A second one, in the same process, is in the middle of a
    step of some 2e12 multiply-accumulates when Ctrl-C comes again: nobody waits for its end."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", TWO_RUNS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    try:
        first, _ = next_run(process)
        wait(lambda: first.events() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        second, said = next_run(process)
        assert "stopped at epoch" in said and first.state() == "stopped" and first.weights.is_file()
        wait(lambda: second.begun() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        wait(lambda: second.stop_requested() or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert process.returncode == 130 and complained.count("Ctrl-C again") == 2 and "Traceback" not in complained
    assert [event["event"] for event in second.events()] == ["failed"]
    assert "Ctrl-C" in second.events()[0]["reason"]


def next_run(process):
    """The run that the process says it begins next, and what it has printed before."""
    said = ""
    while not (line := process.stdout.readline()).startswith("run "):
        assert line, process.stderr.read()
        said += line
    return runs.find(line.split()[1]), said
