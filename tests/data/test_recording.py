"""A data set that is recorded in class: what comes from a browser is judged, and makes a data set."""

from __future__ import annotations

from base64 import b64encode

import numpy as np
import pytest

from cnnviz.data import recording
from cnnviz.data.recording import AT_ONCE, MAX_EACH, SIDE, Recording
from tests.helpers import refused


def sent(count: int = 1, seed: int = 0, grey: bool = False) -> str:
    pixels = np.random.default_rng(seed).integers(0, 256, (count, SIDE, SIDE, 1 if grey else 3), dtype=np.uint8)
    return b64encode(np.broadcast_to(pixels, (count, SIDE, SIDE, 3)).tobytes()).decode()


def whole(grey: bool = False) -> Recording:
    made = Recording()
    made.name_classes(["up", "down"])
    for at in range(2):
        made.add(at, sent(20, at, grey))
    return made


def test_a_recording_is_a_data_set_with_a_fifth_held_out() -> None:
    arrays = whole().arrays()
    assert arrays["classes"].tolist() == ["down", "up"]
    assert arrays["x_train"].shape == (32, SIDE, SIDE, 3) and arrays["x_test"].shape == (8, SIDE, SIDE, 3)
    assert np.bincount(arrays["y_test"]).tolist() == [4, 4]
    taken = [one.tobytes() for part in ("x_train", "x_test") for one in arrays[part]]
    assert sorted(taken) == sorted(one.tobytes() for own in whole().classes for one in own.pictures)


def test_pictures_that_are_all_grey_have_one_channel() -> None:
    assert whole(grey=True).arrays()["x_train"].shape == (32, SIDE, SIDE)


def test_it_says_what_is_missing() -> None:
    made = Recording()
    assert "Class 1 has 0 of the 10" in made.missing
    with refused("Class 1", 10):
        made.arrays()
    made.name_classes(["a", "A"])
    assert "name of its own" in made.missing
    made.name_classes(["a", " "])
    assert "name of its own" in made.missing
    assert not whole().missing


def test_classes_come_and_go_within_their_bounds() -> None:
    made = whole()
    made.name_classes(["up", "down", "left\nright"])
    assert [one.name for one in made.classes] == ["up", "down", "left right"]
    for names in ([], ["a"], ["a"] * 11):
        with refused(len(names), 2, 10):
            made.name_classes(names)
    made.remove(0)
    with refused(2, "down"):
        made.remove(0)
    made.clear(0)
    assert [len(one.pictures) for one in made.classes] == [0, 0]
    for at in (-1, 2):
        with refused(at, 2):
            made.add(at, sent())


BAD = ["", "not base64!", "AAAA", b64encode(bytes(SIDE * SIDE * 3 - 1)).decode(), sent(AT_ONCE + 1), "é", "=" * 8]


@pytest.mark.parametrize("encoded", BAD, ids=range(len(BAD)))
def test_what_is_no_picture_is_refused(encoded: str) -> None:
    made = Recording()
    with pytest.raises(ValueError, match="picture"):
        made.add(0, encoded)
    with pytest.raises(ValueError, match="picture"):
        recording.picture(encoded)
    assert not made.classes[0].pictures


def test_a_class_has_so_many_pictures_and_no_more() -> None:
    made = Recording()
    for _ in range(MAX_EACH // AT_ONCE):
        made.add(0, sent(AT_ONCE))
    with refused("Class 1", MAX_EACH):
        made.add(0, sent())
    assert len(made.classes[0].pictures) == MAX_EACH


def test_a_network_reads_in_as_many_channels_as_it_has_learnt() -> None:
    pixels = recording.picture(sent(seed=3))
    assert recording.in_channels(pixels, 3) is pixels
    grey = recording.in_channels(pixels, 1)
    assert grey.shape == (SIDE, SIDE, 1) and abs(int(grey[0, 0, 0]) - pixels[0, 0] @ [0.299, 0.587, 0.114]) <= 1


def test_names_cannot_be_guessed() -> None:
    names = {recording.new_name() for _ in range(100)}
    assert len(names) == 100 and all(len(name) == 36 for name in names)
