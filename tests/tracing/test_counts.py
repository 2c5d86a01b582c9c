"""What the tracer counts: parameters that are changed before they are used, MACs of every product against torch's flop
counter, and what a forward of anybody's does beside its layers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.tracing import ShapeError, Step, describe, trace
from cnnviz.tracing.recorder import unused
from tests.helpers import names, refused
from tests.tracing.test_checks import Called, OnItself

einsum = torch.einsum


def size(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def parameters(steps: list[Step]) -> int:
    return sum(step.parameters for step in steps)


def macs(steps: list[Step]) -> int:
    return sum(step.macs for step in steps)


def counted(network: nn.Module, shape: tuple[int, ...]) -> int:
    """The multiply-accumulates that torch's flop counter sees, on ways of torch that it can look into."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    ways = sdpa_kernel(SDPBackend.MATH), torch.backends.mkldnn.flags(enabled=False)
    try:
        with ways[0], ways[1], torch.no_grad(), FlopCounterMode(display=False) as counter:
            network.eval().requires_grad_(False)(torch.rand(shape))
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    return int(counter.get_total_flops()) // 2


def attention(**settings: Any) -> nn.Module:
    return OnItself(nn.MultiheadAttention(8, 2, **settings), 3)


class Cross(nn.Module):
    """Learnt queries, keys and values of other sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, kdim=4, vdim=6, batch_first=True)
        self.query, self.k, self.v = nn.Parameter(torch.rand(1, 3, 8)), nn.Linear(8, 4), nn.Linear(8, 6)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.attention(self.query.expand(x.shape[0], -1, -1), self.k(x), self.v(x))[0]
        return result


class Translates(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.transformer = nn.Transformer(8, 2, 1, 1, 16, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.transformer(x, x[:, :3])
        return result


S, ROW = nn.Sequential, (2, 4)
PRODUCTS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "matmul": (Called(torch.matmul, (4, 6)), (2, 3, 4)),
    "mm": (Called(torch.mm, (4, 6)), ROW),
    "bmm": (Called(lambda x: torch.bmm(x, x.mT)), (2, 3, 4)),
    "addmm": (Called(lambda x, b, w: torch.addmm(b, x, w), (6,), (4, 6)), ROW),
    "baddbmm": (Called(lambda x, w: torch.baddbmm(x, x, w), (2, 4, 4)), (2, 4, 4)),
    "weight on the left": (Called(lambda x, w: w.t() @ x.t(), (4, 10)), ROW),
    "inner": (Called(torch.inner, (7, 4)), (2, 3, 4)),
    "tensordot": (Called(lambda x, w: torch.tensordot(x, w, dims=2), (3, 4, 5)), (2, 3, 4)),
    "einsum": (Called(lambda x: einsum("bnd,bmd->bnm", x, x)), (2, 16, 64)),
    "einsum with dots": (Called(lambda x, w: einsum("...d,ed->...e", x, w), (7, 4)), (2, 3, 5, 4)),
    "einsum without an arrow": (Called(lambda x, w: einsum("bik,kj", x, w), (4, 6)), (2, 3, 4)),
    "einsum that sums first": (Called(lambda x, w: einsum("bik,kj->bj", x, w), (4, 6)), (2, 3, 4)),
    "einsum of three": (Called(lambda x, w, v: einsum("bi,ij,jk->bk", x, w, v), (4, 6), (6, 7)), ROW),
    "einsum, nothing summed": (Called(lambda x: einsum("bi,bj->bij", x, x)), ROW),
    "einsum of one": (Called(lambda x: einsum("bnd->bd", x)), (2, 3, 4)),
    "attention function": (Called(lambda x: F.scaled_dot_product_attention(x, x, x[..., :3])), (2, 4, 5, 8)),
    "attention": (attention(), (5, 2, 8)),
    "attention, batch first": (attention(batch_first=True), (2, 5, 8)),
    "attention with more keys": (attention(batch_first=True, add_bias_kv=True, add_zero_attn=True), (2, 5, 8)),
    "attention across": (Cross(), (2, 5, 8)),
    "encoder layer": (S(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)), (2, 5, 8)),
    "encoder": (nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2), (2, 5, 8)),
    "transformer": (Translates(), (2, 5, 8)),
    "LSTM": (S(nn.LSTM(5, 6, 2, batch_first=True)), (2, 7, 5)),
    "LSTM both ways": (S(nn.LSTM(5, 6, 2, bidirectional=True)), (7, 2, 5)),
    "LSTM with projections": (S(nn.LSTM(5, 6, 2, proj_size=3, bidirectional=True)), (7, 2, 5)),
    "GRU both ways": (S(nn.GRU(5, 6, 2, batch_first=True, bidirectional=True)), (2, 7, 5)),
    "RNN": (S(nn.RNN(5, 6, batch_first=True)), (2, 7, 5)),
    "LSTM cell": (OnItself(nn.LSTMCell(5, 6), 1), (2, 5)),
    "1d": (S(nn.Conv1d(4, 6, 3, groups=2), nn.ConvTranspose1d(6, 4, 3, stride=2, groups=2)), (2, 4, 9)),
    "2d": (S(nn.Conv2d(4, 6, 3, dilation=2), nn.ConvTranspose2d(6, 4, (2, 3), stride=2, groups=2)), (2, 4, 9, 8)),
    "3d": (S(nn.Conv3d(4, 6, (1, 2, 3), groups=2), nn.ConvTranspose3d(6, 4, 3, stride=2)), (2, 4, 5, 6, 7)),
    "a weight that is made": (Called(lambda x, w, v: F.conv2d(x, w @ v.view(3, 3)), (6, 3, 3, 3), (9,)), (1, 3, 8, 8)),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_product_is_counted_as_torchs_flop_counter_does(name: str) -> None:
    network, shape = PRODUCTS[name]
    steps = trace(network, shape)
    assert macs(steps) == counted(network, shape) // shape[0]
    assert parameters(steps) == size(network)


def test_products_that_torchs_flop_counter_leaves_out_have_the_macs_of_paper() -> None:
    for function, weights, shape, want in (
        (torch.matmul, [(4,)], (2, 3, 4), 24),
        (torch.mv, [(4,)], (2, 4), 8),
        (lambda x, b, w: torch.addmv(b, x, w), [(2,), (4,)], (2, 4), 8),
        (lambda x, b, w: torch.addbmm(b, x, w), [(3, 5), (2, 4, 5)], (2, 3, 4), 120),
        (lambda x, w: F.bilinear(x, x, w), [(3, 4, 4)], (2, 4), 96),
    ):
        network = Called(function, *weights)
        steps = trace(network, shape)
        assert (macs(steps) * 2, parameters(steps)) == (want, size(network))


# --- parameters that are changed first


class Token(nn.Module):
    """A class token and a table of which a part is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.head = nn.Conv2d(3, 8, 4, 4), nn.Linear(8, 10)
        self.token, self.table = nn.Parameter(torch.zeros(1, 1, 8)), nn.Parameter(torch.zeros(9, 8))

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.size(0), -1, -1), x], 1) + self.table[:5].view(1, 5, 8)
        scores: Tensor = self.head(x[:, 0])
        return scores


class Standardised(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight - self.weight.mean((1, 2, 3), keepdim=True), self.bias)


class Biased(nn.Module):
    """A bias that a small network of its own makes of constants, used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.small, self.body = S(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 8)), nn.Linear(8, 8)
        self.register_buffer("places", torch.zeros(1, 2))

    def forward(self, x: Tensor) -> Tensor:
        bias = F.normalize(self.small(self.places))
        result: Tensor = self.body(x + bias) + bias
        return result


def test_parameters_that_are_sliced_viewed_expanded_or_normalised_first_are_counted_once() -> None:
    steps = {step.name: step for step in trace(Token(), (1, 3, 8, 8))}
    assert {name: step.parameters for name, step in steps.items() if step.parameters} == {
        "patches": 392, "cat": 8, "add": 72, "head": 90,
    }  # fmt: skip
    assert steps["cat"].tensors == (("token", (1, 1, 8)),) and steps["cat"].sources == ("transpose",)
    (conv,) = trace(S(Standardised(3, 8, 3)), (1, 3, 8, 8))
    assert conv.parameters == 224 and conv.arithmetic == "(3 × 3 × 3 + 1) × 8" and conv.macs == 27 * 8 * 36
    add, _, last = trace(Biased(), (1, 8))
    assert (add.parameters, add.macs, last.parameters, last.macs, last.reused) == (12 + 40, 8 + 32, 0, 0, True)


def test_the_arithmetic_is_that_of_what_is_counted() -> None:
    class Half(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(10, 4))

        def forward(self, x: Tensor) -> Tensor:
            return F.linear(x, self.weight[:5])

    (linear,) = trace(Half(), (1, 4))
    assert (linear.parameters, linear.arithmetic, linear.macs) == (40, "10 × 4", 20)


def test_a_weight_of_several_names_is_counted_once() -> None:
    network = S(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    network[2].weight = network[0].weight
    first, _, second = trace(network, (1, 4))
    assert (first.parameters, second.parameters) == (20, 4)
    assert unused(network, [first, second]) == () and unused(network, [first]) == ("2.bias",)


# --- subclasses, and a forward of its own


class Pooled(nn.BatchNorm2d):
    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(super().forward(x), 2)


class Counted(nn.Conv2d):
    """A convolution that does what it always did."""


def test_a_subclass_with_a_forward_of_its_own_is_run_with_rows_inside() -> None:
    network = S(nn.Conv2d(3, 8, 3), Pooled(8), nn.Flatten(), nn.Linear(72, 10))
    steps = trace(network, (1, 3, 8, 8))
    assert [step.operation for step in steps] == ["Conv2d", "BatchNorm2d", "MaxPool2d", "Flatten", "Linear"]
    assert [step.scope for step in steps][1:3] == ["1", "1"] and parameters(steps) == size(network) == 970
    (conv,) = trace(S(Counted(3, 8, 3)), (1, 3, 8, 8))
    assert (conv.operation, conv.module) == ("Conv2d", "0")


class States(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(8, 4, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        state = torch.zeros(1, x.size(0), 4, device=torch.device("cpu"))
        result: Tensor = self.rnn(x, (state, torch.zeros(1, x.size(0), 4)))[0]
        return result


class Moves(nn.Module):
    """What scripts write around their devices, and constants of every kind."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.device, self.scales = nn.Linear(8, 2), torch.device("cpu"), [torch.ones(2)]

    def forward(self, x: Tensor) -> Tensor:
        x = x.to(self.device).to("cpu", torch.float32).to(device="cpu", non_blocking=True).to(torch.zeros(1)).cpu()
        y = self.fc(x) * self.scales[0] + torch.tensor([1.0, 2.0]).to(self.device) + torch.tensor(3).item()
        return y + torch.arange(2, device="cpu") + torch.randn(x.size(0), 2).to(x.device) + x.new_ones(2)


class Cuda(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.cuda() + torch.zeros(8).cuda() + torch.tensor([1.0]).cuda()


class Fills(nn.Module):
    """An output that is written part by part."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.head = nn.Linear(8, 4), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        out = torch.zeros(x.size(0), 8)
        out[:, 4:] = self.fc(x)
        scores: Tensor = self.head(out)
        return scores


def test_what_a_forward_makes_and_moves_is_followed() -> None:
    (lstm,) = trace(States(), (2, 5, 8))
    assert lstm.output_shape == (2, 5, 4)
    steps = trace(Moves(), (2, 8))
    assert steps[0].name == "fc" and steps[-1].output_shape == (2, 2)
    assert all(step.sources == (before.name,) for before, step in pairwise(steps))
    assert [step.operation for step in trace(Cuda(), (2, 8))] == ["Add", "Add"]
    fills = trace(Fills(), (2, 8))
    assert [step.operation for step in fills] == ["Linear", "Assign", "Linear"]
    assert fills[2].sources == ("setitem",) and fills[1].sources == ("fc",)


class Masked(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x[x.sum(1) > 0]


class MaskedInBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Masked()

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.block(x)
        return result


def test_a_mask_that_is_computed_needs_numbers() -> None:
    for network, place in ((Masked(), "getitem"), (MaskedInBlock(), "block.getitem"), (Called(torch.unique), "unique")):
        with refused("values", place) as caught:
            trace(network, (2, 8))
        assert not isinstance(caught.value, ShapeError)


class Forgives(nn.Module):
    """A network that tries, and goes on otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.wide, self.narrow = nn.Linear(9, 2), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        try:
            result: Tensor = torch.cat([x, torch.zeros(1, 1, 1)], 1)
        except RuntimeError:
            result = self.narrow(x)
        return result


def test_what_a_network_catches_does_not_stop_it() -> None:
    network = Forgives()
    steps = trace(network, (2, 8))
    assert [step.name for step in steps] == ["narrow"] and unused(network, steps) == ("wide",)


def test_a_bare_layer_goes_by_its_class() -> None:
    network = nn.Conv1d(64, 32, 3)
    (conv,) = trace(network, (1, 64, 64))
    assert (conv.name, conv.module, conv.parameters) == ("Conv1d", "", size(network)) and unused(network, [conv]) == ()
    with pytest.raises(ShapeError) as caught:
        trace(network, (1, 128, 64))
    assert caught.value.layer == "Conv1d" and names(caught.value.sentence, "Conv1d", 64, 128)


# --- rows of numbers, sequences, maps and volumes


def test_sentences_and_formulas_for_one_two_and_three_axes() -> None:
    for axes, words in ((1, "length"), (2, "height = width"), (3, "depth = height = width")):
        conv: Any = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1]
        pool: Any = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[axes - 1]
        steps = trace(S(conv(2, 4, 3, stride=2), pool(2), conv(4, 4, 1)), (1, 2, *(17,) * axes))
        assert [step.receptive_field for step in steps] == [(3,) * axes, (5,) * axes, (5,) * axes]
        assert names("\n".join(describe.formulas(steps[0])), f"{words}: ⌊(17 − 3) / 2⌋ + 1 = 8", "2 apart")
        assert all(describe.sentence(step) for step in steps)
        assert describe.sentence(steps[2]).startswith(("One cell", "1 × 1:", "1 × 1 × 1:")[axes - 1])
        assert describe.window(steps[0]).startswith(" × ".join(["3"] * axes)) and len(describe.rows(steps)) == 3
    (uneven,) = trace(S(nn.Conv3d(1, 1, (1, 2, 3))), (1, 1, 4, 4, 4))
    assert [line.partition(":")[0] for line in describe.formulas(uneven)][:3] == ["depth", "height", "width"]


def test_sequences_and_rows_have_sentences_and_no_window() -> None:
    (lstm,) = trace(S(nn.LSTM(8, 8, batch_first=True)), (2, 5, 8))
    attended, linear = trace(S(OnItself(nn.MultiheadAttention(8, 2), 3), nn.Linear(8, 4)), (2, 5, 8))
    for step in (lstm, attended, linear):
        assert describe.sentence(step) and describe.formulas(step) and not describe.window(step)
    assert lstm.receptive_field is None and attended.operation == "MultiheadAttention"
    (row,) = trace(S(nn.Linear(8, 4)), (3, 8))
    assert describe.rows([row])[0]["Input"] == "8" and row.macs == 32
