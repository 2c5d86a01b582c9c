"""What a text catches, declares, matches and counts: it goes the way that Python goes."""

import pytest
import torch
from torch import nn

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import written
from cnnviz.networks.source.reading import read
from cnnviz.server import following
from cnnviz.tracing import trace
from tests.networks.source.test_reading import HEAD, same, text_of

ABOVE = """
from enum import Enum, IntEnum, auto
from collections import namedtuple

class Kind(Enum):
    MAX = "max"
    MEAN = "mean"

class Width(IntEnum):
    SMALL = 4
    LARGE = 8

class Word(str, Enum):
    A = "a"

class Step(Enum):
    FIRST = auto()
    SECOND = auto()

Row = namedtuple("Row", ["width", "name"])
Row.__new__.__defaults__ = (None,)
block = {"filters": 4}
count = 0

def counted(layer):
    global count
    count += 1
    return layer

def summed(*parts):
    total = 0
    def add(part):
        nonlocal total
        total += part
    for part in parts:
        add(part)
    return total

def chosen(kind):
    match kind:
        case "relu" | "r":
            return nn.ReLU()
        case None:
            return nn.Identity()
        case ["elu", _]:
            return nn.ELU()
        case [size, padding] if size > 1:
            return nn.Conv2d(4, 4, size, padding=padding)
        case other:
            return nn.Conv2d(4, other, 1)

def missing():
    raise KeyError("bias")

"""
INITS = {
    "a key that is not there": "try:\n    n = block['stride']\nexcept KeyError:\n    n = 4",
    "a number that is none": "try:\n    n = int('four')\nexcept (TypeError, ValueError) as e:\n    n = 4 if e else 5",
    "a place that is not there": "try:\n    n = [1, 2][3]\nexcept LookupError:\n    n = 4",
    "an attribute of one's own": "try:\n    n = self.width\nexcept AttributeError:\n    n = 4\nfinally:\n    n += 1",
    "a layer that there is not": "try:\n    n = getattr(nn, 'Swoosh')()\nexcept Exception:\n    n = 4",
    "a name that there is not": "try:\n    n = xrange(4)[3]\nexcept NameError:\n    n = 4",
    "what the text raises": "try:\n    missing()\n    n = 5\nexcept KeyError:\n    n = 4\nelse:\n    n = 6",
    "nothing raised": "try:\n    n = block['filters']\nexcept KeyError:\n    n = 5\nelse:\n    n += 2",
    "a sum by nonlocal": "n = summed(1, 2, 3)",
    "a count by global": "a, b = counted(nn.ReLU()), counted(nn.ReLU())\nn = count",
    "members and values": "n = {Kind.MAX: 3, Kind.MEAN: 5}[Kind('mean')] + len([one for one in Kind])",
    "members by name": "n = 4 if Kind['MAX'] is Kind.MAX and isinstance(Kind.MEAN, Kind) else 3",
    "values of members": "n = {'max': 4, 'mean': 5}[Kind.MAX.value]",
    "numbers that are members": "n = Width.LARGE + Width(4)",
    "words that are members": "n = 4 if Word.A == 'a' and Word.A is Word('a') else 3",
    "members that count themselves": "n = 4 if Step.FIRST != Step.SECOND and Step.SECOND.value == 2 else 3",
    "a place that is None": "row = Row(4)\nn = 5 if row.name is None else 3",
}
MATCHED = ["'r'", "None", "[3, 1]", "('elu', 1)", "6"]


@pytest.mark.parametrize("kind", INITS)
def test_a_text_goes_on_as_python_does(kind):
    same(ABOVE + text_of("return self.conv(x)", f"{INITS[kind]}\nself.conv = nn.Conv2d(3, n, 1)"), (3, 4, 4))


@pytest.mark.parametrize("kind", MATCHED)
def test_a_match_takes_the_case_that_python_takes(kind):
    init = f"self.conv, self.next = nn.Conv2d(3, 4, 1), chosen({kind})"
    same(ABOVE + text_of("return self.next(self.conv(x))", init), (3, 4, 4))


@pytest.mark.parametrize(
    "init",
    [
        "try:\n    n = open('x').read()\nexcept Exception:\n    n = 4",
        "try:\n    n = torch.load('x')\nexcept Exception:\n    n = 4",
        "try:\n    n = block['stride']\nexcept ValueError:\n    n = 4",
        "try:\n    n = ().__class__.__bases__\nexcept Exception:\n    n = 4",
    ],
)
def test_what_is_not_read_is_no_error_that_a_text_could_catch(init):
    with pytest.raises(NotationError):
        read(HEAD + ABOVE + text_of("return self.c(x)", f"{init}\nself.c = nn.Conv2d(3, n, 1)")).weightless()


NEEDS = text_of("return self.conv(x)", "self.conv = nn.Conv2d(3, n, 1)").replace("(self):", "(self, n):")
BESIDE = [  # what stands before a network in the function that makes it
    "set_seed(42)",
    "logging.info('begins')",
    "os.makedirs('out', exist_ok=True)",
    "pl.seed_everything(42)",
    "data = torchvision.datasets.CIFAR10('.', train=True)",
    "trainer = pl.Trainer(max_epochs=1)",
    "writer = SummaryWriter()",
]


@pytest.mark.parametrize("line", BESIDE)
def test_what_stands_beside_a_network_in_a_function_is_passed_over(line):
    head = "import os\nimport pytorch_lightning as pl\nimport torchvision\nfrom tensorboard import SummaryWriter\n"
    function = f"def main(width):\n    {line}\n    model = Net(width)\n    return model\n\nmodel = main(8)\n"
    source = read(head + NEEDS + function)
    assert source.parameters == 32
    assert [(one.name, one.text) for one in source.arguments] == [("n", "8")]


def test_a_default_that_is_not_read_is_asked_for():
    text = "import config\n" + NEEDS.replace("(self, n):", "(self, n=config.WIDTH):")
    source = read(text + text_of("return x", name="Loss"))
    assert source.chosen.name == "Net" and [one.name for one in source.arguments] == ["n"]
    assert read(text, "", {"n": "2"}).parameters == 8


def test_a_default_takes_the_place_of_what_the_text_does_not_say():
    source = read(NEEDS.replace("(self, n):", "(self, n=5):") + "model = Net(n=len(labels))\n")
    assert source.arguments == () and source.parameters == 20


def test_a_value_of_the_text_is_offered_where_it_has_the_name_of_what_is_asked_for():
    source = read(f"n = 6\n{NEEDS}")
    assert [(one.name, one.text) for one in source.arguments] == [("n", "n")] and source.parameters == 24


SIGNS = """
class Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sign()

    @staticmethod
    def backward(ctx, gradient):
        x, = ctx.saved_tensors
        passed = gradient.clone()
        passed[x.abs() > 1] = 0
        return passed

class Turned(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, share):
        ctx.share = share
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient.neg() * ctx.share, None

""" + text_of(
    "return Turned.apply(self.last(self.sign(self.conv(x)).mean((2, 3))), 0.5)",
    "self.conv, self.last, self.sign = nn.Conv2d(3, 4, 3), nn.Linear(4, 2), Sign.apply",
)


def test_a_function_that_says_its_own_gradient_learns_as_it_says():
    found = same(SIGNS, (3, 6, 6))
    names: dict = {}
    exec(HEAD + SIGNS, names)
    expected = names["Net"]()
    expected.load_state_dict(found.state_dict())
    x = torch.randn(3, 3, 6, 6)
    for network in (found, expected):
        network(x).square().sum().backward()
    pairs = zip(found.parameters(), expected.parameters(), strict=True)
    assert all(torch.equal(one.grad, other.grad) for one, other in pairs) and found.conv.weight.grad.any()
    assert [one.operation for one in trace(found, (1, 3, 6, 6))][:2] == ["Conv2d", "Sign"]


def test_a_number_of_a_tensor_may_be_kept_for_a_log():
    kept = "self.seen = x.mean().item()\ny = x.max().item()\nreturn self.conv(x)"
    text = text_of(kept, "self.conv = nn.Conv2d(3, 2, 1)")
    assert trace(same(text, (3, 4, 4)), (1, 3, 4, 4))
    asking = text_of("n = x.max().item()\nreturn x[:, :n]")
    traced = following.trace("", asking, (1, 3, 4, 4), "", (), (), lambda _: None)
    assert "line 7" in traced.error and traced.mark is not None and traced.mark[0] == 8


def test_a_result_that_is_written_elsewhere_is_not_left_out():
    with pytest.raises((NotationError, ValueError), match="out="):
        trace(read(text_of("y = torch.zeros_like(x)\ntorch.add(x, 2, out=y)\nreturn y")).build(), (1, 3))


def test_a_note_that_a_text_makes_on_a_layer():
    layer = "self.a = nn.Linear(4, 4)\nself.a.spread = 0.5"
    text = text_of("return self.a(x)", f"{layer}\nnn.init.constant_(self.a.weight, self.a.spread)")
    assert isinstance(same(text, (4,)).a, nn.Linear)
    with pytest.raises(NotationError):
        read(text_of("return self.a(x)", "self.a = nn.Linear(4, 4)\nself.a.forward = 3")).weightless()


def test_modules_that_a_text_uses_without_importing_them_are_imported_in_its_file():
    text = text_of("return self.a(x)", "self.a = nn.Sequential(OrderedDict(b=nn.Linear(4, math.ceil(3.2))))")
    assert {"import math", "from collections import OrderedDict"} <= {*written(read(text)).imports}


def test_dropout_that_takes_training_for_its_share_is_said():
    (note,) = read(text_of("return F.dropout(x, self.training)")).notes
    assert "all of it in training" in note and "training=self.training" in note
