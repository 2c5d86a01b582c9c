"""The answers of the exercises: each against torch, a forward pass or a count of its own, and literal figures."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader

from cnnviz import lessons
from cnnviz.data import datasets
from cnnviz.data.datasets.preprocessing import Preprocessing
from cnnviz.data.drawing import to_mnist
from cnnviz.data.pictures import built_in
from cnnviz.inference import checkpoints
from cnnviz.lessons import LESSONS
from cnnviz.lessons.common.exercise import Cell, Exercise, cell_task, read_cell
from cnnviz.lessons.train.settings import Train
from cnnviz.networks import notation, zoo
from cnnviz.networks.zoo import history
from cnnviz.ops.receptive_field import Layer
from tests.helpers import names
from tests.lessons.test_settings import random_channels, random_convolution, random_pool
from tests.sampling import Tries

OF_OUTPUTS = [
    (lesson.slug, one)
    for lesson in LESSONS
    if lesson.asks_cells
    for one in lesson.exercises
    if one.cell or one.kind == "size"
]


def ask(lesson: str, name: str) -> Exercise:
    return lessons.exercise(lesson, name)


# --- answers against torch, for the shipped settings and for any others


def by_torch(settings: Any) -> np.ndarray:
    """(outputs, rows, columns) as torch.nn.functional computes them."""
    output = settings.by_torch()
    return output[None] if output.ndim == 2 else output


@pytest.mark.parametrize(("lesson", "one"), OF_OUTPUTS, ids=[f"{lesson}-{one.id}" for lesson, one in OF_OUTPUTS])
def test_cells_and_sizes_are_those_of_torch(lesson: str, one: Exercise) -> None:
    expected = by_torch(one.settings)
    if one.cell:
        cell = one.cell
        assert one.answer(one.settings) == pytest.approx(expected[cell.output, cell.row, cell.col])
    else:
        assert one.answer(one.settings) == expected.shape[-len(one.answer(one.settings)) :]


@pytest.mark.parametrize(
    ("lesson", "make"),
    [("convolution", random_convolution), ("channels", random_channels), ("pooling", random_pool)],
)
def test_a_hidden_cell_follows_whatever_is_set(lesson: str, make: Any, tries: Tries) -> None:
    for pick in tries(600, sample=20):
        settings, _ = make(pick).validated([])
        expected = by_torch(settings)
        assert lessons.find(lesson).outputs(settings) == expected.shape
        output, row, col = (pick.randrange(size) for size in expected.shape)
        asked = ask(lesson, cell_task(Cell(row, col, output)))
        assert asked.answer(settings) == pytest.approx(expected[output, row, col], abs=1e-9)
        assert asked.judge(asked.describe(asked.answer(settings)), settings).right
        size = ask(lesson, "shape" if lesson == "channels" else "size")
        if lesson != "pooling" or settings.reach == "window":
            assert size.answer(settings) == expected.shape[-len(size.answer(settings)) :]


def test_the_cell_of_a_link_is_the_cell_of_the_stage() -> None:
    assert ask("convolution", "cell-2-3").cell == Cell(1, 2, 0)
    assert ask("channels", "cell-2-3-4").cell == Cell(1, 2, 3)
    for cell in (Cell(0, 0), Cell(4, 11), Cell(2, 1, 3)):
        assert read_cell(cell_task(cell)) == cell
    for task in ("cell", "cell-0-1", "cell-1", "cell-1-2-3-4", "cell-a-b", "cell-1-100", "cell-٣-1"):
        assert read_cell(task) is None


def test_parameters_are_those_of_a_layer() -> None:
    for name, expected in (("parameters", 112), ("depthwise", 30)):
        s = ask("channels", name).settings
        layer = nn.Conv2d(s.channels, s.filters, s.kernel, groups=s.groups)
        assert ask("channels", name).answer(s) == expected == sum(p.numel() for p in layer.parameters())


def test_maximum_against_average_by_hand() -> None:
    one = ask("pooling", "against")
    apart = nn.MaxPool2d(2)(x := torch.tensor(one.settings.x)[None]) - nn.AvgPool2d(2)(x)
    assert apart.flatten().tolist() == [6.75, 0.25, 3.5, 5.0]
    assert one.answer(one.settings) == "top right"


def test_filters_by_torch() -> None:
    even, edge, size = lessons.find("filters").exercises
    weight = torch.tensor(even.settings.w)[None, None]
    assert even.answer(even.settings) == torch.conv2d(torch.full((1, 1, 3, 3), 100.0), weight).item() == 100
    weight = torch.tensor(edge.settings.w)[None, None]
    window = torch.tensor([[120.0, 120.0, 20.0]] * 3)[None, None]
    assert edge.answer(edge.settings) == torch.conv2d(window, weight).item() == -400
    assert edge.answer(replace(edge.settings, relu=True)) == 0
    computed = size.settings.compute(built_in(size.settings.picture))
    assert size.answer(size.settings) == computed.by_torch().shape == (62, 62)


def test_shapes_by_a_forward_pass() -> None:
    lenet = zoo.build("lenet5")
    seen: dict[str, Any] = {}
    flatten = next(layer for layer in lenet.modules() if isinstance(layer, nn.Flatten))
    flatten.register_forward_hook(lambda module, given, result: seen.update(count=result[0].numel()))
    lenet(torch.zeros(1, 1, 32, 32))
    flat, parameters = ask("shapes", "flatten"), ask("shapes", "parameters")
    assert flat.answer(flat.settings) == seen["count"] == 400
    second = [layer for layer in lenet.modules() if isinstance(layer, nn.Conv2d)][1]
    assert parameters.answer(parameters.settings) == sum(p.numel() for p in second.parameters()) == 2416


@pytest.mark.parametrize("name", ["mend-linear", "mend-channels", "mend-shortcut"])
def test_a_broken_network_breaks_in_torch_and_a_mended_one_runs(name: str) -> None:
    one = ask("shapes", name)
    with pytest.raises(RuntimeError):
        notation.parse(one.settings.text).build()(torch.zeros(1, 1, 28, 28))
    assert notation.parse(one.solved.text).build()(torch.zeros(1, 1, 28, 28)).shape == (1, 10)


@pytest.mark.parametrize(
    ("old", "new", "values"),
    [
        ("nn.Linear(16 * 7 * 7, 10)", "nn.Linear(16 * 6 * 6, 12)", [12, 10]),
        ("    nn.MaxPool2d(2),\n    nn.Flatten", "    nn.Flatten", ["layers"]),
        ("nn.Linear(16 * 7 * 7, 10),\n)", "nn.Linear(16 * 7", ["Line"]),
        ("padding=1", "padding=2", [784]),
    ],
)
def test_what_does_not_mend_is_said(old: str, new: str, values: list[object]) -> None:
    one = ask("shapes", "mend-linear")
    assert old in one.settings.text
    verdict = one.judge("", replace(one.settings, text=one.settings.text.replace(old, new)))
    assert not verdict.right and names(verdict.sentence, *values)


def test_another_way_to_mend_is_right_too() -> None:
    one = ask("shapes", "mend-linear")
    text = one.settings.text.replace("nn.Conv2d(8, 16, 3)", "nn.Conv2d(8, 16, 3, padding=1)")
    assert one.judge("", replace(one.settings, text=text)).right


def seen_by_the_middle(layers: tuple[Layer, ...]) -> int:
    """The side of what a unit sees, by the gradient of a stack of ones (averages in place of maxima)."""
    x = torch.ones(1, 1, 99, 99, requires_grad=True)
    y = x
    for one in layers:
        weight = torch.ones(1, 1, one.kernel, one.kernel)
        y = torch.conv2d(y, weight, stride=one.stride, padding=one.padding, dilation=one.dilation)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    rows = torch.nonzero(x.grad[0, 0].sum(1)).flatten()  # type: ignore[index]
    return int(rows.max() - rows.min()) + 1


@pytest.mark.parametrize(("name", "field"), [("two-layers", 7), ("strided", 13), ("dilated", 15)])
def test_receptive_fields_by_gradient(name: str, field: int) -> None:
    one = ask("receptive", name)
    assert one.answer(one.settings) == field == seen_by_the_middle(one.settings.whole.layers)


def test_the_stack_to_build_sees_what_it_should() -> None:
    one = ask("receptive", "build")
    assert seen_by_the_middle(one.settings.whole.layers) == 7
    assert seen_by_the_middle(one.solved.whole.layers) == 11
    assert ask("receptive", "jump").answer(ask("receptive", "jump").settings) == 8


def test_architectures_by_the_modules_themselves() -> None:
    first, macs, separable = lessons.find("architectures").exercises
    layer = next(one for one in history.block("AlexNet").modules() if isinstance(one, nn.Conv2d))
    assert first.answer(first.settings) == sum(p.numel() for p in layer.parameters()) == 34_944
    lenet = nn.Conv2d(1, 6, 5)
    cells = lenet(torch.zeros(1, 1, 32, 32)).shape[2:].numel()
    assert macs.answer(macs.settings) == cells * lenet.weight.numel() == 117_600
    block = history.block("MobileNet and after")
    weights = [one.weight.numel() for one in block.modules() if isinstance(one, nn.Conv2d)]
    assert separable.answer(separable.settings) == sum(weights) == 8768


@lru_cache(maxsize=1)
def lenet_on_test_images() -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """The labels that LeNet-5 gives to all test images, and what its first layers make of the first one."""
    loaded = checkpoints.load(checkpoints.shipped()["lenet5"])
    card, data = loaded.card, datasets.load("mnist")
    kept: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Any:
        def hook(module: nn.Module, given: Any, result: torch.Tensor) -> None:
            kept.setdefault(name, result[0].clone())

        return hook

    hooks = [layer.register_forward_hook(keep(name)) for name, layer in loaded.network.named_children()]
    with torch.inference_mode():
        seen = card.preprocessing(data.x_test)
        labels = torch.cat([loaded.network(batch).argmax(1) for batch in seen.split(1000)])
    for hook in hooks:
        hook.remove()
    return labels, kept


def test_units_by_hooks() -> None:
    _, kept = lenet_on_test_images()
    total, maximum, units = lessons.find("inside").exercises
    assert total.answer(total.settings) == pytest.approx(kept["conv1"][0, 10, 12].item(), abs=1e-4)
    assert maximum.answer(maximum.settings) == pytest.approx(kept["pool1"][0, 4, 6].item(), abs=1e-4)
    assert units.answer(units.settings) == kept["conv1"].numel() == 4704
    numbers = re.findall(r"-?\d+\.\d{3}", total.asks(total.settings))
    assert sum(map(float, numbers)) == pytest.approx(total.answer(total.settings), abs=0.002)


def test_shares_by_counting() -> None:
    labels, _ = lenet_on_test_images()
    true = datasets.load("mnist").y_test
    nines, called = true == 9, labels == 9
    both = (nines & called).sum().item()
    precision, recall, accuracy = lessons.find("evaluate").exercises
    assert precision.answer(precision.settings) == pytest.approx(100 * both / called.sum().item())
    assert recall.answer(recall.settings) == pytest.approx(100 * both / nines.sum().item())
    assert accuracy.answer(accuracy.settings) == pytest.approx(100 * (labels == true).float().mean().item())
    assert f"{nines.sum():,} test images" in precision.asks(precision.settings)


def test_training_by_torch_itself() -> None:
    for name, expected in (("steps", 469), ("updates", 2400)):
        one = ask("train", name)
        batches = len(DataLoader(range(60_000), batch_size=one.settings.batch_size))  # type: ignore[arg-type]
        assert one.answer(one.settings) == expected == batches * (one.settings.epochs if name == "updates" else 1)
    rates = ask("train", "decay")
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.01)
    scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
    for _ in range(rates.settings.epochs - 1):
        optimizer.step()
        scheduler.step()
    assert rates.answer(rates.settings) == pytest.approx(optimizer.param_groups[0]["lr"])
    assert ask("train", "steps").answer(Train(subset=1000, batch_size=300)) == 4


def test_a_drawing_is_scaled_and_framed_so() -> None:
    frame, scale = lessons.find("draw").exercises
    ink = np.zeros((400, 400), np.uint8)
    ink[50:350, 100:250] = 255
    digit = to_mnist(ink)
    assert (np.flatnonzero(digit.any(1)).size, np.flatnonzero(digit.any(0)).size) == (20, scale.answer(scale.settings))
    framed = Preprocessing((0.0,), (1.0,), (32, 32))(torch.ones(1, 1, 28, 28, dtype=torch.uint8))[0, 0]
    assert torch.nonzero(framed.sum(1)).min().item() == frame.answer(frame.settings) == 2
