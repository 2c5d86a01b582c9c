"""Cells typed, blocks pasted, sizes changed."""

import pytest

from cnnviz.links import cells, grids
from tests.helpers import names, refused

GRID = cells([[1, 2], [3, 4]])


def test_a_cell_is_typed() -> None:
    assert grids.with_cell(GRID, 1, 0, "-0.5") == cells([[1, 2], [-0.5, 4]])
    with refused("“abc”"):
        grids.with_cell(GRID, 0, 0, "abc")


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("1\t2\r\n3\t4\r\n", [["1", "2"], ["3", "4"]]),
        ("1,5\t2\n", [["1,5", "2"]]),
        ("1\t\t3", [["1", "", "3"]]),
        ("1 2\n3 4", [["1", "2"], ["3", "4"]]),
        ("1, 2;\n3, 4;", [["1", "2"], ["3", "4"]]),
        ("[[1, 2],\n [3, 4]]", [["1", "2"], ["3", "4"]]),
        ("7", [["7"]]),
        ("1,5\n-2,5\n", [["1,5"], ["-2,5"]]),
        ("1,5", [["1,5"]]),
        ("1,5 2,5\n-3 0,25", [["1,5", "2,5"], ["-3", "0,25"]]),
        ("1,5; 2\n3; 4,5", [["1,5", "2"], ["3", "4,5"]]),
    ],
)
def test_blocks_from_spreadsheets_and_texts(text: str, block: list[list[str]]) -> None:
    assert grids.read_block(text) == (block, "")


def test_a_ragged_block_is_said_and_an_empty_one_refused() -> None:
    block, odd = grids.read_block("1\t2\t3\n4\t5\n")
    assert block == [["1", "2", "3"], ["4", "5"]]
    assert names(odd, "row 2", 2, 3)
    with refused("empty"):
        grids.read_block(" \n \n")


def test_room_for_a_block_up_to_a_limit() -> None:
    assert grids.grown_size(GRID, 3, 1, (16, 16)) == (3, 2)
    assert grids.grown_size(GRID, 2, 2, None) == (2, 2)
    with refused("20 × 2", "16 × 16"):
        grids.grown_size(GRID, 20, 2, (16, 16))
    with refused("2 × 3", "2 × 2"):
        grids.grown_size(GRID, 1, 3, None)


def test_what_a_smaller_size_cuts_off_comes_back() -> None:
    big = cells([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    small = grids.cut_to(big, 2, 2)
    assert small == cells([[1, 2], [4, 5]])
    edited = grids.with_cell(small, 0, 0, "-1")
    assert grids.laid_over(big, edited) == cells([[-1, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert grids.laid_over(((),), big) == big
    assert grids.laid_over(cells([[0, 0, 5]]), cells([[1], [2]])) == ((1, 0, 5), (2,))
    assert grids.cut_to(((1.0, 0.0, 5.0), (2.0,)), 2, 3) == cells([[1, 0, 5], [2, 0, 0]])
