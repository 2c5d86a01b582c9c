"""Exercises of the Shapes page: networks with a shape error to be mended, what Flatten gives, parameters of a layer."""

from collections.abc import Callable
from functools import lru_cache, partial
from math import prod

from cnnviz import networks
from cnnviz.lessons.common.exercise import Exercise, Mistake
from cnnviz.lessons.shapes.settings import Shapes
from cnnviz.networks import OWN_TEXT, notation
from cnnviz.networks.notation.parser import Node
from cnnviz.ops.arithmetic import convolution_parameters, times
from cnnviz.tracing import ShapeError, Step, trace

CLASSES = 10
TOO_MANY_FEATURES = """nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(16 * 7 * 7, 10),
)"""
OTHER_CHANNELS = """nn.Sequential(
    nn.Conv2d(1, 16, 5),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(1, 32, 5),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(32 * 4 * 4, 10),
)"""
SHORTCUT = """nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.ReLU(),
    Residual(nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3)),
    nn.ReLU(),
    nn.MaxPool2d(4),
    nn.Flatten(),
    nn.Linear(8 * 7 * 7, 10),
)"""


# --- mend this network


def _own(text: str) -> Shapes:
    """The page with a text of one's own on MNIST's pictures."""
    return Shapes(network=OWN_TEXT, text=text, channels=1, height=28, width=28)


def _kinds(node: Node) -> list[str]:
    """The layers in their order, without their numbers."""
    return [node.kind, *(kind for _, child in node.children for kind in _kinds(child))]


def _left_to_fix(start: str, settings: Shapes) -> str:
    """What is still to be mended in the text; '' where its layers are those of `start` and it gives ten numbers."""
    if settings.network != OWN_TEXT or settings.shape[1:] != (1, 28, 28):
        return "The network and its input of 1 × 28 × 28 stay: change numbers in the text only."
    try:
        network = notation.parse(settings.text)
        if _kinds(network.root) != _kinds(notation.parse(start).root):
            return "The layers stay what they are and where they are: change their numbers only."
        last = trace(network.weightless(), settings.shape)[-1]
    except ShapeError as error:
        return error.sentence.rstrip(".") + "."
    except ValueError as error:
        return str(error).rstrip(".") + "."
    if last.output_shape[1:] == (CLASSES,):
        return ""
    return f"It runs, but gives {times(last.output_shape[1:])} and not {CLASSES} numbers."


def _fix_exercise(name: str, title: str, question: str, text: str, solved: str, hints: tuple[str, ...]) -> Exercise:
    """The exercise to mend `text` by changing numbers; `mended` is one way."""
    return Exercise(
        name, title, question, _own(text), partial(_left_to_fix, text), hints, kind="mend", solved=_own(solved)
    )


# --- what Flatten gives, what a layer has to learn

LENET = Shapes(network="lenet5", channels=1, height=32, width=32)


def _steps_of(settings: Shapes) -> tuple[Step, ...]:
    """The steps of the page's network. Raises ValueError where it breaks."""
    return steps(settings.network, settings.text if settings.network == OWN_TEXT else "", settings.shape)


@lru_cache(maxsize=16)
def steps(network: str, text: str, shape: tuple[int, ...]) -> tuple[Step, ...]:
    """The same, kept: a question asks for them several times."""
    model = networks.weightless(network, text)
    return tuple(trace(model, shape))


def _flattened(settings: Shapes) -> Step:
    """The step that flattens. Raises ValueError where there is none."""
    found = next((step for step in _steps_of(settings) if step.operation == "Flatten"), None)
    if found is None:
        raise ValueError(f"this exercise needs a network that flattens, and {settings.network} does not")
    return found


def _before_flatten(settings: Shapes) -> list[Step]:
    """The convolutions and poolings before it."""
    steps, last = _steps_of(settings), _flattened(settings).name
    names = [step.name for step in steps]
    return [step for step in steps[: names.index(last)] if step.kernel]


def _asks_flatten(settings: Shapes) -> str:
    """The question, with the layers that count in it."""
    layers = ", ".join(map(_describe_layer, _before_flatten(settings)))
    shape = times(settings.shape[1:])
    return f"An input of {shape} goes through {layers}. How many numbers come out of Flatten?"


def _describe_layer(step: Step) -> str:
    """Conv2d 5 × 5 with 6 maps, MaxPool2d 2 × 2, with a padding where there is one."""
    assert step.kernel is not None and step.padding is not None
    maps = f" with {step.output_shape[1]} maps" if step.operation.startswith("Conv") else ""
    padding = f", padding {step.padding[0]}" if any(step.padding) else ""
    return f"{step.operation} {times(step.kernel)}{maps}{padding}"


def _as_if_kept(settings: Shapes) -> int:
    """What would come out if convolutions without padding kept the size."""
    steps = _before_flatten(settings)
    side = settings.height
    for step in steps:
        side //= step.stride[0] if step.stride else 1
    return int(steps[-1].output_shape[1] * side**2)


def _convolutions(settings: Shapes) -> list[Step]:
    """The convolutions. Raises ValueError where there are not two."""
    found = [step for step in _steps_of(settings) if step.operation == "Conv2d"]
    if len(found) < 2:
        raise ValueError(
            f"this exercise needs a network with two convolutions, and {settings.network} has {len(found)}"
        )
    return found


def _second(count: Callable[..., int], **options: bool) -> Callable[[Shapes], int]:
    """A figure of the second convolution, from channels in and out, kernel rows and columns, groups."""

    def of(settings: Shapes) -> int:
        step = _convolutions(settings)[1]
        assert step.kernel is not None
        return count(step.input_shape[1], step.output_shape[1], *step.kernel, step.groups, **options)

    return of


def _asks_parameters(settings: Shapes) -> str:
    """The question, with the layer in it."""
    step = _convolutions(settings)[1]
    assert step.kernel is not None
    kernel = times(step.kernel)
    channels = f"{step.input_shape[1]} channels in, {step.output_shape[1]} out"
    return f"{step.name} has {channels}, and kernels of {kernel}. How many parameters is that, weights and biases?"


EXERCISES = (
    _fix_exercise(
        "mend-linear",
        "Mend the last layer",
        "The last layer does not fit what Flatten gives. Change its numbers so that ten numbers come out.",
        TOO_MANY_FEATURES,
        TOO_MANY_FEATURES.replace("16 * 7 * 7", "16 * 6 * 6"),
        (
            "The second convolution has no padding: follow the side through it and through the pooling after it.",
            "Flatten gives channels × rows × columns; as many features the last layer has to take.",
        ),
    ),
    _fix_exercise(
        "mend-channels",
        "Mend the channels",
        "One layer expects another number of channels than it gets. Find it and change it.",
        OTHER_CHANNELS,
        OTHER_CHANNELS.replace("nn.Conv2d(1, 32, 5)", "nn.Conv2d(16, 32, 5)"),
        (
            "A convolution's first number is the channels that come in, the second those that go out.",
            "What goes out of one convolution comes into the next; ReLU and pooling leave channels alone.",
        ),
    ),
    _fix_exercise(
        "mend-shortcut",
        "Mend the shortcut",
        "A shortcut adds the input of a block to its output, so both need one shape. Mend the block.",
        SHORTCUT,
        SHORTCUT.replace("nn.Conv2d(8, 8, 3)),", "nn.Conv2d(8, 8, 3, padding=1)),"),
        (
            "Which layer of the block makes the picture smaller?",
            "A kernel of 3 × 3 keeps the size with one cell of padding all round.",
        ),
    ),
    Exercise(
        "flatten",
        "What Flatten gives",
        _asks_flatten,
        LENET,
        lambda settings: prod(_flattened(settings).output_shape[1:]),
        (
            "Follow one side of the picture: a convolution without padding takes kernel - 1 cells, pooling halves.",
            "Flatten gives maps × rows × columns of what arrives there.",
        ),
        (
            Mistake("This is one map; there are several.", lambda s: prod(_flattened(s).input_shape[2:])),
            Mistake(
                "This leaves the last pooling out.",
                lambda settings: prod(_before_flatten(settings)[-1].input_shape[1:]),
            ),
            Mistake("This takes the convolutions as if they kept the size; they have no padding.", _as_if_kept),
        ),
        hides="stage",
        blurb="LeNet-5 on its own input: from the picture to a row of numbers.",
    ),
    Exercise(
        "parameters",
        "Parameters of a layer",
        _asks_parameters,
        LENET,
        _second(convolution_parameters),
        (
            "Every map that goes out has one kernel for each channel that comes in.",
            "(kernel rows × kernel columns × channels in + 1) × channels out.",
        ),
        (
            Mistake("This leaves the biases out.", _second(convolution_parameters, bias=False)),
            Mistake(
                "This is one kernel for each map that goes out; there is one for each channel that comes in, too.",
                _second(lambda c_in, c_out, rows, cols, groups: convolution_parameters(1, c_out, rows, cols)),
            ),
            Mistake(
                "This adds one bias for every kernel; a map has one for all its kernels.",
                _second(lambda c_in, c_out, rows, cols, groups: (rows * cols + 1) * c_in * c_out),
            ),
        ),
        hides="stage",
        blurb="The second convolution of LeNet-5: its weights and biases.",
    ),
)
