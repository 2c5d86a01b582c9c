"""Statements and members of classes as people write them: what is made of them computes what Python computes."""

import pytest
import torch

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from cnnviz.server import following
from cnnviz.tracing import trace
from tests.networks.source.test_reading import HEAD, same, text_of

IN_PLACE = [  # lines of a forward with a layer self.l
    "kept = x + 0\ny = kept\ny += F.relu(self.l(x))\nreturn y + kept",
    "y = self.l(x)\nrow = [y, y]\nrow[0] *= 2\nreturn row[1] - 1",
    "y = self.l(x)\nfirst = y[:, 0]\nfirst -= 3\nreturn y",
    "y = self.l(x)\ny[:, 1:] /= 4\ny **= 2\nreturn y",
    "y = self.l(x)\nother = y\ny = y + 1\nother += 5\nreturn y * other",
    "y = torch.arange(4)\nother = y\ny //= 2\ny %= 2\nreturn x + other",
    "rows = []\nsame = rows\nrows += [self.l(x)]\nrows += (x,)\nreturn torch.cat(same, 1)",
    "total = 0\nfor one in (x, self.l(x)):\n    total += one\nreturn total",
]


@pytest.mark.parametrize("forward", IN_PLACE)
def test_what_is_changed_in_place_is_changed_for_all_its_names(forward):
    same(text_of(forward, "self.l = nn.Linear(4, 4)"), (4,))


WEIGHTS = [  # lines of an __init__ with a layer self.l
    "with torch.no_grad():\n    self.l.weight *= 2\n    self.l.bias += 1",
    "self.l.bias.data += 0.5",
    "self.steps = 1\nself.steps += 2\nself.steps <<= 1\nself.l.bias.data.fill_(self.steps)",
    "self.layers = nn.ModuleList([self.l])\nself.layers += [nn.ReLU(), nn.Linear(4, 4)]",
    "self.layers = nn.Sequential(self.l) + nn.Sequential(nn.ReLU())\nself.layers += nn.Sequential(nn.Linear(4, 4))",
    "self.more = nn.Linear(4, 4)\ndel self.more\nself.k = 2\ndel self.k\nself.k = 3",
    "self.layers = nn.ModuleList([self.l, nn.ReLU(), nn.Linear(4, 4)])\ndel self.layers[1]",
    "self.type = 'wide'\nself.half = 2\nassert self.type == 'wide' and self.half == 2",
    "for i in range(2):\n    self.add_module('layer%d' % i, nn.Linear(4, 4))\nself.l = self.layer1",
    "print('%d layers' % undefined, unknown.name)\nprint(self.l.weight.min().item())",
]


@pytest.mark.parametrize("init", WEIGHTS)
def test_layers_and_weights_are_changed_as_python_changes_them(init):
    if "undefined" in init:  # which stops Python, and no reader of a network
        assert read(HEAD + text_of("return self.l(x)", f"self.l = nn.Linear(4, 4)\n{init}")).parameters == 20
        return
    text = text_of(
        "for one in getattr(self, 'layers', [self.l]):\n    x = one(x)\nreturn x", f"self.l = nn.Linear(4, 4)\n{init}"
    )
    same(text, (4,))


OUTSIDE = {  # modules that no one here has, and what stands beside a network in its class
    "import absent\nlogger = absent.getLogger('a')\n": ("logger.info('made')\nlogger.info('%d', 3)", ""),
    "import absent.optim as optim\n": ("self.optimizer = optim.Adam(self.parameters(), lr=0.1)\nself.t = optim.x", ""),
    "import absent\n": (
        "absent.warn('old')\nbegun = absent.time()\nself.spent = absent.time() - begun",
        "absent.beat()",
    ),
    "from absent import Metric\n": ("self.seen, self.last = Metric(), Metric(2)", "Metric().add(x.shape[0])"),
}


@pytest.mark.parametrize("above", OUTSIDE)
def test_what_is_no_network_is_passed_over_within_a_method(above):
    init, forward = OUTSIDE[above]
    text = HEAD + above + text_of(f"{forward or 'pass'}\nreturn self.l(x)", f"self.l = nn.Linear(4, 2)\n{init}")
    network = read(text).build()
    x = torch.rand(3, 4)
    assert torch.equal(network(x), network.l(x)) and len(trace(read(text).weightless(), (1, 4))) == 1


USED = [  # what may be a part of the network, or change it
    ("self.l = absent.Layer(4)", "return self.l(x)"),
    ("self.l = nn.Sequential(absent.Layer(4))", "return self.l(x)"),
    ("self.l = nn.ModuleList()\nself.l.append(absent.Layer(4))", "return x"),
    ("self.l = nn.Linear(4, 4)\nabsent.fill_(self.l.weight)", "return self.l(x)"),
    ("self.l = nn.Linear(4, 4)\nabsent.prune(self.l)", "return self.l(x)"),
    ("self.l = nn.Linear(4, 4)\nabsent.change([self.l])", "return self.l(x)"),
    ("self.l = nn.Linear(4, absent.width)", "return self.l(x)"),
    ("self.add_module('l', absent.Layer(4))", "return x"),
    ("pass", "y = absent.rearrange(x, 'b c -> c b')\nreturn y"),
    ("pass", "absent.double_(x)\nreturn x"),
    ("self.n = absent.width\nself.n += 1", "return x * self.n"),
]


@pytest.mark.parametrize(("init", "forward"), USED)
def test_what_is_not_read_is_refused_where_the_network_needs_it(init, forward):
    with pytest.raises((NotationError, ValueError)) as refused:
        trace(read(HEAD + "import absent\n" + text_of(forward, init)).weightless(), (1, 4))
    assert "absent" in str(refused.value)


TRIES = {
    "try:\n    from absent import Layer\nexcept ImportError:\n    Layer = nn.Linear": "Layer(4, 2)",
    "try:\n    from absent import Layer\n    there = 3\nexcept ImportError:\n    from torch.nn import Linear as Layer\n"
    "    there = 2": "Layer(4, there)",
    "try:\n    import absent\nexcept (ModuleNotFoundError, ValueError) as error:\n    absent = None\nfinally:\n"
    "    wide = 2": "nn.Linear(4, wide) if absent is None else absent.Layer()",
    "try:\n    import math\n    n = 2\nexcept ImportError:\n    n = 9\nelse:\n    n += 1": "nn.Linear(4, n)",
    "try:\n    import absent\nexcept:\n    n = 5": "nn.Linear(4, n)",
}


@pytest.mark.parametrize("attempt", TRIES)
def test_where_an_import_is_not_read_its_handler_is_carried_out(attempt):
    text = text_of("return self.l(x)", f"{attempt}\nself.l = {TRIES[attempt]}")
    same(text, (4,))


ASSERTED = ["not torch.isnan(x).any()", "x.min().item() >= 0, 'negative'", "(x < 2).all() and x.max() < 2"]


@pytest.mark.parametrize("held", ASSERTED)
def test_what_is_asserted_of_numbers_is_asked_where_there_are_some(held):
    text = HEAD + text_of(f"assert {held}\nreturn self.l(x)", "self.l = nn.Linear(4, 2)")
    assert len(trace(read(text).weightless(), (1, 4))) >= 1
    network = read(text).build()
    assert network(torch.rand(2, 4)).shape == (2, 2)
    with pytest.raises(NotationError):
        network(torch.full((2, 4), float("nan") if "isnan" in held else -1.0 if "min" in held else 3.0))
    with pytest.raises(ValueError, match="assert"):
        trace(read(HEAD + text_of("assert x.dim() == 3\nreturn x")).weightless(), (1, 4))


CLASSES = {  # classes above the network, its __init__ and its forward
    "a function is handed over": (
        "class Res(nn.Module):\n    def forward(self, x, f, *, seen=None):\n"
        "        seen.append(2)\n        return x + f(x) * sum(seen)\n",
        "self.r = Res()\nself.l = nn.Linear(4, 4)",
        "seen = [1]\ny = self.r(x, lambda t: self.l(t), seen=seen)\nreturn self.r(y, F.relu, seen=seen) * len(seen)",
    ),
    "an object and a class are handed over": (
        "class Config:\n    width = 3\n\n    def __init__(self, k):\n        self.k = k\n\n"
        "class Res(nn.Module):\n    def forward(self, x, config, kind):\n"
        "        return kind()(x) * config.k + config.width\n",
        "self.r = Res()\nself.config = Config(5)",
        "return self.r(x, self.config, nn.Tanh)",
    ),
    "special names of a class": (
        "class Own(nn.Module):\n    __constants__ = ['n']\n    __slots__: tuple = ()\n    __version__ = 2\n"
        "    n: int = 3\n\n"
        "    def forward(self, x):\n        return x * self.n\n",
        "self.o = Own()",
        "return self.o(x)",
    ),
    "a network of parts": (
        "class Parts(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.l = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])\n\n    def __len__(self):\n"
        "        return len(self.l)\n\n    def __getitem__(self, index):\n        return self.l[index]\n\n"
        "    def __iter__(self):\n        return iter(self.l)\n\n    def forward(self, x):\n"
        "        for one in self:\n            x = one(x)\n        return x * len(self)\n",
        "self.p = Parts()",
        "return self.p(x) + self.p[-1](x)",
    ),
    "decorators that change nothing": (
        "from abc import ABC, abstractmethod\nfrom functools import lru_cache, wraps\n\n"
        "def doubled(function):\n    @wraps(function)\n    def inner(*args, **kwargs):\n"
        "        return function(*args, **kwargs) * 2\n    return inner\n\n"
        "class Base(nn.Module, ABC):\n    @abstractmethod\n    def act(self, x): ...\n\n"
        "    @torch.jit.unused\n    @lru_cache(maxsize=None)\n    def width(self):\n        return 4\n\n"
        "    @torch.jit.export\n    def forward(self, x):\n        return self.act(x) + self.width()\n\n"
        "class Own(Base):\n    @property\n    def k(self):\n        return self._k\n\n    @k.setter\n"
        "    def k(self, value):\n        self._k = value * 3\n\n    @doubled\n    def act(self, x):\n"
        "        return x * self.k\n",
        "self.o = Own()\nself.o.k = 2",
        "return self.o(x) if not torch.jit.is_scripting() else x",
    ),
    "a place with a name": (
        "from collections import namedtuple\nOut = namedtuple('Out', 'mean last')\n",
        "self.l = nn.Linear(4, 4)",
        "out = Out(last=self.l(x), mean=x.mean())\nmean, last = out\nreturn out.last * mean + out[1]",
    ),
    "what a hook sees": (
        "",
        "self.l = nn.Linear(4, 4)\nself.l.register_forward_hook(self.look)",
        "y = self.l(x)\nif y.requires_grad:\n    y.register_hook(self.keep)\nreturn y\n\n"
        "def look(self, module, given, result):\n    self.seen = result\n\ndef keep(self, grad):\n    self.grad = grad",
    ),
}


@pytest.mark.parametrize("kind", CLASSES)
def test_classes_around_a_network_do_what_they_do_in_python(kind):
    above, init, forward = CLASSES[kind]
    text = f"{above}\n\n" + text_of(forward, init).replace("        def ", "    def ")
    same(
        text.replace("            self.seen", "        self.seen").replace(
            "            self.grad", "        self.grad"
        ),
        (4,),
    )


def test_lightning_keeps_what_its_network_was_given():
    text = (
        "import pytorch_lightning as pl\n\nclass Net(pl.LightningModule):\n"
        "    def __init__(self, width, classes=3, **more):\n        super().__init__()\n"
        "        self.save_hyperparameters()\n        self.l = nn.Linear(self.hparams.width, self.hparams.classes)\n\n"
        "    def forward(self, x):\n        return self.l(x)\n\nmodel = Net(4)\n"
    )
    assert read(HEAD + text).parameters == 4 * 3 + 3


SAID = [  # a class with `init` and `forward`, and a word of what is said
    ("self.fc1 = nn.Linear(4, 4)\nfc2 = nn.Linear(4, 4)", "return self.fc2(self.fc1(x))", ["self.fc2", "line"]),
    ("self.fc1 = nn.Linear(4, 4)", "return fc1(x)", ["self.fc1"]),
    ("self.a = nn.Linear(4, 4)", "return x @ self.a._parameters['weight']", ["_parameters", "named_parameters()"]),
    ("self.a = nn.Linear(4, 4)", "self._modules['a'] = 1\nreturn self.a(x)", ["a layer is wanted"]),
    ("self.a = nn.Linear(4, 4)", "return self.a._get_name()", ["type(self).__name__"]),
    ("pass", "import einops\nreturn einops.rearrange(x, 'b c d -> b (c d)')", ["b c d", "3 axes", "1 × 4"]),
    ("from timm.layers import create_act\nself.d = create_act('relu')", "return self.d(x)", ["timm", "paste"]),
    ("pass", "return torch.autograd.grad(x)", ["autograd", "gradients by itself"]),
    ("self.l = nn.Linear(4, 4)", "return nn.utils.weight_norm(self.l)(x)", ["__init__"]),
]


@pytest.mark.parametrize(("init", "forward", "words"), SAID)
def test_what_is_wrong_is_said_with_what_to_write(init, forward, words):
    with pytest.raises((NotationError, ValueError)) as refused:
        trace(read(HEAD + text_of(forward, init)).weightless(), (1, 4))
    assert all(word in str(refused.value) for word in words)
    assert "did you mean" not in str(refused.value)


AS_OTHERS_WRITE = {  # what stands in __init__, in forward
    "is of words": (
        "kind, n = 'max', 3\nself.pool = nn.MaxPool2d(2) if kind is 'max' else nn.AvgPool2d(4)\nassert n is not 4",
        "return self.pool(x)",
    ),
    "names put together": ("self.__setattr__('fc%d' % 2, nn.Conv2d(3, 4, 1))", "return self.__getattr__('fc2')(x)"),
    "a look for what is no number": (
        "self.conv = nn.Conv2d(3, 4, 1)",
        "if torch.isnan(x).any():\n    print('nan')\nelse:\n    pass\nif x.max() > 9:\n    raise ValueError(x)\n"
        "return self.conv(x)",
    ),
    "what torch keeps of a pooling": (
        "self.pool = nn.MaxPool2d(2, return_indices=False)",
        "return F.max_pool2d(x, self.pool.kernel_size, return_indices=self.pool.return_indices)",
    ),
}


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("kind", AS_OTHERS_WRITE)
def test_what_others_write_is_read_as_python_does(kind):
    init, forward = AS_OTHERS_WRITE[kind]
    text = text_of(forward, init)
    network = same(text, (3, 8, 8))
    assert trace(network, (1, 3, 8, 8))


REGISTRY = """
KINDS = {}

def register(name):
    def keep(kind):
        KINDS[name] = kind
        return kind
    return keep

class Shelf:
    def __init__(self):
        self.kinds = {}

    def register_module(self, kind):
        self.kinds[kind.__name__] = kind
        return kind

SHELF = Shelf()

@register("block")
@SHELF.register_module
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        return self.conv(x)

"""


@pytest.mark.parametrize("found", ["KINDS['block']()", "SHELF.kinds['Block']()"])
def test_a_class_that_is_kept_by_its_name_is_found_there(found):
    same(REGISTRY + text_of("return self.one(x)", f"self.one = {found}"), (3, 8, 8))


def test_a_decorator_that_gives_no_class_is_refused():
    with pytest.raises(NotationError) as refused:
        read(f"def forget(kind):\n    return 3\n\n@forget\n{text_of('return x')}")
    assert refused.value.line == 4


def test_where_a_condition_asks_for_numbers_its_line_is_told():
    text = text_of("if x.max() > 1:\n    x = x / 255\nreturn x")
    traced = following.trace("", text, (1, 3, 8, 8), "", (), (), lambda _: None)
    assert traced.error and not traced.steps and traced.mark == (7, 12)


def test_what_does_not_fit_within_a_condition_is_not_passed_over():
    text = text_of("if (self.fc(x) > 0).any():\n    print('high')\nreturn x", "self.fc = nn.Linear(5, 2)")
    traced = following.trace("", text, (1, 3, 8, 8), "", (), (), lambda _: None)
    assert traced.stopped is not None and traced.stopped.layer == "fc"


def test_a_dropout_under_a_question_for_training_is_no_mistake():
    asked = "if self.training:\n    x = F.dropout(x, 0.2)\nreturn x if self.training is False else F.dropout2d(x)"
    assert read(text_of(asked)).notes == ()
    assert len(read(text_of("x = F.dropout(x, 0.2)\nreturn x")).notes) == 1


PRIVATE = """
class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.__pad = 1
        self.__conv = nn.Conv2d(3, width, 3)
        self.__fill()

    def __fill(self):
        nn.init.ones_(self.__conv.weight)

    def forward(self, x):
        return self.__conv(F.pad(x, [self.__pad] * 4))

class Net(Block):
    def __init__(self):
        super().__init__(4)
        self.__pad = 3

    def forward(self, x):
        return F.pad(super().forward(x), [self.__pad] * 4)

"""


def test_names_with_two_underscores_belong_to_their_class():
    network = same(PRIVATE, (3, 6, 6))
    assert list(network.state_dict()) == ["_Block__conv.weight", "_Block__conv.bias"]


FIELDS = """
from dataclasses import dataclass, field

@dataclass
class Sizes:
    widths: list = field(default_factory=lambda: [8, 16])
    depth: int = field(default=3)
    more: list = field(default_factory=list)

first, second = Sizes(), Sizes(depth=2)
first.more.append(7)
assert second.more == []

"""


def test_fields_of_a_dataclass_are_made_anew_for_each():
    same(FIELDS + text_of("return self.c(x)", "self.c = nn.Conv2d(first.depth, second.widths[1], 1)"), (3, 4, 4))


LOOKED_UP = """
self.patch = nn.Conv2d(3, 8, 4, 4)
self.place, self.code = nn.Embedding(4, 8), nn.Embedding(6, 8)
"""


def test_positions_and_codes_are_looked_up():
    forward = (
        "x = self.patch(x).flatten(2).transpose(1, 2) + self.place(torch.arange(4))\n"
        "return self.code((x.unsqueeze(2) - self.code.weight).pow(2).sum(-1).argmin(-1))"
    )
    network = same(text_of(forward, LOOKED_UP), (3, 8, 8))
    assert trace(network, (1, 3, 8, 8))[-1].output_shape == (1, 4, 8)


@pytest.mark.parametrize("layers", ["nn.Embedding(10, 4)", "nn.Sequential(nn.Embedding(10, 4), nn.ReLU())"])
def test_pictures_are_looked_up_nowhere(layers):
    traced = following.trace(
        "", text_of("return self.e(x)", f"self.e = {layers}"), (1, 3, 8, 8), "", (), (), lambda _: None
    )
    said = traced.error or (traced.stopped.sentence if traced.stopped else "")
    assert "integers" in said and "pictures" in said and traced.mark == (7, 16)


def test_a_class_that_a_function_gives_is_one_of_the_text():
    inner = text_of("return self.c(x)", "self.c = nn.Conv2d(3, 8, 1)").replace("\n", "\n    ")
    same(f"def get():\n    {inner}\n    return Net\n\nNet = get()\n", (3, 4, 4))


def test_a_module_that_only_holds_others_and_a_namespace_of_options():
    options = "from argparse import Namespace\noptions = Namespace(width=8)\n"
    init = "self.down = nn.Module()\nself.down.conv = nn.Conv2d(3, options.width, 3)"
    same(options + text_of("return self.down.conv(x)", init), (3, 8, 8))


RENORMED = [
    "nn.utils.weight_norm(nn.Conv2d(3, 4, 3))\nself.c.weight.data.normal_(0, 0.01)",
    "nn.utils.weight_norm(nn.Conv2d(3, 4, 3), name='weight', dim=None)",
    "nn.utils.spectral_norm(nn.Conv2d(3, 4, 3), n_power_iterations=2)",
    "nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3))",
    "nn.utils.parametrizations.spectral_norm(nn.Conv2d(3, 4, 3))",
]


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("layer", RENORMED)
def test_layers_whose_weights_are_normalised(layer):
    network = same(text_of("return self.c(x)", f"self.c = {layer}"), (3, 8, 8))
    step = trace(network, (1, 3, 8, 8))[0]
    assert step.parameters == sum(one.numel() for one in network.parameters()) and step.macs == 3 * 4 * 9 * 36
    images = torch.rand(2, 3, 8, 8)
    before = network.train()(images)
    torch.optim.SGD(network.parameters(), 0.5).zero_grad()
    before.sum().backward()
    torch.optim.SGD(network.parameters(), 0.5).step()
    assert not torch.equal(network(images), before)
