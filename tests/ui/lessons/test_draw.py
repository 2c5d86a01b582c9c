"""Draw a digit without a browser: what it shows, and what it makes of links, networks and bad input."""

import base64
import io
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np
import pytest
from PIL import Image

from cnnviz import links, runs
from cnnviz.data import datasets
from cnnviz.data.drawing import STEPS, from_text, pipeline, to_mnist, to_text
from cnnviz.inference import checkpoints
from cnnviz.inference.predict import as_input
from cnnviz.lessons.draw.settings import Draw
from cnnviz.lessons.draw.text import CHALLENGES
from cnnviz.runs import weights
from cnnviz.training import TrainConfig
from cnnviz.ui.components.pad import SIZE, decoded, file, read_pick
from cnnviz.ui.components.pad.runs import from_runs
from cnnviz.ui.core import resources, work
from cnnviz.ui.core.store import Store
from cnnviz.ui.lessons import paper
from cnnviz.ui.lessons.draw.pipeline import pictures
from harness.drawings import as_sent
from tests import helpers
from tests.helpers import names, refused

opened = partial(helpers.opened, "draw")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))


def drawn(ink, **more):
    drawing = {"id": "1", "picture": as_sent(ink), "stamp": "", "alone": False, **more}
    return {"draw_pad": {"drawing": drawing}}


def digit(number, place=3):
    """A test image of that digit, off the middle of the pad."""
    data = datasets.load("mnist")
    ink = np.zeros((SIZE, SIZE), np.uint8)  # in the greys that the pad sends
    image = data.x_test[int((data.y_test == number).nonzero()[place]), 0].numpy()
    ink[9:93, 20:104] = np.asarray(Image.fromarray(image).resize((84, 84), Image.Resampling.BICUBIC))
    return np.rint(ink / 17).astype(np.uint8) * np.uint8(17)


def part(at, name):
    """What the component was given that has that name in its data."""
    return next(one for one in helpers.components(at) if name in one)


def readers(at):
    """The networks as they are shown, each with what it reads, which comes by way of the pad."""
    pad, found, numbers = part(at, "news"), [], iter(part(at, "news").get("numbers", ()))
    for reader, read in zip(part(at, "readers")["readers"], pad["news"]["reads"], strict=True):
        names, count = ("probabilities", "logits"), len(reader["classes"])
        lists = {name: list(islice(numbers, count)) if read else None for name in names}
        entropy, milliseconds = islice(numbers, 2) if read else (None, None)
        doubt = reader["doubt"] if read and read["doubtful"] else ""
        guesses = read and read["guesses"]
        more = {"entropy": entropy, "milliseconds": milliseconds, "doubt": doubt, "guesses": guesses}
        found.append({**reader, **lists, **more})
    assert next(numbers, None) is None
    return found


def cards(at, ink):
    """The steps as they are shown, each with its picture, which follows from the one before."""
    pad, found, taken = part(at, "news"), [], 0
    before = ink
    for card, how in zip(part(at, "cards")["cards"], pad["news"]["hows"], strict=True):
        if how[0] == "own":
            before = pad["own"][taken : taken + how[3] * how[4]].reshape(how[3:])
            taken += before.size
        else:
            before = pictures._follow(before, how)
        found.append((card, before))
    assert taken == pad["own"].size
    return found


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
    ink = digit(4)
    shown = cards(opened(drawn(ink)), ink)
    assert [card["step"] for card, _ in shown] == ["drawn", *STEPS, "normalise"]
    assert np.array_equal(shown[-2][1], to_mnist(ink))
    one, (card, last) = checkpoints.load(checkpoints.shipped()["lenet5"]), shown[-1]
    numbers = card["zero"] + (card["full"] - card["zero"]) * last / 255
    assert np.allclose(numbers, as_input(one, to_mnist(ink)[None, ..., None])[0, 0], atol=1e-5)


def test_a_step_that_is_left_out_is_missed():
    at = opened(drawn(digit(7)), crop=0, scale=0, centre=0, normalise=0)
    steps = {card["step"]: (card, picture) for card, picture in cards(at, digit(7))}
    assert [steps[name][0]["done"] for name in ("ink", "crop", "scale", "centre", "normalise")] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert steps["crop"][1].shape == (SIZE, SIZE) and steps["normalise"][0]["full"] == 1
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
    assert weights.early(run.id) == [f"{run.id}--epoch_{epoch}" for epoch in (0, 1, 3)]
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


def test_what_the_pad_sends_is_its_ink():
    rng = np.random.default_rng(0)
    for ink in (
        digit(8),
        rng.integers(0, 16, (SIZE, SIZE)).astype(np.uint8) * np.uint8(17),
        np.full((SIZE, SIZE), 255),
    ):
        assert np.array_equal(decoded({"picture": as_sent(ink)}).ink, ink)
    long = bytes([0, 255, 0x10 * 15, 0, *[0x00, 255] * 45, 0x01 * 15, 0x0F])  # runs of 271, of 16 and of 15 pixels
    ink = from_runs(long, 271 * 46 + 16 + 30)
    assert ink[:271].max() == 0 and (ink[271:287] == 255).all() and ink[287:].max() == 0
    for cut, pixels in ((b"\x00", 16), (long, 12544), (b"", 1), (b"\x0f" * 9, 1)):
        with refused():
            from_runs(cut, pixels)


def test_pictures_follow_from_one_another_whatever_is_left_out():
    for number, ink in enumerate([digit(2), digit(6, 9), np.zeros((SIZE, SIZE), np.uint8) + np.uint8(255)]):
        for left_out in (set(), {"crop"}, {"scale"}, {"centre"}, {"ink", "crop"}, set(STEPS)):
            shown = [one.picture for one in pipeline(255 - ink, [one for one in STEPS if one not in left_out])]
            hows, own = pictures.told(ink, shown)
            before, taken = ink, 0
            for how, picture in zip(hows, shown, strict=True):
                size = how[3] * how[4] if how[0] == "own" else 0
                before = own[taken : taken + size].reshape(picture.shape) if size else pictures._follow(before, how)
                taken += size
                assert np.array_equal(before, picture), (number, left_out, how)
            assert taken == len(own) <= 28 * 28


@pytest.mark.parametrize("drawing", [{"id": "1"}, {"picture": 3}, {"picture": "***"}, {"picture": "AAAA"}, [1]])
def test_what_is_no_drawing(drawing):
    with refused("pad"):
        decoded(drawing)
    at = opened({"draw_pad": {"drawing": drawing}})
    assert readers(at)[0]["probabilities"] is None and names(warned(at), "pad")


def test_a_test_digit_is_put_on_the_pad():
    at = opened(digit=12)
    stamp = part(at, "stamp")["stamp"]
    ink = np.frombuffer(base64.b64decode(stamp["ink"]), np.uint8).reshape(28, 28)
    assert np.array_equal(ink, datasets.load("mnist").x_test[12, 0].numpy())
    lies_there = drawn(digit(1), stamp=stamp["id"], alone=True)
    assert part(opened(lies_there, digit=12), "stamp")["stamp"] == {"id": stamp["id"]}  # its ink goes there once


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
