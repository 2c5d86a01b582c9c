"""The Inside page without a browser: what it shows, and what it makes of links, networks and bad input."""

import io
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz import links
from cnnviz.data import datasets
from cnnviz.inference import checkpoints
from cnnviz.lessons.inside.settings import VIEWS, Inside
from cnnviz.lessons.inside.text import CHALLENGES
from cnnviz.ui.components.pad import SIZE
from cnnviz.ui.lessons.inside.maps import card_bytes, is_unit
from cnnviz.ui.lessons.inside.parts import read
from harness.drawings import as_sent
from tests import helpers
from tests.helpers import names, refused, unpacked

opened = partial(helpers.opened, "inside")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    return tmp_path


def component(at, key):
    found = [unpacked(one.proto.bytes) for one in at.get("bidi_component") if one.proto.bytes]
    return next(data for data in found if key in data)


def test_it_opens_on_lenet5_and_a_seven_with_every_step():
    at = opened()
    maps = component(at, "cards")
    names = [card["name"] for card in maps["cards"]]
    assert " ".join(names) == "conv1 relu1 pool1 conv2 relu2 pool2 fc1 relu3 fc2 relu4 fc3 softmax"
    assert any("**7**" in one.value for one in at.markdown) and not at.warning
    one = checkpoints.load(checkpoints.shipped()["lenet5"])
    seen = one.card.preprocessing(datasets.load("mnist").x_test[:1])
    first = maps["cards"][0]
    shown = (maps["bytes"][: 6 * 28 * 28].astype(float) - 128) / 127 * first["most"]
    plain = one.network[0](seen)[0].numpy().ravel()
    assert np.abs(shown - plain).max() <= first["most"] / 254 + 1e-6
    assert maps["cards"][6]["sources"] == ["pool2"]  # the flatten between them is not drawn
    assert len(maps["bytes"]) < 20_000


def test_cards_stand_in_the_block_whose_input_is_added_again():
    cards = component(opened(network="residual_8"), "cards")["cards"]
    of_block = {card["name"]: card["block"] for card in cards}
    assert of_block["conv1"] == of_block["blocks.0.1"] == ""  # the ReLU comes after the sum
    assert {of_block[f"blocks.3.0.{name}"] for name in ("body.0", "body.1", "body.2", "add")} == {"blocks.3.0"}
    assert not any(card["block"] for card in component(opened(), "cards")["cards"])


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("network", ["lenet5", "conv_mnist", "residual_8"])
def test_every_view_of_every_kind_of_network(view, network):
    at = opened(network=network, view=view.replace(" ", "_"))
    assert component(at, "rows")["rows"] and not at.warning, "of CIFAR-10 there is a preview"


@pytest.mark.parametrize("layer", ["conv1", "relu1", "pool1", "conv2", "fc1", "relu4", "fc3", "softmax"])
def test_the_arithmetic_of_each_kind_of_layer(layer):
    at = opened(layer=layer, channel=5, row=3, col=4)
    figures = component(at, "rows")
    assert figures["rows"] and "=" in figures["line"]
    if layer == "conv2":
        assert len(figures["rows"]) == 6 and figures["values"].size == 6 * 3 * 25
        window, kernel, products = figures["values"][:75].reshape(3, 25)
        assert np.allclose(window * kernel, products)
    if layer == "fc1":
        assert figures["rows"][0]["title"].startswith("16 maps of 5 × 5")


def test_a_link_gives_network_image_layer_unit_view_and_class():
    at = opened(
        network="mnist_cnn", image=18, layer="conv2", channel=7, row=2, col=1, view="why", target=3, cam="conv1"
    )
    assert component(at, "cards")["chosen"] == {"layer": "conv2", "at": [7, 2, 1]}
    rows = component(at, "rows")["rows"]
    assert rows[0]["title"] == "What speaks for 3" and "conv1" in rows[0]["figures"][2]["label"]
    assert not at.warning


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ({"network": "nothing"}, ["'nothing'", "lenet5"]),
        ({"layer": "conv9"}, ["lenet5", "conv9", "conv1"]),
        ({"image": 10_000}, ["10,000", "0 to 9,999"]),
        ({"view": "dream"}, ["view=dream", "arithmetic, kernels, strongest_inputs, why"]),
        ({"channel": -3}, ["channel=-3", 0]),
    ],
)
def test_what_a_link_names_wrong_gets_a_sentence(query, values):
    (warning,) = opened(**query).warning
    assert names(warning.value, *values)


def test_a_unit_beyond_the_map_becomes_its_nearest():
    assert component(opened(layer="pool2", channel=99, row=99, col=0), "cards")["chosen"]["at"] == [15, 4, 0]


def test_another_network_forgets_the_layer():
    settings, notes = Inside(network="conv_mnist", layer="conv2", target=3).validated(["network"])
    assert settings.layer == "" and settings.target == -1 and not notes


@pytest.mark.parametrize("label", CHALLENGES)
def test_challenges_show_what_they_speak_of(label):
    at = opened(**links.encode(Inside(**CHALLENGES[label][1])))
    assert not at.warning and component(at, "rows")["rows"]


def test_bytes_keep_zero_and_both_ends():
    assert card_bytes(np.array([-2, 0, 2, 1], np.float32), 2.0).tolist() == [1, 128, 255, 192]
    assert card_bytes(np.zeros(2, np.float32), 0.0).tolist() == [128, 128]


@pytest.mark.parametrize(
    "event",
    [None, {}, {"layer": "a"}, {"layer": "b", "at": [0]}, {"layer": "a", "at": [3]}, {"layer": "a", "at": [-1]},
     {"layer": "a", "at": [True]}, {"layer": ["a"], "at": [0]}, {"layer": "a", "at": [0, 0]}],
)  # fmt: skip
def test_what_is_no_unit(event):
    assert not is_unit(event, {"a": (3,)}) and is_unit({"layer": "a", "at": [2]}, {"a": (3,)})


def png(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def test_an_upload_becomes_what_the_network_takes():
    mnist, colour = (checkpoints.load(checkpoints.shipped()[name]) for name in ("lenet5", "conv_cifar10"))
    digit = datasets.load("mnist").x_test[0, 0].numpy()
    page = np.full((200, 200), 255, np.uint8)
    page[40:152, 30:142] = 255 - np.kron(digit, np.ones((4, 4), np.uint8))
    seen = torch.from_numpy(read(png(page), mnist)).permute(2, 0, 1)[None]
    card = mnist.card
    assert int(mnist.network(card.preprocessing(seen)).argmax()) == 7
    red = np.zeros((60, 90, 3), np.uint8)
    red[..., 0] = 200
    assert read(png(red), colour).shape == (32, 32, 3) and read(png(red), colour)[5, 5].tolist() == [200, 0, 0]
    with refused("5 bytes"):
        read(b"hello", mnist)


def test_the_pad_feeds_the_network():
    at = opened(source="drawing")
    assert not any("**1**" in one.value for one in at.markdown)
    assert component(at, "picture")["picture"].max() == 0
    ink = np.zeros((SIZE, SIZE), np.uint8)
    ink[15:60, 33:38] = 255
    at.session_state["inside_pad"] = {"drawing": {"id": "1", "picture": as_sent(ink)}}
    at.run()
    assert not at.exception and any("**1**" in one.value for one in at.markdown)
