"""Checkpoints: weights and the card that says what they are, in one `.safetensors` file. Never a pickle."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.torch
import torch
from torch import nn

from cnnviz import app_file, networks
from cnnviz.data.datasets import DataSet
from cnnviz.data.datasets.preprocessing import FITS, Preprocessing
from cnnviz.data.files import atomic_write
from cnnviz.data.texts import is_text
from cnnviz.inference import headers, tensors
from cnnviz.tracing import scores
from cnnviz.tracing.cost import Cost, check_parameters, cost_of

LISTS = {"input_shape": int, "mean": float, "std": float, "classes": str}  # entries of a card, and what is in them
NUMBERS = ("accuracy", "epochs", "seed")
MAX_NUMBER = 2**53  # of a card: beyond, whole numbers are no floats any more
MAX_MEAN, MIN_STD = 1e3, 1e-6  # of a channel; a data set whose pictures are all alike has the latter
# The line of Python that gathers the weights of a module for safetensors, which refuses tensors that share memory:
# those of a layer with two names, or of layers that are tied.
GATHERED = "weights = {{name: tensor.cpu().contiguous().clone() for name, tensor in {model}.state_dict().items()}}"
SHIPPED = app_file("checkpoints")


@dataclass(frozen=True)
class Card:
    """What a checkpoint is: the network, what it was trained on and how, and what it reached.

    `text` is the network where `network` is 'own text'. `input_shape` is (C, H, W); `mean`, `std` and `fit` say what it
    sees of a picture (`preprocessing`); `accuracy` was measured on the test images of the data set, from 0 to 1 (None:
    not measured); `command` made the checkpoint.
    """

    network: str
    dataset: str
    input_shape: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    classes: tuple[str, ...]
    accuracy: float | None
    epochs: float
    seed: int
    command: str
    torch: str
    text: str = ""
    fit: str = FITS[0]

    @property
    def preprocessing(self) -> Preprocessing:
        """What the network sees of a picture."""
        return Preprocessing(self.mean, self.std, self.input_shape[1:], self.fit)


@dataclass(frozen=True)
class Checkpoint:
    """A trained network, ready to predict, with its card."""

    network: nn.Module
    card: Card

    @cached_property
    def cost(self) -> Cost:
        """What one picture costs it. Raises ValueError where the network does not take the card's pictures."""
        return cost_of(self.network, self.card.input_shape)


def card_for(
    network: str,
    data: DataSet,
    *,
    accuracy: float | None,
    epochs: float,
    seed: int,
    command: str,
    text: str = "",
    preprocessing: Preprocessing | None = None,
) -> Card:
    """The card of a network of the zoo, or of a text of one's own, that was trained on `data`; `preprocessing` is what
    it saw of a picture (None: framed, less the mean of the training images, by their deviation)."""
    shape = networks.input_shape(network, data.picture)
    seen = preprocessing or Preprocessing(data.mean, data.std, shape[1:])
    return Card(
        network,
        data.name,
        shape,
        seen.mean,
        seen.std,
        data.classes,
        accuracy,
        epochs,
        seed,
        command,
        torch.__version__,
        text,
        seen.fit,
    )


def save(path: Path, network: nn.Module, card: Card) -> None:
    """Write weights and card as one file; what two names share, under both."""
    sent = _on_cpu(network.state_dict())
    weights = {name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in sent.items()}
    with atomic_write(path) as temporary:
        safetensors.torch.save_file(weights, temporary, {"card": json.dumps(asdict(card))})


def _on_cpu(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The tensors on the CPU; a GPU sends all of them before anybody waits."""
    sent = {name: tensor.detach().to("cpu", non_blocking=tensor.is_cuda) for name, tensor in tensors.items()}
    for device in {tensor.device for tensor in tensors.values() if tensor.is_cuda}:
        torch.cuda.synchronize(device)
    return sent


def read_card(path: Path) -> Card:
    """The card alone. Raises ValueError where the file is not a checkpoint of this app."""
    with _readable(path), tensors.opened(path, "pt") as file:
        return _read_card(path.name, file)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """For whatever reads the file: what it raises as a sentence."""
    try:
        yield
    except (OSError, safetensors.SafetensorError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"{path.name} is not a readable .safetensors file: {reason}") from error


def _read_card(name: str, file: Any) -> Card:
    """The card of an open file of that name."""
    try:
        return _card(tensors.entry(file, "card"))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{name} has no card that this app can read ({error})") from error


def _unweighted(card: Card) -> nn.Module:
    """The network of a card, whose weights are still to come. That of a class is made whole: what it keeps beside its
    weights, such as a table of its own, is in no file. Raises ValueError where a text's has more parameters than may
    predict here."""
    is_class = card.network == networks.OWN_TEXT and networks.is_code(card.text)
    if is_class:
        network = networks.weightless(card.network, card.text, card.input_shape)
    else:
        with torch.device("meta"):
            network = networks.build(card.network, card.text)
    if card.network == networks.OWN_TEXT:
        check_parameters(network)
    if is_class:
        with torch.random.fork_rng([]):
            return networks.build(card.network, card.text, card.input_shape)
    return network


def load(path: Path) -> Checkpoint:
    """The network with its weights, on the CPU, in evaluation mode.

    Raises ValueError where the file is no checkpoint, its weights or classes are not those of the network that its
    card names, or the network does not give one score a class.
    """
    with _readable(path), tensors.opened(path, "pt") as file:
        card, found = _read_card(path.name, file), tensors.described(file)
        network = _unweighted(card)
        _check_shapes(path.name, card, network.state_dict(), found)
        weights = {name: file.get_tensor(name) for name in found}
    for name, tensor in weights.items():
        check_finite(path.name, name, tensor)
    if scores(network, card.input_shape) < len(card.classes):
        raise ValueError(
            f"{path.name}: its card names {len(card.classes)} classes, more than {card.network} tells apart"
        )
    network.load_state_dict(weights, assign=True)
    return Checkpoint(network.eval().requires_grad_(False), card)


def shipped() -> dict[str, Path]:
    """The checkpoints that come with the app, by the name of their network."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.safetensors"))}


def _card(values: dict[str, Any]) -> Card:
    """A card from JSON, its lists as tuples; what contradicts itself is refused."""
    known = {field.name for field in fields(Card)}
    unknown = {"text": "", "fit": "", **values}.keys() ^ known  # which older cards have not
    if unknown:
        raise ValueError(f"its entries differ in {', '.join(sorted(unknown))}")
    for name, value in values.items():
        if not _is_of_its_kind(name, value):
            raise ValueError(f"{name} = {str(value)[:40]!r} is not of its kind")
    listed: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    card = Card(**listed)
    if card.fit not in FITS:
        raise ValueError(f"fit = {card.fit[:40]!r} is not one of {', '.join(FITS)}")
    if len(card.input_shape) != 3 or card.input_shape != networks.input_shape(card.network, card.input_shape):
        raise ValueError(f"it says that {card.network} takes {card.input_shape}")
    each = len(card.mean) == len(card.std) == card.input_shape[0]
    if not (each and all(abs(m) <= MAX_MEAN for m in card.mean) and all(s >= MIN_STD for s in card.std)):
        raise ValueError(f"mean {card.mean} and std {card.std} are not one for each channel")
    return card


def _is_of_its_kind(name: str, value: Any) -> bool:
    """Whether a card's entry, as JSON has it, is what pages and predictions rely on."""
    if name in LISTS:
        return isinstance(value, list) and all(_is_one(LISTS[name], one) for one in value)
    if name in NUMBERS:
        high = 1 if name == "accuracy" else MAX_NUMBER
        return (name == "accuracy" and value is None) or (_is_one(float, value) and 0 <= value <= high)
    return _is_one(str, value) and (name != "dataset" or bool(re.fullmatch(r"[\w-]+", value)))


def _is_one(kind: type, value: Any) -> bool:
    if kind is str:
        return isinstance(value, str) and is_text(value)
    if kind is float:
        return type(value) in (int, float) and abs(value) <= MAX_NUMBER
    return type(value) is kind


def _check_shapes(file: str, card: Card, expected: dict[str, torch.Tensor], found: tensors.Described) -> None:
    """Raises ValueError where the weights in the file are not those of the network, before one is read."""
    wanted = {name: tuple(tensor.shape) for name, tensor in expected.items()}
    present = {name: shape for name, (_, shape) in found.items()}
    for name in sorted({*wanted, *present}):
        if wanted.get(name) != present.get(name):
            raise ValueError(
                f"{file}: in {card.network} {name[:80]} should be {wanted.get(name, 'absent')} "
                f"and is {present.get(name, 'missing')}"
            )
    if any(found[name][0] != headers.WRITTEN.get(tensor.dtype) for name, tensor in expected.items()):
        raise ValueError(f"{file}: its weights are not of the number type that {card.network} has")


def check_finite(file: str, name: str, tensor: torch.Tensor) -> None:
    """Raises ValueError that names the first number that is none."""
    if not tensor.numel() or all(bound.isfinite() for bound in tensor.aminmax()):
        return  # found without a copy of the tensor, for which isfinite takes twice its memory
    broken = ~tensor.isfinite()
    if count := int(broken.sum()):
        at = np.unravel_index(int(broken.flatten().view(torch.uint8).argmax()), tensor.shape)
        numbers = f"{count:,} of its {tensor.numel():,} numbers are" if tensor.numel() > 1 else "this is"
        raise ValueError(
            f"{file}: {name} has {tensor[at].item()} at {[int(place) for place in at]}, and {numbers} not finite, as "
            "after a training that diverged; take weights from before that, or train with a smaller learning rate"
        )
