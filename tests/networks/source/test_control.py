"""What a text catches, declares, matches and counts: it goes the way that Python goes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import written
from cnnviz.networks.source.reading import read
from cnnviz.server import following
from cnnviz.tracing import trace
from tests.networks.source.test_reading import HEAD, same, text_of
from tests.pace import within

ABOVE = """
from enum import Enum, IntEnum, auto
from collections import namedtuple

class Kind(Enum):
    MAX = "max"
    MEAN = "mean"

class Width(IntEnum):
    SMALL = 4
    LARGE = 8

class Other(Enum):
    MAX = "max"

class Twice(Enum):
    A = 0
    B = 0
    C = 1
    D = True

class Doubling(Enum):
    def twice(self):
        return 2 * self.value

class Own(Doubling):
    A = 3
    B = auto()

class Odd(ValueError):
    pass

KINDS = (Odd, KeyError)

class Word(str, Enum):
    A = "a"

class Step(Enum):
    FIRST = auto()
    SECOND = auto()
    TEN = 10
    THIRD = auto()

Row = namedtuple("Row", ["width", "name"])
Row.__new__.__defaults__ = (None,)
block = {"filters": 4}
count = 0

def counted(layer):
    global count
    count += 1
    return layer

def last():
    def around():
        depth = 2
        def inner():
            global depth
            return [depth for _ in (1,)][0]
        return inner()
    return around()

depth = 5

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
    "an else outside of its try": (
        "n = 4\ntry:\n    try:\n        pass\n    except KeyError:\n        n = 5\n    else:\n        missing()\n"
        "except KeyError:\n    n = 6"
    ),
    "a finally after what is raised": (
        "n = [4]\ntry:\n    try:\n        missing()\n    finally:\n        n[0] += 4\nexcept KeyError:\n    n = n[0]"
    ),
    "a bare raise": (
        "try:\n    try:\n        missing()\n    except KeyError as error:\n        raise\n"
        "except LookupError:\n    n = 3"
    ),
    "a kind of error of one's own": "try:\n    raise Odd('x')\nexcept KINDS:\n    n = 3",
    "a global within a comprehension": "n = last()",
    "members of two kinds in one dictionary": "n = len({Kind.MAX: 1, Other.MAX: 2}) + (Kind.MAX == 'max')",
    "members with one value": (
        "n = len([one for one in Twice]) + (Twice.A is Twice.B) + bool(Twice.A) + Step.THIRD.value"
    ),
    "members of a class of one's own": "n = Own.B.value + Own(3).twice() - (Own.A is Own['B'])",
    "names of members": "n = len(Kind.MAX.name + str(isinstance(1, Kind)))",
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
        "try:\n    n = 3 + nn.Conv2d(1, 1, 1).transposed\nexcept AttributeError:\n    n = 7",
        "try:\n    n = 31**12 % 7\nexcept Exception:\n    n = 7",
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


def test_what_all_texts_share_stays_what_it_is():
    for text in ("nonlocal len\nlen = lambda x: 77\n", "if 1:\n    nonlocal sum\n    del sum\n"):
        read(text + text_of("return x"))
        assert read(text_of("return self.c(x)", "self.c = nn.Linear(3, len([1] * sum([2, 3])))")).parameters == 20


def test_an_enumeration_of_thousands_is_made_at_once():
    members = "".join(f"    A{i} = {i}\n" for i in range(6000))
    with within(2):
        source = read(f"from enum import Enum\nclass K(Enum):\n{members}" + text_of("return x"))
    assert source.parameters == 0


def test_gradients_of_one_s_own_are_bounded_all_together():
    backward = "for _ in range(9000):\n            gradient = gradient * 1.0\n        return gradient"
    text = SIGNS.replace("return gradient.neg() * ctx.share, None", backward + ", None")
    text = text.replace(
        "return Turned.apply(", "for _ in range(9):\n            x = Turned.apply(x, 0.5)\n        return ("
    )
    network = read(text.replace(", 0.5)\n\n", ")\n\n")).build()
    with pytest.raises(NotationError):
        network(torch.rand(2, 3, 6, 6, requires_grad=True)).sum().backward()


def test_large_gradients_are_no_numbers_that_a_text_makes():
    text = SIGNS.replace("passed = gradient.clone()", "passed = gradient.clone() * 1.0 * 1.0 * 1.0")
    network = read(text).build()
    images = torch.rand(9, 3, 770, 770)
    network(images).sum().backward()
    assert network.conv.weight.grad is not None


HELPERS = """
def test():
    return Net()(torch.zeros(2, 3, 8, 8)).shape

def count():
    return sum(p.numel() for p in Net().parameters())

def pair():
    return Net(), Net()

def outer():
    def inner():
        return Net(9)
    return 3

"""


def test_a_function_that_gives_no_network_is_none_that_is_meant():
    text = text_of("return self.c(x)", "self.c = nn.Conv2d(3, n, 1)").replace("(self):", "(self, n=4):")
    assert [one.name for one in read(text + HELPERS).candidates] == ["Net"]
    made = "def small():\n    return Net(2).to(device)\n\ndef large():\n    net = Net(5)\n    return net\n"
    source = read(text + HELPERS + made)
    assert [one.name for one in source.candidates] == ["small", "large"] and source.parameters == 8


REACHING = {
    "weights of anywhere": (
        "from torchvision.models._api import Weights, WeightsEnum\n"
        "class Mine:\n    def get_state_dict(self): return 1\n"
        "class W(WeightsEnum):\n    A = Weights(url='file:///x', transforms=None, meta={})\n",
        "m = Mine()\nif isinstance(W.A, W):\n    W.A.get_state_dict()",
    ),
    "a configuration of a file": (
        "from yacs.config import CfgNode\nclass Mine:\n    def merge_from_file(self, x): return 1\n",
        "if isinstance(3, str):\n    CfgNode().merge_from_file('/x')",
    ),
    "a checkpoint of anywhere": (
        "import pytorch_lightning as pl\nclass Mine:\n    def load_from_checkpoint(self, x): return 1\n",
        "if isinstance(3, str):\n    pl.LightningModule.load_from_checkpoint('x')",
    ),
    "a book's functions": ("", "if isinstance(3, str):\n    d2l.init_cnn(self)"),
}


@pytest.mark.parametrize("kind", REACHING)
def test_what_a_package_could_do_is_not_written_into_a_file(kind):
    above, init = REACHING[kind]
    source = read(above + text_of("return self.c(x)", f"{init}\nself.c = nn.Linear(3, 2)"))
    assert source.parameters == 8
    with pytest.raises(NotationError):
        written(source)


def test_a_package_is_there_for_several_readers_at_once():
    text = "import torchvision.transforms.functional as TF\n" + text_of("return TF.hflip(TF.vflip(x))")
    networks = [read(text).build() for _ in range(6)]
    x = torch.rand(1, 3, 4, 4)
    with ThreadPoolExecutor(6) as pool:
        for network in networks:
            found = list(pool.map(lambda _, one=network: one(x), range(6)))
            assert all(torch.equal(one, x.flip(2, 3)) for one in found)


def test_weights_that_a_text_loads_are_none_of_what_it_is():
    text = text_of("return self.c(x)", "self.c = nn.Linear(3, 2)\nself.load_state_dict(torch.load('net.pt'))")
    assert read(text).parameters == 8


def test_settings_of_a_dataclass_are_what_a_network_of_them_is_offered():
    head = "from dataclasses import dataclass\n@dataclass\nclass Settings:\n    width: int = 6\n"
    body = text_of("return self.c(x)", "self.c = nn.Conv2d(3, config.width, 1)")
    source = read(head + body.replace("(self):", "(self, config: Settings):"))
    assert [(one.name, one.text) for one in source.arguments] == [("config", "Settings()")] and source.parameters == 24


def test_layers_that_quantise_and_distributions():
    init = (
        "self.q, self.c, self.s = torch.ao.quantization.QuantStub(), nn.Conv2d(3, 4, 1), nn.quantized.FloatFunctional()"
    )
    network = read(text_of("y = self.c(self.q(x))\nreturn self.s.add(y, self.s.mul(y, y))", init)).build()
    x = torch.rand(2, 3, 4, 4)
    y = network.c(x)
    assert torch.equal(network(x), y + y * y)
    head = "from torch.distributions import Categorical, Normal\n"
    text = text_of(
        "d = Normal(x, x.exp())\na = Categorical(logits=x)\nreturn d.log_prob(x * 2), d.entropy(), "
        "a.log_prob(x.argmax(-1)), a.entropy(), a.sample()"
    )
    found, x = read(head + text).build(), torch.rand(2, 5)
    normal, choice = torch.distributions.Normal(x, x.exp()), torch.distributions.Categorical(logits=x)
    wanted = (normal.log_prob(x * 2), normal.entropy(), choice.log_prob(x.argmax(-1)), choice.entropy())
    *results, sample = found(x)
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(results, wanted, strict=True))
    assert sample.shape == (2,)
