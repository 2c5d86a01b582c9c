"""No cell that somebody typed is executed by a spreadsheet."""

import csv
import io

import pytest

from cnnviz.data.spreadsheets import as_csv, plain_rows


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", '=HYPERLINK("http://x")', "\uff1d1", "-"]
)
def test_what_would_begin_a_formula_gets_an_apostrophe(text):
    [row] = plain_rows([{"Who": text}])
    assert row == {"Who": f"'{text}"} or row["Who"].startswith("'")
    [read] = csv.DictReader(io.StringIO(as_csv(["Who"], [{"Who": text}]), newline=""))
    assert read["Who"] == row["Who"]


def test_so_it_does_after_what_may_be_a_separator():
    assert plain_rows([{"Who": "Ada;=1+1"}, {"Who": "Ada\t@x"}]) == [{"Who": "Ada;'=1+1"}, {"Who": "Ada\t'@x"}]


def test_numbers_and_ordinary_texts_stay():
    row = {"Who": "Ada", "Best": -97.5, "Runs": 3, "None": None, "Output": "16 × 5 × 5", "Rate": "1e-3", "a": "x = 1"}
    assert plain_rows([row]) == [row]


def test_the_names_of_columns_are_cells_and_what_is_missing_is_empty():
    written = as_csv(["=a", "b"], [{"=a": 1}, {"b": "c, d"}])
    assert written.splitlines() == ["'=a,b", "1,", ',"c, d"'] and as_csv([], []).strip() == ""
