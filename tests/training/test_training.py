import json
import re
import shlex
from dataclasses import asdict, fields, replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnviz import networks, runs, training
from cnnviz.cli import main
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.networks import OWN_TEXT
from cnnviz.training import OPTIONS, TrainConfig, new_network, train
from cnnviz.training.devices import cores, pick_device, pick_precision, quota
from cnnviz.training.failures import check_last_batch
from cnnviz.training.metrics import measure
from cnnviz.training.optimizers import new_optimizer
from cnnviz.training.preprocessing import preprocessing
from cnnviz.training.reports import steps_between
from tests.helpers import names, refused

SHORT = {"subset": 2000, "epochs": 1, "device": "cpu"}


def figures(events):
    timed = ("seconds", "images_per_second", "memory", "utilisation")
    return [{key: value for key, value in event.items() if key not in timed} for event in events]


def test_it_learns(small_mnist):
    *steps, epoch, done = train(TrainConfig(**SHORT, learning_rate=0.003))
    assert [event["event"] for event in steps] == ["step"] * len(steps)
    assert steps[0]["step"] == 1 and steps[-1]["step"] == epoch["step"] == done["step"] == 16
    assert steps[-1]["loss"] < steps[0]["loss"]
    assert epoch["event"] == "epoch" and epoch["epoch"] == 1.0
    assert done["event"] == "done" and done["test_accuracy"] == epoch["test_accuracy"] > 0.6


@pytest.fixture
def squares(tmp_path, monkeypatch):
    """A data set in colour, 40 pictures of 8x8."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8), np.arange(40) % 4
    np.savez(tmp_path / "squares.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    return datasets.load("squares")


TEXT = """nn.Sequential(
    nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(8 * 6 * 6, 4)
)"""
OWN = {"network": OWN_TEXT, "text": TEXT, "dataset": "squares", "device": "cpu", "batch_size": 10, "epochs": 1}


def test_same_seed_same_numbers_on_mnist(small_mnist):
    config = TrainConfig(**SHORT, steps=8, seed=7)
    assert figures(train(config)) == figures(train(config))


EACH_OPTION = [
    (name, option)
    for name, options in OPTIONS.items()
    for option in options
    if name != "device" and option not in ("published", "validation")  # which need what is not in OWN
]


@pytest.mark.parametrize(("name", "option"), [*EACH_OPTION, ("label_smoothing", 0.1), ("weight_decay", 0.01)])
@pytest.mark.slow
def test_same_seed_same_numbers(squares, name, option):
    """Whatever else draws on chance in this process; the network drops out half of its numbers."""
    config = TrainConfig(**{**OWN, "epochs": 2, name: option}, seed=7)
    first = figures(train(config))
    torch.rand(5)
    assert figures(train(config)) == first != figures(train(replace(config, seed=8)))
    assert first[-1]["event"] == "done"


def by_hand(config, data, torchs):
    """The same run as anybody would write it: the losses of its steps."""
    network, losses = new_network(config), []
    optimizer, order = torchs(network.parameters()), torch.Generator().manual_seed(config.seed)
    images = (data.x_train / 255 - torch.tensor(data.mean).view(-1, 1, 1)) / torch.tensor(data.std).view(-1, 1, 1)
    for _ in range(config.epochs):
        for chosen in torch.randperm(len(images), generator=order).split(config.batch_size):
            loss = F.cross_entropy(
                network(images[chosen]), data.y_train[chosen], label_smoothing=config.label_smoothing
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    return losses


TORCHS = {
    "sgd": lambda p: torch.optim.SGD(p, 0.01, weight_decay=0.02),
    "momentum": lambda p: torch.optim.SGD(p, 0.01, momentum=0.8, weight_decay=0.02),
    "nesterov": lambda p: torch.optim.SGD(p, 0.01, momentum=0.8, nesterov=True, weight_decay=0.02),
    "adam": lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.02),
    "adamw": lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.02),
}


@pytest.mark.parametrize("optimizer", TORCHS)
def test_the_loop_is_the_one_that_anybody_would_write(squares, optimizer, monkeypatch):
    monkeypatch.setitem(training.reports.IMAGES, "cpu", 1)  # every step is reported
    text = TEXT.replace("nn.Dropout(0.5), ", "")
    config = TrainConfig(
        **{**OWN, "text": text, "epochs": 3},
        optimizer=optimizer,
        learning_rate=0.01,
        momentum=0.8,
        weight_decay=0.02,
        label_smoothing=0.1,
    )
    losses = [event["loss"] for event in train(config) if event["event"] == "step"]
    assert losses == pytest.approx(by_hand(config, squares, TORCHS[optimizer]), rel=1e-3)


def test_nesterov_without_momentum_is_plain():
    config = TrainConfig(optimizer="nesterov", momentum=0.0)
    assert not new_optimizer(config, new_network(config)).defaults["nesterov"]


def test_the_step_schedule_decays_between_epochs(squares, monkeypatch):
    monkeypatch.setitem(training.reports.IMAGES, "cpu", 1)
    config = TrainConfig(**{**OWN, "epochs": 5}, schedule="step", decay=0.5, decay_epochs=2, learning_rate=0.01)
    found = [event["learning_rate"] for event in train(config) if event["event"] == "step"]
    assert found == pytest.approx([0.01] * 8 + [0.005] * 8 + [0.0025] * 4)


def test_schedules_run_over_the_steps_that_are_taken(squares, monkeypatch):
    monkeypatch.setitem(training.reports.IMAGES, "cpu", 1)
    config = TrainConfig(**{**OWN, "epochs": 5}, steps=10, schedule="cosine", learning_rate=0.01)
    found = [event["learning_rate"] for event in train(config) if event["event"] == "step"]
    assert found[0] == 0.01 and found[5] == pytest.approx(0.005) and found[9] < 0.0003


@pytest.mark.slow
def test_bfloat16_is_near_float32(small_mnist):
    exact, rough = (
        list(train(TrainConfig(**SHORT, steps=8, precision=precision, learning_rate=0.003)))[-2]
        for precision in ("float32", "bfloat16")
    )
    assert exact["test_loss"] != rough["test_loss"]
    assert rough["test_accuracy"] == pytest.approx(exact["test_accuracy"], abs=0.15)


def test_precision_by_itself_is_that_of_the_device(small_mnist):
    cpu = torch.device("cpu")
    assert pick_precision("auto", cpu) == pick_precision("float32", cpu) == torch.float32
    assert pick_precision("bfloat16", cpu) == torch.bfloat16
    exact, chosen = (figures(train(TrainConfig(**SHORT, steps=4, precision=name))) for name in ("float32", "auto"))
    assert exact == chosen


def test_the_time_limit_measures_and_stops(small_mnist):
    *steps, epoch, stopped = train(TrainConfig(**{**SHORT, "epochs": 1000}, time_limit=0.3))
    assert stopped["event"] == "stopped" and "0.3 seconds" in stopped["reason"]
    assert epoch["event"] == "epoch" and epoch["step"] == stopped["step"] == steps[-1]["step"] > 0
    assert stopped["seconds"] < 10


def test_a_time_limit_that_is_over_at_once_leaves_one_step(small_mnist):
    step, epoch, stopped = train(TrainConfig(**SHORT, time_limit=1e-9))
    assert [event["event"] for event in (step, epoch, stopped)] == ["step", "epoch", "stopped"]
    assert stopped["step"] == 1


def test_a_measurement_ends_with_the_time_limit_and_says_so(monkeypatch):
    monkeypatch.setattr("cnnviz.training.loop.GRACE", 0)
    *_, epoch, stopped = train(TrainConfig(**SHORT, time_limit=1e-9))
    assert epoch["test_images"] == 500 and names(stopped["reason"], 500, "10,000")
    assert epoch["test_accuracy"] * 500 == pytest.approx(round(epoch["test_accuracy"] * 500))
    *_, epoch, stopped = train(TrainConfig(**SHORT, steps=1, time_limit=1e-9))
    assert stopped["event"] == "stopped", "not done: it was not measured"


def test_the_card_of_a_network_that_was_measured_in_part_has_no_accuracy(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    monkeypatch.setattr("cnnviz.training.loop.GRACE", 0)
    run = runs.create(TrainConfig(**SHORT, time_limit=1e-9))
    assert list(runs.execute(run))[-1]["event"] == "stopped"
    assert checkpoints.load(run.weights).card.accuracy is None


def test_a_part_of_a_measurement_is_spread_over_all_images():
    network, images, labels = torch.nn.Flatten(), torch.eye(12)[:, None, None], torch.arange(12)
    late = iter([False, True])
    part = measure(network, images, labels, lambda batch: batch, 3, lambda: next(late))
    seen = []
    whole = measure(network, images, labels, lambda batch: seen.append(batch.argmax(-1).flatten().tolist()) or batch, 5)
    assert (part.count, whole.count) == (6, 12) and part.read()[1] == whole.read()[1] == 1.0
    assert seen == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11]]
    seen.clear()
    measure(network, images, labels, lambda batch: seen.append(batch.argmax(-1).flatten().tolist()) or batch, 5, bool)
    assert seen == [[0, 3, 6, 9], [1, 4, 7, 10], [2, 5, 8, 11]]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("nn.Sequential(nn.Conv2d(3, 4, 8))", ["4 × 1 × 1"]),
        ("nn.Sequential(nn.Flatten(), nn.Linear(192, 3))", [" 3 ", " 4"]),
        ("nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten())", ["1 channel"]),
    ],
)
def test_texts_that_do_not_fit(squares, text, values):
    with pytest.raises(ValueError) as refused:
        train(TrainConfig(**{**OWN, "text": text}))
    assert all(value in str(refused.value) for value in values)


class Memory(torch.nn.Sequential):
    """A network that asks for more than any machine has, once it trains; a trace asks for shapes alone."""

    def forward(self, x):
        if x.device.type != "meta":
            torch.empty(2**50)
        return super().forward(x)


def test_no_room_ends_the_run_with_a_smaller_batch(squares):
    network = Memory(torch.nn.Flatten(), torch.nn.Linear(192, 4))
    (last,) = train(TrainConfig(**OWN), network)
    assert last["event"] == "failed" and re.findall(r"\d+", last["reason"]) == ["10", "5"], "half of it would do"
    (last,) = train(TrainConfig(**{**OWN, "batch_size": 1}), network)
    assert last["event"] == "failed" and not re.findall(r"[02-9]", last["reason"]), "no batch is smaller"


def test_another_seed_other_numbers(small_mnist):
    first, second = (next(iter(train(TrainConfig(**SHORT, seed=seed))))["loss"] for seed in (0, 1))
    assert first != second


def test_steps_limit_the_run(small_mnist):
    *_, epoch, done = train(TrainConfig(**SHORT, steps=3))
    assert done["step"] == epoch["step"] == 3 and epoch["epoch"] == pytest.approx(3 / 16)


def test_train_accuracy_is_of_every_image_once(small_mnist):
    events = list(train(TrainConfig(**{**SHORT, "subset": 1000}, batch_size=300)))
    steps, epoch = [event for event in events if event["event"] == "step"], events[-2]
    assert [event["step"] for event in steps] == [1, 3, 4]
    weights = (300, 600, 100)
    mean = sum(w * event["accuracy"] for w, event in zip(weights, steps, strict=True)) / 1000
    assert epoch["train_accuracy"] == pytest.approx(mean)


def test_the_network_given_is_trained(small_mnist):
    config = TrainConfig(**SHORT, steps=2)
    network = new_network(config)
    before = network.conv1.weight.clone()
    list(train(config, network))
    assert not torch.equal(network.conv1.weight, before)
    assert torch.equal(new_network(config).conv1.weight, before)


def test_a_loss_that_explodes_ends_the_run_with_a_sentence(small_mnist):
    *_, last = train(TrainConfig(**SHORT, optimizer="sgd", learning_rate=100, weight_decay=10))
    assert last["event"] == "failed" and re.findall(r"\d+", last["reason"])[-1] == "10", "a tenth of the rate"


@pytest.mark.parametrize(
    ("setting", "bounds"),
    [
        ({"epochs": 0}, ["1", "1000"]),
        ({"learning_rate": float("nan")}, []),
        ({"batch_size": 2.5}, ["int"]),
        ({"optimizer": "adagrad"}, ["sgd", "momentum", "nesterov", "adam", "adamw"]),
        ({"network": "../../etc"}, ["lenet5"]),
        ({"seed": True}, ["int"]),
        ({"schedule": "warm"}, ["constant", "step", "one_cycle", "cosine"]),
        ({"augmentation": "mixup"}, ["none", "flip"]),
        ({"precision": "float16"}, ["float32", "bfloat16", "auto"]),
        ({"label_smoothing": 1.0}, ["0", "0.9"]),
        ({"decay": 0.0}, []),
        ({"time_limit": -1}, []),
        ({"text": "nn.Sequential()"}, [OWN_TEXT]),
        ({"network": OWN_TEXT}, ["text"]),
        ({"network": OWN_TEXT, "text": "__import__('os')"}, ["1", "__import__"]),
    ],
)
def test_settings_that_cannot_be(setting, bounds):
    """The sentences stand in tests/golden; each has the value and what is possible."""
    with pytest.raises(ValueError) as refused:
        TrainConfig(**setting)
    ((name, value), *_) = setting.items()
    wrong = [] if name in ("network", "text") else [f"{name} = {value!r}"]
    wrong += [repr(value)] if bounds == ["lenet5"] else []
    assert all(part in str(refused.value) for part in wrong + bounds)


def test_what_is_not_there():
    with pytest.raises(ValueError, match=r"'fashion'.*mnist"):
        train(TrainConfig(dataset="fashion"))
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match=r"'cuda'.*cpu"):
            train(TrainConfig(device="cuda"))
    assert pick_device("cpu").type == "cpu"


def test_the_command_repeats_the_config():
    config = TrainConfig(learning_rate=0.02, optimizer="sgd", seed=3)
    assert TrainConfig(learning_rate=0.0012345678).command().endswith("--learning-rate 0.0012345678")
    assert config.command() == (
        "python -m cnnviz train --network lenet5 --dataset mnist --epochs 3 "
        "--optimizer sgd --learning-rate 0.02 --seed 3"
    )


ALL_OTHERWISE = TrainConfig(
    network=OWN_TEXT,
    dataset="squares",
    epochs=7,
    steps=11,
    batch_size=13,
    optimizer="nesterov",
    learning_rate=0.07,
    momentum=0.6,
    schedule="step",
    decay=0.3,
    decay_epochs=4,
    weight_decay=1e-5,
    normalisation="half",
    fit="resized",
    initialisation="he",
    loss="nll",
    clip_norm=0.7,
    evaluate_every=3,
    train_measure="pass",
    validation=0.25,
    best="validation",
    augmentation="flip_crop",
    label_smoothing=0.1,
    precision="bfloat16",
    subset=17,
    seed=19,
    device="cpu",
    time_limit=2.5,
    text=TEXT,
)


@pytest.mark.parametrize(
    ("every", "measured"), [(0, [8, 16, 20]), (5, [5, 10, 15, 20]), (6, [6, 12, 18, 20]), (99, [20])]
)
@pytest.mark.slow
def test_the_test_images_are_measured_as_often_as_is_wanted(small_mnist, every, measured):
    """Epochs of eight steps, of which the last is broken off."""
    config = TrainConfig(subset=1000, epochs=3, steps=20, device="cpu", evaluate_every=every)
    network, weights = new_network(config), []
    events = []
    for event in train(config, network):
        events.append(event)
        if event["event"] == "epoch":
            weights.append([one.clone() for one in network.state_dict().values()])
    found = [event for event in events if event["event"] == "epoch"]
    assert [event["step"] for event in found] == measured
    assert [event["epoch"] for event in found] == [step / 8 for step in measured]
    assert events[-1]["event"] == "done" and events[-1]["test_accuracy"] == found[-1]["test_accuracy"]
    plain = new_network(config)
    list(train(replace(config, evaluate_every=0), plain))  # to measure changes nothing of what is learnt
    assert all(torch.equal(one, other) for one, other in zip(weights[-1], plain.state_dict().values(), strict=True))


def test_the_training_images_are_told_as_a_mean_or_by_a_pass(small_mnist):
    config = TrainConfig(subset=1000, epochs=1, device="cpu", evaluate_every=4, learning_rate=0.003)
    running = [event for event in train(config) if event["event"] in ("step", "epoch")]
    at = [place for place, event in enumerate(running) if event["event"] == "epoch"]
    for before, here in zip([-1, *at], at, strict=False):  # the mean of the batches since the last one
        steps = [event["accuracy"] for event in running[before + 1 : here]]
        assert min(steps) <= running[here]["train_accuracy"] <= max(steps)
    network, data = new_network(config), datasets.load("mnist")
    *_, epoch, _ = train(replace(config, train_measure="pass"), network)
    seen = preprocessing(config, data)(data.x_train[:1000])
    with torch.inference_mode():
        right = (network(seen).argmax(1) == data.y_train[:1000]).float().mean()
    assert epoch["train_accuracy"] == pytest.approx(float(right), abs=1e-6)
    assert epoch["train_accuracy"] > running[at[-1]]["train_accuracy"]  # it has learnt meanwhile


ALONE = """nn.Sequential(
    nn.Flatten(), nn.Linear(192, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4)
)"""


def test_one_image_alone_at_the_end_is_told_before_it_is_met(squares):
    """40 images: batches of 13 leave one, over which batch norm has a single number a channel."""
    config = TrainConfig(**{**OWN, "text": ALONE, "batch_size": 13})
    with refused(40, 13, 14, 12):
        list(train(config))
    for size in (10, 12, 14):
        assert list(train(replace(config, batch_size=size)))[-1]["event"] == "done"
    maps = TrainConfig(**{**OWN, "batch_size": 13})  # batch norm over maps of 6 x 6 learns from one image, too
    assert list(train(maps))[-1]["event"] == "done"
    assert list(train(replace(maps, batch_size=1, steps=2)))[-1]["event"] == "done"


@pytest.mark.parametrize(
    ("images", "size", "others"),
    [
        (21, 2, "3"),
        (21, 1, "3"),
        (22, 1, "2"),
        (11, 5, "6 or of 4"),
        (11, 10, "11 or of 9"),
        (9, 4, "5 or of 3"),
        (13, 3, "5"),
    ]
    + [(3, 1, "3"), (31, 6, "7 or of 4")],
)
def test_batches_are_offered_of_which_none_is_one_image(squares, images, size, others):
    config = TrainConfig(**{**OWN, "text": ALONE, "subset": images, "batch_size": size, "epochs": 1})
    with refused(images, size, f"batches of {others}") as caught:
        list(train(config))
    assert str(caught.value).endswith(f"of {others}")
    for other in map(int, others.split(" or of ")):
        assert list(train(replace(config, batch_size=other)))[-1]["event"] == "done"


@pytest.mark.parametrize("size", [1, 2, 9])
def test_a_single_image_is_too_few_for_batch_norm_whatever_the_batch(squares, size):
    config = TrainConfig(**{**OWN, "text": ALONE, "subset": 1, "batch_size": size})
    with refused("1 image", "2 images") as caught:
        list(train(config))
    assert "batches" not in str(caught.value)


def test_offered_batches_are_within_the_bounds():
    config, shape = TrainConfig(batch_size=10_000), (2, 1, 1)
    network = torch.nn.Sequential(torch.nn.BatchNorm2d(2), torch.nn.Flatten())
    with refused("10,001", "10000", "9999") as caught:
        check_last_batch(network, 10_001, config, shape)
    assert "10001" not in str(caught.value)
    with refused("3"):
        check_last_batch(network, 3, replace(config, batch_size=2), shape)
    check_last_batch(torch.nn.Sequential(torch.nn.InstanceNorm2d(2)), 1, config, shape)  # no batch is enough for that


class Bursts(torch.nn.Module):
    """Gives finite scores until its weight is moved."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x.flatten(1)[:, :4] * self.weight + torch.where(self.weight.detach() == 1, 0.0, torch.inf)


@pytest.mark.parametrize("loss", ["cross_entropy", "nll", "mse"])
def test_weights_that_ran_away_at_the_last_step_are_no_result(squares, loss):
    *steps, last = train(TrainConfig(**{**OWN, "steps": 1}, loss=loss), Bursts())
    assert [event["event"] for event in steps] == ["step"] and np.isfinite(steps[0]["loss"])
    assert last["event"] == "failed" and "learning rate" in last["reason"]


def test_json_round_trip():
    went_on = replace(ALL_OTHERWISE, start="lenet5", start_sha256="0" * 64)
    assert all(getattr(went_on, f.name) != f.default for f in fields(TrainConfig))
    for config in (TrainConfig(), went_on):
        assert TrainConfig.from_json(config.to_json()) == config
    assert json.loads(TrainConfig().to_json()) == asdict(TrainConfig())


def test_the_command_line_reads_the_command(squares, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    assert main(shlex.split(ALL_OTHERWISE.command())[3:]) == 0
    (folder,) = (tmp_path / "runs").iterdir()
    run = runs.find(folder.name)
    assert run.config() == ALL_OTHERWISE and run.state() == "done"
    card = checkpoints.load(run.weights).card
    assert card.text == TEXT and card.input_shape == (3, 8, 8) and card.command == ALL_OTHERWISE.command()


OLD = {
    "network": "lenet5",
    "dataset": "mnist",
    "epochs": 3,
    "steps": 0,
    "batch_size": 128,
    "optimizer": "sgd",
    "learning_rate": 0.01,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "subset": 0,
    "seed": 0,
    "device": "auto",
}


def test_older_configs_keep_their_meaning():
    config = TrainConfig.from_json(json.dumps(OLD))
    assert config == TrainConfig(optimizer="momentum", learning_rate=0.01, momentum=0.9)
    assert TrainConfig.from_json(json.dumps({**OLD, "momentum": 0.0})).optimizer == "sgd"
    assert TrainConfig.from_json(json.dumps({**OLD, "optimizer": "adam"})).optimizer == "adam"


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"surprise": 1}', '{"learning_rate": Infinity}'])
def test_what_is_no_config(text):
    with pytest.raises(ValueError):
        TrainConfig.from_json(text)


@pytest.mark.parametrize("text", ["[" * 60_000, '{"epochs":' * 30_000, '{"seed": ' + "7" * 9000 + "}", '{"text": "\n'])
def test_what_is_no_json_is_answered_in_a_sentence(text):
    with refused("JSON", "config.json") as caught:
        TrainConfig.from_json(text)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "200000 100000\n"}, 2),
        ({"cpu.max": "150000 100000"}, 1.5),
        ({"cpu.max": "max 100000"}, 1e6),
        ({"cpu/cpu.cfs_quota_us": "50000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 0.5),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 1e6),
        ({}, 1e6),
    ],
)
def test_a_containers_share_of_the_cores(tmp_path, files, expected):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert quota(tmp_path) == expected
    assert 1 <= cores(tmp_path) <= max(1, expected + 1)


def every(network, **settings):
    config = TrainConfig(network=network, **settings)
    shape = networks.input_shape(network, (3, 32, 32) if config.dataset == "cifar10" else (1, 28, 28))
    return steps_between(config, networks.build(network), shape, 50_000, torch.device("cpu")) * config.batch_size


def test_heavy_networks_report_after_fewer_images_and_long_runs_after_more():
    assert 800 < every("lenet5") <= 1000
    assert every("lenet5", batch_size=4000) == 4000
    assert every("resnet20", dataset="cifar10", batch_size=50, epochs=3) == 250  # of 41 million MACs each
    assert 800 < every("lenet5", epochs=200) <= 1000
    assert 2400 < every("lenet5", epochs=1000) <= 2500
    assert every("lenet5", epochs=1000, steps=100) <= 1000
