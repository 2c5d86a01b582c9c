"""Loss and accuracy over many images, and their measurement on images that are not trained on."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.tracing.cost import Cost

EVALUATION_BATCH = 500
ELSEWHERE = 5_000, 8_000_000  # on a GPU: images at a time, and at most so many numbers of them
GPU_BYTES = 4 * 2**30  # that their activations take there


class RunningMetrics:
    """Loss and hits, summed on the device; only reading them waits for it."""

    def __init__(self, device: torch.device):
        self.sums, self.count = torch.zeros(2, device=device), 0

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        hits = (logits.argmax(1) == labels).sum()
        self.sums += torch.stack((loss * len(labels), hits))
        self.count += len(labels)

    def reset(self) -> None:
        """Begins anew, in the same place of the device."""
        self.sums.zero_()
        self.count = 0

    def merge(self, other: "RunningMetrics") -> None:
        self.sums += other.sums
        self.count += other.count

    def read(self) -> tuple[float, float]:
        """Mean loss and accuracy."""
        return PendingMetrics(self).figures()


class PendingMetrics:
    """The sums on their way to the interpreter: a GPU copies them when it gets there, and nobody waits."""

    def __init__(self, metrics: RunningMetrics):
        self.count, self.copied = metrics.count, None
        self.sums = metrics.sums.to("cpu", non_blocking=metrics.sums.is_cuda, copy=True)  # cuda: into pinned memory
        if metrics.sums.is_cuda:
            self.copied = torch.cuda.current_stream(metrics.sums.device).record_event()

    def is_here(self) -> bool:
        """Whether the sums have come."""
        return self.copied is None or self.copied.query()

    def figures(self) -> tuple[float, float]:
        """Mean loss and accuracy; waits for them where they have not come."""
        if self.copied is not None:
            self.copied.synchronize()
        loss, hits = self.sums.tolist()
        return loss / self.count, hits / self.count


@torch.inference_mode()
def measure(
    network: nn.Module, images: Tensor, labels: Tensor, preprocess: Callable[[Tensor], Tensor], size: int
) -> tuple[float, float]:
    """Mean loss and accuracy over uint8 images (N, C, H, W), `size` at a time; `preprocess` makes of a batch what a
    network sees."""
    network.eval()
    metrics = RunningMetrics(images.device)
    for batch, expected in zip(images.split(size), labels.split(size), strict=True):
        logits = network(preprocess(batch))
        metrics.add(F.cross_entropy(logits.float(), expected), logits, expected)
    return metrics.read()


def evaluation_batch(images: Tensor, cost: Cost) -> int:
    """How many of the images (N, C, H, W) are measured at a time by a network of that cost: many on a GPU, which waits
    for each batch. Raises ValueError where one takes more memory than is allowed."""
    if images.device.type == "cpu":
        return cost.batch(EVALUATION_BATCH)
    max_images, numbers = ELSEWHERE
    return max(1, min(max_images, numbers // images[0].numel(), GPU_BYTES // max(1, cost.plain)))
