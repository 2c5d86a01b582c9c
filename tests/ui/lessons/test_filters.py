"""The Image filters page without a browser: links, edits, own pictures, and what was wrong with them."""

import base64
import io
import json
import random
import shutil
import subprocess
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from cnnviz import links
from cnnviz.data.pictures import LARGEST_SIDE, SMALLEST_SIDE, built_in
from cnnviz.lessons.filters.settings import COLOURS, KERNELS, PADDINGS, POOLINGS, Filtered, Filters
from cnnviz.lessons.filters.text import CHALLENGES
from cnnviz.ui.lessons.filters import filter
from tests import helpers
from tests.helpers import ROOT, names, ran, unpacked
from tests.sampling import Tries

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
    data = stage(at)
    assert data["picture"]["size"] == [192, 192] and data["pixels"].shape == (192 * 192,)
    assert data["hashes"].keys() == {"rows", "cols", "convolved", "rectified", "pooled"}
    assert data["inspected"]["at"] == [72, 94] and data["inspected"]["convolved"] == 209
    assert data["inspected"]["window"] == [70, 139, 181, 70, 71, 119, 70, 71, 70]
    assert data["pin"] == {"seq": 0, "at": [72, 94]}
    assert data["settings"]["relu"] and data["settings"]["pool"] == "max" and data["settings"]["window"] == 2


def test_the_picture_goes_to_the_browser_once_and_stages_where_it_asks() -> None:
    at = opened()
    assert "pixels" in stage(at) and "convolved" not in stage(at)
    for number in (1, 2):
        type_kernel(at, number, str(number))
        assert stage(at)["ack"] == number and "pixels" not in stage(at) and "convolved" not in stage(at)
    picture_box(at).set_value("Digit")
    ran(at)
    assert "pixels" in stage(at)
    ask(at, "picture")
    assert "pixels" in stage(at) and "convolved" not in stage(at)
    ask(at, "stages")
    type_kernel(at, 3, "7")
    data, result = stage(at), Filters(w=((7, 0, 1), (-2, 0, 2), (-1, 0, 1))).compute(built_in("Digit"))
    assert "pixels" not in data and data["planes"]["w0"]["values"][0] == 7
    np.testing.assert_array_equal(data["convolved"], result.convolved.ravel().astype(np.float32))
    np.testing.assert_array_equal(data["rows"], result.taps[0].ravel())


def test_what_nobody_lacks_changes_nothing() -> None:
    at = opened()
    for lacks in (None, 7, ["picture"], {"stages": 1}, "everything"):
        ask(at, lacks)
        assert "pixels" not in stage(at) and "convolved" not in stage(at)


def type_kernel(at: AppTest, number: int, text: str) -> None:
    """Edit `number`, the kernel's first cell, as the browser sends it."""
    edit = {"seq": number, "kind": "cell", "plane": "w0", "row": 0, "col": 0, "text": text}
    component = next(one for one in at.get("bidi_component") if one.proto.bytes)
    states = at._tree.get_widget_states()
    states.widgets.append(WidgetState(id=component.proto.id, json_value=json.dumps({"edits": [edit]})))
    at._run(states)
    assert not at.exception, at.exception


def ask(at: AppTest, lacks: Any) -> None:
    """The browser's message that it lacks something."""
    at.session_state["filters_browser"].take(lacks)
    ran(at)


def picture_box(at: AppTest) -> Any:
    return next(box for box in at.selectbox if box.label == "Picture")


def test_a_link_opens_what_it_says() -> None:
    settings = Filters(
        picture="Letters", w=KERNELS["Emboss"], stride=2, padding="reflect", relu=False, pool="none", row=3, col=5
    )
    at = opened(**links.encode(settings))
    assert not at.warning
    data = stage(at)
    assert data["hashes"].keys() == {"rows", "cols", "convolved"} and data["ring"] == [1, 1]
    assert data["inspected"]["at"] == [1, 2] and data["pin"]["at"] == [3, 5] and not data["signed"]
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
        assert data["settings"]["relu"] == settings["relu"] and data["settings"]["pool"] == settings["pool"]
        assert data["planes"]["w0"]["values"] == [value for row in settings["w"] for value in row]


def test_a_link_to_somebodys_own_picture_says_so_and_shows_the_default() -> None:
    for picture, word in (("own_file", "file"), ("webcam", "webcam")):
        at = opened(picture=picture)
        assert names(warnings(at), word, "House and tree")
        assert stage(at)["picture"]["size"] == [192, 192]


def test_a_link_alone_starts_no_camera() -> None:
    at = opened(picture="webcam")
    assert not at.get("camera_input")
    next(button for button in at.button if button.label == "Take a picture").click()
    ran(at)
    assert len(at.get("camera_input")) == 1


def test_choosing_an_own_picture_needs_no_explanation_and_mounts_one_widget() -> None:
    at = opened()
    assert not at.get("file_uploader") and not at.get("camera_input")
    picture_box(at).set_value("own file")
    ran(at)
    assert not at.warning and len(at.get("file_uploader")) == 1 and not at.get("camera_input")
    assert at.caption
    picture_box(at).set_value("webcam")
    ran(at)
    assert not at.get("file_uploader") and len(at.get("camera_input")) == 1


def test_an_own_picture_stays_while_it_is_the_source() -> None:
    at = bring(opened(picture="own_file"), png(100, 50))
    assert stage(at)["picture"]["size"] == [100, 200] and not at.warning and not at.get("file_uploader")
    assert dict(at.query_params) == {"picture": "own_file"}
    next(button for button in at.button if button.label == "Another file").click()
    ran(at)
    assert len(at.get("file_uploader")) == 1
    bring(at, b"no picture")
    assert names(warnings(at), "10 bytes") and len(at.get("file_uploader")) == 1
    assert stage(at)["picture"]["size"] == [100, 200]  # the one before is not lost
    picture_box(at).set_value("Digit")
    ran(at)
    assert stage(at)["picture"]["size"] == [192, 192] and not at.warning
    picture_box(at).set_value("own file")
    ran(at)
    assert stage(at)["picture"]["size"] == [100, 200] and not at.warning


def test_torch_agrees_on_the_page() -> None:
    at = opened()
    at.session_state["filters_script"] = True  # unfolded
    at.run()
    at.toggle[-1].set_value(True)
    ran(at)
    assert names(at.success[0].value, "F.conv2d, F.relu, F.max_pool2d", "9,025 numbers")


# --- what the browser computes


def in_node(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the browser's modules make of the cases."""
    command = ["node", str(ROOT / "tests" / "js" / "filtered.js")]
    told = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    results: list[dict[str, Any]] = json.loads(told.stdout)
    return results


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_browser_computes_what_python_does_to_the_bit(tries: Tries) -> None:
    """Every stage, the taps, the colours and the hashes, for random settings, pictures and numbers."""
    results = [drawn(pick) for pick in tries(2000, sample=150)]
    for _, settings in CHALLENGES.values():
        results.append(replace(Filters(), **settings).compute(built_in(settings["picture"])))
    for result, theirs in zip(results, in_node([case(one) for one in results]), strict=True):
        ours, confirmation = filter._stages(result), filter._confirmation(result, filter._stages(result))
        assert theirs["stages"].keys() == ours.keys()
        for name, array in ours.items():
            found = np.frombuffer(base64.b64decode(theirs["stages"][name]), array.dtype)
            np.testing.assert_array_equal(found, array.ravel(), f"{name} of {result.settings}")
        assert theirs["hashes"] == confirmation["hashes"] and theirs["agrees"]
        assert theirs["signed"] == result.signed and tuple(theirs["scale"]) == result.scale
        assert tuple(theirs["ring"]) == confirmation["ring"]


def grid(cells: links.Cells) -> dict[str, Any]:
    return {"rows": len(cells), "cols": len(cells[0]), "values": [value for row in cells for value in row]}


def drawn(pick: random.Random) -> Filtered:
    """Random settings of a random picture: small and long ones, whole numbers, tenths and huge ones."""
    generator = np.random.default_rng(pick.getrandbits(64))
    size, scale = (pick.randint(1, 7), pick.randint(1, 7)), pick.choice([1.0, 0.1, 1 / 3, 1e5, 1e-6])
    sides = [LARGEST_SIDE] if pick.random() < 0.02 else range(SMALLEST_SIDE, 60)
    settings = Filters(
        w=links.cells((generator.integers(-9, 10, size) * scale * (generator.random(size) < 0.8)).tolist()),
        b=((pick.randint(-500, 500) * scale,),),
        stride=pick.randint(1, 4),
        padding=pick.choice(PADDINGS),
        relu=pick.random() < 0.5,
        pool=pick.choice(POOLINGS),
        window=pick.randint(2, 6),
        colours=pick.choice(COLOURS),
        row=pick.randint(0, 256),
        col=pick.randint(0, 256),
    )
    return settings.compute(generator.integers(0, 256, (pick.choice(sides), pick.choice(sides))).astype(float))


def case(result: Filtered) -> dict[str, Any]:
    """What the browser is told of it."""
    grids = {"w0": result.settings.w, "b0": result.settings.b}
    return {
        "size": result.picture.shape,
        "bytes": base64.b64encode(result.picture.astype(np.uint8).tobytes()).decode(),
        "planes": {name: grid(cells) for name, cells in grids.items()},
        **filter._settings(result),
        **filter._confirmation(result, filter._stages(result)),
    }
