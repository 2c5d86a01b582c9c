"""What a training step takes, known from shapes alone: against what torch keeps, and within what a server allows."""

import time
from dataclasses import replace

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks

from cnnviz import networks
from cnnviz.data import datasets
from cnnviz.networks import OWN_TEXT, zoo
from cnnviz.server.limits import Limits
from cnnviz.training import TrainConfig, loop, new_network, train
from cnnviz.training.devices import multiplies_bfloat16
from cnnviz.training.experiments import EXPERIMENTS
from cnnviz.training.metrics import AT_ONCE, EVALUATION_BATCH, evaluation_batch
from cnnviz.training.work import Work, work_of
from tests.helpers import refused
from tests.training import hostile

USUAL = Limits()
FREE = Limits(step_work=0, step_memory=0)
LAYERS = (
    *("nn.ReLU()", "nn.Mish()", "nn.Dropout(0.5)", "nn.BatchNorm2d(8)", "nn.InstanceNorm2d(8)", "nn.GroupNorm(2, 8)"),
    *("nn.LayerNorm((8, 28, 28))", "nn.LocalResponseNorm(5)", "nn.MaxPool2d(3, 1, 1)", "nn.AvgPool2d(2)"),
    *("nn.Conv2d(8, 8, 3, padding=1)", "nn.Conv2d(8, 8, 3, padding=9, padding_mode='circular')", "nn.Softmax(1)"),
    *("nn.Upsample(scale_factor=2)", "nn.ConvTranspose2d(8, 8, 4, stride=2)", "nn.PReLU()", "nn.GELU()"),
)
TOO_LARGE = {"larger", "transposed"}  # no page could look into what comes of it, however small the batch
TAKEN = sorted(hostile.KINDS.keys() - {"wide", "neighbours"} - TOO_LARGE)  # a step on one image is within the limits
SMALL = "nn.Sequential(nn.Conv2d(1, 6, 5), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(864, 10))"


def own(text: str, **settings: object) -> TrainConfig:
    return TrainConfig(network=OWN_TEXT, text=text, device="cpu", **settings)


def work_on(config: TrainConfig) -> Work:
    picture = datasets.form(config.dataset).picture
    return work_of(new_network(config), networks.input_shape(config.network, picture), config)


def test_a_small_network_by_hand():
    work = work_on(own(SMALL, optimizer="momentum"))
    macs, pooled = 25 * 6 * 24 * 24 + 8640, 24 * (3456 + 864) + 6 * 4 * 864
    assert work.operations == macs + pooled + 8 * (784 + 3456 + 2 * 864 + 864 + 10) + 24 * 784 / 3
    assert work.kept == 5 * (3456 + 3 * 864 + 864 + 10 + 4 * 3456 + 4 * 784)
    assert work.fixed == 4 * 4 * (156 + 8650) and work.fixed_operations == 64 * (156 + 8650)
    assert work.step_operations(10) == work.fixed_operations + 30 * work.operations
    assert work.step_memory(10) == work.fixed + 10 * work.kept


def saved(config: TrainConfig) -> int:
    """Bytes an image that torch keeps for the backward pass: the tensors that it saves, weights left out."""
    network, kept = new_network(config), {}
    weights = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}

    def keep(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = (tensor, storage.nbytes())  # the tensor, so that no other takes its place
        return tensor

    shape = networks.input_shape(config.network, datasets.form(config.dataset).picture)
    with saved_tensors_hooks(keep, lambda tensor: tensor):
        network(torch.rand(4, *shape).contiguous(memory_format=torch.channels_last))
    return sum(size for _, size in kept.values()) / 4


@pytest.mark.parametrize("layer", LAYERS)
def test_no_more_is_kept_for_the_backward_pass_than_was_said(layer):
    text = f"nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), {layer}, {layer}, nn.AdaptiveAvgPool2d(2), nn.Flatten())"
    assert 0 < saved(own(text)) <= work_on(own(text)).kept


@pytest.mark.parametrize(("network", "dataset"), [("lenet5", "mnist"), ("resnet20", "cifar10"), ("cnn_max", "mnist")])
def test_what_is_kept_is_not_far_less_either(network, dataset):
    config = TrainConfig(network=network, dataset=dataset)
    assert 0.2 * work_on(config).kept < saved(config) <= work_on(config).kept


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_stays_within(name):
    assert USUAL.admit(EXPERIMENTS[name].config) == EXPERIMENTS[name].config


@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist", "cifar10", "cifar100"])
def test_every_network_that_train_offers_stays_within(dataset):
    form = datasets.form(dataset)
    for name in zoo.trainable(*form.picture, form.classes):
        for batch_size in (1, TrainConfig.batch_size, 256):
            USUAL.admit(TrainConfig(network=name, dataset=dataset, batch_size=batch_size))


@pytest.mark.parametrize("kind", hostile.KINDS)
def test_what_takes_too_much_is_refused_before_it_begins(kind, tries):
    for _ in tries(3, sample=1):
        is_refused(hostile.config(kind, tries.last))


def is_refused(config: TrainConfig) -> None:
    with refused("own text", kind=ValueError) as why:
        USUAL.admit(config)
    assert FREE.admit(config) == config
    largest = largest_batch(config, USUAL)
    if largest:
        assert f"up to {largest:,}," in str(why.value)
        assert USUAL.admit(replace(config, batch_size=largest)).batch_size == largest
        with refused(f"{largest + 1:,}", f"{largest:,}"):
            USUAL.admit(replace(config, batch_size=largest + 1))
    else:
        assert "single images" in str(why.value) and "smaller network" in str(why.value)


def work_on_meta(config: TrainConfig) -> Work:
    with torch.device("meta"):
        return work_on(config)


def test_a_large_batch_of_a_network_of_the_zoo_is_refused_with_the_largest_that_fits():
    config = TrainConfig(network="resnet20", dataset="cifar10", batch_size=10_000)
    with refused("resnet20", "10,000") as why:
        USUAL.admit(config)
    assert "billion operations" in str(why.value) or "GB" in str(why.value)
    assert USUAL.admit(replace(config, subset=200)).batch_size == 10_000, "no batch has more images than there are"
    assert Limits(step_work=1000, step_memory=0).admit(replace(config, batch_size=5000)).batch_size == 5000


def test_bfloat16_takes_longer_where_the_processor_has_no_such_products(monkeypatch, tmp_path):
    rough, exact = own(SMALL, precision="bfloat16"), work_on(own(SMALL)).operations
    for flags, factor in (("fma avx2", 8), ("avx512_bf16", 1)):
        (tmp_path / "info").write_text(f"flags : {flags}")
        monkeypatch.setattr(multiplies_bfloat16, "__defaults__", (tmp_path / "info",))
        macs = 25 * 6 * 24 * 24 + 8640
        assert work_on(rough).operations == pytest.approx(exact + (factor - 1) * macs)
    assert multiplies_bfloat16("cuda") and multiplies_bfloat16("cpu", tmp_path / "absent")


def test_what_no_trace_can_follow_is_for_the_run_to_tell():
    config = own("nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten())")
    assert USUAL.admit(config) == config
    assert USUAL.admit(TrainConfig(dataset="nowhere")).dataset == "nowhere"
    with refused("'nowhere'"):
        USUAL.admit(own(SMALL, dataset="nowhere"))


def test_as_many_images_are_measured_at_a_time_as_a_stop_can_wait_for():
    images = torch.zeros(10_000, 1, 28, 28, dtype=torch.uint8)
    assert evaluation_batch(images, work_on(TrainConfig())) == EVALUATION_BATCH
    for kind in hostile.KINDS:
        work = work_on_meta(hostile.config(kind, 0))
        size = evaluation_batch(images, work)
        assert 1 <= size < EVALUATION_BATCH
        assert size == 1 or (size * work.operations <= AT_ONCE[0] and size * work.measured <= AT_ONCE[1])


def largest_batch(config: TrainConfig, limits: Limits) -> int:
    return work_on_meta(config).largest_batch(1e9 * limits.step_work, 1e6 * limits.step_memory)


def share_of(part: int) -> Limits:
    """A server that allows a step that part of the usual."""
    return Limits(step_work=USUAL.step_work // part, step_memory=USUAL.step_memory // part)


@pytest.mark.parametrize("kind", sorted(TOO_LARGE))
def test_what_no_page_could_look_into_is_not_trained(kind):
    config = hostile.config(kind, 0)
    with refused("MB", "256"):
        train(USUAL.admit(replace(config, batch_size=largest_batch(config, USUAL))))


@pytest.mark.slow
@pytest.mark.long(sample=1)
@pytest.mark.parametrize("kind", TAKEN)
def test_the_largest_steps_that_are_taken_end_with_the_limit(kind, request, monkeypatch):
    """In processor time, which other work on this machine does not change: the limit of a second, and 15 more on two
    cores. The sample has a quarter of it all, or half where a quarter takes no image: of what a server allows, of the
    limit, of how long a measurement goes on, and of the bound."""
    config = hostile.config(kind, 0)
    whole = request.config.getoption("long")
    part = next(part for part in ((1,) if whole else (4, 2)) if largest_batch(config, share_of(part)))
    monkeypatch.setattr(loop, "GRACE", loop.GRACE / part)
    config = replace(config, time_limit=1.0 / part, batch_size=largest_batch(config, share_of(part)))
    begun = time.process_time()
    *_, epoch, stopped = train(share_of(part).admit(config))
    assert epoch["test_images"] < 10_000 and "10,000" in stopped["reason"]
    assert time.process_time() - begun < 2 * (1 + 15) / part
