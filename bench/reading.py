"""How long a text of a network takes to be read and followed, and what it costs to train one: for `bench trace`."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median, quantiles

import torch
from torch import nn

from cnnviz.networks import OWN_TEXT, own
from cnnviz.networks.notation import NotationError
from cnnviz.server import following

FOLLOWED = """| text | characters | steps | read: median ms | p95 ms | with its trace: median ms | p95 ms |
|---|---|---|---|---|---|---|"""
TRAINED = """| network | batch | steps of each | plain Python, median ms | as a text, median ms | median of the ratios |
|---|---|---|---|---|---|"""
KINDS = 8  # of texts that are written here
BUDGET = 5  # per cent that a training step of a text may take longer
SEQUENTIAL = """nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(16 * 5 * 5, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
)"""
KERAS = """from tensorflow.keras import layers, models

model = models.Sequential([
    layers.Input((28, 28, 1)),
    layers.Conv2D(6, 5, padding="same", activation="relu"),
    layers.MaxPooling2D(),
    layers.Conv2D(16, 5, activation="relu"),
    layers.MaxPooling2D(),
    layers.Flatten(),
    layers.Dense(120, activation="relu"),
    layers.Dense(84, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="categorical_crossentropy")
"""
SCRIPT = """
import torch
from torchvision import datasets, transforms

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
data = datasets.CIFAR10("data", train=True, download=True, transform=transforms.ToTensor())
loader = torch.utils.data.DataLoader(data, batch_size=128, shuffle=True)
model = ResNet20().to(device)
optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
for epoch in range(90):
    for images, labels in loader:
        optimiser.zero_grad()
        loss = F.cross_entropy(model(images.to(device)), labels.to(device))
        loss.backward()
        optimiser.step()
    print(f"epoch {epoch}: {loss.item():.4f}")
"""


@dataclass(frozen=True)
class Text:
    """A text, the input (C, H, W) that it is followed by, and what is chosen of it."""

    what: str
    text: str
    shape: tuple[int, ...]
    chosen: str = ""
    arguments: tuple[tuple[str, str], ...] = ()


def source_of(name: str) -> str:
    """The text of a module of `bench.texts`."""
    return Path(__file__).with_name("texts").joinpath(f"{name}.py").read_text(encoding="utf-8")


def texts() -> Iterator[Text]:
    """One of every kind that is read; then those of the five documents, where their folder is known."""
    lenet, resnet = source_of("lenet5"), source_of("resnet20")
    cells = [{"cell_type": "code", "source": part.splitlines(True), "outputs": []} for part in (resnet, SCRIPT)]
    yield Text("LeNet-5, an nn.Sequential", SEQUENTIAL, (1, 28, 28))
    yield Text("LeNet-5, a class", lenet, (1, 28, 28))
    yield Text("LeNet-5, as Keras", KERAS, (1, 28, 28))
    yield Text("LeNet-5, as print shows it", str(own.read(SEQUENTIAL).build()), (1, 28, 28))
    yield Text("ResNet-20, classes", resnet, (3, 32, 32))
    yield Text("ResNet-20, a script that trains it", resnet + SCRIPT, (3, 32, 32))
    yield Text("ResNet-20, a notebook file", json.dumps({"cells": cells}, indent=1), (3, 32, 32))
    yield Text("ResNet-50, classes", source_of("resnet50"), (3, 224, 224))
    yield from _of_the_documents()


def _of_the_documents() -> Iterator[Text]:
    from tests.networks.source import test_documents as documents

    for one in documents.NETWORKS if documents.FOLDER else ():
        arguments = (("resblock", "ResidualBlock"),) if one.name.startswith("ResNet") else one.arguments
        text = documents.document(one.document)
        yield Text(f"document {one.document + 1}, whole: {one.chosen}", text, one.input, one.chosen, arguments)


def read_and_followed(one: Text, repeats: int) -> str:
    """One row. No reading is one that is kept: the text is another one each time, by white space at its end."""
    arguments, found = dict(one.arguments), []

    def read(text: str) -> None:
        with suppress(NotationError):  # Keras, in whose place a text is offered
            own.read(text, one.chosen, arguments)

    def follow(text: str) -> None:
        found.append(following.trace(OWN_TEXT, text, (1, *one.shape), one.chosen, one.arguments, (), lambda _: None))

    cells = [f"{median(times):.1f} | {_p95(times):.1f}" for times in _timed(one.text, repeats, read, follow)]
    if any(traced.stopped or (traced.error and not traced.offered) for traced in found):
        raise RuntimeError(f"{one.what} is not followed to its end: {found[-1].error or found[-1].stopped}")
    return f"| {one.what} | {len(one.text):,} | {len(found[-1].steps) or ''} | {' | '.join(cells)} |"


def _timed(text: str, repeats: int, *acts: Callable[[str], None]) -> list[list[float]]:
    """The milliseconds of each act on a text that it has not seen."""
    times: list[list[float]] = [[] for _ in acts]
    for at in range(-3, repeats):  # three to warm up
        for number, (act, kept) in enumerate(zip(acts, times, strict=True)):
            fresh = text + "\n" * (2 * (at + 3) + number + 1)
            start = time.perf_counter()
            act(fresh)
            if at >= 0:
                kept.append(1000 * (time.perf_counter() - start))
    return times


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1]


# --- training


def trained(name: str, kind: str, shape: tuple[int, ...], repeats: int) -> str:
    """One row: steps of the class that a module of `bench.texts` defines, and of the network that is read from its
    text, in turn, from the same weights with the same batch; the ratio is taken of each pair."""
    plain = getattr(import_module(f"bench.texts.{name}"), kind)()
    pasted = own.read(source_of(name), kind).build()
    pasted.load_state_dict(plain.state_dict())
    images, labels = torch.randn(shape), torch.randint(10, shape[:1])
    steps = [_step(network, images, labels) for network in (plain, pasted)]
    times: list[list[float]] = [[], []]
    for at in range(-3, repeats):
        for which in (0, 1) if at % 2 else (1, 0):  # neither is always the first
            start = time.perf_counter()
            steps[which]()
            if at >= 0:
                times[which].append(1000 * (time.perf_counter() - start))
    ratio = median(two / one for one, two in zip(*times, strict=True))
    cells = " | ".join(f"{median(one):.1f}" for one in times)
    verdict = "ok" if ratio <= 1 + BUDGET / 100 else "OVER"
    return f"| {kind} | {shape[0]} | {repeats} | {cells} | {ratio:.3f} ({verdict}) |"


def _step(network: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> Callable[[], None]:
    optimiser = torch.optim.SGD(network.train().parameters(), lr=0.01, momentum=0.9)

    def step() -> None:
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        optimiser.step()

    return step


def forwards(name: str, kind: str, shape: tuple[int, ...], repeats: int) -> str:
    """How much longer one forward takes as a text, in a sentence: the least of many, which other work disturbs
    little."""
    plain = getattr(import_module(f"bench.texts.{name}"), kind)().eval()
    pasted = own.read(source_of(name), kind).build().eval()
    image, least = torch.randn(1, *shape), [float("inf")] * 2
    with torch.no_grad():
        for _ in range(repeats):
            for which, network in enumerate((plain, pasted)):
                start = time.perf_counter()
                network(image)
                least[which] = min(least[which], 1000 * (time.perf_counter() - start))
    return f"{kind}, one image: {least[0]:.2f} ms in plain Python, {least[1] - least[0]:.2f} ms more as a text"


# --- texts that are damaged


def damaged(count: int) -> str:
    """What becomes of so many mutated texts of two classes each, read in a child with limits, in a sentence."""
    from tests.networks.source import architectures
    from tests.networks.source import test_hostile as hostile

    start = time.perf_counter()
    head, *classes = (
        Path(architectures.__file__).read_text(encoding="utf-8").partition("NETWORKS = {")[0].split("\n\n\n")
    )
    texts = []
    for rng in map(random.Random, range(count)):
        texts.append(hostile.mutated("\n\n\n".join([head, *rng.sample(classes, 2)]), rng))
    found = hostile.outcomes(texts)
    read = sum("refused" not in one for one in found)
    whole = sum("steps" in one for one in found)
    longest = max(float(one["seconds"]) for one in found)
    return (
        f"Of {count:,} mutated texts {count - read:,} were refused in a sentence and {read:,} read, {whole:,} of them "
        f"followed to the end; the longest took {1000 * longest:.0f} ms of a processor, all together "
        f"{time.perf_counter() - start:.0f} s. None ended the process, which has limits on memory and time."
    )
