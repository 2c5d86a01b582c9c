"""Exercises of the Image filters page: an even area, an edge, and how large the picture is at the end."""

from dataclasses import replace

import numpy as np

from cnnviz.data.pictures import PICTURES, built_in
from cnnviz.lessons.common.exercise import Exercise, Mistake
from cnnviz.lessons.common.snippets import nested
from cnnviz.lessons.filters.settings import KERNELS, Filters
from cnnviz.links import number_text
from cnnviz.ops.windows import Array

OWN_PICTURE = "this exercise is about a built-in picture, and the page shows one of your own"
GREY, DARK, BRIGHT = 100.0, 20.0, 120.0


def _last_size(settings: Filters) -> tuple[int, ...]:
    """Rows and columns at the end. Raises ValueError for an own picture, whose size nobody knows here."""
    if settings.picture not in PICTURES:
        raise ValueError(OWN_PICTURE)
    return settings.compute(built_in(settings.picture)).last.shape


def response(settings: Filters, columns: tuple[float, float, float]) -> float:
    """What a window of equal rows gives before ReLU: left, middle and right column of the picture. Raises ValueError
    where the kernel has not three columns."""
    if settings.kernel[1] != 3:
        raise ValueError(f"this exercise needs a kernel of 3 columns, and it has {settings.kernel[1]}")
    window: Array = np.tile(columns, (settings.kernel[0], 1))
    return float((window * np.array(settings.w)).sum() + settings.b[0][0])


def _rectified(settings: Filters, value: float) -> float:
    """After ReLU, where the page has one."""
    return max(0.0, value) if settings.relu else value


def _describe_rows(settings: Filters) -> str:
    """The kernel row by row, which the page shows only with its picture."""
    rows = nested(settings.w)[1:-1].replace("-", "−")
    bias = f", and the bias {number_text(settings.b[0][0])}" if settings.b[0][0] else ""
    return f"The kernel's rows are {rows}{bias}."


def _sign_turned(settings: Filters) -> float:
    """The edge seen from the other side."""
    return _rectified(settings, response(settings, (DARK, DARK, BRIGHT)))


def _as_if_ones(settings: Filters) -> float:
    """The edge by a kernel of which only the signs count."""
    signs = tuple(tuple(float(np.sign(value)) for value in row) for row in settings.w)
    return _rectified(settings, response(replace(settings, w=signs), (BRIGHT, BRIGHT, DARK)))


def _describe_size(settings: Filters) -> str:
    """The question about the size, with all that counts in it."""
    if settings.picture not in PICTURES:
        raise ValueError(OWN_PICTURE)
    (rows, cols), (k_h, k_w) = built_in(settings.picture).shape, settings.kernel
    pooled = f", then {settings.pool} pooling {settings.window} × {settings.window}" if settings.pool != "none" else ""
    padding = "without padding" if settings.padding == "none" else f"padded ({settings.padding}) so that the size stays"
    return (
        f"A picture of {rows} × {cols}, a {k_h} × {k_w} kernel with stride {settings.stride}, {padding}{pooled}: "
        "how large is the picture at the end?"
    )


EDGE = Filters(w=KERNELS["Sobel x"], pool="none")

EXERCISES = (
    Exercise(
        "even-area",
        "An even area",
        lambda settings: (
            f"Every pixel of an area has the grey level {GREY:g}. What does this kernel make of it, before ReLU? "
            f"{_describe_rows(settings)}"
        ),
        Filters(w=KERNELS["Emboss"], relu=False, pool="none"),
        lambda settings: GREY * sum(map(sum, settings.w)) + settings.b[0][0],
        (
            "Every product has the same factor, the grey level: take it out of the sum.",
            "What is left is the sum of the kernel's numbers.",
        ),
        (
            Mistake("This is the sum of the kernel; the grey level is a factor of it.", lambda s: sum(map(sum, s.w))),
            Mistake(
                "This adds the kernel's numbers without their signs.",
                lambda settings: GREY * sum(abs(value) for row in settings.w for value in row),
            ),
            Mistake("This counts the pixels, not their weights.", lambda s: GREY * s.kernel[0] * s.kernel[1]),
        ),
        hides="stage",
        solution="The grey level times the sum of the kernel's numbers.",
    ),
    Exercise(
        "edge",
        "An edge",
        lambda settings: (
            f"A window on an edge: its left and its middle column are {BRIGHT:g}, the right one is {DARK:g}. "
            f"What comes out{' after ReLU' if settings.relu else ', without ReLU'}? {_describe_rows(settings)}"
        ),
        replace(EDGE, relu=False),
        lambda settings: _rectified(settings, response(settings, (BRIGHT, BRIGHT, DARK))),
        (
            "All rows of the window are alike: add up each column of the kernel first.",
            "Then only three products are left, one for each column of the window.",
        ),
        (
            Mistake("This is the edge from dark to bright; here it falls, so mind the sign.", _sign_turned),
            Mistake("This takes every number of the kernel for a 1; some count more.", _as_if_ones),
            Mistake(
                "This is the number before ReLU, which lets nothing negative through.",
                lambda settings: response(settings, (BRIGHT, BRIGHT, DARK)),
            ),
        ),
        hides="stage",
    ),
    Exercise(
        "picture-size",
        "Size of the picture",
        _describe_size,
        Filters(w=KERNELS["Gaussian blur 5 × 5"], window=3),
        _last_size,
        (
            "The convolution comes first: how many places has its window along one side?",
            "Pooling windows lie side by side, and a part of one at the edge is left out.",
        ),
        (
            Mistake(
                "This is the size after the convolution; pooling comes after it.",
                lambda settings: _last_size(replace(settings, pool="none")),
            ),
            Mistake(
                "This leaves out that the kernel has to fit into the picture.",
                lambda settings: _last_size(replace(settings, padding="zeros")),
            ),
            Mistake(
                "This rounds up: what is left of a pooling window at the edge does not count.",
                lambda settings: tuple(
                    -(-side // settings.window) for side in _last_size(replace(settings, pool="none"))
                ),
            ),
        ),
        kind="size",
        hides="stage",
    ),
)
