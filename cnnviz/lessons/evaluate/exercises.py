"""Exercises of the Evaluate page: accuracy, precision and recall from the counts of a network that ships."""

from functools import lru_cache

from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.evaluate import ClassFigures, Evaluation, evaluate
from cnnviz.lessons.common.exercise import Exercise, Mistake
from cnnviz.lessons.evaluate.settings import NONE, Evaluate, of_cell

NINE = Evaluate(**of_cell((9, 9)))
WITHIN = 0.06  # per cent


@lru_cache(maxsize=2)
def _evaluated(network: str) -> Evaluation:
    """What a network that ships makes of its test images. Raises ValueError where there is no such one."""
    path = checkpoints.shipped().get(network)
    if path is None:
        raise ValueError(f"this exercise is about a network that ships, and {network} is none")
    loaded = checkpoints.load(path)
    return evaluate(loaded, datasets.at_hand(loaded.card.dataset))


def _figures(settings: Evaluate) -> ClassFigures:
    """The counts of the class whose row of the matrix is chosen. Raises ValueError where none is."""
    classes = _evaluated(settings.network).per_class()
    if settings.true == NONE or settings.true >= len(classes):
        raise ValueError("this exercise is about one class: choose a cell of its row in the matrix")
    return classes[settings.true]


def _ratio(part: int, whole: int) -> float:
    """In per cent. Raises ValueError where there is nothing to divide by."""
    if not whole:
        raise ValueError("no image was predicted as this class, so there is no share of them")
    return 100 * part / whole


def _counts(settings: Evaluate) -> str:
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
    return len(_evaluated(settings.network).misclassified())


def images(settings: Evaluate) -> int:
    """Test images."""
    return len(_evaluated(settings.network).labels)


EXERCISES = (
    Exercise(
        "precision",
        "Precision",
        lambda settings: f"{_counts(settings)} What is the precision of this class, in per cent?",
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
        lambda settings: f"{_counts(settings)} What is the recall of this class, in per cent?",
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
