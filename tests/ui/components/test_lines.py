"""Charts that cannot be drawn."""

from cnnviz.ui.components.lines import lines
from tests.helpers import refused


def test_lines_of_unequal_length():
    with refused("a", (2,), (3,)):
        lines("key", [{"name": "a", "colour": "#000", "x": [1, 2], "y": [1, 2, 3]}])
