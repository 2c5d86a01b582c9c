"""A class that was read, written into a file: it makes the same network, and says nothing that the reader does not
know, also in lines that are never carried out."""

import pytest
import torch

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import read, written
from tests.networks.source import architectures, hostile
from tests.networks.source.test_architectures import TEXT

HARMLESS = {  # refused by the reader for its own sake, and no way out of a file
    *("inner modules", "inner text", "inner forward", "format width", "percent width", "percent"),
    *("no super", "decorator", "generator", "await"),
    *("percent star", "percent precision", "percent of a function", "kind of torch", "setter of torch"),
    *("a parameter's own", "namedtuple of words", "namespace of Python's"),
}


@pytest.mark.parametrize("name", architectures.NETWORKS)
def test_the_file_makes_the_same_network(name):
    made, shapes = architectures.NETWORKS[name]
    source = read(f"{TEXT}\nmodel = {made}", made.partition("(")[0])
    file = written(source)
    names: dict = {}
    exec("\n".join([*file.imports, file.definitions]), names)
    networks = []
    for make in (lambda: eval(file.network, names), source.build):
        torch.manual_seed(3)
        networks.append(make().eval())
    inputs = [torch.rand(2, *shape) for shape in shapes]
    assert torch.equal(*(network(*inputs) for network in networks))


@pytest.mark.parametrize("name", sorted(hostile.REFUSED.keys() - HARMLESS))
def test_what_is_never_carried_out_is_not_written_either(name):
    """The hostile line stands behind a return, so that the reader never meets it."""
    text = hostile.REFUSED[name].replace(
        "self.fc = nn.Linear(4, 2)\n", "self.fc = nn.Linear(4, 2)\n        if True: return\n"
    )
    text = text.replace("        x.", "        return self.fc(x)\n        x.")
    with pytest.raises(NotationError):
        written(read(text))


def test_names_that_are_put_together_begin_with_letters_that_are_written_there():
    text = hostile.net(init="self.fc1 = nn.Linear(4, 4)", forward='for i in (1,): x = getattr(self, f"fc{i}")(x)')
    assert 'getattr(self, f"fc{i}")' in written(read(text)).definitions.replace("'", '"')
    for name in ('f"{i}fc"', '"_" + "_class__"', '"{}".format("a")', '"__dict__"'):
        hidden = hostile.net(forward=f"return self.fc(x)\ngetattr(self, {name})")
        with pytest.raises(NotationError):
            written(read(hidden))


def test_a_name_of_torch_s_own_does_not_come_in_by_an_attribute_of_the_text():
    for name in ("numpy", "register_hook", "load_state_dict"):
        hidden = hostile.net(init=f"if False: self.{name} = 1", forward=f"return self.fc(x)\nx.{name}('a')")
        with pytest.raises(NotationError):
            written(read(hidden))


ALIASES = {
    "a module by another name": 'other = torch\nother.load("a")',
    "a part of one by another name": 'other = torch.nn\nother.load("a")',
    "a module in a list": '[torch][0].load("a")',
    "a module as an argument": 'print(torch).load("a")',
    "a module that is imported within": 'import torch\ntorch.load("a")',
    "one that is imported within by another name": 'import torch as other\nother.load("a")',
    "one that is imported within from another": 'from torch import nn as other\nother.load("a")',
    "a module's name that is bound elsewhere": 'lambda torch: 0\ntorch.load("a")',
    "getattr by another name": 'other = getattr\nother(self, "_" * 2 + "dict_" + "_")',
    "getattr as an argument": 'functools.reduce(getattr, ["_" * 2 + "dict_" + "_"], self)',
    "the machine's environment": 'import os\nos.environ.get("A")',
}


@pytest.mark.parametrize("name", ALIASES)
@pytest.mark.parametrize("head", ["", "import torch\nimport functools\nfrom torch import nn\n"])
def test_nothing_that_is_never_carried_out_goes_by_another_name(head, name):
    """An attribute that the text has given something of its own makes no way to a module's of that name."""
    hidden = head + hostile.net(init="if False: self.load = 1", forward=f"return self.fc(x)\n{ALIASES[name]}")
    with pytest.raises(NotationError):
        written(read(hidden))


def test_a_name_that_only_resembles_a_module_s_is_written():
    text = hostile.net(forward="init, copy, math = 1, 2, 3\nreturn self.fc(x) * (init + copy + math)")
    assert "init + copy + math" in written(read(text)).definitions
