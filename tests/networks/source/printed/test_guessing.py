"""A guess at the forward of a printed class: torch runs it, for the picture that comes with it."""

from __future__ import annotations

import pytest
import torch
import torchvision

from cnnviz.networks import notation, own
from cnnviz.networks.own import PICTURES
from cnnviz.networks.source.printed.guessing import guess
from tests.networks.source.printed.test_reading import LENET, POOL, found, kinds
from tests.pace import within


def guessed(text: str, *pictures: tuple[int, ...]) -> list[str] | None:
    """The kinds of the layers of the guess at a printed text."""
    one = guess(found(text), pictures)
    return None if one is None else kinds(one.text)


def forced(text: str, *pictures: tuple[int, ...]) -> tuple[int, ...] | None:
    """The input of the guess at a printed text; torch runs it there."""
    one = guess(found(text), pictures or PICTURES)
    if one is not None:
        assert notation.parse(one.text).build()(torch.zeros(2, *one.input_shape)).shape[0] == 2
    return None if one is None else one.input_shape


def weightless(name: str) -> torch.nn.Module:
    with torch.device("meta"):
        return torchvision.models.get_model(name)


def test_a_guess_puts_the_poolings_where_the_numbers_fit() -> None:
    each = ["Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU", "MaxPool2d"]
    tail = ["Flatten", "Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert found(LENET).parameters == 61_706
    assert guessed(LENET, (1, 32, 32)) == each + tail
    assert guessed(LENET, (3, 32, 32)) == each + tail  # of three channels, one counts
    assert forced(LENET, (1, 28, 28)) == (1, 32, 32)  # which the numbers say
    assert guessed(LENET, (1, 28, 28), (3, 32, 32)) == each + tail
    pooled = LENET.replace("  (conv2)", f"{POOL}  (conv2)").replace("  (fc1)", "  (act): Tanh()\n  (fc1)")
    tanh = [kind.replace("ReLU", "Tanh") for kind in each + tail]
    assert guessed(pooled, (1, 32, 32)) == tanh


def test_a_guess_pools_only_after_some_where_that_fits() -> None:
    """20 x 20 after one pooling of 28 - 4 = 24 and two unpadded convolutions: 12 - 2 = 10, and 10 x 10 x 4 = 400."""
    text = "Net(\n" + "".join(
        f"  (c{index}): Conv2d({c_in}, 4, kernel_size=({k}, {k}), stride=(1, 1))\n"
        for index, (c_in, k) in enumerate([(1, 5), (4, 3)])
    )
    text += "  (drop): Dropout2d(p=0.5, inplace=False)\n  (fc): Linear(in_features=400, out_features=2, bias=True)\n)"
    assert guessed(text, (1, 28, 28)) == [
        *("Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU", "Dropout2d", "Flatten", "Linear")
    ]


@pytest.mark.parametrize("name", ["alexnet", "vgg11", "vgg11_bn"])
def test_poolings_that_are_printed_stay_where_they_are(name: str) -> None:
    """Also where an adaptive pooling would hide that they are gone; the head is cut, for it is large."""
    model = weightless(name)
    head = model.get_submodule("classifier")
    assert isinstance(head, torch.nn.Sequential)
    for at in (index for index, layer in enumerate(head) if isinstance(layer, torch.nn.Linear)):
        taken = head[at].in_features
        head[at] = torch.nn.Linear(taken if taken > 4096 else 8, 10 if at == 6 else 8)
    one = guess(found(repr(model)), PICTURES)
    leaves = [type(one).__name__ for one in model.modules() if not [*one.children()]]
    assert one is not None and [kind for kind in kinds(one.text) if kind != "Flatten"] == leaves
    assert kinds(one.text).count("Flatten") == 1 and kinds(one.text).count("MaxPool2d") in (3, 5)
    assert notation.parse(one.text).build()(torch.zeros(1, *one.input_shape)).shape == (1, 10)


def test_poolings_of_a_sequential_are_never_moved() -> None:
    """4 x 14 x 14 numbers: 32 x 32 gives them with the pooling behind the convolution, and no picture as it stands."""
    text = f"Net(\n  (f): Sequential(\n{POOL}    (c): Conv2d(1, 4, kernel_size=(5, 5), stride=(1, 1))\n  )\n"
    text += "  (fc): Linear(in_features=784, out_features=2, bias=True)\n)"
    assert forced(text) == (1, 36, 36)
    assert guessed(text, *PICTURES) == ["MaxPool2d", "Conv2d", "ReLU", "Flatten", "Linear"]
    moved = text.replace("  (f): Sequential(\n", "").replace("  )\n", "")
    assert guessed(moved, *PICTURES) == ["Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear"]


def test_the_printed_order_is_tried_for_each_picture_before_another() -> None:
    """64 x 64 gives 30 x 30 as it stands; of smaller pictures, none does with the pooling behind the convolution."""
    text = f"Net(\n{POOL}  (c): Conv2d(3, 1, kernel_size=(3, 3), stride=(1, 1))\n"
    text += "  (fc): Linear(in_features=900, out_features=2, bias=True)\n)"  # 64 / 2 - 2 = 30
    one = guess(found(text), PICTURES)
    assert one is not None and one.input_shape == (3, 64, 64)
    assert kinds(one.text)[:2] == ["MaxPool2d", "Conv2d"]


@pytest.mark.parametrize("first", ["Conv2d(5, 4, kernel_size=(3, 3), stride=(1, 1))", "BatchNorm2d(5, eps=1e-05)"])
def test_the_picture_has_the_channels_of_the_first_layer(first: str) -> None:
    kept = "4" if first.startswith("Conv") else "5"
    text = f"Net(\n  (drop): Dropout(p=0.5)\n  (a): {first}\n  (pool): AdaptiveAvgPool2d(output_size=(1, 1))\n"
    one = guess(found(text + f"  (fc): Linear(in_features={kept}, out_features=2, bias=True)\n)"), PICTURES)
    assert one is not None and one.input_shape == (5, 28, 28)
    assert notation.parse(one.text).build()(torch.zeros(2, *one.input_shape)).shape == (2, 2)


@pytest.mark.parametrize(("name", "count"), [("vgg11_bn", 132_868_840), ("vgg16", 138_357_544)])
def test_a_guess_may_be_as_large_as_a_class_in_code(name: str, count: int) -> None:
    with pytest.raises(own.Offer, match=f"{count:,} parameters") as refused:
        own.read(repr(weightless(name)).replace("VGG(", "Net("))
    network = own.read(refused.value.offered).weightless()
    assert sum(one.numel() for one in network.parameters()) == count
    with torch.device("meta"):
        assert network(torch.zeros(2, *refused.value.input_shape)).shape == (2, 1000)


def test_no_guess_that_may_not_be_read_again() -> None:
    large = "Net(\n  (a): Linear(in_features=784, out_features=65000)\n  (b): Linear(65000 -> 65000)\n)"
    assert guess(found(large), PICTURES) is None and guess(found(large.replace("65000", "40000")), PICTURES) is not None
    long = LENET.replace("conv1", "c" * 41)
    assert guessed(long, *PICTURES) is None and guessed(LENET.replace("conv1", "c" * 40), *PICTURES) is not None


@pytest.mark.slow
def test_no_guess_where_torch_does_not_run_it() -> None:
    with within(5):
        assert guess(found(repr(weightless("resnet18"))), PICTURES) is None


def test_a_guess_for_what_has_no_convolution() -> None:
    text = "MLP(\n  (a): Linear(in_features=784, out_features=9, bias=True)\n"
    text += "  (b): Linear(in_features=9, out_features=2, bias=False)\n)"
    assert guessed(text, (1, 28, 28)) == ["Flatten", "Linear", "ReLU", "Linear"]
    assert guessed(text, (1, 32, 32)) == ["Linear", "ReLU", "Linear"] and forced(text, (1, 32, 32)) == (784,)


def test_one_activation_for_all_is_called_after_what_it_is() -> None:
    """fc_1 behind a convolution would look like a part of fc."""
    text = (
        "Net(\n  (conv): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))\n"
        "  (fc): Sequential(\n    (0): Linear(in_features=1352, out_features=8, bias=True)\n    (1): ReLU()\n"
        "    (2): Linear(in_features=8, out_features=2, bias=True)\n  )\n)"
    )
    one = guess(found(text), [(1, 28, 28)])
    assert one is not None
    assert [*dict(notation.parse(one.text).weightless().named_children())] == [
        *("conv", "relu", "flatten", "fc_0", "relu2", "fc_2")
    ]


def of(*layers: str) -> str:
    """What a class prints of layers, each under its own name."""
    return "Net(\n" + "".join(f"  ({layer.replace(' ', '): ', 1)}\n" for layer in layers) + ")"


POOLED = "p MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)"


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        (("a Linear(in_features=13, out_features=4)", "b Linear(in_features=4, out_features=1)"), (13,)),
        (
            (
                *(
                    "a Conv2d(4, 16, kernel_size=(8, 8), stride=(4, 4))",
                    "b Conv2d(16, 32, kernel_size=(4, 4), stride=2)",
                ),
                "c Linear(in_features=2592, out_features=6)",  # (84 - 8) / 4 + 1 = 20, (20 - 4) / 2 + 1 = 9
            ),
            (4, 84, 84),
        ),
        (
            (
                *("a Conv2d(1, 8, kernel_size=(3, 3), stride=1, padding=1)", POOLED),
                *(
                    "b Conv2d(8, 4, kernel_size=(3, 3), stride=1, padding=1)",
                    "c Linear(in_features=576, out_features=7)",
                ),
            ),
            (1, 48, 48),
        ),
        (("a Conv2d(3, 4, kernel_size=(3, 3))", POOLED, "c Linear(in_features=21904, out_features=2)"), (3, 150, 150)),
        (("a Conv1d(2, 4, kernel_size=(5,), stride=(2,))", "c Linear(in_features=96, out_features=2)"), (2, 100)),
        (("a Conv3d(1, 2, kernel_size=3)", "c Linear(in_features=31250, out_features=2)"), (1, 52, 52, 52)),
    ],
)
def test_the_input_is_the_one_that_the_numbers_force(layers: tuple[str, ...], shape: tuple[int, ...]) -> None:
    assert forced(of(*layers)) == shape


def test_a_mean_of_each_channel_stands_before_a_linear_that_takes_as_many() -> None:
    convolutions = ("a Conv2d(3, 8, kernel_size=(3, 3))", "b Conv2d(8, 24, kernel_size=(3, 3))")
    text = of(*convolutions, "c Linear(in_features=24, out_features=5)")
    assert guessed(text, *PICTURES) == ["Conv2d", "ReLU", "Conv2d", "ReLU", "AdaptiveAvgPool2d", "Flatten", "Linear"]
    row = of("a Conv1d(1, 8, kernel_size=(3,))", "c Linear(in_features=8, out_features=5)")
    assert guessed(row, *PICTURES) == ["Conv1d", "ReLU", "AdaptiveAvgPool1d", "Flatten", "Linear"]
    assert forced(row) == (1, 128)


FULL = [
    f"f{at} Linear(in_features={wide}, out_features={to})" for at, (wide, to) in enumerate([(9, 8), (8, 7), (7, 3)])
]


def test_dropouts_that_are_printed_apart_stand_before_the_last_layers() -> None:
    drop, other = "d Dropout(p=0.3)", "e Dropout(p=0.4)"
    once = ["Linear", "ReLU", "Linear", "ReLU", "Dropout", "Linear"]
    twice = ["Linear", "ReLU", "Dropout", "Linear", "ReLU", "Dropout", "Linear"]
    for one in (of(*FULL, drop), of(drop, *FULL)):
        assert guessed(one, (9,)) == once
    for two in (of(*FULL, drop, other), of(drop, other, *FULL)):
        assert guessed(two, (9,)) == twice
    between = of(FULL[0], drop, *FULL[1:])
    assert guessed(between, (9,)) == ["Linear", "ReLU", "Dropout", "Linear", "ReLU", "Linear"]


def test_norms_that_are_printed_behind_all_convolutions_go_by_their_number() -> None:
    convolutions = [f"conv{at} Conv2d({c}, 4, kernel_size=(3, 3))" for at, c in ((1, 1), (2, 4))]
    norms = [f"bn{at} BatchNorm2d(4, eps=1e-05, momentum=0.{at})" for at in (1, 2)]
    one = guess(found(of(*convolutions, *norms, "fc Linear(in_features=2304, out_features=2)")), [(1, 28, 28)])
    assert one is not None
    names = [*dict(notation.parse(one.text).weightless().named_children())]
    assert names == ["conv1", "bn1", "relu", "conv2", "bn2", "relu2", "flatten", "fc"]
