"""Whether a network treats every image by itself: what mixes them is named, what leaves them apart is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.networks import notation, zoo
from cnnviz.tracing import mixing, scores, trace
from cnnviz.tracing.batch import coprime
from tests.helpers import names, refused
from tests.sampling import Tries
from tests.tracing.nets import Net
from tests.tracing.test_fixes_random import random_text

Shape = tuple[int, ...]


def text_of(body: str) -> nn.Module:
    return notation.parse(f"nn.Sequential({body})").weightless()


def viewed(after: Callable[[Tensor], Tensor]) -> Net:
    return Net(lambda net, x: net.fc(after(net.conv(x))), conv=nn.Conv2d(1, 4, 3), fc=nn.Linear(64, 10))


def recurrent(batch_first: bool) -> Net:
    return Net(
        lambda net, x: net.fc(net.lstm(x.squeeze(1))[0][:, -1]),
        lstm=nn.LSTM(6, 5, batch_first=batch_first), fc=nn.Linear(5, 10),
    )  # fmt: skip


def joined(dim: int) -> Net:
    return Net(lambda net, x: torch.cat([net.a(x), net.b(x)], dim), a=nn.Conv2d(1, 2, 1), b=nn.Conv2d(1, 2, 1))


LINEAR = nn.Linear(36, 10)
# the network, its input, the steps that are named, their kind, whether it can be trained, values in the sentence
MIXED: dict[str, tuple[nn.Module, Shape, str, str, bool, list[object]]] = {
    "flatten all": (
        text_of("nn.Conv2d(1, 4, 3), nn.Flatten(0), nn.Linear(64, 10)"), (1, 1, 6, 6),
        "1", "rows", False, ["Flatten 1", 704],
    ),
    "flatten two": (
        text_of("nn.Conv2d(1, 8, 3), nn.Flatten(0, 1), nn.Flatten(), nn.Linear(16, 10)"), (4, 1, 6, 6),
        "1", "rows", False, ["Flatten 1", 88, 11],
    ),
    "a view to a fixed width": (viewed(lambda x: x.view(-1, 64)[:, :64].reshape(-1, 32).repeat(1, 2)), (1, 1, 6, 6),
        "reshape", "rows", False, [22, 11],
    ),
    "a view that fits by chance": (
        Net(lambda net, x: net.fc(F.max_pool2d(net.conv(x), 2).view(-1, 400)),
            conv=nn.Conv2d(3, 16, 3), fc=nn.Linear(400, 10)),
        (25, 3, 10, 10), "view", "rows", False, [16, 25],
    ),
    "the batch written into view": (
        viewed(lambda x: x.view(8, 64)), (8, 1, 6, 6), "view", "several", False, [8, 1, "x.size(0)"]
    ),
    "cat along the batch": (joined(0), (1, 1, 6, 6), "cat", "rows", False, [22, 11, "dim=1"]),
    "a mean over the images": (
        Net(lambda net, x: net.fc(x.flatten(1).mean(0)), fc=nn.Linear(36, 10)), (1, 1, 6, 6),
        "mean", "mixed", False, ["mean"],
    ),
    "images along the second axis": (
        Net(lambda net, x: net.fc(x.flatten(1)).t(), fc=nn.Linear(36, 10)), (1, 1, 6, 6), "t", "moved", False, [1]
    ),
    "one image alone": (
        text_of("nn.Flatten(), nn.Conv1d(1, 8, 3), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(17, 10)"),
        (1, 1, 6, 6), "1", "alone", False, [11, "Conv1d 1"],
    ),
    "a softmax over the images": (
        text_of("nn.Flatten(), nn.Linear(36, 10), nn.Softmax(dim=0)"), (8, 1, 6, 6),
        "2", "dim", True, ["Softmax 2", 0, "dim=1"],
    ),
    "the same, counted from the end": (
        text_of("nn.Flatten(), nn.Linear(36, 10), nn.LogSoftmax(dim=-2)"), (8, 1, 6, 6), "2", "dim", True, [0]
    ),
    "the same, by a function": (
        Net(lambda net, x: F.log_softmax(net.fc(x.flatten(1)), 0), fc=LINEAR), (1, 1, 6, 6),
        "log_softmax", "dim", True, [0],
    ),
    "the axis that torch takes by itself": (
        Net(lambda net, x: F.softmax(x.squeeze(1)), fc=LINEAR), (2, 1, 6, 6), "softmax", "dim", True, [0]
    ),
    "a recurrent layer": (recurrent(False), (1, 1, 7, 6), "lstm", "lstm", True, ["lstm", "batch_first=True"]),
    "a sum that repeats": (
        text_of("Residual(nn.Conv2d(3, 1, 1))"), (1, 3, 6, 6), "0.add", "broadcast", True, ["1 × 6 × 6", "3 × 6 × 6"]
    ),
    "one number a channel": (
        text_of("nn.Conv2d(1, 8, 3), nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(8)"), (1, 1, 6, 6), "2", "norm", True,
        ["BatchNorm2d 2"],
    ),
    "a linear layer on maps": (text_of("nn.Linear(6, 5)"), (1, 1, 6, 6), "0", "maps", True, ["1 × 6 × 6", 6]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Implicit dimension choice")
@pytest.mark.parametrize("name", MIXED)
def test_where_images_mix_is_named_with_its_cause(name: str) -> None:
    network, shape, step, kind, trains, said = MIXED[name]
    found = mixing(network, shape)
    assert [(one.step, one.kind, one.trains) for one in found] == [(step, kind, trains)]
    assert names(found[0].sentence, *said) and not found[0].sentence.endswith(".")


APART: dict[str, tuple[nn.Module, Shape]] = {
    "convolutions": (text_of("nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(64, 10)"), (1, 1, 6, 6)),
    "a softmax of the scores": (text_of("nn.Flatten(), nn.Linear(36, 10), nn.Softmax(dim=1)"), (1, 1, 6, 6)),
    "a view of each": (viewed(lambda x: x.view(x.size(0), -1)), (3, 1, 6, 6)),
    "a view to a width": (viewed(lambda x: x.view(-1, 64)), (3, 1, 6, 6)),
    "a recurrent layer": (recurrent(batch_first=True), (1, 1, 7, 6)),
    "an axis moved and moved back": (
        Net(lambda net, x: net.lstm(x.squeeze(1).transpose(0, 1))[0].transpose(0, 1)[:, -1], lstm=nn.LSTM(6, 5)),
        (1, 1, 7, 6),
    ),
    "windows of each image": (
        Net(lambda net, x: net.fc(x.view(-1, 18)).view(x.size(0), -1), fc=nn.Linear(18, 5)), (1, 1, 6, 6)
    ),
    "two in one batch, parted again": (
        Net(lambda net, x: torch.add(*net.fc(torch.cat([x, x], 0).flatten(1)).chunk(2, 0)), fc=nn.Linear(36, 10)),
        (1, 1, 6, 6),
    ),
    "maps with their channels last": (
        Net(lambda net, x: net.fc(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), fc=nn.Linear(3, 5)), (1, 3, 6, 6)
    ),
    "a factor for each channel": (
        Net(lambda net, x: x * net.fc(x.mean((2, 3)))[:, :, None, None], fc=nn.Linear(3, 3)), (1, 3, 6, 6)
    ),
    "nothing": (text_of("nn.Identity()"), (1, 1, 6, 6)),
}  # fmt: skip


@pytest.mark.parametrize("name", APART)
def test_what_leaves_images_apart_is_not_named(name: str) -> None:
    assert mixing(*APART[name]) == ()


def test_a_network_that_does_not_fit_has_its_own_error() -> None:
    network = text_of("nn.Flatten(), nn.Linear(35, 10)")
    assert mixing(network, (2, 1, 6, 6)) == ()
    with refused("35", "36"):
        scores(network, (1, 6, 6))


@pytest.mark.slow
@pytest.mark.long(sample=3)
@pytest.mark.parametrize("name", zoo.names())
def test_no_network_of_the_zoo_mixes(name: str) -> None:
    assert not [one for one in mixing(zoo.weightless(name), (1, *zoo.entry(name).input_shape)) if not one.trains]


def test_the_number_of_images_is_no_size_and_divides_none() -> None:
    network = text_of("nn.Conv2d(11, 26, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(26, 34)")
    assert coprime(trace(network, (1, 11, 8, 8)), (1, 11, 8, 8)) == 19  # 11, 13 and 17 divide 11, 26 and 34


@pytest.mark.parametrize("name", ["flatten all", "one image alone", "cat along the batch", "a mean over the images"])
def test_what_has_no_row_for_each_image_gives_no_scores(name: str) -> None:
    network, shape, _, _, _, said = MIXED[name]
    with refused(*said):
        scores(network, shape[1:])


def test_nothing_at_all_is_refused_calmly() -> None:
    with refused("1 × 6 × 6"):
        scores(text_of("nn.Identity()"), (1, 6, 6))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_what_is_said_of_random_texts_holds_for_their_numbers(tries: Tries) -> None:
    """Where nothing is said, a batch gives each image what it gives alone; where rows are said to change, it does
    not."""
    apart, mixed = 0, 0
    for pick in tries(1500, sample=400):
        text, shape = random_text(pick), (1, pick.choice([1, 2, 3]), pick.randint(2, 14), pick.randint(2, 14))
        try:
            network = notation.parse(text).build().eval()
            trace(network, shape)
        except ValueError:
            continue
        found = mixing(network, shape)
        images = torch.rand(5, *shape[1:], generator=torch.Generator().manual_seed(0))
        with torch.no_grad():
            alone = [network(image[None]) for image in images]
            try:
                together = network(images)
            except Exception:  # as torch refuses
                together = torch.empty(0)
        same = len(together) == 5 and all(
            one.shape == batch[None].shape and torch.allclose(one, batch[None], atol=1e-4, equal_nan=True)
            for one, batch in zip(alone, together, strict=True)
        )
        if {one.kind for one in found} == {"dim"} and same:
            continue  # a softmax of one channel, say, gives one, whatever came
        says = [one.kind for one in found if not one.trains or one.kind == "dim"]
        assert same == (not says), (text, shape, found)
        apart, mixed = apart + same, mixed + (not same)
    assert apart > 10 and mixed > 0
