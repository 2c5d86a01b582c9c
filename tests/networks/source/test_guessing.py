"""A guess at the forward of a printed class: torch runs it, for the picture that comes with it."""

from __future__ import annotations

import pytest
import torch
import torchvision

from cnnviz.networks import notation, own
from cnnviz.networks.own import PICTURES
from cnnviz.networks.source.guessing import guess
from tests.networks.source.test_printed import LENET, POOL, found, kinds
from tests.pace import within


def guessed(text: str, *pictures: tuple[int, ...]) -> list[str] | None:
    """The kinds of the layers of the guess at a printed text."""
    one = guess(found(text), pictures)
    return None if one is None else kinds(one.text)


def weightless(name: str) -> torch.nn.Module:
    with torch.device("meta"):
        return torchvision.models.get_model(name)


def test_a_guess_puts_the_poolings_where_the_numbers_fit() -> None:
    each = ["Conv2d", "ReLU", "MaxPool2d", "Conv2d", "ReLU", "MaxPool2d"]
    tail = ["Flatten", "Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert found(LENET).parameters == 61_706
    assert guessed(LENET, (1, 32, 32)) == each + tail
    assert guessed(LENET, (3, 32, 32)) == each + tail  # of three channels, one counts
    assert guessed(LENET, (1, 28, 28)) is None
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
    assert guessed(text, *PICTURES) is None
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
        own.read(repr(weightless(name)))
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
    assert guessed(text, (1, 32, 32)) is None


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
