"""Locked links by AppTest: what a page draws, and what the server refuses whatever is sent."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz.lessons.common import presets
from cnnviz.links import write_grid
from tests.helpers import names
from tests.test_pages import PAGES, cell, edit, run, scene, values
from tests.ui.shell.test_presenter import asked, given, trigger


def force(app: AppTest, key: str, value: float) -> None:
    """What a number sends that was not out of reach a moment ago: AppTest itself sends no such thing."""
    states, number = app._tree.get_widget_states(), app.number_input(key=key)
    for one in states.widgets:
        if one.id == number.id:
            one.double_value = value
    app._run(states)
    assert not app.exception


def widgets(app: AppTest) -> list[Any]:
    kinds = ("number_input", "selectbox", "toggle", "button_group")
    return [one for kind in kinds for one in app.get(kind)]


@pytest.mark.parametrize("script", PAGES)
@pytest.mark.slow
def test_every_page_can_be_fixed_as_a_whole(script: str) -> None:
    """One line more says so; an edit has no more to draw again than before."""
    plain, locked, hidden = run(script), run(script, lock="all"), run(script, hide="all")
    assert not locked.warning and not locked.error and not hidden.error
    name = slug(script)
    offered = {f"{name}_{one}" for one, _ in given(plain, f"{name}_share")["settings"]}
    assert offered and not [one.key for one in widgets(locked) if not one.disabled and one.key in offered]
    assert not [one.key for one in widgets(hidden) if one.key in offered]
    assert len(widgets(hidden)) < len(widgets(plain)) or name in ("home", "room")  # nothing there that could be fixed
    assert count(locked.main) == count(plain.main) + 1 and len(locked.caption) == len(plain.caption) + 1


def count(block: Any) -> int:
    """The elements in a block, those of its blocks included."""
    children = getattr(block, "children", {})
    return sum(map(count, children.values())) if children else 1


def slug(script: str) -> str:
    return "home" if script == "home.py" else script.removeprefix("pages/").removesuffix(".py")


def test_the_server_refuses_what_is_typed_into_a_fixed_grid() -> None:
    app = run("pages/convolution.py", lock="x")
    before = values(app, "x0")
    assert not scene(app)["planes"]["x0"]["editable"] and scene(app)["planes"]["w0"]["editable"]
    edit(app, cell("x0", 0, 0, "5"), cell("x0", 1, 1, "abc"), {"kind": "size", "plane": "x0", "rows": 9, "cols": 9})
    assert values(app, "x0") == before and scene(app)["planes"]["x0"]["drafts"] == {}
    assert names(app.warning[0].value, "input")
    edit(app, cell("w0", 0, 0, "5"))
    assert values(app, "w0")[0] == 5 and not app.warning
    assert asked(app, "lock") == "x" and asked(app, "w").startswith("3x3_5")


def test_the_server_refuses_what_comes_from_a_widget() -> None:
    app = run("pages/convolution.py", lock="stride,x")
    assert app.number_input(key="convolution_stride_h").disabled
    assert not app.number_input(key="convolution_padding_h").disabled
    assert app.selectbox(key="convolution_x_preset").disabled and not app.selectbox(key="convolution_w_preset").disabled
    force(app, "convolution_stride_h", 2)
    assert app.number_input(key="convolution_stride_h_1").value == 1 and len(values(app)) == 9
    app.number_input(key="convolution_padding_h").set_value(1).run()
    assert len(values(app)) == 25 and not app.warning


def test_no_change_moves_a_fixed_setting_by_what_it_makes_impossible() -> None:
    """A 7 x 7 kernel on a 5 x 5 input takes padding; fixed at 0 it stays, and so does the kernel."""
    app = run("pages/convolution.py", lock="padding")
    edit(app, {"kind": "size", "plane": "w0", "rows": 7, "cols": 7})
    assert len(values(app, "w0")) == 9 and asked(app, "padding_h") == ""
    assert "padding" in app.warning[0].value
    block = "\n".join(["\t".join("1" * 7)] * 7)
    edit(app, {"kind": "paste", "plane": "w0", "row": 0, "col": 0, "text": block})
    assert len(values(app, "w0")) == 9
    app = run("pages/convolution.py", lock="w")
    app.number_input(key="convolution_padding_h").set_value(1).run()
    assert len(values(app)) == 25 and not app.warning


def test_challenges_and_ready_made_settings_that_would_change_it_are_out_of_reach() -> None:
    app = run("pages/pooling.py", lock="x", x=write_grid(presets.INPUTS["Counting"]))
    assert given(app, "pooling_tries")["disabled"] == ["Overlap"]  # the others leave the input as it is
    before = values(app, "x0")
    trigger(app, "pooling_tries", "chosen", "Overlap")
    assert values(app, "x0") == before and "input" in app.warning[0].value
    trigger(app, "pooling_tries", "chosen", "A lost edge")
    assert values(app, "x0") == before and not app.warning and asked(app, "kernel_h") == "3"
    assert not run("pages/pooling.py", lock="x").get("button_group")[0].disabled
    assert run("pages/pooling.py", lock="kernel").get("button_group")[0].disabled


def test_what_is_hidden_is_not_drawn_and_stays() -> None:
    grid = write_grid(presets.random_input(4, 4, 3))
    app = run("pages/pooling.py", hide="x.kind.kernel", x=grid, kind="max", kernel_h="3")
    keys = [one.key for one in widgets(app)]
    assert "pooling_stride_h" in keys
    assert not {"pooling_x_preset", "pooling_kind", "pooling_kernel_h"} & set(keys)
    edit(app, cell("x0", 0, 0, "5"))
    assert asked(app, "x") == grid and asked(app, "kind") == "max" and asked(app, "hide") == "x.kind.kernel"


@pytest.mark.parametrize("name", ["<img src=x onerror=alert(1)>", "[a](javascript:b)", "**b**", "nothing"])
def test_a_wrong_name_is_said_once_as_it_is_and_ignored(name: str) -> None:
    app = run("pages/convolution.py", lock=f"{name},x")
    (warning,) = app.warning
    assert "<" not in warning.value.replace("\\<", "") and "](" not in warning.value
    assert names(warning.value, "lock", "dilation")
    edit(app, cell("w0", 0, 0, "2"))
    assert not app.warning and values(app, "w0")[0] == 2
    assert not scene(app)["planes"]["x0"]["editable"]


def test_another_link_on_the_same_page_brings_its_own_lock() -> None:
    app = run("pages/convolution.py", lock="x")
    app.query_params["lock"] = "w"
    app.run()
    assert scene(app)["planes"]["x0"]["editable"] and not scene(app)["planes"]["w0"]["editable"]
    del app.query_params["lock"]
    app.run()
    assert scene(app)["planes"]["w0"]["editable"]
