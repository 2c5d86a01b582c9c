"""The Shapes page without a browser: steps, sizes, shape errors with buttons that mend, own text, comparison."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from cnnviz import links
from cnnviz.lessons.shapes.settings import OWN, START, Shapes
from cnnviz.networks import zoo
from cnnviz.server.helpers import Answer, Helpers, Job
from cnnviz.tracing import describe
from cnnviz.ui.components.diagram import folds
from cnnviz.ui.core import resources
from cnnviz.ui.core.resources import traced
from cnnviz.ui.lessons.shapes import parts
from tests import helpers
from tests.helpers import names
from tests.ui.text_boxes import given, shown, type_into

opened = partial(helpers.opened, "shapes")

NET = """import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d({channels}, 6, 5)
        self.fc = nn.Linear({features}, 10)

    def forward(self, x):
        x = torch.relu(self.conv(x))
        return self.fc(torch.flatten(x, 1))

net = Net()
"""
PAIR = """class Left(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Linear(28, 3)

    def forward(self, a, b):
        return self.one(a) + self.one(b)

class Right(nn.Module):
    def __init__(self):
        super().__init__()
        self.two = nn.Linear(28, 7)

    def forward(self, x):
        return self.two(x)

left, right = Left(), Right()
"""


def diagrams(at: AppTest) -> list[dict[str, Any]]:
    data = [json.loads(one.proto.json) for one in at.get("bidi_component") if one.proto.json]
    return [one for one in data if "folds" in one]


def rest(at: AppTest) -> AppTest:
    """What the browser sends when the reader has looked at what is broken for a moment."""
    at.session_state["shapes_diagram"] = {"rested": diagrams(at)[0]["said"]}
    return at.run()


def text(at: AppTest) -> str:
    return " ".join(
        [*(one.value for one in (*at.markdown, *at.error, *at.warning)), *(one.proto.body for one in at.get("html"))]
    )


def test_lenet5_opens_with_its_steps_and_totals() -> None:
    at = opened()
    data = diagrams(at)[0]
    assert data["input"] == [1, 32, 32] and not data["folds"] and data["stopped"] is None
    assert [step["shape"] for step in data["steps"] if not step["quiet"]] == [
        [6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 5, 5], [400], [120], [84], [10],
    ]  # fmt: skip
    conv2 = next(step for step in data["steps"] if step["name"] == "conv2")
    assert "parameters: (5 × 5 × 6 + 1) × 16 = 2,416" in conv2["formulas"]
    assert "height = width: ⌊(14 − 5) / 1⌋ + 1 = 10" in conv2["formulas"]
    assert "MACs: 5 × 5 × 6 × 16 × 10 × 10 = 240,000, FLOPs: 480,000" in conv2["formulas"]
    assert "61,706" in text(at) and "833,040" in text(at)


@pytest.mark.parametrize("network", ["gpt", "../lenet5", "", "<script>"])
def test_what_the_zoo_does_not_have(network: str) -> None:
    assert names(opened(network=network).warning[0].value, f"network={network}", "lenet5")


@pytest.mark.long(sample=7)
@pytest.mark.parametrize("name", zoo.names())
def test_every_network_opens_at_its_own_size(name: str) -> None:
    at = opened(network=name)
    data = diagrams(at)[0]
    assert data["input"] == list(zoo.entry(name).input_shape)
    assert (data["stopped"] is None) == zoo.entry(name).runs
    quiet = sum(step["quiet"] for step in data["steps"])
    assert len(data["steps"]) - quiet <= 26 or data["folds"], "a deep network folds"


def test_deep_networks_fold_into_their_blocks() -> None:
    def of(name: str) -> set[str]:
        return set(folds(traced(name, "", (1, *zoo.entry(name).input_shape)).steps))

    assert of("resnet18") >= {"layer1", "layer2", "layer1.0", "layer4.1"}
    assert of("googlenet") >= {"inception3a", "inception5b"}
    assert of("residual_8") == {f"blocks.{i}" for i in range(10)}
    assert of("vgg16") == set() == of("lenet5")


def test_the_input_size_changes_the_steps_and_a_break_is_explained_and_mended() -> None:
    at = opened()
    at.number_input(key="shapes_height").set_value(28).run()
    at.number_input(key="shapes_width").set_value(28).run()
    data = diagrams(at)[0]
    assert data["stopped"] == {"name": "fc1", "sources": ["flatten"]}
    assert names(data["said"], "fc1", 400, "flatten", "16 × 4 × 4", 256, "pool2")
    assert not [button.label for button in at.button if button.label.startswith("Use ")]
    rest(at)
    labels = [button.label for button in at.button]
    assert "Use Linear(256, 120)" in labels and "Use an input of 32 × 32" in labels
    at.button(key="shapes_remedy_0").click().run()
    assert not at.exception and diagrams(at)[0]["stopped"] is None
    assert at.selectbox[0].value == OWN and "nn.Linear(256, 120)" in given(at)["text"]
    assert diagrams(at)[0]["input"] == [1, 28, 28]


def test_an_input_that_mends_is_set() -> None:
    at = rest(opened(network="lenet5_padded"))
    index = next(i for i, button in enumerate(at.button) if button.label == "Use an input of 20 × 20")
    at.button[index].click().run()
    assert diagrams(at)[0]["input"] == [1, 20, 20] and diagrams(at)[0]["stopped"] is None


def test_a_layer_that_is_not_built_and_a_check_that_does_not_hold_are_mended_by_a_click() -> None:
    at = opened(network="own_text", text="nn.Sequential(nn.Conv2d(1, 4, 5, stride=2, padding='same'), nn.ReLU())")
    assert given(at)["error"]["line"] == 1 and not diagrams(at)
    next(button for button in at.button if button.label == "Use padding=2 in Conv2d").click().run()
    assert not at.exception and diagrams(at)[0]["stopped"] is None and "stride=2, padding=2)" in given(at)["text"]
    checked = NET.format(channels=1, features=3456).replace(
        "def forward(self, x):", "def forward(self, x):\n        assert x.shape[2] == 28"
    )
    at = opened(network="own_text", text=checked, channels="1", height="30", width="28")
    assert given(at)["error"] and not diagrams(at)
    next(button for button in at.button if button.label == "Use an input of 28 × 28").click().run()
    assert not at.exception and diagrams(at)[0]["input"] == [1, 28, 28]


def test_a_network_of_ones_own() -> None:
    at = opened(network="own_text")
    assert given(at)["text"] == START and diagrams(at)[0]["input"] == [1, 28, 28]
    type_into(at, "nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(4 * 26 * 26, 3))")
    assert [step["shape"] for step in diagrams(at)[0]["steps"]] == [[4, 26, 26], [2704], [3]]
    link = {key: value[0] if isinstance(value, list) else value for key, value in at.query_params.items()}
    again = opened(**link)
    assert diagrams(again)[0]["steps"] == diagrams(at)[0]["steps"]


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("nn.Sequential(nn.Conv2D(1))", ["Line 1, column 15", "'Conv2D'", "Conv2d"]),
        ("", ["Line 1", "nn.Sequential(...)"]),
        ("__import__('os')", ["Line 1", "'__import__'"]),
        ("nn.Sequential(\n  nn.Linear(**x))", ["Line 2"]),
    ],
)
def test_a_text_that_is_no_network_gets_a_sentence_and_stays(typed: str, values: list[str]) -> None:
    at = opened(network="own_text")
    type_into(at, typed)
    assert not at.exception and not diagrams(at)
    assert names(given(at)["error"]["sentence"], *values) and shown(at, typed) and not at.error


def test_a_network_of_the_zoo_opens_as_text() -> None:
    at = opened(network="residual_8")
    at.session_state["shapes_all"] = True  # unfolded
    at.run()
    at.button(key="shapes_open").click().run()
    assert at.selectbox[0].value == OWN and "Residual(" in given(at)["text"]
    assert diagrams(at)[0]["input"] == [3, 32, 32] and diagrams(at)[0]["stopped"] is None
    assert "25,288" in text(at)


def test_two_networks_beside_one_another() -> None:
    at = opened(network="lenet5", beside="resnet18", batch="4")
    first, second = diagrams(at)
    assert (first["input"], second["input"]) == ([1, 32, 32], [3, 224, 224])
    frame = at.table[0].value
    assert list(frame["Parameters"]) == ["61,706", "11,689,512"]


def test_the_sizes_of_weights_and_biases_are_those_of_the_state_dict() -> None:
    """As LAB8 and the notebook on pooling print them."""
    steps = traced("lenet5", "", (1, 1, 32, 32)).steps
    told = {row["Step"]: row["Tensors"] for row in describe.rows(steps) if row["Tensors"]}
    assert told == {
        "conv1": "weight 6 × 1 × 5 × 5, bias 6",
        "conv2": "weight 16 × 6 × 5 × 5, bias 16",
        "fc1": "weight 120 × 400, bias 120",
        "fc2": "weight 84 × 120, bias 84",
        "fc3": "weight 10 × 84, bias 10",
    }
    assert "tensors: weight 6 × 1 × 5 × 5, bias 6" in describe.formulas(steps[0])


def test_the_table_and_its_csv_hold_every_step() -> None:
    steps = traced("resnet18", "", (2, 3, 224, 224)).steps
    rows = describe.rows(steps)
    assert (
        len(rows) == 69 and rows[0]["Window"] == "7 × 7, stride 2, padding 3" and rows[0]["Output"] == "64 × 112 × 112"
    )
    lines = parts.csv_text(rows).splitlines()
    assert len(lines) == 70 and lines[0].startswith(
        "Step,Operation,From,Input,Output,Window,Tensors,Parameters,MACs,Memory (bytes)"
    )
    assert "<i style='width:100.0%" in parts.bars(steps) and "layer4" in parts.bars(steps)


def test_links_go_round_and_bad_ones_are_told() -> None:
    settings = Shapes(network="resnet18", channels=3, height=64, width=80, batch=7, step="layer1.0.add", beside="vgg16")
    assert links.decode(Shapes, links.encode(settings)) == (settings, [])
    at = opened(network="own_text", text="x" * 100_001, height="99999")
    assert names(at.warning[0].value, "text", "100,000", "height=99999", 1024)


def test_a_pasted_class_is_followed_with_the_channels_that_it_names() -> None:
    at = opened(network="own_text")
    type_into(at, NET.format(channels=3, features=6 * 28 * 28))
    data = diagrams(at)[0]
    assert data["input"] == [3, 32, 32] and data["stopped"] is None
    assert [step["name"] for step in data["steps"] if not step["quiet"]] == ["conv", "flatten", "fc"]


def test_the_fix_of_a_class_is_the_change_of_its_text_that_is_shown() -> None:
    at = opened(network="own_text")
    before = NET.format(channels=1, features=77)
    type_into(at, before)
    assert diagrams(at)[0]["stopped"]["name"] == "fc" and given(at)["error"]["line"] == 12
    rest(at)
    fix = next(button for button in at.button if button.label == "Use Linear(3456, 10)")
    shown_lines = {one.value for one in at.code}
    assert "- 8: self.fc = nn.Linear(77, 10)\n+ 8: self.fc = nn.Linear(3456, 10)" in shown_lines
    fix.click().run()
    assert not at.exception and diagrams(at)[0]["stopped"] is None
    assert given(at)["text"] == NET.format(channels=1, features=3456)


def test_the_lines_of_a_change_keep_their_places_among_themselves() -> None:
    at = opened(network="own_text", channels="3")
    block = (
        "class Block(nn.Module):\n    def __init__(self, i, o):\n        super().__init__()\n"
        "        self.conv = nn.Conv2d(i, o, 1)\n\n    def forward(self, x):\n        return self.conv(x) + x\n\n"
        "model = nn.Sequential(Block(3, 4), Block(4, 4))\n"
    )
    type_into(at, block)
    rest(at)
    (shown,) = [one.value for one in at.code if one.value.startswith(("-", "+"))]
    assert "+ 6: if i != o:\n+ 7:     self.shortcut = nn.Conv2d(i, o, 1)\n" in shown
    assert "\n- 7: return self.conv(x) + x\n+ 10: return self.conv(x) + self.shortcut(x)" in shown


def test_a_line_that_is_refused_is_not_said_to_be_passed_over() -> None:
    at = opened(network="own_text")
    type_into(at, "model = nn.Sequential(nn.Conv2d(1, 4, 3))\nmodel.append(nn.SyncBatchNorm(4))\n")
    assert given(at)["error"]["line"] == 2 and not diagrams(at)
    assert not any("passed over" in one for one in given(at)["notes"])
    type_into(at, "model = nn.Sequential(nn.Conv2d(1, 4, 3))\nwandb.init()\n")
    assert given(at)["error"] is None and any("passed over" in one for one in given(at)["notes"])


@pytest.mark.parametrize("further", ["", "1x28x28"])
def test_an_input_that_mends_a_network_of_two_is_set_for_both_where_they_were_alike(further: str) -> None:
    twice = NET.format(channels=3, features=3456).replace("forward(self, x)", "once(self, x)")
    twice = twice.replace(
        "\nnet = ", "    def forward(self, x, other):\n        return self.once(x) - self.once(other)\n\nnet = "
    )
    at = opened(network="own_text", text=twice, channels="1", height="28", width="28", further=further)
    data = diagrams(at)[0]
    assert [data["input"], *data["further"]] == [[1, 28, 28]] * 2 and data["stopped"]["sources"] == ["x"]
    rest(at)
    next(button for button in at.button if "an input of 3 channels" in button.label).click().run()
    data = diagrams(at)[0]
    assert not at.exception and [data["input"], *data["further"]] == [[3, 28, 28]] * 2 and data["stopped"] is None


def test_the_candidates_and_the_inputs_of_a_text_are_chosen_and_go_into_the_link() -> None:
    at = opened(network="own_text")
    type_into(at, PAIR)
    radio = at.radio(key="shapes_chosen_radio")
    assert sorted(option.split()[0] for option in radio.options) == ["Left", "Right"]
    radio.set_value("Right").run()
    assert [step["shape"][-1] for step in diagrams(at)[0]["steps"]] == [7]
    at.radio(key="shapes_chosen_radio").set_value("Left").run()
    at.text_input(key="shapes_further_0").set_value("1 x 1 x 28").run()
    link = {key: value[0] if isinstance(value, list) else value for key, value in at.query_params.items()}
    assert (link["chosen"], link["further"]) == ("Left", "1x1x28")
    again = diagrams(opened(**link))[0]
    assert (again["input"], again["further"]) == ([1, 28, 28], [[1, 1, 28]])
    next(one for one in at.text_input if one.label == "Size of b").set_value("wide").run()
    assert not at.exception and names(at.warning[0].value, "wide", "3x32x32")


def test_keras_is_answered_with_a_text_that_is_taken_by_a_click() -> None:
    at = opened(network="own_text")
    type_into(
        at,
        "keras.Sequential([keras.Input((8, 9, 3)), layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(5)])",
    )
    assert not diagrams(at) and "nn.Conv2d(3, 4, 3)" in at.code[0].value
    at.button(key="shapes_offered").click().run()
    assert diagrams(at)[0]["input"] == [3, 8, 9] and diagrams(at)[0]["stopped"] is None
    assert given(at)["text"].count("nn.") == 4


class Refusing(Helpers):
    """Gives up what it is asked for."""

    def ask(self, session: str, job: Job) -> Answer:
        answer = Answer(job, askers=1)
        answer.end(refusal="it takes more than 4 s")
        return answer


def test_what_the_helper_gives_up_is_told_and_the_text_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(network="own_text")
    pool = Refusing(0)
    with monkeypatch.context() as patch:
        patch.setattr(resources, "helpers", lambda: pool)
        typed = NET.format(channels=1, features=3456)
        type_into(at, typed)
        assert not diagrams(at) and names(at.error[0].value, "4 s") and shown(at, typed)
    at = opened(network="lenet5", height="28", width="28")
    with monkeypatch.context() as patch:
        patch.setattr(resources, "helpers", lambda: pool)
        rest(at)
        assert not at.exception and diagrams(at) and any("4 s" in one.value for one in at.caption)


def test_images_that_meet_are_told_of() -> None:
    at = opened(network="own_text")
    type_into(at, "nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(0), nn.Linear(1352, 3))")
    assert diagrams(at)[0]["stopped"] is None and names(at.warning[0].value, "Flatten 1", "14,872")
