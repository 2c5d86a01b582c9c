"""Which network of a text is meant, with which arguments, on which inputs."""

import pytest
import torch
from torch import nn

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import calls, written
from cnnviz.networks.source.reading import Source, read
from tests.helpers import refused
from tests.networks.source.test_reading import HEAD, python, same, text_of

GENERATOR = text_of("return self.fc(x)", "self.fc = nn.Linear(5, 4)", "Generator")
CRITIC = text_of("return self.fc(x)", "self.fc = nn.Linear(4, 1)", "Critic")
NET = text_of("return self.fc(x)", "self.fc = nn.Linear(4, 2)")


def names(text: str) -> list[str]:
    return [one.name for one in read(HEAD + text).candidates]


def test_candidates_are_what_the_text_makes_the_last_one_first():
    assert names(GENERATOR + CRITIC + "g = Generator()\nd = Critic()\n") == ["Critic", "Generator"]
    assert names(GENERATOR + CRITIC + "d = Critic()\ng = Generator()\n") == ["Generator", "Critic"]
    assert names(GENERATOR + CRITIC + "g = Generator()\n") == ["Generator", "Critic"]


def test_without_a_call_the_last_class_that_no_other_uses_is_meant():
    both = text_of("return self.net(x)", "self.net = Net()", "Whole")
    assert names(NET + both) == ["Whole"]
    assert names(both + NET) == ["Whole"]
    assert names(NET + CRITIC) == ["Critic", "Net"]


def test_further_classes_that_nothing_uses_stand_behind_the_last_one():
    extra = text_of("return self.fc(x)", "self.fc = nn.Linear(2, 3)", "Extra")
    whole = text_of("return self.net(x)", "self.net = Extra()", "Whole")
    assert names(GENERATOR + CRITIC + NET) == ["Net", "Critic", "Generator"]
    assert names(extra + GENERATOR + whole + CRITIC) == ["Critic", "Whole", "Generator"]
    assert names(GENERATOR + CRITIC + NET + "net = Critic()\n") == ["Critic", "Net"]
    assert names(GENERATOR + "def make():\n    return Generator()\n" + CRITIC) == ["Generator", "Critic"]
    for name, count in (("Net", 10), ("Critic", 5), ("Generator", 24)):
        assert read(HEAD + GENERATOR + CRITIC + NET, name).parameters == count
    several = "".join(NET.replace("Net", f"Net{i}") for i in range(30))
    assert names(several)[:3] == ["Net29", "Net28", "Net27"] and 10 < len(names(several)) < 20


def test_a_loss_and_what_a_function_hands_on_are_no_further_choices():
    assert names(LOSSES["called a loss"] + GENERATOR + CRITIC) == ["Critic", "Generator"]
    assert names(GENERATOR + CRITIC + LOSSES["called a loss"]) == ["Critic", "MyLoss", "Generator"]
    deep = "def made():\n    return Outer(Block, Net(), width=Critic)\n"
    outer = text_of("return x", name="Outer").replace("(self)", "(self, block, net, width)", 1)
    assert names(BLOCK + NET + CRITIC + outer + deep) == ["Outer"]


def test_what_stands_within_the_layers_alone_is_no_candidate():
    maxout = text_of("return x.view(len(x), -1, 2).amax(2)", name="Maxout")
    wrapped = (
        "class Wrapped(nn.Module):\n    def __init__(self, f):\n        super().__init__()\n        self.f = f\n"
        "    def forward(self, x):\n        return self.f(x)\n"
    )
    row = "model = nn.Sequential(Wrapped(lambda x: x.flatten(1)), nn.Linear(6, 4), Maxout())\n"
    assert names(maxout + wrapped + row) == ["model"]
    assert names(maxout + wrapped + NET + row) == ["model", "Net"]
    assert read(HEAD + maxout + wrapped + row, "Maxout").chosen.name == "Maxout"
    assert names(maxout + wrapped + row + "last = Maxout()\n") == ["Maxout", "model"]


def test_the_last_call_is_meant_whatever_the_lines_between_hand_through_the_first_network():
    wide = BLOCK.replace("Block", "Net")
    text = (
        wide
        + "first = Net(3, 5)\nx = torch.randn(1, 3, 1500, 1500)\ny = first(x)\nz = first(x)\nnet = Net(into=3, out=7)\n"
    )
    source = read(HEAD + text)
    assert values(source) == {"into": "3", "out": "7"} and source.parameters == 28
    assert sum(one.numel() for one in source.build().parameters()) == 28


def test_parts_of_a_network_that_is_made_are_no_candidates():
    whole = text_of("return self.net(x)", "self.net = Net()", "Whole")
    assert names(NET + whole + "part = Net()\nmodel = Whole()\n") == ["Whole", "Net"]
    assert names(NET + whole + "model = Whole()\n") == ["Whole"]
    assert read(HEAD + NET + whole + "model = Whole()\n", "Net").chosen.name == "Net"


def test_a_class_that_is_written_twice_stands_under_two_names():
    wider = NET.replace("4, 2", "4, 6")
    text = HEAD + NET + "first = Net()\n\n" + wider + "second = Net()\n"
    first, second = read(text, "Net (1)"), read(text)
    assert [one.name for one in second.candidates] == ["Net", "Net (1)"]
    assert [one.line for one in second.candidates] == [16, 6]
    assert (first.parameters, second.parameters) == (10, 30)
    assert read(first.complete).parameters == 10 and read(second.complete).parameters == 30
    assert names(NET + NET + "net = Net()\n") == ["Net"]


def test_a_name_of_a_network_that_is_a_row_can_be_chosen():
    text = HEAD + NET + "model = Net()\nhead = nn.Sequential(nn.Linear(4, 3), nn.ReLU())\n"
    assert names(text) == ["Net", "head"]
    assert isinstance(read(text, "head").build(), nn.Sequential)
    assert read(text, "no such").chosen.name == "Net"


# --- losses, blocks, rows of layers

LOSSES = {
    "called a loss": text_of("return (x - y).abs().mean()", name="MyLoss").replace("(self, x)", "(self, x, y)"),
    "called a loss, with one input": text_of("return x.abs().mean()", name="SmoothnessLoss"),
    "called a loss, with a weight": text_of("return x @ self.c", "self.c = nn.Parameter(torch.ones(2))", "CenterLoss"),
    "without parameters": text_of("return 1 - (x * y).sum()", name="Dice").replace(", x)", ", x, y, smooth=1)"),
    "with a layer": text_of("return self.ce(x, y).mean()", "self.ce = nn.CrossEntropyLoss()", "Focal").replace(
        "(self, x)", "(self, x, y)"
    ),
}  # fmt: skip
TWINS = text_of("return self.fc(x) - self.fc(y)", "self.fc = nn.Linear(4, 2)", "Twins").replace(
    "(self, x)", "(self, x, y)"
)


@pytest.mark.parametrize("kind", LOSSES)
def test_a_loss_comes_behind_the_network(kind):
    loss = LOSSES[kind]
    name = loss.partition("(")[0].removeprefix("class ")
    for network, own in ((NET, "Net"), (TWINS, "Twins")):
        made, criterion = f"net = {own}()\n", f"criterion = {name}()\n"
        for text in (
            network + loss + made + criterion,
            loss + network + made + criterion,
            network + made + loss + criterion,
            network + loss + criterion + made,
            network + loss + made,
            network + loss,
            loss + network,
        ):
            assert names(text)[0] == own
    assert names(NET + loss + f"net = Net()\ncriterion = {name}()\n") == ["Net", name]
    assert names(loss) == [name] and names(f"{loss}criterion = {name}()\n") == [name]


def test_two_inputs_and_no_weights_are_a_network_where_there_is_no_other():
    assert names(LOSSES["without parameters"] + LOSSES["called a loss"]) == ["MyLoss"]
    assert names(TWINS + GENERATOR + "g = Generator()\nt = Twins()\n") == ["Twins", "Generator"]


BLOCK = """
class Block(nn.Module):
    def __init__(self, into, out):
        super().__init__()
        self.conv = nn.Conv2d(into, out, 1)

    def forward(self, x):
        return self.conv(x)

"""
OUTER = text_of("return self.last(self.b(x))", "self.b = Block(3, 4)\nself.last = nn.EmbeddingBag(4, 4)")
FAILING = {  # what fails after its block was made
    "a class": OUTER + "model = Net()\n",
    "a class after a try of its block": OUTER + "b = Block(3, 3)\nmodel = Net()\n",
    "a class in a function": OUTER + "def make():\n    return Net()\nb = Block(3, 3)\nmodel = make()\n",
    "a class on a device": OUTER + "model = Net().to('cpu')\n",
    "a class around a network": OUTER.replace("(self):", "(self, b):") + "model = Net(Block(3, 4))\n",
    "a call that is not read": NET.replace("(self):", "(self, b, n):") + "model = Net(Block(3, 4), unheard.n)\n",
    "a row": "net = nn.Sequential(Block(3, 4), unheard.Layer(4))\n",
    "a row of rows": "a = nn.Sequential(Block(3, 4))\nb = Block(4, 4)\nnet = nn.Sequential(a, b, unheard.x).cpu()\n",
    "a row with a class that fails": OUTER + "b = Block(3, 3)\nnet = nn.Sequential(Net(), nn.ReLU())\n",
}


@pytest.mark.parametrize("kind", FAILING)
def test_a_network_that_is_not_read_is_meant_and_not_its_block(kind):
    text = f"{HEAD}import unheard\n{BLOCK}{FAILING[kind]}"
    source = read(text)
    assert source.chosen.name == ("net" if "row" in kind else "Net") and source.chosen.made
    with pytest.raises(NotationError) as refused:
        source.weightless()
    line = text.splitlines()[refused.value.line - 1]
    wrong = "unheard" if "unheard" in line else "nn.EmbeddingBag"
    assert refused.value.column == line.index(wrong) + 1
    assert "Block" not in names(text) or "Block(" in FAILING[kind].removeprefix(OUTER)


def test_what_is_made_after_a_network_that_failed_is_meant():
    text = f"import unheard\n{BLOCK}{OUTER}{GENERATOR}model = Net()\ng = Generator()\n"
    assert names(text) == ["Generator", "Net"]
    again = f"import unheard\n{BLOCK}{OUTER}model = Net()\n{NET}model = Net()\n"
    assert read(HEAD + again).parameters == 10


ROWS = {
    "b = Block(3, 3)\nnet = nn.Sequential(nn.ReLU(), Block(3, 5))\n": ["net", "Block"],
    "b = Block(3, 3)\nb(torch.rand(1, 3, 2, 2)).shape\nfirst = nn.Sequential(Block(3, 3))\n"
    "net = nn.Sequential(first, Block(3, 5), nn.Flatten())\n": ["net", "Block"],
    "def blocks(n):\n    return [Block(3, 3) for i in range(n)]\nb = Block(3, 3)\nnet = nn.Sequential(*blocks(2))\n": [
        "net",
        "Block",
    ],
    "net = nn.Sequential(Block(3, 5))\nb = Block(3, 3)\n": ["Block", "net"],
    "net = Block(3, 3)\nnet = nn.Sequential(nn.Conv2d(3, 4, 1))\n": ["net", "Block"],
    "head = nn.Sequential(nn.ReLU())\nnet = Block(3, 3)\n": ["Block", "head"],
    "empty = nn.Sequential()\nnet = Block(3, 3)\n": ["Block"],
    "first = nn.Sequential(nn.ReLU())\nsecond = nn.Sequential(nn.Tanh())\n": ["second", "first", "Block"],
    "net = nn.Sequential(nn.ReLU())\nmodel = net.to('cpu')\n": ["net", "Block"],
}


@pytest.mark.parametrize("made", ROWS)
def test_a_row_is_meant_where_it_holds_the_class_or_takes_its_place(made):
    assert names(BLOCK + made) == ROWS[made]
    if ROWS[made][0] != "Block":
        assert isinstance(read(HEAD + BLOCK + made).weightless(), nn.Sequential)


def test_a_class_whose_name_its_network_takes_is_still_one():
    both = text_of("return self.fc(x)", "self.fc = nn.Linear(5, 4)", "G") + text_of(
        "return self.fc(x)", "self.fc = nn.Linear(4, 1)", "D"
    )
    assert names(both + "D = D()\nG = G()\n") == ["G", "D"]
    assert names(both + "G = G().to('cpu')\nD = D().to('cpu')\n") == ["D", "G"]
    assert names(both + "import unheard\nG = unheard.parallel(G())\nD = D()\n") == ["D", "G"]
    text = HEAD + both + "G = G()\nD = D()\n"
    for name, count in (("G", 24), ("D", 5)):
        source = read(text, name)
        assert (source.chosen.name, source.parameters) == (name, count)
        assert read(source.complete).parameters == count


def test_the_last_line_may_say_which_network_is_meant():
    text = f"{GENERATOR}{CRITIC}g = Generator()\nd = Critic()\nhead = nn.Sequential(nn.Linear(4, 3))\n"
    assert names(text + "model = g\n") == ["Generator", "head", "Critic"]
    assert names(text + "model = head\n") == ["head", "Generator", "Critic"]


# --- arguments

WITH_ARGUMENTS = """
class Net(nn.Module):
    def __init__(self, into, classes, width=4, *, bias):
        super().__init__()
        self.a = nn.Linear(into, width, bias=bias)
        self.b = nn.Linear(width, classes)

    def forward(self, x):
        return self.b(self.a(x))

"""


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        ("", [("into", ""), ("classes", ""), ("bias", "")]),
        ("size = 6\nnet = Net(size, classes=2, bias=False)\n", [("into", "size"), ("classes", "2"), ("bias", "False")]),
        ("net = Net(3 * 2, 5, 7, bias=True).to('cpu')\n", [("into", "3 * 2"), ("classes", "5"), ("bias", "True")]),
        ("net = Net(len(dataset), 5, bias=True)\n", [("into", "len(dataset)"), ("classes", "5"), ("bias", "True")]),
        ("args = dict(into=1)\nnet = Net(**args)\n", [("into", ""), ("classes", ""), ("bias", "")]),
    ],
)
def test_arguments_without_default_are_asked_for_as_the_call_gives_them(call, asked):
    source = read(HEAD + WITH_ARGUMENTS + call)
    assert [(one.name, one.text) for one in source.arguments] == asked


def test_arguments_that_are_given_take_the_place_of_those_of_the_call():
    text = HEAD + WITH_ARGUMENTS + "net = Net(3, 5, 7, bias=True)\n"
    assert read(text).parameters == 3 * 7 + 7 + 7 * 5 + 5
    given = read(text, arguments={"classes": "2", "bias": "False"})
    assert given.parameters == 3 * 7 + 7 * 2 + 2
    assert read(given.complete).parameters == given.parameters
    assert read(HEAD + WITH_ARGUMENTS, arguments={"into": "2", "classes": "2", "bias": "1 > 2"}).parameters == 18


@pytest.mark.parametrize(("value", "said"), [("", "classes"), ("ten", "ten"), ("1 +", "1 +"), ("open('x')", "open")])
def test_an_argument_that_is_no_value_is_refused_at_its_class(value, said):
    text = HEAD + WITH_ARGUMENTS.replace(", width=4, *, bias", ", width=4, bias=True")
    with pytest.raises(NotationError) as refused:
        read(text, arguments={"into": "4", "classes": value}).weightless()
    assert said in str(refused.value) and refused.value.line == 7


INPUTS = {
    "def forward(self, x):": ("x",),
    "def forward(self, image, mask=None):": ("image",),
    "def forward(self, left, right):": ("left", "right"),
    "def forward(self, anchor, positive, negative, margin=1.0):": ("anchor", "positive", "negative"),
    "def forward(self, x=None):": ("x",),
    "def forward(self, *inputs):": ("input",),
}


@pytest.mark.parametrize("head", INPUTS)
def test_inputs_are_named_as_forward_names_them(head):
    assert read(HEAD + text_of("return 1").replace("def forward(self, x):", head)).inputs == INPUTS[head]


def test_two_inputs_are_taken_in_their_order():
    text = text_of("return self.fc(x) - self.fc(y)", "self.fc = nn.Linear(4, 2)").replace("(self, x)", "(self, x, y)")
    same(text, (4,), (4,))


def test_a_main_function_is_no_hindrance():
    text = (
        HEAD
        + WITH_ARGUMENTS
        + "def main():\n    net = Net(1, 2, bias=True)\n\nif __name__ == '__main__':\n    main()\n"
    )
    assert read(text).chosen.made and read(text).parameters == 4 + 4 + 8 + 2


def values(source: Source) -> dict[str, str]:
    return {one.name: one.text for one in source.arguments}


IN_FUNCTIONS = {  # a function that nothing calls; what is asked, with its values; and the parameters of the network
    "def make():\n    return Net(3, 5, bias=True)\n": ({"into": "3", "classes": "5", "bias": "True"}, 41),
    "def make():\n    return Net(3, 5, 7, bias=True)\n": ({"into": "3", "classes": "5", "bias": "True"}, 68),
    "SIZE = 3\ndef train():\n    x = unheard()\n    model = Net(SIZE, SIZE + 2, bias=True)\n    model.fit(x)\n": (
        {"into": "SIZE", "classes": "SIZE + 2", "bias": "True"},
        41,
    ),
    "def make():\n    size = 3\n    return Net(size, classes=size + 2, bias=True)\n": (
        {"into": "3", "classes": "5", "bias": "True"},
        41,
    ),
    "def make(classes=5):\n    return Net(3, classes, bias=True)\n": (
        {"into": "3", "classes": "5", "bias": "True"},
        41,
    ),
    "def make():\n    sizes = dict(into=3, classes=5)\n    return Net(**sizes, bias=True)\n": (
        {"into": "3", "classes": "5", "bias": "True"},
        41,
    ),
    "def make(into):\n    return Net(into, 5, bias=True)\n": ({"into": "", "classes": "5", "bias": "True"}, None),
    "size = 4\ndef make(size):\n    return Net(3, size, bias=True)\n": (
        {"into": "3", "classes": "", "bias": "True"},
        None,
    ),
    "class Other:\n    def make(self):\n        return Net(3, 5, bias=True)\n": (
        {"into": "3", "classes": "5", "bias": "True"},
        41,
    ),
}


@pytest.mark.parametrize("function", IN_FUNCTIONS)
def test_a_call_in_a_function_says_what_is_meant(function):
    source = read(HEAD + WITH_ARGUMENTS + function)
    asked, count = IN_FUNCTIONS[function]
    assert values(source) == asked and source.chosen.name == "Net"
    if count is None:
        with pytest.raises(NotationError):
            source.weightless()
        return
    assert source.parameters == count == sum(one.numel() for one in source.build().parameters())
    assert read(source.complete).parameters == count
    names: dict = {}
    exec("\n".join([*(file := written(source)).imports, file.definitions]), names)
    assert sum(one.numel() for one in eval(file.network, names).parameters()) == count


FACTORIES = """
class Net(nn.Module):
    def __init__(self, block, width):
        super().__init__()
        self.b = block(3, width)

    def forward(self, x):
        return self.b(x)

def _made(width, **kwargs):
    return Net(Block, width, **kwargs)

def net_broken():
    return Net()

def net_small(pretrained=False):
    model = _made(4)
    if pretrained:
        model.load_state_dict(torch.load("small.pt"))
    return model

def net_large():
    return _made(width=8)

def net_of(width):
    return _made(width)

def train(model=None):
    model = Net(Block, 3)
    return 0.9

"""


def test_functions_that_make_a_network_are_what_a_text_may_mean():
    text = HEAD + BLOCK + FACTORIES
    source = read(text)
    assert [one.name for one in source.candidates] == ["net_broken", "net_small", "net_large"]
    assert source.chosen.name == "net_small" and source.arguments == () and source.parameters == 16
    large = read(text, "net_large")
    assert large.parameters == 32 == read(large.complete).parameters and large.inputs == ("x",)
    assert text.split("\n")[large.chosen.line - 1] == "def net_large():"
    parts = written(large)
    names: dict = {}
    exec("\n".join(["import torch", "from torch import nn", *parts.imports, parts.definitions]), names)
    assert sum(one.numel() for one in eval(parts.network, names).parameters()) == 32
    with pytest.raises(NotationError) as refused:
        read(text, "net_broken").weightless()
    assert "block and width" in refused.value.reason
    assert read(text, "Net", {"block": "Block", "width": "2"}).parameters == 8, "a link of before"
    assert [one.name for one in read(text + "model = net_large()\n").candidates] == ["Net"]


def test_of_several_networks_one_that_takes_a_picture_is_meant_before_one_of_words():
    words = text_of("return x + captions + lengths", name="Words").replace("(self, x)", "(self, x, captions, lengths)")
    assert names(NET + words + "a = Net()\nb = Words()\n") == ["Net", "Words"]


def test_a_block_and_a_list_are_taken_from_a_function():
    net = """
class Net(nn.Module):
    def __init__(self, block, sizes, classes=10):
        super().__init__()
        blocks = [block(a, b) for a, b in zip(sizes, sizes[1:])]
        self.row = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(sizes[-1], classes))

    def forward(self, x):
        return self.row(x)

"""
    for function in (
        "def net18():\n    return Net(Block, [3, 4, 5])\n\ndef test():\n    y = net18()(torch.randn(1, 3))\n# test()\n",
        "def net18(pretrained=False, **kwargs):\n    sizes = [3, 4, 5]\n    return Net(Block, sizes, **kwargs)\n",
    ):
        source = read(HEAD + BLOCK + net + function)
        assert values(source) == {"block": "Block", "sizes": "[3, 4, 5]"}
        expected, found = python(BLOCK + net + function, "net18()"), source.build()
        found.load_state_dict(expected.state_dict())
        x = torch.rand(2, 3, 1, 1)
        assert torch.equal(found(x), expected(x))


def test_what_the_reader_gives_takes_the_place_of_what_is_not_read():
    text = HEAD + WITH_ARGUMENTS + "import data\nnet = Net(len(data.features), len(data.classes), 7, bias=True)\n"
    with pytest.raises(NotationError) as refused:
        read(text, arguments={"into": "3"}).weightless()
    assert "data" in str(refused.value)
    source = read(text, arguments={"into": "3", "classes": "5"})
    assert source.parameters == 68 and read(source.complete).parameters == 68


GIVEN = {
    "sizes = {'into': 3, 'classes': 5, 'width': 7}\nnet = Net(**sizes, bias=True)\n": "7",
    "sizes = [3, 5, 7]\nnet = Net(*sizes, bias=True)\n": "7",
    "net = Net(*[3, 5], **{'bias': True, 'width': 7})\n": "7",
    "net = Net(*[3, 5], bias=True)\n": "4",
    "def main():\n    n = 3\n    net = Net(n, n + 2, 7, bias=True)\nn = 9\nmain()\n": "7",
    "class Sizes:\n    into = 3\nnet = Net(Sizes.into, 5, bias=True)\n": "4",
}


@pytest.mark.parametrize("call", GIVEN)
def test_fields_show_what_was_given_and_change_one_thing(call):
    text, width = HEAD + WITH_ARGUMENTS + call, int(GIVEN[call])
    source = read(text)
    shown = values(source)
    assert [eval(one, {"Sizes": type("Sizes", (), {"into": 3})}) for one in shown.values()] == [3, 5, True]
    assert source.parameters == 3 * width + width + 5 * width + 5
    for given in ({"classes": "2"}, {**shown, "classes": "2"}):
        changed = read(text, arguments=given)
        assert changed.parameters == 3 * width + width + 2 * width + 2
        assert changed.build()(torch.rand(1, 3)).shape == (1, 2)
        again = read(changed.complete)
        assert again.parameters == changed.parameters and values(again)["classes"] == "2"


def test_what_cannot_be_written_is_kept():
    net = """
class Net(nn.Module):
    def __init__(self, act, n, *layers):
        super().__init__()
        self.act, self.row = act, nn.Sequential(nn.Linear(4, n), *layers)

    def forward(self, x):
        return self.act(self.row(x))

"""
    made = (
        "def main():\n    both = {'act': lambda x: x * 2, 'n': 3}\n    a = Net(**both)\n    g = Generator()\nmain()\n"
    )
    source = read(HEAD + GENERATOR + net + made, "Net")
    assert values(source) == {"act": "", "n": "3"} and source.complete == HEAD + GENERATOR + net + made
    changed = read(HEAD + GENERATOR + net + made, "Net", {"n": "5"})
    assert (source.parameters, changed.parameters) == (15, 25)
    rows = "def main():\n    net = Net(torch.relu, 3, nn.Linear(3, 2), nn.ReLU())\n    g = Generator()\nmain()\n"
    source = read(HEAD + GENERATOR + net + rows, "Net")
    assert read(source.complete).parameters == source.parameters == 23


def test_the_text_that_stands_for_itself_has_all_that_the_network_was_given():
    rows = text_of("return self.row(x)", "self.row = nn.Sequential(*layers)", "Rows").replace(
        "(self)", "(self, n, *layers)", 1
    )
    for text, name in (
        (GENERATOR + rows + "r = Rows(3, nn.Linear(4, 7), nn.ReLU())\ng = Generator()\n", "Rows"),
        (
            WITH_ARGUMENTS
            + CRITIC
            + "def main():\n    w = 9\n    a = Net(2, 3, w, bias=False)\n    c = Critic()\nmain()\n",
            "Net",
        ),
        (NET + "head = nn.Sequential(nn.Linear(4, 3))\nmodel = Net()\n", "head"),
        (NET + CRITIC + "def main():\n    a = Net()\n    c = Critic()\nmain()\n", "Net"),
    ):
        source = read(HEAD + text, name)
        again = read(source.complete)
        assert again.candidates[0].name == again.chosen.name
        assert [tuple(one.shape) for one in again.build().parameters()] == [
            tuple(one.shape) for one in source.build().parameters()
        ]
        assert again.complete == source.complete


DEEP = """
class Net(nn.Module):
    def __init__(self, depth, width):
        super().__init__()
        self.rows = nn.Sequential(*[nn.Sequential(nn.ReLU()) for _ in range(depth)])
        self.fc = nn.Linear(4, width)

    def forward(self, x):
        return self.fc(self.rows(x))

"""


def test_networks_of_many_layers_share_no_bound_with_one_another():
    found = read(HEAD + DEEP + "if __name__ == '__main__':\n    small = Net(700, 10)\nmodel = Net(800, 7)\n")
    assert found.build()(torch.zeros(1, 4)).shape == (1, 7)
    with refused("2,203"):
        read(HEAD + DEEP + "model = Net(1100, 7)\n").build()


def test_all_networks_of_a_text_have_one(monkeypatch):
    monkeypatch.setattr(calls, "MAX_MADE", 50)
    read(HEAD + DEEP + "model = Net(20, 7)\n").build()
    with refused("50"):
        read(HEAD + DEEP + "model = Net(30, 7)\n").build()
