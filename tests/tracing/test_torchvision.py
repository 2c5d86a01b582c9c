"""All classification, segmentation and video models of torchvision against their parameters and torch's flop counter;
of detection models, why they cannot be followed."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.tracing import INPUT, ShapeError, trace
from cnnviz.tracing.recorder import unused
from tests.helpers import refused

models = pytest.importorskip("torchvision.models", reason="torchvision is not installed")

CLIPS = {"mvit_v1_b": (16, 224, 224), "mvit_v2_s": (16, 224, 224), "s3d": (16, 224, 224)}


def kind_of(name: str) -> str:
    """classification, or the part of torchvision.models that the builder stands in."""
    rest = models.get_model_builder(name).__module__.removeprefix("torchvision.models.")
    return rest.partition(".")[0] if "." in rest else "classification"


NAMES = {name: kind_of(name) for name in models.list_models()}


def of_kinds(*kinds: str) -> list[str]:
    return [name for name, kind in NAMES.items() if kind in kinds]


class NoMemory(TorchFunctionMode):
    """Puts weights on the meta device, and leaves what a builder computes with where it is."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return function(*args, **{**(kwargs or {}), **({"device": "meta"} if function is torch.empty else {})})


def built(name: str) -> nn.Module:
    options: dict[str, Any] = {"weights": None}
    if NAMES[name] in ("segmentation", "detection"):
        options["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False
    with NoMemory() if name.startswith("regnet") else torch.device("meta"):  # whose builders read what they compute
        network: nn.Module = models.get_model(name, **options)
    return network.to("meta").eval()


def shape_of(name: str) -> tuple[int, ...]:
    if NAMES[name] == "video":
        return (1, 3, *CLIPS.get(name, (16, 112, 112)))
    return (1, 3, 299, 299) if name == "inception_v3" else (1, 3, 224, 224)


@pytest.mark.slow
@pytest.mark.long(sample=5)
@pytest.mark.parametrize("name", of_kinds("classification", "segmentation", "video"))
def test_parameters_and_macs_are_exact(name: str) -> None:
    network, shape = built(name), shape_of(name)
    steps = trace(network, shape)
    idle = unused(network, steps)
    left_out = sum(
        parameter.numel()
        for path, parameter in network.named_parameters()
        if any(path == one or path.startswith(f"{one}.") for one in idle)
    )
    assert sum(step.parameters for step in steps) + left_out == sum(p.numel() for p in network.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.empty(shape, device="meta"))
    assert 2 * sum(step.macs for step in steps) == counter.get_total_flops()
    known = {INPUT, *(step.name for step in steps)}
    assert all(set(step.sources) <= known for step in steps) and len(known) == len(steps) + 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "heads"), [("googlenet", ("aux1", "aux2")), ("inception_v3", ("AuxLogits",)), ("resnet18", ())]
)
def test_heads_that_do_not_run_are_told(name: str, heads: tuple[str, ...]) -> None:
    network = built(name)
    assert unused(network, trace(network, shape_of(name))) == heads


@pytest.mark.slow
@pytest.mark.long(sample=2)
@pytest.mark.parametrize("name", of_kinds("detection"))
def test_detection_models_say_why_they_cannot_be_followed(name: str) -> None:
    with refused("values of a tensor") as caught:
        trace(built(name), shape_of(name))
    assert not isinstance(caught.value, ShapeError)
