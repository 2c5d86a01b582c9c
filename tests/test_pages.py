"""Every page by AppTest: it runs, takes its state from the URL and from edits, and never shows a traceback."""

import json
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from cnnviz.lessons import LESSONS
from cnnviz.lessons.common import presets
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.links import encode, write_grid
from tests.helpers import PATIENCE, ROOT, names, whole_stage
from tests.sampling import Tries

PAGES = ["home.py", *(f"pages/{lesson.slug}.py" for lesson in LESSONS)]


def run(script: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "home.py"), default_timeout=PATIENCE)
    if script != "home.py":
        app.switch_page(script)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def scene(app: AppTest) -> dict[str, Any]:
    """What the stage was given."""
    for component in app.get("bidi_component"):
        data = json.loads(component.proto.json or "{}")
        if "planes" in data:
            return whole_stage(data)
    raise AssertionError("there is no stage")


def values(app: AppTest, plane: str = "y0") -> list[float]:
    return scene(app)["planes"][plane]["values"]


def send(app: AppTest, *edits: dict[str, Any]) -> None:
    """What the stage sends, as it sends it: AppTest has no element for components, so this is its widget state."""
    stage = next(component for component in app.get("bidi_component") if "planes" in (component.proto.json or ""))
    states = app._tree.get_widget_states()
    states.widgets.append(WidgetState(id=stage.proto.id, json_value=json.dumps({"edits": edits})))
    app._run(states)
    assert not app.exception


def edit(app: AppTest, *edits: dict[str, Any]) -> None:
    first = scene(app)["ack"] + 1
    send(app, *({"seq": first + n, **one} for n, one in enumerate(edits)))


def cell(plane: str, row: int, col: int, text: str) -> dict[str, Any]:
    return {"kind": "cell", "plane": plane, "row": row, "col": col, "text": text}


@pytest.mark.parametrize("script", PAGES)
def test_every_page_runs(script: str) -> None:
    app = run(script)
    assert not app.warning and not app.error
    assert len(app.title) == 1


NOISE = ["", "%00", "5x5_1", "-1", "999999999999", "<script>", "../../etc/passwd", "None", "nan", "٣", "1" * 5000]


@pytest.mark.parametrize("script", PAGES)
def test_no_link_brings_a_page_down(script: str, tries: Tries) -> None:
    names = {
        "x",
        "w",
        "b",
        "op",
        "stride_h",
        "padding_h",
        "channels",
        "groups",
        "kind",
        "reach",
        "network",
        "run",
        "epochs",
    }
    for _ in tries(len(NOISE), sample=2):
        app = run(script, **dict.fromkeys(names, NOISE[tries.last]))
        assert not app.exception


def test_the_url_gives_the_state_and_the_state_the_url() -> None:
    grid = presets.random_input(3, 4, 1)
    app = run("pages/convolution.py", x=write_grid(grid), stride_h="2", padding_h="1")
    assert len(values(app)) == 2 * 2
    assert app.number_input(key="convolution_stride_h").value == 2
    app.number_input(key="convolution_stride_h").set_value(1).run()
    assert "stride_h" not in app.query_params
    assert app.query_params["padding_h"] in ("1", ["1"])
    assert len(values(app)) == 3 * 4


def test_a_tampered_link_says_what_was_not_used() -> None:
    app = run("pages/convolution.py", x="5x5_1_<b>", stride_h="0")
    assert values(app) == [11, 12, 11, 13, 17, 7, 16, 15, 9]
    (warning,) = app.warning
    assert names(warning.value, "5 × 5", 25, 2, "stride_h=0")


def test_edits_are_taken_once_and_in_order() -> None:
    app = run("pages/convolution.py")
    edits = [{"seq": 1, **cell("x0", 0, 0, "5")}, {"seq": 2, **cell("x0", 0, 0, "7")}]
    send(app, *edits)
    send(app, *edits, {"seq": 3, **cell("w0", 0, 0, "0")})
    assert values(app, "x0")[0] == 7 and values(app, "w0")[0] == 0
    assert scene(app)["ack"] == 3


def test_edits_that_no_stage_would_send_are_left_alone() -> None:
    app = run("pages/convolution.py")
    before = values(app)
    edit(
        app,
        cell("y0", 0, 0, "5"),
        cell("nothing", 0, 0, "5"),
        cell("x0", 99, -1, "5"),
        {"kind": "size", "plane": "x0", "rows": 99, "cols": 0},
        {"kind": "size", "plane": "b0", "rows": 2, "cols": 2},
        {"kind": "what", "plane": "x0"},
    )
    assert values(app) == before


def test_a_draft_stays_until_it_is_mended_or_replaced() -> None:
    app = run("pages/convolution.py")
    edit(app, cell("x0", 1, 1, "abc"))
    assert scene(app)["planes"]["x0"]["drafts"]["1,1"]["text"] == "abc"
    assert "abc" in app.warning[0].value
    app.selectbox(key="convolution_x_preset").select("Edge").run()
    assert scene(app)["planes"]["x0"]["drafts"] == {}
    assert not app.warning
    assert values(app, "x0")[:8] == [0, 0, 0, 0, 10, 10, 10, 10]


def test_presets_say_which_one_is_on_the_stage() -> None:
    app = run("pages/convolution.py")
    assert app.selectbox(key="convolution_x_preset").value == "Worked example"
    edit(app, cell("x0", 1, 1, "9"))
    assert app.selectbox(key="convolution_x_preset_1").value is None


def test_the_kernel_may_be_too_large_for_a_moment_only() -> None:
    app = run("pages/convolution.py", **encode(Convolution(w=presets.random_kernel(7, 7, 1))))
    assert names(app.warning[0].value, "Padding", 1, "7 × 7")
    assert app.number_input(key="convolution_padding_h").min == 1
    assert app.query_params["padding_h"] in ("1", ["1"])


def test_pages_keep_apart_in_one_session() -> None:
    app = AppTest.from_file(str(ROOT / "home.py"), default_timeout=PATIENCE).run()
    edit(app, cell("x0", 0, 0, "5"))
    assert values(app)[0] == 15
    app.query_params.clear()  # as a browser does
    app.switch_page("pages/convolution.py").run()
    assert not app.exception
    assert values(app)[0] == 11


@pytest.mark.parametrize("page", ["convolution", "channels", "pooling"])
def test_torch_is_asked_only_when_wanted(page: str) -> None:
    app = run(f"pages/{page}.py")
    app.session_state[f"{page}_script"] = True  # unfolded
    app.run()
    assert not app.success
    app.toggle(key=f"{page}_check").set_value(True).run()
    assert app.success
