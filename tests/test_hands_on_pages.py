"""Train and Draw without a browser: what they show, and what they make of bad links."""

import base64
import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import datasets, runs
from cnnviz.training import TrainConfig
from cnnviz.ui import resources
from cnnviz.ui.components.lines import lines
from cnnviz.ui.components.pad import SIZE, decoded

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path))


def opened(name, session=None, **query):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60).switch_page(f"pages/{name}.py")
    for key, value in query.items():
        at.query_params[key] = value
    for key, value in (session or {}).items():
        at.session_state[key] = value
    at.run()
    assert not at.exception
    return at


def components(at):
    return [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.json]


def test_train_without_a_run():
    at = opened("train")
    assert any("Press **Train**" in one.value for one in at.markdown)
    assert not at.button(key="train_start").disabled


def test_train_shows_the_run_of_the_link():
    run = runs.create(TrainConfig(subset=2000, epochs=1, steps=4, device="cpu"))
    list(runs.carry_out(run))
    at = opened("train", run=run.id)
    assert any("of the test images are named rightly" in one.value for one in at.markdown)
    loss, accuracy = (data for data in components(at) if "series" in data)
    assert loss["log"] and accuracy["percent"]
    assert [one["count"] for one in loss["series"]] == [2, 1]


def test_train_shows_why_a_run_failed():
    run = runs.create(TrainConfig(dataset="nowhere"))
    list(runs.carry_out(run))
    at = opened("train", run=run.id)
    assert any("The run failed: there is no data set 'nowhere'" in one.value for one in at.markdown)


def test_train_shows_a_run_before_its_first_event():
    at = opened("train", run=runs.create(TrainConfig()).id)
    assert any("Waiting for the worker" in one.value for one in at.markdown)
    assert at.button(key="train_start").disabled


def test_train_shows_a_run_whose_process_was_killed():
    run = runs.create(TrainConfig())
    run.append({"event": "step", "step": 1, "epoch": 0.002, "loss": 2.3, "accuracy": 0.1, "seconds": 0.1})
    for path in run.folder.iterdir():
        os.utime(path, (time.time() - 600, time.time() - 600))
    at = opened("train", run=run.id)
    assert any("Nothing was heard of this run for 10 minutes" in one.value for one in at.markdown)
    assert not at.button(key="train_start").disabled


@pytest.mark.parametrize("run", ["gone", "../../etc/passwd", "x" * 300, "lenet5-20250101-000000-00000000"])
def test_train_with_a_run_that_is_not_there(run):
    at = opened("train", run=run)
    assert len(at.warning) == 1 and not at.button(key="train_start").disabled


def drawn(picture):
    return {"draw_pad": {"drawing": {"id": "1", "picture": base64.b64encode(picture.tobytes()).decode()}}}


def seen(at):
    return next(data for data in components(at) if "probabilities" in data)


def test_an_empty_pad_predicts_nothing():
    for session in ({}, drawn(np.zeros((SIZE, SIZE), np.uint8))):
        shown = seen(opened("draw", session))
        assert shown["probabilities"] is None and "nothing to predict" in shown["nothing"]


def test_a_drawing_is_read():
    data = datasets.load("mnist")
    for digit in range(10):
        index = int((data.y_test == digit).nonzero()[3])
        picture = np.zeros((SIZE, SIZE), np.uint8)
        picture[5:33, 30:58] = data.x_test[index, 0].numpy()
        shown = seen(opened("draw", drawn(picture)))
        assert int(np.argmax(shown["probabilities"])) == digit and shown["shape"] == [28, 28]


@pytest.mark.parametrize("drawing", [{"id": "1"}, {"picture": 3}, {"picture": "***"}, {"picture": "AAAA"}, [1]])
def test_what_is_no_drawing(drawing):
    with pytest.raises(ValueError, match="the pad sent"):
        decoded(drawing)
    shown = seen(opened("draw", {"draw_pad": {"drawing": drawing}}))
    assert shown["probabilities"] is None


def test_draw_with_the_network_of_a_run():
    run = runs.create(TrainConfig(network="conv_mnist", subset=2000, epochs=1, steps=4, device="cpu"))
    with pytest.raises(ValueError, match="no weights yet"):
        resources.checkpoint(run.id)
    list(runs.carry_out(run))
    at = opened("draw", network=run.id)
    assert any("conv_mnist, trained on mnist" in one.value for one in at.caption) and not at.warning


@pytest.mark.parametrize("network", ["gpt", "../../checkpoints/lenet5", "lenet5.safetensors"])
def test_draw_with_a_network_that_is_not_there(network):
    at = opened("draw", network=network)
    assert "lenet5 reads in its place" in at.warning[0].value.replace("\\", "")


def test_lines_of_unequal_length():
    with pytest.raises(ValueError, match=r"x has shape \(2,\) and y \(3,\)"):
        lines("key", [{"name": "a", "colour": "#000", "x": [1, 2], "y": [1, 2, 3]}])
