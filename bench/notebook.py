"""The loop that the notebooks train with, for the benches that compare with it.

A DataLoader over a data set that makes a PIL picture of each image, frames it and turns it into a normalised tensor,
one by one, as torchvision's MNIST and CIFAR-10 with their transforms do; hits read from the device at every step.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from cnnviz.data.datasets import DataSet
from cnnviz.networks import zoo
from cnnviz.training import TrainConfig

NOTEBOOK = TrainConfig(batch_size=100, optimizer="momentum", learning_rate=0.01, weight_decay=1e-4, epochs=10)


class Pictures(Dataset[tuple[Tensor, int]]):
    """What torchvision does for each image (N, C, H, W), with Pad to `size` = (H, W), ToTensor and Normalize."""

    def __init__(self, images: Tensor, labels: Tensor, data: DataSet, size: tuple[int, int]):
        self.images, self.labels, self.mean, self.std = images.permute(0, 2, 3, 1), labels, data.mean, data.std
        down, right = size[0] - images.shape[2], size[1] - images.shape[3]
        self.border = (right // 2, down // 2, right - right // 2, down - down // 2)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture = ImageOps.expand(Image.fromarray(self.images[index].squeeze(2).numpy()), self.border)
        pixels = torch.from_numpy(np.array(picture)).view(picture.height, picture.width, -1)
        tensor = pixels.permute(2, 0, 1).contiguous().to(torch.float32).div(255)
        mean, std = (torch.as_tensor(values).view(-1, 1, 1) for values in (self.mean, self.std))
        return tensor.sub_(mean).div_(std), int(self.labels[index])


class Notebook:
    """Network, optimiser and loaders as the notebooks write them; `images` trains on the first so many only."""

    def __init__(
        self, data: DataSet, batch: int, images: int | None = None, network: str = "lenet5", device: str = "cpu"
    ):
        torch.manual_seed(0)
        some, c, size = slice(images), NOTEBOOK, zoo.entry(network).input_shape[1:]
        self.device = device
        self.train = DataLoader(Pictures(data.x_train[some], data.y_train[some], data, size), batch, shuffle=True)
        self.test = DataLoader(Pictures(data.x_test, data.y_test, data, size), batch)
        self.network, self.criterion = zoo.build(network).to(device), nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(
            self.network.parameters(), lr=c.learning_rate, momentum=c.momentum, weight_decay=c.weight_decay
        )

    def epoch(self) -> None:
        """Once through the training images, counting hits at every step."""
        self.network.train()
        correct = total = 0
        for inputs, targets in self.train:
            inputs, targets = inputs.to(self.device), targets.to(self.device)
            out = self.network(inputs)
            loss = self.criterion(out, targets)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            _, predicted = torch.max(out, 1)
            total += targets.size(0)
            correct += (predicted == targets).sum().item()

    def speed(self) -> float:
        """Images per second of one pass."""
        started = time.perf_counter()
        self.epoch()
        return len(self.train.dataset) / (time.perf_counter() - started)  # type: ignore[arg-type]

    @torch.no_grad()
    def accuracy(self) -> float:
        """On the test images."""
        self.network.eval()
        hits = [
            (self.network(inputs.to(self.device)).argmax(1) == targets.to(self.device)).sum().item()
            for inputs, targets in self.test
        ]
        return sum(hits) / len(self.test.dataset)  # type: ignore[arg-type]
