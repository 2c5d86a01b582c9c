"""Checkpoints: weights and the card that says what they are, in one `.safetensors` file. Never a pickle."""

import json
import math
import re
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import nn

from cnnviz import app_file, networks
from cnnviz.data.datasets import DataSet
from cnnviz.data.files import atomic_write
from cnnviz.tracing import scores
from cnnviz.tracing.cost import Cost, cost_of

LISTS = {"input_shape": int, "mean": float, "std": float, "classes": str}  # entries of a card, and what is in them
NUMBERS = ("accuracy", "epochs", "seed")
SHIPPED = app_file("checkpoints")


@dataclass(frozen=True)
class Card:
    """What a checkpoint is: the network, what it was trained on and how, and what it reached.

    `text` is the network where `network` is 'own text'. `input_shape` is (C, H, W); `mean` and `std` are one number a
    channel on the scale from 0 to 1; `accuracy` was measured on the test images of the data set, from 0 to 1 (None:
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
) -> Card:
    """The card of a network of the zoo, or of a text of one's own, that was trained on `data`."""
    return Card(
        network,
        data.name,
        networks.input_shape(network, data.picture),
        data.mean,
        data.std,
        data.classes,
        accuracy,
        epochs,
        seed,
        command,
        torch.__version__,
        text,
    )


def save(path: Path, network: nn.Module, card: Card) -> None:
    """Write weights and card as one file."""
    weights = {name: tensor.contiguous() for name, tensor in _on_cpu(network.state_dict()).items()}
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
    try:
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
    except (OSError, safetensors.SafetensorError) as error:
        raise ValueError(f"{path.name} is not a readable .safetensors file: {error}") from error
    try:
        return _card(json.loads(metadata["card"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path.name} has no card that this app can read ({error})") from error


def load(path: Path) -> Checkpoint:
    """The network with its weights, on the CPU, in evaluation mode.

    Raises ValueError where the file is no checkpoint, its weights or classes are not those of the network that its
    card names, or the network does not give one score a class.
    """
    card = read_card(path)
    with torch.device("meta"):
        network = networks.build(card.network, card.text)
    try:
        weights = safetensors.torch.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:  # it has just been cleared away, or written anew
        raise ValueError(f"{path.name} cannot be read: {error}") from error
    _check_weights(path.name, card, network.state_dict(), weights)
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
    unknown = {"text": "", **values}.keys() ^ {field.name for field in fields(Card)}  # older cards have no text
    if unknown:
        raise ValueError(f"its entries differ in {', '.join(sorted(unknown))}")
    for name, value in values.items():
        if not _is_of_its_kind(name, value):
            raise ValueError(f"{name} = {str(value)[:40]!r} is not of its kind")
    listed: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    card = Card(**listed)
    if len(card.input_shape) != 3 or card.input_shape != networks.input_shape(card.network, card.input_shape):
        raise ValueError(f"it says that {card.network} takes {card.input_shape}")
    if not (len(card.mean) == len(card.std) == card.input_shape[0] and all(s > 0 for s in card.std)):
        raise ValueError(f"mean {card.mean} and std {card.std} are not one for each channel")
    return card


def _is_of_its_kind(name: str, value: Any) -> bool:
    """Whether a card's entry, as JSON has it, is what pages and predictions rely on."""
    if name in LISTS:
        return isinstance(value, list) and all(_is_one(LISTS[name], one) for one in value)
    if name in NUMBERS:
        return (name == "accuracy" and value is None) or (_is_one(float, value) and value >= 0)
    return isinstance(value, str) and (name != "dataset" or bool(re.fullmatch(r"[\w-]+", value)))


def _is_one(kind: type, value: Any) -> bool:
    if kind is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is kind


def _check_weights(file: str, card: Card, expected: dict[str, torch.Tensor], found: dict[str, torch.Tensor]) -> None:
    shapes, present = ({name: tuple(t.shape) for name, t in weights.items()} for weights in (expected, found))
    for name in sorted({*shapes, *present}):
        if shapes.get(name) != present.get(name):
            raise ValueError(
                f"{file}: in {card.network} {name} should be {shapes.get(name, 'absent')} "
                f"and is {present.get(name, 'missing')}"
            )
    if any(found[name].dtype != tensor.dtype for name, tensor in expected.items()):
        raise ValueError(f"{file}: its weights are not of the number type that {card.network} has")
    if broken := next((name for name, tensor in found.items() if not tensor.isfinite().all()), None):
        raise ValueError(f"{file}: {broken} is not finite everywhere, as after a training that diverged")
