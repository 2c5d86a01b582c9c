"""A print with its forward beside it is a class."""

from __future__ import annotations

import contextlib
import io

import pytest
import torch
import torchvision
from torch import fx, nn

from cnnviz.networks import own
from cnnviz.networks.source.printed.joined import joined
from tests.pace import within

SHOWN = """Net(
  (conv): Conv2d(2, 3, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
  (steps): ModuleList(
    (0-2): 3 x Linear(in_features=8, out_features=8, bias=True)
  )
  (by_name): ModuleDict(
    (a): Tanh()
    (b): ReLU()
  )
  (rows): GRU(8, 5, batch_first=True)
)
"""
FORWARD = """
    def forward(self, x):
        x = self.mixed(torch.tanh(self.conv(x)))
        for step in self.steps:
            x = self.by_name["a"](step(x))
        return self.rows(x[:, 0])[0]

    def mixed(self, x):
        return F.relu(x) * 2
"""


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3, padding=1)
        self.steps = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))
        self.by_name = nn.ModuleDict({"a": nn.Tanh(), "b": nn.ReLU()})
        self.rows = nn.GRU(8, 5, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.tanh(self.conv(x)).relu() * 2
        for step in self.steps:
            x = torch.tanh(step(x))
        found: torch.Tensor = self.rows(x[:, 0])[0]
        return found


def alike(text: str, model: nn.Module, shape: tuple[int, ...]) -> bool:
    network = own.read(text).build((shape,)).eval()
    network.load_state_dict(dict(zip(network.state_dict(), model.state_dict().values(), strict=True)))
    picture = torch.randn(2, *shape)
    with torch.no_grad():
        return bool(torch.allclose(network(picture), model.eval()(picture), atol=1e-5))


@pytest.mark.parametrize("text", [SHOWN + FORWARD, FORWARD + SHOWN, f"{SHOWN}\n...\n{FORWARD}\nEpoch 1: done"])
def test_what_print_and_forward_say_together(text: str) -> None:
    model = Net()
    assert alike(joined(text), model, (2, 8, 8))


@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_0"])
def test_what_torch_fx_prints(name: str) -> None:
    model = torchvision.models.get_model(name).eval()
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        print(fx.symbolic_trace(model))
    assert alike(joined(shown.getvalue()), model, (3, 64, 64))


def test_parts_in_parts_have_names_of_their_own() -> None:
    text = (
        "GraphModule(\n  (a): Module(\n    (b): Module(\n      (c): Linear(in_features=3, out_features=2, bias=True)\n"
        "    )\n    (d): ReLU()\n  )\n)\n\ndef forward(self, x):\n    return self.a.d(self.a.b.c(x))\n"
    )
    made = joined(text)
    assert made.count("class ") == 3 and len({line for line in made.split("\n") if line.startswith("class ")}) == 3
    assert own.read(made).build(((3,),))(torch.zeros(2, 3)).shape == (2, 2)


@pytest.mark.parametrize(
    "text",
    [
        SHOWN,
        FORWARD,
        SHOWN.replace("Tanh", "Swish") + FORWARD,
        SHOWN.replace("(rows)", "(rows-1)") + FORWARD,
        f"class A(nn.Module):\n    pass\n{SHOWN}{FORWARD}",
        "Net(\n  (a): Sequential(\n    (0): ReLU()\n    (2): ReLU()\n  )\n)\n" + FORWARD,
        "Net(\n  (a): ModuleList(\n" + "    (0-998): 999 x ReLU()\n" * 4 + "  )\n)\n" + FORWARD,
    ],
    ids=range(7),
)
def test_what_does_not_say_how_it_is_made_or_run(text: str) -> None:
    assert joined(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "def forward(self" + " " * 90_000,
        "\n" * 80_000 + "def forward(self",
        "Net(\n  (a): ReLU()\n)\ndef forward(self, x):\n" + "    getattr(getattr(self.a\n" * 3_000,
        "Net(\n  (a): ReLU()\n)\n" + "def forward(self, x):\n" * 4_000,
        "Net(\n  (a): ReLU()\n)\ndef forward(self):\n    getattr(self" + ".a" * 40_000,
        "Net(\n  (a): ReLU()\n)\ndef forward(self):\n    " + "getattr(self.a, '0')" * 4_000,
    ],
    ids=range(6),
)
def test_what_takes_long(text: str) -> None:
    with within(3):
        joined(text)
