"""Receptive fields against the gradients of torch; the page's settings; effective fields against closed forms."""

import random
import string
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz import links
from cnnviz.interpret import effective_field
from cnnviz.lessons.receptive.settings import (
    BOUNDS,
    KINDS,
    MAX_CELLS,
    MAX_LAYERS,
    NETWORKS,
    OWN,
    SIZES,
    Receptive,
    fits,
    read_stack,
    write_stack,
)
from cnnviz.lessons.receptive.text import CHALLENGES, READY_MADE
from cnnviz.networks import zoo
from cnnviz.ops.receptive_field import Layer, Span, Stack, cells_met, span
from tests.helpers import names, refused
from tests.sampling import Tries


def random_layer(pick: random.Random) -> Layer:
    kind = pick.choice(list(KINDS.values()))
    kernel = pick.choice([1, 2, 3, 3, 4, 5, 7, 11])
    padding = pick.randint(0, 5 if kind == "convolution" else min(5, kernel // 2))
    return Layer(
        kind, kernel, pick.choice([1, 1, 2, 3, 4]), padding, 1 if kind[0] == "a" else pick.choice([1, 1, 2, 4])
    )


def random_stack(pick: random.Random, most_size: int = 64, most_layers: int = 5) -> Stack:
    while True:
        layers = tuple(random_layer(pick) for _ in range(pick.randint(1, most_layers)))
        size = pick.randint(8, most_size)
        if fits({"stack": layers, "size": size}):
            return Stack(layers, size)


def summing(stack: Stack) -> nn.Sequential:
    """The stack with every kernel 1, poolings as sums: each cell with a path to a unit moves it, and none cancels."""
    modules = [nn.Conv2d(1, 1, one.kernel, one.stride, one.padding, one.dilation, bias=False) for one in stack.layers]
    for module in modules:
        nn.init.ones_(module.weight)
    return nn.Sequential(*modules).double()


def moved_by(stack: Stack, row: int, col: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows and columns of the input with a gradient, as torch finds them."""
    slope = effective_field.gradient(summing(stack), torch.zeros(1, 1, stack.size, stack.size).double(), row, col)
    rows, cols = slope.any(axis=1), slope.any(axis=0)
    assert (slope > 0).sum() == rows.sum() * cols.sum()  # a grid of rows and columns
    return np.flatnonzero(rows), np.flatnonzero(cols)


# --- spans and taps


def test_fields_are_the_gradients_of_torch(tries: Tries) -> None:
    """Cell for cell at any unit; the span to its ends wherever no border cuts a path off."""
    whole = 0
    for pick in tries(2000, sample=60):
        stack = random_stack(pick)
        sizes, spans = stack.sizes(), stack.spans()[-1]
        unit = pick.randrange(sizes[-1]), pick.randrange(sizes[-1])
        paths = [cells_met(stack.taps(), at)[0] for at in unit]
        moved = moved_by(stack, *unit)
        if not all(paths):  # nothing but padding along one axis
            assert not any(map(len, moved))
            continue
        for at, met, expected in zip(unit, moved, paths, strict=True):
            cells = spans[0].cells(at)
            assert set(met) == expected <= set(cells)
            if all(0 <= one.cells(at).start and one.cells(at).stop <= n for one, n in zip(spans, sizes)):
                whole += 1
                assert (met.min(), met.max() + 1) == (cells.start, cells.stop)
    assert whole > 10


def test_only_the_border_cuts_a_plain_field(tries: Tries) -> None:
    """Dense windows and padding that keeps the size: the field is the span, cut at the picture's edge."""
    for pick in tries(1000, sample=30):
        layers = tuple(Layer("convolution", k, 1, k // 2) for k in pick.choices([1, 3, 5, 7], k=pick.randint(1, 5)))
        stack = Stack(layers, pick.randint(8, 30))
        unit = pick.randrange(stack.size), pick.randrange(stack.size)
        for at, met in zip(unit, moved_by(stack, *unit), strict=True):
            cells = span(layers).cells(at)
            assert list(met) == list(range(max(0, cells.start), min(stack.size, cells.stop)))


def test_spans_between_any_two_maps_are_those_of_the_layers_between(tries: Tries) -> None:
    for pick in tries(1000, sample=40):
        stack = random_stack(pick)
        spans, sizes = stack.spans(), stack.sizes()
        for last, row in enumerate(spans):
            assert len(row) == last + 1 and row[last] == Span(0, 1, 1)
            for earlier, one in enumerate(row):
                assert one == Stack(stack.layers[earlier:last], sizes[earlier]).spans()[-1][0]


def test_maps_are_as_large_as_torch_makes_them(tries: Tries) -> None:
    for pick in tries(1000, sample=30):
        stack = random_stack(pick)
        x, sizes = torch.zeros(1, 1, stack.size, stack.size), [stack.size]
        for module in effective_field.random_network(stack, 0):
            x = module(x)
            if effective_field.is_layer(module):
                sizes.append(x.shape[2])
        assert sizes == stack.sizes()


def test_published_figures() -> None:
    """Receptive field, effective stride and effective padding as in the table of Araujo, Norris and Sim, 2019."""
    vgg16 = "-m2s2p0d1-".join("-".join(["c3s1p1d1"] * n) for n in (2, 2, 3, 3, 3)) + "-m2s2p0d1"
    layers = tuple(layer for part in vgg16.split("-") for layer in read_stack(part))
    assert span(layers) == Span(-90, 32, 212)
    alexnet = "c11s4p0d1-m3s2p0d1-c5s1p2d1-m3s2p0d1-c3s1p1d1-c3s1p1d1-c3s1p1d1-m3s2p0d1"
    assert span(read_stack(alexnet)) == Span(-64, 32, 195)


def test_equal_fields_of_small_and_large_kernels() -> None:
    """VGG's trade, and two corrections: 5x5 sees 25 cells but is 5 wide; two of them are 9 wide, not 10."""
    fields = {name: span(one["stack"]).size for name, one in READY_MADE.items()}
    assert fields["Two 3 × 3"] == fields["One 5 × 5"] == 5
    assert fields["Three 3 × 3"] == fields["One 7 × 7"] == 7
    assert fields["LeNet-5"] == fields["VGG block"] == 16
    assert fields["Dilated 1-2-4"] == fields["Strided"] == 15
    assert span(read_stack("c5s1p0d1-c5s1p0d1")).size == 9


def test_dilation_leaves_holes() -> None:
    holes = Stack(read_stack("c3s1p2d2-c3s1p2d2-c3s1p2d2"), 28)
    assert holes.spans()[3][0].size == 13 and cells_met(holes.taps(), 14)[0] == set(range(8, 21, 2))
    dense = Stack(READY_MADE["Dilated 1-2-4"]["stack"], 28)
    assert cells_met(dense.taps(), 14)[0] == set(range(7, 22))


def test_what_hangs_over_an_edge() -> None:
    assert Stack(read_stack("c3s1p1d1-c3s1p1d1"), 9).overhang() == [2, 1, 0]
    assert Stack(read_stack("c5s1p0d1-m2s2p0d1"), 9).overhang() == [0, 0, 0]


def test_a_window_that_does_not_fit_is_told() -> None:
    with refused("9 cells", "8 cells"):
        Stack((Layer("convolution", 9),), 8).sizes()


# --- settings


def test_every_stack_comes_back_from_its_link(tries: Tries) -> None:
    for pick in tries(2000, sample=100):
        stack = random_stack(pick, most_layers=6)
        state = Receptive(
            stack=stack.layers,
            size=stack.size,
            layer=pick.randint(1, 12),
            row=pick.randint(-1, 99),
            col=pick.randint(-1, 99),
        )
        query = links.encode(state)
        assert links.decode(Receptive, query) == (state, [])
        assert state.validated([]) == (state, [])
        assert all(character.isalnum() or character in "-._" for text in query.values() for character in text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", ["layer 1", "c3s1p1d1"]),
        ("c3s1p1d1-", ["layer 2", "c3s1p1d1"]),
        ("x3s1p1d1", ["layer 1", "c3s1p1d1"]),
        ("c٣s1p1d1", ["layer 1", "c3s1p1d1"]),
        ("c12s1p1d1", ["layer 1", "kernel", 12, "1 to 11"]),
        ("c3s1p1d1-m2s5p0d1", ["layer 2", "stride", 5, "1 to 4"]),
        ("c3s0p1d1", ["layer 1", "stride", 0]),
        ("c3s1p6d1", ["layer 1", "padding", 6]),
        ("c3s1p1d9", ["layer 1", "dilation", 9]),
        ("-".join(["c1s1p0d1"] * 13), [13, 12]),
    ],
)
def test_a_tampered_stack_gives_the_default_and_a_sentence(text: str, values: list[object]) -> None:
    state, notes = links.decode(Receptive, {"stack": text})
    assert state == Receptive() and len(notes) == 1 and names(notes[0], "stack", *values)


def test_noise_never_gets_through(tries: Tries) -> None:
    for pick in tries(5000, sample=200):
        text = "".join(pick.choices("cma0123456789spd-" + string.printable, k=pick.randint(0, 40)))
        state, _ = links.decode(Receptive, {"stack": text, "layer": text, "row": text, "size": text})
        whole, _ = state.validated([])
        assert min(whole.whole.sizes()) >= 1


def test_whatever_can_be_written_is_made_possible(tries: Tries) -> None:
    for pick in tries(2000, sample=60):
        layers = tuple(
            Layer(pick.choice(list(KINDS.values())), **{name: pick.randint(*bounds) for name, bounds in BOUNDS.items()})
            for _ in range(pick.randint(1, MAX_LAYERS))
        )
        state = Receptive(stack=layers, size=pick.randint(*SIZES))
        mended, notes = state.validated([])
        assert (mended == state) == (not notes)
        assert min(mended.whole.sizes()) >= 1 and max(mended.whole.sizes()) <= MAX_CELLS
        assert mended.validated([]) == (mended, [])
        if sum(mended.whole.sizes()) < 100:  # torch takes it, too
            effective_field.random_network(mended.whole, 0)(torch.zeros(1, 1, mended.size, mended.size))


def test_what_was_mended_is_named_with_its_values() -> None:
    state, notes = Receptive(stack=read_stack("m2s4p0d1-m2s4p0d1-c5s1p0d1-a2s1p2d3"), size=16).validated([])
    assert write_stack(state.stack) == "m2s4p0d1-m2s4p0d1-c1s1p0d1-a2s1p1d1"
    kernel, dilation, padding = notes
    assert names(kernel, "Layer 3", "5 × 5", "kernel", 1, 5) and names(dilation, "Layer 4", "2 × 2", "dilation", 1, 3)
    assert names(padding, "Layer 4", "2 × 2", "padding", 1, 2)


def test_bounds_are_just_what_fits(tries: Tries) -> None:
    for pick in tries(400, sample=15):
        stack = random_stack(pick)
        state = Receptive(stack=stack.layers, size=stack.size, layer=pick.randint(1, len(stack.layers)))
        layer = stack.layers[state.unit[0] - 1]
        for name, (least, most) in BOUNDS.items():
            low, high = state.bounds(name)
            assert low <= getattr(layer, name) <= high
            for value in range(least, most + 1):
                changed = replace(state, **state.with_layer(**{name: value}))
                assert (changed.validated(["layer"]) == (changed, [])) == (low <= value <= high), (name, value, layer)
        low, high = state.size_bounds()
        assert fits({"stack": stack.layers, "size": low}) and high == SIZES[1]
        assert low == SIZES[0] or not fits({"stack": stack.layers, "size": low - 1})


def test_layers_come_and_go() -> None:
    state = Receptive(stack=read_stack("c3s1p1d1-m2s2p0d1"), layer=1)
    longer = replace(state, **state.with_added())
    assert write_stack(longer.stack) == "c3s1p1d1-c3s1p1d1-m2s2p0d1" and longer.unit[0] == 2
    shorter = replace(longer, layer=3)
    shorter = replace(shorter, **shorter.without_layer())
    assert write_stack(shorter.stack) == "c3s1p1d1-c3s1p1d1" and shorter.unit[0] == 2
    alone = replace(shorter, layer=1)
    alone = replace(alone, **alone.without_layer())
    assert write_stack(alone.stack) == "c3s1p1d1" and alone.unit[0] == 1


def test_an_edited_network_is_an_own_stack() -> None:
    state = Receptive(network="lenet5", layer=2)
    edited = replace(state, **state.with_layer(kind="average pooling"))
    assert edited.network == OWN and edited.size == 32
    assert write_stack(edited.stack) == "c5s1p0d1-a2s2p0d1-c5s1p0d1-m2s2p0d1"


def test_the_unit_is_brought_inside() -> None:
    assert Receptive().unit == (6, 3, 3)
    assert Receptive(layer=3, row=99, col=0).unit == (3, 13, 0)
    whole, _ = Receptive(layer=2, row=5, col=5).validated(["stack", "size"])
    assert whole.unit == (6, 3, 3)  # a stack that came as a whole shows its last layer


def test_ready_made_and_challenges_need_no_mending() -> None:
    for settings in [*READY_MADE.values(), *(settings for _, settings in CHALLENGES.values())]:
        state = replace(Receptive(), **settings)
        assert state.validated(list(settings))[1] == []
        assert state.picture().shape == (state.size, state.size) and state.picture().max() > 100


# --- effective fields


def test_networks_of_the_zoo_are_plain_stacks() -> None:
    for name in NETWORKS:
        stack = effective_field.stack_of(name)
        modules = nn.Sequential(*effective_field.spatial(zoo.build(name)))
        maps = modules(torch.zeros(1, *zoo.entry(name).input_shape))
        assert maps.shape[2:] == (stack.sizes()[-1],) * 2
        assert SIZES[0] <= stack.size <= SIZES[1] and len(stack.layers) <= MAX_LAYERS
    assert effective_field.stack_of("lenet5") == Stack(READY_MADE["LeNet-5"]["stack"], 32)


@pytest.mark.parametrize(
    ("module", "values"),
    [
        (nn.Conv2d(1, 1, (3, 5)), ["kernel_size=(3, 5)", "axes"]),
        (nn.Conv2d(1, 1, 3, stride=(1, 2)), ["stride=(1, 2)", "axes"]),
        (nn.Conv2d(1, 1, 3, padding="same"), ["padding=same"]),
        (nn.MaxPool2d(2, ceil_mode=True), ["ceil_mode=True"]),
    ],
)
def test_modules_that_are_no_layers_are_told(module: nn.Module, values: list[str]) -> None:
    with refused(*values):
        effective_field.layer_of(module)


def test_the_gradient_of_sums_counts_the_paths() -> None:
    """Two 3x3 sums: 1, 2, 3, 2, 1 paths along each axis; their middle 3x3 has (7 / 9)^2 of them."""
    stack = Stack(READY_MADE["Two 3 × 3"]["stack"], 12)
    slope = effective_field.gradient(summing(stack), torch.randn(4, 1, 12, 12).double(), 2, 5)
    paths = np.array([1, 2, 3, 2, 1])
    np.testing.assert_array_equal(slope[2:7, 5:10], np.outer(paths, paths))
    assert slope.sum() == 81
    assert effective_field.share_in_the_middle(slope, span(stack.layers), 2, 5) == pytest.approx((7 / 9) ** 2)
    assert effective_field.middle(Span(0, 1, 16), 0) == range(4, 12) and effective_field.middle(
        Span(-2, 2, 5), 3
    ) == range(5, 8)
    assert effective_field.share_in_the_middle(np.zeros((12, 12)), span(stack.layers), 2, 5) == 0


def test_a_random_stack_is_moved_from_its_field_alone(tries: Tries) -> None:
    for pick in tries(200, sample=8):
        stack = random_stack(pick, most_size=24, most_layers=3)
        units = stack.sizes()[-1]
        row, col = pick.randrange(units), pick.randrange(units)
        slope = effective_field.random_gradient(stack, row, col)
        rows, cols = (sorted(cells_met(stack.taps(), at)[0]) for at in (row, col))
        outside = slope.copy()
        outside[np.ix_(rows, cols)] = 0
        assert slope.shape == (stack.size, stack.size) and not outside.any()


def test_deeper_stacks_of_small_kernels_gather_in_the_middle() -> None:
    """Luo et al., 2016: the deeper, the smaller the effective part of the field."""
    shares = []
    for depth in (1, 3, 6):
        stack = Stack(tuple([Layer("convolution", 3, padding=1)] * depth), 28)
        shares.append(
            effective_field.share_in_the_middle(
                effective_field.random_gradient(stack, 14, 14), span(stack.layers), 14, 14
            )
        )
    assert shares[0] < shares[1] < shares[2] and shares[2] > 0.5


def test_he_initialisation() -> None:
    network = effective_field.random_network(Stack(read_stack("c11s1p5d1-c11s1p5d1"), 16), 3)
    assert float(network[2].weight.var()) == pytest.approx(2 / (8 * 121), rel=0.05)
    again = effective_field.random_network(Stack(read_stack("c11s1p5d1-c11s1p5d1"), 16), 3)
    assert torch.equal(network[0].weight, again[0].weight)


def test_large_stacks_stay_within_the_budget() -> None:
    assert effective_field.sample(Stack(READY_MADE["LeNet-5"]["stack"], 32)) == (32, 4)
    assert effective_field.sample(Stack(read_stack("-".join(["c11s1p5d1"] * 12)), 64)) == (26, 1)
