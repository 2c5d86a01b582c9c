"""Which data sets of readers are in use, and the end of those that were recorded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cnnviz import runs
from cnnviz.data import datasets, recording
from cnnviz.data.datasets import brought
from cnnviz.server.data_use import DataUse, forget, trained_on
from cnnviz.server.presence import Presence
from cnnviz.training import TrainConfig
from tests.data.test_uploads import npz


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def recorded(folder: Path, session: str, seed: int = 0) -> str:
    name = recording.new_name()
    (folder / "written").write_bytes(npz(seed))
    brought.keep_for(name, folder / "written", session, folder)
    return name


def a_run(dataset: str, over: bool) -> runs.Run:
    run = runs.create(
        TrainConfig(dataset=dataset, network="own text", text="nn.Sequential(nn.Flatten(), nn.Linear(72, 3))")
    )
    if over:
        run.begin()
        runs.directory.fail(run, "it is a test")
    return run


def test_a_data_set_is_used_by_its_session_by_whoever_looks_at_it_and_by_a_run(folder: Path) -> None:
    presence = Presence()
    use = DataUse(presence)
    name = datasets.keep("mine.npz", npz(), "a")
    assert not use.in_use(name, ("a",))
    presence.arrive("a")
    assert use.in_use(name, ("a",))
    presence.leave("a")
    use.look(name, "b")
    assert not use.in_use(name, ("a",))
    presence.arrive("b")
    assert use.in_use(name, ("a",)) and not use.in_use("own_0123456789abcdef", ())
    presence.leave("b")
    run = a_run(name, over=False)
    assert trained_on(name) and use.in_use(name, ())
    run.withdraw("it is a test")
    assert not trained_on(name) and not use.in_use(name, ())


def test_a_network_is_used_by_whoever_opened_its_link() -> None:
    presence, name = Presence(), "net_0123456789abcdef0123456789abcdef"
    use = DataUse(presence)
    use.look(name, "b")
    presence.arrive("b")
    assert use.in_use(name, ("a",))
    presence.leave("b")
    assert not use.in_use(name, ("a",))


def test_what_was_recorded_goes_with_its_session_and_its_runs(folder: Path) -> None:
    presence = Presence()
    use = DataUse(presence)
    presence.arrive("a")
    here, gone = recorded(folder, "a"), recorded(folder, "b", 1)
    own = datasets.keep("mine.npz", npz(2), "b")
    kept_run, gone_run, other = a_run(here, over=True), a_run(gone, over=True), a_run("mnist", over=True)
    for path in folder.glob("rec_*"):
        os.utime(path, (1, 1))
    use.sweep()
    assert brought.is_recorded(here) and {path.stem for path in folder.glob("*.npz")} == {here, own}
    assert kept_run.folder.is_dir() and other.folder.is_dir() and not gone_run.folder.exists()
    assert list(folder.glob(f"{gone}*")) == []
    presence.leave("a")
    use.sweep()
    assert {path.stem for path in folder.glob("*.npz")} == {here, own}, "a page may load again"
    use.sweep(kept=-1)
    assert {path.stem for path in folder.glob("*.npz")} == {own} and not kept_run.folder.exists()


def test_a_run_under_way_is_stopped_first(folder: Path) -> None:
    name = recorded(folder, "a")
    run = a_run(name, over=False)
    forget(name)
    assert run.stop_requested() and run.folder.is_dir() and (folder / f"{name}.npz").is_file()
    run.withdraw("it is a test")
    forget(name)
    assert not run.folder.exists() and not (folder / f"{name}.npz").exists()


def test_what_was_recorded_stands_in_no_other_menu(folder: Path) -> None:
    name = recorded(folder, "a")
    assert name in datasets.offered(lambda sessions: [one for one in sessions if one == "a"])
    assert name not in datasets.offered(lambda sessions: [one for one in sessions if one == "b"])
    assert name not in datasets.offered()
