"""Exercises of the Evaluate page: accuracy, precision and recall from the counts of a network that ships."""

from dataclasses import dataclass

from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.evaluate import ClassFigures, Evaluation, evaluate
from cnnviz.lessons.common.exercise import Exercise, Mistake
from cnnviz.lessons.evaluate.settings import NONE, Evaluate, of_cell

NINE = Evaluate(**of_cell((9, 9)))
WITHIN = 0.06  # per cent


@dataclass(frozen=True)
class _Counts:
    """What an exercise asks about: the figures of each class, and how many images are misclassified."""

    classes: tuple[ClassFigures, ...]
    misclassified: int

    @property
    def images(self) -> int:
        return sum(one.count for one in self.classes)


_known: dict[str, _Counts] = {}  # by the network that ships


def tell(network: str, evaluation: Evaluation) -> None:
    """What a network makes of its test images, as a page has just had it measured: nothing here measures it again."""
    if network in checkpoints.shipped():
        _known[network] = _Counts(tuple(evaluation.per_class()), len(evaluation.misclassified()))


def can_ask(network: str) -> bool:
    """Whether nothing has to be measured for it: that was tried, and was too much for this machine. What is no network
    that ships is refused at once."""
    return network in _known or network not in checkpoints.shipped()


def _counts(network: str) -> _Counts:
    """What a network that ships makes of its test images; measured where nobody has told it, which for the largest
    takes a minute. Raises ValueError where there is no such one."""
    path = checkpoints.shipped().get(network)
    if path is None:
        raise ValueError(f"this exercise is about a network that ships, and {network} is none")
    if network not in _known:
        loaded = checkpoints.load(path)
        tell(network, evaluate(loaded, datasets.at_hand(loaded.card.dataset)))
    return _known[network]


def _figures(settings: Evaluate) -> ClassFigures:
    """The counts of the class whose row of the matrix is chosen. Raises ValueError where none is."""
    classes = _counts(settings.network).classes
    if settings.true == NONE or settings.true >= len(classes):
        raise ValueError("this exercise is about one class: choose a cell of its row in the matrix")
    return classes[settings.true]


def _ratio(part: int, whole: int) -> float:
    """In per cent. Raises ValueError where there is nothing to divide by."""
    if not whole:
        raise ValueError("no image was predicted as this class, so there is no share of them")
    return 100 * part / whole


def _said(settings: Evaluate) -> str:
    """The counts of the class in words."""
    one = _figures(settings)
    return (
        f"{one.count:,} test images are of class {one.name}. The network predicts {one.name} for {one.predicted:,} "
        f"images, and for {one.right:,} of these correctly."
    )


def _recall(settings: Evaluate) -> float:
    """Of the images of the class, those that are found, in per cent."""
    return _ratio(_figures(settings).right, _figures(settings).count)


def _precision(settings: Evaluate) -> float:
    """Of the images that are predicted as the class, those that are of it, in per cent."""
    return _ratio(_figures(settings).right, _figures(settings).predicted)


def _misclassified(settings: Evaluate) -> int:
    """Test images that are misclassified."""
    return _counts(settings.network).misclassified


def images(settings: Evaluate) -> int:
    """Test images."""
    return _counts(settings.network).images


EXERCISES = (
    Exercise(
        "precision",
        "Precision",
        lambda settings: f"{_said(settings)} What is the precision of this class, in per cent?",
        NINE,
        _precision,
        (
            "Precision asks: if it says so, how often is it right?",
            "Divide those that are classified correctly by all that are predicted as the class.",
        ),
        (Mistake("This is the recall: it divides by the images of the class.", _recall),),
        unit="%",
        tolerance=WITHIN,
        hides="stage",
        blurb="From the counts of one class: if the network says nine, how often is it right?",
    ),
    Exercise(
        "recall",
        "Recall",
        lambda settings: f"{_said(settings)} What is the recall of this class, in per cent?",
        NINE,
        _recall,
        (
            "Recall asks: of all that are of this class, how many does it find?",
            "Divide those that are classified correctly by the images of the class.",
        ),
        (Mistake("This is the precision: it divides by the images that are predicted as the class.", _precision),),
        unit="%",
        tolerance=WITHIN,
        hides="stage",
        blurb="From the same counts: of all nines, how many does it find?",
    ),
    Exercise(
        "accuracy",
        "Accuracy",
        lambda s: (
            f"{_misclassified(s):,} of {images(s):,} test images are misclassified. What is the accuracy, in per cent?"
        ),
        Evaluate(),
        lambda settings: _ratio(images(settings) - _misclassified(settings), images(settings)),
        ("Accuracy is the share that is classified correctly.", "Take the wrong ones off all, and divide by all."),
        (Mistake("This is the share of errors.", lambda settings: _ratio(_misclassified(settings), images(settings))),),
        unit="%",
        tolerance=0.006,
        hides="stage",
        blurb="From the number of misclassified images.",
    ),
)
