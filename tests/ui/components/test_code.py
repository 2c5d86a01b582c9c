"""Code on the pages: nothing of it is lost, and its names are those of the stage."""

import ast
import tokenize

import numpy as np
import pytest

from cnnviz.lessons.channels import text as channels_text
from cnnviz.lessons.channels.settings import Channels
from cnnviz.lessons.convolution import text as convolution_text
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.lessons.filters import text as filters_text
from cnnviz.lessons.filters.settings import Filters
from cnnviz.lessons.pooling import text as pooling_text
from cnnviz.lessons.pooling.settings import Pool
from cnnviz.links import Axes
from cnnviz.ui.components.code import ROLES, parts

PICTURE = np.zeros((8, 8))
SCRIPTS = {
    "convolution": convolution_text.code(Convolution(activation="ReLU")),
    "padded": convolution_text.code(Convolution(padding=Axes(1, 1), mode="reflect")),
    "channels": channels_text.code(Channels()),
    "pooling": pooling_text.code(Pool()),
    "filters": filters_text.code(Filters().compute(PICTURE)),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_parts_are_the_whole_script(name: str) -> None:
    found = parts(SCRIPTS[name])
    assert "".join(text for _, text in found) == SCRIPTS[name]
    names = {node.id for node in ast.walk(ast.parse(SCRIPTS[name])) if isinstance(node, ast.Name)}
    assert {text for kind, text in found if kind in ROLES.values()} == names & ROLES.keys() != set()


def test_each_kind_has_its_own_part() -> None:
    assert parts('import b  # b\ny = x.w("w")\n') == [
        ["keyword", "import"],
        ["", " "],
        ["bias", "b"],
        ["", "  "],
        ["comment", "# b"],
        ["", "\n"],
        ["output", "y"],
        ["", " = "],
        ["input", "x"],
        ["", ".w("],
        ["string", '"w"'],
        ["", ")\n"],
    ]


def test_letters_beyond_ascii_move_nothing() -> None:
    script = "# 3×3, größer\u2028\nx = 1\n"  # with a separator that ends no line of Python's
    assert parts(script)[2] == ["input", "x"] and "".join(text for _, text in parts(script)) == script


def test_nothing_and_what_is_no_python() -> None:
    assert parts("") == []
    with pytest.raises((SyntaxError, tokenize.TokenError)):
        parts("x = (1")
