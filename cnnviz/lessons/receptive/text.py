"""Stacks that are ready made, and what is worth trying with them."""

from cnnviz.lessons.common.settings import Challenges, Values
from cnnviz.lessons.receptive.settings import MAX_LAYERS, MIDDLE, OWN, VGG_BLOCK, read_stack, write_stack


def _own(text: str, size: int = 28) -> Values:
    """The settings of an own stack."""
    return {"network": OWN, "stack": read_stack(text), "size": size}


READY_MADE: dict[str, Values] = {
    "VGG block": _own(write_stack(VGG_BLOCK)),
    "One 5 × 5": _own("c5s1p0d1", 12),
    "Two 3 × 3": _own("c3s1p0d1-c3s1p0d1", 12),
    "One 7 × 7": _own("c7s1p0d1", 12),
    "Three 3 × 3": _own("c3s1p0d1-c3s1p0d1-c3s1p0d1", 12),
    "LeNet-5": _own("c5s1p0d1-m2s2p0d1-c5s1p0d1-m2s2p0d1", 32),
    "Dilated 1-2-4": _own("c3s1p1d1-c3s1p2d2-c3s1p4d4"),
    "Strided": _own("c3s2p1d1-c3s2p1d1-c3s2p1d1"),
}

SMALL = {"size": 12, "layer": MAX_LAYERS, "row": MIDDLE, "col": MIDDLE}

CHALLENGES: Challenges = {
    "Five or twenty-five?": (
        "A 5 × 5 kernel sees 25 input cells, and its receptive field is 5 cells wide. Add a second 5 × 5 layer: is the "
        "field then 10 cells wide?",
        READY_MADE["One 5 × 5"] | SMALL,
    ),
    "Three for one": (
        "Two 3 × 3 layers see as much as one 5 × 5. How many see as much as one 7 × 7, and how many weights is that on "
        "one channel? (27 instead of 49.)",
        READY_MADE["Two 3 × 3"] | SMALL,
    ),
    "The price of a stride": (
        "Each of these 3 × 3 layers adds 2 cells to the field. Give the first one stride 2: how many does each later "
        "one add?",
        _own("c3s1p1d1-c3s1p1d1-c3s1p1d1-c3s1p1d1") | {"layer": 1, "row": MIDDLE, "col": MIDDLE},
    ),
    "Look through the holes": (
        "Three layers with dilation 2: the field is 13 cells wide, and only 49 of its 169 cells have a path to the "
        "unit. Which dilations leave no hole?",
        _own("c3s1p2d2-c3s1p2d2-c3s1p2d2") | {"layer": MAX_LAYERS, "row": MIDDLE, "col": MIDDLE},
    ),
    "In the corner": (
        "The first unit of the last layer: more than half of its field lies on padding. Which layers pad, and which "
        "one adds most?",
        READY_MADE["VGG block"] | {"layer": MAX_LAYERS, "row": 0, "col": 0},
    ),
    "Does LeNet see the digit?": (
        "A unit of the last map sees 16 × 16 of 32 × 32 cells. Which part of LeNet-5 puts the pieces together?",
        READY_MADE["LeNet-5"] | {"layer": MAX_LAYERS, "row": MIDDLE, "col": MIDDLE},
    ),
}
