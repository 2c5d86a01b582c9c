"""Whose the data sets are that readers brought."""

import threading

import pytest

from cnnviz.data import datasets
from cnnviz.data.datasets import brought
from tests.data.test_uploads import npz


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def menu_of(*names):
    """What stands in the menu of a reader of these names, without what everybody has."""
    here = datasets.offered(lambda sessions: [one for one in sessions if one in names])
    return [name for name in here if name.startswith("own")]


def kept(folder):
    return {path.stem for path in folder.glob("own_*.npz")}


def test_a_data_set_stands_in_the_menu_of_who_brought_it_alone(folder):
    name = datasets.keep("mine.npz", npz(), "a")
    assert menu_of("a") == menu_of("b", "a") == [name] and menu_of("b") == menu_of() == []
    assert len(datasets.load(name).x_train) == 12, "whoever has its name may see it"
    (folder / "own.npz").write_bytes(npz())
    assert menu_of("b") == ["own"], "what lies in the folder by hand is everybody's"
    with pytest.raises(ValueError, match="nothing") as refused:
        datasets.load("nothing")
    assert name not in str(refused.value)


def test_two_may_bring_the_same():
    name = datasets.keep("mine.npz", npz(), "a")
    assert datasets.keep("yours.npz", npz(), "b") == name
    assert menu_of("a") == menu_of("b") == [name]


def test_one_session_loses_its_own_oldest(folder, monkeypatch):
    monkeypatch.setattr(brought, "MAX_EACH", 2)
    others = datasets.keep("theirs.npz", npz(100), "b")
    shared = datasets.keep("mine.npz", npz(0), "a")
    datasets.keep("mine.npz", npz(0), "b")
    names = [datasets.keep("mine.npz", npz(seed), "a") for seed in range(1, 5)]
    assert menu_of("a") == sorted(names[2:]) and set(menu_of("b")) == {others, shared}
    assert kept(folder) == {others, shared, *names[2:]}


def test_beyond_the_bound_in_all_whoever_has_most_gives(folder, monkeypatch):
    monkeypatch.setattr(brought, "MAX_IN_ALL", 4)
    old = datasets.keep("old.npz", npz(50))  # of nobody, as those of before
    theirs = datasets.keep("theirs.npz", npz(100), "b")
    names = [datasets.keep("mine.npz", npz(seed), "a") for seed in range(4)]
    assert kept(folder) == {old, theirs, *names[2:]} and menu_of("a") == sorted(names[2:])


def test_one_that_several_brought_stays_as_long_as_one_of_them_has_it(folder, monkeypatch):
    monkeypatch.setattr(brought, "MAX_IN_ALL", 2)
    for session in "abc":
        shared = datasets.keep("class.npz", npz(0), session)
    _, last = (datasets.keep("mine.npz", npz(seed), "a") for seed in (1, 2))
    assert kept(folder) == {shared, last} and menu_of("a") == [last]
    assert menu_of("b") == menu_of("c") == [shared], "what one has to give stays the others'"


def test_many_at_once_keep_the_bounds(folder, monkeypatch):
    monkeypatch.setattr(brought, "MAX_EACH", 2)
    files = {session: [npz(10 * place + number) for number in range(4)] for place, session in enumerate("abcd")}
    threads = [
        threading.Thread(target=lambda own=own, by=by: [datasets.keep("x.npz", one, by) for one in own])
        for by, own in files.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(menu_of(session)) for session in "abcd"] == [2] * 4 and len(kept(folder)) == 8


@pytest.mark.parametrize(
    "name", ["own_zz.by-a", "own_0123456789abcdef.by-", "own_0123456789abcdef.by-a b", "own_.by-x"]
)
def test_foreign_files_say_nothing(name, folder):
    folder.mkdir()
    (folder / name).touch()
    assert menu_of("a", "", "a b", "x") == []
