"""The exercises without a screen: every answer against torch or a count of its own, mistakes, reading, links."""

from __future__ import annotations

import random
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

from cnnviz import checkpoints, datasets, exercises, links, notation, zoo
from cnnviz.datasets import normalise
from cnnviz.drawing import to_mnist
from cnnviz.exercises import LESSONS, WITH_CELLS, Cell, Exercise, cell_task, reading
from cnnviz.pictures import built_in
from cnnviz.receptive import Layer
from cnnviz.settings.convolution import Convolution
from cnnviz.settings.tasks import is_name
from cnnviz.settings.train import Train
from cnnviz.zoo import history
from tests.test_settings import random_channels, random_convolution, random_pool

ALL = [(lesson, one) for lesson in LESSONS for one in exercises.of_lesson(lesson)]
GUESSED = [(lesson, one) for lesson, one in ALL if one.kind != "mend"]
MENDED = [(lesson, one) for lesson, one in ALL if one.kind == "mend"]
OF_OUTPUTS = [(lesson, one) for lesson, one in GUESSED if lesson in WITH_CELLS and (one.cell or one.kind == "size")]
every = pytest.mark.parametrize(("lesson", "one"), ALL, ids=[f"{lesson}-{one.id}" for lesson, one in ALL])
guessed = pytest.mark.parametrize(("lesson", "one"), GUESSED, ids=[f"{lesson}-{one.id}" for lesson, one in GUESSED])


def ask(lesson: str, name: str) -> Exercise:
    return exercises.find(lesson, name)


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
def test_a_hidden_cell_follows_whatever_is_set(lesson: str, make: Any) -> None:
    pick = random.Random(5)
    for _ in range(60):
        settings, _ = make(pick).mended([])
        expected = by_torch(settings)
        assert exercises.outputs(lesson, settings) == expected.shape
        output, row, col = (pick.randrange(size) for size in expected.shape)
        asked = ask(lesson, cell_task(Cell(row, col, output)))
        assert asked.answer(settings) == pytest.approx(expected[output, row, col], abs=1e-9)
        size = ask(lesson, "shape" if lesson == "channels" else "size")
        if lesson != "pooling" or settings.reach == "window":
            assert size.answer(settings) == expected.shape[-len(size.answer(settings)) :]


def test_the_cell_of_a_link_is_the_cell_of_the_stage() -> None:
    assert ask("convolution", "cell-2-3").cell == Cell(1, 2, 0)
    assert ask("channels", "cell-2-3-4").cell == Cell(1, 2, 3)
    for cell in (Cell(0, 0), Cell(4, 11), Cell(2, 1, 3)):
        assert exercises.read_cell(cell_task(cell)) == cell
    for task in ("cell", "cell-0-1", "cell-1", "cell-1-2-3-4", "cell-a-b", "cell-1-100", "cell-٣-1"):
        assert exercises.read_cell(task) is None


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
    even, edge, size = exercises.of_lesson("filters")
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
    assert notation.parse(one.mended.text).build()(torch.zeros(1, 1, 28, 28)).shape == (1, 10)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("nn.Linear(16 * 7 * 7, 10)", "nn.Linear(16 * 6 * 6, 12)", "gives 12 and not 10"),
        ("    nn.MaxPool2d(2),\n    nn.Flatten", "    nn.Flatten", "The layers stay what they are"),
        ("nn.Linear(16 * 7 * 7, 10),\n)", "nn.Linear(16 * 7", "Line"),
        ("padding=1", "padding=2", "expects 784 features"),
    ],
)
def test_what_does_not_mend_is_said(old: str, new: str, sentence: str) -> None:
    one = ask("shapes", "mend-linear")
    assert old in one.settings.text
    verdict = one.judge("", replace(one.settings, text=one.settings.text.replace(old, new)))
    assert not verdict.right and sentence in verdict.sentence


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


@pytest.mark.parametrize(("name", "field"), [("two-layers", 5), ("strided", 11), ("dilated", 15)])
def test_receptive_fields_by_gradient(name: str, field: int) -> None:
    one = ask("receptive", name)
    assert one.answer(one.settings) == field == seen_by_the_middle(one.settings.whole.layers)


def test_the_stack_to_build_sees_what_it_should() -> None:
    one = ask("receptive", "build")
    assert seen_by_the_middle(one.settings.whole.layers) == 7
    assert seen_by_the_middle(one.mended.whole.layers) == 11
    assert ask("receptive", "jump").answer(ask("receptive", "jump").settings) == 8


def test_architectures_by_the_modules_themselves() -> None:
    first, macs, separable = exercises.of_lesson("architectures")
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
        seen = normalise(data.x_test, card.mean, card.std, (32, 32))
        labels = torch.cat([loaded.network(batch).argmax(1) for batch in seen.split(1000)])
    for hook in hooks:
        hook.remove()
    return labels, kept


def test_units_by_hooks() -> None:
    _, kept = lenet_on_test_images()
    total, maximum, units = exercises.of_lesson("inside")
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
    precision, recall, accuracy = exercises.of_lesson("evaluate")
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
    frame, scale = exercises.of_lesson("draw")
    ink = np.zeros((400, 400), np.uint8)
    ink[50:350, 100:250] = 255
    digit = to_mnist(ink)
    assert (np.flatnonzero(digit.any(1)).size, np.flatnonzero(digit.any(0)).size) == (20, scale.answer(scale.settings))
    framed = normalise(torch.ones(1, 1, 28, 28, dtype=torch.uint8), (0.0,), (1.0,), (32, 32))[0, 0]
    assert torch.nonzero(framed.sum(1)).min().item() == frame.answer(frame.settings) == 2


# --- the rules for all of them


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_several_each_with_a_name_of_its_own(lesson: str) -> None:
    offered = exercises.of_lesson(lesson)
    assert len(offered) >= (2 if lesson == "draw" else 3)
    for names in ([one.id for one in offered], [one.title for one in offered]):
        assert len(set(names)) == len(names)
    assert all(is_name(one.id) and one.id and exercises.read_cell(one.id) is None for one in offered)


def test_no_exercise_of_that_name() -> None:
    with pytest.raises(ValueError, match=r"no exercise “cell-1-1” here; there are flatten|no exercise “cell-1-1” here"):
        exercises.find("shapes", "cell-1-1")
    with pytest.raises(ValueError, match="no lesson “os” with exercises"):
        exercises.find("os", "cell")


@every
def test_its_link_gives_the_same_exercise(lesson: str, one: Exercise) -> None:
    asked = replace(one.settings, task=one.id)
    back, notes = links.decode(type(asked), links.encode(asked))
    assert back == asked and not notes
    if hasattr(asked, "mended"):
        assert asked.mended([]) == (asked, []), "its settings are possible as they are"
    assert exercises.find(lesson, asked.task) is one


@every
def test_hints_say_more_and_more_and_never_the_answer(lesson: str, one: Exercise) -> None:
    assert len(one.hints) in (2, 3) and len(set(one.hints)) == len(one.hints)
    assert all(len(hint) > 15 and hint.endswith((".", "?")) for hint in one.hints)
    if one.kind == "mend":
        return
    told = re.escape(one.told(one.answer(one.settings)))
    assert not any(re.search(rf"(?<![\d.,]){told}(?![\d]|[.,]\d)", hint) for hint in one.hints)


@guessed
def test_the_answer_is_right_as_it_is_told(lesson: str, one: Exercise) -> None:
    answer = one.answer(one.settings)
    verdict = one.judge(one.told(answer), one.settings)
    assert verdict.right and verdict.sentence == f"{one.told(answer)} is right."
    assert one.asks(one.settings).rstrip().endswith("?") and isinstance(one.explains(one.settings), str)


@guessed
def test_every_mistake_is_recognised(lesson: str, one: Exercise) -> None:
    right, sentences = one.answer(one.settings), [mistake.sentence for mistake in one.mistakes]
    recognised = 0
    for mistake in one.mistakes:
        try:
            wrong = mistake.answer(one.settings)
        except ValueError:
            continue
        if one.same(float(wrong) if isinstance(wrong, int) else wrong, right):
            continue
        verdict = one.judge(one.told(wrong), one.settings)
        assert not verdict.right and verdict.sentence in sentences
        recognised += 1
    assert recognised


@pytest.mark.parametrize(("lesson", "one"), MENDED, ids=[one.id for _, one in MENDED])
def test_what_is_to_be_mended_is_broken_and_can_be_mended(lesson: str, one: Exercise) -> None:
    assert not one.judge("", one.settings).right
    assert one.judge("", one.mended).right
    assert one.mended.mended([]) == (one.mended, [])


@pytest.mark.parametrize(
    ("lesson", "name", "guess", "sentence"),
    [
        ("convolution", "size", "5 x 4", "without its + 1"),
        ("convolution", "size", "7 by 6", "rounded up"),
        ("convolution", "size", "5x6", "Rows come first"),
        ("convolution", "size", "6 × 9", "Number 1 of the 2 is right"),
        ("convolution", "dilated-size", "6×6", "dilated, it spans more"),
        ("convolution", "cell", "9", "leaves the bias out"),
        ("convolution", "cell", "-3", "the wrong way round"),
        ("convolution", "turned", "6", "the wrong way round"),
        ("convolution", "cell", "123", "Not yet."),
        ("channels", "parameters", "108", "leaves the biases out"),
        ("pooling", "average", "1.75", "whether padding cells count"),
        ("pooling", "average", "7", "not divided"),
        ("pooling", "ceil-size", "2", "ceil mode rounds up"),
        ("pooling", "size", "3 3", "rounded up"),
        ("receptive", "two-layers", "6", "adds up the kernels"),
        ("evaluate", "accuracy", "0.47 %", "share of errors"),
    ],
)
def test_the_usual_mistakes_get_their_sentence(lesson: str, name: str, guess: str, sentence: str) -> None:
    one = ask(lesson, name)
    verdict = one.judge(guess, one.settings)
    assert not verdict.right and sentence in verdict.sentence


# --- reading guesses


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3), (" -0,5 ", -0.5), ("−2", -2), ("3/4", 0.75), ("-1 / 4", -0.25), ("1e3", 1000), (".5", 0.5),
        ("61,706", 61706), ("61.706", 61.706), ("61 706", 61706), ("61'706", 61706), ("99.1 %", 99.1), ("5 cells", 5),
        ("5.", 5), ("+7", 7), ("٣", 3),
    ],
)  # fmt: skip
def test_a_number_is_read_kindly(text: str, value: float) -> None:
    assert value in reading.numbers(text)


@pytest.mark.parametrize(
    "text", ["", "abc", "nan", "inf", "1e999", "1/0", "1/2/3", "--1", "1..2", "3x4", "__import__('os')", "/", "1/"]
)
def test_what_is_no_number_gets_a_calm_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number; type one such as"):
        reading.numbers(text)


@pytest.mark.parametrize("text", ["5x4", "5 × 4", "5X4", "(5, 4)", "5*4", "5 4", "[5;4]", "5 by 4", "5·4"])
def test_a_size_is_read_kindly(text: str) -> None:
    assert reading.size(text, 2) == (5, 4)


def test_one_number_stands_for_a_square_and_other_counts_are_none() -> None:
    assert reading.size("3", 2) == (3, 3)
    for text in ("", "3x4x5", "-3x4", "3.5 x 4", "x", "axb"):
        with pytest.raises(ValueError, match="is not a size of 2 numbers"):
            reading.size(text, 2)


def test_numbers_are_right_within_their_tolerance() -> None:
    one = ask("pooling", "average")  # 7/9
    for guess in ("7/9", "0.78", "0,7778", "0.775"):
        assert one.judge(guess, one.settings).right, guess
    for guess in ("0.77", "0.79", "0.8"):
        assert not one.judge(guess, one.settings).right, guess
    assert one.rounding(one.settings) == "2 decimals will do."
    assert ask("convolution", "cell").rounding(Convolution()) == ""


def test_a_share_may_be_told_per_cent_or_of_one() -> None:
    one = ask("evaluate", "accuracy")
    for guess in ("99.53", "99.53 %", "0.9953", "9953/10000"):
        assert one.judge(guess, one.settings).right, guess
