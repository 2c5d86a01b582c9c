"""The Train page without a browser: controls, presets, comparisons, bad input; runs are carried out by hand."""

import base64
import json
import os
import re
import shutil
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torchvision

from cnnviz import runs
from cnnviz.links import sources
from cnnviz.server.limits import Limits
from cnnviz.training import TrainConfig
from cnnviz.training.experiments import EXPERIMENTS
from cnnviz.training.pairs import PAIRS
from cnnviz.ui.lessons.train import run_view
from tests import helpers
from tests.helpers import names
from tests.ui import idle

opened = partial(helpers.opened, "train")

EXAMPLE = "learning rate 0.004"  # of the run that ships
LARGE = "nn.Sequential(nn.Flatten(), nn.Linear(784, 500), nn.Linear(500, 10))"
SHORT = TrainConfig(subset=2000, epochs=1, steps=4, device="cpu")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run that is done."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_RUNS", str(tmp_path_factory.mktemp("trained")))
        run = runs.create(SHORT)
        list(runs.execute(run))
    return run.folder


@pytest.fixture(autouse=True)
def workers(tmp_path, monkeypatch):
    return idle.in_place(tmp_path, monkeypatch)


def over(trained, **changes):
    """A run that went as that one did."""
    run = runs.create(replace(SHORT, **changes))
    for path in trained.iterdir():
        if path.name != "config.json":
            shutil.copy(path, run.folder)
    return run


def test_the_panel_says_what_it_is_at():
    shown = [one.proto.body for one in opened().get("html") if "cnnviz-run" in one.proto.body]
    assert len(shown) == 1 and f"data-state=ready data-run='{runs.EXAMPLE.id}' data-run-state=done" in shown[0]


def charts(at):
    data = [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.json]
    return {one["y_label"].partition(",")[0]: one for one in data if "series" in one}


def said(at):
    return " ".join(one.value for one in at.markdown)


def pressed(at, key):
    at.button(key=key).click().run()
    assert not at.exception
    return at


def test_it_opens_on_the_run_that_ships():
    at = opened()
    assert names(said(at), EXAMPLE, "99.53 %")
    assert charts(at)["Accuracy"]["series"][1]["count"] == 16
    assert not at.button(key="train_start").disabled and not at.warning


def test_a_run_of_the_link_with_its_curves(trained):
    run = over(trained)
    at = opened(run=run.id)
    assert names(said(at), f"{100 * run.events()[-1]['test_accuracy']:.2f} %")
    shown = charts(at)
    assert list(shown) == ["Loss", "Accuracy"] and shown["Loss"]["log"] and shown["Accuracy"]["percent"]
    assert [one["count"] for one in shown["Loss"]["series"]] == [2, 1]
    assert {link.label for link in at.get("page_link")} >= {"Draw a digit for this network →"}


def test_the_learning_rate_is_drawn_where_it_changes(tmp_path):
    name = helpers.write_few(tmp_path / "data")
    run = runs.create(replace(SHORT, dataset=name, subset=0, batch_size=50, schedule="cosine"))
    list(runs.execute(run))
    rate = charts(opened(run=run.id))["Learning rate"]
    assert rate["series"][0]["count"] == 2 and not rate["percent"]


def test_why_a_run_failed():
    run = runs.create(TrainConfig(dataset="nowhere"))
    list(runs.execute(run))
    assert names(said(opened(run=run.id)), run.events()[-1]["reason"])


def test_a_run_that_waits_says_for_how_many():
    at = pressed(pressed(opened(), "train_start"), "train_start")
    assert names(said(at), "number 1") and not at.button(key="train_stop").disabled
    assert pressed(at, "train_stop").button(key="train_stop").disabled


def test_what_has_just_begun_is_looked_at_more_often(workers, monkeypatch):
    monkeypatch.setattr(run_view, "SOON_FOR", 600)  # longer than this test takes anywhere
    run, waits = (runs.find(workers.submit(SHORT)) for _ in range(2))

    def pace(of, active=True):
        return run_view.pace(run_view.read(of), active, workers)

    assert pace(run) == run_view.SOON < run_view.EVERY and pace(run, active=False) is None
    assert pace(waits) == run_view.EVERY
    os.utime(run.folder / "config.json", (time.time() - 700, time.time() - 700))  # it is slow
    assert pace(run) == run_view.EVERY
    os.utime(run.folder / "config.json")
    run.append(
        {"event": "step", "step": 1, "epoch": 0.1, "loss": 2.3, "accuracy": 0.1, "images_per_second": 9, "seconds": 0.1}
    )
    assert pace(run) == run_view.EVERY


def test_a_run_whose_process_was_killed():
    run = runs.create(TrainConfig())
    run.append(
        {
            "event": "step",
            "step": 1,
            "epoch": 0.002,
            "loss": 2.3,
            "accuracy": 0.1,
            "images_per_second": 9,
            "seconds": 0.1,
        }
    )
    for path in run.folder.iterdir():
        os.utime(path, (time.time() - 600, time.time() - 600))
    at = opened(run=run.id)
    silent = re.search(r"this run for (\d+) min", said(at))
    assert silent and int(silent[1]) >= 10
    assert not [button for button in at.button if button.key == "train_stop"]


@pytest.mark.parametrize("run", ["gone", "../../etc/passwd", "x" * 300, "lenet5-20250101-000000-00000000"])
def test_a_run_that_is_not_there(run):
    at = opened(run=run)
    assert len(at.warning) == 1 and names(said(at), EXAMPLE)


def test_a_run_with_a_config_of_another_program():
    run = runs.create(SHORT)
    (run.folder / "config.json").write_text('{"lr": 1}')
    at = opened(run=run.id)
    assert names(at.warning[0].value, run.id, "config.json") and names(said(at), EXAMPLE)


@pytest.mark.parametrize("name", ["lenet5", "resnet_short", "pool_valid", "quick"])
def test_an_experiment_is_one_click(name, workers):
    at = opened()
    at.selectbox(key="train_preset").select(name).run()
    assert not at.exception and EXPERIMENTS[name].sentence in said(at)
    if EXPERIMENTS[name].published:
        assert EXPERIMENTS[name].published in said(at)
    pressed(at, "train_start")
    assert runs.find(workers.taken[0][0]).config() == EXPERIMENTS[name].config


def test_published_beside_what_this_run_got():
    config = EXPERIMENTS["lenet5"].config
    run = runs.create(replace(config, device="cpu"))
    run.begin()
    place = {"step": 1, "epoch": 5.0, "seconds": 9.0}
    run.append(
        {"event": "epoch", **place, "train_loss": 0.1, "train_accuracy": 0.97, "test_loss": 0.1, "test_accuracy": 0.987}
    )
    run.append({"event": "done", **place, "test_accuracy": 0.987})
    assert names(said(opened(run=run.id)), "98.36 %", "5 epochs", "98.70 %")


def measured(config, **accuracies):
    """A run of that config that is over after one measurement, at step 600 of its first epoch's 600."""
    run = runs.create(replace(config, device="cpu"))
    run.begin()
    place = {"step": 600, "epoch": 1.0, "seconds": 9.0}
    run.append({"event": "epoch", **place, "train_loss": 0.1, "test_loss": 0.1, **accuracies})
    run.append({"event": "done", **place, "test_accuracy": accuracies["test_accuracy"]})
    return run


@pytest.mark.parametrize(
    ("axis", "places"), [("epoch", [5 / 6, 5 / 3, 2.5, 10 / 3, 25 / 6, 5]), ("step", None), ("seconds", [])]
)
def test_what_the_source_printed_lies_behind_the_run(axis, places):
    run = measured(EXPERIMENTS["pool_max"].config, train_accuracy=0.9, test_accuracy=0.95)
    at = opened(run=run.id, axis=axis)
    shown = charts(at)["Accuracy"]
    assert shown["y_range"] == [0.9, 1]
    faint = [one for one in shown["series"] if one["faint"]]
    if axis == "seconds":
        assert not faint
        return
    (one,) = faint
    assert one["name"] == "published test" and one == shown["series"][0] and one["count"] == 6
    numbers = np.frombuffer(base64.b64decode(shown["values"]), np.float32)
    assert numbers[:6] == pytest.approx(places or [500, 1000, 1500, 2000, 2500, 3000])
    assert numbers[6:12] == pytest.approx([0.9792, 0.9793, 0.9781, 0.9806, 0.9824, 0.9825])
    assert names(said(at), "accuracy on the test images is a pass over all of them")


def test_training_accuracy_stands_beside_training_accuracy():
    run = measured(EXPERIMENTS["cifar100_cnn"].config, train_accuracy=0.35, test_accuracy=0.39)
    at = opened(run=run.id)
    assert (
        names(said(at), "41.0 % of the training images", "35.00 %") and "39.00 %" not in said(at).split("Published")[1]
    )
    assert "35.00 %" in next(one.proto.body for one in at.get("html") if "cnnviz-run" in one.proto.body)
    assert [one["count"] for one in charts(at)["Accuracy"]["series"] if one["faint"]] == [20]


def test_only_the_epochs_of_a_short_one_are_drawn():
    run = measured(EXPERIMENTS["residual_short"].config, train_accuracy=0.3, test_accuracy=0.31)
    shown = charts(opened(run=run.id))
    assert [(one["name"], one["count"]) for one in shown["Accuracy"]["series"] if one["faint"]] == [
        ("published training", 5),
        ("published test", 5),
    ]
    assert [(one["name"], one["count"]) for one in shown["Loss"]["series"] if one["faint"]] == [
        ("published training", 5)
    ]


def test_the_next_run_goes_on_from_this_one(trained, workers):
    first = over(trained)
    at = pressed(opened(run=first.id), "train_go_on")
    pressed(at, "train_start")
    run = runs.find(workers.taken[0][0])
    config = run.config()
    assert config == replace(SHORT, start=first.id, start_sha256=config.start_sha256, time_limit=config.time_limit)
    assert run.start.read_bytes() == first.weights.read_bytes()


def test_the_run_that_went_before_is_drawn_before(trained):
    first = over(trained)
    run = runs.create(replace(SHORT, start=first.id))
    list(runs.execute(run))
    at = opened(run=run.id)
    assert names(said(at), f"going on from {first.id}", "optimiser began anew")
    shown = charts(at)["Accuracy"]
    before = next(one for one in shown["series"] if one["name"] == "before it")
    numbers = np.frombuffer(base64.b64decode(shown["values"]), np.float32)
    assert before["count"] == 2 and before == shown["series"][0]
    epochs = [event["epoch"] for event in first.events() if event["event"] == "step"]
    assert numbers[:2] == pytest.approx([epoch - epochs[-1] for epoch in epochs])
    assert shown["x_range"] == pytest.approx([-epochs[-1], 1])
    shutil.rmtree(first.folder)
    assert "before it" not in [one["name"] for one in charts(opened(run=run.id))["Accuracy"]["series"]]


def test_the_files_of_a_run_that_went_on_go_together(trained, monkeypatch):
    """The script loads the weights that it went on from by the name under which they are saved."""
    first, offered = over(trained), {}
    run = runs.create(replace(SHORT, start=first.id, best="training"))
    list(runs.execute(run))
    monkeypatch.setattr("streamlit.download_button", lambda name, data, file, **_: offered.update({file: data}))
    at = opened(run=run.id)
    at.session_state["train_files"] = True
    at.run()
    assert not at.exception and 'load_file("start.safetensors")' in offered["train.py"]()
    assert offered["start.safetensors"]() == first.weights.read_bytes()
    assert offered[f"{run.id}-best.safetensors"]() == run.best.read_bytes()


def test_another_network_begins_afresh(trained):
    at = opened(run=over(trained).id, start="lenet5")
    at.selectbox(key="train_network").select("mnist_cnn").run()
    assert any("fresh weights" in one.value for one in (*at.info, *at.warning)) and not at.exception


@pytest.mark.slow
def test_validation_and_the_best_weights_are_told():
    run = runs.create(replace(SHORT, best="validation", validation=0.2))
    list(runs.execute(run))
    at = opened(run=run.id)
    shown = charts(at)["Accuracy"]
    assert [one["name"] for one in shown["series"]] == ["training", "test", "validation"]
    best = next(event["validation_accuracy"] for event in run.events() if event["event"] == "epoch")
    panel = next(one.proto.body for one in at.get("html") if "cnnviz-run" in one.proto.body)
    assert "Best weights" in panel and f"{100 * best:.2f} %" in panel
    links = {link.label: link for link in at.get("page_link")}
    assert f"{run.id}--best" in links["Look inside it →"].query_string
    at = opened(run=runs_by(best="test"))
    assert names(said(at), "optimistic figure")


def runs_by(**changes):
    """The id of a run of that config that is over."""
    run = runs.create(replace(SHORT, **changes))
    list(runs.execute(run))
    return run.id


@pytest.mark.slow
def test_a_sweep_finds_a_learning_rate(workers):
    """What the button sets up, carried out on few images; its tenth is taken by another."""
    at = opened(subset="2000", network="lenet5", batch_size="20")
    at.session_state["train_more"] = True
    at.run()
    pressed(at, "train_sweep")
    pressed(at, "train_start")
    run = runs.find(workers.taken[0][0])
    config = run.config()
    assert (config.schedule, config.learning_rate, config.steps, config.epochs) == ("sweep", 1.0, 200, 1)
    list(runs.execute(run))
    steps = [event for event in run.events() if event["event"] == "step"]
    assert 90 <= len(steps) <= 120
    at = opened(run=run.id, axis="learning_rate")
    shown = charts(at)
    assert list(shown) == ["Loss", "Accuracy"]
    assert shown["Loss"]["x_log"] and shown["Loss"]["x_label"] == "learning rate"
    assert [one["name"] for one in shown["Loss"]["series"]] == ["training"]
    found = run_view.swept_rate(run_view.read(run))
    assert 1e-4 < found < 1 and names(said(at), f"{found:.2g}", f"{found / 10:.2g}")
    pressed(at, "train_take_rate")
    pressed(at, "train_start")
    taken = runs.find(workers.taken[1][0]).config()
    assert taken == replace(config, schedule="constant", learning_rate=float(f"{found / 10:.2g}"), steps=0, epochs=3)


def test_over_rates_where_there_is_no_sweep(trained):
    at = opened(run=over(trained).id, axis="learning_rate")
    assert charts(at)["Loss"]["x_label"] == "epoch" and not charts(at)["Loss"]["x_log"]


@pytest.mark.parametrize(
    ("query", "formula", "ends", "told"),
    [
        ({}, "0.1307}{0.3081}", (-0.424, 2.82), ["32 × 32", "28 × 28", "frame"]),
        ({"normalisation": "half", "fit": "resized"}, "0.5}{0.5}", (-1, 1), ["32 × 32", "resized"]),
        ({"normalisation": "none", "network": "cnn_max"}, "0}{1}", (0, 1), ["as large as it is", "28 × 28"]),
    ],
)
def test_what_the_network_sees_of_a_picture(query, formula, ends, told):
    at = opened(**query)
    at.session_state["train_sees"] = True
    at.run()
    assert not at.exception and formula in at.latex[0].value and names(said(at), *told)
    data = [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.json]
    before, after = (one for one in data if one.get("x_label", "").startswith("brightness"))
    for chart, (low, high) in ((before, (0, 1)), (after, ends)):
        assert [one["name"] for one in chart["series"]] == ["grey"]
        x, y = np.frombuffer(base64.b64decode(chart["values"]), np.float32).reshape(2, -1)
        half = (high - low) / len(x) / 2
        assert x[0] == pytest.approx(low + half, abs=1e-2) and x[-1] == pytest.approx(high - half, abs=1e-2)
        assert y.sum() == pytest.approx(1, abs=1e-5) and y[0] > 0.7  # most of a digit is paper


def test_a_data_set_that_is_not_here_is_said():
    at = opened(dataset="cifar10", network="conv_cifar10")
    at.session_state["train_sees"] = True
    at.run()
    assert not at.exception and names(said(at), "cifar10 is not on this machine")


def test_every_setting_under_more_reaches_the_run(workers):
    settings = {
        "epochs": "7",
        "batch_size": "64",
        "optimizer": "nesterov",
        "momentum": "0.8",
        "schedule": "step",
        "decay": "0.5",
        "decay_epochs": "2",
        "weight_decay": "0.0005",
        "augmentation": "shift_rotate",
        "normalisation": "half",
        "fit": "resized",
        "initialisation": "he",
        "loss": "nll",
        "label_smoothing": "0.1",
        "clip_norm": "0.7",
        "evaluate_every": "50",
        "train_measure": "pass",
        "validation": "0.2",
        "best": "validation",
        "precision": "bfloat16",
        "subset": "5000",
        "steps": "300",
        "seed": "4",
        "device": "cpu",
        "time_limit": "60",
        "learning_rate": "0.02",
    }
    pressed(opened(**settings), "train_start")
    config = runs.find(workers.taken[0][0]).config()
    assert {name: str(getattr(config, name)).removesuffix(".0") for name in settings} == settings


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ({"learning_rate": "fast"}, ["learning rate", "“fast”"]),
        ({"epochs": "51"}, ["epochs", 51, 50]),
        ({"network": "own_text", "text": "nn.Sequential(oops)"}, ["Line 1, column 15"]),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(query, values, workers):
    at = pressed(opened(**query), "train_start")
    assert names(at.warning[0].value, *values) and not workers.taken
    kept = {key: at.query_params[key] for key in query}
    assert {key: sources.read(value, 100) if key == "text" else value for key, value in kept.items()} == query


def test_the_earlier_run_stays_on_the_chart(trained):
    runs_made = [over(trained, learning_rate=rate).id for rate in (0.001, 0.01)]
    at = opened(run=runs_made[1], beside=runs_made[0])
    names = [one["name"] for one in charts(at)["Loss"]["series"]]
    assert names == [f"learning rate {rate}{part}" for rate in (0.01, 0.001) for part in ("", ", test")]
    pressed(at, "train_start")
    assert at.query_params["beside"] == ".".join(reversed(runs_made))


def test_runs_beside_that_are_gone_or_of_other_data_are_left_out(trained):
    run = over(trained)
    other = runs.create(replace(SHORT, network="conv_cifar10", dataset="cifar10"))
    at = opened(run=run.id, beside=f"{other.id}.lenet5-20250101-000000-00000000.nonsense")
    assert len(charts(at)["Loss"]["series"]) == 2


def test_over_seconds(trained):
    shown = charts(opened(run=over(trained).id, axis="seconds"))["Accuracy"]
    assert shown["x_label"] == "seconds" and shown["x_range"] is None


def test_a_data_set_that_cannot_be_downloaded(monkeypatch):
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", ["http://127.0.0.1:9/"])
    at = opened(dataset="fashion_mnist")
    assert names(said(at), "fashion_mnist", "30.9 MB")
    pressed(at, "train_download")
    assert names(at.error[0].value, "fashion_mnist", "fashion_mnist.npz")


def test_network_and_data_set_fit_one_another():
    at = opened()
    at.selectbox(key="train_network").select("lenet5").run()
    at.selectbox(key="train_dataset").select("cifar10").run()
    assert at.query_params["network"] == "conv_cifar10" and names(at.warning[0].value, "lenet5", "cifar10")


def packed(at, name):
    """What the component with an array of that name was given."""
    found = [helpers.unpacked(one.proto.bytes) for one in at.get("bidi_component") if one.proto.bytes]
    return next(one for one in found if name in one)


@pytest.mark.parametrize("pair", PAIRS.values(), ids=list(PAIRS))
def test_a_recorded_pair_is_shown_at_once(pair, workers):
    workers.limits = Limits()
    at = opened(show="pairs", pair=pair.name)
    shown = packed(at, "0.loss")
    assert [run["name"] for run in shown["runs"]] == list(pair.labels) and pair.sentence in said(at)
    assert shown["1.steps"][-1] == pair.configs[1].steps
    assert shown["0.kernels"].size == len(shown["0.at"]) * np.prod(shown["runs"][0]["shape"])
    assert bool(shown["runs"][0]["templates"]) == (pair.name == "flat")
    taken = pressed(pressed(at, "train_take_1"), "train_start")
    run = runs.find(workers.taken[0][0]).config()
    assert replace(run, device="cpu") == pair.configs[1] and not list(taken.get("pills"))


def test_one_step_at_a_time(monkeypatch):
    monkeypatch.setenv("CNNVIZ_HELPERS", "0")
    at = opened(show="steps", optimizer="sgd", loss="mse")
    shown = packed(at, "losses")
    assert shown["lines"][2] == "loss = F.mse_loss(logits.softmax(1), one_hot)" and shown["plain"]
    assert 1 <= len(shown["losses"]) <= 50 and len(shown["guesses"]) == 16 * len(shown["losses"])
    assert len(shown["images"]) == 16 * 28 * 28 and shown["parameters"] == 61_706
    assert not packed(opened(show="steps"), "losses")["plain"]  # Adam's is more than rate times gradient


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ({"network": "mnist_cnn", "learning_rate": "fast"}, ("learning rate", "fast")),
        ({"dataset": "fashion_mnist"}, ("fashion_mnist",)),
        ({"network": "own_text", "text": LARGE}, ("397,510", "300,000")),
    ],
)
def test_where_no_step_can_be_taken_it_says_why(query, values, monkeypatch):
    monkeypatch.setenv("CNNVIZ_HELPERS", "0")
    at = opened(show="steps", **query)
    assert names(said(at), *values)
    assert not [one for one in at.get("bidi_component") if one.proto.bytes]


def test_the_loop_stands_beside_the_chart(trained):
    run = over(trained, loss="nll", clip_norm=2.0)
    shown = next(one.proto.body for one in opened(run=run.id).get("html") if "cnnviz-loop" in one.proto.body)
    lines = re.findall(r"<code>(.*?)</code>", shown)
    assert lines == [
        "optimizer.zero_grad()",
        "logits = network(images)",
        "loss = F.nll_loss(logits.log_softmax(1), labels)",
        "loss.backward()",
        "optimizer.step()",
    ]
    losses = [event["loss"] for event in run.events() if event["event"] == "step"]
    assert names(shown, "128 pictures", f"{losses[-1]:.4f}", "at most 2 long", "rate of 0.001")


def test_what_epoch_batch_and_rate_are_is_told_where_they_are_set():
    at = opened()
    assert all("?" not in one.help and len(one.help) > 30 for one in (at.number_input(key="train_epochs"),))
    assert "shuffled" in at.number_input(key="train_batch_size").help
    assert "gradient" in at.selectbox(key="train_learning_rate").help
