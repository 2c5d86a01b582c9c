"""The Image filters page without a browser: links, edits, own pictures, and what was wrong with them."""

import io
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from cnnviz import links
from cnnviz.lessons.filters.settings import KERNELS, Filters
from cnnviz.lessons.filters.text import CHALLENGES
from tests import helpers
from tests.helpers import names, ran, unpacked

opened = partial(helpers.opened, "filters")


def stage(at: AppTest) -> dict[str, Any]:
    """What the component was given."""
    return next(unpacked(one.proto.bytes) for one in at.get("bidi_component") if one.proto.bytes)


def warnings(at: AppTest) -> str:
    return " ".join(one.value for one in at.warning).replace("\\", "")


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height), 90).save(buffer, "PNG")
    return buffer.getvalue()


def bring(at: AppTest, data: bytes, name: str = "mine.png") -> AppTest:
    at.file_uploader[0].upload(name, data, "image/png")
    return ran(at)


def test_it_opens_with_all_stages() -> None:
    at = opened()
    assert not at.warning and not at.query_params
    data, result = stage(at), Filters().compute(np.zeros((192, 192)))
    assert data["sizes"] == {"padded": [192, 192], "picture": [192, 192], "convolved": [190, 190], "pooled": [95, 95]}
    assert data["convolved"].shape == (result.convolved.size,) and data["pooled"].max() == data["convolved"].max()
    assert data["pin"] == {"seq": 0, "at": [72, 94]}
    assert data["relu"] and data["pool"] == {"kind": "max", "window": 2}


def test_a_link_opens_what_it_says() -> None:
    settings = Filters(
        picture="Letters", w=KERNELS["Emboss"], stride=2, padding="reflect", relu=False, pool="none", row=3, col=5
    )
    at = opened(**links.encode(settings))
    assert not at.warning
    data = stage(at)
    assert data["sizes"]["convolved"] == [96, 96] and data["sizes"]["pooled"] is None
    assert data["pin"]["at"] == [1, 2] and not data["signed"]
    at.session_state["filters_more"] = True  # unfolded
    at.run()
    picked = {box.label: box.value for box in at.selectbox}
    assert picked["Picture"] == "Letters" and picked["Kernel"] == "Emboss" and picked["Padding"] == "reflect"


@pytest.mark.parametrize("query", [{"w": "9x9_1"}, {"picture": "<script>"}, {"row": "nan"}, {"pool": "l3"}])
def test_a_tampered_link_gives_the_default_and_a_sentence(query: dict[str, str]) -> None:
    at = opened(**query)
    assert names(warnings(at), *(f"{key}={value}" for key, value in query.items()))
    assert stage(at)["pin"]["at"] == [72, 94]


def test_every_challenge_sets_the_stage() -> None:
    for _, settings in CHALLENGES.values():
        at = opened(**links.encode(replace(Filters(), **settings)))
        assert not at.warning
        data = stage(at)
        assert data["relu"] == settings["relu"] and (data["pool"] is None) == (settings["pool"] == "none")
        assert data["planes"]["w0"]["values"] == [value for row in settings["w"] for value in row]


def test_a_link_to_somebodys_own_picture_says_so_and_shows_the_default() -> None:
    for picture, word in (("own_file", "file"), ("webcam", "webcam")):
        at = opened(picture=picture)
        assert names(warnings(at), word, "House and tree")
        assert stage(at)["sizes"]["picture"] == [192, 192]


def test_a_link_alone_starts_no_camera() -> None:
    at = opened(picture="webcam")
    assert not at.get("camera_input")
    next(button for button in at.button if button.label == "Take a picture").click()
    ran(at)
    assert len(at.get("camera_input")) == 1


def test_choosing_an_own_picture_needs_no_explanation_and_mounts_one_widget() -> None:
    at = opened()
    assert not at.get("file_uploader") and not at.get("camera_input")
    next(box for box in at.selectbox if box.label == "Picture").set_value("own file")
    ran(at)
    assert not at.warning and len(at.get("file_uploader")) == 1 and not at.get("camera_input")
    assert at.caption
    next(box for box in at.selectbox if box.label == "Picture").set_value("webcam")
    ran(at)
    assert not at.get("file_uploader") and len(at.get("camera_input")) == 1


def test_an_own_picture_stays_while_it_is_the_source() -> None:
    at = bring(opened(picture="own_file"), png(100, 50))
    assert stage(at)["sizes"]["picture"] == [100, 200] and not at.warning and not at.get("file_uploader")
    assert dict(at.query_params) == {"picture": "own_file"}
    next(button for button in at.button if button.label == "Another file").click()
    ran(at)
    assert len(at.get("file_uploader")) == 1
    bring(at, b"no picture")
    assert names(warnings(at), "10 bytes") and len(at.get("file_uploader")) == 1
    assert stage(at)["sizes"]["picture"] == [100, 200]  # the one before is not lost
    next(box for box in at.selectbox if box.label == "Picture").set_value("Digit")
    ran(at)
    assert stage(at)["sizes"]["picture"] == [192, 192] and not at.warning
    next(box for box in at.selectbox if box.label == "Picture").set_value("own file")
    ran(at)
    assert stage(at)["sizes"]["picture"] == [100, 200] and not at.warning


def test_torch_agrees_on_the_page() -> None:
    at = opened()
    at.session_state["filters_script"] = True  # unfolded
    at.run()
    at.toggle[-1].set_value(True)
    ran(at)
    assert names(at.success[0].value, "F.conv2d, F.relu, F.max_pool2d", "9,025 numbers")
