"""The Receptive field page without a browser: links, edits of the stack, the pinned unit, theory against practice."""

import json
import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from cnnviz import links
from cnnviz.lessons.receptive.settings import NETWORKS, Receptive, read_stack
from cnnviz.lessons.receptive.text import CHALLENGES, READY_MADE
from tests import helpers
from tests.helpers import names, ran

opened = partial(helpers.opened, "receptive")


def component(at: AppTest) -> Any:
    return next(one for one in at.get("bidi_component") if "taps" in (one.proto.json or ""))


def stage(at: AppTest) -> dict[str, Any]:
    """What the component was given."""
    return json.loads(component(at).proto.json)


def pin(at: AppTest, **value: Any) -> None:
    """A click on a unit, as the component sends it."""
    states = at._tree.get_widget_states()
    states.widgets.append(WidgetState(id=component(at).proto.id, json_value=json.dumps({"pin": value})))
    at._run(states)
    assert not at.exception


def fields(at: AppTest) -> list[int]:
    """The receptive field of every map."""
    return [row[0][2] for row in stage(at)["spans"]]


def query(at: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in dict(at.query_params).items()}


def warnings(at: AppTest) -> str:
    return " ".join(one.value for one in at.warning).replace("\\", "")


def table(at: AppTest) -> str:
    """The text of the growth table."""
    html = next(one.proto.body for one in at.get("html") if "cnnviz-table" in one.proto.body)
    return re.sub(r"<[^>]*>", " ", html)


def number(at: AppTest, label: str) -> Any:
    return next(box for box in at.number_input if box.label == label)


def press(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    return ran(at)


def test_it_opens_on_a_worked_example() -> None:
    at = opened()
    assert not at.warning and not query(at)
    data = stage(at)
    assert [one["size"] for one in data["maps"]] == [28, 28, 28, 14, 14, 14, 7]
    assert fields(at) == [1, 3, 5, 6, 10, 14, 16]
    assert data["pin"] == {"seq": 0, "at": [6, 3, 3]} and data["spans"][6][0] == [-6, 4, 16]
    assert data["maps"][3] == {"title": "Max pool 2 × 2", "details": "stride 2", "size": 14, "over": 2}
    assert data["taps"][0][0] == [0, 1] and data["taps"][2][13] == [26, 27]
    assert len(data["picture"]) == 28 * 28 and max(data["picture"]) > 200
    text = table(at)
    assert "6 + (3 − 1) × 2 =  10" in text and "2 × 2 =  4" in text


def test_dilation_stands_in_the_arithmetic() -> None:
    assert "7 + (3 − 1) × 4 × 1 =  15" in table(
        opened(**links.encode(replace(Receptive(), **READY_MADE["Dilated 1-2-4"])))
    )


def test_a_link_opens_what_it_says() -> None:
    settings = Receptive(stack=read_stack("c5s2p1d1-a2s2p1d1"), size=40, layer=1, row=3, col=17)
    at = opened(**links.encode(settings))
    assert not at.warning and stage(at)["pin"]["at"] == [1, 3, 17]
    assert [one["size"] for one in stage(at)["maps"]] == [40, 19, 10]
    assert [box.value for box in at.number_input] == [5, 2, 1, 1]
    assert at.selectbox[0].label == "Layer 1 of 2" and at.selectbox[0].value == "convolution"


@pytest.mark.parametrize(
    "tampered", [{"stack": "c99s1p0d1"}, {"stack": "<script>"}, {"size": "7"}, {"layer": "13"}, {"network": "resnet"}]
)
def test_a_tampered_link_gives_the_default_and_a_sentence(tampered: dict[str, str]) -> None:
    at = opened(**tampered)
    assert names(warnings(at), *tampered) and fields(at) == [1, 3, 5, 6, 10, 14, 16]


def test_a_stack_that_cannot_be_is_mended_with_a_sentence() -> None:
    at = opened(stack="m2s4p0d1-m2s4p0d1-c5s1p0d1", size="16")
    assert names(warnings(at), "Layer 3", "5 × 5", "kernel", 1, 5)
    assert query(at)["stack"] == "m2s4p0d1-m2s4p0d1-c1s1p0d1"


def test_a_pinned_unit_is_in_the_link_and_its_layer_in_the_controls() -> None:
    at = opened()
    pin(at, seq=1, layer=3, row=2, col=9)
    assert query(at) == {"layer": "3", "row": "2", "col": "9"}
    assert stage(at)["pin"] == {"seq": 1, "at": [3, 2, 9]}
    assert at.selectbox[0].label == "Layer 3 of 6" and at.selectbox[0].value == "max pooling"
    assert number(at, "Kernel").value == 2


@pytest.mark.parametrize(
    "value",
    [
        {"seq": 1, "layer": 0, "row": 0, "col": 0},
        {"seq": 1, "layer": 7, "row": 0, "col": 0},
        {"seq": 1, "layer": 6, "row": 7, "col": 0},
        {"seq": 1, "layer": 6, "row": 0, "col": -1},
        {"seq": 1, "layer": "6", "row": 0, "col": 0},
        {"seq": 1},
    ],
)
def test_a_unit_that_is_none_is_left_alone(value: dict[str, Any]) -> None:
    at = opened()
    pin(at, **value)
    assert query(at) == {} and stage(at)["pin"]["at"] == [6, 3, 3]


def test_the_layer_of_the_unit_is_edited() -> None:
    at = opened(layer="1")
    number(at, "Kernel").set_value(5)
    ran(at)
    assert fields(at)[1:3] == [5, 7] and query(at)["stack"].startswith("c5s1p1d1-c3s1p1d1-m2")
    number(at, "Stride").set_value(2)
    ran(at)
    assert query(at)["stack"].startswith("c5s2p1d1-") and query(at)["layer"] == "1"
    at.selectbox[0].set_value("average pooling")
    ran(at)
    assert query(at)["stack"].startswith("a5s2p1d1-")
    assert [box.label for box in at.number_input] == ["Kernel", "Stride", "Padding"]  # it has no dilation


def test_layers_are_added_and_removed() -> None:
    at = opened(stack="c3s1p1d1", layer="1")
    assert next(button for button in at.button if button.label == "Remove").disabled
    press(at, "Add layer")
    assert fields(at) == [1, 3, 5] and stage(at)["pin"]["at"][0] == 2
    for _ in range(10):
        press(at, "Add layer")
    assert len(fields(at)) == 13 and next(button for button in at.button if button.label == "Add layer").disabled
    press(at, "Remove")
    assert len(fields(at)) == 12 and not at.warning


def test_ready_made_stacks_show_their_last_layer() -> None:
    at = opened(layer="1", row="0", col="0")
    for name, settings in reversed(READY_MADE.items()):  # the first one is there already
        at.get("button_group")[0].set_value(name)
        ran(at)
        assert not at.warning and at.selectbox[0].label == f"Layer {len(settings['stack'])} of {len(settings['stack'])}"
        assert len(fields(at)) == len(settings["stack"]) + 1


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_is_taken_and_becomes_an_own_stack_once_edited(network: str) -> None:
    at = opened(network=network)
    assert not at.warning and len(fields(at)) > 2
    at.session_state["receptive_more"] = True  # unfolded
    ran(at)
    assert [box.value for box in at.selectbox if box.label == "Network"] == [network]
    press(at, "Add layer")
    assert "network" not in query(at) and "stack" in query(at) and not at.warning


def unfolded(at: AppTest) -> str:
    """The heat maps and what is said about them."""
    at.session_state["receptive_effective"] = True
    ran(at)
    html = next(one.proto.body for one in at.get("html") if "cnnviz-heat" in one.proto.body)
    return re.sub(r"<[^>]*>", " ", html) + " ".join(one.value for one in at.caption)


def test_practice_is_drawn_once_unfolded() -> None:
    at = opened(**links.encode(replace(Receptive(), **READY_MADE["Three 3 × 3"])))
    assert not any("cnnviz-heat" in one.proto.body for one in at.get("html"))
    said = unfolded(at)
    assert names(said, "Random", "4 × 4", "7 × 7", "33 %", "LeNet-5")


def test_a_trained_network_stands_beside_its_untrained_self() -> None:
    for start in ({"network": "lenet5"}, links.encode(replace(Receptive(), **READY_MADE["LeNet-5"]))):
        said = unfolded(opened(**start))
        assert "lenet5, untrained" in said and "lenet5, trained" in said
        shares = [int(share) for share in re.findall(r"hold (\d+) %", said)]
        assert len(shares) == 2 and all(25 < share < 90 for share in shares)  # more than their 25 % of the area


def test_every_challenge_opens_without_a_warning() -> None:
    for _, settings in CHALLENGES.values():
        at = opened(**links.encode(replace(Receptive(), **settings)))
        assert not at.warning
