"""A saved file: it needs nothing from elsewhere, holds exactly what the page showed, and no text breaks out of it."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, unquote

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from cnnviz import links
from cnnviz.lessons.channels.settings import Channels
from cnnviz.lessons.convolution.settings import Convolution
from cnnviz.lessons.filters.settings import Filters
from cnnviz.lessons.pooling.settings import Pool
from cnnviz.lessons.shapes.settings import Shapes
from cnnviz.ui.components import diagram, lab, stage
from cnnviz.ui.core import theme
from cnnviz.ui.core.assets import Assets
from cnnviz.ui.core.export import standalone
from cnnviz.ui.core.packed import packed
from cnnviz.ui.lessons.filters import filter
from cnnviz.ui.lessons.room import bubbles
from tests.helpers import opened, ran, refused, whole_stage

COMPONENTS = [one.ASSETS for one in (lab, diagram, filter, bubbles)]
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "</template></style></title><img src=x onerror=alert(1)>",
    "\u2028\u2029\x00 ' \" & $title ${data} \\",
]


class Parts(HTMLParser):
    """The elements of a document, and the text in each title, script and paragraph, as a browser splits them."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[tuple[str, str]] = []
        self.inside = False
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.texts.append((tag, ""))
        self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            tag, text = self.texts[-1]
            self.texts[-1] = (tag, text + data)

    def all(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


def data_of(document: str) -> Any:
    """What the script in the file starts from."""
    parts = Parts(document)
    text = parts.all("script")[0]
    kind = next(value for name, value in parts.attributes if name == "type" and str(value).startswith("application/"))
    return json.loads(text) if kind == "application/json" else base64.b64decode(text, validate=True)


def modules_of(document: str) -> dict[str, str]:
    """The modules in the file by their names."""
    found = json.loads(Parts(document).all("script")[1])["imports"]
    assert all(address.startswith("data:text/javascript;charset=utf-8,") for address in found.values())
    return {name: unquote(address.partition(",")[2]) for name, address in found.items()}


@pytest.mark.parametrize("parts", COMPONENTS, ids=lambda parts: parts.name)
def test_a_file_needs_nothing_from_elsewhere(parts: Assets) -> None:
    document = standalone(parts, {"any": "data"}, "A title", ["A sentence."])
    texts = [document, *modules_of(document).values()]
    for text in texts:
        assert set(re.findall(r"https?://[^\"'\s%]+", text)) <= {"http://www.w3.org/2000/svg"}
        assert not re.search(r"@import\s*[\"'u]|@font-face|\bimport\s*[(\"']|\bfetch\(|XMLHttpRequest|WebSocket", text)
        assert all(target.startswith(("#", "%23", "${")) for target in re.findall(r"url\(([^)]*)", text))
    read = Parts(document)
    assert not {"link", "img", "iframe", "object", "base"} & set(read.tags)
    assert not {"src", "href", "srcset"} & {name for name, _ in read.attributes}


@pytest.mark.parametrize("parts", COMPONENTS, ids=lambda parts: parts.name)
def test_every_module_of_a_file_is_in_it_under_the_name_that_others_call_it_by(parts: Assets) -> None:
    document = standalone(parts, {}, "A title")
    modules = modules_of(document)
    assert {f"cnnviz/{path}" for path, _ in parts.modules} < modules.keys()
    beginning = Parts(document).all("script")[-1]
    assert f'import {{ mount }} from "cnnviz/{parts.main}";' in beginning
    for text in (beginning, *modules.values()):
        assert set(re.findall(r'^import .* from "(.*)";$', text, re.MULTILINE)) <= modules.keys()


@pytest.mark.parametrize("parts", COMPONENTS, ids=lambda parts: parts.name)
def test_a_component_fits_into_a_file(parts: Assets) -> None:
    assert "</style" not in parts.css.lower() and "</template" not in parts.html.lower()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_breaks_out(hostile: str) -> None:
    data = {"name": hostile, hostile: [hostile, {"deep": hostile}], "number": -0.1}
    document = standalone(lab.ASSETS, data, hostile, [hostile])
    plain = Parts(standalone(lab.ASSETS, {}, "Plain", ["Plain"]))
    read = Parts(document)
    assert read.tags == plain.tags
    assert data_of(document) == data
    assert read.all("title") == read.all("h1") == [hostile]
    assert read.all("p") == [hostile]
    assert data_of(document)[hostile][1]["deep"] == hostile


def test_bytes_come_back_as_they_were() -> None:
    arrays = {"pixels": np.arange(256, dtype=np.uint8), "values": np.float32([[-1.5, 1e-30], [3e30, 0.1]])}
    data = packed({"name": "</script>"}, arrays)
    assert data_of(standalone(filter.ASSETS, data, "Filters")) == data


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_has_no_word_for_is_refused(value: float) -> None:
    with refused("JSON"):
        standalone(lab.ASSETS, {"values": [value]}, "Title")


def test_the_colours_are_those_of_the_theme() -> None:
    for mode, colours in theme.NEUTRAL.items():
        assert colours == {name: st.get_option(f"theme.{mode}.{name}") for name in colours}
    document = standalone(lab.ASSETS, {}, "Title")
    light, dark = document.split("@media (prefers-color-scheme: dark)")[:2]
    assert "--st-background-color: #FFFFFF;" in light and "--st-text-color: #1A1F26;" in light
    assert "--st-background-color: #0F1318;" in dark and "--st-primary-color: #56B4E9;" in dark
    assert all(colour in document for colour in theme.ROLES.values())
    used = set(re.findall(r"var\((--st-[a-z-]+)\)", document))
    assert used <= set(re.findall(r"(--st-[a-z-]+):", document)), "a variable without a value and without a fallback"


# --- on the pages: from the button to the file


def shown(at: AppTest, holding: str) -> dict[str, Any]:
    """The data of the component that has `holding` in them; of packed ones their JSON."""
    for one in at.get("bidi_component"):
        raw = one.proto.bytes
        data = json.loads(raw[4 : 4 + int.from_bytes(raw[:4], "little")] if raw else one.proto.json or "{}")
        if isinstance(data, dict) and holding in data:
            return whole_stage(data) if holding == "planes" else data
    raise AssertionError(f"no component has {holding}")


def saved(at: AppTest, key: str, holding: str) -> dict[str, str]:
    """The file that comes after 'Save' as a web page was pressed."""
    at.session_state[f"{key} is to be saved"] = True
    file: dict[str, str] = shown(ran(at), holding)["file"]
    return file


CASES = [
    ("convolution", "stage", "planes", Convolution, {"stride_h": "2", "padding_h": "1", "op": "convolution"}),
    ("channels", "stage", "planes", Channels, {"groups": "3", "filters": "3"}),
    ("pooling", "stage", "planes", Pool, {"kind": "max", "x": "2x2_1_-2_0.5_7"}),
    ("filters", "stage", "planes", Filters, {"pool": "average", "padding": "same"}),
    ("shapes", "diagram", "steps", Shapes, {"network": "resnet18", "channels": "3", "height": "64", "width": "96"}),
    ("home", "stage", "planes", Convolution, {"b": "1x1_4"}),
]


@pytest.mark.parametrize(("page", "name", "holding", "settings", "query"), CASES, ids=[case[0] for case in CASES])
def test_a_page_hands_over_its_file_once(
    page: str, name: str, holding: str, settings: type, query: dict[str, str]
) -> None:
    at = opened(page, **query)
    before = shown(at, holding)
    assert before.pop("file") is None
    file = saved(at, f"{page}_{name}", holding)
    assert shown(ran(at), holding)["file"] is None

    way_back = next(sentence for sentence in Parts(file["text"]).all("p") if "open this page" in sentence)
    path, _, link = way_back.rpartition(" /")[2].partition("?")
    assert path == ("" if page == "home" else page)
    read, notes = links.decode(settings, dict(parse_qsl(link)))
    assert notes == [] and links.encode(read) == links.encode(links.decode(settings, query)[0]) != {}

    held = data_of(file["text"])
    if isinstance(held, bytes):
        assert held[4 + int.from_bytes(held[:4], "little") :], "the pictures go along"
        held = json.loads(held[4 : 4 + int.from_bytes(held[:4], "little")])
    if holding == "steps":
        assert held == before
    for plane in held.pop("planes", {}).values():
        theirs = before["planes"][plane["id"]]
        assert (plane["values"], plane["drafts"]) == (theirs["values"], {})
        still = (theirs["editable"], theirs["most"]) if page != "filters" else (False, None)  # no picture is computed
        assert (plane["editable"], plane["most"]) == still


def test_two_files_are_two_and_the_caption_tells_what_is_there() -> None:
    at = opened("pooling", padding_h="1", kind="max")
    first, second = (saved(at, "pooling_stage", "planes") for _ in range(2))
    assert first["number"] != second["number"] and first["text"] == second["text"]
    told = Parts(first["text"]).all("p")
    assert told[0] == "As it was saved: Max pooling of 5 by 5, giving 3 by 3."
    assert any("Padding never wins a maximum" in sentence for sentence in told)


def test_what_was_half_typed_stays_out_of_the_file() -> None:
    plane = {"editable": True, "drafts": {"0,0": {}}, "cut": [[1]]}
    data = {"ack": 3, "planes": {"x0": plane}, "history": {"undo": True, "redo": True, "example": True}}
    fixed = stage.for_file(data)
    assert fixed["planes"]["x0"] == {"editable": True, "drafts": {}, "cut": None}
    assert (fixed["ack"], fixed["history"]) == (0, {"undo": False, "redo": False, "example": False})
    assert data["planes"]["x0"]["drafts"], "the page's own data stay as they were"


def controls(query: dict[str, str]) -> list[str]:
    """What can be set in the file of the Convolution page."""
    held = data_of(saved(opened("convolution", **query), "convolution_stage", "planes")["text"])
    return [control["field"] for control in held["lab"]["controls"]]


def test_what_a_link_fixes_and_an_exercise_hides_a_file_does_not_let_go() -> None:
    everything = ["x", "w", "op", "stride", "padding", "same", "mode", "dilation", "output_padding"]
    assert controls({}) == everything
    assert controls({"lock": "w.stride"}) == [one for one in everything if one not in ("w", "stride")]
    assert controls({"lock": "all"}) == []
    assert controls({"task": "cell-1-1"}) == []  # a hidden number stays hidden whatever is set


def test_the_title_of_a_diagram_is_its_network() -> None:
    at = opened("architectures", milestone="AlexNet")
    file = saved(at, "architectures_block", "steps")
    assert Parts(file["text"]).all("h1") == ["AlexNet, 2012"]
    lenet = saved(opened("shapes"), "shapes_diagram", "steps")
    assert Parts(lenet["text"]).all("p")[0] == "Input 1 × 32 × 32: 61,706 parameters, 416,520 MACs."
