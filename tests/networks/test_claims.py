"""Figures of the sources that differ from the truth: what is said, what is computed, and what was printed."""

from __future__ import annotations

import pytest
import torch

from cnnviz.networks import zoo
from cnnviz.networks.zoo import claims, history
from cnnviz.tracing import trace


def test_what_is_said_and_what_is_true() -> None:
    found = {make.__name__: make() for make in claims.CLAIMS}
    assert (found["vgg16"].said, found["vgg16"].true) == ("138,423,208", "138,357,544")
    assert "65,664" in found["vgg16"].why and "(2 × 2 × 128 + 1) × 128" in found["vgg16"].why
    assert (found["resnet18"].said, found["resnet18"].true) == ("11,511,784", "11,689,512")
    assert 11_511_784 - 3_904 + 7_808 + 173_824 == 11_689_512
    assert all(part in found["resnet18"].why for part in ("3,904", "7,808", "173,824"))
    assert found["alexnet"].said == "62,378,344" and found["alexnet"].true == "61,100,840 in torchvision"
    assert "64-192-384-256-256" in found["alexnet"].why
    assert (found["inception"].said, found["inception"].true) == ("6.4M", "6,624,904")
    assert "7,005,832" in found["inception"].why and "6,998,552" in found["inception"].why
    assert found["relative_losses"].true == "36.8 and 38.0 points, top-5 11.1 and 15.1"
    assert all(part in found["relative_losses"].why for part in ("44.7", "46.2", "12.4", "16.8"))
    assert (found["batches_counted"].said, found["batches_counted"].true) == ("[10000/60000]", "16,000 of 60,000")
    assert found["sixth_too_low"].true == "hits / 500" and "0.833" in found["sixth_too_low"].why
    assert found["half_padding"].true == "224 × 224, padding 3, then 1"
    assert "Both come to 112" in found["half_padding"].why and found["half_padding"].why.endswith("= 112.5.")
    assert (found["twice_trained"].said, found["twice_trained"].true) == ("98.25 %", "96.5 %")
    assert len(found) == len(claims.CLAIMS)
    assert (found["receptive_field"].said, found["receptive_field"].true) == ("25 pixels", "5 pixels wide")


def test_stacked_kernels_save_what_the_source_says() -> None:
    assert [(one.layers, one.kernel, one.stacked, one.single) for one in claims.STACKED] == [
        (2, 5, 18, 25), (3, 7, 27, 49), (5, 11, 45, 121),
    ]  # fmt: skip
    assert [round(100 * one.saved, 1) for one in claims.STACKED] == [28.0, 44.9, 62.8]


@pytest.mark.parametrize("key", history.MILESTONES)
def test_every_block_is_a_network_that_runs(key: str) -> None:
    milestone = history.MILESTONES[key]
    assert trace(history.block(key), milestone.input_shape) and milestone.idea.endswith(".")
    assert not milestone.network or zoo.entry(milestone.network).year == milestone.year


def test_the_inception_block_is_the_papers_and_its_count_that_of_the_larger_windows() -> None:
    """Szegedy et al., table 1, inception (3a): 159,872 weights of the kernels, which torchvision's has not."""
    block = history.block("GoogLeNet")
    kernels = [layer for layer in block.modules() if isinstance(layer, torch.nn.Conv2d)]
    assert sorted(layer.kernel_size[0] for layer in kernels) == [1, 1, 1, 1, 3, 5]
    expected = 192 * 64 + 192 * 96 + 9 * 96 * 128 + 192 * 16 + 25 * 16 * 32 + 192 * 32
    assert sum(layer.weight.numel() for layer in kernels) == expected
    assert [step.output_shape for step in trace(block, (1, 192, 28, 28))][-1][1:] == (256, 28, 28)
    with torch.device("meta"):
        larger = zoo.build("googlenet")
        for path, module in list(larger.named_modules()):
            if path.endswith("branch3.1"):
                module.conv = torch.nn.Conv2d(module.conv.in_channels, module.conv.out_channels, 5, bias=False)
    assert claims.parameters(larger) == 7_005_832


def test_the_flop_column_as_the_page_explains_it() -> None:
    """VGG's 19.6 billion are the MACs of VGG-19; AlexNet's 1.5 billion count two for each MAC of two halves."""
    from torchvision import models

    with torch.device("meta"):
        vgg19, tower = models.vgg19(weights=None, init_weights=False), zoo.build("alexnet_2012")
    assert sum(step.macs for step in trace(vgg19, (1, 3, 224, 224))) == 19_632_062_464
    halves = {"conv2", "conv4", "conv5"}  # in the paper each half saw half of the channels here
    macs = sum(s.macs // 2 if s.name in halves else s.macs for s in trace(tower, (1, 3, 227, 227)))
    assert 2 * macs == 1_448_813_632
    bottleneck = history.block("MobileNet and after")
    plain = torch.nn.Conv2d(64, 128, 3, padding=1, device="meta")
    ratio = sum(s.macs for s in trace(plain, (1, 64, 56, 56))) / sum(s.macs for s in trace(bottleneck, (1, 64, 56, 56)))
    assert 8 < ratio < 9
