"""`bench trace`: its texts are read as what they are in Python, and each edit is of one digit."""

from importlib import import_module
from itertools import pairwise

import pytest
import torch

from bench import reading, trace
from cnnviz.networks import own
from cnnviz.tracing import Tracer
from tests.helpers import names

pytestmark = pytest.mark.slow

KINDS = [one for one in reading.texts() if not one.what.startswith("document")]


@pytest.mark.parametrize(
    ("name", "kind", "shape", "parameters"),
    [
        ("lenet5", "LeNet5", (1, 28, 28), 61_706),
        ("resnet20", "ResNet20", (3, 32, 32), 272_474),
        ("resnet50", "resnet50", (3, 64, 64), 25_557_032),
    ],
)
def test_a_text_comes_to_what_python_makes_of_it(name, kind, shape, parameters):
    plain = getattr(import_module(f"bench.texts.{name}"), kind)().eval()
    pasted = own.read(reading.source_of(name)).build().eval()
    assert sum(one.numel() for one in pasted.parameters()) == parameters
    pasted.load_state_dict(plain.state_dict())
    image = torch.randn(2, *shape)
    with torch.no_grad():
        assert torch.allclose(plain(image), pasted(image), atol=1e-5)


def test_an_input_can_change_often_and_the_class_is_still_made():
    """More often than the layers of all that is made come to the most that a text may make."""
    text = reading.source_of("resnet50").partition("def resnet50")[0]
    read = own.read(text, arguments={"block": "Bottleneck", "layers": "[3, 4, 6, 3]"})
    found = [read.weightless() for _ in range(40)]
    assert len(Tracer(found[-1]).trace((1, 3, 64, 64))) == 175
    assert [one.__dict__["made_by"] for one in found[0].modules()] == [
        one.__dict__["made_by"] for one in found[-1].modules()
    ]


@pytest.mark.parametrize("one", KINDS, ids=lambda one: one.what)
def test_a_text_of_each_kind_is_followed_to_its_end(one):
    row = reading.read_and_followed(one, 2)
    assert row.startswith(f"| {one.what} | {len(one.text):,} |")


def test_what_is_not_followed_is_no_row():
    with pytest.raises(RuntimeError, match="fc1"):
        reading.read_and_followed(reading.Text("small", reading.source_of("lenet5"), (1, 20, 20)), 2)


def test_the_ratio_of_a_training_step_is_that_of_two_times():
    *_, plain, pasted, ratio, _ = reading.trained("lenet5", "LeNet5", (4, 1, 28, 28), 3).split("|")
    assert float(plain) > 0 and float(pasted) > 0 and float(ratio.split()[0]) > 0


def test_damaged_texts_are_counted():
    assert names(reading.damaged(12), 12)


def test_each_edit_changes_one_digit_and_no_text_comes_twice():
    found = [trace.digits(at) for at in range(1000)]
    assert len(set(found)) == 1000
    assert all(sum(a != b for a, b in zip(one, two, strict=True)) == 1 for one, two in pairwise(found))
