"""A data set on the device, cut into batches there."""

from math import ceil

import torch
from torch import Generator, Tensor

from cnnviz.data.datasets import DataSet
from cnnviz.training.augmentation import augment
from cnnviz.training.config import TrainConfig
from cnnviz.training.devices import pick_precision
from cnnviz.training.preprocessing import preprocessing

AT_ONCE = 8_000_000  # numbers that are normalised at a time where all of them are kept
MAX_SHARE = 0.25  # of a GPU's free memory that the normalised training images may take


class OnDevice:
    """The images as uint8 tensors on the device: augmented, framed and normalised there, batch by batch.

    A GPU with the memory for it keeps the training images normalised, in the number type of the products, where no
    augmentation changes them: (N, H, W, C), which a batch is gathered from as it is needed, channels last.
    """

    def __init__(self, data: DataSet, config: TrainConfig, device: torch.device):
        some = slice(config.subset or None)
        x, y = data.x_train[some], data.y_train[some]
        self.x_validation, self.y_validation = x[:0], y[:0]
        if config.validation:
            held = held_out(len(x), config)
            self.x_validation, self.y_validation = x[held].to(device), y[held].to(device)
            x, y = x[~held], y[~held]
        self.x_train, self.y_train = x.to(device), y.to(device)
        self.x_test, self.y_test = data.x_test.to(device), data.y_test.to(device)
        self.preprocessing = preprocessing(config, data)
        self.augmentation, self.device = config.augmentation, device
        self.order = Generator().manual_seed(config.seed)  # always the CPU's, so that devices see one order
        self.generator = Generator(device).manual_seed(config.seed)
        self.ready = self.normalised(pick_precision(config.precision, device)) if self.may_keep_them() else None

    def may_keep_them(self) -> bool:
        """Whether the normalised images are the same at each epoch, and few enough to be kept."""
        if self.device.type != "cuda" or self.augmentation != "none":
            return False
        height, width = self.preprocessing.size
        numbers = len(self.x_train) * self.x_train.shape[1] * height * width
        free, _ = torch.cuda.mem_get_info(self.device)
        return 4 * numbers <= MAX_SHARE * free

    def normalised(self, kind: torch.dtype) -> Tensor:
        """All training images as a network sees them: (N, H, W, C) of that number type."""
        parts = self.x_train.split(max(1, AT_ONCE // self.x_train[0].numel()))
        return torch.cat([self.preprocess(part).to(kind).permute(0, 2, 3, 1) for part in parts])

    def preprocess(self, images: Tensor) -> Tensor:
        """uint8 (N, C, H, W) -> what the network sees; channels_last is what convolutions are fastest on."""
        return self.preprocessing(images).contiguous(memory_format=torch.channels_last)

    def shuffled(self) -> Tensor:
        """The indices of all training images in a new order, on the device."""
        return send(torch.randperm(len(self.x_train), generator=self.order), self.device)

    def batch(self, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """What the network sees of the training images of those indices (N,), and their labels."""
        labels = self.y_train.index_select(0, chosen)
        if self.ready is not None:
            return self.ready.index_select(0, chosen).permute(0, 3, 1, 2), labels
        images = augment(self.augmentation, self.x_train.index_select(0, chosen), self.generator)
        return self.preprocess(images), labels


def epoch_order(count: int, seed: int, epoch: int) -> Tensor:
    """The indices of `count` training images in the order in which a run of that seed goes through them in its epoch,
    from 1: int64 (count,)."""
    order = Generator().manual_seed(seed)
    shuffled = torch.arange(count)
    for _ in range(epoch):
        shuffled = torch.randperm(count, generator=order)
    return shuffled


def held_out(count: int, config: TrainConfig) -> Tensor:
    """Which of `count` training images are for validation, bool (count,), by the seed; one at the least is left."""
    size = min(ceil(config.validation * count), count - 1)
    chosen = torch.randperm(count, generator=Generator().manual_seed(config.seed))[:size]
    return torch.zeros(count, dtype=torch.bool).index_fill(0, chosen, True)


def send(values: Tensor, device: torch.device) -> Tensor:
    """The values on the device; cuda takes them from pinned memory when it gets there, and nobody waits."""
    on_cuda = device.type == "cuda"
    return (values.pin_memory() if on_cuda else values).to(device, non_blocking=on_cuda)
