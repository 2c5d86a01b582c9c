"""Forward hooks of a text that keep what a layer gives: what forward reads of it is what Python's would read."""

import copy

import pytest
import torch

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from cnnviz.tracing import trace
from tests.networks.source.test_reading import HEAD, same, text_of

ABOVE = """
from functools import partial


class Keeper:
    seen = None

    def __init__(self, layer):
        self.handle = layer.register_forward_hook(self.look)

    def look(self, layer, given, result):
        self.seen = result

    def remove(self):
        self.handle.remove()


class Rows:
    def __init__(self, layers):
        self.rows = []
        for one in layers:
            one.register_forward_hook(lambda layer, given, result: self.rows.append(result))

    def taken(self):
        rows = [*self.rows]
        self.rows.clear()
        return rows


kept = {}


def at_the_top(layer, given, result):
    kept["top"] = result * 2


def named(where, name):
    def hook(layer, given, result):
        where[name] = result.clone()
    return hook


"""
METHODS = """
    def keep(self, name):
        def hook(layer, given, result):
            self.found[name] = result
        return hook

    def look(self, layer, given, result):
        self.last = result + given[0].mean()

    def before(self, layer, given):
        self.first = given[0]

    def with_names(self, layer, args, kwargs, result):
        self.last = result * kwargs["scale"]

    def by_name(self, name, layer, given, result):
        self.found[name] = result
"""
BODY = "self.body = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1))\n"
NETWORKS = {
    "of another object": (
        "self.keepers = [Keeper(self.body[i]) for i in (0, 2)]",
        "y = self.body(x)\nreturn y + self.keepers[0].seen * self.keepers[1].seen",
    ),
    "a function within a method": (
        "self.found = {}\nself.body[1].register_forward_hook(self.keep('relu'))",
        "self.body(x)\nreturn self.found['relu']",
    ),
    "a method": ("self.body.register_forward_hook(self.look)", "self.body(x)\nreturn self.last"),
    "before": ("self.body[2].register_forward_pre_hook(self.before)", "y = self.body(x)\nreturn y - self.first"),
    "of a row": (
        "self.rows = Rows([self.body[0], self.body[1]])",
        "self.body(x)\nreturn torch.cat(self.rows.taken(), 1)",
    ),
    "at the top": ("self.body[0].register_forward_hook(at_the_top)", "self.body(x)\nreturn kept['top']"),
    "in a dictionary": (
        "self.found = {}\nfor i, one in enumerate(self.body):\n    one.register_forward_hook(named(self.found, i))",
        "self.body(x)\nreturn sum(self.found.values())",
    ),
    "partial": (
        "self.found = {}\nself.body[0].register_forward_hook(partial(self.by_name, 'a'))",
        "self.body(x)\nreturn self.found['a']",
    ),
    "removed": (
        "self.keeper = Keeper(self.body[0])\nself.other = Keeper(self.body[1])\nself.other.remove()",
        "y = self.body(x)\nreturn y + self.keeper.seen if self.other.seen is None else y",
    ),
    "called twice": (
        "self.c = nn.Conv2d(3, 3, 1)\nself.keeper = Keeper(self.c)",
        "a = self.c(x)\nb = self.c(x + 1)\nreturn a + self.keeper.seen * 3",
    ),
    "on a layer of its own": (
        "self.block = Block()\nself.keeper = Keeper(self.block)",
        "self.block(x)\nreturn self.keeper.seen",
    ),
    "only looking": (
        "self.body[0].register_forward_hook(lambda layer, given, result: print(result.detach().numpy()))",
        "return self.body(x)",
    ),
    "of a kind": (
        "for one in self.body:\n    one.register_forward_hook(at_the_top)",
        "return self.body(x) if type(self.body[0]) == nn.Conv2d and isinstance(self.body[1], nn.ReLU) else x",
    ),
}
BLOCK = text_of("return F.relu(self.c(x))", "self.c = nn.Conv2d(3, 2, 1)", "Block")


@pytest.mark.parametrize("kind", NETWORKS)
def test_what_a_hook_keeps_is_what_python_keeps(kind):
    init, forward = NETWORKS[kind]
    network = same(ABOVE + BLOCK + text_of(forward, BODY + init) + METHODS, (3, 6, 6))
    expected = network(torch.rand(2, 3, 6, 6)).shape
    assert trace(network, (2, 3, 6, 6))[-1].output_shape == tuple(expected)


@pytest.mark.parametrize("kind", ["of another object", "a function within a method", "partial"])
def test_a_copy_has_what_its_own_layers_give(kind):
    init, forward = NETWORKS[kind]
    network = read(HEAD + ABOVE + text_of(forward, BODY + init) + METHODS, "Net").build()
    one, other = torch.rand(2, 3, 6, 6), torch.rand(2, 3, 6, 6)
    with torch.no_grad():
        first = network(one)
        twin = copy.deepcopy(network)
        second = twin(other)
        assert torch.equal(twin(one), first) and torch.equal(network(other), second)
    network(one).sum().backward()
    assert network.body[0].weight.grad is not None and twin.body[0].weight.grad is None


def test_a_network_with_hooks_is_trained():
    init, forward = NETWORKS["a function within a method"]
    network = read(HEAD + ABOVE + text_of(forward, BODY + init) + METHODS, "Net").build()
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    x, losses = torch.rand(4, 3, 6, 6), []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (network(x) - 1).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_what_a_layer_gives_to_a_hook_is_not_said_to_be_thrown_away():
    init, forward = NETWORKS["a function within a method"]
    conv = "self.body = nn.Conv2d(3, 4, 1)\n" + init.replace("self.body[1]", "self.body")
    source = read(HEAD + ABOVE + text_of(forward, conv) + METHODS, "Net")
    assert not any("throws it away" in one for one in source.notes)


def test_what_a_hook_cannot_keep_is_refused_where_it_is_used():
    methods = "\n    def look(self, layer, given, result):\n        self.last = result.numpy()\n"
    init = BODY + "self.body.register_forward_hook(self.look)"
    network = read(HEAD + text_of("return self.body(x)", init) + methods, "Net").build()
    assert network(torch.rand(1, 3, 6, 6)).shape == (1, 4, 6, 6)
    network = read(HEAD + text_of("self.body(x)\nreturn self.last", init) + methods, "Net").build()
    with pytest.raises(NotationError, match="numpy"):
        network(torch.rand(1, 3, 6, 6))


@pytest.mark.parametrize("hook", ["lambda m, x, y: y * 3", "changing", "F.relu"])
def test_a_hook_that_changes_what_it_sees_is_refused(hook):
    above = "def changing(m, x, y):\n    kept = y\n    return kept + 1\n"
    with pytest.raises(NotationError, match="hook"):
        read(
            HEAD
            + above
            + text_of("return self.c(x)", f"self.c = nn.Linear(3, 2)\nself.c.register_forward_hook({hook})")
        ).build()


def test_a_layer_with_a_hook_is_not_copied():
    init = BODY + "import copy\nself.keeper = Keeper(self.body[0])\nself.other = copy.deepcopy(self.body)"
    with pytest.raises(NotationError, match="hook"):
        read(HEAD + ABOVE + text_of("return self.other(x)", init), "Net").build()
