"""`bench house`: the figures of a small house, and what is a move between its files."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from bench import house
from bench.moves import SCRIPT_THREAD, Moves

FILES = {
    "cnnviz/__init__.py": "",
    "cnnviz/ground.py": "def add(a, b):\n    return a + b\n\ndef _half(a):\n    return a / 2\n",
    "cnnviz/room/__init__.py": "from cnnviz.room.chair import Chair\n",
    "cnnviz/room/chair.py": "from .. import ground\n\nclass Chair:\n    def sit(self):\n        import cnnviz.hall\n",
    "cnnviz/hall.py": "from cnnviz import room\nfrom cnnviz.ground import add\n",
    "pages/home.py": "from cnnviz import hall\n",
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_figures_of_a_small_house(tree: Path) -> None:
    edges = house.imports(tree)
    assert edges == {"ground": set(), "room": {"ground", "hall"}, "hall": {"room", "ground"}}
    assert house.circles(edges) == 1 and house.circles({"a": {"b"}, "b": set()}) == 0
    assert house.public_names(tree) == 2  # add and Chair
    assert len(house.files(tree, "cnnviz", "pages")) == 6


def run(tree: Path, name: str = SCRIPT_THREAD) -> Moves:
    """A page that calls a function twice, once through other code, and takes two numbers from a generator."""
    found: dict[str, Any] = {"sorted": sorted}
    for file, text in {
        "cnnviz/ground.py": "def key(n):\n    return -n\n\ndef numbers():\n    yield 1\n    yield 2\n",
        "pages/home.py": "def body():\n    key(1)\n    sorted([3], key=key)\n    here()\n    return list(numbers())\n"
        "\ndef here():\n    pass\n",
        "elsewhere.py": "def start():\n    body()\n",
    }.items():
        exec(compile(text, str(tree / file), "exec"), found)
    moves = Moves(tree)
    with moves.counted():
        script = Thread(target=found["start"], name=name)
        script.start()
        script.join()
    return moves


def test_a_move_is_a_call_or_return_between_two_files_of_ours(tree: Path) -> None:
    moves = run(tree)
    calls = 1 + 1 + 3  # key, key out of sorted, the generator until its end; not `here`, nor what begins it all
    assert moves.count == 2 * calls
    assert moves.pairs == {("pages/home.py", "cnnviz/ground.py"): calls, ("cnnviz/ground.py", "pages/home.py"): calls}
    assert moves.functions[("pages/home.py", "cnnviz/ground.py", "numbers")] == 6


def test_other_threads_are_not_counted(tree: Path) -> None:
    assert run(tree, "another").count == 0
