"""Texts of one's own on the pages Inside, Evaluate and Draw: each view shows something, or says why not."""

import numpy as np
import pytest
import torch

from cnnviz import runs
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.inference.checkpoints import card_for
from cnnviz.lessons.inside.settings import VIEWS
from cnnviz.networks import notation
from cnnviz.training import TrainConfig, check
from cnnviz.ui.components.pad import SIZE
from cnnviz.ui.lessons.inside import parts
from harness.drawings import as_sent
from tests.helpers import components, names, opened, refused, write_few
from tests.own_texts import LABORIOUS, LARGE, REFUSED, TEXTS

INK = np.zeros((SIZE, SIZE), np.uint8)
INK[15:60, 33:38] = 255
DRAWN = {"drawing": {"id": "1", "picture": as_sent(INK)}}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    write_few(tmp_path / "data")
    return tmp_path


def run_of(text):
    """The name of a run of that network, as it is before its first step."""
    config = TrainConfig(network="own text", text=text, dataset="few", device="cpu")
    run, few = runs.create(config), datasets.load("few")
    torch.manual_seed(0)
    network = notation.parse(text).build()
    card = card_for("own text", few, accuracy=None, epochs=0, seed=0, command="", text=text)
    checkpoints.save(run.weights, network, card)
    checkpoints.save(run.early(0), network, card)
    return run.id


def told(at):
    """What the page says besides its lesson's prose, without the marks of Markdown."""
    found = [*at.warning, *at.info, *at.error]
    return " ".join(one.value.replace("\\", "") for one in found)


def shows(at, key):
    return next((data for data in components(at) if key in data), None)


@pytest.mark.long(sample=3)
@pytest.mark.parametrize("name", TEXTS)
def test_every_page_takes_every_text(name):
    run_id = run_of(TEXTS[name])
    own_layers = None
    for view in VIEWS:
        at = opened("inside", network=run_id, view=view.replace(" ", "_"), image=7)
        cards = shows(at, "cards")
        assert cards is not None or names(told(at), run_id), (view, told(at))
        assert "in its place" not in told(at)
        assert cards is None or shows(at, "rows") is not None or at.info, view
        own_layers = cards and [card["name"] for card in cards["cards"]]
    for layer in own_layers or ():
        at = opened("inside", network=run_id, layer=layer, channel=1, row=2, col=3)
        assert shows(at, "cards")["chosen"]["layer"] == layer and (shows(at, "rows") is not None or at.info)
    assert told(opened("inside", network=run_id, task="sum"))
    evaluated = opened("evaluate", network=run_id)
    assert shows(evaluated, "counts") is not None and not told(evaluated)
    assert told(opened("evaluate", network=run_id, task="recall", true=1, named=1))
    drawn = opened("draw", {"draw_pad": DRAWN}, network=run_id, beside=f"lenet5.{run_id}--epoch_0")
    assert shows(drawn, "readers") is not None
    assert len(shows(drawn, "readers")["readers"]) == 3 or names(told(drawn), "own text")


@pytest.mark.long(sample=3)
@pytest.mark.parametrize("name", REFUSED)
def test_what_gives_no_score_a_class_is_neither_trained_nor_shown(name):
    with refused():
        check(TrainConfig(network="own text", text=REFUSED[name], dataset="few"))
    run_id = run_of(REFUSED[name])
    for page, key in (("inside", "cards"), ("evaluate", "counts"), ("draw", "readers")):
        at = opened(page, network=run_id)
        assert shows(at, key) is not None and names(told(at), "lenet5"), (page, told(at))


def test_what_has_no_weights_is_not_trained_and_can_be_looked_into():
    text = "nn.Sequential(nn.Flatten(), nn.ReLU())"
    with refused("no weights", "nn.Linear"):
        check(TrainConfig(network="own text", text=text, dataset="few"))
    assert shows(opened("inside", network=run_of(text)), "cards") is not None


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_too_large_is_said_in_every_view(view):
    at = opened("inside", network=run_of(LARGE), view=view.replace(" ", "_"))
    assert names(told(at), "256 MB", "65,536 × 28 × 28") and shows(at, "cards") is None


def test_what_is_too_large_is_said_on_the_other_pages_and_not_trained():
    run_id = run_of(LARGE)
    assert names(told(opened("evaluate", network=run_id)), "256 MB", "lenet5")
    assert names(told(opened("draw", {"draw_pad": DRAWN}, network=run_id)), "256 MB", "lenet5")
    with refused("256 MB", "65,536 × 28 × 28"):
        check(TrainConfig(network="own text", text=LARGE, dataset="few"))


@pytest.mark.slow
def test_what_takes_too_long_is_said_where_it_is_measured(monkeypatch):
    monkeypatch.setenv("CNNVIZ_MAX_GMACS", "50")
    run_id = run_of(LABORIOUS)
    assert names(told(opened("evaluate", network=run_id)), 50, "lenet5")
    at = opened("inside", network=run_id, view="why")
    assert shows(at, "cards") is not None and names(told(at), "Integrated gradients", 50)


def test_maps_that_are_too_large_to_be_drawn_are_said(monkeypatch):
    monkeypatch.setattr(parts, "MAX_CELLS", 500)
    at = opened("inside", network=run_of(TEXTS["residual"]))
    assert names(told(at), 500) and shows(at, "cards") is None


@pytest.mark.parametrize("view", VIEWS)
def test_a_network_that_is_not_there_is_replaced_in_every_view(view):
    at = opened("inside", network="nosuch", view=view.replace(" ", "_"))
    assert names(told(at), "'nosuch'", "lenet5") and shows(at, "rows") is not None
