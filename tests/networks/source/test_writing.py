"""A class that was read, written into a file: it makes the same network, and says nothing that the reader does not
know, also in lines that are never carried out."""

import ast

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


@pytest.mark.parametrize("name", sorted({**hostile.REFUSED, **hostile.ASIDE}.keys() - HARMLESS))
def test_what_is_never_carried_out_is_not_written_either(name):
    """The hostile line stands behind a return, so that the reader never meets it."""
    text = {**hostile.REFUSED, **hostile.ASIDE}[name].replace(
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


POWERFUL = {  # what stands in a text beside its network, and may not reach a file
    "a module behind one for annotations": ("from dataclasses import builtins as b\n", "def u(self): b.exec('1')", ""),
    "another behind typing": ("from typing import sys\n", "def u(self): sys.modules", ""),
    "a builtin that is bound elsewhere": ("", "def u(self, eval): pass\n    def v(self): eval('1')", ""),
    "a builtin that a comprehension binds": ("", "def u(self): [0 for exec in [1]]", ""),
    "a builtin that a line sets": ("", "def u(self):\n        open = 1", ""),
    "a builtin that a class sets": ("", "exec = 1", ""),
    "attributes by the names of arguments": ("", "def u(self, f_globals, os): return nn.Linear.f_globals.os", ""),
    "Python's own by the names of arguments": ("", "def u(self, __globals__): return self.__globals__", ""),
    "Python's own by attributes that are set": ("", "def u(self): self.__globals__ = 1", ""),
    "a generator's frame": ("", "def u(self):\n        self.gi_frame = 1\n        return (0 for i in []).gi_frame", ""),
    "a frame by its name": ("", "def u(self): return getattr(self, 'gi_frame')", ""),
    "a frame by a name that is put together": ("", "def u(self, a): return getattr(self, f'gi_{a}')", ""),
    "a method of Python's": ("", "def __reduce__(self): return print, ()", ""),
    "type under another name": ("", "def u(self):\n        t = type\n        return t('a', (), {})", ""),
}


@pytest.mark.parametrize("name", POWERFUL)
def test_a_file_has_no_more_power_than_the_text_was_seen_to_have(name):
    above, lines, below = POWERFUL[name]
    text = hostile.net(above=above).replace("    def forward", f"    {lines}\n\n    def forward") + f"\n{below}\n"
    with pytest.raises(NotationError):
        written(read(text))


def test_the_call_that_makes_a_network_is_gone_through_too():
    text = hostile.net().replace("def __init__(self)", "def __init__(self, act)")
    for call in ("Net(act=lambda x: nn.Linear.forward.__globals__)", "Net(sys.modules['os'].system('a'))"):
        with pytest.raises(NotationError):
            written(read(f"{text}\ndef main():\n    return {call}\n"))
    given = read(f"{text}\ndef main():\n    return Net(1)\n")
    assert written(given).network == "Net(act=1)"


def test_the_name_of_a_tuple_is_no_code():
    text = "from collections import namedtuple\n" + hostile.net().replace("def __init__(self)", "def __init__(self, k)")
    file = written(read(f"{text}\nm = Net(namedtuple(\"print('a')\", 'a'))\n"))  # a word still
    assert {one.id for one in ast.walk(ast.parse(file.network)) if isinstance(one, ast.Name)} == {"Net", "namedtuple"}
    with pytest.raises(NotationError):
        written(read(f"{text}\nm = Net(namedtuple('print', 'a'))\n"))


def test_names_as_learners_have_them_are_written():
    text = hostile.net(init="self.input, self.type_, self.f1 = 1, 2, 3").replace(
        "forward(self, x)", "forward(self, input)"
    )
    text = text.replace("self.fc(x)", "self.fc(input)")
    assert "def forward(self, input)" in written(read(text)).definitions
