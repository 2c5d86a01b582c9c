"""The text of a network: what is read, what is refused with which words, and that nothing is ever executed."""

from __future__ import annotations

import ast
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
from cnnviz.networks.notation.layers import LAYERS
from cnnviz.networks.notation.parser import MAX_CHARACTERS, MAX_DEPTH, MAX_LAYERS
from cnnviz.networks.zoo.blocks import Residual
from tests.helpers import refused
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
    "Residual(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), shortcut=nn.Conv2d(4, 4, 1))",
    "nn.Sequential(nn.ReLU(), nn.Sequential(nn.Linear(-(-4), 10 // 3 + 2 - 1)))",
    "nn.Sequential(OrderedDict([('a', nn.ReLU()), ('b', nn.Tanh())]))",
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
    assert {name for name in LAYERS if not any(f"{name}(" in call for call in CALLS)} == set()


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


def test_what_has_no_text() -> None:
    with refused("Bilinear"):
        notation.write(nn.Sequential(nn.Bilinear(1, 2, 3)))


REFUSED = [
    ("", 1, 1, "nn.Sequential(...)"),
    ("nn.ReLU()", 1, 1, "nn.Sequential(...)", "ReLU"),
    ("nn.Sequential()", 1, 1, "Sequential"),
    ("nn.Sequential(\n  nn.Conv3d(1, 2, 3))", 2, 3, "'Conv3d'", "Conv2d"),
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
        "in_channels must be divisible by groups",
    ),
    ("nn.Sequential(nn.Dropout(2))", 1, 26, "p", "0 to 1", 2),
    ("nn.Sequential(nn.Linear(1, 2)", 1, 14, "Python"),
    ("nn.Sequential(nn.Linear(4 // 0, 2))", 1, 25, 0),
    ("nn.Sequential(nn.Linear(9**9**9, 2))", 1, 25, "arithmetic"),
    ("nn.Sequential(nn.Linear(10**9, 2))", 1, 25, "arithmetic"),
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
    ("nn.Sequential(*[nn.ReLU()])", 1, 15, "starred list"),
    ("nn.Sequential(**{'a': 1})", 1, 17, "Sequential", "OrderedDict"),
    ("nn.Sequential(nn.ReLU(**{}))", 1, 25, "ReLU", "inplace"),
    ("nn.Sequential([nn.ReLU() for _ in range(3)])", 1, 15, "listcomp"),
    ("nn.Sequential(x := nn.ReLU())", 1, 15, "namedexpr"),
    ("nn.Sequential(nn.ReLU)", 1, 15, "attribute ReLU"),
    ("nn.Sequential(nn.Linear(f'{1}', 2))", 1, 25, "number"),
    ("nn.Sequential(nn.ReLU())\nprint(1)", 2, 1, "nn.Sequential(...)"),
    ("for i in x: pass", 1, 1, "statement"),
    ("a = b = nn.Sequential(nn.ReLU())", 1, 1, "statement"),
    ("Residual(nn.ReLU())", 1, 1, "nn.Sequential(...)", "Residual"),
    ("nn.Sequential(Residual(nn.ReLU(), skip=nn.ReLU()))", 1, 40, "Residual", "shortcut=layer", "skip"),
    ("nn.Sequential(OrderedDict([('a', nn.ReLU()), ('a', nn.ReLU())]))", 1, 1, "'a'"),
    ("nn.Sequential(OrderedDict([('a.b', nn.ReLU())]))", 1, 28, "pair"),
    ("nn.Sequential(OrderedDict([('forward', nn.ReLU())]))", 1, 28, "pair"),
    ("nn.Sequential(OrderedDict({'a': nn.ReLU()}))", 1, 15, "OrderedDict", "pairs"),
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
    assert len(texts) / 60 < networks < len(texts) * 0.9 and len(said) + networks == len(texts) and slowest < 2
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
