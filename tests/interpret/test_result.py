"""What a network gives back is what is looked at, whatever else it computes."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnnviz.interpret.activations import examine
from cnnviz.interpret.attributions import grad_cam


class _Notes(nn.Module):
    """A network that goes on computing after its scores, and gives back a piece of what it splits."""

    def __init__(self, piece):
        super().__init__()
        self.conv, self.last, self.piece = nn.Conv2d(1, 4, 3), nn.Linear(4, 7), piece

    def forward(self, x):
        maps = self.conv(x)
        scores = self.last(maps.mean((2, 3)))
        scores = scores.split([4, 3], 1)[1] if self.piece else scores
        self.spread = maps.std((2, 3))
        return scores


@pytest.mark.parametrize("piece", [False, True])
def test_the_scores_are_what_forward_gives_back(piece):
    network, x = _Notes(piece).eval(), torch.rand(1, 1, 8, 8)
    anatomy = examine(network, x)
    with torch.no_grad():
        assert torch.allclose(anatomy.logits, network(x)[0])
    assert torch.allclose(anatomy.values["softmax"], anatomy.logits.softmax(0))
    maps = grad_cam(network, x, 2, "conv")
    images = x.clone().requires_grad_()
    kept = network.conv(images)
    score = network.last(kept.mean((2, 3)))[0, 6 if piece else 2]
    slope = torch.autograd.grad(score, kept)[0].mean((2, 3), keepdim=True)
    wanted = F.interpolate((kept * slope).sum(1, keepdim=True).relu(), (8, 8), mode="bilinear", align_corners=False)
    assert torch.allclose(maps, wanted[0, 0], atol=1e-6)
