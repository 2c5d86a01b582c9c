"""Why a network answered so: four ways to ask how much each pixel matters for one class.

All of them look at the class's logit. They are short enough to stand here; the tests hold them against Captum
(https://captum.ai), the maintained library, which would bring matplotlib along.

Each takes as many pictures at a time as there is memory for (`cost`, worked out where it is not given). They raise
ValueError where one picture is too many, where the passes are more work than is allowed, and where the network does not
run or has no gradient.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.interpret.activations import on_copies, watch
from cnnviz.tracing.cost import BACKWARD, Cost, cost_of
from cnnviz.tracing.meta import first_line

STEPS = 32  # of integrated gradients
USUAL_SIDE = 32  # of a picture; in a larger one the windows of occlusion are larger, too
MASKS = 256  # of occlusion, at a time


def every_way(
    network: nn.Module,
    inputs: Tensor,
    target: int,
    step: str,
    cost: Cost | None = None,
    progress: Callable[[float], None] = lambda _share: None,
) -> tuple[Tensor | str, ...]:
    """Saliency, Grad-CAM on `step`, integrated gradients from an empty picture and occlusion with one, for `inputs`
    (1, C, H, W): each (H, W), or why it is not there. `progress` hears the share that is done."""
    grey, cost = inputs.shape[1] == 1, cost or _cost(network, inputs)
    paper = inputs.amin((2, 3), keepdim=True).expand_as(inputs) if grey else torch.zeros_like(inputs)
    patch, apart = (5, 2) if grey else (8, 4)  # coarser in colour: those networks take their time
    scale = max(1, ceil(max(inputs.shape[2:]) / USUAL_SIDE))
    ways: list[Callable[[], Tensor]] = [
        lambda: saliency(network, inputs, target, cost),
        lambda: grad_cam(network, inputs, target, step, cost),
        lambda: integrated_gradients(network, inputs, target, paper, cost=cost),
        lambda: occlusion(network, inputs, target, patch * scale, apart * scale, paper, cost),
    ]
    found = []
    for number, way in enumerate(ways):
        progress(number / len(ways))
        found.append(_or_why_not(way))
    return tuple(found)


def _or_why_not(way: Callable[[], Tensor]) -> Tensor | str:
    """An attribution, or why there is none."""
    try:
        values = way()
    except ValueError as error:
        return str(error)
    return values if values.isfinite().all() else "it has no finite numbers for this picture"


def saliency(network: nn.Module, inputs: Tensor, target: int, cost: Cost | None = None) -> Tensor:
    """|d logit / d pixel|, of the channel where it is largest: (H, W) for `inputs` (1, C, H, W).

    Simonyan, Vedaldi and Zisserman, Deep Inside Convolutional Networks, 2013, https://arxiv.org/abs/1312.6034.
    """
    cost = cost or _cost(network, inputs)
    cost.batch_with_gradients(1)
    cost.check_work(BACKWARD)
    return _gradient(on_copies(network), inputs, target)[0].abs().amax(0)


def integrated_gradients(
    network: nn.Module,
    inputs: Tensor,
    target: int,
    baseline: Tensor | None = None,
    steps: int = STEPS,
    cost: Cost | None = None,
) -> Tensor:
    """(x - baseline) times the mean gradient on the straight line between them: (H, W), summed over the channels.

    It adds up to the difference of the two logits; the mean is taken by the Gauss-Legendre rule of `steps` points.
    `baseline` is 0 without one. Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks, 2017,
    https://arxiv.org/abs/1703.01365.
    """
    cost = cost or _cost(network, inputs)
    size = cost.batch_with_gradients(steps)
    cost.check_work(BACKWARD * steps)
    base = torch.zeros_like(inputs) if baseline is None else baseline
    own, mean = on_copies(network), torch.zeros_like(inputs[0])
    for points, weights in zip(*(part.view(-1, 1, 1, 1).split(size) for part in _gauss_legendre(steps))):
        along = base + points * (inputs - base)  # (points, C, H, W)
        mean = mean + (_gradient(own, along, target) * weights).sum(0)
    return ((inputs - base)[0] * mean).sum(0)


def _gauss_legendre(steps: int) -> tuple[Tensor, Tensor]:
    """Points between 0 and 1 and their weights, which sum to 1."""
    from numpy.polynomial.legendre import leggauss

    points, weights = leggauss(steps)
    return torch.tensor((points + 1) / 2, dtype=torch.float32), torch.tensor(weights / 2, dtype=torch.float32)


def grad_cam(network: nn.Module, inputs: Tensor, target: int, step: str, cost: Cost | None = None) -> Tensor:
    """ReLU of the maps of `step`, each weighted by its mean gradient: (H, W) of the input, enlarged bilinearly.

    Selvaraju et al., Grad-CAM, 2016, https://arxiv.org/abs/1610.02391. Raises ValueError where `step` has no maps.
    """
    cost = cost or _cost(network, inputs)
    cost.batch_with_gradients(1)
    cost.check_work(BACKWARD)
    with _gradients():
        watcher = watch(network, inputs.clone().requires_grad_())
        maps = watcher.values.get(step)
        if maps is None or maps.dim() != 4:
            asked = f"{step[:80]!r} is none" if step else "this network has none"
            raise ValueError(f"Grad-CAM needs a step with maps, and {asked}")
        logit = watcher.output.flatten(1)[0, target]
        (slope,) = torch.autograd.grad(logit, maps, allow_unused=True)
    if slope is None:
        raise ValueError(f"the score of the class does not depend on {step[:80]!r}; choose another step")
    weighted = (maps.detach() * slope.mean((2, 3), keepdim=True)).sum(1, keepdim=True).relu()
    return F.interpolate(weighted, tuple(inputs.shape[2:]), mode="bilinear", align_corners=False)[0, 0]


@torch.no_grad()
def occlusion(
    network: nn.Module,
    inputs: Tensor,
    target: int,
    window: int = 5,
    stride: int = 2,
    fill: float | Tensor = 0.0,
    cost: Cost | None = None,
) -> Tensor:
    """By how much the logit falls where a window of the input is covered with `fill`: (H, W), for each pixel the mean
    over the windows that cover it. Zeiler and Fergus, 2013, https://arxiv.org/abs/1311.2901."""
    height, width = inputs.shape[2:]
    corners = [(r, c) for r in starts(height, window, stride) for c in starts(width, window, stride)]
    cost = cost or _cost(network, inputs)
    size = cost.batch(MASKS)
    cost.check_work(len(corners) + 1)
    whole = _scores(network, inputs.clone())[0, target]
    drops, covers = torch.zeros(height, width), torch.zeros(height, width)
    for first in range(0, len(corners), size):
        masks = _masks(corners[first : first + size], window, height, width)
        falls = whole - _scores(network, inputs * (1 - masks) + fill * masks)[:, target]
        drops += (masks[:, 0] * falls.view(-1, 1, 1)).sum(0)
        covers += masks[:, 0].sum(0)
    return drops / covers


def _masks(corners: list[tuple[int, int]], window: int, height: int, width: int) -> Tensor:
    """1 in the window at each corner, 0 elsewhere: (N, 1, height, width)."""
    masks = torch.zeros(len(corners), 1, height, width)
    for mask, (row, col) in zip(masks, corners):
        mask[:, row : row + window, col : col + window] = 1
    return masks


def starts(cells: int, window: int, stride: int) -> list[int]:
    """Where the windows begin: every `stride` cells, and one that ends at the edge."""
    last = max(0, cells - window)
    return sorted({*range(0, last + 1, stride), last})


def _cost(network: nn.Module, inputs: Tensor) -> Cost:
    return cost_of(network, tuple(inputs.shape[1:]))


def _scores(network: nn.Module, inputs: Tensor) -> Tensor:
    """What the network says, (N, scores). Raises ValueError where it does not run."""
    try:
        scores: Tensor = network(inputs).flatten(1)
    except RuntimeError as error:
        raise ValueError(f"the network does not run on {len(inputs):,} pictures: {first_line(error)}") from error
    return scores


@contextmanager
def _gradients() -> Iterator[None]:
    """With gradients, whatever is on around it. Raises ValueError where there is none to be had."""
    try:
        with torch.inference_mode(False), torch.enable_grad():
            yield
    except RuntimeError as error:
        raise ValueError(f"no gradient goes through the network: {first_line(error)}") from error


def _gradient(network: nn.Module, inputs: Tensor, target: int) -> Tensor:
    """d logit / d input for every picture of (N, C, H, W), in the same shape."""
    with _gradients():
        leaf = inputs.detach().clone().requires_grad_()
        logits = network(leaf.clone()).flatten(1)[:, target]
        return torch.autograd.grad(logits.sum(), leaf)[0]
