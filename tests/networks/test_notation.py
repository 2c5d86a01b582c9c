"""The text of a network: what is read, what is refused with which words, and that nothing is ever executed."""

from __future__ import annotations

import ast
import inspect
import random
import re
import resource
import runpy
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from cnnviz.networks import notation, zoo
from cnnviz.networks.notation import NotationError
from cnnviz.networks.notation.layers import ALLOWED, LAYERS, SIGNATURES, UNSUITED
from cnnviz.networks.notation.parser import MAX_CHARACTERS, MAX_DEPTH, MAX_LAYERS
from cnnviz.networks.zoo.blocks import Residual
from tests.helpers import refused
from tests.pace import scaled
from tests.sampling import Tries

NAMES = {
    "torch": torch,
    "nn": nn,
    "Residual": Residual,
    "OrderedDict": OrderedDict,
    **LAYERS,
    "Sequential": nn.Sequential,
}
CALLS = [
    "nn.Conv1d(2, 4, 3, stride=2, padding=1, dilation=2, groups=2, bias=False)",
    "Conv2d(3, 6, (3, 5), padding='same', padding_mode='reflect')",
    "torch.nn.Conv2d(in_channels=3, out_channels=6, kernel_size=5)",
    "nn.ConvTranspose2d(4, 2, 3, 2, 1, 1)",
    "nn.MaxPool1d(2)",
    "nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True)",
    "nn.AvgPool1d(2)",
    "nn.AvgPool2d((2, 3), count_include_pad=False)",
    "nn.AdaptiveAvgPool1d(1)",
    "nn.AdaptiveAvgPool2d((1, 1))",
    "nn.AdaptiveMaxPool2d(2)",
    "nn.BatchNorm1d(8)",
    "nn.BatchNorm2d(8, momentum=None, affine=False)",
    "nn.InstanceNorm2d(8)",
    "nn.LayerNorm([8, 4, 4])",
    "nn.GroupNorm(2, 8, eps=1e-6)",
    "nn.LocalResponseNorm(5, k=2.0)",
    "nn.Dropout(0.5)",
    "nn.Dropout2d(p=0.2, inplace=True)",
    "nn.ReLU(inplace=True)",
    "nn.ReLU6()",
    "nn.LeakyReLU(0.2)",
    "nn.PReLU(8)",
    "nn.ELU()",
    "nn.SELU()",
    "nn.GELU(approximate='tanh')",
    "nn.SiLU()",
    "nn.Mish()",
    "nn.Hardswish()",
    "nn.Softplus(beta=2.0)",
    "nn.Sigmoid()",
    "nn.Tanh()",
    "nn.Softmax(dim=1)",
    "nn.LogSoftmax(-1)",
    "nn.Flatten()",
    "nn.Flatten(1, 2)",
    "nn.Unflatten(1, (4, 2))",
    "nn.Linear(16 * 5 * 5, 120, bias=False)",
    "nn.Identity()",
    "nn.Upsample(scale_factor=2, mode='bilinear', align_corners=True)",
    "nn.ZeroPad2d((1, 2, 0, 3))",
    "nn.Conv3d(2, 4, (1, 3, 5), padding='same', bias=False)",
    "nn.ConvTranspose1d(4, 2, 3, stride=2, output_padding=1)",
    "nn.ConvTranspose3d(4, 2, 3, 2, 1, 1, 2, False, 1)",
    "nn.MaxPool2d(2, None, 0, 1, False, True)",
    "nn.MaxPool3d((1, 2, 2), stride=(1, 2, 2))",
    "nn.AvgPool3d(2, divisor_override=3)",
    "nn.LPPool1d(2, 3, stride=2)",
    "nn.LPPool2d(1.5, (3, 2), ceil_mode=True)",
    "nn.LPPool3d(2, 3)",
    "nn.FractionalMaxPool2d(3, output_size=(4, 5))",
    "nn.FractionalMaxPool2d(2, output_ratio=0.5)",
    "nn.FractionalMaxPool3d(2, output_ratio=(0.5, 0.6, 0.7))",
    "nn.AdaptiveAvgPool2d((None, 7))",
    "nn.AdaptiveAvgPool3d((1, None, 3))",
    "nn.AdaptiveMaxPool1d(4)",
    "nn.AdaptiveMaxPool3d(2)",
    "nn.BatchNorm3d(4)",
    "nn.BatchNorm2d(4, bias=False)",
    "nn.LayerNorm(8, elementwise_affine=False)",
    "nn.GroupNorm(2, 8, bias=False)",
    "nn.InstanceNorm1d(4, affine=True)",
    "nn.InstanceNorm3d(4, track_running_stats=True)",
    "nn.RMSNorm([4, 4], eps=1e-6)",
    "nn.RMSNorm(8, elementwise_affine=False)",
    "nn.Dropout1d(0.1)",
    "nn.Dropout3d()",
    "nn.AlphaDropout(0.05)",
    "nn.FeatureAlphaDropout(0.05, True)",
    "nn.PReLU(init=0.1)",
    "nn.RReLU(0.1, 0.2)",
    "nn.CELU(alpha=2.0)",
    "nn.GLU(1)",
    "nn.Hardsigmoid()",
    "nn.Hardtanh(-2, 2.0)",
    "nn.Threshold(0.1, -20)",
    "nn.Hardshrink(0.2)",
    "nn.Softshrink(lambd=0.2)",
    "nn.Tanhshrink()",
    "nn.Softsign()",
    "nn.LogSigmoid()",
    "nn.Softmax2d()",
    "nn.Softmin(dim=1)",
    "nn.Unfold(3, padding=1)",
    "nn.Fold((4, 5), (2, 3), stride=(1, 2))",
    "nn.PixelShuffle(2)",
    "nn.PixelUnshuffle(2)",
    "nn.ChannelShuffle(2)",
    "nn.Upsample(scale_factor=(2, 3))",
    "nn.Upsample((8, 9), None, 'nearest', None, None)",
    "nn.UpsamplingNearest2d(scale_factor=2)",
    "nn.UpsamplingBilinear2d((8, 8))",
    "nn.ZeroPad1d(2)",
    "nn.ZeroPad3d((1, 2, 0, 0, 3, 4))",
    "nn.ConstantPad1d((1, 0), 3.5)",
    "nn.ConstantPad2d(2, -1)",
    "nn.ConstantPad3d(1, 0.5)",
    "nn.ReflectionPad1d(1)",
    "nn.ReflectionPad2d((1, 1, 2, 2))",
    "nn.ReflectionPad3d(1)",
    "nn.ReplicationPad1d((0, 1))",
    "nn.ReplicationPad2d(1)",
    "nn.ReplicationPad3d(1)",
    "nn.CircularPad1d(1)",
    "nn.CircularPad2d((1, 2, 0, 0))",
    "nn.CircularPad3d(1)",
    "Residual(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), shortcut=nn.Conv2d(4, 4, 1))",
    "nn.Sequential(nn.ReLU(), nn.Sequential(nn.Linear(-(-4), 10 // 3 + 2 - 1)))",
    "nn.Sequential(OrderedDict([('a', nn.ReLU()), ('b', nn.Tanh())]))",
    "nn.Sequential(OrderedDict({'a': nn.ReLU(), '1': nn.Tanh()}))",
    "nn.Sequential(*[nn.ReLU(), *(nn.Tanh(), nn.ELU())], nn.GELU())",
    "Residual(*[nn.ReLU()], nn.Tanh())",
    "nn.Linear(28**2, int(7.9) * +3)",
    "nn.Linear(int(784 / 2), 17 % 10)",
    "nn.Dropout(1 / 4)",
]


def built(text: str) -> nn.Module:
    return notation.parse(text).build()


def by_python(text: str) -> nn.Module:
    """The oracle: Python itself, on our own texts."""
    return eval(text, dict(NAMES))


@pytest.mark.parametrize("call", CALLS)
def test_a_layer_is_what_python_makes_of_it(call: str) -> None:
    text = f"nn.Sequential({call})"
    assert repr(built(text)) == repr(by_python(text))


def test_every_layer_is_tried_above() -> None:
    assert {name for name in LAYERS if not any(f"nn.{name}(" in call for call in CALLS)} == set()


def test_every_layer_of_torch_is_allowed_or_refused_with_its_reason() -> None:
    modules = {name for name, one in vars(nn).items() if isinstance(one, type) and issubclass(one, nn.Module)}
    modules = {name for name in modules if "Loss" not in name} - {"Sequential"}
    assert modules - set(LAYERS) - set(UNSUITED) == set() == set(LAYERS) & set(UNSUITED)


LEFT_OUT = {"device", "dtype", "args", "kwargs", "_random_samples", "min_value", "max_value"}  # of torch's parameters


@pytest.mark.parametrize("layer", ALLOWED, ids=lambda layer: layer.__name__)
def test_parameters_are_torchs_in_torchs_order(layer: type[nn.Module]) -> None:
    """So that a value by its place means what it means in torch."""
    theirs = inspect.signature(layer).parameters
    ours = [name for name in theirs if name in ALLOWED[layer]]
    assert set(ours) == set(ALLOWED[layer]) and list(SIGNATURES[layer]) == ours
    left = [name for name, one in theirs.items() if name not in ours and one.kind is not one.KEYWORD_ONLY]
    placed = [name for name in ours if theirs[name].kind is not inspect.Parameter.KEYWORD_ONLY]
    assert set(left) <= LEFT_OUT and list(theirs)[: len(placed)] == placed


def test_where_it_divides_evenly_the_number_is_whole() -> None:
    layer = built("nn.Sequential(nn.Linear(3 * 28 * 28 / 4, 4 / 2))")[0]  # 588.0 and 2.0 in Python, which torch refuses
    assert isinstance(layer, nn.Linear) and (layer.in_features, layer.out_features) == (588, 2)


def test_comments_names_and_pasted_code_are_understood() -> None:
    text = """import torch
from torch import nn

model = nn.Sequential(  # a comment
    nn.Conv2d(1, 8, 3),   # and another

    nn.ReLU(),
)
"""
    assert repr(built(text)) == repr(nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU()))


@pytest.mark.parametrize("name", zoo.names())
def test_the_zoo_is_written_and_read_back(name: str) -> None:
    network = zoo.weightless(name)
    if not isinstance(network, nn.Sequential):
        with refused("nn.Sequential", type(network).__name__):
            notation.write(network)
        return
    text = notation.write(network)
    assert repr(notation.parse(text).weightless()) == repr(network)
    assert repr(eval(text, dict(NAMES))) == repr(network)  # it is PyTorch as it stands
    assert all(len(line) <= 120 for line in text.splitlines())


@pytest.mark.parametrize("call", CALLS)
def test_a_layer_is_written_and_read_back(call: str) -> None:
    network = by_python(f"nn.Sequential({call})")
    assert repr(built(notation.write(network))) == repr(network)


@pytest.mark.parametrize("call", ["BatchNorm2d(8, affine=False)", "LayerNorm((8,), elementwise_affine=False)"])
def test_a_norm_without_weights_is_written_without_its_bias(call: str) -> None:
    assert notation.write(by_python(f"nn.Sequential(nn.{call})")) == f"nn.Sequential(\n    nn.{call},\n)"


def test_what_has_no_text() -> None:
    with refused("Bilinear"):
        notation.write(nn.Sequential(nn.Bilinear(1, 2, 3)))


REFUSED = [
    ("", 1, 1, "nn.Sequential(...)"),
    ("nn.ReLU()", 1, 1, "nn.Sequential(...)", "ReLU"),
    ("nn.Sequential()", 1, 1, "Sequential"),
    ("nn.Sequential(\n  nn.Conv4d(1, 2, 3))", 2, 3, "'Conv4d'", "Conv3d"),
    (
        "nn.Sequential(nn.Conv2d(1, 2))",
        1,
        15,
        "Conv2d",
        "kernel_size",
        "in_channels",
    ),
    ("nn.Sequential(nn.Linear(1, 2, foo=3))", 1, 35, "Linear", "foo", "in_features, out_features, bias"),
    ("nn.Sequential(nn.Linear(1, 2, True, 4))", 1, 37, "Linear", 3),
    ("nn.Sequential(nn.Linear(1, 2, out_features=3))", 1, 44, "Linear", "out_features"),
    (
        "nn.Sequential(nn.Linear(1.5, 2))",
        1,
        25,
        "Linear",
        "in_features",
        "65,536",
        1.5,
    ),
    ("nn.Sequential(nn.Linear(True, 2))", 1, 25, "in_features", True),
    ("nn.Sequential(nn.Linear(99999, 2))", 1, 25, "in_features", 99999, "65,536"),
    ("nn.Sequential(nn.Conv2d(1, 2, 3, padding='sam'))", 1, 42, "padding", "'same', 'valid'", "'sam'"),
    (
        "nn.Sequential(nn.Conv2d(3, 4, 3, groups=2))",
        1,
        15,
        "Conv2d",
        "3 in_channels",
        "2 groups",
        "groups=1",
    ),
    ("nn.Sequential(nn.Dropout(2))", 1, 26, "p", "0 to 1", 2),
    ("nn.Sequential(nn.Linear(1, 2)", 1, 14, "Python"),
    ("nn.Sequential(nn.Linear(4 // 0, 2))", 1, 25, 0),
    ("nn.Sequential(nn.Linear(9**9**9, 2))", 1, 25, 30),
    ("nn.Sequential(nn.Linear(10**9, 2))", 1, 25, "65,536", "1000000000"),
    ("nn.Sequential(nn.Linear(10**10, 2))", 1, 25, "1,000,000,000"),
    ("nn.Sequential(nn.Linear(2**-1, 2))", 1, 25, 30),
    ("nn.Sequential(nn.Linear(1.5**0.5, 2))", 1, 25, 30),
    ("nn.Sequential(nn.Linear((1/9)**30, 2))", 1, 25, "in_features"),
    ("nn.Sequential(nn.Linear(1e9**30**1 ** 30 * 1e9 ** 30, 2))", 1, 25, "1,000,000,000"),
    ("nn.Sequential(nn.Linear(5 % 0, 2))", 1, 25, 0),
    ("nn.Sequential(nn.Linear(5 / 0, 2))", 1, 25, 0),
    ("nn.Sequential(nn.Linear(29 / 2, 2))", 1, 25, "in_features", 14.5),
    ("nn.Sequential(nn.Linear(6 & 2, 2))", 1, 25, "arithmetic"),
    ("nn.Sequential(nn.Linear(~6, 2))", 1, 25, "+ and -"),
    ("nn.Sequential(nn.Linear(int('6'), 2))", 1, 29, "number"),
    ("nn.Sequential(nn.Linear(int(6, 7), 2))", 1, 25, "number"),
    ("nn.Sequential(nn.Linear(int(x=6), 2))", 1, 25, "number"),
    ("nn.Sequential(nn.ReLU(inplace=true))", 1, 31, "True"),
    ("nn.Sequential(nn.Linear(4, 2 if x else 3))", 1, 28, "if and else"),
    ("nn.Sequential(nn.Conv2d(1, 2, 3, device='cuda'))", 1, 41, "Conv2d", "device, too", "leave it out"),
    ("nn.Sequential(nn.BatchNorm2d(2, dtype=None))", 1, 39, "BatchNorm2d", "dtype, too"),
    ("nn.Sequential(nn.MaxPool2d(2, return_indices=True))", 1, 46, "return_indices", "two results"),
    ("nn.Sequential(nn.Conv3d(1, 2, (3, 3)))", 1, 31, "kernel_size", "(3, 3)"),
    ("nn.Sequential(nn.AdaptiveAvgPool2d((None, 0)))", 1, 36, "output_size", "(None, 0)"),
    ("nn.Sequential(nn.FractionalMaxPool2d(2))", 1, 15, "FractionalMaxPool2d", "output size"),
    ("nn.Sequential(nn.Embedding(10, 3))", 1, 15, "Embedding", "integers", "picture"),
    ("nn.Sequential(nn.LSTM(10, 3))", 1, 15, "LSTM", "state"),
    ("nn.Sequential(nn.LazyConv2d(10, 3))", 1, 15, "LazyConv2d", "nn.Conv2d"),
    ("nn.Sequential(nn.ModuleList([nn.ReLU()]))", 1, 15, "ModuleList", "nn.Sequential"),
    ("nn.Sequential(nn.ReLU() nn.ReLU())", 1, 15, "comma"),
    ("nn.Sequential(nn.Linear(99999 * 99999, 2))", 1, 25, "1,000,000,000"),
    ("nn.Sequential(nn.Linear(" + "9" * 5000 + ", 2))", 1, 1, "Python"),
    ("nn.Sequential(nn.Linear(65536, 65536))", 1, 1, "4,295,032,832", "100,000,000"),
    ("nn.Sequential(nn.Conv2d.__init__(1))", 1, 15, "torch.nn"),
    ("__import__('os').system('true')", 1, 1, "torch.nn"),
    (
        "nn.Sequential(os.Linear(1, 2))",
        1,
        15,
        "torch.nn",
        "attribute Linear",
    ),
    ("nn.Sequential((lambda: nn.ReLU())())", 1, 16, "torch.nn", "lambda"),
    ("nn.Sequential(lambda x: x)", 1, 15, "nn.ReLU()", "lambda"),
    ("nn.Sequential(*layers)", 1, 15, "starred list"),
    ("nn.Sequential(*[nn.ReLU() for _ in range(3)])", 1, 15, "starred list"),
    ("nn.Sequential(*[])", 1, 1, "Sequential"),
    ("nn.Sequential(**{'a': 1})", 1, 17, "Sequential", "OrderedDict"),
    ("nn.Sequential(nn.ReLU(**{}))", 1, 25, "ReLU", "inplace"),
    ("nn.Sequential([nn.ReLU() for _ in range(3)])", 1, 15, "list comprehension"),
    ("nn.Sequential(x := nn.ReLU())", 1, 15, ":="),
    ("nn.Sequential(nn.ReLU)", 1, 15, "attribute ReLU"),
    ("nn.Sequential(nn.Linear(f'{1}', 2))", 1, 25, "number"),
    ("nn.Sequential(nn.ReLU())\nprint(1)", 2, 1, "nn.Sequential(...)"),
    ("for i in x: pass", 1, 1, "statement"),
    ("a = b = nn.Sequential(nn.ReLU())", 1, 1, "statement"),
    ("Residual(nn.ReLU())", 1, 1, "nn.Sequential(...)", "Residual"),
    ("nn.Sequential(Residual(nn.ReLU(), skip=nn.ReLU()))", 1, 40, "Residual", "shortcut=layer", "skip"),
    ("nn.Sequential(OrderedDict([('a', nn.ReLU()), ('a', nn.ReLU())]))", 1, 1, "'a'"),
    ("nn.Sequential(OrderedDict([('a.b', nn.ReLU())]))", 1, 29, "'a.b'", "letters, digits and _"),
    ("nn.Sequential(OrderedDict([('a-b', nn.ReLU())]))", 1, 29, "'a-b'", "letters, digits and _"),
    ("nn.Sequential(OrderedDict([(1, nn.ReLU())]))", 1, 29, "pair"),
    ("nn.Sequential(OrderedDict([('a', nn.ReLU(), 1)]))", 1, 28, "pair"),
    ("nn.Sequential(OrderedDict({**{'a': nn.ReLU()}}))", 1, 30, "dictionary"),
    ("nn.Sequential(OrderedDict([('forward', nn.ReLU())]))", 1, 29, "'forward'"),
    ("nn.Sequential(OrderedDict(a=nn.ReLU()))", 1, 15, "OrderedDict", "pairs"),
    ("é = nn.Sequential(nn.Foo())", 1, 19, "'Foo'"),
    ("x\0y", 1, 1, "null bytes"),
    ("(" * 5000, 1, 201, "parentheses"),
    ("-" * 9000 + "1", 1, 1, "nested"),
    (
        "nn.Sequential(" * (MAX_DEPTH + 2) + "nn.ReLU()" + ")" * (MAX_DEPTH + 2),
        1,
        239,
        16,
    ),
    ("nn.Sequential(" + "nn.ReLU()," * (MAX_LAYERS + 1) + ")", 1, None, 500),
    ("#" * (MAX_CHARACTERS + 1), 1, 1, "20,001", "20,000"),
    ("\ud800", 1, 1, "cannot be read"),
]


@pytest.mark.parametrize("case", REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_says_where_and_why(case: tuple[Any, ...]) -> None:
    text, line, column, *values = case
    with refused(*values, kind=NotationError) as caught:
        notation.parse(text)
    error = caught.value
    assert str(error).endswith(".") and error.line == line and column in (None, error.column)


TOKENS = [
    *(
        "nn",
        "torch",
        ".",
        "(",
        ")",
        "[",
        "]",
        ",",
        "=",
        "*",
        "**",
        "+",
        "-",
        "//",
        "/",
        ":",
        "'",
        '"',
        "#",
        "\n",
        " ",
        "{",
        "}",
    ),
    *(
        "Sequential",
        "Residual",
        "Conv2d",
        "Linear",
        "ReLU",
        "Flatten",
        "OrderedDict",
        "shortcut",
        "padding",
        "bias",
        "groups",
    ),
    *(
        "0",
        "1",
        "3",
        "64",
        "1e9",
        "10**9",
        "True",
        "None",
        "'same'",
        "lambda",
        "import",
        "os",
        "__class__",
        "for",
        "in",
        "\\",
    ),
    *(
        "nn.Sequential(",
        "nn.Conv2d(1, 8, 3)",
        "nn.ReLU(),",
        "Residual(",
        "\x00",
        "é",
        "\U0001f600",
        "f'{x}'",
        ":=",
        "@",
        "async",
    ),
]


def mutated(pick: random.Random, text: str) -> str:
    """A valid text with a few characters or tokens put in, taken out or exchanged."""
    for _ in range(pick.randint(1, 4)):
        at, token = pick.randrange(len(text) + 1), pick.choice(TOKENS)
        cut = pick.choice([0, 0, 1, 3, 20])
        text = text[:at] + pick.choice([token, "", text[:40]]) + text[at + cut :]
    return text


def test_fuzz_finds_only_networks_and_clean_errors(tries: Tries) -> None:
    valid = [notation.write(zoo.weightless(name)) for name in ("lenet5", "cifar100_cnn", "residual_8")]
    valid += [f"nn.Sequential({call})" for call in CALLS]
    texts = ["".join(pick.choices(TOKENS, k=pick.randint(1, 40))) for pick in tries(20_000, sample=400)]
    texts += [mutated(pick, pick.choice(valid)) for pick in tries(20_000, sample=400)]
    said: list[tuple[str, int, int]] = []
    networks, slowest, before = 0, 0.0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for text in texts:
        start = time.process_time()
        try:
            notation.parse(text)
            networks += 1
        except NotationError as error:
            said.append((str(error), error.line, error.column))
        slowest = max(slowest, time.process_time() - start)
    assert all(line >= 1 and text.startswith(f"Line {line}, column {column}: ") for text, line, column in said)
    assert len(texts) / 60 < networks < len(texts) * 0.9 and len(said) + networks == len(texts)
    assert scaled(slowest, 2) < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


def test_a_huge_network_is_refused_before_anything_is_allocated() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with refused("100,000,000", kind=NotationError):
        notation.parse("nn.Sequential(" + "nn.Linear(65536, 65536)," * 100 + ")")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("name", ["lenet5", "residual_8"])
def test_an_exported_file_runs(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `python network.py` runs it, with nothing but what it imports itself, and nothing of ours."""
    network = notation.parse(notation.write(zoo.weightless(name)))
    file = tmp_path / "network.py"
    file.write_text(notation.export(network, zoo.entry(name).input_shape), encoding="utf-8")
    runpy.run_path(str(file), run_name="__main__")
    assert capsys.readouterr().out.splitlines() == ["(1, 10)", f"{zoo.entry(name).parameters:,} parameters"]
    assert "cnnviz" not in {word for line in import_lines(file.read_text()) for word in re.findall(r"\w+", line)}


def import_lines(text: str) -> list[str]:
    """The import statements of a module, wherever they stand in it."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
