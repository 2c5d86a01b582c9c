"""A network whose name is given to what a call that is not read makes of it stays what it was."""

import pytest
from torch import nn

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from tests.helpers import refused
from tests.networks.source.test_reading import HEAD, text_of

ROW = "net = nn.Sequential(nn.Flatten(), nn.Linear(6, 5))\n"
TRAINED = """
def fitted(net, loader, epochs=3):
    best = None
    for _ in range(epochs):
        for x, y in loader:
            unheard.step(net(x), y)
            best = copy.deepcopy(net)
    net = net.to("cpu")
    return {given}

"""
REBOUND = {  # the lines, and how many parameters the network has
    "a function that is nowhere": (f"{ROW}net = fit(net, loader)\n", 35),
    "with its history": (f"{ROW}net, losses = fit(net, loader, epochs=4)\n", 35),
    "by a name": (f"{ROW}net = fit(epochs=4, model=net)\n", 35),
    "on a device": (f"{ROW}net = fit(net.to(device))\n", 35),
    "in a row": (f"{ROW}net, loader = prepare([net, loader])\n", 35),
    "of a module that is not read": (f"import unheard\n{ROW}net, opt = unheard.prepare(net, opt)\n", 35),
    "of an object that is not read": (
        f"from unheard import Accelerator\nhelper = Accelerator()\n{ROW}net, loader = helper.prepare(net, loader)\n",
        35,
    ),
    "of an object that is made there": (f"import unheard\n{ROW}net = unheard.Learner(data, net).fit(2)\n", 35),
    "one that is wrapped": (f"{ROW}net = DistributedDataParallel(net, device_ids=[0])\n", 35),
    "what is given beside it": (
        f"import unheard\n{ROW}sgd = unheard.SGD(net.parameters(), lr=0.1)\nnet = nn.DataParallel(net, ids=sgd)\n",
        35,
    ),
    "a function of the text": (f"{TRAINED.format(given='net')}{ROW}net = fitted(net, loader)\n", 35),
    "one that gives a copy": (f"{TRAINED.format(given='best, 0.5')}{ROW}net, found = fitted(net, loader)\n", 35),
    "a method of the text": (
        f"class Trainer:\n    def fit(self, net):\n        net.train()\n        unheard.go(net)\n        return net\n"
        f"trainer = Trainer()\n{ROW}net = trainer.fit(net)\n",
        35,
    ),
    "one of torchvision's": (
        "net = torchvision.models.squeezenet1_1()\nnet.classifier[1] = nn.Conv2d(512, 3, 1)\nnet = fit(net, loader)\n",
        724035,
    ),
    "one that is changed behind": (f"{ROW}net = fit(net, loader)\nnet[1] = nn.Linear(6, 2)\n", 14),
    "twice": (f"{ROW}net = fit(net, first)\nnet = fit(net, second)\n", 35),
}


@pytest.mark.parametrize("kind", REBOUND)
def test_a_network_that_is_trained_is_the_one_that_was_made(kind):
    text, count = REBOUND[kind]
    source = read(HEAD + text)
    assert (source.chosen.name, source.parameters) == ("net", count)
    line = next(i for i, one in enumerate((HEAD + text).splitlines(), 1) if one.startswith(("net = ", "net, ")) and (
        "Sequential" not in one and "models." not in one
    ))  # fmt: skip
    assert sum(f"line {line} " in one and "net" in one for one in source.notes) == 1
    assert sum(one.numel() for one in source.build().parameters()) == count
    assert read(source.complete).parameters == count


OTHERS = {  # lines that make another network of it, and what is refused
    f"{ROW}net = nn.Sequential(net, unheard.Layer(3))\n": "unheard",
    f"{ROW}net = models.unheard(net)\n": "unheard",
    f"{ROW}net = nn.Unheard(net)\n": "Unheard",
    "def widened(net, n):\n    net = nn.Sequential(net, unheard.Layer(n))\n    return net\n" + ROW
    + "net = widened(net, 3)\n": "unheard",
    "def first(net, other):\n    other = unheard.Layer(2)\n    return other\n" + ROW
    + "net = first(net, 3)\n": "unheard",
    "def changed(net):\n    net[1] = unheard.Layer(2)\n    return net\n" + ROW + "net = changed(net)\n": "unheard",
    "def swapped(net):\n    return 1, unheard.Layer(net)\n" + ROW + "a, net = swapped(net)\n": "unheard",
}  # fmt: skip


@pytest.mark.parametrize("text", OTHERS)
def test_what_makes_another_network_is_refused(text):
    with pytest.raises(NotationError, match=OTHERS[text]):
        read(HEAD + text).weightless()


def test_a_network_that_opened_first_is_the_first_still():
    both = f"{text_of('return self.fc(x)', 'self.fc = nn.Linear(4, 2)')}net = Net()\n"
    head = "head = nn.Sequential(nn.Linear(2, 7))\nhead, opt = helper.prepare(head, opt)\n"
    assert [one.name for one in read(HEAD + both + head).candidates] == ["Net", "head"]
    assert [one.name for one in read(HEAD + head + both).candidates] == ["Net", "head"]
    rows = f"{ROW}other = nn.Sequential(nn.Linear(2, 7))\nother = fit(other)\n"
    assert [one.name for one in read(HEAD + rows).candidates] == ["net", "other"]
    source = read(HEAD + rows)
    assert source.parameters == 35 and not any("fit" in one for one in source.notes)


def test_a_class_of_the_text_is_said_nothing_of():
    text = f"{text_of('return self.fc(x)', 'self.fc = nn.Linear(4, 2)')}net = Net()\nnet = fit(net, loader)\n"
    source = read(HEAD + text)
    assert source.chosen.name == "Net" and source.parameters == 10 and len(source.notes) == 1


def test_names_that_are_given_to_one_another_take_no_time():
    chain = "".join(f"    a{i + 1} = a{i}\n" for i in range(900))
    text = f"def fit(a0):\n{chain}    unheard.go(a0)\n    return a900\n{ROW}net = fit(net)\n"
    with refused("unheard"):  # more than are followed
        read(HEAD + text).weightless()
    assert isinstance(read(HEAD + text.replace("return a900", "return a0")).build(), nn.Sequential)
