"""TrainConfig: all that a run is made of, and the bounds of it. Loads no torch before there is a config."""

import json
import re
import shlex
from dataclasses import asdict, dataclass, fields

from cnnviz import networks
from cnnviz.data.texts import is_text, one_line
from cnnviz.networks.names import AUGMENTATIONS, FITS, INITIALISATIONS, LOSSES, NORMALISATIONS, SCHEDULES

BOUNDS: dict[str, tuple[float, float]] = {
    "epochs": (1, 1000),
    "steps": (0, 10_000_000),
    "evaluate_every": (0, 10_000_000),
    "batch_size": (1, 10_000),
    "learning_rate": (1e-7, 100),
    "momentum": (0, 0.999),
    "decay": (0.001, 1),
    "decay_epochs": (1, 1000),
    "weight_decay": (0, 10),
    "label_smoothing": (0, 0.9),
    "clip_norm": (0, 1_000_000),
    "subset": (0, 10_000_000),
    "validation": (0, 0.5),
    "seed": (0, 2**31 - 1),
    "time_limit": (0, 7 * 24 * 3600),
}
SHA256 = re.compile(r"(?:[0-9a-f]{64})?")
LONGEST = 80  # letters of a value in a sentence
OPTIMIZERS = ("sgd", "momentum", "nesterov", "adam", "adamw")
TRAIN_MEASURES = ("running", "pass")
BEST = ("none", "training", "validation", "test")
PRECISIONS = ("float32", "bfloat16", "auto")
DEVICES = ("auto", "cpu", "cuda", "mps")
OPTIONS: dict[str, tuple[str, ...]] = {
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "augmentation": AUGMENTATIONS,
    "normalisation": NORMALISATIONS,
    "fit": FITS,
    "loss": LOSSES,
    "initialisation": INITIALISATIONS,
    "train_measure": TRAIN_MEASURES,
    "best": BEST,
    "precision": PRECISIONS,
    "device": DEVICES,
}


@dataclass(frozen=True)
class TrainConfig:
    """All that a run is made of: the same config on the same device gives the same numbers.

    `text` is the network where `network` is 'own text'. `subset` trains on the first images only (0: on all); `steps`
    ends the run early (0: no limit), `time_limit` too, in seconds (0: no limit). `momentum` is for the optimisers
    momentum and nesterov; `decay` every `decay_epochs` is for the schedule 'step'; the learning rate is the highest of
    its schedule. `normalisation` is by the mean and deviation that are computed of the training images or published for
    the data set, by 0.5 and 0.5, or none; `fit` says how a small picture gets the size that the network takes
    (`preprocessing.py`). `loss` (`losses.py`) takes `label_smoothing` but for 'mse', `initialisation` is that of
    convolutions and linear layers (`initialisation.py`), and a gradient longer than `clip_norm` is scaled down to it
    (0: none is). The test images are measured every `evaluate_every` steps (0: after each epoch) and at the end; what
    is told of the training images then is the mean since the measurement before, of batches as they were learnt from
    ('running'), or comes of a pass over all of them ('pass'). A share `validation` of the training images is held out
    of training, and measured with the test images. `best` says by which images the best of the measured weights are
    kept, beside the last. `start` names the weights that a run goes on from (`runs.weights`), '' for fresh ones;
    `start_sha256` is that of their file, which lies in the run's folder, so that it repeats when they are gone.
    `precision` is that of the products; weights are always float32. Raises ValueError with the value and its bounds
    where a setting cannot be.
    """

    network: str = "lenet5"
    dataset: str = "mnist"
    epochs: int = 3
    steps: int = 0
    batch_size: int = 128
    optimizer: str = "adam"
    learning_rate: float = 0.001
    momentum: float = 0.9
    schedule: str = "constant"
    decay: float = 0.1
    decay_epochs: int = 1
    weight_decay: float = 0.0
    augmentation: str = "none"
    normalisation: str = "computed"
    fit: str = "framed"
    initialisation: str = "default"
    loss: str = "cross_entropy"
    label_smoothing: float = 0.0
    clip_norm: float = 0.0
    evaluate_every: int = 0
    train_measure: str = "running"
    validation: float = 0.0
    best: str = "none"
    precision: str = "float32"
    subset: int = 0
    seed: int = 0
    device: str = "auto"
    time_limit: float = 0.0
    text: str = ""
    start: str = ""
    start_sha256: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not field.type and not (type(value) is int and field.type is float):
                raise ValueError(f"{field.name} = {_short(value)} is not of type {field.type.__name__}")  # type: ignore[union-attr]
            if isinstance(value, str) and not is_text(value):
                raise ValueError(f"{field.name} = {_short(value)} is no text that can be written")
        for name, (low, high) in BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} = {_short(getattr(self, name))} is not between {low} and {high}")
        for field in fields(self):
            if field.type is float:  # a whole number within the bounds is one, too
                object.__setattr__(self, field.name, float(getattr(self, field.name)))
        for name, options in OPTIONS.items():
            if getattr(self, name) not in options:
                raise ValueError(f"{name} = {_short(getattr(self, name))} is not one of {', '.join(options)}")
        networks.check(self.network, self.text)
        if self.best == "validation" and not self.validation:
            raise ValueError(
                "best = 'validation' and no images are held out for it; set validation to a share, such as 0.1"
            )
        if not SHA256.fullmatch(self.start_sha256):
            raise ValueError(f"start_sha256 = {_short(self.start_sha256)} is no SHA-256 of 64 hexadecimal digits")

    @classmethod
    def from_json(cls, text: str) -> "TrainConfig":
        """The config that `to_json` wrote. Raises ValueError where the text is not one."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:  # the latter for thousands of brackets
            reason = "its brackets are nested too deeply" if isinstance(error, RecursionError) else error
            raise ValueError(
                f"a config is a JSON object and {_short(text[:40])} is none ({one_line(reason, LONGEST)}); take what "
                "config.json of a run has"
            ) from error
        if not isinstance(values, dict):
            raise ValueError(f"a config is a JSON object and this is {text[:40]!r}")
        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"a config has no {', '.join(sorted(unknown))}")
        if "schedule" not in values and values.get("optimizer") == "sgd" and values.get("momentum", 0.9):
            values["optimizer"] = "momentum"  # written before the two had names of their own
        return cls(**values)

    def to_json(self) -> str:
        """All settings as a JSON object, one a line."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def command(self) -> str:
        """The command that repeats the run: what differs from the defaults, and the usual three."""
        words = ["python", "-m", "cnnviz", "train"]
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default or field.name in ("network", "dataset", "epochs"):
                words += [f"--{field.name.replace('_', '-')}", _written(value)]
        return shlex.join(words)


def _short(value: object) -> str:
    """A setting that cannot be, in a sentence."""
    return repr(value)[:LONGEST]


def _written(value: object) -> str:
    """A setting as it is typed: the shortest text that reads back as the same number."""
    return str(value).removesuffix(".0") if type(value) is float else str(value)
