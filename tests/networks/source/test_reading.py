"""What people have, in small texts: each is read and comes to what Python makes of it, or to a sentence that helps."""

import textwrap

import pytest
import torch
from torch import nn

from cnnviz.networks.notation import NotationError
from cnnviz.networks.source.reading import read
from tests.pace import within

HEAD = "import math\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"


def text_of(forward: str, init: str = "pass", name: str = "Net") -> str:
    """A class with the lines of an __init__ and of a forward."""
    inner = textwrap.indent(textwrap.dedent(init).strip(), " " * 8)
    body = textwrap.indent(textwrap.dedent(forward).strip(), " " * 8)
    return (
        f"class {name}(nn.Module):\n    def __init__(self):\n        super().__init__()\n{inner}\n\n"
        f"    def forward(self, x):\n{body}\n\n"
    )


def python(text: str, made: str = "Net()") -> nn.Module:
    """What Python makes of a text of this file."""
    names: dict[str, object] = {}
    exec(HEAD + text, names)
    torch.manual_seed(3)
    return eval(made, names)


def same(text: str, *shapes: tuple[int, ...], made: str = "Net()", chosen: str = "Net") -> nn.Module:
    """Reads the text and holds what it computes against Python, for two sizes of a batch; the network."""
    expected = python(text, made)
    torch.manual_seed(3)
    found = read(HEAD + text, chosen).build()
    assert list(found.state_dict()) == list(expected.state_dict())
    for count in (2, 3):
        torch.manual_seed(count)
        inputs = [torch.rand(count, *shape) for shape in shapes]
        results = []
        for network in (expected.eval(), found.eval()):
            torch.manual_seed(7)
            results.append(network(*inputs))
        flat = [one if isinstance(one, tuple | list) else (one,) for one in results]
        assert len(flat[0]) == len(flat[1])
        assert all(torch.equal(one, other) for one, other in zip(*flat, strict=True))
    return found


PICTURE = [
    "F.relu(x)", "F.relu6(x)", "F.leaky_relu(x, 0.2)", "F.elu(x)", "F.selu(x)", "F.celu(x)", "F.gelu(x)", "F.silu(x)",
    "F.mish(x)", "F.hardtanh(x)", "F.hardswish(x)", "F.hardsigmoid(x)", "F.softplus(x)", "F.softsign(x)",
    "F.sigmoid(x)", "F.tanh(x)", "F.threshold(x, 0.5, 0.0)", "F.glu(x, dim=1)", "F.softmin(x, dim=1)",
    "F.softmax(x, dim=1)", "F.log_softmax(x, 1)", "F.logsigmoid(x)", "F.prelu(x, torch.tensor([0.1]))",
    "F.max_pool2d(x, 2)", "F.max_pool2d(x, kernel_size=3, stride=2, padding=1, ceil_mode=True)", "F.avg_pool2d(x, 2)",
    "F.adaptive_avg_pool2d(x, 1)", "F.adaptive_avg_pool2d(x, (2, None))", "F.adaptive_max_pool2d(x, 3)",
    "F.lp_pool2d(x, 2, 2)", "F.dropout(x, training=self.training)", "F.dropout(x, 0.5, self.training)",
    "F.interpolate(x, size=x.shape[2:], mode='bilinear', align_corners=False)", "F.pad(x, (1, 1, 2, 2))",
    "F.pad(x, (1, 1, 1, 1), mode='reflect')", "F.unfold(x, 3)", "F.pixel_shuffle(x, 2)", "F.normalize(x, dim=1)",
    "F.layer_norm(x, x.shape[1:])", "F.local_response_norm(x, 3)", "F.instance_norm(x)", "F.group_norm(x, 2)",
    "F.conv2d(x, torch.ones(2, 4, 3, 3))", "F.conv_transpose2d(x, torch.ones(4, 2, 2, 2), stride=2)",
    "F.linear(x, torch.ones(3, 6))", "F.cosine_similarity(x, x.flip(1))", "F.one_hot(x.argmax(1), 4)",
    "nn.functional.relu(x)", "torch.nn.functional.relu(x)", "torch.relu(x)", "torch.sigmoid(x)", "torch.tanh(x)",
    "torch.softmax(x, 1)", "torch.log_softmax(x, dim=1)", "torch.flatten(x, 1)", "torch.cat([x, x], dim=1)",
    "torch.cat((x, 2 * x), 1)", "torch.concat([x, x], dim=-1)", "torch.stack([x, x], dim=1)", "torch.add(x, x)",
    "torch.mul(x, 2)", "torch.sub(x, 1)", "torch.div(x, 2)", "torch.matmul(x, x)", "torch.bmm(x[:, 0], x[:, 1])",
    "torch.einsum('bchw,bdhw->bcd', x, x)", "torch.permute(x, (0, 2, 3, 1))", "torch.transpose(x, 1, 2)",
    "torch.squeeze(x[:, :1], 1)", "torch.unsqueeze(x, 1)", "torch.mean(x, dim=(2, 3))", "torch.max(x, dim=1)[0]",
    "torch.max(x, dim=1).values", "torch.sum(x, 1)", "torch.chunk(x, 2, dim=1)", "torch.split(x, [1, 3], dim=1)",
    "torch.reshape(x, (x.size(0), -1))", "torch.abs(x)", "torch.exp(x)", "torch.log(x + 1)", "torch.sqrt(x)",
    "torch.pow(x, 2)", "torch.clamp(x, 0, 1)", "torch.where(x > 0.5, x, torch.zeros_like(x))", "torch.roll(x, 1, 2)",
    "torch.zeros(x.size(0), 3) + x.mean()", "torch.ones(2, 6) * x[:, :, :2]", "x + torch.arange(6)", "torch.rand(3)",
    "torch.randn_like(x)", "x.view(x.size(0), -1)", "x.view(-1, 4 * 6 * 6)", "x.view(x.shape[0], 2, 2, 6, 6)",
    "x.view((x.size()[0], -1))", "x.reshape(len(x), -1)", "x.reshape(x.shape[0], x.shape[1], -1)", "x.flatten(1)",
    "x.flatten(start_dim=1)", "x.permute(0, 2, 3, 1).contiguous()", "x.transpose(1, 2)", "x.mean([2, 3])",
    "x.mean(dim=(2, 3), keepdim=True)", "x.max(dim=1)", "x.amax((2, 3))", "x.sum(-1)", "x.squeeze()", "x.unsqueeze(1)",
    "x.relu()", "x.sigmoid()", "x.tanh()", "x.softmax(dim=1)", "x.log_softmax(dim=-1)", "x.chunk(2, 1)",
    "x.split(2, dim=1)", "x.matmul(x.transpose(-2, -1))", "x.repeat(1, 2, 1, 1)", "x.expand(x.size(0), -1, -1, -1)",
    "x.to('cpu')", "x.cpu()", "x.detach()", "x.clone()", "x.float()", "x.add(1)", "x.mul(2)", "x.clamp(0)",
    "x.pow(2).sum(1).sqrt()", "x.norm(dim=1)", "x.argmax(dim=1)", "x.topk(2, dim=1)", "x.std((2, 3))", "x.abs()",
    "x.unbind(1)", "x.new_zeros(2)", "x.masked_fill(x < 0.5, 0)", "x.type(torch.float32)", "x.view_as(x)",
    "x + 1", "1 - x", "x * x", "x / 2", "x @ x", "x ** 2", "-x", "x // 0.1", "x % 0.3", "x[:, 0]", "x[:, :2, ::2]",
    "x[..., -1]", "x[:, None]", "x[:, [0, 2]]", "x[:, -1, :, :]", "x.mean((2, 3)).T", "x.data", "x.mT",
    "x if x.dim() == 4 else x.unsqueeze(0)", "[x, x + 1]", "(x, x.mean())",
]  # fmt: skip


@pytest.mark.parametrize("expression", PICTURE)
def test_what_forward_is_written_with(expression):
    same(text_of(f"return {expression}"), (4, 6, 6))


LAYERS = [
    ("nn.Conv1d(3, 4, 3)", (3, 9)), ("nn.Conv2d(3, 4, 3, padding='same')", (3, 9, 9)),
    ("nn.Conv3d(3, 4, 3)", (3, 5, 5, 5)), ("nn.ConvTranspose1d(3, 4, 2, stride=2)", (3, 5)),
    ("nn.ConvTranspose2d(3, 4, 4, 2, 1)", (3, 5, 5)), ("nn.ConvTranspose3d(3, 4, 2)", (3, 3, 3, 3)),
    ("nn.Linear(5, 4)", (5,)), ("nn.Identity()", (5,)), ("nn.Flatten()", (2, 3)), ("nn.Unflatten(1, (2, 3))", (6,)),
    ("nn.MaxPool1d(2)", (3, 8)), ("nn.MaxPool2d(2)", (3, 8, 8)), ("nn.MaxPool3d(2)", (3, 4, 4, 4)),
    ("nn.AvgPool1d(2)", (3, 8)), ("nn.AvgPool2d(3, 2, 1)", (3, 8, 8)), ("nn.AvgPool3d(2)", (3, 4, 4, 4)),
    ("nn.AdaptiveAvgPool1d(1)", (3, 8)), ("nn.AdaptiveAvgPool2d((1, 1))", (3, 8, 8)),
    ("nn.AdaptiveAvgPool3d(1)", (3, 4, 4, 4)), ("nn.AdaptiveMaxPool2d(2)", (3, 8, 8)), ("nn.LPPool2d(2, 2)", (3, 8, 8)),
    ("nn.ZeroPad2d(1)", (3, 4, 4)), ("nn.ReflectionPad2d(1)", (3, 4, 4)), ("nn.ReplicationPad2d(1)", (3, 4, 4)),
    ("nn.ConstantPad2d(1, 0.5)", (3, 4, 4)), ("nn.CircularPad2d(1)", (3, 4, 4)), ("nn.PixelShuffle(2)", (4, 3, 3)),
    ("nn.PixelUnshuffle(2)", (1, 4, 4)), ("nn.Unfold(3)", (3, 5, 5)), ("nn.Fold((4, 4), 2)", (8, 9)),
    ("nn.Upsample(scale_factor=2)", (3, 4, 4)), ("nn.UpsamplingNearest2d(scale_factor=2)", (3, 4, 4)),
    ("nn.ChannelShuffle(2)", (4, 3, 3)), ("nn.Softmax(dim=1)", (5,)), ("nn.LogSoftmax(dim=1)", (5,)),
    ("nn.Softmax2d()", (3, 4, 4)), ("nn.BatchNorm1d(3)", (3,)), ("nn.BatchNorm2d(3)", (3, 4, 4)),
    ("nn.BatchNorm3d(3)", (3, 2, 2, 2)), ("nn.InstanceNorm2d(3)", (3, 4, 4)), ("nn.GroupNorm(2, 4)", (4, 3, 3)),
    ("nn.LayerNorm([3, 4])", (3, 4)), ("nn.RMSNorm(4)", (3, 4)), ("nn.LocalResponseNorm(2)", (3, 4, 4)),
    ("nn.Dropout(0.5)", (4,)), ("nn.Dropout2d()", (3, 4, 4)), ("nn.AlphaDropout()", (4,)),
    ("nn.ReLU(inplace=True)", (4,)),
    ("nn.ReLU6()", (4,)), ("nn.LeakyReLU(0.2)", (4,)), ("nn.PReLU()", (4,)), ("nn.ELU()", (4,)), ("nn.SELU()", (4,)),
    ("nn.CELU()", (4,)), ("nn.GELU()", (4,)), ("nn.SiLU()", (4,)), ("nn.Mish()", (4,)), ("nn.Sigmoid()", (4,)),
    ("nn.Tanh()", (4,)), ("nn.Hardswish()", (4,)), ("nn.Hardsigmoid()", (4,)), ("nn.Hardtanh()", (4,)),
    ("nn.Softplus()", (4,)), ("nn.Softsign()", (4,)), ("nn.Softmin(dim=1)", (4,)), ("nn.Softshrink()", (4,)),
    ("nn.Hardshrink()", (4,)), ("nn.Tanhshrink()", (4,)), ("nn.Threshold(0.1, 0.2)", (4,)), ("nn.GLU(1)", (4,)),
    ("nn.LogSigmoid()", (4,)), ("nn.LSTM(5, 4, batch_first=True)", (3, 5)),
    ("nn.GRU(5, 4, 2, bidirectional=True)", (3, 5)),
    ("nn.RNN(5, 4)", (3, 5)), ("nn.LSTMCell(5, 4)", (5,)), ("nn.TransformerEncoderLayer(4, 2, 8)", (3, 4)),
    ("nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), num_layers=2)", (3, 4)),
    ("torch.nn.Conv2d(3, 4, 3, bias=False)", (3, 5, 5)), ("nn.modules.Linear(5, 4)", (5,)),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda one: one if isinstance(one, str) else "")
def test_every_kind_of_layer(layer, shape):
    forward = "x = self.layer(x)\nreturn x[0] if isinstance(x, tuple) else x"
    same(text_of(forward, f"self.layer = {layer}"), shape)


def test_attention_gives_its_output_and_its_weights():
    init = "self.attention = nn.MultiheadAttention(embed_dim=8, num_heads=2, batch_first=True)"
    same(text_of("out, weights = self.attention(x, x, x)\nreturn out, weights", init), (5, 8))


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_a_recurrent_layer_with_its_state_and_its_last_step(kind):
    state = "h, c" if kind == "LSTM" else "h"
    start = "(h0, h0)" if kind == "LSTM" else "h0"
    forward = f"""
        h0 = torch.zeros(1, x.size(0), 6).to(x.device)
        out, ({state}) = self.rnn(x, {start})
        return self.fc(out[:, -1, :]), h[-1]
    """
    same(text_of(forward, f"self.rnn = nn.{kind}(4, 6, batch_first=True)\nself.fc = nn.Linear(6, 2)"), (5, 4))


STRUCTURES = {
    "both forms of super": """
        class Block(nn.Module):
            def __init__(self, size):
                super(Block, self).__init__()
                self.layer = nn.Linear(size, size)
            def forward(self, x):
                return self.layer(x)
        class Net(nn.Module):
            def __init__(self):
                nn.Module.__init__(self)
                self.block = Block(4)
            def forward(self, x):
                return self.block(x)
    """,
    "subclasses of each other": """
        class Base(nn.Module):
            def __init__(self, width=3):
                super().__init__()
                self.first = nn.Linear(4, width)
                self.second = self.make(width)
            def make(self, width):
                return nn.Linear(width, 2)
            def forward(self, x):
                return self.second(self.first(x))
        class Net(Base):
            def __init__(self):
                super().__init__(width=5)
            def make(self, width):
                return nn.Linear(width, 7)
            def forward(self, x):
                return torch.relu(super().forward(x))
    """,
    "a subclass of nn.Sequential": """
        class Conv(nn.Sequential):
            def __init__(self, into, out, size=3):
                super().__init__(nn.Conv2d(into, out, size), nn.BatchNorm2d(out), nn.ReLU())
        class Net(nn.Sequential):
            def __init__(self):
                super().__init__(Conv(1, 4), Conv(4, 2, size=2), nn.Flatten())
    """,
    "a Sequential by names": """
        from collections import OrderedDict
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.row = nn.Sequential(OrderedDict([('a', nn.Linear(4, 3)), ('b', nn.ReLU())]))
                self.row.add_module('c', nn.Linear(3, 2))
            def forward(self, x):
                return self.row(x)
    """,
    "ModuleList and enumerate": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                sizes = [4, 6, 5, 3]
                self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])])
            def forward(self, x):
                for i, layer in enumerate(self.layers):
                    x = layer(x)
                    if i < len(self.layers) - 1:
                        x = F.relu(x)
                return x
    """,
    "ModuleDict": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.acts = nn.ModuleDict({'relu': nn.ReLU(), 'tanh': nn.Tanh()})
                self.acts['gelu'] = nn.GELU()
            def forward(self, x):
                for name, act in self.acts.items():
                    x = act(x) + self.acts[name](x)
                return x
    """,
    "layers by setattr and f-strings": """
        class Net(nn.Module):
            def __init__(self, depth=3):
                super().__init__()
                self.depth = depth
                for i in range(1, depth + 1):
                    setattr(self, f'fc{i}', nn.Linear(4, 4))
                    self.add_module('norm{}'.format(i), nn.LayerNorm(4))
            def forward(self, x):
                for i in range(1, self.depth + 1):
                    x = getattr(self, f'fc{i}')(x)
                    x = getattr(self, 'norm' + str(i))(x)
                return x
    """,
    "a list with M": """
        cfg = {'A': [4, 'M', 8, 'M']}
        def make_layers(cfg, batch_norm=False):
            layers, into = [], 1
            for v in cfg:
                if v == 'M':
                    layers += [nn.MaxPool2d(2, 2)]
                else:
                    conv = nn.Conv2d(into, v, 3, padding=1)
                    layers.extend([conv, nn.BatchNorm2d(v), nn.ReLU(True)] if batch_norm else [conv, nn.ReLU(True)])
                    into = v
            return nn.Sequential(*layers)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.features = make_layers(cfg['A'], True)
            def forward(self, x):
                return self.features(x)
    """,
    "num_flat_features": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(16, 3)
            def forward(self, x):
                return self.fc(x.view(-1, self.num_flat_features(x)))
            def num_flat_features(self, x):
                num_features = 1
                for s in x.size()[1:]:
                    num_features *= s
                return num_features
    """,
    "a condition on an argument and on a shape": """
        class Block(nn.Module):
            def __init__(self, into, out, stride=1):
                super().__init__()
                self.conv = nn.Conv2d(into, out, 3, stride, 1)
                self.down = None
                if stride != 1 or into != out:
                    self.down = nn.Conv2d(into, out, 1, stride)
            def forward(self, x):
                out = self.conv(x)
                return out + (x if self.down is None else self.down(x))
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.blocks = nn.Sequential(Block(1, 1), Block(1, 2, stride=2))
            def forward(self, x):
                x = self.blocks(x)
                if x.shape[-1] > 1:
                    x = F.avg_pool2d(x, x.shape[-1])
                return x
    """,
    "unpacking a shape and a star": """
        class Net(nn.Module):
            def forward(self, x):
                b, c, *rest = x.shape
                h, w = rest
                first, *others = [x, x + 1, x + 2]
                return x.reshape(b, c * h, w) + sum(one.mean() for one in others)
    """,
    "static and class methods, a property": """
        class Net(nn.Module):
            scale = 2
            @staticmethod
            def double(x):
                return 2 * x
            @classmethod
            def size(cls):
                return cls.scale
            @property
            def half(self):
                return 0.5
            def forward(self, x):
                return Net.double(x) * self.size() * self.half
    """,
    "parameters and buffers of its own": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = nn.Parameter(torch.randn(4, 3))
                self.register_buffer('shift', torch.ones(3))
                self.register_parameter('scale', nn.Parameter(torch.zeros(1)))
                nn.init.xavier_uniform_(self.weight)
            def forward(self, x):
                return x @ self.weight + self.shift * self.scale
    """,
    "weights given in __init__": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(1, 2, 3)
                self.bn = nn.BatchNorm2d(2)
                for m in self.modules():
                    if isinstance(m, nn.Conv2d):
                        nn.init.kaiming_normal_(m.weight, mode='fan_out', nonlinearity='relu')
                        if m.bias is not None:
                            nn.init.constant_(m.bias, 0.5)
                    elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                        m.weight.data.fill_(1.5)
                        m.bias.data.zero_()
            def forward(self, x):
                return self.bn(self.conv(x))
    """,
    "weights given by apply": """
        def weights_init(m):
            classname = m.__class__.__name__
            if classname.find('Linear') != -1:
                nn.init.normal_(m.weight.data, 0.0, 0.02)
            if type(m) == nn.Linear:
                m.bias.data.fill_(0.01)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.row = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))
                self.apply(weights_init)
            def forward(self, x):
                return self.row(x)
    """,
    "lambdas, partial and *layers": """
        from functools import partial
        def row(*layers):
            return nn.Sequential(*layers)
        class Net(nn.Module):
            def __init__(self, norm=partial(nn.LayerNorm, eps=1e-3), act=nn.GELU):
                super().__init__()
                self.row = row(nn.Linear(4, 4), norm(4), act())
                self.last = lambda x: x * 2
            def forward(self, x):
                return self.last(self.row(x))
    """,
    "keyword arguments handed on": """
        class Conv(nn.Module):
            def __init__(self, into, out, **kwargs):
                super().__init__()
                self.conv = nn.Conv2d(into, out, bias=False, **kwargs)
            def forward(self, x):
                return self.conv(x)
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = Conv(1, 2, kernel_size=3, padding=1)
            def forward(self, x):
                return self.conv(x)
    """,
    "a plain class of settings": """
        class Config:
            hidden = 6
            def __init__(self, classes):
                self.classes = classes
        config = Config(3)
        class Net(nn.Module):
            def __init__(self, config=config):
                super().__init__()
                self.row = nn.Sequential(nn.Linear(4, config.hidden), nn.Linear(Config.hidden, config.classes))
            def forward(self, x):
                return self.row(x)
    """,
    "a dataclass of settings": """
        from dataclasses import dataclass
        @dataclass
        class Config:
            hidden: int = 6
            classes: int = 3
        class Net(nn.Module):
            def __init__(self, config=Config(classes=2)):
                super().__init__()
                self.row = nn.Sequential(nn.Linear(4, config.hidden), nn.Linear(config.hidden, config.classes))
            def forward(self, x):
                return self.row(x)
    """,
    "annotations and docstrings": '''
        from typing import List, Optional, Tuple
        class Net(nn.Module):
            """A network."""
            sizes: List[int] = [4, 3]
            def __init__(self, last: Optional[int] = None, shape: Tuple[int, ...] = (4,)) -> None:
                """Makes it."""
                super().__init__()
                self.fc: nn.Linear = nn.Linear(self.sizes[0], last or self.sizes[1])
            def forward(self, x: torch.Tensor) -> torch.Tensor:
                return self.fc(x)
    ''',
    "while, break and continue": """
        class Net(nn.Module):
            def forward(self, x):
                i = 0
                while True:
                    i += 1
                    if i == 2:
                        continue
                    if i > 4:
                        break
                    x = x + i
                return x
    """,
    "without gradients": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 2)
                for p in self.fc.parameters():
                    p.requires_grad = False
            def forward(self, x):
                with torch.no_grad():
                    x = x * 2
                return self.fc(x)
    """,
    "weights that two layers share": """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a = nn.Linear(4, 4)
                self.b = nn.Linear(4, 4)
                self.b.weight = self.a.weight
            def forward(self, x):
                return self.b(self.a(x))
    """,
    "dictionary of functions": """
        ACTS = dict(relu=F.relu, tanh=torch.tanh)
        class Net(nn.Module):
            def __init__(self, act='tanh'):
                super().__init__()
                assert act in ACTS, f'unknown {act}'
                self.act = ACTS[act]
            def forward(self, x):
                return self.act(x) if callable(self.act) else x
    """,
    "a try of a helper and del": """
        class Net(nn.Module):
            def __init__(self):
                super(Net, self).__init__()
                layers = []
                layers.append(nn.Linear(4, 4))
                layers.append(nn.ReLU())
                layers.pop()
                self.row = nn.Sequential(*layers)
                del layers
            def forward(self, x):
                x = self.row(x); return x
    """,
}
SHAPES = {
    "a subclass of nn.Sequential": (1, 6, 6), "a list with M": (1, 8, 8), "num_flat_features": (1, 4, 4),
    "a condition on an argument and on a shape": (1, 6, 6), "unpacking a shape and a star": (2, 3, 4),
    "weights given in __init__": (1, 5, 5), "keyword arguments handed on": (1, 5, 5),
}  # fmt: skip


@pytest.mark.parametrize("kind", STRUCTURES)
def test_how_classes_are_written(kind):
    same(textwrap.dedent(STRUCTURES[kind]), SHAPES.get(kind, (4,)))


# --- what is said of the reading


def test_dropout_that_never_stops_is_named_and_stays_on():
    text = text_of("x = F.dropout(x, 0.5)\nreturn self.fc(nn.Dropout(0.5)(x))", "self.fc = nn.Linear(40, 2)")
    source = read(HEAD + text)
    assert ["line 12" in source.notes[0], "line 13" in source.notes[1]] == [True, True]
    network = source.build().eval()
    x = torch.ones(1, 40)
    assert not torch.equal(network(x), network(x))
    live = read(HEAD + text_of("return F.dropout(x, 0.5, training=self.training)"))
    assert live.notes == () and torch.equal(live.build().eval()(x), x)
    assert not torch.equal(live.build().train()(x), x)


PLAIN = {
    "self.row = [nn.Linear(4, 4), nn.Linear(4, 4)]": "nn.ModuleList",
    "self.row = [nn.Linear(4, 4) for _ in range(2)]": "nn.ModuleList",
    "self.row = []\nfor _ in range(2):\n    self.row.append(nn.Linear(4, 4))": "nn.ModuleList",
    "self.row = {'a': nn.Linear(4, 4)}": "nn.ModuleDict",
    "self.row = [nn.ReLU(), nn.Tanh()]": "",
    "self.a = nn.Linear(4, 4)\nself.row = [self.a]": "",
    "self.row = nn.ModuleList([nn.Linear(4, 4)])": "",
    "self.row = [4, 8, 16]": "",
}


@pytest.mark.parametrize("init", PLAIN)
def test_layers_in_a_plain_list_are_named_with_what_holds_them(init):
    forward = "for one in list(self.row):\n    x = x\nreturn x"
    for made in ("", "net = Net()\n"):
        notes = read(HEAD + text_of(forward, init) + made).notes
        assert [PLAIN[init] in one and "self.row" in one for one in notes] == [True] * bool(PLAIN[init])


def test_a_layer_that_is_made_in_forward_is_named():
    notes = read(HEAD + text_of("x = nn.ReLU()(x)\nreturn nn.Linear(4, 2)(x)")).notes
    assert len(notes) == 1 and "Linear" in notes[0] and "line 13" in notes[0]


# --- what is refused: where, and what is to be written instead

NETWORK = """import torch
import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = x.mean((2, 3))
        return self.fc(x)
"""
REFUSED = [  # what stands in place of what, the place of the error, and words of the remedy
    ("nn.Conv2d(1", "nn.Conv2D(1", (8, 21), ["Conv2D", "Conv2d"]),
    ("nn.Linear", "nn.Linaer", (9, 19), ["Linaer", "Linear"]),
    ("(1, 4, 3)", "(1, 4)", (8, 21), ["kernel_size"]),
    ("(1, 4, 3)", "(1, 4, kernal_size=3)", (8, 21), ["kernal_size", "kernel_size"]),
    ("(1, 4, 3)", "(1, 4, 3, groups=3)", (8, 21), ["in_channels", "groups"]),
    ("(1, 4, 3)", "(1, 4, size)", (8, 37), ["size", "write it above"]),
    ("F.relu", "F.rellu", (12, 13), ["rellu", "relu"]),
    ("self.conv(x)", "conv(x)", (12, 20), ["conv"]),
    ("self.conv(x)", "self.con(x)", (12, 20), ["con", "conv"]),
    ("x.mean((2, 3))", "x.meen((2, 3))", (13, 13), ["meen", "mean"]),
    ("x.mean((2, 3))", "x.numpy()", (13, 13), ["numpy", "leave it out"]),
    ("x.mean((2, 3))", "y", (13, 13), ["y"]),
    ("x.mean((2, 3))", "open('x')", (13, 13), ["open", "leave it out"]),
    ("x.mean((2, 3))", "eval('x')", (13, 13), ["eval", "leave it out"]),
    ("x.mean((2, 3))", "nn.ReLU(x)", (13, 13), ["ReLU", "nn.ReLU(...)(x)"]),
    ("x.mean((2, 3))", "self.conv", (14, 16), ["Conv2d"]),
    ("x.mean((2, 3))", "self.forward.__globals__", (13, 13), ["__globals__"]),
    ("return self.fc(x)", "self.fc(x)", (11, 5), ["return"]),
    ("forward(self, x)", "forward(x)", (11, 5), ["self"]),
    ("def __init__(self)", "def __init__()", (6, 5), ["self"]),
    ("def forward", "def foward", (5, 1), ["foward", "forward", "line 11"]),
    ("def __init__", "def __int__", (12, 20), ["__int__", "__init__", "line 6"]),
    ("def __init__", "def _init_", (12, 20), ["_init_", "__init__", "line 6"]),
    ("super()", "super(Nett, self)", (7, 15), ["Nett", "Net"]),
    ("super().__init__()", "super().__int__()", (7, 9), ["__int__", "__init__"]),
    ("super().__init__()", "super().init()", (7, 9), ["init", "__init__"]),
    ("super().__init__()", "super().__init__(10)", (7, 9), ["Net"]),
    ("        super().__init__()\n", "", (7, 9), ["super().__init__()"]),
    ("nn.Conv2d(1, 4, 3)", "nn.EmbeddingBag(10, 4)", (8, 21), ["integers", "pictures"]),
    ("nn.Conv2d(1, 4, 3)", "nn.utils.spectral_norm(nn.ReLU())", (8, 21), ["does not take it"]),
    ("nn.Conv2d(1, 4, 3)", "nn.utils.spectral_norm(nn.Conv2d(1, 4, 3), n_power_iterations=10**8)", (8, 21), ["20"]),
    ("nn.Conv2d(1, 4, 3)", "nn.utils.weight_norm(3)", (8, 21), ["a layer is wanted", "3"]),
    ("nn.Conv2d(1, 4, 3)", "torch.hub.load('a', 'b')", (8, 21), ["paste the class"]),
    ("nn.Conv2d(1, 4, 3)", "torch.load('a.pth')", (8, 21), [".safetensors"]),
    ("nn.Conv2d(1, 4, 3)", "nn.Conv2d(1, 4, 10 ** 100)", (8, 37), ["64"]),
    ("class Net(nn.Module):", "class Net(nn.Module, metaclass=type):", (5, 32), ["metaclass"]),
    ("class Net(nn.Module):", "class Net(torch.stack):", (5, 11), ["come from", "torch.stack"]),
    ("def forward", "@wrapped\n    def forward", (11, 6), ["wrapped"]),
]


@pytest.mark.parametrize(("old", "new", "place", "words"), REFUSED, ids=[one[1] for one in REFUSED])
def test_what_is_wrong_is_said_where_it_stands_with_a_remedy(old, new, place, words):
    text = NETWORK.replace(old, new, 1)
    assert text != NETWORK
    with pytest.raises(NotationError) as refused:
        read(text).weightless()(torch.rand(2, 1, 8, 8, device="meta"))
    assert (refused.value.line, refused.value.column) == place
    sentence = str(refused.value)
    assert all(word in sentence for word in words)
    assert sentence.startswith(f"Line {place[0]}, column {place[1]}: ") and sentence.endswith(".")
    assert "Traceback" not in sentence and "object at" not in sentence and len(sentence) < 300


FROM_ELSEWHERE = {
    "import torchvision\nnet = torchvision.models.segmentation.fcn_resnet50()\n": "paste its class",
    "from torchvision import models\nnet = models.resnet18(norm_layer=nn.InstanceNorm2d)\n": "norm_layer",
    "from torchvision import models\nnet = models.vgg11(num_classes=10**9)\n": "100,000",
    "from torchvision import models\nnet = models.vgg11(classes=10)\n": "vgg11 does not take this",
    "import timm\nnet = timm.create_model('resnet18')\n": "timm",
}


@pytest.mark.parametrize("text", FROM_ELSEWHERE)
def test_a_network_that_another_package_makes_is_refused_with_what_to_do(text):
    with pytest.raises(NotationError) as refused:
        read(text).weightless()
    assert FROM_ELSEWHERE[text] in str(refused.value)
    line = refused.value.line
    assert "net = " in text.splitlines()[line - 1] or "resnet import" not in text


def test_where_a_name_comes_from_is_followed_to_its_first_line():
    text = NETWORK.replace("(4, 2)", "(4, n)") + "import yaml\ncfg = yaml.load('a')\nn = cfg['n']\nnet = Net()\n"
    with pytest.raises(NotationError) as refused:
        read(text).weightless()
    assert str(refused.value).count("which is not read") == 1 and "yaml" in str(refused.value)


def test_lightning_modules_are_networks():
    text = NETWORK.replace("nn.Module", "pl.LightningModule")
    step = "\n    def training_step(self, batch, number):\n        return batch.loss\n"
    source = read(f"import pytorch_lightning as pl\n{text}{step}")
    assert source.parameters == 4 * 9 + 4 + 4 * 2 + 2
    assert read(f"import lightning as L\n{text.replace('pl.', 'L.')}").parameters == source.parameters


ENDLESS = [  # what goes through many layers again and again
    "row = nn.ModuleList([nn.ReLU() for _ in range(1900)])\nfor i in range(9000):\n    part = row[1:]",
    "row = nn.ModuleList([nn.ReLU() for _ in range(1900)])\nfor i in range(9000):\n    row.eval()",
    "row = nn.Sequential(nn.ReLU())\nfor i in range(40):\n    row = nn.Sequential(*row, *row)",
    "row = nn.ModuleList([nn.ReLU()])\nfor i in range(40):\n    row.extend(row)",
    "parts = [nn.ReLU()] * 9000\nfor i in range(9000):\n    row = nn.ModuleList(parts)",
    "row = nn.Sequential(*[nn.ReLU() for _ in range(1900)])\nfor i in range(9000):\n    row(torch.rand(1))",
]


@pytest.mark.long(sample=2)
@pytest.mark.slow
@pytest.mark.parametrize("text", ENDLESS, ids=[one.splitlines()[-1].strip() for one in ENDLESS])
def test_what_goes_through_many_layers_often_is_bounded(text):
    with within(5):
        assert "passed over" in read(f"{HEAD}{text}\nmodel = nn.Linear(3, 3)\n", "model").notes[0]


def test_each_network_of_a_text_is_one_of_its_own():
    text = """class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.sizes, self.cache = [4, 3], {}
            self.conv = nn.Conv2d(3, 4, 3, padding="same")
            self.norm = nn.BatchNorm2d(4)
            self.rnn = nn.LSTM(4, 4)
            self.one = nn.Linear(4, 4)
            self.other = nn.Linear(4, 4)
            self.other.weight = self.one.weight
            self.register_buffer("counts", torch.zeros(2, dtype=torch.long))
            self.late = nn.LazyLinear(4)

        def forward(self, x):
            return self.one(self.norm(self.conv(x)))
    """
    source = read(HEAD + text)
    one, two = source.weightless(), source.weightless()
    assert repr(one) == repr(two) and one.state_dict().keys() == two.state_dict().keys()
    assert one.other.weight is one.one.weight and two.other.weight is two.one.weight
    for mine, theirs in zip(one.modules(), two.modules(), strict=True):
        assert vars(mine).keys() == vars(theirs).keys() and type(mine) is type(theirs)
        changing = {name: value for name, value in vars(mine).items() if isinstance(value, dict | list | set)}
        assert all(vars(theirs)[name] is not value for name, value in changing.items())
    tensors = [[*network.parameters(), *network.buffers()] for network in (one, two)]
    assert len(tensors[0]) == 17 and not {*map(id, tensors[0])} & {*map(id, tensors[1])}
    assert [(type(a), a.dtype, a.requires_grad) for a in tensors[0]] == [
        (type(b), b.dtype, b.requires_grad) for b in tensors[1]
    ]


def test_a_name_with_underscores_outside_a_class_is_left_alone_however_deep_a_line_goes():
    source = read(f"{HEAD}{NETWORK}\n__total = {'+'.join(['1'] * 900)}\n")
    assert source.parameters == 4 * 9 + 4 + 4 * 2 + 2
