"""cnnviz in a notebook and a script: what a cell holds, what a table says, and how a refusal reads. In a browser:
tests/browser/test_jupyter.py."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape

import pytest
import torch
from torch import Tensor, nn

import cnnviz
from cnnviz import tracing
from cnnviz.networks import zoo
from cnnviz.ui.notebook import Misfit, Refused
from tests.helpers import PATIENCE, ROOT, names
from tests.ui.core.test_export import Parts, data_of

MOST = 150_000  # bytes of a cell that shows LeNet-5
ONE_BY_ONE = {(3, 32): nn.Conv1d(3, 4, 3), (784,): nn.Linear(784, 10), (1, 8, 8, 8): nn.Conv3d(1, 2, 3)}
ALONE = """
import sys
sys.modules["streamlit"] = None
import cnnviz
assert "torch" not in sys.modules, "cnnviz loads torch before it is asked for anything"
from torch import nn
drawn = cnnviz.show(nn.Linear(784, 10), (784,))
assert "<iframe" in drawn._repr_html_()
print(drawn)
"""


class Siamese(nn.Module):
    """Two inputs, one row of weights."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 4, 3), nn.Linear(4 * 26 * 26, 8)

    def embed(self, image: Tensor) -> Tensor:
        return self.fc(torch.relu(self.conv(image)).flatten(1))

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return (self.embed(left) - self.embed(right)).abs()


def framed(html: str) -> str:
    """The document in the frame of a cell."""
    [found] = re.findall(r'<iframe [^>]*srcdoc="([^"]*)"', html)
    return unescape(found)


def test_a_cell_holds_the_diagram_and_the_table() -> None:
    html = cnnviz.show(zoo.build("lenet5"), (1, 32, 32))._repr_html_()
    assert len(html.encode()) <= MOST
    data = data_of(framed(html))
    assert data["input"] == [1, 32, 32] and data["steps"][-1]["shape"] == [10] and data["stopped"] is None
    outside = Parts(re.sub(r"<iframe.*?</iframe>", "", html, flags=re.DOTALL))
    assert outside.tags.count("tr") == 14 and outside.all("td")[-2:] == ["61,706", "416,520"]
    assert "script" not in outside.tags


def test_a_cell_asks_for_nothing_from_elsewhere() -> None:
    document = framed(cnnviz.show(zoo.build("lenet5"), (1, 32, 32))._repr_html_())
    addresses = [value for name, value in Parts(document).attributes if name in {"src", "href"} and value]
    assert addresses == [] and not re.search(r"@import \"|url\(|fetch\(", document)


def test_a_name_does_not_break_out_of_its_cell() -> None:
    hostile = '</script>"></iframe><img src=x onerror=alert(1)>'
    network = type(hostile, (nn.Sequential,), {})(nn.Linear(3, 2))
    network.register_module(hostile, nn.Linear(2, 2))
    html = cnnviz.show(network, (3,))._repr_html_()
    plain = cnnviz.show(nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2)), (3,))._repr_html_()
    assert Parts(html).tags == Parts(plain).tags
    assert Parts(framed(html)).tags == Parts(framed(plain)).tags
    assert hostile in [step["name"] for step in data_of(framed(html))["steps"]]


def test_the_rows_are_those_of_the_tracer_as_a_list_and_as_text() -> None:
    network = zoo.build("lenet5")
    rows = cnnviz.trace(network, (1, 32, 32))
    assert rows == tracing.trace(network, (1, 1, 32, 32)) and rows[0].name == "conv1"
    lines = repr(rows).splitlines()
    assert len(lines) == len(rows) + 2 and len({line.index(word) for line, word in zip(lines, ("Op", "Conv"))}) == 1
    assert lines[-1].split() == ["Total", "61,706", "416,520"]
    assert repr(cnnviz.show(network, (1, 32, 32))) == repr(rows)


@pytest.mark.parametrize("shape", ONE_BY_ONE)
def test_shapes_are_without_the_batch(shape: tuple[int, ...]) -> None:
    [row] = cnnviz.trace(ONE_BY_ONE[shape], shape)
    assert row.input_shape == (1, *shape)
    assert data_of(framed(cnnviz.show(ONE_BY_ONE[shape], list(shape))._repr_html_()))["input"] == list(shape)


def test_a_network_of_two_inputs_takes_two_shapes() -> None:
    rows = cnnviz.trace(Siamese(), (1, 28, 28), (1, 28, 28))
    assert rows[-1].output_shape == (1, 8)
    data = data_of(framed(cnnviz.show(Siamese(), (1, 28, 28), (1, 28, 28))._repr_html_()))
    assert (data["input"], data["further"]) == ([1, 28, 28], [[1, 28, 28]])


def test_the_network_is_left_as_it_was() -> None:
    network = zoo.build("lenet5").train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    cnnviz.show(network, (1, 32, 32))
    assert network.training and not network.fc1.weight.is_meta
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("look", [cnnviz.trace, cnnviz.show])
def test_a_shape_error_reads_well(look) -> None:
    network = zoo.build("lenet5")
    with pytest.raises(tracing.ShapeError) as caught:
        look(network, (1, 28, 28))
    error = caught.value
    assert isinstance(error, Misfit) and error.layer == "fc1" and error.steps[-1].name == "flatten"
    assert names(error.sentence, 400, 256)
    lines = str(error).splitlines()
    assert len(lines) == 2 + len(error.fixes) and 1 <= len(error.fixes) <= 4
    assert all(fix.text in line for fix, line in zip(error.fixes, lines[2:]))
    shown = error._render_traceback_()
    assert shown[:-1] == lines and shown[-1].endswith("look(network, (1, 28, 28))"), "its last line is the reader's own"


def test_a_break_without_a_fix_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misfit) as caught:
        cnnviz.trace(nn.Linear(3, 2), (4,))
    monkeypatch.setattr(caught.value, "fixes", ())
    assert str(caught.value) == f"{caught.value.sentence}."


def test_of_a_compiled_network_it_is_the_one_that_was_compiled() -> None:
    network = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    rows = cnnviz.trace(torch.compile(network), (3,))
    assert [row.name for row in rows] == [row.name for row in cnnviz.trace(network, (3,))] == ["0", "1"]


REFUSED = [
    ((nn.Linear, (3,)), "Linear()"),
    (("a text", (3,)), "str"),
    ((nn.Linear(3, 2),), "(784,)"),
    ((nn.Linear(3, 2), 3), "3"),
    ((nn.Linear(3, 2), (0,)), "(0,)"),
    ((nn.Linear(3, 2), (True,)), "(True,)"),
    ((nn.Linear(3, 2), (3.0,)), "(3.0,)"),
    ((nn.Linear(3, 2), ()), "()"),
    ((nn.Linear(3, 2), torch.zeros(7, 3)), "(7, 3)"),
    ((zoo.build("lenet5"), (64, 1, 32, 32)), "(1, 32, 32)"),
    ((nn.LazyLinear(2), (3,)), "lazy"),
    ((torch.jit.trace(nn.Linear(3, 2), torch.zeros(1, 3)), (3,)), "TorchScript"),
]


@pytest.mark.parametrize(("given", "named"), REFUSED, ids=str)
def test_what_is_no_network_or_no_shape_is_refused_with_what_to_write(given: tuple, named: str) -> None:
    for look in (cnnviz.trace, cnnviz.show):
        with pytest.raises(Refused) as caught:
            look(*given)
        assert named in str(caught.value) and "\n" not in str(caught.value)
        assert len(caught.value._render_traceback_()) == 2


def test_before_a_refusal_a_notebook_shows_the_network_up_to_its_break(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class IPython:
        """What cnnviz asks of it."""

        @staticmethod
        def get_ipython() -> object:
            return shown

        class display:
            @staticmethod
            def display(drawing: object) -> None:
                shown.append(drawing._repr_html_())  # type: ignore[attr-defined]

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    with pytest.raises(Misfit):
        cnnviz.show(zoo.build("lenet5"), (1, 28, 28))
    data = data_of(framed(shown[0]))
    assert data["stopped"] == {"name": "fc1", "sources": ["flatten"]} and names(data["said"], 400, 256)


@pytest.mark.slow
def test_it_needs_no_streamlit_and_loads_torch_when_it_is_called() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ALONE], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["Total", "7,850", "7,840"]
