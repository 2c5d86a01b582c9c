"""Lines that are passed over: those that would have changed the network are refused with their reason; what a text
makes beside the network has its numbers where the network is built."""

import pytest
import torch
from torch import nn

from cnnviz.networks import own
from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from tests.networks.source.test_reading import HEAD, python, text_of

ROW = "import unheard\nmodel = nn.Sequential(nn.Conv2d(3, 4, 3))\n"
NET = text_of(
    "return self.head(self.conv(x))", "self.conv = nn.Conv2d(3, 4, 3)\nself.head = nn.Flatten()\nself.seen = []"
)
PARTS = NET.replace("nn.Flatten()", "nn.Sequential(nn.Flatten())")
GROWING = f"{NET}    def grow(self, layer):\n        self.head = layer\n\n"
SCALED = NET.replace("return self", "x = x * self.scale; return self")
CHANGES = {  # what a line that is not read would have done; it is the last one that says `unheard`
    "appended": ROW + "model.append(unheard.Layer(4))\nmodel.append(nn.Flatten())\n",
    "by add_module": ROW + "model.add_module('last', unheard.Layer(4))\n",
    "extended": ROW + "model.extend([nn.ReLU(), unheard.Layer(4)])\n",
    "inserted": ROW + "model.insert(0, unheard.Layer(4))\n",
    "in the place of another": ROW + "model[0] = unheard.Layer(4)\n",
    "as an attribute of a row": ROW + "model.last = unheard.Layer(4)\n",
    "by setattr": ROW + "setattr(model, 'last', unheard.Layer(4))\n",
    "added up": ROW + "model += nn.Sequential(unheard.Layer(4))\n",
    "in a loop": ROW + "for i in range(2):\n    model.append(nn.ReLU())\n    model.append(unheard.Layer(i))\n",
    "under a condition": ROW + "if unheard.flag:\n    model.append(nn.ReLU())\n",
    "in the row itself": "import unheard\nmodel = nn.Sequential(nn.Linear(3, 4), unheard.Layer(4)).to('cpu')\n",
    "a layer of a class": f"import unheard\n{NET}model = Net()\nmodel.conv = unheard.Layer(4)\n",
    "a layer of a part": f"import unheard\n{PARTS}model = Net()\nhead = model.head\nhead.append(unheard.Layer())\n",
    "a place in a part": f"import unheard\n{PARTS}model = Net()\nmodel.head[0] = unheard.Layer()\n",
    "by a function": ROW + "def grow(net, n):\n    net.append(nn.EmbeddingBag(4, n))\n\ngrow(model, unheard.n)\n",
    "by functions of functions": ROW
    + "def add(a):\n    a.append(nn.ReLU())\n\ndef grow(b):\n    add(b)\n    unheard.log(b)\n\n"
    "grow(model)\n",
    "by a method": f"import unheard\n{GROWING}model = Net()\nmodel.grow(unheard.Layer())\n",
    "what forward asks for": f"import unheard\n{SCALED}model = Net()\nmodel.scale = unheard.scale\n",
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_line_that_would_have_changed_the_network_is_refused(kind):
    lines = (HEAD + CHANGES[kind]).splitlines()
    number = max(i for i, line in enumerate(lines, 1) if "unheard" in line)
    with pytest.raises(NotationError) as refused:
        read(HEAD + CHANGES[kind]).weightless()
    assert "unheard" in str(refused.value) and refused.value.line == number
    assert refused.value.column == lines[number - 1].index("unheard") + 1
    with pytest.raises(NotationError):
        read(HEAD + CHANGES[kind]).build()


INTO = {  # lists and dictionaries that a row is made of
    "row = [nn.Linear(3, 4)]\nrow.append(unheard.Layer(4))\n": "*row",
    "row = []\nrow += [unheard.Layer(4)]\n": "*row",
    "row = [nn.ReLU(), nn.Tanh()]\nrow[1] = unheard.Layer(4)\n": "*row",
    "row = OrderedDict(a=nn.Linear(3, 4))\nrow.update(b=unheard.Layer(4))\n": "row",
    "row = OrderedDict(a=nn.Linear(3, 4))\nrow['b'] = unheard.Layer(4)\n": "*row.values()",
}


@pytest.mark.parametrize("made", INTO)
def test_a_row_of_what_such_a_line_would_have_changed_is_refused(made):
    with pytest.raises(NotationError) as refused:
        read(f"{HEAD}import unheard\n{made}model = nn.Sequential({INTO[made]})\n").weightless()
    assert refused.value.line == 9


HARMLESS = [
    "model.load_state_dict(torch.load('net.pth'))",
    "model.seen.append(unheard.loss)",
    "model.optimizer = unheard.Adam(model.parameters())",
    "model.classes = unheard.classes",
    "losses = []\nfor epoch in range(3):\n    losses.append(unheard.step(model))",
    "history = {}\nhistory['loss'] = unheard.loss",
    "names = ['a']\nnames.append(unheard.name)",
    "x = torch.rand(1, 3, 8, 8)\nx[0] = unheard.picture",
    "model.conv.weight.data = unheard.weights",
    "model.conv.weight = nn.Parameter(unheard.weights)",
    "def fit(net, data):\n    net.best = 1\n    net.seen.append(data)\n    net.train()\nfit(model, unheard.data)",
    "def begin(m):\n    m.bias = unheard.bias\nbegin(model.conv)",
    "if unheard.flag:\n    print(model)",
    "for p in model.parameters():\n    p.grad = unheard.grad",
]


@pytest.mark.parametrize("more", HARMLESS)
def test_a_line_that_changes_something_else_is_passed_over(more):
    source = read(f"{HEAD}import unheard\n{NET}model = Net()\n{more}\n")
    assert source.chosen.name == "Net" and source.parameters == 3 * 4 * 9 + 4
    assert "passed over" in source.notes[0]


def test_what_is_put_into_a_dictionary_is_refused_where_it_is_asked_for():
    text = f"{HEAD}import unheard\nsizes = {{'out': 4, 'all': 2}}\nsizes['in'] = unheard.size\n"
    assert read(f"{text}model = nn.Sequential(nn.Linear(sizes['out'], sizes['all']))\n").parameters == 10
    with pytest.raises(NotationError) as refused:
        read(f"{text}model = nn.Sequential(nn.Linear(sizes['in'], sizes['all']))\n").weightless()
    assert refused.value.line == 9 and "line 8" in str(refused.value)


# --- a script around a class

SCRIPT = """
import argparse
import torch.optim as optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
from tqdm import tqdm

parser = argparse.ArgumentParser(description='training')
parser.add_argument('-w', '--hidden-width', type=int, default='6', help='units')
parser.add_argument('--no-bias', action='store_true')
args, _ = parser.parse_known_args()
torch.manual_seed(1)
device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
train = datasets.MNIST('data', train=True, transform=transforms.ToTensor())
loader = DataLoader(train, batch_size=64, shuffle=True)

class Net(nn.Module):
    def __init__(self, width, bias=True):
        super().__init__()
        self.a = nn.Linear(4, width, bias=bias)
        self.b = nn.Linear(width, 2)

    def forward(self, x):
        return self.b(torch.relu(self.a(x)))

def weights_init(m):
    if isinstance(m, nn.Linear):
        nn.init.normal_(m.weight, 0.0, 0.02)

model = Net(args.hidden_width, bias=not args.no_bias).to(device)
model.apply(weights_init)
MORE
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=7)
losses = []
for epoch in tqdm(range(5)):
    model.train()
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    scheduler.step()
torch.save(model.state_dict(), 'net.pth')
"""


@pytest.mark.parametrize(
    "more",
    [
        "model = nn.DataParallel(model)",
        "if torch.cuda.device_count() > 1:\n    model = nn.DataParallel(model, device_ids=[0, 1])",
        "model = torch.compile(model)",
        "model = torch.nn.parallel.DataParallel(model).cuda()",
        "print(model)\nmodel.eval()",
        "from torchsummary import summary\nsummary(model, (4,))",
        "model.load_state_dict(torch.load('net.pth'))",
        "with torch.no_grad():\n    print(model(torch.rand(1, 4)).shape)",
        "import wandb\nwandb.init(project='x')\nwandb.watch(model)",
        "try:\n    model = Net(6)\nexcept RuntimeError:\n    pass",
        "assert 1 == 2",
        "x = undefined + 1",
        "def train(model, loader):\n    for a, b in loader:\n        yield model(a)",
    ],
)
def test_a_script_around_a_class_is_passed_over(more):
    source = read(HEAD + SCRIPT.replace("MORE", more))
    assert source.chosen.name == "Net" and source.parameters == 4 * 6 + 6 + 6 * 2 + 2
    count = int(source.notes[0].split()[0])
    assert "passed over" in source.notes[0] and 10 <= count <= 24
    torch.manual_seed(1)
    assert source.build().a.weight.std() < 0.5


def test_lines_that_are_passed_over_are_counted():
    def notes(text: str) -> tuple[str, ...]:
        return read(HEAD + text).notes

    assert notes(NET) == ()
    assert "1 line " in notes(NET + "print('done')\n")[0]
    assert "4 lines " in notes(NET + "for i in []:\n    print(i)\nprint(\n    1)\n")[0]


# --- tensors and layers beside the network

TENSORS = {
    "a constant": ("mean = torch.tensor([0.4, 0.5, 0.6]).view(1, 3, 1, 1)\n", "pass", "x - mean"),
    "constants of constants": ("a = torch.ones(3)\nb = [a * 2, a]\nc = {'k': b[0] + 1}\n", "pass", "x * c['k'].sum()"),
    "filled place by place": (
        "k = torch.zeros(3)\nfor i in range(3):\n    k[i] = i * i\nk.mul_(2)\n",
        "pass",
        "x * k.sum()",
    ),
    "of a function": ("def half():\n    return scale / 2\nscale = torch.tensor(3.0)\n", "pass", "x * half()"),
    "as a buffer": ("mean = torch.arange(3.0).view(3, 1, 1)\n", "self.register_buffer('mean', mean)", "x - self.mean"),
    "as an attribute": ("mean = torch.arange(3.0).view(3, 1, 1)\n", "self.mean = mean", "x - self.mean"),
    "a layer with weights": ("act = nn.PReLU()\n", "pass", "act(x - 0.5)"),
    "layers without weights": ("pool, act = nn.MaxPool2d(2), nn.ReLU()\n", "pass", "act(pool(x))"),
    "a name that forward gives itself": ("y = torch.rand(2, 2)\n", "pass", "(lambda y: y + 1)(x)"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TENSORS)
def test_what_is_made_at_the_top_has_its_numbers_in_the_network(kind):
    above, init, result = TENSORS[kind]
    net = above + text_of(f"return self.conv({result})", f"self.conv = nn.Conv2d(3, 2, 1)\n{init}")
    for text, made in ((net, "Net()"), (f"{net}model = Net()\n", "model")):
        expected, found = python(text, made), read(HEAD + text).build()
        found.load_state_dict(expected.state_dict())
        x = torch.rand(2, 3, 4, 4)
        assert torch.equal(found(x), expected(x))


@pytest.mark.parametrize("body", ["mean = torch.tensor(0.5)", "mean = MEAN", "sizes = [MEAN, 2]\n    mean = sizes[0]"])
def test_a_tensor_in_the_body_of_a_class_has_its_numbers(body):
    text = "MEAN = torch.tensor(0.25)\n" + text_of("return self.fc(x - self.mean)", "self.fc = nn.Linear(3, 2)")
    text = text.replace("class Net(nn.Module):\n", f"class Net(nn.Module):\n    {body}\n")
    expected, found = python(text), read(HEAD + text).build()
    found.load_state_dict(expected.state_dict())
    assert torch.equal(found(torch.ones(1, 3)), expected(torch.ones(1, 3)))


def test_an_argument_that_is_a_tensor_has_its_numbers():
    text = "shift = torch.arange(3.0)\n" + text_of(
        "return self.fc(x + self.s)", "self.fc = nn.Linear(3, 2)\nself.s = s"
    )
    text = text.replace("(self):", "(self, s):")
    for call, made in (("", {"s": "shift * 2"}), ("model = Net(shift * 2)\n", {})):
        expected, found = python(text, "Net(shift * 2)"), read(HEAD + text + call, arguments=made).build()
        found.load_state_dict(expected.state_dict())
        assert torch.equal(found(torch.ones(1, 3)), expected(torch.ones(1, 3)))


def test_what_is_tried_with_a_network_computes_nothing_where_it_is_built():
    text = text_of("return x @ x", "self.fc = nn.Linear(3, 2)")
    text += "model = Net()\nfor i in range(2000):\n    x = torch.rand(1500, 1500)\n    y = model(x)\n"
    with torch.no_grad():
        assert read(HEAD + text).build()(torch.ones(3, 3)).sum() == 27


# --- train and eval of the text

FROZEN = {
    "by super": "def train(self, mode=True):\n    super().train(mode)\n    self.bn.eval()\n    return self",
    "by super with its class": "def train(self, mode=True):\n    super(Net, self).train(mode)\n    self.bn.eval()",
    "all of a kind": (
        "def train(self, mode=True):\n    super().train(mode)\n    for m in self.modules():\n"
        "        if isinstance(m, nn.BatchNorm1d):\n            m.eval()\n    return self"
    ),
    "itself": "def train(self, mode=True):\n    self.training = mode\n    self.drop.train(mode)\n    return self",
    "eval that keeps dropout": "def eval(self):\n    super().eval()\n    self.drop.train()\n    return self",
}


@pytest.mark.parametrize("kind", FROZEN)
@pytest.mark.parametrize("within", [False, True])
def test_train_of_the_text_says_what_is_trained(kind, within):
    text = text_of("return self.drop(self.bn(x))", "self.bn = nn.BatchNorm1d(3)\nself.drop = nn.Dropout(0.5)")
    method = "\n".join(f"    {line}" for line in FROZEN[kind].splitlines())
    text += f"{method}\n\n"
    if within:
        text += text_of("return self.net(x)", "self.net = Net()", "Whole")
    made = "Whole()" if within else "Net()"
    expected, found = python(text, made), read(HEAD + text).build()
    for mode in (True, False, True):
        for network in (expected, found):
            network.train() if mode else network.eval()
        assert [one.training for one in found.modules()] == [one.training for one in expected.modules()]
    assert found.training


@pytest.mark.parametrize("method", ["train(self, images, labels)", "train(self, loader)", "eval(self, loader)"])
def test_a_method_that_only_has_the_name_is_left_to_the_text(method):
    text = (
        text_of("return self.fc(x)", "self.fc = nn.Linear(3, 2)") + f"    def {method}:\n        return unheard(self)\n"
    )
    network = read(HEAD + text).build()
    assert not network.eval().fc.training and network.train().fc.training


def test_a_train_that_is_not_read_is_refused_in_its_line():
    text = text_of("return self.fc(x)", "self.fc = nn.Linear(3, 2)")
    text += "    def train(self, mode=True):\n        self.fc.requires_grad_(unheard(mode))\n"
    with pytest.raises(NotationError) as refused:
        read(HEAD + text).weightless()
    assert refused.value.line == 15


# --- texts without a network


@pytest.mark.parametrize(
    "text", ["model = nn.Sequential()\nprint(model)\n", "import os\nrow = nn.Sequential(*[])\nx = 3\n"]
)
def test_a_row_of_no_layers_is_no_network(text):
    with pytest.raises(NotationError) as refused:
        own.read(HEAD + text)
    assert "no layers" in str(refused.value)


LOOSE = {
    "import torch\n\ndef forward(self, x):\n    return self.conv(x)\n": ("paste the __init__", 4, 12),
    "def __init__(self):\n    super().__init__()\n    self.fc = nn.Linear(2, 2)\n": ("write def forward", 1, 1),
    "x = 3\nout = self.fc(x)\n": ("class Net(nn.Module)", 2, 7),
    "self.a = nn.Conv2d(1, 2, 3)\nself.b = nn.ReLU()\n": ("a and b are layers, and no line hands", 2, 1),
}


@pytest.mark.parametrize("text", LOOSE)
def test_lines_of_a_class_say_what_of_it_is_missing(text):
    with pytest.raises(NotationError) as refused:
        own.read(text)
    said, line, column = LOOSE[text]
    assert said in str(refused.value)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_the_text_of_a_row_is_as_it_was():
    text = f"{HEAD}model = nn.Sequential()\nmodel.append(nn.Linear(3, 2))\nmodel[0] = nn.Linear(3, 5)\n"
    assert isinstance(network := read(text).build(), nn.Sequential) and network[0].out_features == 5


def test_vars_says_what_to_write_instead():
    text = """
class Net(nn.Module):
    def __init__(self, width=3):
        super().__init__()
        given = dict(vars())
        self.fc = nn.Linear(given["width"], 2)
    def forward(self, x):
        return self.fc(x)
"""
    with pytest.raises(NotationError, match=r"vars is not read here; write the values .* dict\(channels=channels\)"):
        own.read(text).weightless()
