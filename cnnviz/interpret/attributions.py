"""Why a network answered so: four ways to ask how much each pixel matters for one class.

All of them look at the class's logit. They are short enough to stand here; the tests hold them against Captum
(https://captum.ai), the maintained library, which would bring matplotlib along.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.interpret.activations import watch

STEPS = 32  # of integrated gradients


def saliency(network: nn.Module, inputs: Tensor, target: int) -> Tensor:
    """|d logit / d pixel|, of the channel where it is largest: (H, W) for `inputs` (1, C, H, W).

    Simonyan, Vedaldi and Zisserman, Deep Inside Convolutional Networks, 2013, https://arxiv.org/abs/1312.6034.
    """
    return _gradient(network, inputs, target)[0].abs().amax(0)


def integrated_gradients(
    network: nn.Module, inputs: Tensor, target: int, baseline: Tensor | None = None, steps: int = STEPS
) -> Tensor:
    """(x - baseline) times the mean gradient on the straight line between them: (H, W), summed over the channels.

    It adds up to the difference of the two logits; the mean is taken by the Gauss-Legendre rule of `steps` points.
    `baseline` is 0 without one. Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks, 2017,
    https://arxiv.org/abs/1703.01365.
    """
    base = torch.zeros_like(inputs) if baseline is None else baseline
    points, weights = _gauss_legendre(steps)
    along = base + points.view(-1, 1, 1, 1) * (inputs - base)  # (steps, C, H, W)
    mean = (_gradient(network, along, target) * weights.view(-1, 1, 1, 1)).sum(0)
    return ((inputs - base)[0] * mean).sum(0)


def _gauss_legendre(steps: int) -> tuple[Tensor, Tensor]:
    """Points between 0 and 1 and their weights, which sum to 1."""
    from numpy.polynomial.legendre import leggauss

    points, weights = leggauss(steps)
    return torch.tensor((points + 1) / 2, dtype=torch.float32), torch.tensor(weights / 2, dtype=torch.float32)


def grad_cam(network: nn.Module, inputs: Tensor, target: int, step: str) -> Tensor:
    """ReLU of the maps of `step`, each weighted by its mean gradient: (H, W) of the input, enlarged bilinearly.

    Selvaraju et al., Grad-CAM, 2016, https://arxiv.org/abs/1610.02391. Raises ValueError where `step` has no maps.
    """
    with torch.inference_mode(False), torch.enable_grad():
        watcher = watch(network, inputs.clone().requires_grad_())
        maps = watcher.values.get(step)
        if maps is None or maps.dim() != 4:
            raise ValueError(f"Grad-CAM needs a step with maps, and {step[:80]!r} is none")
        logit = watcher.values[watcher.steps[-1].name].flatten(1)[0, target]
        (slope,) = torch.autograd.grad(logit, maps)
    weighted = (maps.detach() * slope.mean((2, 3), keepdim=True)).sum(1, keepdim=True).relu()
    return F.interpolate(weighted, tuple(inputs.shape[2:]), mode="bilinear", align_corners=False)[0, 0]


@torch.no_grad()
def occlusion(
    network: nn.Module, inputs: Tensor, target: int, window: int = 5, stride: int = 2, fill: float | Tensor = 0.0
) -> Tensor:
    """By how much the logit falls where a window of the input is covered with `fill`: (H, W), for each pixel the mean
    over the windows that cover it. Zeiler and Fergus, 2013, https://arxiv.org/abs/1311.2901."""
    height, width = inputs.shape[2:]
    corners = [(r, c) for r in starts(height, window, stride) for c in starts(width, window, stride)]
    masks = torch.zeros(len(corners), 1, height, width)
    for mask, (row, col) in zip(masks, corners):
        mask[:, row : row + window, col : col + window] = 1
    covered = inputs * (1 - masks) + fill * masks
    drops = network(inputs).flatten(1)[0, target] - network(covered).flatten(1)[:, target]
    mean: Tensor = (masks[:, 0] * drops.view(-1, 1, 1)).sum(0) / masks[:, 0].sum(0)
    return mean.detach()


def starts(cells: int, window: int, stride: int) -> list[int]:
    """Where the windows begin: every `stride` cells, and one that ends at the edge."""
    last = max(0, cells - window)
    return sorted({*range(0, last + 1, stride), last})


def _gradient(network: nn.Module, inputs: Tensor, target: int) -> Tensor:
    """d logit / d input for every picture of (N, C, H, W), in the same shape."""
    with torch.inference_mode(False), torch.enable_grad():
        leaf = inputs.detach().clone().requires_grad_()
        logits = network(leaf).flatten(1)[:, target]
        return torch.autograd.grad(logits.sum(), leaf)[0]
