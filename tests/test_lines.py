"""Charts that cannot be drawn."""

import pytest

from cnnviz.ui.components.lines import lines


def test_lines_of_unequal_length():
    with pytest.raises(ValueError, match=r"x has shape \(2,\) and y \(3,\)"):
        lines("key", [{"name": "a", "colour": "#000", "x": [1, 2], "y": [1, 2, 3]}])
