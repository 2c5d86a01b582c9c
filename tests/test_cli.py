import json
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


NET = """import torch.nn as nn
import torch.nn.functional as F
print("hello")
class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 5)
        self.fc = nn.Linear(SIZE, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc(x.flatten(1))
"""
SEVERAL = """import torch
from torch import nn
class Encoder(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.layer = nn.Linear(12, features)
        self.spare = nn.Linear(2, 3)
    def forward(self, x):
        return self.layer(x)
class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder(5)
        self.after = nn.Linear(12, 1)
    def forward(self, left, right):
        return self.encoder(left), self.after(right)
encoder = Encoder(4)
pair = Pair()
"""
OPEN = SEVERAL.partition("class Pair")[0]


@pytest.fixture
def traced(tmp_path, capsys):
    """Traces a text as a file of that name: the exit status, what is printed, and what is said of mistakes."""

    def trace(text, *arguments, name="net.py"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        status = main(["trace", str(file), *arguments])
        return status, *capsys.readouterr()

    return trace


def last_output(printed):
    """The shape of the last step of a table."""
    row = printed[: printed.index("total:")].splitlines()[-1].split()
    return next(cell for cell in row if "x" in cell and cell.replace("x", "").isdigit())


@pytest.mark.parametrize(
    ("text", "arguments", "output"),
    [
        (NET.replace("SIZE", "1152"), ["--input", "3x28x28"], "1x10"),
        (NET.replace("SIZE", "1568"), ["--batch", "4"], "4x10"),
        (NET.replace("SIZE", "96800"), [], "1x10"),
        ("nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU())", ["--input", "2x50"], "1x4x48"),
        ("nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU())", [], "1x4x30"),
        ("nn.Sequential(nn.Conv3d(2, 4, 3))", ["--input", "2x8x9x10"], "1x4x6x7x8"),
        ("nn.Sequential(nn.Linear(784, 10))", ["--input", "784"], "1x10"),
        ("nn.Sequential(nn.Linear(50, 10))", [], "1x10"),
        ("nn.Sequential(nn.ConvTranspose2d(100, 8, 4))", [], "1x8x4x4"),
        (SEVERAL, ["--network", "Pair", "--input", "12", "--input", "3x12"], "1x3x1"),
        (SEVERAL, ["--network", "Encoder", "--input", "12"], "1x5"),
        (OPEN, ["--argument", "features=7", "--input", "12"], "1x7"),
        ("Sequential(\n  (0): Linear(in_features=4, out_features=2, bias=True)\n)", ["--input", "4"], "1x2"),
        ("model = Sequential([Input((8, 8, 3)), Conv2D(4, 3), Flatten(), Dense(10)])", [], "1x10"),
    ],
)
def test_trace_of_a_file(traced, text, arguments, output):
    status, printed, wrong = traced(text, *arguments)
    assert (status, wrong) == (0, "") and last_output(printed) == output


LAZY = """import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.LazyConv2d(8, 3, stride=2)
        self.second = nn.Conv2d(8, 8, 15)
        self.fc = nn.LazyLinear(10)
    def forward(self, x):
        return self.fc(self.second(self.first(x)).flatten(1))
"""


def test_trace_of_lazy_layers_takes_a_size_that_fits_them(traced):
    status, printed, _ = traced(LAZY)
    assert status == 0 and "3x32x32" in printed.splitlines()[0]
    status, printed, wrong = traced(LAZY, "--input", "1x8x8")
    assert status == 2 and names(wrong, "second", "15 × 15", "3 × 3", "31 × 31 or more")


def test_trace_says_which_size_it_takes(traced):
    assert "3x32x32" in traced(NET.replace("SIZE", "1568"))[1].splitlines()[0]
    assert "3x32x32" not in traced(NET.replace("SIZE", "1152"), "--input", "3x28x28")[1]


def test_trace_says_what_was_passed_over_and_what_does_not_run(traced):
    printed = traced(SEVERAL, "--network", "Pair", "--input", "12", "--input", "12")[1]
    assert "encoder.spare" in printed
    assert names(traced(NET.replace("SIZE", "1152"), "--input", "3x28x28")[1].splitlines()[0], "1 line")


@pytest.mark.parametrize("count", ["0", "-1", "4097", "1e3", "9" * 30, "two"])
def test_a_batch_that_is_none_is_refused_in_one_line(count, capsys):
    with pytest.raises(SystemExit):
        main(["trace", "lenet5", f"--batch={count}"])
    assert names(said := capsys.readouterr().err.splitlines()[-1], count, "4,096") and len(said) < 200


def test_a_size_that_mends_a_network_is_written_as_it_is_typed(traced):
    text = "nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(2704, 10))"
    status, _, wrong = traced(text, "--input", "28x28")
    assert status == 2 and "--input 1x28x28" in wrong
    assert traced(text, "--input", "1x28x28")[0] == 0


def test_trace_says_where_images_of_a_batch_meet(traced):
    text = "nn.Sequential(nn.Linear(4, 2), nn.Softmax(dim=0))"
    assert names(traced(text, "--input", "4", "--batch", "3")[1].splitlines()[-1], "dim")


@pytest.mark.parametrize("name", ["net.py", "net.ipynb"])
def test_trace_shows_where_a_file_stops_and_the_lines_that_mend_it(traced, name):
    text = NET.replace("SIZE", "400")
    cells = {"cells": [{"cell_type": "markdown", "source": "a net"}, {"cell_type": "code", "source": text}]}
    status, printed, wrong = traced(json.dumps(cells) if name == "net.ipynb" else text, "--input", "3x28x28", name=name)
    assert status == 2 and "max_pool2d" in printed
    said, place, *fixes = wrong.splitlines()
    assert names(said, "fc", 400, "8 × 12 × 12") and place.endswith(f"{name}:12: return self.fc(x.flatten(1))")
    assert [line.split(maxsplit=2) for line in fixes if line.split()[0] == "8"][:2] == [
        ["8", "-", "self.fc = nn.Linear(400, classes)"],
        ["8", "+", "self.fc = nn.Linear(1152, classes)"],
    ]


def test_trace_shows_the_line_that_is_not_read(traced):
    status, printed, wrong = traced("import torch.nn as nn\nnn.Sequential(\n    nn.Conv2d(1, 8),\n)")
    assert (status, printed) == (2, "") and wrong.splitlines()[1].endswith("net.py:3: nn.Conv2d(1, 8),")


@pytest.mark.parametrize(
    ("text", "arguments", "values"),
    [
        (SEVERAL, ["--network", "Pear"], ["'Pear'", "Pair", "Encoder"]),
        (SEVERAL, ["--network", "Pair", "--input", "12"], ["left", "right", 1]),
        (SEVERAL, ["--network", "Encoder", "--input", "12", "--input", "12"], ["one input", 2]),
        (OPEN, ["--input", "12"], ["Encoder", "features", "--argument features"]),
        (OPEN, ["--argument", "wide=3"], ["'wide'", "features"]),
        ("nn.Sequential(nn.ReLU())", ["--network", "Net"], ["'Net'"]),
        ("nn.Sequential(nn.ReLU())", ["--argument", "a=1"], ["'a'"]),
        ("x" * 5_000_001, [], ["5 MB"]),
        (b"\xff\xfe\x00nn.Sequential()", [], ["UTF-8"]),
        (b"nn.Sequential(\0)", [], ["UTF-8"]),
    ],
)
def test_trace_of_a_file_refuses_in_one_sentence(traced, text, arguments, values):
    status, printed, wrong = traced(text, *arguments)
    assert (status, printed) == (2, "") and names(wrong, *values) and wrong.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        (["lenet4"], ["'lenet4'", "lenet5"]),
        (["lenet5", "--network", "Net"], ["lenet5", "--network"]),
        (["lenet5", "--input", "32x32"], ["lenet5", "1x32x32", "32x32"]),
        (["lenet5", "--input", "1x32x32", "--input", "1x32x32"], ["lenet5", "one input", 2]),
        ([str(ROOT)], ["cannot be read"]),
    ],
)
def test_trace_of_what_is_no_file(capsys, arguments, values):
    assert main(["trace", *arguments]) == 2
    wrong = capsys.readouterr().err
    assert names(wrong, *values) and wrong.count("\n") == 1


@pytest.mark.parametrize("size", ["", "0x3", "1x2x3x4x5", "3x28x5000", "-1", "axb", "99999999", "1x28x²"])
def test_trace_refuses_what_is_no_size(capsys, size):
    with pytest.raises(SystemExit) as ended:
        main(["trace", "lenet5", f"--input={size}"])
    assert ended.value.code == 2 and "784" in capsys.readouterr().err


@pytest.mark.parametrize("given", ["classes", "=3", "classes=", "1a=3"])
def test_trace_refuses_what_is_no_argument(capsys, given):
    with pytest.raises(SystemExit) as ended:
        main(["trace", "net.py", f"--argument={given}"])
    assert ended.value.code == 2 and "num_classes=10" in capsys.readouterr().err


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
