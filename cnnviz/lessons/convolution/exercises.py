"""Exercises of the Convolution page: one cell of the output, its size, and padding that keeps the size."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cnnviz.lessons.common import presets, sizes
from cnnviz.lessons.common.exercise import Cell, Exercise, Mistake
from cnnviz.lessons.common.sizes import Axis
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.links import Axes, cells

LOPSIDED = cells([[1, 0, -1], [2, 0, 1], [0, 1, -2]])  # no symmetry, so that turning it changes the result
OTHER = {"cross-correlation": "convolution", "convolution": "cross-correlation"}


def outputs(settings: Convolution) -> tuple[int, int, int]:
    """How many outputs there are to hide cells of, their rows and columns."""
    return 1, *_output_size(settings)


# --- one cell


def _value_at(settings: Convolution, cell: Cell) -> float:
    """The number in a cell of what comes out. Raises ValueError where there is no such cell."""
    output = settings.compute().last
    rows, cols = output.shape
    if cell.row >= rows or cell.col >= cols or cell.output:
        raise ValueError(f"the output is {rows} × {cols} and has no {cell.place}")
    return float(output[cell.row, cell.col])


def cell(at: Cell) -> Exercise:
    """The exercise that asks for one cell of the output, whatever the settings are."""

    def changed(**values: Any) -> Callable[[Convolution], float]:
        return lambda settings: _value_at(replace(settings, **values), at)

    def turned(settings: Convolution) -> float:
        if settings.transposed:
            raise ValueError(f"a {settings.op} convolution has no other way round")
        return _value_at(replace(settings, op=OTHER[settings.op]), at)

    return Exercise(
        f"cell-{at.row + 1}-{at.col + 1}",
        "A hidden cell",
        lambda settings: f"Which number belongs into {at.place} of the {_called(settings)}?",
        Convolution(),
        lambda settings: _value_at(settings, at),
        (
            "Lay the kernel on the outlined window; every cell is multiplied by the weight that lies on it.",
            "Add up all the products, and the bias at the end.",
        ),
        (
            Mistake("This leaves the bias out.", changed(b=((0.0,),))),
            Mistake("This lays the kernel on the wrong way round, turned by 180°.", turned),
            Mistake("This is the number before the activation function.", changed(activation="none")),
            Mistake("This is another cell: the row comes first, then the column.", _swapped(at)),
            Mistake("This leaves the padding out.", changed(padding=Axes(0, 0), same=False)),
            Mistake("This has the window in another place: mind the stride.", changed(stride=Axes(1, 1))),
            Mistake("This takes cells side by side: mind the dilation.", changed(dilation=Axes(1, 1))),
        ),
        hides="cell",
        cell=at,
    )


def _swapped(at: Cell) -> Callable[[Convolution], float]:
    """The cell with row and column exchanged."""
    return lambda settings: _value_at(settings, Cell(at.col, at.row))


def _called(settings: Convolution) -> str:
    """What comes out, in words."""
    return "output" if settings.activation == "none" else f"output after {settings.activation}"


# --- the size


def _output_size(settings: Convolution) -> tuple[int, int]:
    """Rows and columns of the output."""
    rows, cols = settings.axes()
    return rows.outputs, cols.outputs


def _axes(settings: Convolution) -> list[Axis]:
    """What the size formula takes. Raises ValueError for a transposed convolution, which has another one."""
    if settings.transposed:
        raise ValueError(f"a {settings.op} convolution has another size formula")
    both = zip(settings.along, settings.ring, strict=True)
    return [Axis(one.size, one.kernel, one.stride, *padding, one.dilation) for one, padding in both]


def _stamped(settings: Convolution, size: Callable[[int, int, int], int]) -> tuple[int, ...]:
    """A mistaken size from input, kernel and stride. Raises ValueError where nothing is stamped."""
    if not settings.transposed:
        raise ValueError(f"a {settings.op} stamps nothing")
    return tuple(size(one.size, one.kernel, one.stride) for one in settings.along)


def _asks_size(settings: Convolution) -> str:
    """The question, with what is not plain in it."""
    usual = {"stride": (1, 1), "padding": (0, 0), "dilation": (1, 1), "output_padding": (0, 0)}
    here = [(name, getattr(settings, name)) for name in usual]
    options = [f", {name.replace('_', ' ')} {_describe_pair(pair)}" for name, pair in here if pair != usual[name]]
    (n, m), (k, j) = settings.size, settings.kernel
    kind = "Transposed convolution: input" if settings.transposed else "Input"
    same = ", padding 'same'" if settings.same else ""
    return f"{kind} {n} × {m}, kernel {k} × {j}{''.join(options)}{same}: how large is the output?"


def _describe_pair(pair: tuple[int, int]) -> str:
    """2, or 2 and 1 where rows and columns differ."""
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]} and {pair[1]}"


SIZE_MISTAKES = (
    *sizes.size_mistakes(_axes),
    Mistake(
        "This has the stamps side by side: those of a kernel wider than the stride overlap.",
        lambda settings: _stamped(settings, lambda n, k, s: n * k),
    ),
    Mistake(
        "This leaves out by how much the last stamp is larger than a step.",
        lambda settings: _stamped(settings, lambda n, k, s: n * s),
    ),
    Mistake(
        "This is a plain convolution; a transposed one makes the picture larger.",
        lambda settings: _stamped(settings, lambda n, k, s: (n - k) // s + 1),
    ),
)
STAMP_HINTS = (
    "Every input cell stamps the kernel onto the output, one stride further on: where does the last stamp begin?",
    "(input - 1) × stride is where it begins; the kernel ends it.",
)


def _size_exercise(name: str, title: str, settings: Convolution, hints: tuple[str, ...] = sizes.HINTS) -> Exercise:
    """The exercise that asks for the size of the output."""
    return Exercise(name, title, _asks_size, settings, _output_size, hints, SIZE_MISTAKES, kind="size", hides="size")


# --- padding that keeps the size


def _kept_size(settings: Convolution) -> str:
    """What is still to do until a 5 x 5 kernel keeps the size at stride 1; '' when it does."""
    if settings.transposed or settings.stride != (1, 1) or settings.kernel != (5, 5):
        return "The kernel stays 5 × 5, the stride 1, and the operation as it was: change the padding only."
    rows, cols = _output_size(settings)
    if (rows, cols) == settings.size:
        return ""
    (n, m) = settings.size
    return f"The output is {rows} × {cols} and the input {n} × {m}."


FIVE = Convolution(x=presets.INPUTS["Digit"], w=presets.KERNELS["Gaussian blur 5 × 5"])
KEPT_SIZE = Exercise(
    "keep-size",
    "Keep the size",
    "This 5 × 5 kernel loses four rows and four columns. Set the padding so that the output is as large as the input.",
    FIVE,
    _kept_size,
    (
        "The kernel reaches two cells beyond its middle, on every side.",
        "Padding adds cells on both sides: half of what is lost is enough.",
    ),
    kind="mend",
    solved=replace(FIVE, padding=Axes(2, 2)),
)

EXERCISES = (
    replace(
        cell(Cell(1, 0)),
        id="cell",
        title="One cell",
        settings=Convolution(w=LOPSIDED, b=cells([[1]])),
    ),
    _size_exercise(
        "size", "Output size", Convolution(x=presets.INPUTS["Digit"], stride=Axes(2, 2), padding=Axes(2, 2))
    ),
    replace(
        cell(Cell(0, 1)),
        id="turned",
        title="A true convolution",
        hints=(
            "The convolution of the textbooks turns the kernel by 180°, then lays it on the outlined window.",
            "Turned, the kernel's last number comes first: begin with it at the top left of the window.",
        ),
        settings=Convolution(w=LOPSIDED, op="convolution"),
    ),
    _size_exercise("dilated-size", "Size with dilation", Convolution(x=presets.edge(), dilation=Axes(2, 2))),
    _size_exercise(
        "transposed-size",
        "Transposed size",
        Convolution(x=presets.INPUTS["Counting"], op="transposed", stride=Axes(2, 2)),
        STAMP_HINTS,
    ),
    KEPT_SIZE,
)
