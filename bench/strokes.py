"""Ten digits as pen paths: each a list of strokes, each a list of points (x, y) on a pad of side 1, y down."""

from __future__ import annotations

from math import cos, pi, radians, sin, tan

Stroke = list[tuple[float, float]]


def arc(x: float, y: float, across: float, down: float, start: float, end: float, points: int = 14) -> Stroke:
    """Part of an ellipse about (x, y), from one angle in degrees to another; 0 is to the right, 90 below."""
    angles = (radians(start + (end - start) * step / points) for step in range(points + 1))
    return [(x + across * cos(angle), y + down * sin(angle)) for angle in angles]


DIGITS: dict[int, list[Stroke]] = {
    0: [arc(0.5, 0.5, 0.18, 0.3, -90, 270, 24)],
    1: [[(0.42, 0.3), (0.52, 0.2), (0.52, 0.8)]],
    2: [[*arc(0.5, 0.36, 0.17, 0.16, 190, 390), (0.32, 0.78), (0.7, 0.78)]],
    3: [[*arc(0.48, 0.35, 0.17, 0.15, 200, 450), *arc(0.48, 0.65, 0.19, 0.15, -90, 160)]],
    4: [[(0.4, 0.2), (0.3, 0.55), (0.7, 0.55)], [(0.6, 0.22), (0.58, 0.82)]],
    5: [[(0.66, 0.2), (0.38, 0.2), (0.36, 0.46), *arc(0.48, 0.62, 0.18, 0.18, -110, 150)]],
    6: [[(0.6, 0.2), (0.42, 0.42), *arc(0.5, 0.64, 0.16, 0.16, 200, 560)]],
    7: [[(0.28, 0.24), (0.7, 0.24), (0.58, 0.5), (0.48, 0.8)]],
    8: [[*arc(0.5, 0.35, 0.14, 0.14, 90, -270, 20), *arc(0.5, 0.65, 0.17, 0.16, -90, 270, 20)]],
    9: [[*arc(0.48, 0.36, 0.15, 0.15, 0, -360, 20), (0.63, 0.4), (0.58, 0.82)]],
}
STYLES: dict[str, tuple[float, float, float, float]] = {  # scale, shift right, shift down, slant in degrees
    "plain": (1.0, 0.0, 0.0, 0.0),
    "small": (0.5, 0.0, 0.0, 0.0),
    "in a corner": (0.45, -0.28, 0.27, 0.0),
    "slanted": (0.9, 0.0, 0.0, 15.0),
    "large": (1.3, 0.0, 0.0, 0.0),
}


def styled(digit: int, style: str) -> list[Stroke]:
    """The strokes of a digit, scaled about the middle of the pad, slanted to the right and shifted."""
    scale, right, down, slant = STYLES[style]
    lean = tan(slant * pi / 180)
    return [
        [(0.5 + right + scale * (x - 0.5 - lean * (y - 0.5)), 0.5 + down + scale * (y - 0.5)) for x, y in stroke]
        for stroke in DIGITS[digit]
    ]
