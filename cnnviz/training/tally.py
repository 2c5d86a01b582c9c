"""Loss and accuracy over many images, and their measurement on images that are not trained on."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EVALUATION_BATCH = 500


class Tally:
    """Loss and hits, summed on the device; only reading them waits for it."""

    def __init__(self, device: torch.device):
        self.sums, self.count = torch.zeros(2, device=device), 0

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        hits = (logits.argmax(1) == labels).sum()
        self.sums += torch.stack((loss * len(labels), hits))
        self.count += len(labels)

    def merge(self, other: "Tally") -> None:
        self.sums += other.sums
        self.count += other.count

    def read(self) -> tuple[float, float]:
        """Mean loss and accuracy."""
        loss, hits = self.sums.tolist()
        return loss / self.count, hits / self.count


@torch.inference_mode()
def measure(
    network: nn.Module, images: Tensor, labels: Tensor, seen: Callable[[Tensor], Tensor]
) -> tuple[float, float]:
    """Mean loss and accuracy over uint8 images (N, C, H, W); `seen` makes of a batch what a network sees."""
    network.eval()
    tally = Tally(images.device)
    for batch, expected in zip(images.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH), strict=True):
        logits = network(seen(batch))
        tally.add(F.cross_entropy(logits.float(), expected), logits, expected)
    return tally.read()
