"""Networks that stand in no class: layers at the top of a script and what it hands through them, held against the same
lines carried out by Python."""

import copy
import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnnviz.networks import own
from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import read, written
from cnnviz.networks.source.flow import MAX_LINES

SCRIPTS = {  # by what they are: the text, the input, and the names of what is learned
    "layer by layer": (
        """
        conv = nn.Conv2d(1, 4, 3)
        norm = nn.BatchNorm2d(4)
        head = nn.Linear(4 * 13 * 13, 5)
        x = torch.randn(2, 1, 28, 28)
        out = F.max_pool2d(F.relu(norm(conv(x))), 2)
        print(out.shape)
        out = head(out.view(out.size(0), -1))
        """,
        ["conv", "norm", "head"],
    ),
    "a loop over a list": (
        """
        rows = [nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3)]
        x = torch.rand(2, 1, 28, 28)
        for row in rows:
            x = row(x)
            print(type(row).__name__, x.shape)
        """,
        ["rows"],
    ),
    "a dictionary": (
        """
        parts = {"first": nn.Conv2d(1, 4, 3), "last": nn.Linear(4, 3)}
        image = torch.rand(2, 1, 28, 28)
        h = parts["first"](image).relu().mean((2, 3))
        y = parts["last"](h)
        """,
        ["parts"],
    ),
    "two branches": (
        """
        left, right = nn.Conv2d(1, 3, 1), nn.Conv2d(1, 2, 3, padding=1)
        x = torch.randn(2, 1, 28, 28)
        a = left(x)
        b = right(x)
        both = torch.cat([a, b], dim=1)
        print(both.size())
        """,
        ["left", "right"],
    ),
    "weights as tensors": (
        """
        w = torch.randn(4, 1, 3, 3)
        b = torch.zeros(4)
        v = torch.randn(3, 4 * 26 * 26)
        x = torch.randn(2, 1, 28, 28)
        h = F.relu(F.conv2d(x, w, b))
        y = F.linear(h.flatten(1), v)
        """,
        ["w", "b", "v"],
    ),
    "a loop over data": (
        """
        conv, head = nn.Conv2d(1, 4, 3), nn.Linear(4, 3)
        criterion = nn.CrossEntropyLoss()
        for epoch in range(2):
            for images, labels in loader:
                maps = torch.relu(conv(images))
                scores = head(maps.mean(dim=(2, 3)))
                loss = criterion(scores, labels)
                loss.backward()
        """,
        ["conv", "head"],
    ),
    "a block as a function": (
        """
        conv, norm, head = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 3)
        def block(x, conv, norm):
            return F.relu(norm(conv(x)))
        def net(x):
            return head(block(x, conv, norm).amax((2, 3)))
        net(torch.randn(2, 1, 28, 28)).shape
        """,
        ["conv", "norm", "head"],
    ),
    "a function alone": (
        """
        conv = nn.Conv2d(1, 4, 3)
        head = nn.Linear(4, 3)
        def forward(x):
            x = torch.tanh(conv(x))
            return head(x.mean((2, 3)))
        """,
        ["conv", "head"],
    ),
    "what follows no training": (
        """
        conv, head = nn.Conv2d(1, 4, 3), nn.Linear(4, 3)
        with torch.no_grad():
            out = head(conv(torch.randn(2, 1, 28, 28)).mean((2, 3)))
        predicted = out.argmax(1)
        """,
        ["conv", "head"],
    ),
}
MADE = {"a function alone": "forward(x)", "a block as a function": "net(x)"}
RESULT = {"layer by layer": "out", "a loop over a list": "x", "two branches": "both", "a loop over data": "scores"}


def lines(text):
    """The text without the space before its lines."""
    return re.sub(r"^ {8}", "", text, flags=re.MULTILINE).lstrip("\n")


def carried_out(text, x, result):
    """The result of a text by Python, for that input, and what its names stand for then."""
    text = re.sub(r"torch\.randn?\(2, 1, 28, 28\)", "x_given", text)
    names = {"torch": torch, "nn": nn, "F": F, "x_given": x, "loader": [], "x": x, "print": lambda *_: None}
    torch.manual_seed(0)
    if "in loader" in text:
        body = text[text.index("maps =") : text.index("loss =")]
        text = text[: text.index("for epoch")] + re.sub(r"^ +", "", body, flags=re.MULTILINE)
        names["images"] = x
    exec(text, names)  # a text of ours
    return eval(result, names), names


def learned(names, held):
    """How many numbers are learned."""
    total = 0
    for name in held:
        value = names[name]
        items = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
        for one in items:
            total += sum(p.numel() for p in one.parameters()) if isinstance(one, nn.Module) else one.numel()
    return total


@pytest.mark.parametrize("what", SCRIPTS)
def test_lines_at_the_top_are_a_network(what):
    text, held = SCRIPTS[what]
    text = lines(text)
    x = torch.randn(2, 1, 28, 28)
    last = {"weights as tensors": "y", "a dictionary": "y", "what follows no training": "out"}
    expected, names = carried_out(text, x, {**RESULT, **MADE, **last}[what])
    found = read(text)
    torch.manual_seed(0)
    network = found.build()
    assert sum(one.numel() for one in network.parameters()) == learned(names, held)
    with torch.no_grad():
        torch.testing.assert_close(network(x), expected)
    assert "no class" in found.notes[0]


def test_what_a_text_gives_the_same_name_twice_is_two_layers():
    text = (
        "x = torch.randn(1, 1, 9, 9)\nconv = nn.Conv2d(1, 2, 3)\nx = conv(x)\nconv = nn.Conv2d(2, 5, 3)\nx = conv(x)\n"
    )
    network = read(text).build()
    assert network(torch.randn(3, 1, 9, 9)).shape == (3, 5, 5, 5)
    assert sum(one.numel() for one in network.parameters()) == (9 * 2 + 2) + (9 * 10 + 5)


def test_layers_are_made_where_they_are_called():
    network = read("x = torch.randn(1, 3, 8, 8)\nx = nn.Conv2d(3, 4, 3)(x)\ny = nn.Flatten()(x)\n").build()
    assert network(torch.randn(2, 3, 8, 8)).shape == (2, 144)
    assert [name for name, _ in network.named_children()] == ["conv2d1", "flatten2"]


BUILT = {
    "in a loop": "rows = []\nfor i in [1, 2]:\n    rows.append(nn.Conv2d(i, i + 1, 3))\n",
    "by one more": "rows = [nn.Conv2d(1, 2, 3)]\nrows.append(nn.ReLU())\nrows += [nn.Conv2d(2, 3, 3)]\n",
}
HANDED = "x = torch.randn(2, 1, 28, 28)\nfor row in rows:\n    x = row(x)\n"
FILES = {
    **{what: lines(SCRIPTS[what][0]) for what in ("layer by layer", "a dictionary", "weights as tensors")},
    "a function alone": lines(SCRIPTS["a function alone"][0]),
    **{how: text + HANDED for how, text in BUILT.items()},
    "a row": "nn.Conv2d(1, 2, 3),\nnn.ReLU(),\n",
    "put together": "net = nn.Sequential()\nfor i in [1, 2]:\n    net.append(nn.Conv2d(i, i + 1, 3))\n",
}


@pytest.mark.parametrize("what", FILES)
def test_they_are_written_into_a_file(what):
    found = read(FILES[what])
    file = written(found)
    names: dict[str, object] = {}
    torch.manual_seed(0)
    exec("\n".join(["import torch", "from torch import nn", "import torch.nn.functional as F", *file.imports]), names)
    exec(f"{file.definitions}\nnetwork = {file.network}", names)
    network = names["network"]
    assert isinstance(network, nn.Module)
    mine = found.build()
    mine.load_state_dict(copy.deepcopy(network.state_dict()))
    x = torch.randn(2, 1, 28, 28)
    torch.testing.assert_close(network.eval()(x), mine.eval()(x))


PAIR = """
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(1, 4, 3, stride=2, padding=1)
    def forward(self, x):
        return self.down(x).relu()

class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(4, 1, 2, stride=2)
    def forward(self, z):
        return self.up(z)

encoder = Encoder()
decoder = Decoder()
"""
USED = "x = torch.randn(8, 1, 28, 28)\nout = decoder(encoder(x))\n"


def test_two_networks_that_follow_on_one_another_are_one_and_each_of_them():
    found = read(PAIR + USED)
    assert [one.name for one in found.candidates] == ["EncoderDecoder", "Decoder", "Encoder"]
    assert found.inputs == ("x",)
    network = found.build()
    assert network(torch.randn(2, 1, 28, 28)).shape == (2, 1, 28, 28)
    assert sum(one.numel() for one in network.parameters()) == (9 * 4 + 4) + (4 * 4 + 1)
    for name in ("Encoder", "Decoder"):
        chosen = read(PAIR + USED, name)
        assert type(chosen.weightless()).__name__ == name
        assert read(chosen.complete).chosen.name == name


def test_two_networks_side_by_side_are_each_for_itself():
    assert [one.name for one in read(PAIR).candidates] == ["Decoder", "Encoder"]


def test_two_that_a_loop_of_training_calls_one_after_the_other_are_one():
    loop = "for x, _ in loader:\n    z = encoder(x)\n    out = decoder(z)\n    loss = F.mse_loss(out, x)\n"
    for text in (PAIR + loop, PAIR + loop + loop.replace("loader", "test_loader")):
        found = read(text)
        assert [one.name for one in found.candidates] == ["EncoderDecoder", "Decoder", "Encoder"]
        assert found.weightless()(torch.empty(2, 1, 28, 28, device="meta")).shape == (2, 1, 28, 28)


def test_two_that_a_loop_of_training_calls_by_turns_are_each_for_itself():
    real, fake = "    a = decoder(encoder(x))\n", "    b = decoder(torch.randn(8, 4, 28, 28))\n"
    loop = f"for x in loader:\n{fake}    (b.mean() - 1).backward()\n{real}    a.sum().backward()\n"
    assert [one.name for one in read(PAIR + loop).candidates] == ["Decoder", "Encoder"]


def test_one_network_that_is_called_is_that_network():
    made = "model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))\n"
    text = f"{made}x = torch.randn(1, 4)\nlogits = model(x)\np = logits.softmax(1)\n"
    assert [one.name for one in read(text).candidates] == ["model"]


@pytest.mark.parametrize("beside", ["self.body = resnet", "self.body = models.resnet18()"])
def test_a_class_comes_before_what_torchvision_makes_for_it(beside):
    text = f"""
resnet = models.resnet18()

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {beside}
        self.head = nn.Linear(1000, 2)
    def forward(self, x):
        return self.head(self.body(x))
"""
    assert [one.name for one in read(text).candidates] == ["Net", "resnet"]
    changed = text + "resnet.fc = nn.Linear(512, 3)\n"
    assert read(changed).chosen.name == ("Net" if beside.endswith("= resnet") else "resnet")


def test_layers_that_nothing_goes_through_are_no_network():
    with pytest.raises(NotationError, match="no line hands anything through them"):
        own.read("conv = nn.Conv2d(1, 2, 3)\nfc = nn.Linear(3, 4)\n")


def test_a_step_of_training_leaves_weights_what_they_are():
    text = """
w = torch.randn(4, 3, requires_grad=True)
x, y = torch.randn(8, 4), torch.randn(8, 3)
for t in range(9):
    found = x.mm(w).clamp(min=0)
    loss = (found - y).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
"""
    network = read(text).build()
    assert network(torch.ones(2, 4)).shape == (2, 3) and [one.shape for one in network.parameters()] == [(4, 3)]


KERAS = {
    "imported": "from tensorflow.keras.layers import Dense, Flatten\nx = Flatten()(inputs)\nx = Dense(10)(x)\n",
    "by its module": "x = layers.Flatten()(inputs)\nx = layers.LSTM(3)(x)\n",
    "with a layer of torch's name": "x = Dense(10)(inputs)\nx = Dropout(0.5)(x)\n",
}


@pytest.mark.parametrize("how", KERAS)
def test_layers_of_keras_are_none_of_torch(how):
    with pytest.raises(NotationError):
        read(KERAS[how])


def test_a_gan_is_each_of_its_networks():
    text = """
G = nn.Sequential(nn.Linear(8, 16), nn.ReLU())
D = nn.Sequential(nn.Linear(16, 1), nn.Sigmoid())
for images in loader:
    fake = G(torch.randn(4, 8))
    (bce(D(images.flatten(1)), ones) + bce(D(fake.detach()), zeros)).backward()
    verdict = D(fake)
    bce(verdict, ones).backward()
"""
    assert [one.name for one in read(text).candidates] == ["D", "G"]
    assert [one.name for one in read(text + "def both(z):\n    return D(G(z))\n").candidates] == ["GD", "D", "G"]


def test_a_part_of_what_torchvision_makes_goes_on_in_a_script():
    text = """
vgg = models.vgg11()
features, head = vgg.features, nn.Linear(512, 3)
image = transform(Image.open("cat.png")).unsqueeze(0)
scores = head(features(image).mean((2, 3)))
"""
    found = read(text)
    assert found.candidates[0].name == "Net" and found.inputs == ("image",)
    assert found.weightless()(torch.empty(1, 3, 64, 64, device="meta")).shape == (1, 3)


def test_a_layer_of_sizes_that_are_found_on_the_way_is_made_once():
    text = "x = torch.randn(1, 1, 8, 8)\nconv = nn.Conv2d(1, 2, 3)\nn, c, h, w = conv(x).shape\n"
    network = read(f"{text}fc = nn.Linear(c * h * w, 4)\nprint(fc(conv(x).flatten(1)).size())\n").build()
    assert network(torch.randn(3, 1, 8, 8)).shape == (3, 4)
    assert {name for name, _ in network.named_children()} == {"conv", "fc"}


def test_more_lines_than_a_network_has_are_not_looked_through():
    text = "conv = nn.Conv2d(1, 2, 3)\nx = torch.randn(1, 1, 9, 9)\n" + "conv(x)\n" * (MAX_LINES + 1)
    assert read(text).chosen.name == "conv"


def test_a_comma_behind_a_layer_is_said():
    with pytest.raises(NotationError, match=r"a comma behind the layer .* leave it out"):
        own.read("fc = nn.Linear(3, 2),\nhead = nn.Linear(2, 1)\ny = head(fc(x))\n").weightless()(torch.ones(1, 3))
