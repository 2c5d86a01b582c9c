"""Our arithmetic and windows against torch, over many random settings; whole numbers agree exactly."""

import random

import numpy as np
import pytest

from cnnviz.ops import arithmetic, reference, windows
from tests.helpers import refused
from tests.sampling import Tries

SETTINGS, SAMPLE = 3000, 60  # of each kind below


def whole_numbers(generator: np.random.Generator, *shape: int) -> windows.Array:
    return generator.integers(-9, 10, shape).astype(float)


def random_axis(pick: random.Random, mode: str) -> tuple[int, int, int, tuple[int, int], int]:
    """size, kernel, stride, padding, dilation that torch accepts."""
    while True:
        size, kernel, stride, dilation = (
            pick.randint(1, 12),
            pick.randint(1, 6),
            pick.randint(1, 7),
            pick.randint(1, 4),
        )
        most = windows.padding_limit(size, mode, 6)
        padding = (pick.randint(0, most), pick.randint(0, most))
        if size + sum(padding) >= arithmetic.extent(kernel, dilation):
            return size, kernel, stride, padding, dilation


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("flip", [False, True])
def test_convolution_agrees_with_torch(mode: str, flip: bool, tries: Tries) -> None:
    for pick in tries(SETTINGS, sample=SAMPLE):
        generator = np.random.default_rng(pick.getrandbits(64))
        (h, k_h, s_h, p_h, d_h), (w, k_w, s_w, p_w, d_w) = random_axis(pick, mode), random_axis(pick, mode)
        groups = pick.choice([1, 1, 2, 3])
        channels, filters = groups * pick.randint(1, 2), groups * pick.randint(1, 2)
        x = whole_numbers(generator, channels, h, w)
        weight = whole_numbers(generator, filters, channels // groups, k_h, k_w)
        bias = whole_numbers(generator, filters)
        rows = windows.convolution_axis(h, k_h, s_h, p_h, d_h, flip)
        cols = windows.convolution_axis(w, k_w, s_w, p_w, d_w, flip)
        ours = windows.convolve(windows.pad(x, p_h, p_w, mode), weight, bias, rows, cols, groups)
        theirs = reference.convolve(x, weight, bias, (s_h, s_w), (p_h, p_w), (d_h, d_w), mode, groups, flip)
        assert ours.shape[1:] == (
            arithmetic.output_size(h, k_h, s_h, p_h, d_h),
            arithmetic.output_size(w, k_w, s_w, p_w, d_w),
        )
        np.testing.assert_array_equal(ours, theirs)


def test_transposed_convolution_agrees_with_torch(tries: Tries) -> None:
    def axis(pick: random.Random) -> tuple[int, int, int, int, int, int]:
        while True:
            size, kernel, stride, dilation = (
                pick.randint(1, 7),
                pick.randint(1, 5),
                pick.randint(1, 4),
                pick.randint(1, 3),
            )
            settings = (
                size,
                kernel,
                stride,
                pick.randint(0, 3),
                dilation,
                pick.randint(0, max(stride, dilation) - 1),
            )
            try:
                arithmetic.transposed_output_size(*settings)
            except ValueError:
                continue
            return settings

    for pick in tries(SETTINGS, sample=SAMPLE):
        generator = np.random.default_rng(pick.getrandbits(64))
        down, across = axis(pick), axis(pick)
        x, weight = (
            whole_numbers(generator, 2, down[0], across[0]),
            whole_numbers(generator, 3, 2, down[1], across[1]),
        )
        bias = whole_numbers(generator, 3)
        rows, cols = windows.transposed_axis(*down), windows.transposed_axis(*across)
        ours = windows.convolve(x, weight, bias, rows, cols)
        pairs = [(down[n], across[n]) for n in range(2, 6)]
        np.testing.assert_array_equal(ours, reference.convolve_transposed(x, weight, bias, *pairs))


@pytest.mark.parametrize("kind", ["max", "average", "l2"])
def test_pooling_agrees_with_torch(kind: windows.Pooling, tries: Tries) -> None:
    def axis(pick: random.Random) -> tuple[int, int, int, int]:
        while True:
            size, kernel, stride = pick.randint(1, 12), pick.randint(1, 6), pick.randint(1, 6)
            padding = pick.randint(0, kernel // 2)
            if size + 2 * padding >= kernel:
                return size, kernel, stride, padding

    for pick in tries(SETTINGS, sample=SAMPLE):
        generator = np.random.default_rng(pick.getrandbits(64))
        (h, k_h, s_h, p_h), (w, k_w, s_w, p_w) = axis(pick), axis(pick)
        ceil_mode, include = pick.random() < 0.5, pick.random() < 0.5
        x = whole_numbers(generator, h, w)
        # lp_pool2d sees a padded input, so that ceil mode may start a window in the padding behind it
        p = [0, 0] if kind == "l2" else [p_h, p_w]
        if k_h > h + 2 * p[0] or k_w > w + 2 * p[1]:
            continue
        rows = windows.pooling_axis(h, k_h, s_h, p[0], ceil_mode)
        cols = windows.pooling_axis(w, k_w, s_w, p[1], ceil_mode)
        ours, divisors = windows.pool(x, kind, rows, cols, include)
        theirs = reference.pool(x, kind, (k_h, k_w), (s_h, s_w), (p[0], p[1]), ceil_mode, include)
        assert divisors.shape == ours.shape
        if kind == "max":
            np.testing.assert_array_equal(ours, theirs)
        else:
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_the_winner_of_a_maximum_is_torchs(tries: Tries) -> None:
    import torch

    for pick in tries(SETTINGS, sample=SAMPLE):
        generator = np.random.default_rng(pick.getrandbits(64))
        size, kernel, stride = (
            (generator.integers(1, 9), generator.integers(1, 9)),
            pick.randint(1, 4),
            pick.randint(1, 4),
        )
        padding, ceil_mode = pick.randint(0, kernel // 2), pick.random() < 0.5
        if min(size) + 2 * padding < kernel:
            continue
        x = generator.integers(-3, 4, size).astype(float)  # many ties
        axes = [windows.pooling_axis(int(n), kernel, stride, padding, ceil_mode) for n in size]
        _, index = torch.nn.functional.max_pool2d(
            reference.tensor(x)[None, None], kernel, stride, padding, ceil_mode=ceil_mode, return_indices=True
        )
        ours = windows.winners(x, *axes) - padding
        np.testing.assert_array_equal(ours[..., 0] * size[1] + ours[..., 1], index[0, 0].numpy())


@pytest.mark.parametrize("kind", ["max", "average"])
def test_adaptive_pooling_agrees_with_torch(kind: windows.Pooling, tries: Tries) -> None:
    for pick in tries(SETTINGS, sample=SAMPLE):
        generator = np.random.default_rng(pick.getrandbits(64))
        h, w, out_h, out_w = (int(n) for n in generator.integers(1, 12, 4))
        x = whole_numbers(generator, h, w)
        ours, _ = windows.pool(x, kind, windows.adaptive_axis(h, out_h), windows.adaptive_axis(w, out_w))
        np.testing.assert_allclose(ours, reference.adaptive(x, kind, (out_h, out_w)), rtol=1e-12, atol=1e-12)


def test_same_padding_keeps_the_size_as_torch_does() -> None:
    import torch

    generator = np.random.default_rng(6)
    for kernel in range(1, 8):
        for dilation in range(1, 5):
            padding = arithmetic.same_padding(kernel, dilation)
            x, weight = whole_numbers(generator, 1, 9, 9), whole_numbers(generator, 1, 1, kernel, kernel)
            axis = windows.convolution_axis(9, kernel, 1, padding, dilation)
            ours = windows.convolve(windows.pad(x, padding, padding), weight, np.zeros(1), axis, axis)
            theirs = torch.nn.functional.conv2d(
                reference.tensor(x)[None], reference.tensor(weight), padding="same", dilation=dilation
            )
            np.testing.assert_array_equal(ours, theirs[0].numpy())


def test_rows_that_no_window_reaches() -> None:
    assert windows.convolution_axis(6, 3, 2).unreached == (5,)
    assert windows.convolution_axis(5, 3, 2).unreached == ()
    assert windows.convolution_axis(7, 1, 3).unreached == (1, 2, 4, 5)
    assert windows.convolution_axis(9, 2, 9, dilation=2).unreached == (1, 3, 4, 5, 6, 7, 8)


@pytest.mark.parametrize(
    ("call", "value"),
    [
        (lambda: arithmetic.output_size(5, 7), "7"),
        (lambda: arithmetic.output_size(5, 3, stride=0), "stride 0"),
        (lambda: arithmetic.transposed_output_size(1, 1, padding=1), "padding 1"),
        (lambda: arithmetic.transposed_output_size(3, 3, stride=2, output_padding=2), "output padding 2"),
        (lambda: arithmetic.transposed_output_size(3, 0), "kernel 0"),
        (lambda: arithmetic.transposed_output_size(3, 3, padding=-1), "padding -1"),
        (lambda: arithmetic.convolution_parameters(3, 4, 3, 3, groups=2), "groups 2"),
        (lambda: windows.pad(np.zeros((3, 3)), 3, 0, "reflect"), "reflect padding of 3"),
    ],
)
def test_what_cannot_be_is_said_with_its_values(call, value: str) -> None:
    with refused(value):
        call()


def test_parameters_and_macs_of_lenets_layers() -> None:
    assert arithmetic.convolution_parameters(6, 16, 5, 5) == 2416
    assert arithmetic.linear_parameters(400, 120) == 48120
    assert arithmetic.convolution_macs(1, 6, 5, 5, 28, 28) == 117600
    assert arithmetic.receptive_field([(5, 1, 1), (2, 2, 1), (5, 1, 1), (2, 2, 1)]) == (16, 4)


def test_the_cells_of_a_window() -> None:
    assert [list(one) for one in arithmetic.windows(2, 3, stride=2, padding=1)] == [[-1, 0, 1], [1, 2, 3]]
    assert list(arithmetic.window(1, 3, dilation=4)) == [1, 5, 9] and list(arithmetic.window(5, 1)) == [5]
    for size, outputs in ((10, 4), (7, 7), (5, 1), (6, 3)):
        met = [arithmetic.adaptive_window(o, size, outputs) for o in range(outputs)]
        assert met[0].start == 0 and met[-1].stop == size
        assert {cell for one in met for cell in one} == {*range(size)}
    assert [list(arithmetic.adaptive_window(o, 5, 2)) for o in (0, 1)] == [[0, 1, 2], [2, 3, 4]]
