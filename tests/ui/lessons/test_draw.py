"""Draw a digit without a browser: what it shows, and what it makes of links, networks and bad input."""

import base64
import io
import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image

from cnnviz import links, runs
from cnnviz.data import datasets
from cnnviz.data.drawing import STEPS, from_text, to_mnist, to_text
from cnnviz.inference import checkpoints
from cnnviz.lessons.draw.settings import Draw
from cnnviz.lessons.draw.text import CHALLENGES
from cnnviz.training import TrainConfig
from cnnviz.ui.components.pad import SIZE, decoded, file, read_pick
from cnnviz.ui.core import resources, work
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import paper
from tests import helpers
from tests.helpers import names, refused

opened = partial(helpers.opened, "draw")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))


def drawn(ink, **more):
    drawing = {"id": "1", "picture": base64.b64encode(ink.tobytes()).decode(), "stamp": "", "alone": False, **more}
    return {"draw_pad": {"drawing": drawing}}


def digit(number, place=3):
    """A test image of that digit, off the middle of the pad."""
    data = datasets.load("mnist")
    ink = np.zeros((SIZE, SIZE), np.uint8)
    image = data.x_test[int((data.y_test == number).nonzero()[place]), 0].numpy()
    ink[9:93, 20:104] = np.asarray(Image.fromarray(image).resize((84, 84), Image.Resampling.BICUBIC))
    return ink


def readers(at):
    shown = [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.json]
    return next(data for data in shown if "readers" in data)["readers"]


def cards(at):
    """The steps as they are shown, each with its picture."""
    shown = next(one for one in helpers.components(at) if "cards" in one)
    arrays = [shown[name] for name, _, _ in shown["arrays"]]
    return [(card, array.reshape(card["shape"])) for card, array in zip(shown["cards"], arrays, strict=True)]


def warned(at):
    return " ".join(one.value for one in at.warning).replace("\\", "")


def test_an_empty_pad_predicts_nothing():
    for session in ({}, drawn(np.zeros((SIZE, SIZE), np.uint8))):
        [reader] = readers(opened(session))
        assert reader["probabilities"] is None and reader["guesses"] is None


def test_drawings_are_read_by_each_network():
    for number in range(10):
        found = readers(opened(drawn(digit(number)), beside="mnist_cnn.conv_mnist"))
        assert [one["name"] for one in found] == ["lenet5", "mnist_cnn", "conv_mnist"]
        for one in found:
            assert one["guesses"][0] == number == int(np.argmax(one["probabilities"]))
            assert sum(one["probabilities"]) == pytest.approx(1) and one["milliseconds"] > 0


def test_the_steps_end_in_what_the_network_gets():
    shown = cards(opened(drawn(digit(4))))
    assert [card["step"] for card, _ in shown] == ["drawn", *STEPS, "normalise"]
    assert np.array_equal(shown[-2][1], to_mnist(digit(4)))
    one = checkpoints.load(checkpoints.shipped()["lenet5"]).card
    framed = np.pad(shown[-2][1], 2) / 255
    assert np.allclose(shown[-1][1], (framed - one.mean[0]) / one.std[0], atol=1e-5)


def test_a_step_that_is_left_out_is_missed():
    at = opened(drawn(digit(7)), crop=0, scale=0, centre=0, normalise=0)
    steps = {card["step"]: (card, picture) for card, picture in cards(at)}
    assert [steps[name][0]["done"] for name in ("ink", "crop", "scale", "centre", "normalise")] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert steps["crop"][1].shape == (SIZE, SIZE) and steps["normalise"][1].max() <= 1
    assert any("Left out of the preprocessing: Crop, Scale, Centre, Normalise." in one.value for one in at.caption)


def test_the_network_before_it_learnt_is_not_sure():
    before, after, trained = readers(
        opened(drawn(digit(2)), network="lenet5--epoch_0", beside="lenet5--epoch_3.lenet5")
    )
    assert before["name"] == "lenet5 before its first step" and "Uncertain" in before["doubt"]
    assert before["entropy"] > 3 and after["entropy"] < 1.5 and trained["doubt"] == ""
    assert after["about"] == "mnist, 3 epochs, 98.66 % of the test images"


def test_a_run_keeps_its_early_weights(small_mnist):
    run = runs.create(TrainConfig(network="conv_mnist", subset=2000, epochs=3, batch_size=500, device="cpu"))
    with refused(run.id):
        resources.checkpoint(run.id)
    list(runs.execute(run))
    assert resources.early(run.id) == [f"{run.id}--epoch_{epoch}" for epoch in (0, 1, 3)]
    assert checkpoints.read_card(run.early(1)).accuracy < checkpoints.read_card(run.weights).accuracy
    last = checkpoints.load(run.early(3)).network.state_dict()
    assert all(
        (value == last[name]).all() for name, value in checkpoints.load(run.weights).network.state_dict().items()
    )
    at = opened(drawn(digit(1)), network=run.id, beside=f"{run.id}--epoch_0")
    assert len(readers(at)) == 2 and not at.warning
    with refused("conv_mnist", "epoch 2"):
        resources.checkpoint(f"{run.id}--epoch_2")


@pytest.mark.parametrize(
    "network", ["gpt", "../../checkpoints/lenet5", "lenet5.safetensors", "lenet5--epoch_9", "lenet5--epoch_../1"]
)
def test_a_network_that_is_not_there(network):
    at = opened(drawn(digit(3)), network=network)
    assert names(warned(at), "lenet5") and readers(at)[0]["guesses"][0] == 3


def test_a_network_that_takes_no_digits():
    at = opened(beside="resnet20")
    assert names(warned(at), "resnet20", "3 × 32 × 32") and len(readers(at)) == 1


@pytest.mark.parametrize("drawing", [{"id": "1"}, {"picture": 3}, {"picture": "***"}, {"picture": "AAAA"}, [1]])
def test_what_is_no_drawing(drawing):
    with refused("pad"):
        decoded(drawing)
    at = opened({"draw_pad": {"drawing": drawing}})
    assert readers(at)[0]["probabilities"] is None and names(warned(at), "pad")


def test_a_test_digit_is_put_on_the_pad():
    at = opened(digit=12)
    pad = next(
        data
        for data in (json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.json)
        if "stamp" in data
    )
    ink = np.frombuffer(base64.b64decode(pad["stamp"]["ink"]), np.uint8).reshape(28, 28)
    assert np.array_equal(ink, datasets.load("mnist").x_test[12, 0].numpy())


def test_a_drawing_survives_its_link():
    ink = digit(5)
    text = to_text(ink)
    assert len(text) < 700 and links.encode(Draw(drawing=text)) == {"drawing": text}
    back = np.asarray(Image.fromarray(from_text(text)).resize((SIZE, SIZE)), float)
    assert np.abs(back - ink).mean() < 12
    assert np.corrcoef(to_mnist(from_text(text)).ravel(), to_mnist(ink).ravel())[0, 1] > 0.93
    assert not opened(drawing=text).warning


@pytest.mark.parametrize(
    "text",
    [
        "AAAA",
        "x",
        "%%%",
        "eNpjYBgFo2AUDHcAAAQAAAE",
        to_text(np.random.default_rng(0).integers(0, 256, (56, 56)).astype(np.uint8))[:600],
    ],
)
def test_a_drawing_that_was_cut(text):
    with refused("link"):
        from_text(text)
    assert names(warned(opened(drawing=text)), "link")


def test_a_bomb_is_no_drawing():
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(bytes(50_000_000), 9)).decode()
    with refused("link", "3,136"):
        from_text(bomb)


@pytest.mark.parametrize("pick", [None, 3, {"digit": 10}, {"digit": "7"}, {"by": 5}, {"digit": True}, {"run": 1}])
def test_what_no_key_asks_for(pick):
    assert read_pick(pick) == {}


def test_keys():
    assert read_pick({"digit": 7}) == {"digit": 7} and read_pick({"by": -1}) == {"by": -1}


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (None, ("", 0)),
        ({}, ("", 0)),
        ({"name": "x" * 500, "bytes": "***"}, ("x" * 60, b"")),
        ({"name": 3, "bytes": 4}, ("", b"")),
        ({"name": "a.png", "size": "9"}, ("a.png", 0)),
        ({"name": "a.heic", "size": 9}, ("a.heic", 9)),
        ({"name": "a.png", "size": 3, "bytes": "YWJj"}, ("a.png", b"abc")),
    ],
)
def test_what_is_a_file(sent, taken):
    assert file(sent) == taken


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (png(Image.new("L", (1, 1), 90)), "paper"),
        (png(Image.new("1", (14_000, 14_000))), "million"),
        (png(Image.radial_gradient("L"))[:4000], "4,000 bytes"),
        (b"a text file", "11 bytes"),
        (b"", "0 bytes"),
        (3_456_789, "3,456,789"),
        (12 << 20, "12.0 MB"),
    ],
    ids=["one pixel", "huge", "truncated", "text", "empty", "not read by the browser", "too large to be sent"],
)
def test_a_picture_that_cannot_be_taken_is_told(data, value, monkeypatch):
    """The callback of a file that was brought: one sentence, and nothing else changes."""
    session = {}
    monkeypatch.setattr(paper.st, "session_state", session)
    paper.bring(Store("draw", Draw()), "photo.png", data)
    kept = session["paper of draw"]
    assert names(kept.problem, "photo.png", value) and kept.photo is None


@pytest.mark.parametrize("label", CHALLENGES)
def test_challenges_can_be_shown(label):
    settings = replace(Draw(), **CHALLENGES[label][1])
    at = opened(drawn(digit(4)), **links.encode(settings))
    assert not at.warning and len(readers(at)) == len(settings.networks)


def test_a_network_whose_limit_takes_too_much_reads_all_the_same(monkeypatch):
    def ask(_slot, job):
        raise ValueError(f"{job.function} takes too much")

    monkeypatch.setattr(work, "ask", ask)
    at = opened(drawn(digit(3)))
    [reader] = readers(at)
    assert reader["guesses"][0] == 3 and reader["doubt"] == "" and not at.warning


@pytest.mark.parametrize(
    ("alone", "stamp", "lost"), [(True, "photo 0123abcd 1", 1), (False, "photo 0123abcd 1", 0), (True, "digit 3 1", 0)]
)
def test_a_picture_of_a_session_that_is_forgotten_is_named_as_lost(alone, stamp, lost):
    at = opened(drawn(digit(3), alone=alone, stamp=stamp))
    assert len(at.warning) == lost and readers(at)[0]["guesses"][0] == 3
