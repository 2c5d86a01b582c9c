"""The panel that brings the weights of a pasted network, without a browser, and the menus in which it then stands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import safetensors.torch
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from cnnviz import networks
from cnnviz.data.datasets.preprocessing import Preprocessing
from cnnviz.inference import brought, checkpoints
from cnnviz.inference.about import NO_DATA, About
from cnnviz.links import sources
from cnnviz.networks import OWN_TEXT
from cnnviz.ui.core import resources
from tests import helpers
from tests.helpers import names

TEXT = "nn.Sequential(nn.Conv2d(1, 2, 5, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(72, 10))"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CNNVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CNNVIZ_HELPERS", "0")
    resources.helpers.clear()
    yield tmp_path / "data"
    resources.helpers.clear()


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return networks.build(OWN_TEXT, TEXT)


@pytest.fixture(autouse=True)
def links(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """The pages that the panel alone leads to, where there are no others."""
    found: list[tuple[str, object]] = []

    def page_link(page: str, label: str, query_params: object = None, **more: object) -> None:
        found.append((page, query_params))

    monkeypatch.setattr("cnnviz.ui.lessons.weights.bring.st.page_link", page_link)
    return found


def page(text: str, shape: tuple[int, int, int]) -> None:
    """The Shapes page, as far as it is about weights."""
    import streamlit as st

    from cnnviz.lessons.shapes.settings import Shapes
    from cnnviz.ui.core.store import Store
    from cnnviz.ui.lessons.weights import bring

    st.session_state.setdefault("shapes_weights", True)  # the panel is open
    bring.panel(Store("shapes", Shapes(), []), text, shape)


def two_inputs(text: str, shape: tuple[int, int, int]) -> None:
    """The same of a network that takes two pictures."""
    import streamlit as st

    from cnnviz.lessons.shapes.settings import Shapes
    from cnnviz.ui.core.store import Store
    from cnnviz.ui.lessons.weights import bring

    st.session_state.setdefault("shapes_weights", True)
    bring.panel(Store("shapes", Shapes(), []), text, shape, ("left", "right"))


def opened(text: str = TEXT, shape: tuple[int, int, int] = (1, 28, 28)) -> AppTest:
    return helpers.ran(AppTest.from_function(page, args=(text, shape), default_timeout=helpers.PATIENCE))


def bring(at: AppTest, content: bytes, file: str = "model.safetensors") -> AppTest:
    at.file_uploader[0].upload(file, content, "application/octet-stream")
    return helpers.ran(at)


def file_of(network: nn.Module, prefix: str = "", **metadata: str) -> bytes:
    return safetensors.torch.save({f"{prefix}{key}": one for key, one in network.state_dict().items()}, metadata)


def said(at: AppTest) -> str:
    return " ".join(one.value for one in (*at.markdown, *at.warning, *at.info, *at.caption))


def box(at: AppTest, label: str) -> str:
    return next(str(one.value) for one in (*at.text_input, *at.number_input, *at.selectbox) if one.label == label)


def button(at: AppTest, label: str):
    return next((one for one in at.button if one.label == label), None)


def kept() -> list[checkpoints.Card]:
    return [checkpoints.read_card(brought.path(one.name)) for one in brought.all_kept()]


def test_digits_are_kept_as_the_data_set_has_them(network: nn.Module, links: list[tuple[str, object]]) -> None:
    at = bring(opened(), file_of(network))
    assert names(said(at), "model.safetensors", "4 tensors") and box(at, "Data set") == "mnist"
    button(at, "Keep it").click()
    helpers.ran(at)
    card = kept()[0]
    assert card.dataset == "mnist" and card.classes == tuple("0123456789") and card.text == TEXT
    assert card.mean == pytest.approx([0.1307], abs=1e-4) and card.std == pytest.approx([0.3081], abs=1e-4)
    assert not button(at, "Keep it") and names(said(at), "10 classes")
    name = brought.all_kept()[0].name
    assert links == [(f"pages/{page}.py", {"network": name}) for page in ("draw", "inside", "evaluate")]
    button(at, "Remove").click()
    helpers.ran(at)
    assert not kept() and not button(at, "Remove")


def test_the_files_own_words_fill_in_the_form(network: nn.Module) -> None:
    letters = [chr(ord("a") + n) for n in range(10)]
    words = {"classes": json.dumps(letters), "mean": "0.25", "std": "0.5", "size": "[28, 28]", "fit": "resized"}
    at = bring(opened(), file_of(network, **words))
    assert box(at, "Data set") == NO_DATA and box(at, "Mean") == "0.25" and box(at, "Deviation") == "0.5"
    button(at, "Keep it").click()
    helpers.ran(at)
    assert kept()[0].preprocessing == Preprocessing((0.25,), (0.5,), (28, 28), "resized")
    assert kept()[0].classes == tuple(letters) and kept()[0].dataset == NO_DATA


@pytest.mark.parametrize("words", [{"mean": "0.5", "std": "0.25"}, {"mean": "0", "std": "1"}])
def test_what_a_file_says_of_its_pictures_is_not_replaced_by_a_data_set(
    network: nn.Module, words: dict[str, str]
) -> None:
    at = bring(opened(), file_of(network, **words))
    assert (box(at, "Data set"), box(at, "Mean"), box(at, "Deviation")) == (NO_DATA, words["mean"], words["std"])
    next(one for one in at.selectbox if one.label == "Data set").set_value("mnist")
    helpers.ran(at)
    assert (box(at, "Mean"), box(at, "Deviation")) == (words["mean"], words["std"])
    button(at, "Keep it").click()
    helpers.ran(at)
    assert kept()[0].mean == (float(words["mean"]),) and kept()[0].dataset == "mnist"


def test_how_pictures_are_fitted_stays_where_a_data_set_says_the_rest(network: nn.Module) -> None:
    at = bring(opened(), file_of(network, fit="resized"))
    assert box(at, "Data set") == "mnist" and box(at, "Pictures of another size") == "resized"
    assert float(box(at, "Mean")) == pytest.approx(0.1307, abs=1e-4)


def test_classes_with_commas_in_their_names_stay_whole(network: nn.Module) -> None:
    given = ("tench, Tinca tinca", *map(str, range(9)))
    at = bring(opened(), file_of(network, classes=json.dumps(given)))
    button(at, "Keep it").click()
    helpers.ran(at)
    assert kept()[0].classes == given


def test_a_network_of_two_inputs_takes_none() -> None:
    at = AppTest.from_function(two_inputs, args=(TEXT, (1, 28, 28)), default_timeout=helpers.PATIENCE)
    helpers.ran(at)
    assert names(at.info[0].value, "left and right") and not at.file_uploader


def test_the_page_says_so_of_a_text_whose_forward_takes_two() -> None:
    head = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    head += "        self.fc = nn.Linear(784, 10)\n"
    body = "    def forward(self, left, right):\n        return self.fc((left - right).flatten(1))\n"
    at = helpers.opened("shapes", {"shapes_weights": True}, network="own_text", text=sources.write(head + body))
    assert any(names(one.value, "left and right", "one picture") for one in at.info) and not at.file_uploader
    one = head + body.replace("left, right", "left").replace("(left - right)", "left")
    assert helpers.opened("shapes", {"shapes_weights": True}, network="own_text", text=sources.write(one)).file_uploader


def test_names_are_compared_once_for_a_file(network: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []
    fitted = brought.fitted
    monkeypatch.setattr(brought, "fitted", lambda weights, of: looks.append(weights.file) or fitted(weights, of))
    at = bring(opened(), file_of(nn.Sequential(nn.Linear(3, 2))))
    helpers.ran(helpers.ran(at))
    assert looks == ["model.safetensors"] and names(at.warning[0].value, "3 tensors")
    at.file_uploader[0].set_value([])
    bring(at, file_of(network), "other.safetensors")
    assert looks == ["model.safetensors", "other.safetensors"] and button(at, "Keep it")


def test_what_is_typed_wrong_is_told_before_it_is_kept(network: nn.Module) -> None:
    at = bring(opened(), file_of(network))
    next(one for one in at.text_input if one.label == "Deviation").set_value("0")
    helpers.ran(at)
    assert names(at.warning[0].value, "0.0") and not button(at, "Keep it")
    next(one for one in at.text_input if one.label == "Deviation").set_value("a half")
    helpers.ran(at)
    assert names(at.warning[0].value, "a half") and not button(at, "Keep it")


def test_more_classes_than_outputs_are_refused(network: nn.Module) -> None:
    at = bring(opened(), file_of(network, classes=", ".join(map(str, range(11)))))
    assert names(at.warning[0].value, 11, "10 outputs") and not button(at, "Keep it")


def test_outputs_without_names_go_by_their_numbers_and_that_is_said(network: nn.Module) -> None:
    at = bring(opened(), file_of(network, classes="cat, dog, cow"))
    assert any(names(one.value, 3, 9, 10) for one in at.caption)
    button(at, "Keep it").click()
    helpers.ran(at)
    assert kept()[0].classes == ("cat", "dog", "cow", *"3456789")


def test_a_number_that_is_another_class_already_is_not_given(network: nn.Module) -> None:
    at = bring(opened(), file_of(network, classes="9, 8, 7"))
    assert names(at.warning[0].value, "output 7", 10) and not button(at, "Keep it")


def test_without_names_numbers_stand_for_the_classes(network: nn.Module) -> None:
    at = bring(opened(), file_of(network, mean="0.25", std="0.5"))
    assert any(names(one.value, 0, 9) for one in at.caption)
    button(at, "Keep it").click()
    helpers.ran(at)
    assert kept()[0].classes == tuple("0123456789") and kept()[0].mean == (0.25,)


def test_what_a_file_says_and_cannot_mean_is_told(network: nn.Module) -> None:
    at = bring(opened(), file_of(network, mean="51", std="0.5", fit="cover"))
    assert names(said(at), "mean", "0.2", "fit", "cover") and box(at, "Deviation") == "0.5" and box(at, "Mean") == "0"


def test_names_that_do_not_match_stand_side_by_side(network: nn.Module) -> None:
    renamed = {"conv1.weight": "0.weight", "conv1.bias": "0.bias", "fc.weight": "3.weight", "fc.bias": "3.bias"}
    state = network.state_dict()
    at = bring(opened(), safetensors.torch.save({name: state[own] for name, own in renamed.items()}))
    (rows,) = at.get("html")[-1:]
    for one in (*renamed, *renamed.values(), "2 × 1 × 5 × 5"):
        assert one in rows.proto.body
    assert names(at.warning[0].value, "4 tensors") and not button(at, "Keep it")


def test_a_prefix_is_said_and_taken_off(network: nn.Module) -> None:
    at = bring(opened(), file_of(network, "module."))
    assert names(said(at), "module.", "nn.DataParallel") and button(at, "Keep it")


def test_a_pickle_is_answered_with_the_lines_that_help() -> None:
    at = bring(opened(), b"\x80\x02", "net.pt")
    assert names(at.warning[0].value, "net.pt", "pickle")
    assert any(one.value == brought.SAVING for one in at.code) and "model.eval()" in at.code[1].value


def test_a_network_that_is_not_whole_takes_none() -> None:
    at = opened("nn.Sequential(nn.Linear(3, 10)")
    assert at.info and not at.file_uploader
    at = opened("nn.Sequential(nn.Conv2d(1, 4, 3))")  # it gives no scores
    assert at.info and not at.file_uploader


def test_the_lines_that_write_and_load_do_so(network: nn.Module, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    other = networks.build(OWN_TEXT, TEXT)
    exec(brought.SAVING, {"model": network})
    assert brought.judge("m.safetensors", (tmp_path / "model.safetensors").read_bytes()).shapes["3.bias"] == (10,)
    exec(brought.LOADING, {"model": other})
    assert not other.training and torch.equal(other.state_dict()["3.bias"], network.state_dict()["3.bias"])


# --- where it then stands


def keep(network: nn.Module, dataset: str = "mnist", session: str = "") -> str:
    content = file_of(network)
    digits = About(tuple("0123456789"), Preprocessing((0.13,), (0.31,), (28, 28)), dataset)
    return brought.keep(brought.judge("m.safetensors", content), content, TEXT, digits, session)


@pytest.mark.parametrize("lesson", ["draw", "inside", "evaluate"])
def test_a_link_shows_it_to_whoever_has_it(network: nn.Module, lesson: str) -> None:
    name = keep(network)
    at = helpers.opened(lesson, network=name)
    menu = next(one for one in at.selectbox if one.label == "Network")
    assert menu.value == name and not at.exception
    assert not any("in its place" in one.value for one in (*at.warning, *at.info))


@pytest.mark.parametrize("lesson", ["draw", "inside", "evaluate"])
def test_it_stands_in_the_menus_of_its_reader_alone(network: nn.Module, lesson: str) -> None:
    name = keep(network, session="me")
    mine = helpers.opened(lesson, {"session": "me"})
    title = brought.title(name)
    assert title in next(one for one in mine.selectbox if one.label == "Network").options
    theirs = helpers.opened(lesson, {"session": "them"})
    assert title not in next(one for one in theirs.selectbox if one.label == "Network").options


def test_without_a_data_set_it_is_not_evaluated_and_looks_at_a_picture(network: nn.Module) -> None:
    name = keep(network, NO_DATA)
    assert names(said(helpers.opened("evaluate", network=name)), "without a data set", "lenet5")
    at = helpers.opened("inside", network=name)
    assert names(said(at), "without a data set") and NO_DATA not in said(at)


def test_a_link_to_one_that_is_gone_says_so() -> None:
    at = helpers.opened("evaluate", network=f"net_{'0' * 32}")
    assert any(names(one.value, "lenet5") for one in (*at.info, *at.warning))
