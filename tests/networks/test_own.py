"""A text of one's own as a network: lazy layers, batches of any size, training, copies and states."""

import json
import warnings
from copy import deepcopy

import pytest
import torch
from torch import nn

from cnnviz import cli, networks
from cnnviz.networks import OWN_TEXT, own
from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import ready_made
from cnnviz.training import TrainConfig
from tests.helpers import names

HEAD = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
NET = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, stride=2)
        self.norm = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8 * 13 * 13, classes)

    def forward(self, x):
        x = F.relu(self.norm(self.conv(x)))
        x = x.view(x.size(0), -1)
        x = F.dropout(x, 0.2, training=self.training)
        return F.log_softmax(self.fc(x), dim=1)
"""
)
LAZY = (
    HEAD
    + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.LazyConv2d(4, 3)
        self.norm = nn.LazyBatchNorm2d()
        self.fc = nn.LazyLinear(10)

    def forward(self, x):
        return self.fc(self.norm(self.conv(x)).flatten(1))
"""
)


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ("nn.Sequential(nn.Flatten(), nn.Linear(784, 10))", ("input",)),
        (NET, ("x",)),
        (NET + "model = Net(classes=3)\n", ("x",)),
        (NET.replace("(self, x)", "(self, x, y)"), ("x", "y")),
        ("Sequential(\n  (0): Flatten(start_dim=1, end_dim=-1)\n  (1): Linear(in_features=784, out_features=10)\n)",
         ("input",)),
    ],
)  # fmt: skip
def test_a_text_of_any_form_is_a_network(text, inputs):
    read = own.read(text)
    assert read.inputs == inputs
    assert isinstance(read.weightless(), nn.Module)
    assert all(one.is_meta for one in read.weightless().parameters())
    assert not any(one.is_meta for one in read.build().state_dict().values())


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 10, 12)])
def test_lazy_layers_take_their_sizes_from_the_picture(shape):
    channels, height, width = shape
    for network in (own.read(LAZY).weightless((shape,)), own.read(LAZY).build((shape,))):
        assert network.conv.weight.shape == (4, channels, 3, 3)
        assert network.norm.weight.shape == (4,)
        assert network.fc.weight.shape == (10, 4 * (height - 2) * (width - 2))
        assert network.training
    built = networks.build(OWN_TEXT, LAZY, shape)
    assert built(torch.rand(2, *shape)).shape == (2, 10)
    assert int(built.norm.num_batches_tracked) == 1  # that of this line alone
    assert torch.isfinite(built.norm.running_mean).all()


def test_lazy_layers_keep_the_shape_that_they_have_met():
    first, second = own.read(LAZY).weightless(((1, 28, 28),)), own.read(LAZY).weightless(((3, 8, 8),))
    assert first.conv.weight.shape[1] == 1 and second.conv.weight.shape[1] == 3


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_the_batch_is_as_large_as_what_arrives(count):
    network = own.read(NET).build().eval()
    pictures = torch.rand(count, 1, 28, 28)
    whole = network(pictures)
    assert whole.shape == (count, 10)
    assert torch.allclose(whole[-1:], network(pictures[-1:]), atol=1e-6)


def test_a_condition_on_a_shape_is_decided_for_each_input():
    text = HEAD + (
        "class Net(nn.Module):\n    def forward(self, x):\n        if x.shape[-1] > 8:\n"
        "            x = F.max_pool2d(x, 2)\n        while x.size(-1) > 3:\n            x = x[..., 1:]\n"
        "        return x * 2 if x.shape[0] > 1 else x\n"
    )
    network = own.read(text).build()
    assert network(torch.rand(2, 1, 28, 16)).shape == (2, 1, 14, 3)
    assert network(torch.rand(2, 1, 8, 8)).shape == (2, 1, 8, 3)
    assert network(torch.ones(1, 1, 4, 2)).max() == 1 and network(torch.ones(2, 1, 4, 2)).max() == 2


def test_training_stays_live():
    text = HEAD + (
        "class Net(nn.Module):\n    def forward(self, x):\n"
        "        if self.training:\n            return x + 1\n        return x\n"
    )
    network = own.read(text).build()
    x = torch.zeros(1, 2)
    assert [float(network.train(mode)(x).max()) for mode in (True, False, True)] == [1, 0, 1]
    whole = own.read(NET).build()
    pictures = torch.rand(4, 1, 28, 28)
    assert torch.equal(whole.eval()(pictures), whole(pictures))
    assert not torch.equal(whole.train()(pictures), whole(pictures))


def test_a_network_from_a_text_learns():
    torch.manual_seed(0)
    network = networks.build(OWN_TEXT, NET)
    pictures, labels = torch.rand(40, 1, 28, 28), torch.arange(40) % 10
    optimizer = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = nn.functional.nll_loss(network(pictures), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert all(one.grad is not None for one in network.parameters())


@pytest.mark.parametrize("text", [NET, LAZY], ids=["class", "lazy"])
def test_a_text_may_be_trained(text):
    assert TrainConfig(network=OWN_TEXT, text=text).text == text


def test_copies_are_independent():
    network = own.read(NET).build().eval()
    copy, pictures = deepcopy(network), torch.rand(2, 1, 28, 28)
    before = network(pictures)
    assert torch.equal(copy(pictures), before)
    with torch.no_grad():
        copy.fc.weight.zero_()
        copy.train()
    assert torch.equal(network(pictures), before) and not network.training
    assert not torch.equal(copy.eval()(pictures), before)
    fresh = own.read(NET).build()
    assert fresh.fc.weight.data_ptr() != own.read(NET).build().fc.weight.data_ptr()


def test_a_copy_calls_its_own_methods_and_lists():
    text = HEAD + (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.fc = nn.Linear(2, 2)\n        self.row = [self.fc]\n        self.step = self.once\n"
        "    def once(self, x):\n        return self.fc(x)\n"
        "    def forward(self, x):\n        return self.step(x) + self.row[0](x)\n"
    )
    network = own.read(text).build()
    copy, x = deepcopy(network), torch.ones(1, 2)
    before = network(x)
    with torch.no_grad():
        copy.fc.weight.zero_()
        copy.fc.bias.zero_()
    assert torch.equal(copy(x), torch.zeros(1, 2)) and torch.equal(network(x), before)


def test_a_state_goes_from_one_to_another():
    first, second = own.read(NET).build(), own.read(NET).build()
    pictures = torch.rand(3, 1, 28, 28)
    first(pictures)
    assert not torch.equal(first.eval()(pictures), second.eval()(pictures))
    second.load_state_dict(first.state_dict())
    assert torch.equal(first(pictures), second(pictures))
    assert list(first.state_dict()) == [
        *("conv.weight", "conv.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var"),
        *("norm.num_batches_tracked", "fc.weight", "fc.bias"),
    ]


def test_a_seed_makes_the_same_weights():
    made = []
    for _ in range(2):
        torch.manual_seed(11)
        made.append(own.read(NET).build().state_dict())
    assert all(torch.equal(made[0][name], made[1][name]) for name in made[0])


def test_the_choice_and_the_arguments_reach_the_network():
    text = NET.replace("classes=10", "classes") + "model = Net(4)\n"
    assert own.read(text).build().fc.out_features == 4
    assert own.read(text, "Net", {"classes": "6"}).build().fc.out_features == 6


@pytest.mark.parametrize("text", ["", "hello there", "x = 1", "nn.Sequential(", "class Net(nn.Module): pass"])
def test_what_is_no_network_is_refused_with_a_sentence(text):
    with pytest.raises(NotationError) as refused:
        own.read(text).weightless()
    assert refused.value.line >= 1 and str(refused.value).endswith(".")
    with pytest.raises(ValueError):
        networks.check(OWN_TEXT, text)


TABLE = """----------------------------------------------------------------
        Layer (type)               Output Shape         Param #
================================================================
            Conv2d-1            [-1, 8, 13, 13]              80
            Linear-2                   [-1, 10]          13,530
================================================================
Total params: 13,610
"""
TREE = """==========================================================================================
Layer (type (var_name):depth-idx)        Output Shape              Param #
==========================================================================================
Net (Net)                                [1, 10]                   --
\u251c\u2500Conv2d (conv): 1-1                     [1, 8, 13, 13]            80
==========================================================================================
Total params: 80
"""
ROW = "import torch.nn as nn\nmodel = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))\n"


@pytest.mark.parametrize("table", [TABLE, TREE], ids=["list", "tree"])
@pytest.mark.parametrize(
    "form",
    ["{code}{table}", "{table}{code}", '"""\n{table}"""\n{code}', "```python\n{code}```\n```\n{table}```\n"]
    + ["{code}from torchinfo import summary\nsummary(net, (1, 28, 28))\n{table}"],
)
def test_code_beside_its_summary_is_read(form, table):
    for code, parameters in ((NET, 80 + 16 + 13_530), (ROW, 15)):
        network = own.read(form.format(code=code, table=table)).weightless()
        assert sum(one.numel() for one in network.parameters()) == parameters


@pytest.mark.parametrize("table", [TABLE, TREE], ids=["list", "tree"])
def test_a_summary_alone_is_refused_and_beside_it_the_faults_of_the_code(table):
    with pytest.raises(own.Offer) as refused:
        own.read(table)
    assert not refused.value.offered and "summary" in str(refused.value)
    text = NET.replace("8, 3, stride=2)", "8 3, stride=2)")
    with pytest.raises(NotationError) as fault:
        own.read(text + table)
    assert not isinstance(fault.value, own.Offer)
    assert fault.value.line == next(at for at, line in enumerate(text.splitlines(), 1) if "8 3" in line)


def notebook(*sources):
    cells = [{"cell_type": "code", "source": one.splitlines(True), "outputs": [], "metadata": {}} for one in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (notebook("x = 1", NET.replace("8, 3, s", "8 3, s")), 10, 34),
        (notebook(NET[: NET.index("    def forward")]), 5, 1),
        (notebook("x = 1", "print(x)"), 1, 1),
        (notebook("import torch.nn as nn\nnet = nn.Sequential(nn.ReLU(),\n    nn.Conv2d(1, 2, 3)"), 2, 20),
        (notebook("import torchvision\nnet = torchvision.models.segmentation.fcn_resnet50()"), 2, 7),
        (json.dumps({"cells": [{"cell_type": "markdown", "source": ["nn.Sequential()"]}], "nbformat": 4}), 1, 1),
        (notebook(NET)[:300], None, None),
        ('{"a": [1, 2], "b": null}', None, None),
    ],
)
def test_what_is_wrong_in_a_notebook_is_told_at_its_place(tmp_path, capsys, text, line, column):
    with pytest.raises(NotationError) as refused:
        own.read(text).weightless()
    assert "dictionary" not in str(refused.value)
    assert line is None or (refused.value.line, refused.value.column) == (line, column)
    file = tmp_path / "net.ipynb"
    file.write_text(text)
    assert cli.main(["trace", str(file)]) == 2
    printed = capsys.readouterr()
    assert str(refused.value) in printed.out + printed.err


def test_a_notebook_is_read():
    assert own.read(notebook("%matplotlib inline", NET)).chosen == "Net"


@pytest.mark.parametrize("name", ["Sequential", "models.Sequential"])
def test_keras_without_its_imports_is_no_empty_network(name):
    text = f"model = {name}()\nmodel.add(Dense(8, activation='relu', input_shape=(4,)))\nmodel.add(Dense(3))\n"
    with pytest.raises(own.Offer) as refused:
        own.read(text)
    network = own.read(refused.value.offered).weightless()
    assert [type(one).__name__ for one in network.children()] == ["Linear", "ReLU", "Linear"]
    assert sum(one.numel() for one in network.parameters()) == 40 + 27


def test_a_class_without_layers_and_a_question_are_still_read():
    bare = HEAD + "class Net(nn.Module):\n    def forward(self, x):\n        return x.flatten(1)\nnet = Net()\n"
    assert own.read(bare).build()(torch.zeros(2, 3, 4)).shape == (2, 12)
    asked = own.read(NET.replace("classes=10", "classes"))
    assert [one.name for one in asked.arguments] == ["classes"]


PRINTED = """Net(
  (a): Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1))
  (p): AdaptiveAvgPool2d(output_size=(2, 2))
  (b): Linear(in_features=16, out_features=5, bias=True)
)"""


@pytest.mark.parametrize("mark", ["", "# ", "> "])
def test_what_is_offered_for_a_printed_class_runs_for_what_it_takes(mark):
    with pytest.raises(own.Offer) as refused:
        own.read("".join(f"{mark}{line}\n" for line in PRINTED.splitlines()))
    offer = refused.value
    assert offer.input_shape == (3, 28, 28) and "197" in str(offer)
    assert own.read(offer.offered).build()(torch.zeros(2, *offer.input_shape)).shape == (2, 5)


def test_what_is_too_large_to_be_read_is_not_offered():
    more = "out_features=60000)\n  (c): Linear(60000 -> 20000)\n  (d): Linear(20000 -> 60000)"
    large = PRINTED.replace("out_features=5, bias=True)", more)
    with pytest.raises(own.Offer) as refused:
        own.read(large)
    assert not refused.value.offered and "2,401,100,112" in str(refused.value)


def test_where_no_order_is_found_it_says_so_and_what_to_do():
    lost = PRINTED.replace("in_features=16", "in_features=17")
    with pytest.raises(own.Offer) as refused:
        own.read(lost)
    assert not refused.value.offered and not refused.value.input_shape
    assert names(str(refused.value), "202", "No order", "Paste the class")
    assert "torchvision" not in str(refused.value)


@pytest.mark.parametrize("kind", ["AlexNet", "MobileNetV2", "ResNet", "SqueezeNet", "VGG"])
def test_of_a_class_of_torchvision_the_call_is_said_that_makes_it(kind):
    function = ready_made.CLASSES[kind]
    lost = PRINTED.replace("in_features=16", "in_features=17").replace("Net(", f"{kind}(")
    with pytest.raises(own.Offer, match=rf"torchvision\.models\.{function}\(\)"):
        own.read(lost)
    made = own.read(f"import torchvision\nmodel = torchvision.models.{function}()\n").weightless()
    assert type(made).__name__ == kind


def test_of_each_class_of_torchvision_a_function_is_said_that_is_read():
    assert {*ready_made.CLASSES.values()} <= {*ready_made.NAMES}


def test_a_table_of_keras_without_shapes_asks_for_the_code():
    table = TABLE.replace("Conv2d-1            [-1, 8, 13, 13] ", "conv2d (Conv2D)     multiple    ")
    with pytest.raises(own.Offer) as refused:
        own.read(table)
    assert "Keras" in str(refused.value) and "print(model)" not in str(refused.value)


def test_pythons_warnings_on_a_text_are_not_shown():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        own.read('import torch.nn as nn\nx = "\\d"\nnet = nn.Sequential(nn.ReLU())\n')
