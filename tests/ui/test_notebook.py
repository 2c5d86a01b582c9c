"""cnnviz in a notebook and a script: what a cell holds, what a table says, and how a refusal reads. In a browser:
tests/browser/test_jupyter.py."""

from __future__ import annotations

import pickle
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
from cnnviz.ui.notebook import Drawing, Misfit, Refused, Rows
from cnnviz.ui.notebook.drawing import MAX_DRAWN
from cnnviz.ui.notebook.rows import MAX_ROWS
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


def test_channels_that_were_forgotten_in_a_layer_are_no_batch_that_was_forgotten() -> None:
    """A convolution of torch takes (C, H, W) without a batch, too."""
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(676, 10))
    with pytest.raises(Misfit) as caught:
        cnnviz.trace(network, (1, 28, 28))
    assert names(str(caught.value), 676, "2,704", "Linear(2704, 10)")
    assert caught.value.layer == "2" and caught.value.fixes[0].text == "Linear(2704, 10)"


WITHOUT_CHANNELS = [
    (nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(2704, 10)), (28, 28), "(1, 28, 28)"),
    (nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(2704, 10)), (28, 28), "(3, 28, 28)"),
    (nn.Conv2d(1, 4, 3), (28, 28), "(1, 28, 28)"),
    (nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(1, 4, 3)), (28, 28), "(1, 28, 28)"),
    (nn.Sequential(nn.Conv1d(1, 4, 3), nn.Flatten(), nn.Linear(392, 10)), (100,), "(1, 100)"),
    (nn.Sequential(nn.Conv3d(2, 4, 3), nn.BatchNorm3d(4)), (8, 9, 10), "(2, 8, 9, 10)"),
]


@pytest.mark.parametrize(("network", "shape", "right"), WITHOUT_CHANNELS, ids=str)
def test_a_shape_without_its_channels_is_answered_with_what_to_write(
    network: nn.Module, shape: tuple[int, ...], right: str
) -> None:
    with pytest.raises(Refused) as caught:
        cnnviz.trace(network, shape)
    assert not isinstance(caught.value, Misfit) and right in str(caught.value) and str(shape) in str(caught.value)
    assert cnnviz.trace(network, tuple(map(int, re.findall(r"\d+", right))))


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_numbers_of_any_type_are_followed_and_mended(kind: torch.dtype) -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(1352, 10)).to(kind)
    assert [row.output_shape for row in cnnviz.trace(network, (1, 28, 28))][-1] == (1, 10)
    with pytest.raises(Misfit) as caught:
        cnnviz.trace(network, (1, 30, 30))
    assert "Linear(1568, 10)" in [fix.text for fix in caught.value.fixes]
    mended = tracing.apply(network, next(fix for fix in caught.value.fixes if fix.text == "Linear(1568, 10)"))
    assert tracing.trace(mended, (1, 1, 30, 30))[-1].output_shape == (1, 10)


class Needs(nn.Module):
    """Two inputs, or three."""

    def forward(self, left: Tensor, right: Tensor, third: Tensor | None = None) -> Tensor:
        return left + right if third is None else left + right + third


COUNTS = [
    (Needs(), [(3,)], ["left and right", "one shape"]),
    (Needs(), [(3,)] * 4, ["left, right and third", "4 shapes"]),
    (nn.Linear(3, 2), [(3,)] * 2, ["input alone", "2 shapes"]),
    (nn.MultiheadAttention(4, 2), [(5, 4)], ["query, key and value", "one shape"]),
]


@pytest.mark.parametrize(("network", "shapes", "named"), COUNTS, ids=str)
def test_another_number_of_shapes_is_answered_with_the_inputs(
    network: nn.Module, shapes: list[tuple[int, ...]], named: list[str]
) -> None:
    with pytest.raises(Refused) as caught:
        cnnviz.trace(network, *shapes)
    assert names(str(caught.value), *named) and not isinstance(caught.value, Misfit)


@pytest.mark.parametrize("count", [2, 3])
def test_an_input_with_a_default_may_be_given(count: int) -> None:
    assert len(cnnviz.trace(Needs(), *[(3,)] * count)) == count - 1


class Misspelt(nn.Module):
    def foward(self, x: Tensor) -> Tensor:
        return x


class Unready(nn.Module):
    def __init__(self) -> None:
        pass

    def forward(self, x: Tensor) -> Tensor:
        return x


class Around(nn.Module):
    """Calls what it was given."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x)


@pytest.mark.parametrize("network", [Misspelt(), Around(Misspelt()), Around(nn.ModuleList([nn.Linear(3, 2)]))], ids=str)
def test_what_has_no_forward_is_said_to_have_none(network: nn.Module) -> None:
    with pytest.raises(Refused) as caught:
        cnnviz.trace(network, (3,))
    lacking = type(getattr(network, "inner", network)).__name__
    assert lacking in str(caught.value) and "forward" in str(caught.value) and not isinstance(caught.value, Misfit)


@pytest.mark.parametrize("is_inner", [False, True])
def test_what_never_called_the_init_of_a_module_is_told_so(is_inner: bool) -> None:
    with pytest.raises(Refused) as caught:
        cnnviz.trace(Around(Unready()) if is_inner else Unready(), (3,))
    assert "super().__init__()" in str(caught.value) and "Unready" in str(caught.value)


class Keeps(nn.Module):
    """Keeps what its layer gave, to be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.seen, self.last = nn.Linear(3, 2), [], {}

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer(x)
        self.seen.append(x)
        self.last["layer"] = (x, [x])
        return x


def test_a_network_that_keeps_its_activations_is_followed_and_keeps_them() -> None:
    network = Keeps()
    kept = network(torch.zeros(1, 3))
    assert [row.name for row in cnnviz.trace(network, (3,))] == ["layer"]
    assert len(network.seen) == 1 and network.seen[0] is kept and network.last["layer"][1][0] is kept


def test_a_list_that_holds_itself_is_gone_through_once() -> None:
    network = Keeps()
    network.seen.append(network.seen)
    assert [row.name for row in cnnviz.trace(network, (3,))] == ["layer"]
    assert len(network.seen) == 1 and network.seen[0] is network.seen


@pytest.mark.slow
def test_of_a_compiled_part_it_is_the_part_that_was_compiled() -> None:
    row = nn.Sequential(torch.compile(nn.Linear(3, 3)), nn.Sequential(torch.compile(nn.ReLU())))
    assert [(one.name, one.operation) for one in cnnviz.trace(row, (3,))] == [("0", "Linear"), ("1.0", "ReLU")]
    for network in (
        nn.DataParallel(torch.compile(nn.Linear(3, 2))),
        torch.compile(Around(torch.compile(nn.Linear(3, 2)))),
    ):
        [step] = cnnviz.trace(network, (3,))
        assert (step.operation, step.parameters, step.output_shape) == ("Linear", 8, (1, 2))
    assert hasattr(row[0], "_orig_mod"), "the reader's own is left as it was"


def test_a_network_that_torch_fx_traced_is_followed() -> None:
    network = torch.fx.symbolic_trace(zoo.build("lenet5"))
    rows = cnnviz.trace(network, (1, 32, 32))
    assert rows[-1].output_shape == (1, 10) and sum(row.parameters for row in rows) == 61_706
    with pytest.raises(Misfit) as caught:
        cnnviz.trace(network, (1, 28, 28))
    assert caught.value.layer == "fc1"


@pytest.mark.parametrize("look", [cnnviz.trace, tracing.trace])
def test_a_misfit_goes_to_another_process(look) -> None:
    shape = (1, 28, 28) if look is cnnviz.trace else (1, 1, 28, 28)
    with pytest.raises(tracing.ShapeError) as caught:
        look(zoo.build("lenet5"), shape)
    error = caught.value
    assert [fix.input_shape for fix in error.fixes_in_text(lambda _: None)] == [(1, 1, 32, 32)], (
        "no text, no change of it"
    )
    there = pickle.loads(pickle.dumps(error))
    assert type(there) is type(error) and str(there) == str(error) and there.args == error.args
    assert (there.layer, there.steps, there.fixes) == (error.layer, error.steps, error.fixes)
    assert there.fixes_in_text(lambda _: None) == error.fixes


def test_a_cell_of_very_many_steps_is_bounded() -> None:
    rows = Rows(cnnviz.trace(nn.Linear(3, 3), (3,)) * (MAX_DRAWN + 1))
    html = Drawing(rows, [(1, 3)], "many", 110)._repr_html_()
    assert len(html.encode()) <= MOST and "iframe" not in html and f"{MAX_DRAWN + 1:,}" in html
    cells = Parts(html).all("td")
    assert cells[-2:] == [f"{12 * (MAX_DRAWN + 1):,}", f"{9 * (MAX_DRAWN + 1):,}"], "the totals are of all"
    assert any(f"{MAX_DRAWN + 1 - MAX_ROWS:,}" in cell for cell in cells)
    assert "iframe" in Drawing(Rows(rows[:-1]), [(1, 3)], "fewer", 110)._repr_html_()
    assert Parts(Rows(rows[:MAX_ROWS])._repr_html_()).tags.count("tr") == MAX_ROWS + 2


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
    ((nn.Linear(3, 2), (10**30, 3)), f"{2**40:,}"),
    ((nn.Linear(3, 2), (2**62, 3)), f"{2**62}"),
    ((nn.Linear(3, 2), (*[1] * 70, 3)), "8 axes"),
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
