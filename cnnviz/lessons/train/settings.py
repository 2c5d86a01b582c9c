"""The Train page: what the next run is made of, which run is watched, and beside which others."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from cnnviz import links
from cnnviz.data import datasets
from cnnviz.lessons.common.settings import WithTask
from cnnviz.lessons.shapes.settings import MAX_TEXT, START
from cnnviz.networks import OWN_TEXT, input_shape, zoo
from cnnviz.server.classrooms import LENGTH, is_code
from cnnviz.training import BOUNDS, OPTIONS, TrainConfig
from cnnviz.training.pairs import PAIRS

LEARNING_RATES = ("0.0001", "0.0003", "0.001", "0.003", "0.01", "0.03", "0.1")
WEIGHT_DECAYS = ("0", "0.0001", "0.0005", "0.001", "0.01")
SHOWN = ("run", "steps", "pairs")  # what the stage is of: a run, its first steps one by one, a recorded pair
AXES = ("epoch", "step", "seconds")
RATE = "learning_rate"  # an axis, too: of a sweep of it
SWEEP: dict[str, Any] = {  # what makes of a run the search for a learning rate
    "schedule": "sweep",
    "learning_rate": "1",
    "steps": 200,
    "epochs": 1,
    "axis": RATE,
}
MAX_BESIDE = 4
MAX_COMPARED = 8
NETWORKS = (*(name for name in zoo.names() if zoo.entry(name).runs), OWN_TEXT)
TYPED = ("learning_rate", "weight_decay")  # may be any number: kept as it was typed
FRESH = "The network is another one: it begins with fresh weights."
USUAL = TrainConfig()
OF_RUN = tuple(field.name for field in fields(TrainConfig) if field.name != "start_sha256")  # which the run finds


def _whole(name: str) -> Any:
    """A setting of the run that is a whole number."""
    low, high = map(int, BOUNDS[name])
    return links.integer(getattr(USUAL, name), low, min(high, 10**9 - 1))


def _part(name: str) -> Any:
    """A setting of the run that is a number."""
    return links.decimal(getattr(USUAL, name), *BOUNDS[name])


def _option(name: str) -> Any:
    """A setting of the run that is one of a few."""
    return links.choice(getattr(USUAL, name), OPTIONS[name])


@dataclass(frozen=True)
class Train(WithTask):
    """The settings of a run, named as in TrainConfig; `text` counts for a network of one's own. `show` says what the
    stage is of, `pair` which recorded pair. `run` is the id of the run that is watched, `beside` are those on the same
    charts, `axis` is what they are drawn over; `compared` are those of the figure of runs that are over (none: those
    that suggest themselves), over `compared_axis`. `room` is the code of the room on whose board the runs appear."""

    LOOKING = ("show", "pair", "run", "beside", "axis", "compared", "compared_axis")

    network: str = links.choice(USUAL.network, NETWORKS)
    text: str = links.source(START, MAX_TEXT)
    dataset: str = links.text(USUAL.dataset, 80)
    epochs: int = _whole("epochs")
    batch_size: int = _whole("batch_size")
    learning_rate: str = links.text(links.number_text(USUAL.learning_rate), 30)
    optimizer: str = _option("optimizer")
    momentum: float = _part("momentum")
    schedule: str = _option("schedule")
    decay: float = _part("decay")
    decay_epochs: int = _whole("decay_epochs")
    weight_decay: str = links.text(links.number_text(USUAL.weight_decay), 30)
    augmentation: str = _option("augmentation")
    normalisation: str = _option("normalisation")
    fit: str = _option("fit")
    initialisation: str = _option("initialisation")
    loss: str = _option("loss")
    label_smoothing: float = _part("label_smoothing")
    clip_norm: float = _part("clip_norm")
    evaluate_every: int = _whole("evaluate_every")
    train_measure: str = _option("train_measure")
    precision: str = _option("precision")
    validation: float = _part("validation")
    best: str = _option("best")
    subset: int = _whole("subset")
    steps: int = _whole("steps")
    seed: int = _whole("seed")
    device: str = _option("device")
    time_limit: float = _part("time_limit")
    start: str = links.text("", max_length=80)
    show: str = links.choice(SHOWN[0], SHOWN)
    pair: str = links.choice(next(iter(PAIRS)), tuple(PAIRS))
    run: str = links.text("", max_length=80)
    beside: tuple[str, ...] = links.names(MAX_BESIDE)
    axis: str = links.choice(AXES[0], (*AXES, RATE))
    compared: tuple[str, ...] = links.names(MAX_COMPARED)
    compared_axis: str = links.choice(AXES[0], AXES)
    room: str = links.text("", LENGTH, lambda text: not text or is_code(text))

    def config(self) -> TrainConfig:
        """The run as it is set. Raises ValueError with a sentence where it cannot be."""
        values = {name: getattr(self, name) for name in OF_RUN}
        for name in TYPED:
            values[name] = _number(name, values[name])
        return TrainConfig(**{**values, "text": self.text if self.network == OWN_TEXT else ""})

    def validated(self, changed: Sequence[str]) -> tuple["Train", list[str]]:
        """A network that does not take the pictures of the data set gives way to one that does; where the network was
        chosen, the data set does. Weights to go on from are left where the network is another."""
        settings, notes = self._fitted(changed)
        other = settings.network != self.network or {"network", "text"} & set(changed)
        if self.start and other and "start" not in changed:
            return replace(settings, start=""), [*notes, FRESH]
        return settings, notes

    def _fitted(self, changed: Sequence[str]) -> tuple["Train", list[str]]:
        """Network and data set as they go together, and what was said of it."""
        if fits(self.network, self.dataset):
            return self, []
        if "network" in changed and "dataset" not in changed:
            fitting = [name for name in datasets.offered() if fits(self.network, name)]
            if not fitting:
                return self, [f"No data set here has pictures for {self.network}."]
            outputs = zoo.entry(self.network).classes
            best = min(fitting, key=lambda name: datasets.form(name).classes != outputs)
            return replace(self, dataset=best), [f"{self.network} takes other pictures: {best} is trained on."]
        network = networks_for(self.dataset)[0]
        return replace(self, network=network), [
            f"{self.network} does not take the pictures of {self.dataset}: {network} takes its place."
        ]


def _number(name: str, text: str) -> float:
    """What was typed as that setting. Raises ValueError with a sentence that names it."""
    try:
        return links.read_number(text)
    except ValueError as error:
        raise ValueError(f"{name.replace('_', ' ')}: {error}") from None


def fits(network: str, dataset: str) -> bool:
    """Whether the network takes the pictures of the data set and tells its classes apart; True where the data set is
    not known, which a run says in a sentence of its own."""
    return network in networks_for(dataset)


def networks_for(dataset: str) -> list[str]:
    """The networks that can be trained on that data set; all of them where it is not known."""
    try:
        form = datasets.form(dataset)
    except ValueError:
        return list(NETWORKS)
    return [*zoo.trainable(*form.picture, form.classes), OWN_TEXT]


def is_fitted(network: str, dataset: str) -> bool:
    """Whether the network takes larger pictures than those of the data set, so that `fit` counts."""
    try:
        picture = datasets.form(dataset).picture
    except ValueError:
        return False
    return input_shape(network, picture) != picture


def shown(config: TrainConfig) -> dict[str, Any]:
    """The settings of the page that make this run."""
    values = {name: getattr(config, name) for name in OF_RUN}
    values |= {name: links.number_text(values[name]) for name in TYPED}
    return {**values, "text": config.text or START}
