"""What the network of a run sees of a picture, by the run's config."""

from cnnviz import networks
from cnnviz.data.datasets import DataSet
from cnnviz.data.datasets.preprocessing import Preprocessing
from cnnviz.training.config import TrainConfig

Statistics = tuple[tuple[float, ...], tuple[float, ...]]  # mean and deviation of each channel

PUBLISHED: dict[str, Statistics] = {  # as they are usually given, on the scale from 0 to 1
    "mnist": ((0.1307,), (0.3081,)),  # J. Yanhong's LAB8 has the mean; its deviation is cut off, this is the usual one
    "fashion_mnist": ((0.2860,), (0.3530,)),
    "cifar10": ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    "cifar100": ((0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)),  # the notebook on CNNs
}


def preprocessing(config: TrainConfig, data: DataSet) -> Preprocessing:
    """What a network of that config sees of a picture of `data`. Raises ValueError where the config asks for published
    figures and there are none."""
    size = networks.input_shape(config.network, data.picture)[1:]
    return Preprocessing(*_statistics(config, data), size, config.fit)


def _statistics(config: TrainConfig, data: DataSet) -> Statistics:
    """Mean and deviation of each channel."""
    channels = data.picture[0]
    match config.normalisation:
        case "computed":
            return data.mean, data.std
        case "published":
            check_published(config)
            return PUBLISHED[config.dataset]
        case "half":
            return (0.5,) * channels, (0.5,) * channels
        case _:
            return (0.0,) * channels, (1.0,) * channels


def check_published(config: TrainConfig) -> None:
    """Raises ValueError where the config asks for published figures and there are none for its data set."""
    if config.normalisation == "published" and config.dataset not in PUBLISHED:
        raise ValueError(
            f"no mean and deviation of {config.dataset} are published here, only those of {', '.join(PUBLISHED)}; "
            "choose the computed ones"
        )
