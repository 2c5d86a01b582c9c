"""einops' patterns, held against the same by reshape, permute and a mean."""

import pytest
import torch

from cnnviz.networks.source import patterns

REARRANGED = [  # a pattern, a shape, sizes, and the same by torch
    ("b c h w -> b h w c", (2, 3, 4, 5), {}, lambda x: x.permute(0, 2, 3, 1)),
    ("b c h w -> b (c h w)", (2, 3, 4, 5), {}, lambda x: x.reshape(2, 60)),
    ("b ... -> b (...)", (2, 3, 4, 5), {}, lambda x: x.reshape(2, 60)),
    ("... h w -> ... w h", (2, 3, 4, 5), {}, lambda x: x.transpose(-1, -2)),
    ("b n (h d) -> (b h) n d", (2, 5, 12), {"h": 3}, lambda x: x.view(2, 5, 3, 4).transpose(1, 2).reshape(6, 5, 4)),
    ("b (three h d) n -> three b h n d", (2, 24, 5), {"three": 3, "h": 2},
     lambda x: x.view(2, 3, 2, 4, 5).permute(1, 0, 2, 4, 3)),
    ("b (c p q) h w -> b c (h p) (w q)", (2, 12, 4, 5), {"p": 2, "q": 2}, lambda x: torch.pixel_shuffle(x, 2)),
    ("b c (h p) (w q) -> b (c p q) h w", (2, 3, 4, 6), {"p": 2, "q": 2}, lambda x: torch.pixel_unshuffle(x, 2)),
    ("b 1 h w -> b h w", (2, 1, 4, 5), {}, lambda x: x.squeeze(1)),
    ("b h w -> b () h w", (2, 4, 5), {}, lambda x: x.unsqueeze(1)),
]  # fmt: skip
REDUCED = [
    ("b c h w -> b c", "mean", (2, 3, 4, 6), {}, lambda x: x.mean((2, 3))),
    ("b c h w -> b c 1 1", "max", (2, 3, 4, 6), {}, lambda x: torch.nn.functional.adaptive_max_pool2d(x, 1)),
    ("b c (h 2) (w 2) -> b c h w", "max", (2, 3, 4, 6), {}, lambda x: torch.nn.functional.max_pool2d(x, 2)),
    ("b c (h p) (w q) -> b c h w", "mean", (2, 3, 4, 6), {"p": 2, "q": 3},
     lambda x: torch.nn.functional.avg_pool2d(x, (2, 3))),
    ("b ... -> b", "sum", (2, 3, 4), {}, lambda x: x.sum((1, 2))),
    ("b n d -> d b", "min", (2, 3, 4), {}, lambda x: x.amin(1).T),
    ("b n d -> b", "prod", (2, 3, 4), {}, lambda x: x.prod(2).prod(1)),
]  # fmt: skip
REPEATED = [
    ("() n d -> b n d", (1, 3, 4), {"b": 5}, lambda x: x.expand(5, -1, -1)),
    ("h w -> h w 3", (4, 5), {}, lambda x: x.unsqueeze(-1).expand(-1, -1, 3)),
    ("b c h w -> b c (h p) (w q)", (2, 3, 4, 5), {"p": 2, "q": 2},
     lambda x: torch.nn.functional.interpolate(x, scale_factor=2)),
    ("n d -> b (n two) d", (3, 4), {"b": 2, "two": 2}, lambda x: x.repeat_interleave(2, 0).expand(2, -1, -1)),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "shape", "sizes", "wanted"), REARRANGED)
def test_rearrange(pattern, shape, sizes, wanted):
    x = torch.rand(shape)
    assert torch.equal(patterns.rearrange(x, pattern, **sizes), wanted(x))


@pytest.mark.parametrize(("pattern", "by", "shape", "sizes", "wanted"), REDUCED)
def test_reduce(pattern, by, shape, sizes, wanted):
    x = torch.rand(shape)
    assert torch.allclose(patterns.reduce(x, pattern, by, **sizes), wanted(x))


@pytest.mark.parametrize(("pattern", "shape", "sizes", "wanted"), REPEATED)
def test_repeat(pattern, shape, sizes, wanted):
    x = torch.rand(shape)
    assert torch.equal(patterns.repeat(x, pattern, **sizes), wanted(x))


def test_a_row_of_tensors_and_a_sum_of_products():
    x, y = torch.rand(2, 3, 4), torch.rand(2, 5, 4)
    assert torch.equal(patterns.rearrange([x, x], "k b n d -> b (k n) d"), torch.cat([x, x], 1))
    assert torch.allclose(patterns.einsum(x, y, "batch i d, batch j d -> batch i j"), x @ y.mT)


@pytest.mark.parametrize(
    ("pattern", "sizes", "words"),
    [
        ("b c h -> b c", {}, ["h", "left side alone"]),
        ("b c h -> b c h d", {}, ["d", "right side alone"]),
        ("b (c d) h -> b c d h", {}, ["c and d", "size"]),
        ("b (c d) h -> b c d h", {"c": 2}, ["multiple of 2", "it is 3"]),
        ("b (c d) h -> b c d h", {"c": 2, "d": 2}, ["4", "it is 3"]),
        ("b b h -> b h", {}, ["b twice"]),
        ("b c -> c b", {}, ["2 axes", "2 × 3 × 4"]),
        ("b c h", {}, ["->"]),
        ("b (c h -> b c h", {}, ["bracket"]),
        ("b c+h -> b", {}, ["'+'"]),
        ("b c h -> h c b", {"q": 2}, ["no q"]),
        ("b c h -> h c b", {"c": 2.5}, ["whole number", "2.5"]),
        (" ".join(["b"] * 500), {}, ["400"]),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said(pattern, sizes, words):
    with pytest.raises(ValueError, match="pattern") as refused:
        patterns.rearrange(torch.rand(2, 3, 4), pattern, **sizes)
    assert all(word in str(refused.value) for word in words)


PACKED = [  # a pattern, and the shapes of what is packed
    ("b * d", [(2, 4), (2, 3, 4), (2, 5, 1, 4)]),
    ("*", [(), (3,), (2, 2)]),
    ("b c *", [(2, 3, 4, 5), (2, 3, 7)]),
    ("* c", [(4, 3), (2, 2, 3)]),
]


@pytest.mark.parametrize(("pattern", "shapes"), PACKED)
def test_what_is_packed_stands_behind_one_another_and_comes_back(pattern, shapes):
    tensors = [torch.randn(shape) for shape in shapes]
    axis = pattern.split().index("*")
    behind = len(pattern.split()) - axis - 1
    rows = [x.reshape(*x.shape[:axis], -1, *x.shape[x.dim() - behind :]) for x in tensors]
    packed, shapes_packed = patterns.pack(tensors, pattern)
    assert torch.equal(packed, torch.cat(rows, axis))
    assert [tuple(one) for one in shapes_packed] == [tuple(x.shape[axis : x.dim() - behind]) for x in tensors]
    assert all(map(torch.equal, patterns.unpack(packed, shapes_packed, pattern), tensors))


def test_one_length_may_be_left_open():
    first, rest = patterns.unpack(torch.arange(10).reshape(2, 5), [[1], [-1]], "b *")
    assert first.shape == (2, 1) and rest.shape == (2, 4)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: patterns.pack([torch.ones(2)], "b c *"), "is for 2 axes or more, and this has 2"),
        (lambda: patterns.pack([torch.ones(2)], "b c"), "with one \\*"),
        (lambda: patterns.unpack(torch.ones(2, 5), [[1], [3]], "b *"), "wants 4 along '\\*', and gets 5"),
        (lambda: patterns.unpack(torch.ones(2), [[1]], "b *"), "is for 2 axes, and this has 2"),
        (lambda: patterns.pack(5, "b *"), "a list of tensors"),
        (lambda: patterns.pack([], "b *"), "a list of tensors"),
        (lambda: patterns.pack([torch.ones(2), 3], "b *"), "a list of tensors"),
        (lambda: patterns.unpack(torch.ones(2, 5), 5, "b *"), "sizes that pack has given"),
        (lambda: patterns.unpack(torch.ones(2, 5), [5], "b *"), "sizes that pack has given"),
        (lambda: patterns.unpack(torch.ones(2, 5), [["a"]], "b *"), "sizes that pack has given"),
        (lambda: patterns.unpack(torch.ones(2, 5), [[-5, -1]], "b *"), "sizes that pack has given"),
        (lambda: patterns.unpack(3, [[5]], "b *"), "sizes that pack has given"),
        (lambda: patterns.unpack(torch.ones(2, 5), [[-1], [-1]], "b *"), "more than one is -1"),
    ],
)
def test_what_cannot_be_packed_is_said(wrong, said):
    with pytest.raises(ValueError, match=said):
        wrong()
