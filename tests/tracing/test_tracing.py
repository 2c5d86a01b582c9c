"""The tracer against real forward passes, torch's flop counter and gradients; shape errors and what mends them."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.networks import zoo
from cnnviz.networks.zoo.blocks import Residual
from cnnviz.tracing import INPUT, ShapeError, Step, apply, scores, trace
from tests.golden.states import SHAPES
from tests.helpers import names, refused
from tests.pace import within
from tests.sampling import Tries

SMALL = [name for name in zoo.names() if zoo.entry(name).input_shape[1] <= 64 and zoo.entry(name).runs]


def torchvision(name: str, **options: Any) -> nn.Module:
    from torchvision import models

    with torch.device("meta"):
        return getattr(models, name)(weights=None, **options)


LARGE = {
    "resnet18": {},
    "resnet50": {},
    "googlenet": {"aux_logits": False, "init_weights": False},
    "vgg11": {"init_weights": False},
    "mobilenet_v2": {},
    "densenet121": {},
    "squeezenet1_1": {},
    "efficientnet_b0": {},
}


def note(seen: dict[str, tuple[int, ...]], path: str) -> Any:
    def hook(_module: nn.Module, _inputs: Any, out: Tensor) -> None:
        seen.setdefault(path, tuple(out.shape))

    return hook


def check(network: nn.Module, x: Tensor) -> list[Step]:
    """Shapes of every layer, parameters and MACs against a forward pass of the network itself."""
    seen: dict[str, tuple[int, ...]] = {}
    for path, module in network.named_modules():
        if not list(module.children()):
            module.register_forward_hook(note(seen, path))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network.eval()(x)
    steps = trace(network, tuple(x.shape))
    rows = {step.module: step.output_shape for step in reversed(steps) if step.module}
    assert rows == {path: shape for path, shape in seen.items() if path in rows} and len(rows) > 1
    layers = {
        path: module for path, module in network.named_modules() if type(module).__module__.startswith("torch.nn")
    }
    assert not {path for path in set(seen) - set(rows) if path in layers and not isinstance(layers[path], nn.Identity)}
    assert 2 * sum(step.macs for step in steps) * x.shape[0] == counter.get_total_flops()
    assert sum(step.parameters for step in steps) == sum(p.numel() for p in network.parameters())
    known = {INPUT}
    for step in steps:  # every source is a row that stands before it
        assert set(step.sources) <= known and len(step.sources) == len(step.input_shapes)
        known.add(step.name)
    assert len(known) == len(steps) + 1
    return steps


@pytest.mark.parametrize("name", SMALL)
def test_small_networks_against_a_real_forward_pass(name: str) -> None:
    check(zoo.build(name), torch.zeros(3, *zoo.entry(name).input_shape))


@pytest.mark.slow
@pytest.mark.long(sample=2)
@pytest.mark.parametrize("name", LARGE)
def test_torchvision_against_a_forward_pass(name: str) -> None:
    check(torchvision(name, **LARGE[name]), torch.zeros(2, 3, 64, 64, device="meta"))


@pytest.mark.slow
@pytest.mark.long(sample=1)
@pytest.mark.parametrize("name", ["alexnet_2012", "vgg16", "resnet152"])
def test_the_largest_of_the_zoo(name: str) -> None:
    check(zoo.weightless(name), torch.zeros(1, *zoo.entry(name).input_shape, device="meta"))


def test_the_arithmetic_written_out() -> None:
    steps = {step.name: step for step in trace(zoo.build("lenet5"), (1, 1, 32, 32))}
    assert steps["conv2"].arithmetic == "(5 × 5 × 6 + 1) × 16" and steps["conv2"].parameters == 2_416
    assert steps["fc1"].arithmetic == "(400 + 1) × 120" and steps["fc1"].parameters == 48_120
    assert steps["pool1"].kernel == steps["pool1"].stride == (2, 2) and steps["pool1"].padding == (0, 0)
    assert steps["conv2"].sources == ("pool1",) and steps["conv1"].sources == (INPUT,)
    assert steps["conv1"].memory == 4 * 6 * 28 * 28
    norm = trace(nn.Sequential(nn.Conv2d(3, 64, 3), nn.BatchNorm2d(64)), (1, 3, 8, 8))[1]
    assert norm.arithmetic == "2 × 64" and norm.parameters == 128


class Functional(nn.Module):
    """Everything by function, method and operator."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc, self.scale = nn.Conv2d(4, 4, 3, padding=1), nn.Linear(144, 5), nn.Parameter(torch.ones(5))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.conv(x))
        y += x
        y = torch.cat([y, F.max_pool2d(y, 3, 1, 1)], dim=1)
        y = F.avg_pool2d(F.dropout(y, 0.5, self.training), 2)
        y = y.view(y.size(0), -1)
        y = self.fc(F.pad(y, (0, 144 - y.shape[1])))
        return F.softmax(y * self.scale, dim=1).contiguous()


def test_functions_methods_and_operators_have_the_same_words_as_layers() -> None:
    network = Functional()
    steps = check(network, torch.zeros(2, 4, 8, 8))
    assert [step.operation for step in steps] == [
        "Conv2d", "ReLU", "Add", "MaxPool2d", "Concatenate", "Dropout", "AvgPool2d", "Flatten", "Pad", "Linear",
        "Multiply", "Softmax",
    ]  # fmt: skip
    by_operation = {step.operation: step for step in steps}
    assert by_operation["Add"].sources == ("relu", INPUT) and by_operation["Add"].name == "add"
    assert by_operation["Concatenate"].sources == ("add", "max_pool2d")
    assert by_operation["MaxPool2d"].kernel == (3, 3) and by_operation["MaxPool2d"].padding == (1, 1)
    assert by_operation["Multiply"].parameters == 5


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(self.conv(x))


def test_a_shared_layer_is_counted_once() -> None:
    first, second = trace(Shared(), (1, 4, 8, 8))
    assert (first.parameters, first.reused) == (148, False) and (second.parameters, second.reused) == (0, True)
    assert first.macs == second.macs == 9 * 4 * 4 * 64 and (first.name, second.name) == ("conv", "conv_2")


def test_scopes_are_the_blocks_around_a_step() -> None:
    steps = {step.name: step for step in trace(zoo.weightless("resnet18"), (1, 3, 64, 64))}
    assert steps["layer1.0.conv1"].scope == steps["layer1.0.add"].scope == "layer1.0"
    assert steps["layer2.0.add"].sources == ("layer2.0.bn2", "layer2.0.downsample.1")


def test_the_model_is_left_as_it_was() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(4, 1)).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    calls: list[int] = []
    network[0].register_forward_hook(lambda *_: calls.append(1))
    for shape in ((2, 1, 6, 6), (2, 3, 6, 6)):
        try:
            trace(network, shape)
        except ShapeError:
            calls.clear() if not calls else None
    assert network.training and all(module.training for module in network.modules()) and not calls
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert len(network[0]._forward_hooks) == 1 and not network[1]._forward_hooks and not network[1]._forward_pre_hooks


def test_nothing_is_allocated_or_computed() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
    assert trace(network, (1_000_000, 3, 1000, 1000))[0].output_shape == (1_000_000, 8, 998, 998)
    vgg = zoo.weightless("vgg16")
    trace(vgg, (1, 3, 224, 224))
    tracemalloc.start()
    with within(1):
        trace(vgg, (1, 3, 224, 224))
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_sequences_and_rows_of_features() -> None:
    conv, pool, _, fc = trace(
        nn.Sequential(nn.Conv1d(2, 4, 5, stride=2), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(4 * 12, 3)), (2, 2, 51)
    )
    assert conv.output_shape == (2, 4, 24) and conv.receptive_field == (5,) and pool.receptive_field == (7,)
    assert fc.output_shape == (2, 3)
    assert [s.output_shape for s in trace(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), (5, 3))] == [(5, 4)] * 2


def test_scores() -> None:
    assert scores(zoo.build("lenet5"), (1, 32, 32)) == 10


# --- receptive fields


def test_receptive_fields_of_resnet_50() -> None:
    steps = trace(zoo.weightless("resnet50"), (1, 3, 224, 224))
    last = {step.scope.split(".")[0]: step for step in steps if step.scope}
    assert last["layer3"].receptive_field == (267, 267) and last["layer4"].receptive_field == (427, 427)
    assert last["layer4"].jump == (32, 32)


def seen(network: nn.Module, size: tuple[int, int], channels: int) -> tuple[int, int]:
    """How far the gradient of the middle unit reaches on the input, all weights being positive."""
    for parameter in network.parameters():
        nn.init.constant_(parameter, 0.01)
    x = torch.ones(1, channels, *size, dtype=torch.float64, requires_grad=True)
    y = network.double()(x)
    y[0, 0, y.shape[2] // 2, y.shape[3] // 2].backward()
    assert x.grad is not None
    met = x.grad[0].sum(0) != 0
    rows, cols = met.any(1).nonzero().ravel(), met.any(0).nonzero().ravel()
    return int(rows[-1] - rows[0]) + 1, int(cols[-1] - cols[0]) + 1


def random_stack(pick: random.Random) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(pick.randint(1, 4)):
        kernel, dilation = (pick.randint(1, 3), pick.randint(1, 3)), pick.choice([1, 1, 2])
        match pick.choice(["conv", "conv", "pool", "residual", "transposed"]):
            case "pool":
                layers.append(nn.AvgPool2d(2))
            case "residual":
                layers.append(Residual(nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)))
            case "transposed":
                layers.append(nn.ConvTranspose2d(2, 2, pick.choice([2, 4]), stride=2, padding=0))
            case _:
                layers.append(nn.Conv2d(2, 2, kernel, stride=pick.choice([1, 1, 2]), dilation=dilation))
    return nn.Sequential(*layers)


def test_receptive_fields_against_gradients(tries: Tries) -> None:
    exact = 0
    for pick in tries(800, sample=20):
        network = random_stack(pick)
        steps = trace(network, (1, 2, 96, 96))
        field = steps[-1].receptive_field
        met = seen(network, (96, 96), 2)
        assert field is not None
        if not any(isinstance(layer, nn.ConvTranspose2d) for layer in network):
            assert field == met
            exact += 1
        else:  # behind a transposed convolution units see a cell more or less, by their place
            count = sum(isinstance(layer, nn.ConvTranspose2d) for layer in network)
            assert all(abs(f - m) <= 2 * count for f, m in zip(field, met, strict=True)), (field, met)
    assert exact > 5


# --- shape errors


def broken(network: nn.Module, shape: tuple[int, ...]) -> ShapeError:
    with pytest.raises(ShapeError) as caught:
        trace(network, shape)
    return caught.value


S = nn.Sequential
ERRORS: dict[str, tuple[str, list[object], list[str]]] = {  # by its name in tests/golden/states.py: where it stops, ...
    "too many features": (
        "fc1",
        [400, "flatten", "16 × 7 × 7", 784, "pool2"],
        ["Linear(784, 120)", "padding=0 in conv2", "an input of 20 × 20"],
    ),
    "channels of the input": ("conv1", [1, 3], ["Conv2d(3, 6, 5)", "an input of 1 channel"]),
    "a window that does not fit": (
        "conv2",
        ["5 × 5", "2 × 2"],
        ["an input of 32 × 32", "kernel_size=2 in conv2", "padding=2 in conv2"],
    ),
    "no flatten": ("Linear 2", [8, "ReLU 1", "8 × 6 × 6"], ["nn.Flatten() and then Linear(288, 10)"]),
    "flattened too early": ("Conv2d 1", ["Flatten 0", 192], ["no Flatten before Conv2d 1"]),
    "batch norm": ("BatchNorm2d 1", [4, "Conv2d 0", 8], ["BatchNorm2d(8)", "out_channels=4 in Conv2d 0"]),
    "groups": ("Conv2d 0", [4, 6], ["Conv2d(6, 8, 3, groups=2)", "an input of 4 channels"]),
    "groups that do not divide": ("Conv2d 0", [4, 5], ["an input of 4 channels"]),
    "a shortcut": (
        "0.add",
        ["8 × 4 × 4", "Conv2d 0.body.0", "3 × 8 × 8", "input"],
        ["shortcut=nn.Conv2d(3, 8, 1, stride=2) in 0"],
    ),
    "a pooling that does not fit": (
        "MaxPool2d 0",
        ["9 × 9", "8 × 8"],
        ["kernel_size=8 in MaxPool2d 0", "padding=1 in MaxPool2d 0", "an input of 9 × 9 or more"],
    ),
    "transposed": ("ConvTranspose2d 0", [4, 3], ["ConvTranspose2d(3, 2, 2)", "an input of 4 channels"]),
    "unflatten": ("Unflatten 0", ["4 × 4", 6, "input"], []),
    "layer norm": ("LayerNorm 0", [7, "6 × 8 × 8"], ["LayerNorm((8,))", "an input of 7 × 7"]),
    "group norm": ("GroupNorm 0", [8, 6], ["GroupNorm(2, 6)", "an input of 8 channels"]),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_shape_error_says_what_arrives_what_is_wanted_and_what_mends_it(name: str) -> None:
    (network, shape), (layer, values, fixes) = SHAPES[name], ERRORS[name]
    error = broken(network, shape)
    assert error.sentence.startswith(layer) and names(error.sentence, *values)
    assert [fix.text for fix in error.fixes] == fixes and names(str(error), *fixes)
    for fix in error.fixes:
        taken = fix.input_shape or shape
        changed = apply(network, fix)
        if fix.whole:
            trace(changed, taken)
            changed(torch.empty(taken, device="meta"))
        else:
            assert broken(changed, taken).layer != error.layer


def test_no_shape_error_of_the_golden_file_is_left_out() -> None:
    assert set(SHAPES) - set(ERRORS) == {"lazy"}


class Cat(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.a(x), self.b(x)], 1)


class View(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 4, 3), nn.Linear(100, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.conv(x).view(-1, 100))


def test_branches_and_views_that_do_not_come_out() -> None:
    cat = broken(Cat(), (1, 3, 8, 8))
    assert names(cat.sentence, "cat", "4 × 6 × 6", "a", "4 × 8 × 8", "b")
    assert "padding=1 in a" in [fix.text for fix in cat.fixes]
    assert [step.name for step in cat.steps] == ["a", "b"]
    view = broken(View(), (1, 1, 6, 6))
    assert names(view.sentence, "view", "-1 × 100", "4 × 4 × 4", 64, "conv")
    assert "an input of 7 × 7" in [fix.text for fix in view.fixes]


class Given(nn.Module):
    """A function of torch that is given weights which are no layer's."""

    def __init__(self, function: Any, *shape: int) -> None:
        super().__init__()
        self.function, self.shape = function, shape

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x, torch.ones(self.shape, device=x.device))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("function", "shape", "values"),
    [
        (F.conv2d, (4, 4, 1, 3, 3), ("4 axes", "4 × 4 × 1 × 3 × 3")),
        (F.conv2d, (4, 3), ("4 axes", "4 × 3")),
        (F.conv_transpose2d, (1, 3, 3), ("4 axes", "1 × 3 × 3")),
        (F.linear, (3, 2, 28), ("2 axes", "3 × 2 × 28")),
        (F.linear, (), ("2 axes", "none")),
        (F.linear, (5,), ("5 features", "28")),
    ],
)
def test_weights_of_other_axes_than_a_function_takes(
    function: Any, shape: tuple[int, ...], values: tuple[str, ...]
) -> None:
    with pytest.raises(ShapeError) as wrong:
        trace(Given(function, *shape), (2, 1, 28, 28))
    assert names(str(wrong.value), *values)
    for fix in wrong.value.fixes:
        assert trace(apply(Given(function, *shape), fix), fix.input_shape or (2, 1, 28, 28))


def test_a_layer_that_refuses_before_it_computes() -> None:
    error = broken(S(nn.Conv2d(3, 8, 3), nn.BatchNorm1d(8)), (1, 3, 8, 8))
    assert names(error.sentence, "expected 2D or 3D input")  # torch's own words
    assert [fix.text for fix in error.fixes] == ["BatchNorm2d(8) in place of BatchNorm1d 1"]


class ByValue(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


class Stops(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise KeyError("something of its own")


@pytest.mark.parametrize(
    ("network", "value"),
    [(ByValue(), "values"), (Stops(), "something of its own"), (S(nn.LazyLinear(3)), "lazy")],
)
def test_what_cannot_be_followed_is_said_calmly(network: nn.Module, value: str) -> None:
    with refused(value) as caught:
        trace(network, (1, 1, 4, 4))
    assert not isinstance(caught.value, ShapeError)


@pytest.mark.slow
def test_fuzz_gives_rows_or_shape_errors_with_fixes_that_hold(tries: Tries) -> None:
    fits, fixed = 0, 0
    for pick in tries(1500, sample=50):
        layers: list[nn.Module] = []
        for _ in range(pick.randint(1, 5)):
            n, m = pick.choice([1, 2, 3, 4, 8]), pick.choice([1, 2, 4, 8])
            layers.append(
                pick.choice([
                    nn.Conv2d(n, m, pick.choice([1, 3, 5]), padding=pick.choice([0, 1])),
                    nn.MaxPool2d(pick.choice([2, 3])), nn.BatchNorm2d(n), nn.ReLU(), nn.Flatten(),
                    nn.Linear(pick.choice([8, 64, 100]), m), Residual(nn.Conv2d(n, m, 3, padding=pick.choice([0, 1]))),
                    nn.AdaptiveAvgPool2d(2), nn.Upsample(scale_factor=2), nn.GroupNorm(1, n), nn.Conv1d(n, m, 3),
                ])
            )  # fmt: skip
        shape = (1, pick.choice([1, 2, 3]), pick.randint(1, 12), pick.randint(1, 12))
        try:
            trace(nn.Sequential(*layers), shape)
            fits += 1
        except ShapeError as error:
            stopped = error
            for fix in stopped.fixes:
                fixed += 1
                if fix.whole:
                    trace(apply(nn.Sequential(*layers), fix), fix.input_shape or shape)
    assert fits > 1 and fixed > 15
