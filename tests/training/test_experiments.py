import re

import pytest

from cnnviz.cli import main
from cnnviz.networks import zoo
from cnnviz.training import TrainConfig, experiments
from cnnviz.training.experiments import EXPERIMENTS, experiment
from cnnviz.training.published import HOW

SIZES = {"mnist": (1, 28, 28), "cifar10": (3, 32, 32), "cifar100": (3, 32, 32)}
CLASSES = {"mnist": 10, "cifar10": 10, "cifar100": 100}

PUBLISHED = {  # what the sources report, and for which settings: optimiser, rate, batch, weight decay, epochs
    "mnist_cnn": ("98.9 %", "momentum", 0.01, 100, 1e-4, 10),
    "cifar100_cnn": ("41.0 %", "adam", 0.001, 100, 1e-4, 20),
    "resnet": ("82.3 %", "adam", 0.001, 100, 1e-4, 40),
    "resnet_regularised": ("45.5 %", "adam", 0.001, 100, 1e-2, 40),
    "resnet_fast": ("44.3 %", "adam", 0.01, 100, 1e-4, 40),
    "resnet_wide": ("5.6 %", "adam", 0.01, 100, 1e-2, 10),
    "lenet5": ("98.36 %", "momentum", 0.01, 64, 0, 5),
    "residual": ("53.1 %", "sgd", 0.01, 128, 0, 25),
    "residual_long": ("60.4 %", "sgd", 0.01, 128, 0, 51),
    "residual_batch_norm": ("52.5 %", "sgd", 0.01, 128, 0, 25),
    "conv_mnist": ("98.99 %", "adam", 0.001, 16, 0, 10),
    "conv_cifar10": ("62.5 %", "adam", 0.001, 10, 0, 10),
    "pool_max": ("98.25 %", "sgd", 0.01, 100, 0, 5),
    "pool_average": ("93.01 %", "sgd", 0.01, 100, 0, 5),
    "pool_valid": ("93.01 %", "sgd", 0.01, 100, 0, 5),
}


def test_every_experiment_of_the_sources_is_there():
    assert {name for name, one in EXPERIMENTS.items() if one.published and not one.short} == set(PUBLISHED)
    assert experiments.names() == list(EXPERIMENTS) and all(one.name == name for name, one in EXPERIMENTS.items())


@pytest.mark.parametrize("name", PUBLISHED)
def test_settings_and_figures_are_the_sources(name):
    figure, *settings = PUBLISHED[name]
    config = experiment(name).config
    assert experiment(name).published.startswith(figure)
    assert settings == [
        config.optimizer,
        config.learning_rate,
        config.batch_size,
        config.weight_decay,
        config.epochs,
    ]


def test_the_resnets_decay_after_25_epochs():
    for name in ("resnet", "resnet_regularised", "resnet_fast"):
        config = experiment(name).config
        assert (config.schedule, config.decay, config.decay_epochs) == ("step", 0.1, 25)
        assert config.augmentation == "flip_crop"


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_network_takes_the_data(name):
    config = experiment(name).config
    assert config.network in zoo.trainable(*SIZES[config.dataset])
    assert zoo.entry(config.network).classes >= CLASSES[config.dataset]


NORMALISED = {  # what the sources' own loaders do with the pixels
    "none": ("mnist_cnn", "conv_mnist", "conv_cifar10", "pool_max", "pool_average", "pool_valid"),
    "half": ("residual", "residual_long", "residual_batch_norm"),
    "published": ("lenet5", "cifar100_cnn", "resnet", "resnet_regularised", "resnet_fast", "resnet_wide"),
}


def test_each_normalises_as_its_source_does():
    found = {name: experiment(name).config.normalisation for name in PUBLISHED}
    assert found == {name: how for how, names in NORMALISED.items() for name in names}
    resized = {name for name in PUBLISHED if experiment(name).config.fit == "resized"}
    assert resized == {"lenet5"}


def test_each_measures_as_its_source_does():
    assert {name for name in PUBLISHED if experiment(name).config.evaluate_every == 500} == set(NORMALISED["none"][3:])
    assert {name for name in PUBLISHED if experiment(name).config.train_measure == "pass"} == set(NORMALISED["half"])


@pytest.mark.parametrize("name", [name for name, one in EXPERIMENTS.items() if one.curves])
def test_what_the_sources_printed_is_whole(name):
    """As many values as the settings make, and the last of them the figure that is published."""
    one = experiment(name.removesuffix("_short"))
    figure, *_ = (float(number) for number in re.findall(r"([\d.]+) %", one.published))
    for curve in one.curves:
        assert len(curve.epochs) == len(curve.values) and curve.epochs[-1] <= one.config.epochs
        assert list(curve.epochs) == sorted(set(curve.epochs)) and curve.how in HOW
        if curve.figure == "accuracy" and (curve.images == "training") == one.on_training:
            assert 100 * curve.values[-1] == pytest.approx(figure, abs=0.051)


def test_the_wide_resnet_never_decays_as_in_its_source():
    for name in ("resnet_wide", "resnet_wide_short"):
        config = experiment(name).config
        assert config.decay_epochs > config.epochs


def test_four_are_flawed_and_their_sentences_say_how():
    flawed = {name: one.sentence for name, one in EXPERIMENTS.items() if one.flawed and not one.short}
    assert set(flawed) == {"resnet_wide", "lenet5", "pool_max", "pool_valid"}
    assert "ignores the model" in flawed["resnet_wide"]
    assert "twice" in flawed["pool_max"] and "96.5 %" in flawed["pool_max"]
    assert "0.1325" in flawed["lenet5"] and "neither to its optimiser nor" in flawed["pool_valid"]


def test_short_ones_say_so():
    short = [one for one in EXPERIMENTS.values() if one.short]
    for one in short:
        whole = experiment(one.name.removesuffix("_short"))
        assert one.title.endswith("(short)") and one.config.epochs < whole.config.epochs
        assert one.published == whole.published and f"from {whole.config.epochs} epochs" in one.sentence
    assert len(short) == 8


@pytest.mark.slow
def test_a_run_by_the_name_of_an_experiment(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))
    assert main(["train", "--experiment", "pool_max", "--steps", "2", "--batch-size", "50"]) == 0
    (config,) = (TrainConfig.from_json(path.read_text()) for path in tmp_path.glob("*/config.json"))
    assert config.network == "cnn_max" and config.optimizer == "sgd" and config.batch_size == 50
    assert main(["train", "--experiment", "alchemy"]) == 2
    assert "there is no experiment 'alchemy'" in capsys.readouterr().err
