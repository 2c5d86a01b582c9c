"""Code on the pages: nothing of it is lost, and its names are those of the stage."""

import ast

import numpy as np
import pytest

from cnnviz import snippets
from cnnviz.settings.channels import Channels
from cnnviz.settings.convolution import Convolution
from cnnviz.settings.filters import Filters
from cnnviz.settings.pooling import Pool
from cnnviz.ui.components.code import ROLES, parts

PICTURE = np.zeros((8, 8))
SCRIPTS = {
    "convolution": snippets.convolution(Convolution(activation="ReLU")),
    "padded": snippets.convolution(Convolution(padding_h=1, mode="reflect")),
    "channels": snippets.channels(Channels()),
    "pooling": snippets.pooling(Pool()),
    "filters": Filters().compute(PICTURE).code(),
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
    script = "# 3×3, größer\nx = 1\n"
    assert parts(script)[2] == ["input", "x"] and "".join(text for _, text in parts(script)) == script
