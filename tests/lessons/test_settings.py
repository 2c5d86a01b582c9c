"""The lessons' settings: worked examples, mending, bounds, the code that is shown, and torch on what is shown."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from cnnviz import links
from cnnviz.lessons.channels import text as channels_text
from cnnviz.lessons.channels.settings import Channels
from cnnviz.lessons.common import presets
from cnnviz.lessons.convolution import text as convolution_text
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.lessons.pooling import text as pooling_text
from cnnviz.lessons.pooling.settings import Pool
from cnnviz.links import Axes
from cnnviz.ops.activations import ACTIVATIONS
from tests.helpers import names
from tests.lessons.at_random import random_channels, random_convolution, random_pool
from tests.sampling import Tries

TRIES, SAMPLE = 4000, 60


def shown(settings: Any) -> np.ndarray:
    """What the page shows as output."""
    result = settings.compute()
    if isinstance(settings, Pool):
        return result.outputs
    return result.last if isinstance(settings, Convolution) else result.output


@pytest.mark.parametrize("make", [random_convolution, random_pool, random_channels])
def test_whatever_is_set_is_mended_into_something_that_torch_agrees_with(make: Any, tries: Tries) -> None:
    for pick in tries(TRIES, sample=SAMPLE):
        start = make(pick)
        changed = pick.sample([field.name for field in fields(start)], pick.randint(0, 3))
        settings, notes = start.validated(changed)
        assert all(note.endswith(".") for note in notes)
        again, more = settings.validated([])
        assert (again, more) == (settings, [])  # one pass is enough
        np.testing.assert_allclose(shown(settings), settings.by_torch(), rtol=1e-12, atol=1e-9)
        for name in shown_controls(settings):
            for value, (low, high) in zip(getattr(settings, name), settings.control_bounds(name)):
                assert low <= value <= high
        assert max(shown(settings).shape[-2:]) <= 48  # a stage that a browser can draw
        assert links.decode(type(settings), links.encode(settings)) == (settings, [])


def shown_controls(settings: Any) -> tuple[str, ...]:
    """The pairs whose controls the page shows in this state."""
    if isinstance(settings, Pool):
        return {"window": ("kernel", "stride", "padding"), "adaptive": ("outputs",), "global": ()}[settings.reach]
    if isinstance(settings, Convolution):
        padding = () if settings.same else ("padding",)
        return ("stride", "dilation", *padding, *(["output_padding"] if settings.transposed else []))
    return ("stride", "padding")


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"print": lambda *_: None}
    exec(code, names)  # our own text
    return names


def test_the_code_that_is_shown_gives_what_is_shown(tries: Tries) -> None:
    for pick in tries(600, sample=20):
        convolution = random_convolution(pick).validated([])[0]
        names = run(convolution_text.code(convolution))
        np.testing.assert_allclose(shown(convolution), names["y"][0, 0].numpy(), rtol=1e-9, atol=1e-9)
        pool = random_pool(pick).validated([])[0]
        names = run(pooling_text.code(pool))
        for ours, name in zip(shown(pool), ("y", "y2"), strict=False):
            np.testing.assert_allclose(ours, names[name][0, 0].numpy(), rtol=1e-12, atol=1e-12)
        channels = random_channels(pick).validated([])[0]
        np.testing.assert_array_equal(shown(channels), run(channels_text.code(channels))["y"][0].numpy())


def test_the_formulas_end_in_the_size_that_is_shown(tries: Tries) -> None:
    for pick in tries(TRIES, sample=SAMPLE):
        convolution, pool = random_convolution(pick).validated([])[0], random_pool(pick).validated([])[0]
        for settings, lines in (
            (convolution, convolution_text.formulas(convolution)),
            (pool, pooling_text.formulas(pool)),
        ):
            for line, size in zip(lines, shown(settings).shape[-2:], strict=True):
                assert rf"\textcolor{{output}}{{{size}}}" in line
        assert all(
            line.endswith((".", "°")) or line for line in convolution_text.remarks(convolution, convolution.compute())
        )
        pooling_text.remarks(pool, pool.compute())


def test_the_worked_examples_of_the_seeds() -> None:
    assert Convolution().compute().output.tolist() == [[11, 12, 11], [13, 17, 7], [16, 15, 9]]
    binary = Convolution(x=presets.BINARY_5X5, w=presets.BINARY_KERNEL).compute().output
    assert binary[0, 0] == 4
    picture = Convolution(x=presets.PICTURE_5X5, w=presets.SHARPEN, padding=Axes(1, 1)).compute().output
    assert picture.shape == (5, 5) and picture[0, 0] == 114
    volume = Channels().compute().output
    assert volume[0].tolist() == [[8, 4, -1], [-4, -2, 1], [-5, -7, -2]]
    assert volume[1].tolist() == [[5, -3, -5], [7, -1, 0], [5, 1, 1]]
    assert channels_text.formulas(Channels())[0].endswith("= 56")


@pytest.mark.parametrize(
    ("label", "first"),
    [("Max 2 × 2, stride 1", 3), ("Max 3 × 3, stride 1", 3), ("Max 2 × 2, stride 2", 3),
     ("Average 2 × 2, stride 1", 1.75), ("Average 3 × 3, stride 1", 13 / 9), ("Average 2 × 2, stride 2", 1.75)],
)  # fmt: skip
def test_the_six_pooling_pictures(label: str, first: float) -> None:
    output = shown(replace(Pool(), **pooling_text.PRESETS[label]))
    assert output[0, 0, 0] == pytest.approx(first)
    assert (
        output.shape[1:]
        == {"2 × 2, stride 1": (4, 4), "3 × 3, stride 1": (3, 3), "2 × 2, stride 2": (2, 2)}[label.split(" ", 1)[1]]
    )


@pytest.mark.parametrize("group", [convolution_text.CHALLENGES, channels_text.CHALLENGES, pooling_text.CHALLENGES])
def test_challenges_need_no_mending(group: dict[str, Any]) -> None:
    page = {id(convolution_text.CHALLENGES): Convolution, id(channels_text.CHALLENGES): Channels}.get(id(group), Pool)
    for sentence, settings in group.values():
        assert sentence.strip()
        assert replace(page(), **settings).validated([])[1] == []


def test_a_kernel_larger_than_the_input_raises_the_padding_and_says_so() -> None:
    settings, notes = Convolution(w=presets.random_kernel(7, 7, 1)).validated(["w"])
    assert settings.padding == (1, 1)
    assert names(notes[0], "Padding", 1, 0, "7 × 7", "5 × 5")


def test_same_goes_with_stride_one_and_the_last_change_stays() -> None:
    start = Convolution(same=True, stride=Axes(2, 2))
    kept_same, notes = start.validated(["same"])
    assert kept_same.same and kept_same.stride == (1, 1) and notes
    kept_stride, notes = start.validated(["stride"])
    assert not kept_stride.same and kept_stride.stride == (2, 2) and kept_stride.padding == (1, 1) and notes
    by_hand, notes = Convolution(same=True, padding=Axes(3, 3)).validated(["padding"])
    assert not by_hand.same and by_hand.padding == (3, 3) and not notes


def test_parted_axes_start_from_what_they_shared() -> None:
    coupled, _ = Convolution(stride=Axes(2, 3), padding=Axes(1, 0)).validated(["stride"])
    assert (coupled.stride, coupled.padding, coupled.per_axis) == ((2, 2), (1, 1), False)
    parted, _ = replace(coupled, per_axis=True).validated(["per_axis"])
    assert (parted.stride, parted.padding) == ((2, 2), (1, 1))
    wider, _ = replace(parted, stride=Axes(2, 3)).validated(["stride"])
    assert (wider.stride, wider.padding) == ((2, 3), (1, 1))
    joined, _ = replace(wider, per_axis=False).validated(["per_axis"])
    assert joined == coupled


def test_parted_axes_have_bounds_of_their_own() -> None:
    flat = Convolution(x=presets.random_input(3, 9, 1), w=presets.random_kernel(5, 5, 1), padding=Axes(1, 1))
    assert flat.bounds("padding") == ((1, 16), (0, 16)) and flat.control_bounds("padding") == [(1, 16)]
    parted = replace(flat, per_axis=True, padding=Axes(1, 0))
    assert parted.control_bounds("padding") == [(1, 16), (0, 16)]
    assert parted.control_bounds("dilation") == [(1, 1), (1, 2)]


def test_groups_that_do_not_divide_are_mended() -> None:
    settings, notes = Channels(channels=3, filters=2, groups=3).validated(["filters"])
    assert settings.groups == 1 and names(notes[0], 1, 3, "3 channels", "2 filters")


def test_same_turned_into_numbers_keeps_both_axes_of_a_rectangular_kernel() -> None:
    settings, notes = Convolution(w=presets.random_kernel(3, 5, 1), same=True, stride=Axes(2, 2)).validated(["stride"])
    assert settings.padding == (1, 2) and settings.stride == (2, 2) and not settings.same
    assert len(notes) == 1 and names(notes[0], "'Same'", "1 for rows", "2 for columns")


def test_remarks_say_what_leaves_cells_out() -> None:
    def said(**settings: Any) -> str:
        convolution = Convolution(x=presets.INPUTS["Counting"], **settings).validated([])[0]
        return " ".join(convolution_text.remarks(convolution, convolution.compute()))

    two, three, five = Axes(2, 2), Axes(3, 3), Axes(5, 5)
    assert names(said(stride=two), "1 row and 1 column", "end") and "padding" not in said(stride=two)
    assert names(said(stride=two, padding=Axes(1, 1)), "1 row and 1 column", "end", "padding")
    wide = {"w": presets.random_kernel(2, 2, 1)}
    assert names(said(**wide, stride=three), "steps", "1 row and 1 column")
    assert names(said(**wide, dilation=five), "gaps", "4 rows and 4 columns")
    assert names(said(**wide, dilation=three, stride=two), "steps", "gaps")


def test_every_challenge_changes_the_page_that_opens() -> None:
    for start, options in ((Convolution(), convolution_text.CHALLENGES), (Pool(), pooling_text.CHALLENGES)):
        for label, (_, settings) in options.items():
            assert replace(start, **settings) != start, label


def test_a_stride_larger_than_the_input_is_remarked() -> None:
    settings = Convolution(stride=Axes(9, 9))
    lines = convolution_text.remarks(settings, settings.compute())
    assert names(lines[0], "stride", 9, "5 rows") and names(lines[1], 9, "5 columns")


def test_activations_are_torchs() -> None:
    import torch
    import torch.nn.functional as F

    theirs = {
        "ReLU": F.relu,
        "Leaky ReLU": F.leaky_relu,
        "Sigmoid": torch.sigmoid,
        "Tanh": torch.tanh,
        "GELU": F.gelu,
    }
    x = np.concatenate([np.linspace(-30, 30, 1201), [0.0, -800.0, 800.0]])
    assert set(theirs) == set(ACTIVATIONS)
    for name, activation in ACTIVATIONS.items():
        tensor = torch.tensor(x, requires_grad=True)
        y = theirs[name](tensor)
        np.testing.assert_allclose(activation.value(x), y.detach().numpy(), rtol=1e-9, atol=1e-12)
        (slope,) = torch.autograd.grad(y.sum(), tensor)
        np.testing.assert_allclose(activation.slope(x), slope.numpy(), rtol=1e-9, atol=1e-12)
