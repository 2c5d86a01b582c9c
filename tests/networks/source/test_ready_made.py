"""Networks that torchvision makes, within a text."""

import pytest
import torch
from torchvision import models

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import ready_made, written
from cnnviz.networks.source.reading import read
from cnnviz.server import following
from cnnviz.tracing import trace

TRANSFER = """
import torch
from torchvision import models
from torchvision.models import ResNet18_Weights

model = models.resnet18(weights=ResNet18_Weights.DEFAULT)
for one in model.parameters():
    one.requires_grad = False
model.fc = nn.Linear(model.fc.in_features, 2)
model = model.to(device)
"""
PARTS = """
from torchvision.models import mobilenet_v2

class Net(nn.Module):
    def __init__(self, classes=7):
        super().__init__()
        self.body = mobilenet_v2(pretrained=True).features
        self.head = nn.Linear(1280, classes)

    def forward(self, x):
        return self.head(self.body(x).mean([2, 3]))
"""
WITHOUT_ITS_END = """
import torchvision
whole = torchvision.models.squeezenet1_1(num_classes=10)
net = nn.Sequential(*list(whole.children())[:-1], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 3))
"""
GREY = """
from torchvision import models

net = models.resnet18(False, num_classes=10)
net.conv1 = nn.Conv2d(1, 64, 3, padding=1, bias=False)
net.maxpool = nn.Identity()
"""


def parameters(network):
    return sum(one.numel() for one in network.parameters())


def test_all_that_is_known_by_name_torchvision_has_and_so_are_its_weights():
    assert set(ready_made.NAMES) <= {*models.list_models(module=models)}  # a newer one may have more
    weights = {models.get_model_weights(name).__name__ for name in ready_made.NAMES}
    assert weights == {name for name in ready_made.members() if name.endswith("_Weights")}


@pytest.mark.long(sample=6)
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("name", ready_made.NAMES)
def test_each_of_them_is_made_without_memory_and_has_torchvision_s_parameters(name):
    source = read(f"import torchvision.models as models\nnet = models.{name}()\n")
    with torch.device("meta"):
        assert source.parameters == parameters(models.get_model(name, weights=None))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "channels", "wanted"),
    [
        (TRANSFER, 3, lambda: parameters(models.resnet18(num_classes=2))),
        (PARTS, 3, lambda: parameters(models.mobilenet_v2().features) + 1281 * 7),
        (WITHOUT_ITS_END, 3, lambda: parameters(models.squeezenet1_1().features) + 513 * 3),
        (GREY, 1, lambda: parameters(models.resnet18(num_classes=10)) - 64 * 49 * 3 + 64 * 9),
    ],
)
def test_a_text_goes_on_from_a_network_of_torchvision(text, channels, wanted):
    source = read(text)
    network = source.build()
    assert source.parameters == parameters(network) == wanted()
    assert not any(one.is_meta for one in network.parameters())
    steps = trace(network, (1, channels, 64, 64))
    assert network.eval()(torch.rand(2, channels, 64, 64)).shape == (2, *steps[-1].output_shape[1:])


def test_it_computes_what_torchvision_s_computes():
    network = read("from torchvision import models\nnet = models.resnet18(num_classes=3)\n").build().eval()
    same = models.resnet18(num_classes=3).eval()
    same.load_state_dict(network.state_dict())
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(network(images), same(images))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("resnet18(pretrained=True)", True),
        ("resnet18(True)", True),
        ("resnet18(weights='DEFAULT')", True),
        ("resnet18(weights=models.ResNet18_Weights.DEFAULT)", True),
        ("resnet18()", False),
        ("resnet18(weights=None)", False),
        ("resnet18(pretrained=False, num_classes=3)", False),
    ],
)
def test_that_no_weights_are_downloaded_is_said_where_they_are_asked_for(call, told):
    source = read(f"from torchvision import models\nnet = models.{call}\n")
    assert source.chosen.name == "net" and source.parameters > 10_000_000
    assert ["resnet18 in line 2" in one for one in source.notes] == [True] * told


def test_its_file_asks_for_no_weights_and_gives_the_same_network():
    parts = written(read(TRANSFER))
    assert "Weights" not in parts.definitions and "models.resnet18()" in parts.definitions
    assert "device" not in parts.definitions
    again = "\n".join(["import torch", "import torch.nn as nn", *parts.imports, parts.definitions])
    assert read(again).parameters == read(TRANSFER).parameters


def test_a_last_layer_that_does_not_fit_is_mended_in_the_text():
    wrong = TRANSFER.replace("model.fc.in_features, 2", "100, 2")
    first = following.remedies("", wrong, (1, 3, 64, 64), "", (), (), lambda _: None)[0]
    assert first.whole and first.network == wrong.replace("100, 2", "512, 2")
    larger = TRANSFER.replace("model.fc.in_features, 2", "2048, 2")  # as many as there are without a pooling
    found = following.remedies("", larger, (1, 3, 224, 224), "", (), (), lambda _: None)
    assert [one.network for one in found if one.network] == [larger.replace("2048, 2", "512, 2")]


def test_a_layer_of_its_own_is_changed_by_a_line_below_it():
    grey = "from torchvision import models\nnet = models.resnet18()\n"
    traced = following.trace("", grey, (1, 1, 64, 64), "", (), (), lambda _: None)
    assert traced.stopped is not None and traced.stopped.layer == "conv1"
    found = following.remedies("", grey, (1, 1, 64, 64), "", (), (), lambda _: None)
    assert [one.input_shape for one in found] == [(), (1, 3, 64, 64)]
    assert found[0].whole and found[0].network.startswith(grey) and "net.conv1 = " in found[0].network
    assert read(found[0].network).parameters == parameters(models.resnet18()) - 2 * 64 * 49


@pytest.mark.parametrize(
    "text",
    [
        "class Net(nn.Module):\n    def forward(self, x):\n        return models.vgg11()(x)\n",
        "".join(f"n{n} = models.efficientnet_b7()\n" for n in range(9))
        + "net = nn.Sequential(*[n0, n1, n2, n3, n8])\n",
    ],
)
def test_what_would_take_long_each_time_or_altogether_is_refused(text):
    source = None
    with pytest.raises(NotationError):  # noqa: PT012 - where it is read, or where it runs
        source = read(f"from torchvision import models\n{text}")
        source.weightless()(torch.empty(1, 3, 64, 64, device="meta"))
    assert source is None or source.chosen.name in ("Net", "net")


PLACES = {  # a place by the name of a layer, and the same by a number or an attribute
    "net = models.alexnet()\nnet.classifier._modules['6'] = nn.Linear(4096, 3)\n": (
        "net = models.alexnet(num_classes=3)\n"
    ),
    "net = models.resnet18()\nlast = 'fc'\nnet._modules[last] = nn.Linear(512, 3)\n": (
        "net = models.resnet18(num_classes=3)\n"
    ),
    "net = models.alexnet()\ndel net.classifier._modules['6']\n": "net = models.alexnet()\ndel net.classifier[6]\n",
    "net = nn.Sequential(nn.Linear(9, 4))\nnet._modules['more'] = nn.Tanh()\n": (
        "net = nn.Sequential(OrderedDict([('0', nn.Linear(9, 4)), ('more', nn.Tanh())]))\n"
    ),
}


@pytest.mark.parametrize("text", PLACES)
def test_a_layer_is_put_into_modules_by_its_name(text):
    found, expected = read(text).weightless(), read(PLACES[text]).weightless()
    kinds = [(name, type(one)) for name, one in found.named_modules()]
    assert kinds == [(name, type(one)) for name, one in expected.named_modules()]
    assert parameters(found) == parameters(expected)


REFUSED_PLACES = {  # and a part of what is said
    "net._modules[6] = nn.Linear(4096, 3)": "write '6' with quotes",
    "net._modules['fc'] = 5": "a layer is wanted here, and this is 5",
    "del net._modules['head']": "has no 'head' to delete",
    "net._modules['fc'] = unheard(3)": "nothing here is called unheard",
    "net._modules['__class__'] = nn.ReLU()": "Python's own",
    "net.layer1._modules['0'] = unheard(3)": "nothing here is called unheard",
}


@pytest.mark.parametrize("line", REFUSED_PLACES)
def test_what_cannot_be_put_into_modules_is_refused(line):
    text = (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        f"        net = models.resnet18()\n        {line}\n        self.net = net\n\n"
        "    def forward(self, x):\n        return self.net(x)\n"
    )
    with pytest.raises(NotationError, match=REFUSED_PLACES[line]) as refused:
        read(text).weightless()
    assert refused.value.line == 5


@pytest.mark.parametrize("place", ["_modules['fc']", "layer1._modules['0']"])
def test_a_network_is_refused_whose_layer_would_have_been_replaced_in_a_line_that_is_not_read(place):
    with pytest.raises(NotationError, match="nothing here is called unheard"):
        read(f"net = models.resnet18()\nnet.{place} = unheard(3)\n").weightless()


HELD = {  # plain numbers that a network of torchvision keeps, and what they are
    "models.mobilenet_v2().last_channel": 1280,
    "models.resnet18().inplanes": 512,
    "models.resnet50().layer1[0].stride": 1,
}


@pytest.mark.parametrize("number", HELD)
def test_a_plain_number_that_such_a_network_holds_is_read(number):
    assert read(f"net = nn.Linear({number}, 1)\nmodel = nn.Sequential(net)\n").parameters == HELD[number] + 1


@pytest.mark.parametrize("name", ["made_by", "ready_made", "_modules", "_backward_hooks", "forward_all"])
def test_what_is_none_of_its_numbers_is_not_read(name):
    with pytest.raises(NotationError):
        read(f"model = nn.Sequential(nn.Linear(models.resnet18().{name}, 1))\n").weightless()


KINDS = {  # what is asked of vgg11(), and whether it holds
    "isinstance(net, torchvision.models.VGG)": True,
    "isinstance(net, models.ResNet)": False,
    "isinstance(net, (models.ResNet, models.vgg.VGG))": True,
    "isinstance(net, (MNASNet, MaxVit))": False,
    "type(net) == models.VGG": True,
    "type(net) is VGG and type(net) != MaxVit": True,
    "type(net) in [models.AlexNet, models.DenseNet]": False,
    "type(net).__name__ == 'VGG'": True,
    "isinstance(net.features, models.VGG)": False,
    "isinstance(net, nn.Module) and type(net.features) == nn.Sequential": True,
}


@pytest.mark.parametrize("question", KINDS)
def test_of_which_of_torchvision_s_classes_a_network_is(question):
    text = f"""
import torch.nn as nn
import torchvision
from torchvision import models
from torchvision.models import VGG, MNASNet, MaxVit

class Net(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.fc = nn.Linear(4, 3 if {question} else 5)

    def forward(self, x):
        return self.fc(x)

net = Net(models.vgg11())
"""
    names: dict = {}
    exec(text, names)
    expected = names["net"].fc.out_features
    assert expected == (3 if KINDS[question] else 5)
    assert read(text).weightless().fc.out_features == expected


def test_a_part_of_a_network_is_of_its_class():
    blocks = "sum(isinstance(one, models.resnet.BasicBlock) for one in of.modules())"
    convolutions = "len([one for one in of.modules() if type(one) == nn.Conv2d])"
    text = f"of = models.resnet18()\nhead = nn.Linear({blocks}, {convolutions})\nnet = nn.Sequential(head)\n"
    layer = read(text, "net").weightless()[0]
    assert (layer.in_features, layer.out_features) == (8, 20)


def test_a_class_of_torchvision_s_is_one_to_build_on():
    text = """
class Short(models.ResNet):
    def forward(self, x):
        return self.layer1(self.relu(self.bn1(self.conv1(x))))

net = Short(models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=3)
"""
    made = models.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=3)
    assert read(text).parameters == sum(one.numel() for one in made.parameters())
    assert read(text).build()(torch.zeros(1, 3, 16, 16)).shape == (1, 64, 8, 8)
