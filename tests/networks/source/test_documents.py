"""The five documents that the project comes from: their networks are read from the cells that print them and from the
whole documents, and come to the sizes and counts that stand there.

The documents are no part of the project. CNNVIZ_SOURCES names the folder that holds them as text files, in the order
of docs/sources.md.
"""

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from cnnviz.networks import own
from cnnviz.server import following

FOLDER = os.environ.get("CNNVIZ_SOURCES", "")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="CNNVIZ_SOURCES is not set: it names the folder of the five documents"
)
NOTEBOOK, LAB, EXERCISE, BLOG, POOLING = range(5)
GREY, COLOUR = (1, 28, 28), (3, 32, 32)
LENET = [(6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]
CONV = [(6, 1, 3, 3), (6,), (16, 6, 3, 3), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,)]
SAME = [(16, 1, 5, 5), (16,), (32, 16, 5, 5), (32,), (10, 1568), (10,)]


@dataclass(frozen=True)
class Network:
    """A class of a document, the name that tells it from others of its name, what it is fed, and what is printed of
    it: sizes in the order of its steps, without the batch, and shapes and number of its parameters."""

    document: int
    name: str
    input: tuple[int, ...]
    sizes: tuple[tuple[int, ...], ...]
    parameters: int = 0
    tensors: tuple[tuple[int, ...], ...] = ()
    candidate: str = ""
    arguments: tuple[tuple[str, str], ...] = ()

    @property
    def chosen(self) -> str:
        return self.candidate or self.name


NETWORKS = [
    Network(NOTEBOOK, "SIMPLE_CNN", GREY, ((3, 26, 26), (5, 24, 24), (2880,), (30,), (10,))),
    Network(
        NOTEBOOK, "CNN", (1, 64, 64), ((3, 30, 30), (3, 15, 15), (5, 6, 6), (5, 3, 3), (45,), (30,), (10,))
    ),
    Network(NOTEBOOK, "MNIST_CNN", GREY, ((10,),)),
    Network(NOTEBOOK, "CIFAR100_CNN", COLOUR, ((100,),)),
    Network(NOTEBOOK, "ResNet", COLOUR, ((100,),)),
    Network(NOTEBOOK, "ResNet_wide", COLOUR, ((100,),)),
    Network(
        NOTEBOOK,
        "ResidualBlock",
        (16, 32, 32),
        ((32, 16, 16),),
        arguments=(("in_channels", "16"), ("out_channels", "32"), ("stride", "2")),
    ),
    Network(LAB, "Net", (1, 32, 32), ((6, 14, 14), (16, 10, 10), (16, 5, 5), (10,)), tensors=tuple(LENET)),
    Network(EXERCISE, "CNNModel", COLOUR, ((8, 28, 28), (8, 12, 12), (4, 5, 5), (10,))),
    Network(
        BLOG,
        "ConvolutionalNetwork",
        GREY,
        ((6, 26, 26), (6, 13, 13), (16, 11, 11), (16, 5, 5), (400,), (10,)),
        60074,
        tuple(CONV),
        "ConvolutionalNetwork (1)",
    ),
    Network(BLOG, "ConvolutionalNetwork", COLOUR, ((16, 6, 6), (576,), (10,)), 81302),
    Network(POOLING, "CNNModel", GREY, ((32, 7, 7), (1568,), (10,)), tensors=tuple(SAME)),
    Network(POOLING, "CNNModel2", GREY, ((32, 7, 7), (1568,), (10,)), tensors=tuple(SAME)),
    Network(
        POOLING, "CNNModel3", GREY, ((16, 24, 24), (16, 12, 12), (32, 8, 8), (32, 4, 4), (512,), (10,)),
        tensors=(*SAME[:4], (10, 512), (10,)),
    ),
]  # fmt: skip


@cache
def document(number: int) -> str:
    return sorted(Path(FOLDER).glob("*.txt"))[number].read_text(encoding="utf-8")


def cell(network: Network) -> str:
    """The cell of the class as the document prints it; that of EXERCISE is cut in two by the end of a page."""
    if network.document == EXERCISE:
        return re.search(r"In \[4\]:.*?(?=In \[5\]:)", document(EXERCISE), re.DOTALL)[0]
    cells = re.findall(r"^```\w*\n(.*?)^```", document(network.document), re.DOTALL | re.MULTILINE)
    number = -1 if network.chosen == network.name else int(re.search(r"\d+", network.chosen)[0]) - 1
    return [one for one in cells if re.search(rf"^\d*\s*class {network.name}\(", one, re.MULTILINE)][number]


def check(network: Network, text: str, chosen: str) -> None:
    """Reads the class out of the text, and holds what it comes to against what the document says."""
    arguments = network.arguments
    if network.name.startswith("ResNet"):
        arguments = (("resblock", "ResidualBlock"),)
    traced = following.trace("own text", text, (1, *network.input), chosen, arguments, (), lambda _share: None)
    assert not traced.error and traced.stopped is None
    assert traced.reading.chosen == chosen
    remaining = iter(step.output_shape for step in traced.steps)
    assert all((1, *size) in remaining for size in network.sizes)
    assert traced.steps[-1].output_shape == (1, *network.sizes[-1])
    found = own.read(text, chosen, dict(arguments)).weightless()
    shapes = tuple(tuple(one.shape) for one in found.parameters())
    assert not network.tensors or shapes == network.tensors
    assert not network.parameters or sum(one.numel() for one in found.parameters()) == network.parameters


@pytest.mark.parametrize("network", NETWORKS, ids=lambda one: f"{one.document} {one.chosen}")
def test_a_class_is_read_from_its_cell(network):
    text = cell(network)
    if network.name == "ResNet_wide":
        text = f"{cell(NETWORKS[4])}\n{text}"  # the block stands in an earlier cell
    check(network, text, network.name)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda one: f"{one.document} {one.chosen}")
def test_a_class_is_read_from_the_whole_document(network):
    check(network, document(network.document), network.chosen)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda one: f"{one.document} {one.chosen}")
def test_the_choice_can_be_written_into_the_document(network):
    read = own.read(document(network.document), network.chosen, dict(network.arguments)).network
    again = own.read(read.complete).network
    shapes = [{name: one.shape for name, one in network.weightless().state_dict().items()} for network in (read, again)]
    assert shapes[0] == shapes[1]


def test_all_classes_of_the_documents_can_be_chosen():
    written = [(number, name) for number in range(5) for name in re.findall(CLASS, document(number), re.MULTILINE)]
    held = [(one.document, one.name) for one in NETWORKS]
    padded, block = (LAB, "Net"), (EXERCISE, "ResidualBlock")  # which have tests of their own
    assert sorted([*held, padded, block]) == sorted(written)


CLASS = r"^\d*\s*class (\w+)\(nn\.Module\)"


def test_the_network_that_is_padded_twice_stops_where_its_document_does_not_run_it():
    traced = following.trace(
        "own text", document(LAB), (1, 1, 32, 32), "Net (1)", (), (), lambda _share: None
    )  # fmt: skip
    assert [candidate.name for candidate in traced.reading.candidates] == ["Net", "Net (1)"]
    assert traced.stopped.layer == "fc1" and "1,024" in traced.stopped.sentence
    line, _ = traced.mark
    assert "self.fc1(x)" in document(LAB).splitlines()[line - 1]
    fitting = following.trace("own text", document(LAB), (1, 1, 20, 20), "Net (1)", (), (), lambda _share: None)
    assert fitting.stopped is None and fitting.steps[-1].output_shape == (1, 10)


def test_ten_blocks_keep_their_size_with_and_without_batch_norm():
    text = document(EXERCISE)
    plain, normed = (own.read(f"{text}\n\n```\nmodel = CNNModel({given})\n```\n") for given in ("", "batch_norm=True"))
    blocks = [one.weightless().blocks for one in (plain, normed)]
    assert [len(one) for one in blocks] == [10, 10]
    assert not hasattr(blocks[0][0], "bn1") and hasattr(blocks[1][0], "bn1")
    extra = sum(one.numel() for one in normed.weightless().parameters()) - plain.network.parameters
    assert extra == 10 * 2 * 2 * 8
    block = following.trace("own text", text, (1, 8, 12, 12), "ResidualBlock", (), (), lambda _share: None)
    assert block.stopped is None and block.steps[-1].output_shape == (1, 8, 12, 12)


PRINTED = r"^( *)({name}\(\n.*?^\1\))$"


@pytest.mark.parametrize(
    ("number", "name", "parameters"),
    [(LAB, "Net", [61706, 61706]), (BLOG, "ConvolutionalNetwork", [60074, 81302])],
)
def test_what_the_documents_print_of_a_class_is_offered_as_a_guess(number, name, parameters):
    printed = re.findall(PRINTED.format(name=name), document(number), re.DOTALL | re.MULTILINE)
    assert len(printed) >= len(parameters)
    for (_, text), count in zip(printed, parameters, strict=False):
        with pytest.raises(own.Offer) as refused:
            own.read(text)
        assert f"{count:,}" in str(refused.value)
        assert own.read(refused.value.offered).weightless() is not None
