"""What the app says in the states of tests/golden/states.py is what tests/golden/sentences.json has."""

from pathlib import Path

import pytest

from tests.golden import said

NAMES = list(said.groups())
MEANT = "the app says something else here; if it is meant, write it down by `make golden`, and look through the diff"


@pytest.mark.parametrize("name", NAMES)
def test_the_app_says_what_the_golden_file_has(name: str, tmp_path: Path) -> None:
    with said.placed(tmp_path):
        found, wanted = said.groups()[name](tmp_path), said.stored().get(name, {})
    assert found == wanted, f"{name}: {MEANT}\n" + "\n".join(differences(wanted, found))


def differences(wanted: said.Said, found: said.Said) -> list[str]:
    """The states with other sentences: those of the file, then those of now."""
    names = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    return [f"{name}\n- {wanted.get(name)}\n+ {found.get(name)}" for name in names]


def test_the_golden_file_has_no_other_group() -> None:
    assert list(said.stored()) == NAMES, MEANT


@pytest.mark.parametrize("name", NAMES)
def test_every_state_says_something(name: str) -> None:
    assert [state for state, sentences in said.stored()[name].items() if not any(sentences)] == []


def test_a_difference_names_its_state_and_both_sentences() -> None:
    assert differences({"a": ["x"], "b": ["y"]}, {"a": ["x"], "c": ["z"]}) == [
        "b\n- ['y']\n+ None",
        "c\n- None\n+ ['z']",
    ]
