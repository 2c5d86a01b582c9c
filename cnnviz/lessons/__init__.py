"""The lessons, in the order of the menu: registering one is one line of LESSONS.

What a lesson is made of stands in its folder, `cnnviz/lessons/<slug>/`, and is imported when it is first asked for,
since some of it needs torch:

    settings.py     what its page can be set to, as a link holds it
    exercises.py    EXERCISES; where any cell of the output can be asked for, `cell` and `outputs` as well
    text.py         CHALLENGES and whatever else is said about it: formulas, remarks, PyTorch code, presets
    lesson.md       the prose
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cnnviz.lessons.common.exercise import Exercise, read_cell
from cnnviz.lessons.common.settings import Challenges, Settings

__all__ = ["LESSONS", "Lesson", "exercise", "find", "grouped"]


@dataclass(frozen=True)
class Lesson:
    """A page `pages/<slug>.py`: its title and group in the menu, what one does there, and whether it opens without
    torch."""

    slug: str
    title: str
    group: str
    blurb: str
    light: bool = True

    @property
    def settings(self) -> type[Settings]:
        """The class of its settings: the one that settings.py defines."""
        module = self.module("settings")
        classes = (one for one in vars(module).values() if isinstance(one, type) and issubclass(one, Settings))
        return next(one for one in classes if one.__module__ == module.__name__)

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """Its exercises, the easier ones first; none where it has no exercises.py."""
        return getattr(self.module("exercises"), "EXERCISES", ())

    @property
    def asks_cells(self) -> bool:
        """Whether any cell of the output can be asked for."""
        return hasattr(self.module("exercises"), "cell")

    def outputs(self, settings: Any) -> tuple[int, int, int]:
        """How many outputs it has in that state, their rows and columns; for a lesson that asks for cells."""
        found: tuple[int, int, int] = self.module("exercises").outputs(settings)
        return found

    @property
    def challenges(self) -> Challenges:
        """What is worth trying there; nothing where it has no text.py."""
        return getattr(self.module("text"), "CHALLENGES", {})

    @property
    def prose(self) -> str:
        """The lesson itself, in Markdown."""
        return Path(__file__).with_name(self.slug).joinpath("lesson.md").read_text(encoding="utf-8")

    def module(self, name: str) -> Any:
        """The module `name` of its folder, imported now; None where there is none."""
        dotted = f"{__name__}.{self.slug}.{name}"
        return import_module(dotted) if find_spec(dotted) else None


BASICS, NETWORKS, HANDS_ON = "Basics", "Networks", "Hands on"
LESSONS = (
    Lesson("convolution", "Convolution", BASICS, "Edit a grid and a kernel, and watch the window slide."),
    Lesson("channels", "Channels", BASICS, "Several channels, several filters, groups: every sum written out."),
    Lesson("pooling", "Pooling", BASICS, "Maximum against average, on the same input."),
    Lesson("filters", "Image filters", BASICS, "The same kernels on a picture of your own."),
    Lesson("shapes", "Shapes", NETWORKS, "Follow a tensor through a network, layer by layer.", light=False),
    Lesson("receptive", "Receptive field", NETWORKS, "What one unit sees of the input."),
    Lesson("inside", "Inside the network", NETWORKS, "Every activation of a trained network.", light=False),
    Lesson("architectures", "Architectures", NETWORKS, "From LeNet-5 to today.", light=False),
    Lesson("draw", "Draw a digit", HANDS_ON, "Your handwriting, read while you write.", light=False),
    Lesson(
        "data", "Data", HANDS_ON, "What a network learns from, image by image; bring or record your own.", light=False
    ),
    Lesson("train", "Train", HANDS_ON, "A short training run, live.", light=False),
    Lesson("evaluate", "Evaluate", HANDS_ON, "Where a network is right and where it is wrong.", light=False),
    Lesson("room", "Class room", HANDS_ON, "Train against one another, on one board.", light=False),
)


def grouped() -> dict[str, list[Lesson]]:
    """The lessons of each group of the menu."""
    groups: dict[str, list[Lesson]] = {}
    for lesson in LESSONS:
        groups.setdefault(lesson.group, []).append(lesson)
    return groups


def find(slug: str) -> Lesson:
    """The lesson of that slug. Raises ValueError where there is none."""
    found = next((lesson for lesson in LESSONS if lesson.slug == slug), None)
    if found is None:
        raise ValueError(f"there is no lesson “{slug}”; there are {', '.join(lesson.slug for lesson in LESSONS)}")
    return found


def exercise(slug: str, task: str) -> Exercise:
    """The exercise that a link names. Raises ValueError where no lesson with exercises has that slug, and where it has
    none of that name."""
    lesson = next((one for one in LESSONS if one.slug == slug and one.exercises), None)
    if lesson is None:
        asking = ", ".join(one.slug for one in LESSONS if one.exercises)
        raise ValueError(f"there is no lesson “{slug}” with exercises; there are {asking}")
    found = next((one for one in lesson.exercises if one.id == task), None)
    if found is not None:
        return found
    if lesson.asks_cells and (cell := read_cell(task)):
        own: Exercise = lesson.module("exercises").cell(cell)
        return own
    names = ", ".join(one.id for one in lesson.exercises)
    raise ValueError(f"there is no exercise “{task}” here; there are {names}")
