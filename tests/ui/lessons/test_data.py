"""The Data page without a browser: what it shows of a data set, what it makes of links, and what is brought to it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.data.datasets import brought
from cnnviz.data.recording import AT_ONCE, Recording
from cnnviz.inference import checkpoints
from cnnviz.inference.suspicious import suspicious
from cnnviz.lessons.data.settings import Data
from cnnviz.training import TrainConfig
from cnnviz.ui import pictures
from cnnviz.ui.core import resources
from cnnviz.ui.lessons.data import record
from cnnviz.ui.lessons.naming import title
from tests import helpers
from tests.data.datasets.brought_files import arrays, coloured, images, labels, npz
from tests.data.test_recording import sent
from tests.helpers import names

opened = partial(helpers.opened, "data")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CNNVIZ_HELPERS", "0")
    resources.helpers.clear()
    (tmp_path / "data").mkdir()
    yield tmp_path / "data"
    resources.helpers.clear()


def component(at: AppTest, key: str) -> dict[str, Any]:
    """The data of the component that has such an entry."""
    return next(data for data in helpers.components(at) if key in data)


def said(at: AppTest) -> str:
    return " ".join(one.value for one in (*at.markdown, *at.warning, *at.caption))


def test_it_opens_with_mnist() -> None:
    at = opened()
    wall = component(at, "wall")
    assert wall["count"] == 60_000 and wall["classes"] == list("0123456789") and wall["size"] == [28, 28, 1]
    assert wall["wall"] == pictures.base("mnist", "train", "index") and wall["chosen"] == wall["at"] == 0
    assert wall["seen"]["mean"] == pytest.approx([0.1307], abs=5e-5)
    assert wall["seen"]["std"] == pytest.approx([0.3081], abs=5e-5)
    assert names(said(at), "60,000", "10,000", "28 × 28")


def test_a_link_gives_part_order_class_and_image() -> None:
    at = opened(part="test", order="class", image=7)
    wall = component(at, "wall")
    order = pictures.places("mnist", "test", "class")
    assert wall["chosen"] == 7 and order[wall["at"]] == 7 and wall["count"] == 10_000
    at = opened(only=7, image=0)
    wall = component(at, "wall")
    assert wall["count"] == 6_265 and wall["wall"].endswith("/only-7")
    assert wall["chosen"] == pictures.places("mnist", "train", "only-7")[0] == 15, "image 0 is a five"
    assert at.number_input(key="data_image").value == 15


@pytest.mark.parametrize(
    ("normalisation", "mean", "std"),
    [("published", [0.1307], [0.3081]), ("half", [0.5], [0.5]), ("none", [0.0], [1.0])],
)
def test_what_normalisation_does_to_a_pixel(normalisation: str, mean: list[float], std: list[float]) -> None:
    seen = component(opened(normalisation=normalisation), "seen")["seen"]
    assert (seen["mean"], seen["std"]) == (mean, std)


def test_a_batch_is_what_a_step_sees() -> None:
    at = opened(view="batch", batch_size=64, step=2, seed=3)
    order = pictures.places("mnist", "train", "epoch-3-1")
    assert pictures.places("mnist", "train", "epoch-3-1-64-2").tolist() == order[64:128].tolist()
    wall = component(at, "wall")
    assert wall["count"] == 64 and wall["wall"].endswith("/epoch-3-1-64-2") and wall["chosen"] == order[64]
    first = datasets.arrays("mnist")["y_train"][order[64:72]].tolist()
    assert "(64, 1, 28, 28)" in said(at) and ", ".join(map(str, first)) in said(at)


def test_classes_are_counted(folder: Path) -> None:
    own = np.array([0] * 8 + [1] * 3 + [2])
    (folder / "uneven.npz").write_bytes(npz(arrays(y_train=own, classes=np.array(["ant", "bee", "cat"]))))
    at = opened(view="figures", dataset="uneven")
    assert names(said(at), "ant", 8, "8.0", "cat", 1, "66.7")
    shown = [one["title"] for one in component(at, "shown")["shown"]]
    assert shown == ["All", "ant", "bee", "cat"]


@pytest.mark.parametrize("name", ["none", "handwriting", "flip_crop"])
def test_an_image_and_twelve_ways_to_see_it(name: str) -> None:
    shown = component(opened(view="augmentation", augmentation=name, image=3), "shown")
    drawn = shown["pictures"].reshape(13, 28, 28)
    assert np.array_equal(drawn[0], datasets.arrays("mnist")["x_train"][3])
    others = {one.tobytes() for one in drawn[1:]}
    assert len(others) == 1 if name == "none" else len(others) > 6
    again = component(opened(view="augmentation", augmentation=name, image=3), "shown")
    assert np.array_equal(shown["pictures"], again["pictures"]), "seeded"
    other = component(opened(view="augmentation", augmentation=name, image=3, draw=1), "shown")
    assert np.array_equal(shown["pictures"], other["pictures"]) == (name == "none")


def test_duplicates_are_shown_and_leaks_told(folder: Path) -> None:
    train, test = images(12), images(6, 1)
    train[4], test[2] = train[1], train[9]
    (folder / "twice.npz").write_bytes(npz(arrays(x_train=train, x_test=test)))
    at = opened(view="repeats", dataset="twice")
    assert names(said(at), 18, 2, "1 test image is")
    shown = component(at, "shown")["shown"]
    assert [one["more"] for one in shown] == ["Training 1", "Training 4", "Training 9", "Test 2"]
    assert [one["group"] for one in shown] == [0, 0, 1, 1]
    (folder / "once.npz").write_bytes(npz())
    assert "No two of the 18 images" in said(opened(view="repeats", dataset="once"))


def test_labels_that_the_best_network_doubts(folder: Path) -> None:
    mnist = datasets.arrays("mnist")
    few = {"x_train": mnist["x_train"][:60], "y_train": mnist["y_train"][:60].copy()}
    few |= {"x_test": mnist["x_test"][:200], "y_test": mnist["y_test"][:200].copy()}
    few["y_test"][17] = (few["y_test"][17] + 1) % 10
    (folder / "wrong.npz").write_bytes(npz(few))
    found = suspicious(datasets.load("wrong"), "test", lambda _done: None)
    assert found.places[0] == 17 and found.images == 200 and found.wrong == len(found.places)
    assert found.guesses[0] == mnist["y_test"][17] and (np.diff(found.probabilities) <= 0).all()
    at = opened(view="labels", dataset="wrong", part="test")
    assert component(at, "shown")["shown"][0]["title"] == f"label {few['y_test'][17]}"


def test_without_a_network_for_these_classes_it_says_so(folder: Path) -> None:
    (folder / "pets.npz").write_bytes(npz(arrays(x_train=coloured(12), x_test=coloured(6, 1))))
    assert names(said(opened(view="labels", dataset="pets")), "mnist", "cifar10")


def test_what_cannot_be_shown_is_told() -> None:
    at = opened(dataset="nothing")
    assert names(at.warning[0].value, "'nothing'") and component(at, "wall")["count"] == 60_000
    assert names(said(opened(image=70_000)), "70,000", "59,999")
    assert names(said(opened(only=12)), 12, 10)
    at = opened(dataset="fashion_mnist")
    assert "30.9 MB" in said(at) and not [one for one in helpers.components(at) if "wall" in one]


def test_another_data_set_begins_with_its_first_image() -> None:
    before = Data(image=500, only=3, step=9)
    after, notes = before.__class__(**{**vars(before), "dataset": "cifar10"}).validated(["dataset"])
    assert (after.image, after.only, after.step, notes) == (0, -1, 1, [])
    assert Data(image=500).validated(["part"])[0].image == 0
    assert Data(image=500).validated(["part", "image"])[0].image == 500


# --- brought


def bring(at: AppTest, content: bytes, file: str = "mine.npz") -> AppTest:
    """The page, once a file lies there to be read."""
    at.session_state["data_upload_laid"] = datasets.lay_down([(file, content)])
    return at.run()


def test_what_is_brought_is_shown_before_it_is_kept(folder: Path) -> None:
    at = bring(opened(view="bring"), npz(arrays(x_train=images(12) / 255, x_test=images(6, 1) / 255)))
    assert names(said(at), "mine.npz", "12", "6", "8 × 8", "3 classes", "0 to 1")
    shown = component(at, "shown")
    assert len(shown["shown"]) == 12 and shown["shape"] == [8, 8, 1]
    assert not list(folder.glob("own_*")), "nothing is kept yet"
    at.button(key="data_keep").click().run()
    (kept,) = folder.glob("own_*.npz")
    assert at.query_params["dataset"] in (kept.stem, [kept.stem]) and component(at, "wall")["count"] == 12
    assert any(title(kept.stem) in box.options for box in at.selectbox)


def test_a_choice_is_another_reading() -> None:
    at = bring(opened(view="bring"), npz(arrays(x_train=images(12, side=64), x_test=images(6, 1, 64))))
    assert "64 × 64" in said(at)
    at.selectbox(key="data_side").select(28).run()
    assert "28 × 28" in said(at)
    at.button(key="data_keep").click().run()
    assert component(at, "wall")["size"] == [28, 28, 1]


def test_what_is_no_data_set_gets_its_sentence_and_goes(folder: Path) -> None:
    at = bring(opened(view="bring"), npz(arrays(y_train=labels(12) + 0.5)))
    assert names(at.warning[0].value, "mine.npz", "0.5") and not list(folder.glob(".upload-*"))
    at = bring(opened(view="bring"), npz())
    at.button(key="data_discard").click().run()
    assert not list(folder.glob(".upload-*")) and not list(folder.glob("own_*")) and not at.warning


def test_ones_own_can_be_removed(folder: Path) -> None:
    at = bring(opened(view="bring"), npz())
    at.button(key="data_keep").click().run()
    (kept,) = folder.glob("own_*.npz")
    at.query_params["view"] = "bring"
    at.run()
    assert title(kept.stem) in said(at).replace("\\", "")
    at.button(key=f"data_remove_{kept.stem}").click().run()
    assert not list(folder.glob("own_*")) and not at.exception


def test_files_that_are_no_data_sets_are_told(folder: Path) -> None:
    (folder / "pets.tar.gz").write_bytes(b"x")
    at = opened(view="bring")
    assert any("no data set: 1 file" in one.label for one in at.expander)


# --- recorded


def message(desk: record._Desk, **values: Any) -> None:
    record._take(desk, {"seq": desk.heard + 1, **values})


def test_messages_of_the_recorder_make_a_recording() -> None:
    desk = record._Desk()
    message(desk, kind="names", names=["x", "o", "v"])
    message(desk, kind="add", at=1, pictures=sent(3))
    assert [(one.name, len(one.pictures)) for one in desk.recording.classes] == [("x", 0), ("o", 3), ("v", 0)]
    record._take(desk, {"seq": desk.heard, "kind": "add", "at": 1, "pictures": sent(3)})
    assert len(desk.recording.classes[1].pictures) == 3, "it came twice"
    message(desk, kind="clear", at=1)
    message(desk, kind="remove", at=0)
    assert [(one.name, len(one.pictures)) for one in desk.recording.classes] == [("o", 0), ("v", 0)]


HOSTILE: list[dict[str, Any]] = [
    {"kind": "add", "at": 99, "pictures": sent()},
    {"kind": "add", "at": 0, "pictures": "no picture"},
    {"kind": "add", "at": True, "pictures": sent()},
    {"kind": "add", "at": 0, "pictures": sent(AT_ONCE + 1)},
    {"kind": "names", "names": 7},
    {"kind": "names", "names": ["a"] * 99},
    {"kind": "remove", "at": 0},
    {"kind": "train"},
    {"kind": "frame", "picture": {}},
    {"kind": "unheard of"},
    {},
]


@pytest.mark.parametrize("values", HOSTILE, ids=range(len(HOSTILE)))
def test_what_cannot_be_taken_gets_a_sentence_and_changes_nothing(values: dict[str, Any]) -> None:
    desk = record._Desk()
    message(desk, **values)
    assert desk.said.endswith(".") and desk.heard == 1
    assert desk.recording == Recording()
    for seq in (None, "1", -1, 2**60, True):
        record._take(desk, {"seq": seq, **values})
    assert desk.heard == 1


@pytest.mark.parametrize("steps", [0, 5])
def test_a_run_that_took_all_its_time_has_a_network_if_it_has_weights(steps: int) -> None:
    run = runs.create(TrainConfig())
    run.begin()
    if steps:
        checkpoint = checkpoints.load(checkpoints.shipped()["lenet5"])
        checkpoints.save(run.weights, checkpoint.network, checkpoint.card)
    place = {"step": 5, "epoch": 1.0, "seconds": 18.0}
    figures = {"train_loss": 0.1, "train_accuracy": 1.0, "test_loss": 0.2, "test_accuracy": 0.95}
    run.append({"event": "epoch", **place, **figures})
    run.append({"event": "stopped", **place, "reason": "its time is over"})
    desk = record._Desk(run=run.id)
    assert record._is_usable(run) == bool(steps)
    assert ("Trained: 95 %" in record._status(desk, run)) == bool(steps)


def test_a_recording_is_the_sessions_alone(folder: Path) -> None:
    assert "Class 1" in str(component(opened(view="record"), "heard")["classes"])
    assert not [one for one in datasets.offered() if brought.is_brought(one)]
