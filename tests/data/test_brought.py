"""Whose the data sets are that readers brought."""

import os
import threading
from contextlib import suppress

import pytest

from cnnviz.data import datasets
from cnnviz.data.datasets import brought
from tests.data.test_uploads import npz
from tests.helpers import refused


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


def size_of_one():
    """The bytes of a data set as it is kept."""
    name = datasets.keep("measure.npz", npz(999))
    size = (datasets.data_folder() / f"{name}.npz").stat().st_size
    brought.drop(name, datasets.data_folder())
    return size


def brought_by(session, seed, in_use=brought.nobody_uses):
    upload = datasets.lay_down([("mine.npz", npz(seed))])
    datasets.convert(upload.path, upload.file, upload.target)
    return datasets.finish(upload, session, in_use=in_use)


def test_one_session_is_bounded_by_bytes_and_says_so(folder, monkeypatch):
    monkeypatch.setattr(brought, "MAX_EACH", 2 * size_of_one() + 100)
    names = [brought_by("a", seed) for seed in range(2)]
    with refused("mine.npz", 2, "remove one"):
        brought_by("a", 2)
    assert kept(folder) == set(names), "nothing of it goes by itself"
    assert brought_by("a", 1) == names[1], "what is there already takes no more room"
    others = brought_by("b", 3)
    datasets.remove(names[0], "a")
    names.append(brought_by("a", 2))
    assert kept(folder) == {*names[1:], others}


def test_in_all_the_oldest_go_that_nobody_uses(folder, monkeypatch):
    monkeypatch.setattr(brought, "MAX_IN_ALL", 3 * size_of_one() + 100)
    names = [brought_by(session, seed) for seed, session in enumerate("abc")]
    for age, name in enumerate(names):
        os.utime(folder / f"{name}.npz", (age + 1, age + 1))
    used = {names[0]}
    asked = []

    def in_use(name, sessions):
        asked.append((name, sessions))
        return name in used

    newest = brought_by("d", 9, in_use)
    assert kept(folder) == {names[0], names[2], newest}, "the oldest is in use"
    assert (names[0], ("a",)) in asked and (names[1], ("b",)) in asked
    used |= {names[2], newest}
    with refused("mine.npz", "in use"):
        brought_by("e", 10, in_use)
    assert kept(folder) == {names[0], names[2], newest}


def test_one_that_several_brought_stays_as_long_as_one_of_them_has_it(folder):
    for session in "abc":
        shared = brought_by(session, 0)
    datasets.remove(shared, "a")
    assert menu_of("a") == [] and menu_of("b") == menu_of("c") == [shared]
    for session in "bc":
        datasets.remove(shared, session)
    assert kept(folder) == set() and list(folder.glob("own_*")) == []


def test_only_who_brought_it_removes_it(folder):
    name = brought_by("a", 0)
    for session in ("b", "", "a b"):
        with refused(name, "not yours"):
            datasets.remove(name, session)
    with refused(name, "run"):
        datasets.remove(name, "a", in_use=lambda one, _sessions: one == name)
    assert kept(folder) == {name}


def test_many_at_once_keep_the_bounds(folder, monkeypatch):
    monkeypatch.setattr(brought, "MAX_EACH", 2 * size_of_one() + 100)
    files = {session: [10 * place + number for number in range(4)] for place, session in enumerate("abcd")}
    threads = [
        threading.Thread(target=lambda own=own, by=by: [suppressed(by, seed) for seed in own])
        for by, own in files.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(menu_of(session)) for session in "abcd"] == [2] * 4 and len(kept(folder)) == 8


def suppressed(session, seed):
    with suppress(ValueError):
        brought_by(session, seed)


def test_another_choice_is_another_data_set():
    upload = datasets.lay_down([("mine.npz", npz())])
    names = {upload.name(choice) for choice in (datasets.Choice(), datasets.Choice(28), datasets.Choice(28, 1))}
    assert len(names) == 3 and upload.name(datasets.Choice()) == datasets.lay_down([("x.npz", npz())]).name(
        datasets.Choice()
    )


@pytest.mark.parametrize(
    "name", ["own_zz.by-a", "own_0123456789abcdef.by-", "own_0123456789abcdef.by-a b", "own_.by-x"]
)
def test_foreign_files_say_nothing(name, folder):
    folder.mkdir()
    (folder / name).touch()
    assert menu_of("a", "", "a b", "x") == []
