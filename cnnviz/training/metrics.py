"""Loss and accuracy over many images, and their measurement on images that are not trained on."""

from collections.abc import Callable
from math import ceil

import torch
from torch import Tensor, nn

from cnnviz.training.losses import Loss, cross_entropy
from cnnviz.training.work import Work

EVALUATION_BATCH = 500
AT_ONCE = 25e9, 500e6  # operations and bytes of a batch that is measured: a stop is heard between two of them
ELSEWHERE = 5_000, 8_000_000  # on a GPU: images at a time, and at most so many numbers of them
AT_ONCE_ELSEWHERE = 2.5e12, 4e9


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
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    preprocess: Callable[[Tensor], Tensor],
    size: int = EVALUATION_BATCH,
    is_late: Callable[[], bool] | None = None,
    loss: Loss = cross_entropy,
) -> RunningMetrics:
    """Loss and accuracy over uint8 images (N, C, H, W), `size` at a time; `preprocess` makes of a batch what a network
    sees. The loss is taken without smoothing.

    Where `is_late` is given it is asked between two batches, and True ends the measurement with the images so far.
    Every batch is then spread over all of them, so that also a few stand for the rest.
    """
    network.eval()
    metrics, count = RunningMetrics(images.device), ceil(len(images) / size)
    for index in range(count):
        if is_late and index and is_late():
            break
        part = slice(index, None, count) if is_late else slice(index * size, (index + 1) * size)
        logits = network(preprocess(images[part]))
        metrics.add(loss(logits.float(), labels[part], 0.0), logits, labels[part])
    return metrics


def evaluation_batch(images: Tensor, work: Work) -> int:
    """How many of the images (N, C, H, W) are measured at a time: many on a GPU, which waits for each batch, and no
    more than a stop may wait for."""
    if images.device.type == "cpu":
        return work.images_at_once(EVALUATION_BATCH, *AT_ONCE)
    max_images, numbers = ELSEWHERE
    return work.images_at_once(max(1, min(max_images, numbers // images[0].numel())), *AT_ONCE_ELSEWHERE)
