"""A run as a script of its own: torch and torchvision, nothing of this package, and the very same numbers.

Networks and augmentations go into it as they stand here (`sources.py`), a schedule by torch's name for it; a text that
somebody typed only as the notation writes it anew.
"""

import textwrap
from importlib import import_module

from cnnviz.data import datasets
from cnnviz.data.datasets import DataSet
from cnnviz.networks import OWN_TEXT, notation, own, zoo
from cnnviz.networks.source import Source, Written, written
from cnnviz.runs.standalone import parts
from cnnviz.runs.standalone.sources import Sources
from cnnviz.training import TrainConfig, augmentation, initialisation, losses
from cnnviz.training.preprocessing import preprocessing

__all__ = ["script"]

INDENT = "    "
INLINE = ("cross_entropy", "default")  # what the script says by a call of torch's, or needs no word for


def script(config: TrainConfig) -> str:
    """The text of a train.py that repeats the run of that config; only its time limit is left out.

    On the same machine, with the same version of torch, it gives the same weights. Raises ValueError where the data
    set is not there: its size, mean and deviation stand in the script.
    """
    data, sources = datasets.load(config.dataset), Sources()
    sources.need("torch")
    sources.need("torch.nn.functional as F")
    sources.need("torch", "Tensor", "nn")
    sources.need("safetensors.torch", "load_file", "save_file")
    network = _network_name(config, sources)
    augment = _augmentation_name(config, sources)
    for module, name in ((losses, config.loss), (initialisation, config.initialisation)):
        if name not in INLINE:
            sources.add(module, name)
    loading = parts.loading(config, sources)
    training = parts.training(config, network, augment, sources)
    constants = "\n".join([*_settings(config, data), *sources.constants()])
    blocks = [
        *sources.blocks(),
        *_own_network(config),
        loading,
        parts.preprocess(config),
        parts.accuracy(),
        training,
        *parts.saving(config, network),
        parts.END,
    ]
    return "\n\n\n".join([f"{_opening(config, data)}\n\n{sources.head()}\n\n{constants}", *blocks])


def _opening(config: TrainConfig, data: DataSet) -> str:
    """What the script is."""
    network = "A network of one's own" if config.network == OWN_TEXT else zoo.entry(config.network).title
    sha256 = config.start_sha256[:16]
    start = f"It goes on from start.safetensors, whose SHA-256 is {sha256}...\n\n" if config.start else ""
    limit = f"\n\nIts time limit of {config.time_limit:g} seconds is left out." if config.time_limit else ""
    return (
        f'"""{network} on {data.name}, trained with PyTorch alone: python train.py\n\n{start}'
        "On the same machine, with the same version of torch, this gives the numbers of the run in cnnviz that it was\n"
        f'written from.{limit}\n"""'
    )


def _settings(config: TrainConfig, data: DataSet) -> list[str]:
    """The constants of the script: what one may want to change."""
    seen = preprocessing(config, data)
    return [
        f"DATA = {parts.data_place(config)}  # {parts.data_comment(config)}",
        f"EPOCHS = {config.epochs}",
        *([f"STEPS = {config.steps}  # batches, after which it ends"] if config.steps else []),
        f"BATCH_SIZE = {config.batch_size}",
        f"LEARNING_RATE = {config.learning_rate!r}",
        *([f"SUBSET = {config.subset}  # training images, the first ones"] if config.subset else []),
        *([f"VALIDATION = {config.validation!r}  # the share of them that is held out"] if config.validation else []),
        f"SEED = {config.seed}",
        f"# {parts.NORMALISED[config.normalisation]}, one number a channel, on the scale from 0 to 1",
        f"MEAN = {seen.mean}",
        f"STD = {seen.std}",
        f"SIZE = {seen.size}  # of the images that the network takes",
        *parts.device(config),
    ]


def _network_name(config: TrainConfig, sources: Sources) -> str:
    """The name of the function that builds the network; what it is made of goes into the sources."""
    if config.network != OWN_TEXT:
        sources.add(import_module(zoo.entry(config.network).build.__module__), config.network)
        return config.network
    if (parts_of := _class(config)) is not None:
        for line in parts_of.imports:
            sources.need_as(line)
        return "own_network"
    text = _written(config)
    if "OrderedDict(" in text:
        sources.need("collections", "OrderedDict")
    if "Residual(" in text:
        sources.add(import_module("cnnviz.networks.zoo.blocks"), "Residual")
    return "own_network"


def _written(config: TrainConfig) -> str:
    """A text of one's own as the notation writes it: nothing of how it was typed is left."""
    return notation.write(own.read(config.text).weightless())


def _class(config: TrainConfig) -> Written | None:
    """The classes of a text of one's own, written anew; None where it is a row of layers. Raises ValueError where it
    has what is read and not written."""
    network = own.read(config.text).network
    return written(network) if isinstance(network, Source) else None


def _own_network(config: TrainConfig) -> list[str]:
    """The function that builds a network given as text; none where the zoo has it."""
    if config.network != OWN_TEXT:
        return []
    if (parts_of := _class(config)) is not None:
        made = f"def own_network() -> nn.Module:\n{INDENT}return {parts_of.network}"
        return [*filter(None, [parts_of.definitions]), made]
    return [f"def own_network() -> nn.Sequential:\n{textwrap.indent(f'return {_written(config)}', INDENT)}"]


def _augmentation_name(config: TrainConfig, sources: Sources) -> str:
    """The name of the function that augments, which goes into the sources; '' where nothing is augmented."""
    if config.augmentation == "none":
        return ""
    sources.add(augmentation, config.augmentation)
    return config.augmentation
