"""The settings of the Shapes page: the input of a text in its forms, what a text names of it, arguments, links."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cnnviz import links
from cnnviz.lessons.shapes.settings import FORMS, MAX_SIDE, OWN, START, Shapes, named_sizes
from tests.helpers import refused

CLASS = "class Net(nn.Module):\n    def __init__(self):\n        self.conv = {}\n"


def filled(**values: Any) -> Shapes:
    """Settings as a page that was opened by a link has them."""
    return Shapes(network=OWN, **values).validated([])[0]


def pasted(text: str, before: Shapes | None = None) -> Shapes:
    """The settings after a text has come into the box."""
    return replace(before or filled(), text=text).validated(["text"])[0]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        (START, (1, 28, 28)),
        (CLASS.format("nn.Conv2d(3, 8, 3)"), (3, 32, 32)),
        (CLASS.format("nn.Conv2d(in_channels=3, out_channels=8, kernel_size=3)"), (3, 32, 32)),
        (CLASS.format("nn.Conv2d(3, 64, 7)  # of 224 x 224"), (3, 224, 224)),
        (CLASS.format("nn.Conv2d(3, 8, 3)") + "summary(net, (3, 48, 64))", (3, 48, 64)),
        (CLASS.format("nn.Conv2d(3, 8, 3)") + "summary(Net().to(device), input_size=(16, 3, 48, 64))", (3, 48, 64)),
        (CLASS.format("nn.Conv2d(1, 8, 3)") + "x = torch.randn(5, 1, 20, 24)", (1, 20, 24)),
        (CLASS.format("nn.Conv2d(1, 8, 3)") + "x = torch.randn(5, 3, 20, 24)", (1, 28, 28)),
        (CLASS.format("nn.Conv2d(1, 8, 3)") + "x = torch.randn(5, 1, 20, 99999)", (1, 28, 28)),
        (CLASS.format("nn.Conv2d(3, 8, 3)") + "transforms.Resize(256), transforms.CenterCrop(200)", (3, 200, 200)),
        (CLASS.format("nn.Conv1d(12, 8, 3)"), (12, 32)),
        (CLASS.format("nn.Conv1d(12, 8, 3)") + "x = torch.zeros((4, 12, 640))", (12, 640)),
        (CLASS.format("nn.Conv3d(1, 8, 3)"), (1, 28, 28, 28)),
        (CLASS.format("DoubleConv(n_channels, 8)").replace("self)", "self, n_channels=3)"), (3, 32, 32)),
        (CLASS.format("nn.Conv2d(64, 8, 1)"), ()),
        (CLASS.format("nn.Linear(784, 10)"), ()),
        (CLASS.format("nn.Conv2d(1, 8, 3)") + CLASS.format("nn.Conv2d(3, 8, 3)"), (3, 32, 32)),
        ("", ()),
    ],
)
def test_the_sizes_that_a_text_names(text: str, sizes: tuple[int, ...]) -> None:
    assert named_sizes(text) == sizes


def test_a_new_text_brings_its_sizes_until_somebody_has_chosen_some() -> None:
    text = CLASS.format("nn.Conv2d(3, 8, 3)")
    assert pasted(text).shape == (1, 3, 32, 32)
    assert pasted(CLASS.format("nn.Conv1d(5, 8, 3)")).shape == (1, 5, 32)
    assert pasted(text, filled(height=40)).shape == (1, 1, 40, 28)
    assert pasted(text, filled(task="mend-the-channels")).shape == (1, 1, 28, 28)
    assert replace(filled(), text=text, channels=1).validated(["text", "channels"])[0].shape == (1, 1, 28, 28)
    assert filled(text=text).shape == (1, 1, 28, 28)  # a link says what it means
    kept = pasted(text)
    assert kept.validated([])[0] == kept


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_an_input_goes_through_a_link(form: str) -> None:
    settings = filled(form=form, channels=5, height=6, width=7, depth=8, batch=3)
    sizes = {"image": (5, 6, 7), "sequence": (5, 7), "features": (5,), "volume": (5, 8, 6, 7)}
    assert settings.shape == (3, *sizes[form])
    assert links.decode(Shapes, links.encode(settings)) == (settings, [])
    again = replace(filled(), **settings.sized(settings.shape[1:]))
    assert again.shape[1:] == settings.shape[1:] and again.form == form


def test_no_form_has_no_sizes_or_five() -> None:
    assert filled().sized(()) == {} == filled().sized((1, 2, 3, 4, 5))


def test_a_network_of_the_zoo_takes_pictures_whatever_the_form() -> None:
    settings = Shapes(network="lenet5", form="sequence").validated(["network"])[0]
    assert settings.shape == (1, 1, 32, 32)


def test_arguments_are_lines_and_go_through_a_link() -> None:
    settings = filled(arguments="a=1\n b = [2, 3] \nempty=\n")
    assert settings.given == (("a", "1"), ("b", "[2, 3]"))
    assert replace(settings, arguments=settings.with_argument("a", "x == 4")).given == (
        ("a", "x == 4"),
        ("b", "[2, 3]"),
    )
    assert replace(settings, arguments=settings.with_argument("b", " ")).given == (("a", "1"),)
    assert replace(settings, arguments=settings.with_argument("c", "5\nd=6")).given[-1] == ("c", "5 d=6")
    assert links.decode(Shapes, links.encode(settings)) == (settings, [])


def test_further_inputs_are_as_the_first_unless_they_are_given() -> None:
    settings = filled(batch=2)
    assert settings.further_shapes(2) == ((2, 1, 28, 28),) * 2
    given = replace(settings, further=settings.with_further(1, "3 × 8 X 9"))
    assert given.further == ",3x8x9" and given.further_shapes(3)[1:] == ((2, 3, 8, 9), (2, 1, 28, 28))
    assert links.decode(Shapes, links.encode(given)) == (given, [])
    assert given.with_further(1, "") == ""
    assert len(settings.further_shapes(10**6)) < 100


@pytest.mark.parametrize("text", ["wide", "3x", "0x3", "3x-1x4", "1x2x3x4x5", "٣x٣", "999999x1"])
def test_what_is_no_size_of_an_input_is_refused(text: str) -> None:
    with refused(text, "3x32x32"):
        filled().with_further(0, text)
    assert filled(further=text).further_shapes(1) == ((1, 1, 28, 28),)


def test_sizes_that_a_text_names_are_those_that_the_page_takes() -> None:
    text = CLASS.format("nn.Conv2d(3, 8, 3)") + f"x = torch.randn(1, 3, {MAX_SIDE}, {MAX_SIDE + 1})"
    settings = pasted(text)
    assert max(settings.height, settings.width) <= MAX_SIDE
    assert links.decode(Shapes, links.encode(settings)) == (settings, [])
