"""Exercises of the Receptive field page: how much a unit sees, how far apart units stand, and a stack to build."""

from dataclasses import replace

from cnnviz.lessons.common.exercise import Exercise, Mistake
from cnnviz.lessons.receptive.settings import OWN, Receptive, named, read_stack
from cnnviz.lessons.receptive.text import READY_MADE
from cnnviz.ops.receptive_field import Layer, span

WANTED = 11  # cells, of the stack to build


def _layers(settings: Receptive) -> tuple[Layer, ...]:
    """The layers up to the unit that is asked about."""
    return settings.whole.layers[: settings.unit[0]]


def _field(settings: Receptive) -> int:
    """Cells of the input along one side that the unit sees."""
    return span(_layers(settings)).size


def _jump(settings: Receptive) -> int:
    """Input cells between two neighbouring units."""
    return span(_layers(settings)).step


def _without_strides(settings: Receptive) -> int:
    """The field as if every stride were 1."""
    return span([replace(layer, stride=1) for layer in _layers(settings)]).size


def _without_dilation(settings: Receptive) -> int:
    """The field as if every dilation were 1."""
    return span([replace(layer, dilation=1) for layer in _layers(settings)]).size


def _describe_stack(settings: Receptive) -> str:
    """The layers in words: convolution 3 × 3, stride 2; max pooling 2 × 2, stride 2."""

    def options(layer: Layer) -> str:
        usual = {"stride": 1, "dilation": 1}
        return "".join(f", {name} {getattr(layer, name)}" for name, n in usual.items() if getattr(layer, name) != n)

    return "; ".join(f"{named(layer)}{options(layer)}" for layer in _layers(settings))


def _asks_field(settings: Receptive) -> str:
    """The question about the field."""
    wanted = "How many input cells wide is the receptive field of one unit at the end?"
    return f"{_describe_stack(settings).capitalize()}. {wanted}"


MISTAKES = (
    Mistake(
        "This adds up the kernels; neighbouring windows share cells, so a layer adds one cell less than its kernel.",
        lambda settings: sum(layer.kernel for layer in _layers(settings)),
    ),
    Mistake(
        "This leaves the strides out: behind a stride, a step on the map is several cells of the input.",
        _without_strides,
    ),
    Mistake("This leaves the dilation out: a dilated kernel spans more.", _without_dilation),
    Mistake("This is the last layer alone: its inputs see more than one cell.", lambda s: _layers(s)[-1].extent),
    Mistake("This is an area; asked is the side of it.", lambda settings: _field(settings) ** 2),
)


def _field_exercise(name: str, title: str, settings: Receptive, hints: tuple[str, ...]) -> Exercise:
    """The exercise that asks for the receptive field of the last layer."""
    return Exercise(name, title, _asks_field, settings, _field, hints, MISTAKES, hides="stage")


def _left_to_build(settings: Receptive) -> str:
    """What is still to do until three 3 x 3 convolutions see WANTED cells; '' when they do."""
    stack = settings.whole.layers
    if len(stack) != 3 or any(layer.kind != "convolution" or layer.kernel != 3 for layer in stack):
        return "It takes three convolutions of 3 × 3: change their strides and dilations only."
    width = span(stack).size
    return "" if width == WANTED else f"The last layer sees {width} cells and not {WANTED}."


THREE = Receptive(stack=read_stack("c3s1p1d1-c3s1p1d1-c3s1p1d1"), layer=1)

EXERCISES = (
    _field_exercise(
        "two-layers",
        "Two layers",
        Receptive(stack=read_stack("c5s1p0d1-c3s1p0d1"), size=12),
        ("One cell of the last map sees the kernel's cells of the map before.", "Each layer adds (kernel - 1) cells."),
    ),
    _field_exercise(
        "strided",
        "With a stride",
        Receptive(stack=read_stack("c5s2p2d1-c3s1p1d1-c3s1p1d1")),
        (
            "Behind the first layer, neighbouring cells stand two input cells apart.",
            "Each layer adds (kernel - 1) × the distance of its input cells.",
        ),
    ),
    _field_exercise(
        "dilated",
        "With dilation",
        Receptive(**READY_MADE["Dilated 1-2-4"]),
        (
            "A kernel of 3 with dilation d spans 2 d + 1 cells.",
            "At stride 1 each layer adds (kernel - 1) × dilation cells.",
        ),
    ),
    Exercise(
        "jump",
        "How far apart",
        lambda s: (
            f"{_describe_stack(s).capitalize()}. How many input cells lie between the middles of two "
            "neighbouring units?"
        ),
        Receptive(stack=read_stack("c5s1p2d1-m2s2p0d1-c3s2p1d1-m2s2p0d1")),
        _jump,
        (
            "A layer with stride 1 leaves neighbours as far apart as they are.",
            "The strides of all layers multiply.",
        ),
        (
            Mistake("This adds the strides up; they multiply.", lambda s: sum(layer.stride for layer in _layers(s))),
            Mistake(
                "This adds the strides up; they multiply.",
                lambda settings: sum(layer.stride for layer in _layers(settings) if layer.stride > 1),
            ),
            Mistake("This is the receptive field; neighbouring fields overlap.", _field),
        ),
        hides="stage",
    ),
    Exercise(
        "build",
        f"See {WANTED} cells",
        f"Three layers of 3 × 3 see 7 cells. Make them see {WANTED}, with strides and dilations alone.",
        THREE,
        _left_to_build,
        (
            "A stride does nothing for its own layer: it makes later layers add more.",
            "Let the first layer take larger steps: two layers come after it.",
        ),
        kind="mend",
        solved=replace(THREE, network=OWN, stack=read_stack("c3s2p1d1-c3s1p1d1-c3s1p1d1")),
    ),
)
