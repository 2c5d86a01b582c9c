"""What an experiment came to here, over seeds and threads, in words."""

from collections.abc import Sequence

from cnnviz.lessons.common.format import percent, plural
from cnnviz.training.experiments import Experiment
from cnnviz.training.spread import Outcome, outcomes_of


def measured(experiment: Experiment) -> str:
    """From where to where its runs end, those that lose a class apart; '' where it was not measured."""
    found = outcomes_of(experiment)
    if not found:
        return ""
    whole = [one for one in found if not one.never_predicted]
    lost = [one for one in found if one.never_predicted]
    images = "training" if experiment.on_training else "test"
    seeds, threads = len({one.seed for one in found}), sorted({one.threads for one in found})
    how = f"over {plural(seeds, 'seed')}, with {' and '.join(map(str, threads))} thread{'s' * (threads != [1])}"
    said = []
    if whole:
        said.append(f"{_range(experiment, whole)} of the {images} images {how}")
    if lost:
        runs = f"{len(lost)} of {len(found)} runs lose a class and end at {_range(experiment, lost)}"
        said.append(runs if whole else f"{runs}, {how}")
    return f"Here: {'; '.join(said)}."


def _range(experiment: Experiment, outcomes: Sequence[Outcome]) -> str:
    """The smallest and the largest of their figures."""
    shares = [one.train_accuracy if experiment.on_training else one.test_accuracy for one in outcomes]
    low, high = (percent(share) for share in (min(shares), max(shares)))
    return low if low == high else f"{low.removesuffix(' %')} to {high}"
