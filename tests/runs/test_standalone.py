import ast
import os
import pickle
import re
import runpy
import shutil
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.inference import about, brought, checkpoints
from cnnviz.networks import OWN_TEXT, zoo
from cnnviz.runs.standalone import script
from cnnviz.training import OPTIONS, TrainConfig, new_network, train
from cnnviz.training.preprocessing import preprocessing
from tests.helpers import PATIENCE, refused

TEXT = """nn.Sequential(OrderedDict([
    ("conv", nn.Conv2d(3, 8, 3, padding=1)), ("norm", nn.BatchNorm2d(8)), ("relu", nn.ReLU()),  # __import__("os")
    ("block", Residual(nn.Conv2d(8, 16, 3, stride=2, padding=1), shortcut=nn.Conv2d(8, 16, 1, stride=2))),
    ("drop", nn.Dropout(0.3)), ("flatten", nn.Flatten()), ("fc", nn.Linear(16 * 16 * 16, 10)),
]))"""
PHOTOS = {"dataset": "photos", "device": "cpu", "batch_size": 14}
DIGITS = {"subset": 300, "epochs": 1, "device": "cpu"}
CONFIGS = {
    "lenet5": TrainConfig(**DIGITS),
    "shift_rotate": TrainConfig(
        **DIGITS, augmentation="shift_rotate", optimizer="nesterov", schedule="one_cycle", label_smoothing=0.1, seed=3
    ),
    "steps": TrainConfig(
        network="conv_mnist",
        subset=300,
        steps=6,
        optimizer="sgd",
        schedule="cosine",
        augmentation="handwriting",
        device="cpu",
    ),
    "own_text": TrainConfig(network=OWN_TEXT, text=TEXT, **PHOTOS, epochs=2, optimizer="adamw", augmentation="flip"),
    "residual_8": TrainConfig(
        network="residual_8",
        **PHOTOS,
        epochs=3,
        schedule="step",
        decay=0.5,
        decay_epochs=2,
        weight_decay=0.01,
        optimizer="adamw",
    ),
    "bfloat16": TrainConfig(
        network="cifar100_cnn", **PHOTOS, subset=42, epochs=1, precision="bfloat16", augmentation="crop"
    ),
    "momentum": TrainConfig(
        network="resnet_cifar100",
        **PHOTOS,
        subset=42,
        epochs=2,
        optimizer="momentum",
        momentum=0.8,
        augmentation="flip_crop",
    ),
    "sources": TrainConfig(
        **DIGITS, normalisation="published", fit="resized", initialisation="he", loss="mse", train_measure="pass"
    ),
    "clipped": TrainConfig(
        network="conv_mnist",
        **DIGITS,
        normalisation="half",
        initialisation="xavier",
        loss="nll",
        label_smoothing=0.1,
        clip_norm=0.5,
        evaluate_every=2,
    ),
    "idle": TrainConfig(network="cnn_max", **DIGITS, normalisation="none", initialisation="zeros", loss="nll"),
    "best": TrainConfig(**DIGITS, validation=0.2, best="validation", evaluate_every=1, learning_rate=0.01),
    "best_learnt": TrainConfig(
        network="conv_mnist", **DIGITS, batch_size=50, best="training", evaluate_every=2, learning_rate=0.05
    ),
    "best_seen": TrainConfig(
        **DIGITS, best="test", evaluate_every=1, train_measure="pass", validation=0.1, learning_rate=0.05
    ),
    "swept": TrainConfig(**DIGITS, schedule="sweep", optimizer="momentum", batch_size=20),
    "went_on": TrainConfig(**DIGITS, start="lenet5", start_sha256="0" * 64, learning_rate=0.01),
    "fashion": TrainConfig(network="cnn_avg", dataset="fashion_mnist", epochs=2, device="cpu", steps=3, time_limit=60),
    "cifar10": TrainConfig(network="conv_cifar10", dataset="cifar10", epochs=2, batch_size=8, precision="auto"),
}
RUNNER = """
import contextlib, os, runpy, sys
import safetensors.torch, torchvision
kind = torchvision.datasets.CIFAR10  # its checksums are of the whole set
kind.train_list, kind.test_list = ([[name, None] for name, _ in part] for part in (kind.train_list, kind.test_list))
kind.meta = {**kind.meta, "md5": None}
for name in sys.argv[1:]:
    with open(f"{name}.txt", "w") as said, contextlib.redirect_stdout(said):
        network = runpy.run_path(f"{name}.py")["main"]()
    safetensors.torch.save_file({key: value.contiguous() for key, value in network.state_dict().items()}, f"{name}.st")
    if os.path.exists("best.safetensors"):
        os.rename("best.safetensors", f"{name}.best.st")
print("cnnviz" in sys.modules)
"""


def write_idx(folder, arrays):
    """The arrays as torchvision keeps MNIST: a head that tells the sizes, then bytes."""
    folder.mkdir(parents=True)
    for part, name in {"train": "train", "test": "t10k"}.items():
        for key, kind in {"x": "images-idx3", "y": "labels-idx1"}.items():
            array = np.asarray(arrays[f"{key}_{part}"], np.uint8)
            head = struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape)
            (folder / f"{name}-{kind}-ubyte").write_bytes(head + array.tobytes())


def write_cifar10(folder, arrays):
    """The arrays as torchvision keeps CIFAR-10: five batches and the test, pickled."""
    folder.mkdir(parents=True)
    x, y = arrays["x_train"].transpose(0, 3, 1, 2).reshape(5, 16, -1), arrays["y_train"].reshape(5, 16)
    batches = {f"data_batch_{n + 1}": (x[n], y[n]) for n in range(5)}
    batches["test_batch"] = (
        arrays["x_test"].transpose(0, 3, 1, 2).reshape(len(arrays["x_test"]), -1),
        arrays["y_test"],
    )
    for name, (images, labels) in batches.items():
        (folder / name).write_bytes(pickle.dumps({"data": images, "labels": labels.tolist()}))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": [str(n) for n in range(10)]}))


def arrays_of(shape, seed):
    """80 images to train on and 50 to test."""
    rng = np.random.default_rng(seed)
    images, labels = rng.integers(0, 256, (130, *shape), dtype=np.uint8), rng.integers(0, 10, 130)
    labels[0] = labels[80] = 9
    return {"x_train": images[:80], "y_train": labels[:80], "x_test": images[80:], "y_test": labels[80:]}


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """A folder with data sets for the scripts and for us, the scripts, and what came of them."""
    folder, patch = tmp_path_factory.mktemp("standalone"), pytest.MonkeyPatch()
    patch.setenv("CNNVIZ_DATA", str(folder))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with np.load(datasets.EMBEDDED / "mnist.npz") as file:  # an MNIST of which 400 and 100 images are left
        digits = {key: file[key][: 400 if "train" in key else 100] for key in file}
    (folder / "embedded").mkdir()
    np.savez(folder / "embedded" / "mnist.npz", **digits)
    patch.setattr(datasets, "EMBEDDED", folder / "embedded")
    write_idx(folder / "data/MNIST/raw", digits)
    photos, clothes, colour = arrays_of((32, 32, 3), 0), arrays_of((28, 28), 1), arrays_of((32, 32, 3), 2)
    np.savez(folder / "photos.npz", **{**photos, "y_train": photos["y_train"][:, None]})
    np.savez(folder / "fashion_mnist.npz", **clothes)
    np.savez(folder / "cifar10.npz", **colour)
    write_idx(folder / "data/FashionMNIST/raw", clothes)
    write_cifar10(folder / "data/cifar-10-batches-py", colour)
    yield folder
    torch.set_num_threads(threads)
    patch.undo()


@pytest.fixture(scope="module")
def ran(workplace):
    """The folder after the scripts have run, in a process that knows nothing of us."""
    shutil.copy(checkpoints.shipped()["lenet5"], workplace / "start.safetensors")
    for name, config in CONFIGS.items():
        (workplace / f"{name}.py").write_text(script(config), encoding="utf-8")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": "", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, *CONFIGS],
        cwd=workplace,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "False\n"  # nothing of cnnviz was loaded
    return workplace


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.slow
def test_a_script_gives_the_very_same_weights_and_accuracy(ran, name):
    config = replace(CONFIGS[name], device="cpu")  # a GPU adds up in another order
    network = new_network(config)
    if config.start:
        network.load_state_dict(checkpoints.load(ran / "start.safetensors").network.state_dict())
    events = list(train(config, network))
    assert events[-1]["event"] == "done"
    found = safetensors.torch.load_file(ran / f"{name}.st")
    assert found.keys() == network.state_dict().keys()
    assert all(torch.equal(tensor, found[key]) for key, tensor in network.state_dict().items())
    known = r"(?:[\d.]+% of the validation images, )?(?:([\d.]+%) of the training images, )?"
    pattern = rf"step (\d+) of \d+: loss [\d.]+, {known}([\d.]+%) of the test images"
    said = re.findall(pattern, (ran / f"{name}.txt").read_text())
    measured = [event for event in events if event["event"] == "epoch"]
    known = [f"{event['train_accuracy']:.2%}" if config.train_measure == "pass" else "" for event in measured]
    shares = [f"{event['test_accuracy']:.2%}" for event in measured]
    assert said == [(str(event["step"]), *both) for event, *both in zip(measured, known, shares, strict=True)]


@pytest.mark.parametrize("name", ["best", "best_learnt", "best_seen"])
@pytest.mark.slow
def test_a_script_keeps_the_very_same_best_weights(ran, name, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    run = runs.create(replace(CONFIGS[name], device="cpu"))
    list(runs.execute(run))
    ours, script = safetensors.torch.load_file(run.best), safetensors.torch.load_file(ran / f"{name}.best.st")
    assert all(torch.equal(ours[key], script[key]) for key in ours) and ours.keys() == script.keys()
    last = safetensors.torch.load_file(run.weights)
    assert name == "best" or any(not torch.equal(ours[key], last[key]) for key in ours)


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("shift_rotate", "OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps, cycle_momentum=False)"),
        ("steps", "CosineAnnealingLR(optimizer, steps)"),
        ("residual_8", "StepLR(optimizer, 2 * steps_per_epoch, 0.5)"),
    ],
)
def test_a_script_has_the_schedule_by_torchs_name(workplace, name, made):
    text = script(CONFIGS[name])
    assert f"scheduler = torch.optim.lr_scheduler.{made}\n" in text
    assert "            optimizer.step()\n            scheduler.step()\n            done += 1\n" in text
    assert "scheduler" not in script(CONFIGS["lenet5"])


def test_every_option_is_tried():
    for option in OPTIONS.keys() - {"device"}:
        assert {getattr(config, option) for config in CONFIGS.values()} >= set(OPTIONS[option])


def test_scripts_are_short_and_import_nothing_of_ours(workplace):
    for config in CONFIGS.values():
        text = script(config)
        imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.Import, ast.ImportFrom))]
        modules = {getattr(node, "module", None) or node.names[0].name for node in imported}
        own = {"torch", "torchvision", "numpy", "math", "collections", "dataclasses", "functools", "safetensors"}
        assert {module.split(".")[0] for module in modules} <= own
        assert 90 <= len(text.splitlines()) <= 200


def test_scripts_are_clean(workplace):
    folder = workplace / "clean"
    folder.mkdir()
    for name, config in CONFIGS.items():
        (folder / f"{name}.py").write_text(script(config), encoding="utf-8")
    options = ["--isolated", "--no-cache", "--select=E,F,W,I,UP,B", "--line-length=120", "--target-version=py310"]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, folder], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", [name for name in zoo.names() if zoo.entry(name).runs])
def test_every_network_of_the_zoo_can_be_written_out(workplace, name):
    path = workplace / f"zoo_{name}.py"
    path.write_text(script(TrainConfig(network=name)), encoding="utf-8")
    with torch.device("meta"):
        network = runpy.run_path(str(path))[name]()
    shapes = [{key: value.shape for key, value in one.state_dict().items()} for one in (network, zoo.weightless(name))]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", ["lenet5", "own_text"])
def test_what_a_script_saves_it_loads_again_and_so_do_we(workplace, tmp_path, monkeypatch, name):
    (workplace / f"saves_{name}.py").write_text(script(CONFIGS[name]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = runpy.run_path(str(workplace / f"saves_{name}.py"))
    network = found["own_network" if name == "own_text" else name]().to(memory_format=torch.channels_last)
    found["save"](network)
    restored = found["restore"]()
    assert not restored.training
    assert all(torch.equal(value, restored.state_dict()[key]) for key, value in network.state_dict().items())
    judged = brought.judge("model.safetensors", (tmp_path / "model.safetensors").read_bytes())
    seen = preprocessing(CONFIGS[name], datasets.load(CONFIGS[name].dataset))
    given, notes = about.offered(judged.metadata, (len(seen.mean), 1, 1))
    assert given == about.About((), seen, CONFIGS[name].dataset) and not notes


@pytest.mark.parametrize("name", ["best", "best_learnt", "best_seen"])
def test_a_script_writes_layers_that_share_their_numbers(workplace, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(script(CONFIGS[name]), encoding="utf-8")
    network = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3))
    network[1].weight = network[0].weight
    runpy.run_path("script.py")["save"](network)
    lines = [line.strip() for line in (tmp_path / "script.py").read_text(encoding="utf-8").splitlines()]
    at = lines.index('save_file(weights, "best.safetensors")')
    exec("\n".join(lines[at - 1 : at + 1]), {"network": network, "save_file": safetensors.torch.save_file})
    for file in ("model.safetensors", "best.safetensors"):
        found = safetensors.torch.load_file(file)
        assert all(torch.equal(found[key], one) for key, one in network.state_dict().items()) and len(found) == 4


def test_nothing_of_how_a_text_was_typed_is_left(workplace):
    text = script(CONFIGS["own_text"])
    assert "__import__" not in text and "os" not in {name.id for name in names_in(text)}
    hostile = TEXT.replace("__import__", '""" \\N{DIGIT ONE} \u2028 import os; os.system("x") """')
    assert script(TrainConfig(network=OWN_TEXT, text=hostile, **PHOTOS)) == script(
        TrainConfig(network=OWN_TEXT, text=TEXT, **PHOTOS)
    )


def names_in(text):
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)]


@pytest.mark.parametrize("name", ['x"\nimport os\n"', "../photos", "photos.npz", "", "x'); import os #"])
def test_only_a_data_set_that_is_there_gets_into_a_script(workplace, name):
    with refused(f"{name[:80]!r}"):
        script(TrainConfig(dataset=name))


def test_a_data_set_with_a_foreign_name_is_found(workplace):
    Path(workplace / "größe-2.npz").write_bytes((workplace / "photos.npz").read_bytes())
    text = script(TrainConfig(network="residual_8", dataset="größe-2"))
    assert "DATA = 'größe-2.npz'" in text and ast.parse(text)


def test_what_a_script_says_of_itself(workplace):
    text = script(CONFIGS["fashion"])
    assert text.startswith('"""Average pooling, same padding on fashion_mnist') and "60 seconds is left out" in text
    assert 'DEVICE = "cpu"' in text and 'DEVICE = "cuda" if' in script(TrainConfig())
