"""A data set on the device, cut into batches there."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from cnnviz.augmentation import augment
from cnnviz.datasets import DataSet, normalise
from cnnviz.networks import input_shape
from cnnviz.training.config import TrainConfig


class OnDevice:
    """The images as uint8 tensors on the device: augmented, framed and normalised there, batch by batch."""

    def __init__(self, data: DataSet, config: TrainConfig, device: torch.device):
        some = slice(config.subset or None)
        self.x_train, self.y_train = data.x_train[some].to(device), data.y_train[some].to(device)
        self.x_test, self.y_test = data.x_test.to(device), data.y_test.to(device)
        self.mean, self.std = data.mean, data.std
        self.size = input_shape(config.network, data.picture)[1:]
        self.augmentation, self.device = config.augmentation, device
        self.order = Generator().manual_seed(config.seed)  # always the CPU's, so that devices see one order
        self.chance = Generator(device).manual_seed(config.seed)

    def seen(self, images: Tensor) -> Tensor:
        """uint8 (N, C, H, W) -> what the network sees; channels_last is what convolutions are fastest on."""
        ready = normalise(images, self.mean, self.std, self.size)
        return ready.contiguous(memory_format=torch.channels_last)

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Once through the training images in a new order."""
        order = torch.randperm(len(self.x_train), generator=self.order).to(self.device)
        for chosen in order.split(size):
            images = augment(self.augmentation, self.x_train[chosen], self.chance)
            yield self.seen(images), self.y_train[chosen]
