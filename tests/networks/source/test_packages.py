"""What other packages bring: their layers compute what the packages' own compute, and torchvision's files are read."""

import inspect
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torchvision import models, ops
from torchvision.transforms import functional as transforms

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source import written
from cnnviz.networks.source.reading import read
from cnnviz.server import following
from tests.networks.source.test_reading import text_of

FILES = {  # of torchvision, by what a reader may choose in them
    "alexnet": "AlexNet",
    "vgg": "vgg11_bn",
    "resnet": "resnext50_32x4d",
    "squeezenet": "SqueezeNet",
    "densenet": "densenet161",
    "googlenet": "GoogLeNet",
    "inception": "Inception3",
    "mobilenetv2": "MobileNetV2",
    "mobilenetv3": "mobilenet_v3_small",
    "shufflenetv2": "shufflenet_v2_x1_0",
    "mnasnet": "mnasnet0_5",
    "efficientnet": "efficientnet_v2_s",
    "convnext": "convnext_tiny",
    "regnet": "regnet_y_400mf",
    "swin_transformer": "swin_v2_t",
    "vision_transformer": "vit_b_32",
    "maxvit": "MaxVit",
    "video.resnet": "r2plus1d_18",
    "video.mvit": "mvit_v2_s",
    "video.s3d": "S3D",
}
OF_MAXVIT = {  # what the only function of that file gives
    "stem_channels": "64",
    "block_channels": "[64, 128, 256, 512]",
    "block_layers": "[2, 2, 5, 2]",
    "head_dim": "32",
    "stochastic_depth_prob": "0.2",
    "partition_size": "7",
    "input_size": "(224, 224)",
}


def file_of(module: str) -> str:
    return Path(inspect.getfile(models)).with_name(f"{module.replace('.', '/')}.py").read_text("utf-8")


@pytest.mark.long(sample=5)
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("module", FILES)
def test_torchvision_s_own_files_are_read_as_they_stand(module):
    name = FILES[module]
    source = read(file_of(module), name, OF_MAXVIT if name == "MaxVit" else None)
    assert source.chosen.name == name
    of = models.video if module.startswith("video") else models
    with torch.device("meta"):
        expected = of.maxvit_t() if name == "MaxVit" else getattr(of, name)()
    wanted = {key: one.shape for key, one in expected.state_dict().items()}
    assert {key: one.shape for key, one in source.weightless().state_dict().items()} == wanted


def test_a_file_of_torchvision_computes_what_torchvision_does():
    network = read(file_of("resnet"), "resnet34").build().eval()
    same = models.resnet34().eval()
    same.load_state_dict(network.state_dict())
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(network(images), same(images))


LAYERS = {  # what a text writes, and the same of torchvision
    "Conv2dNormActivation(3, 8, 5, 2, dilation=2)": lambda: ops.Conv2dNormActivation(3, 8, 5, 2, dilation=2),
    "Conv2dNormActivation(3, 6, (3, 5), groups=3, norm_layer=None, activation_layer=nn.Hardswish)": lambda: (
        ops.Conv2dNormActivation(3, 6, (3, 5), groups=3, norm_layer=None, activation_layer=nn.Hardswish)
    ),
    "SqueezeExcitation(3, 2, activation=nn.SiLU)": lambda: ops.SqueezeExcitation(3, 2, activation=nn.SiLU),
    "MLP(12, [8, 4], norm_layer=nn.LayerNorm, dropout=0.1)": lambda: ops.MLP(
        12, [8, 4], norm_layer=nn.LayerNorm, dropout=0.1
    ),
    "Permute([0, 3, 1, 2])": lambda: ops.Permute([0, 3, 1, 2]),
    "FrozenBatchNorm2d(3)": lambda: ops.FrozenBatchNorm2d(3),
    "StochasticDepth(0.4, 'row')": lambda: ops.StochasticDepth(0.4, "row"),
    "StochasticDepth(0.4, 'batch')": lambda: ops.StochasticDepth(0.4, "batch"),
}


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_of_torchvision_compute_what_torchvision_s_do(layer):
    name = layer.partition("(")[0]
    text = f"from torchvision.ops import {name}\n{text_of('return self.one(x)', f'self.one = {layer}')}"
    found, same = read(text).build(), LAYERS[layer]()
    same.load_state_dict({key.removeprefix("one."): value for key, value in found.state_dict().items()})
    x = torch.rand(6, 3, 12, 12)
    for mode in (True, False):
        results = []
        for network in (found, same):
            torch.manual_seed(3)
            results.append(network.train(mode)(x))
        assert torch.equal(*results)


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("return TF.resize(x, [5, 7])", lambda x: transforms.resize(x, [5, 7])),
        ("return TF.resize(x, 6)", lambda x: transforms.resize(x, 6)),
        ("return TF.center_crop(x, [6, 5])", lambda x: transforms.center_crop(x, [6, 5])),
        ("return TF.center_crop(x, 14)", lambda x: transforms.center_crop(x, 14)),
        ("return CenterCrop(4)(x)", lambda x: transforms.center_crop(x, 4)),
        ("return TF.normalize(x, [0.1, 0.2, 0.3], [1.0, 2.0, 3.0])",
         lambda x: transforms.normalize(x, [0.1, 0.2, 0.3], [1.0, 2.0, 3.0])),
        ("return TF.hflip(TF.vflip(x))", lambda x: x.flip(2, 3)),
    ],
)  # fmt: skip
def test_pictures_are_cut_and_made_smaller_within_a_forward(lines, wanted):
    head = "import torchvision.transforms.functional as TF\nfrom torchvision.transforms import CenterCrop\n"
    x = torch.rand(2, 3, 9, 12)
    assert torch.allclose(read(head + text_of(lines)).build()(x), wanted(x), atol=1e-6)


def test_a_class_of_torchvision_is_the_beginning_of_one_s_own():
    text = """
from torchvision.models.resnet import BasicBlock, ResNet

class Grey(ResNet):
    def __init__(self):
        super().__init__(BasicBlock, [1, 1, 1, 1], num_classes=10)
        self.conv1 = nn.Conv2d(1, 64, 3, padding=1, bias=False)

    def forward(self, x):
        return super().forward(x).softmax(1)
"""
    found = read(text).build().eval()
    same = models.resnet.ResNet(models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=10)
    same.conv1 = nn.Conv2d(1, 64, 3, padding=1, bias=False)
    same.load_state_dict(found.state_dict())
    x = torch.rand(2, 1, 16, 16)
    assert torch.equal(found(x), same.eval()(x).softmax(1))


def test_a_network_of_torchvision_s_own_classes_is_made_by_the_text():
    text = "from torchvision.models import resnet\nnet = resnet.ResNet(resnet.BasicBlock, [2, 2, 2, 2])\n"
    found = read(text).build().eval()
    same = models.resnet18().eval()
    same.load_state_dict(found.state_dict())
    x = torch.rand(1, 3, 32, 32)
    assert torch.equal(found(x), same(x))


PATCHES = """
from einops import rearrange, repeat
from einops.layers.torch import Rearrange, Reduce

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Sequential(Rearrange('b c (h p) (w q) -> b (h w) (p q c)', p=4, q=4), nn.Linear(48, 8))
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.pooled = Reduce('b n d -> b d', 'mean')

    def forward(self, x):
        x = self.patches(x)
        x = torch.cat((repeat(self.token, '1 1 d -> b 1 d', b=x.shape[0]), x), dim=1)
        heads = rearrange(x, 'b n (h d) -> b h n d', h=2)
        return self.pooled(rearrange(heads, 'b h n d -> b n (h d)'))
"""


def test_patches_by_einops_are_any_number_of_images():
    network = read(PATCHES).build()
    x = torch.rand(3, 3, 8, 12)
    linear = network.patches[1]
    cut = F.unfold(x, 4, stride=4).view(3, 3, 16, 6).permute(0, 3, 2, 1).reshape(3, 6, 48)
    rows = torch.cat((network.token.expand(3, -1, -1), linear(cut)), 1)
    assert torch.allclose(network(x), rows.mean(1), atol=1e-6)
    traced = following.trace("", PATCHES, (1, 3, 8, 12), "", (), (), lambda _: None)
    assert traced.steps[-1].output_shape == (1, 8)
    assert [one.operation for one in traced.steps[:3]] == ["Reshape", "Permute", "Reshape"]


def test_all_of_a_package_may_be_imported_at_once():
    text = "from einops import *\nfrom timm.layers import *\n" + text_of(
        "return self.d(rearrange(x, 'b c h -> b h c'))", "self.d = DropPath(0.1)"
    )
    x = torch.rand(2, 3, 4)
    assert torch.equal(read(text).build().eval()(x), x.mT)


def test_what_is_wrong_within_a_package_is_told_where_the_text_asks_for_it():
    wrong = PATCHES.replace("p=4", "p=5")
    traced = following.trace("", wrong, (1, 3, 8, 12), "", (), (), lambda _: None)
    assert "multiple of 5" in (traced.error or traced.stopped.sentence)
    line = wrong.split("\n").index("        x = self.patches(x)") + 1
    assert traced.mark is not None and traced.mark[0] == line
    text = text_of("return self.b(x)", "self.b = SqueezeExcitation(3)")
    with pytest.raises(NotationError) as refused:
        read(f"from torchvision.ops import SqueezeExcitation\n{text}").weightless()
    assert "squeeze_channels" in refused.value.reason and refused.value.line == 5


def test_no_fix_is_a_change_of_what_a_package_brings():
    text = text_of("return self.b(x)", "self.b = Conv2dNormActivation(4, 8)")
    text = f"from torchvision.ops import Conv2dNormActivation\n{text}"
    traced = following.trace("", text, (1, 3, 8, 8), "", (), (), lambda _: None)
    assert traced.stopped is not None and traced.stopped.layer == "b.0"
    found = following.remedies("", text, (1, 3, 8, 8), "", (), (), lambda _: None)
    assert {one.network for one in found} <= {"", text.replace("(4, 8)", "(3, 8)")}


STAGES = """
from timm.models.layers import DropPath, to_2tuple, trunc_normal_
from timm.models.registry import register_model

class Net(nn.Module):
    def __init__(self, size=8, drop=0.5):
        super().__init__()
        self.size = to_2tuple(size)
        self.table = nn.Parameter(torch.zeros(self.size))
        trunc_normal_(self.table, std=0.02)
        self.drop = DropPath(drop)

    def forward(self, x):
        return self.drop(x) * self.table

@register_model
def net_small(**kwargs):
    return Net(**kwargs)

@register_model
def net_large(**kwargs):
    return Net(16, **kwargs)
"""


def test_what_networks_take_of_timm():
    source = read(STAGES)
    assert [one.name for one in source.candidates] == ["net_small", "net_large"]
    network = source.build()
    with torch.no_grad():
        network.table.fill_(1)
    x = torch.ones(400, 1, 8, 8)
    torch.manual_seed(3)
    kept = network.train()(x).mean((1, 2, 3))
    assert set(kept.tolist()) == {0.0, 2.0} and 0.4 < (kept > 0).float().mean() < 0.6
    assert torch.equal(network.eval()(x), x)
    assert "from timm.models.layers import DropPath" in written(source).imports
    assert read(STAGES, "net_large").parameters == 256


BOOK = """
from d2l import torch as d2l

class LeNet(d2l.Classifier):
    def __init__(self, lr=0.1, num_classes=10):
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Sequential(nn.LazyConv2d(6, 5, padding=2), nn.Flatten(), nn.LazyLinear(self.num_classes))
        self.net.apply(d2l.init_cnn)

@d2l.add_to_class(LeNet)
def forward(self, X):
    return self.net(X) * 2

model = LeNet(num_classes=7)
data = d2l.FashionMNIST(batch_size=128)
d2l.Trainer(max_epochs=10).fit(model, data)
"""


def test_classes_as_the_book_dive_into_deep_learning_has_them():
    source = read(BOOK)
    network = source.build([(1, 28, 28)])
    assert sum(one.numel() for one in network.parameters()) == 156 + (6 * 28 * 28 + 1) * 7
    x = torch.rand(2, 1, 28, 28)
    assert torch.equal(network(x), network.net(x) * 2)


def test_objects_that_hold_a_configuration():
    for module, name in {"yacs.config": "CfgNode", "easydict": "EasyDict"}.items():
        head = f"from {module} import {name} as C\ncfg = C()\ncfg.MODEL = C()\ncfg.MODEL.WIDTH = 6\ncfg.freeze()\n"
        head += "more = C({'depth': {'first': 2}})\n"
        layer = "nn.Conv2d(3, cfg.MODEL.WIDTH * more.depth['first'] + more.get('b', 1), 1)"
        assert read(head + text_of("return self.c(x)", f"self.c = {layer}")).parameters == 13 * 4
